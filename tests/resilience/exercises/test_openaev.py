"""Scenarios of OpenAEV: read, written back with equal injects and moments, and refused where something is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from eendracht.kernel.errors import InvalidInput
from eendracht.resilience.exercises.openaev import export_openaev, import_openaev
from eendracht.resilience.exercises.scenario_checks import read_scenario
from tests.resilience.exercises.practice import AMSTERDAM, RIVM, UTRECHT, scenario

FIRST, SECOND, THIRD = (f"{at}3fb1354-7b85-482d-a9e7-0319c0efefbe" for at in (1, 2, 3))
TEAMS = {"crisisteam utrecht": UTRECHT, "team-2": AMSTERDAM}


def small() -> dict[str, Any]:
    """Give an export with three injects and two teams, in the shape of the given one."""
    base = {"inject_description": "", "inject_enabled": True, "inject_depends_on": [], "inject_all_teams": False}
    return {
        "export_version": 1,
        "scenario_information": {"scenario_name": "Proef", "scenario_description": None, "scenario_tags": []},
        "scenario_teams": [{"team_id": "team-1", "team_name": "crisisteam utrecht"}, {"team_id": "team-2"}],
        "scenario_objectives": [{"objective_id": "d-1", "objective_title": "Samen een beeld"}],
        "scenario_injects": [
            base
            | {"inject_id": FIRST, "inject_title": "Begin", "inject_all_teams": True, "inject_depends_duration": 60},
            base
            | {
                "inject_id": SECOND,
                "inject_title": "Alleen Utrecht",
                "inject_depends_duration": 3_725,
                "inject_teams": ["team-1"],
                "inject_content": {"subject": "x", "body": "<p>Regel &amp; <b>vet</b></p><p>Twee</p>"},
            },
            base
            | {
                "inject_id": THIRD,
                "inject_title": "Daarna",
                "inject_depends_duration": 4_000,
                "inject_teams": ["team-2"],
                "inject_depends_on": [
                    {"dependency_relationship": {"inject_parent_id": SECOND, "inject_children_id": THIRD}}
                ],
            },
        ],
    }


def read(document: Any) -> Any:
    return import_openaev(json.dumps(document).encode(), "proef.json", RIVM, TEAMS)


def test_the_given_export_comes_back_with_equal_injects_and_moments(shared: Callable[..., Path]) -> None:
    path = shared("reference", "resilience", "exercise", "openbas-import-scenario-example.json")
    data = path.read_bytes()
    imported = import_openaev(data, path.name, RIVM, {"een": UTRECHT, "twee": AMSTERDAM})
    written = export_openaev(imported)
    given = [
        (i["inject_id"], i["inject_title"], i["inject_depends_duration"])
        for i in orjson.loads(data)["scenario_injects"]
    ]
    assert [
        (i["inject_id"], i["inject_title"], i["inject_depends_duration"]) for i in written["scenario_injects"]
    ] == given
    assert (
        import_openaev(orjson.dumps(written), "terug.json", RIVM, {UTRECHT: UTRECHT, AMSTERDAM: AMSTERDAM}) == imported
    )


def test_an_export_is_read_as_it_says() -> None:
    imported = read(small())
    assert [(item.id, item.to, item.at, item.delay) for item in imported.injects] == [
        (FIRST, ("all",), 60, 0),
        (SECOND, (UTRECHT,), 3_725, 0),
        (THIRD, (AMSTERDAM,), None, 275),
    ]
    assert imported.injects[2].when is not None
    assert imported.injects[2].when.inject == SECOND
    assert imported.injects[1].text == "Regel & vet\nTwee"
    assert imported.members == (UTRECHT, AMSTERDAM)
    assert [item.name for item in imported.objectives] == ["Samen een beeld"]
    written = export_openaev(imported)
    given = small()["scenario_injects"]
    assert [item["inject_depends_duration"] for item in written["scenario_injects"]] == [60, 3_725, 4_000]
    assert [item["inject_title"] for item in written["scenario_injects"]] == [item["inject_title"] for item in given]
    again = import_openaev(orjson.dumps(written), "terug.json", RIVM, {UTRECHT: UTRECHT, AMSTERDAM: AMSTERDAM})
    assert again.injects == imported.injects


def test_what_is_switched_off_is_left_out() -> None:
    document = small()
    document["scenario_injects"][2]["inject_enabled"] = False
    assert [item.id for item in read(document).injects] == [FIRST, SECOND]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"export_version": 2}, "less-than-equal"),
        ({"scenario_injects": []}, "too-short"),
        ({"scenario_injects": "x"}, "tuple-type"),
        ({"scenario_teams": [{"team_id": "team-9"}]}, "unknown-team"),
        ({"scenario_information": {"scenario_name": ""}}, "string-too-short"),
    ],
)
def test_what_is_not_such_an_export_is_refused(change: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(small() | change)
    assert code in {fault.code for fault in refused.value.faults}


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"export_version": 1}'])
def test_what_is_no_export_at_all_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        import_openaev(data, "proef.json", RIVM, TEAMS)


def test_a_condition_is_never_left_out_in_silence() -> None:
    document = small()
    document["scenario_injects"][2]["inject_depends_on"][0]["dependency_condition"] = {
        "mode": "and",
        "conditions": [{"key": "Manual", "operator": "eq", "value": True}],
    }
    document["scenario_injects"][1]["inject_depends_on"] = [
        {"dependency_relationship": {"inject_parent_id": "nergens"}}
    ]
    with pytest.raises(InvalidInput) as refused:
        read(document)
    assert {fault.code for fault in refused.value.faults} == {"condition", "unknown-inject"}
    with pytest.raises(InvalidInput) as ours:
        export_openaev(scenario())
    assert {fault.pointer for fault in ours.value.faults} == {f"/injects/{at}/when" for at in (1, 2, 3)}


def test_ours_goes_out_and_comes_back_with_equal_words_and_moments() -> None:
    text = f"""
name: Heen en weer
ledBy: {RIVM}
duration: "3:00"
organisations: [{{ref: "{UTRECHT}"}}, {{ref: "{AMSTERDAM}"}}]
injects:
  - {{id: begin, at: "0:05:30", to: [all], subject: "a < b & c", text: "Eén <b> & twee"}}
  - {{id: na, when: {{inject: begin}}, delay: "0:10", to: ["{AMSTERDAM}"], subject: Na}}
  - {{id: later, when: {{inject: na}}, delay: "0:01", to: [all], subject: Later}}
"""
    ours = read_scenario(text.encode(), "heen.yaml")
    written = export_openaev(ours)
    assert [item["inject_depends_duration"] for item in written["scenario_injects"]] == [330, 930, 990]
    back = import_openaev(orjson.dumps(written), "terug.json", RIVM, {UTRECHT: UTRECHT, AMSTERDAM: AMSTERDAM})
    assert [(i.subject, i.text, i.to, i.at, i.delay) for i in back.injects] == [
        (i.subject, i.text, i.to, i.at, i.delay) for i in ours.injects
    ]
