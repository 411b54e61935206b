"""Tables of a body in columns: which rows the selections of a source leave, and what a cell is as a value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.arithmetic import Unfit
from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.lax_equality import among, equal
from eendracht.kernel.rules.columns.lax_facts import Facts
from eendracht.kernel.rules.columns.lax_numbers import doubles, integers
from eendracht.kernel.rules.columns.lax_plan import TABLE, Frame, Lookup
from eendracht.kernel.rules.columns.lax_rows import RowReader
from eendracht.kernel.rules.columns.lax_sql import Condition, all_of, as_sql, call, case_of, cases, none_of
from eendracht.kernel.rules.columns.lax_stored import each, item_field, leaf_element, leaves_of
from eendracht.kernel.rules.columns.lax_values import (
    BOOL,
    FAILED,
    FLOAT,
    INT,
    LIST,
    NOTHING,
    NULL,
    NUMBERS,
    RECORD,
    TEXT,
    Form,
    Value,
    of_tags,
    value_of,
    within,
)
from eendracht.kernel.rules.columns.population import Column, Population, Table
from eendracht.kernel.rules.columns.refusals import Refused
from eendracht.kernel.rules.columns.sql import Sql
from eendracht.kernel.rules.facts import Register
from eendracht.kernel.rules.lenient_sources import read_table

_INTEGERS: Final = frozenset(
    ("TINYINT", "SMALLINT", "INT", "INTEGER", "BIGINT", "INT128", "HUGEINT", "UTINYINT", "USMALLINT", "UINT", "UBIGINT")
)


@dataclass(frozen=True, slots=True)
class Lack:
    """A table or a column that a law asks for and the population does not have."""

    table: str
    column: str
    place: ir.Place


class Tables:
    """Looks tables up for the subjects; the same look-up is done once."""

    def __init__(self, frame: Frame, population: Population, facts: Facts, fresh: Callable[[], str]) -> None:
        self._frame = frame
        self._population = population
        self._facts = facts
        self._fresh = fresh
        self._names = {name.casefold(): name for name in population.tables}
        self._columns: dict[tuple[str, str], Sql] = {}
        self.lacks: list[Lack] = []
        self.read: dict[tuple[str, str], None] = {}
        self._paths: dict[str, Sql] = {}

    def find(self, service: str, source: ir.TableSource) -> Table | None:
        """Give the table of a source, in the order in which a case looks for it."""
        for body in (source.source_type, service, ""):
            name = self._names.get(f"{body}.{source.table}".strip(".").casefold())
            if name is not None:
                return self._population.tables[name]
        return None

    def value(
        self,
        service: str,
        item: ir.Input,
        source: ir.TableSource,
        wanted: Sequence[Value],
    ) -> Value:
        """Give what a source has for the values of its selections; raises Refused."""
        if not source.table:
            return NOTHING
        table = self.find(service, source)
        if table is None:
            self.lacks.append(Lack(f"{source.source_type or service}.{source.table}", "", item.field.place))
            return _undetermined(item.field.kind)
        columns = [self._column(table, name, item) for name in source.columns] if source.columns else None
        selected = [self._column(table, selection.column, item) for selection in source.selections]
        if any(column is None for column in (*(columns or ()), *selected)):
            return _undetermined(item.field.kind)
        known = [column for column in columns or table.columns.values() if column is not None]
        if source.is_record and not source.aggregation and not self._facts.count(table):
            return NOTHING
        where = [column for column in selected if column is not None]
        if all(value.is_constant for value in wanted):
            found = self._for_everyone(table, item, source, known, where, wanted)
            if found is not None:
                return found
        return self._for_each(table, item, source, known, list(zip(source.selections, where, wanted, strict=True)))

    def _column(self, table: Table, name: str, item: ir.Input) -> Column | None:
        column = table.find(name)
        if column is None:
            self.lacks.append(Lack(table.name, name, item.field.place))
        else:
            self.read[table.name, column.name] = None
        return column

    # --- The same for everyone ---

    def _for_everyone(
        self,
        table: Table,
        item: ir.Input,
        source: ir.TableSource,
        known: Sequence[Column],
        where: Sequence[Column],
        wanted: Sequence[Value],
    ) -> Value | None:
        filters = self._filters(table, list(zip(source.selections, where, wanted, strict=True)))
        names = list(dict.fromkeys(column.name for column in (*known, *where)))
        rows = self._facts.rows(table, filters or [], names)
        if rows is None:
            return None
        register = Register(table.name, "", rows, is_exact=False)
        constants = {
            id(selection.value): value.constant for selection, value in zip(source.selections, wanted, strict=True)
        }
        try:
            return value_of(read_table(register, source, item.field.kind, lambda node: constants[id(node)]))
        except Unfit:
            return FAILED

    def _filters(self, table: Table, selections: Sequence[tuple[ir.Selection, Column, Value]]) -> list[Sql] | None:
        """Give the conditions of selections by constants; None where one of them selects nothing."""
        filters: list[Sql] = []
        for selection, column, value in selections:
            cell = self._cell(table, column, exp.column(column.name, table=TABLE, quoted=True))
            if selection.operator in ("NOT_IN", "NOT_EQUALS"):
                condition = none_of(among(cell, value, self._fresh))
            else:
                inside = among(cell, value, self._fresh) if value.has(LIST) else equal(cell, value, self._fresh)
                condition = all_of(none_of(cell.is_(NULL)), none_of(value.is_(NULL)), inside)
            if condition is not True:
                filters.append(as_sql(condition))
        return filters

    # --- By row ---

    def _for_each(
        self,
        table: Table,
        item: ir.Input,
        source: ir.TableSource,
        known: Sequence[Column],
        selections: Sequence[tuple[ir.Selection, Column, Value]],
    ) -> Value:
        constant = [selection for selection in selections if selection[2].is_constant]
        filters = self._filters(table, constant) or []
        keys: list[tuple[Sql, str]] = []
        for selection, column, value in selections:
            if value.is_constant:
                continue
            if selection.operator in ("NOT_IN", "NOT_EQUALS"):
                raise Refused("selection-of-others", f"rows of '{table.name}' that are not someone's")
            keys.append(self._key(table, column, value))
        cells = [cell for cell, _ in keys]
        most = self._facts.most_rows(table, filters, cells)
        lookup = self._lookup(table, filters, keys, is_unique=most <= 1 and bool(keys))
        reader = RowReader(self, self._facts, table, lookup, filters, cells, most)
        if source.aggregation:
            return reader.aggregated(source.aggregation, known[0] if source.columns else None)
        if source.is_record:
            return reader.records(known, item.field.kind)
        return reader.scalars(known[0], item.field.kind)

    def _key(self, table: Table, column: Column, wanted: Value) -> tuple[Sql, str]:
        """Give the column of a table that must equal a value, and the name of the column that has it here."""
        if wanted.has(LIST):
            raise Refused("list-as-selection", f"a list by which rows of '{table.name}' are looked up")
        raw = exp.column(column.name, table=TABLE, quoted=True)
        cell = self._cell(table, column, raw)
        hint = f"by_{column.name}"
        if cell.has(TEXT):
            there = cell.part(TEXT)
            here = cases([(wanted.is_(TEXT), wanted.part(TEXT))], sql.null("VARCHAR")) if wanted.has(TEXT) else None
        elif cell.has(FLOAT):
            there = cell.part(FLOAT)
            here = self._number(wanted, doubles(wanted, "integer-beside-double")) if wanted.has(*NUMBERS) else None
        elif cell.has(BOOL, INT):
            there = integers(cell)
            here = self._number(wanted, _whole(wanted)) if wanted.has(*NUMBERS) else None
        else:
            raise Refused("type-of-selection", f"'{table.name}.{column.name}' is a list or an object")
        if here is None:
            here = sql.null("VARCHAR" if cell.has(TEXT) else "DOUBLE" if cell.has(FLOAT) else "BIGINT")
        named = self._frame.name(here, hint, "keys")
        return there, str(named.name)

    @staticmethod
    def _number(wanted: Value, expression: Sql) -> Sql:
        kind = "DOUBLE" if wanted.has(FLOAT) else "BIGINT"
        return cases([(wanted.is_(*NUMBERS), expression)], sql.null(kind))

    def _lookup(self, table: Table, filters: list[Sql], keys: list[tuple[Sql, str]], *, is_unique: bool) -> Lookup:
        written = "|".join(
            (table.name, *(item.sql() for item in filters), *(f"{cell.sql()}={here}" for cell, here in keys))
        )
        found = self._frame.lookups.get(written)
        if found is None:
            name = self._frame.unique(f"rows_of_{table.name}")
            found = Lookup(name, table.source, filters, keys, is_unique)
            self._frame.lookups[written] = found
        return found

    def bring(self, lookup: Lookup, cell: Sql, hint: str) -> Sql:
        """Give a column of a table that is looked up, as a column here."""
        written = (lookup.name, cell.sql())
        if written not in self._columns:
            name = self._frame.unique(f"{lookup.name.removeprefix('rows_of_')}_{hint}")
            lookup.cells[name] = cell
            self._columns[written] = sql.column(name)
        return self._columns[written]

    def share(self, expression: Sql, hint: str) -> Sql:
        """Name an expression beside the keys."""
        return self._frame.define(expression, hint, "keys")

    # --- Cells ---

    def _cell(self, table: Table, column: Column, expression: Sql) -> Value:
        return self.cell(table, column, expression, may_be_null=True)

    def cell(self, table: Table, column: Column, expression: Sql, *, may_be_null: bool) -> Value:
        """Give a cell of a column as a value. `expression` has the type of the column."""
        kind = exp.DataType.build(column.sql_type or "VARCHAR", dialect="duckdb")
        raw = exp.column(column.name, table=TABLE, quoted=True)
        return self.typed(table, column.name, kind, expression, raw, may_be_null=may_be_null)

    def typed(
        self, table: Table, name: str, kind: exp.DataType, cell: Sql, raw: Sql, *, may_be_null: bool = True
    ) -> Value:
        """Give a cell of a type as a value; `raw` is where it stands in its table."""
        word = kind.this.value if isinstance(kind.this, exp.DataType.Type) else str(kind.this)
        if word in ("LIST", "ARRAY"):
            tag, form = LIST, self._list(table, name, kind.expressions[0], cell, raw)
        elif word == "STRUCT":
            tag, form = RECORD, self._struct(table, name, kind, cell, raw)
        else:
            tag, form = self._scalar(table, name, word, cell, raw)
        empty = sql.is_null(cell) if may_be_null else False
        return of_tags([(empty, NULL)], tag, {tag: form})

    def _scalar(self, table: Table, name: str, word: str, cell: Sql, raw: Sql) -> tuple[int, Form]:
        self._paths[raw.sql()] = raw
        source = frozenset((("column", table.name, raw.sql()),))
        if word in ("VARCHAR", "TEXT"):
            return TEXT, Form(cell, sources=source)
        if word == "BOOLEAN":
            return BOOL, Form(cell)
        if word == "DATE":
            return TEXT, Form(sql.cast(cell, "VARCHAR"), sources=frozenset((("known",),)), day=cell)
        if word in ("TIMESTAMP", "TIMESTAMPNTZ"):
            written = call("STRFTIME", cell, sql.text("%Y-%m-%dT%H:%M:%S"))
            return TEXT, Form(written, sources=frozenset((("known",),)))
        if word in _INTEGERS:
            low, high = self._facts.bounds(table, raw, name)
            whole = cell if word == "BIGINT" else sql.cast(cell, "BIGINT")
            return INT, Form(whole, within(low), within(high))
        if word in ("DOUBLE", "FLOAT", "DECIMAL"):
            low, high = self._facts.bounds(table, raw, name)
            # A decimal becomes the nearest double through its digits: a division would round twice.
            real = sql.cast(sql.cast(cell, "VARCHAR"), "DOUBLE") if word == "DECIMAL" else sql.cast(cell, "DOUBLE")
            return FLOAT, Form(real, float(low), float(high))
        raise Refused("type-of-column", f"'{table.name}.{name}' has the type {word}")

    def _struct(self, table: Table, name: str, kind: exp.DataType, cell: Sql, raw: Sql) -> Form:
        fields: dict[str, Value] = {}
        for item in kind.expressions:
            part = str(item.this.name)
            fields[part] = self.typed(table, f"{name}.{part}", item.args["kind"], _part(cell, part), _part(raw, part))
        return Form(fields=fields)

    def _list(self, table: Table, name: str, kind: exp.DataType, cell: Sql, raw: Sql) -> Form:
        most = self._facts.longest(table, raw)
        word = kind.this.value if isinstance(kind.this, exp.DataType.Type) else str(kind.this)
        inside = exp.func("UNNEST", raw)
        if word in ("LIST", "ARRAY"):
            return Form(cell, most=most)
        if word == "STRUCT":
            fields = {}
            for item in kind.expressions:
                part = str(item.this.name)
                there = _part(inside, part)
                fields[part] = self.typed(table, f"{name}.{part}", item.args["kind"], item_field(part), there)
            element = Value({RECORD: Form(fields=fields)})
            if self._facts.has_null(table, inside, name):
                raise Refused("list-of-some-objects", f"a list in '{table.name}.{name}' with empty elements")
            return Form(cell, element=element, most=most)
        element = self.typed(table, name, kind, sql.column("e"), inside)
        name_of_item = exp.to_identifier("e", quoted=True)
        written = leaves_of(element).transform(
            lambda node: name_of_item.copy() if isinstance(node, exp.Column) and node.name == "e" else node
        )
        return Form(each(cell, written, "e"), element=leaf_element(element), most=most)

    def check_dates(self, table: str, path: str) -> None:
        """Raise Refused where texts of a column that stand for dates are written in another way."""
        name = self._names.get(table.casefold())
        assert name is not None
        self._facts.check_dates(self._population.tables[name], self._paths[path], path)


def _undetermined(kind: str) -> Value:
    """Give what stands for a lack, so that whatever else is lacking is found too; it is never run."""
    tag = {"number": INT, "amount": INT, "boolean": BOOL, "object": RECORD, "array": LIST}.get(kind, TEXT)
    form = Form(sql.null("INTEGER"), items=() if tag == LIST else None)
    return Value({NULL: Form(), tag: form}, sql.column("lacking"))


def _part(cell: Sql, part: str) -> Sql:
    return call("STRUCT_EXTRACT", cell, sql.text(part))


def _whole(wanted: Value) -> Sql:
    """Give a number as an integer; NULL where it is none."""
    parts: list[tuple[Condition, Sql]] = []
    if wanted.has(BOOL, INT):
        parts.append((wanted.is_(BOOL, INT), integers(wanted)))
    if wanted.has(FLOAT):
        real = wanted.part(FLOAT)
        is_whole = sql.equals(real, call("TRUNC", real))
        cut = exp.TryCast(this=real, to=exp.DataType.build("BIGINT"))
        parts.append((wanted.is_(FLOAT), case_of([(is_whole, cut)], sql.null("BIGINT"))))
    return cases(parts[:-1], parts[-1][1])
