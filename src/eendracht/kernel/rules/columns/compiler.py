"""Compiles outputs of laws of the exact dialect for a whole population: the same names, rules and choices as one case.

A scope is an article on a frame with its parameters. What an article says about everyone alike is computed here and
becomes a literal; what differs becomes a column. What cannot be carried exactly is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from sqlglot import exp

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.arithmetic import Unfit, part_of_date
from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.foreach import compile_foreach
from eendracht.kernel.rules.columns.numbers import close
from eendracht.kernel.rules.columns.operations import Operations
from eendracht.kernel.rules.columns.plan import KEY, Frame, Join, Plan
from eendracht.kernel.rules.columns.population import Population, Table
from eendracht.kernel.rules.columns.reading import ColumnFault, ColumnNeed, is_allowed, read_column
from eendracht.kernel.rules.columns.sql import Refused, Sql
from eendracht.kernel.rules.columns.values import (
    NULL,
    OK,
    UNKNOWN,
    UNTRANSLATABLE,
    Moving,
    Value,
    code_sql,
    constant,
    failed,
)
from eendracht.kernel.rules.interpreter import context_value
from eendracht.kernel.rules.library import CODES, Library, NoSuchRule
from eendracht.kernel.rules.outcome import Mode

_NOBODY: Final = "\x00nobody"
"""Key of someone of whom no table knows: every fact is unknown."""
_BUSY: Final = Value("null", status=-1, is_constant=True)


@dataclass(slots=True)
class Compiled:
    """What a compilation gives: the plan, the value of each output, the columns it reads, the regulations behind it."""

    plan: Plan
    outputs: dict[str, Value]
    fields: dict[str, ir.Field | None]
    needs: list[ColumnNeed]
    faults: list[ColumnFault]
    used: dict[tuple[str, str], ir.Regulation] = field(default_factory=dict)
    areas: set[str] = field(default_factory=set)
    """Parameters that name an area (`gemeente_code`, ...) on which the choice of a regulation depends."""


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
        self._scopes: dict[tuple[Any, ...], Scope] = {}

    def compile(self, law: str, outputs: Sequence[str]) -> Compiled:
        """Compile outputs of a law; raises NoSuchRule, and Refused with what columns cannot carry."""
        regulation = self.library.select(law, self.on, self.constants).regulation
        self.laws.append(regulation.id)
        found: dict[str, Value] = {}
        fields: dict[str, ir.Field | None] = {}
        root = self.plan.frame("subjects")
        root.tables.append(self.population.subjects)
        for output in outputs:
            article = regulation.article_of(output)
            if article is None:
                raise NoSuchRule(f"Output '{output}' not found in law '{law}'")
            scope = self.scope(regulation, article, root, self._parameters(root, article))
            found[output] = scope.output(output)
            fields[output] = article.outputs.get(output)
        return Compiled(self.plan, found, fields, list(self.needs), self.faults, self.used, self.areas)

    def _parameters(self, root: Frame, article: ir.Article) -> dict[str, Value]:
        """The subject's key, what is the same for all, and the parameters that stand beside each subject."""
        table = self.population.tables[self.population.subjects]
        key = table.columns[table.key]
        kind = "string" if key.type == "string" else "number"
        found = {name: constant(value) for name, value in self.constants.items()}
        found[table.key] = Value(kind, sql.column(KEY), low=key.low, high=key.high)  # type: ignore[arg-type]
        for name, declared in article.parameters.items():
            column = table.find(name)
            if name not in found and column is not None:
                found[name] = self.read(root, table, column.name, declared, article)
        return found

    def scope(self, law: ir.Regulation, article: ir.Article, frame: Frame, parameters: Mapping[str, Value]) -> Scope:
        """Give an article on a frame with parameters, made at its first use."""
        key = (law.id, law.valid_from, law.jurisdiction, article.number, frame.name, _identity(parameters))
        if key not in self._scopes:
            self._scopes[key] = Scope(self, law, article, frame, parameters)
            self.used[law.id, law.sha256] = law
        return self._scopes[key]

    def read(
        self, frame: Frame, table: Table, name: str, declared: ir.Field, article: ir.Article, law: str = ""
    ) -> Value:
        """Read a column for a field; a column of the wrong type becomes a fault and an error for everyone."""
        column = table.find(name)
        assert column is not None
        self.needs[ColumnNeed(table.name, column.name, law, article.number)] = None
        if not is_allowed(column, declared.kind):
            self.faults.append(ColumnFault(column.name, table.name, column.type, declared.kind, declared.place))
            return failed()
        is_always_there = (
            (table.name == self.population.subjects and frame.name == "subjects")
            or (frame.is_child and frame.tables[0] == table.name)
            or (
                not frame.is_child
                and frame.name != "subjects"
                and frame.tables in ([], [table.name])
                and len(self.population.tables) == 1
            )
        )
        return read_column(frame, table, column, is_always_there=is_always_there)


class Scope:
    """One article on one frame."""

    def __init__(
        self, compiler: Compiler, law: ir.Regulation, article: ir.Article, frame: Frame, parameters: Mapping[str, Value]
    ) -> None:
        self.compiler = compiler
        self.law = law
        self.article = article
        self.frame = frame
        self.parameters = parameters
        self.group = label(law, article)
        self.operations = Operations(self._share)
        self._actions = {action.output: action for action in article.actions}
        self._outputs: dict[str, Value] = {}
        self._inputs: dict[str, Value] = {}

    def _share(self, expression: Sql, hint: str) -> Sql:
        return self.frame.define(expression, hint, self.group)

    def named(self, value: Value, hint: str) -> Value:
        """Give a value whose expressions are columns of the frame, so that others can use it without repeating it."""
        if value.is_constant or value.kind == "list":
            return value
        assert value.sql is not None
        made = value.sql if isinstance(value.sql, exp.Column) else self._share(value.sql, hint)
        status = value.status
        if isinstance(status, Moving) and not isinstance(status.sql, exp.Column):
            status = Moving(self._share(status.sql, f"{hint}_status"), status.codes)
        return replace(value, sql=made, status=status)

    def output(self, name: str) -> Value:
        """Give the value of an output."""
        found = self._outputs.get(name)
        if found is _BUSY:
            raise Refused("cycle", f"'{name}' depends on itself")
        if found is not None:
            return found
        action = self._actions.get(name)
        if action is None:
            raise NoSuchRule(f"Output '{name}' not found in law '{self.law.id}'")
        self._outputs[name] = _BUSY
        tainted = self._taint()
        value = tainted if tainted is not None else self.value(action.expression, {})
        if value.kind == "number":
            value = close(value)
        self._outputs[name] = value = self.named(value, f"{self.group}_{name}")
        return value

    def _taint(self) -> Value | None:
        constructs = self.article.untranslated
        if not constructs or self.compiler.mode == "warn":
            return None
        if self.compiler.mode == "propagate":
            return Value("null", status=UNTRANSLATABLE, is_constant=True)
        return failed() if any(not item.accepted for item in constructs) else None

    # --- Expressions ---

    def value(self, node: ir.Expression, local: Mapping[str, Table]) -> Value:
        """Give the value of an expression."""
        if isinstance(node, ir.Constant):
            return constant(node.value)
        if isinstance(node, ir.Reference):
            return self._reference(node, local)
        assert isinstance(node, ir.Operation)
        if node.name == "FOREACH":
            return compile_foreach(self, node, self.value(node.operands[0], local), local)
        if node.name == "IF":
            return self._choose(node, local)
        values: list[Value] = []
        for item in node.operands:
            values.append(self.value(item, local))
            if node.name in ("AND", "OR") and self.operations.decides(node.name, values[-1]):
                break
        named = {key: self.value(item, local) for key, item in node.named.items()}
        return self.operations.apply(node, values, named)

    def _choose(self, node: ir.Operation, local: Mapping[str, Table]) -> Value:
        """Compile the branches of IF that somebody can reach: what no branch reaches asks for no column."""
        cases: list[Value] = []
        for condition, outcome in zip(node.operands[::2], node.operands[1::2], strict=True):
            value = self.value(condition, local)
            code = self.operations.code(value)
            if code == 0:
                continue
            cases += [value, self.value(outcome, local) if code == 1 or not isinstance(code, int) else constant(None)]
            if isinstance(code, int):
                return self.operations.choose(cases, None)
        default = node.named.get("default")
        return self.operations.choose(cases, None if default is None else self.value(default, local))

    def _reference(self, node: ir.Reference, local: Mapping[str, Table]) -> Value:
        if node.name in local:
            return self._field_of(local[node.name], node)
        value = self._named(node)
        for part in node.path:
            value = self._part(value, part)
        return value

    def _field_of(self, table: Table, node: ir.Reference) -> Value:
        if len(node.path) != 1:
            raise Refused("object-by-row", f"${node.name} as a whole")
        column = table.find(node.path[0])
        if column is None:
            self.compiler.faults.append(ColumnFault(node.path[0], table.name, "", "any", node.place))
            return failed()
        wanted = ir.Field(node.path[0], "any", node.place)
        return self.compiler.read(self.frame, table, column.name, wanted, self.article, self.law.id)

    def _part(self, value: Value, part: str) -> Value:
        if value.is_constant:
            if value.status == OK and value.kind == "date":
                try:
                    return constant(part_of_date(value.constant, part))
                except Unfit:
                    return failed()
            return value if value.status != OK else failed()
        if value.kind == "date" and part in ("year", "month", "day"):
            wide = {"year": (1, 9999), "month": (1, 12), "day": (1, 31)}[part]
            made = sql.cast(sql.call(part.upper(), value.expression), "BIGINT")
            return Value("number", made, value.status, low=wide[0], high=wide[1])
        raise Refused("object-by-row", f"a field '{part}' of a value that differs by person")

    def _named(self, node: ir.Reference) -> Value:
        """Resolve a name in the interpreter's order."""
        name = node.name
        context = context_value(name, self.compiler.on)
        if context is not None:
            return constant(context)
        if name in self._actions and self._outputs.get(name) is not _BUSY:
            return self.output(name)
        if name in self.article.inputs:
            if name not in self._inputs:
                self._inputs[name] = self.named(self._input(self.article.inputs[name]), name)
            return self._inputs[name]
        if name in self.article.definitions:
            return constant(self.article.definitions[name].value)
        if name in self.article.open_terms:
            if name not in self._inputs:
                self._inputs[name] = self._term(self.article.open_terms[name])
            return self._inputs[name]
        if name in self.parameters:
            return self.parameters[name]
        if name in self.article.parameters:
            return Value("null", status=UNKNOWN, is_constant=True)
        for article in self.law.articles:
            if name in article.definitions:
                return constant(article.definitions[name].value)
        return failed()

    # --- Inputs ---

    def _input(self, item: ir.Input) -> Value:
        if isinstance(item.source, ir.ArticleSource):
            return self._from_article(item.source)
        return self.look_up(item.field)

    def look_up(self, declared: ir.Field) -> Value:
        """Find a fact as `facts.look_up` does: a parameter of that name, else the table that has the column."""
        if declared.name in self.parameters:
            return self.parameters[declared.name]
        for table in self.compiler.population.tables.values():
            if table.key not in self.parameters:
                continue
            is_listing = declared.kind == "array" and table.name.casefold() == declared.name.casefold()
            if not is_listing and (table.find(declared.name) is None or not table.is_unique):
                continue
            return self._from_table(table, declared, self.parameters[table.key], is_listing)
        if any(_is_nobody(value) for value in self.parameters.values()):
            return Value("null", status=UNKNOWN, is_constant=True)
        if not any(table.key in self.parameters for table in self.compiler.population.tables.values()):
            return Value("null", status=UNKNOWN, is_constant=True)
        self.compiler.faults.append(ColumnFault(declared.name, "", "", declared.kind, declared.place))
        return failed()

    def _from_table(self, table: Table, declared: ir.Field, key: Value, is_listing: bool) -> Value:
        if _is_nobody(key):
            return Value("null", status=UNKNOWN, is_constant=True)
        if key.is_constant:
            if key.status == NULL:
                return constant([] if is_listing else None)
            if key.status != OK:
                return key
            raise Refused("constant-key", f"'{table.key}' the same for everyone")
        if _is_own_key(key):
            if is_listing:
                return Value("list", children=table.name)
            return self.compiler.read(self.frame, table, declared.name, declared, self.article, self.law.id)
        if is_listing:
            raise Refused("list-by-row", f"the rows of '{table.name}' about another person")
        there = self._frame_of(table.key, key)
        found = self.compiler.read(there, table, declared.name, declared, self.article, self.law.id)
        nothing = Value("null", status=UNKNOWN, is_constant=True)
        return self._brought(there, key, found, declared.name, constant(None), nothing)

    def _from_article(self, source: ir.ArticleSource) -> Value:
        compiler = self.compiler
        given = {key: self.value(item, {}) for key, item in source.parameters.items()}
        if source.law:
            parameters = dict(given)
            for code in CODES:
                if code in compiler.constants:
                    parameters.setdefault(code, constant(compiler.constants[code]))
        else:
            parameters = {**self.parameters, **given}
        try:
            law, article = self._target(source, parameters)
        except NoSuchRule:
            return failed()
        compiler.laws.append(law.id)
        try:
            found = self._computed(law, article, source.output, parameters)
        finally:
            compiler.laws.pop()
        return self._unless_absent(given if source.law else {}, found)

    def _target(self, source: ir.ArticleSource, parameters: Mapping[str, Value]) -> tuple[ir.Regulation, ir.Article]:
        compiler = self.compiler
        law = source.law or self.law.id
        plain = {name: item.constant for name, item in parameters.items() if item.is_constant and item.status == OK}
        regulation = (
            self.law
            if law == self.law.id
            else compiler.library.select(law, compiler.on, {**compiler.constants, **plain}).regulation
        )
        article = regulation.article_of(source.output)
        if article is None:
            raise NoSuchRule(f"Output '{source.output}' not found in law '{law}'")
        replaced = compiler.library.override_of(law, article.number, source.output, compiler.on, compiler.laws)
        if replaced and replaced[1] is not self.article:
            return replaced
        return regulation, article

    def _computed(self, law: ir.Regulation, article: ir.Article, output: str, parameters: Mapping[str, Value]) -> Value:
        """Compute an output for the same subjects, or for those whom a key points to and bring it over."""
        keys = {table.key for table in self.compiler.population.tables.values()}
        others = [
            name
            for name, value in parameters.items()
            if name in keys and not value.is_constant and not _is_own_key(value)
        ]
        rest = {name: value for name, value in parameters.items() if name not in others}
        if len(others) != 1 or any(not value.is_constant for value in rest.values()):
            return self.compiler.scope(law, article, self.frame, parameters).output(output)
        (name,) = others
        key = parameters[name]
        there = self._frame_of(name, key)
        own = replace(key, sql=sql.column(KEY), status=OK)
        found = self.compiler.scope(law, article, there, {**rest, name: own}).output(output)
        without = self.compiler.scope(law, article, self.frame, {**rest, name: constant(None)}).output(output)
        nobody = Value("string", constant=_NOBODY, is_constant=True)
        unknown = self.compiler.scope(law, article, self.frame, {**rest, name: nobody}).output(output)
        return self._brought(there, key, found, output, without, unknown)

    def _frame_of(self, name: str, key: Value) -> Frame:
        hint = key.sql.name if isinstance(key.sql, exp.Column) else name
        return self.compiler.plan.frame(
            f"by_{self.frame.name}_{hint}" if self.frame.name != "subjects" else f"by_{hint}"
        )

    def _brought(self, there: Frame, key: Value, found: Value, hint: str, without: Value, unknown: Value) -> Value:
        """Bring a value over from another frame, by a key that may be null, unknown or of nobody."""
        key = self.named(key, "key")
        assert isinstance(key.sql, exp.Column)
        join = self.frame.joins.get(there.name)
        if join is None:
            name = f"{there.name.removeprefix('by_')}_of_{self.frame.name}"
            join = Join(there, key.sql.name, {self.frame.unique(f"{there.name}_key"): KEY}, name)
            self.frame.joins[there.name] = join
        if not found.is_constant:
            found = self._over(there, join, found, hint)
        is_there = sql.negated(sql.is_null(sql.column(next(iter(join.columns)))))
        if unknown == found and without == found:
            return found
        cases = [Value("boolean", sql.negated(is_there)), unknown]
        for code in sorted(key.codes - {OK}):
            test = Value("boolean", sql.equals(key.status_sql, code_sql(code)))
            cases = [test, without if code == NULL else Value("null", status=code, is_constant=True), *cases]
        return self.operations.choose(cases, found)

    def _over(self, there: Frame, join: Join, found: Value, hint: str) -> Value:
        def bring(expression: Sql, name: str) -> Sql:
            if not isinstance(expression, exp.Column):
                expression = there.define(expression, name, f"{there.name}_read")
            mine = next((own for own, other in join.columns.items() if other == expression.name), None)
            if mine is None:
                mine = self.frame.unique(f"{there.name}_{name}")
                join.columns[mine] = expression.name
            return sql.column(mine)

        assert found.sql is not None
        status = found.status
        if isinstance(status, Moving):
            status = Moving(bring(status.sql, f"{hint}_status"), status.codes)
        return replace(found, sql=bring(found.sql, hint), status=status)

    def _unless_absent(self, given: Mapping[str, Value], found: Value) -> Value:
        """A reference whose parameter is absent is absent in the same way."""
        fixed = max((item.status for item in given.values() if isinstance(item.status, int)), default=OK)
        if fixed >= UNKNOWN:
            return Value("null", status=fixed, is_constant=True)
        absent = [item for item in given.values() if max(item.codes) >= UNKNOWN]
        if not absent:
            return found
        cases: list[Value] = []
        worst = self.operations.once(sql.greatest([item.status_sql for item in absent]), "parameters_status")
        for code in sorted(frozenset().union(*(item.codes for item in absent)) - {OK, NULL}, reverse=True):
            test = Value("boolean", sql.equals(worst, code_sql(code)))
            cases += [test, Value("null", status=code, is_constant=True)]
        return self.operations.choose(cases, found)

    def _term(self, term: ir.OpenTerm) -> Value:
        compiler = self.compiler
        library, on = compiler.library, compiler.on
        plain = {
            name: item.constant for name, item in self.parameters.items() if item.is_constant and item.status == OK
        }
        parameters = {**compiler.constants, **plain}
        areas = library.areas_that_fill(self.law.id, self.article.number, term.name, on)
        compiler.areas |= {area_code(area) for area in areas}
        filling = library.fill(self.law, self.article.number, term.name, on, parameters)
        if filling is not None:
            compiler.laws.append(filling.regulation.id)
            try:
                scope = compiler.scope(filling.regulation, filling.article, self.frame, self.parameters)
                return scope.output(term.name)
            finally:
                compiler.laws.pop()
        if term.default:
            article = replace(self.article, actions=term.default, open_terms={})
            return Scope(compiler, self.law, article, self.frame, self.parameters).output(term.default[0].output)
        if areas:
            code = area_code(areas[0])
            if parameters.get(code) is None:
                return Value("null", status=UNKNOWN, is_constant=True)
        return failed() if term.required else constant(None)


def area_code(area: str) -> str:
    """Give the parameter that names an area such as GM0599, PV28 or WS0155."""
    return {"G": CODES[0], "P": CODES[1], "W": CODES[2]}[area[0]]


def label(law: ir.Regulation, article: ir.Article) -> str:
    """Name an article as a CTE."""
    return re.sub(r"[^a-z0-9]+", "_", f"{law.id}_art_{article.number}".casefold()).strip("_")


def _is_own_key(value: Value) -> bool:
    return isinstance(value.sql, exp.Column) and value.sql.name == KEY


def _is_nobody(value: Value) -> bool:
    return value.is_constant and value.constant == _NOBODY


def _identity(parameters: Mapping[str, Value]) -> tuple[Any, ...]:
    return tuple(
        sorted(
            (
                name,
                f"{type(item.constant).__name__}:{item.constant!r}" if item.is_constant else str(item.sql),
                str(item.status),
            )
            for name, item in parameters.items()
        )
    )
