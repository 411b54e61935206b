"""Choices for random laws and populations: by hypothesis, which shrinks what fails, or by a seed, which is fast."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Choices(Protocol):
    """Where chance comes from."""

    def pick(self, items: Sequence[T]) -> T:
        """Give one of the items; the first is the simplest."""
        ...

    def whole(self, low: int, high: int) -> int:
        """Give a whole number from low to high."""
        ...

    def chance(self, percent: int) -> bool:
        """Give true in so many cases out of a hundred."""
        ...


class DrawnChoices:
    """Choices that hypothesis makes."""

    def __init__(self, draw: Any) -> None:
        self._draw = draw

    def pick(self, items: Sequence[T]) -> T:
        """Give one of the items; the first is the simplest."""
        found: T = self._draw(st.sampled_from(items))
        return found

    def whole(self, low: int, high: int) -> int:
        """Give a whole number from low to high."""
        return int(self._draw(st.integers(low, high)))

    def chance(self, percent: int) -> bool:
        """Give true in so many cases out of a hundred."""
        return int(self._draw(st.integers(0, 99))) >= 100 - percent


class SeededChoices:
    """Choices that follow from a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def pick(self, items: Sequence[T]) -> T:
        """Give one of the items."""
        return self._random.choice(items)

    def whole(self, low: int, high: int) -> int:
        """Give a whole number from low to high."""
        return self._random.randint(low, high)

    def chance(self, percent: int) -> bool:
        """Give true in so many cases out of a hundred."""
        return self._random.randrange(100) < percent
