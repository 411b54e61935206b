"""Values of records as people read them: codes in words, amounts in euro, days in full, names in the place of refs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from eendracht.kit.forms import is_money
from eendracht.kit.i18n import Words

CODED: Final = frozenset(
    {
        "algorithm",
        "audience",
        "capability",
        "complies",
        "costKey",
        "criticality",
        "direction",
        "dpia",
        "guidelineLevel",
        "hosting",
        "keyExchangeQuantumSafe",
        "legalGround",
        "level",
        "lifecycle",
        "milestone",
        "mode",
        "norm",
        "outcome",
        "personalData",
        "phase",
        "preference",
        "priority",
        "purposeGround",
        "quantum",
        "recognisedBy",
        "renewal",
        "result",
        "risk",
        "significant",
        "sourceType",
        "specialCategories",
        "stage",
        "state",
        "status",
        "substitutability",
        "tlp",
        "topic",
        "type",
    }
)
"""Fields that hold a code of a fixed list."""
_COUNTRIES: Final = ("country", "jurisdiction")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_REF: Final = re.compile(r"[a-z][a-z-]*:\S+", re.ASCII)


def print_values(field: str, value: Any, words: Words, names: Mapping[str, str] | None = None) -> Iterator[str]:
    """Give each value of a field as text; `names` are those of refs, which otherwise stay as they are."""
    if isinstance(value, list | tuple):
        for item in value:
            yield from print_values(field, item, words, names)
    elif isinstance(value, Mapping):
        parts = ((words.field(name), _print_inner(name, item, words, names)) for name, item in value.items())
        yield "; ".join(f"{label}: {text}" for label, text in parts)
    elif isinstance(value, bool):
        yield words.value("yes" if value else "no")
    elif isinstance(value, int):
        # A year is no count.
        as_year = field.lower().endswith("year")
        yield words.euro(value) if is_money(field) else (str(value) if as_year else words.number(value))
    elif value is not None:
        yield _print_text(field, str(value), words, names or {})


def print_value(path: str, value: Any, words: Words, names: Mapping[str, str] | None = None) -> str:
    """Give the value at a path of fields (joined by points) as one text; empty for nothing."""
    return "; ".join(print_values(path.rpartition(".")[2], value, words, names))


def list_refs(values: Iterable[Any]) -> list[str]:
    """Give every text in some values that may be a ref, each once."""
    found: dict[str, None] = {}
    for value in values:
        if isinstance(value, str):
            if _REF.fullmatch(value):
                found[value] = None
        elif isinstance(value, Mapping):
            found |= dict.fromkeys(list_refs(value.values()))
        elif isinstance(value, list | tuple):
            found |= dict.fromkeys(list_refs(value))
    return list(found)


def _print_inner(field: str, value: Any, words: Words, names: Mapping[str, str] | None) -> str:
    """Print what a part of a value holds; each of its own parts in brackets, so that it is seen where one ends."""
    items = value if isinstance(value, list | tuple) else [value]
    return ", ".join(
        f"({text})" if isinstance(item, Mapping) else text
        for item in items
        for text in print_values(field, item, words, names)
    )


def _print_text(field: str, text: str, words: Words, names: Mapping[str, str]) -> str:
    if field in CODED:
        return words.value(text)
    if field in _COUNTRIES:
        return words.country(text)
    if _DAY.fullmatch(text):
        return words.day(text)
    return names.get(text) or text
