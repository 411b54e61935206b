"""What people are asked when a law wants a fact, which registers are base registers, and what can be asked for at once.

Four reviewed tables of our own, for forms that a rule drives:

- `fact_names.csv`: each fact by the name that laws give it: who holds it (`citizen`; `key`, the number of another;
  `derived`, worked out from another fact; else the body that sets the figure), as which other fact it is asked, how it
  is then derived, and the words of the question. Two names with one `asks` are one question.
- `base_registers.csv`: the base registers (basisregistraties), with who keeps each (`municipality`: that of residence)
  and the article that obliges a body to report a doubt back; an empty cell is *not recorded here*.
- `open_figures.csv`: figures that a law leaves to a body and for which the sources that we have give one or more
  values; several for one day means that the sources disagree.
- `benefits.csv`: what the rulebook can decide on for a person, with its outputs and the last part of its URI in the
  Uniforme Productnamenlijst.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from eendracht.reference.bodies import read_table

CITIZEN: Final = "citizen"
KEY: Final = "key"
DERIVED: Final = "derived"


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to a question with its words; an empty code is the answer *none* (null in a law)."""

    code: str
    nl: str
    en: str


@dataclass(frozen=True, slots=True)
class FactName:
    """A fact by the name that laws give it, and how people are asked for it."""

    name: str
    held_by: str
    asks: str
    derive: str
    group: str
    asked: str
    label_nl: str
    label_en: str
    question_nl: str = ""
    question_en: str = ""
    partner_nl: str = ""
    partner_en: str = ""
    hint_nl: str = ""
    hint_en: str = ""
    choices: tuple[Choice, ...] = ()

    @property
    def is_seldom(self) -> bool:
        """Whether it decides for few people, so that it is asked after what decides for most."""
        return self.asked == "seldom"

    @property
    def is_of_body(self) -> bool:
        """Whether a body sets it, so that no citizen can be asked."""
        return self.held_by not in (CITIZEN, KEY, DERIVED)


@dataclass(frozen=True, slots=True)
class BaseRegister:
    """A base register: who keeps it (code of a body, `municipality`, or empty), and the article on reporting back."""

    code: str
    name_nl: str
    name_en: str
    owner: str
    law: str
    article: str


@dataclass(frozen=True, slots=True)
class OpenFigure:
    """A value that a source gives for a figure of a body, on the days `[valid_from, valid_until)`; eurocent."""

    fact: str
    valid_from: date
    valid_until: date
    value: int
    source: str
    grade: str


@dataclass(frozen=True, slots=True)
class Benefit:
    """What a law gives to a person: the outputs that say whether and how much, for which period, and by whom.

    `counts_on` is `day`, `next-quarter` where a child that was born in a quarter counts from the next, or `last-known`
    where the law of a year is the nearest that the rulebook has. `key` is the parameter by which the law knows whom it
    is about (`bsn`, `kvk_nummer`), `area` the municipality whose ordinance it is, empty for the whole country.
    """

    code: str
    law: str
    right: str
    amount: str
    per: str
    counts_on: str
    audience: str
    authority: str
    authority_name: str
    upl_term: str
    name_nl: str
    name_en: str
    key: str
    area: str
    life_events: tuple[str, ...]

    @property
    def outputs(self) -> tuple[str, ...]:
        """The outputs to ask: whether, and how much where the law says so."""
        return tuple(filter(None, (self.right, self.amount)))


@cache
def load_fact_names() -> dict[str, FactName]:
    """Give the facts by name; read once per process."""
    found = {}
    for cells in read_table("fact_names.csv"):
        choices = tuple(Choice(*part.split("=")) for part in cells[-1].split(";") if part)
        found[cells[0]] = FactName(*cells[:-1], choices)  # type: ignore[arg-type, call-arg]
    return found


@cache
def load_base_registers() -> dict[str, BaseRegister]:
    """Give the base registers by code."""
    return {cells[0]: BaseRegister(*cells) for cells in read_table("base_registers.csv")}


@cache
def load_open_figures() -> tuple[OpenFigure, ...]:
    """Give every value for a figure that a law leaves to a body."""
    return tuple(
        OpenFigure(fact, date.fromisoformat(begin), date.fromisoformat(end), int(value), source, grade)
        for fact, begin, end, value, source, grade in read_table("open_figures.csv")
    )


@cache
def load_benefits() -> dict[str, Benefit]:
    """Give what the rulebook can decide on for a person, by code."""
    return {
        cells[0]: Benefit(*cells[:-1], tuple(cells[-1].split()))  # type: ignore[arg-type, call-arg]
        for cells in read_table("benefits.csv")
    }
