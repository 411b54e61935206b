"""What must be done before what: as recorded, and as it follows from the landscape.

**One thing.** Its steps follow each other in the order of the stages. **What it needs.** A device with keys (HSM) goes
before the root authority in it, that before an issuing authority, that before the certificates of whatever needs it,
directly or through others. **Links.** The server's certificate goes before the trust stores of all its clients, and
these before the server switches; what is old is retired only after every client switched. Each derived step waits for
a lower stage, so that a circle can come from what people recorded alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal, get_args

from eendracht.resilience.kinds.quantum import Stage
from eendracht.resilience.quantum.holdings import LinkRecord, Step

if TYPE_CHECKING:
    from eendracht.kernel.landscape import Landscape

Why = Literal["recorded", "same-thing", "needs", "link"]
STAGES: Final[Sequence[str]] = get_args(Stage)
"""From first to last."""
_RANK: Final = {stage: rank for rank, stage in enumerate(STAGES)}
_FOUNDATIONS: Final = ("hsm-firmware", "root-ca", "issuing-ca")
"""Stages of what others build on."""
_AFTER_LINK: Final = (
    ("server", "leaf", "client", "trust-store"),
    ("client", "trust-store", "server", "protocol-switch"),
)
_AFTER_SWITCH: Final = ("client", "protocol-switch", "server", "retire")


@dataclass(frozen=True, slots=True)
class Precedence:
    """One step that must be done before another, and why."""

    first: str
    then: str
    why: Why


def list_precedences(steps: Sequence[Step], links: Sequence[LinkRecord], landscape: Landscape) -> Sequence[Precedence]:
    """List what goes before what; a reason that people recorded goes before one that is derived."""
    by_thing: dict[str, list[Step]] = defaultdict(list)
    for step in steps:
        by_thing[step.about].append(step)
    found: dict[tuple[str, str], Why] = {}
    for step in steps:
        for earlier in step.after:
            found.setdefault((earlier, step.ref), "recorded")
    for first, then, why in (*_of_things(by_thing), *_of_needs(by_thing, landscape), *_of_links(by_thing, links)):
        found.setdefault((first, then), why)
    return [Precedence(first, then, why) for (first, then), why in found.items()]


def _of_things(by_thing: Mapping[str, Sequence[Step]]) -> list[tuple[str, str, Why]]:
    found: list[tuple[str, str, Why]] = []
    for steps in by_thing.values():
        by_stage: dict[int, list[Step]] = defaultdict(list)
        for step in steps:
            by_stage[_RANK[step.stage]].append(step)
        for lower, higher in pairwise(sorted(by_stage)):
            found += [(first.ref, then.ref, "same-thing") for first in by_stage[lower] for then in by_stage[higher]]
    return found


def _of_needs(by_thing: Mapping[str, Sequence[Step]], landscape: Landscape) -> list[tuple[str, str, Why]]:
    founding = {thing: [step for step in steps if step.stage in _FOUNDATIONS] for thing, steps in by_thing.items()}
    bases = {thing for thing, steps in founding.items() if steps}
    found: list[tuple[str, str, Why]] = []
    for thing, steps in by_thing.items():
        for base in bases & find_providers(thing, landscape):
            found += [
                (first.ref, then.ref, "needs")
                for first in founding[base]
                for then in steps
                if _RANK[then.stage] > _RANK[first.stage]
            ]
    return found


def find_providers(thing: str, landscape: Landscape) -> frozenset[str]:
    """Give everything that a thing needs to run or start, directly or through others; itself is not among them."""
    estate = landscape.estate
    begin = estate.index.get(thing)
    if begin is None:
        return frozenset()
    seen, waiting = {begin}, [begin]
    while waiting:
        node = waiting.pop()
        for table in (estate.run, estate.start):
            for group in table.groups_of(node):
                for provider in table.provider[table.members_of(group)].tolist():
                    if provider < len(estate) and provider not in seen:
                        seen.add(provider)
                        waiting.append(provider)
    return frozenset(estate.names[node] for node in seen - {begin})


def _of_links(by_thing: Mapping[str, Sequence[Step]], links: Sequence[LinkRecord]) -> list[tuple[str, str, Why]]:
    found: list[tuple[str, str, Why]] = []
    for link in links:
        ends = {"client": link.client, "server": link.server}
        for one, first, other, then in (*_AFTER_LINK, _AFTER_SWITCH):
            found += [
                (before.ref, after.ref, "link")
                for before in by_thing.get(ends[one], ())
                if before.stage == first
                for after in by_thing.get(ends[other], ())
                if after.stage == then
            ]
    return found
