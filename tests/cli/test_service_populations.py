"""Runs of the service-based format from the command line: the query, and everyone at once."""

from __future__ import annotations

from pathlib import Path

import duckdb

from tests.cli.command import CommandLine
from tests.kernel.rules.columns.test_lax_population import LAW, people


def test_the_query_and_a_run_for_the_law_of_one_body(tmp_path: Path) -> None:
    (tmp_path / "laws").mkdir()
    (tmp_path / "laws" / "law.yaml").write_bytes(LAW)
    (tmp_path / "people").mkdir()
    people(tmp_path / "people")
    command = CommandLine(tmp_path / "node")
    asked = ["testwet", "toeslag", "--date", "2025-03-01", "--laws", str(tmp_path / "laws"), "--service", "SVB"]
    assert '"svb_testwet" AS' in command.run("rules", "sql", *asked).out
    where = ["--population", str(tmp_path / "people"), "--out", str(tmp_path / "out.parquet"), "--synthetic"]
    printed = command.run("rules", "run", *asked, *where).out
    assert "voldoet niet aan de voorwaarden 2" in printed
    found = duckdb.execute(f"SELECT toeslag FROM '{tmp_path / 'out.parquet'}' WHERE \"BSN\" = 'a'").fetchall()
    assert found == [(100,)]
    told = command.run("rules", "run", *asked, *where, "--json").json
    assert told["outputs"]["toeslag"]["statuses"] == {"known": 1, "not-entitled": 2, "unknown": 2}
