"""A sparkline: how a number went, as small as a word."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from eendracht.kit.charts.drawing import frame, shape

_WIDTH, _HEIGHT, _EDGE = 160, 32, 4


def draw_sparkline(code: str, title: str, about: str, values: Sequence[float]) -> Markup:
    """Give a line through the values at equal steps, from their least to their most, the last one marked.

    Raises ValueError where there are none.
    """
    if not values:
        raise ValueError("a line without values says nothing")
    least, most = min(values), max(values)
    span = (most - least) or 1
    step = (_WIDTH - 2 * _EDGE) / max(1, len(values) - 1)
    points = [
        (_EDGE + at * step, _HEIGHT - _EDGE - (_HEIGHT - 2 * _EDGE) * (value - least) / span)
        for at, value in enumerate(values)
    ]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    x, y = points[-1]
    parts = [shape("path", "line", d=path), shape("circle", "dot", cx=x, cy=y, r=3)]
    return frame(code, _WIDTH, _HEIGHT, title, about, parts)
