"""The end of a record: what is recorded to say so, and why it may be refused."""

from __future__ import annotations

from datetime import date
from typing import Any

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.records import Record


def draft_end(record: Record, ref: str, day: date, today: date) -> dict[str, Any]:
    """Give the draft, but for its spec, that ends a record on a day; `record` is what would hold from then on."""
    return {
        "uid": record.uid,
        "ref": ref,
        "owner": record.owner,
        "validFrom": day.isoformat(),
        "validUntil": None,
        "ended": True,
        "confidentiality": record.data["confidentiality"],
        "source": {"type": "statement", "date": today.isoformat()},
    }


def over_already(newest: Record, day: date) -> InvalidInput:
    """Say that nothing holds from the day on that could end."""
    fault = Fault(
        "/on",
        "ended-already",
        f"Vanaf {day} gold er al niets meer van dit record",
        f"Nothing of this record held from {day} on",
        f"See what held when: eendracht history {newest.ref}.",
    )
    return InvalidInput(f"{newest.ref} ended before", faults=[fault], hint=fault.hint)


def too_early(newest: Record, day: date) -> InvalidInput:
    """Say that the record would never have held; that is another thing than an end."""
    fault = Fault(
        "/on",
        "end-before-begin",
        f"Dit record gold niet vóór {day}; zo zou het nooit hebben gegolden",
        f"This record did not hold before {day}; it would never have held",
        "Choose a later date; what should never have been recorded is destroyed: eendracht destroy.",
    )
    return InvalidInput(f"{newest.ref} began later", faults=[fault], hint=fault.hint)
