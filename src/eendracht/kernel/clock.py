"""What time it is, as something that is handed in, so that midnight can be tested at noon."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from eendracht.kernel.errors import Fault, InvalidInput

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


class Clock(Protocol):
    """Tells the present moment in UTC."""

    def now(self) -> datetime:
        """Give the moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Give the moment, aware, in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands where it is put; for simulations, reproducible demos and tests."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment.astimezone(UTC)

    def now(self) -> datetime:
        """Give the moment that was set."""
        return self.moment


def today(clock: Clock) -> date:
    """Give the date in Europe/Amsterdam, in which valid time is counted."""
    return clock.now().astimezone(AMSTERDAM).date()


def timestamp(moment: datetime) -> str:
    """Print a moment as records carry it: UTC with microseconds and a Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_moment(text: str, pointer: str = "/knownAt") -> datetime:
    """Read a moment (RFC 3339, any offset and precision) as UTC; raises InvalidInput, also without an offset."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError("no offset")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        fault = Fault(
            pointer,
            "malformed-moment",
            "Dit is geen tijdstip met tijdzone",
            "This is not a moment with a time zone",
            "Write it as 2026-01-31T12:00:00Z.",
        )
        raise InvalidInput(f"'{text[:40]}' is not a moment", faults=[fault]) from None
