"""Subjects of several dates in one population: each gets the law of their own date, as in a case."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from eendracht.kernel.rules import Case, Library, Register, evaluate
from eendracht.kernel.rules.columns import duck
from eendracht.rulebook import rulebook_folder
from tests.bench.rules_population import make_people

ON = date(2025, 3, 1)
OUTPUTS = ("maandbedrag", "heeft_recht_op_zorgtoeslag")


def test_each_subject_gets_the_law_of_its_date(tmp_path: Path) -> None:
    people = make_people(300, tmp_path / "everyone.parquet")
    dated = tmp_path / "people.parquet"
    duckdb.sql(
        "COPY (SELECT *, CASE bsn % 4 WHEN 0 THEN DATE '2024-06-01' WHEN 1 THEN DATE '2025-03-01'"
        f" WHEN 2 THEN DATE '2026-01-01' END AS calculation_date FROM '{people}') TO '{dated}'"
    )
    library = Library.load([rulebook_folder()])
    with duck.working() as connection:
        tables = duck.open_population(connection, dated, ["bsn"])
        run = duck.prepare_run(connection, library, "wet_op_de_zorgtoeslag", OUTPUTS, ON, tables)
        assert len(run.plans) == 3, "an empty date is the date of the run"
        assert "people.calculation_date" in run.columns_read
        duck.write_result(connection, run, tmp_path / "result.parquet")
        rows = connection.execute(f"SELECT * FROM '{dated}'").fetchall()
        names = [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM '{dated}'").fetchall()]
        found = connection.execute(
            f"SELECT bsn, {', '.join(OUTPUTS)} FROM '{tmp_path}/result.parquet' ORDER BY bsn"
        ).fetchall()
    cases = [dict(zip(names, row, strict=True)) for row in rows]
    register = Register("people", "bsn", cases)
    expected = []
    for row in sorted(cases, key=lambda row: row["bsn"]):
        case = Case(row["calculation_date"] or ON, {"bsn": row["bsn"]}, (register,))
        outcomes = evaluate(library, "wet_op_de_zorgtoeslag", OUTPUTS, case, mode="propagate").outcomes
        expected.append((row["bsn"], *(outcomes[name].value for name in OUTPUTS)))
    assert [tuple(row) for row in found] == expected
