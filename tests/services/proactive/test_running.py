"""A run over a town: whoever truly leaves something unused is found, nobody else is, and every count adds up."""

from __future__ import annotations

import stat
from pathlib import Path

import duckdb
import numpy as np
import pytest

from eendracht.services.proactive.results import REASONS
from eendracht.services.proactive.running import OUTCOMES, SUMMARY
from tests.services.proactive import reference_benefits as truth
from tests.services.proactive.conftest import Ran
from tests.services.proactive.towns import THRESHOLD, Town


@pytest.mark.parametrize("law", truth.LAWS)
def test_whoever_is_entitled_and_does_not_use_it_is_found_once(ran: Ran, town: Town, law: str) -> None:
    listed = {key for key, line in ran.lines(law).items() if line["certainty"] != "depends"}
    wanted = town.unused(law)
    found = [unit for unit in wanted if unit & listed]

    assert len(wanted) > 100
    assert len(found) >= 0.99 * len(wanted)
    assert not [unit for unit in wanted if len(unit & listed) > 1]


@pytest.mark.parametrize("law", truth.LAWS)
def test_nobody_else_is_listed_with_an_amount_and_amounts_are_true_to_the_cent(ran: Ran, town: Town, law: str) -> None:
    rows, users = town.row_of(), town.users(law)
    for key, line in ran.lines(law).items():
        if line["certainty"] == "depends":
            assert line["amount"] is None
            continue
        amount = int(town.amounts[law][rows[key]])
        assert amount >= THRESHOLD
        assert line["amount"] == amount
        assert key not in users


def test_the_borderline_people_are_all_judged_right(ran: Ran, town: Town) -> None:
    edge = np.flatnonzero(town.people["_edge"])
    judged = {law: ran.lines(law) for law in truth.LAWS}
    close = 0
    for law in truth.LAWS:
        for unit in town.unused(law):
            keys = {int(town.people["bsn"][row]) for row in edge}
            if unit & keys:
                close += 1
                assert unit & judged[law].keys()

    assert close > 100


def test_a_fact_that_is_missing_never_means_no_right(ran: Ran, town: Town) -> None:
    with duckdb.connect() as connection:
        for law in truth.LAWS:
            said = dict(connection.execute(f"SELECT key, \"{law}\" FROM '{ran.out / OUTCOMES}'").fetchall())
            for row in np.flatnonzero(town.amounts[law] == truth.UNKNOWN):
                assert said[int(town.people["bsn"][row])] not in ("not-entitled", "below-threshold")


def test_whoever_hangs_on_unknown_facts_is_told_which(ran: Ran) -> None:
    for law in (truth.CARE, truth.RENT):
        unsure = [line for line in ran.lines(law).values() if line["certainty"] == "depends"]

        assert unsure
        assert all(line["missing"] for line in unsure)
        assert {str(line["missing"]).split()[-1].rpartition(".")[2] for line in unsure} <= {
            "loon_uit_dienstbetrekking",
            "partner",
        }


def test_everybody_comes_to_one_reason_and_the_counts_are_the_population(ran: Ran, town: Town) -> None:
    people = len(town.people["bsn"])

    assert ran.result.people == people
    for law in ran.result.laws:
        assert law.people == people
        assert set(law.reasons) <= set(REASONS)
    assert sum(law.found + law.reasons.get("depends", 0) for law in ran.result.laws) == ran.result.lines
    assert sum(ran.result.handled.values()) == ran.result.lines


def test_who_died_objected_or_is_a_minor_is_left_out_and_counted(ran: Ran, town: Town) -> None:
    people = town.people
    minor = ~truth.is_at_least(people, 18)
    for law in ran.result.laws:
        assert law.reasons["deceased"] == int(people["overleden"].sum())
        assert law.reasons["objection"] == int((people["bezwaar"] & ~people["overleden"]).sum())
        assert law.reasons["minor"] == int((minor & ~people["overleden"] & ~people["bezwaar"]).sum())


def test_people_under_guardianship_go_to_who_acts_for_them_and_are_not_dropped(ran: Ran, town: Town) -> None:
    rows, people = town.row_of(), town.people
    handled: set[str] = set()
    for law in truth.LAWS:
        for key, line in ran.lines(law).items():
            row = rows[key]
            handled.add(str(line["handling"]))
            if people["onder_bewind"][row]:
                assert line["handling"] == "representative"
                wanted = int(people["vertegenwoordiger"][row])
                assert line["representative"] == (None if wanted < 0 else wanted)
            else:
                assert line["handling"] == ("secret-address" if people["geheim_adres"][row] else "post")
                assert line["representative"] is None

    assert handled == {"representative", "secret-address", "post"}


def test_the_risk_of_paying_back_is_what_the_law_says_of_a_higher_income(ran: Ran, town: Town) -> None:
    raised = {**town.people}
    for name in ("loon_uit_dienstbetrekking", "winst_uit_onderneming"):
        raised[name] = np.where(raised[name] > 0, raised[name] + raised[name] * 10 // 100, raised[name])
    after = truth.amounts(raised)
    rows = town.row_of()
    seen: set[str] = set()
    for law in (truth.CARE, truth.RENT, truth.CHILD_BUDGET):
        for key, line in ran.lines(law).items():
            if line["certainty"] != "depends":
                assert line["if_income_rises_10"] == int(after[law][rows[key]])
                seen.add(str(line["risk"]))
    for law in (truth.CHILD, truth.PENSION):
        assert {line["risk"] for line in ran.lines(law).values()} == {"none"}

    assert seen == {"none", "low", "middle", "high"}


def test_the_largest_amounts_come_first_and_the_unknown_last(ran: Ran) -> None:
    with duckdb.connect() as connection:
        amounts = [
            amount
            for (amount,) in connection.execute(
                f"SELECT amount FROM '{ran.out}/ranking.parquet' ORDER BY rank"
            ).fetchall()
        ]
    known = [amount for amount in amounts if amount is not None]

    assert known == sorted(known, reverse=True)
    assert amounts[len(known) :] == [None] * (len(amounts) - len(known))


def test_only_the_columns_that_the_plans_need_are_read(ran: Ran, town: Town) -> None:
    care = {"overleden", "bezwaar", "geheim_adres", "onder_bewind", "vertegenwoordiger", "geboortedatum"}
    others = {"partner_bsn", "bsn", "inkomen_is_schatting"}
    plans = {column for law in ran.result.laws for column in law.columns_read}
    read = set(ran.result.columns_read)

    assert read == plans | {f"subjects.{name}" for name in care | others} | {
        "uptake.bsn",
        "uptake.law",
        "uptake.until",
    }
    assert {law.law: law.columns_read for law in ran.result.laws}[truth.CHILD] == [
        "subjects.aantal_kinderen_12_tot_18_jaar",
        "subjects.aantal_kinderen_6_tot_12_jaar",
        "subjects.aantal_kinderen_tot_6_jaar",
    ]


def test_nobody_else_can_read_what_a_run_wrote(ran: Ran) -> None:
    for path in (ran.out, *ran.out.iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    assert {path.name for path in Path(ran.out).iterdir()} == {"ranking.parquet", OUTCOMES, SUMMARY}


def test_non_use_is_measured_with_bounds_for_what_is_not_known(ran: Ran) -> None:
    for law in ran.result.laws:
        low, high = (float(share) for share in law.share)
        using, found, unknown = law.using, law.found, law.reasons.get("depends", 0)

        assert low == pytest.approx(found / (found + using), abs=1e-4)
        assert high == pytest.approx((found + unknown) / (found + unknown + using), abs=1e-4)
        assert low <= high
