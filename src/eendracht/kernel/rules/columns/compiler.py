"""Compiles outputs of laws of the exact dialect for a whole population: the same names, rules and choices as one case.

What an article says about everyone alike is computed here and becomes a literal; what differs becomes a column. What
cannot be carried exactly is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.columns import calendar, sql
from eendracht.kernel.rules.columns.operations import Operations
from eendracht.kernel.rules.columns.plan import KEY, SUBJECTS, Frame, Plan
from eendracht.kernel.rules.columns.population import Population, Table
from eendracht.kernel.rules.columns.reading import ColumnFault, ColumnNeed, is_allowed, read_column
from eendracht.kernel.rules.columns.refusals import NotCompiled, Refused
from eendracht.kernel.rules.columns.scope import Scope
from eendracht.kernel.rules.columns.sql import Sql
from eendracht.kernel.rules.columns.values import FIRST, LAST, Status, Value, constant, failed
from eendracht.kernel.rules.library import Library, NoSuchRule
from eendracht.kernel.rules.outcome import Mode

_KEY_TYPES: Final = {"string": "string", "integer": "number"}


@dataclass(slots=True)
class Compiled:
    """What a compilation gives: the plan, the value of each output, the columns asked for and the regulations used."""

    plan: Plan
    outputs: dict[str, Value]
    fields: dict[str, ir.Field | None]
    needs: list[ColumnNeed]
    faults: list[ColumnFault]
    used: dict[tuple[str, str], ir.Regulation] = field(default_factory=dict)
    areas: set[str] = field(default_factory=set)
    """Codes of areas that the choice of a regulation looked at."""


class Compiler:
    """Compiles for one date, one set of constant parameters and one population."""

    def __init__(
        self,
        library: Library,
        population: Population,
        on: date,
        parameters: Mapping[str, Any],
        mode: Mode = "propagate",
    ) -> None:
        self.library = library
        self.population = population
        self.on = on
        self.constants = dict(parameters)
        self.mode = mode
        self.plan = Plan(population)
        self.needs: dict[ColumnNeed, None] = {}
        self.faults: list[ColumnFault] = []
        self.used: dict[tuple[str, str], ir.Regulation] = {}
        self.laws: list[str] = []
        self.areas: set[str] = set()
        self.computing: list[tuple[str, str, str]] = []
        """Outputs that are being compiled: law, article, name."""
        self._scopes: dict[tuple[Any, ...], Scope] = {}

    def compile(self, law: str, outputs: Sequence[str]) -> Compiled:
        """Compile outputs of a law; raises NoSuchRule, and NotCompiled with what columns cannot carry."""
        regulation = self.library.select(law, self.on, self.constants).regulation
        self.laws.append(regulation.id)
        found: dict[str, Value] = {}
        fields: dict[str, ir.Field | None] = {}
        root = self.plan.frame(SUBJECTS)
        root.tables.append(self.population.subjects)
        try:
            for output in outputs:
                article = regulation.article_of(output)
                if article is None:
                    raise NoSuchRule(f"Output '{output}' not found in law '{law}'")
                scope = self.scope(regulation, article, root, self._parameters(root, article))
                found[output] = scope.output(output)
                fields[output] = article.outputs.get(output)
        except Refused as refused:
            raise NotCompiled(refused) from refused
        return Compiled(self.plan, found, fields, list(self.needs), self.faults, self.used, self.areas)

    def _parameters(self, root: Frame, article: ir.Article) -> dict[str, Value]:
        """The subject's key, what is the same for all, and the parameters that stand beside each subject."""
        table = self.population.tables[self.population.subjects]
        key = table.columns[table.key]
        found = {name: constant(value) for name, value in self.constants.items()}
        found[table.key] = Value(self.kind_of_key(table.key), sql.column(KEY), low=key.low, high=key.high)  # type: ignore[arg-type]
        for name, declared in article.parameters.items():
            column = table.find(name)
            if name not in found and column is not None:
                found[name] = self.read(root, table, column.name, declared, article)
        return found

    def kind_of_key(self, name: str) -> str:
        """Give the kind of a key; raises Refused when tables disagree, or for what is neither text nor whole."""
        types = {table.columns[table.key].type for table in self.population.tables.values() if table.key == name}
        if len(types) != 1 or not types <= set(_KEY_TYPES):
            raise Refused("key-type", f"the key '{name}' is {' and '.join(sorted(types))}")
        return _KEY_TYPES[types.pop()]

    def scope(
        self,
        law: ir.Regulation,
        article: ir.Article,
        frame: Frame,
        parameters: Mapping[str, Value],
        withheld: frozenset[str] = frozenset(),
        enclosing: frozenset[str] = frozenset(),
    ) -> Scope:
        """Give an article on a frame with parameters, made at its first use.

        `withheld` are parameters that the frame cannot carry, `enclosing` the outputs that wait for this one.
        """
        special = self.library.special_laws.intersection(self.laws)
        version = (law.id, law.valid_from, law.jurisdiction, article.number)
        key = (*version, special, frame.name, withheld, enclosing, _identity(parameters))
        if key not in self._scopes:
            self._scopes[key] = Scope(self, law, article, frame, parameters, withheld, enclosing)
            self.used[law.id, law.sha256] = law
            self.plan.titles[label(law, article)] = f"{law.name}, artikel {article.number}"
        return self._scopes[key]

    def read(
        self,
        frame: Frame,
        table: Table,
        name: str,
        declared: ir.Field,
        article: ir.Article,
        law: ir.Regulation | None = None,
    ) -> Value:
        """Read a column for a field; a column of the wrong type becomes a fault and an error for everyone."""
        column = table.find(name)
        assert column is not None
        self.needs[ColumnNeed(table.name, column.name, law.id if law else "", article.number)] = None
        if not is_allowed(column, declared.kind):
            self.faults.append(ColumnFault(column.name, table.name, column.type, declared.kind, declared.place))
            return failed()
        found = read_column(frame, table, column, is_always_there=self._is_always_there(frame, table))
        group = label(law, article) if law else frame.name

        def share(expression: Sql, hint: str) -> Sql:
            return frame.define(expression, hint, group)

        return fit_date(found, declared.kind, Operations(share))

    def _is_always_there(self, frame: Frame, table: Table) -> bool:
        if frame.is_child:
            return frame.tables[0] == table.name
        if frame.name == SUBJECTS:
            return table.name == self.population.subjects
        return frame.tables in ([], [table.name]) and len(self.population.tables) == 1


def fit_date(value: Value, kind: str, operations: Operations) -> Value:
    """Give a value for a field of a kind, with an error where text is no date, or a date is outside 1 to 9999."""
    if value.is_constant or value.sql is None:
        return value
    status: Status = value.status
    if value.kind == "string" and kind == "date":
        parsed = operations.once(calendar.parse_date(value.sql), "date")
        status = operations.or_error(status, sql.is_null(parsed))
    elif value.kind == "date" and (value.low < FIRST or value.high > LAST):
        status = operations.or_error(status, sql.is_null(operations.once(calendar.within(value.sql), "date")))
        return Value("date", value.sql, status, low=FIRST, high=LAST)
    return value if status is value.status else Value(value.kind, value.sql, status, low=value.low, high=value.high)


def label(law: ir.Regulation, article: ir.Article) -> str:
    """Name an article as a CTE."""
    return re.sub(r"[^a-z0-9]+", "_", f"{law.id}_art_{article.number}".casefold()).strip("_")


def _identity(parameters: Mapping[str, Value]) -> tuple[Any, ...]:
    return tuple(
        sorted(
            (
                name,
                f"{type(item.constant).__name__}:{item.constant!r}" if item.is_constant else str(item.sql),
                str(item.status),
                item.is_nobody,
                item.children,
            )
            for name, item in parameters.items()
        )
    )
