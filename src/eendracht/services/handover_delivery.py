"""Hand-overs between nodes: delivered when the other node answers, kept and tried again until then.

The node of the receiver decides: what it says is followed here. Until this node has heard that the receiver accepted,
the sender goes on as responsible; there is never nobody.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final, cast

from eendracht.kernel.access import OPERATOR, Principal
from eendracht.kernel.clock import timestamp, today
from eendracht.kernel.errors import Conflict, EendrachtError, Fault, InvalidInput, NotFound
from eendracht.kernel.instance import Instance
from eendracht.kernel.jobs import Jobs
from eendracht.kernel.store.driver import Connection
from eendracht.services.case_index import CaseIndex, HandoverRow, insert_row, read_handovers
from eendracht.services.case_items import PURPOSE, author_for, keep_documents, open_documents, put_item
from eendracht.services.case_retention import HANDOVER, SUBMISSION
from eendracht.services.case_views import HandoverView
from eendracht.services.cases import MOST_DOCUMENT_BYTES, note
from eendracht.services.connections import load_connections
from eendracht.services.decision_terms import Form, add_working_days
from eendracht.services.handover_views import view_of
from eendracht.services.handovers import HandoverSettled, read_content, reader_of, settle, turn_over
from eendracht.services.registers import Document, NoRegister, has_register
from eendracht.services.successors import find_successor

JOB: Final = "handover-delivery"
CONNECT_SECONDS: Final = 3.0
READ_SECONDS: Final = 15.0
ASK_AGAIN: Final = timedelta(minutes=10)
"""How often a node that has a hand-over is asked whether it was answered."""
FIRST_WAIT_SECONDS: Final = 60
LONGEST_WAIT_SECONDS: Final = 6 * 3_600


class NodeUnreachable(EendrachtError):
    """The node of another organisation does not answer; what is meant for it is kept and tried again."""

    code = "node-unreachable"
    status = 503
    title_nl = "Het knooppunt van de andere organisatie is nu niet bereikbaar"
    title_en = "The node of the other organisation cannot be reached now"
    default_hint = "It is tried again by itself; nothing is lost."


class NodeRefused(EendrachtError):
    """The node of another organisation refuses what was sent to it."""

    code = "node-refused"
    status = 502
    title_nl = "Het knooppunt van de andere organisatie weigert dit"
    title_en = "The node of the other organisation refuses this"
    default_hint = "Ask its operator for a token with the editor role for your organisation."


@dataclass(frozen=True, slots=True)
class Incoming:
    """A hand-over that another node offers to an organisation of this one."""

    handover: str
    sender: str
    receiver: str
    matter: str
    case: str
    form: Form
    first_received_on: date
    service: str = ""
    service_name: str = ""
    products: tuple[str, ...] = ()
    objection_term_ends: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict, repr=False)
    documents: tuple[str, ...] = ()
    """Numbers of the documents, each of which was sent before."""
    labels: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)
    is_withdrawn: bool = False
    """Whether the sender takes it back: it then comes without content, and stays taken back if it arrives later."""


@dataclass(frozen=True, slots=True)
class IncomingDocument:
    """A document of a hand-over that another node is about to offer; its number is that of the hand-over."""

    handover: str
    sender: str
    receiver: str
    document: Document


# -- at the receiver ----------------------------------------------------------------------------------------------


def receive_document(instance: Instance, asker: Principal, incoming: IncomingDocument) -> None:
    """Keep a document that comes before its hand-over; one of that number is there already.

    Raises as `receive`, and InvalidInput for more than the documents of one case may hold.
    """
    receiver = _require_receiver(instance, asker, incoming.sender, incoming.receiver)
    subject = _subject_of(instance, incoming.sender, incoming.handover)
    there = _list_arrived(instance, subject, receiver)
    if incoming.document.number in there:
        return
    if sum(item["size"] for item in there.values()) + incoming.document.size > MOST_DOCUMENT_BYTES:
        fault = Fault("/content", "too-large", "De bijlagen zijn te groot", "The attachments are too large")
        raise InvalidInput("The documents of this hand-over are too large", faults=[fault])
    (kept,) = keep_documents(instance, subject, [incoming.document], receiver)
    put_item(instance, subject, SUBMISSION, {"arrived": kept}, receiver)


def _list_arrived(instance: Instance, subject: str, receiver: str) -> dict[str, dict[str, Any]]:
    """Give the documents that came, by number."""
    found = instance.vault.read_subject(subject, PURPOSE, author_for(receiver), SUBMISSION)
    arrived = (content["arrived"] for _, content in found if isinstance(content, dict) and "arrived" in content)
    return {item["number"]: item for item in arrived}


def _subject_of(instance: Instance, sender: str, handover: str) -> str:
    return instance.vault.add_subject("handover", f"{sender}/{handover}")


def _require_receiver(instance: Instance, asker: Principal, sender: str, wanted: str) -> str:
    asker.require_write(sender)
    receiver = find_successor(instance.store, wanted)
    instance.require_on("services", receiver)
    if not has_register(instance, receiver):
        raise NoRegister(f"{receiver} has no case register on this node")
    return receiver


def receive(instance: Instance, asker: Principal, incoming: Incoming) -> HandoverView:
    """Keep a hand-over that another node offers; the same one again is there already.

    The asker is the node of the sender: it holds the editor role for the sender here. Raises Denied, NotFound,
    NoRegister, InvalidInput for a document that did not come, Conflict where another sender uses the same id.
    """
    receiver = _require_receiver(instance, asker, incoming.sender, incoming.receiver)
    known = CaseIndex(instance.store).find_handovers("id = ?", (incoming.handover,))
    if not known:
        known = [_keep(instance, incoming, receiver)]
    row = known[0]
    if row.sender != incoming.sender or row.receiver != receiver:
        raise Conflict("This hand-over is known with other parties")
    if incoming.is_withdrawn and row.is_open:
        with suppress(HandoverSettled):
            row = settle(instance, row, "withdrawn", "", asker.name)
    return view_of(instance, CaseIndex(instance.store).get_handover(row.id))


def _keep(instance: Instance, incoming: Incoming, receiver: str) -> HandoverRow:
    day, moment = today(instance.store.clock), timestamp(instance.store.clock.now())
    subject = _subject_of(instance, incoming.sender, incoming.handover)
    documents = _find_documents(incoming, _list_arrived(instance, subject, receiver))
    content = {"answers": dict(incoming.answers), "documents": documents, "labels": dict(incoming.labels)}
    submission = put_item(instance, subject, SUBMISSION, content, receiver)
    facts = {
        "case": incoming.case,
        "organisation": incoming.sender,
        "service": incoming.service,
        "serviceName": incoming.service_name,
        "products": list(incoming.products),
        "form": incoming.form,
        "firstReceivedOn": incoming.first_received_on.isoformat(),
        "objectionTermEnds": incoming.objection_term_ends,
    }
    kept = {"handover": incoming.handover, "case": incoming.case, "extra": dict(incoming.extra), "facts": facts}
    item = put_item(instance, subject, HANDOVER, {**kept, "submission": submission}, receiver)
    row = HandoverRow(
        id=incoming.handover,
        matter="in-" + hashlib.sha256(f"{incoming.sender}/{incoming.matter}".encode()).hexdigest()[:24],
        sender_case=f"{incoming.sender}/{incoming.case}",
        receiver_case="",
        sender=incoming.sender,
        receiver=receiver,
        state="withdrawn" if incoming.is_withdrawn else "offered",
        item=item,
        consent="",
        first_received_on=incoming.first_received_on,
        offered_on=day,
        escalates_on=add_working_days(day, instance.settings.handover_days),
        reason="",
        delivery="incoming",
        tries=0,
        next_try_at="",
        changed_at=moment,
    )

    def write(connection: Connection) -> HandoverRow:
        twin = read_handovers(connection, "id = ?", (row.id,))
        if not twin:
            insert_row(connection, row)
        return twin[0] if twin else row

    kept_row = CaseIndex(instance.store).write(write)
    note(instance, {"event": "receive", "handover": row.id, "sender": row.sender, "receiver": receiver})
    return kept_row


def _find_documents(incoming: Incoming, arrived: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    faults = [
        Fault(f"/documents/{at}", "not-arrived", "Deze bijlage is er niet", "This attachment is not here", "Send it.")
        for at, number in enumerate(incoming.documents)
        if number not in arrived
    ]
    if faults:
        raise InvalidInput("Documents of the hand-over did not come", faults=faults)
    return [arrived[number] for number in incoming.documents]


# -- at the sender ------------------------------------------------------------------------------------------------


def ask_delivery(instance: Instance, row: HandoverRow) -> str:
    """Ask for the job that delivers a hand-over, and give its id."""
    return Jobs(instance.store).ask(JOB, {"handover": row.id}, OPERATOR, row.sender)


def deliver(instance: Instance, handover: str) -> str:
    """Bring a hand-over one step on: deliver it, or hear what became of it; gives its state.

    Where the other node does not answer, the next try is planned, each wait twice as long as the last.
    """
    row = CaseIndex(instance.store).get_handover(handover)
    if not row.is_open or row.delivery not in ("waiting", "delivered"):
        return row.state
    # Written down before it is done: after a kill it is known that something may have been sent.
    _plan(instance, row, row.delivery, _wait_after(row.tries), row.tries + 1)
    try:
        return _bring_on(instance, row)
    except HandoverSettled:
        return CaseIndex(instance.store).get_handover(handover).state
    except (NodeUnreachable, NodeRefused) as error:
        note(instance, {"event": "not-delivered", "handover": row.id, "code": error.code, "tries": row.tries + 1})
        return row.state


def _bring_on(instance: Instance, row: HandoverRow) -> str:
    if row.reason == "consent-revoked":
        with suppress(HandoverSettled):
            withdraw_elsewhere(instance, row)
            return settle(instance, row, "withdrawn", row.reason, OPERATOR.name).state
    if row.delivery == "delivered" or row.reason == "consent-revoked":
        return _follow(instance, row)
    described = _describe(instance, row)
    described["documents"] = _send_documents(instance, row)
    _call(instance, row, "POST", "/v1/handovers/incoming", described)
    _plan(instance, row, "delivered", ASK_AGAIN, 1)
    note(instance, {"event": "deliver", "handover": row.id, "sender": row.sender, "receiver": row.receiver})
    return row.state


def withdraw_elsewhere(instance: Instance, row: HandoverRow) -> None:
    """Let the node of the receiver withdraw a hand-over that it has, or that may still be on its way.

    Raises HandoverSettled where the receiver was earlier, NodeUnreachable, NodeRefused.
    """
    blank = {"answers": {}, "extra": {}, "isWithdrawn": True}
    found = _call(instance, row, "POST", "/v1/handovers/incoming", {**_describe(instance, row), **blank})
    if found.get("state") != "withdrawn":
        raise HandoverSettled()


def _follow(instance: Instance, row: HandoverRow) -> str:
    try:
        found = _call(instance, row, "GET", f"/v1/handovers/{row.id}")
    except NotFound:
        # The other node lost it, as after a restore: it is sent once more.
        _plan(instance, row, "waiting", timedelta(), row.tries)
        return row.state
    state = str(found.get("state"))
    if state == "accepted":
        taken = turn_over(instance, row, "", row.receiver, is_here=False)
        Jobs(instance.store).ask("handover-notice", {"handover": row.id}, OPERATOR, row.sender)
        return taken.state
    if state in ("declined", "withdrawn"):
        return settle(instance, row, cast(Any, state), str(found.get("reason", ""))[:40], row.receiver).state
    _plan(instance, row, "delivered", ASK_AGAIN, 1)
    return row.state


def _wait_after(tries: int) -> timedelta:
    return timedelta(seconds=min(FIRST_WAIT_SECONDS * 2 ** min(tries, 12), LONGEST_WAIT_SECONDS))


def _plan(instance: Instance, row: HandoverRow, delivery: str, wait: timedelta, tries: int) -> None:
    moment = instance.store.clock.now()
    CaseIndex(instance.store).write(
        lambda connection: connection.execute(
            "UPDATE handover SET tries = ?, delivery = ?, next_try_at = ?, changed_at = ?"
            " WHERE id = ? AND delivery IN ('waiting', 'delivered')",
            (tries, delivery, timestamp(moment + wait), timestamp(moment), row.id),
        )
    )


def _describe(instance: Instance, row: HandoverRow) -> dict[str, Any]:
    facts, content, extra = read_content(instance, row)
    return {
        "handover": row.id,
        "sender": row.sender,
        "receiver": row.receiver,
        "matter": row.matter,
        "case": row.sender_case,
        "form": facts["form"],
        "firstReceivedOn": facts["firstReceivedOn"],
        "service": facts["service"],
        "serviceName": facts["serviceName"],
        "products": list(facts.get("products", ())),
        "objectionTermEnds": facts["objectionTermEnds"],
        "answers": content["answers"],
        "documents": [],
        "labels": content["labels"],
        "extra": extra,
    }


def _send_documents(instance: Instance, row: HandoverRow) -> list[str]:
    """Send what goes along one after the other, and give the numbers under which the other node has them."""
    _, content, _ = read_content(instance, row)
    documents = open_documents(instance, content["documents"], reader_of(row), "document-")
    for document in documents:
        body = {
            "handover": row.id,
            "sender": row.sender,
            "receiver": row.receiver,
            "number": document.number,
            "title": document.title,
            "fileName": document.file_name,
            "mediaType": document.media_type,
            "content": base64.b64encode(document.read()).decode(),
        }
        _call(instance, row, "POST", "/v1/handovers/incoming/documents", body)
    return [document.number for document in documents]


def _call(
    instance: Instance, row: HandoverRow, method: str, path: str, body: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    import httpx2

    connection = load_connections(instance.settings).nodes.get(row.receiver)
    if connection is None:
        raise NodeUnreachable(f"cases.toml names no node of {row.receiver}")
    headers = {"Authorization": f"Bearer {connection.token}"}
    timeout = httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
    try:
        with httpx2.Client(timeout=timeout, follow_redirects=False, trust_env=False) as client:
            answer = client.request(method, connection.address + path, json=body, headers=headers)
            found = answer.json() if answer.content else {}
    except (httpx2.TransportError, httpx2.DecodingError, ValueError) as error:
        raise NodeUnreachable(f"{row.receiver}: {type(error).__name__}") from None
    if answer.status_code == 404 and method == "GET":
        raise NotFound("The other node does not know this")
    if answer.status_code >= 500 or answer.status_code == 429:
        raise NodeUnreachable(f"{row.receiver} answers {answer.status_code}")
    if answer.status_code >= 400 or not isinstance(found, dict):
        raise NodeRefused(f"{row.receiver} answers {answer.status_code}")
    return found
