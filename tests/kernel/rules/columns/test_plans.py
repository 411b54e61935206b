"""What the query consists of: exact types only, one part per article, the columns that are needed and no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest
from sqlglot import exp, parse_one

from eendracht.kernel.rules.columns.assumed import assume_population
from eendracht.kernel.rules.columns.duck import Run, connect, prepare_run
from eendracht.kernel.rules.columns.population import Population
from eendracht.kernel.rules.columns.refusals import NotCompiled
from eendracht.kernel.rules.library import Library, NoSuchRule
from tests.kernel.rules.columns.choosing import SeededChoices
from tests.kernel.rules.columns.test_equality import make_situation

ON = date(2025, 6, 1)
EXACT = ("BIGINT", "HUGEINT", "TINYINT", "INTEGER", "BOOLEAN", "VARCHAR", "DATE")
SAME_FOR_ALL = {"gemeente_code": "GM0599"}


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """Give an engine."""
    with connect(threads=1) as connection:
        yield connection


def make_tables(engine: duckdb.DuckDBPyConnection, population: Population) -> None:
    """Make the tables of a population that is only assumed, with a row of which nothing but the key is known."""
    for table in population.tables.values():
        columns = ", ".join(f'"{name}" {column.sql_type}' for name, column in table.columns.items())
        engine.execute(f'CREATE OR REPLACE TABLE "{table.name}" ({columns})')
        engine.execute(f'INSERT INTO "{table.name}" ("{table.key}") VALUES (\'1\')')


def check_types(engine: duckdb.DuckDBPyConnection, run: Run) -> None:
    """Ask the engine for the type of every column of every part."""
    query = parse_one(run.text, dialect="duckdb")
    parts = query.ctes
    carried = {name for part in parts if (name := _carries(part))}
    for at, part in enumerate(parts):
        if part.alias in carried:
            continue
        asked = exp.select("*").from_(exp.to_identifier(part.alias, quoted=True))
        for earlier in parts[: at + 1]:
            asked = asked.with_(exp.to_identifier(earlier.alias, quoted=True), as_=earlier.this)
        for name, kind, *_ in engine.execute(f"DESCRIBE {asked.sql('duckdb')}").fetchall():
            assert kind in EXACT or _is_read(part, name, kind), (part.alias, name, kind)
    for name, kind, *_ in engine.execute(f"DESCRIBE {run.text}").fetchall():
        assert kind in EXACT or kind.startswith("DECIMAL"), (name, kind)
    for node in query.walk():
        assert not isinstance(node, exp.Div), node.sql("duckdb")
        if isinstance(node, exp.Literal) and not node.is_string:
            parent = node.parent.parent if isinstance(node.parent, exp.Neg) else node.parent
            assert isinstance(parent, exp.Cast | exp.DataTypeParam), parent and parent.sql("duckdb")


def _carries(part: exp.Expression) -> str:
    """Give the part whose columns, all of them, stand in this one too; empty where there is none."""
    inner = part.this
    while isinstance(inner.args["from_"].this, exp.Subquery):
        inner = inner.args["from_"].this.this
    is_whole = any(item.is_star for item in inner.selects)
    return inner.args["from_"].this.name if is_whole else ""


def _is_read(part: exp.Expression, name: str, kind: str) -> bool:
    """Whether a column is a decimal as its table has it."""
    return kind.startswith("DECIMAL") and any(
        isinstance(item, exp.Column) and item.alias_or_name == name for item in part.this.selects
    )


def test_random_plans_hold_no_float(engine: duckdb.DuckDBPyConnection) -> None:
    """No float, no division but the whole one, every number with its type, decimals only on the way in and out."""
    seen = 0
    for seed in range(40):
        village, laws, parameters, mode = make_situation(SeededChoices(seed), 3, is_huge=seed % 4 == 0)
        population = village.open(engine)
        try:
            run = prepare_run(engine, laws.library(), laws.law, laws.outputs, ON, population, parameters, mode)
        except NotCompiled:
            continue
        check_types(engine, run)
        seen += 1
    assert seen > 20


def corpora(shared: Callable[..., Path]) -> list[Path]:
    """Give the folders with laws: those that ship, and the reference corpus."""
    import eendracht

    own = Path(eendracht.__file__ or "").parent / "rulebook"
    found = shared("reference", "services", "regelrecht", "corpus")
    return [own, found] if own.is_dir() else [found]


def test_plans_of_the_corpora_hold_no_float(engine: duckdb.DuckDBPyConnection, shared: Callable[..., Path]) -> None:
    """Every output of every law in force compiles, with exact types only."""
    compiled = 0
    for folder in corpora(shared):
        library = Library.load([folder])
        for law in library.laws():
            try:
                regulation = library.select(law, ON, SAME_FOR_ALL).regulation
            except NoSuchRule:
                continue
            for article in regulation.articles:
                keys = [name for name in article.parameters if name not in SAME_FOR_ALL]
                outputs = [action.output for action in article.actions]
                if not outputs:
                    continue
                population = assume_population(library, keys)
                make_tables(engine, population)
                check_types(engine, prepare_run(engine, library, law, outputs, ON, population, SAME_FOR_ALL))
                compiled += 1
    assert compiled > 20
