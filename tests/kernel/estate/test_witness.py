"""Each step of each witness is proved again, from the plain description of the estate alone."""

from __future__ import annotations

import pytest

from eendracht.kernel.errors import NotFound
from eendracht.kernel.estate import Case as Unknown
from eendracht.kernel.estate import (
    EstateBuilder,
    Seed,
    Witnesses,
    WitnessStep,
    compute_failure_times,
    explain_failures,
)
from tests.kernel.estate.cases import Case, draw_case


def check_step(case: Case, step: WitnessStep, proved: dict[str, float], unresolved_fail: bool) -> None:
    first = min(begin for _, begin, _ in case.seeds)
    if step.group is None:
        moment = min(begin for node, begin, _ in case.seeds if node == step.name)
        assert step.failed_at_hours == pytest.approx(case.hours(moment))
        return
    group = case.groups[step.group]
    assert (group.consumer, group.phase, group.k) == (step.name, "run", step.k)
    members = [member.provider for member in group.members]
    assert step.n == len(members)
    assert len(step.causes) == len(members) - group.k + 1
    assert len({cause.name for cause in step.causes}) == len(step.causes)
    for cause in step.causes:
        if cause.name.endswith("?"):
            assert unresolved_fail
            assert cause.name[:-1] in members
            assert cause.failed_at_hours == pytest.approx(case.hours(first))
        else:
            assert cause.name in members
            assert proved[cause.name] == cause.failed_at_hours
    latest = max(cause.failed_at_hours for cause in step.causes)
    assert step.failed_at_hours == pytest.approx(latest + case.hours(group.buffer), abs=1e-3)


def check_all(case: Case, witnesses: Witnesses, unresolved_fail: bool) -> int:
    for node in witnesses.times.failed.tolist():
        proved: dict[str, float] = {}
        for step in witnesses.proof(node):
            check_step(case, step, proved, unresolved_fail)
            proved[step.name] = step.failed_at_hours
        path = witnesses.path(node)
        assert path[0].node == node
        assert len({step.node for step in path}) == len(path)
        assert path[-1].group is None or path[-1].causes[-1].name.endswith("?")
        assert all(step.say("nl") and step.say("en") for step in path)
    return len(witnesses.times.failed)


@pytest.mark.parametrize("unknown", ["best", "worst"])
def test_every_witness_can_be_proved_again(unknown: Unknown) -> None:
    checked = 0
    for number in range(500):
        case = draw_case(30_000 + number, repairs=False, switches=False, unknown=True)
        estate = case.build()
        times = compute_failure_times(estate, case.seeds_for(estate), unknown=unknown)
        checked += check_all(case, explain_failures(times), unknown == "worst")
    assert checked > 1500


def test_the_sentence_names_group_members_and_their_causes() -> None:
    builder = EstateBuilder()
    for name in ("TwinData", "DigiD", "eHerkenning", "Portaal"):
        builder.add_node(name)
    builder.add_group("eHerkenning", ["TwinData"], label="same data centre")
    builder.add_group("Portaal", ["DigiD", "eHerkenning"], k=1, buffer_hours=4, label="login")
    estate = builder.build()
    witnesses = explain_failures(compute_failure_times(estate, [Seed(0), Seed(1)], unknown="best"))
    sentence = witnesses.step(3).say("en")
    assert sentence == (
        "Portaal fails at 4 h because group 'login' (1 of 2, buffer 4 h): "
        "DigiD down at 0 h, eHerkenning down at 0 h via same data centre"
    )
    assert witnesses.step(0).say("nl") == "TwinData valt zelf uit"
    assert witnesses.step(3).say("nl") == (
        "Portaal valt uit na 4 uur, want van groep 'login' (1 van 2, buffer 4 uur) is weg: "
        "DigiD, eHerkenning via same data centre"
    )
    assert [step.name for step in witnesses.path(3)] == ["Portaal", "eHerkenning", "TwinData"]


def test_a_node_that_does_not_fail_has_no_witness() -> None:
    builder = EstateBuilder()
    builder.add_node("a")
    builder.add_node("b")
    witnesses = explain_failures(compute_failure_times(builder.build(), [Seed(0)], unknown="best"))
    with pytest.raises(NotFound):
        witnesses.step(1)
