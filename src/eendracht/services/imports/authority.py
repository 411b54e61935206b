"""Which organisation a file means by a name, a code or an address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from eendracht.kernel.identity import REF_PATTERN
from eendracht.reference.bodies import PublicBody, load_public_bodies

_PREFIX: Final = re.compile(
    r"^(gemeente|provincie|waterschap|hoogheemraadschap|ministerie)\s+(?:van\s+)?", re.IGNORECASE
)
SCHEMES: Final[Mapping[str, str]] = {
    "gemeente": "municipality",
    "provincie": "province",
    "waterschap": "water-board",
    "hoogheemraadschap": "water-board",
    "ministerie": "ministry",
    "zelfstandigbestuursorgaan": "zbo",
}
"""Type of body by the scheme of OWMS in which it is named."""
LEVELS: Final[Mapping[str, str]] = {
    "municipality": "municipality",
    "province": "province",
    "water-board": "water-board",
}
"""Level of government by type of body; every other body with a national task is of the state."""


def find_authority(name: str = "", address: str = "", kind: str = "") -> str:
    """Give the ref of the one body that is meant, or an empty text where that is not sure.

    `name` may be a ref, `address` a TOOI URI, `kind` a type of body within which a name is looked up.
    """
    if re.fullmatch(REF_PATTERN, name) and name.startswith("organisation:"):
        return name
    by_address, by_name = _index()
    if address in by_address:
        return f"organisation:{by_address[address]}"
    if (prefix := _PREFIX.match(name.strip())) and not kind:
        kind = SCHEMES[prefix[1].lower()]
    found = {body.code for body in by_name.get(_plain(name), ()) if kind in ("", body.type)}
    return f"organisation:{found.pop()}" if len(found) == 1 else ""


@cache
def _index() -> tuple[dict[str, str], dict[str, list[PublicBody]]]:
    addresses: dict[str, str] = {}
    names: dict[str, list[PublicBody]] = {}
    for body in load_public_bodies():
        if body.tooi_uri:
            addresses[body.tooi_uri] = body.code
        if body.status != "current":
            continue
        for name in {_plain(text) for text in (body.name, body.short_name, *body.also_known_as) if text}:
            names.setdefault(name, []).append(body)
    return addresses, names


def _plain(name: str) -> str:
    return _PREFIX.sub("", " ".join(name.split())).casefold() if name else ""


def level_of(kind: str) -> str:
    """Give the level of government of a type of body; empty where its type is not known."""
    return LEVELS.get(kind, "state" if kind and kind != "unknown" else "")
