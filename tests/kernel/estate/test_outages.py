"""Reasons for outages with repairs and change-overs, held against the tick simulator."""

from __future__ import annotations

import pytest

from eendracht.kernel.errors import NotFound
from eendracht.kernel.estate import EstateBuilder, Member, OutageReasons, Seed, simulate
from tests.kernel.estate.cases import draw_case
from tests.kernel.estate.reference import TickSimulator

TICKS = 60


def list_silences(history: list[tuple[int, str, str]]) -> dict[str, list[tuple[int, int]]]:
    """Give per node the stretches of ticks in which it did not deliver, as the tick simulator saw them."""
    silent: dict[str, list[tuple[int, int]]] = {}
    since: dict[str, int] = {}
    for tick, node, state in history:
        if state in ("down", "switching"):
            since.setdefault(node, tick)
        elif node in since:
            silent.setdefault(node, []).append((since.pop(node), tick))
    for node, tick in since.items():
        silent.setdefault(node, []).append((tick, TICKS + 1))
    return silent


def test_every_cause_is_out_when_it_brings_a_node_down() -> None:
    checked = switching = 0
    for number in range(400):
        case = draw_case(number)
        estate = case.build()
        result = simulate(estate, case.seeds_for(estate), unknown="best", horizon_hours=case.hours(TICKS))
        silent = list_silences(TickSimulator(case, unresolved_fail=False).run(TICKS))
        reasons = OutageReasons(result)
        for node in result.by_node:
            if not any(not change.state.delivers for change in result.by_node[node]):
                continue
            step = reasons.step(node)
            own = [begin for name, begin, _ in case.seeds if name == step.name]
            if step.group is None:
                assert step.failed_at_hours == pytest.approx(case.hours(min(own)))
                continue
            group = case.groups[step.group]
            assert group.consumer == step.name
            tick = round(step.failed_at_hours / case.hours(1))
            for cause in step.causes:
                assert cause.name in {member.provider for member in group.members}
                assert any(begin <= tick <= end for begin, end in silent[cause.name]), (number, step, cause)
            switching += step.is_switching
            assert step.is_switching == (len(step.causes) < step.n - step.k + 1)
            path = reasons.path(node)
            assert path[0] == step and (path[-1].group is None or path[-1].causes)
            assert step.say("nl") and step.say("en")
            checked += 1
    assert checked > 500 and switching > 50


def test_a_change_over_is_told_as_one() -> None:
    builder = EstateBuilder()
    for name in ("dienst", "eerste", "tweede"):
        builder.add_node(name)
    builder.add_group("dienst", [Member("eerste"), Member("tweede", 3.0, automatic=False)], label="inloggen")
    estate = builder.build()
    reasons = OutageReasons(simulate(estate, [Seed(1, 2.0)], unknown="best"))
    step = reasons.step(0)
    assert step.is_switching and [cause.name for cause in step.causes] == ["eerste"]
    assert (
        step.say("nl")
        == "dienst valt uit na 2 uur tot het is overgeschakeld, want van groep 'inloggen' is weg: eerste na 2 uur"
    )
    with pytest.raises(NotFound):
        reasons.step(2)
