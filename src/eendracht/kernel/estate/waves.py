"""What can start when: waves of recovery over everything that is down, and the cycles that cannot start by themselves.

A node that is down can start once its own repair is done and each of its groups, start and run, has k members up;
buffers are taken to be empty, and switch-over costs no time. What is up stays up and needs nothing. So
U(v) = max(own repair, per group the k-th smallest U of the members), least fixed point of what is up: nodes that need
each other to start do not come up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.estate.adjacency import Flags, Ints
from eendracht.kernel.estate.components import list_components
from eendracht.kernel.estate.fixpoint import Moments
from eendracht.kernel.estate.model import MAX_HOURS, NEVER, Case, Estate, to_hours
from eendracht.kernel.estate.propagation import propagate

Hours: TypeAlias = NDArray[np.float64]

_ALWAYS = -NEVER


@dataclass(frozen=True, slots=True)
class Deadlock:
    """Nodes that wait for one another, even with all own failures repaired; a root waits for no other deadlock."""

    nodes: tuple[int, ...]
    is_root: bool


@dataclass(frozen=True, eq=False)
class RecoveryOrder:
    """Which nodes start in which wave and when.

    `waves[0]` waits for nothing that is down. `up_at_hours` has one value per node: minus infinity where it is not
    down, infinity where it does not come up. `waiting` are those last ones; `deadlocks` are the cycles among them that
    repairs do not end, providers first. The rest waits behind these, for a repair or for an unresolved provider.
    """

    waves: tuple[Ints, ...]
    up_at_hours: Hours
    waiting: Ints
    deadlocks: tuple[Deadlock, ...]


def order_recovery(
    estate: Estate, down: Sequence[int] | Ints, *, unknown: Case, repaired_at_hours: Hours | float = 0.0
) -> RecoveryOrder:
    """Order the start of the nodes that are down.

    `repaired_at_hours` is when each node's own repair is done, one value per node or one for all, infinite for never.
    Unresolved providers are up (best) or never come up (worst). Raises InvalidInput for unknown nodes and bad hours.
    """
    is_down = _flag_down(estate, down)
    repaired = _repair_moments(estate, repaired_at_hours)
    moments = _solve(estate, is_down, repaired, unknown, step=0)
    numbers = _solve(estate, is_down, np.where(repaired < NEVER, 1, NEVER), unknown, step=1)
    started = np.flatnonzero(is_down & (numbers < NEVER))
    ordered = started[np.argsort(numbers[started], kind="stable")]
    borders = np.flatnonzero(np.diff(numbers[ordered])) + 1
    hours = np.where(moments == _ALWAYS, -np.inf, to_hours(moments))
    return RecoveryOrder(
        waves=tuple(np.split(ordered, borders)) if len(ordered) else (),
        up_at_hours=hours,
        waiting=np.flatnonzero(moments >= NEVER),
        deadlocks=_find_deadlocks(estate, down, unknown),
    )


def _flag_down(estate: Estate, down: Sequence[int] | Ints) -> Flags:
    nodes = np.asarray(down, dtype=np.int64)
    wrong = nodes[(nodes < 0) | (nodes >= len(estate))].tolist()
    if wrong:
        raise InvalidInput(
            "Nodes are named that the estate lacks.",
            faults=[Fault("/down", "unknown-node", f"Geen knooppunt: {n}.", f"No such node: {n}.") for n in wrong],
        )
    flags = np.zeros(len(estate), dtype=np.bool_)
    flags[nodes] = True
    return flags


def _repair_moments(estate: Estate, hours: Hours | float) -> Ints:
    given = np.broadcast_to(np.asarray(hours, dtype=np.float64), (len(estate),))
    wrong = np.flatnonzero(~((np.abs(given) <= MAX_HOURS) | (given == np.inf))).tolist()
    if wrong:
        raise InvalidInput(
            "Repairs are not all at a usable moment.",
            faults=[
                Fault(f"/repaired_at_hours/{node}", "bad-hours", "Geen tijdstip.", "Not a moment.") for node in wrong
            ],
        )
    never = given == np.inf
    return np.where(never, NEVER, np.rint(np.where(never, 0.0, given) * 3600)).astype(np.int64)


def _solve(estate: Estate, down: Flags, own: Ints, unknown: Case, *, step: int) -> Ints:
    """Give the moment at which each node is up: `step` after its groups are, and never before its own moment."""
    plan = estate.recovery_plan
    rows = plan.row_of_node
    floor = np.full(plan.row_count, _ALWAYS, dtype=np.int64)
    steps = np.zeros(plan.row_count, dtype=np.int64)
    values = np.full(plan.row_count, NEVER, dtype=np.int64)
    floor[rows[:-1]] = own
    steps[rows[:-1]] = step
    needs_nothing = np.bincount(plan.readers.values, minlength=plan.row_count)[rows[:-1]] == 0
    values[rows[:-1]] = np.where(down, np.where(needs_nothing, own, NEVER), _ALWAYS)
    values[rows[-1]] = NEVER if unknown == "worst" else _ALWAYS
    propagate(plan, values, _Starts(floor, steps))
    return np.minimum(values[rows[:-1]], NEVER)


class _Starts(Moments):
    """A node starts when its groups allow it and its own repair is done."""

    def __init__(self, floor: Ints, steps: Ints) -> None:
        self._floor = floor
        self._steps = steps

    def merge(self, rows: slice | Ints, old: NDArray[Any], new: NDArray[Any]) -> NDArray[Any]:
        """Keep the earlier of what is known and what the gates now allow."""
        return np.asarray(np.minimum(old, np.maximum(self._floor[rows], new + self._steps[rows])))


def find_stuck(estate: Estate, down: Sequence[int] | Ints, *, unknown: Case) -> Flags:
    """Flag the nodes that do not come up although all own failures are repaired.

    Raises InvalidInput for nodes that the estate lacks.
    """
    is_down = _flag_down(estate, down)
    return _solve(estate, is_down, np.zeros(len(estate), np.int64), unknown, step=0) >= NEVER


def _find_deadlocks(estate: Estate, down: Sequence[int] | Ints, unknown: Case) -> tuple[Deadlock, ...]:
    """Find the cycles among the nodes that do not come up although all own failures are repaired."""
    is_stuck = np.append(find_stuck(estate, down, unknown=unknown), unknown == "worst")
    waits_for: dict[int, list[int]] = {node: [] for node in np.flatnonzero(is_stuck[:-1]).tolist()}
    for table in (estate.run, estate.start):
        blocked = is_stuck[table.provider]
        lacking = np.bincount(table.group_of_member[blocked], minlength=len(table)) > table.sizes - table.k
        member = blocked & lacking[table.group_of_member] & (table.provider < len(estate))
        consumer = table.consumer[table.group_of_member[member]]
        for node, provider in zip(consumer.tolist(), table.provider[member].tolist(), strict=True):
            if is_stuck[node]:
                waits_for[node].append(provider)
    held: set[int] = set()
    deadlocks = []
    for component in list_components(waits_for):
        waits = any(provider in held for node in component for provider in waits_for[node])
        if len(component) > 1:
            deadlocks.append(Deadlock(tuple(component), not waits))
        if waits or len(component) > 1:
            held.update(component)
    return tuple(deadlocks)
