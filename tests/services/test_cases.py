"""Cases: taken in at any door, kept while the register is away, shown to whom they concern, and nowhere in clear."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest

from eendracht.kernel.access import PUBLIC, Principal, Role
from eendracht.kernel.errors import Denied, InvalidInput, NotFound
from eendracht.kernel.instance import Instance
from eendracht.kernel.jobs import Jobs, run_job
from eendracht.kernel.store import load
from eendracht.services.case_index import CaseIndex
from eendracht.services.case_jobs import tend_cases
from eendracht.services.case_registration import attempt_registration, wait_after
from eendracht.services.cases import get_case, list_cases, list_confirmations, refresh, submit
from eendracht.services.registers import NoRegister, RegisterUnreachable
from eendracht.services.successors import SeveralSuccessors, find_successor
from tests.kernel.node import files_with
from tests.services.case_nodes import (
    AMSTERDAM,
    CANARY,
    CBR,
    UTRECHT,
    MovingClock,
    editor,
    make_node,
    person,
    submission,
    write_connections,
)
from tests.services.zgw.serving import connection_text, run_register
from tests.web.nodes import draft
from tests.web.serving import Server, free_port


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def node(tmp_path: Path, clock: MovingClock) -> Iterator[Instance]:
    with make_node(tmp_path / "node", clock=clock) as instance:
        yield instance


@pytest.fixture(scope="module")
def register() -> Iterator[Server]:
    with run_register() as server:
        yield server


def run_waiting(node: Instance) -> list[str]:
    """Run every job that waits, as a worker does, and give their kinds."""
    jobs = Jobs(node.store)
    kinds = {kind.name: kind for kind in node.job_kinds}
    done = []
    for job in jobs.list_waiting():
        run_job(node, kinds, job)
        found = jobs.find(job)
        assert found and found.state == "done", found
        done.append(found.kind)
    return done


def test_a_person_submits_and_sees_number_status_and_deadline(node: Instance) -> None:
    subject = node.vault.add_subject("bsn", "999990019")
    view = submit(node, person(subject), submission(subject))
    assert (view.organisation, view.service_name, view.status) == (UTRECHT, "Parkeervergunning", "Ontvangen")
    assert view.state == "registered" and view.is_responsible and view.number.startswith("EEN-")
    # Eight weeks after Monday 9 February is Easter Monday.
    assert (view.submitted_on, view.decide_by, view.last_day) == (
        date(2026, 2, 9),
        date(2026, 4, 7),
        date(2026, 4, 7),
    )
    assert list_cases(node, person(subject), subject) == [view]
    assert list_cases(node, editor(UTRECHT), subject) == [view]


def test_the_confirmation_says_when_what_and_until_when(node: Instance) -> None:
    subject = node.vault.add_subject()
    view = submit(node, person(subject), submission(subject))
    (found,) = list_confirmations(node, person(subject), view.id)
    assert found["receivedOn"] == "2026-02-09" and found["decideBy"] == "2026-04-07"
    assert found["received"] == ["Naam", "reason", "bsn", "Huurcontract"]
    assert found["nl"] == [
        "Gemeente Utrecht heeft uw aanvraag (Parkeervergunning) ontvangen op 9 februari 2026.",
        "Dit hebben wij ontvangen: Naam; reason; bsn; Huurcontract.",
        "U krijgt uiterlijk op 7 april 2026 een besluit (Awb, art. 4:13). Dat is de eerste werkdag.",
        f"Uw kenmerk is {view.number}.",
    ]
    assert "You will have a decision on 7 April 2026 at the latest (Awb, art. 4:13)" in found["en"][2]


def test_a_term_that_nobody_knows_is_said_to_be_unknown(node: Instance) -> None:
    subject = node.vault.add_subject()
    view = submit(node, person(subject), submission(subject, form="objection"))
    assert view.decide_by is None and view.last_day is None
    (found,) = list_confirmations(node, person(subject), view.id)
    assert found["decideBy"] == "" and any("nog niet zeggen" in sentence for sentence in found["nl"])


def test_the_service_says_its_own_term(node: Instance) -> None:
    subject = node.vault.add_subject()
    view = submit(node, person(subject), submission(subject, service="public-service:gm0344/bouwen"))
    assert view.decide_by == date(2026, 5, 11)


def test_others_see_nothing(node: Instance) -> None:
    subject, other = node.vault.add_subject(), node.vault.add_subject()
    view = submit(node, person(subject), submission(subject))
    for asker in (person(other), editor(AMSTERDAM), PUBLIC):
        assert list_cases(node, asker, subject) == []
        with pytest.raises(NotFound):
            get_case(node, asker, view.id)
        with pytest.raises(NotFound):
            refresh(node, asker, view.id)
        with pytest.raises(NotFound):
            list_confirmations(node, asker, view.id)


def test_nobody_submits_for_another_without_a_role(node: Instance) -> None:
    subject, other = node.vault.add_subject(), node.vault.add_subject()
    reader = Principal("gm0344/reader", frozenset({(Role.READER, UTRECHT)}))
    for asker in (person(other), editor(AMSTERDAM), reader, PUBLIC):
        with pytest.raises(Denied):
            submit(node, asker, submission(subject))
    assert submit(node, editor(UTRECHT), submission(subject, received_on=date(2026, 2, 2))).submitted_on == date(
        2026, 2, 2
    )
    with pytest.raises(InvalidInput) as caught:
        submit(node, person(subject), submission(subject, received_on=date(2026, 2, 2)))
    assert [fault.pointer for fault in caught.value.faults] == ["/receivedOn"]
    with pytest.raises(InvalidInput):
        submit(node, editor(UTRECHT), submission(subject, received_on=date(2026, 2, 10)))


def test_an_organisation_without_a_register_says_so(node: Instance) -> None:
    subject = node.vault.add_subject()
    with pytest.raises(NoRegister):
        submit(node, person(subject), submission(subject, CBR))
    assert list_cases(node, person(subject), subject) == []


def test_the_same_form_sent_twice_is_one_case(node: Instance) -> None:
    subject = node.vault.add_subject()
    form = submission(subject, key="form-1")
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(submit(node, person(subject), form).id)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 5 and len(set(found)) == 1
    assert [view.id for view in list_cases(node, person(subject), subject)] == found[:1]
    other = node.vault.add_subject()
    assert submit(node, person(other), submission(other, key="form-1")).id not in found


def test_an_organisation_that_ended_is_followed_by_its_successor(node: Instance) -> None:
    old, older, split = "organisation:gm0001", "organisation:gm0002", "organisation:gm0003"
    heirs = [UTRECHT, AMSTERDAM]
    drafts = [
        draft(old, "Oud", validUntil=None),
        draft(
            "succession:gm0344/een",
            "Een",
            owner=UTRECHT,
            type="merger",
            predecessors=[old],
            successors=[UTRECHT],
            date="2020-01-01",
        ),
        draft(
            "succession:gm0344/twee",
            "Twee",
            owner=UTRECHT,
            type="rename",
            predecessors=[older],
            successors=[old],
            date="2019-01-01",
        ),
        draft(
            "succession:gm0344/drie",
            "Drie",
            owner=UTRECHT,
            type="split",
            predecessors=[split],
            successors=heirs,
            date="2020-01-01",
        ),
    ]
    drafts[0]["spec"].pop("validUntil")
    load(node.store, drafts, size=10)
    subject = node.vault.add_subject()
    assert submit(node, person(subject), submission(subject, old)).organisation == UTRECHT
    assert submit(node, person(subject), submission(subject, older)).organisation == UTRECHT
    with pytest.raises(SeveralSuccessors) as caught:
        submit(node, person(subject), submission(subject, split))
    assert [fault.en for fault in caught.value.faults] == [f"Successor: {heir}" for heir in heirs]
    with pytest.raises(NotFound):
        submit(node, person(subject), submission(subject, "organisation:gm9999"))


def test_the_reference_table_knows_who_followed_a_municipality(node: Instance) -> None:
    # Weesp (gm0457) went to Amsterdam on 24 March 2022.
    assert find_successor(node.store, "organisation:gm0457") == AMSTERDAM
    assert find_successor(node.store, UTRECHT) == UTRECHT


# -- the register behind it -------------------------------------------------------------------------------------------


def test_a_register_that_is_away_gets_the_case_when_it_is_back(node: Instance, clock: MovingClock) -> None:
    port = free_port()
    write_connections(node.settings.folder, connection_text(f"http://127.0.0.1:{port}"))
    subject = node.vault.add_subject()
    view = submit(node, person(subject), submission(subject))
    assert view.state == "waiting" and view.status == "" and "bewaard" in view.telling.nl
    assert view.decide_by == date(2026, 4, 7)
    assert len(list_confirmations(node, person(subject), view.id)) == 1
    tend_cases(node)
    assert run_waiting(node) == []
    clock.moment += timedelta(hours=1)
    tend_cases(node)
    tend_cases(node)
    assert run_waiting(node) == ["case-registration"]
    assert get_case(node, person(subject), view.id).state == "waiting"
    with run_register(port) as server:
        clock.moment += timedelta(hours=7)
        tend_cases(node)
        assert run_waiting(node) == ["case-registration"]
        assert get_case(node, person(subject), view.id).status == "Ontvangen"
        rows = httpx.get(server.url + "/_state").json()["rows"]
        assert [row["identificatie"] for row in rows["zaken/api/v1/zaken"]] == [view.number]
        assert len(rows["documenten/api/v1/enkelvoudiginformatieobjecten"]) == 2
        attempt_registration(node, view.id)
        assert len(httpx.get(server.url + "/_state").json()["rows"]["zaken/api/v1/zaken"]) == 1
    with pytest.raises(RegisterUnreachable):
        refresh(node, person(subject), view.id)


def test_waits_grow_and_end_at_six_hours() -> None:
    waits = [wait_after(tries).total_seconds() for tries in range(12)]
    assert waits[:4] == [60, 120, 240, 480] and waits[-1] == 6 * 3_600


def test_status_and_deadline_are_read_anew(node: Instance, register: Server) -> None:
    write_connections(node.settings.folder, connection_text(register.url))
    subject = node.vault.add_subject()
    view = submit(node, person(subject), submission(subject))
    assert view.status == "Ontvangen" and view.deadline == date(2026, 4, 7)
    before = node.vault.count_items()
    assert replace(refresh(node, person(subject), view.id), read_at="") == replace(view, read_at="")
    assert node.vault.count_items() == before
    fields = {"uiterlijkeEinddatumAfdoening": "2026-05-01", "einddatum": "2026-03-02"}
    asked = {"identificatie": view.number, "status": "Besloten", "fields": fields}
    httpx.post(register.url + "/_advance", json=asked).raise_for_status()
    fresh = refresh(node, person(subject), view.id)
    assert (fresh.status, fresh.deadline, fresh.ended_on) == ("Besloten", date(2026, 5, 1), date(2026, 3, 2))
    assert fresh.last_day == date(2026, 5, 1) and fresh.decide_by == date(2026, 4, 7)


def test_nothing_personal_lies_in_clear_anywhere(node: Instance, register: Server) -> None:
    write_connections(node.settings.folder, connection_text(register.url))
    subject = node.vault.add_subject("bsn", "999990019")
    view = submit(node, person(subject), submission(subject, key=CANARY))
    refresh(node, person(subject), view.id)
    node.journal.seal(node.store)
    node.history.sign()
    assert files_with(node.settings.folder, CANARY, "999990019", "Huurcontract", view.number, register.url) == [
        f"cases.toml: {register.url.encode()!r}"
    ]
    lines = [line.content for stream in node.journal.streams() for line in node.journal.read(stream)]
    assert any(line["event"] == "submit" for line in lines)
    assert not any(subject in str({**line, "asker": ""}) for line in lines)


def test_what_was_destroyed_leaves_the_index_too(node: Instance, clock: MovingClock) -> None:
    subject = node.vault.add_subject()
    view = submit(node, person(subject), submission(subject))
    node.destruction.destroy_subject(subject, ground="AVG, art. 17", by="recordbeheerder")
    assert list_cases(node, editor(UTRECHT), subject) == []
    with pytest.raises(NotFound):
        get_case(node, editor(UTRECHT), view.id)
    clock.moment += timedelta(days=2)
    tend_cases(node)
    assert CaseIndex(node.store).find_cases() == []
