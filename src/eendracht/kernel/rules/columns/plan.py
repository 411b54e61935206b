"""The plan of a run: columns that are defined article by article over a frame, and the SQL that they become.

A frame is a set of subjects: those who are asked about, or those whom a key such as `partner_bsn` points to. Every
article that runs on a frame becomes one named CTE, which adds its columns to those before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.population import Population
from eendracht.kernel.rules.columns.sql import Sql

KEY = "key"
"""Name of the subject's key in every frame."""
SUBJECTS = "subjects"
"""Name of the frame of those who are asked about."""


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
        self._read: dict[tuple[str, str], str] = {}
        self._written: dict[Sql, str] = {}

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
        if (table, hint) not in self._read:
            name = self._read[table, hint] = self.unique(hint)
            self.base[name] = (table, cell)
            if table not in self.tables:
                self.tables.append(table)
        return sql.column(self._read[table, hint])

    def define(self, expression: Sql, hint: str, group: str) -> Sql:
        """Name an expression as a column of an article; gives the reference to it. The same expression has one name."""
        if expression not in self._written:
            name = self.unique(hint)
            self.definitions[name] = Definition(name, expression, group)
            self._written[expression] = name
        return sql.column(self._written[expression])

    def step_of(self, name: str) -> Join | Count | None:
        """Give the join or count that brings a column; None for one that is read or computed here."""
        steps: list[Join | Count] = [*self.joins.values(), *self.counts.values()]
        for step in steps:
            if name in step.columns:
                return step
        return None


@dataclass(slots=True)
class Plan:
    """Frames of one run; the first is that of the subjects."""

    population: Population
    frames: dict[str, Frame] = field(default_factory=dict)
    only: Sql | None = None
    """Which subjects it is for, as a condition on their table; None for all."""
    titles: dict[str, str] = field(default_factory=dict)
    """What a group of columns is called in full: law and article."""
    _linked: dict[tuple[str, str], Frame] = field(default_factory=dict)

    def frame(self, name: str) -> Frame:
        """Give a frame by its name, made at its first use."""
        if name not in self.frames:
            self.frames[name] = Frame(self, name)
        return self.frames[name]

    def linked(self, frame: Frame, key: str) -> Frame:
        """Give the frame of those whom a column of a frame points to, made at its first use."""
        found = self._linked.get((frame.name, key))
        if found is None:
            name = key if frame.name == SUBJECTS else f"{frame.name}_{key}"
            at, unique = 2, name
            while unique in self.frames or unique in self.population.tables:
                unique, at = f"{name}_{at}", at + 1
            found = self._linked[frame.name, key] = self.frame(unique)
        return found
