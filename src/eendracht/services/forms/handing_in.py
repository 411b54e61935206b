"""What is handed in goes to the cases of the organisation that decides; the one seam between forms and cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import EendrachtError
from eendracht.kernel.instance import Instance
from eendracht.services.case_topics import find_service
from eendracht.services.cases import Submission, list_confirmations, submit


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What became of an application at one organisation: its number, or why nothing could be handed in there."""

    organisation: str
    number: str = ""
    refusal: str = ""
    """Code of the error; empty where it was taken in."""
    confirmation: Mapping[str, Any] = field(default_factory=dict)
    """The confirmation of receipt as it was given: sentences by language."""


def hand_in(
    instance: Instance,
    asker: Principal,
    subject: str,
    organisation: str,
    products: Sequence[str],
    answers: Mapping[str, Any],
    labels: Mapping[str, str],
    key: str,
) -> HandedIn:
    """Hand an application for products of the national list in at an organisation; the same key again is the same case.

    The case is about the service that the organisation recorded for it, where that is one. An organisation that has no
    case register on this node takes none; the answer then says so.
    """
    submission = Submission(
        subject,
        organisation,
        "application",
        dict(answers),
        service=find_service(instance.store, products, organisation),
        products=tuple(products),
        labels=labels,
        key=f"{key}/{organisation}",
    )
    try:
        case = submit(instance, asker, submission)
        confirmations = list_confirmations(instance, asker, case.id)
        return HandedIn(organisation, case.number, confirmation=confirmations[-1] if confirmations else {})
    except EendrachtError as error:
        return HandedIn(organisation, refusal=error.code)
