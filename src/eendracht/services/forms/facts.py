"""The facts of a form as the rules take them: registers, what was stated against or beside them, and what follows.

A stated fact comes before that of a register. What follows from another fact (how many children under six, from the
dates of birth) is worked out here, by the table of fact names; nothing is guessed where the other fact is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import product
from typing import Any, Final, Literal

from eendracht.kernel.rules.facts import Case, Register
from eendracht.kernel.rules.library import CODES
from eendracht.kernel.rules.values import as_date, from_plain
from eendracht.reference.facts import DERIVED, FactName, OpenFigure, load_fact_names, load_open_figures

Whose = Literal["me", "partner"]
KEY: Final = "bsn"
"""The parameter by which the laws on persons know whom they are about."""
MYSELF: Final = "u"
PARTNER: Final = "partner"
"""Stand for the numbers of people who did not give them: nobody is asked for a BSN."""
CHILDREN: Final = "geboortedata_kinderen"
PARTNERSHIP: Final = "partnerschap_type"
STATED: Final = "opgegeven door u"
"""Source of what was stated in the form."""
FIGURES: Final = "open figures"
_RELATIONS: Final = "kinderen_bsn"
_MOST_COMBINATIONS: Final = 16


@dataclass(frozen=True, slots=True, order=True)
class Ask:
    """A fact, and whose it is."""

    name: str
    whose: Whose = "me"

    @property
    def control(self) -> str:
        """Its name in a form."""
        return f"{self.whose}.{self.name}"


def parse_control(name: str) -> Ask | None:
    """Give the fact behind the name of a control; None for another field, or a fact that no law asks."""
    whose, _, fact = name.partition(".")
    if whose not in ("me", "partner") or not is_known_name(fact):
        return None
    return Ask(fact, "partner" if whose == "partner" else "me")


def is_known_name(name: str) -> bool:
    """Whether it is a fact of the table, or the gate of a group of facts."""
    names = load_fact_names()
    return name in names or name in group_names()


def group_names() -> dict[str, tuple[FactName, ...]]:
    """Give the groups of facts that few people have, each asked for as one first."""
    found: dict[str, tuple[FactName, ...]] = {}
    for item in load_fact_names().values():
        if item.group:
            found[item.group] = (*found.get(item.group, ()), item)
    return found


@dataclass(frozen=True, slots=True)
class FormFacts:
    """What is known for a form: the day, registers with the key of the subject in them, and what was stated.

    `stated` has answers and corrections alike; a value of None is the answer *none*.
    """

    on: date
    registers: tuple[Register, ...] = ()
    subject: str = MYSELF
    stated: Mapping[Ask, Any] = field(default_factory=dict)
    key: str = KEY
    """The parameter by which the laws know the subject: of a business the number in the trade register."""

    # --- What the registers say ---

    def look_up(self, name: str, key: Any) -> tuple[Any, str] | None:
        """Give what a register says of a subject, with its name; None where none does."""
        folded = name.casefold()
        for register in self.registers:
            column = register.columns.get(folded)
            rows = register.find(key) if column is not None and register.key == self.key else []
            if rows and column in rows[0]:
                return rows[0][column], register.name
        return None

    def find(self, ask: Ask) -> tuple[Any, str] | None:
        """Give what a register says of a fact, with its name; of children from the rows that the relation names."""
        key = self.subject if ask.whose == "me" else self.partner_key
        if key is None or key is UNKNOWN_KEY:
            return None
        if ask.name == CHILDREN and ask.whose == "me":
            return self._children()
        return self.look_up(ask.name, key)

    def _children(self) -> tuple[Any, str] | None:
        found = self.look_up(CHILDREN, self.subject)
        related = self.look_up(_RELATIONS, self.subject) if found is None else None
        if related is None:
            return found
        dates = [self.look_up("geboortedatum", key) for key in related[0] or ()]
        # One child of whom the date is not known makes every count unknown.
        return None if any(item is None for item in dates) else ([item[0] for item in dates if item], related[1])

    @property
    def partner_key(self) -> Any:
        """The key of the partner: None where there is none, `UNKNOWN_KEY` where nobody said."""
        if self.key != KEY:
            return None
        stated = Ask(PARTNERSHIP)
        known = self.look_up("partner_bsn", self.subject)
        if stated in self.stated:
            if self.stated[stated] is None:
                return None
            return known[0] if known and known[0] is not None else PARTNER
        if known is not None:
            return known[0]
        tie = self.look_up(PARTNERSHIP, self.subject)
        if tie is None:
            return UNKNOWN_KEY
        return None if tie[0] is None else PARTNER

    def value(self, ask: Ask) -> tuple[Any, str] | None:
        """Give a fact with its source: as it was stated, else as a register has it."""
        return (self.stated[ask], STATED) if ask in self.stated else self.find(ask)

    @property
    def children(self) -> list[date] | None:
        """The dates of birth of the children; None where they are not known."""
        found = self.value(Ask(CHILDREN))
        days = [as_date(item) for item in found[0] or ()] if found else [None]
        return None if None in days else [day for day in days if day is not None]

    def counting_day(self, counts_on: str) -> date:
        """Give the day on which a benefit is asked: the next quarter where a child was born since this one began."""
        quarter = quarter_of(self.on)
        born = self.children or []
        if counts_on == "next-quarter" and any(quarter < day <= self.on for day in born):
            return quarter_after(quarter)
        return self.on

    # --- The case ---

    def case(self, on: date, figures: Mapping[str, OpenFigure]) -> Case:
        """Give the case of the rules on a day, with these figures of bodies."""
        parameters: dict[str, Any] = {self.key: self.subject}
        for code in CODES:
            found = self.value(Ask(code))
            if found is not None:
                parameters[code] = found[0]
        derived = self._derived(on)
        mine = {**self._stated_row("me"), **derived.pop(STATED, {})}
        rows = [row for row in ({self.key: self.subject, **mine}, self._stated_row("partner")) if len(row) > 1]
        given = [Register(STATED, self.key, rows)] if rows else []
        # What follows from a register stands in its own row: a receipt tells registers apart by their names.
        registers = tuple(_with_facts(item, self.subject, derived.get(item.name, {})) for item in self.registers)
        known = {name: figure.value for name, figure in figures.items()}
        drawn = [Register(FIGURES, self.key, [{self.key: self.subject, **known}])] if known else []
        return Case(on, parameters, (*given, *registers, *drawn))

    def supposing(self, case: Case, names: Sequence[str]) -> Case:
        """Give a case in which facts are supposed to be *no*, of the person and the partner, where nobody said."""
        keys = [self.subject, *([self.partner_key] if isinstance(self.partner_key, str) else [])]
        supposed = Register("supposed", self.key, [{self.key: key, **dict.fromkeys(names, False)} for key in keys])
        return replace(case, registers=(*case.registers, supposed))

    def _stated_row(self, whose: Whose) -> dict[str, Any]:
        key = self.subject if whose == "me" else self.partner_key
        if key is None or key is UNKNOWN_KEY:
            return {}
        row: dict[str, Any] = {self.key: key}
        for ask, value in self.stated.items():
            if ask.whose == whose and ask.name in group_names() and value is False:
                for item in group_names()[ask.name]:
                    if self.find(Ask(item.name, whose)) is None:
                        row.setdefault(item.name, 0)
        for ask, value in self.stated.items():
            if ask.whose == whose and ask.name in load_fact_names() and ask.name not in (CHILDREN, *CODES):
                row[ask.name] = from_plain(value)
        return row

    def _derived(self, on: date) -> dict[str, dict[str, Any]]:
        """Give by source what follows from the children and the partner."""
        found: dict[str, dict[str, Any]] = {}
        children = self.value(Ask(CHILDREN))
        born = self.children
        for item in load_fact_names().values():
            if item.held_by == DERIVED and children is not None and born is not None:
                is_stated = children[1] == STATED
                if is_stated or self.look_up(item.name, self.subject) is None:
                    found.setdefault(children[1], {})[item.name] = _count(item.derive, born, on)
        partner = self.partner_key
        if partner is not UNKNOWN_KEY and self.key == KEY:
            tie = self.value(Ask(PARTNERSHIP))
            found.setdefault(tie[1] if tie else STATED, {})["partner_bsn"] = partner
        return found

    def figures(self, names: Iterable[str], on: date) -> Iterator[Mapping[str, OpenFigure]]:
        """Yield every combination of the figures that sources give for these facts on a day; at least one, empty."""
        known = {name: figures_of(name, on) for name in dict.fromkeys(names)}
        given: Sequence[tuple[str, tuple[OpenFigure, ...]]] = [(name, items) for name, items in known.items() if items]
        for at, chosen in enumerate(product(*(items for _, items in given))):
            if at == _MOST_COMBINATIONS:
                return
            yield {name: figure for (name, _), figure in zip(given, chosen, strict=True)}


def _with_facts(register: Register, subject: str, facts: Mapping[str, Any]) -> Register:
    """Give a register with more facts in the row of a subject."""
    if not facts or register.key != KEY:
        return register
    own = next((row for row in register.rows if str(row.get(KEY)) == subject), None)
    rows = [{**row, **facts} if row is own else row for row in register.rows]
    return Register(register.name, KEY, rows if own is not None else [*rows, {KEY: subject, **facts}])


class _UnknownKey:
    """Says that nobody told who the partner is, or whether there is one."""


UNKNOWN_KEY: Final = _UnknownKey()


def figures_of(name: str, on: date) -> tuple[OpenFigure, ...]:
    """Give what the sources say of a figure on a day, the lowest first."""
    found = [item for item in load_open_figures() if item.fact == name and item.valid_from <= on < item.valid_until]
    return tuple(sorted(found, key=lambda item: item.value))


def quarter_of(day: date) -> date:
    """Give the first day of the quarter of a day."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def quarter_after(quarter: date) -> date:
    """Give the first day of the next quarter."""
    return date(quarter.year + (quarter.month + 2) // 12, (quarter.month + 2) % 12 + 1, 1)


def _count(derive: str, born: Sequence[date], on: date) -> Any:
    """Count the children of an age on the day, or on the first day of its quarter."""
    what, ages, when = derive.split()
    day = quarter_of(on) if when == "quarter" else on
    low, high = map(int, ages.split("-"))
    count = sum(low <= _age(child, day) < high for child in born if child <= day)
    return count > 0 if what == "any-children" else count


def _age(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
