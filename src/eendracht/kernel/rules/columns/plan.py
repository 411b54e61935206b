"""The plan of a run: columns that are defined article by article over a frame, and the SQL that they become.

A frame is a set of subjects: those who are asked about, or those whom a key such as `partner_bsn` points to. Every
article that runs on a frame becomes one named CTE, which adds its columns to those before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlglot import exp

from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.population import Population, Table
from eendracht.kernel.rules.columns.sql import Sql

KEY = "key"
"""Name of the subject's key in every frame."""


@dataclass(slots=True)
class Definition:
    """One column: its name, its expression, and the article that it belongs to."""

    name: str
    expression: Sql
    group: str


@dataclass(slots=True)
class Join:
    """A frame that is looked up from another: by which column, and which of its columns are brought over."""

    frame: Frame
    by: str
    columns: dict[str, str] = field(default_factory=dict)
    """Name here to name there; `is_there` tells whether the key was found."""
    name: str = ""


@dataclass(slots=True)
class Count:
    """Rows of a child table brought together for each subject."""

    frame: Frame
    columns: dict[str, Sql]
    name: str


class Frame:
    """Subjects with their columns, as far as a plan needs them."""

    def __init__(self, plan: Plan, name: str, tables: Iterable[str] = (), *, is_child: bool = False) -> None:
        self.plan = plan
        self.name = name
        self.is_child = is_child
        self.base: dict[str, tuple[str, Sql]] = {}
        """Column name to the table it is read from and how."""
        self.tables = list(tables)
        self.definitions: dict[str, Definition] = {}
        self.joins: dict[str, Join] = {}
        self.counts: dict[str, Count] = {}
        self._names: set[str] = {KEY}
        self._written: dict[str, str] = {}

    def unique(self, hint: str) -> str:
        """Give a name that no other column of this frame has."""
        clean = re.sub(r"[^a-z0-9_]+", "_", hint.casefold()).strip("_") or "value"
        name, at = clean, 2
        while name in self._names:
            name, at = f"{clean}_{at}", at + 1
        self._names.add(name)
        return name

    def read(self, table: str, hint: str, cell: Sql) -> Sql:
        """Read a cell of a table; gives the reference to it in this frame. `cell` names its columns with the table."""
        name = re.sub(r"[^a-z0-9_]+", "_", f"{table}_{hint}".casefold())
        if name not in self.base:
            self._names.add(name)
            self.base[name] = (table, cell)
            if table not in self.tables:
                self.tables.append(table)
        return sql.column(name)

    def define(self, expression: Sql, hint: str, group: str) -> Sql:
        """Name an expression as a column of an article; gives the reference to it. The same expression has one name."""
        written = expression.sql()
        if written not in self._written:
            name = self.unique(hint)
            self.definitions[name] = Definition(name, expression, group)
            self._written[written] = name
        return sql.column(self._written[written])


@dataclass(slots=True)
class Plan:
    """Frames of one run; the first is that of the subjects."""

    population: Population
    frames: dict[str, Frame] = field(default_factory=dict)
    only: Sql | None = None
    """Which subjects it is for, as a condition on their table; None for all."""

    def frame(self, name: str) -> Frame:
        """Give a frame by its name, made at its first use."""
        if name not in self.frames:
            self.frames[name] = Frame(self, name)
        return self.frames[name]


def emit(plan: Plan, outputs: dict[str, Sql], title: str) -> exp.Select:
    """Give the query: one row for each subject with the key and the outputs."""
    writer = _Writer(plan)
    root = plan.frame("subjects")
    last = writer.frame(root)
    query = exp.select(
        exp.alias_(sql.column(KEY), plan.population.key, quoted=True),
        *(exp.alias_(expression, name, quoted=True) for name, expression in outputs.items()),
    ).from_(exp.to_identifier(last, quoted=True))
    for name, select in writer.written:
        query = query.with_(exp.to_identifier(name, quoted=True), as_=select, copy=False)
    query.add_comments([title])
    return query


class _Writer:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.written: list[tuple[str, exp.Select]] = []
        self._taken: set[str] = set()
        self._done: dict[str, str] = {}

    def _write(self, name: str, select: exp.Select) -> str:
        at, unique = 2, name
        while unique.casefold() in self._taken:
            unique, at = f"{name}_{at}", at + 1
        self._taken.add(unique.casefold())
        self.written.append((unique, select))
        return unique

    def frame(self, frame: Frame) -> str:
        """Write a frame with all it needs; gives the name of its last CTE."""
        if frame.name in self._done:
            return self._done[frame.name]
        last = self._write(frame.name, self._base(frame))
        order = _in_order(frame)
        for group, definitions in order:
            last = self._group(frame, group, definitions, last)
        self._done[frame.name] = last
        return last

    def _base(self, frame: Frame) -> exp.Select:
        tables = self._plan.population.tables
        names = list(frame.tables)
        subjects = self._plan.population.subjects
        if frame.is_child:
            first = names[0]
        elif frame.name == "subjects":
            first = subjects
        else:
            # Whoever a key points to need not be asked about: every table that is read may know of them.
            first = names[0] if names else subjects
        key = exp.column(tables[first].key, table=first, quoted=True)
        query = exp.select().from_(_aliased(tables[first]))
        keys: list[Sql] = [key]
        for name in names:
            if name == first:
                continue
            other = exp.column(tables[name].key, table=name, quoted=True)
            known = keys[0] if len(keys) == 1 else sql.call("COALESCE", *keys)
            side = "left" if frame.name == "subjects" or frame.is_child else "full"
            query = query.join(_aliased(tables[name]), on=sql.equals(known, other), join_type=side)
            if side == "full":
                keys.append(other)
        whole = keys[0] if len(keys) == 1 else sql.call("COALESCE", *keys)
        if frame.name == "subjects" and self._plan.only is not None:
            query = query.where(self._plan.only)
        columns = [exp.alias_(whole, KEY, quoted=True)]
        columns += [exp.alias_(cell, name, quoted=True) for name, (_, cell) in frame.base.items()]
        return query.select(*columns)

    def _group(self, frame: Frame, group: str, definitions: list[Definition], last: str) -> str:
        if group in frame.joins:
            return self._join(frame.joins[group], last)
        if group in frame.counts:
            return self._count(frame.counts[group], last)
        source: exp.Expr = exp.to_identifier(last, quoted=True)
        layers = _layers(definitions)
        query = exp.select(exp.Star(), *_aliases(layers[0])).from_(source)
        for layer in layers[1:]:
            query = exp.select(exp.Star(), *_aliases(layer)).from_(query.subquery("before"))
        return self._write(group, query)

    def _join(self, join: Join, last: str) -> str:
        there = self.frame(join.frame)
        columns = [
            exp.alias_(exp.column(name, table="there", quoted=True), mine, quoted=True)
            for mine, name in join.columns.items()
        ]
        query = exp.select(exp.Column(this=exp.Star(), table=exp.to_identifier("here")), *columns).from_(
            exp.alias_(exp.Table(this=exp.to_identifier(last, quoted=True)), "here", table=True)
        )
        found = exp.alias_(exp.Table(this=exp.to_identifier(there, quoted=True)), "there", table=True)
        on = sql.equals(exp.column(join.by, table="here", quoted=True), exp.column(KEY, table="there", quoted=True))
        return self._write(join.name, query.join(found, on=on, join_type="left"))

    def _count(self, count: Count, last: str) -> str:
        children = self.frame(count.frame)
        grouped = (
            exp.select(
                sql.column(KEY),
                *(exp.alias_(expression, name, quoted=True) for name, expression in count.columns.items()),
            )
            .from_(exp.to_identifier(children, quoted=True))
            .group_by(sql.column(KEY))
        )
        counted = self._write(f"{count.name}_per_subject", grouped)
        columns = [exp.column(name, table="there", quoted=True) for name in count.columns]
        query = exp.select(exp.Column(this=exp.Star(), table=exp.to_identifier("here")), *columns).from_(
            exp.alias_(exp.Table(this=exp.to_identifier(last, quoted=True)), "here", table=True)
        )
        found = exp.alias_(exp.Table(this=exp.to_identifier(counted, quoted=True)), "there", table=True)
        on = sql.equals(exp.column(KEY, table="here", quoted=True), exp.column(KEY, table="there", quoted=True))
        return self._write(count.name, query.join(found, on=on, join_type="left"))


def _aliased(table: Table) -> exp.Expr:
    alias = exp.TableAlias(this=exp.to_identifier(table.name, quoted=True))
    return exp.Table(this=table.source.copy(), alias=alias)


def _aliases(definitions: Iterable[Definition]) -> list[exp.Expr]:
    return [exp.alias_(item.expression, item.name, quoted=True) for item in definitions]


def _needs(expression: Sql) -> set[str]:
    return {str(item.name) for item in expression.find_all(exp.Column) if not item.table}


def _in_order(frame: Frame) -> list[tuple[str, list[Definition]]]:
    """Put articles after those whose columns they use; an article that needs itself through another is cut in two."""
    provides: dict[str, str] = {name: item.group for name, item in frame.definitions.items()}
    for name, join in frame.joins.items():
        provides |= dict.fromkeys(join.columns, name)
    for name, count in frame.counts.items():
        provides |= dict.fromkeys(count.columns, name)
    needs: dict[str, set[str]] = {name: _needs(item.expression) for name, item in frame.definitions.items()}
    done: set[str] = set(frame.base) | {KEY}
    rest = dict(frame.definitions)
    waiting = {**{name: {join.by} for name, join in frame.joins.items()}, **{name: set() for name in frame.counts}}
    order: list[tuple[str, list[Definition]]] = []
    while rest or waiting:
        ready_steps = [name for name, wanted in waiting.items() if wanted <= done]
        for name in ready_steps:
            order.append((name, []))
            done |= set(frame.joins[name].columns if name in frame.joins else frame.counts[name].columns)
            del waiting[name]
        taken = _take_group(rest, needs, done, provides)
        if taken is not None:
            group, definitions = taken
            order.append((group, definitions))
            done |= {item.name for item in definitions}
            for item in definitions:
                del rest[item.name]
        elif not ready_steps:
            missing = (
                sorted(set().union(*(needs[name] for name in rest)) - done - set(rest)) if rest else sorted(waiting)
            )
            raise AssertionError(f"columns that nothing defines: {missing}")
    return order


def _take_group(
    rest: dict[str, Definition], needs: dict[str, set[str]], done: set[str], provides: dict[str, str]
) -> tuple[str, list[Definition]] | None:
    """Give the first article that can be written whole; else as much of one as can be."""
    partial: tuple[str, list[Definition]] | None = None
    for group in dict.fromkeys(item.group for item in rest.values()):
        members = [item for item in rest.values() if item.group == group]
        known = set(done)
        ready: list[Definition] = []
        changed = True
        while changed:
            changed = False
            for item in members:
                if item not in ready and needs[item.name] <= known:
                    ready.append(item)
                    known.add(item.name)
                    changed = True
        if len(ready) == len(members):
            return group, ready
        if ready and partial is None:
            partial = (group, ready)
    return partial


def _layers(definitions: list[Definition]) -> list[list[Definition]]:
    """Split the columns of an article so that each layer uses only those before it."""
    level: dict[str, int] = {}
    layers: list[list[Definition]] = []
    for item in definitions:
        own = 1 + max((level[name] for name in _needs(item.expression) if name in level), default=-1)
        level[item.name] = own
        while len(layers) <= own:
            layers.append([])
        layers[own].append(item)
    return layers
