"""Nodes with organisations that keep cases, for the tests of cases and hand-overs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eendracht.bootstrap import WINGS, create_instance
from eendracht.config import Settings
from eendracht.kernel.access import PERSON_PREFIX, Principal, Role
from eendracht.kernel.clock import Clock
from eendracht.kernel.instance import Instance
from eendracht.kernel.ledger.history import History
from eendracht.kernel.store import Store, load
from eendracht.services.cases import Submission
from eendracht.services.registers import document_of
from tests.web.nodes import draft

UTRECHT, AMSTERDAM, CBR = "organisation:gm0344", "organisation:gm0363", "organisation:zb000137"
CANARY = "Zwaluwstaart-Kanarie"
MONDAY = datetime(2026, 2, 9, 9, 0, tzinfo=UTC)

DRAFTS = (
    draft(UTRECHT, "Gemeente Utrecht", owner=UTRECHT, type="municipality"),
    draft(AMSTERDAM, "Gemeente Amsterdam", owner=AMSTERDAM, type="municipality"),
    draft(CBR, "CBR", owner=CBR, type="zbo"),
    draft("public-service:gm0344/parkeren", "Parkeervergunning", owner=UTRECHT),
    draft("public-service:gm0344/bouwen", "Omgevingsvergunning", owner=UTRECHT, decisionWeeks=13),
    draft("dataset:gm0344/brp", "BRP", owner=UTRECHT),
    draft("dataset:gm0344/wmo", "Wmo", owner=UTRECHT),
)


class MovingClock(Clock):
    """A clock that a test sets."""

    def __init__(self, moment: datetime = MONDAY) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


def make_node(
    folder: Path, built_in: str = f"{UTRECHT} {AMSTERDAM}", clock: Clock | None = None, database: str = ""
) -> Instance:
    """Make a node whose organisations keep cases in the built-in store, with a clock of its own where one is given."""
    settings = Settings(
        folder=folder, name="test.example/eendracht", built_in_cases=built_in, checkpoint_seconds=1, database=database
    )
    instance = create_instance(settings, WINGS)
    load(instance.store, list(DRAFTS), size=10)
    if clock is None:
        return instance
    instance.store.close()
    return open_node(settings, clock)


def open_node(settings: Settings, clock: Clock | None = None) -> Instance:
    """Open a node that is there."""
    from eendracht.bootstrap import _engine, _signer, registry

    driver, text = _engine(settings)
    store = Store(driver, registry(WINGS), text, clock)
    signer = _signer(settings)
    return Instance(settings, store, History(store, settings.ledger_folder, signer), signer, WINGS)


def with_settings(instance: Instance, **changes: Any) -> Instance:
    """Give the same node with other settings."""
    return Instance(
        replace(instance.settings, **changes), instance.store, instance.history, instance.signer, instance.wings
    )


def write_connections(folder: Path, text: str) -> None:
    """Write cases.toml, for its owner alone."""
    path = folder / "cases.toml"
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        file.write(text)


def editor(organisation: str) -> Principal:
    return Principal(organisation.partition(":")[2] + "/editor", frozenset({(Role.EDITOR, organisation)}))


def person(subject: str) -> Principal:
    return Principal(PERSON_PREFIX + subject)


def submission(subject: str, organisation: str = UTRECHT, **changes: Any) -> Submission:
    """Give an application with something personal in it."""
    answers: Mapping[str, Any] = {"name": f"Jan {CANARY}", "reason": "Ik woon hier nu.", "bsn": "999990019"}
    documents = (document_of("", "Huurcontract", f"Huurder: {CANARY}".encode(), "text/plain", "huur.txt"),)
    given: dict[str, Any] = {
        "form": "application",
        "answers": answers,
        "documents": documents,
        "labels": {"name": "Naam"},
        "service": "public-service:gm0344/parkeren",
        **changes,
    }
    return Submission(subject=subject, organisation=organisation, **given)
