"""An estate as the evaluators see it: nodes, and requirement groups over them in compact arrays.

Time is kept in whole seconds (64-bit integers), so that two things that happen at the same moment are seen to do so;
the outside speaks hours. `NEVER` is later than any moment.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from eendracht.kernel.errors import Fault, InvalidInput, NotFound
from eendracht.kernel.estate.adjacency import Flags, Ints
from eendracht.kernel.estate.groups import TESTED, GroupTable
from eendracht.kernel.estate.plan import Plan, build_plan

NEVER = 2**62
MAX_HOURS = 8_766_000.0
"""A thousand years; no buffer, switch-over or moment in a scenario may be longer."""

Phase: TypeAlias = Literal["run", "start"]
Case: TypeAlias = Literal["best", "worst"]
"""What to take for providers that nobody could resolve: they hold (best), or they fail with the first seed (worst)."""


def to_seconds(hours: float) -> int:
    """Turn hours into whole seconds, rounded to the nearest."""
    return round(hours * 3600)


def to_hours(seconds: Ints) -> NDArray[np.float64]:
    """Turn seconds into hours, and `NEVER` into infinity."""
    return np.where(seconds >= NEVER, np.inf, seconds / 3600.0)


@dataclass(frozen=True, slots=True)
class Member:
    """One provider in a requirement group.

    `provider` is a node name; a name that the estate lacks is an unresolved reference. A member that takes over by
    itself (`automatic`, or a switch-over of 0 hours) costs its consumer no outage. `tested` is None where nobody said.
    """

    provider: str
    switch_over_hours: float = 0.0
    automatic: bool = False
    tested: bool | None = None


@dataclass(frozen=True, slots=True)
class Seed:
    """A node that fails by itself at a moment of the scenario, for good or until it is repaired (both in hours)."""

    node: int
    failed_at_hours: float = 0.0
    repaired_at_hours: float | None = None


@dataclass(frozen=True, eq=False)
class Estate:
    """Nodes and what they require; immutable. Made by `EstateBuilder` or `assemble_estate`.

    `kind` holds indices into `kind_names`; `critical` marks the services whose stop counts. `unresolved` names the
    references without a node, `labels` the groups, both by position in the input.
    """

    names: Sequence[str]
    kind: Ints
    kind_names: Sequence[str]
    critical: Flags
    run: GroupTable
    start: GroupTable
    labels: Sequence[str]
    unresolved: Mapping[tuple[int, int], str]

    def __len__(self) -> int:
        return len(self.names)

    @property
    def unresolved_node(self) -> int:
        """Index that stands for every provider that could not be resolved; it is no node of the estate."""
        return len(self.names)

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Node index by name."""
        return {name: number for number, name in enumerate(self.names)}

    @cached_property
    def plan(self) -> Plan:
        """The order of work over the run groups, made once."""
        return build_plan(self.run)

    @cached_property
    def recovery_plan(self) -> Plan:
        """The order of work over all groups for what comes back when, made once."""
        return build_plan(self.run.join(self.start), recovery=True)

    @cached_property
    def has_unresolved(self) -> bool:
        """Whether best and worst case can differ."""
        return any(bool((table.provider == len(self)).any()) for table in (self.run, self.start))

    def locate(self, name: str) -> int:
        """Give the index of a node; raises NotFound."""
        try:
            return self.index[name]
        except KeyError:
            raise NotFound(f"The estate has no node named {name!r}.") from None

    def name_of(self, node: int) -> str:
        """Give the name of a node, or `?` for the unresolved provider."""
        return "?" if node == len(self) else self.names[node]

    def name_members(self, table: GroupTable, group: int) -> list[str]:
        """Name the members of a group; an unresolved one by the reference as it was written, with a question mark."""
        members, source = table.members_of(group), int(table.source[group])
        return [
            f"{self.unresolved.get((source, place), '')}?" if node == len(self) else self.names[node]
            for node, place in zip(table.provider[members].tolist(), table.place[members].tolist(), strict=True)
        ]

    def label_of(self, table: GroupTable, group: int) -> str:
        """Give the label of a group; empty where it has none."""
        return self.labels[int(table.source[group])] if self.labels else ""

    @cached_property
    def tested_only(self) -> Estate:
        """The estate in which an alternative counts only if it has been tested.

        Alternatives are the members after the first k of a run group; those first k serve today and stay. An
        alternative of which nobody said whether it was tested does not count either.
        """
        table = self.run
        keep = (table.place < table.k[table.group_of_member]) | (table.tested == TESTED)
        return self if keep.all() else replace(self, run=table.select_members(keep))


def check_seeds(estate: Estate, seeds: Sequence[Seed], *, permanent: bool = False) -> None:
    """Refuse seeds that no run can take, all faults at once; raises InvalidInput.

    With `permanent` a repair is refused too.
    """
    faults = []
    for place, seed in enumerate(seeds):
        start, end = seed.failed_at_hours, seed.repaired_at_hours
        if not 0 <= seed.node < len(estate):
            faults.append(_seed_fault(place, "node", "unknown-node", "Dit knooppunt bestaat niet", "No such node"))
        if not (math.isfinite(start) and abs(start) <= MAX_HOURS):
            faults.append(_seed_fault(place, "failed_at_hours", "bad-hours", "Geen tijdstip", "Not a moment"))
        if end is None:
            continue
        if permanent:
            faults.append(
                _seed_fault(
                    place,
                    "repaired_at_hours",
                    "repair-not-possible",
                    "Deze berekening kent alleen blijvende uitval",
                    "This computation knows permanent failures only",
                )
            )
        elif not (end <= MAX_HOURS and to_seconds(end) > to_seconds(start)):
            faults.append(
                _seed_fault(
                    place,
                    "repaired_at_hours",
                    "repair-before-failure",
                    "Het herstel moet na de uitval komen",
                    "The repair must come after the failure",
                )
            )
    if faults:
        raise InvalidInput("The scenario cannot be run.", faults=faults)


def _seed_fault(place: int, field: str, code: str, nl: str, en: str) -> Fault:
    return Fault(f"/seeds/{place}/{field}", code, f"{nl}.", f"{en}.")
