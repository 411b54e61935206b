"""Why a write is refused: somebody was first, or a name is not free.

The record that stands in the way is in `extra["current"]`, for whoever may see it; the store takes it out for others.
"""

from __future__ import annotations

from typing import Any

from eendracht.kernel.errors import Conflict, Fault
from eendracht.kernel.records import Prepared


def stale(draft: Prepared, generation: int, current: dict[str, Any] | None) -> Conflict:
    """Say that the record moved on since the author looked, and show what is there beside what was sent."""
    return Conflict(
        f"{draft.ref} is at generation {generation}, not {draft.expected}",
        extra={"generation": generation, "expected": draft.expected, "current": current, "proposed": draft.content},
    )


def name_taken(ref: str, current: dict[str, Any] | None) -> Conflict:
    """Say that the ref belongs to another record."""
    fault = Fault(
        "/ref", "name-taken", "Deze verwijzing is al in gebruik", "This ref is in use", "Choose another name."
    )
    return Conflict(f"{ref} belongs to another record", faults=[fault], extra={"current": current})


def renamed(ref: str, current: dict[str, Any] | None) -> Conflict:
    """Say that the ref is a former name, under which nothing is written any more."""
    fault = Fault(
        "/ref",
        "renamed",
        "Dit record heeft nu een andere verwijzing",
        "This record has another ref now",
        "Get it by this ref, and write under the ref that it gives.",
    )
    return Conflict(f"{ref} is a former name", faults=[fault], extra={"current": current})


def name_moved(old: str, new: str, current: dict[str, Any] | None) -> Conflict:
    """Say that a new name may not change kind or authority."""
    fault = Fault(
        "/ref",
        "authority-is-fixed",
        "Soort en naamgever van een verwijzing veranderen nooit",
        "Kind and authority of a ref never change",
        "Keep the part before the slash; who owns the record now is the field owner.",
    )
    return Conflict(f"{old} cannot become {new}", faults=[fault], extra={"current": current})


def unusable() -> Conflict:
    """Say no more than that the name cannot be used: what stands in the way is hidden from the author."""
    fault = Fault(
        "/ref",
        "name-unusable",
        "Deze verwijzing kan niet worden gebruikt",
        "This ref cannot be used",
        "Choose another name.",
    )
    return Conflict("This name cannot be used", faults=[fault], hint="Choose another name.")
