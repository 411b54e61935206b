"""Charts: well-formed SVG with title and description, sizes in proportion, no name that becomes markup."""

from __future__ import annotations

import math
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from eendracht.kit.charts import Bar, Box, Dot, Line, draw_bars, draw_dots, draw_layers, draw_sparkline

HOSTILE = '"><script>alert(1)</script>&<b'
NAMES = st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="￾￿"), max_size=40)


def parse(svg: str) -> Element:
    drawn = fromstring(str(svg).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))
    assert drawn.get("role") == ("group" if "<a " in str(svg) else "img")
    ids = (drawn.get("aria-labelledby") or "").split()
    assert [child.get("id") for child in drawn[:2]] == ids
    for element in drawn.iter():
        assert element.tag.rpartition("}")[2] in {"svg", "title", "desc", "rect", "circle", "path", "text", "a"}
    return drawn


def all_of(drawn: Element, tag: str) -> list[Element]:
    return [element for element in drawn.iter() if element.tag.endswith("}" + tag)]


def number(element: Element, name: str) -> float:
    return float(element.get(name) or "nan")


@given(st.lists(st.tuples(NAMES, st.floats(0, 1e9)), min_size=1, max_size=12))
def test_bars_are_as_long_as_what_they_count(rows: list[tuple[str, float]]) -> None:
    drawn = parse(draw_bars("b", HOSTILE, HOSTILE, [Bar(label, value, f"{value:g}") for label, value in rows]))
    lengths = [number(bar, "width") for bar in all_of(drawn, "rect")]
    most = max(value for _, value in rows)
    for (_, value), length in zip(rows, lengths, strict=True):
        assert math.isclose(length, max(lengths) * value / most if most else 0, abs_tol=0.11)
    for bar in all_of(drawn, "rect"):
        assert number(bar, "x") + number(bar, "width") <= 640


@given(st.lists(st.tuples(st.floats(3.3, 7.3), st.floats(50.7, 53.6), st.integers(0, 10**6)), min_size=1, max_size=50))
def test_dots_stand_inside_the_map_and_cover_what_they_count(places: list[tuple[float, float, int]]) -> None:
    dots = [Dot(HOSTILE, lon, lat, value) for lon, lat, value in places]
    drawn = parse(draw_dots("d", "t", "a", dots))
    width, height = (float(side) for side in (drawn.get("viewBox") or "").split()[2:])
    most = max(value for *_, value in places)
    circles = all_of(drawn, "circle")
    assert len(circles) == len(places)
    for circle, value in zip(circles, sorted((v for *_, v in places), reverse=True), strict=True):
        assert 0 <= number(circle, "cx") <= width
        assert 0 <= number(circle, "cy") <= height
        expected = 22 * math.sqrt(value / most) if most else 0
        assert math.isclose(number(circle, "r"), max(2.5, expected), abs_tol=0.06)


def test_the_map_keeps_north_up_and_distances_true() -> None:
    # Amersfoort, the origin of the Dutch grid, with places 10 km north and 10 km east of it (RD: 155000, 463000).
    here, north, east = (5.387206, 52.155172), (5.387206, 52.245062), (5.533297, 52.155110)
    drawn = parse(draw_dots("d", "t", "a", [Dot("x", lon, lat, 1) for lon, lat in (here, north, east)]))
    (x0, y0), (x1, y1), (x2, _) = ((number(c, "cx"), number(c, "cy")) for c in all_of(drawn, "circle"))
    assert y1 < y0
    assert x2 > x0
    assert math.isclose(y0 - y1, x2 - x0, rel_tol=0.01)
    assert math.isclose(x0, x1, abs_tol=0.1)


EDGES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30)


@given(EDGES)
def test_layers_put_what_needs_before_what_is_needed(edges: list[tuple[int, int]]) -> None:
    boxes = [Box(str(at), f"{HOSTILE}{at}", "soort", f"/nl/{at}") for at in range(10)]
    drawn = parse(draw_layers("g", "t", "a", boxes, [Line(str(a), str(b)) for a, b in edges]))
    places = {}
    for anchor in all_of(drawn, "a"):
        rect = all_of(anchor, "rect")[0]
        places[int((anchor.get("href") or "")[4:])] = (number(rect, "x"), number(rect, "y"))
    assert len(places) == 10
    assert len(set(places.values())) == 10
    if _is_acyclic(edges):
        for source, target in edges:
            assert places[source][0] < places[target][0]


def _is_acyclic(edges: list[tuple[int, int]]) -> bool:
    import networkx

    return networkx.is_directed_acyclic_graph(networkx.DiGraph(edges))


@given(st.lists(st.tuples(st.floats(3.4, 7.2), st.floats(50.8, 53.5), st.floats(0, 1e6)), min_size=1, max_size=20))
def test_names_on_a_map_never_stand_in_each_other(places: list[tuple[float, float, float]]) -> None:
    dots = [Dot(f"p{at}", x, y, value, name=f"Plaats {at}") for at, (x, y, value) in enumerate(places)]
    drawn = parse(draw_dots("m", "t", "a", dots, named=8))
    texts = all_of(drawn, "text")
    assert 1 <= len(texts) <= 8
    boxes = [(float(item.get("x") or 0), float(item.get("y") or 0), len(item.text or "") * 7.2) for item in texts]
    for at, (x, y, width) in enumerate(boxes):
        assert x >= 0
        assert x + width <= 560
        for other_x, other_y, other_width in boxes[:at]:
            assert abs(y - other_y) >= 15.8 or x + width <= other_x + 0.2 or other_x + other_width <= x + 0.2


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60))
def test_a_sparkline_goes_through_every_value(values: list[float]) -> None:
    drawn = parse(draw_sparkline("s", "t", "a", values))
    path = (all_of(drawn, "path")[0].get("d") or "")[1:].split("L")
    heights = [float(point.split()[1]) for point in path]
    assert len(heights) == len(values)
    assert heights.index(min(heights)) in [
        at for at, value in enumerate(values) if max(values) - value <= (max(values) - min(values)) / 200
    ]


@pytest.mark.parametrize("draw", [draw_bars, draw_dots, draw_sparkline])
def test_a_chart_of_nothing_is_refused(draw: object) -> None:
    with pytest.raises(ValueError, match="nothing"):
        draw("c", "t", "a", [])  # type: ignore[operator]
    with pytest.raises(ValueError, match="nothing"):
        draw_layers("c", "t", "a", [], [])
