"""Treemaps and spans: areas add up and do not overlap, and days stand where they belong."""

from __future__ import annotations

import math
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eendracht.kit.charts.spans import Span, draw_spans
from eendracht.kit.charts.treemap import Rectangle, Tile, draw_treemap, lay_out_tiles


@given(
    values=st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=40), width=st.floats(50, 900), height=st.floats(50, 900)
)
def test_areas_are_in_proportion_and_fill_the_room(values: list[float], width: float, height: float) -> None:
    values.sort(reverse=True)
    places = lay_out_tiles(values, Rectangle(0.0, 0.0, width, height))
    whole = sum(values)
    for value, place in zip(values, places, strict=True):
        assert math.isclose(place.width * place.height, width * height * value / whole, rel_tol=1e-6, abs_tol=1e-6)
        assert place.x >= -1e-6 and place.x + place.width <= width + 1e-6
        assert place.y >= -1e-6 and place.y + place.height <= height + 1e-6
    for at, one in enumerate(places):
        for other in places[at + 1 :]:
            across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
            down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
            assert across <= 1e-6 or down <= 1e-6 or across * down <= 1e-6


def test_the_published_example_is_laid_out_as_published() -> None:
    """Bruls, Huizing & van Wijk: 6, 6, 4, 3, 2, 2, 1 in a room of 6 by 4; the first two stand beside the long side."""
    places = lay_out_tiles([6, 6, 4, 3, 2, 2, 1], Rectangle(0.0, 0.0, 6.0, 4.0))
    sizes = [(round(place.width, 2), round(place.height, 2)) for place in places]
    assert sizes[:4] == [(3.0, 2.0), (3.0, 2.0), (1.71, 2.33), (1.29, 2.33)]


def test_a_chart_escapes_what_it_shows_and_refuses_nothing() -> None:
    with pytest.raises(ValueError, match="says nothing"):
        draw_treemap("t", "T", "A", [Tile("leeg", 0, "0")])
    chart = draw_treemap(
        "t", "T", "A", [Tile("<b>groot</b>", 3, "75 %", is_marked=True), Tile("klein", 1, "25 %", "/x")]
    )
    assert "<b>" not in chart and "&lt;b&gt;" in chart and 'href="/x"' in chart
    with pytest.raises(ValueError, match="says nothing"):
        draw_spans("s", "T", "A", [], date(2026, 1, 1), date(2027, 1, 1), date(2026, 6, 1))


def test_days_stand_in_order() -> None:
    span = Span("contract", date(2026, 1, 1), date(2027, 1, 1), date(2026, 10, 1), "opzeggen")
    chart = draw_spans("s", "T", "A", [span], date(2025, 7, 1), date(2027, 7, 1), date(2026, 7, 1))
    bar = re.search(r'<rect class="box" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', chart)
    now = re.search(r'class="line" d="M([\d.]+)', chart)
    mark = re.search(r'class="bar" d="M([\d.]+)', chart)
    assert bar and now and mark
    begin, width = float(bar[1]), float(bar[2])
    # Half of the shown two years, from a quarter of it; the mark is at three quarters of the bar.
    assert begin < float(now[1]) < float(mark[1]) < begin + width
    assert float(mark[1]) == pytest.approx(begin + width * 273 / 365, abs=0.2)
