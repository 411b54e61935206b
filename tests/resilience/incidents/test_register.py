"""Incidents and their reports in the records, and reminders of which each is given once, whatever is killed."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from eendracht.kernel.access import OPERATOR, PUBLIC, Principal, parse_roles
from eendracht.kernel.clock import FixedClock
from eendracht.kernel.errors import Denied, InvalidInput, NotFound
from eendracht.kernel.instance import Instance
from eendracht.kernel.jobs import Jobs, run_job
from eendracht.kernel.store import load
from eendracht.resilience.incidents.notices import JOBS, KIND, list_due_notices, tend_incidents
from eendracht.resilience.incidents.register import (
    IncidentSaid,
    file_report,
    handle_incident,
    list_incidents,
    open_incident,
    read_incident,
)
from tests.web.nodes import OTHER, OWNER, PUBLIC_DRAFTS, draft, fill_node, open_node
from tests.web.serving import run_server

UTRECHT = Principal("gm0344/editor", parse_roles([f"editor@{OWNER}"]))
AMSTERDAM = Principal("gm0363/editor", parse_roles([f"editor@{OTHER}"]))
NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    with open_node(tmp_path / "node", FixedClock(NOON)) as instance:
        fill_node(instance, [dict(item) for item in PUBLIC_DRAFTS])
        yield instance


def say(**said: Any) -> IncidentSaid:
    return IncidentSaid(**{"name": "Gijzelsoftware op een server", "detected_at": NOON - timedelta(hours=2), **said})


def give_all(node: Instance) -> int:
    """Do what a running server does, and give how many reminders there are."""
    tend_incidents(node)
    jobs = Jobs(node.store)
    for job in jobs.list_waiting():
        run_job(node, {kind.name: kind for kind in JOBS}, job)
    return len(list(node.store.snapshot(OPERATOR, kind="incident-notice")))


def test_an_incident_goes_from_opened_to_closed(node: Instance) -> None:
    store = node.store
    ref = open_incident(store, UTRECHT, say(significant="yes"))
    file = read_incident(store, UTRECHT, ref)
    assert file.next_due and file.next_due.stage == "early-warning"
    for stage, hours in (("early-warning", 1), ("notification", 1), ("final", 0)):
        moment = NOON - timedelta(hours=hours)
        file_report(store, UTRECHT, ref, stage, filed_at=moment, recipient="CSIRT", reference="N-1")
    handle_incident(store, UTRECHT, ref, NOON)
    file = read_incident(store, UTRECHT, ref)
    assert file.is_closed and [due.state for due in file.dues] == ["filed"] * 3
    with pytest.raises(NotFound):
        read_incident(store, AMSTERDAM, ref)
    assert list_incidents(store, PUBLIC) == list_incidents(store, AMSTERDAM) == []


def test_every_fault_is_told_at_once(node: Instance) -> None:
    store = node.store
    two = Principal("both", parse_roles([f"editor@{OWNER}", f"editor@{OTHER}"]))
    with pytest.raises(InvalidInput) as refused:
        open_incident(store, two, say(name=" ", detected_at=NOON + timedelta(hours=1), significant="no"))
    assert [fault.pointer for fault in refused.value.faults] == ["/name", "/detectedAt", "/ground", "/organisation"]
    ref = open_incident(store, UTRECHT, say())
    with pytest.raises(InvalidInput) as refused:
        file_report(store, UTRECHT, ref, "verdict", filed_at=NOON - timedelta(days=1), recipient="")
    assert [fault.pointer for fault in refused.value.faults] == ["/filedAt", "/stage", "/recipient"]
    with pytest.raises(Denied):
        open_incident(store, AMSTERDAM, say(organisation=OWNER))
    with pytest.raises(InvalidInput):
        handle_incident(store, UTRECHT, ref, None)


def test_two_incidents_of_the_same_minute_and_name_are_two(node: Instance) -> None:
    refs = {open_incident(node.store, UTRECHT, say()) for _ in range(3)}
    assert len(refs) == len(list_incidents(node.store, UTRECHT)) == 3


def test_reminders_come_when_a_term_is_near_and_when_it_passed_and_once(node: Instance) -> None:
    clock = node.store.clock
    assert isinstance(clock, FixedClock)
    open_incident(node.store, UTRECHT, say(detected_at=NOON))
    told = []
    # Near and past 24 hours; near and past 72. The month ends on 3 January at noon, 34 days later: five days before
    # progress and final report are near; behind it the progress report is late, and the final one waits for the end.
    for hours in (0, 17.9, 18.1, 18.2, 24.1, 59.9, 60.1, 72.1, 24 * 28, 24 * 29.1, 24 * 35):
        clock.moment = NOON + timedelta(hours=hours)
        told.append(give_all(node))
    assert told == [0, 0, 1, 1, 2, 2, 3, 4, 4, 6, 7]


def test_a_report_that_was_filed_or_is_not_needed_brings_no_reminder(node: Instance) -> None:
    clock = node.store.clock
    assert isinstance(clock, FixedClock)
    ref = open_incident(node.store, UTRECHT, say(detected_at=NOON))
    open_incident(node.store, UTRECHT, say(name="Niets", significant="no", ground="Een loos alarm"))
    file_report(node.store, UTRECHT, ref, "early-warning", filed_at=NOON, recipient="CSIRT")
    clock.moment = NOON + timedelta(hours=30)
    assert give_all(node) == 0


def test_reminders_survive_a_killed_server_and_come_once(tmp_path: Path) -> None:
    """The real server is killed while it gives them, again and again; each is there once in the end."""
    folder, count = tmp_path / "node", 300
    old = datetime.now(UTC) - timedelta(hours=80)
    with open_node(folder) as node:
        fill_node(node, [dict(item) for item in PUBLIC_DRAFTS])
        drafts = [
            draft(
                f"cyber-incident:gm0344/proef-{number}",
                f"Proef {number}",
                "organisation",
                organisation=OWNER,
                detectedAt=(old - timedelta(minutes=number)).isoformat(timespec="seconds"),
            )
            for number in range(count)
        ]
        load(node.store, drafts)
        wanted = {notice.ref for notice in list_due_notices(node.store)}
        # The early warning and the notification of each.
        assert len(wanted) == 2 * count

        def given() -> list[str]:
            return [record.ref for record in node.store.snapshot(OPERATOR, kind="incident-notice")]

        kills = 0
        for goal in (1, 150, 300):
            with run_server(folder) as server:
                until = time.monotonic() + 60
                while len(given()) < goal and time.monotonic() < until:
                    time.sleep(0.005)
                kills += len(given()) < len(wanted)
                server.stop(signal.SIGKILL)
        assert kills >= 2
        with run_server(folder):
            until = time.monotonic() + 90
            while len(given()) < len(wanted) and time.monotonic() < until:
                time.sleep(0.1)
            time.sleep(3)
        assert Counter(given()) == Counter(wanted)
        # None was written a second time, and a server that looks again finds nothing to do.
        assert all(len(node.store.history(ref, OPERATOR)) == 1 for ref in wanted)
        assert list_due_notices(node.store) == []
        assert Jobs(node.store).find_last(KIND, "done") is not None
