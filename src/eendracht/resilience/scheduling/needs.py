"""Who waits for whom: what may wait for a job, what a job surely waits for, and how long the road to the end is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from eendracht.resilience.scheduling.instance import Group, Instance


def list_followers(instance: Instance) -> list[list[int]]:
    """Give for each job those that name it in a group."""
    followers: list[set[int]] = [set() for _ in range(len(instance))]
    for job, ways in enumerate(instance.ways):
        for member in (member for way in ways for _, members in way.groups for member in members):
            if member < len(instance):
                followers[member].add(job)
    return [sorted(some) for some in followers]


def list_sure_needs(instance: Instance) -> list[int]:
    """Give for each job the bits of all jobs that are done before it in every plan.

    Of k of n, every choice of k holds what all members but k - 1 need, or are.
    """
    sure = [0] * (len(instance) + len(instance.things))
    followers = list_followers(instance)
    waiting = set(range(len(instance)))
    while waiting:
        job = waiting.pop()
        by_way = [_join(_find_common(group, sure, len(instance)) for group in way.groups) for way in instance.ways[job]]
        found = by_way[0]
        for other in by_way[1:]:
            found &= other
        if found != sure[job]:
            sure[job] = found
            waiting.update(followers[job])
    return sure[: len(instance)]


def _join(sets: Iterable[int]) -> int:
    joined = 0
    for some in sets:
        joined |= some
    return joined


def _find_common(group: Group, sure: Sequence[int], jobs: int) -> int:
    k, members = group
    least = len(members) - k + 1
    # `held[n]` are the jobs that at least n of the members so far need, or are.
    held = [-1] + [0] * least
    for member in members:
        known = sure[member] | (1 << member if member < jobs else 0)
        for count in range(least, 0, -1):
            held[count] |= held[count - 1] & known
    return held[least]


def list_last_needs(sure: Sequence[int]) -> list[list[int]]:
    """Give for each job the sure needs that no other of its sure needs waits for."""
    last = []
    for needs in sure:
        before = _join(sure[need] for need in list_bits(needs))
        last.append(sorted(list_bits(needs & ~before)))
    return last


def list_bits(bits: int) -> Iterator[int]:
    """Give the numbers of the bits that are set, the highest first."""
    while bits:
        highest = bits.bit_length() - 1
        yield highest
        bits ^= 1 << highest


def find_tails(instance: Instance) -> list[int]:
    """Give the least minutes between the start of each job and the end of all, over what surely waits for it."""
    durations = [min(way.duration for way in ways) for ways in instance.ways]
    tails = list(durations)
    needs = list_last_needs(list_sure_needs(instance))
    waiting = list(range(len(tails)))
    while waiting:
        job = waiting.pop()
        for leader in needs[job]:
            if tails[job] + durations[leader] > tails[leader]:
                tails[leader] = tails[job] + durations[leader]
                waiting.append(leader)
    return tails
