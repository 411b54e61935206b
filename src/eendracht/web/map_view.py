"""The map: municipalities by position and inhabitants, and the table of what it shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from eendracht.kernel.access import Principal
from eendracht.kernel.store import Query, Store
from eendracht.kit.charts import Dot, draw_dots
from eendracht.kit.i18n import Words


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality; what is not known of it is None."""

    ref: str
    name: str
    inhabitants: int | None
    year: int | None
    records: int
    """How many records it owns that the asker may see."""


@dataclass(frozen=True, slots=True)
class MapView:
    """The map with its table; `unplaced` counts municipalities without a known position."""

    chart: Markup | None
    places: Sequence[Place]
    unplaced: int
    inhabitants: int
    provinces: Sequence[tuple[str, str]]
    """Ref and name of each province."""
    province: str


MOST_NAMED: Final = 8
"""How many places stand on the map with their name, so that one knows where one looks."""


def view_map(
    store: Store, asker: Principal, province: str, words: Words, to_organisation: Callable[[str], str]
) -> MapView:
    """Give the municipalities of a province, or of the country."""
    places, dots = [], []
    provinces: dict[str, str] = {}
    unplaced = 0
    owned = store.facets(Query(), asker).owner
    for record in store.snapshot(asker, kind="organisation"):
        spec = record.spec(store.registry)
        if spec.get("type") == "province":
            provinces[record.ref] = record.name
        if spec.get("type") != "municipality" or (province and spec.get("province") != province):
            continue
        inhabitants = spec.get("inhabitants")
        place = Place(record.ref, record.name, inhabitants, spec.get("inhabitantsYear"), owned.get(record.ref, 0))
        places.append(place)
        position = spec.get("position")
        if position is None:
            unplaced += 1
            continue
        known = words.gettext("inhabitants unknown") if inhabitants is None else words.number(inhabitants)
        dots.append(
            Dot(
                f"{record.name}: {known}",
                float(position["longitude"]),
                float(position["latitude"]),
                inhabitants or 0,
                to_organisation(record.ref),
                record.name.removeprefix("Gemeente "),
            )
        )
    total = sum(place.inhabitants or 0 for place in places)
    chart = None
    if dots:
        about = words.ngettext(
            "%(count)s municipality as a dot at its centre, as large as its inhabitants. The table beneath lists it.",
            "%(count)s municipalities as dots at their centres, as large as their inhabitants. The table beneath"
            " lists them.",
            len(dots),
        )
        chart = draw_dots("map", words.gettext("Municipalities by inhabitants"), about, dots, MOST_NAMED)
    places.sort(key=lambda place: (-(place.inhabitants or 0), place.name))
    return MapView(chart, places, unplaced, total, sorted(provinces.items(), key=lambda p: p[1]), province)
