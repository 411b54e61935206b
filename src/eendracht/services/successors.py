"""Which organisation stands now in the place of one that a question names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from eendracht.kernel.access import PUBLIC, Principal
from eendracht.kernel.bodies import organisation_ref
from eendracht.kernel.clock import today
from eendracht.kernel.errors import Conflict, Fault, NotFound
from eendracht.kernel.store.store import Store
from eendracht.reference import load_municipality_successors


class SeveralSuccessors(Conflict):
    """An organisation was split: which of its successors is meant, only somebody who knows the case can say."""

    code = "several-successors"
    title_nl = "Deze organisatie heeft meer dan één opvolger"
    title_en = "This organisation has more than one successor"
    default_hint = "Name one of the successors."


def find_successor(store: Store, organisation: str, asker: Principal = PUBLIC, on: date | None = None) -> str:
    """Give the organisation itself where it stands, else the one that follows it, through any number of mergers.

    The `succession` records that the asker may see say who follows, and for a municipality without one the reference
    table; no transfer of tasks is followed, since the body stands after it. Nothing is guessed. Raises NotFound where
    nobody is known to follow, SeveralSuccessors after a split.
    """
    day = on or today(store.clock)
    follows = _read_successions(store, asker, day)
    seen: set[str] = set()
    at = organisation
    while at not in seen:
        seen.add(at)
        after = follows.get(at) or (() if _stands(store, at, asker, day) else _read_reference(at))
        if not after or at in after:
            break
        if len(after) > 1:
            raise SeveralSuccessors(f"{organisation} has several successors", faults=[_choice(name) for name in after])
        at = after[0]
    record = store.get(at, asker, day)
    if record.kind != "organisation":
        raise NotFound(f"{organisation[:80]} is no organisation")
    return record.ref


def _stands(store: Store, organisation: str, asker: Principal, day: date) -> bool:
    try:
        store.get(organisation, asker, day)
    except NotFound:
        return False
    return True


def _read_reference(organisation: str) -> tuple[str, ...]:
    code = organisation.removeprefix("organisation:")
    return tuple(organisation_ref(name) for name in load_municipality_successors().get(code, ()))


def _read_successions(store: Store, asker: Principal, day: date) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for record in store.snapshot(asker, day, kind="succession"):
        spec = record.spec(store.registry)
        if spec["type"] != "transfer" and spec.get("successors") and date.fromisoformat(spec["date"]) <= day:
            for predecessor in spec["predecessors"]:
                found[predecessor] = tuple(spec["successors"])
    return found


def _choice(name: str) -> Fault:
    return Fault("/organisation", "successor", f"Opvolger: {name}", f"Successor: {name}", "Name this one, or another.")
