"""Sentences that the kernel says itself, in Dutch and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence in Dutch and in English."""

    nl: str
    en: str
    told: tuple[str, str, Mapping[str, object]] | None = field(default=None, compare=False, repr=False, kw_only=True)
    """The sentences before they were filled, and with what; None for what was never a pattern."""

    def retell(self, **values: object) -> Said:
        """Give the same sentence about something else; what it does not speak of is left aside."""
        if self.told is None:
            return self
        nl, en, before = self.told
        return say(nl, en, **{name: values.get(name, value) for name, value in before.items()})

    def __getitem__(self, language: str) -> str:
        return self.nl if language == "nl" else self.en


class Counted(int):
    """A number that chooses the words that go with it: `{n} {n:contract is|contracten zijn} afgelopen`.

    `{n:.}` prints thousands as Dutch does, `{n:,}` as English does.
    """

    def __format__(self, words: str) -> str:
        if words == ".":
            return f"{int(self):,}".replace(",", ".")
        if "|" not in words:
            return super().__format__(words)
        one, more = words.split("|")
        return one if self == 1 else more


def say(nl: str, en: str, **values: object) -> Said:
    """Fill a sentence in both languages; whole numbers choose their words."""
    filled = {name: Counted(value) if isinstance(value, int) else value for name, value in values.items()}
    return Said(nl.format(**filled), en.format(**filled), told=(nl, en, values))
