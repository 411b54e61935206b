"""Measure rules over a population: one article and the whole chain of the zorgtoeslag, beside the same by hand."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import numpy as np

from eendracht.kernel.rules import Library
from eendracht.kernel.rules.columns.lax_refusals import LAX_REFUSALS
from eendracht.kernel.rules.columns.refusals import REFUSALS
from eendracht.kernel.rules.runs import RunRequest, run_population
from tests.bench import rules_peers
from tests.bench.rows import RUNS, Row, timed
from tests.bench.rules_population import SEED, make_people

ON = date(2025, 1, 1)
CHAIN_OUTPUTS = ("hoogte_zorgtoeslag", "maandbedrag", "heeft_recht_op_zorgtoeslag")
SMALL, MIDDLE, LARGE = 1_000_000, 5_000_000, 18_000_000
MEMORY = "5GiB"
_RULEBOOK = Path(__file__).parents[2] / "src" / "eendracht" / "rulebook"
_COLD = f"seed {SEED}, Parquet in, Parquet out, file in the cache of the system"


def measure() -> list[Row]:
    """Give the rows of the report."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        small = make_people(SMALL, place / "small.parquet")
        rows = [*_article(place, small), *_chain(place, small)]
        small.unlink()
        for count in (MIDDLE, LARGE):
            people = make_people(count, place / "people.parquet")
            rows += _large(place, people, count)
            people.unlink()
    return [*rows, *_refusals()]


def _refusals() -> list[Row]:
    """Count what the compilers of the two dialects refuse by name; the lists may only shrink."""
    return [
        Row(name, len(codes), "codes", len(codes), "a list in the code", better="lower", bar=bar, runs=1)
        for name, codes, bar in (
            ("refused in columns, exact dialect", REFUSALS, 18),
            ("refused in columns, service-based dialect", LAX_REFUSALS, 40),
        )
    ]


def run_article(place: Path, people: Path) -> None:
    """Run the one article over the people, from law file to result."""
    law = place / "een_artikel.yaml"
    law.write_text(rules_peers.ARTICLE, "utf-8")
    library = Library.load([law])
    request = RunRequest("een_artikel", ("toeslag",), ON, people, place / "ours.parquet", is_synthetic=True)
    run_population(library, request)


def run_chain(library: Library, place: Path, people: Path) -> None:
    """Run the chain of the rulebook over the people, from compiling to result."""
    out = place / "ours.parquet"
    request = RunRequest(
        "wet_op_de_zorgtoeslag", CHAIN_OUTPUTS, ON, people, out, is_synthetic=True, memory_limit=MEMORY
    )
    run_population(library, request)


def _article(place: Path, people: Path) -> list[Row]:
    column = "loon_uit_dienstbetrekking"
    income = np.asarray(duckdb.sql(f"SELECT {column} FROM '{people}'").fetchnumpy()[column])
    peers: list[tuple[str, Callable[[], object], str]] = [
        ("DuckDB by hand", lambda: rules_peers.article_duckdb(people, place / "peer.parquet"), ""),
        ("Polars by hand", lambda: rules_peers.article_polars(people, place / "peer.parquet"), ""),
        ("numba loop (limit)", lambda: rules_peers.article_numba(income), "in memory, nothing read or written"),
        (
            "OpenFisca country template, income_tax",
            lambda: rules_peers.openfisca_income_tax(income / 100),
            "another law, in floats, in memory",
        ),
    ]
    rows = []
    for name, peer, remark in peers:
        peer()
        run_article(place, people)
        ours, theirs = _in_turn(lambda: run_article(place, people), peer)
        rows.append(
            Row(
                "one article, exact",
                SMALL / ours,
                "persons/s",
                SMALL,
                f"{_COLD}, warm",
                bar=2_000_000,
                peer=name,
                peer_median=SMALL / theirs,
                remark=remark,
            )
        )
    _require_equal(place, people, rules_peers.article_duckdb, lambda: run_article(place, people))
    return rows


def _chain(place: Path, people: Path) -> list[Row]:
    library = Library.load([_RULEBOOK])
    peer = place / "peer.parquet"
    _require_equal(place, people, rules_peers.chain_duckdb, lambda: run_chain(library, place, people))
    ours, theirs = _in_turn(
        lambda: run_chain(library, place, people), lambda: rules_peers.chain_duckdb(people, peer, MEMORY)
    )
    setting = f"{_COLD}, 19 columns, partner by key, warm"
    return [
        Row(
            "the whole chain of the zorgtoeslag",
            SMALL / ours,
            "persons/s",
            SMALL,
            setting,
            bar=1_000_000,
            peer="DuckDB by hand",
            peer_median=SMALL / theirs,
        ),
        Row(
            "time of the chain against DuckDB by hand",
            ours / theirs,
            "x",
            SMALL,
            setting,
            better="lower",
            bar=1.5,
        ),
    ]


def _in_turn(ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float]:
    """Time both in turn, so that what else the machine does falls on both alike; gives the medians."""
    pairs = [(timed(ours), timed(theirs)) for _ in range(RUNS)]
    return sorted(a for a, _ in pairs)[RUNS // 2], sorted(b for _, b in pairs)[RUNS // 2]


def _require_equal(place: Path, people: Path, peer: Callable[[Path, Path], None], ours: Callable[[], object]) -> None:
    """A peer that answers something else is no peer: every cell must be the same."""
    ours()
    peer(people, place / "peer.parquet")
    columns = [row[0] for row in duckdb.sql(f"DESCRIBE SELECT * FROM '{place}/peer.parquet'").fetchall()]
    differs = " OR ".join(f'o."{name}" IS DISTINCT FROM p."{name}"' for name in columns)
    found = duckdb.sql(
        f"SELECT count(*) FROM '{place}/ours.parquet' o FULL JOIN '{place}/peer.parquet' p USING (bsn) WHERE {differs}"
    ).fetchall()
    if found != [(0,)]:
        raise AssertionError(f"{found} rows differ from the peer")


def _large(place: Path, people: Path, count: int) -> list[Row]:
    """Run the chain in a process of its own, so that its memory can be told; the peer beside it."""
    runs = 3
    figures = [_in_process(place, people, who) for _ in range(runs) for who in ("ours", "peer")]
    ours, theirs = figures[::2], figures[1::2]
    seconds = sorted(item["seconds"] for item in ours)[runs // 2]
    peak = max(item["peak_mib"] for item in ours)
    setting = f"{_COLD}, 19 columns, partner by key, own process, {MEMORY} given"
    is_large = count == LARGE
    return [
        Row(
            "the whole chain",
            seconds,
            "s",
            count,
            setting,
            better="lower",
            bar=30 if is_large else None,
            peer="DuckDB by hand",
            peer_median=sorted(item["seconds"] for item in theirs)[runs // 2],
            runs=runs,
            remark=f"{count / seconds:,.0f} persons/s",
        ),
        Row(
            "memory of the whole chain",
            peak,
            "MiB",
            count,
            setting,
            better="lower",
            bar=6_144 if is_large else None,
            peer="DuckDB by hand",
            peer_median=max(item["peak_mib"] for item in theirs),
            runs=runs,
        ),
    ]


def _in_process(place: Path, people: Path, who: str) -> dict[str, float]:
    code = (
        "import json, resource, sys, time\n"
        "from pathlib import Path\n"
        "from tests.bench import bench_rules, rules_peers\n"
        "place, people = Path(sys.argv[1]), Path(sys.argv[2])\n"
        "library = bench_rules.Library.load([bench_rules._RULEBOOK])\n"
        "started = time.perf_counter()\n"
        "if sys.argv[3] == 'ours': bench_rules.run_chain(library, place, people)\n"
        "else: rules_peers.chain_duckdb(people, place / 'peer.parquet', bench_rules.MEMORY)\n"
        "seconds = time.perf_counter() - started\n"
        "peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
        "print(json.dumps({'seconds': seconds, 'peak_mib': peak}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(place), str(people), who],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found
