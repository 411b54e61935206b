"""Where an article gets what it does not compute: facts by a key, outputs of other articles, open terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.plan import KEY, Frame, Join
from eendracht.kernel.rules.columns.population import Table
from eendracht.kernel.rules.columns.reading import ColumnFault
from eendracht.kernel.rules.columns.refusals import Refused
from eendracht.kernel.rules.columns.sql import Sql
from eendracht.kernel.rules.columns.values import (
    ERROR,
    NULL,
    OK,
    UNKNOWN,
    UNTRANSLATABLE,
    Moving,
    Value,
    code_sql,
    constant,
    failed,
    moving,
)
from eendracht.kernel.rules.interpreter import is_of_kind
from eendracht.kernel.rules.library import CODES, NoSuchRule

if TYPE_CHECKING:
    from eendracht.kernel.rules.columns.scope import Scope

_UNKNOWN = Value("null", status=UNKNOWN, is_constant=True)
_NUMERIC = ("number", "amount")


class References:
    """What one scope asks of others."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._compiler = scope.compiler

    def input(self, item: ir.Input) -> Value:
        """Give an input: an output of another article, or a fact."""
        if isinstance(item.source, ir.ArticleSource):
            return self._from_article(item.source)
        return self.look_up(item.field)

    # --- Facts ---

    def look_up(self, declared: ir.Field) -> Value:
        """Find a fact as `facts.look_up` does: a parameter of that name, else the first table that knows it."""
        parameters = self._scope.parameters
        if declared.name in self._scope.withheld:
            raise Refused("foreach-parameter", f"${declared.name} in FOREACH")
        if declared.name in parameters:
            return self._of_kind(parameters[declared.name], declared.kind)
        found: list[Value] = []
        tables = self._compiler.population.tables.values()
        for table in tables:
            if table.key in self._scope.withheld:
                raise Refused("foreach-parameter", f"${table.key} in FOREACH")
            if table.key not in parameters:
                continue
            is_listing = declared.kind == "array" and table.name.casefold() == declared.name.casefold()
            if not is_listing and table.find(declared.name) is None:
                continue
            if not is_listing and not table.is_unique:
                raise Refused("several-rows", f"'{declared.name}' in the table '{table.name}'")
            found.append(self._from_table(table, declared, parameters[table.key], is_listing))
            if found[-1].kind == "list" or UNKNOWN not in found[-1].codes:
                break
        if found:
            return self._first_known(found)
        if any(table.key in parameters for table in tables):
            self._compiler.faults.append(ColumnFault(declared.name, "", "", declared.kind, declared.place))
            return failed()
        return _UNKNOWN

    def _first_known(self, found: list[Value]) -> Value:
        result = found[-1]
        for value in reversed(found[:-1]):
            if value.is_constant:
                continue
            value = self._scope.named(value, "fact")
            is_known = sql.negated(sql.equals(value.status_sql, code_sql(UNKNOWN)))
            result = self._scope.operations.choose([Value("boolean", is_known), value], result)
        return result

    def _from_table(self, table: Table, declared: ir.Field, key: Value, is_listing: bool) -> Value:
        if key.is_constant and key.status == NULL:
            return constant([] if is_listing else None)
        if key.is_nobody or (key.is_constant and key.status != OK):
            # No row has the key of nobody, or one that is not known.
            return constant([]) if is_listing else _UNKNOWN
        if key.is_constant:
            raise Refused("constant-key", f"'{table.key}' the same for everyone")
        self._require_key(table.key, key)
        if _is_own_key(key):
            if is_listing:
                return Value("list", children=table.name)
            return self._read(self._scope.frame, table, declared)
        if is_listing:
            raise Refused("list-by-row", f"the rows of '{table.name}' about another person")
        key = self._named_key(key)
        there = self._frame_of(key)
        return self._brought(there, key, self._read(there, table, declared), declared.name, constant(None), _UNKNOWN)

    def _read(self, frame: Frame, table: Table, declared: ir.Field) -> Value:
        return self._compiler.read(frame, table, declared.name, declared, self._scope.article, self._scope.law)

    def _of_kind(self, value: Value, kind: str) -> Value:
        """Give a parameter for an input of that name: an error where it is of another kind."""
        if value.is_constant:
            if value.status == OK:
                return value if is_of_kind(value.constant, kind) else failed()
            is_refused = value.status in (UNKNOWN, UNTRANSLATABLE) and kind not in ("string", "any", *_NUMERIC)
            return failed() if is_refused else value
        from eendracht.kernel.rules.columns.compiler import fit_date

        if value.kind == "null":
            return value
        fitting = {"number": (*_NUMERIC, "string"), "boolean": ("boolean", "string"), "date": ("date", "string")}
        fitting |= {"string": ("string", "date"), "list": ("array",)}
        if kind != "any" and kind not in fitting[value.kind]:
            error = self._scope.operations.or_error(value.status, sql.boolean(True))
            return Value("null", sql.null("INTEGER"), error)
        value = fit_date(value, kind, self._scope.operations)
        return value if kind in ("string", "any", *_NUMERIC) else self._without_unknown(value)

    def _without_unknown(self, value: Value) -> Value:
        """A truth value, date or list that is passed on while it is absent is no truth value, date or list."""
        absent = value.codes & {UNKNOWN, UNTRANSLATABLE}
        if not absent or not isinstance(value.status, Moving):
            return value
        one = self._scope.operations.once(value.status.sql, "status")
        made = sql.case([(sql.equals(one, code_sql(code)), code_sql(ERROR)) for code in sorted(absent)], one)
        return replace(value, status=moving(made, (value.codes - absent) | {ERROR}), code=None)

    # --- Outputs of other articles ---

    def _from_article(self, source: ir.ArticleSource) -> Value:
        compiler = self._compiler
        given = {key: self._scope.value(item, {}) for key, item in source.parameters.items()}
        if source.law:
            parameters = dict(given)
            for code in CODES:
                if code in compiler.constants:
                    parameters.setdefault(code, constant(compiler.constants[code]))
        else:
            if self._scope.withheld:
                raise Refused("foreach-parameter", f"'{source.output}' in FOREACH")
            parameters = {**self._scope.parameters, **given}
        try:
            law, article = self._target(source, parameters)
        except NoSuchRule:
            return self._unless_absent(given, failed(), UNKNOWN if source.law else ERROR)
        compiler.laws.append(law.id)
        try:
            found = self._computed(law, article, source.output, parameters)
        finally:
            compiler.laws.pop()
        return self._unless_absent(given, found, UNKNOWN if source.law else ERROR)

    def _target(self, source: ir.ArticleSource, parameters: Mapping[str, Value]) -> tuple[ir.Regulation, ir.Article]:
        compiler, own = self._compiler, self._scope.law
        law = source.law or own.id
        plain = _plain(parameters)
        regulation = (
            own
            if law == own.id
            else compiler.library.select(law, compiler.on, {**compiler.constants, **plain}).regulation
        )
        article = regulation.article_of(source.output)
        if article is None:
            raise NoSuchRule(f"Output '{source.output}' not found in law '{law}'")
        replaced = compiler.library.override_of(law, article.number, source.output, compiler.on, compiler.laws)
        if replaced and replaced[1] is not self._scope.article:
            return replaced
        return regulation, article

    def _computed(self, law: ir.Regulation, article: ir.Article, output: str, parameters: Mapping[str, Value]) -> Value:
        """Compute an output for the same subjects, or for those whom a key points to and bring it over."""
        scope, frame = self._compiler.scope, self._scope.frame
        keys = {table.key for table in self._compiler.population.tables.values()}
        others = [
            name
            for name, value in parameters.items()
            if name in keys and not value.is_constant and not value.is_nobody and not _is_own_key(value)
        ]
        rest = {name: value for name, value in parameters.items() if name not in others}
        if len(others) != 1 or any(not value.is_constant for value in rest.values()):
            named = {name: self._scope.named(value, name) for name, value in parameters.items()}
            return scope(law, article, frame, named).output(output)
        (name,) = others
        self._require_key(name, parameters[name])
        key = self._named_key(parameters[name])
        there = self._frame_of(key)
        own = replace(key, sql=sql.column(KEY), status=OK)
        found = scope(law, article, there, {**rest, name: own}).output(output)
        without = scope(law, article, frame, {**rest, name: constant(None)}).output(output)
        unknown = scope(law, article, frame, {**rest, name: replace(key, is_nobody=True)}).output(output)
        return self._brought(there, key, found, output, without, unknown)

    def _require_key(self, name: str, key: Value) -> None:
        if key.kind != self._compiler.kind_of_key(name) or key.scale:
            raise Refused("key-type", f"'{name}' is looked up by {key.kind}")

    def _named_key(self, key: Value) -> Value:
        return self._scope.named(self._scope.operations.closed(key), "key")

    def _frame_of(self, key: Value) -> Frame:
        assert isinstance(key.sql, exp.Column)
        return self._compiler.plan.linked(self._scope.frame, key.sql.name)

    def _brought(self, there: Frame, key: Value, found: Value, hint: str, without: Value, unknown: Value) -> Value:
        """Bring a value over from another frame, by a key that may be null, unknown or of nobody."""
        frame = self._scope.frame
        assert isinstance(key.sql, exp.Column)
        join = frame.joins.get(there.name)
        if join is None:
            columns = {frame.unique(f"{there.name}_found"): KEY}
            join = frame.joins[there.name] = Join(there, key.sql.name, columns, f"{frame.name}_with_{there.name}")
        if not found.is_constant:
            found = self._over(there, join, found, hint)
        if unknown == found and without == found:
            return found
        is_missing = sql.is_null(sql.column(next(iter(join.columns))))
        cases = [Value("boolean", is_missing), unknown]
        if NULL in key.codes:
            cases = [Value("boolean", sql.equals(key.status_sql, code_sql(NULL))), without, *cases]
        absent = sorted(key.codes - {OK, NULL})
        if absent:
            test = sql.either([sql.equals(key.status_sql, code_sql(code)) for code in absent])
            cases = [Value("boolean", test), unknown, *cases]
        return self._scope.operations.choose(cases, found)

    def _over(self, there: Frame, join: Join, found: Value, hint: str) -> Value:
        frame = self._scope.frame

        def bring(expression: Sql, name: str) -> Sql:
            if not isinstance(expression, exp.Column):
                expression = there.define(expression, name, f"{there.name}_read")
            mine = next((own for own, other in join.columns.items() if other == expression.name), None)
            if mine is None or mine == next(iter(join.columns)):
                mine = frame.unique(f"{there.name}_{name}")
                join.columns[mine] = expression.name
            return sql.column(mine)

        assert found.sql is not None
        status = found.status
        if isinstance(status, Moving):
            status = Moving(bring(status.sql, f"{hint}_status"), status.codes)
        return replace(found, sql=bring(found.sql, hint), status=status, code=None)

    def _unless_absent(self, given: Mapping[str, Value], found: Value, least: int) -> Value:
        """A reference whose parameter is absent (or, with `least` ERROR, failing) is so in the same way."""
        fixed = max((item.status for item in given.values() if isinstance(item.status, int)), default=OK)
        absent = [item for item in given.values() if isinstance(item.status, Moving) and max(item.codes) >= least]
        if fixed == ERROR or (fixed >= least and not absent):
            return Value("null", status=fixed, is_constant=True)
        if not absent:
            return found
        operations = self._scope.operations
        reached = frozenset().union(*(item.codes for item in absent))
        floor = fixed if fixed >= least else OK
        parts = [item.status_sql for item in absent] + ([code_sql(floor)] if floor else [])
        worst = operations.once(sql.greatest(parts), "parameters_status")
        cases: list[Value] = []
        for code in sorted((code for code in reached | {floor} if code >= max(least, floor)), reverse=True):
            test = Value("boolean", sql.equals(worst, code_sql(code)))
            cases += [test, Value("null", status=code, is_constant=True)]
        return operations.choose(cases, found)

    # --- Open terms ---

    def term(self, term: ir.OpenTerm) -> Value:
        """Give what fills an open term: a regulation of the area, else its default, else nothing."""
        scope, compiler = self._scope, self._compiler
        library, on = compiler.library, compiler.on
        parameters = {**compiler.constants, **_plain(scope.parameters)}
        areas = library.areas_that_fill(scope.law.id, scope.article.number, term.name, on)
        compiler.areas |= {area_code(area) for area in areas}
        filling = library.fill(scope.law, scope.article.number, term.name, on, parameters)
        if filling is not None:
            compiler.laws.append(filling.regulation.id)
            try:
                other = compiler.scope(
                    filling.regulation, filling.article, scope.frame, scope.parameters, scope.withheld
                )
                return other.output(term.name)
            finally:
                compiler.laws.pop()
        if term.default:
            article = replace(scope.article, actions=term.default, open_terms={})
            return type(scope)(compiler, scope.law, article, scope.frame, scope.parameters, scope.withheld).output(
                term.default[0].output
            )
        if areas and parameters.get(area_code(areas[0])) is None:
            return _UNKNOWN
        return failed() if term.required else constant(None)


def area_code(area: str) -> str:
    """Give the parameter that names an area such as GM0599, PV28 or WS0155."""
    return {"G": CODES[0], "P": CODES[1], "W": CODES[2]}[area[0]]


def _plain(parameters: Mapping[str, Value]) -> dict[str, Any]:
    return {name: item.constant for name, item in parameters.items() if item.is_constant and item.status == OK}


def _is_own_key(value: Value) -> bool:
    return isinstance(value.sql, exp.Column) and value.sql.name == KEY and not value.is_nobody
