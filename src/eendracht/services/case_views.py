"""What pages, the API and letters show of a case and of a hand-over: plain data, for whoever may see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal, cast

from eendracht.kernel.wording import Said, say
from eendracht.services.case_topics import name_topic
from eendracht.services.decision_terms import Form

Handling = Literal["offered", "escalated", "accepted", "declined", "withdrawn"]


@dataclass(frozen=True, slots=True)
class HandoverView:
    """A hand-over as people see it; days are the last in which something may happen, or on which it happened."""

    id: str
    case: str
    sender: str
    receiver: str
    state: Handling
    first_received_on: date
    offered_on: date
    escalates_on: date
    reason: str
    is_delivered: bool
    """Whether the node of the receiver has it; true where that is this node."""
    tries: int
    responsible: str
    """The organisation that is responsible now."""
    telling: Said
    """What is happening, for the person whose case it is."""

    def as_dict(self) -> dict[str, Any]:
        """Give it as the API prints it."""
        return {
            "id": self.id,
            "case": self.case,
            "sender": self.sender,
            "receiver": self.receiver,
            "state": self.state,
            "firstReceivedOn": self.first_received_on.isoformat(),
            "offeredOn": self.offered_on.isoformat(),
            "escalatesOn": self.escalates_on.isoformat(),
            "reason": self.reason,
            "isDelivered": self.is_delivered,
            "responsible": self.responsible,
            "telling": {"nl": self.telling.nl, "en": self.telling.en},
        }


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as people see it: reference, status, deadline, and who is responsible.

    `decide_by` is the last day by law as computed on receipt, `deadline` what the register says; None is unknown.
    """

    id: str
    matter: str
    organisation: str
    service: str
    service_name: str
    products: tuple[str, ...]
    """Terms of the national list."""
    about: Said
    """What it is about, as people call it; empty where nobody said it."""
    form: Form
    number: str
    first_received_on: date
    submitted_on: date
    """The day that counts as that of submission."""
    decide_by: date | None
    decide_by_article: str
    deadline: date | None
    ended_on: date | None
    status: str
    """As the register words it; empty while it does not have the case."""
    status_at: str
    read_at: str
    """When the register was last asked."""
    state: Literal["waiting", "registered", "handed-over"]
    is_responsible: bool
    telling: Said
    handovers: tuple[HandoverView, ...] = ()

    @property
    def last_day(self) -> date | None:
        """The last day for a decision: the register's own, else the one by law."""
        return self.deadline or self.decide_by

    def as_dict(self) -> dict[str, Any]:
        """Give it as the API prints it."""
        plain = {
            _camel(name): value.isoformat() if isinstance(value, date) else value
            for name, value in asdict(self).items()
            if name not in ("about", "telling", "handovers")
        }
        said = {
            name: {"nl": text.nl, "en": text.en} for name, text in (("about", self.about), ("telling", self.telling))
        }
        return {**plain, **said, "handovers": [item.as_dict() for item in self.handovers]}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(part.title() for part in others)


def read_case_view(
    content: Mapping[str, Any], state: str, is_owner: bool, organisation: str, handovers: tuple[HandoverView, ...] = ()
) -> CaseView:
    """Make the view of a case from what the vault holds of it and what the index says."""
    return CaseView(
        id=content["case"],
        matter=content["matter"],
        organisation=organisation,
        service=content["service"],
        service_name=content["serviceName"],
        products=tuple(content.get("products", ())),
        about=name_topic(content["serviceName"], content.get("products", ())),
        form=cast(Form, content["form"]),
        number=content["number"],
        first_received_on=date.fromisoformat(content["firstReceivedOn"]),
        submitted_on=date.fromisoformat(content["submittedOn"]),
        decide_by=_day(content["decideBy"]),
        decide_by_article=content["decideByArticle"],
        deadline=_day(content["deadline"]),
        ended_on=_day(content["endedOn"]),
        status=content["status"],
        status_at=content["statusAt"],
        read_at=content["readAt"],
        state=cast(Any, state),
        is_responsible=is_owner,
        telling=_tell(content, state),
        handovers=handovers,
    )


def _tell(content: Mapping[str, Any], state: str) -> Said:
    if state == "waiting":
        return Said(
            "Wij hebben het ontvangen en bewaard. Het zaaksysteem heeft het nog niet; dat gaat vanzelf.",
            "We have received and kept it. The case system does not have it yet; that happens by itself.",
        )
    if state == "handed-over":
        return Said("Een andere organisatie behandelt dit nu.", "Another organisation handles this now.")
    if content["endedOn"]:
        return say("Afgerond op {day}.", "Finished on {day}.", day=content["endedOn"])
    if content["status"]:
        return say("Dit is de stand: {status}.", "This is where it stands: {status}.", status=content["status"])
    return Said("Het is ontvangen.", "It was received.")


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
