"""By what a row recognises a record: numbers, names however they are spelled, and names that may be one, mistyped."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any, Final

from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.identity import slug
from eendracht.kernel.records import Record

ALIKE: Final = 0.85
"""Words that match at least this well may be one word, mistyped; names of such words are put to a person."""

MOST_SLIPS: Final = 2
"""More letters than this are no typing error, however long the word is."""

NUMBERS: Final = ("kvk", "lei", "oin", "purl")
"""Fields that identify a party or product wherever it is named."""

PARTIES: Final = frozenset({"supplier", "organisation"})
"""Kinds whose names carry a legal form, which people write or leave out as they like."""

_LEGAL_FORM: Final = r"(?:b\.? ?v\.?|n\.? ?v\.?|v\.? ?o\.? ?f\.?|c\.? ?v\.?|inc\.?|ltd\.?|gmbh|s\.? ?a\.?|llc)"
_AT_THE_END: Final = re.compile(
    rf"[\s,]+(?:\(?{_LEGAL_FORM}\)?|\(?(?:nederland|nl|the netherlands)\)?)$", re.IGNORECASE
)
_AT_THE_START: Final = re.compile(r"^(?:b\.? ?v\.?|n\.? ?v\.?|v\.? ?o\.? ?f\.?)\s+", re.IGNORECASE)
_SAME_HOUSE: Final = frozenset({"holding", "group", "groep", "beheer", "international", "europe", "benelux"})
"""Words that make another legal entity of the same house: worth a question, never a silent join."""


def simplify_name(name: str, kind: str) -> str:
    """Give the form in which two spellings of one name are equal: no accents, case or punctuation.

    Of a party the legal form and the country behind the name go too: `Centric Nederland B.V.` is `centric`.
    """
    text = " ".join(name.split())
    try:
        if kind in PARTIES:
            return slug(_strip_form(text))
        return slug(re.sub(r"[._]", " ", text))
    except InvalidInput:
        return text.lower()


def _strip_form(text: str) -> str:
    bare = text
    while (shorter := _AT_THE_END.sub("", bare).rstrip(" ,-")) != bare and shorter:
        bare = shorter
    bare = _AT_THE_START.sub("", bare) or bare
    return re.sub(r"[._]", " ", bare)


def is_spelling(name: str, record: Record) -> bool:
    """Tell whether a name is another way of writing one that the record has."""
    known = (record.name, *record.data["spec"].get("alsoKnownAs", ()))
    return simplify_name(name, record.kind) in {simplify_name(other, record.kind) for other in known}


def may_be_one(one: str, other: str) -> bool:
    """Tell whether two simplified names may be one: a typing error, other spaces, or a holding beside its company.

    They need as many words, each the same or nearly so. A word with a digit must be the same: `Fase 2` is not `Fase 3`;
    nor is `Druk West` a spelling of `Druk Oost`.
    """
    if one == other:
        return False
    if one.replace("-", "") == other.replace("-", ""):
        return True
    left, right = ([word for word in name.split("-") if word not in _SAME_HOUSE] for name in (one, other))
    return bool(left) and len(left) == len(right) and all(_nearly(a, b) for a, b in zip(left, right, strict=True))


def _nearly(one: str, other: str) -> bool:
    if one == other:
        return True
    if not (one.isalpha() and other.isalpha()):
        return False
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.ratio() < ALIKE:
        return False
    slips = sum(max(b - a, d - c) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal")
    return slips <= MOST_SLIPS


class KnownThings:
    """The records of one kind, and the rows before, by everything by which a row may recognise them."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.by_ref: dict[str, Record] = {}
        self.by_uid: dict[str, Record] = {}
        self.titles: dict[str, str] = {}
        """The name of each ref as people write it."""
        self._refs_of_name: dict[str, list[str]] = defaultdict(list)
        self._names_of_start: dict[str, list[str]] = defaultdict(list)
        self._ref_of_number: dict[tuple[str, str], str] = {}
        self._numbers: dict[str, dict[str, str]] = defaultdict(dict)

    def add(self, record: Record) -> None:
        """Take in a record that is there."""
        if record.uid in self.by_uid:
            return
        spec = record.data["spec"]
        self.by_ref[record.ref] = self.by_uid[record.uid] = record
        self.learn(record.ref, record.name, spec)
        for name in spec.get("alsoKnownAs", ()):
            self._learn_name(record.ref, name)

    def learn(self, ref: str, name: str, spec: Mapping[str, Any]) -> None:
        """Remember by what a thing can be recognised; what was known of it before stays."""
        self.titles.setdefault(ref, name)
        self._learn_name(ref, name)
        for number in NUMBERS:
            if spec.get(number):
                value = self._numbers[ref].setdefault(number, str(spec[number]))
                self._ref_of_number.setdefault((number, value), ref)

    def _learn_name(self, ref: str, name: str) -> None:
        simple = simplify_name(name, self.kind)
        refs = self._refs_of_name[simple]
        if not refs:
            self._names_of_start[simple[:3]].append(simple)
        if ref not in refs:
            refs.append(ref)

    def recognise(self, name: str, spec: Mapping[str, Any]) -> str | None:
        """Give the ref of the thing that a row means: by number, else by name unless a number contradicts it."""
        for number in NUMBERS:
            ref = self._ref_of_number.get((number, str(spec[number]))) if spec.get(number) else None
            if ref:
                return ref
        return next((ref for ref in self._named(name) if not self._contradicts(ref, spec)), None)

    def namesakes(self, ref: str, name: str) -> Iterator[str]:
        """Give the refs of other things with this very name, which numbers keep apart."""
        return (other for other in self._named(name) if other != ref)

    def describe(self, ref: str) -> str:
        """Give the name of a thing with the numbers that identify it: `Centric (kvk 12345678)`."""
        numbers = ", ".join(f"{number} {value}" for number, value in self._numbers.get(ref, {}).items())
        return f"{self.titles[ref]} ({numbers})" if numbers else self.titles[ref]

    def alike(self, ref: str, name: str) -> Iterator[tuple[str, str]]:
        """Give (simplified name, ref) of the things whose name may be this one, mistyped."""
        simple = simplify_name(name, self.kind)
        for other in self._names_of_start.get(simple[:3], ()):
            if may_be_one(simple, other):
                yield from ((other, found) for found in self._refs_of_name[other] if found != ref)

    def _named(self, name: str) -> list[str]:
        return self._refs_of_name.get(simplify_name(name, self.kind), []) if name else []

    def _contradicts(self, ref: str, spec: Mapping[str, Any]) -> bool:
        known = self._numbers.get(ref, {})
        return any(number in known and spec.get(number, known[number]) != known[number] for number in NUMBERS)
