"""The door of one node: the products, and the public services and successions that its organisations record."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from weakref import WeakKeyDictionary

from eendracht.kernel.access import PUBLIC, Principal
from eendracht.kernel.clock import today
from eendracht.kernel.records import Record
from eendracht.kernel.store import Store
from eendracht.services.door.finder import RightDoor, open_reference_door
from eendracht.services.door.targets import ServiceEntry


def list_entries(store: Store, asker: Principal) -> Iterator[ServiceEntry]:
    """Yield the public services that hold today and that the asker may see."""
    for record in store.snapshot(asker, kind="public-service"):
        yield _read_entry(record)


def _read_entry(record: Record) -> ServiceEntry:
    spec = record.data["spec"]
    provider = str(spec.get("providedBy") or record.owner or "").partition(":")[2]
    return ServiceEntry(
        record.ref,
        record.name,
        tuple(spec.get("alsoKnownAs", ())),
        str(spec.get("upl") or ""),
        provider,
        str(spec.get("level") or "unknown"),
        tuple(spec.get("audience", ())),
    )


def read_successions(store: Store, asker: Principal) -> dict[str, tuple[str, ...]]:
    """Give who follows whom, as the node records it: codes of former bodies and of their successors."""
    found: dict[str, tuple[str, ...]] = {}
    for record in store.snapshot(asker, kind="succession"):
        followers = tuple(str(ref).partition(":")[2] for ref in record.data["spec"].get("successors", ()))
        for former in record.data["spec"].get("predecessors", ()):
            code = str(former).partition(":")[2]
            found[code] = (*found.get(code, ()), *followers)
    return found


def build_door(store: Store, asker: Principal = PUBLIC) -> RightDoor:
    """Give a door over what the asker may see now."""
    services = tuple(list_entries(store, asker))
    succeeded = read_successions(store, asker)
    return RightDoor(services, succeeded) if services or succeeded else open_reference_door()


class DoorOfNode:
    """The public door of a running node; made at the first question, and made anew when its services have changed.

    While a new one is made, questions are answered by the last one.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._door: RightDoor | None = None
        self._seen: object = None
        self._position: tuple[int, date] | None = None

    def get(self) -> RightDoor:
        """Give the door as it stands; waits only where there is none yet."""
        if self._door is None:
            with self._lock:
                if self._door is None:
                    self.refresh()
        elif self._stand() != self._position and self._lock.acquire(blocking=False):
            threading.Thread(target=self._refresh_and_release, name="eendracht-door", daemon=True).start()
        assert self._door is not None
        return self._door

    def prepare(self) -> None:
        """Begin to make the door where there is none yet, and wait for nothing."""
        if self._door is None and self._lock.acquire(blocking=False):
            threading.Thread(target=self._refresh_and_release, name="eendracht-door", daemon=True).start()

    def _stand(self) -> tuple[int, date]:
        """What holds follows the log, and the calendar without a write."""
        return self._store.size, today(self._store.clock)

    def refresh(self) -> None:
        """Make the door anew where what it stands on has changed."""
        position = self._stand()
        services = tuple(list_entries(self._store, PUBLIC))
        succeeded = read_successions(self._store, PUBLIC)
        if self._door is None or (services, succeeded) != self._seen:
            self._door = RightDoor(services, succeeded) if services or succeeded else open_reference_door()
            self._seen = services, succeeded
        self._position = position

    def _refresh_and_release(self) -> None:
        try:
            self.refresh()
        finally:
            self._lock.release()


_doors: WeakKeyDictionary[Store, DoorOfNode] = WeakKeyDictionary()
_making = threading.Lock()


def door_of(store: Store) -> RightDoor:
    """Give the public door of the node that holds these records."""
    return _keeper_of(store).get()


def prepare_door(store: Store) -> None:
    """Begin to make that door: whoever opens a page with a question need not wait for it when the question is sent."""
    _keeper_of(store).prepare()


def _keeper_of(store: Store) -> DoorOfNode:
    with _making:
        keeper = _doors.get(store)
        if keeper is None:
            keeper = _doors[store] = DoorOfNode(store)
    return keeper
