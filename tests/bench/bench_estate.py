"""Measure the estate: all single-supplier failures of a national estate, beside graph libraries that only know reach.

`measure_estate` gives one row per figure. The peers answer an easier question: which nodes can be reached from a
supplier at all. They ignore redundancy, so their sets are too large; they are here because people use them for this.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any, TypeAlias

import numpy as np

from eendracht.kernel.estate import (
    RUN,
    Estate,
    OutageReasons,
    Seed,
    assemble_estate,
    compute_failure_times,
    explain_failures,
    find_single_points,
    list_scenarios,
    simulate,
    sweep_failures,
)
from eendracht.kernel.estate.adjacency import Ints
from eendracht.kernel.estate.plan import build_plan
from tests.bench.national import NationalEstate, draw_national_estate
from tests.bench.rows import Row as ReportRow

Row: TypeAlias = dict[str, Any]

SEED = 20_261_123
ROUNDS = 5
_NETWORKX_SAMPLE, _SCIPY_SAMPLE = 10, 100
_ROOT = Path(__file__).parents[2]


def measure() -> list[ReportRow]:
    """Give the rows of the report."""
    return [
        ReportRow(
            row["name"],
            row["median"],
            row["unit"],
            row["n"],
            f"{row['sizes']}, seed {row['seed']}, {row['state']}",
            "lower",
            row["bar"],
            row.get("peer", ""),
            row.get("peer_median"),
            runs=1 if row["unit"] == "MB" else ROUNDS,
            remark="peers see reach only and ignore redundancy; sampled and extrapolated" if "peer" in row else "",
        )
        for row in measure_estate()
    ]


def measure_estate(rounds: int = ROUNDS) -> list[Row]:
    """Measure everything, on an estate without cycles and on one with 1% of its edges turned back."""
    rows: list[Row] = []
    for back_share in (0.0, 0.01):
        national = draw_national_estate(SEED, back_share=back_share)
        rows += _measure_one(national, "1% back edges" if back_share else "no cycles", rounds)
        rows.append(_measure_peak(back_share, rows[-1]["sizes"]))
    return rows


def _measure_one(national: NationalEstate, kind: str, rounds: int) -> Iterator[Row]:
    estate = national.estate
    scenarios = list_scenarios(national.scenarios)
    sizes = f"{len(estate):,} nodes, {len(estate.run):,} groups, {len(estate.run.provider):,} edges, {kind}"

    def row(name: str, n: int, seconds: float, warm: str, bar: float | None, **peer: Any) -> Row:
        return {
            "name": name,
            "n": n,
            "sizes": sizes,
            "seed": SEED,
            "state": warm,
            "median": round(seconds, 4),
            "unit": "s",
            "bar": bar,
            **peer,
        }

    yield row(
        "assemble estate from columns", len(estate.run), _time(lambda: _assemble_again(estate), rounds), "cold", 2.0
    )
    yield row("plan", len(estate.run), _time(lambda: build_plan(estate.run), rounds), "cold", None)
    _ = estate.plan
    ours = _time(lambda: sweep_failures(estate, scenarios, unknown="best"), rounds)
    for peer, seconds in (_time_networkx(national), _time_scipy(national, rounds)):
        named = {"peer": peer, "peer_median": round(seconds, 1), "ratio": round(seconds / ours, 1)}
        yield row("all single-supplier failures", len(national.scenarios), ours, "warm", 10.0, **named)
    failed = sweep_failures(estate, scenarios, unknown="best").failed_count
    seeds = [Seed(node) for node in national.scenarios[int(failed.argmax())].tolist()]
    worst = f"worst supplier, {failed.max():,} nodes fail"
    yield row(f"failure times, {worst}", 1, _time(lambda: _time_once(estate, seeds, False), rounds), "warm", 0.05)
    yield row(
        "the same with reasons, 100 written out", 1, _time(lambda: _time_once(estate, seeds, True), rounds), "warm", 0.5
    )
    repaired = [Seed(seed.node, 0.0, 8.0) for seed in seeds]
    simulated = _time(lambda: simulate(estate, repaired, unknown="best"), rounds)
    yield row(f"simulation with repair, {worst}", 1, simulated, "warm", None)
    for wanted, bar in ((451, 0.5), (20_000, 2.0)):
        seeds, fallen = _fail_about(national, failed, wanted)
        explained = _time(lambda seeds=seeds: _explain_all(estate, seeds), rounds)  # type: ignore[misc]
        yield row(
            f"timed scenario with repair, every failed node explained, {fallen:,} nodes fail", 1, explained, "warm", bar
        )
    points = _time(lambda: find_single_points(estate, unknown="best"), rounds)
    yield row("single points of failure, every node", len(estate), points, "warm", None)


def _fail_about(national: NationalEstate, failed: Ints, wanted: int) -> tuple[list[Seed], int]:
    """Give suppliers that together bring down about so many nodes, and how many they do."""
    order = np.argsort(np.abs(failed - wanted), kind="stable") if failed.max() >= wanted else np.argsort(-failed)
    seeds: list[Seed] = []
    fallen = 0
    for supplier in order.tolist():
        seeds += [Seed(node, 0.0, 48.0) for node in national.scenarios[supplier].tolist()]
        permanent = [Seed(seed.node) for seed in seeds]
        fallen = len(compute_failure_times(national.estate, permanent, unknown="best").failed)
        if fallen >= 0.95 * wanted:
            break
    return seeds, fallen


def _explain_all(estate: Estate, seeds: Sequence[Seed]) -> None:
    """Run a scenario with buffers, change-overs and repair, and write out the chain of every node that fails."""
    result = simulate(estate, seeds, unknown="best")
    reasons = OutageReasons(result)
    for node in result.by_node:
        if any(not change.state.delivers for change in result.by_node[node]):
            for step in reasons.path(node):
                step.say("nl")


def _time(work: Callable[[], object], rounds: int) -> float:
    """Give the median duration in seconds."""
    durations = []
    for _ in range(rounds):
        begin = time.perf_counter()
        work()
        durations.append(time.perf_counter() - begin)
    return median(durations)


def _time_once(estate: Estate, seeds: Sequence[Seed], explain: bool) -> None:
    times = compute_failure_times(estate, seeds, unknown="best")
    if explain:
        witnesses = explain_failures(times)
        for node in times.failed[-100:].tolist():
            witnesses.path(node)


def _assemble_again(estate: Estate) -> Estate:
    run = estate.run
    return assemble_estate(
        estate.names,
        consumer=run.consumer,
        sizes=run.sizes,
        k=run.k,
        phase=RUN,
        provider=run.provider,
        buffer_hours=run.buffer_seconds / 3600,
        critical=estate.critical,
    )


def _list_edges(estate: Estate) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    return estate.run.provider, estate.run.consumer[estate.run.group_of_member]


def _time_networkx(national: NationalEstate) -> tuple[str, float]:
    import networkx as nx  # type: ignore[import-untyped]

    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(national.estate)))
    graph.add_edges_from(zip(*(side.tolist() for side in _list_edges(national.estate)), strict=True))
    sample = _sample(national, _NETWORKX_SAMPLE)
    seconds = _time(lambda: [nx.descendants(graph, node) for nodes in sample for node in nodes], 1)
    name = f"networkx {nx.__version__} descendants, reach only, {len(sample)} suppliers extrapolated, once"
    return name, seconds / len(sample) * len(national.scenarios)


def _time_scipy(national: NationalEstate, rounds: int) -> tuple[str, float]:
    import scipy  # type: ignore[import-untyped]
    from scipy.sparse import csr_array  # type: ignore[import-untyped]
    from scipy.sparse.csgraph import breadth_first_order  # type: ignore[import-untyped]

    size = len(national.estate)
    sides = _list_edges(national.estate)
    graph = csr_array((np.ones(len(sides[0]), np.int8), sides), shape=(size, size))
    sample = _sample(national, _SCIPY_SAMPLE)

    def search() -> None:
        for nodes in sample:
            for node in nodes:
                breadth_first_order(graph, node, return_predecessors=False)

    name = f"scipy {scipy.__version__} breadth_first_order, reach only, {len(sample)} suppliers extrapolated"
    return name, _time(search, rounds) / len(sample) * len(national.scenarios)


def _sample(national: NationalEstate, count: int) -> list[list[int]]:
    chosen = np.random.default_rng(SEED).choice(len(national.scenarios), count, replace=False)
    return [national.scenarios[supplier].tolist() for supplier in chosen.tolist()]


def _measure_peak(back_share: float, sizes: str) -> Row:
    """Run the sweep in a process of its own and ask for the most memory that it held."""
    code = "import sys; from tests.bench.bench_estate import report_peak; report_peak(float(sys.argv[1]))"
    command = [sys.executable, "-c", code, str(back_share)]
    paths = {"PYTHONPATH": f"{_ROOT / 'src'}:{_ROOT}"}
    answer = subprocess.run(command, capture_output=True, text=True, check=True, cwd=_ROOT, env=paths)
    return {
        "name": "peak memory: draw, plan and sweep all suppliers",
        "n": 1,
        "sizes": sizes,
        "seed": SEED,
        "state": "cold",
        "median": json.loads(answer.stdout),
        "unit": "MB",
        "bar": 1024,
    }


def report_peak(back_share: float) -> None:
    """Sweep once and print the peak resident size of this process in megabytes."""
    national = draw_national_estate(SEED, back_share=back_share)
    sweep_failures(national.estate, list_scenarios(national.scenarios), unknown="best")
    print(json.dumps(round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)))


if __name__ == "__main__":
    for measured in measure_estate():
        print(json.dumps(measured))
