"""What is handed in goes to the cases of the organisation that decides; the one seam between forms and cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import EendrachtError
from eendracht.kernel.instance import Instance
from eendracht.services.case_topics import find_service
from eendracht.services.cases import Submission, list_confirmations, submit
from eendracht.services.registers import Document


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What became of an application at one organisation: its number, or why nothing could be handed in there."""

    organisation: str
    number: str = ""
    refusal: str = ""
    """Code of the error; empty where it was taken in."""
    confirmation: Mapping[str, Any] = field(default_factory=dict)
    """The confirmation of receipt as it was given: sentences by language."""


@dataclass(frozen=True, slots=True)
class Part:
    """What of a form goes to one organisation: the products of the national list on which it decides, and files."""

    organisation: str
    products: tuple[str, ...] = ()
    documents: tuple[Document, ...] = ()


def hand_in(
    instance: Instance,
    asker: Principal,
    subject: str,
    part: Part,
    answers: Mapping[str, Any],
    labels: Mapping[str, str],
    key: str,
) -> HandedIn:
    """Hand an application in at an organisation; the same key again is the same case.

    The case is about the service that the organisation recorded for it, where that is one. An organisation that has no
    case register on this node takes none; the answer then says so.
    """
    submission = Submission(
        subject,
        part.organisation,
        "application",
        dict(answers),
        documents=part.documents,
        service=find_service(instance.store, part.products, part.organisation),
        products=part.products,
        labels=labels,
        key=f"{key}/{part.organisation}",
    )
    try:
        case = submit(instance, asker, submission)
        confirmations = list_confirmations(instance, asker, case.id)
        return HandedIn(part.organisation, case.number, confirmation=confirmations[-1] if confirmations else {})
    except EendrachtError as error:
        return HandedIn(part.organisation, refusal=error.code)
