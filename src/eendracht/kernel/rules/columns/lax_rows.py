"""What a source gives of the rows of one look-up: a value, an object, a list, or what they come to together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.lax_choices import choose
from eendracht.kernel.rules.columns.lax_facts import Facts
from eendracht.kernel.rules.columns.lax_lists import fold_list
from eendracht.kernel.rules.columns.lax_numbers import doubles, interval
from eendracht.kernel.rules.columns.lax_plan import TABLE, Lookup
from eendracht.kernel.rules.columns.lax_sql import Condition, all_of, any_of, call, case_of, none_of
from eendracht.kernel.rules.columns.lax_stored import item_field, leaf_element, leaves_of
from eendracht.kernel.rules.columns.lax_values import (
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
    integer_value,
    of_tags,
)
from eendracht.kernel.rules.columns.population import Column, Table
from eendracht.kernel.rules.columns.refusals import Refused
from eendracht.kernel.rules.columns.sql import Sql

if TYPE_CHECKING:
    from eendracht.kernel.rules.columns.lax_tables import Tables

ROW: Final = "file_row_number"
"""Column that tells the order of the rows of a table."""


@dataclass(frozen=True, slots=True)
class RowReader:
    """Reads the rows of one look-up."""

    tables: Tables
    facts: Facts
    table: Table
    lookup: Lookup
    filters: Sequence[Sql]
    keys: Sequence[Sql]
    most: int

    @property
    def _one(self) -> bool:
        return self.lookup.is_unique

    def _raw(self, column: Column) -> Sql:
        return exp.column(column.name, table=TABLE, quoted=True)

    def _rows(self) -> Sql:
        """How many rows there are for a subject."""
        if self._one:
            there = self.tables.bring(self.lookup, sql.integer(1, "BIGINT"), "is_there")
        else:
            there = self.tables.bring(self.lookup, sql.cast(exp.Count(this=exp.Star()), "BIGINT"), "rows")
        return call("COALESCE", there, sql.integer(0, "BIGINT"))

    def _is_there(self) -> Sql:
        return sql.compare(exp.GT, self._rows(), sql.integer(0, "BIGINT"))

    def _first(self, column: Column) -> Sql:
        raw = self._raw(column)
        if not self._one:
            raw = _in_row_order("FIRST", raw)
        return self.tables.bring(self.lookup, raw, column.name)

    def _list(self, body: Sql, hint: str) -> Sql:
        """Give the list of what stands in the rows, in their order."""
        if self._one:
            made: Sql = exp.Array(expressions=[body])
        else:
            made = _in_row_order("LIST", body)
        return self.tables.bring(self.lookup, made, f"{hint}_list")

    def scalars(self, column: Column, kind: str) -> Value:
        """Give a column: nothing, one value or, for an array, a list."""
        if kind == "array":
            return self._array(column)
        raw = self._raw(column)
        if not self._one and not self.facts.is_single_valued(self.table, self.filters, self.keys, raw):
            raise Refused("several-values", f"'{self.table.name}.{column.name}' has several values for one subject")
        return self.tables.cell(self.table, column, self._first(column), may_be_null=True)

    def _array(self, column: Column) -> Value:
        raw = self._raw(column)
        cell = self.tables.cell(self.table, column, raw, may_be_null=True)
        if cell.has(LIST, RECORD):
            if not self._one:
                raise Refused("several-values", f"'{self.table.name}.{column.name}' has several lists for one subject")
            brought = self.tables.cell(self.table, column, self._first(column), may_be_null=True)
            empty = Value({LIST: Form(items=())})
            if cell.has(LIST):
                return choose([(brought.is_(NULL), _empty_like(brought))], brought)
            return choose([(brought.is_(NULL), empty)], Value({LIST: Form(items=(brought,))}))
        stored = self._list(leaves_of(cell), column.name)
        element = leaf_element(cell)
        made = Value({LIST: Form(stored, element=element, most=self.most)})
        nothing = _empty_like(made)
        alone = sql.equals(self._rows(), sql.integer(1, "BIGINT"))
        lone = exp.Bracket(this=stored, expressions=[exp.Literal.number(1)], offset=1)
        is_null = _null_leaf(lone) if cell.has(NULL) else False
        return choose([(none_of(self._is_there()), nothing), (all_of(alone, is_null), nothing)], made)

    def records(self, columns: Sequence[Column], kind: str) -> Value:
        """Give rows: nothing, one object or, for an array, a list of objects."""
        if kind != "array":
            if not self._one and self.most > 1:
                raise Refused("several-objects", f"'{self.table.name}' has several rows for one subject")
            fields = {
                column.name: self.tables.cell(self.table, column, self._first(column), may_be_null=True)
                for column in columns
            }
            return of_tags([(none_of(self._is_there()), NULL)], RECORD, {RECORD: Form(fields=fields)})
        parts: list[Sql] = []
        elements: dict[str, Value] = {}
        for column in columns:
            parts.append(exp.PropertyEQ(this=exp.to_identifier(column.name, quoted=True), expression=self._raw(column)))
            elements[column.name] = self.tables.cell(self.table, column, item_field(column.name), may_be_null=True)
        stored = self._list(exp.Struct(expressions=parts), "rows")
        element = Value({RECORD: Form(fields=elements)})
        made = Value({LIST: Form(stored, element=element, most=self.most)})
        return choose([(none_of(self._is_there()), _empty_like(made))], made)

    def aggregated(self, name: str, column: Column | None) -> Value:
        """Bring a column together, without its nulls; of nothing, count and sum give 0 and the others null."""
        rows = integer_value(self._rows(), 0, self.most)
        if name == "count" and column is None:
            return rows
        if column is None:
            raise Refused("aggregation-of-objects", f"{name} over whole rows of '{self.table.name}'")
        cell = self.tables.cell(self.table, column, self._raw(column), may_be_null=True)
        if cell.has(LIST, RECORD):
            raise Refused("aggregation-of-objects", f"{name} over lists or objects of '{self.table.name}'")
        tag = next((tag for tag in cell.forms if tag != NULL), NULL)
        part = cell.part(tag)
        counted = exp.Count(this=part.copy()) if not self._one else case_of([(sql.is_null(part), _zero())], _one())
        present = call("COALESCE", self.tables.bring(self.lookup, sql.cast(counted, "BIGINT"), "count"), _zero())
        if name == "count":
            return integer_value(present, 0, self.most)
        stored = self._list(leaves_of(cell), column.name)
        kept = call("COALESCE", stored, exp.Array(expressions=[]))
        values = Form(kept, element=leaf_element(cell), most=self.most)
        nothing: Condition = sql.equals(present, _zero())
        if name == "sum":
            return fold_list("ADD", values)
        if name in ("min", "max"):
            return choose([(nothing, NOTHING)], self._extreme(name, tag, cell, column))
        if name in ("avg", "mean", "average") and tag in NUMBERS:
            total = fold_list("ADD", values)
            return choose([(nothing, NOTHING)], self._average(total, present))
        raise Refused("aggregation", f"the aggregation '{name}' of '{self.table.name}.{column.name}'")

    def _extreme(self, name: str, tag: int, cell: Value, column: Column) -> Value:
        if tag not in (INT, TEXT):
            raise Refused("extreme-of-doubles", f"{name} over '{self.table.name}.{column.name}'")
        part = cell.part(tag)
        made = part if self._one else exp.Min(this=part) if name == "min" else exp.Max(this=part)
        form = cell.forms[tag]
        return Value({tag: Form(self.tables.bring(self.lookup, made, name), form.low, form.high, form.sources)})

    @staticmethod
    def _average(total: Value, present: Sql) -> Value:
        number = doubles(total, "integer-in-quotient")
        low, high = interval(total, *NUMBERS)
        quotient = exp.Div(this=sql.wrap(number), expression=sql.cast(present, "DOUBLE"))
        made = Value({FLOAT: Form(quotient, min(low, 0), max(high, 0))})
        failed: Condition = any_of(total.is_(*(tag for tag in total.forms if tag not in NUMBERS)))
        return choose([(failed, FAILED)], made)


def _in_row_order(name: str, body: Sql) -> Sql:
    by = exp.Ordered(this=exp.column(ROW, table=TABLE, quoted=True), nulls_first=False)
    return exp.Anonymous(this=name, expressions=[exp.Order(this=body, expressions=[by])])


def _null_leaf(element: Sql) -> Condition:
    return sql.equals(call("STRUCT_EXTRACT", element, sql.text("t")), sql.integer(NULL, "TINYINT"))


def _empty_like(made: Value) -> Value:
    """Give an empty list in the stored form of another."""
    form = made.forms[LIST]
    assert form.sql is not None
    nothing = call("LIST_SLICE", form.sql, sql.integer(1, "BIGINT"), sql.integer(0, "BIGINT"))
    emptied = call("COALESCE", nothing, exp.Array(expressions=[]))
    return Value({LIST: Form(emptied, element=form.element, most=form.most)})


def _zero() -> Sql:
    return sql.integer(0, "BIGINT")


def _one() -> Sql:
    return sql.integer(1, "BIGINT")
