"""Scenarios of OpenAEV (before: OpenBAS), as its export of version 1 has them: read as ours, and written back.

An inject keeps its id, title and moment; a team stands for an organisation. What the other side cannot say is refused
by name and never left out in silence: here conditions on the outcome of an expectation, there conditions on the
simulated estate. What is technical in an inject (the payload of an implant) is not read: players get its words.
"""

from __future__ import annotations

import html
import re
import uuid
from collections.abc import Mapping
from typing import Any, Final

import orjson
from pydantic import BaseModel, ConfigDict, Field

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.validation import validate
from eendracht.resilience.exercises.scenario import EVERYBODY, SECONDS_IN_HOUR, Inject, ScenarioFile, print_duration
from eendracht.resilience.exercises.scenario_checks import check_scenario

EXPORT_VERSION: Final = 1
MOST_BYTES: Final = 16 * 1024 * 1024
_MOST_INJECTS: Final = 5_000
_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "https://eendracht.example/openaev")
_MAIL_TO_ALL: Final = "2790bd39-37d4-4e39-be7e-53f3ca783f86"
"""The contract of OpenAEV by which a message goes to the players of teams (`EmailContract.EMAIL_GLOBAL`)."""
_TAG: Final = re.compile(r"<[^<>]{0,2000}>")


class _Said(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Information(_Said):
    scenario_name: str = Field(min_length=1, max_length=300)
    scenario_description: str | None = Field(default="", max_length=10_000)


class _Team(_Said):
    team_id: str = Field(max_length=100)
    team_name: str = Field(default="", max_length=300)


class _Objective(_Said):
    objective_id: str = Field(max_length=60)
    objective_title: str = Field(min_length=1, max_length=300)


class _Relationship(_Said):
    inject_parent_id: str = Field(max_length=60)


class _Dependency(_Said):
    dependency_relationship: _Relationship
    dependency_condition: dict[str, Any] | None = None


class _Inject(_Said):
    inject_id: str = Field(max_length=60)
    inject_title: str = Field(min_length=1, max_length=300)
    inject_description: str | None = Field(default="", max_length=10_000)
    inject_enabled: bool = True
    inject_content: dict[str, Any] | None = None
    inject_all_teams: bool = False
    inject_teams: tuple[str, ...] = Field(default=(), max_length=2_000)
    inject_depends_on: tuple[_Dependency, ...] | None = Field(default=(), max_length=1)
    inject_depends_duration: int = Field(ge=0, le=14 * 24 * SECONDS_IN_HOUR)


class _Export(_Said):
    export_version: int = Field(ge=EXPORT_VERSION, le=EXPORT_VERSION)
    scenario_information: _Information
    scenario_teams: tuple[_Team, ...] = Field(default=(), max_length=2_000)
    scenario_objectives: tuple[_Objective, ...] | None = Field(default=(), max_length=200)
    scenario_injects: tuple[_Inject, ...] = Field(min_length=1, max_length=_MOST_INJECTS)


def import_openaev(data: bytes, file: str, led_by: str, organisations: Mapping[str, str]) -> ScenarioFile:
    """Read an export of OpenAEV as a scenario; raises InvalidInput with every fault.

    `organisations` gives the organisation for each id or name of a team, and any others that take part; `led_by` leads.
    An inject for no team, or for all, goes to everybody. Injects that are switched off there are left out.
    """
    if len(data) > MOST_BYTES:
        raise _refuse(file, [_fault("", "file-too-large", "Dit bestand is te groot", "This file is too large")])
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise _refuse(file, [_fault("", "unreadable-file", "Dit is geen JSON", "This is not JSON")]) from None
    export, faults = validate(_Export, document)
    if export is None:
        raise _refuse(file, faults)
    plain, faults = _read_export(export, organisations)
    if faults:
        raise _refuse(file, faults)
    scenario, faults = validate(ScenarioFile, plain | {"ledBy": led_by})
    if scenario is not None:
        faults += check_scenario(scenario, "", None)
    if scenario is None or faults:
        raise _refuse(file, faults)
    return scenario


def _read_export(export: _Export, organisations: Mapping[str, str]) -> tuple[dict[str, Any], list[Fault]]:
    nl, en = "Zeg voor welke organisatie dit team speelt", "Say for whom this team plays"
    teams = {
        team.team_id: organisations.get(team.team_id) or organisations.get(team.team_name)
        for team in export.scenario_teams
    }
    faults = [
        _fault(f"/scenario_teams/{at}", "unknown-team", nl, en)
        for at, team in enumerate(export.scenario_teams)
        if teams[team.team_id] is None
    ]
    kept = {item.inject_id: item for item in export.scenario_injects if item.inject_enabled}
    injects = []
    for at, item in enumerate(export.scenario_injects):
        if item.inject_enabled:
            inject, found = _read_inject(item, f"/scenario_injects/{at}", kept, teams)
            injects.append(inject)
            faults += found
    last = max((item.inject_depends_duration for item in kept.values()), default=0)
    plain = {
        "name": export.scenario_information.scenario_name,
        "description": export.scenario_information.scenario_description or "",
        "duration": print_duration(last + SECONDS_IN_HOUR),
        "organisations": [{"ref": ref} for ref in dict.fromkeys(organisations.values())],
        "objectives": [
            {"id": item.objective_id.lower(), "name": item.objective_title} for item in export.scenario_objectives or ()
        ],
        "injects": injects,
    }
    return plain, faults


def _read_inject(
    item: _Inject, place: str, kept: Mapping[str, _Inject], teams: Mapping[str, str | None]
) -> tuple[dict[str, Any], list[Fault]]:
    nl, en = "Dit team staat niet in het bestand", "This team is not in the file"
    faults = [
        _fault(f"{place}/inject_teams/{at}", "unknown-team", nl, en)
        for at, team in enumerate(item.inject_teams)
        if team not in teams
    ]
    to = [ref for team in item.inject_teams if (ref := teams.get(team))]
    inject: dict[str, Any] = {
        "id": item.inject_id.lower(),
        "to": [EVERYBODY] if item.inject_all_teams or not item.inject_teams else to,
        "subject": item.inject_title,
        "text": _read_text(item),
    }
    for dependency in item.inject_depends_on or ():
        parent = kept.get(dependency.dependency_relationship.inject_parent_id)
        where = f"{place}/inject_depends_on"
        if parent is None:
            faults.append(_fault(where, "unknown-inject", "Deze inject is er niet", "There is no such inject"))
        elif (dependency.dependency_condition or {}).get("conditions"):
            faults.append(
                _fault(where, "condition", "Deze voorwaarde wordt niet gelezen", "This condition is not read")
            )
        else:
            inject["when"] = {"inject": parent.inject_id.lower()}
            wait = item.inject_depends_duration - parent.inject_depends_duration
            inject["delay"] = print_duration(max(0, wait))
    if "when" not in inject:
        inject["at"] = print_duration(item.inject_depends_duration)
    return inject, faults


def _read_text(item: _Inject) -> str:
    """Give what a player reads: the body of the mail without its markup, else the description."""
    body = (item.inject_content or {}).get("body")
    if not isinstance(body, str):
        return item.inject_description or ""
    return html.unescape(_TAG.sub("", re.sub(r"</p>|<br ?/?>", "\n", body[:100_000]))).strip()[:10_000]


def export_openaev(scenario: ScenarioFile) -> dict[str, Any]:
    """Give a scenario as an export of OpenAEV; raises InvalidInput naming each inject whose condition it cannot say."""
    faults = [
        _fault(f"/injects/{at}/when", "condition", "OpenAEV kent deze voorwaarde niet", "OpenAEV has no such condition")
        for at, inject in enumerate(scenario.injects)
        if inject.when and (inject.when.thing or inject.when.expectation or inject.when.decision)
    ]
    if faults:
        raise _refuse(scenario.name, faults)
    teams = {ref: _make_id(ref) for ref in scenario.members}
    return {
        "export_version": EXPORT_VERSION,
        "scenario_information": {
            "scenario_id": _make_id(f"{scenario.led_by} {scenario.name}"),
            "scenario_name": scenario.name,
            "scenario_description": scenario.description,
            "scenario_message_header": {"nl": "OEFENING", "en": "EXERCISE"}[scenario.language],
            "scenario_message_footer": {"nl": "OEFENING", "en": "EXERCISE"}[scenario.language],
            "scenario_tags": [],
            "scenario_documents": [],
        },
        "scenario_teams": [
            {"team_id": team, "team_name": ref, "team_users": [], "team_tags": []} for ref, team in teams.items()
        ],
        "scenario_objectives": [
            {"objective_id": _make_id(item.id), "objective_title": item.name, "objective_priority": at}
            for at, item in enumerate(scenario.objectives)
        ],
        "scenario_users": [],
        "scenario_organizations": [],
        "scenario_injects": [_write_inject(scenario, inject, teams) for inject in scenario.injects],
        "scenario_tags": [],
        "scenario_documents": [],
    }


def _write_inject(scenario: ScenarioFile, inject: Inject, teams: Mapping[str, str]) -> dict[str, Any]:
    goes_to_all = EVERYBODY in inject.to
    parent = scenario.injects_by_id[inject.when.inject] if inject.when and inject.when.inject else None
    relation = {"inject_parent_id": _make_id(parent.id), "inject_children_id": _make_id(inject.id)} if parent else None
    return {
        "inject_id": _make_id(inject.id),
        "inject_title": inject.subject,
        "inject_description": inject.text,
        "inject_enabled": True,
        "inject_content": {"subject": inject.subject, "body": html.escape(inject.text, quote=False)},
        "inject_all_teams": goes_to_all,
        "inject_teams": [] if goes_to_all else [teams[ref] for ref in scenario.list_recipients(inject.to)],
        "inject_depends_on": [{"dependency_relationship": relation}] if relation else [],
        "inject_depends_duration": find_offset(scenario, inject),
        "inject_injector_contract": {"injector_contract_id": _MAIL_TO_ALL},
        "inject_tags": [],
        "inject_documents": [],
    }


def find_offset(scenario: ScenarioFile, inject: Inject) -> int:
    """Give the second of the exercise at which an inject comes that waits for nothing but other injects."""
    seconds = inject.delay
    while inject.when is not None and inject.when.inject:
        inject = scenario.injects_by_id[inject.when.inject]
        seconds += inject.delay
    return seconds + (inject.at or 0)


def _make_id(name: str) -> str:
    """Give the id that OpenAEV asks for: the name where it is one already."""
    try:
        return str(uuid.UUID(name))
    except ValueError:
        return str(uuid.uuid5(_NAMESPACE, name))


def _fault(pointer: str, code: str, nl: str, en: str) -> Fault:
    return Fault(pointer, code, nl, en, "Change it where it was made, or leave it out.")


def _refuse(name: str, faults: list[Fault]) -> InvalidInput:
    return InvalidInput(f"{name}: {len(faults)} fault(s)", faults=faults)
