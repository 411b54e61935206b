"""Measure a proactive run of five laws over a made-up town, held against the law written out by hand."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import duckdb
import numpy as np

from eendracht.kernel.rules import Library
from eendracht.rulebook import rulebook_folder
from eendracht.services.proactive.running import RANKING, run_proactive
from tests.bench.rows import Row, timed
from tests.bench.town import SEED
from tests.services.proactive import reference_benefits as truth
from tests.services.proactive.towns import Town, make_town, request_for

TOWN, PROVINCE = 100_000, 3_000_000


def measure() -> list[Row]:
    """Give the rows of the report: found, wrongly listed, and seconds; the province only where it is asked for.

    `EENDRACHT_BENCH_PROVINCE=1` adds three million people, which takes minutes and some gigabytes.
    """
    rows = _measure(TOWN, 30.0, runs=3)
    if os.environ.get("EENDRACHT_BENCH_PROVINCE"):
        rows += _measure(PROVINCE, 300.0, runs=1)
    return rows


def _measure(people: int, most_seconds: float, runs: int) -> list[Row]:
    library = Library.load([rulebook_folder()])
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    with tempfile.TemporaryDirectory() as folder:
        town = make_town(Path(folder) / "town", people)
        out = Path(folder) / "out"
        seconds = sorted(timed(lambda: run_proactive(library, request_for(town, out))) for _ in range(runs))
        found, wanted, wrong = judge(town, out)
    setting = f"seed {SEED}, 5 laws, 15 January 2026, Parquet in and out, load {load}"
    return [
        Row("whole run with 5 laws", seconds[runs // 2], "s", people, setting, "lower", most_seconds, runs=runs),
        Row("entitled non-users found", 100 * found / wanted, "%", wanted, setting, bar=99.0, runs=1),
        Row("listed above the threshold without a right", wrong, "people", wanted, setting, "lower", 0, runs=1),
    ]


def judge(town: Town, out: Path) -> tuple[int, int, int]:
    """Give how many entitled non-users were found, of how many, and how many were listed wrongly."""
    found = wanted = wrong = 0
    rows = np.zeros(int(town.people["bsn"].max()) + 1, np.int64)
    rows[town.people["bsn"]] = np.arange(len(town.people["bsn"]))
    with duckdb.connect() as connection:
        for law in truth.LAWS:
            lines = connection.execute(
                f"SELECT key, amount FROM '{out / RANKING}' WHERE law = ? AND certainty <> 'depends'", [law]
            ).fetchnumpy()
            listed = set(lines["key"].tolist())
            units = town.unused(law)
            wanted += len(units)
            found += sum(1 for unit in units if unit & listed)
            wrong += int(np.sum(town.amounts[law][rows[lines["key"]]] != lines["amount"]))
    return found, wanted, wrong
