"""Every fault of an estate is told at once; good columns come back as they went in."""

from __future__ import annotations

import math

import numpy as np
import pytest

from eendracht.kernel.errors import InvalidInput, NotFound
from eendracht.kernel.estate import RUN, START, EstateBuilder, Member, assemble_estate


def test_the_builder_tells_all_faults_with_their_place() -> None:
    builder = EstateBuilder()
    for name in ("a", "b", "a"):
        builder.add_node(name)
    builder.add_group("b", ["a"], k=2)
    builder.add_group("b", ["a"], k=0)
    builder.add_group("b", [])
    builder.add_group("b", [Member("a", -1.0)], buffer_hours=-2)
    builder.add_group("b", ["b", "a", "a"])
    builder.add_group("nobody", ["a"], phase="stop")  # type: ignore[arg-type]
    builder.add_group("b", [Member("a", 1.0)], phase="start", buffer_hours=math.inf)
    builder.add_group("b", ["gone", "lost", "gone"])
    with pytest.raises(InvalidInput) as caught:
        builder.build()
    assert {(fault.pointer, fault.code) for fault in caught.value.faults} == {
        ("/nodes/2", "duplicate-node"),
        ("/groups/0/k", "k-above-n"),
        ("/groups/1/k", "k-below-one"),
        ("/groups/2/members", "no-members"),
        ("/groups/3/buffer_hours", "bad-hours"),
        ("/groups/3/members/0/switch_over_hours", "bad-hours"),
        ("/groups/4/members/0/provider", "self"),
        ("/groups/4/members/2/provider", "duplicate-member"),
        ("/groups/5/consumer", "unknown-consumer"),
        ("/groups/5/phase", "unknown-phase"),
        ("/groups/6/buffer_hours", "bad-hours"),
        ("/groups/6/buffer_hours", "start-group-timing"),
        ("/groups/6/members/0/switch_over_hours", "start-group-timing"),
        ("/groups/7/members/2/provider", "duplicate-member"),
    }
    assert len(caught.value.faults) == 14
    assert "nobody" in str(caught.value)
    assert "stop" in str(caught.value)


def test_columns_are_checked_too() -> None:
    with pytest.raises(InvalidInput) as caught:
        assemble_estate(["a", "b"], consumer=[1, 9], sizes=[1, 1], provider=[7, -2], phase=[RUN, 5], tested=[3, 0], k=1)
    assert {(fault.pointer, fault.code) for fault in caught.value.faults} == {
        ("/groups/1/consumer", "unknown-consumer"),
        ("/groups/1/phase", "unknown-phase"),
        ("/groups/0/members/0/provider", "unknown-provider"),
        ("/groups/1/members/0/provider", "unknown-provider"),
        ("/groups/0/members/0/tested", "bad-tested"),
    }
    with pytest.raises(InvalidInput, match="3 values where 2"):
        assemble_estate(["a", "b"], consumer=[1, 1], sizes=[1, 1], provider=[0, 0, 0])


def test_many_faults_are_counted_and_listed_up_to_a_limit() -> None:
    with pytest.raises(InvalidInput, match="5000 faults") as caught:
        assemble_estate(["a", "b"], consumer=np.ones(5000), sizes=np.ones(5000), provider=np.zeros(5000), k=2)
    assert len(caught.value.faults) == 1000


def test_groups_stand_by_phase_and_consumer_and_know_where_they_came_from() -> None:
    builder = EstateBuilder()
    builder.add_node("b", kind="service", critical=True)
    builder.add_node("a")
    builder.add_group("a", ["gone", Member("b", 2.0)], label="last")
    builder.add_group("b", ["a"], phase="start")
    builder.add_group("b", [Member("a", 4.0, automatic=True, tested=True)], buffer_hours=0.5, label="first")
    estate = builder.build()
    assert estate.run.source.tolist() == [2, 0]
    assert estate.start.source.tolist() == [1]
    assert [estate.label_of(estate.run, group) for group in (0, 1)] == ["first", "last"]
    assert estate.name_members(estate.run, 1) == ["gone?", "b"]
    assert estate.run.buffer_seconds.tolist() == [1800, 0]
    assert estate.run.switch_seconds.tolist() == [0, 0, 7200]
    assert [estate.kind_names[code] for code in estate.kind] == ["service", "component"]
    assert estate.critical.tolist() == [True, False]
    assert estate.has_unresolved
    assert estate.locate("a") == 1
    with pytest.raises(NotFound):
        estate.locate("z")


def test_without_untested_alternatives_those_that_serve_stay() -> None:
    estate = assemble_estate(
        list("abcdez"),
        consumer=[5, 5],
        sizes=[4, 2],
        k=[2, 1],
        phase=[RUN, START],
        provider=[0, -1, 2, 3, 3, 4],
        tested=[0, 0, -1, 1, 0, 0],
        unresolved={(0, 1): "lost"},
    )
    seen = estate.tested_only
    assert estate.name_members(seen.run, 0) == ["a", "lost?", "d"]
    assert seen.start.provider.tolist() == [3, 4]
    assert seen.tested_only is seen
