"""The data-quality report: what the raw list shows by plain counting must be in it, and planted defects are found."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eendracht.reference import (
    DEFECT_KINDS,
    Defect,
    find_data_defects,
    find_oin_fault,
    load_public_bodies,
    load_recorded_defects,
)
from eendracht.reference.quality import OIN_PREFIXES

BODIES = load_public_bodies()
BY_CODE = {body.code: body for body in BODIES}
DEFECTS = find_data_defects(BODIES, load_recorded_defects())
Shared = Callable[..., Path]


def subjects(code: str) -> set[str]:
    return {defect.subject for defect in DEFECTS if defect.code == code}


def sources(code: str) -> list[str]:
    return [row for defect in DEFECTS if defect.code == code for row in defect.source]


def found_in(*bodies: object, code: str) -> list[Defect]:
    return [defect for defect in find_data_defects(bodies) if defect.code == code]  # type: ignore[arg-type]


def rows(shared: Shared) -> list[dict[str, str]]:
    path = shared("reference", "data", "organisaties", "organisaties.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_defect_says_all_it_must_in_both_languages() -> None:
    for defect in DEFECTS:
        texts = (defect.nl, defect.en, defect.reason_nl, defect.reason_en, defect.next_step_nl, defect.next_step_en)
        assert all(texts) and defect.source and all(defect.source), defect
        assert "{" not in defect.nl + defect.en
        assert defect.subject in BY_CODE or not defect.subject


def test_every_kind_can_be_reached() -> None:
    never_now = {"municipality-incomplete"}
    assert {defect.code for defect in DEFECTS} == DEFECT_KINDS.keys() - never_now


def test_the_most_severe_come_first_and_the_order_is_stable() -> None:
    ranks = [("high", "medium", "low").index(defect.severity) for defect in DEFECTS]
    assert ranks == sorted(ranks)
    assert find_data_defects(tuple(reversed(BODIES)), load_recorded_defects()) == DEFECTS


def test_oins_with_a_letter_are_reported(shared: Shared) -> None:
    expected = {row["tooi"].split("/")[-1] for row in rows(shared) if row["oin"].startswith("I")}
    assert len(expected) == 3
    assert subjects("oin-malformed") == expected


def test_oins_that_occur_more_than_once_are_reported(shared: Shared) -> None:
    uses = Counter(row["oin"] for row in rows(shared) if row["oin"])
    expected = {row["tooi"].split("/")[-1] for row in rows(shared) if uses[row["oin"]] > 1}
    assert sum(count > 1 for count in uses.values()) == 5
    assert subjects("oin-shared") == expected
    assert not any(body.code == f"oin.{body.oin}" for body in BODIES if uses[body.oin] > 1)


def test_agencies_without_an_oin_are_reported(shared: Shared) -> None:
    expected = {r["tooi"].split("/")[-1] for r in rows(shared) if r["type"] == "agentschap" and not r["oin"]}
    assert len(expected) == 9
    assert expected <= subjects("oin-missing")
    assert {"oorg12368", "oorg12369", "oorg10222", "oorg10123"} <= subjects("oin-missing")


def test_ends_of_officials_are_reported_and_not_taken_over(shared: Shared) -> None:
    expected = {
        row["tooi"].split("/")[-1]
        for row in rows(shared)
        if row["type"] in ("provincie", "waterschap") and row["actief"] == "ja" and row["einde"]
    }
    assert len(expected) == 8
    assert subjects("end-is-official-term") == expected


def test_rows_that_end_on_the_day_they_begin_are_reported(shared: Shared) -> None:
    expected = {row["id"] for row in rows(shared) if row["begin"] == row["einde"]}
    assert {source.split()[1] for source in sources("period-empty")} == expected


def test_rows_of_one_arrangement_that_hold_at_the_same_time_are_reported() -> None:
    found = {defect.en for defect in DEFECTS if defect.code == "rows-overlap"}
    assert any("West-Holland" in text and "2024-07-06/2024-07-14" in text for text in found)


def test_every_line_that_is_named_holds_that_row(shared: Shared) -> None:
    lines: dict[str, list[str]] = {}
    for name in ("organisaties.csv", "tooi-namen.csv"):
        text = shared("reference", "data", "organisaties", name).read_text(encoding="utf-8")
        lines[name] = text.split("\n")
    for defect in load_recorded_defects():
        for source in defect.source:
            place, _, row_id = source.partition(" ")
            file, _, line = place.partition(":")
            if file in lines and row_id:
                assert row_id in lines[file][int(line) - 1], source


def test_every_ended_body_lacks_a_successor_in_the_sources() -> None:
    assert subjects("successor-not-named") == {body.code for body in BODIES if body.valid_until}


def test_a_swapped_name_is_reported_with_both_rows() -> None:
    assert subjects("name-of-another-body") == {"so0460", "so0856", "zb000060", "zb000062", "zb000145"}
    assert subjects("name-contradicts-row") == {"mnre1040"}
    assert "gm0518" in subjects("name-spelled-differently"), "Den Haag is 's-Gravenhage at Statistics Netherlands"


def test_bodies_of_tooi_alone_are_reported() -> None:
    assert {"oorg12369", "oorg10222", "oorg10123", "so0638", "zb000142"} <= subjects("only-in-tooi")


def test_the_prefixes_are_those_of_the_oin_structure(shared: Shared) -> None:
    path = shared("reference", "data", "organisaties", "oin-structuur.json")
    structure = json.loads(path.read_text(encoding="utf-8"))
    assert structure["prefix"] == OIN_PREFIXES and structure["length"] == 20


@pytest.mark.parametrize(
    "oin",
    [
        "I0000003343669660000",
        "0000000182217735900",
        "000000018221773590001",
        "00000005822177359000",
        "0000000182217735900٣",
    ],
)
def test_a_malformed_oin_is_told(oin: str) -> None:
    assert find_oin_fault(oin)


@given(st.sampled_from(sorted(OIN_PREFIXES)), st.integers(0, 10**9 - 1))
def test_an_oin_of_the_published_layout_is_well_formed(prefix: str, number: int) -> None:
    assert find_oin_fault(f"{prefix}{number:09}000") == ""


def test_planted_defects_are_found() -> None:
    utrecht, zeist = BY_CODE["gm0344"], BY_CODE["gm0355"]
    assert not found_in(utrecht, zeist, code="oin-shared")
    assert len(found_in(utrecht, replace(zeist, oin=utrecht.oin), code="oin-shared")) == 2
    assert found_in(replace(utrecht, rsin="001234567"), code="oin-contradicts-number")
    assert found_in(replace(utrecht, valid_from=date(2020, 1, 1), valid_until=date(2020, 1, 1)), code="period-empty")
    missing = found_in(replace(utrecht, lon=None, inhabitants=None, province=""), code="municipality-incomplete")
    assert missing[0].en.endswith("inhabitants, position, province")
    twin = replace(zeist, name=utrecht.name)
    assert len(found_in(utrecht, twin, code="name-shared")) == 2
    before, after = replace(utrecht, valid_until=date(2020, 1, 1)), replace(twin, valid_from=date(2020, 1, 1))
    assert not found_in(before, after, code="name-shared"), "half open: one ends where the other begins"
