"""Hand-overs on one node: every transition, one owner at each moment, and nothing along without ground or consent."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from eendracht.kernel.access import OPERATOR, Principal, Role
from eendracht.kernel.briefing.scope import Scope
from eendracht.kernel.briefing.tasks import list_tasks
from eendracht.kernel.clock import today
from eendracht.kernel.errors import Denied, EendrachtError, InvalidInput, NotFound
from eendracht.kernel.instance import Instance
from eendracht.kernel.landscape import build_landscape
from eendracht.kernel.store import load
from eendracht.kernel.store.switches import WingOff, switch_wing
from eendracht.services import consents, handovers
from eendracht.services.case_index import CaseIndex
from eendracht.services.case_jobs import tend_cases
from eendracht.services.case_views import CaseView
from eendracht.services.cases import get_case, list_cases, list_confirmations, submit
from eendracht.services.handover_views import get_handover, list_waiting
from eendracht.services.handovers import (
    Extra,
    ExtraWithoutGround,
    HandoverSettled,
    NotResponsible,
    Offer,
    accept,
    decline,
    offer,
    open_content,
    withdraw,
)
from tests.kernel.node import files_with
from tests.postgres_server import PostgresServer
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
    with_settings,
    write_connections,
)
from tests.services.test_cases import run_waiting
from tests.services.zgw.serving import connection_text, run_register
from tests.web.nodes import draft

GROUND = "ground:gm0344/wmo"
_NUMBERS = count()


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def node(request: pytest.FixtureRequest, tmp_path: Path, clock: MovingClock) -> Iterator[Instance]:
    """Give a node on each engine: what holds at the same moment is a promise of both."""
    database = ""
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        name = f"cases_{next(_NUMBERS)}"
        server.create_database(name)
        database = f"postgresql://postgres@/{name}?host={server.folder}&port={server.port}"
    with make_node(tmp_path / "node", clock=clock, database=database) as instance:
        yield instance


@pytest.fixture
def case(node: Instance) -> CaseView:
    subject = node.vault.add_subject("bsn", "999990019")
    return submit(node, person(subject), submission(subject))


def subject_of(node: Instance) -> str:
    found = node.vault.find_subject("bsn", "999990019")
    assert found
    return found


def owners(node: Instance, matter: str) -> list[str]:
    return [row.controller for row in CaseIndex(node.store).find_cases("matter = ? AND is_owner = 1", (matter,))]


def offered(node: Instance, case: CaseView, **more: Any) -> str:
    return offer(node, editor(UTRECHT), Offer(case.id, AMSTERDAM, **more)).id


def tasks_of(node: Instance, asker: Principal) -> dict[str, int]:
    day = today(node.store.clock)
    scope = Scope(node.store, asker, day, build_landscape(node.store, asker, day))
    found = list_tasks(scope, (), asker, node.open_wings(asker))
    return {task.code: task.count for task in found}


# -- the way it should go ---------------------------------------------------------------------------------------------


def test_an_accepted_case_takes_along_what_was_submitted(node: Instance, case: CaseView, clock: MovingClock) -> None:
    subject = subject_of(node)
    clock.moment += timedelta(days=1)
    handover = offered(node, case)
    assert get_handover(node, person(subject), handover).responsible == UTRECHT
    assert owners(node, case.matter) == [UTRECHT]
    clock.moment += timedelta(days=2)
    view = accept(node, editor(AMSTERDAM), handover)
    assert view.state == "accepted" and view.responsible == AMSTERDAM
    assert owners(node, case.matter) == [AMSTERDAM]
    taken, given = sorted(
        list_cases(node, person(subject), subject), key=lambda found: found.organisation, reverse=True
    )
    taken, given = (taken, given) if taken.organisation == AMSTERDAM else (given, taken)
    assert given.state == "handed-over" and not given.is_responsible
    assert taken.is_responsible and taken.state == "registered" and taken.number != given.number
    assert taken.first_received_on == date(2026, 2, 9)
    # The term of an application begins when the competent body had it: 10 February, eight weeks on.
    assert taken.submitted_on == date(2026, 2, 10) and taken.decide_by == date(2026, 4, 7)
    (found,) = list_confirmations(node, person(subject), taken.id)
    assert found["nl"][0] == "Gemeente Amsterdam heeft uw aanvraag (Parkeervergunning) ontvangen op 10 februari 2026."
    assert found["nl"][2].startswith("U stuurde het op 9 februari 2026 aan Gemeente Utrecht.")
    assert "bsn; Naam; reason; Huurcontract" in found["nl"][1]
    assert run_waiting(node) == ["handover-notice"]
    assert list_cases(node, editor(AMSTERDAM), subject) == [taken]


def test_an_objection_keeps_the_day_at_the_first_body(node: Instance, clock: MovingClock) -> None:
    subject = node.vault.add_subject("bsn", "999990019")
    form = submission(subject, form="objection", objection_term_ends=date(2026, 2, 10), service="")
    case = submit(node, person(subject), form)
    clock.moment += timedelta(days=10)
    handover = offered(node, case)
    accept(node, editor(AMSTERDAM), handover)
    (taken,) = list_cases(node, editor(AMSTERDAM), subject)
    assert taken.submitted_on == taken.first_received_on == date(2026, 2, 9)
    # Six weeks after 10 February (Awb 7:10).
    assert taken.decide_by == date(2026, 3, 24)
    (found,) = list_confirmations(node, person(subject), taken.id)
    assert any("telt de dag bij Gemeente Utrecht: 9 februari 2026 (Awb, artikel 6:15)" in text for text in found["nl"])


def test_a_case_goes_on_and_back_again(node: Instance, case: CaseView) -> None:
    accept(node, editor(AMSTERDAM), offered(node, case))
    (taken,) = list_cases(node, editor(AMSTERDAM), subject_of(node))
    back = offer(node, editor(AMSTERDAM), Offer(taken.id, UTRECHT))
    assert owners(node, case.matter) == [AMSTERDAM]
    accept(node, editor(UTRECHT), back.id)
    assert owners(node, case.matter) == [UTRECHT]
    mine = [view for view in list_cases(node, editor(UTRECHT), subject_of(node)) if view.is_responsible]
    assert len(mine) == 1 and mine[0].first_received_on == date(2026, 2, 9)
    assert [view.state for view in mine[0].handovers] == ["accepted", "accepted"]


def test_both_registers_hear_of_it(node: Instance) -> None:
    with run_register() as server:
        write_connections(node.settings.folder, connection_text(server.url) + connection_text(server.url, AMSTERDAM))
        subject = node.vault.add_subject("bsn", "999990019")
        case = submit(node, person(subject), submission(subject))
        accept(node, editor(AMSTERDAM), offered(node, case))
        assert run_waiting(node) == ["handover-notice"]
        rows = httpx.get(server.url + "/_state").json()["rows"]
        zaken = {row["identificatie"]: row for row in rows["zaken/api/v1/zaken"]}
        (taken,) = list_cases(node, editor(AMSTERDAM), subject)
        assert set(zaken) == {case.number, taken.number}
        types = {row["url"]: row["omschrijving"] for row in rows["catalogi/api/v1/statustypen"]}
        statuses = {row["url"]: types[row["statustype"]] for row in rows["zaken/api/v1/statussen"]}
        assert statuses[zaken[case.number]["status"]] == "Doorgezonden"
        assert statuses[zaken[taken.number]["status"]] == "Ontvangen"
        assert len(rows["zaken/api/v1/zaakinformatieobjecten"]) == 4


# -- other answers ----------------------------------------------------------------------------------------------------


def test_declined_or_withdrawn_it_stays_where_it_was(node: Instance, case: CaseView) -> None:
    first = offered(node, case)
    view = decline(node, editor(AMSTERDAM), first, "not-competent")
    assert (view.state, view.reason, view.responsible) == ("declined", "not-competent", UTRECHT)
    assert "Gemeente Utrecht behandelt dit zelf" in view.telling.nl
    second = offered(node, case)
    assert withdraw(node, editor(UTRECHT), second).state == "withdrawn"
    assert owners(node, case.matter) == [UTRECHT]
    for answer in (
        lambda: accept(node, editor(AMSTERDAM), first),
        lambda: accept(node, editor(AMSTERDAM), second),
        lambda: decline(node, editor(AMSTERDAM), second, "other"),
        lambda: withdraw(node, editor(UTRECHT), first),
    ):
        with pytest.raises(HandoverSettled):
            answer()
    assert owners(node, case.matter) == [UTRECHT]
    assert get_case(node, editor(UTRECHT), case.id).state == "registered"


def test_what_is_being_handed_over_is_not_offered_twice(node: Instance, case: CaseView) -> None:
    handover = offered(node, case)
    with pytest.raises(NotResponsible):
        offered(node, case)
    accept(node, editor(AMSTERDAM), handover)
    with pytest.raises(NotResponsible):
        offered(node, case)


def test_who_may_do_what(node: Instance, case: CaseView) -> None:
    subject = subject_of(node)
    reader = Principal("gm0344/reader", frozenset({(Role.READER, UTRECHT)}))
    for asker in (person(subject), reader):
        with pytest.raises(Denied):
            offer(node, asker, Offer(case.id, AMSTERDAM))
    with pytest.raises(NotFound):
        offer(node, editor(AMSTERDAM), Offer(case.id, UTRECHT))
    with pytest.raises(InvalidInput):
        offer(node, editor(UTRECHT), Offer(case.id, UTRECHT))
    with pytest.raises(InvalidInput, match="cannot be reached"):
        offer(node, editor(UTRECHT), Offer(case.id, CBR))
    handover = offered(node, case)
    with pytest.raises(Denied):
        accept(node, editor(UTRECHT), handover)
    with pytest.raises(Denied):
        withdraw(node, editor(AMSTERDAM), handover)
    with pytest.raises(Denied):
        accept(node, person(subject), handover)
    for verb in (accept, withdraw, open_content, get_handover):
        with pytest.raises(NotFound):
            verb(node, editor(CBR), handover)
        with pytest.raises(NotFound):
            verb(node, person(node.vault.add_subject()), handover)
    with pytest.raises(InvalidInput):
        decline(node, editor(AMSTERDAM), handover, "geen zin")  # type: ignore[arg-type]
    assert get_handover(node, person(subject), handover).state == "offered"


def test_the_receiver_looks_before_it_answers_and_leaves_a_trace(node: Instance, case: CaseView) -> None:
    handover = offered(node, case)
    found = open_content(node, editor(AMSTERDAM), handover)
    assert found.answers["name"] == f"Jan {CANARY}" and found.documents == ("Huurcontract",)
    lines = [line.content for line in node.journal.read("cases")]
    assert [line["asker"] for line in lines if line["event"] == "look"] == ["gm0363/editor"]
    # Nothing of it lies with the receiver yet.
    items = node.vault.describe(subjects=[subject_of(node)])
    assert {item.controller for item in items} == {UTRECHT}
    decline(node, editor(AMSTERDAM), handover, "not-competent")
    with pytest.raises(NotFound):
        open_content(node, editor(AMSTERDAM), handover)
    assert {item.controller for item in node.vault.describe(subjects=[subject_of(node)])} == {UTRECHT}


def test_a_receiver_whose_wing_is_off_gets_nothing(node: Instance, case: CaseView) -> None:
    switch_wing(node.store, "services", AMSTERDAM, False)
    with pytest.raises(WingOff):
        offered(node, case)


# -- nobody answers ---------------------------------------------------------------------------------------------------


def test_after_five_working_days_the_sender_must_act(node: Instance, clock: MovingClock) -> None:
    clock.moment += timedelta(days=51)  # Wednesday 1 April; Good Friday and Easter Monday follow
    subject = node.vault.add_subject("bsn", "999990019")
    case = submit(node, person(subject), submission(subject))
    handover = offered(node, case)
    assert get_handover(node, editor(UTRECHT), handover).escalates_on == date(2026, 4, 10)
    assert tasks_of(node, editor(AMSTERDAM)) == {"handover-waiting": 1}
    assert tasks_of(node, editor(UTRECHT)) == tasks_of(node, editor(CBR)) == {}
    clock.moment += timedelta(days=8)
    tend_cases(node)
    assert run_waiting(node) == []
    clock.moment += timedelta(days=1)
    tend_cases(node)
    tend_cases(node)
    assert run_waiting(node) == ["handover-escalation"]
    tend_cases(node)
    assert run_waiting(node) == []
    view = get_handover(node, person(subject), handover)
    assert view.state == "escalated" and view.responsible == UTRECHT
    assert "heeft nog niet geantwoord" in view.telling.nl and "blijft verantwoordelijk" in view.telling.nl
    assert tasks_of(node, editor(UTRECHT)) == {"handover-escalated": 1}
    assert tasks_of(node, editor(AMSTERDAM)) == {"handover-waiting": 1}
    assert [found.id for found in list_waiting(node, editor(UTRECHT))] == [handover]
    assert list_waiting(node, editor(CBR)) == []
    assert accept(node, editor(AMSTERDAM), handover).state == "accepted"
    assert tasks_of(node, editor(UTRECHT)) == tasks_of(node, editor(AMSTERDAM)) == {}


def test_the_number_of_days_is_a_setting(node: Instance, case: CaseView) -> None:
    other = with_settings(node, handover_days=1)
    view = offer(other, editor(UTRECHT), Offer(case.id, AMSTERDAM))
    assert view.escalates_on == date(2026, 2, 10)


# -- more than was submitted ------------------------------------------------------------------------------------------

INCOME = Extra("income", "laag", "dataset:gm0344/wmo")


def put_ground(node: Instance, **changes: Any) -> None:
    spec = {
        "law": "Wet maatschappelijke ondersteuning 2015",
        "article": "5.2.1",
        "purpose": "wmo-toegang",
        "controller": UTRECHT,
        "sources": ["dataset:gm0344/wmo"],
        **changes,
    }
    load(node.store, [draft(GROUND, "Wmo", owner=UTRECHT, **spec)], size=1)


def test_more_goes_along_only_on_a_ground_that_opens_its_source(node: Instance, case: CaseView) -> None:
    birth = Extra("birth", "1990-01-01", "dataset:gm0344/brp")
    with pytest.raises(ExtraWithoutGround) as caught:
        offered(node, case, extra=(INCOME, birth))
    assert [fault.pointer for fault in caught.value.faults] == ["/extra/0", "/extra/1"]
    assert "'income'" in caught.value.faults[0].en and "1990" not in str(caught.value)
    with pytest.raises(ExtraWithoutGround):
        offered(node, case, extra=(INCOME,), ground=GROUND, purpose="wmo-toegang")
    put_ground(node)
    with pytest.raises(ExtraWithoutGround) as caught:
        offered(node, case, extra=(INCOME, birth), ground=GROUND, purpose="wmo-toegang")
    assert "/sources/dataset:gm0344/brp" in {fault.pointer for fault in caught.value.faults}
    with pytest.raises(ExtraWithoutGround):
        offered(node, case, extra=(INCOME,), ground=GROUND, purpose="nieuwsgierig")
    with pytest.raises(ExtraWithoutGround):
        offered(node, case, extra=(Extra("income", "laag"),), ground=GROUND, purpose="wmo-toegang")
    assert CaseIndex(node.store).find_handovers() == []
    handover = offered(node, case, extra=(INCOME,), ground=GROUND, purpose="wmo-toegang")
    assert open_content(node, editor(AMSTERDAM), handover).extra == {"income": "laag"}


def test_consent_names_fields_receiver_and_case(node: Instance, case: CaseView) -> None:
    subject = subject_of(node)
    given = consents.give_consent(node, person(subject), case.id, AMSTERDAM, ["income"])
    assert (given.fields, given.given_on, given.revoked_on) == (("income",), "2026-02-09", "")
    other = submit(node, person(subject), submission(subject))
    with pytest.raises(ExtraWithoutGround):
        offered(node, other, extra=(INCOME,), consent=given.id)
    with pytest.raises(ExtraWithoutGround):
        offered(node, case, extra=(INCOME, Extra("birth", "x")), consent=given.id)
    with pytest.raises(ExtraWithoutGround):
        offered(node, case, extra=(INCOME,), consent="0" * 24)
    handover = offered(node, case, extra=(INCOME,), consent=given.id)
    accept(node, editor(AMSTERDAM), handover)
    assert [found.id for found in consents.list_consents(node, person(subject), case.id)] == [given.id]


def test_consent_that_is_taken_back_takes_the_offer_back(node: Instance, case: CaseView) -> None:
    subject = subject_of(node)
    given = consents.give_consent(node, editor(UTRECHT), case.id, AMSTERDAM, ["income"])
    handover = offered(node, case, extra=(INCOME,), consent=given.id)
    revoked = consents.revoke_consent(node, person(subject), given.id)
    assert revoked.revoked_on == "2026-02-09"
    assert consents.revoke_consent(node, person(subject), given.id) == revoked
    with pytest.raises(HandoverSettled):
        accept(node, editor(AMSTERDAM), handover)
    view = get_handover(node, person(subject), handover)
    assert (view.state, view.reason, view.responsible) == ("withdrawn", "consent-revoked", UTRECHT)
    with pytest.raises(ExtraWithoutGround):
        offered(node, case, extra=(INCOME,), consent=given.id)
    assert owners(node, case.matter) == [UTRECHT]


def test_only_the_person_or_its_counter_gives_consent(node: Instance, case: CaseView) -> None:
    for asker in (person(node.vault.add_subject()), editor(AMSTERDAM)):
        with pytest.raises(NotFound):
            consents.give_consent(node, asker, case.id, AMSTERDAM, ["income"])
    with pytest.raises(InvalidInput):
        consents.give_consent(node, person(subject_of(node)), case.id, AMSTERDAM, [])
    with pytest.raises(InvalidInput):
        consents.give_consent(node, person(subject_of(node)), case.id, AMSTERDAM, ["Mijn inkomen is 12"])


# -- at the same moment -----------------------------------------------------------------------------------------------


def at_once(*actions: Callable[[], Any]) -> list[Any]:
    """Run actions in threads that begin together, and give what each gave or raised."""
    found: list[Any] = [None] * len(actions)
    gate = threading.Barrier(len(actions))

    def run(at: int) -> None:
        gate.wait()
        try:
            found[at] = actions[at]()
        except EendrachtError as error:
            found[at] = error

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_of_many_answers_at_once_one_counts(node: Instance) -> None:
    chance = random.Random(20260209)
    subject = node.vault.add_subject("bsn", "999990019")
    outcomes: Counter[str] = Counter()
    for _ in range(12):
        case = submit(node, person(subject), submission(subject, documents=()))
        handover = offered(node, case)
        answers: list[Callable[[], Any]] = [
            lambda h=handover: accept(node, editor(AMSTERDAM), h),  # type: ignore[misc]
            lambda h=handover: accept(node, editor(AMSTERDAM), h),  # type: ignore[misc]
            lambda h=handover: withdraw(node, editor(UTRECHT), h),  # type: ignore[misc]
            lambda h=handover: decline(node, editor(AMSTERDAM), h, "other"),  # type: ignore[misc]
        ]
        chance.shuffle(answers)
        found = at_once(*answers)
        counted = [item for item in found if not isinstance(item, EendrachtError)]
        assert len(counted) == 1, found
        assert all(isinstance(item, HandoverSettled) for item in found if isinstance(item, EendrachtError))
        state = counted[0].state
        outcomes[state] += 1
        assert owners(node, case.matter) == [AMSTERDAM if state == "accepted" else UTRECHT]
        rows = CaseIndex(node.store).find_cases("matter = ?", (case.matter,))
        assert len(rows) == (2 if state == "accepted" else 1)
    assert sum(outcomes.values()) == 12


def test_of_two_offers_at_once_one_stands(node: Instance, case: CaseView) -> None:
    found = at_once(lambda: offered(node, case), lambda: offered(node, case))
    assert sum(isinstance(item, NotResponsible) for item in found) == 1
    assert len(CaseIndex(node.store).find_handovers()) == 1


def test_a_consent_taken_back_while_it_is_accepted_has_one_outcome(node: Instance) -> None:
    subject = node.vault.add_subject("bsn", "999990019")
    for _ in range(6):
        case = submit(node, person(subject), submission(subject, documents=()))
        given = consents.give_consent(node, person(subject), case.id, AMSTERDAM, ["income"])
        handover = offered(node, case, extra=(INCOME,), consent=given.id)
        at_once(
            lambda h=handover: accept(node, editor(AMSTERDAM), h),  # type: ignore[misc]
            lambda g=given: consents.revoke_consent(node, person(subject), g.id),  # type: ignore[misc]
        )
        state = get_handover(node, person(subject), handover).state
        assert state in ("accepted", "withdrawn")
        assert owners(node, case.matter) == [AMSTERDAM if state == "accepted" else UTRECHT]


# -- what was taken over and not finished -----------------------------------------------------------------------------


def test_what_follows_an_acceptance_is_done_after_a_kill(node: Instance, case: CaseView, clock: MovingClock) -> None:
    handover = CaseIndex(node.store).get_handover(offered(node, case))
    # As if the process died right after the transaction.
    handovers.turn_over(node, handover, "a" * 24, "gm0363/editor")
    assert owners(node, case.matter) == [AMSTERDAM]
    assert list_cases(node, editor(AMSTERDAM), subject_of(node)) == []
    tend_cases(node)
    assert run_waiting(node) == ["case-registration"]
    (taken,) = list_cases(node, editor(AMSTERDAM), subject_of(node))
    assert taken.id == "a" * 24 and taken.state == "registered"
    assert len(list_confirmations(node, editor(AMSTERDAM), taken.id)) == 1


def test_what_is_not_kept_any_more_is_not_taken_over(node: Instance, case: CaseView, clock: MovingClock) -> None:
    handover = offered(node, case)
    clock.moment += timedelta(days=100)
    node.destruction.sweep_retention()
    with pytest.raises(NotFound):
        accept(node, editor(AMSTERDAM), handover)
    assert owners(node, case.matter) == [UTRECHT]


def test_nothing_personal_lies_in_clear_anywhere(node: Instance, case: CaseView, clock: MovingClock) -> None:
    subject = subject_of(node)
    given = consents.give_consent(node, person(subject), case.id, AMSTERDAM, ["income"])
    extra = (Extra("income", f"inkomen {CANARY}"),)
    handover = offered(node, case, extra=extra, consent=given.id)
    open_content(node, editor(AMSTERDAM), handover)
    accept(node, editor(AMSTERDAM), handover)
    second = submit(node, person(subject), submission(subject))
    withdraw(node, editor(UTRECHT), offered(node, second))
    decline(node, editor(AMSTERDAM), offered(node, second), "duplicate")
    late = offered(node, second)
    clock.moment += timedelta(days=30)
    tend_cases(node)
    run_waiting(node)
    assert get_handover(node, OPERATOR, late).state == "escalated"
    node.journal.seal(node.store)
    node.history.sign()
    numbers = [view.number for view in list_cases(node, person(subject), subject)]
    assert len(numbers) == 3
    assert files_with(node.settings.folder, CANARY, "999990019", "Huurcontract", *numbers) == []
    events = Counter(line.content["event"] for line in node.journal.read("cases", limit=10_000))
    assert {"submit", "consent", "offer", "look", "accept", "take-over", "withdrawn", "declined", "escalate"} <= set(
        events
    )
