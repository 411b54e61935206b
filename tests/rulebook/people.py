"""Cases for the rulebook: people with every fact that the laws ask, so that a test names only what matters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from eendracht.kernel.rules import Case, Library, Register, evaluate

PERSON: dict[str, Any] = {
    **dict.fromkeys(("loon_uit_dienstbetrekking", "uitkeringen_en_pensioenen", "winst_uit_onderneming"), 0),
    **dict.fromkeys(("resultaat_overige_werkzaamheden", "eigen_woning", "buitenlands_inkomen"), 0),
    **dict.fromkeys(("reguliere_voordelen", "vervreemdingsvoordelen", "voordeel_uit_sparen_en_beleggen"), 0),
    **dict.fromkeys(("spaargeld", "beleggingen", "onroerend_goed", "schulden"), 0),
    "geboortedatum": "1985-06-15",
    "partnerschap_type": "GEEN",
    "partner_bsn": None,
    "polis_status": "ACTIEF",
    "verdragsinschrijving": False,
}


def couple(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give two people who are married to each other; the first has number 1."""
    bond = {"partnerschap_type": "HUWELIJK"}
    return [{**bond, "bsn": "1", "partner_bsn": "2", **first}, {**bond, "bsn": "2", "partner_bsn": "1", **second}]


def ask(
    library: Library, law: str, output: str, on: str, people: Iterable[Mapping[str, Any]], **parameters: Any
) -> Any:
    """Give one output of a law for the first of the people; an absence is given as it is."""
    rows = [{**PERSON, "bsn": str(at), **person} for at, person in enumerate(people, start=1)]
    case = Case(date.fromisoformat(on), {"bsn": rows[0]["bsn"], **parameters}, (Register("facts", "bsn", rows),))
    return evaluate(library, law, [output], case, is_whole_article=False).outcomes[output].value


def euros(eurocents: Any) -> Fraction:
    """Give an output in eurocents as euros."""
    assert isinstance(eurocents, int | Fraction), eurocents
    return Fraction(eurocents) / 100


def cents(amount: Any) -> Fraction | int:
    """Give euros as eurocents; takes decimals as their text stands, never as a float is."""
    exact = Fraction(str(amount)) * 100
    return exact.numerator if exact.denominator == 1 else exact
