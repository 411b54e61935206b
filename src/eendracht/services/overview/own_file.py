"""Everything that the vault keeps of one person and that this person may read, opened once for one visit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import AMSTERDAM, parse_moment, today
from eendracht.kernel.errors import Denied
from eendracht.kernel.instance import Instance
from eendracht.kernel.vault import Item

if TYPE_CHECKING:
    from eendracht.services.overview.live import Live

PURPOSE: Final = "own-overview"
"""Why the vault is read for somebody who looks at what is known of them (GDPR art. 15)."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One item that is kept of a person, with its content; a file has none here, only its name among the items."""

    item: Item
    content: Mapping[str, Any]

    @property
    def kept_on(self) -> date:
        """The day on which it came in, in Amsterdam."""
        return parse_moment(self.item.stored_at).astimezone(AMSTERDAM).date()

    def text(self, name: str) -> str:
        """Give a text of the content; empty where it is not there or is no text."""
        value = self.content.get(name)
        return value if isinstance(value, str) else ""

    def day(self, name: str) -> date | None:
        """Give a day of the content; None where it is not there or is no day."""
        try:
            return date.fromisoformat(self.text(name)[:10])
        except ValueError:
            return None


@dataclass(frozen=True)
class OwnFile:
    """What is kept of the person who asks, oldest first, and what the sections of the overview are made with."""

    instance: Instance
    principal: Principal
    kept: tuple[Kept, ...]

    @property
    def subject(self) -> str:
        """The subject in the vault."""
        return self.principal.subject

    @property
    def today(self) -> date:
        """The day on which it is looked at."""
        return today(self.instance.store.clock)

    @cached_property
    def live(self) -> Live:
        """What the rules come to with what is kept; worked out when it is first asked."""
        from eendracht.services.overview.live import work_out_live

        return work_out_live(self)

    def of_kind(self, kind: str) -> Iterator[Kept]:
        """Yield what is kept of a kind, oldest first."""
        return (one for one in self.kept if one.item.kind == kind)

    def latest(self, kind: str, name: str) -> dict[str, Kept]:
        """Give the newest item of a kind for each value of a field of its content, such as each `case`."""
        return {one.text(name): one for one in self.of_kind(kind) if one.text(name)}

    def name_body(self, ref: str) -> str:
        """Give what an organisation is called; its ref where no record of it is public."""
        found = self.instance.store.get_among([ref], self.principal) if ref else []
        return found[0].name if found else ref


def open_own_file(instance: Instance, principal: Principal) -> OwnFile:
    """Open what is kept of the person who asks, with each item on the journal; raises Denied for who is no person."""
    if not principal.subject:
        raise Denied("This page is for citizens and entrepreneurs")
    opened = instance.vault.read_subject(principal.subject, PURPOSE, principal)
    kept = (Kept(item, content if isinstance(content, dict) else {}) for item, content in opened)
    return OwnFile(instance, principal, tuple(kept))
