"""The Dutch public bodies that ship with Eendracht, with their sources.

The table is made by `scripts/make_reference.py` from the sources in `sources.csv`. An empty cell means *unknown*:
the sources do not hold it, and nothing was filled in from elsewhere. Rules of the table:

- **Code** (the authority segment of refs): the lower-case TOOI code (`gm0344`, `pv26`, `ws0155`, `mnre1034`), else
  `oin.<OIN>` where that OIN is used once, else `roo.<id>` of the register of government organisations.
- **Dates** are half open, in Europe/Amsterdam. A begin of 1900-01-01 is unknown. An end on 31 December was the last
  day, an end on 1 January the first day after; other ends are the first day after where the register of government
  organisations gives them and the last day where only TOOI does, which is how their followers begin. An end that
  belongs to an official and not to the body (provinces and water boards that stand) is left out; an end later than
  `OBSERVED_ON` is an announcement, not a fact, and stands in `announced_end`.
- **Left out**: the texts of joint arrangements that have no organisation of their own, and headings of the register.
- **Former versions**: TOOI codes that begin with `hv_` are earlier forms of a body, such as a renamed ministry.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from io import StringIO
from typing import Literal, cast

OBSERVED_ON = date(2026, 5, 10)
"""The day on which the list of public bodies tells which ones stand."""

COUNTED_ON = date(2023, 1, 1)
"""The day of the figures and boundaries of Statistics Netherlands: what has a CBS code stood on that day."""

TOOI_BASE = "https://identifier.overheid.nl/tooi/id/"

BodyType = Literal[
    "advisory-body",
    "agency",
    "caribbean-public-body",
    "environment-service",
    "ggd",
    "high-council-of-state",
    "inspectorate",
    "joint-arrangement",
    "judicial-body",
    "ministry",
    "municipal-district",
    "municipality",
    "other-government-body",
    "police",
    "province",
    "safety-region",
    "water-board",
    "zbo",
]
"""What a body is. Dutch: adviescollege, agentschap, Caribisch openbaar lichaam, omgevingsdienst, GGD, Hoog College van
Staat, inspectie, gemeenschappelijke regeling, rechterlijke instantie, ministerie, stadsdeel, gemeente, overige
overheidsorganisatie, politie, provincie, veiligheidsregio, waterschap, zbo. A safety region that is also the health
service (Gelderland-Midden, Limburg-Noord) counts as a safety region."""

BodyStatus = Literal["current", "ended", "unknown"]
"""Whether the body stood on `OBSERVED_ON`; unknown where only TOOI names it, whose lists keep dissolved bodies."""


@dataclass(frozen=True, slots=True)
class PublicBody:
    """One public body; `None` and the empty string mean that the sources do not hold it.

    `oin` is as found, also where it is malformed or shared: see `find_data_defects`. `tooi` is the last part of the
    TOOI URI, `roo` the id in the register of government organisations, `cbs` the code of Statistics Netherlands for a
    municipality (`GM0344`) or safety region (`VR09`). `parent`, `safety_region` and `province` are codes of other
    bodies in the table. `inhabitants` hold on 1 January of `inhabitants_year`; those of a region or province are the
    sum of its municipalities. `lon` and `lat` (WGS 84, degrees) are the centre of the boundary. `source` names the rows
    the facts came from, as `source:row id`.
    """

    code: str
    name: str
    type: BodyType
    status: BodyStatus
    short_name: str
    abbreviation: str
    also_known_as: tuple[str, ...]
    oin: str
    tooi: str
    roo: str
    rsin: str
    kvk: str
    cbs: str
    parent: str
    safety_region: str
    province: str
    inhabitants: int | None
    inhabitants_year: int | None
    lon: float | None
    lat: float | None
    valid_from: date | None
    valid_until: date | None
    announced_end: date | None
    source: tuple[str, ...]

    @property
    def tooi_uri(self) -> str:
        """Give the TOOI URI, or the empty string where the body has none."""
        return TOOI_BASE + self.tooi if self.tooi else ""

    def is_valid_on(self, day: date) -> bool | None:
        """Tell whether the body stands on that day; `None` where the sources cannot tell.

        A body whose begin is unknown certainly stood on the days the sources saw it: from `COUNTED_ON` where it has a
        CBS code, else from `OBSERVED_ON` or, where it ended before, on its last day. Earlier days are unknown.
        """
        if self.valid_until is not None and day >= self.valid_until:
            return False
        if self.status == "unknown":
            return None
        if self.valid_from is not None:
            return day >= self.valid_from
        return True if day >= self.seen_from else None

    @property
    def seen_from(self) -> date:
        """Give the first day on which a source saw the body stand, for a body that a dated source saw at all."""
        if self.cbs:
            return COUNTED_ON
        return OBSERVED_ON if self.valid_until is None else self.valid_until - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Source:
    """Where facts in the tables come from: publisher, the day it describes, licence, and the line to show with it."""

    source: str
    title: str
    publisher: str
    state: str
    licence: str
    attribution: str
    used_for: str


def read_table(name: str) -> Iterator[list[str]]:
    """Give the rows of one shipped table without its header."""
    reader = csv.reader(StringIO(files(__package__).joinpath(name).read_text(encoding="utf-8"), newline=""))
    next(reader)
    yield from reader


@cache
def load_public_bodies() -> tuple[PublicBody, ...]:
    """Give all public bodies, ordered by code; read once per process."""
    return tuple(parse_body(cells) for cells in read_table("public_bodies.csv"))


@cache
def load_municipality_successors() -> dict[str, tuple[str, ...]]:
    """Give for municipalities that ended since 2009 the codes of those that took over their area; read once.

    More than one means that the area was split: only an address then tells which. The table says on what each line
    rests: `boundaries` (those of 2013 lie within those of 2023; what moved by a correction before the end is left out),
    `place` (the place of that name lies within the boundary of 2023), or `unconfirmed` (no source was at hand).
    """
    return {code: tuple(successors.split(" ")) for code, successors, _ in read_table("municipality_successors.csv")}


@cache
def load_sources() -> tuple[Source, ...]:
    """Give the sources of the tables, with licence and the line that must be shown."""
    return tuple(Source(*cells) for cells in read_table("sources.csv"))


def parse_body(cells: list[str]) -> PublicBody:
    """Turn one row of public_bodies.csv into a body; the columns are the fields, in the same order."""
    code, name, body_type, status, short_name, abbreviation, also_known_as, *identifiers = cells[:16]
    oin, tooi, roo, rsin, kvk, cbs, parent, safety_region, province = identifiers
    inhabitants, year, lon, lat, begin, end, announced, source = cells[16:]
    return PublicBody(
        code=code,
        name=name,
        type=cast(BodyType, body_type),
        status=cast(BodyStatus, status),
        short_name=short_name,
        abbreviation=abbreviation,
        also_known_as=tuple(also_known_as.split(" | ")) if also_known_as else (),
        oin=oin,
        tooi=tooi,
        roo=roo,
        rsin=rsin,
        kvk=kvk,
        cbs=cbs,
        parent=parent,
        safety_region=safety_region,
        province=province,
        inhabitants=int(inhabitants) if inhabitants else None,
        inhabitants_year=int(year) if year else None,
        lon=float(lon) if lon else None,
        lat=float(lat) if lat else None,
        valid_from=date.fromisoformat(begin) if begin else None,
        valid_until=date.fromisoformat(end) if end else None,
        announced_end=date.fromisoformat(announced) if announced else None,
        source=tuple(source.split(" ")),
    )
