"""What follows when a case is taken over: a copy for the new owner, its own confirmation and term, its register.

The owner has changed before any of this; it is done again after a kill until it is done, and never twice.
"""

from __future__ import annotations

from datetime import date

from eendracht.kernel.access import PUBLIC
from eendracht.kernel.errors import NotFound
from eendracht.kernel.instance import Instance
from eendracht.kernel.store.driver import Connection
from eendracht.services.case_index import CaseIndex, HandoverRow
from eendracht.services.case_items import (
    PURPOSE,
    author_for,
    keep_documents,
    open_documents,
    put_item,
    read_item,
)
from eendracht.services.case_retention import CONFIRMATION, REFERENCE, SUBMISSION
from eendracht.services.case_topics import describe_topic
from eendracht.services.cases import confirm, new_number, note, term_facts
from eendracht.services.decision_terms import find_legal_date, find_term
from eendracht.services.handovers import read_content, reader_of


def complete_takeover(instance: Instance, case: str) -> bool:
    """Give the new owner its copy, and tell whether that was still to be done.

    For an objection or appeal the day at the first body stays the day of submission (Awb 6:15); the term of an
    application begins when the competent body had it (Awb 4:13). Raises NotFound where what was submitted is gone.
    """
    index = CaseIndex(instance.store)
    row = index.get_case(case)
    if row.submission:
        return False
    handover = index.find_handovers("receiver_case = ?", (case,))[0]
    known, submitted, extra = read_content(instance, handover)
    subject = instance.vault.describe(items=[handover.item])[0].subject
    first = date.fromisoformat(known["firstReceivedOn"])
    submitted_on = find_legal_date(known["form"], first, handover.offered_on)
    objection_ends = date.fromisoformat(known["objectionTermEnds"]) if known["objectionTermEnds"] else None
    term = find_term(known["form"], submitted_on, _weeks_of(instance, known["service"]), objection_ends)
    confirmed = _find_confirmed(instance, subject, row.controller, case)
    blank = dict.fromkeys(("address", "deadline", "plannedOn", "endedOn", "status", "statusAt", "readAt"), "")
    facts = {
        **known,
        **blank,
        **term_facts(term),
        "case": case,
        "matter": row.matter,
        "number": confirmed or new_number(),
        "organisation": row.controller,
        "submittedOn": submitted_on.isoformat(),
    }
    documents = open_documents(instance, submitted["documents"], reader_of(handover))
    content = {**submitted, "documents": keep_documents(instance, subject, documents, row.controller), "extra": extra}
    if not confirmed:
        confirm(instance, row.controller, subject, facts, content, term, handover.sender, handover.offered_on)
    kept = put_item(instance, subject, SUBMISSION, content, row.controller)
    reference = put_item(instance, subject, REFERENCE, facts, row.controller)

    def write(connection: Connection) -> bool:
        done = connection.query(
            "UPDATE service_case SET submission = ?, reference = ? WHERE id = ? AND submission = '' RETURNING id",
            (kept, reference, case),
        )
        return bool(done)

    done = index.write(write)
    note(instance, {"event": "take-over", "case": case, "handover": handover.id, "controller": row.controller})
    return done


def tell_sender_register(instance: Instance, handover: HandoverRow) -> None:
    """Say in the register of the sender that the case was handed over, where the sender has it there."""
    from eendracht.services.registers import open_register

    row = CaseIndex(instance.store).get_case(handover.sender_case)
    facts = read_item(instance, row.reference, author_for(row.controller))
    if not facts["address"]:
        return
    register = open_register(instance, row.controller)
    try:
        register.add_status(register.read_case(facts["address"]), "handed-over")
    finally:
        register.close()


def _weeks_of(instance: Instance, service: str) -> int | None:
    try:
        return describe_topic(instance.store, PUBLIC, service).decision_weeks
    except NotFound:
        # What the person is told comes from what everybody may see; else Awb 4:13 gives the term.
        return None


def _find_confirmed(instance: Instance, subject: str, organisation: str, case: str) -> str:
    """Give the number under which a run that was killed after it confirmed receipt; empty where there was none."""
    author = author_for(organisation)
    items = instance.vault.list_items(subject, PURPOSE, author, CONFIRMATION)
    contents = (read_item(instance, item.id, author) for item in items)
    return next((str(content["number"]) for content in contents if content["case"] == case), "")
