"""Which wing is on for which organisation: what is off has no route, no rows and no duty.

A wing is on unless somebody switched it off, for one organisation or for the whole node. Nothing is deleted: what is
there comes back when it is switched on again.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from eendracht.kernel.access import Hidden, Principal
from eendracht.kernel.errors import Denied, NotFound
from eendracht.kernel.kinds import Registry
from eendracht.kernel.store.driver import Connection, Driver

if TYPE_CHECKING:
    from eendracht.kernel.store.store import Store

EVERYBODY: Final = ""
"""Stands for the whole node where an organisation is meant."""
RECHECK_S: Final = 0.5
"""How long what was read is believed; a switch by another process shows within it."""


class WingOff(Denied):
    """The wing is switched off for the organisation, or for the whole node."""

    code = "wing-off"
    title_nl = "Deze prioriteit staat hier uit"
    title_en = "This priority is switched off here"
    default_hint = "The operator of the node can switch it on: eendracht wings on WING."


class Switches:
    """The switches of one node, as its database has them."""

    def __init__(self, driver: Driver, registry: Registry) -> None:
        self._driver = driver
        kinds: dict[str, list[str]] = defaultdict(list)
        for kind in registry:
            if kind.wing:
                kinds[kind.wing].append(kind.name)
        self._kinds: Mapping[str, tuple[str, ...]] = {wing: tuple(sorted(names)) for wing, names in kinds.items()}
        self._wing_of = {name: wing for wing, names in self._kinds.items() for name in names}
        self._off: frozenset[tuple[str, str]] = frozenset()
        self._hidden: tuple[Hidden, ...] = ()
        self._until = 0.0

    def list_off(self) -> frozenset[tuple[str, str]]:
        """Give the pairs of wing and organisation that are off; the organisation is empty for the whole node."""
        if time.monotonic() >= self._until:
            rows = self._driver.reader().query("SELECT wing, organisation FROM wing_off")
            off = frozenset((wing, organisation) for wing, organisation in rows)
            if off != self._off:
                self._off, self._hidden = off, self._hide(off)
            self._until = time.monotonic() + RECHECK_S
        return self._off

    def _hide(self, off: Iterable[tuple[str, str]]) -> tuple[Hidden, ...]:
        owners: dict[str, set[str]] = defaultdict(set)
        for wing, organisation in off:
            if wing in self._kinds:
                owners[wing].add(organisation)
        return tuple(
            Hidden(self._kinds[wing], () if EVERYBODY in names else tuple(sorted(names)))
            for wing, names in sorted(owners.items())
        )

    @property
    def hidden(self) -> tuple[Hidden, ...]:
        """Of which kinds and owners no row is there for anybody."""
        self.list_off()
        return self._hidden

    def is_on(self, wing: str, organisation: str = EVERYBODY) -> bool:
        """Tell whether a wing is on for an organisation, or for the node."""
        off = self.list_off()
        return not off or not {(wing, organisation), (wing, EVERYBODY)} & off

    def is_open(self, wing: str, asker: Principal) -> bool:
        """Tell whether the wing is there for somebody: on for the node and for one organisation of theirs, if any."""
        if not self.is_on(wing):
            return False
        organisations = () if asker.is_operator else asker.organisations
        return not organisations or any(self.is_on(wing, organisation) for organisation in organisations)

    def require_on(self, kind: str, owner: str) -> None:
        """Refuse a record of a wing that is off for its owner; raises WingOff."""
        wing = self._wing_of.get(kind)
        if wing and not self.is_on(wing, owner):
            raise WingOff(f"{wing} is off for {owner}")

    def forget(self) -> None:
        """Read the switches anew at the next question."""
        self._until = 0.0


def switch_wing(store: Store, wing: str, organisation: str, is_on: bool) -> bool:
    """Switch a wing on or off, for an organisation or (empty) for the whole node; tells whether that changed anything.

    Raises NotFound for an organisation that the node does not know.
    """
    if organisation and not store.known_refs([organisation]):
        raise NotFound(f"{organisation} is not known", hint="Write it as organisation:gm0344.")
    changed = ((wing, organisation) in store.switches.list_off()) == is_on

    def write(connection: Connection) -> None:
        row = (wing, organisation)
        connection.execute("DELETE FROM wing_off WHERE wing = ? AND organisation = ?", row)
        if not is_on:
            connection.execute("INSERT INTO wing_off (wing, organisation) VALUES (?, ?)", row)

    store.act(write)
    store.switches.forget()
    return changed
