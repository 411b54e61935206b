"""What people type in a form as values of the rules, and values of the rules as people read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Final
from weakref import WeakKeyDictionary

from eendracht.kernel.errors import Fault
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.questions import fields_asked
from eendracht.kernel.rules.spoken import day_said, listed, value_said
from eendracht.kernel.rules.values import as_date, from_plain
from eendracht.kernel.wording import Said
from eendracht.reference import load_public_bodies
from eendracht.reference.facts import load_fact_names
from eendracht.services.forms.facts import CHILDREN, Ask, group_names
from eendracht.services.forms.form import kind_of

NONE: Final = "-"
"""What a form sends for the answer *none*; an empty field is no answer at all."""
UNKNOWN: Final = "?"
"""What a form keeps for *I do not know*."""
LONGEST: Final = 2_000
_MOST_CHILDREN: Final = 20
_FIRST_DAY: Final = date(1880, 1, 1)
_NUMBER: Final = re.compile(r"-?(?:\d{1,15}|\d{1,3}(?:\.\d{3})+)(?:,\d{1,12})?", re.ASCII)
_PLAIN: Final = re.compile(r"-?\d{1,15}\.\d{1,2}", re.ASCII)
_DUTCH_DAY: Final = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})", re.ASCII)
_CODES: Final = {
    "empty": "missing-answer",
    "money": "malformed-amount",
    "number": "malformed-number",
    "negative": "negative",
    "date": "malformed-date",
    "future": "day-to-come",
    "choice": "no-such-choice",
    "many": "too-many",
}
_SAID: Final = {
    "empty": Said("Geef een antwoord, of kies: ik weet het niet", "Give an answer, or choose: I do not know"),
    "money": Said("Schrijf een bedrag, zoals 1250 of 1250,50", "Write an amount, such as 1250 or 1250,50"),
    "number": Said("Schrijf een heel getal, zoals 2", "Write a whole number, such as 2"),
    "negative": Said("Schrijf 0 of meer", "Write 0 or more"),
    "date": Said("Schrijf een dag die bestaat, zoals 21-09-2026", "Write a day that exists, such as 21-09-2026"),
    "future": Said("Deze dag moet nog komen", "This day is still to come"),
    "choice": Said("Kies een van de antwoorden", "Choose one of the answers"),
    "many": Said("Noem hoogstens 20 kinderen", "Give at most 20 children"),
}
_FAULTS: Final = {name: Fault("/value", _CODES[name], said.nl, said.en) for name, said in _SAID.items()}
_KINDS: WeakKeyDictionary[Library, Mapping[str, tuple[str, str]]] = WeakKeyDictionary()


def declared_kinds(library: Library) -> Mapping[str, tuple[str, str]]:
    """Give by name the type and unit with which the laws declare a fact."""
    found = _KINDS.get(library)
    if found is None:
        asked = fields_asked(library)
        found = _KINDS[library] = {name: (at[0].field.kind, at[0].field.unit) for name, at in asked.items()}
    return found


def shape_of(ask: Ask, library: Library) -> tuple[str, str]:
    """Give how a fact is asked and in which unit: yes-no, choice, dates, area, date, money, number or text."""
    if ask.name in group_names():
        return "yes-no", ""
    kind, unit = kind_of(ask)
    if kind == "any":
        kind, unit = declared_kinds(library).get(ask.name.casefold(), ("string", ""))
    if kind in ("number", "amount"):
        return ("money" if unit == "eurocent" else "number"), unit
    return {"boolean": "yes-no", "string": "text"}.get(kind, kind), unit


def read_value(ask: Ask, text: str, library: Library, today: date) -> tuple[Any, Fault | None]:
    """Give what was typed as a value of the rules, and what is wrong with it."""
    text = text.strip()[:LONGEST]
    shape, _ = shape_of(ask, library)
    if shape == "dates":
        return _read_dates(text, today)
    if not text:
        return None, _FAULTS["empty"]
    if shape == "yes-no":
        return ({"yes": True, "no": False}[text], None) if text in ("yes", "no") else (None, _FAULTS["choice"])
    if shape == "choice":
        codes = [choice.code for choice in load_fact_names()[ask.name].choices]
        code = "" if text == NONE else text
        return (code or None, None) if code in codes else (None, _FAULTS["choice"])
    if shape == "area":
        return (text, None) if text in municipalities() else (None, _FAULTS["choice"])
    if shape == "date":
        return _read_date(text, today)
    if shape in ("money", "number"):
        return _read_number(text, shape, may_be_negative=_may_be_negative(ask), is_measure=_is_measure(ask))
    return text, None


def _may_be_negative(ask: Ask) -> bool:
    found = load_fact_names().get(ask.name)
    return found is not None and found.group == "other-income"


def _is_measure(ask: Ask) -> bool:
    found = load_fact_names().get(ask.name)
    return found is not None and found.derive == "measure"


def _read_number(text: str, shape: str, *, may_be_negative: bool, is_measure: bool) -> tuple[Any, Fault | None]:
    text = text.replace("€", "").replace(" ", "").replace("\u00a0", "")
    if _NUMBER.fullmatch(text):
        number = Decimal(text.replace(".", "").replace(",", "."))
    elif _PLAIN.fullmatch(text):
        number = Decimal(text)
    else:
        return None, _FAULTS[shape]
    number = number * 100 if shape == "money" else number
    if number != int(number) and not is_measure:
        return None, _FAULTS[shape]
    if number < 0 and not may_be_negative:
        return None, _FAULTS["negative"]
    return from_plain(number), None


def _read_date(text: str, today: date) -> tuple[Any, Fault | None]:
    if match := _DUTCH_DAY.fullmatch(text):
        text = f"{match[3]}-{int(match[2]):02}-{int(match[1]):02}"
    day = as_date(text)
    if day is None or day < _FIRST_DAY:
        return None, _FAULTS["date"]
    return (None, _FAULTS["future"]) if day > today else (day, None)


def _read_dates(text: str, today: date) -> tuple[Any, Fault | None]:
    lines = [line.strip() for line in re.split(r"[\n;,]", text) if line.strip()]
    if len(lines) > _MOST_CHILDREN:
        return None, _FAULTS["many"]
    days = []
    for line in lines:
        day, fault = _read_date(line, today)
        if fault:
            return None, fault
        days.append(day)
    return days, None


def write_value(value: Any, shape: str) -> str:
    """Give a value as a form would send it, to show it in its control."""
    if value is None:
        return NONE
    if shape == "dates":
        return "\n".join(str(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if shape == "money":
        whole, cents = divmod(abs(int(value)), 100)
        return f"{'-' if value < 0 else ''}{whole}" + (f",{cents:02}" if cents else "")
    return str(value)


def said_of(ask: Ask, value: Any, library: Library) -> Said:
    """Give a value in words."""
    shape, unit = shape_of(ask, library)
    item = load_fact_names().get(ask.name)
    if shape == "choice" and item is not None:
        for choice in item.choices:
            if choice.code == (value or ""):
                return Said(choice.nl, choice.en)
    if shape == "area" and value in municipalities():
        return Said(municipalities()[value], municipalities()[value])
    if ask.name == CHILDREN:
        days = [day_said(day) for day in (as_date(item) for item in value or ()) if day is not None]
        return listed(days) if days else Said("geen kinderen", "no children")
    return value_said(value, unit)


def label_of(ask: Ask) -> Said:
    """Name a fact, with whose it is where it is of another."""
    item = load_fact_names().get(ask.name)
    if item is None:
        members = group_names().get(ask.name, ())
        label = listed([Said(part.label_nl, part.label_en) for part in members], "of", "or")
    else:
        label = Said(item.label_nl, item.label_en)
    label = Said(label.nl[:1].upper() + label.nl[1:], label.en[:1].upper() + label.en[1:])
    return label if ask.whose == "me" else Said(f"{label.nl} (van uw partner)", f"{label.en} (of your partner)")


def question_of(ask: Ask) -> Said:
    """Give the words of a question."""
    item = load_fact_names().get(ask.name)
    if item is None:
        if ask.whose == "me":
            return Said("Heeft u een van deze dingen?", "Do you have any of these?")
        return Said("Heeft uw partner een van deze dingen?", "Does your partner have any of these?")
    if ask.whose == "partner" and item.partner_nl:
        return Said(item.partner_nl, item.partner_en)
    label = label_of(ask)
    return Said(item.question_nl, item.question_en) if item.question_nl and ask.whose == "me" else label


@cache
def municipalities() -> Mapping[str, str]:
    """Give the municipalities that stand, by code, in the order of their names."""
    found = [body for body in load_public_bodies() if body.type == "municipality" and body.status == "current"]
    return {body.code: body.short_name or body.name for body in sorted(found, key=lambda body: body.name)}
