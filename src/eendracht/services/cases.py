"""Cases of people: taken in at any door, kept in the register of the organisation, and shown with number and deadline.

The register is the master. Here lie what was submitted, until nobody needs it any more, and reference, status and
deadline, all in the vault; which case is whose stands in `case_index`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from eendracht.kernel.access import PUBLIC, Principal
from eendracht.kernel.clock import timestamp, today
from eendracht.kernel.errors import Denied, Fault, InvalidInput, NotFound
from eendracht.kernel.instance import Instance
from eendracht.kernel.store.driver import Connection
from eendracht.services.case_index import CaseIndex, CaseRow, hash_address, insert_row, read_cases
from eendracht.services.case_items import PURPOSE, author_for, keep_documents, put_item, read_item
from eendracht.services.case_retention import CONFIRMATION, REFERENCE, SUBMISSION
from eendracht.services.case_topics import Topic, describe_topic, name_topic
from eendracht.services.case_views import CaseView, read_case_view
from eendracht.services.confirmations import Receipt, confirm_receipt
from eendracht.services.decision_terms import Form, Term, find_term
from eendracht.services.registers import (
    Document,
    NoRegister,
    RegisteredCase,
    has_register,
    open_register,
)
from eendracht.services.successors import find_successor

STREAM: Final = "cases"
"""The journal stream of cases and hand-overs: ids, organisations, events."""
MOST_DOCUMENT_BYTES: Final = 50 * 2**20
"""How large the documents of one submission may be together."""
MOST_ANSWERS: Final = 500
FIRST_RETRY_SECONDS: Final = 60
LONGEST_RETRY_SECONDS: Final = 6 * 3_600


@dataclass(frozen=True, slots=True)
class Submission:
    """What somebody submits: to which organisation, for which service or products, the answers and the documents.

    `products` are names, terms or URIs of the national list; left out, they follow from the service. `labels` says what
    people call the answers. `key` is the caller's own id of the form: the same one again is the same case.
    `received_on` is for paper that came in earlier. `objection_term_ends` is the last day on which could be objected,
    where it is known.
    """

    subject: str
    organisation: str
    form: Form
    answers: Mapping[str, Any] = field(default_factory=dict, repr=False)
    documents: tuple[Document, ...] = field(default=(), repr=False)
    service: str = ""
    products: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    received_on: date | None = None
    objection_term_ends: date | None = None
    key: str = ""


def submit(instance: Instance, asker: Principal, submission: Submission) -> CaseView:
    """Take a submission in, confirm it, and put it in the register of the organisation.

    By the person it is about, or by an editor of the organisation for that person. An organisation that no longer
    stands is followed by its successor. Where the register does not answer it is kept and tried again. Raises
    InvalidInput, Denied, NotFound, NoRegister.
    """
    organisation = find_successor(instance.store, submission.organisation)
    instance.require_on("services", organisation)
    _require_taking(instance, asker, submission, organisation)
    known = CaseIndex(instance.store).find_cases("ask_key = ?", (_key_of(submission),)) if submission.key else []
    if known:
        return get_case(instance, asker, known[0].id)
    topic = describe_topic(instance.store, asker, submission.service, submission.products)
    received_on = submission.received_on or today(instance.store.clock)
    term = find_term(submission.form, received_on, topic.decision_weeks, submission.objection_term_ends)
    facts = {
        **_new_facts(organisation, topic, submission.form),
        "firstReceivedOn": received_on.isoformat(),
        "submittedOn": received_on.isoformat(),
        "objectionTermEnds": submission.objection_term_ends.isoformat() if submission.objection_term_ends else "",
        **term_facts(term),
    }
    documents = keep_documents(instance, submission.subject, submission.documents, organisation)
    content = {"answers": dict(submission.answers), "documents": documents, "labels": dict(submission.labels)}
    # Before the index: a process that is killed in between leaves no case without its confirmation.
    confirm(instance, organisation, submission.subject, facts, content, term)
    row = _keep(instance, asker, submission, organisation, facts, content)
    return _try_registering(instance, asker, row.id)


def _require_taking(instance: Instance, asker: Principal, submission: Submission, organisation: str) -> None:
    is_own = bool(asker.subject) and asker.subject == submission.subject
    if not is_own and not asker.may_write(organisation):
        raise Denied(f"{asker.name} holds no editor role for {organisation}")
    day = today(instance.store.clock)
    faults = []
    if submission.received_on and (submission.received_on > day or (is_own and submission.received_on != day)):
        hint = "Leave the day out, or give a day that has been."
        faults.append(Fault("/receivedOn", "not-that-day", "Deze dag kan niet", "This day cannot be", hint))
    if len(submission.answers) > MOST_ANSWERS:
        faults.append(Fault("/answers", "too-many", "Dit zijn te veel antwoorden", "These are too many answers"))
    if sum(item.size for item in submission.documents) > MOST_DOCUMENT_BYTES:
        faults.append(Fault("/documents", "too-large", "De bijlagen zijn te groot", "The attachments are too large"))
    if faults:
        raise InvalidInput(f"{len(faults)} fault(s) in what was submitted", faults=faults)
    if not has_register(instance, organisation):
        raise NoRegister(f"{organisation} has no case register on this node")


def _key_of(submission: Submission) -> str:
    return hash_address(f"{submission.subject}/{submission.key}") if submission.key else ""


def _new_facts(organisation: str, topic: Topic, form: str) -> dict[str, Any]:
    case = secrets.token_hex(12)
    return {
        "case": case,
        "matter": case,
        "number": new_number(),
        "address": "",
        "organisation": organisation,
        "service": topic.service,
        "serviceName": topic.service_name,
        "products": list(topic.products),
        "form": form,
        "objectionTermEnds": "",
        "deadline": "",
        "plannedOn": "",
        "endedOn": "",
        "status": "",
        "statusAt": "",
        "readAt": "",
    }


def new_number() -> str:
    """Make a number for a case, which follows from nothing that lies outside the vault."""
    return f"EEN-{secrets.token_hex(8).upper()}"


def term_facts(term: Term | None) -> dict[str, str]:
    """Give a term as the reference of a case holds it; empty where it is unknown."""
    return {"decideBy": term.ends.isoformat() if term else "", "decideByArticle": term.article if term else ""}


def _keep(
    instance: Instance,
    asker: Principal,
    submission: Submission,
    organisation: str,
    facts: dict[str, Any],
    content: dict[str, Any],
) -> CaseRow:
    """Put content and reference in the vault, then the case in the index: from then on it cannot be lost."""
    kept = put_item(instance, submission.subject, SUBMISSION, content, organisation)
    reference = put_item(instance, submission.subject, REFERENCE, facts, organisation)
    moment = instance.store.clock.now()
    row = CaseRow(
        id=facts["case"],
        matter=facts["matter"],
        ask_key=_key_of(submission),
        controller=organisation,
        state="waiting",
        is_owner=True,
        submission=kept,
        reference=reference,
        address_hash="",
        tries=0,
        next_try_at=timestamp(moment + timedelta(seconds=FIRST_RETRY_SECONDS)),
        changed_at=timestamp(moment),
    )

    def write(connection: Connection) -> CaseRow:
        twin = read_cases(connection, "ask_key = ? AND ask_key <> ''", (row.ask_key,))
        if not twin:
            insert_row(connection, row)
        return twin[0] if twin else row

    # What the one that lost the race kept is named by nobody, and goes with its retention.
    settled = CaseIndex(instance.store).write(write)
    note(instance, {"event": "submit", "case": settled.id, "controller": organisation, "asker": asker.name})
    return settled


def note(instance: Instance, line: Mapping[str, Any]) -> None:
    """Put a line on the journal of cases: ids, organisations and codes only."""
    instance.journal.append(STREAM, [dict(line)])


def confirm(
    instance: Instance,
    organisation: str,
    subject: str,
    facts: Mapping[str, Any],
    content: Mapping[str, Any],
    term: Term | None,
    sender: str = "",
    received_on: date | None = None,
) -> None:
    """Write the confirmation of receipt and keep it as it was given; `received_on` is the day at the organisation."""
    first = date.fromisoformat(facts["firstReceivedOn"])
    submitted_on = date.fromisoformat(facts["submittedOn"])
    receipt = Receipt(
        form=facts["form"],
        about=name_topic(facts["serviceName"], facts.get("products", ())),
        organisation_name=name_of(instance, organisation),
        number=facts["number"],
        received_on=received_on or first,
        submitted_on=submitted_on,
        received=[
            *(content["labels"].get(name) or name for name in content["answers"]),
            *(item["title"] for item in content["documents"]),
        ],
        term=term,
        sender_name=name_of(instance, sender) if sender else "",
        first_received_on=first if sender else None,
    )
    written = confirm_receipt(receipt).as_dict()
    put_item(instance, subject, CONFIRMATION, {"case": facts["case"], **written}, organisation)


def name_of(instance: Instance, organisation: str) -> str:
    """Give what an organisation is called; its ref where this node has no record of it that everybody may see."""
    try:
        return instance.store.get(organisation, PUBLIC).name
    except NotFound:
        return organisation


# -- reading ------------------------------------------------------------------------------------------------------


def list_cases(instance: Instance, asker: Principal, subject: str) -> list[CaseView]:
    """Give the cases of a person that the asker may see, the newest first, with the hand-overs of each."""
    from eendracht.services.handover_views import list_views

    references = [item.id for item in instance.vault.list_items(subject, PURPOSE, asker, REFERENCE)]
    rows = CaseIndex(instance.store).cases_of(references)
    found = []
    for row in rows:
        content = read_item(instance, row.reference, asker)
        views = tuple(list_views(instance, row.matter))
        found.append(read_case_view(content, row.state, row.is_owner, row.controller, views))
    return sorted(found, key=lambda view: (view.first_received_on, view.id), reverse=True)


def get_case(instance: Instance, asker: Principal, case: str) -> CaseView:
    """Give a case; raises NotFound, also for one that the asker may not see."""
    from eendracht.services.handover_views import list_views

    row = CaseIndex(instance.store).get_case(case)
    content = read_item(instance, row.reference, asker)
    return read_case_view(content, row.state, row.is_owner, row.controller, tuple(list_views(instance, row.matter)))


def list_confirmations(instance: Instance, asker: Principal, case: str) -> list[dict[str, Any]]:
    """Give the confirmations of receipt of a case, the newest last; raises NotFound."""
    subject = subject_of(instance, get_case(instance, asker, case).id)
    items = instance.vault.list_items(subject, PURPOSE, asker, CONFIRMATION)
    contents = (read_item(instance, item.id, asker) for item in items)
    return [content for content in contents if content["case"] == case]


def subject_of(instance: Instance, case: str) -> str:
    """Give the subject of a case; raises NotFound where the vault no longer holds it."""
    row = CaseIndex(instance.store).get_case(case)
    items = instance.vault.describe(items=[row.reference])
    if not items:
        raise NotFound("There is no such case")
    return items[0].subject


# -- the register -------------------------------------------------------------------------------------------------


def _try_registering(instance: Instance, asker: Principal, case: str) -> CaseView:
    from eendracht.services.case_registration import attempt_registration

    attempt_registration(instance, case)
    return get_case(instance, asker, case)


def refresh(instance: Instance, asker: Principal, case: str) -> CaseView:
    """Read status and deadline anew from the register, and give the case; a change is a new item of the vault.

    Raises NotFound, RegisterUnreachable, RegisterRefused.
    """
    get_case(instance, asker, case)
    refresh_case(instance, case)
    return get_case(instance, asker, case)


def refresh_case(instance: Instance, case: str) -> bool:
    """Read status and deadline anew for the wing itself, and tell whether something had changed."""
    row = CaseIndex(instance.store).get_case(case)
    known = read_item(instance, row.reference, author_for(row.controller))
    if not known["address"]:
        return False
    register = open_register(instance, row.controller)
    try:
        found = register.read_case(known["address"])
    finally:
        register.close()
    return remember_reference(instance, row, known, found)


def remember_reference(
    instance: Instance, row: CaseRow, known: Mapping[str, Any], found: RegisteredCase, *, registers: bool = False
) -> bool:
    """Keep what a register says of a case where that is new; tells whether it was."""
    fresh = {
        **known,
        "address": found.address,
        "deadline": found.deadline.isoformat() if found.deadline else "",
        "plannedOn": found.planned_on.isoformat() if found.planned_on else "",
        "endedOn": found.ended_on.isoformat() if found.ended_on else "",
        "status": found.status,
        "statusAt": found.status_at,
        "readAt": timestamp(instance.store.clock.now()),
    }
    if not registers and {**fresh, "readAt": ""} == {**known, "readAt": ""}:
        return False
    subject = instance.vault.describe(items=[row.reference])[0].subject
    item = put_item(instance, subject, REFERENCE, fresh, row.controller)
    return _point(instance, row, item, found.address)


def _point(instance: Instance, row: CaseRow, item: str, address: str) -> bool:
    """Let the index point to a newer reference, unless somebody else did so meanwhile."""
    moment = timestamp(instance.store.clock.now())

    def write(connection: Connection) -> bool:
        done = connection.query(
            "UPDATE service_case SET reference = ?, address_hash = ?, changed_at = ?, next_try_at = '',"
            " state = CASE state WHEN 'waiting' THEN 'registered' ELSE state END"
            " WHERE id = ? AND reference = ? RETURNING id",
            (item, hash_address(address), moment, row.id, row.reference),
        )
        return bool(done)

    return CaseIndex(instance.store).write(write)
