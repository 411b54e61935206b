"""Hand-overs as people see them: of a case, waiting for an organisation, and what the citizen is told meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, cast

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import NotFound
from eendracht.kernel.instance import Instance
from eendracht.kernel.wording import Said
from eendracht.services.case_index import OPEN_STATES, CaseIndex, HandoverRow
from eendracht.services.case_views import Handling, HandoverView
from eendracht.services.confirmations import spell_day

_PARTIES: Final = frozenset({"waiting", "delivered", "settled"})
"""States of delivery of a receiver on another node."""


@dataclass(frozen=True, slots=True)
class HandoverContent:
    """What a hand-over takes along, for who must judge or accept it."""

    view: HandoverView
    service_name: str
    about: Said
    """What the case is about, as people call it; empty where nobody said it."""
    form: str
    answers: dict[str, Any]
    extra: dict[str, Any]
    """What goes along besides, on a ground or by consent."""
    documents: tuple[str, ...]
    """Titles of the attachments."""


def list_views(instance: Instance, matter: str) -> list[HandoverView]:
    """Give the hand-overs of a matter, the oldest first; the caller has seen to it that they may be seen."""
    return [view_of(instance, row) for row in CaseIndex(instance.store).find_handovers("matter = ?", (matter,))]


def list_waiting(instance: Instance, asker: Principal, organisation: str = "") -> list[HandoverView]:
    """Give the open hand-overs to and from the organisations for which the asker holds a role, or one of them.

    The oldest offer comes first.
    """
    rows = CaseIndex(instance.store).find_handovers("state IN (?, ?)", OPEN_STATES)
    mine = [row for row in rows if may_see(row, asker) and organisation in ("", row.sender, row.receiver)]
    return [view_of(instance, row) for row in mine]


def get_handover(instance: Instance, asker: Principal, handover: str) -> HandoverView:
    """Give a hand-over; raises NotFound, also for one of which the asker is neither party nor the person."""
    return view_of(instance, find_visible(instance, asker, handover))


def find_visible(instance: Instance, asker: Principal, handover: str) -> HandoverRow:
    """Give the row of a hand-over that the asker may see; raises NotFound."""
    row = CaseIndex(instance.store).get_handover(handover)
    if may_see(row, asker):
        return row
    items = instance.vault.describe(items=[row.item])
    if asker.subject and items and items[0].subject == asker.subject:
        return row
    raise NotFound("There is no such hand-over")


def may_see(row: HandoverRow, asker: Principal) -> bool:
    """Tell whether a hand-over exists for somebody who works for one of its parties."""
    return asker.is_operator or bool({row.sender, row.receiver} & set(asker.organisations))


def view_of(instance: Instance, row: HandoverRow) -> HandoverView:
    """Make the view of a hand-over."""
    from eendracht.services.cases import name_of

    names = {ref: name_of(instance, ref) for ref in (row.sender, row.receiver)}
    return HandoverView(
        id=row.id,
        case=row.sender_case,
        sender=row.sender,
        receiver=row.receiver,
        state=cast(Handling, row.state),
        first_received_on=row.first_received_on,
        offered_on=row.offered_on,
        escalates_on=row.escalates_on,
        reason=row.reason,
        is_delivered=row.delivery != "waiting",
        tries=row.tries,
        responsible=row.receiver if row.state == "accepted" else row.sender,
        telling=tell_person(row, names[row.sender], names[row.receiver]),
    )


def tell_person(row: HandoverRow, sender: str, receiver: str) -> Said:
    """Say to the person what is happening, who is responsible, and that nothing has to be sent again."""
    stays = Said(
        f"{sender} blijft verantwoordelijk tot {receiver} het overneemt.",
        f"{sender} stays responsible until {receiver} takes it over.",
    )
    if row.is_open and row.delivery == "waiting" and row.tries:
        return _join(
            Said(
                f"Het systeem van {receiver} is nu niet bereikbaar. Wij bewaren alles en proberen het vanzelf opnieuw.",
                f"The system of {receiver} cannot be reached now. We keep everything and try again by ourselves.",
            ),
            stays,
        )
    if row.state == "offered":
        day = spell_day(row.offered_on)
        return _join(Said(f"Doorgestuurd aan {receiver} op {day.nl}.", f"Passed on to {receiver} on {day.en}."), stays)
    if row.state == "escalated":
        told = Said(
            f"{receiver} heeft nog niet geantwoord. Dit heeft nu voorrang bij {sender}.",
            f"{receiver} has not answered yet. This now has priority at {sender}.",
        )
        return _join(told, stays)
    if row.state == "accepted":
        return Said(
            f"{receiver} heeft het overgenomen. U hoeft niets opnieuw te sturen.",
            f"{receiver} has taken it over. You do not need to send anything again.",
        )
    return Said(f"{sender} behandelt dit zelf verder.", f"{sender} goes on with this itself.")


def _join(*sentences: Said) -> Said:
    return Said(" ".join(item.nl for item in sentences), " ".join(item.en for item in sentences))


def is_elsewhere(row: HandoverRow) -> bool:
    """Tell whether the receiver works on another node."""
    return row.delivery in _PARTIES


def titles_of(documents: Iterable[dict[str, Any]]) -> tuple[str, ...]:
    """Give the titles of attachments as the vault holds them."""
    return tuple(item["title"] for item in documents)
