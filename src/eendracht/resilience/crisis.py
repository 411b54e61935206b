"""A crisis as it goes: opened on a scenario, followed by events of which none is changed, and told in one log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import Conflict, Fault, InvalidInput
from eendracht.kernel.identity import parse_ref, slug
from eendracht.kernel.records import Record
from eendracht.kernel.store import Store

_ATTEMPTS: Final = 20
LEVEL: Final = "restricted"
"""What breaks and who repairs it is for those who work on it."""


@dataclass(frozen=True, slots=True)
class CrisisLog:
    """A crisis with its events in order of time, and of recording where that is the same."""

    record: Record
    spec: Mapping[str, Any]
    events: tuple[Record, ...]

    @property
    def began_at(self) -> datetime:
        """When it began; with a time zone."""
        return datetime.fromisoformat(self.spec["beganAt"])

    def minutes_since(self, moment: datetime) -> int:
        """Give whole minutes from the beginning to a moment; 0 for one before it."""
        return max(0, round((moment - self.began_at).total_seconds() / 60))


def open_crisis(store: Store, author: Principal, scenario: Record, *, level: str = "unknown", led_by: str = "") -> str:
    """Open a crisis on a scenario now and give its ref; raises Denied for who may not write for its owner."""
    now = store.clock.now()
    base = f"crisis:{authority_of(scenario.owner)}/{slug(scenario.name)[:60]}-{now:%Y%m%d-%H%M}"
    spec: dict[str, Any] = {
        "name": scenario.name,
        "scenario": scenario.ref,
        "beganAt": now.isoformat(timespec="seconds"),
        "level": level,
    }
    if led_by:
        spec["ledBy"] = led_by
    return put_new(store, author, base, scenario.owner, now, spec)


def authority_of(owner: str) -> str:
    """Give the authority under which an organisation may give out names."""
    return owner.partition(":")[2]


def read_crisis(store: Store, asker: Principal, name: str) -> CrisisLog:
    """Give a crisis with its log as the asker may see it; raises NotFound."""
    record = store.get(name, asker)
    found = [
        event
        for event in store.snapshot(asker, kind="crisis-event")
        if event.spec(store.registry)["crisis"] in (record.ref, record.uid)
    ]
    found.sort(key=lambda event: (datetime.fromisoformat(event.spec(store.registry)["at"]), event.rv))
    return CrisisLog(record, record.spec(store.registry), tuple(found))


def log_event(
    store: Store, author: Principal, crisis: CrisisLog, type: str, *, at: datetime | None = None, **said: Any
) -> str:
    """Add one event to the log and give its ref; `said` are fields of the kind, those that are empty left out.

    Raises InvalidInput for an event before the crisis or of a closed one, Denied for who may not write.
    """
    moment = at or store.clock.now()
    faults = []
    if crisis.spec.get("status") == "closed":
        faults.append(
            Fault("/crisis", "crisis-closed", "Deze crisis is afgesloten", "This crisis is closed", "Open a new one.")
        )
    if moment < crisis.began_at:
        faults.append(
            Fault(
                "/at",
                "before-crisis",
                "Dit tijdstip ligt voor het begin van de crisis",
                "This moment is before the beginning of the crisis",
                f"The crisis began at {crisis.began_at.isoformat(timespec='minutes')}.",
            )
        )
    if faults:
        raise InvalidInput("The event cannot be logged", faults=faults)
    spec: dict[str, Any] = {
        "name": f"{crisis.record.name}: {type}"[:300],
        "crisis": crisis.record.ref,
        "at": moment.isoformat(timespec="seconds"),
        "type": type,
    } | {key: value for key, value in said.items() if value not in (None, "")}
    ref = parse_ref(crisis.record.ref)
    base = f"crisis-event:{authority_of(crisis.record.owner)}/{ref.name[:80]}-{len(crisis.events) + 1:04}"
    return put_new(store, author, base, crisis.record.owner, moment, spec)


def put_new(
    store: Store,
    author: Principal,
    base: str,
    owner: str | None,
    moment: datetime,
    spec: Mapping[str, Any],
    level: str = LEVEL,
) -> str:
    """Record something under a ref that nobody has yet, the given one or with a number behind it, and give that.

    Raises InvalidInput, Denied, and Conflict where too many names are taken.
    """
    for attempt in range(_ATTEMPTS):
        ref = base if not attempt else f"{base}-{attempt + 1}"
        draft = {
            "ref": ref,
            "owner": owner,
            "confidentiality": {"level": level},
            "source": {"type": "statement", "date": moment.date().isoformat(), "system": "eendracht"},
            "spec": dict(spec),
        }
        try:
            store.put(draft, author, expected=0)
        except Conflict:
            continue
        return ref
    raise Conflict("Too much is recorded at the same moment", hint="Try it again.")
