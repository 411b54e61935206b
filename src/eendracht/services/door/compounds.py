"""Splits Dutch compounds into words that are known, with their linking -s-, -e- or -en-."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from eendracht.services.door.common_words import SHORT_PARTS

SHORTEST_PART: Final = 4

_LINKS: Final = ("", "s", "e", "en")
_MOST_PARTS: Final = 4


def split_compound(word: str, is_part: Callable[[str], bool]) -> tuple[str, ...]:
    """Give the parts of a compound, or nothing where it is none.

    Of several splits the one with the fewest parts wins, then the one whose parts are most equal in length.
    """
    if len(word) < 2 * SHORTEST_PART - 1 or not word.isalpha():
        return ()
    found = _split(word, is_part, _MOST_PARTS)
    return found if len(found) > 1 else ()


def _split(word: str, is_part: Callable[[str], bool], most: int) -> tuple[str, ...]:
    best: tuple[str, ...] = ()
    for end in range(3, len(word) - 2):
        head = word[:end]
        if not _may_stand(head, is_part):
            continue
        for link in _LINKS:
            if not word.startswith(link, end):
                continue
            rest = word[end + len(link) :]
            tails: list[tuple[str, ...]] = [(rest,)] if _may_stand(rest, is_part) else []
            if most > 2 and (deeper := _split(rest, is_part, most - 1)):
                tails.append(deeper)
            for tail in tails:
                best = _better(best, (head, *tail))
    return best


def _may_stand(part: str, is_part: Callable[[str], bool]) -> bool:
    return (len(part) >= SHORTEST_PART or part in SHORT_PARTS) and is_part(part)


def _better(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, ...]:
    def rank(parts: tuple[str, ...]) -> tuple[int, int]:
        return len(parts), sum(len(part) ** 2 for part in parts)

    return right if not left or rank(right) < rank(left) else left
