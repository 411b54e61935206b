"""What pages with a form of this wing share: a typed value, and every fault as a link to its control."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from eendracht.kernel.access import Role
from eendracht.kernel.clock import AMSTERDAM
from eendracht.kernel.errors import Conflict, EendrachtError, Fault, InvalidInput, NotFound
from eendracht.kit.pages import Visit

REFUSALS = (InvalidInput, Conflict)
"""What a form shows again, with what was typed."""


def first(visit: Visit, name: str, most: int = 500) -> str:
    """Give what was typed in a control; empty for nothing."""
    return ((visit.posted or {}).get(name) or [""])[0].strip()[:most]


def read_local(visit: Visit, name: str) -> datetime | None:
    """Read a moment by the clock in Amsterdam (2026-11-30T10:15); None where nothing was typed.

    Of a time that is there twice it is the first. Raises InvalidInput for what is no moment.
    """
    typed = first(visit, name).replace(" ", "T")
    if not typed:
        return None
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        nl, en = "Schrijf dag en tijd als 2026-11-30 10:15", "Write day and time as 2026-11-30 10:15"
        raise InvalidInput("No such moment", faults=[Fault(f"/{name}", "malformed-moment", nl, en)]) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=AMSTERDAM)


def list_faults(error: EendrachtError) -> list[Fault]:
    """Give the faults of an error, or the error itself as one."""
    return list(error.faults) or [Fault("", error.code, error.title_nl, error.title_en)]


def link_faults(
    visit: Visit, faults: Iterable[Fault], controls: Iterable[str], otherwise: str
) -> list[tuple[str, str, str]]:
    """Give each fault as anchor, label and text; one that belongs to no control points at `otherwise`."""
    known = set(controls)
    is_dutch = visit.language == "nl"
    links = []
    for fault in faults:
        name = fault.pointer.strip("/")
        links.append((name if name in known else otherwise, name, fault.nl if is_dutch else fault.en))
    return links


def name_of(visit: Visit, ref: str) -> str:
    """Give the name of a record; its ref where the visitor may not see it."""
    try:
        return visit.store.get(ref, visit.principal).name if ref else ""
    except NotFound:
        return ref


def may_write(visit: Visit, owner: str = "") -> bool:
    """Tell whether the visitor is signed in and may write for an owner, or for any where none is given."""
    if visit.session is None:
        return False
    if owner:
        return visit.principal.may_write(owner)
    return visit.principal.is_operator or any(role is Role.EDITOR for role, _ in visit.principal.roles)


def list_own(visit: Visit) -> list[tuple[str, str]]:
    """Give the organisations for which the visitor may write, with their names."""
    own = sorted(organisation for role, organisation in visit.principal.roles if role is Role.EDITOR)
    return sorted(((ref, name_of(visit, ref)) for ref in own), key=lambda item: item[1])
