"""The same query on Spark gives what it gives on DuckDB; what Spark cannot carry is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from eendracht.kernel.rules import Library
from eendracht.kernel.rules.columns import duck
from eendracht.kernel.rules.columns.spark import NotOnSpark, run_spark, write_spark_sql
from eendracht.rulebook import rulebook_folder
from tests.bench.bench_rules import CHAIN_OUTPUTS, ON
from tests.bench.rules_population import make_people

PEOPLE = 2_000


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[duck.Run, Path]:
    """Give the chain of the zorgtoeslag, compiled for made-up people, and what DuckDB made of it."""
    folder = tmp_path_factory.mktemp("spark")
    people = make_people(PEOPLE, folder / "people.parquet")
    with duck.working() as connection:
        tables = duck.open_population(connection, people, ["bsn"])
        library = Library.load([rulebook_folder()])
        made = duck.prepare_run(connection, library, "wet_op_de_zorgtoeslag", CHAIN_OUTPUTS, ON, tables)
        duck.write_result(connection, made, folder / "duckdb.parquet")
    return made, folder


def test_the_query_is_written_in_sparks_words(run: tuple[duck.Run, Path]) -> None:
    text = write_spark_sql(run[0])
    assert "READ_PARQUET" not in text and "FROM `people`" in text and "DIV" in text and "//" not in text


def test_spark_gives_what_duckdb_gives(run: tuple[duck.Run, Path]) -> None:
    pytest.importorskip("pyspark", reason="the extra spark is not installed")
    if shutil.which("java") is None:
        pytest.skip("there is no Java on this machine")
    made, folder = run
    assert run_spark(made, folder / "spark.parquet") == PEOPLE
    names = [f"{name}{ending}" for name in CHAIN_OUTPUTS for ending in ("", "_status")]
    differs = " OR ".join(f"d.{name} IS DISTINCT FROM s.{name}" for name in names)
    found = duckdb.sql(
        f"SELECT count(*) FROM '{folder}/duckdb.parquet' d FULL JOIN '{folder}/spark.parquet' s USING (bsn)"
        f" WHERE {differs}"
    )
    assert found.fetchall() == [(0,)]


def test_what_spark_cannot_hold_is_refused(tmp_path: Path) -> None:
    law = tmp_path / "wide.yaml"
    law.write_text(
        """
$schema: https://raw.githubusercontent.com/MinBZK/regelrecht/refs/tags/schema-v0.5.6/schema/v0.5.6/schema.json
$id: wide
regulatory_layer: UITVOERINGSBELEID
publication_date: '2025-01-01'
valid_from: '2025-01-01'
url: https://gm0344.example/wide
articles:
  - number: '1'
    text: Een groot getal.
    url: https://gm0344.example/wide#1
    machine_readable:
      execution:
        parameters: [{name: bsn, type: number, required: true}]
        input: [{name: amount, type: number, source: {}}]
        output: [{name: large, type: number}]
        actions: [{output: large, operation: MULTIPLY, values: [$amount, $amount, 10]}]
""",
        "utf-8",
    )
    people = tmp_path / "people.parquet"
    duckdb.sql(f"COPY (SELECT 1 AS bsn, CAST(4000000000 AS BIGINT) AS amount) TO '{people}'")
    with duck.working() as connection:
        tables = duck.open_population(connection, people, ["bsn"])
        made = duck.prepare_run(connection, Library.load([law]), "wide", ["large"], ON, tables)
        with pytest.raises(NotOnSpark):
            write_spark_sql(made)
