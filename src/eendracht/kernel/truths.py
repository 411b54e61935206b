"""The source of truth per field: what an organisation said of it, kept as records and honoured by every import."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from eendracht.kernel.access import Principal, Role
from eendracht.kernel.clock import today
from eendracht.kernel.differences import Policy
from eendracht.kernel.errors import Fault, InvalidInput, NotFound
from eendracht.kernel.kinds import Kind
from eendracht.kernel.records import Record
from eendracht.kernel.store import Store
from eendracht.kernel.store.append import Written

KIND: Final = "source-of-truth"
PERIOD: Final = ("validFrom", "validUntil")
"""Fields of the envelope that a source may be right about too."""


def load_policy(store: Store, owner: str) -> Policy:
    """Give what holds today of an organisation's sources of truth, whoever imports for it."""
    return Policy({record.data["spec"]["kind"]: _read(record) for record in _list_truths(store, owner)})


def _list_truths(store: Store, owner: str) -> list[Record]:
    # Whoever asks: a policy that the importer may not read binds all the same.
    keeper = Principal("source-of-truth", frozenset({(Role.READER, owner), (Role.SECURITY, owner)}))
    return list(store.snapshot(keeper, kind=KIND, owner=owner))


def list_truths(store: Store, owner: str, asker: Principal) -> dict[str, dict[str, str]]:
    """Give the source per field per kind, as far as the asker may see the records that say so."""
    records = store.snapshot(asker, kind=KIND, owner=owner)
    return {record.data["spec"]["kind"]: _read(record) for record in records}


def _read(record: Record) -> dict[str, str]:
    return {item["field"]: item["source"] for item in record.data["spec"].get("fields", ())}


def set_truths(store: Store, owner: str, kind: str, sources: Mapping[str, str], author: Principal) -> Written:
    """Record from today which source is right about which fields of a kind; an empty source takes a field out.

    Fields that are not named stay as they are. Raises InvalidInput with every unknown field, Denied, Conflict.
    """
    known = store.registry.get(kind)
    faults = list(_check_fields(known, sources))
    if faults:
        raise InvalidInput(f"{len(faults)} field(s) of {kind} cannot have a source of truth", faults=faults)
    ref = f"{KIND}:{owner.partition(':')[2].partition('/')[0]}/{kind}"
    present = _newest(store, ref, author)
    merged = {**(_read(present) if present else {}), **sources}
    day = today(store.clock).isoformat()
    draft: dict[str, Any] = {
        "ref": ref,
        "owner": owner,
        "validFrom": day,
        "confidentiality": {"level": "organisation"},
        "source": {"type": "statement", "date": day},
        "spec": {
            "name": f"Bron van de waarheid: {kind}",
            "organisation": owner,
            "kind": kind,
            "fields": [{"field": name, "source": source} for name, source in sorted(merged.items()) if source],
        },
    }
    if present:
        draft |= {"uid": present.uid, "confidentiality": present.data["confidentiality"]}
    return store.put(draft, author, expected=present.generation if present else 0)


def _newest(store: Store, ref: str, author: Principal) -> Record | None:
    try:
        return store.history(ref, author)[0]
    except NotFound:
        return None


def _check_fields(kind: Kind, names: Iterable[str]) -> Iterable[Fault]:
    fields = sorted({info.alias or name for name, info in kind.model.model_fields.items()} | set(PERIOD))
    for name in names:
        if name not in fields:
            yield Fault(
                f"/fields/{name}",
                "unknown-field",
                f"Een {kind.name} heeft geen veld '{name[:60]}'",
                f"A {kind.name} has no field '{name[:60]}'",
                "Fields: " + ", ".join(fields),
            )
