"""A Gantt chart: what is done when, one row per job, with a line at the present hour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from markupsafe import Markup

from eendracht.kit.charts.drawing import CHARACTER_WIDTH, frame, hover, shape, text

_ROW, _BAR, _WIDTH, _LABELS = 26, 14, 960.0, 280.0
_HEAD: Final = 22
_MARKS: Final = 8

State = Literal["planned", "running", "done", "late"]
_CSS: Final = {"planned": "bar", "running": "bar bar--running", "done": "box", "late": "bar bar--late"}


@dataclass(frozen=True, slots=True)
class GanttBar:
    """One job: from and until when in hours, how it stands, and what a pointer sees; state is told in words too."""

    label: str
    start_hours: float
    end_hours: float
    state: State
    about: str


def draw_gantt(
    code: str, title: str, about: str, bars: Sequence[GanttBar], now_hours: float | None, unit: str
) -> Markup:
    """Give a bar per job over the hours until the last is done. Raises ValueError where there are none."""
    if not bars:
        raise ValueError("a chart without jobs says nothing")
    until = max(max(bar.end_hours for bar in bars), now_hours or 0, 1e-6)
    height = _HEAD + len(bars) * _ROW

    def x(hours: float) -> float:
        return _LABELS + 8 + (_WIDTH - _LABELS - 24) * min(hours, until) / until

    def parts() -> Iterator[Markup]:
        for mark in range(_MARKS + 1):
            hours = until * mark / _MARKS
            yield shape("path", "edge", d=f"M{x(hours):.1f} {_HEAD}V{height}")
            yield text(x(hours), 14, f"{hours:.0f} {unit}", anchor="middle")
        for at, bar in enumerate(bars):
            y = _HEAD + at * _ROW + (_ROW - _BAR) / 2
            yield text(_LABELS, y + 11, bar.label, anchor="end", most=int(_LABELS / CHARACTER_WIDTH))
            width = max(x(bar.end_hours) - x(bar.start_hours), 2.0)
            yield shape(
                "rect", _CSS[bar.state], hover(bar.about), x=x(bar.start_hours), y=y, width=width, height=_BAR, rx=2
            )
        if now_hours is not None:
            yield shape("path", "line", d=f"M{x(now_hours):.1f} {_HEAD}V{height}")

    return frame(code, _WIDTH, height, title, about, parts())
