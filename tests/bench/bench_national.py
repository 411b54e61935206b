"""National estate: from records to every supplier's failure, and the hidden weak points found."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import orjson

from eendracht.bootstrap import create_instance
from eendracht.config import Settings
from eendracht.demo import generate_estate
from eendracht.kernel.access import OPERATOR
from eendracht.kernel.estate import find_single_points
from eendracht.kernel.landscape import build_landscape
from eendracht.kernel.store import load
from eendracht.reference import OBSERVED_ON, load_public_bodies
from tests.bench.rows import RUNS, Row, median_of, timed

SEED = 2026
# What the parent weighed at the fork would count in ru_maxrss of the child, so it reads its own peak.
_MAIN = """
import atexit, sys
from eendracht.bootstrap import main
atexit.register(lambda: sys.stderr.write(open("/proc/self/status").read()))
main()
"""


def measure() -> list[Row]:
    """Run in a process of its own, so that its peak memory is its own."""
    command = [sys.executable, "-m", "tests.bench.bench_national"]
    result = subprocess.run(command, capture_output=True, check=True)
    return [Row(**row) for row in orjson.loads(result.stdout.splitlines()[-1])]


def _measure() -> list[Row]:
    bodies = [body for body in load_public_bodies() if body.is_valid_on(OBSERVED_ON) is not False]
    estate = generate_estate("national", SEED, bodies)
    with (
        tempfile.TemporaryDirectory(prefix="eendracht-bench-") as folder,
        create_instance(Settings(folder=Path(folder) / "node")) as instance,
    ):
        started = time.perf_counter()
        count = load(instance.store, estate.drafts)
        load_rate = count / (time.perf_counter() - started)
        build = median_of(lambda: timed(lambda: build_landscape(instance.store, OPERATOR)), 3)
        landscape = build_landscape(instance.store, OPERATOR)
        command = [sys.executable, "-c", _MAIN, "--folder", str(instance.settings.folder), "estate", "suppliers"]
        started = time.perf_counter()
        status = subprocess.run(command, capture_output=True, check=True, text=True).stderr
        command_seconds = time.perf_counter() - started
        command_peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    plan = timed(lambda: landscape.estate.plan)
    clusters = landscape.supplier_clusters
    sweep_seconds = median_of(lambda: timed(landscape.sweep_suppliers))
    sweep = landscape.sweep_suppliers()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    stopping = {clusters[at] for at in sweep.by_critical.tolist()}
    points = find_single_points(landscape.estate, unknown="best")
    critical_points = {landscape.things[node].ref for node in points.nodes.tolist()}
    singles = median_of(lambda: timed(lambda: find_single_points(landscape.estate, unknown="best")), 3)
    planted = [weakness.node for weakness in estate.planted.single_points]
    found = [node for node in planted if node in critical_points or landscape.clusters.get(node, "") in stopping]
    table = landscape.estate.run
    sizes = f"{len(landscape.estate):,} nodes, {len(table):,} groups, {len(table.provider):,} edges, seed {SEED}"
    reported = len(critical_points) + len(stopping)
    return [
        Row("load with indexes", load_rate, "records/s", count, f"{sizes}, empty node", runs=1),
        Row("records to estate", build, "s", count, f"{sizes}, warm", "lower", runs=3),
        Row("order of work, once", plan, "s", 1, sizes, "lower", runs=1),
        Row(
            "every supplier stops, one at a time",
            sweep_seconds,
            "s",
            len(clusters),
            f"{sizes}, warm",
            "lower",
            10,
            runs=RUNS,
        ),
        Row("the command estate suppliers, from records", command_seconds, "s", 1, f"{sizes}, cold", "lower", runs=1),
        Row("peak memory of that command", command_peak, "MB", 1, sizes, "lower", 1000, runs=1),
        Row("peak memory where one process also made and loaded the records", peak, "MB", 1, sizes, "lower", runs=1),
        Row("every node fails alone", singles, "s", len(landscape.estate), f"{sizes}, warm", "lower", runs=3),
        Row(
            "planted weak points found",
            len(found),
            "of them",
            len(planted),
            sizes,
            "higher",
            len(planted),
            runs=1,
            remark=f"missing: {sorted(set(planted) - set(found))}" if len(found) < len(planted) else "",
        ),
        Row(
            "share of what is reported that was planted",
            len(found) / max(1, reported),
            "",
            reported,
            sizes,
            runs=1,
            remark="the others are natural weak points, each confirmed by the sweep itself; they are no false alarms",
        ),
    ]


if __name__ == "__main__":
    print(orjson.dumps([row.__dict__ for row in _measure()]).decode())
