"""Every law that ships, and of the reference corpus, gives in columns what it gives case by case, on random people."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

import eendracht
from eendracht.kernel.rules import ir
from eendracht.kernel.rules.columns.assumed import assume_population
from eendracht.kernel.rules.columns.duck import connect
from eendracht.kernel.rules.library import Library, NoSuchRule
from tests.kernel.rules.columns.choosing import SeededChoices
from tests.kernel.rules.columns.comparing import Difference, compare
from tests.kernel.rules.columns.random_populations import Made, Village

ON = date(2025, 6, 1)
SAME_FOR_ALL = {"gemeente_code": "GM0599"}
PEOPLE = 5
ROUNDS = int(os.environ.get("EENDRACHT_ROUNDS", "1"))


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """Give an engine."""
    with connect(threads=1) as connection:
        yield connection


def texts_of(library: Library) -> tuple[str, ...]:
    """Give the texts that the laws compare with, so that random people meet their conditions."""
    found: set[str] = set()

    def walk(node: ir.Expression) -> None:
        if isinstance(node, ir.Constant) and isinstance(node.value, str):
            found.add(node.value)
        if isinstance(node, ir.Operation):
            for item in (*node.operands, *node.named.values()):
                walk(item)

    for regulation in library:
        for article in regulation.articles:
            for action in article.actions:
                walk(action.expression)
            for definition in article.definitions.values():
                found |= {item for item in (definition.value, *_items(definition.value)) if isinstance(item, str)}
    return tuple(sorted(found)) or ("",)


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


class People:
    """Makes people for laws: every fact they ask for, now and then empty or unknown."""

    def __init__(self, library: Library, keys: list[str], seed: int) -> None:
        self._choices = SeededChoices(seed)
        self._texts = texts_of(library)
        self._assumed = assume_population(library, keys)

    def make(self) -> Village:
        """Give the tables."""
        main = self._assumed.tables[self._assumed.subjects]
        tables = [self._table(main.name, main.key, {n: c.sql_type for n, c in main.columns.items()}, range(PEOPLE))]
        for table in self._assumed.tables.values():
            if table.name != main.name:
                types = {name: "DATE" if "datum" in name else "BIGINT" for name in table.columns} | {
                    table.key: "VARCHAR"
                }
                owners = [self._choices.whole(0, PEOPLE) for _ in range(2 * PEOPLE)]
                tables.append(self._table(table.name, table.key, types, owners))
        return Village(tables)

    def _table(self, name: str, key: str, types: dict[str, str], owners: Any) -> Made:
        choices = self._choices
        told = tuple(column for column in types if column != key and choices.chance(10))
        rows = []
        for owner in owners:
            row: dict[str, Any] = {key: str(owner)}
            for column, kind in types.items():
                if column == key or (column in told and choices.chance(20)):
                    continue
                row[column] = None if choices.chance(6) else self._value(column, kind)
            rows.append(row)
        return Made(name, key, types, rows, told)

    def _value(self, name: str, kind: str) -> Any:
        choices = self._choices
        if "partner" in name and kind == "VARCHAR" and ("bsn" in name or "nummer" in name):
            return str(choices.whole(0, PEOPLE + 1))
        if kind == "BOOLEAN":
            return choices.chance(60)
        if kind == "DATE":
            return date.fromordinal(choices.whole(date(1940, 1, 1).toordinal(), date(2026, 1, 1).toordinal()))
        if kind == "VARCHAR":
            return choices.pick(self._texts)
        return choices.whole(0, 12) if choices.chance(40) else choices.whole(-1000, 6_000_000)


def differences_of(engine: duckdb.DuckDBPyConnection, library: Library, counts: Counter[str]) -> list[Difference]:
    """Compare every output of every law in force."""
    found: list[Difference] = []
    for law in library.laws():
        try:
            regulation = library.select(law, ON, SAME_FOR_ALL).regulation
        except NoSuchRule:
            continue
        for article in regulation.articles:
            keys = [name for name in article.parameters if name not in SAME_FOR_ALL] or ["bsn"]
            outputs = [action.output for action in article.actions]
            if not outputs:
                continue
            for at in range(ROUNDS):
                village = People(library, keys, at + 1000 * ROUNDS).make()
                differences, count, _ = compare(library, law, outputs, village, ON, SAME_FOR_ALL, engine=engine)
                counts["cells"] += count
                found += differences
    return found


def test_laws_that_ship(engine: duckdb.DuckDBPyConnection) -> None:
    """Nothing of the rulebook is refused."""
    counts: Counter[str] = Counter()
    library = Library.load([Path(eendracht.__file__ or "").parent / "rulebook"])
    assert differences_of(engine, library, counts) == []
    assert counts["cells"] > 500


def test_laws_of_the_reference_corpus(engine: duckdb.DuckDBPyConnection, shared: Callable[..., Path]) -> None:
    """Nothing of the reference corpus is refused either."""
    counts: Counter[str] = Counter()
    library = Library.load([shared("reference", "services", "regelrecht", "corpus")])
    assert differences_of(engine, library, counts) == []
    assert counts["cells"] > 200
