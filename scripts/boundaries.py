"""Centres of areas in a TopoJSON map."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path

Point = tuple[float, float]


@dataclass(frozen=True)
class Boundaries:
    """The areas of a TopoJSON map (topojson-specification 1.0): decoded arcs, rings per area, names."""

    arcs: list[list[Point]]
    polygons: dict[str, list[list[list[int]]]]
    names: dict[str, str]
    safety_regions: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> Boundaries:
        """Read municipalities and safety regions, undoing the delta coding and the quantisation."""
        topology = json.loads(path.read_text(encoding="utf-8"))
        (scale_x, scale_y), (move_x, move_y) = topology["transform"]["scale"], topology["transform"]["translate"]
        arcs = []
        for arc in topology["arcs"]:
            steps = accumulate(arc, lambda at, step: (at[0] + step[0], at[1] + step[1]))
            arcs.append([(x * scale_x + move_x, y * scale_y + move_y) for x, y in steps])
        shapes = [g for key in ("municipalities", "safety_regions") for g in topology["objects"][key]["geometries"]]
        regions = topology["objects"]["safety_regions"]["geometries"]
        return cls(
            arcs=arcs,
            polygons={g["id"]: g["arcs"] if g["type"] == "MultiPolygon" else [g["arcs"]] for g in shapes},
            names={g["id"]: g["properties"]["name"] for g in shapes},
            safety_regions={g["id"]: g["properties"]["name"] for g in regions},
        )

    def ring(self, indexes: list[int]) -> list[Point]:
        """Join the arcs of one ring; ~i means arc i backwards, and each arc begins where the one before ended."""
        points: list[Point] = []
        for index in indexes:
            arc = self.arcs[index] if index >= 0 else self.arcs[~index][::-1]
            points.extend(arc[1:] if points else arc)
        return points

    def centre(self, areas: Iterable[str]) -> Point:
        """Give longitude and latitude of the area-weighted centroid of these areas together; holes are subtracted."""
        total = sum_x = sum_y = 0.0
        for area in areas:
            for polygon in self.polygons[area]:
                for number, indexes in enumerate(polygon):
                    surface, x, y = ring_moments(self.ring(indexes))
                    sign = 1 if number == 0 else -1
                    total, sum_x, sum_y = total + sign * surface, sum_x + sign * x, sum_y + sign * y
        return sum_x / total, sum_y / total


def ring_moments(points: list[Point]) -> tuple[float, float, float]:
    """Give the surface of a closed ring and its first moments, positive whatever way round the ring runs."""
    surface = moment_x = moment_y = 0.0
    for (x0, y0), (x1, y1) in pairwise(points):
        cross = x0 * y1 - x1 * y0
        surface += cross / 2
        moment_x += (x0 + x1) * cross / 6
        moment_y += (y0 + y1) * cross / 6
    sign = 1 if surface >= 0 else -1
    return sign * surface, sign * moment_x, sign * moment_y
