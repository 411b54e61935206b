"""One error tree: whatever goes wrong has a stable code, a status, a title in Dutch and English, and a next step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong at one place, said in both languages, with what to do about it.

    `pointer` is a JSON Pointer (RFC 6901) into the input, or a place in a file such as
    `applicaties.xlsx › Blad1 › rij 12 › kolom Leverancier`.
    """

    pointer: str
    code: str
    nl: str
    en: str
    hint: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Give the fault as plain data, in the shape that problem+json prints under `errors`."""
        return {
            "pointer": self.pointer,
            "code": self.code,
            "message": {"nl": self.nl, "en": self.en},
            "hint": self.hint,
        }

    def __str__(self) -> str:
        tail = f" → {self.hint}" if self.hint else ""
        return f"{self.pointer or '/'}: {self.en} [{self.code}]{tail}"


class EendrachtError(Exception):
    """Root of every error that Eendracht raises on purpose.

    A subclass fixes `code` (stable, kebab-case), `status` (HTTP), `exit_code` (1 failed, 2 usage, 3 denied), the titles
    and a default hint. `detail` says what happened this time; `faults` lists every fault found, not only the first.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1
    title_nl: ClassVar[str] = "Er ging iets mis"
    title_en: ClassVar[str] = "Something went wrong"
    default_hint: ClassVar[str] = ""

    def __init__(
        self,
        detail: str = "",
        *,
        faults: Iterable[Fault] = (),
        hint: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self.detail = detail
        self.faults = tuple(faults)
        self.hint = self.default_hint if hint is None else hint
        self.extra = dict(extra or {})
        super().__init__(detail or self.title_en)

    def __str__(self) -> str:
        lines = [self.detail or self.title_en, *(f"  {fault}" for fault in self.faults)]
        return "\n".join(lines)

    def as_problem(self) -> dict[str, Any]:
        """Give the error as an RFC 9457 problem document."""
        problem: dict[str, Any] = {
            "type": f"urn:eendracht:error:{self.code}",
            "code": self.code,
            "status": self.status,
            "title": self.title_en,
            "titleNl": self.title_nl,
        }
        if self.detail:
            problem["detail"] = self.detail
        if self.hint:
            problem["hint"] = self.hint
        if self.faults:
            problem["errors"] = [fault.as_dict() for fault in self.faults]
        return problem | self.extra


class InvalidInput(EendrachtError):
    """The input breaks a rule; `faults` names every place."""

    code = "invalid-input"
    status = 400
    title_nl = "De invoer klopt niet"
    title_en = "The input is not valid"
    default_hint = "Correct every fault that is listed and try again."


class UnreadableFile(InvalidInput):
    """A file cannot be read as what it claims to be, or is refused as hostile."""

    code = "unreadable-file"
    title_nl = "Dit bestand kan niet worden gelezen"
    title_en = "This file cannot be read"
    default_hint = "Check that the file opens in its own program, then export it again."


class UsageFault(EendrachtError):
    """The command or request is put wrongly."""

    code = "usage"
    status = 400
    exit_code = 2
    title_nl = "De opdracht klopt niet"
    title_en = "The request is not well formed"


class NotFound(EendrachtError):
    """Nothing by that name that the asker may see; absent and hidden look the same."""

    code = "not-found"
    status = 404
    title_nl = "Niet gevonden"
    title_en = "Not found"
    default_hint = "Check the spelling, or search for a part of the name."


class Denied(EendrachtError):
    """The asker may not do this."""

    code = "denied"
    status = 403
    exit_code = 3
    title_nl = "Dit mag u niet"
    title_en = "You may not do this"
    default_hint = "Ask the owner of the record, or sign in with a role for that organisation."


class Unauthenticated(EendrachtError):
    """The token does not hold; it never counts as no token."""

    code = "unauthenticated"
    status = 401
    exit_code = 3
    title_nl = "Dit token geldt niet"
    title_en = "This token does not hold"
    default_hint = "Ask the operator of the node for a new token, or leave it out to read what is public."


class TooManyRequests(EendrachtError):
    """The asker must wait; `extra["retryAfter"]` says how many seconds."""

    code = "too-many-requests"
    status = 429
    title_nl = "Te veel pogingen"
    title_en = "Too many attempts"
    default_hint = "Wait a little and try again."


class Conflict(EendrachtError):
    """Someone else changed the record in the meantime; both versions are in `extra`."""

    code = "conflict"
    status = 409
    title_nl = "Het record is intussen gewijzigd"
    title_en = "The record was changed in the meantime"
    default_hint = "Compare both versions, merge them, and send the new generation along."


class Occupied(Conflict):
    """There is something already where something new was to be made."""

    code = "occupied"
    title_nl = "Deze plek is bezet"
    title_en = "This place is taken"
    default_hint = "Choose another place."


class StorageFailure(EendrachtError):
    """The database or disk refused; nothing of the request was kept."""

    code = "storage-failure"
    status = 503
    title_nl = "De opslag weigert"
    title_en = "The storage refused"
    default_hint = "Check free disk space and whether the database may be written; nothing was lost."


class Busy(EendrachtError):
    """Too much is being asked at once; nothing of the request was done."""

    code = "busy"
    status = 503
    title_nl = "Het is nu te druk"
    title_en = "Too much is being asked right now"
    default_hint = "Try again in a few seconds."


class WorkerFailed(EendrachtError):
    """The process that did the work ended without a result."""

    code = "worker-failed"
    status = 500
    title_nl = "Het rekenproces is gestopt zonder uitkomst"
    title_en = "The process that does the work ended without a result"
    default_hint = "Try again; a machine that has too little memory stops a process."


class LedgerBroken(EendrachtError):
    """The history does not match what was signed; the first broken entry is named."""

    code = "ledger-broken"
    status = 500
    title_nl = "De geschiedenis klopt niet met wat is ondertekend"
    title_en = "The history does not match what was signed"
    default_hint = "Keep the database as it is, restore the last good backup beside it, and compare."
