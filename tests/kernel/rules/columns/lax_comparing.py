"""Compares a run of the lax dialect in columns with the same cases one by one."""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from eendracht.kernel.errors import EendrachtError
from eendracht.kernel.rules import ir
from eendracht.kernel.rules.columns.lax_population import open_lax_population, prepare_lax_run
from eendracht.kernel.rules.columns.refusals import Refused
from eendracht.kernel.rules.facts import Case, Register
from eendracht.kernel.rules.lenient import evaluate_lax
from eendracht.kernel.rules.library import Library
from tests.kernel.rules.columns.lax_populations import Maker, design_tables, kind_of, reachable, sql_type, write_table


@dataclass(slots=True)
class World:
    """A population in both forms: the folder of tables, and registers with the parameters of each case."""

    folder: Path
    key: str
    subjects: list[dict[str, Any]]
    registers: tuple[Register, ...]


@dataclass(slots=True)
class Tally:
    """What was compared, and what was refused by which code."""

    compared: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def make_world(
    connection: duckdb.DuckDBPyConnection,
    library: Library,
    law: ir.Regulation,
    folder: Path,
    seed: int,
    people: int,
    *,
    is_tidy: bool = False,
) -> World:
    """Make a random population for a law; a tidy one has one row for each key where no list is read."""
    chance = random.Random(seed)
    laws = reachable(library, law)
    maker = Maker(chance, laws, people, is_tidy=is_tidy)
    registers = []
    for name, design in design_tables(laws).items():
        rows = maker.rows(design)
        types = {column: sql_type(maker, f"{design.name}.{column}", kind) for column, kind in design.columns.items()}
        write_table(connection, folder / f"{name}.parquet", types, rows)
        registers.append(Register(design.name, "bsn", rows, design.service, is_exact=False))
    key, subjects = maker.parameters(law)
    types = {}
    for column in subjects[0]:
        declared = law.articles[0].parameters.get(column)
        kind = "key" if column == key else kind_of(column.casefold(), declared.kind if declared else "number")
        types[column] = "BIGINT" if column == "NUMMER" else sql_type(maker, f"subjects.{column}", kind)
    write_table(connection, folder / "subjects.parquet", types, subjects)
    return World(folder, key, subjects, tuple(registers))


def one_by_one(library: Library, law: ir.Regulation, output: str, on: date, world: World) -> list[tuple[Any, str]]:
    """Give the value and status of an output for each subject, case by case."""
    found: list[tuple[Any, str]] = []
    for subject in world.subjects:
        case = Case(on, {name: value for name, value in subject.items() if name != "NUMMER"}, world.registers)
        try:
            evaluation = evaluate_lax(library, law.id, [output], case, service=law.service)
        except EendrachtError:
            found.append((None, "error"))
            continue
        if evaluation.missing_required:
            found.append((None, "unknown"))
        elif not evaluation.requirements_met:
            found.append((None, "not-entitled"))
        else:
            value = evaluation.outcomes[output].value
            found.append((value, "null" if value is None else "known"))
    return found


def in_columns(
    connection: duckdb.DuckDBPyConnection,
    library: Library,
    law: ir.Regulation,
    outputs: Sequence[str],
    on: date,
    world: World,
) -> dict[str, list[tuple[Any, str]]]:
    """Give the values and statuses of outputs for each subject, from columns. Raises Refused."""
    population = open_lax_population(connection, world.folder, [world.key])
    run = prepare_lax_run(connection, library, law.id, outputs, on, population, {}, law.service)
    rows = connection.execute(run.text).fetchall()
    at = {row[0]: row for row in rows}
    assert len(rows) == len(world.subjects)
    return {
        output: [
            (at[subject[world.key]][1 + 2 * number], at[subject[world.key]][2 + 2 * number])
            for subject in world.subjects
        ]
        for number, output in enumerate(outputs)
    }


def agrees(case: tuple[Any, str], column: tuple[Any, str]) -> bool:
    """Whether a case and a row say the same; an empty cell that is known is the integer 0."""
    if case[1] != column[1]:
        return False
    if column == (None, "known"):
        return type(case[0]) is int and case[0] == 0
    return same(case[0], column[0])


def same(left: Any, right: Any) -> bool:
    """Whether two values are the same: doubles to the bit, an integer and a double when they are the same number."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, float) and isinstance(right, float):
        return struct.pack("d", left) == struct.pack("d", right)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    return bool(left == right)


def compare_law(
    connection: duckdb.DuckDBPyConnection,
    library: Library,
    law: ir.Regulation,
    on: date,
    world: World,
    tally: Tally,
) -> None:
    """Compare every output of a law that compiles; fails at the first that differs."""
    names = [action.output for action in law.articles[0].actions]
    for output, columns in _all_columns(connection, library, law, names, on, world, tally).items():
        cases = one_by_one(library, law, output, on, world)
        for subject, one, other in zip(world.subjects, cases, columns, strict=True):
            assert agrees(one, other), (law.service, law.id, output, subject, one, other)
            tally.compared += 1
            tally.statuses[one[1]] = tally.statuses.get(one[1], 0) + 1


def _all_columns(
    connection: duckdb.DuckDBPyConnection,
    library: Library,
    law: ir.Regulation,
    outputs: Sequence[str],
    on: date,
    world: World,
    tally: Tally,
) -> dict[str, list[tuple[Any, str]]]:
    """Give all outputs at once; where one of them is refused, each by itself."""
    try:
        return in_columns(connection, library, law, outputs, on, world)
    except Refused:
        found = {}
    for output in outputs:
        try:
            found |= in_columns(connection, library, law, [output], on, world)
        except Refused as refused:
            tally.refused[f"{law.service}.{law.id}.{output}"] = f"{refused.code}: {refused}"
    return found
