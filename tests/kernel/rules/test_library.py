"""Which version holds, and who fills and replaces what."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.library import Library, NoSuchRule, applies_to, list_law_files
from tests.kernel.rules.law_files import (
    CONSTANT,
    DELEGATING,
    ORDINANCE,
    article,
    constant,
    errors_of,
    filling,
    law,
    value_of,
    write,
)

# --- Versions ---


@pytest.fixture
def versions(tmp_path: Path) -> Library:
    files = {
        "2020": constant(1),
        "2022": constant(2, valid_from="2022-01-01", valid_to="2023-12-31"),
        "later": constant(3, valid_from="2030-01-01"),
    }
    return Library.load([write(tmp_path, files)])


@pytest.mark.parametrize(
    ("on", "expected"), [("2020-01-01", 1), ("2021-12-31", 1), ("2022-01-01", 2), ("2023-12-31", 2), ("2030-01-01", 3)]
)
def test_the_newest_version_that_has_begun_holds(versions: Library, on: str, expected: int) -> None:
    assert value_of(versions, "a", date.fromisoformat(on)) == expected
    reason = versions.select("a", date.fromisoformat(on)).reason
    assert "3 versions known" in reason.en


@pytest.mark.parametrize(
    ("on", "reason"),
    [("2019-12-31", "first in force from 2020-01-01"), ("2024-01-01", "last in force until 2023-12-31")],
)
def test_an_older_version_never_comes_back(versions: Library, on: str, reason: str) -> None:
    with pytest.raises(NoSuchRule, match=reason):
        versions.select("a", date.fromisoformat(on))


def test_a_law_that_is_not_there(versions: Library, tmp_path: Path) -> None:
    with pytest.raises(NoSuchRule, match="'b' not found"):
        versions.select("b", date(2024, 1, 1))
    with pytest.raises(NoSuchRule, match="no file or folder"):
        Library.load([tmp_path / "nothing"])


def test_two_files_of_one_day_are_refused_and_two_areas_are_not(tmp_path: Path) -> None:
    (fault,) = errors_of(tmp_path / "same", {"a": constant(1), "b": constant(2)})
    assert fault.code == "duplicate-version" and fault.pointer == "b.yaml:1" and "a.yaml" in fault.en
    files = {
        "a": constant(1, gemeente_code="GM0001", **ORDINANCE),
        "b": constant(2, gemeente_code="GM0002", **ORDINANCE),
    }
    library = Library.load([write(tmp_path / "areas", files)])
    day = date(2024, 1, 1)
    assert value_of(library, "a", day, {"gemeente_code": "GM0001"}) == 1
    assert value_of(library, "a", day, {"gemeente_code": "GM0002"}) == 2


def test_an_area_is_one_of_the_case(tmp_path: Path) -> None:
    text = constant(1, gemeente_code="GM0001", **ORDINANCE)
    (regulation,) = Library.load([write(tmp_path, {"a": text})])
    assert applies_to(regulation, {"gemeente_code": "GM0001"})
    assert not applies_to(regulation, {"gemeente_code": "GM0002"})
    assert not applies_to(regulation, {"gemeente_code": ["GM0001"]})


PLACE = ir.Place("x.yaml", 1)
DAYS = st.integers(0, 40).map(lambda days: date(2024, 1, 1) + timedelta(days))


@st.composite
def version(draw: st.DrawFn) -> ir.Regulation:
    """Draw a version of a law for an area."""
    return ir.Regulation(
        id=draw(st.sampled_from(["a", "b"])),
        name="",
        layer="WET",
        dialect="exact",
        schema_version="0.8.0",
        place=PLACE,
        sha256="",
        articles=(),
        valid_from=draw(st.none() | DAYS),
        valid_to=draw(st.none() | DAYS),
        jurisdiction=draw(st.sampled_from(["", "GM0001", "PV20"])),
    )


@given(
    st.lists(version(), max_size=12),
    DAYS,
    st.dictionaries(
        st.sampled_from(["gemeente_code", "provincie_code"]), st.sampled_from(["GM0001", "PV20", "GM0002"])
    ),
)
def test_the_index_chooses_as_a_walk_over_all_versions(
    found: list[ir.Regulation], on: date, parameters: dict[str, str]
) -> None:
    library = Library(found)
    ordered = sorted((item for item in found if item.id == "a"), key=lambda item: item.valid_from or date.min)
    here = [item for item in ordered if applies_to(item, parameters)] or ordered
    begun = [item for item in here if (item.valid_from or date.min) <= on]
    expected = begun[-1] if begun and not (begun[-1].valid_to and begun[-1].valid_to < on) else None
    try:
        chosen = library.select("a", on, parameters).regulation
    except NoSuchRule:
        chosen = None
    assert chosen is expected


# --- Delegation and priority ---


def test_the_highest_layer_fills_then_the_newest_then_the_default(tmp_path: Path) -> None:
    files = {
        "upper": DELEGATING,
        "policy": filling(1, "policy", regulatory_layer="BELEIDSREGEL", valid_from="2024-06-01"),
        "old": filling(2, "old", regulatory_layer="MINISTERIELE_REGELING", valid_from="2021-01-01"),
        "new": filling(3, "new", regulatory_layer="MINISTERIELE_REGELING", valid_from="2022-01-01"),
        "ended": filling(4, "ended", regulatory_layer="AMVB", valid_from="2023-01-01", valid_to="2023-01-31"),
        "town": filling(5, "town", gemeente_code="GM0001", valid_from="2020-06-01", **ORDINANCE),
    }
    library = Library.load([write(tmp_path, files)])
    expected = {"2020-02-01": 7, "2021-02-01": 2, "2022-02-01": 3, "2023-01-31": 4, "2023-02-01": 3, "2025-01-01": 3}
    for on, value in expected.items():
        assert value_of(library, "upper", date.fromisoformat(on)) == value, on
    town = {"gemeente_code": "GM0001"}
    assert value_of(library, "upper", date(2020, 7, 1), town) == 5
    assert value_of(library, "upper", date(2020, 7, 1), {"gemeente_code": "GM0002"}) == 7
    assert library.areas_that_fill("upper", "1", "norm", date(2020, 7, 1)) == ["GM0001"]
    found = library.fill(library.versions("upper")[0], "1", "norm", date(2025, 1, 1), town)
    assert found is not None and found.regulation.id == "new" and "MINISTERIELE_REGELING" in found.reason.en


def test_the_special_law_replaces_only_where_it_is_under_evaluation(tmp_path: Path) -> None:
    special = """
    overrides: [{law: general, article: '1', output: x}]
    execution: {actions: [{output: x, value: 4}]}
    """
    files = {"general": constant(6, "general"), "special": law(article(special), "special", valid_from="2024-01-01")}
    library = Library.load([write(tmp_path, files)])
    day = date(2024, 6, 1)
    assert library.override_of("general", "1", "x", day, ["general"]) is None
    found = library.override_of("general", "1", "x", day, ["special", "general"])
    assert found is not None and found[0].id == "special" and found[1].number == "1"
    assert library.override_of("general", "1", "x", date(2023, 6, 1), ["special"]) is None
    assert library.special_laws == {"special"}


def test_hooks_fire_by_character_stage_and_type(tmp_path: Path) -> None:
    def fires(applies: str) -> str:
        return f"hooks: [{{hook_point: post_actions, applies_to: {applies}}}]\n" + CONSTANT.format(1)

    general = (
        article(fires("{legal_character: BESCHIKKING}"), "1")
        + article(fires("{legal_character: BESCHIKKING, decision_type: TOEKENNING}"), "2").replace(
            "output: x", "output: y"
        )
        + article(fires("{legal_character: BESCHIKKING, stage: BEZWAAR}"), "3").replace("output: x", "output: z")
    )
    library = Library.load([write(tmp_path, {"general": law(general, "general")})])

    def numbers(decision_type: str, stage: str, character: str = "BESCHIKKING") -> list[str]:
        decision = ir.Article("9", "", "", PLACE, legal_character=character, decision_type=decision_type)
        return [hooked.number for _, hooked, _ in library.hooks_on(decision, "post_actions", stage, date(2024, 1, 1))]

    assert numbers("TOEKENNING", "BESLUIT") == ["1", "2"]
    assert numbers("AFWIJZING", "BESLUIT") == ["1"]
    assert numbers("", "BEZWAAR") == ["3"]
    assert numbers("", "BESLUIT", "") == []


# --- Files ---


def test_files_come_in_a_fixed_order_and_others_are_left_alone(tmp_path: Path) -> None:
    write(tmp_path / "b", {"z": "", "a": ""})
    (tmp_path / "a.yml").write_text("")
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "dir.yaml").mkdir()
    names = [file.relative_to(tmp_path).as_posix() for _, file in list_law_files([tmp_path, tmp_path / "a.yml"])]
    assert names == ["a.yml", "b/a.yaml", "b/z.yaml", "a.yml"]


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "not-a-law"), (b"a: " + b"x" * 20_000_000, "law-too-large"), (b"\0", "not-text")],
)
def test_a_file_that_is_no_law_is_refused_with_the_others(tmp_path: Path, content: bytes, code: str) -> None:
    faults = errors_of(tmp_path, {"a": content, "b": constant(1).replace("$id", "id")})
    assert [(fault.pointer.split(":")[0], fault.code) for fault in faults] == [
        ("a.yaml", code),
        ("b.yaml", "missing-key"),
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    write(tmp_path, {"a": constant(1)})
    (tmp_path / "a.yaml").chmod(0)
    assert errors_of(tmp_path, {})[0].code == "unreadable-law"
