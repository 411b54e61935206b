"""The form of a case: a control for each fact that a law asks for, and what was typed as a value of the law.

What is typed lives in the form alone: it goes to the server and back, and is kept nowhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote, unquote

from eendracht.kernel.errors import Fault
from eendracht.kernel.rules import ir
from eendracht.kernel.rules.facts import Register
from eendracht.kernel.rules.values import as_date, from_plain, infer_literal
from eendracht.kit.forms import Posted

MOST_ANSWERS: Final = 200
"""How many facts a form may give."""
_LONGEST: Final = 20_000
_NUMBER: Final = re.compile(r"-?(?P<whole>\d{1,18}|\d{1,3}(?:\.\d{3})+)(?:,(?P<dutch>\d{1,12}))?", re.ASCII)
_PLAIN: Final = re.compile(r"-?\d{1,18}\.\d{1,12}", re.ASCII)
_HINTS: Final = {
    "money": Fault("", "", "Schrijf een bedrag, zoals 1250 of 1250,50", "Write an amount, such as 1250 or 1250,50"),
    "number": Fault("", "", "Schrijf een getal, zoals 12 of 1,5", "Write a number, such as 12 or 1,5"),
    "date": Fault("", "", "Schrijf een dag die bestaat", "Write a day that exists"),
    "list": Fault("", "", "Dit is geen geldige JSON", "This is not valid JSON"),
}


@dataclass(frozen=True, slots=True, order=True)
class Ask:
    """A fact that a law asks for: its name, and of whom: the parameter that says so with its value, or the case."""

    name: str
    key: str = ""
    subject: str = ""

    @property
    def control(self) -> str:
        """The name of its control in the form."""
        parts = (self.key, self.subject, self.name) if self.key else (self.name,)
        return "|".join(("f" if self.key else "p", *(quote(part, safe="") for part in parts)))


def parse_control(name: str) -> Ask | None:
    """Give the fact behind the name of a control; None for another field of the form."""
    kind, *parts = name.split("|")
    if kind == "p" and len(parts) == 1 and parts[0]:
        return Ask(unquote(parts[0]))
    if kind == "f" and len(parts) == 3 and all(parts[at] for at in (0, 2)):
        return Ask(unquote(parts[2]), unquote(parts[0]), unquote(parts[1]))
    return None


@dataclass(frozen=True, slots=True)
class CaseField:
    """One control: the fact, what the law says of it, what was typed, and what is wrong with that."""

    ask: Ask
    declared: ir.Field
    law: ir.Regulation
    article: ir.Article
    text: str = ""
    is_none: bool = False
    fault: Fault | None = None
    choices: tuple[str, ...] = ()

    @property
    def shape(self) -> str:
        """How it is asked: yes-no, choice, date, money, number, list or text."""
        kind = self.declared.kind
        if kind == "boolean":
            return "yes-no"
        if kind in ("number", "amount"):
            return "money" if self.declared.unit == "eurocent" else "number"
        if kind in ("array", "object"):
            return "list"
        if self.choices:
            return "choice"
        return "date" if kind == "date" else "text"

    @property
    def is_day(self) -> bool:
        """Whether a control for days can hold what was typed."""
        return self.text == "" or as_date(self.text) is not None


def read_answer(item: CaseField) -> tuple[Any, Fault | None]:
    """Give what was typed as a value of the law, and what is wrong with it."""
    if item.is_none:
        return None, None
    text = item.text.strip()
    if item.shape == "yes-no":
        return {"yes": True, "no": False}.get(text), None
    if item.shape in ("money", "number"):
        return _read_number(text, item.shape)
    if item.shape == "date":
        day = as_date(text)
        return day, None if day else _HINTS["date"]
    if item.shape == "list":
        return _read_list(text)
    return (infer_literal(text) if item.declared.kind == "any" else text), None


def _read_number(text: str, shape: str) -> tuple[Any, Fault | None]:
    text = text.replace("€", "").replace(" ", "").replace("\u00a0", "")
    match = _NUMBER.fullmatch(text)
    if match is not None:
        number = Decimal(text.replace(".", "").replace(",", "."))
    elif _PLAIN.fullmatch(text):
        number = Decimal(text)
    else:
        return None, _HINTS[shape]
    if shape == "money":
        number *= 100
        if number != int(number):
            return None, _HINTS[shape]
    return from_plain(number), None


def _read_list(text: str) -> tuple[Any, Fault | None]:
    try:
        if len(text) > _LONGEST or text.count("[") + text.count("{") > 1_000:
            raise ValueError
        return from_plain(json.loads(text, parse_float=Decimal)), None
    except (ValueError, RecursionError, ArithmeticError):
        return None, _HINTS["list"]


class Answers(Register):
    """What was typed about the subjects of one key; it also takes note of what was asked and not there.

    A fact that nobody typed stays unknown: it is never taken for null.
    """

    def __init__(self, key: str, given: Mapping[Ask, Any], asked: list[Ask]) -> None:
        super().__init__("", key, ())
        self._given = {ask: value for ask, value in given.items() if ask.key == key}
        self._asked = asked
        self._name = ""
        self.columns = _AnyColumn(self)

    def look_for(self, folded: str) -> str:
        """Remember which fact is looked for: the rows are asked next."""
        self._name = folded
        return folded

    def find(self, key: Any) -> list[dict[str, Any]]:
        """Give the row of a subject with the fact that is looked for, where it was typed."""
        for ask, value in self._given.items():
            if ask.name.casefold() == self._name and ask.subject == str(key):
                return [{self._name: value}]
        ask = Ask(self._name, self.key, str(key))
        if ask not in self._asked:
            self._asked.append(ask)
        return []


class _AnyColumn(dict[str, str]):
    """Says of every fact that there is a column for it."""

    def __init__(self, answers: Answers) -> None:
        super().__init__()
        self._answers = answers

    def get(self, folded: str, default: Any = None) -> Any:
        return self._answers.look_for(folded)


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form gives: the day, the output that is asked, and the text of each control."""

    on: str
    output: str
    texts: Mapping[Ask, str] = field(default_factory=dict)
    none: frozenset[Ask] = frozenset()


def read_typed(posted: Posted | None, today: date) -> Typed:
    """Read the form; what is no control of a fact is passed over."""
    posted = posted or {}
    texts: dict[Ask, str] = {}
    for name, values in posted.items():
        ask = parse_control(name)
        if ask is not None and len(texts) < MOST_ANSWERS:
            texts[ask] = (values[0] if values else "")[:_LONGEST]
    none = {parse_control(name) for name in posted.get("none", ())}
    return Typed(
        (posted.get("on") or [today.isoformat()])[0].strip(),
        (posted.get("output") or [""])[0],
        texts,
        frozenset(ask for ask in none if ask is not None),
    )


Declared = dict[str, tuple[ir.Regulation, ir.Article, ir.Field]]
"""Where each fact is declared, by its name whatever its case."""


def declared_fields(laws: Iterable[ir.Regulation]) -> Declared:
    """Give by name, whatever its case, the first place that declares a parameter or a fact from outside."""
    found: Declared = {}
    for law in laws:
        for article in law.articles:
            inputs = (item.field for item in article.inputs.values() if not isinstance(item.source, ir.ArticleSource))
            for declared in (*article.parameters.values(), *inputs):
                found.setdefault(declared.name.casefold(), (law, article, declared))
    return found
