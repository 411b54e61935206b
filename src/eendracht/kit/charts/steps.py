"""Steps: how a count goes over hours, from its least to its most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from eendracht.kit.charts.drawing import frame, hover, shape, text

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 640.0, 180.0, 48.0, 24.0, 12.0
_MARKS = 6


def draw_steps(
    code: str, title: str, about: str, counts: Sequence[tuple[float, int, int]], until: float, unit: str
) -> Markup:
    """Give a band between the least and the most from each moment on, until the end of what is followed.

    `counts` are moment, least and most, in order of time; `unit` stands behind the numbers under the axis. Raises
    ValueError where there are none.
    """
    if not counts:
        raise ValueError("steps without counts say nothing")
    most = max(max(high for _, _, high in counts), 1)

    def x(hours: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - 8) * min(hours, until) / until

    def y(count: float) -> float:
        return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - count / most)

    def parts() -> Iterator[Markup]:
        ends = [*(moment for moment, _, _ in counts[1:]), until]
        for (begin, low, high), end in zip(counts, ends, strict=True):
            said = hover(f"{begin:g}-{end:g} {unit}: {low}" + (f"-{high}" if high != low else ""))
            if high > low:
                yield shape(
                    "rect", "band", said, x=x(begin), y=y(high), width=x(end) - x(begin), height=y(low) - y(high)
                )
            if low:
                yield shape("rect", "bar", said, x=x(begin), y=y(low), width=x(end) - x(begin), height=y(0) - y(low))
        yield shape("path", "axis", d=f"M{_LEFT:.1f} {_TOP}V{y(0):.1f}H{_WIDTH - 8:.1f}")
        yield text(_LEFT - 6, y(most) + 4, str(most), anchor="end")
        yield text(_LEFT - 6, y(0), "0", anchor="end")
        for mark in range(_MARKS + 1):
            hours = until * mark / _MARKS
            anchor = "end" if mark == _MARKS else "middle"
            yield text(x(hours), _HEIGHT - 6, f"{hours:g} {unit}", anchor=anchor)

    return frame(code, _WIDTH, _HEIGHT, title, about, parts())
