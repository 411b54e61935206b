"""FOREACH on columns: the rows of a child table are computed by themselves, and brought together for each subject."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlglot import exp

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.plan import KEY, Count, Frame
from eendracht.kernel.rules.columns.population import Table
from eendracht.kernel.rules.columns.refusals import Refused
from eendracht.kernel.rules.columns.sql import Sql
from eendracht.kernel.rules.columns.values import ERROR, NULL, OK, UNKNOWN, Moving, Value, constant

if TYPE_CHECKING:
    from eendracht.kernel.rules.columns.scope import Scope

_ANY = frozenset(range(ERROR + 1))
LIMIT = 1000
"""RFC-016: a longer collection is an error."""


def compile_foreach(scope: Scope, node: ir.Operation, collection: Value, local: Mapping[str, Table]) -> Value:
    """Give the value of a FOREACH with `combine`; raises Refused for a list as result and for one inside another."""
    combine = node.options["combine"]
    if combine is None:
        raise Refused("foreach-list", "FOREACH without combine, which gives a list for each person")
    if local:
        raise Refused("nested-foreach", "FOREACH inside FOREACH")
    if collection.is_constant:
        if collection.status not in (OK, NULL):
            return collection
        if not collection.constant:
            return constant({"ADD": 0, "OR": False, "AND": True}.get(combine))
        raise Refused("constant-collection", "FOREACH over a list that is the same for everyone")
    if not collection.children:
        raise Refused("list-by-row", "FOREACH over something else than the rows of a table")
    table = scope.compiler.population.tables[collection.children]
    frame = _child_frame(scope, table)
    carried = _carried(scope)
    withheld = frozenset(scope.parameters) - frozenset(carried) | scope.withheld
    inner = scope.compiler.scope(scope.law, scope.article, frame, carried, withheld, scope.computing)
    rows = {node.options["as"]: table}
    condition = node.named.get("filter")
    kept = inner.value(condition, rows) if condition is not None else constant(True)
    body = inner.value(node.operands[1], rows)
    return _Combination(scope, inner, frame, table.name).combine(combine, kept, body)


def _child_frame(scope: Scope, table: Table) -> Frame:
    plan = scope.compiler.plan
    name = f"{table.name}_of_{scope.frame.name}"
    if name not in plan.frames:
        plan.frames[name] = Frame(plan, name, (table.name,), is_child=True)
    return plan.frames[name]


def _carried(scope: Scope) -> dict[str, Value]:
    """Parameters as a child row knows them: its key is that of the subject, and what is the same for all stays."""
    found = {}
    for name, value in scope.parameters.items():
        is_own = isinstance(value.sql, exp.Column) and value.sql.name == KEY
        if (value.is_constant or is_own) and not value.is_nobody:
            found[name] = value
    return found


class _Combination:
    def __init__(self, scope: Scope, inner: Scope, frame: Frame, table: str) -> None:
        self._scope = scope
        self._inner = inner
        self._frame = frame
        self._name = scope.frame.unique(f"{scope.group}_{table}")

    def combine(self, combine: str, kept: Value, body: Value) -> Value:
        keep = self._code(kept, "kept")
        included = sql.equals(keep, _tiny(1)) if not kept.is_constant else sql.boolean(bool(kept.constant))
        is_truth = combine in ("AND", "OR")
        if not is_truth and body.kind not in ("number", "date"):
            raise Refused("combine-kind", f"FOREACH {combine} over {body.kind}")
        body = self._inner.named(self._inner.operations.closed(body), "item")
        status = self._code(body, "item_code") if is_truth else body.status_sql
        columns = {
            "rows": sql.cast(exp.Count(this=exp.Star()), "BIGINT"),
            "filter_null": self._any(_is_null_filter(kept)),
            "filter_absent": self._most(keep, sql.boolean(True)),
            "body_absent": self._most(status, included),
            "body_null": self._any(sql.both([included, sql.equals(status, _tiny(NULL))])),
        }
        result, value = self._aggregate(combine, body, status, included)
        columns["result"] = result
        names = {key: self._scope.frame.unique(f"{self._name}_{key}") for key in columns}
        count = Count(self._frame, {names[key]: item for key, item in columns.items()}, self._name)
        self._scope.frame.counts[self._name] = count
        return self._outcome(combine, {key: sql.column(name) for key, name in names.items()}, value)

    def _code(self, value: Value, hint: str) -> Sql:
        code = self._inner.operations.code(value)
        return _tiny(code) if isinstance(code, int) else self._inner.operations.once(code, hint)

    @staticmethod
    def _any(condition: Sql) -> Sql:
        return exp.Max(this=sql.case([(condition, _tiny(1))], _tiny(0)))

    @staticmethod
    def _most(code: Sql, where: Sql) -> Sql:
        """The worst of the codes that mean an absence or error."""
        holds = sql.both([where, sql.at_least(code, _tiny(UNKNOWN))])
        return exp.Max(this=sql.case([(holds, code)], _tiny(0)))

    def _aggregate(self, combine: str, body: Value, status: Sql, included: Sql) -> tuple[Sql, Value]:
        if combine in ("AND", "OR"):
            decisive = _tiny(int(combine == "OR"))
            hit = sql.both([included, sql.equals(status, decisive)])
            return self._any(hit), Value("boolean", sql.boolean(True))
        there = sql.both([included, sql.equals(status, _tiny(OK))])
        empty = "DATE" if body.kind == "date" else sql.width(body.low, body.high)
        cell = sql.case([(there, body.expression)], sql.null(empty))
        if combine == "ADD":
            if body.kind != "number":
                raise Refused("combine-kind", "FOREACH ADD over dates")
            low, high = min(body.low, 0) * LIMIT, max(body.high, 0) * LIMIT
            if not sql.fits(low, high):
                raise Refused("wider-than-128-bits", "a sum over the rows of a table")
            total = sql.cast(exp.Sum(this=cell), sql.width(low, high))
            return total, Value("number", total, scale=body.scale, low=low, high=high)
        made = exp.Max(this=cell) if combine == "MAX" else exp.Min(this=cell)
        return made, Value(body.kind, made, scale=body.scale, low=body.low, high=body.high)

    def _outcome(self, combine: str, columns: Mapping[str, Sql], value: Value) -> Value:
        def told(name: str) -> Sql:
            return sql.call("COALESCE", columns[name], _tiny(0))

        filter_absent, body_absent = told("filter_absent"), told("body_absent")
        too_many = sql.compare(exp.GT, sql.call("COALESCE", columns["rows"], sql.integer(0)), sql.integer(LIMIT))
        error = sql.either([too_many, sql.equals(filter_absent, _tiny(ERROR)), sql.equals(body_absent, _tiny(ERROR))])
        branches = [
            (error, _tiny(ERROR)),
            (sql.at_least(filter_absent, _tiny(UNKNOWN)), filter_absent),
            (sql.equals(told("filter_null"), _tiny(1)), _tiny(NULL)),
        ]
        absent = (sql.at_least(body_absent, _tiny(UNKNOWN)), body_absent)
        if combine in ("AND", "OR"):
            hit = sql.equals(told("result"), _tiny(1))
            status = Moving(sql.case([*branches, (hit, _tiny(OK)), absent], _tiny(OK)), _ANY)
            return Value("boolean", hit if combine == "OR" else sql.negated(hit), status)
        branches += [absent, (sql.equals(told("body_null"), _tiny(1)), _tiny(ERROR))]
        if combine == "ADD":
            whole = sql.call("COALESCE", columns["result"], sql.integer(0, sql.width(value.low, value.high)))
            status = Moving(sql.case(branches, _tiny(OK)), _ANY)
            return Value("number", whole, status, scale=value.scale, low=value.low, high=value.high)
        status = Moving(sql.case([*branches, (sql.is_null(columns["result"]), _tiny(NULL))], _tiny(OK)), _ANY)
        return Value(value.kind, columns["result"], status, scale=value.scale, low=value.low, high=value.high)


def _is_null_filter(kept: Value) -> Sql:
    return sql.equals(kept.status_sql, _tiny(NULL)) if NULL in kept.codes else sql.boolean(False)


def _tiny(code: int) -> Sql:
    return sql.integer(code, "TINYINT")
