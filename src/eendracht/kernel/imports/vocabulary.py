"""The words by which columns, values, roles and persons are recognised, read once from `vocabulary.yaml`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

_BRACKETS = re.compile(r"\([^()]{0,80}\)|\[[^\[\]]{0,80}\]")
_NOT_WORD = re.compile(r"[^a-z0-9&]+")


def fold(text: str) -> str:
    """Give a text in lower case, without accents, brackets and punctuation, its words joined by one space."""
    plain = unicodedata.normalize("NFKD", _BRACKETS.sub(" ", text)).encode("ascii", "ignore").decode().lower()
    return _NOT_WORD.sub(" ", plain).strip()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Folded words, ready to look up."""

    synonyms: Mapping[str, Mapping[str, tuple[str, ...]]]
    """Kind, then spec field, then header words; the first is the most telling."""
    keys: Mapping[str, tuple[str, ...]]
    values: Mapping[str, Mapping[str, str]]
    """Spec field, then the word of the source, then what it means."""
    countries: Mapping[str, str]
    persons: Mapping[str, frozenset[str]]
    roles: frozenset[str]
    bodies: frozenset[str]
    titles: frozenset[str]
    particles: frozenset[str]
    given_names: frozenset[str]

    headers: frozenset[str]
    """Every word that may be a column name."""


def is_header(text: str) -> bool:
    """Tell whether a cell holds a known column name."""
    return fold(text) in load_vocabulary().headers


@cache
def load_vocabulary() -> Vocabulary:
    """Give the vocabulary that ships."""
    raw: dict[str, Any] = yaml.safe_load(files(__package__).joinpath("vocabulary.yaml").read_text("utf-8"))
    synonyms = {
        kind: {name: tuple(map(fold, words)) for name, words in fields.items()}
        for kind, fields in raw["synonyms"].items()
    }
    keys = {kind: tuple(map(fold, words)) for kind, words in raw["keys"].items()}
    named = [words for fields in synonyms.values() for words in fields.values()]
    return Vocabulary(
        synonyms=synonyms,
        keys=keys,
        values={
            name: {fold(word): meaning for meaning, words in meanings.items() for word in words}
            for name, meanings in raw["values"].items()
        },
        countries={fold(word): code for code, words in raw["countries"].items() for word in words},
        persons={reason: frozenset(map(fold, words)) for reason, words in raw["persons"].items()},
        roles=frozenset(map(fold, raw["roles"])),
        bodies=frozenset(map(fold, raw["bodies"])),
        titles=frozenset(map(fold, raw["titles"])),
        particles=frozenset(map(fold, raw["particles"])),
        given_names=frozenset(map(fold, raw["givenNames"])),
        headers=frozenset(word for words in (*named, *keys.values()) for word in words),
    )
