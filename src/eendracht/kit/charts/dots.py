"""A dot plot on the map: places by their position, as large as what they count."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from eendracht.kit.charts.drawing import CHARACTER_WIDTH, frame, hover, link, shape, text

_WIDTH, _EDGE = 560.0, 16.0
_LARGEST: Final = 22.0
_SMALLEST: Final = 2.5
_LINE: Final = 16.0
# Degrees of longitude are this much shorter than those of latitude in the middle of the Netherlands (52.15° N).
_SHRINK: Final = math.cos(math.radians(52.15))


@dataclass(frozen=True, slots=True)
class Dot:
    """A place: WGS 84 in decimal degrees, what it counts, and where it leads."""

    label: str
    longitude: float
    latitude: float
    value: float
    href: str = ""
    name: str = ""
    """What stands beside it where it is one of the largest."""


def draw_dots(code: str, title: str, about: str, dots: Sequence[Dot], named: int = 0) -> Markup:
    """Give a dot per place, its area in proportion to its value, the largest at the back; `named` of them with a name.

    Places keep their distances (equirectangular around 52.15° N). Raises ValueError where there are none.
    """
    if not dots:
        raise ValueError("a map without places says nothing")
    west, east = min(dot.longitude for dot in dots), max(dot.longitude for dot in dots)
    south, north = min(dot.latitude for dot in dots), max(dot.latitude for dot in dots)
    room = _WIDTH - 2 * (_EDGE + _LARGEST)
    across = max((east - west) * _SHRINK, (north - south) * 0.4, 0.05)
    scale = room / across
    height = (north - south) * scale + 2 * (_EDGE + _LARGEST)
    most = max(dot.value for dot in dots) or 1
    indent = (room - (east - west) * _SHRINK * scale) / 2

    def place(dot: Dot) -> tuple[float, float, float]:
        radius = max(_SMALLEST, _LARGEST * math.sqrt(max(dot.value, 0) / most))
        x = _EDGE + _LARGEST + indent + (dot.longitude - west) * _SHRINK * scale
        return x, _EDGE + _LARGEST + (north - dot.latitude) * scale, radius

    ranked = sorted(dots, key=lambda item: (-item.value, item.label))

    def places() -> Iterator[Markup]:
        for dot in ranked:
            x, y, radius = place(dot)
            circle = shape("circle", "dot", hover(dot.label), cx=x, cy=y, r=radius)
            yield link(dot.href, circle) if dot.href else circle
        taken: list[tuple[float, float, float]] = []
        for dot in ranked[:named]:
            x, y, radius = place(dot)
            long = len(dot.name) * CHARACTER_WIDTH + 4
            # Where another name stands on its right, or the map ends, it stands on the left; else it stays away.
            for start in (x + radius + 4, x - radius - 4 - long):
                if 0 <= start <= _WIDTH - long and all(
                    abs(y - other) >= _LINE or start + long <= left or right <= start for left, right, other in taken
                ):
                    taken.append((start, start + long, y))
                    yield text(start, y + 4, dot.name, css="place")
                    break

    return frame(code, _WIDTH, height, title, about, places())
