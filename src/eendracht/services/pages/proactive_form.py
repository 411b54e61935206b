"""The form by which an editor asks for a proactive run: what can be chosen, and what was typed as a request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from eendracht.kernel.access import Role
from eendracht.kernel.errors import Fault, NotFound
from eendracht.kernel.rules.values import as_date
from eendracht.kernel.store import Query
from eendracht.kit.pages import Visit
from eendracht.services.proactive.asking import ProactiveAsk
from eendracht.services.proactive.benefits import BENEFITS

MOST_CHOICES: Final = 200
LAWS: Final = {
    "wet_op_de_zorgtoeslag": "wet_op_de_zorgtoeslag:hoogte_zorgtoeslag",
    "wet_op_de_huurtoeslag": "wet_op_de_huurtoeslag:hoogte_huurtoeslag",
    "wet_op_het_kindgebonden_budget": "wet_op_het_kindgebonden_budget:hoogte_kindgebonden_budget",
    "algemene_kinderbijslagwet": "algemene_kinderbijslagwet:kinderbijslag_per_kwartaal:4:shared",
    "algemene_ouderdomswet": "algemene_ouderdomswet:aow_pensioen_per_maand:12:own",
}
"""The laws that the form offers, as a run asks them; any other can be written out."""
_FIELDS: Final = ("population", "controller", "on", "purpose", "dpia", "approver", "threshold")
_ANCHORS: Final = frozenset({*_FIELDS, "laws", "grounds", "more"})
_WORD: Final = re.compile(r"[^\s\x00-\x1f\x7f]+")
Posted = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Offers:
    """What can be chosen: refs with names, and the laws by what they are called in the language of the visitor."""

    populations: Sequence[tuple[str, str]]
    grounds: Sequence[tuple[str, str]]
    dpias: Sequence[tuple[str, str]]
    approvers: Sequence[tuple[str, str]]
    controllers: Sequence[tuple[str, str]]
    laws: Sequence[tuple[str, str]]


def list_offers(visit: Visit) -> Offers:
    """Look up what the visitor may choose; of processing activities those of which a DPIA was done."""
    activities = [
        (record.ref, record.name)
        for record in visit.store.find(Query(kind="processing-activity", limit=MOST_CHOICES), visit.principal).records
        if record.data["spec"].get("dpia") == "yes"
    ]
    refs = sorted(organisation for role, organisation in visit.principal.roles if role is Role.EDITOR)
    laws = [
        (text, BENEFITS[law].name.nl if visit.language == "nl" else BENEFITS[law].name.en) for law, text in LAWS.items()
    ]
    return Offers(
        _list(visit, "population"),
        _list(visit, "ground"),
        activities,
        _list(visit, "role"),
        [(ref, _name_of(visit, ref)) for ref in refs],
        laws,
    )


def _list(visit: Visit, kind: str) -> list[tuple[str, str]]:
    if kind not in {known.name for known in visit.store.registry}:
        return []
    page = visit.store.find(Query(kind=kind, limit=MOST_CHOICES), visit.principal)
    return [(record.ref, record.name) for record in page.records]


def _name_of(visit: Visit, ref: str) -> str:
    try:
        return visit.store.get(ref, visit.principal).name
    except NotFound:
        return ref


def typed_faults(posted: Posted) -> list[Fault]:
    """Give what is missing or cannot be read, all at once; what records tell is judged by who asks for the run."""
    return list(_faults(posted))


def _faults(posted: Posted) -> Iterator[Fault]:
    if not _first(posted, "population"):
        yield Fault("/population", "missing", "Kies een populatie", "Choose a population")
    if not _first(posted, "controller"):
        yield Fault("/controller", "missing", "Kies wie ervoor staat", "Choose who answers for it")
    if not _laws(posted):
        yield Fault("/laws", "missing", "Kies een regeling", "Choose a law")
    if as_date(_first(posted, "on")) is None:
        yield Fault("/on", "malformed-date", "Schrijf een dag die bestaat", "Write a day that exists")
    if read_euros(_first(posted, "threshold")) is None:
        yield Fault("/threshold", "malformed-amount", "Schrijf een bedrag, zoals 100", "Write an amount, such as 100")


def read_ask(posted: Posted) -> ProactiveAsk:
    """Give what was typed, without faults, as a request."""
    on = as_date(_first(posted, "on"))
    assert isinstance(on, date)
    estimates = tuple(_WORD.findall(_first(posted, "estimates")))
    return ProactiveAsk(
        _first(posted, "population"),
        tuple(_laws(posted)),
        on,
        _first(posted, "controller"),
        tuple(ref[:221] for ref in posted.get("grounds", ()) if ref)[:20],
        _first(posted, "purpose"),
        _first(posted, "dpia"),
        _first(posted, "approver"),
        read_euros(_first(posted, "threshold")) or 0,
        estimates,
        _first(posted, "estimateFlag"),
    )


def read_euros(text: str) -> int | None:
    """Read an amount in euros as eurocents; nothing is zero, None where it is no amount."""
    try:
        amount = Decimal(text.replace(",", ".") or "0") * 100
        return int(amount) if amount.is_finite() and amount == int(amount) and 0 <= amount < 2**53 else None
    except InvalidOperation:
        return None


def anchor_of(fault: Fault) -> str:
    """Give the field of the form to which a fault belongs: of a ground of a law the grounds."""
    part = fault.pointer.split("/")[1] if fault.pointer.startswith("/") else ""
    if part == "laws" and "ground" in fault.pointer + fault.code:
        return "grounds"
    return part if part in _ANCHORS else "population"


def _laws(posted: Posted) -> list[str]:
    return [text[:400] for text in posted.get("laws", ()) if text] + _WORD.findall(_first(posted, "more"))[:20]


def _first(posted: Posted, name: str) -> str:
    return (posted.get(name) or [""])[0].strip()[:500]


__all__ = ["LAWS", "Offers", "anchor_of", "list_offers", "read_ask", "read_euros", "typed_faults"]
