"""Spans of time beneath each other, each with a mark, and a line at today."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from markupsafe import Markup

from eendracht.kit.charts.drawing import CHARACTER_WIDTH, frame, hover, shape, text

_ROW, _BAR, _WIDTH, _LABELS = 28, 12, 640.0, 224.0
_HEAD: Final = 20
_HALF: Final = 6.0


@dataclass(frozen=True, slots=True)
class Span:
    """One span: its label, from and until when (None: open), a day that is marked, and what a pointer sees."""

    label: str
    begin: date | None
    end: date | None
    mark: date | None
    about: str


def draw_spans(code: str, title: str, about: str, spans: Sequence[Span], first: date, last: date, now: date) -> Markup:
    """Give a bar per span, cut at the first and the last day, with a diamond at its mark and a line at `now`.

    Raises ValueError where there are none.
    """
    if not spans:
        raise ValueError("a chart without spans says nothing")
    days = max(1, (last - first).days)

    def place(day: date) -> float:
        part = min(max((day - first).days / days, 0.0), 1.0)
        return _LABELS + 8 + part * (_WIDTH - _LABELS - 16)

    def rows() -> Iterator[Markup]:
        for year in range(first.year + 1, last.year + 1):
            x = place(date(year, 1, 1))
            yield shape("path", "axis", d=f"M{x:.1f} {_HEAD}V{_HEAD + len(spans) * _ROW}")
            yield text(x, 12, str(year), anchor="middle")
        for at, span in enumerate(spans):
            y = _HEAD + at * _ROW + (_ROW - _BAR) / 2
            yield text(_LABELS, y + 10, span.label, anchor="end", most=int(_LABELS / CHARACTER_WIDTH))
            begin, end = place(span.begin or first), place(span.end or last)
            yield shape("rect", "box", hover(span.about), x=begin, y=y, width=max(end - begin, 2.0), height=_BAR)
            if span.mark is not None and first <= span.mark <= last:
                x, middle = place(span.mark), y + _BAR / 2
                yield shape("path", "bar", hover(span.about), d=_diamond(x, middle))
        yield shape("path", "line", d=f"M{place(now):.1f} {_HEAD}V{_HEAD + len(spans) * _ROW}")

    return frame(code, _WIDTH, _HEAD + len(spans) * _ROW, title, about, rows())


def _diamond(x: float, y: float) -> str:
    return f"M{x:.1f} {y - _HALF:.1f}L{x + _HALF:.1f} {y:.1f}L{x:.1f} {y + _HALF:.1f}L{x - _HALF:.1f} {y:.1f}Z"
