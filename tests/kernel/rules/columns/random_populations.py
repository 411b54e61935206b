"""Random populations: nulls, unknown facts, persons without a row, keys of others, impossible dates, huge amounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
from sqlglot import exp

from eendracht.kernel.rules.columns.opening import describe
from eendracht.kernel.rules.columns.population import Population, Table
from eendracht.kernel.rules.columns.uniqueness import is_unique
from eendracht.kernel.rules.facts import Register
from tests.kernel.rules.columns.choosing import Choices

_TOWNS = ("Gouda", "Delft", "", "gouda", "2024-02-29")
_DAYS = (date(2000, 2, 29), date(1990, 1, 31), date(2025, 1, 1), date(2024, 12, 30), date(1, 1, 1), date(9999, 12, 31))
_TEXT_DAYS = ("2001-03-01", "2000-02-29", "2025-02-30", "0000-01-01", "12-05-2001", "2001-3-1", "", "2025-01-01 ")
_BIG = (2**63 - 1, -(2**63), 2**62, 10**18)
_HUGE = (2**127 - 1, -(2**127) + 1, 2**126, 10**37)


@dataclass
class Made:
    """One table: its key, the SQL type of each column, and its rows (a fact that nobody gave is left out)."""

    name: str
    key: str
    types: dict[str, str]
    rows: list[dict[str, Any]]
    told: tuple[str, ...] = ()
    """Columns that have a status column beside them."""

    def register(self) -> Register:
        """Give the table as an evaluation of one case takes it."""
        return Register(self.name, self.key, self.rows)

    def write(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the table in a database."""
        columns = dict(self.types)
        for name in self.told:
            columns[f"{name}_status"] = "VARCHAR"
        made = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        connection.execute(f'CREATE OR REPLACE TABLE "{self.name}" ({made})')
        rows = [", ".join(_literal(self._cell(row, name), kind) for name, kind in columns.items()) for row in self.rows]
        if rows:
            connection.execute(f'INSERT INTO "{self.name}" VALUES ({"), (".join(rows)})')

    def _cell(self, row: dict[str, Any], name: str) -> Any:
        if name not in self.types:
            of = name.removesuffix("_status")
            return "unknown" if of not in row else "null" if row[of] is None else "known"
        return row.get(name)


@dataclass
class Village:
    """Tables of people; the first lists who is asked about."""

    tables: list[Made]
    kinds: dict[str, dict[str, str]] = field(default_factory=dict)
    """For each table the kind of each column as a law names it."""

    @property
    def subjects(self) -> Made:
        """The table of those who are asked about."""
        return self.tables[0]

    def registers(self) -> tuple[Register, ...]:
        """Give the tables as registers of a case."""
        return tuple(table.register() for table in self.tables)

    def open(self, connection: duckdb.DuckDBPyConnection) -> Population:
        """Make the tables in a database and describe them."""
        found = {}
        for made in self.tables:
            made.write(connection)
            source = exp.to_table(made.name)
            table = Table(made.name, source, made.key, describe(connection, source))
            found[made.name] = Table(
                made.name, source, made.key, table.columns, made.name != "children" and is_unique(connection, table)
            )
        return Population(self.subjects.name, found)


def _literal(value: Any, kind: str) -> str:
    if value is None:
        return "NULL"
    text = value.isoformat() if isinstance(value, date) else str(value)
    quoted = text.replace("'", "''")
    return f"CAST('{quoted}' AS {kind})"


class Villages:
    """Makes populations."""

    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self._is_text_key = choices.chance(60)
        self._size = choices.whole(2, 7)

    def make(self) -> Village:
        """Give a population of a few people, in one table or several."""
        choices = self._choices
        persons, kinds = self._persons()
        tables, found = [persons], {"persons": kinds}
        if choices.chance(40):
            rows = [{"bsn": self._key(number)} for number in range(self._size) if choices.chance(90)]
            tables.insert(0, Made("subjects", "bsn", {"bsn": self._key_type}, rows or [{"bsn": self._key(0)}]))
        if choices.chance(50):
            taxes, found["taxes"] = self._taxes()
            tables.append(taxes)
        if choices.chance(60):
            children, found["children"] = self._children()
            tables.append(children)
        return Village(tables, found)

    @property
    def _key_type(self) -> str:
        return "VARCHAR" if self._is_text_key else "BIGINT"

    def _key(self, number: int) -> Any:
        return f"{number:03d}" if self._is_text_key else number

    def _rows(self, types: dict[str, str], numbers: list[int], *, told: tuple[str, ...]) -> list[dict[str, Any]]:
        rows = []
        for number in numbers:
            row: dict[str, Any] = {"bsn": self._key(number)}
            for name, kind in types.items():
                if name == "bsn":
                    continue
                if name in told and self._choices.chance(15):
                    continue
                row[name] = None if self._choices.chance(12) else self._value(name, kind)
            rows.append(row)
        return rows

    def _value(self, name: str, kind: str) -> Any:
        choices = self._choices
        if name == "partner":
            return self._key(choices.whole(0, self._size + 2))
        if kind == "BOOLEAN":
            return choices.chance(50)
        if kind == "DATE":
            return choices.pick(_DAYS) if choices.chance(50) else date.fromordinal(choices.whole(700_000, 740_000))
        if kind == "VARCHAR":
            if name == "moved":
                is_odd = choices.chance(12)
                return choices.pick(_TEXT_DAYS if is_odd else _TEXT_DAYS[:2])
            return choices.pick(_TOWNS)
        if kind.startswith("DECIMAL"):
            scale = int(kind.partition(",")[2].strip(" )"))
            return Decimal(choices.whole(-500, 50_000)) / Decimal(10) ** scale
        if kind == "HUGEINT":
            return choices.pick(_HUGE)
        if name == "big":
            return choices.pick(_BIG)
        return choices.whole(-3, 12) if choices.chance(60) else choices.whole(-50_000, 9_000_000)

    def _told(self, types: dict[str, str]) -> tuple[str, ...]:
        return tuple(name for name in types if name != "bsn" and self._choices.chance(25))

    def _persons(self) -> tuple[Made, dict[str, str]]:
        types = {
            "bsn": self._key_type,
            "partner": self._key_type,
            "income": "BIGINT",
            "wealth": self._choices.pick(("DECIMAL(12,2)", "DECIMAL(9,4)", "INTEGER")),
            "born": "DATE",
            "moved": "VARCHAR",
            "town": "VARCHAR",
            "insured": "BOOLEAN",
        }
        if self._choices.chance(10):
            types["big"] = self._choices.pick(("BIGINT", "HUGEINT"))
        told = self._told(types)
        numbers = [number for number in range(self._size + 1) if number < 2 or self._choices.chance(92)]
        kinds = {
            "partner": "string" if self._is_text_key else "number",
            "income": "amount",
            "wealth": "number",
            "born": "date",
            "moved": "date" if self._choices.chance(80) else "string",
            "town": "string",
            "insured": "boolean",
            **({"big": "number"} if "big" in types else {}),
        }
        return Made("persons", "bsn", types, self._rows(types, numbers, told=told), told), kinds

    def _taxes(self) -> tuple[Made, dict[str, str]]:
        types = {"bsn": self._key_type, "box": "INTEGER", "rate": "DECIMAL(5,4)", "checked": "BOOLEAN"}
        if self._choices.chance(20):
            types["income"] = "BIGINT"
        told = self._told(types)
        numbers = [number for number in range(self._size + 2) if self._choices.chance(70)]
        rows = self._rows(types, numbers, told=told)
        if self._choices.chance(15):
            rows.append({**self._rows(types, [0], told=())[0], "bsn": None})
        return Made("taxes", "bsn", types, rows, told), {"box": "amount", "rate": "number", "checked": "boolean"}

    def _children(self) -> tuple[Made, dict[str, str]]:
        types = {"bsn": self._key_type, "age": "INTEGER", "cost": "DECIMAL(8,2)", "birth": "DATE", "home": "BOOLEAN"}
        told = self._told(types)
        numbers = [self._choices.whole(0, self._size + 1) for _ in range(self._choices.whole(0, 8))]
        kinds = {"age": "number", "cost": "amount", "birth": "date", "home": "boolean"}
        return Made("children", "bsn", types, self._rows(types, numbers, told=told), told), kinds
