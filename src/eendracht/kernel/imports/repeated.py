"""Names that stand twice in one object of a JSON text, which a parser never tells: it keeps the last."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any


class _Object(dict[str, Any]):
    """A JSON object that remembers which names it had twice."""

    repeated: tuple[str, ...] = ()


def _build_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = _Object(pairs)
    if len(found) < len(pairs):
        counted = Counter(name for name, _ in pairs)
        found.repeated = tuple(sorted(name for name, count in counted.items() if count > 1))
    return found


def find_repeated(data: bytes) -> Iterator[tuple[str, str]]:
    """Yield the pointer and the name of each name that an object has twice; the text is JSON of bounded depth."""
    text = data.decode("utf-8-sig")
    # Numbers stay text: one of thousands of digits is none of the concern here.
    stack: list[tuple[Any, str]] = [(json.loads(text, object_pairs_hook=_build_object, parse_int=str), "")]
    while stack:
        value, pointer = stack.pop()
        if isinstance(value, _Object):
            yield from ((f"{pointer}/{name}", name) for name in value.repeated)
            stack += [(item, f"{pointer}/{name}") for name, item in value.items()]
        elif isinstance(value, list):
            stack += [(item, f"{pointer}/{index}") for index, item in enumerate(value)]
