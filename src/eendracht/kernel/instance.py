"""The opened parts of one node, handed to whoever needs them: commands, pages, jobs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from eendracht.config import Settings
from eendracht.kernel.ledger.history import History
from eendracht.kernel.ledger.note import Ed25519Signer
from eendracht.kernel.store import Store
from eendracht.kernel.store.switches import WingOff
from eendracht.kernel.wing import Wing, load_parts

if TYPE_CHECKING:
    from collections.abc import Callable

    from eendracht.kernel.access import Principal
    from eendracht.kernel.audit import Audit, Exporter
    from eendracht.kernel.destruction import Destruction
    from eendracht.kernel.jobs import JobKind
    from eendracht.kernel.journal import Journal
    from eendracht.kernel.rules.lawbook import Lawbook
    from eendracht.kernel.vault import RetentionRule, Vault


class Closable(Protocol):
    """Something that holds a file or connection."""

    def close(self) -> None:
        """Let go of it."""
        ...


C = TypeVar("C", bound=Closable)


@dataclass(frozen=True)
class Instance:
    """One node: its settings, its records and the history that proves them.

    The vault and the journal are opened when they are first asked for: most commands never touch them.
    """

    settings: Settings
    store: Store
    history: History
    signer: Ed25519Signer
    wings: tuple[Wing, ...] = ()
    """The wings of this release; which of them are on, and for whom, is said by the switches."""

    @cached_property
    def job_kinds(self) -> tuple[JobKind, ...]:
        """The sorts of long work that this node does: those of the kernel, and of each wing."""
        from eendracht.kernel.shared_jobs import SHARED_JOBS

        return (*SHARED_JOBS, *(replace(kind, wing=wing.name) for wing in self.wings for kind in wing.load("jobs")))

    @cached_property
    def retention(self) -> tuple[RetentionRule, ...]:
        """How long the vault keeps each kind of content; the kernel and each wing bring the rules of their kinds."""
        from eendracht.kernel.vault import SHARED_RULES

        return (*SHARED_RULES, *load_parts(self.wings, "retention"))

    def open_wings(self, asker: Principal) -> tuple[Wing, ...]:
        """Give the wings that are there for somebody: on for the node, and for one of their organisations if any."""
        return tuple(wing for wing in self.wings if self.store.switches.is_open(wing.name, asker))

    def require_on(self, wing: str, organisation: str) -> None:
        """Refuse what belongs to a wing that is off for an organisation; raises WingOff."""
        if wing and not self.store.switches.is_on(wing, organisation):
            raise WingOff(f"{wing} is off for {organisation or 'this node'}")

    @cached_property
    def lawbook(self) -> Lawbook:
        """The laws of this node, read when they are first asked for."""
        from eendracht.kernel.rules.lawbook import Lawbook

        # The few laws that ship are read faster than a cache of them is checked.
        paths = self.settings.law_paths
        return Lawbook(paths, self.settings.laws_cache_folder if paths else None)

    @cached_property
    def journal(self) -> Journal:
        """The append-only streams of decisions and processing lines."""
        from eendracht.kernel.journal import Journal

        return Journal(self.settings.journal_file, self.store.clock)

    @cached_property
    def audit(self) -> Audit:
        """Audit events: to the journal, and from there to the receiver of the settings."""
        from eendracht.kernel.audit import Audit
        from eendracht.kernel.syslog import Syslog

        settings = self.settings
        exporters: list[Exporter] = [Syslog(settings.audit_syslog, settings.name)] if settings.audit_syslog else []
        if settings.audit_otlp:
            from eendracht.kernel.telemetry import Telemetry

            exporters.append(Telemetry(settings.audit_otlp, settings.name))
        return Audit(lambda: self.journal, exporters)

    @cached_property
    def vault(self) -> Vault:
        """Content about natural persons, under a key per subject."""
        from eendracht.kernel.vault import Vault

        return Vault(self.settings.vault_folder, self.retention, self.journal, self.store.clock)

    @cached_property
    def destruction(self) -> Destruction:
        """Destruction of records and of content about persons, on the record."""
        from eendracht.kernel.destruction import Destruction
        from eendracht.kernel.erasures import ErasureJournal

        settings = self.settings
        journal = ErasureJournal(settings.erasure_journal)
        folder = settings.declarations_folder
        return Destruction(self.store, self.vault, journal, folder, settings.name, self.store.clock)

    @cached_property
    def _parts(self) -> dict[str, Closable]:
        return {}

    def part(self, name: str, make: Callable[[Instance], C]) -> C:
        """Give what a wing keeps open for this node, made when it is first asked for and closed with the node."""
        found = self._parts.get(name)
        if found is None:
            # Whoever comes second closes what it made; the first one is used by all.
            made = make(self)
            found = self._parts.setdefault(name, made)
            if found is not made:
                made.close()
        return cast("C", found)

    def close(self) -> None:
        """Finish what was handed in and let go of every file."""
        for part in self._parts.values():
            part.close()
        for name in ("audit", "vault", "journal"):
            if name in self.__dict__:
                self.__dict__[name].close()
        self.store.close()

    def __enter__(self) -> Instance:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
