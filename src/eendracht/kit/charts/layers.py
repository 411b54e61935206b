"""A layered graph: who needs whom, consumers to the left of what they need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

from markupsafe import Markup

from eendracht.kit.charts.drawing import CHARACTER_WIDTH, frame, hover, link, shape, text

_BOX_WIDTH, _BOX_HEIGHT = 224.0, 64.0
_LINE = 18.0
_GAP_X, _GAP_Y = 56.0, 16.0
_SWEEPS = 4


@dataclass(frozen=True, slots=True)
class Box:
    """A node: its name, what it is, and where it leads; `is_here` marks the one that the graph is about."""

    id: str
    name: str
    about: str
    href: str = ""
    is_here: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """An edge from who needs to what is needed."""

    source: str
    target: str


def draw_layers(code: str, title: str, about: str, boxes: Sequence[Box], lines: Sequence[Line]) -> Markup:
    """Give the graph in layers, each edge from left to right but those that close a cycle.

    Layers by the longest path, order within a layer by the barycentre of neighbours (Sugiyama, Tagawa & Toda 1981).
    Lines between nodes that are not there are left out. Raises ValueError where there are no boxes.
    """
    if not boxes:
        raise ValueError("a graph without nodes says nothing")
    known = {box.id for box in boxes}
    kept = [line for line in lines if line.source in known and line.target in known and line.source != line.target]
    layers = _order(_layer(boxes, kept), kept)
    tallest = max(len(layer) for layer in layers)
    height = tallest * (_BOX_HEIGHT + _GAP_Y)
    places: dict[str, tuple[float, float]] = {}
    for column, layer in enumerate(layers):
        top = (height - len(layer) * (_BOX_HEIGHT + _GAP_Y) + _GAP_Y) / 2
        for row, name in enumerate(layer):
            places[name] = (2 + column * (_BOX_WIDTH + _GAP_X), top + row * (_BOX_HEIGHT + _GAP_Y))
    width = 4 + len(layers) * (_BOX_WIDTH + _GAP_X) - _GAP_X

    def parts() -> Iterator[Markup]:
        for line in kept:
            yield _draw_line(places[line.source], places[line.target])
        for box in boxes:
            yield _draw_box(box, *places[box.id])

    return frame(code, width, height, title, about, parts())


def _layer(boxes: Sequence[Box], lines: Sequence[Line]) -> list[list[str]]:
    """Give each node the longest path that leads to it; an edge that closes a cycle does not count."""
    needs: dict[str, list[str]] = {box.id: [] for box in boxes}
    for line in lines:
        needs[line.source].append(line.target)
    depth = dict.fromkeys(needs, 0)
    done: set[str] = set()
    order: list[str] = []
    for start in needs:
        _walk(start, needs, done, order)
    rank = {name: at for at, name in enumerate(reversed(order))}
    for name in reversed(order):
        for target in needs[name]:
            if rank[target] > rank[name]:
                depth[target] = max(depth[target], depth[name] + 1)
    layers: list[list[str]] = [[] for _ in range(max(depth.values()) + 1)]
    for box in boxes:
        layers[depth[box.id]].append(box.id)
    return [layer for layer in layers if layer]


def _walk(start: str, needs: Mapping[str, Sequence[str]], done: set[str], order: list[str]) -> None:
    """Add what can be reached to the order, each node after all that it needs; without recursion."""
    stack = [(start, iter(needs[start]))] if start not in done else []
    done.add(start)
    while stack:
        name, rest = stack[-1]
        following = next((target for target in rest if target not in done), None)
        if following is None:
            order.append(name)
            stack.pop()
        else:
            done.add(following)
            stack.append((following, iter(needs[following])))


def _order(layers: list[list[str]], lines: Sequence[Line]) -> list[list[str]]:
    near: dict[str, list[str]] = {name: [] for layer in layers for name in layer}
    for line in lines:
        near[line.source].append(line.target)
        near[line.target].append(line.source)
    for _ in range(_SWEEPS):
        place = {name: row / max(1, len(layer) - 1) for layer in layers for row, name in enumerate(layer)}
        for layer in layers:
            centre = {
                name: sum(place[other] for other in near[name]) / len(near[name]) if near[name] else place[name]
                for name in layer
            }
            layer.sort(key=lambda name: centre[name])
            place |= {name: row / max(1, len(layer) - 1) for row, name in enumerate(layer)}
    return layers


def _draw_line(source: tuple[float, float], target: tuple[float, float]) -> Markup:
    x1, y1 = source[0] + _BOX_WIDTH, source[1] + _BOX_HEIGHT / 2
    x2, y2 = target[0], target[1] + _BOX_HEIGHT / 2
    if target[0] <= source[0]:
        # It goes back: around the outside, so that it is seen to be another way.
        x1, x2 = source[0] + _BOX_WIDTH / 2, target[0] + _BOX_WIDTH / 2
        y1, y2 = source[1], target[1]
        top = min(y1, y2) - 12
        return shape("path", "edge", d=f"M{x1:.1f} {y1:.1f}C{x1:.1f} {top:.1f} {x2:.1f} {top:.1f} {x2:.1f} {y2:.1f}")
    half = (x1 + x2) / 2
    curve = shape("path", "edge", d=f"M{x1:.1f} {y1:.1f}C{half:.1f} {y1:.1f} {half:.1f} {y2:.1f} {x2:.1f} {y2:.1f}")
    return curve + shape("path", "edge", d=f"M{x2 - 6:.1f} {y2 - 4:.1f}L{x2:.1f} {y2:.1f}L{x2 - 6:.1f} {y2 + 4:.1f}")


def _draw_box(box: Box, x: float, y: float) -> Markup:
    most = int((_BOX_WIDTH - 16) / CHARACTER_WIDTH)
    # A long name goes on in a second line; what follows that is in the title of the box and in the lists of the page.
    name = wrap(box.name, most) or [box.name]
    said = [name[0]] if len(name) == 1 else [name[0], " ".join(name[1:])]
    top = y + (_BOX_HEIGHT - _LINE * (len(said) + 1)) / 2 + 13
    lines = Markup("").join(
        text(x + 8, top + at * _LINE, line, most=most) for at, line in enumerate((*said, box.about))
    )
    inner = (
        shape(
            "rect",
            "box box--here" if box.is_here else "box",
            hover(f"{box.name} ({box.about})"),
            x=x,
            y=y,
            width=_BOX_WIDTH,
            height=_BOX_HEIGHT,
            rx=4,
        )
        + lines
    )
    return link(box.href, inner) if box.href else inner
