"""Putting a case in its register: tried at once, and again with growing waits until the register has it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from eendracht.kernel.clock import timestamp, today
from eendracht.kernel.errors import EendrachtError
from eendracht.kernel.instance import Instance
from eendracht.services.case_index import CaseIndex, CaseRow
from eendracht.services.case_items import author_for, list_case_documents, read_item
from eendracht.services.case_topics import name_topic
from eendracht.services.cases import FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS, note, remember_reference
from eendracht.services.registers import NewCase, open_register

MOST_DOUBLINGS: Final = 12


def wait_after(tries: int) -> timedelta:
    """Give how long is waited after so many tries that failed: a minute, doubled each time, at most six hours."""
    return timedelta(seconds=min(FIRST_RETRY_SECONDS * 2 ** min(tries, MOST_DOUBLINGS), LONGEST_RETRY_SECONDS))


def register_case(instance: Instance, case: str) -> bool:
    """Put a case with its documents in its register, and tell whether that was still to be done.

    May be done again at any moment: what the register has by our own number is not made twice. Raises
    RegisterUnreachable, RegisterRefused, NoRegister.
    """
    row = CaseIndex(instance.store).get_case(case)
    if row.state != "waiting":
        return False
    author = author_for(row.controller)
    facts = read_item(instance, row.reference, author)
    content = read_item(instance, row.submission, author)
    register = open_register(instance, row.controller)
    try:
        made = register.create_case(new_case_of(instance, row, facts))
        for document in list_case_documents(instance, facts, content, author):
            register.add_document(made, document)
        register.add_status(made, "received")
        made = register.read_case(made.address)
    finally:
        register.close()
    done = remember_reference(instance, row, facts, made, registers=True)
    if done:
        note(instance, {"event": "register", "case": case, "controller": row.controller})
    return done


def attempt_registration(instance: Instance, case: str) -> bool:
    """Try once, and where it fails plan when it is tried again; tells whether the register has the case."""
    try:
        register_case(instance, case)
    except EendrachtError as error:
        index = CaseIndex(instance.store)
        row = index.get_case(case)
        again = timestamp(instance.store.clock.now() + wait_after(row.tries))
        index.write(
            lambda connection: connection.execute(
                "UPDATE service_case SET tries = tries + 1, next_try_at = ? WHERE id = ? AND state = 'waiting'",
                (again, case),
            )
        )
        note(instance, {"event": "not-registered", "case": case, "controller": row.controller, "code": error.code})
        return False
    return True


def new_case_of(instance: Instance, row: CaseRow, facts: Mapping[str, Any]) -> NewCase:
    """Give what a register is asked to make of a case."""
    return NewCase(
        number=facts["number"],
        service=facts["service"],
        summary=name_topic(facts["serviceName"], facts.get("products", ())).nl or facts["form"],
        received_on=date.fromisoformat(facts["submittedOn"]),
        registered_on=today(instance.store.clock),
        subject=instance.vault.describe(items=[row.reference])[0].subject,
        decide_by=date.fromisoformat(facts["decideBy"]) if facts["decideBy"] else None,
    )
