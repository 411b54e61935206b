"""Which public body gives a product to somebody who lives somewhere: by level, and never by a guess.

A municipality that no longer exists gives way to its successor; where its area was split, only an address tells which
one, and that is said. The province is that of the municipality. Which water board somebody lives in is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from eendracht.kernel.errors import Fault, NotFound
from eendracht.kernel.wording import Said, say
from eendracht.reference import Level, PublicBody, load_municipality_successors, load_public_bodies

_YOURS: Final[Mapping[str, Said]] = {
    "municipality": Said("uw gemeente", "your municipality"),
    "province": Said("uw provincie", "your province"),
    "water-board": Said("uw waterschap", "your water board"),
    "state": Said(
        "een landelijke organisatie (hier niet bekend welke)", "a national body (which one is not known here)"
    ),
    "other": Said("een andere organisatie (hier niet bekend welke)", "another body (which one is not known here)"),
}


class UnknownMunicipality(NotFound):
    """No municipality has or had this code."""

    code = "unknown-municipality"
    title_nl = "Deze gemeente is niet bekend"
    title_en = "This municipality is not known"
    default_hint = "Give a code such as gm0344, or leave it out."


@dataclass(frozen=True, slots=True)
class Authority:
    """The public body to go to; `code` is empty where nobody knows which one, and `name` then says whose it is."""

    level: str
    code: str
    name: Said


@dataclass(frozen=True, slots=True)
class Home:
    """Where somebody lives: a municipality that stands, or the several that took over a former one."""

    municipality: PublicBody | None = None
    candidates: tuple[PublicBody, ...] = ()
    remark: Said | None = None


NOWHERE: Final = Home()


@cache
def _bodies() -> dict[str, PublicBody]:
    return {body.code: body for body in load_public_bodies()}


def find_home(code: str, succeeded: Mapping[str, Sequence[str]] | None = None) -> Home:
    """Give the municipality with this code, or who followed it; the empty code is nowhere.

    `succeeded` are successions that the node records, which go before the table. Raises UnknownMunicipality for a code
    that no municipality has or had.
    """
    if not code:
        return NOWHERE
    body = _bodies().get(code.lower())
    if body is None or body.type not in ("municipality", "caribbean-public-body"):
        fault = Fault(
            "/municipality",
            "unknown-municipality",
            "Deze code hoort bij geen gemeente",
            "No municipality has or had this code",
            "Give a code such as gm0344, or leave it out.",
        )
        raise UnknownMunicipality("The municipality is not known", faults=[fault])
    if body.valid_until is None:
        return Home(body)
    followers = _follow(body.code, {**load_municipality_successors(), **(succeeded or {})})
    if not followers:
        remark = say(
            "{name} bestaat niet meer; wie ervoor in de plaats kwam, is hier niet bekend.",
            "{name} no longer exists; who took its place is not known here.",
            name=body.name,
        )
        return Home(remark=remark)
    if len(followers) == 1:
        remark = say(
            "{name} bestaat niet meer en hoort nu bij {new}.",
            "{name} no longer exists and is now part of {new}.",
            name=body.name,
            new=followers[0].name,
        )
        return Home(followers[0], followers, remark)
    remark = say(
        "{name} bestaat niet meer. Het gebied is verdeeld over {new}: uw adres bepaalt welke.",
        "{name} no longer exists. Its area was split between {new}: your address decides which.",
        name=body.name,
        new=", ".join(follower.name for follower in followers),
    )
    return Home(None, followers, remark)


def _follow(code: str, successors: Mapping[str, Sequence[str]]) -> tuple[PublicBody, ...]:
    """Give the municipalities that stand at the end of the chain from a former one."""
    found: dict[str, PublicBody] = {}
    seen, open_codes = {code}, list(successors.get(code, ()))
    while open_codes:
        follower = open_codes.pop(0)
        if follower in seen or follower not in _bodies():
            continue
        seen.add(follower)
        if _bodies()[follower].valid_until is None:
            found[follower] = _bodies()[follower]
        else:
            open_codes += successors.get(follower, ())
    return tuple(found.values())


def find_authority(level: Level | str, home: Home, national: str = "") -> Authority:
    """Give the body that gives a product of this level to who lives there; `national` is the code for the state."""
    body: PublicBody | None = None
    if level == "state":
        body = _bodies().get(national)
    elif level == "municipality":
        body = home.municipality
    elif level == "province":
        provinces = {town.province for town in (home.candidates or (home.municipality,)) if town is not None}
        body = _bodies().get(provinces.pop()) if len(provinces) == 1 else None
    if body is None:
        return Authority(level, "", _YOURS.get(level, _YOURS["other"]))
    return Authority(level, body.code, Said(body.name, body.name))


def name_body(code: str) -> str:
    """Give the name of the body with this code, or an empty text."""
    body = _bodies().get(code)
    return body.name if body else ""
