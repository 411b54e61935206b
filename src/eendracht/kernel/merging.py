"""Three ways to one spec: what a row says, what it said before, and what the record says now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from eendracht.kernel.differences import Difference, Policy


@dataclass(frozen=True, slots=True)
class Sides:
    """What meets when a row is held against a record."""

    kind: str
    system: str
    said: Mapping[str, Any]
    """What the row says now."""
    given: Mapping[str, Any]
    """What the row said at its last delivery."""
    before: Mapping[str, Any]
    """What the record says."""
    is_new: bool
    """Whether there is no record yet, so that every source may fill it."""
    is_foreign: bool
    """Whether another organisation owns the record."""


def merge_sides(
    sides: Sides, policy: Policy, is_spelling: Callable[[str], bool]
) -> tuple[dict[str, Any], list[Difference]]:
    """Give the merged spec and every difference, those that are not taken over marked as held.

    What the row changed since its last delivery is taken over; what someone else changed stays. A field with a source
    of truth follows that source, whatever was said or corrected before, and no other.
    """
    merged, differences = dict(sides.before), []
    for name in dict.fromkeys((*sides.said, *sides.given)):
        value, was = sides.said.get(name), sides.before.get(name)
        truth = policy.source_of(sides.kind, name)
        if value == was or not (_is_news(name, value, was, sides) or (truth and value is not None)):
            continue
        if name == "name" and not sides.is_new and is_spelling(str(value)):
            continue
        is_others = bool(truth) and truth != sides.system
        if not sides.is_new and (is_others or sides.is_foreign):
            why: Literal["source", "owner"]
            why, source = ("source", truth) if is_others else ("owner", "")
            differences.append(Difference(name, was, value, True, why, source))
            continue
        differences.append(Difference(name, was, value))
        if value is None:
            del merged[name]
        else:
            merged[name] = value
    return merged, differences


def _is_news(name: str, value: Any, was: Any, sides: Sides) -> bool:
    """Tell whether the source itself changed the field since its last delivery."""
    if name in sides.given and sides.given[name] == value:
        return False
    return value is not None or (sides.given[name] == was and name != "name")
