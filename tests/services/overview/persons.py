"""A node that knows two persons, each with a secret word of their own in everything that is kept of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from eendracht.bootstrap import WINGS, create_instance, open_instance
from eendracht.config import Settings, load_settings
from eendracht.kernel.access import PERSON_PREFIX, Principal, Role
from eendracht.kernel.credentials import create_principal
from eendracht.kernel.instance import Instance
from eendracht.kernel.vault import RetentionRule
from eendracht.kernel.wing import Wing
from eendracht.kit.personas import PERSONAS, SCHEME, create_personas
from eendracht.services.cases import Submission, submit
from eendracht.services.consents import give_consent
from eendracht.services.handovers import Offer, accept, offer
from eendracht.services.personas import PERSONAS as WING_PERSONAS
from tests.web.nodes import OTHER, OWNER, PUBLIC_DRAFTS, draft, fill_node
from tests.web.serving import Server, free_port, run_python

KINDS = (
    "register-extract", "claim", "register-feedback", "proactive-message", "proactive-stop", "representation",
)  # fmt: skip
RETENTION = (
    *(RetentionRule(kind, "P1Y", "AVG, art. 5.1.e", is_open_to_subject=True) for kind in KINDS),
    RetentionRule("working-note", "P1Y", "AVG, art. 5.1.e"),
)
"""What other parts of the wing keep, and one kind that is not open to whom it is about."""
KEPT = Wing("people", retention="tests.services.overview.persons:RETENTION")
SERVE = """
import sys
from pathlib import Path
from eendracht.bootstrap import WINGS, open_instance
from eendracht.config import load_settings
from eendracht.web.server import serve
from tests.services.overview.persons import KEPT

with open_instance(load_settings(Path(sys.argv[1])), (*WINGS, KEPT)) as instance:
    serve(instance)
"""
SERVICE = "public-service:gm0344/kwijtschelding"
WORDS = {"parent": "zqxouder", "pensioner": "zqxoudere"[::-1]}
"""The secret word of each person."""
STAFF = Principal("gm0344/balie", frozenset({(Role.EDITOR, OWNER)}))
PROGRAM = Principal("services/cases", frozenset({(Role.EDITOR, OTHER)}))
TODAY = date.today()  # noqa: DTZ011 - the day on the wall


def contents(word: str, me: str, other: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield kind, controller and content of what is kept of one person, in the shapes in which the wing keeps it."""
    yield "register-extract", OWNER, {
        "register": "BRP", "dataset": "", "key": "bsn", "about": word, "asOf": "2026-10-01", "source": "synthetic",
        "rows": [{"bsn": word, "geboortedatum": "1990-01-01"}],
    }  # fmt: skip
    made = {"event": "made", "fact": "woonadres", "whose": "", "register": "BRP", "registerValue": f"Straat {word}"}
    yield "claim", OWNER, {**made, "statedValue": f"Laan {word}", "evidence": "", "on": "2026-10-02"}
    yield "register-feedback", OWNER, {**made, "claim": "x", "owner": OWNER, "statedValue": "y", "state": "received"}
    yield "proactive-message", OTHER, {
        "id": word, "recipient": {"name": word, "address": []}, "language": "nl", "subject": f"Zorgtoeslag {word}",
        "text": f"U hebt misschien recht.\n\nVraag het aan, {word}.", "law": "wet_op_de_zorgtoeslag",
        "article": "2", "amountPerYear": 147600, "certainty": "estimate", "run": "r",
    }  # fmt: skip
    for order, stopped in enumerate((False, True)):
        stop = {"law": "wet_op_de_zorgtoeslag", "notices": "", "stopped": stopped, "since": "", "order": order}
        yield "proactive-stop", OWNER, stop
    yield "representation", OWNER, {
        "represented": other, "by": me, "basis": "mandate", "starts": "2026-01-01", "ends": None, "scope": ["*"],
        "source": "synthetic",
    }  # fmt: skip
    yield "calculation-receipt", OWNER, {"secret": word}
    yield "working-note", OWNER, {"secret": f"note-{word}"}


def fill(instance: Instance) -> dict[str, str]:
    """Fill a node and give the subject of each person."""
    fill_node(instance, [*PUBLIC_DRAFTS, draft(SERVICE, "Kwijtschelding", level="public")])
    create_personas(instance, (*PERSONAS, *WING_PERSONAS))
    subjects = {name: instance.vault.add_subject(SCHEME, name) for name in WORDS}
    for name, other in (("parent", "pensioner"), ("pensioner", "parent")):
        for kind, controller, content in contents(WORDS[name], subjects[name], subjects[other]):
            author = Principal("services/test", frozenset({(Role.EDITOR, controller)}))
            what = {"controller": controller, "ground": "avg/art-6", "author": author}
            instance.vault.put(subjects[name], kind, content, **what)
        _hand_over(instance, subjects[name], WORDS[name])
    return subjects


def _hand_over(instance: Instance, subject: str, word: str) -> None:
    """Let somebody ask for something on paper, long ago, twice: one lies there, the other another body takes over."""
    counter, taker = (Principal(f"{ref[13:]}/balie", frozenset({(Role.EDITOR, ref)})) for ref in (OWNER, OTHER))
    asked = Submission(
        subject, OWNER, "application", {"name": word}, service=SERVICE, received_on=TODAY - timedelta(days=100)
    )
    submit(instance, counter, asked)
    case = submit(instance, counter, asked).id
    give_consent(instance, person(subject), case, OTHER, ["income"])
    accept(instance, taker, offer(instance, counter, Offer(case, OTHER)).id)


@contextmanager
def open_persons(folder: Path) -> Iterator[Instance]:
    """Open the node of a folder with the kinds of the test, making it where it is not there."""
    wings = (*WINGS, KEPT)
    is_there = (folder / "node.toml").exists()
    settings = (
        load_settings(folder)
        if is_there
        else Settings(folder, "test.example/eendracht", mode="demo", built_in_cases=f"{OWNER} {OTHER}")
    )
    with open_instance(settings, wings) if is_there else create_instance(settings, wings) as instance:
        yield instance


@contextmanager
def serve_persons(folder: Path) -> Iterator[Server]:
    """Serve the node of a folder."""
    port = free_port()
    with run_python(SERVE, [str(folder)], port, "/v1/health", EENDRACHT_PORT=str(port)) as server:
        yield server


def person(subject: str) -> Principal:
    """Give the principal of a subject."""
    return Principal(PERSON_PREFIX + subject)


def let_in(instance: Instance, subject: str) -> None:
    """Make the principal of a subject."""
    create_principal(instance.store, PERSON_PREFIX + subject, ())
