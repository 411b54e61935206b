"""The table of public bodies against figures published by others and against the raw sources."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from eendracht.reference import OBSERVED_ON, PublicBody, load_public_bodies, load_sources

BODIES = load_public_bodies()
BY_CODE = {body.code: body for body in BODIES}
Shared = Callable[..., Path]

# Statistics Netherlands, population on 1 January 2023 by province.
INHABITANTS_2023 = {
    "Groningen": 596_075,
    "Fryslân": 659_551,
    "Drenthe": 502_051,
    "Overijssel": 1_184_333,
    "Flevoland": 444_701,
    "Gelderland": 2_133_708,
    "Utrecht": 1_387_643,
    "Noord-Holland": 2_952_622,
    "Zuid-Holland": 3_804_906,
    "Zeeland": 391_124,
    "Noord-Brabant": 2_626_210,
    "Limburg": 1_128_367,
}


def of_type(body_type: str) -> list[PublicBody]:
    return [body for body in BODIES if body.type == body_type]


def find(word: str) -> list[PublicBody]:
    names = ((body, {body.name, body.short_name, body.abbreviation, *body.also_known_as}) for body in BODIES)
    return [body for body, known in names if word in known]


@pytest.mark.parametrize(
    ("body_type", "count"), [("municipality", 342), ("province", 12), ("water-board", 21), ("ministry", 12)]
)
def test_as_many_stand_as_the_government_says(body_type: str, count: int) -> None:
    standing = [body for body in of_type(body_type) if body.is_valid_on(OBSERVED_ON)]
    assert len(standing) == count
    assert all(body.oin and body.tooi for body in standing)
    assert len({body.oin for body in standing}) == count


def test_there_are_342_municipalities_since_2023() -> None:
    assert sum(body.is_valid_on(date(2023, 1, 1)) is True for body in of_type("municipality")) == 342


def test_there_are_25_safety_regions_each_in_one_province() -> None:
    regions = of_type("safety-region")
    assert sorted(body.cbs for body in regions) == [f"VR{number:02}" for number in range(1, 26)]
    provinces: defaultdict[str, set[str]] = defaultdict(set)
    for body in of_type("municipality"):
        if body.safety_region:
            provinces[body.safety_region].add(body.province)
    assert {code: {BY_CODE[code].province} for code in provinces} == provinces
    assert provinces.keys() == {body.code for body in regions}


def test_inhabitants_are_those_of_statistics_netherlands() -> None:
    assert sum(INHABITANTS_2023.values()) == 17_811_291, "the figures of the provinces add up to the published total"
    assert {body.short_name: body.inhabitants for body in of_type("province")} == INHABITANTS_2023
    for body_type in ("municipality", "safety-region"):
        assert sum(body.inhabitants or 0 for body in of_type(body_type)) == 17_811_291
    assert {body.inhabitants_year for body in BODIES} == {None, 2023}


def test_codes_are_unique_ordered_and_fit_for_a_ref() -> None:
    codes = [body.code for body in BODIES]
    assert codes == sorted(set(codes))
    assert all(re.fullmatch(r"(gm|pv|ws|mnre|oorg|so|zb|col|hv_)\d+|oin\.\d{20}|roo\.\d+", code) for code in codes)
    assert all(body.code == body.tooi.rpartition("/")[2] for body in BODIES if body.tooi)


def test_identifiers_have_their_shape_and_references_resolve() -> None:
    for body in BODIES:
        assert re.fullmatch(r"(\d{9})?", body.rsin) and re.fullmatch(r"(\d{8})?", body.kvk), body.code
        assert all(ref in BY_CODE for ref in (body.parent, body.safety_region, body.province) if ref), body.code
        assert (body.lon is None) == (body.lat is None) == (body.inhabitants is None), body.code
        assert body.source[0]


def test_intervals_are_half_open_and_agree_with_the_status() -> None:
    for body in BODIES:
        assert not (body.valid_from and body.valid_until) or body.valid_from < body.valid_until, body.code
        assert (body.status == "ended") == (body.valid_until is not None), body.code
        assert body.valid_until is None or body.valid_until <= OBSERVED_ON, body.code
        assert body.announced_end is None or body.announced_end > OBSERVED_ON, body.code
        assert body.valid_from != date(1900, 1, 1), body.code


@pytest.mark.parametrize(
    ("code", "first_day_after"),
    [
        ("gm0457", date(2022, 3, 24)),  # Weesp joined Amsterdam on 24 March 2022
        ("gm0600", date(2010, 3, 18)),  # Rozenburg joined Rotterdam on 18 March 2010
        ("gm0499", date(2014, 1, 1)),  # Boskoop joined Alphen aan den Rijn
        ("gm1921", date(2015, 7, 1)),  # De Friese Meren became De Fryske Marren
        ("gm0240", date(2006, 5, 19)),  # Groenlo became Oost Gelre
        ("gm0079", date(2019, 1, 1)),  # Kollumerland joined Noardeast-Fryslân
        ("ws0151", date(2016, 1, 1)),  # Groot Salland joined Drents Overijsselse Delta
        ("ws0153", date(2013, 1, 1)),  # Veluwe joined Vallei en Veluwe
        ("mnre0170", date(2010, 10, 14)),  # Verkeer en Waterstaat became Infrastructuur en Milieu
        ("hv_41004458", date(2024, 7, 2)),  # the Schoof cabinet took office on 2 July 2024
        ("hv_22300580", date(2026, 2, 23)),
    ],
)
def test_known_ends(code: str, first_day_after: date) -> None:
    body = BY_CODE[code]
    assert body.valid_until == first_day_after
    assert body.is_valid_on(first_day_after) is False
    assert body.is_valid_on(first_day_after - timedelta(days=1)) is True


def test_renamed_ministries_follow_each_other_without_gap_or_overlap() -> None:
    for chain in (["hv_41004458", "hv_22300580"], ["hv_04793043", "hv_04795600"]):
        for one, other in pairwise(BY_CODE[code] for code in chain):
            assert one.valid_until == other.valid_from


def test_bodies_that_stand_do_not_end_with_an_official() -> None:
    for body in [*of_type("province"), BY_CODE["ws0372"], BY_CODE["ws0651"], BY_CODE["ws0661"]]:
        assert (body.valid_until, body.announced_end, body.status) == (None, None, "current")


def test_an_unknown_begin_gives_no_answer_for_the_past() -> None:
    assert BY_CODE["gm0344"].is_valid_on(date(1950, 1, 1)) is None
    assert BY_CODE["gm0344"].is_valid_on(date(2024, 1, 1)) is True
    assert BY_CODE["gm0499"].is_valid_on(date(2013, 1, 1)) is None
    assert BY_CODE["oorg10123"].is_valid_on(OBSERVED_ON) is None


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("UWV", "zb000117"),
        ("SVB", "zb000143"),
        ("DUO", "oorg10148"),
        ("CAK", "zb000211"),
        ("CJIB", "oorg10111"),
        ("RDW", "zb000149"),
        ("KVK", "zb000184"),
        ("Kadaster", "zb000195"),
        ("Dienst Toeslagen", "oorg12369"),
        ("Belastingdienst", "oorg12368"),
        ("CBS", "zb000193"),
        ("Logius", "oorg10117"),
        ("RvIG", "oorg10103"),
        ("IND", "oorg10222"),
        ("RIVM", "oorg10123"),
    ],
)
def test_the_executing_agencies_are_there(word: str, code: str) -> None:
    assert [body.code for body in find(word)] == [code]


def test_a_row_with_the_name_of_another_body_keeps_its_code_and_numbers() -> None:
    fryslan, flevoland = BY_CODE["so0460"], BY_CODE["so0638"]
    assert (fryslan.name, fryslan.abbreviation, fryslan.oin) == (
        "Veiligheidsregio Fryslân",
        "VRF",
        "00000001817371072000",
    )
    assert (flevoland.name, flevoland.oin, flevoland.province) == ("Veiligheidsregio Flevoland", "", "pv24")
    assert BY_CODE["zb000142"].name == "Staatsbosbeheer" and not BY_CODE["zb000142"].oin


def test_positions_are_near_the_places() -> None:
    for code, lon, lat in [
        ("gm0344", 5.12, 52.09),
        ("gm0363", 4.90, 52.37),
        ("gm0935", 5.69, 50.85),
        ("gm0014", 6.57, 53.22),
        ("pv24", 5.6, 52.5),
    ]:
        body = BY_CODE[code]
        assert body.lon == pytest.approx(lon, abs=0.15) and body.lat == pytest.approx(lat, abs=0.1)


def test_every_source_key_is_explained_and_the_map_has_its_line() -> None:
    sources = {source.source: source for source in load_sources()}
    assert {part.partition(":")[0] for body in BODIES for part in body.source} <= sources.keys()
    assert sources["map"].attribution == "© Kadaster / CBS, 2023"
    assert "CBS" in sources["cbs"].attribution
    assert sources["bodies"].licence == "CC0-1.0"


def test_reading_the_table_is_fast() -> None:
    code = (
        "import time, eendracht.reference as r; t = [time.perf_counter()];"
        "r.load_public_bodies(); print(time.perf_counter() - t[0])"
    )
    root = Path(__file__).parents[2]
    seconds = min(
        float(
            subprocess.run(
                [sys.executable, "-c", code], env={"PYTHONPATH": str(root / "src")}, capture_output=True, check=True
            ).stdout
        )
        for _ in range(5)
    )
    assert seconds < 0.05


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_row_with_a_tooi_code_is_there_with_its_own_numbers(shared: Shared) -> None:
    rows = [row for row in read(shared("reference", "data", "organisaties", "organisaties.csv")) if row["tooi"]]
    assert len(rows) == 1403
    for row in rows:
        body = BY_CODE[row["tooi"].split("/")[-1]]
        assert f"bodies:{row['id']}" in body.source
        for column, value in (("oin", body.oin), ("kvk", body.kvk), ("rsin", body.rsin), ("roo_id", body.roo)):
            assert row[column] in ("", value), row["id"]


def test_no_body_has_an_identifier_or_date_that_no_source_holds(shared: Shared) -> None:
    rows = read(shared("reference", "data", "organisaties", "organisaties.csv"))
    known = {column: {row[column] for row in rows} for column in ("oin", "kvk", "rsin", "roo_id", "begin", "einde")}
    ends = {date.fromisoformat(end) + timedelta(days=days) for end in known["einde"] if end for days in (0, 1)}
    for body in BODIES:
        assert body.oin in known["oin"] and body.kvk in known["kvk"] and body.rsin in known["rsin"]
        assert body.roo in known["roo_id"] | {""}
        assert body.valid_from is None or str(body.valid_from) in known["begin"]
        assert {body.valid_until, body.announced_end} <= ends | {None}


def test_every_tooi_code_is_there(shared: Shared) -> None:
    rows = read(shared("reference", "data", "organisaties", "tooi-namen.csv"))
    assert {row["tooi"] for row in rows} <= {body.tooi_uri for body in BODIES}


def test_municipal_facts_equal_the_raw_figures(shared: Shared) -> None:
    rows = read(shared("reference", "craft", "nl-municipalities-2023.csv"))
    for row in rows:
        body = BY_CODE[row["code"].lower()]
        assert body.inhabitants == int(row["inhabitants_2023"])
        assert BY_CODE[body.safety_region].cbs == row["safety_region"]
    sums: Counter[str] = Counter()
    for row in rows:
        sums[row["safety_region"]] += int(row["inhabitants_2023"])
    assert {body.cbs: body.inhabitants for body in of_type("safety-region")} == dict(sums)
