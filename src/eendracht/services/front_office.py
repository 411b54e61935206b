"""What who works at a counter or a telephone does: look at a case, find the cases of a person, hand over.

Each look is for a purpose that was chosen, and on the journal before anything is shown. What is not there and what may
not be seen answer alike.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import Fault, InvalidInput, NotFound
from eendracht.kernel.imports.persons import is_bsn
from eendracht.kernel.instance import Instance
from eendracht.kernel.records import Record
from eendracht.kernel.store import Query
from eendracht.services.case_items import NUMBER_SCHEME
from eendracht.services.case_views import CaseView, HandoverView
from eendracht.services.cases import Submission, get_case, list_cases, list_confirmations, submit
from eendracht.services.connections import load_connections
from eendracht.services.decision_terms import Form
from eendracht.services.handover_views import list_waiting
from eendracht.services.handovers import NotResponsible, Offer, offer
from eendracht.services.registers import has_register
from eendracht.services.successors import find_successor

STREAM: Final = "front-office"
"""The journal stream of who looked at which case from the counter, and for what."""
PURPOSES: Final = ("front-office/case-question", "front-office/hand-over", "front-office/take-in")
"""For what somebody at a counter looks at something of a person: a question on a case, handing over, taking in."""
SCHEMES: Final = ("bsn", "kvk", "email")
"""By what a person or business may be found, each in a field of its own."""
FORMS: Final[tuple[Form, ...]] = ("application", "objection", "appeal", "message")
MOST_CASES: Final = 50
MOST_SERVICES: Final = 5
LONGEST_TEXT: Final = 20_000
BROUGHT: Final = "wat u aan de balie inleverde"
"""What the confirmation of receipt calls what was taken in at a counter."""
_KEY: Final = re.compile(r"[0-9a-f]{32}")
_NUMBER: Final = re.compile(r"\s*EEN[- ]?([0-9a-f]{16})\s*", re.IGNORECASE)
_PLAIN: Final = re.compile(r"[ .\-]")


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A case that was offered to another body, with what is told and given to the person."""

    case: CaseView
    handover: HandoverView
    confirmation: dict[str, Any]


def read_number(text: str) -> str:
    """Give the number of a case where a text is one, as it is written; else nothing."""
    match = _NUMBER.fullmatch(text)
    return f"EEN-{match[1].upper()}" if match else ""


def look_up_number(instance: Instance, asker: Principal, number: str, purpose: str) -> CaseView | None:
    """Give the case with this number at an organisation of the asker; None as `look_at_case` does.

    Raises InvalidInput for a purpose that is none.
    """
    _require_purpose(purpose)
    subjects = instance.vault.search_subjects({NUMBER_SCHEME: number}, purpose, asker)
    views = (view for subject in subjects for view in list_cases(instance, asker, subject))
    found = next((view for view in views if view.number == number), None)
    _note(instance, asker, purpose, "look", [found.id] if found else [])
    return found


def look_at_case(instance: Instance, asker: Principal, case: str, purpose: str) -> CaseView | None:
    """Give a case of an organisation of the asker; None for one that is not there and one that may not be seen.

    Raises InvalidInput for a purpose that is none.
    """
    _require_purpose(purpose)
    try:
        view: CaseView | None = get_case(instance, asker, case)
    except NotFound:
        view = None
    _note(instance, asker, purpose, "look", [view.id] if view else [])
    return view


def find_cases(instance: Instance, asker: Principal, scheme: str, identifier: str, purpose: str) -> list[CaseView]:
    """Give the cases at the asker's organisations of whoever has this identifier, the newest first.

    Nothing of the identifier is kept. Raises InvalidInput for a purpose or an identifier that is none.
    """
    _require_purpose(purpose)
    plain = _read_identifier(scheme, identifier)
    subjects = instance.vault.search_subjects({scheme: plain}, purpose, asker)
    views = [view for subject in subjects for view in list_cases(instance, asker, subject)][:MOST_CASES]
    _note(instance, asker, purpose, "find", [view.id for view in views])
    return views


def _require_purpose(purpose: str) -> None:
    if purpose not in PURPOSES:
        fault = Fault("/purpose", "no-purpose", "Kies waarvoor u dit opzoekt", "Choose for what you look this up")
        raise InvalidInput("A look at a case needs a purpose", faults=[fault])


def _read_identifier(scheme: str, identifier: str) -> str:
    text = identifier.strip()
    faults = []
    if scheme not in SCHEMES:
        faults.append(Fault("/scheme", "no-scheme", "Kies wat voor nummer het is", "Choose which sort of number it is"))
    if scheme in ("bsn", "kvk"):
        text = _PLAIN.sub("", text)
    told = {
        "bsn": not (text.isdigit() and is_bsn(text.zfill(9))),
        "kvk": re.fullmatch(r"\d{8}", text, re.ASCII) is None,
        "email": re.fullmatch(r"[^@\s]{1,200}@[^@\s]{1,200}", text) is None,
    }
    if told.get(scheme, False):
        nl, en = "Dit nummer of adres klopt niet; kijk het na", "This number or address is not right; check it"
        faults.append(Fault("/identifier", "no-identifier", nl, en))
    if faults:
        raise InvalidInput("This cannot be looked up", faults=faults)
    return text.zfill(9) if scheme == "bsn" else text


def find_services(instance: Instance, asker: Principal, text: str) -> Sequence[Record]:
    """Give the services that bodies recorded whose name or text has these words."""
    query = Query(kind="public-service", text=text[:300], limit=MOST_SERVICES)
    return instance.store.find(query, asker).records


def list_offers(instance: Instance, asker: Principal) -> list[HandoverView]:
    """Give the hand-overs that wait for an answer of an organisation of the asker, the oldest first."""
    return [view for view in list_waiting(instance, asker) if view.receiver in asker.organisations]


def can_receive(instance: Instance, organisation: str) -> bool:
    """Tell whether cases can be handed to an organisation: it has a register here, or a node that is known."""
    return has_register(instance, organisation) or organisation in load_connections(instance.settings).nodes


def list_own(instance: Instance, asker: Principal) -> list[str]:
    """Give the organisations for which the asker may take something in: an editor, where it can be kept."""
    return [ref for ref in asker.organisations if asker.may_write(ref) and has_register(instance, ref)]


def take_in(instance: Instance, asker: Principal, organisation: str, form: str, text: str, key: str) -> CaseView:
    """Take in what somebody brings to the counter, so that it has a number and a legal date of receipt.

    Raises InvalidInput where nothing was brought, Denied, NoRegister.
    """
    faults = []
    if not text.strip():
        nl, en = "Vul in wat er is ingeleverd", "Fill in what was handed in"
        faults.append(Fault("/text", "nothing", nl, en))
    if form not in FORMS:
        faults.append(Fault("/form", "no-form", "Kies wat het is", "Choose what it is"))
    if faults:
        raise InvalidInput(f"{len(faults)} fault(s) in what is taken in", faults=faults)
    key = key if _KEY.fullmatch(key) else make_key()
    # A subject of its own: who it is need not be known. The same form sent twice is the same subject, and one case.
    subject = instance.vault.add_subject("counter-form", key)
    known: Form = next(item for item in FORMS if item == form)
    return submit(instance, asker, Submission(subject, organisation, known, {BROUGHT: text[:LONGEST_TEXT]}, key=key))


def make_key() -> str:
    """Give the id of a form, by which one that is sent twice is taken in once."""
    return secrets.token_hex(16)


def hand_over(instance: Instance, asker: Principal, case: str, receiver: str) -> HandedOver:
    """Offer a case to another body with what was submitted and nothing more, and give what the person is told.

    Raises NotFound, Denied, NotResponsible, InvalidInput.
    """
    try:
        view = offer(instance, asker, Offer(case, receiver))
    except NotResponsible:
        # Pressed twice: what was done the first time is what is shown.
        view = _find_offer(instance, asker, case, receiver)
    _note(instance, asker, "front-office/hand-over", "hand-over", [case])
    return HandedOver(get_case(instance, asker, case), view, confirmation_of(instance, asker, case))


def _find_offer(instance: Instance, asker: Principal, case: str, receiver: str) -> HandoverView:
    known = find_successor(instance.store, receiver)
    found = [view for view in get_case(instance, asker, case).handovers if view.receiver == known and view.case == case]
    if not found or found[-1].state in ("declined", "withdrawn"):
        raise NotResponsible()
    return found[-1]


def confirmation_of(instance: Instance, asker: Principal, case: str) -> dict[str, Any]:
    """Give the newest confirmation of receipt of a case; empty where there is none. Raises NotFound."""
    found = list_confirmations(instance, asker, case)
    return found[-1] if found else {}


def _note(instance: Instance, asker: Principal, purpose: str, event: str, cases: Sequence[str]) -> None:
    line = {"event": event, "purpose": purpose, "asker": asker.name, "cases": list(cases)}
    instance.journal.append(STREAM, [line])
