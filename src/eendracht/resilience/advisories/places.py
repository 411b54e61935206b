"""Finding things in a document that may be of any shape: what is not there is passed over, never an error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Place = tuple[str, Any]
"""A JSON Pointer and what stands there."""
Branch = tuple[str, Mapping[str, Any], tuple[Mapping[str, Any], ...]]
"""A branch with its pointer and the branches above it, the highest first."""
ANY = "*"
"""Every item of a list, or every value of an object."""


def find_all(value: Any, *path: str, at: str = "") -> Iterator[Place]:
    """Yield everything at a path of keys and `*`, below the pointer `at`."""
    if not path:
        yield at, value
        return
    key, *rest = path
    if key == ANY:
        items: Any = (
            enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, Mapping) else ()
        )
        for name, item in items:
            yield from find_all(item, *rest, at=f"{at}/{escape(str(name))}")
    elif isinstance(value, Mapping) and key in value:
        yield from find_all(value[key], *rest, at=f"{at}/{escape(key)}")


def find_texts(value: Any, *path: str, at: str = "") -> Iterator[tuple[str, str]]:
    """Yield the texts at a path."""
    return ((place, text) for place, text in find_all(value, *path, at=at) if isinstance(text, str))


def find_objects(value: Any, *path: str, at: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the objects at a path."""
    return ((place, item) for place, item in find_all(value, *path, at=at) if isinstance(item, Mapping))


def text_at(value: Any, *path: str) -> str:
    """Give the text at a path without `*`; empty where there is none."""
    for key in path:
        if not isinstance(value, Mapping):
            return ""
        value = value.get(key)
    return value if isinstance(value, str) else ""


def escape(key: str) -> str:
    """Write a key as a step of a JSON Pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def find_branches(document: Any) -> Iterator[Branch]:
    """Yield every branch of the product tree with its pointer and the branches above it, the highest first."""
    waiting: list[Branch] = [
        (place, item, ()) for place, item in find_objects(document, "product_tree", "branches", ANY)
    ]
    waiting.reverse()
    while waiting:
        place, branch, above = waiting.pop()
        yield place, branch, above
        below: list[Branch] = [
            (at, item, (*above, branch)) for at, item in find_objects(branch, "branches", ANY, at=place)
        ]
        waiting += reversed(below)


def find_products(document: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every full product name of the document: in branches, in the list, and made by a relationship."""
    for place, branch, _ in find_branches(document):
        yield from find_objects(branch, "product", at=place)
    yield from find_objects(document, "product_tree", "full_product_names", ANY)
    yield from find_objects(document, "product_tree", "relationships", ANY, "full_product_name")


def list_groups(document: Any) -> dict[str, list[str]]:
    """Give the ids of the products in each group."""
    groups: dict[str, list[str]] = {}
    for place, group in find_objects(document, "product_tree", "product_groups", ANY):
        ids = [text for _, text in find_texts(group, "product_ids", ANY, at=place)]
        groups.setdefault(text_at(group, "group_id"), []).extend(ids)
    return groups


def list_named(item: Mapping[str, Any], groups: Mapping[str, list[str]]) -> list[str]:
    """Give the ids of the products that a flag, threat or remediation names, itself or by a group."""
    named = [text for _, text in find_texts(item, "product_ids", ANY)]
    for _, group in find_texts(item, "group_ids", ANY):
        named += groups.get(group, [])
    return list(dict.fromkeys(named))
