"""Hand-overs between two nodes, the other one a real server that may be down, and one that is killed at its work."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest

from eendracht.bootstrap import open_instance
from eendracht.config import load_settings
from eendracht.kernel.access import Principal
from eendracht.kernel.credentials import create_principal, issue_token
from eendracht.kernel.errors import Denied, InvalidInput
from eendracht.kernel.instance import Instance
from eendracht.services import consents
from eendracht.services.case_index import CaseIndex
from eendracht.services.case_items import PURPOSE, read_item
from eendracht.services.case_jobs import tend_cases
from eendracht.services.case_views import HandoverView
from eendracht.services.cases import MOST_DOCUMENT_BYTES, get_case, list_cases, list_confirmations, submit
from eendracht.services.handover_delivery import Incoming, IncomingDocument, NodeUnreachable, receive, receive_document
from eendracht.services.handover_views import get_handover
from eendracht.services.handovers import Extra, HandoverSettled, Offer, offer, open_content, withdraw
from eendracht.services.registers import document_of
from tests.kernel.node import files_with
from tests.services.case_nodes import (
    AMSTERDAM,
    CANARY,
    UTRECHT,
    MovingClock,
    editor,
    make_node,
    person,
    submission,
    write_connections,
)
from tests.services.test_cases import run_waiting
from tests.web.serving import ROOT, Server, free_port, run_server


class Towns:
    """Utrecht on this node, Amsterdam on another."""

    def __init__(self, folder: Path) -> None:
        self.clock = MovingClock()
        self.here = make_node(folder / "here", UTRECHT, self.clock)
        self.there_folder = folder / "there"
        with make_node(self.there_folder, AMSTERDAM) as there:
            create_principal(there.store, "gm0344/node", [f"editor@{UTRECHT}"])
            token = issue_token(there.store, "gm0344/node", "write")
            create_principal(there.store, "gm0363/editor", [f"editor@{AMSTERDAM}"])
            self.token = issue_token(there.store, "gm0363/editor", "write")
        self.port = free_port()
        write_connections(
            self.here.settings.folder,
            f'[nodes."{AMSTERDAM}"]\naddress = "http://127.0.0.1:{self.port}"\ntoken = "{token}"\n',
        )
        self.subject = self.here.vault.add_subject("bsn", "999990019")

    @contextmanager
    def there(self) -> Iterator[Server]:
        with run_server(self.there_folder, self.port) as server:
            yield server

    def case_offered(self) -> HandoverView:
        case = submit(self.here, person(self.subject), submission(self.subject, products=("terrasvergunning",)))
        return offer(self.here, editor(UTRECHT), Offer(case.id, AMSTERDAM))

    def view(self, handover: str) -> HandoverView:
        return get_handover(self.here, person(self.subject), handover)

    def go_on(self, **time_passed: int) -> None:
        """Let time pass, and the work that is due be done."""
        self.clock.moment += timedelta(**time_passed)
        tend_cases(self.here)
        run_waiting(self.here)

    def ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.request(method, f"http://127.0.0.1:{self.port}{path}", json=body, headers=headers, timeout=30)


@pytest.fixture
def towns(tmp_path: Path) -> Iterator[Towns]:
    made = Towns(tmp_path)
    with made.here:
        yield made


def test_a_node_that_is_down_gets_it_when_it_is_back(towns: Towns) -> None:
    handover = towns.case_offered().id
    assert run_waiting(towns.here) == ["handover-delivery"]
    view = towns.view(handover)
    assert (view.state, view.is_delivered, view.tries, view.responsible) == ("offered", False, 1, UTRECHT)
    assert "nu niet bereikbaar" in view.telling.nl and "Gemeente Utrecht blijft verantwoordelijk" in view.telling.nl
    towns.go_on()
    assert towns.view(handover).tries == 1
    towns.go_on(minutes=2)
    towns.go_on(minutes=2)
    assert towns.view(handover).tries in (2, 3)
    with towns.there():
        towns.go_on(hours=1)
        assert towns.view(handover).is_delivered
        (waiting,) = towns.ask("GET", "/v1/handovers").json()["handovers"]
        assert waiting["id"] == handover and waiting["firstReceivedOn"] == "2026-02-09"
        looked = towns.ask("POST", f"/v1/handovers/{handover}/look").json()
        assert looked["answers"]["name"] == f"Jan {CANARY}" and looked["documents"] == ["Huurcontract"]
        assert looked["about"] == {"nl": "Parkeervergunning", "en": "Permit for a terrace"}
        towns.go_on(hours=1)
        assert towns.view(handover).state == "offered"
        assert towns.ask("POST", f"/v1/handovers/{handover}/accept").json()["state"] == "accepted"
        # Until this node has heard of it, the first door goes on as responsible.
        assert towns.view(handover).responsible == UTRECHT
        towns.go_on(hours=1)
        assert towns.view(handover).responsible == AMSTERDAM
    with open_instance(load_settings(towns.there_folder)) as there:
        # The file went along whole, and lies encrypted for who has the case now.
        (row,) = CaseIndex(there.store).find_cases("controller = ?", (AMSTERDAM,))
        (kept,) = read_item(there, row.submission, editor(AMSTERDAM))["documents"]
        assert there.vault.get(kept["item"], PURPOSE, editor(AMSTERDAM)) == f"Huurder: {CANARY}".encode()
    (case,) = list_cases(towns.here, person(towns.subject), towns.subject)
    assert case.state == "handed-over" and not case.is_responsible
    assert run_waiting(towns.here) == ["handover-notice"]
    with open_instance(load_settings(towns.there_folder)) as there:
        (row,) = CaseIndex(there.store).find_cases()
        assert row.is_owner and row.controller == AMSTERDAM and row.state == "registered"
        assert files_with(there.settings.folder, CANARY, "999990019", "Huurcontract") == []
    assert files_with(towns.here.settings.folder, CANARY, "999990019", "Huurcontract") == []


def test_a_receiver_that_declines_leaves_it_with_the_first_door(towns: Towns) -> None:
    with towns.there():
        handover = towns.case_offered().id
        run_waiting(towns.here)
        answer = towns.ask("POST", f"/v1/handovers/{handover}/decline", {"reason": "not-competent"})
        assert answer.json()["state"] == "declined", answer.text
        towns.go_on(hours=1)
    view = towns.view(handover)
    assert (view.state, view.reason, view.responsible) == ("declined", "not-competent", UTRECHT)


def test_nobody_answers_on_another_node_either(towns: Towns) -> None:
    handover = towns.case_offered().id
    towns.go_on(days=10)
    assert towns.view(handover).state == "escalated"
    with towns.there():
        towns.go_on(days=1)
        towns.ask("POST", f"/v1/handovers/{handover}/accept").raise_for_status()
        towns.go_on(days=1)
    assert towns.view(handover).state == "accepted"


def test_what_may_have_arrived_is_withdrawn_there_first(towns: Towns) -> None:
    fresh = towns.case_offered().id
    # Nothing was sent yet: it is taken back at once.
    assert withdraw(towns.here, editor(UTRECHT), fresh).state == "withdrawn"
    run_waiting(towns.here)
    handover = towns.case_offered().id
    run_waiting(towns.here)
    with pytest.raises(NodeUnreachable):
        withdraw(towns.here, editor(UTRECHT), handover)
    assert towns.view(handover).state == "offered"
    with towns.there():
        assert withdraw(towns.here, editor(UTRECHT), handover).state == "withdrawn"
        # It is known there as taken back, so that a late arrival cannot be accepted.
        assert towns.ask("POST", f"/v1/handovers/{handover}/accept").status_code == 409
        other = towns.case_offered().id
        run_waiting(towns.here)
        towns.ask("POST", f"/v1/handovers/{other}/accept").raise_for_status()
        with pytest.raises(HandoverSettled):
            withdraw(towns.here, editor(UTRECHT), other)
        towns.go_on(hours=1)
    assert towns.view(other).state == "accepted"
    with open_instance(load_settings(towns.there_folder)) as there:
        assert [row.state for row in CaseIndex(there.store).find_handovers()].count("withdrawn") == 1


def test_consent_taken_back_reaches_the_other_node(towns: Towns) -> None:
    here = towns.here
    case = submit(here, person(towns.subject), submission(towns.subject))
    given = consents.give_consent(here, person(towns.subject), case.id, AMSTERDAM, ["income"])
    with towns.there():
        view = offer(here, editor(UTRECHT), Offer(case.id, AMSTERDAM, (Extra("income", "laag"),), consent=given.id))
        run_waiting(here)
        consents.revoke_consent(here, person(towns.subject), given.id)
        towns.go_on(minutes=1)
        assert towns.view(view.id).state == "withdrawn"
        assert towns.ask("POST", f"/v1/handovers/{view.id}/accept").status_code == 409


def test_a_document_comes_once_and_before_its_handover(tmp_path: Path) -> None:
    sender = editor(UTRECHT)
    with make_node(tmp_path / "node", AMSTERDAM) as node:

        def send(number: str, size: int, asker: Principal = sender) -> None:
            document = replace(document_of(number, "Bijlage", b"abc"), size=size)
            receive_document(node, asker, IncomingDocument("a" * 24, UTRECHT, AMSTERDAM, document))

        def offer_with(*numbers: str) -> None:
            day = date(2026, 2, 9)
            given = Incoming("a" * 24, UTRECHT, AMSTERDAM, "m", "c" * 24, "application", day, documents=numbers)
            receive(node, sender, given)

        with pytest.raises(Denied):
            send("document-1", 3, editor(AMSTERDAM))
        send("document-1", 3)
        count = node.vault.count_items()
        send("document-1", 3)
        assert node.vault.count_items() == count
        with pytest.raises(InvalidInput):
            send("document-2", MOST_DOCUMENT_BYTES)
        with pytest.raises(InvalidInput) as caught:
            offer_with("document-1", "document-2")
        assert [fault.pointer for fault in caught.value.faults] == ["/documents/1"]
        assert not CaseIndex(node.store).find_handovers()
        offer_with("document-1")
        (row,) = CaseIndex(node.store).find_handovers()
        assert open_content(node, editor(AMSTERDAM), row.id).documents == ("Bijlage",)


def test_only_the_node_of_the_sender_may_offer(towns: Towns) -> None:
    body = {
        "handover": "a" * 24,
        "sender": UTRECHT,
        "receiver": AMSTERDAM,
        "matter": "b" * 24,
        "case": "b" * 24,
        "form": "application",
        "firstReceivedOn": "2026-02-09",
    }
    with towns.there():
        assert towns.ask("POST", "/v1/handovers/incoming", body).status_code == 403
        assert towns.ask("POST", "/v1/handovers/incoming", {**body, "form": "x", "case": "?"}).status_code == 400


KILLED = """
import sys
from pathlib import Path
from eendracht.bootstrap import open_instance
from eendracht.config import load_settings
from eendracht.kernel.errors import EendrachtError
from eendracht.services.handovers import accept
from tests.services.case_nodes import AMSTERDAM, editor

with open_instance(load_settings(Path(sys.argv[1]))) as instance:
    print("ready", flush=True)
    for handover in sys.argv[2:]:
        try:
            accept(instance, editor(AMSTERDAM), handover)
            print("accepted", flush=True)
        except EendrachtError as error:
            print(error.code, flush=True)
"""


def test_a_process_that_is_killed_while_it_accepts_leaves_one_owner_each(tmp_path: Path) -> None:
    chance = random.Random(20260209)
    folder = tmp_path / "node"
    with make_node(folder) as node:
        subject = node.vault.add_subject()
        cases = [submit(node, person(subject), submission(subject, documents=())) for _ in range(25)]
        offers = [offer(node, editor(UTRECHT), Offer(case.id, AMSTERDAM)).id for case in cases]
        kills = 0
        while left := [row.id for row in CaseIndex(node.store).find_handovers("state = 'offered'")]:
            command = [sys.executable, "-c", KILLED, str(folder), *left]
            process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, env=_environment())
            assert process.stdout and process.stdout.readline() == b"ready\n"
            # Somewhere in the next acceptance, however fast the machine is; in the end it may finish.
            for _ in range(chance.randrange(4) if kills < 8 else len(left)):
                process.stdout.readline()
            time.sleep(chance.uniform(0, 0.03))
            kills += process.poll() is None
            process.send_signal(signal.SIGKILL)
            process.communicate()
        assert kills >= 3
        for case in cases:
            rows = CaseIndex(node.store).find_cases("matter = ?", (case.matter,))
            assert [row.controller for row in rows if row.is_owner] == [AMSTERDAM] and len(rows) == 2
        _finish(node)
        mine = list_cases(node, editor(AMSTERDAM), subject)
        assert len(mine) == len(offers) and {view.state for view in mine} == {"registered"}
        for view in mine:
            (found,) = list_confirmations(node, editor(AMSTERDAM), view.id)
            assert found["number"] == view.number
            assert get_case(node, editor(AMSTERDAM), view.id).is_responsible


def _finish(node: Instance) -> None:
    """Do what a restarted server does, as if a minute had passed."""
    CaseIndex(node.store).write(
        lambda connection: connection.execute("UPDATE service_case SET next_try_at = '0' WHERE state = 'waiting'")
    )
    tend_cases(node)
    run_waiting(node)


def _environment() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}


def test_a_running_server_escalates_by_itself_also_after_a_kill(tmp_path: Path) -> None:
    folder = tmp_path / "node"
    with make_node(folder) as node:
        subject = node.vault.add_subject()
        cases = [submit(node, person(subject), submission(subject, documents=())) for _ in range(6)]
        offers = [offer(node, editor(UTRECHT), Offer(case.id, AMSTERDAM)).id for case in cases]
        index = CaseIndex(node.store)
        index.write(lambda connection: connection.execute("UPDATE handover SET escalates_on = '2026-01-02'"))

        def escalated() -> int:
            return len(index.find_handovers("state = 'escalated'"))

        with run_server(folder) as server:
            until = time.monotonic() + 30
            while not escalated() and time.monotonic() < until:
                time.sleep(0.01)
            server.stop(signal.SIGKILL)
        assert 0 < escalated() <= len(offers)
        with run_server(folder):
            until = time.monotonic() + 60
            while escalated() < len(offers) and time.monotonic() < until:
                time.sleep(0.1)
        assert escalated() == len(offers)
        lines = [line.content for line in node.journal.read("cases", limit=10_000)]
        told = [line["handover"] for line in lines if line["event"] == "escalate"]
        assert len(told) == len(set(told))
