"""The records of a day as an estate, against a plain evaluation of the same records that shares no code with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eendracht.kernel.access import OPERATOR, PUBLIC, Principal
from eendracht.kernel.errors import NotFound
from eendracht.kernel.estate import Seed, compute_failure_times, simulate
from eendracht.kernel.impact import assess_impact, count_spared, explain_impact, find_single_points, rank_suppliers
from eendracht.kernel.landscape import Landscape, build_landscape
from eendracht.kernel.store import Store
from tests.contract.engines import EDITOR, EMMEN, STRANGER
from tests.kernel.deliveries import TODAY, open_small_store, put

SUPPLIERS = [f"supplier:gm0114/s{n}" for n in range(5)]
THINGS = [
    "application:gm0114/a0",
    "application:gm0114/a1",
    "application:gm0114/a2",
    "platform:gm0114/p0",
    "platform:gm0114/p1",
    "component:gm0114/c0",
    "public-service:gm0114/d0",
]
GHOST = "component:gm0114/ghost"
ANYTHING = st.sampled_from([*THINGS, *SUPPLIERS, GHOST])
LEVELS = st.sampled_from(["public", "public", "public", "organisation"])
PERIODS = st.sampled_from(
    [(None, None), (None, None), ("2026-01-01", None), (None, "2026-06-01"), ("2027-01-01", None)]
)


# -- the plain evaluation ---------------------------------------------------------------------------------------------


@dataclass
class Version:
    """One write, as it was made."""

    ref: str
    level: str
    begin: str | None
    end: str | None
    spec: dict[str, Any]


@dataclass
class PlainLandscape:
    """The records of one day as dictionaries, evaluated by going round until nothing changes."""

    day: str
    records: dict[str, dict[str, Any]]
    names: dict[str, str]
    groups: dict[str, list[tuple[int, list[str]]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for ref, spec in self.records.items():
            self.groups[ref] = [self._settle(ref, k, members) for k, members in requirements_of(ref, spec)]

    def _settle(self, ref: str, k: int, members: list[str]) -> tuple[int, list[str]]:
        unique = list(dict.fromkeys(self.names.get(member, member) for member in members))
        k = min(k, len(unique))
        return (k - 1, [m for m in unique if m != ref]) if ref in unique else (k, unique)

    def fall(self, seeds: Iterable[str], ghosts_fall: bool) -> set[str]:
        """Give everything that fails with the seeds."""
        down = set(seeds)
        changed = True
        while changed:
            changed = False
            for ref, groups in self.groups.items():
                if ref in down:
                    continue
                for k, members in groups:
                    up = [m for m in members if m not in down and (m in self.records or not ghosts_fall)]
                    if len(up) < k:
                        down.add(ref)
                        changed = True
                        break
        return down

    @property
    def suppliers(self) -> list[str]:
        """Give the suppliers that are there."""
        return sorted(ref for ref in self.records if ref.startswith("supplier:"))

    def join(self) -> dict[str, str]:
        """Give for each supplier the smallest one that is the same party."""
        pairs = []
        for ref, spec in self.records.items():
            if ref.startswith("same-as:"):
                status = spec.get("status", "proposed")
                if status == "confirmed" or (status == "proposed" and float(spec["confidence"]) >= 0.9):
                    pairs.append(
                        (self.names.get(spec["left"], spec["left"]), self.names.get(spec["right"], spec["right"]))
                    )
        for number in ("kvk", "lei"):
            having = [ref for ref in self.suppliers if self.records[ref].get(number)]
            pairs += [(a, b) for a in having for b in having if self.records[a][number] == self.records[b][number]]
        result = {}
        for ref in self.suppliers:
            same = {ref}
            while True:
                more = {b for a, b in pairs if a in same} | {a for a, b in pairs if b in same}
                if more <= same:
                    break
                same |= more
            result[ref] = min(same & set(self.suppliers))
        return result

    def control(self) -> dict[str, set[str]]:
        """Give for each party those of which it, and whom it controls, hold more than half."""
        party = self.join()
        held: dict[tuple[str, str], float] = {}
        for ref in self.suppliers:
            of_record: dict[str, float] = {}
            for stake in self.records[ref].get("ownerships", ()):
                if (stake.get("validFrom") or "") <= self.day < (stake.get("validUntil") or "9999"):
                    owner = self.names.get(stake["owner"], stake["owner"])
                    owner = party.get(owner, owner)
                    of_record[owner] = of_record.get(owner, 0.0) + float(stake["share"])
            for owner, share in of_record.items():
                key = owner, party[ref]
                held[key] = max(held.get(key, 0.0), share)
        result = {}
        for one in set(party.values()):
            mine = {one}
            while True:
                more = {
                    other
                    for other in set(party.values()) - mine
                    if sum(held.get((owner, other), 0.0) for owner in mine) > 50
                }
                if not more:
                    break
                mine |= more
            result[one] = mine
        return result


def requirements_of(ref: str, spec: dict[str, Any]) -> Iterator[tuple[int, list[str]]]:
    """Yield k and members of everything that a record needs to run."""
    for name in ("requires", "hostedOn"):
        yield from ((1, [target]) for target in spec.get(name, ()))
    if spec.get("operatedBy"):
        yield 1, [spec["operatedBy"]]
    elif spec.get("hosting") == "saas" and spec.get("suppliedBy"):
        yield 1, [spec["suppliedBy"]]
    for group in spec.get("requirementGroups", ()):
        if group.get("phase", "run") == "run":
            yield group.get("k", 1), [member["provider"] for member in group["members"]]


def look(versions: list[Version], names: dict[str, str], day: str, sees_all: bool) -> PlainLandscape:
    """Give what is known of a day: of each record the last version that covers it, if the asker may see that one."""
    last: dict[str, Version] = {}
    for version in versions:
        if (version.begin or "") <= day < (version.end or "9999"):
            last[version.ref] = version
    seen = {ref: v for ref, v in last.items() if sees_all or v.level == "public"}
    renamed = {names.get(ref, ref): version.spec for ref, version in seen.items()}
    return PlainLandscape(day, renamed, {old: new for old, new in names.items() if new in renamed})


# -- random records ---------------------------------------------------------------------------------------------------


@st.composite
def groups(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a requirement group; it may name its own consumer, and one thing under two names."""
    members = draw(st.lists(ANYTHING, min_size=1, max_size=4, unique=True))
    phase = draw(st.sampled_from(["run", "run", "start"]))
    group: dict[str, Any] = {"k": draw(st.integers(1, len(members))), "phase": phase}
    if phase == "run":
        group["bufferHours"] = draw(st.sampled_from(["0", "4"]))
    return group | {"members": [{"provider": member} for member in members]}


@st.composite
def specs(draw: st.DrawFn, ref: str) -> dict[str, Any]:
    """Draw what a record of the kind may say."""
    kind = ref.partition(":")[0]
    spec: dict[str, Any] = {"name": ref}
    if kind == "supplier":
        if draw(st.booleans()):
            spec["kvk"] = draw(st.sampled_from(["11111111", "22222222", "33333333", "44444444"]))
        stakes = st.fixed_dictionaries(
            {"owner": st.sampled_from(SUPPLIERS), "share": st.sampled_from(["20", "30", "50", "51", "100"])},
            optional={
                "validUntil": st.sampled_from(["2025-01-01", TODAY.isoformat(), "2030-01-01"]),
                "validFrom": st.just("2026-02-01"),
            },
        )
        spec["ownerships"] = draw(st.lists(stakes, max_size=2))
    if draw(st.booleans()):
        spec["requires"] = draw(st.lists(ANYTHING.filter(lambda other: other != ref), max_size=2, unique=True))
    if draw(st.booleans()):
        spec["requirementGroups"] = [draw(groups())]
    if kind == "application":
        spec["hosting"] = draw(st.sampled_from(["saas", "unknown"]))
        spec["suppliedBy"] = draw(st.sampled_from([*SUPPLIERS, None]))
        spec["operatedBy"] = draw(st.sampled_from([None, None, SUPPLIERS[0]]))
        spec["hostedOn"] = draw(st.lists(st.sampled_from(["platform:gm0114/p0", "platform:gm0114/p1"]), max_size=1))
    if kind in ("application", "public-service", "platform"):
        spec["criticality"] = draw(st.sampled_from(["critical", "normal"]))
    return {name: value for name, value in spec.items() if value not in (None, [])}


@st.composite
def histories(draw: st.DrawFn) -> list[Version]:
    """Draw writes in order; a record may be written again, for all time or for a stretch."""
    refs = draw(st.lists(st.sampled_from([*THINGS, *SUPPLIERS]), min_size=4, max_size=14))
    versions = [Version(ref, draw(LEVELS), *draw(PERIODS), draw(specs(ref))) for ref in refs]
    for number in range(draw(st.integers(0, 3))):
        left, right = draw(st.lists(st.sampled_from([*SUPPLIERS, "supplier:gm0001/absent"]), min_size=2, max_size=2))
        claim = {
            "left": left,
            "right": right,
            "confidence": draw(st.sampled_from(["0.5", "0.89", "0.9", "1"])),
            "status": draw(st.sampled_from(["proposed", "proposed", "confirmed", "rejected"])),
        }
        versions.append(Version(f"same-as:gm0114/{number}", draw(LEVELS), None, None, {"name": "claim"} | claim))
    return versions


def write(store: Store, versions: Iterable[Version]) -> None:
    """Make the writes."""
    for version in versions:
        period = {"validFrom": version.begin, "validUntil": version.end}
        put(store, version.ref, level=version.level, **(version.spec | {k: v for k, v in period.items() if v}))


def compare(landscape: Landscape, plain: PlainLandscape) -> None:
    """Hold the landscape against the plain evaluation, failure by failure."""
    nodes = {thing.ref: number for number, thing in enumerate(landscape.things)}
    assert nodes.keys() - {EMMEN, "organisation:gm0228"} == {r for r in plain.records if not r.startswith("same-as:")}
    for ref, node in nodes.items():
        for case in ("best", "worst"):
            failed = compute_failure_times(landscape.estate, [Seed(node)], unknown=case).failed.tolist()
            names = {landscape.things[other].ref for other in failed}
            assert names == plain.fall([ref], ghosts_fall=case == "worst"), (ref, case)
    party, control = plain.join(), plain.control()
    assert dict(landscape.clusters) == party
    assert {ref: set(others) for ref, others in landscape.controlled.items()} == control
    critical = {ref for ref, spec in plain.records.items() if spec.get("criticality") == "critical"}
    ranking = rank_suppliers(landscape, counted=2)
    assert ranking == sorted(ranking, key=lambda item: (-item.failed_critical, -item.failed, item.ref))
    for place, found in enumerate(ranking):
        seeds = {ref for ref in plain.suppliers if party[ref] in control[found.ref]}
        down = plain.fall(seeds, ghosts_fall=False)
        assert found.failed == len(down - seeds) and found.failed_critical == len(down & critical)
        owners = {thing.owner for thing in landscape.things if thing.ref in down}
        assert found.organisations == (len(owners) if place < 2 else None)
    points, count = find_single_points(landscape)
    expected = {}
    for ref in plain.records:
        others = (plain.fall([ref], ghosts_fall=False) & critical) - {ref}
        if others and not ref.startswith("supplier:"):
            expected[ref] = len(others)
    assert {point.thing.ref: point.failed_critical for point in points} == expected and count == len(expected)


SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@SETTINGS
@given(versions=histories(), asker=st.sampled_from([OPERATOR, EDITOR, STRANGER, PUBLIC]))
def test_it_equals_the_plain_evaluation(
    versions: list[Version], asker: Principal, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with open_small_store(tmp_path_factory.mktemp("plain")) as store:
        write(store, versions)
        sees_all = asker in (OPERATOR, EDITOR)
        compare(build_landscape(store, asker), look(versions, {}, TODAY.isoformat(), sees_all))


@SETTINGS
@given(versions=histories(), data=st.data())
def test_it_looks_back_in_both_times(
    versions: list[Version], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    day = data.draw(st.sampled_from(["2025-07-01", "2026-05-31", "2026-06-01", "2027-01-01"]))
    count = data.draw(st.integers(0, len(versions)))
    with open_small_store(tmp_path_factory.mktemp("back")) as store:
        before = store.size
        write(store, versions)
        now = build_landscape(store, OPERATOR, date.fromisoformat(day))
        compare(now, look(versions, {}, day, True))
        then = build_landscape(store, OPERATOR, date.fromisoformat(day), known_at=before + count)
        compare(then, look(versions[:count], {}, day, True))


@SETTINGS
@given(versions=histories(), data=st.data())
def test_former_names_lead_to_the_same_thing(
    versions: list[Version], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Names change, and what was said under the old one, or later under the new one, means the same thing."""
    lasting = [Version(v.ref, "public", None, None, v.spec) for v in versions]
    there = sorted({v.ref for v in lasting if not v.ref.startswith("same-as:")})
    renamed = data.draw(st.lists(st.sampled_from(there), max_size=3, unique=True))
    names = {ref: f"{ref}-nieuw" for ref in renamed}
    with open_small_store(tmp_path_factory.mktemp("names")) as store:
        write(store, lasting)
        for old, new in names.items():
            store.rename(old, new, OPERATOR)
        if renamed:
            put(store, "component:gm0114/later", level="public", requires=[names[renamed[0]]])
            lasting.append(Version("component:gm0114/later", "public", None, None, {"requires": [names[renamed[0]]]}))
        landscape = build_landscape(store, OPERATOR)
        compare(landscape, look(lasting, names, TODAY.isoformat(), True))
        for old, new in names.items():
            assert landscape.locate(old) == landscape.locate(new)


# -- by hand ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give a store with two municipalities."""
    with open_small_store(tmp_path) as opened:
        yield opened


def test_two_stakes_together_make_control_and_one_stake_told_twice_does_not(store: Store) -> None:
    put(store, "supplier:gm0114/top")
    put(store, "supplier:gm0114/middle", ownerships=[{"owner": "supplier:gm0114/top", "share": "51"}])
    stakes = [{"owner": "supplier:gm0114/top", "share": "30"}, {"owner": "supplier:gm0114/middle", "share": "21"}]
    put(store, "supplier:gm0114/low", ownerships=stakes)
    half = [{"owner": "supplier:gm0114/top", "share": "40"}]
    put(store, "supplier:gm0114/twice", ownerships=half, kvk="11111111")
    put(store, "supplier:gm0114/twice-too", ownerships=half, kvk="11111111")
    controlled = build_landscape(store, OPERATOR).controlled["supplier:gm0114/top"]
    assert controlled == {f"supplier:gm0114/{name}" for name in ("top", "middle", "low")}


def test_no_record_that_the_store_accepts_makes_the_estate_unreadable(store: Store) -> None:
    """A group on itself, more hours than a century, one thing under two names: each is taken for what it means."""
    put(store, "platform:gm0114/p")
    store.rename("platform:gm0114/p", "platform:gm0114/q", OPERATOR)
    members = [{"provider": "platform:gm0114/p"}, {"provider": "platform:gm0114/q", "switchOverHours": "999999999"}]
    put(
        store,
        "application:gm0114/a",
        requires=["application:gm0114/a", "platform:gm0114/q"],
        requirementGroups=[
            {"k": 2, "bufferHours": "999999999", "members": members},
            {"k": 1, "members": [{"provider": "application:gm0114/a"}]},
        ],
    )
    found = assess_impact(build_landscape(store, OPERATOR), "platform:gm0114/p")
    assert [failure.thing.ref for failure in found.failures] == ["application:gm0114/a"]


def test_what_the_asker_may_not_see_is_no_part_of_it(store: Store) -> None:
    put(store, "platform:gm0114/geheim", level="restricted")
    put(store, "application:gm0114/a", level="public", requires=["platform:gm0114/geheim"], criticality="critical")
    with pytest.raises(NotFound) as hidden:
        build_landscape(store, STRANGER).locate("platform:gm0114/geheim")
    with pytest.raises(NotFound) as absent:
        build_landscape(store, STRANGER).locate("platform:gm0114/nergens")
    assert str(hidden.value).replace("geheim", "X") == str(absent.value).replace("nergens", "X")


def test_an_impact_says_why_down_to_what_failed_first(store: Store) -> None:
    put(store, "supplier:gm0114/s")
    put(store, "platform:gm0114/p", operatedBy="supplier:gm0114/s")
    group = {"label": "inloggen", "bufferHours": "8", "members": [{"provider": "platform:gm0114/p"}]}
    put(store, "application:gm0114/a", requirementGroups=[group], criticality="critical")
    found = assess_impact(build_landscape(store, OPERATOR), "supplier:gm0114/s")
    assert [(f.thing.ref, f.at_hours, f.is_critical) for f in found.failures] == [
        ("application:gm0114/a", 8.0, True),
        ("platform:gm0114/p", 0.0, False),
    ]
    path = [step.name for step in found.failures[0].path]
    assert path == ["application:gm0114/a", "platform:gm0114/p", "supplier:gm0114/s"]


def test_a_buffer_counts_only_for_the_group_that_it_belongs_to(store: Store) -> None:
    """Who needs a thing plainly stops with it at once, whatever buffer another group has; so says the simulation."""
    for name in ("system", "desk"):
        put(store, f"application:gm0114/{name}")
    group = {"label": "behandeling", "bufferHours": "4", "members": [{"provider": "application:gm0114/desk"}]}
    service = "public-service:gm0114/wmo"
    put(store, service, requires=["application:gm0114/system"], requirementGroups=[group])
    landscape = build_landscape(store, OPERATOR)
    node = landscape.locate(service)
    for failing, hours in (("system", 0.0), ("desk", 4.0)):
        ref = f"application:gm0114/{failing}"
        found = assess_impact(landscape, ref)
        simulated = simulate(landscape.estate, [Seed(landscape.locate(ref))], unknown="best")
        assert [failure.at_hours for failure in found.failures] == [hours]
        assert simulated.failed_seconds[node] == hours * 3600
        said = " ".join(step.nl for step in explain_impact(store, OPERATOR, found, "x").steps)
        assert ("buffer van 4 uur van groep 'behandeling' helpt hier niet" in said) is (failing == "system")


def test_what_was_only_supplied_is_counted_as_running_on(store: Store) -> None:
    put(store, "supplier:gm0114/s")
    put(store, "application:gm0114/a", operatedBy="supplier:gm0114/s", suppliedBy="supplier:gm0114/s")
    put(store, "application:gm0114/b", suppliedBy="supplier:gm0114/s")
    put(store, "contract:gm0114/c", buyer=EMMEN, supplier="supplier:gm0114/s")
    found = assess_impact(build_landscape(store, OPERATOR), "supplier:gm0114/s")
    spared = count_spared(store, OPERATOR, found)
    assert (spared.count, spared.fields) == (1, {"suppliedBy": 1})
