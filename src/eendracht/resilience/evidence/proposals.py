"""What already stands in the records and may be evidence: proposed to somebody who decides, never counted by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import today
from eendracht.kernel.errors import NotFound
from eendracht.kernel.identity import slug
from eendracht.kernel.records import Record
from eendracht.kernel.rules.arithmetic import add_months
from eendracht.kernel.store import Store
from eendracht.kernel.store.append import Written
from eendracht.reference.controls import load_controls
from eendracht.resilience.evidence.accounts import Standing

MONTHS: Final = 12
"""How long what is proposed counts, where nothing else ends it."""
MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something recorded that may show a control: the record, of what type of evidence, since when, and for what."""

    ref: str
    name: str
    type: str
    held_from: date
    satisfies: tuple[str, ...]


def propose_evidence(store: Store, asker: Principal, organisation: str, lacking: Iterable[Standing]) -> list[Proposal]:
    """Give what the asker sees of an organisation that may fill what it lacks, the newest first."""
    open_keys = {item.control.key for item in lacking}
    oldest = add_months(today(store.clock), -MONTHS)
    taken = {
        ref
        for record in store.snapshot(asker, kind="evidence")
        if (spec := record.spec(store.registry))["organisation"] == organisation
        for ref in spec.get("about", ())
    }
    found = []
    for record, kind_of, day, topics in _list_candidates(store, asker, organisation):
        keys = tuple(key for key, item in load_controls().items() if key in open_keys and set(item.topics) & topics)
        if keys and oldest < day <= today(store.clock) and record.ref not in taken:
            found.append(Proposal(record.ref, record.name, kind_of, day, keys))
    return sorted(found, key=lambda item: (-item.held_from.toordinal(), item.ref))[:MOST]


def _list_candidates(
    store: Store, asker: Principal, organisation: str
) -> Iterator[tuple[Record, str, date, frozenset[str]]]:
    """Yield records that may be evidence, with its type, its day, and the topics that it is about."""

    def of(kind: str) -> Iterator[tuple[Record, Mapping[str, Any]]]:
        for record in store.snapshot(asker, kind=kind, owner=organisation):
            yield record, record.spec(store.registry)

    for record, spec in of("restore-plan"):
        tested = max((mode["testedOn"] for mode in spec.get("modes", ()) if mode.get("testedOn")), default="")
        if tested:
            yield record, "test", date.fromisoformat(tested), frozenset({"recovery-test"})
        elif spec.get("reviewedOn"):
            yield record, "document", date.fromisoformat(spec["reviewedOn"]), frozenset({"continuity"})
    for record, spec in of("crisis-contact"):
        if spec.get("checkedOn"):
            yield record, "test", date.fromisoformat(spec["checkedOn"]), frozenset({"emergency-contact"})
    for record, spec in of("contract"):
        tested = (spec.get("exitPlan") or {}).get("testedOn")
        if tested:
            yield record, "contract", date.fromisoformat(tested), frozenset({"exit"})


def accept_proposal(
    store: Store, author: Principal, organisation: str, ref: str, responsible: str, lacking: Iterable[Standing]
) -> Written:
    """Record a proposal as evidence of an organisation, with a role or team that keeps it.

    Raises NotFound for what is not proposed, InvalidInput, Denied, Conflict.
    """
    author.require_write(organisation)
    found = next((item for item in propose_evidence(store, author, organisation, lacking) if item.ref == ref), None)
    if found is None:
        raise NotFound("This is not proposed as evidence")
    spec: dict[str, Any] = {
        "name": found.name,
        "organisation": organisation,
        "satisfies": list(found.satisfies),
        "type": found.type,
        "about": [found.ref],
        "heldFrom": found.held_from.isoformat(),
        "expiresOn": add_months(found.held_from, MONTHS).isoformat(),
        "location": found.ref,
    }
    if responsible:
        spec["responsible"] = responsible
    name = slug(f"{found.ref.partition(':')[2].replace('/', '-')}-{found.held_from.isoformat()}")
    draft = {
        "ref": f"evidence:{organisation.partition(':')[2]}/{name}",
        "owner": organisation,
        "confidentiality": {"level": "organisation"},
        "source": {"type": "statement", "date": today(store.clock).isoformat(), "system": "eendracht"},
        "spec": spec,
    }
    return store.put(draft, author, expected=0)
