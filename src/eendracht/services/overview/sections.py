"""What a section of the overview is made of: entries in plain words, the one that matters most first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from eendracht.kernel.wording import Said

Value = Said | date | str
"""A sentence, a day that the page writes in its language, or a name as it is."""


@dataclass(frozen=True, slots=True)
class Detail:
    """A fact that is shown when it is asked for; `correct` is the name of a form and the fact in it to contradict."""

    label: Value
    value: Value
    correct: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing: what it is, what is known of it, since when, and whether the person has something to do or to know.

    `page` is the code of a page with its name, where that page is there; `text` what was written to the person; `more`
    are facts that are shown when they are asked for.
    """

    title: Said
    facts: tuple[tuple[Said, Value], ...] = ()
    on: date | None = None
    is_pressing: bool = False
    note: Said | None = None
    text: str = ""
    more: tuple[Detail, ...] = ()
    page: tuple[str, str] | None = None
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody can change about an entry by a button: what is sent, and what the button says."""

    code: str
    about: str
    said: Said


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the overview; `nothing` is said where it has no entry."""

    code: str
    title: Said
    about: Said
    nothing: Said
    entries: tuple[Entry, ...]


def rank(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Put what is pressing first, the nearest day first; behind it the rest, the newest first."""
    far = date.max.toordinal()
    listed = list(entries)
    pressing = sorted((e for e in listed if e.is_pressing), key=lambda e: e.on.toordinal() if e.on else far)
    rest = sorted((e for e in listed if not e.is_pressing), key=lambda e: -e.on.toordinal() if e.on else 0)
    return (*pressing, *rest)
