"""Until when a public body must decide: terms of the Algemene wet bestuursrecht, moved off days of rest.

The terms themselves are rules as data (`rulebook/nl/wet/algemene_wet_bestuursrecht`), run by the rules engine. Only the
calendar is code: the Algemene termijnenwet (BWBR0002448) moves the end of a term by a computation of Easter, which no
rule of the rulebook can express.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Any, Final, Literal

from eendracht.kernel.rules.evaluation import evaluate
from eendracht.kernel.rules.facts import Case
from eendracht.kernel.rules.lawbook import RULEBOOK
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.values import from_plain

Form = Literal["application", "objection", "appeal", "message"]
"""What somebody submits. Dutch: aanvraag, bezwaarschrift, beroepschrift, ander stuk."""

LAW: Final = "algemene_wet_bestuursrecht"
LAW_URL: Final = "https://wetten.overheid.nl/BWBR0005537/2025-01-01#Artikel"
LONGEST_EXTENDED_WEEKS: Final = 12
"""A longer term keeps its end, whatever day that is (Algemene termijnenwet, art. 4.a)."""
_FIRST_DAY: Final = date(2020, 1, 1)


@dataclass(frozen=True, slots=True)
class Term:
    """Until which day is decided (the last day, inclusive), by which article, and the end before it was moved."""

    ends: date
    ends_unmoved: date
    article: str
    url: str

    @property
    def is_moved(self) -> bool:
        """Whether the last day was a Saturday, Sunday or holiday."""
        return self.ends != self.ends_unmoved


def find_easter(year: int) -> date:
    """Give Easter Sunday of the Gregorian calendar (anonymous computus of Meeus, Jones and Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    n = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * n) // 433
    month = (h + n - 7 * m + 90) // 25
    day = (h + n - 7 * m + 33 * month + 19) % 32
    return date(year, month, day)


@lru_cache(maxsize=256)
def list_holidays(year: int) -> dict[date, str]:
    """Give the recognised holidays of a year with their Dutch names (Algemene termijnenwet, art. 3.1 and 3.2).

    The King's birthday is celebrated on 27 April, and the day before where that is a Sunday (from 2014). Days that the
    Crown equates with holidays for a year (art. 3.3) are not in it.
    """
    easter = find_easter(year)
    king = date(year, 4, 27)
    return {
        date(year, 1, 1): "Nieuwjaarsdag",
        easter - timedelta(days=2): "Goede Vrijdag",
        easter: "Eerste paasdag",
        easter + timedelta(days=1): "Tweede paasdag",
        king - timedelta(days=1) if king.weekday() == 6 else king: "Koningsdag",
        date(year, 5, 5): "Bevrijdingsdag",
        easter + timedelta(days=39): "Hemelvaartsdag",
        easter + timedelta(days=49): "Eerste pinksterdag",
        easter + timedelta(days=50): "Tweede pinksterdag",
        date(year, 12, 25): "Eerste kerstdag",
        date(year, 12, 26): "Tweede kerstdag",
    }


def is_working_day(day: date) -> bool:
    """Tell whether a day is no Saturday, Sunday or recognised holiday."""
    return day.weekday() < 5 and day not in list_holidays(day.year)


def move_to_working_day(day: date) -> date:
    """Give the day itself, or the first working day after it (Algemene termijnenwet, art. 1.1)."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def add_working_days(day: date, count: int) -> date:
    """Give the working day that comes `count` working days after a day."""
    for _ in range(count):
        day = move_to_working_day(day + timedelta(days=1))
    return day


def find_term(
    form: Form, received_on: date, decision_weeks: int | None = None, objection_term_ends: date | None = None
) -> Term | None:
    """Give until when is decided on what was received; None where no law that we know sets a term.

    `decision_weeks` is the term of the service (null: Awb 4:13, eight weeks at most). The term of an objection runs
    from the end of the term for objecting (Awb 7:10), which must then be known. An appeal and a message have none here.
    """
    if form == "application":
        facts: dict[str, Any] = {"termijn_van_de_regeling_weken": decision_weeks, "ontvangen_op": received_on}
        return _run("4:13", "beslistermijn_weken", "einde_van_de_beslistermijn", received_on, facts)
    if form == "objection" and objection_term_ends is not None:
        facts = {"einde_van_de_bezwaartermijn": objection_term_ends, "is_er_een_adviescommissie": False}
        return _run("7:10", "bezwaartermijn_weken", "einde_van_de_termijn_op_bezwaar", received_on, facts)
    return None


def find_legal_date(form: Form, first_received_on: date, received_by_competent_on: date) -> date:
    """Give the day that counts as that of submission after a hand-over.

    For an objection or appeal that is the day at the first body (Awb 6:15.3); for an application the day on which the
    competent body had it (Awb 2:3 and 4:13).
    """
    facts = {
        "is_bezwaar_of_beroep": form in ("objection", "appeal"),
        "eerst_ontvangen_op": first_received_on,
        "bij_bevoegd_orgaan_op": received_by_competent_on,
    }
    return _ask(("dag_van_indiening",), received_by_competent_on, facts)["dag_van_indiening"]  # type: ignore[no-any-return]


def _run(article: str, weeks: str, end: str, on: date, facts: dict[str, Any]) -> Term:
    found = _ask((weeks, end), on, facts)
    unmoved: date = found[end]
    moved = move_to_working_day(unmoved) if found[weeks] <= LONGEST_EXTENDED_WEEKS else unmoved
    return Term(moved, unmoved, f"Awb, art. {article}", LAW_URL + article)


def _ask(outputs: tuple[str, ...], on: date, facts: dict[str, Any]) -> dict[str, Any]:
    case = Case(max(on, _FIRST_DAY), {name: from_plain(value) for name, value in facts.items()})
    found = evaluate(_library(), LAW, outputs, case).outcomes
    return {name: found[name].value for name in outputs}


@cache
def _library() -> Library:
    return Library.load([RULEBOOK / "nl" / "wet" / LAW])
