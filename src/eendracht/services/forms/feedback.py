"""Reports of doubt to whoever keeps a base register (terugmelding), with the status that the owner gives back.

The report lies in the vault, with the owner as controller. An owner on the same node sees it there at once; to another
it goes as a CloudEvent over HTTP to the address in the settings, by a durable job that tries again. The files of a
claim go along as attachments on the ground of the report itself: where no article is recorded that opens a report to a
register, they stay with the claim. Each goes as an event of its own, with its name in the data: attributes of an event
may stand in a log.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Literal, get_args

from eendracht.kernel.access import OPERATOR, PUBLIC, Principal, Role
from eendracht.kernel.errors import Busy, EendrachtError, NotFound
from eendracht.kernel.instance import Instance
from eendracht.kernel.jobs import JobKind, Jobs, Work
from eendracht.kernel.vault import Vault
from eendracht.kernel.wording import Said
from eendracht.reference.facts import BaseRegister
from eendracht.services.forms.claims import Claim, ClaimFile, read_claim_file, read_items
from eendracht.services.forms.extracts import author_for
from eendracht.services.forms.retention import FEEDBACK

FeedbackState = Literal["waiting", "received", "in-investigation", "corrected", "rejected"]
PURPOSE: Final = "register-feedback"
JOB: Final = "register-feedback"
EVENT_TYPE: Final = "eendracht.register-feedback.reported"
ATTACHMENT_TYPE: Final = "eendracht.register-feedback.attached"
STATES: Final[dict[str, Said]] = {
    "waiting": Said("wacht op verzending", "waiting to be sent"),
    "received": Said("ontvangen door de beheerder", "received by the owner"),
    "in-investigation": Said("in onderzoek", "in investigation"),
    "corrected": Said("verbeterd in het register", "corrected in the register"),
    "rejected": Said("niet veranderd: de beheerder vindt het register juist", "rejected: the owner finds it right"),
}
_SECONDS: Final = 10


class FeedbackNotDelivered(EendrachtError):
    """A report that the owner of a register does not take, or that has nowhere to go."""

    code = "feedback-not-delivered"
    status = 502
    title_nl = "De terugmelding is niet aangekomen"
    title_en = "The report to the register was not delivered"
    default_hint = "Check the address of the owner of the register in the settings, and try the job again."


@dataclass(frozen=True, slots=True)
class Feedback:
    """A report of doubt: the claim, the register, its owner (ref of an organisation), and its state."""

    id: str
    subject: str
    claim: str
    register: str
    owner: str
    fact: str
    state: FeedbackState
    note: str = ""
    attachments: tuple[ClaimFile, ...] = ()


def owner_of(register: BaseRegister, municipality: str) -> str:
    """Give the ref of the organisation that keeps a base register; empty where the table does not say.

    `municipality` is the code of that of residence, which keeps its part of some registers.
    """
    code = municipality if register.owner == "municipality" else register.owner
    return f"organisation:{code}" if code else ""


def report_doubt(instance: Instance, claim: Claim, register: BaseRegister, owner: str) -> str:
    """Report a claim with its files to the owner of a base register, and give the id of the report.

    To an owner on this node it is received at once; to another a job is asked for. Raises NotFound without an owner.
    """
    if not owner:
        raise NotFound(f"It is not recorded who keeps {register.code}")
    author = _author(owner)
    is_sent = bool(address_of(instance, owner))
    state = "received" if not is_sent and _is_known(instance, owner) else "waiting"
    ground = f"{register.law}/{register.article}".strip("/").lower()
    put = partial(instance.vault.put, claim.subject, FEEDBACK, controller=owner, ground=ground, author=author)
    files = claim.files if register.article else ()
    content = {
        "event": "made",
        "attachments": [replace(file, item=put(_open(instance, claim, file))).as_content() for file in files],
        "claim": claim.id,
        "register": register.code,
        "owner": owner,
        "fact": claim.ask.name,
        "whose": claim.ask.whose,
        "registerValue": claim.register_value,
        "statedValue": claim.stated_value,
        "evidence": claim.evidence,
        "state": state,
    }
    item = put(content)
    if state == "waiting":
        # Without an address it fails where the operator sees it, who can try again with one.
        Jobs(instance.store).ask(JOB, {"item": item}, OPERATOR, owner)
    return item


def _open(instance: Instance, claim: Claim, file: ClaimFile) -> bytes:
    content = instance.vault.get(file.item, PURPOSE, author_for(claim.controller))
    assert isinstance(content, bytes)
    return content


def set_state(vault: Vault, feedback: Feedback, state: FeedbackState, author: Principal, note: str = "") -> None:
    """Say on behalf of the owner how far a report is; raises Denied without the role."""
    if state not in get_args(FeedbackState):
        raise ValueError(f"'{state}' is no state of a report")
    content = {"event": "state", "report": feedback.id, "state": state, "note": note, "by": author.name}
    vault.put(feedback.subject, FEEDBACK, content, controller=feedback.owner, ground="register-feedback", author=author)


def list_feedback(vault: Vault, subject: str, asker: Principal) -> list[Feedback]:
    """Give the reports about a subject as far as the asker may see them, oldest first, each with its state."""
    return gather_feedback(subject, read_items(vault, subject, FEEDBACK, asker, PURPOSE))


def gather_feedback(subject: str, items: Iterable[tuple[str, str, Mapping[str, Any]]]) -> list[Feedback]:
    """Give the reports of items that were read (id, controller, content), oldest first, each with its state."""
    found: dict[str, Feedback] = {}
    for item, owner, content in items:
        if content["event"] == "made":
            found[item] = Feedback(
                item,
                subject,
                content["claim"],
                content["register"],
                owner,
                content["fact"],
                content["state"],
                attachments=tuple(read_claim_file(file) for file in content.get("attachments", ())),
            )
        elif content["report"] in found:
            before = found[content["report"]]
            found[before.id] = replace(before, state=content["state"], note=content["note"])
    return list(found.values())


def address_of(instance: Instance, owner: str) -> str:
    """Give the address at which the owner of a register takes reports; empty where the settings have none."""
    pairs = (part.partition("=") for part in instance.settings.feedback_addresses.split())
    return next((address for name, _, address in pairs if f"organisation:{name}" == owner), "")


def deliver(work: Work) -> dict[str, Any]:
    """Send a report as a CloudEvent (structured mode, 1.0) to the owner; raises Busy where it may go better later."""
    instance = work.instance
    item = work.job.arguments["item"]
    owner = work.job.organisation
    author = _author(owner)
    content = instance.vault.get(item, PURPOSE, author)
    described = instance.vault.describe(items=[item])
    assert isinstance(content, dict) and described
    address = address_of(instance, owner)
    if not address:
        raise FeedbackNotDelivered("There is no address for this owner")
    _post(address, _event(instance, item, content, described[0].stored_at))
    files = [read_claim_file(file) for file in content.get("attachments", ())]
    for file in files:
        _post(address, _attachment(instance, item, content["register"], file, author))
    feedback = Feedback(
        item, described[0].subject, content["claim"], content["register"], owner, content["fact"], "waiting"
    )
    set_state(instance.vault, feedback, "received", author)
    return {"delivered": 1, "attachments": len(files)}


def _attachment(instance: Instance, report: str, register: str, file: ClaimFile, author: Principal) -> dict[str, Any]:
    """Give the event of one file; sent again it has the same id."""
    content = instance.vault.get(file.item, PURPOSE, author)
    assert isinstance(content, bytes)
    data = {
        "report": report,
        "name": file.name,
        "mediaType": file.media_type,
        "sha256": file.sha256,
        "content": base64.b64encode(content).decode(),
    }
    stored = instance.vault.describe(items=[file.item])[0]
    return {**_frame(instance, file.item, ATTACHMENT_TYPE, register, stored.stored_at), "data": data}


def _event(instance: Instance, item: str, content: Mapping[str, Any], at: str) -> dict[str, Any]:
    shown = ("register", "fact", "whose", "registerValue", "statedValue", "evidence")
    attached = [
        {"id": file["item"], "name": file["fileName"], "mediaType": file["mediaType"], "size": file["size"]}
        for file in content.get("attachments", ())
    ]
    data = {**{name: content[name] for name in shown}, "attachments": attached}
    return {**_frame(instance, item, EVENT_TYPE, content["register"], at), "data": data}


def _frame(instance: Instance, item: str, kind: str, register: str, at: str) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": item,
        "source": f"//{instance.settings.name}",
        "type": kind,
        "subject": register,
        "time": at,
        "datacontenttype": "application/json",
    }


def _post(address: str, event: Mapping[str, Any]) -> None:
    import httpx2
    import orjson

    headers = {"Content-Type": "application/cloudevents+json"}
    try:
        # No proxies of the environment: the report goes to the address of the settings.
        answer = httpx2.post(address, content=orjson.dumps(event), headers=headers, timeout=_SECONDS, trust_env=False)
    except httpx2.HTTPError as error:
        raise Busy(f"The owner of the register does not answer: {type(error).__name__}") from None
    if answer.status_code >= 500 or answer.status_code == 429:
        raise Busy(f"The owner of the register answers {answer.status_code}")
    if answer.status_code >= 300:
        raise FeedbackNotDelivered(f"The owner of the register answers {answer.status_code}")


def _is_known(instance: Instance, owner: str) -> bool:
    """Whether everybody can see that the owner is an organisation of this node, which finds the report in the vault."""
    try:
        instance.store.get(owner, PUBLIC)
    except NotFound:
        return False
    return True


def _author(owner: str) -> Principal:
    return Principal("services/feedback", frozenset({(Role.EDITOR, owner)}))


JOBS: Final = (
    JobKind(
        JOB,
        Said("Terugmelding aan een register", "Report to a register"),
        {"send": Said("versturen", "sending")},
        deliver,
    ),
)
