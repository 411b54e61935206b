"""Critical paths against every path of small random graphs, and against NetworkX."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eendracht.kernel.errors import InvalidInput
from eendracht.resilience.quantum.critical_path import Path, Task, find_critical_path

MONTHS: Final = st.fractions(min_value=0, max_value=60, max_denominator=12)


@st.composite
def graphs(draw: st.DrawFn) -> list[Task]:
    """Give up to nine steps, of which each may wait for any before it; listed in any order."""
    count = draw(st.integers(1, 9))
    names = [f"s{number}" for number in range(count)]
    tasks = []
    for number, name in enumerate(names):
        after = draw(st.sets(st.sampled_from(names[:number]))) if number else set()
        tasks.append(
            Task(
                name,
                draw(st.none() | MONTHS),
                frozenset(after),
                draw(st.just(Fraction(0)) | MONTHS),
                draw(st.integers(0, 9)) == 0,
            )
        )
    return draw(st.permutations(tasks))


def list_chains(tasks: list[Task]) -> list[list[Task]]:
    """Give every chain of steps in which each waits for the one before it."""
    found: list[list[Task]] = []

    def grow(chain: list[Task]) -> None:
        found.append(chain)
        for task in tasks:
            if chain[-1].name in task.after:
                grow([*chain, task])

    for task in tasks:
        grow([task])
    return found


def length(chain: list[Task]) -> Fraction:
    """Give when a chain is done: no step begins before the one before it is done, nor before its own day."""
    moment = Fraction(0)
    for task in chain:
        moment = max(moment, task.not_before) + (task.months or 0)
    return moment


@settings(max_examples=300, deadline=None)
@given(graphs())
def test_times_are_those_of_the_longest_chains(tasks: list[Task]) -> None:
    found, chains = find_critical_path(tasks), list_chains(tasks)
    by_name = {task.name: task for task in tasks}
    assert found.end == max(map(length, chains))
    for name, timed in found.times.items():
        ending = [chain for chain in chains if chain[-1].name == name]
        assert timed.finish == max(map(length, ending))
        assert timed.is_bounded == all(
            task.months is not None and not task.is_open for chain in ending for task in chain
        )
        # Slack: begun that much later nothing moves; more, and the end does.
        rest = max(
            sum((task.months or Fraction(0) for task in chain[1:]), Fraction(0))
            for chain in chains
            if chain[0].name == name
        )
        assert timed.late_finish == found.end - rest
        assert timed.slack == timed.late_start - timed.start >= 0
    check_chain(found, by_name)


def check_chain(found: Path, by_name: dict[str, Task]) -> None:
    chain = [by_name[name] for name in found.critical]
    assert length(chain) == found.end
    assert all(first.name in second.after for first, second in pairwise(chain))
    assert all(found.times[task.name].is_critical for task in chain)


@settings(max_examples=200, deadline=None)
@given(graphs())
def test_the_end_is_what_networkx_says(tasks: list[Task]) -> None:
    networkx = pytest.importorskip("networkx")
    graph = networkx.DiGraph()
    graph.add_node("end")
    for task in tasks:
        # The day of a step is an edge from today; each step is the weight of the edges that leave it.
        graph.add_edge("today", task.name, weight=task.not_before)
        graph.add_edge(task.name, "end", weight=task.months or Fraction(0))
        for earlier in task.after:
            months = next(one.months for one in tasks if one.name == earlier)
            graph.add_edge(earlier, task.name, weight=months or Fraction(0))
    assert find_critical_path(tasks).end == networkx.dag_longest_path_length(graph)


def test_a_circle_is_named() -> None:
    tasks = [
        Task("vrij", Fraction(1)),
        Task("a", Fraction(1), frozenset({"c", "vrij"})),
        Task("b", Fraction(1), frozenset({"a"})),
        Task("c", Fraction(1), frozenset({"b"})),
        Task("wacht", Fraction(1), frozenset({"c"})),
    ]
    with pytest.raises(InvalidInput) as refused:
        find_critical_path(tasks)
    (fault,) = refused.value.faults
    told = fault.en.partition(": ")[2].split(" → ")
    assert told[0] == told[-1] and sorted(told[1:]) == ["a", "b", "c"]
    assert all(first in next(task for task in tasks if task.name == second).after for first, second in pairwise(told))
    with pytest.raises(InvalidInput):
        find_critical_path([Task("zelf", None, frozenset({"zelf"}))])


def test_what_is_waited_for_and_not_there_has_no_end() -> None:
    found = find_critical_path([Task("a", Fraction(2), frozenset({"weg"})), Task("b", Fraction(3))])
    assert found.missing == {"a": ["weg"]} and not found.is_bounded
    assert (found.times["a"].worst_finish, found.times["b"].worst_finish) == (None, 3)
    assert find_critical_path([]).end == 0
