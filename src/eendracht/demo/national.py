"""The national estate: 200,000 nodes with a million references, streamed as drafts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

import numpy as np

from eendracht.demo.bodies import Body, serves
from eendracht.demo.drafts import AUTHORITY, Draft, DraftMaker
from eendracht.demo.national_graph import Column, NationalGraph
from eendracht.demo.national_plan import (
    CONTRACT_COUNT,
    DANGLING_COUNT,
    LAYERS,
    NODE_COUNT,
    PLANTED,
    POSSIBLE,
)
from eendracht.demo.planted import Overlay, PlantedWeaknesses
from eendracht.demo.planting import plant

_CHUNK: Final = 4_096
_BUFFERS: Final = ("2", "4", "8", "24")
_LIFECYCLE: Final = ("in-use", "in-use", "in-use", "in-use", "in-use", "phasing-out", "planned", "unknown")
_HOSTING: Final = ("saas", "public-cloud", "private-cloud", "on-premises", "hybrid", "unknown")
_FIXED: Final[Mapping[str, dict[str, Any]]] = {
    "power": {"type": "power"},
    "site": {"type": "data-centre"},
    "server": {"type": "server"},
    "database": {"type": "database"},
    "middleware": {"type": "service"},
}
"""What all nodes of a layer say of themselves."""
_LEVELS: Final = {"public-service": "public", "domain-name": "public", "component": "organisation"}


def build_national(
    rng: np.random.Generator, bodies: Sequence[Body], on: date
) -> tuple[int, Iterator[Draft], PlantedWeaknesses]:
    """Draw the national estate; gives the number of drafts, the drafts as a stream, and what is hidden in them."""
    graph = NationalGraph(rng, bodies, on)
    planted, overlays = plant(graph, PLANTED, POSSIBLE)
    picks = rng.integers(2**30, size=(CONTRACT_COUNT, 4)).tolist()
    count = NODE_COUNT + len(graph.market.claims) + CONTRACT_COUNT
    return count, _Stream(graph, overlays, on).drafts(picks), planted


class _Stream:
    def __init__(self, graph: NationalGraph, overlays: Mapping[str, Overlay], on: date) -> None:
        self._graph = graph
        self._overlays = overlays
        self._maker = DraftMaker(on)
        self._on = on
        self._tested = [(on - timedelta(days=40 * step)).isoformat() for step in range(1, 33)]

    def drafts(self, picks: list[list[int]]) -> Iterator[Draft]:
        """Yield suppliers, then layer after layer, then contracts."""
        steward = next((body for body in self._graph.bodies if body.type == "ministry"), self._graph.bodies[0])
        yield from self._graph.market.drafts(self._maker, f"organisation:{steward.code}")
        for layer in LAYERS[1:]:
            yield from self._layer(layer.name)
        yield from self._contracts(picks)

    def _layer(self, name: str) -> Iterator[Draft]:
        graph = self._graph
        block, columns = graph.blocks[name], graph.columns[name]
        detail, fixed = _DETAILS.get(name), _FIXED.get(name, {})
        level = _LEVELS.get(block.layer.kind, "government")
        words, make = block.layer.words, self._maker.make
        refs, overlays = graph.refs, self._overlays
        owners = [f"organisation:{body.code}" for body in graph.bodies]
        for low in range(0, block.layer.count, _CHUNK):
            chunk = slice(low, low + _CHUNK)
            dice = block.dice[chunk].tolist()
            bodies = block.bodies[chunk].tolist()
            begins = block.offsets[block.bodies[chunk]].tolist()
            rows = [(column, column.targets[chunk].tolist()) for column in columns]
            for step, die in enumerate(dice):
                place = low + step
                number, word = divmod(place - begins[step], len(words))
                ref = refs[block.start + place]
                spec: dict[str, Any] = {"name": f"{words[word]} {number + 1}", **fixed}
                if detail is not None:
                    detail(graph, spec, place, die, bodies[step])
                self._add_needs(spec, rows, step, die)
                overlay = overlays.get(ref)
                if overlay is not None:
                    overlay.apply(spec)
                yield make(ref, owners[bodies[step]], level, spec)

    def _add_needs(self, spec: dict[str, Any], rows: list[tuple[Column, list[list[int]]]], step: int, die: int) -> None:
        refs = self._graph.refs
        groups: list[dict[str, Any]] = []
        for column, targets in rows:
            row = targets[step]
            first = row[0]
            if first < 0:
                continue
            slot = column.slot
            form = slot.form
            if form == "group":
                group: dict[str, Any] = {"label": slot.label, "members": [{"provider": refs[t]} for t in row]}
                if slot.k > 1:
                    group["k"] = slot.k
                groups.append(group)
            elif form == "operatedBy" or form == "dnsOperator":
                spec[form] = refs[first]
            elif form in spec:
                if refs[first] not in spec[form]:
                    spec[form].append(refs[first])
            else:
                spec[form] = [refs[first]]
        if groups:
            self._vary(groups[0], die)
            spec["requirementGroups"] = groups

    def _vary(self, group: dict[str, Any], die: int) -> None:
        """Give some groups a buffer, and some of their members a change-over by hand, tested or not."""
        turn = die >> 5 & 31
        if turn < 6:
            group["bufferHours"] = _BUFFERS[turn & 3]
        elif turn < 10 and len(group["members"]) > 1:
            member = group["members"][1]
            member["switchOverHours"] = _BUFFERS[turn & 1]
            member["automatic"] = False
            if turn & 2:
                member["testedOn"] = self._tested[die >> 10 & 31]

    def _contracts(self, picks: list[list[int]]) -> Iterator[Draft]:
        graph = self._graph
        block = graph.blocks["backend"]
        operating = graph.market.operating
        for number, (place, chance, days, die) in enumerate(picks, 1):
            place %= block.layer.count
            share = chance / 2**30
            supplier = graph.market.refs[operating[int(share * share * share * len(operating))]]
            owner = f"organisation:{graph.bodies[int(block.bodies[place])].code}"
            spec: dict[str, Any] = {
                "name": f"Contract {number}",
                "buyer": owner,
                "supplier": supplier,
                "covers": [graph.refs[block.start + place]],
                "startDate": (self._on - timedelta(days=200 + days % 1_500)).isoformat(),
                "endDate": (self._on + timedelta(days=days % 1_400 - 20)).isoformat(),
                "annualValueEurocent": 500_000 + die % 40_000_000,
            }
            if die & 3 == 0:
                spec["exitPlan"] = {"durationDays": 30 + die % 700}
            yield self._maker.make(f"contract:{AUTHORITY}/nr-{number}", owner, "organisation", spec)


def _detail_core(graph: NationalGraph, spec: dict[str, Any], place: int, die: int, body: int) -> None:
    spec["type"] = ("identity", "pki", "network")[place % 3]


def _detail_team(graph: NationalGraph, spec: dict[str, Any], place: int, die: int, body: int) -> None:
    spec["organisation"] = f"organisation:{graph.bodies[body].code}"
    spec["size"] = 2 + die % 20


def _detail_application(graph: NationalGraph, spec: dict[str, Any], place: int, die: int, body: int) -> None:
    share = (die >> 10) / 2**20
    operating = graph.market.operating
    spec["suppliedBy"] = graph.market.refs[operating[int(share * share * share * len(operating))]]
    spec["lifecycle"] = _LIFECYCLE[die & 7]
    spec["hosting"] = _HOSTING[(die >> 3) % 6]


def _detail_interface(graph: NationalGraph, spec: dict[str, Any], place: int, die: int, body: int) -> None:
    backend = graph.blocks["backend"]
    low, high = int(backend.offsets[body]), int(backend.offsets[body + 1])
    for step, name in enumerate(("source", "target")):
        spec[name] = graph.refs[backend.start + low + (die + step) % (high - low)]


def _detail_service(graph: NationalGraph, spec: dict[str, Any], place: int, die: int, body: int) -> None:
    people = serves(graph.bodies[body])
    spec["providedBy"] = f"organisation:{graph.bodies[body].code}"
    spec["usesPerDay"] = 1 + people // 2_000 * (die >> 10 & 15)
    spec["users"] = people
    spec["criticality"] = "critical" if graph.is_critical(die) else ("important", "normal", "unknown")[die % 3]


def _detail_domain(graph: NationalGraph, spec: dict[str, Any], place: int, die: int, body: int) -> None:
    if place * DANGLING_COUNT % graph.blocks["domain"].layer.count < DANGLING_COUNT:
        spec["requires"] = [f"application:{AUTHORITY}/{graph.bodies[body].code}/niet-geregistreerd-{place}"]


_DETAILS: Final[Mapping[str, Callable[[NationalGraph, dict[str, Any], int, int, int], None]]] = {
    "core": _detail_core,
    "team": _detail_team,
    "backend": _detail_application,
    "frontend": _detail_application,
    "interface": _detail_interface,
    "service": _detail_service,
    "domain": _detail_domain,
}
