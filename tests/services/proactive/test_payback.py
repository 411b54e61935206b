"""The pay-back warning: what a change costs over the months so far, as the law written out by hand says it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from eendracht.bootstrap import Wiring
from eendracht.kernel.access import PERSON_PREFIX, Principal
from eendracht.kernel.errors import InvalidInput, NotFound
from eendracht.kernel.instance import Instance
from eendracht.kernel.rules import Case, Library, Register
from eendracht.services.proactive.payback import (
    Warnings,
    count_months,
    expect_payback,
    find_turning_point,
)
from eendracht.services.proactive.request import LawAsked
from tests.rulebook import reference
from tests.rulebook.people import PERSON, couple
from tests.services.proactive import reference_benefits as truth
from tests.web.nodes import OWNER, PUBLIC_DRAFTS, fill_node

CARE = LawAsked(truth.CARE, "hoogte_zorgtoeslag")
YEAR = reference.CARE[2026]
EURO = 100
ON = date(2026, 9, 20)


def case_of(*people: dict[str, Any]) -> Case:
    rows = [{**PERSON, "bsn": str(at), **person} for at, person in enumerate(people, start=1)]
    return Case(ON, {"bsn": "1"}, (Register("facts", "bsn", rows),))


def by_hand(euros: int, **more: Any) -> int:
    return reference.care_allowance(YEAR, Fraction(euros), **more) * EURO


@pytest.mark.parametrize(
    ("start", "on", "months"),
    [
        (date(2026, 1, 1), date(2026, 9, 20), 9),
        (date(2025, 5, 1), date(2026, 1, 1), 1),
        (date(2026, 4, 17), date(2026, 9, 20), 6),
        (date(2026, 12, 1), date(2026, 9, 20), 0),
    ],
)
def test_months_of_the_year_are_counted_from_the_change(start: date, on: date, months: int) -> None:
    assert count_months(start, on) == months


@pytest.mark.parametrize(("before", "after"), [(25_000, 33_000), (30_000, 41_000), (20_000, 24_000), (38_000, 30_000)])
def test_a_higher_income_costs_what_was_paid_too_much(rulebook: Library, before: int, after: int) -> None:
    cases = [case_of({"loon_uit_dienstbetrekking": euros * EURO}) for euros in (before, after)]
    found = expect_payback(rulebook, CARE, *cases, date(2026, 1, 1))
    lost = Fraction(max(0, by_hand(before) - by_hand(after)) * 9, 12)

    assert (found.before, found.after) == (by_hand(before), by_hand(after))
    assert found.back == int(lost + Fraction(1, 2))
    assert (found.article, found.title) == ("2", "Wet op de zorgtoeslag")


def test_a_partner_who_moves_in_counts_from_that_day(rulebook: Library) -> None:
    alone = case_of({"loon_uit_dienstbetrekking": 24_000 * EURO})
    first, second = couple({"loon_uit_dienstbetrekking": 24_000 * EURO}, {"loon_uit_dienstbetrekking": 30_000 * EURO})
    found = expect_payback(rulebook, CARE, alone, case_of(first, second), date(2026, 7, 1))

    assert (found.months, found.before) == (3, by_hand(24_000))
    assert found.after == by_hand(54_000, has_partner=True) == 0
    assert found.back == by_hand(24_000) * 3 // 12


def test_an_unknown_fact_is_named_and_nothing_is_said_of_paying_back(rulebook: Library) -> None:
    known = case_of({"loon_uit_dienstbetrekking": 24_000 * EURO})
    lost = Case(ON, {"bsn": "1"}, (Register("facts", "bsn", [{**known.registers[0].rows[0]}]),))
    del lost.registers[0].rows[0]["loon_uit_dienstbetrekking"]
    lost = Case(ON, {"bsn": "1"}, (Register("facts", "bsn", lost.registers[0].rows),))
    found = expect_payback(rulebook, CARE, known, lost, date(2026, 1, 1))

    assert found.back is None
    assert found.missing == ["loon_uit_dienstbetrekking"]


def test_the_turning_point_is_the_published_highest_income(rulebook: Library) -> None:
    # 40 857 euro is the published maximum for one person in 2026 (belastingdienst.nl).
    found = find_turning_point(
        rulebook, CARE, case_of({"loon_uit_dienstbetrekking": 25_000 * EURO}), "loon_uit_dienstbetrekking"
    )

    assert found is not None
    assert (found.still, found.first_lost) == (40_857 * EURO, 40_858 * EURO)
    rich = case_of({"loon_uit_dienstbetrekking": 90_000 * EURO})
    assert find_turning_point(rulebook, CARE, rich, "loon_uit_dienstbetrekking") is None


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    with Wiring().create(tmp_path / "node") as instance:
        fill_node(instance, list(PUBLIC_DRAFTS))
        yield instance


def test_who_asks_for_a_warning_is_warned_by_the_facts_that_were_told(node: Instance) -> None:
    subject = node.vault.add_subject("bsn", "123456782")
    warnings = Warnings(node, OWNER)
    item = warnings.ask(subject, CARE, case_of({"loon_uit_dienstbetrekking": 25_000 * EURO}), date(2026, 1, 1))
    found = warnings.check(item, {"loon_uit_dienstbetrekking": 36_000 * EURO}, ON)
    message = warnings.write(found, "nl")

    assert (found.before, found.after) == (by_hand(25_000), by_hand(36_000))
    assert message is not None
    assert "U vroeg ons om een waarschuwing." in message.text
    assert "artikel 2" in message.text
    # A lower income costs nothing.
    assert warnings.write(warnings.check(item, {"loon_uit_dienstbetrekking": 10_000 * EURO}, ON), "nl") is None
    with pytest.raises(InvalidInput):
        warnings.check(item, {"schoenmaat": 42}, ON)


def test_only_the_facts_that_the_law_asks_are_kept_and_the_person_may_see_them(node: Instance) -> None:
    subject = node.vault.add_subject("bsn", "123456782")
    case = case_of({"loon_uit_dienstbetrekking": 25_000 * EURO, "schoenmaat": 42})
    item = Warnings(node, OWNER).ask(subject, CARE, case, date(2026, 1, 1))
    read = node.vault.get(item, "own-data", Principal(f"{PERSON_PREFIX}{subject}"))

    assert isinstance(read, dict)
    names = {fact["name"] for fact in read["facts"]}
    assert "loon_uit_dienstbetrekking" in names
    assert "schoenmaat" not in names
    with pytest.raises(NotFound):
        node.vault.get(item, "own-data", Principal("somebody"))
