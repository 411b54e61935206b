"""What is kept for an audit of access: a fixed list of events, each a line of the journal stream `audit`.

A line names principals, organisations and codes, never what somebody typed, an address or a person. The journal is
sealed into the ledger, so that a line cannot be changed or left out afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from eendracht.kernel.access import Principal, Role
from eendracht.kernel.journal import Journal, Line

STREAM: Final = "audit"
"""The journal stream of audit events."""

Severity = Literal["notice", "warning", "error"]


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One event of the list: a stable code, how serious it is (RFC 5424), and what it means."""

    code: str
    severity: Severity
    nl: str
    en: str


EVENTS: Final[dict[str, AuditEvent]] = {
    event.code: event
    for event in (
        AuditEvent("sign-in", "notice", "Aangemeld", "Signed in"),
        AuditEvent("sign-in-refused", "warning", "Aanmelding geweigerd", "Sign-in refused"),
        AuditEvent("sign-out", "notice", "Afgemeld", "Signed out"),
        AuditEvent("token-refused", "warning", "Token geweigerd", "Token refused"),
        AuditEvent("too-many-attempts", "warning", "Te veel pogingen achter elkaar", "Too many attempts in a row"),
        AuditEvent("forged-form", "warning", "Formulier van een andere site geweigerd", "Form of another site refused"),
        AuditEvent("denied", "warning", "Handeling zonder recht geweigerd", "Action without a right refused"),
        AuditEvent("principal-granted", "notice", "Rollen toegekend", "Roles granted"),
        AuditEvent("principal-removed", "notice", "Gebruiker verwijderd", "Principal removed"),
        AuditEvent("token-issued", "notice", "Token uitgegeven", "Token issued"),
        AuditEvent("tokens-revoked", "notice", "Tokens ingetrokken", "Tokens revoked"),
        AuditEvent("upload-refused", "warning", "Bestand geweigerd", "Upload refused"),
        AuditEvent("import-recorded", "notice", "Import vastgelegd", "Import recorded"),
        AuditEvent("export-made", "notice", "Export gemaakt", "Export made"),
        AuditEvent("switched", "notice", "Prioriteit aan- of uitgezet", "Priority switched on or off"),
    )
}
"""Every audit event, by its code."""


class Exporter(Protocol):
    """Hands events on to a receiver outside; never raises for one that is away."""

    def __call__(self, event: AuditEvent, line: Line) -> None:
        """Take one event."""
        ...

    def close(self) -> None:
        """Send what is left, and let go."""
        ...


class Audit:
    """Writes audit events to the journal, and hands each on to who wants it elsewhere."""

    def __init__(self, journal: Callable[[], Journal], exporters: Iterable[Exporter] = ()) -> None:
        """Take the journal, which is opened with the first event."""
        self._journal = journal
        self._exporters = tuple(exporters)

    def note(self, code: str, actor: str, *, about: str = "", organisation: str = "", reason: str = "") -> None:
        """Keep an event: who did it, about which principal or record, for which organisation, and why by a code.

        It is on disk when this returns. Raises KeyError for a code that is not in the list, StorageFailure.
        """
        event = EVENTS[code]
        content: dict[str, Any] = {"event": code, "actor": actor}
        content |= {
            key: value for key, value in (("about", about), ("organisation", organisation), ("reason", reason)) if value
        }
        journal = self._journal()
        position = journal.append(STREAM, [content])
        for export in self._exporters:
            export(event, journal.read(STREAM, position, 1)[0])

    def close(self) -> None:
        """Let the receivers go; the journal stays."""
        for export in self._exporters:
            export.close()


def may_audit(asker: Principal) -> bool:
    """Tell whether the asker may read audit events at all."""
    return asker.is_operator or any(role is Role.AUDITOR for role, _ in asker.roles)


def list_events(journal: Journal, asker: Principal, last: int = 200) -> list[Line]:
    """Give the newest events that the asker may see, newest first.

    The operator sees all; an auditor those that name an organisation for which it is auditor, and its own.
    """
    mine = {organisation for role, organisation in asker.roles if role is Role.AUDITOR}
    found: list[Line] = []
    stop = journal.count(STREAM)
    while stop > 0 and len(found) < last:
        start = max(0, stop - 1_000)
        for line in reversed(journal.read(STREAM, start, stop - start)):
            seen = line.content.get("organisation") in mine or line.content["actor"] == asker.name
            if (asker.is_operator or seen) and len(found) < last:
                found.append(line)
        stop = start
    return found
