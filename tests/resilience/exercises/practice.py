"""A node with three organisations that practise: two services on one identity provider, with a second one by hand."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from eendracht.bootstrap import Wiring, open_instance
from eendracht.config import load_settings
from eendracht.kernel.access import OPERATOR, Principal, Role
from eendracht.kernel.clock import FixedClock
from eendracht.kernel.instance import Instance
from eendracht.kernel.records import prepare
from eendracht.resilience.exercises import leading, playing
from eendracht.resilience.exercises.conductor import Conductor
from eendracht.resilience.exercises.scenario import ScenarioFile
from eendracht.resilience.exercises.scenario_checks import read_scenario
from tests.web.nodes import draft

UTRECHT, AMSTERDAM, RIVM = "organisation:gm0344", "organisation:gm0363", "organisation:mnre1109"
LOGIN, SPARE = "application:mnre1109/inloggen", "application:mnre1109/reserve"
PASSPORT, BENEFIT = "public-service:gm0344/paspoort", "public-service:gm0363/bijstand"
DRAFTS: list[dict[str, Any]] = [
    draft(UTRECHT, "Gemeente Utrecht", type="municipality"),
    draft(AMSTERDAM, "Gemeente Amsterdam", type="municipality"),
    draft(RIVM, "Dienst Inloggen", type="agency"),
    draft(LOGIN, "Inloggen") | {"owner": RIVM},
    draft(SPARE, "Inloggen, reserve") | {"owner": RIVM},
    draft("application:gm0344/balie", "Balie"),
    draft(
        PASSPORT,
        "Paspoort",
        criticality="critical",
        requires=["application:gm0344/balie"],
        requirementGroups=[
            {
                "label": "inloggen",
                "members": [{"provider": LOGIN}, {"provider": SPARE, "switchOverHours": "0.5", "automatic": False}],
            }
        ],
    ),
    draft(
        BENEFIT,
        "Bijstand",
        criticality="critical",
        requirementGroups=[{"label": "inloggen", "bufferHours": "1", "members": [{"provider": LOGIN}]}],
    )
    | {"owner": AMSTERDAM},
]
LEADER = Principal("leader", frozenset({(Role.EDITOR, RIVM), (Role.SECURITY, RIVM)}))
ANNE = Principal("anne", frozenset({(Role.READER, UTRECHT)}))
BILAL = Principal("bilal", frozenset({(Role.READER, AMSTERDAM)}))
CHEN = Principal("chen", frozenset({(Role.READER, RIVM)}))
STRANGER = Principal("stranger", frozenset({(Role.EDITOR, "organisation:gm0106")}))
BEGIN = datetime(2026, 11, 30, 9, tzinfo=UTC)
SCENARIO = """
name: Inloggen valt uit
ledBy: organisation:mnre1109
duration: "4:00"
organisations:
  - ref: organisation:gm0344
    players: 2
  - ref: organisation:gm0363
  - ref: organisation:mnre1109
world:
  failures:
    - thing: application:mnre1109/inloggen
      at: "0:30"
  repairs:
    - thing: application:mnre1109/inloggen
      duration: "1:00"
      skill: platform
      people: 2
  crews:
    - organisation: organisation:mnre1109
      skill: platform
      people: 2
objectives:
  - id: samen
    name: Samen een beeld maken
  - id: door
    name: Doorgaan zonder inloggen
injects:
  - id: begin
    at: "0:05"
    to: [all]
    subject: Storingen bij inloggen
    text: Inwoners melden dat zij niet kunnen inloggen.
    from: Meldkamer
    objective: samen
  - id: paspoort-plat
    when: {thing: "public-service:gm0344/paspoort", state: down}
    to: [organisation:gm0344]
    subject: De balie loopt vol
  - id: uitgeweken
    when: {decision: fail-over}
    delay: "0:10"
    to: [organisation:gm0363]
    subject: Utrecht is uitgeweken
  - id: niemand-deelt
    when: {expectation: delen, status: failed}
    to: [all]
    kind: contingency
    subject: De pers belt
expectations:
  - {id: bevestigen, name: Bevestig de melding, objective: samen, inject: begin, type: acknowledge,
     within: "0:20", scope: all}
  - {id: delen, name: Vertel het Amsterdam, objective: samen, inject: begin, of: [organisation:gm0344], type: share,
     shareWith: organisation:gm0363, within: "0:30", score: 20}
  - {id: uitwijken, name: Besluit uit te wijken, objective: door, of: [organisation:gm0344], inject: paspoort-plat,
     type: decide, effect: fail-over, within: "1:00"}
  - {id: oordeel, name: Er is een beeld, objective: samen, of: [organisation:mnre1109], type: document, within: "3:00",
     check: evaluator}
"""


def write(**more: str) -> bytes:
    """Give the scenario, with sections replaced."""
    text = SCENARIO
    for name, section in more.items():
        before, _, rest = text.partition(f"\n{name}:")
        rest = "\n".join(rest.splitlines()[1:])
        after = next(
            (rest[at:] for at in range(len(rest)) if rest[at - 1 : at] in ("", "\n") and rest[at].isalpha()), ""
        )
        body = textwrap.indent(textwrap.dedent(section), "  ")
        text = f"{before}\n{name}:\n{body}\n{after}"
    return text.encode()


def scenario(**more: str) -> ScenarioFile:
    """Give the scenario, read."""
    return read_scenario(write(**more), "inloggen.yaml")


@contextmanager
def open_node(folder: Path) -> Iterator[Instance]:
    """Open a node with the landscape; its clock stands at nine o'clock."""
    with fill_landscape(folder / "node") as instance:
        instance.store.clock = FixedClock(BEGIN)
        yield instance


def fill_landscape(
    folder: Path, drafts: Sequence[dict[str, Any]] = DRAFTS, database: str = "", **settings: str
) -> Instance:
    """Make a node in a folder with settings of its own, put a landscape in it, and open it."""
    Wiring().create(folder, database=database).close()
    with (folder / "node.toml").open("a", encoding="utf-8") as file:
        file.writelines(f'{name} = "{value}"\n' for name, value in settings.items())
    instance = open_instance(load_settings(folder))
    instance.store.append([prepare(item, instance.store.registry) for item in drafts], OPERATOR)
    return instance


class Practice:
    """An exercise under way on a clock that is set by hand."""

    def __init__(self, instance: Instance, given: ScenarioFile | None = None, players: bool = True) -> None:
        self.instance = instance
        self.id = leading.create_exercise(instance, LEADER, given or scenario())
        for player in (ANNE, BILAL, CHEN) if players else ():
            playing.join(instance, player, self.id)
        self.conductor = Conductor(instance, self.id)
        self.conductor.tick()

    def start(self) -> None:
        """Begin."""
        leading.start(self.instance, LEADER, self.id)

    def at(self, minutes: float) -> None:
        """Put the wall clock so many minutes after nine, and do what is due."""
        self.put(minutes)
        self.conductor.tick()

    def put(self, minutes: float) -> None:
        """Put the wall clock only."""
        assert isinstance(self.instance.store.clock, FixedClock)
        self.instance.store.clock.moment = BEGIN + timedelta(minutes=minutes)
