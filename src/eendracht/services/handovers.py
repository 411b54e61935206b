"""Handing a case to the body that is competent (doorzendplicht, Awb 2:3), with one owner at each moment.

    offered ──accept──▶ accepted          offered ──nobody answers──▶ escalated
    offered or escalated ──▶ accepted, declined or withdrawn

Until the receiver accepts, the sender is responsible and the content is in its part of the vault alone: the receiver
looks at it there, on the journal. Accepting turns the owner over in one transaction; whatever follows (a copy for the
receiver, the confirmation, its register) is done after it and again after a kill, until it is done.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from eendracht.kernel.access import OPERATOR, Principal, Role
from eendracht.kernel.clock import timestamp, today
from eendracht.kernel.errors import Conflict, Denied, Fault, InvalidInput, NotFound
from eendracht.kernel.instance import Instance
from eendracht.kernel.jobs import Jobs
from eendracht.kernel.journal import check_code
from eendracht.kernel.rules.grounds import NoGround, Use, ground_of, require_ground
from eendracht.kernel.store.driver import Connection
from eendracht.services import consents
from eendracht.services.case_index import (
    OPEN_STATES,
    CaseIndex,
    CaseRow,
    HandoverRow,
    insert_row,
    read_cases,
    read_consents,
    read_handovers,
)
from eendracht.services.case_items import PURPOSE, author_for, put_item, read_item
from eendracht.services.case_retention import HANDOVER
from eendracht.services.case_topics import name_topic
from eendracht.services.case_views import HandoverView
from eendracht.services.cases import get_case, note, subject_of
from eendracht.services.connections import load_connections
from eendracht.services.decision_terms import add_working_days
from eendracht.services.handover_views import HandoverContent, find_visible, is_elsewhere, titles_of, view_of
from eendracht.services.registers import has_register
from eendracht.services.successors import find_successor

Reason = Literal["not-competent", "incomplete", "duplicate", "other"]
REASONS: Final[tuple[Reason, ...]] = ("not-competent", "incomplete", "duplicate", "other")
"""Why a hand-over is declined; the words for it go by another way."""


class HandoverSettled(Conflict):
    """Somebody answered this hand-over already, or it was withdrawn."""

    code = "handover-settled"
    title_nl = "Op deze overdracht is al geantwoord"
    title_en = "This hand-over has been answered already"
    default_hint = "Look at its state; offer it anew where it is still needed."


class NotResponsible(Conflict):
    """The case is no longer with this organisation, or is being handed over already."""

    code = "not-responsible"
    title_nl = "Deze zaak is niet (meer) bij deze organisatie, of wordt al overgedragen"
    title_en = "This case is not with this organisation, or is being handed over already"
    default_hint = "Wait for the answer, or withdraw the open hand-over first."


class ExtraWithoutGround(NoGround):
    """More than was submitted would go along, without a ground or consent that covers it."""

    code = "extra-without-ground"
    title_nl = "Deze gegevens mogen niet mee: er is geen grondslag en geen toestemming"
    title_en = "These data may not go along: there is no lawful ground and no consent"
    default_hint = "Leave them out, ask the person, or name the ground record that opens these sources."


@dataclass(frozen=True, slots=True)
class Extra:
    """Something that goes along although it was not submitted: its name, its value, and the dataset it comes from."""

    name: str
    value: str = field(repr=False)
    source: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A hand-over that is proposed; `extra` needs a ground (ref of its record, and purpose) or a consent (its id)."""

    case: str
    receiver: str
    extra: tuple[Extra, ...] = ()
    ground: str = ""
    purpose: str = ""
    consent: str = ""


def offer(instance: Instance, asker: Principal, offered: Offer) -> HandoverView:
    """Offer a case to another organisation, as an editor of the one that is responsible.

    A receiver that no longer stands is followed by its successor. Raises NotFound, Denied, NotResponsible,
    ExtraWithoutGround, InvalidInput.
    """
    view = get_case(instance, asker, offered.case)
    asker.require_write(view.organisation)
    receiver, is_here = _find_receiver(instance, view.organisation, offered.receiver)
    consent = _require_extra(instance, offered, view.organisation, receiver)
    case = CaseIndex(instance.store).get_case(offered.case)
    facts = read_item(instance, case.reference, asker)
    read_item(instance, case.submission, asker)
    day = today(instance.store.clock)
    handover = secrets.token_hex(12)
    content = {
        "handover": handover,
        "case": offered.case,
        "extra": {item.name: item.value for item in offered.extra},
        "ground": offered.ground,
        "consent": consent,
        "facts": facts,
        "submission": case.submission,
    }
    item = put_item(instance, subject_of(instance, offered.case), HANDOVER, content, view.organisation)
    row = HandoverRow(
        id=handover,
        matter=view.matter,
        sender_case=offered.case,
        receiver_case="",
        sender=view.organisation,
        receiver=receiver,
        state="offered",
        item=item,
        consent=consent,
        first_received_on=view.first_received_on,
        offered_on=day,
        escalates_on=add_working_days(day, instance.settings.handover_days),
        reason="",
        delivery="" if is_here else "waiting",
        tries=0,
        next_try_at="",
        changed_at=timestamp(instance.store.clock.now()),
    )
    CaseIndex(instance.store).write(lambda connection: _insert_offer(connection, row))
    _note(instance, "offer", row, asker.name)
    if not is_here:
        from eendracht.services.handover_delivery import ask_delivery

        ask_delivery(instance, row)
    return view_of(instance, row)


def _insert_offer(connection: Connection, row: HandoverRow) -> None:
    is_owner = read_cases(connection, "id = ? AND is_owner = 1", (row.sender_case,))
    if not is_owner or read_handovers(
        connection, "sender_case = ? AND state IN (?, ?)", (row.sender_case, *OPEN_STATES)
    ):
        raise NotResponsible()
    # Once more inside the transaction: a consent may have been taken back a moment ago.
    if row.consent and not read_consents(connection, "id = ? AND revoked_on = ''", (row.consent,)):
        raise ExtraWithoutGround("The consent was taken back")
    insert_row(connection, row)


def _find_receiver(instance: Instance, sender: str, wanted: str) -> tuple[str, bool]:
    receiver = find_successor(instance.store, wanted)
    if receiver == sender:
        fault = Fault("/receiver", "same", "Dit is dezelfde organisatie", "This is the same organisation")
        raise InvalidInput("A case cannot be handed to who has it", faults=[fault])
    is_here = has_register(instance, receiver)
    if not is_here and receiver not in load_connections(instance.settings).nodes:
        fault = Fault(
            "/receiver",
            "not-reachable",
            "Deze organisatie neemt hier nog geen zaken aan",
            "This organisation takes no cases here yet",
            "Name its register or its node in cases.toml; until then the case stays where it is.",
        )
        raise InvalidInput(f"{receiver} cannot be reached", faults=[fault])
    if is_here:
        instance.require_on("services", receiver)
    return receiver, is_here


def _require_extra(instance: Instance, offered: Offer, sender: str, receiver: str) -> str:
    """Refuse what was not submitted and rests on no ground and no consent, with every field named.

    Gives the consent on which it rests; empty where it rests on a ground, or nothing goes along.
    """
    if not offered.extra:
        return ""
    for at, item in enumerate(offered.extra):
        check_code(item.name, f"/extra/{at}/name")
    names = [item.name for item in offered.extra]
    if offered.consent and consents.covers(instance, offered.consent, offered.case, receiver, names):
        return offered.consent
    faults = [
        Fault(
            f"/extra/{at}",
            "not-covered",
            f"'{item.name}' is niet ingediend",
            f"'{item.name}' was not submitted",
            "It needs a ground that opens its source, or consent that names it.",
        )
        for at, item in enumerate(offered.extra)
    ]
    if not offered.ground or not all(item.source for item in offered.extra):
        raise ExtraWithoutGround(f"No ground and no consent for: {', '.join(names)}", faults=faults)
    try:
        ground = ground_of(instance.store.get(offered.ground, author_for(sender)))
        sources = tuple(dict.fromkeys(item.source for item in offered.extra))
        use = Use((ground.law,), offered.purpose, sender, sources, today(instance.store.clock))
        require_ground(ground, use)
    except NotFound:
        raise ExtraWithoutGround("There is no such ground", faults=faults) from None
    except NoGround as error:
        raise ExtraWithoutGround(error.detail, faults=[*faults, *error.faults]) from None
    return ""


def open_content(instance: Instance, asker: Principal, handover: str) -> HandoverContent:
    """Show an editor of a party what an open or accepted hand-over takes along; each look is on the journal.

    Raises NotFound, Denied.
    """
    row = find_visible(instance, asker, handover)
    if not (asker.may_write(row.sender) or asker.may_write(row.receiver)):
        raise Denied(f"{asker.name} holds no editor role for a party of this hand-over")
    if not row.is_open and not asker.may_write(row.sender):
        raise NotFound("There is no such hand-over")
    _note(instance, "look", row, asker.name)
    facts, content, extra = read_content(instance, row)
    answers, documents = content["answers"], titles_of(content["documents"])
    name = facts["serviceName"]
    about = name_topic(name, facts.get("products", ()))
    return HandoverContent(view_of(instance, row), name, about, facts["form"], answers, extra, documents)


def read_content(instance: Instance, row: HandoverRow) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Give reference, submission and extra of a hand-over, for the wing itself; raises NotFound where they are gone."""
    author = reader_of(row)
    taken = read_item(instance, row.item, author)
    return taken["facts"], read_item(instance, taken["submission"], author), taken["extra"]


def reader_of(row: HandoverRow) -> Principal:
    """Give as whom the wing reads what a hand-over takes along: that of the sender, or what came to the receiver."""
    return Principal("services/cases", frozenset({(Role.EDITOR, row.sender), (Role.EDITOR, row.receiver)}))


# -- answers ------------------------------------------------------------------------------------------------------


def accept(instance: Instance, asker: Principal, handover: str) -> HandoverView:
    """Take a case over, as an editor of the receiver: from this moment the receiver is responsible.

    Raises NotFound, Denied, HandoverSettled.
    """
    row = find_visible(instance, asker, handover)
    asker.require_write(row.receiver)
    if is_elsewhere(row):
        raise Denied("The receiver answers on its own node")
    instance.require_on("services", row.receiver)
    # Nobody becomes responsible for what is not kept any more.
    read_content(instance, row)
    taken = turn_over(instance, row, secrets.token_hex(12), asker.name)
    from eendracht.services.case_registration import attempt_registration
    from eendracht.services.takeover import complete_takeover

    complete_takeover(instance, taken.receiver_case)
    attempt_registration(instance, taken.receiver_case)
    if taken.delivery == "":
        Jobs(instance.store).ask("handover-notice", {"handover": handover}, OPERATOR, taken.sender)
    return view_of(instance, taken)


def turn_over(
    instance: Instance, row: HandoverRow, receiver_case: str, by: str, *, is_here: bool = True
) -> HandoverRow:
    """Make the receiver the owner, in one transaction; raises HandoverSettled where somebody was earlier."""
    moment = timestamp(instance.store.clock.now())

    def write(connection: Connection) -> HandoverRow:
        taken = _settle(connection, row.id, "accepted", "", moment, receiver_case)
        connection.execute(
            "UPDATE service_case SET is_owner = 0, state = 'handed-over', next_try_at = '', changed_at = ?"
            " WHERE id = ?",
            (moment, row.sender_case),
        )
        if is_here:
            # Responsible at once; its items follow, and are made anew after a kill.
            insert_row(
                connection,
                CaseRow(receiver_case, row.matter, "", row.receiver, "waiting", True, "", "", "", 0, moment, moment),
            )
        return taken

    taken = CaseIndex(instance.store).write(write)
    _note(instance, "accept", taken, by)
    return taken


def decline(instance: Instance, asker: Principal, handover: str, reason: Reason) -> HandoverView:
    """Say as an editor of the receiver that the case is not for it; the sender stays responsible.

    Raises NotFound, Denied, HandoverSettled, InvalidInput.
    """
    row = find_visible(instance, asker, handover)
    asker.require_write(row.receiver)
    if is_elsewhere(row):
        raise Denied("The receiver answers on its own node")
    if reason not in REASONS:
        fault = Fault(
            "/reason", "unknown-reason", "Deze reden bestaat niet", "There is no such reason", ", ".join(REASONS)
        )
        raise InvalidInput("The reason is not known", faults=[fault])
    return view_of(instance, settle(instance, row, "declined", reason, asker.name))


def withdraw(instance: Instance, asker: Principal, handover: str) -> HandoverView:
    """Take an offer back, as an editor of the sender.

    Of a receiver elsewhere that may have it already, its node must say first that it has not accepted. Raises NotFound,
    Denied, HandoverSettled, NodeUnreachable.
    """
    row = find_visible(instance, asker, handover)
    asker.require_write(row.sender)
    if is_elsewhere(row) and row.is_open and row.tries:
        from eendracht.services.handover_delivery import withdraw_elsewhere

        withdraw_elsewhere(instance, row)
    return view_of(instance, settle(instance, row, "withdrawn", "", asker.name))


def settle(
    instance: Instance, row: HandoverRow, state: Literal["declined", "withdrawn"], reason: str, by: str
) -> HandoverRow:
    """Close a hand-over without an heir; raises HandoverSettled where somebody was earlier."""
    moment = timestamp(instance.store.clock.now())
    done = CaseIndex(instance.store).write(lambda connection: _settle(connection, row.id, state, reason, moment))
    _note(instance, state, done, by)
    return done


def _settle(
    connection: Connection, handover: str, state: str, reason: str, moment: str, receiver_case: str = ""
) -> HandoverRow:
    rows = read_handovers(connection, "id = ?", (handover,))
    if not rows or not rows[0].is_open:
        raise HandoverSettled()
    delivery = "settled" if is_elsewhere(rows[0]) else rows[0].delivery
    connection.execute(
        "UPDATE handover SET state = ?, reason = ?, changed_at = ?, receiver_case = ?, delivery = ?, next_try_at = ''"
        " WHERE id = ?",
        (state, reason, moment, receiver_case, delivery, handover),
    )
    return replace(
        rows[0], state=state, reason=reason, changed_at=moment, receiver_case=receiver_case, delivery=delivery
    )


def escalate(instance: Instance, handover: str) -> bool:
    """Give a hand-over that nobody answered in time priority at the sender; tells whether that was still to be done."""
    day, moment = today(instance.store.clock).isoformat(), timestamp(instance.store.clock.now())

    def write(connection: Connection) -> list[HandoverRow]:
        rows = read_handovers(connection, "id = ? AND state = 'offered' AND escalates_on <= ?", (handover, day))
        for row in rows:
            connection.execute("UPDATE handover SET state = 'escalated', changed_at = ? WHERE id = ?", (moment, row.id))
        return rows

    rows = CaseIndex(instance.store).write(write)
    for row in rows:
        _note(instance, "escalate", row, OPERATOR.name)
    return bool(rows)


def _note(instance: Instance, event: str, row: HandoverRow, asker: str) -> None:
    line = {"event": event, "handover": row.id, "sender": row.sender, "receiver": row.receiver}
    note(instance, {**line, "asker": asker, "purpose": PURPOSE})
