"""Random populations for laws of the service-based format: the tables that their sources name, filled at random."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.library import Library

KEYS = ("BSN", "KVK_NUMMER", "PROJECT_ID", "ADRES", "LOONHEFFINGENNUMMER", "GEBOORTEDATUM")
_LISTS = {
    "kinderen": {"bsn": "key", "leeftijd": "small", "inkomen": "amount"},
    "medebewoners": {"bsn": "key", "leeftijd": "small", "inkomen": "amount"},
    "ouder_adressen": "text",
    "handlichting_gebieden": "text",
    "toegestane_categorieen": "text",
}


@dataclass(slots=True)
class TableDesign:
    """A table that laws read: which columns it needs, of which kind, and which values select its rows."""

    service: str
    name: str
    columns: dict[str, str] = field(default_factory=dict)
    selecting: dict[str, list[Any]] = field(default_factory=dict)
    is_listed: bool = False
    is_single: bool = False


def reachable(library: Library, law: ir.Regulation) -> list[ir.Regulation]:
    """Give a law and every version of every law that it asks, and those that these ask."""
    found: dict[str, ir.Regulation] = {}
    todo = [law]
    while todo:
        here = todo.pop()
        if here.sha256 in found:
            continue
        found[here.sha256] = here
        for item in here.articles[0].inputs.values():
            if isinstance(item.source, ir.ArticleSource):
                asked = (item.source.law, item.source.service)
                todo += [other for other in library if (other.id, other.service) == asked]
    return list(found.values())


def design_tables(laws: Iterable[ir.Regulation]) -> dict[str, TableDesign]:
    """Give the tables that the sources of laws read."""
    found: dict[str, TableDesign] = {}
    for law in laws:
        article = law.articles[0]
        for item in article.inputs.values():
            source = item.source
            if not isinstance(source, ir.TableSource) or not source.table:
                continue
            service = source.source_type or law.service
            design = found.setdefault(f"{service}.{source.table}", TableDesign(service, source.table))
            if item.field.kind == "array" and source.is_record:
                design.is_listed = True
            else:
                design.is_single = True
            for selection in source.selections:
                design.columns.setdefault(selection.column, kind_of(selection.column, "string"))
                if isinstance(selection.value, ir.Constant):
                    wanted = selection.value.value
                    design.selecting.setdefault(selection.column, []).extend(
                        wanted if isinstance(wanted, list) else [wanted]
                    )
                if isinstance(selection.value, ir.Reference) and selection.value.name == "year":
                    design.selecting.setdefault(selection.column, []).extend(["2024", "2025"])
            for column in source.columns:
                kind = _field_kind(article, item, column) if source.is_record else item.field.kind
                known = design.columns.get(column)
                if known in (None, "text"):
                    design.columns[column] = kind_of(column, kind)
    return found


def _field_kind(article: ir.Article, item: ir.Input, column: str) -> str:
    """Tell the kind of a field of a record by an output that gives it."""
    for action in article.actions:
        node = action.expression
        if isinstance(node, ir.Reference) and (node.name, *node.path) == (item.field.name, column):
            declared = article.outputs.get(action.output)
            if declared is not None and declared.kind != "array":
                return declared.kind
    if "datum" in column or "date" in column:
        return "date"
    return "boolean" if column.startswith(("is_", "heeft_")) or column.endswith("geverifieerd") else "string"


def kind_of(column: str, kind: str) -> str:
    """Tell what stands in a column, by its name and the kind of the field."""
    if column in _LISTS:
        return column
    if "bsn" in column or column in ("kvk_nummer", "project_id"):
        return "key"
    if column in ("adres", "vestigingsadres", "verblijfsadres", "postcode"):
        return "place"
    if "tijd" in column and kind == "any":
        return "small"
    return {"number": "number", "amount": "amount", "boolean": "boolean", "date": "date"}.get(kind, "text")


def words_of(laws: Iterable[ir.Regulation]) -> list[str]:
    """Give every text that the laws mention, so that conditions are met now and then."""
    found: dict[str, None] = {}

    def walk(node: Any) -> None:
        if isinstance(node, str):
            found[node] = None
        elif isinstance(node, list | tuple):
            for item in node:
                walk(item)
        elif isinstance(node, ir.Constant):
            walk(node.value)
        elif isinstance(node, ir.Operation):
            walk((*node.operands, *node.named.values()))

    for law in laws:
        article = law.articles[0]
        walk([item.value for item in article.definitions.values()])
        walk([action.expression for action in article.actions])
        if article.requirements is not None:
            walk(article.requirements)
    return list(found)


class Maker:
    """Makes rows of tables and the parameters of subjects."""

    def __init__(
        self, chance: random.Random, laws: Sequence[ir.Regulation], people: int, *, is_tidy: bool = False
    ) -> None:
        self.chance = chance
        self.words = words_of(laws)
        self.keys = [f"{number:09}" for number in chance.sample(range(10**6), people)]
        self.is_tidy = is_tidy
        self.nulls = chance.choice((0.0, 0.05, 0.3))
        self.doubles: dict[str, bool] = {}
        self.dates: dict[str, bool] = {}
        self.extreme = not is_tidy and chance.random() < 0.25

    def rows(self, design: TableDesign) -> list[dict[str, Any]]:
        """Give the rows of a table: for most keys one, sometimes none or, for a list, several."""
        chance = self.chance
        by = next((name for name, kind in design.columns.items() if kind in ("key", "place")), None)
        several = (design.is_listed and not design.is_single) or (not self.is_tidy and chance.random() < 0.03)
        if by is None:
            return [self._row(design, {}) for _ in range(chance.randrange(4))]
        pool = self.keys if design.columns[by] == "key" else _PLACES
        rows = []
        for key in pool:
            count = chance.choice((0, 1, 1, 1, 1)) if not several else chance.choice((0, 1, 2, 3))
            rows += [self._row(design, {by: key}) for _ in range(count)]
        if self.is_tidy and not several:
            for column, kind in design.columns.items():
                if kind == "key" and column != by:
                    for row, key in zip(rows, chance.sample(self.keys, len(rows)), strict=True):
                        row[column] = key
        chance.shuffle(rows)
        return rows

    def _row(self, design: TableDesign, known: Mapping[str, Any]) -> dict[str, Any]:
        row = {}
        for column, kind in design.columns.items():
            if column in known:
                row[column] = known[column]
            elif column in design.selecting:
                row[column] = self.chance.choice(design.selecting[column])
            else:
                row[column] = self.cell(f"{design.name}.{column}", kind)
        return row

    def cell(self, name: str, kind: str) -> Any:
        """Give a cell of a kind; now and then null."""
        chance = self.chance
        if chance.random() < self.nulls:
            return None
        if kind in _LISTS:
            shape = _LISTS[kind]
            length = chance.choice((0, 1, 2, 3))
            if isinstance(shape, str):
                return [self.cell(name, shape) for _ in range(length)]
            return [{field: self.cell(f"{name}.{field}", part) for field, part in shape.items()} for _ in range(length)]
        if kind == "key":
            return chance.choice(self.keys)
        if kind == "place":
            return chance.choice(_PLACES)
        if kind == "boolean":
            return chance.random() < 0.5
        if kind == "date":
            day = date(1935, 1, 1) + timedelta(chance.randrange(34_000))
            if self.dates.setdefault(name, chance.random() < 0.5):
                return day
            return day.isoformat() if chance.random() < 0.98 else chance.choice(("", "onbekend", "2024-02-30"))
        if kind in ("number", "amount", "small"):
            return self._number(name, kind)
        return chance.choice(self.words) if self.words and chance.random() < 0.9 else chance.choice(("", "anders"))

    def _number(self, name: str, kind: str) -> int | float:
        chance = self.chance
        most = {"number": 120, "small": 90, "amount": 9_000_000}[kind]
        if self.extreme and chance.random() < 0.05:
            most = 10**12
        is_double = self.doubles.setdefault(name, chance.random() < 0.25)
        if is_double:
            return chance.choice((chance.uniform(-most / 10, most), float(chance.randrange(most)), 0.0, 0.1))
        return chance.choice((chance.randrange(most), chance.randrange(-most // 10, most), 0, 1))

    def parameters(self, law: ir.Regulation) -> tuple[str, list[dict[str, Any]]]:
        """Give the key parameter, and for each subject its parameters."""
        declared = law.articles[0].parameters
        key = next((name for name in KEYS if name in declared), "")
        rows = []
        for number, person in enumerate(self.keys):
            row: dict[str, Any] = {}
            for name, item in declared.items():
                if name == key:
                    row[name] = person
                elif item.kind != "array":
                    row[name] = self.cell(f"subjects.{name}", kind_of(name.casefold(), item.kind))
            if not key:
                row = {"NUMMER": number, **row}
            rows.append(row)
        return key or "NUMMER", rows


_PLACES = ["Dorpsstraat 1", "Kade 2", "Markt 3", "1011AB"]

_TYPES = {
    "key": "VARCHAR",
    "place": "VARCHAR",
    "text": "VARCHAR",
    "boolean": "BOOLEAN",
    "kinderen": "STRUCT(bsn VARCHAR, leeftijd {leeftijd}, inkomen {inkomen})[]",
    "medebewoners": "STRUCT(bsn VARCHAR, leeftijd {leeftijd}, inkomen {inkomen})[]",
    "ouder_adressen": "VARCHAR[]",
    "handlichting_gebieden": "VARCHAR[]",
    "toegestane_categorieen": "VARCHAR[]",
}


def sql_type(maker: Maker, name: str, kind: str) -> str:
    """Give the type of a column."""
    if kind in ("number", "amount", "small"):
        return "DOUBLE" if maker.doubles.setdefault(name, False) else "BIGINT"
    if kind == "date":
        return "DATE" if maker.dates.setdefault(name, True) else "VARCHAR"
    parts = {part: sql_type(maker, f"{name}.{part}", "small") for part in ("leeftijd", "inkomen")}
    return _TYPES[kind].format(**parts)


def write_table(
    connection: duckdb.DuckDBPyConnection, path: Path, types: Mapping[str, str], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Write rows as a Parquet file, in their order."""
    columns = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
    connection.execute(f"CREATE OR REPLACE TABLE made ({columns})")
    if rows:
        marks = ", ".join("?" * len(types))
        connection.executemany(f"INSERT INTO made VALUES ({marks})", [[row[name] for name in types] for row in rows])
    connection.execute(f"COPY made TO '{path}' (FORMAT PARQUET)")
