"""The script that makes the tables: same output as what is committed, and centres that a brute force agrees with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from scripts.boundaries import Boundaries

from eendracht.reference import load_public_bodies

ROOT = Path(__file__).parents[2]
Shared = Callable[..., Path]
Ring = list[tuple[float, float]]


def test_the_script_makes_exactly_the_committed_tables(shared: Shared, tmp_path: Path) -> None:
    script = ROOT / "scripts" / "make_reference.py"
    for seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, str(script), str(shared()), str(tmp_path)], env=env, check=True, timeout=60)
        for name in ("public_bodies.csv", "public_body_defects.csv"):
            assert (tmp_path / name).read_bytes() == (ROOT / "src/eendracht/reference" / name).read_bytes(), name


def test_the_tables_are_small() -> None:
    assert sum(path.stat().st_size for path in (ROOT / "src/eendracht/reference").glob("public_*.csv")) < 600_000


def test_a_square_with_a_hole_and_an_island(tmp_path: Path) -> None:
    """A 4 by 4 square less a 2 by 2 hole at its lower left, and a 1 by 1 island whose ring runs the other way."""
    square, hole, island = (
        [(0, 0), (4, 0), (4, 4), (0, 4)],
        [(0, 0), (0, 2), (2, 2), (2, 0)],
        [(9, 9), (9, 10), (10, 10), (10, 9)],
    )
    arcs = [delta([*ring, ring[0]]) for ring in (square, hole, island)]
    area = {"id": "A", "type": "MultiPolygon", "properties": {"name": "A"}, "arcs": [[[0], [1]], [[~2]]]}
    path = write_topology(tmp_path, arcs, area)
    # surfaces 16, -4, 1 with centres (2, 2), (1, 1), (9.5, 9.5): (32 - 4 + 9.5) / 13
    assert Boundaries.read(path).centre(["A"]) == pytest.approx((37.5 / 13, 37.5 / 13))


def test_arcs_that_run_backwards_close_the_ring(tmp_path: Path) -> None:
    arcs = [delta([(0, 0), (2, 0), (2, 2)]), delta([(0, 0), (0, 2), (2, 2)])]
    area = {"id": "A", "type": "Polygon", "properties": {"name": "A"}, "arcs": [[0, ~1]]}
    assert Boundaries.read(write_topology(tmp_path, arcs, area)).centre(["A"]) == pytest.approx((1, 1))


def delta(points: list[tuple[int, int]]) -> list[list[int]]:
    previous = [(0, 0), *points]
    return [[x - px, y - py] for (px, py), (x, y) in zip(previous, points, strict=False)]


def write_topology(folder: Path, arcs: list[list[list[int]]], area: dict[str, object]) -> Path:
    objects = {"municipalities": {"geometries": [area]}, "safety_regions": {"geometries": []}}
    transform = {"scale": [1, 1], "translate": [0, 0]}
    path = folder / "map.json"
    path.write_text(json.dumps({"type": "Topology", "arcs": arcs, "transform": transform, "objects": objects}))
    return path


@pytest.mark.parametrize("code", ["gm0344", "gm0014", "gm0744", "gm1721", "gm0088", "gm1900", "so0588"])
def test_centres_equal_the_mean_of_a_grid_inside_the_boundary(shared: Shared, code: str) -> None:
    """Brute force: the mean of all points of a fine grid that lie inside by the even-odd rule."""
    body = next(body for body in load_public_bodies() if body.code == code)
    boundaries = Boundaries.read(shared("reference", "craft", "nl-municipalities-2023.topo.json"))
    rings = [boundaries.ring(ring) for polygon in boundaries.polygons[body.cbs] for ring in polygon]
    xs, ys = [x for ring in rings for x, _ in ring], [y for ring in rings for _, y in ring]
    steps = 120
    grid = [
        (min(xs) + (max(xs) - min(xs)) * (i + 0.5) / steps, min(ys) + (max(ys) - min(ys)) * (j + 0.5) / steps)
        for i in range(steps)
        for j in range(steps)
    ]
    inside = [point for point in grid if sum(crossings(point, ring) for ring in rings) % 2]
    assert body.lon == pytest.approx(sum(x for x, _ in inside) / len(inside), abs=0.01)
    assert body.lat == pytest.approx(sum(y for _, y in inside) / len(inside), abs=0.01)


def crossings(point: tuple[float, float], ring: Ring) -> int:
    x, y = point
    return sum(
        (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0 for (x0, y0), (x1, y1) in pairwise(ring)
    )
