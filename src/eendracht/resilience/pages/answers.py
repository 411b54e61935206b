"""Pages of the supplier files: which suppliers answered, who waits for what, asking, and handing in a signed answer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from starlette.responses import Response

from eendracht.kernel.access import Role
from eendracht.kernel.disclosure import is_insider, require_insider
from eendracht.kernel.errors import Conflict, Denied, Fault, InvalidInput, NotFound
from eendracht.kernel.identity import slug
from eendracht.kit.i18n import gettext_noop
from eendracht.kit.pages import Page, Visit
from eendracht.kit.questions import Question, read_question
from eendracht.reference.supplier_questions import load_supplier_questions
from eendracht.resilience.answers import TOPICS, Asked, ask_question, record_answer
from eendracht.resilience.signatures import MOST_BYTES, read_document
from eendracht.resilience.supplier_files import SupplierFile, list_open, open_file

TOPIC_NAMES: Final[Mapping[str, str]] = {
    "certificate": gettext_noop("Certificates"),
    "sub-processors": gettext_noop("Sub-processors"),
    "sbom": gettext_noop("Software bill of materials"),
    "exit-terms": gettext_noop("Leaving"),
    "continuity": gettext_noop("Continuity"),
    "location": gettext_noop("Location of data"),
    "ownership": gettext_noop("Ownership"),
    "security": gettext_noop("Security"),
    "other": gettext_noop("Something else"),
}
STATE_NAMES: Final[Mapping[str, str]] = {
    "answered": gettext_noop("Answered and valid"),
    "expiring": gettext_noop("Valid, ends within 60 days"),
    "unconfirmed": gettext_noop("Answered by a key that nobody vouches for"),
    "unproven": gettext_noop("Answered, but the signature proves nothing"),
    "expired": gettext_noop("The answer has expired"),
    "not-yet": gettext_noop("The answer is not valid yet"),
    "silent": gettext_noop("Never answered"),
    "not-asked": gettext_noop("Nobody asked this"),
}
SIGNATURE_NAMES: Final[Mapping[str, str]] = {
    "confirmed": gettext_noop("The signature holds"),
    "unconfirmed": gettext_noop("The signature holds, but nobody vouches for the key"),
    "unsigned": gettext_noop("Not signed"),
    "broken": gettext_noop("The signature does not hold"),
    "altered": gettext_noop("Something was added to what was signed"),
    "no-key": gettext_noop("The key is not known here"),
    "other-supplier": gettext_noop("The key is of another supplier"),
    "key-not-valid": gettext_noop("The key was not valid at the signing"),
    "key-revoked": gettext_noop("The key was revoked"),
    "signed-later": gettext_noop("The signing lies in the future"),
}
KEY_NAMES: Final[Mapping[str, str]] = {
    "confirmed": gettext_noop("valid"),
    "unconfirmed": gettext_noop("nobody vouches for it"),
    "revoked": gettext_noop("revoked"),
    "ended": gettext_noop("no longer valid"),
    "not-yet": gettext_noop("not valid yet"),
}
OWN: Final = "own"
"""The choice of a question of one's own."""
_ASK_FIELDS: Final = ("code", "topic", "text", "answerBefore", "organisation")
_ANCHORS: Final = {"/code": "code", "/topic": "topic", "/text": "text", "/answerBefore": "answerBefore"}


class FileQuestion(Question):
    """What was just done, when a page is shown again after it."""

    done: str = ""


def show_files(visit: Visit) -> Response:
    """Show the suppliers to whom anything was asked, the most open questions first."""
    require_insider(visit.principal)
    return visit.render("resilience/supplier_files.html", suppliers=list_open(visit.store, visit.principal))


def show_file(visit: Visit) -> Response:
    """Show the file of a supplier, and record a question or a signed answer that was sent."""
    asked = read_question(FileQuestion, visit.query)
    require_insider(visit.principal)
    file = open_file(visit.store, visit.principal, visit.name)
    if visit.posted is None:
        return _render(visit, file, done=asked.done)
    visit.require_staff()
    action = _first(visit, "do")
    if action not in ("ask", "answer"):
        raise Denied("This page does no such thing")
    try:
        if action == "ask":
            ask_question(visit.store, visit.principal, _read_asked(visit, file))
        else:
            _take_answer(visit, file)
    except (InvalidInput, Conflict) as refused:
        faults = refused.faults or [Fault("", refused.code, refused.title_nl, refused.title_en)]
        return _render(visit, file, faults=faults, action=action)
    return visit.redirect("supplier-file", file.supplier.ref, done=action)


def _read_asked(visit: Visit, file: SupplierFile) -> Asked:
    written = _first(visit, "answerBefore")
    try:
        day = date.fromisoformat(written) if written else None
    except ValueError:
        nl, en = "Schrijf een dag die bestaat", "Write a day that exists"
        raise InvalidInput("No such day", faults=[Fault("/answerBefore", "malformed-date", nl, en)]) from None
    code, text = _first(visit, "code"), _first(visit, "text")
    if code == OWN:
        return Asked(
            file.supplier.ref,
            _own_code(text),
            _first(visit, "organisation"),
            _first(visit, "topic"),
            text,
            day,
        )
    return Asked(file.supplier.ref, code, _first(visit, "organisation"), answer_before=day)


def _own_code(text: str) -> str:
    """Give the code of a question that somebody wrote, so that the same words are the same question."""
    try:
        words = slug(text)
    except InvalidInput:
        words = "question"
    return f"{OWN}.{re.sub('[._]+', '-', words)[:80].strip('-') or 'question'}"


def _take_answer(visit: Visit, file: SupplierFile) -> None:
    if visit.file is None or not visit.file.size:
        raise InvalidInput("No file", faults=[Fault("/file", "no-file", "Kies een bestand", "Choose a file")])
    answer = read_document(visit.file.content.read(MOST_BYTES + 1))
    if answer.supplier not in file.names and _uid(visit, answer.supplier) != file.supplier.uid:
        nl, en = "Dit antwoord is van een andere leverancier", "This answer is of another supplier"
        raise InvalidInput("Another supplier", faults=[Fault("/supplier", "other-supplier", nl, en)])
    record_answer(visit.store, visit.principal, answer, _first(visit, "organisation"))


def _uid(visit: Visit, name: str) -> str:
    try:
        return visit.store.get(name, visit.principal).uid
    except NotFound:
        return ""


def _render(
    visit: Visit, file: SupplierFile, *, faults: Sequence[Fault] = (), action: str = "", done: str = ""
) -> Response:
    own = sorted(organisation for role, organisation in visit.principal.roles if role is Role.EDITOR)
    nl = visit.language == "nl"
    names = {
        organisation: _name(visit, organisation)
        for organisation in {
            *own,
            *(answer.recorded_by for question in file.questions for answer in question.answers),
            *(answer.confirmed_by for question in file.questions for answer in question.answers),
            *(key.confirmed_by for key in file.keys),
        }
        if organisation
    }
    return visit.render(
        "resilience/supplier_file.html",
        422 if faults else 200,
        file=file,
        done=done,
        links=[(_anchor(fault, action), fault.pointer.strip("/"), fault.nl if nl else fault.en) for fault in faults],
        action=action,
        typed={name: _first(visit, name) for name in _ASK_FIELDS},
        own=own if visit.session else (),
        names=names,
        offered=load_supplier_questions().values(),
        topics=TOPICS,
        topic_names=TOPIC_NAMES,
        state_names=STATE_NAMES,
        signature_names=SIGNATURE_NAMES,
        key_names=KEY_NAMES,
    )


def _anchor(fault: Fault, action: str) -> str:
    """Give the control to which a fault belongs; what is wrong in a document belongs to its file."""
    if fault.pointer == "/organisation":
        return f"{action}-organisation"
    return _ANCHORS.get(fault.pointer, "code") if action == "ask" else "file"


def _name(visit: Visit, ref: str) -> str:
    try:
        return visit.store.get(ref, visit.principal).name
    except NotFound:
        return ref


def _first(visit: Visit, name: str) -> str:
    return ((visit.posted or {}).get(name) or [""])[0].strip()[:500]


PAGES: Final = (
    Page(
        "supplier-files",
        "leveranciersdossiers",
        "supplier-files",
        show_files,
        is_for=is_insider,
    ),
    Page("supplier-file", "leveranciersdossiers/{name}", "supplier-files/{name}", show_file, "file"),
)
