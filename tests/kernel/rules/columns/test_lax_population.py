"""Small laws of the service-based format over small populations: statuses, tables, what is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.rules.columns import duck
from eendracht.kernel.rules.columns.lax_population import LAX_STATUS_WORDS, open_lax_population, prepare_lax_run
from eendracht.kernel.rules.columns.refusals import Refused
from eendracht.kernel.rules.runs import RunRequest, run_population, write_sql
from tests.kernel.rules.columns.lax_populations import write_table
from tests.kernel.rules.service_laws import law_text, library_of

ON = date(2025, 3, 1)
LAW = law_text(
    """\
    properties:
      parameters:
        - {name: BSN, type: string, description: x, required: true}
      sources:
        - name: INKOMEN
          description: x
          type: amount
          required: true
          source_reference: {table: inkomens, field: bedrag, select_on: [{name: bsn, value: $BSN}]}
        - name: WOONT
          description: x
          type: boolean
          source_reference: {table: adressen, source_type: RvIG, field: woont, select_on: [{name: bsn, value: $BSN}]}
      output:
        - {name: toeslag, description: x, type: amount, type_spec: {unit: eurocent, precision: 0, min: 0}}
        - {name: woont, description: x, type: boolean}
      definitions: {DEEL: 0.1}
    requirements:
      - all: [{operation: EQUALS, subject: $WOONT, value: true}]
    actions:
      - {output: toeslag, operation: MULTIPLY, values: [$INKOMEN, $DEEL]}
      - {output: woont, value: $WOONT}
    """
)


def fill(
    connection: duckdb.DuckDBPyConnection, folder: Path, **tables: tuple[str, Sequence[Mapping[str, Any]]]
) -> None:
    """Write tables; the types of the columns after the key are given as text."""
    for name, (types, rows) in tables.items():
        kinds = dict(part.split(" ", 1) for part in types.split(", "))
        write_table(connection, folder / f"{name.replace('__', '.')}.parquet", kinds, rows)


def people(folder: Path) -> None:
    with duck.working() as connection:
        fill(
            connection,
            folder,
            subjects=("BSN VARCHAR", [{"BSN": key} for key in "abcde"]),
            svb__inkomens=(
                "bsn VARCHAR, bedrag BIGINT",
                [{"bsn": key, "bedrag": value} for key, value in zip("abc", (1005, 15, None), strict=True)],
            ),
            RVIG__adressen=(
                "bsn VARCHAR, woont BOOLEAN",
                [{"bsn": key, "woont": key != "b"} for key in "abcd"],
            ),
        )


def test_statuses_in_words(tmp_path: Path) -> None:
    people(tmp_path)
    library = library_of(LAW)
    out = tmp_path / "out.parquet"
    request = RunRequest("testwet", ("toeslag", "woont"), ON, tmp_path, out, is_synthetic=True, service="SVB")
    result = run_population(library, request)
    rows = duckdb.execute(f"SELECT * FROM '{out}' ORDER BY 1").fetchall()
    assert rows == [
        ("a", 100, "known", True, "known"),
        ("b", None, "not-entitled", None, "not-entitled"),
        ("c", None, "unknown", True, "known"),
        ("d", None, "unknown", True, "known"),
        ("e", None, "not-entitled", None, "not-entitled"),
    ]
    assert set(result.outputs["toeslag"].statuses) <= set(LAX_STATUS_WORDS)
    assert result.outputs["toeslag"].total == "100"
    assert result.columns_read == [
        *("RVIG.adressen.bsn", "RVIG.adressen.woont", "subjects.BSN", "svb.inkomens.bedrag", "svb.inkomens.bsn"),
    ]


def test_a_missing_table_and_column_are_named(tmp_path: Path) -> None:
    people(tmp_path)
    (tmp_path / "RVIG.adressen.parquet").unlink()
    with duck.working() as connection:
        fill(connection, tmp_path, svb__inkomens=("bsn VARCHAR, anders BIGINT", []))
        population = open_lax_population(connection, tmp_path, ["BSN"])
        with pytest.raises(InvalidInput) as caught:
            prepare_lax_run(connection, library_of(LAW), "testwet", ["toeslag"], ON, population, {}, "SVB")
    assert {fault.pointer for fault in caught.value.faults} == {"RvIG.adressen", "svb.inkomens.bedrag"}


def test_rows_that_agree_are_one_value_and_others_are_refused(tmp_path: Path) -> None:
    people(tmp_path)
    library = library_of(LAW)
    alike = [{"bsn": "a", "bedrag": 7}, {"bsn": "a", "bedrag": 7}]
    with duck.working() as connection:
        fill(connection, tmp_path, svb__inkomens=("bsn VARCHAR, bedrag BIGINT", alike))
        population = open_lax_population(connection, tmp_path, ["BSN"])
        run = prepare_lax_run(connection, library, "testwet", ["toeslag"], ON, population, {}, "SVB")
        assert ("a", 1, "known") in connection.execute(run.text).fetchall()
        fill(connection, tmp_path, svb__inkomens=("bsn VARCHAR, bedrag BIGINT", [*alike, {"bsn": "a", "bedrag": 8}]))
        with pytest.raises(Refused, match="several values") as caught:
            prepare_lax_run(connection, library, "testwet", ["toeslag"], ON, population, {}, "SVB")
    assert caught.value.code == "several-values"


def test_an_integer_beyond_64_bits_is_refused(tmp_path: Path) -> None:
    people(tmp_path)
    with duck.working() as connection:
        rows = [{"bsn": "a", "bedrag": 1e300}]
        fill(connection, tmp_path, svb__inkomens=("bsn VARCHAR, bedrag DOUBLE", rows))
        population = open_lax_population(connection, tmp_path, ["BSN"])
        with pytest.raises(Refused) as caught:
            prepare_lax_run(connection, library_of(LAW), "testwet", ["toeslag"], ON, population, {}, "SVB")
    assert caught.value.code == "wider-than-64-bits"


def test_someone_who_stands_twice_among_the_subjects_is_refused(tmp_path: Path) -> None:
    people(tmp_path)
    with duck.working() as connection:
        fill(connection, tmp_path, subjects=("BSN VARCHAR", [{"BSN": "a"}, {"BSN": "a"}]))
        with pytest.raises(InvalidInput):
            open_lax_population(connection, tmp_path, ["BSN"])


def test_each_law_is_a_named_part_of_the_query() -> None:
    text = write_sql(library_of(LAW), RunRequest("testwet", ("toeslag",), ON, Path(), Path(), service="SVB"))
    assert '"svb_testwet" AS' in text
    assert '"rows_of_svb_inkomens" AS' in text
