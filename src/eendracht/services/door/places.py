"""Which municipality somebody means who types its name or code; never a guess, and no postcode is looked up."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from eendracht.kernel.wording import Said, say
from eendracht.reference import PublicBody, load_public_bodies

LONGEST: Final = 100
"""Characters of what was typed that are read."""
_TYPES: Final = ("municipality", "caribbean-public-body")
_PREFIXES: Final = ("Gemeente ", "Openbaar lichaam ")
_POSTCODE: Final = re.compile(r"[1-9]\d{3} ?([a-z]{2})?")
_NEAREST: Final = 4
_ALSO: Final[Mapping[str, str]] = {"gm0518": "'s-Gravenhage", "gm0796": "Den Bosch"}
"""The other name of the two municipalities that go by two names."""

_A_POSTCODE: Final = Said(
    "Dit is een postcode. Welke gemeente daarbij hoort, weten wij hier niet. Typ de naam van de gemeente.",
    "This is a postcode. Which municipality it lies in is not known here. Type the name of the municipality.",
)
_UNKNOWN: Final = Said(
    "Deze gemeente kennen wij niet. Is het een dorp of wijk? Typ dan de naam van de gemeente waar die in ligt.",
    "We do not know this municipality. Is it a village or a neighbourhood? Then type the name of its municipality.",
)


@dataclass(frozen=True, slots=True)
class Place:
    """What was recognised: the code of a municipality that is or was, or why there is none and which names are near."""

    code: str = ""
    name: str = ""
    fault: Said | None = None
    near: tuple[str, ...] = ()


NOWHERE: Final = Place()
"""Where nothing was typed."""


def find_place(typed: str) -> Place:
    """Recognise a municipality by its name or code, also a former one; nothing typed is nowhere."""
    text = typed[:LONGEST].strip()
    if not text:
        return NOWHERE
    key = _fold(text)
    if _POSTCODE.fullmatch(key):
        return Place(fault=_A_POSTCODE)
    names = _names()
    found = names.get(key) or names.get(key.removeprefix("gemeente "), ())
    if len(found) == 1:
        return Place(found[0].code, name_place(found[0]))
    if found:
        near = tuple(name_place(body) for body in found)
        fault = say(
            "Er zijn {n} gemeenten met deze naam: {names}. Typ de naam met wat erachter staat.",
            "There are {n} municipalities of this name: {names}. Type the name with what stands behind it.",
            n=len(near),
            names=", ".join(near),
        )
        return Place(fault=fault, near=near)
    close = difflib.get_close_matches(key, names, _NEAREST, 0.75)
    near = tuple(dict.fromkeys(name_place(body) for name in close for body in names[name]))
    return Place(fault=_UNKNOWN, near=near[:_NEAREST])


@cache
def list_places() -> tuple[str, ...]:
    """Give the names of the municipalities that stand, by the alphabet; read once per process."""
    names = (name_place(body) for body in load_public_bodies() if body.type in _TYPES and body.valid_until is None)
    return tuple(sorted(names, key=lambda name: _fold(name).removeprefix("s ")))


def name_place(body: PublicBody) -> str:
    """Give what people call a municipality: its name without what it is."""
    for prefix in _PREFIXES:
        if body.name.startswith(prefix):
            return body.name.removeprefix(prefix)
    return body.name


@cache
def _names() -> Mapping[str, tuple[PublicBody, ...]]:
    """Give who is meant by a name or code; one that stands goes before former ones of that name."""
    found: dict[str, dict[str, PublicBody]] = {}
    for body in load_public_bodies():
        if body.type in _TYPES:
            plain = name_place(body)
            called = {
                plain,
                plain.partition(" (")[0],
                body.code,
                body.short_name,
                _ALSO.get(body.code, ""),
                *body.also_known_as,
            }
            for key in {_fold(name) for name in called if name}:
                found.setdefault(key, {})[body.code] = body
    return {key: _prefer_standing(tuple(bodies.values())) for key, bodies in found.items()}


def _prefer_standing(bodies: tuple[PublicBody, ...]) -> tuple[PublicBody, ...]:
    return tuple(body for body in bodies if body.valid_until is None) or bodies


def _fold(text: str) -> str:
    """Give a text without case, accents and marks."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", plain.casefold()).split())
