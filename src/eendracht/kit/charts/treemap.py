"""A treemap: each thing a rectangle as large as its part of the whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from eendracht.kit.charts.drawing import CHARACTER_WIDTH, frame, hover, link, shape, text

_WIDTH, _HEIGHT = 640.0, 360.0
_EDGE: Final = 6.0
_LINE: Final = 16.0


@dataclass(frozen=True, slots=True)
class Tile:
    """One rectangle: what it is, how much, the amount as it is printed, and where it leads."""

    label: str
    value: float
    printed: str
    href: str = ""
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A place in the chart, in px."""

    x: float
    y: float
    width: float
    height: float


def draw_treemap(code: str, title: str, about: str, tiles: Sequence[Tile]) -> Markup:
    """Give the tiles, the largest first, each with an area in proportion to its value; those of nothing are left out.

    Raises ValueError where nothing has a value.
    """
    there = sorted((tile for tile in tiles if tile.value > 0), key=lambda tile: -tile.value)
    if not there:
        raise ValueError("a chart without tiles says nothing")
    places = lay_out_tiles([tile.value for tile in there], Rectangle(0.0, 0.0, _WIDTH, _HEIGHT))
    parts = (_draw(tile, place) for tile, place in zip(there, places, strict=True))
    return frame(code, _WIDTH, _HEIGHT, title, about, parts)


def lay_out_tiles(values: Sequence[float], room: Rectangle) -> list[Rectangle]:
    """Give each value, largest first, its rectangle, as near to a square as greed makes it.

    Bruls, Huizing & van Wijk, Squarified Treemaps (2000). The areas are in proportion to the values and fill the room.
    """
    scale = room.width * room.height / sum(values)
    areas = [value * scale for value in values]
    places: list[Rectangle] = []
    while areas:
        side = min(room.width, room.height)
        count = 1
        while count < len(areas) and _worst(areas[: count + 1], side) <= _worst(areas[:count], side):
            count += 1
        row, areas = areas[:count], areas[count:]
        placed, room = _place_row(row, room)
        places += placed
    return places


def _worst(row: Sequence[float], side: float) -> float:
    """Give the largest ratio of sides in a row that is laid along a side."""
    total = sum(row)
    return max(side**2 * max(row) / total**2, total**2 / (side**2 * min(row))) if side else 0.0


def _place_row(row: Sequence[float], room: Rectangle) -> tuple[list[Rectangle], Rectangle]:
    """Lay a row along the shorter side; give its places and the room that is left."""
    is_upright = room.width >= room.height
    side = min(room.width, room.height)
    total = sum(row)
    # The last row takes what is left: its area differs from that by what rounding added up.
    depth = min(total / side, max(room.width, room.height)) if side else 0.0
    at, placed = 0.0, []
    for area in row:
        length = side * area / total
        placed.append(
            Rectangle(room.x, room.y + at, depth, length)
            if is_upright
            else Rectangle(room.x + at, room.y, length, depth)
        )
        at += length
    if is_upright:
        return placed, Rectangle(room.x + depth, room.y, max(0.0, room.width - depth), room.height)
    return placed, Rectangle(room.x, room.y + depth, room.width, max(0.0, room.height - depth))


def _draw(tile: Tile, place: Rectangle) -> Markup:
    inner = Markup("").join(_parts(tile, place))
    return link(tile.href, inner) if tile.href else inner


def _parts(tile: Tile, place: Rectangle) -> Iterator[Markup]:
    css = "box box--here" if tile.is_marked else "box"
    label = hover(f"{tile.label}: {tile.printed}")
    yield shape("rect", css, label, x=place.x, y=place.y, width=place.width, height=place.height)
    most = int((place.width - 2 * _EDGE) / CHARACTER_WIDTH)
    if most >= 4 and place.height >= _LINE + _EDGE:
        yield text(place.x + _EDGE, place.y + _LINE, tile.label, most=most)
    if most >= len(tile.printed) and place.height >= 2 * _LINE + _EDGE:
        yield text(place.x + _EDGE, place.y + 2 * _LINE, tile.printed)
