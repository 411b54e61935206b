from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path

import orjson
import pytest
from scipy.sparse import coo_array  # type: ignore[import-untyped]
from scipy.sparse.csgraph import connected_components  # type: ignore[import-untyped]
from tests.demo.landscape import PlainEstate, digest, groups_of, make_bodies

from eendracht.demo import PlantedWeaknesses, Size, generate_estate, write_planted
from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.kinds import Registry, shared_kinds
from eendracht.kernel.records import prepare

ROOT = Path(__file__).parents[2]
NODE_KINDS = {
    "supplier", "public-service", "business-process", "application", "interface", "component", "dataset",
    "platform", "facility", "failure-domain", "team", "domain-name",
}  # fmt: skip
SEEDS = (1, 2, 20261101)


@pytest.fixture(scope="module")
def national() -> tuple[PlainEstate, PlantedWeaknesses, set[str]]:
    estate = generate_estate("national", 7, make_bodies())
    return PlainEstate(estate.drafts, estate.on.isoformat()), estate.planted, set(estate.organisations)


@pytest.mark.parametrize("seed", SEEDS)
def test_small_estate_is_valid_complete_and_quick(seed: int) -> None:
    begun = time.perf_counter()
    estate = generate_estate("small", seed, make_bodies())
    drafts = list(estate.drafts)
    assert time.perf_counter() - begun < 1
    assert len(drafts) == estate.draft_count
    assert 600 <= len(drafts) <= 1_600
    assert len(estate.organisations) == 12
    registry = Registry(shared_kinds())
    for draft in drafts:
        prepared = prepare(draft, registry)
        assert prepared.source == "synthetic"
        assert draft["source"]["system"] == "eendracht demo"
        assert draft["owner"] in estate.organisations
    kinds = {draft["ref"].partition(":")[0] for draft in drafts}
    wanted = {"reference-component", "contract", "same-as", "processing-activity", "role", "agreement"}
    assert kinds >= NODE_KINDS | wanted
    assert "organisation" not in kinds


def test_small_estate_holds_what_a_demonstration_shows() -> None:
    estate = generate_estate("small", 3, make_bodies())
    plain = PlainEstate(estate.drafts, estate.on.isoformat())
    specs = plain.specs.values()
    contracts = [spec for ref, spec in plain.specs.items() if ref.startswith("contract:")]
    soon = [spec for spec in contracts if "2026-11-01" < spec.get("endDate", "") < "2027-02-01"]
    assert soon
    assert sum("exitPlan" not in spec for spec in contracts) > 10
    assert any(spec.get("hosting") == "unknown" for spec in specs)
    assert any(spec.get("criticality") == "unknown" for spec in specs)
    assert plain.unresolved
    assert any(len(spec.get("ownerships", ())) > 1 for spec in specs)
    assert not any(field in spec for spec in specs for field in ("kvk", "lei"))
    services = [spec for ref, spec in plain.specs.items() if ref.startswith("public-service:")]
    assert all(spec["usesPerDay"] >= 1 for spec in services)


def test_national_estate_has_the_size_that_is_measured(
    national: tuple[PlainEstate, PlantedWeaknesses, set[str]],
) -> None:
    plain, _, organisations = national
    kinds = Counter(ref.partition(":")[0] for ref in plain.specs)
    assert sum(kinds[kind] for kind in NODE_KINDS) == 200_000
    assert kinds["supplier"] == 5_000
    assert 380 <= len(organisations) <= 420
    edges = sum(len(members) for _, _, members in plain.groups)
    for count, target in (
        (len(plain.groups), 585_000),
        (len(plain.groups) + plain.start_groups, 585_000),
        (edges, 1_000_000),
        (edges + plain.start_groups, 1_000_000),
    ):
        assert count == pytest.approx(target, rel=0.01)
    assert all(len(set(members)) == len(members) for _, _, members in plain.groups)
    redundant = sum(k < len(members) for _, k, members in plain.groups)
    assert redundant > 0.25 * len(plain.groups)
    assert any(1 < k < len(members) for _, k, members in plain.groups)


def test_national_estate_has_hubs_and_a_small_share_of_cycles(
    national: tuple[PlainEstate, PlantedWeaknesses, set[str]],
) -> None:
    plain, _, _ = national
    uses = sorted((len(plain.used_in.get(ref, ())) for ref in plain.specs if ref.startswith("supplier:")), reverse=True)
    assert uses[0] > 100 * uses[len(uses) // 4]
    number = {ref: place for place, ref in enumerate(plain.specs)}
    pairs = [(number[c], number[m]) for c, _, members in plain.groups for m in members if m in number]
    rows, columns = zip(*pairs, strict=True)
    size = len(number)
    _, label = connected_components(coo_array(([True] * len(rows), (rows, columns)), (size, size)), connection="strong")
    sizes = Counter(label.tolist())
    in_cycles = sum(count for count in sizes.values() if count > 1)
    assert 0.001 * size < in_cycles < 0.05 * size


def test_national_owners_form_trees_up_to_four_deep(
    national: tuple[PlainEstate, PlantedWeaknesses, set[str]],
) -> None:
    plain, _, _ = national
    owner = {
        ref: above for above, below in plain.owns.items() for ref in below if "same-as" not in ref
        and any(stake["owner"] == above for stake in plain.specs[ref].get("ownerships", ()))
    }  # fmt: skip

    def depth(ref: str) -> int:
        steps = 0
        while ref in owner:
            ref, steps = owner[ref], steps + 1
            assert steps <= 4, "deeper than four, or a circle"
        return steps

    depths = Counter(depth(ref) for ref in plain.specs if ref.startswith("supplier:"))
    assert set(depths) == {0, 1, 2, 3, 4}
    stakes = [stake for spec in plain.specs.values() for stake in spec.get("ownerships", ())]
    assert any(float(stake["share"]) <= 50 for stake in stakes)
    assert any("validUntil" in stake for stake in stakes)


def test_a_sample_of_the_national_estate_is_valid() -> None:
    estate = generate_estate("national", 8, make_bodies())
    registry = Registry(shared_kinds())
    count = 0
    for count, draft in enumerate(estate.drafts, 1):
        if count % 53 == 0:
            assert prepare(draft, registry).source == "synthetic"
    assert count == estate.draft_count


def check_planted(plain: PlainEstate, planted: PlantedWeaknesses) -> None:
    """Judge the answer sheet by plain propagation over what the drafts say."""
    assert not plain.fall() & set(plain.specs)
    for point in planted.single_points:
        down = plain.fall(point.node)
        assert down.issuperset(point.stops), point
        assert down.issuperset(point.members), point
    missing = set(plain.unresolved)
    worst = plain.fall(*missing)
    for point in planted.possible_points:
        assert not plain.fall(point.node).intersection(point.stops), "must hang on what is unresolved"
        assert not worst.intersection(point.stops), "must be up before anything fails"
        assert plain.fall(point.node, *missing).issuperset(point.stops), point
    for point in planted.single_points + planted.possible_points:
        assert point.stops
        for service in point.stops:
            assert plain.specs[service]["criticality"] == "critical"
            assert point.node not in plain.without_alternative(service), "must not be obvious"
            groups = [(k, m) for k, m in groups_of(plain.specs[service]) if set(point.members) <= set(m)]
            assert any(k < len(members) for k, members in groups), "must look redundant"


@pytest.mark.parametrize("seed", SEEDS)
def test_small_planted_weaknesses_really_stop_what_they_name(seed: int) -> None:
    estate = generate_estate("small", seed, make_bodies())
    assert len(estate.planted.single_points) == 8
    assert len({point.hiding for point in estate.planted.single_points}) == 8
    assert len(estate.planted.possible_points) == 1
    check_planted(PlainEstate(estate.drafts, estate.on.isoformat()), estate.planted)


def test_national_planted_weaknesses_really_stop_what_they_name(
    national: tuple[PlainEstate, PlantedWeaknesses, set[str]],
) -> None:
    plain, planted, _ = national
    assert len({point.node for point in planted.single_points}) == 40
    assert len(planted.possible_points) == 4
    check_planted(plain, planted)


@pytest.mark.parametrize(("size", "seed"), [("small", 5), ("national", 5)])
def test_the_same_seed_gives_the_same_bytes_in_another_process(size: Size, seed: int) -> None:
    estate = generate_estate(size, seed, list(reversed(make_bodies())))
    here = digest(estate.drafts, estate.planted)
    code = (
        "from eendracht.demo import generate_estate; from tests.demo.landscape import digest, make_bodies\n"
        f"e = generate_estate({size!r}, {seed}, make_bodies()); print(digest(e.drafts, e.planted))"
    )
    for hash_seed in ("0", "4711"):
        path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": hash_seed, "TZ": "Pacific/Auckland"}
        run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        assert run.stdout.strip() == here


def test_another_seed_gives_another_estate() -> None:
    first, second = (generate_estate("small", seed, make_bodies()) for seed in (1, 2))
    assert digest(first.drafts, first.planted) != digest(second.drafts, second.planted)


def test_dates_follow_the_day_that_is_asked_for() -> None:
    estate = generate_estate("small", 1, make_bodies(), on=date(2030, 2, 28))
    assert {draft["source"]["date"] for draft in estate.drafts} == {"2030-02-28"}


@pytest.mark.parametrize("size", ["small", "national"])
def test_too_few_bodies_are_refused(size: Size) -> None:
    with pytest.raises(InvalidInput, match="at least 12"):
        generate_estate(size, 1, make_bodies()[:11])


@pytest.mark.parametrize("only", ["municipality", "ministry"])
def test_an_estate_can_be_made_of_one_sort_of_body(only: str) -> None:
    bodies = [body for body in make_bodies() if body.type == only]
    estate = generate_estate("small", 1, bodies)
    check_planted(PlainEstate(estate.drafts, estate.on.isoformat()), estate.planted)


def test_the_answer_sheet_is_readable_json(tmp_path: Path) -> None:
    planted = generate_estate("small", 1, make_bodies()).planted
    write_planted(tmp_path / "planted.json", planted)
    sheet = orjson.loads((tmp_path / "planted.json").read_bytes())
    assert [point["node"] for point in sheet["singlePoints"]] == [point.node for point in planted.single_points]
    assert sheet["possiblePoints"][0]["hiding"] == "unresolved-standby"
