"""Bars: how much there is of each of a few things, largest first as given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from eendracht.kit.charts.drawing import CHARACTER_WIDTH, frame, hover, shape, text

_ROW, _BAR, _WIDTH = 32, 16, 640


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it is, how much, and the amount as it is printed."""

    label: str
    value: float
    printed: str


def draw_bars(code: str, title: str, about: str, bars: Sequence[Bar]) -> Markup:
    """Give horizontal bars from zero; a value below zero has no bar. Raises ValueError where there are none."""
    if not bars:
        raise ValueError("a chart without bars says nothing")
    most = max(max(bar.value for bar in bars), 0) or 1
    tail = max(len(bar.printed) for bar in bars) * CHARACTER_WIDTH + 8
    labels = min(max(len(bar.label) for bar in bars) * CHARACTER_WIDTH, _WIDTH * 0.4)
    room = _WIDTH - labels - 8 - tail

    def rows() -> Iterator[Markup]:
        for at, bar in enumerate(bars):
            y = at * _ROW + (_ROW - _BAR) / 2
            length = room * max(bar.value, 0) / most
            yield text(labels, y + 12, bar.label, anchor="end", most=int(labels / CHARACTER_WIDTH))
            label = hover(f"{bar.label}: {bar.printed}")
            yield shape("rect", "bar", label, x=labels + 8, y=y, width=length, height=_BAR, rx=2)
            yield text(labels + 12 + length, y + 12, bar.printed)
        yield shape("path", "axis", d=f"M{labels + 8:.1f} 0V{len(bars) * _ROW}")

    return frame(code, _WIDTH, len(bars) * _ROW, title, about, rows())
