"""A node with something on every page of the wing, and one with nothing: for what is judged of all pages alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from eendracht.bootstrap import WINGS, create_instance, open_instance
from eendracht.config import Settings, load_settings
from eendracht.kernel.access import Principal, Role
from eendracht.kernel.instance import Instance
from eendracht.kernel.store import load
from eendracht.kernel.wing import load_parts
from eendracht.kit.personas import PERSONAS, create_personas
from eendracht.services.cases import Submission, submit
from eendracht.services.demo import fill_demo
from eendracht.services.experience.elsewhere import ANSWERED, COMPONENT, DIRECT, HANDED_OVER, NONE_OF_THESE
from eendracht.services.experience.measures import measures_of
from eendracht.services.experience.passages import begin_passage
from eendracht.services.handovers import Offer, offer
from eendracht.services.proactive.asking import ask_proactive_run
from tests.services.catalogues import EVENT, FULL, OWN
from tests.services.overview.persons import SERVICE as REMISSION
from tests.services.overview.persons import contents
from tests.services.pages.test_door import SERVICE as PARKING
from tests.services.proactive.nodes import ask_for, editor, finish, make_node
from tests.services.proactive.towns import make_town
from tests.web.demo import Demo
from tests.web.nodes import OTHER, OWNER, draft, fill_node, uid_of
from tests.web.serving import run_server

NAME = "test.example/eendracht"
BUILT_IN = f"{OWNER} {OTHER}"
OFFERS = 6
"""So many hand-overs wait for the counter: a test that answers them takes one for each language."""
WORD = "zqxkanarie"
"""Stands in all that is kept of the parent and in nothing else."""
TODAY = date.today()  # noqa: DTZ011 - the day on the wall
PASSPORT = deepcopy(FULL) | {"ref": "public-service:gm0344/reisdocument", "uid": uid_of("reisdocument")}
CHANGE = draft(
    "journey-change:gm0344/kortere-vraag",
    "Kortere vraag over het inkomen van wie meewoont in het huis",
    journey="kwijtschelding",
    organisation=OWNER,
    changedOn=(TODAY - timedelta(days=5)).isoformat(),
)


@dataclass
class Filled(Demo):
    """A served node, with a proactive run that waits for approval and one of who may not approve."""

    run: str
    own_run: str
    case: str
    """Number of a case at the municipality of the counter."""
    theirs: str
    """Number of a case at the other municipality."""


def make_filled(folder: Path, town_folder: Path) -> dict[str, str]:
    """Make a node with something on every page of the wing; give the runs and the numbers of cases."""
    town = make_town(town_folder / "people", 400)
    with make_node(folder, town) as instance:
        load(instance.store, [EVENT, PASSPORT, OWN, PARKING, draft(REMISSION, "Kwijtschelding"), CHANGE], size=1)
    (folder / "node.toml").write_text(f'name = "{NAME}"\nmode = "demo"\nbuilt_in_cases = "{BUILT_IN}"\n')
    with open_instance(load_settings(folder), WINGS) as instance:
        _make_people(instance)
        made = _make_cases(instance)
        _make_counts(instance)
        for name, asker in (("run", editor(instance, "asker")), ("own_run", counter_of(OWNER, "persona/front-office"))):
            made[name] = finish(instance, ask_proactive_run(instance, asker, ask_for(town))).id
    return made


@contextmanager
def open_empty(folder: Path, *drafts: dict[str, Any]) -> Iterator[Instance]:
    """Make a node on which nobody has anything yet, with these drafts."""
    with create_instance(Settings(folder, NAME, mode="demo"), WINGS) as instance:
        fill_node(instance, [draft(OWNER, "Gemeente Utrecht", type="municipality")])
        load(instance.store, [draft("application:gm0344/balie", "Balie"), *map(deepcopy, drafts)], size=1)
        _make_people(instance)
        yield instance


def counter_of(organisation: str, name: str = "") -> Principal:
    """Give an editor of an organisation."""
    return Principal(name or f"{organisation[13:]}/balie", frozenset({(Role.EDITOR, organisation)}))


def _make_people(instance: Instance) -> None:
    create_personas(instance, (*PERSONAS, *load_parts(WINGS, "personas")))


def _make_cases(instance: Instance) -> dict[str, str]:
    fill_demo(instance)
    subjects = {code: instance.vault.add_subject("persona", code) for code in ("parent", "pensioner")}
    me = subjects["parent"]
    kinds = {rule.kind for rule in load_parts(WINGS, "retention")}
    for kind, controller, content in contents(WORD, me, subjects["pensioner"]):
        if kind in kinds and kind not in ("register-extract", "representation"):
            author = counter_of(controller, "services/test")
            instance.vault.put(me, kind, content, controller=controller, ground="avg/art-6", author=author)
    asked = {"name": WORD, "toelichting": f"Ik heb dit nodig, {WORD}"}
    late = TODAY - timedelta(days=100)

    def keep(organisation: str, **more: object) -> tuple[str, str]:
        given = Submission(me, organisation, "application", asked, service=REMISSION, **more)  # type: ignore[arg-type]
        case = submit(instance, counter_of(organisation), given)
        return case.id, case.number

    _, mine = keep(OWNER, received_on=late)
    gone, _ = keep(OWNER)
    offer(instance, counter_of(OWNER), Offer(gone, OTHER))
    _, theirs = keep(OTHER)
    for _ in range(OFFERS):
        offer(instance, counter_of(OTHER), Offer(keep(OTHER)[0], OWNER))
    return {"case": mine, "theirs": theirs}


def _make_counts(instance: Instance) -> None:
    measures = measures_of(instance)
    now = datetime.now(UTC)
    for days, ended in ((9, 6), (2, 11)):
        for number in range(14):
            passage = begin_passage("kwijtschelding", OWNER, now - timedelta(days=days))
            measures.note_begin(passage)
            for step in ("gegevens", "inkomen")[: 1 + number % 2]:
                measures.note_step(passage.at_step(step).asking("inkomen", "inkomen"))
            if number < ended:
                measures.note_end(passage.at_step("inkomen").asking("inkomen").asking("inkomen"))
                measures.note_effort(passage, 1 + number % 7)
    for journey, outcome in ((COMPONENT, ANSWERED), (COMPONENT, NONE_OF_THESE), (DIRECT, HANDED_OVER)):
        measures.note_outcome(journey, OWNER, outcome)


@contextmanager
def serve_filled(folder: Path, town_folder: Path) -> Iterator[Filled]:
    """Make such a node and serve it; fails where the server printed a trace."""
    made = make_filled(folder, town_folder)
    with run_server(folder) as server:
        # The first question reads the words of all services.
        httpx.post(f"{server.url}/v1/door", json={"text": "paspoort"}, timeout=120)
        yield Filled(server, folder, **made)
        _, out, errors = server.stop()
    assert "Traceback" not in errors, errors
    assert WORD not in out + errors
