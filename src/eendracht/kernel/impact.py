"""What stops when something fails for good: one thing with its reasons, or every supplier in turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

import numpy as np

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import NotFound
from eendracht.kernel.estate import Seed, WitnessStep, compute_failure_times, explain_failures
from eendracht.kernel.estate import find_single_points as search_single_points
from eendracht.kernel.estate.witness import Language
from eendracht.kernel.explanation import Explanation, Input, Rule, place_of
from eendracht.kernel.kinds import Registry
from eendracht.kernel.landscape import NODES, Landscape, Thing
from eendracht.kernel.store import Store
from eendracht.kernel.wording import Said, say


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that stops: after how many hours, and the chain of causes that ends in what failed first."""

    thing: Thing
    at_hours: float
    is_critical: bool
    path: Sequence[WitnessStep]


@dataclass(frozen=True, slots=True)
class Impact:
    """What a failure brings down: in the best case every unresolved ref holds, in the worst none does."""

    name: str
    seeds: Sequence[Thing]
    failures: Sequence[Failure]
    worst_count: int
    landscape: Landscape = field(repr=False)

    def as_dict(self, language: str) -> dict[str, Any]:
        """Give the impact as plain data, the reasons as sentences."""
        spoken: Language = "nl" if language == "nl" else "en"
        return {
            "name": self.name,
            "seeds": [thing.ref for thing in self.seeds],
            "failedWorstCase": self.worst_count,
            "failures": [
                {
                    "ref": failure.thing.ref,
                    "name": failure.thing.name,
                    "atHours": round(failure.at_hours, 4),
                    "critical": failure.is_critical,
                    "why": [step.say(spoken) for step in failure.path],
                }
                for failure in self.failures
            ],
        }


_SIMULATION: Final = Rule(
    "failure",
    Said(
        "Iets stopt als van iets dat het nodig heeft te weinig overblijft; is daar een buffer voor, dan als die op is",
        "Something stops when too little is left of something that it needs; with a buffer, when that is spent",
    ),
)


def explain_impact(store: Store, asker: Principal, impact: Impact, name: str, why: str = "") -> Explanation:
    """Give the reasons why one thing stops (`why` is its ref; default the first): the chain back to what failed.

    Raises NotFound where the thing does not stop.
    """
    critical = sum(failure.is_critical for failure in impact.failures)
    verdict = say(
        "Als {name} voorgoed uitvalt, {n:stopt|stoppen} {n} {n:ander ding|andere dingen}, waarvan {critical} kritiek",
        "If {name} fails for good, {n} other {n:thing stops|things stop}, {critical} of them critical",
        name=name,
        n=len(impact.failures),
        critical=critical,
    )
    unknown = impact.worst_count - len(impact.failures)
    changes = [
        say(
            "Een onafhankelijk alternatief voor wat het eerst wegvalt, voorkomt deze keten.",
            "An independent alternative for what is lost first prevents this chain.",
        )
    ]
    if unknown:
        changes.append(
            say(
                "Van nog {n} {n:ding|dingen} is niet te zeggen of {n:het doorloopt|ze doorlopen}: leg eerst vast wat"
                " {n:het nodig heeft|ze nodig hebben}.",
                "Of {n} more {n:thing|things} it cannot be said whether {n:it keeps|they keep} running: record first"
                " what {n:it needs|they need}.",
                n=unknown,
            )
        )
    if not impact.failures:
        return Explanation(verdict, _SIMULATION, changes=changes[1:])
    chosen = next((f for f in impact.failures if f.thing.ref == why), None) if why else impact.failures[0]
    if chosen is None:
        raise NotFound(f"{why[:100]} does not stop", hint="Choose one of the things in the table.")
    names = {thing.ref: thing.name for thing in (*impact.seeds, *(failure.thing for failure in impact.failures))}
    codes = list_codes(store.registry)
    path = [name_step(step, names, codes) for step in reversed(chosen.path)]
    steps = [Said(step.say("nl"), step.say("en")) for step in path]
    steps += _say_idle_buffers(impact.landscape, chosen)
    return Explanation(verdict, _SIMULATION, _inputs(store, asker, chosen), 0, steps, changes)


def list_codes(registry: Registry) -> Set[str]:
    """Give the labels of groups that follow from a field, which are codes and no words; others were made by people."""
    return {path.field for kind in registry for path in kind.requirements} | {"saas"}


def name_step(step: WitnessStep, names: Mapping[str, str], codes: Set[str]) -> WitnessStep:
    """Give a step with the names of things in the place of their refs, and without codes of fields."""

    def name(text: str) -> str:
        return "" if text in codes else names.get(text, text)

    causes = tuple(replace(cause, name=name(cause.name), via=name(cause.via)) for cause in step.causes)
    return replace(step, name=name(step.name), label=name(step.label), causes=causes)


def _say_idle_buffers(landscape: Landscape, failure: Failure) -> list[Said]:
    """Say of each buffer of what stops that it does not help: it belongs to another group than the one that falls."""
    table, last = landscape.estate.run, failure.path[0]
    said = []
    for group in table.groups_of(last.node):
        hours = int(table.buffer_seconds[group]) / 3600
        if not hours or int(table.source[group]) == last.group:
            continue
        label = landscape.estate.label_of(table, group)
        said.append(
            say(
                "De buffer van {hours} uur{of_nl} helpt hier niet: die is voor iets anders dan wat hier wegvalt",
                "The buffer of {hours} h{of_en} does not help here: it is for something else than what is lost here",
                hours=f"{hours:g}",
                of_nl=f" van groep '{label}'" if label else "",
                of_en=f" of group '{label}'" if label else "",
            )
        )
    return said


def _inputs(store: Store, asker: Principal, failure: Failure) -> list[Input]:
    """Give the records of the chain: each says itself what it needs."""
    refs = list(dict.fromkeys(step.name for step in failure.path))
    records = store.get_among(refs, asker)
    inputs = []
    for record in sorted(records, key=lambda item: refs.index(item.ref)):
        source = record.data["source"]
        inputs.append(Input(Said(record.name, record.name), Said("", ""), record.ref, place_of(record), source["date"]))
    return inputs


@dataclass(frozen=True, slots=True)
class Spared:
    """How many things refer to what fails and keep running, and by which fields."""

    count: int
    fields: Mapping[str, int]


def count_spared(store: Store, asker: Principal, impact: Impact, most: int = 10_000) -> Spared:
    """Count what hangs on what fails and does not stop with it, such as what it only supplied; no paper."""
    stops = {thing.ref for thing in impact.seeds} | {failure.thing.ref for failure in impact.failures}
    things: set[str] = set()
    fields: Counter[str] = Counter()
    for record in store.get_among([thing.ref for thing in impact.seeds], asker):
        for item in store.incoming(record.uid, asker, None, most):
            if item.ref not in stops and item.ref.partition(":")[0] in NODES:
                things.add(item.ref)
                fields[item.field] += 1
    return Spared(len(things), dict(fields.most_common()))


@dataclass(frozen=True, slots=True)
class SupplierImpact:
    """What stops with one supplier (its same-as cluster and all it controls), itself not counted."""

    ref: str
    name: str
    controls: int
    failed: int
    failed_critical: int
    organisations: int | None
    """How many organisations own something that stops; None where that was not counted."""

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return asdict(self)


def seeds_for(landscape: Landscape, name: str) -> list[int]:
    """Give the nodes that fail when this does: for a supplier its cluster and all it controls; raises NotFound."""
    node = landscape.locate(name)
    thing = landscape.things[node]
    if thing.kind == "supplier":
        return landscape.seeds_of(landscape.clusters[thing.ref])
    return [node]


def assess_impact(landscape: Landscape, name: str) -> Impact:
    """Let something fail for good and give what stops, critical things first, then in order of time."""
    nodes = seeds_for(landscape, name)
    seeds = [Seed(node) for node in nodes]
    best = compute_failure_times(landscape.estate, seeds, unknown="best")
    worst = compute_failure_times(landscape.estate, seeds, unknown="worst")
    witnesses = explain_failures(best)
    hours = best.hours
    critical = landscape.estate.critical
    failed = sorted(set(best.failed.tolist()) - set(nodes))
    failed.sort(key=lambda node: (not critical[node], hours[node], landscape.things[node].ref))
    failures = [
        Failure(landscape.things[node], float(hours[node]), bool(critical[node]), witnesses.path(node))
        for node in failed
    ]
    seeds_there = [landscape.things[node] for node in nodes]
    return Impact(name, seeds_there, failures, len(worst.failed) - len(nodes), landscape)


def rank_suppliers(landscape: Landscape, counted: int) -> list[SupplierImpact]:
    """Let every supplier stop in turn and give what stops, the most critical first.

    For the first `counted` the organisations are counted too; that takes some 10 ms each on a national estate.
    """
    sweep = landscape.sweep_suppliers()
    ranking = []
    for scenario, cluster in enumerate(landscape.supplier_clusters):
        thing = landscape.things[landscape.locate(cluster)]
        impact = SupplierImpact(
            thing.ref,
            thing.name,
            len(landscape.controlled[cluster]) - 1,
            int(sweep.failed_count[scenario]) - len(landscape.seeds_of(cluster)),
            int(sweep.failed_critical_count[scenario]),
            None,
        )
        ranking.append((scenario, impact))
    ranking.sort(key=lambda pair: (-pair[1].failed_critical, -pair[1].failed, pair[1].ref))
    first = [
        replace(impact, organisations=len({landscape.things[node].owner for node in sweep.list_failed(scenario)}))
        for scenario, impact in ranking[:counted]
    ]
    return first + [impact for _, impact in ranking[counted:]]


@dataclass(frozen=True, slots=True)
class SinglePoint:
    """A thing whose failure alone stops something critical; itself not counted."""

    thing: Thing
    failed_critical: int
    failed: int


def find_single_points(landscape: Landscape, most: int = 5_000) -> tuple[list[SinglePoint], int]:
    """Give the things whose failure alone stops something critical, the worst first, and how many there are.

    Suppliers are judged with all they control by `rank_suppliers`. Of more than `most` only those with the most
    consumers are weighed and given.
    """
    estate = landscape.estate
    found = search_single_points(estate, unknown="best").nodes
    found = found[[landscape.things[node].kind != "supplier" for node in found.tolist()]] if len(found) else found
    consumers = np.bincount(estate.run.provider, minlength=len(estate) + 1)
    nodes = found[np.argsort(-consumers[found], kind="stable")][:most].tolist()
    sweep = landscape.sweep_nodes(nodes)
    points = [
        SinglePoint(
            landscape.things[node],
            int(sweep.failed_critical_count[at]) - int(estate.critical[node]),
            int(sweep.failed_count[at]) - 1,
        )
        for at, node in enumerate(nodes)
    ]
    points.sort(key=lambda point: (-point.failed_critical, -point.failed, point.thing.ref))
    return points, len(found)
