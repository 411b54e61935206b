"""Jobs that wait for one another, so that none of them can ever start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eendracht.kernel.errors import Fault
from eendracht.kernel.estate.components import list_components
from eendracht.resilience.scheduling.instance import NEVER, Instance


def find_deadlocks(instance: Instance, usable: Sequence[Sequence[int]]) -> Iterator[Fault]:
    """Give a fault for each cycle that cannot be entered, and for each job that waits for what never comes.

    `usable` holds the ways of each job for which there are crews. What only waits behind these is not named.
    """
    stuck = _find_stuck(instance, usable)
    waits_for = {job: _list_blockers(instance, job, usable[job], stuck) for job in sorted(stuck)}
    jobs = instance.problem.jobs
    held: set[int] = set()
    for component in list_components(waits_for):
        waits = any(blocker in held for job in component for blocker in waits_for[job])
        held.update(component)
        if len(component) > 1 and not waits:
            names = _walk(component, waits_for)
            road = " → ".join(jobs[job].name for job in names)
            nl, en = f"Deze klussen wachten op elkaar: {road}.", f"These jobs wait for one another: {road}."
            hint = "Take one of these needs away, or add a mode that does without it."
            yield Fault(f"/jobs/{min(component)}/needs", "cycle", nl, en, hint)
        elif len(component) == 1 and not waits:
            name = jobs[component[0]].name
            nl = f"{name} heeft iets nodig dat nooit beschikbaar komt."
            en = f"{name} needs something that never becomes available."
            hint = "Say when the thing is there, or add another way."
            yield Fault(f"/jobs/{component[0]}/needs", "never-there", nl, en, hint)


def _find_stuck(instance: Instance, usable: Sequence[Sequence[int]]) -> set[int]:
    there = [start is not None for start in instance.started] + [minute < NEVER for minute in instance.things]
    waiting = {job for job in range(len(instance)) if not there[job]}
    moved = True
    while moved:
        come = {
            job
            for job in waiting
            if any(
                all(sum(there[member] for member in members) >= k for k, members in instance.ways[job][way].groups)
                for way in usable[job]
            )
        }
        for job in come:
            there[job] = True
        waiting -= come
        moved = bool(come)
    return waiting


def _list_blockers(instance: Instance, job: int, usable: Sequence[int], stuck: set[int]) -> list[int]:
    """Give the stuck jobs of the groups that stay short, over all ways."""
    never = {len(instance) + number for number, minute in enumerate(instance.things) if minute >= NEVER}
    return sorted(
        {
            member
            for way in usable
            for k, members in instance.ways[job][way].groups
            if sum(member not in stuck and member not in never for member in members) < k
            for member in members
            if member in stuck
        }
    )


def _walk(component: Sequence[int], waits_for: dict[int, list[int]]) -> list[int]:
    """Give one cycle within the component, its first job again at the end."""
    inside = set(component)
    road = [min(component)]
    while True:
        following = next(job for job in waits_for[road[-1]] if job in inside)
        if following in road:
            return [*road[road.index(following) :], following]
        road.append(following)
