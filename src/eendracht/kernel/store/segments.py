"""Valid time: which version of a record holds when, and what a new version leaves of the older ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

IS_VERSION: Final = "type IN (0, 4)"
"""SQL condition on `entry`: it is a version of a record, its end included."""


@dataclass(slots=True)
class Segment:
    """A stretch of valid time during which one version holds; `tail` are its remaining columns."""

    valid_from: str
    valid_until: str
    rv: int
    tail: tuple[Any, ...]


def overlay(segments: Iterable[Segment], new: Segment) -> list[Segment]:
    """Put a new version over what was known: it wins where it holds, the rest of the older stretches stays."""
    result = cut(segments, new)
    result.append(new)
    result.sort(key=lambda segment: segment.valid_from)
    return result


def cut(segments: Iterable[Segment], new: Segment) -> list[Segment]:
    """Take away what was known where the new version says something; of an end, nothing comes in its place."""
    result = []
    for old in segments:
        if old.valid_until <= new.valid_from or old.valid_from >= new.valid_until:
            result.append(old)
            continue
        if old.valid_from < new.valid_from:
            result.append(Segment(old.valid_from, new.valid_from, old.rv, old.tail))
        if old.valid_until > new.valid_until:
            result.append(Segment(new.valid_until, old.valid_until, old.rv, old.tail))
    return result
