"""The plan of a run of the lax dialect: columns law by law over the subjects, and the tables that are looked up.

Every law becomes a named CTE that adds its columns to those before it; every table that is looked up becomes one too,
with a row for each key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.plan import Definition
from eendracht.kernel.rules.columns.population import Population
from eendracht.kernel.rules.columns.sql import Sql

KEY = "key"
"""Name of the subject's key."""
TABLE = "t"
"""Name of a table within its own CTE."""
_SMALL = 6


@dataclass(slots=True)
class Lookup:
    """A table with a row for each key, joined by columns of the subjects."""

    name: str
    source: Sql
    filters: list[Sql]
    keys: list[tuple[Sql, str]]
    """The column of the table, and the name of the column here that it must equal."""
    is_unique: bool
    cells: dict[str, Sql] = field(default_factory=dict)


class Frame:
    """The subjects with their columns, as far as a plan needs them."""

    def __init__(self, population: Population) -> None:
        self.population = population
        self.base: dict[str, Sql] = {}
        self.definitions: dict[str, Definition] = {}
        self.lookups: dict[str, Lookup] = {}
        self._names: set[str] = {KEY}
        self._written: dict[str, str] = {}

    def unique(self, hint: str) -> str:
        """Give a name that no other column has."""
        clean = re.sub(r"[^a-z0-9_]+", "_", hint.casefold()).strip("_") or "value"
        name, at = clean, 2
        while name in self._names:
            name, at = f"{clean}_{at}", at + 1
        self._names.add(name)
        return name

    def read(self, column: str) -> Sql:
        """Read a column of the table of subjects."""
        name = next((known for known, cell in self.base.items() if cell.name == column), None)
        if name is None:
            name = self.unique(f"subject_{column}")
            self.base[name] = exp.column(column, table=TABLE, quoted=True)
        return sql.column(name)

    def define(self, expression: Sql, hint: str, group: str) -> Sql:
        """Name an expression as a column of a law; a small one stays as it is. The same expression has one name."""
        if _is_small(expression) or _speaks_of_items(expression):
            return expression
        return self.name(expression, hint, group)

    def name(self, expression: Sql, hint: str, group: str) -> Sql:
        """Name an expression as a column of a law, however small."""
        if isinstance(expression, exp.Column):
            return expression
        written = expression.sql()
        if written not in self._written:
            name = self.unique(hint)
            self.definitions[name] = Definition(name, expression, group)
            self._written[written] = name
        return sql.column(self._written[written])


def _is_small(expression: Sql) -> bool:
    return sum(1 for _, _ in zip(range(_SMALL), expression.walk(), strict=False)) < _SMALL


def _speaks_of_items(expression: Sql) -> bool:
    """Whether an expression speaks of the element of a list that it stands within."""
    named = {str(column.table) for column in expression.find_all(exp.Column) if str(column.table).startswith("item")}
    if not named:
        return False
    own = {str(name.name) for item in expression.find_all(exp.Lambda) for name in item.expressions}
    return not named <= own


def emit(frame: Frame, outputs: Mapping[str, Sql], title: str) -> exp.Select:
    """Give the query: one row for each subject with the key and the outputs."""
    writer = _Writer(frame)
    last = writer.write_all()
    query = exp.select(
        exp.alias_(sql.column(KEY), frame.population.key, quoted=True),
        *(exp.alias_(expression, name, quoted=True) for name, expression in outputs.items()),
    ).from_(exp.to_identifier(last, quoted=True))
    for name, select in writer.written:
        query = query.with_(exp.to_identifier(name, quoted=True), as_=select, copy=False)
    query.add_comments([title])
    return query


class _Writer:
    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self.written: list[tuple[str, exp.Select]] = []
        self._taken: set[str] = set()

    def write_all(self) -> str:
        last = self._write("subjects", self._subjects())
        done = {KEY, *self._frame.base}
        needs = {name: _needs(item.expression) for name, item in self._frame.definitions.items()}
        rest = dict(self._frame.definitions)
        waiting = {item.name: item for item in self._frame.lookups.values()}
        while rest or waiting:
            ready = [item for item in waiting.values() if {here for _, here in item.keys} <= done]
            if ready:
                last = self._join(ready, last)
                for item in ready:
                    done |= set(item.cells)
                    del waiting[item.name]
            group, definitions = _next_group(rest, needs, done)
            if definitions:
                last = self._group(group, definitions, last)
                done |= {item.name for item in definitions}
                for definition in definitions:
                    del rest[definition.name]
            elif not ready:
                lacking = set().union(*(needs[name] for name in rest)) - done - set(rest)
                raise AssertionError(f"columns that nothing defines: {sorted(lacking)}, waiting {sorted(waiting)}")
        return last

    def _write(self, name: str, select: exp.Select) -> str:
        at, unique = 2, name
        while unique.casefold() in self._taken:
            unique, at = f"{name}_{at}", at + 1
        self._taken.add(unique.casefold())
        self.written.append((unique, select))
        return unique

    def _subjects(self) -> exp.Select:
        population = self._frame.population
        table = population.tables[population.subjects]
        key = exp.column(table.key, table=TABLE, quoted=True)
        columns = [exp.alias_(key, KEY, quoted=True)]
        columns += [exp.alias_(cell, name, quoted=True) for name, cell in self._frame.base.items()]
        return exp.select(*columns).from_(_aliased(table.source))

    def _group(self, group: str, definitions: list[Definition], last: str) -> str:
        layers = _layers(definitions)
        query = _select([exp.Star(), *_aliases(layers[0])]).from_(exp.to_identifier(last, quoted=True), copy=False)
        for layer in layers[1:]:
            query = _select([exp.Star(), *_aliases(layer)]).from_(query.subquery("before", copy=False), copy=False)
        return self._write(group, query)

    def _join(self, lookups: list[Lookup], last: str) -> str:
        columns: list[exp.Expr] = [exp.Column(this=exp.Star(), table=exp.to_identifier("here"))]
        names = []
        for at, lookup in enumerate(lookups):
            names.append(self._write(lookup.name, _looked_up(lookup)))
            columns += [exp.column(name, table=f"there{at}", quoted=True) for name in lookup.cells]
        here = exp.Table(this=exp.to_identifier(last, quoted=True))
        query = exp.select(*columns).from_(exp.alias_(here, "here", table=True))
        for at, lookup in enumerate(lookups):
            there = exp.alias_(exp.Table(this=exp.to_identifier(names[at], quoted=True)), f"there{at}", table=True)
            on: list[Sql] = [
                sql.equals(
                    exp.column(mine, table="here", quoted=True),
                    exp.column(f"key_{number}", table=f"there{at}", quoted=True),
                )
                for number, (_, mine) in enumerate(lookup.keys)
            ]
            query = query.join(there, on=sql.both(on) if on else exp.true(), join_type="left")
        return self._write("with_tables", query)


def _looked_up(lookup: Lookup) -> exp.Select:
    columns = [exp.alias_(cell, f"key_{at}", quoted=True) for at, (cell, _) in enumerate(lookup.keys)]
    columns += [exp.alias_(cell, name, quoted=True) for name, cell in lookup.cells.items()]
    query = exp.select(*columns).from_(_aliased(lookup.source))
    if lookup.filters:
        query = query.where(sql.both(lookup.filters))
    if not lookup.is_unique and lookup.keys:
        query = query.group_by(*(exp.Literal.number(at + 1) for at in range(len(lookup.keys))))
    return query


def _aliased(source: Sql) -> exp.Expr:
    return exp.Table(this=source.copy(), alias=exp.TableAlias(this=exp.to_identifier(TABLE, quoted=True)))


def _select(columns: list[exp.Expr]) -> exp.Select:
    """Select columns without a copy of each."""
    return exp.Select().select(*columns, copy=False)


def _aliases(definitions: list[Definition]) -> list[exp.Expr]:
    return [exp.alias_(item.expression, item.name, quoted=True, copy=False) for item in definitions]


def _needs(expression: Sql) -> set[str]:
    return {str(item.name) for item in expression.find_all(exp.Column) if not item.table}


def _next_group(
    rest: dict[str, Definition], needs: dict[str, set[str]], done: set[str]
) -> tuple[str, list[Definition]]:
    """Give the first law that can be written whole; else as much of one as can be."""
    partial: tuple[str, list[Definition]] = ("", [])
    for group in dict.fromkeys(item.group for item in rest.values()):
        members = [item for item in rest.values() if item.group == group]
        known = set(done)
        ready: list[Definition] = []
        for item in members:
            if needs[item.name] <= known:
                ready.append(item)
                known.add(item.name)
        if len(ready) == len(members):
            return group, ready
        if len(ready) > len(partial[1]):
            partial = (group, ready)
    return partial


def _layers(definitions: list[Definition]) -> list[list[Definition]]:
    """Split the columns of a law so that each layer uses only those before it."""
    level: dict[str, int] = {}
    layers: list[list[Definition]] = []
    for item in definitions:
        own = 1 + max((level[name] for name in _needs(item.expression) if name in level), default=-1)
        level[item.name] = own
        while len(layers) <= own:
            layers.append([])
        layers[own].append(item)
    return layers
