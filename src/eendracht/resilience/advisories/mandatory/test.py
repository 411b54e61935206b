"""What a mandatory test is: its number in the standard, and the function that finds what breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Finding = tuple[str, str, str, str]
"""Pointer, what is wrong in Dutch and in English, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Test:
    """One mandatory test."""

    number: str
    find: Callable[[Any], Iterator[Finding]]
