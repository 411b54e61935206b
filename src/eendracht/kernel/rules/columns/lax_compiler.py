"""Compiles outputs of laws of the service-based format (the lax dialect) for a whole population.

The same names in the same order as `lenient` resolves them for one case. A law that another one asks is computed for
the same subjects, with its parameters as columns: a partner is whoever stands in the column of the partner. What is the
same for everyone is computed here and becomes a literal. What columns cannot carry to the bit is refused by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.lax_choices import choose
from eendracht.kernel.rules.columns.lax_equality import truth
from eendracht.kernel.rules.columns.lax_facts import Facts
from eendracht.kernel.rules.columns.lax_lists import compile_foreach, fold_list
from eendracht.kernel.rules.columns.lax_numbers import close
from eendracht.kernel.rules.columns.lax_operations import halting, names_of_items, operate, part_of, without_halts
from eendracht.kernel.rules.columns.lax_plan import KEY, Frame
from eendracht.kernel.rules.columns.lax_sql import Condition, all_of, any_of, none_of
from eendracht.kernel.rules.columns.lax_tables import Lack, Tables
from eendracht.kernel.rules.columns.lax_values import (
    FAILED,
    LACKING,
    LIST,
    NOTHING,
    NULL,
    ZERO,
    Form,
    Value,
    identity,
    truth_value,
    value_of,
)
from eendracht.kernel.rules.columns.population import Population
from eendracht.kernel.rules.columns.refusals import Refused
from eendracht.kernel.rules.columns.sql import Sql
from eendracht.kernel.rules.lenient_operations import as_lax
from eendracht.kernel.rules.lenient_sources import moment_named
from eendracht.kernel.rules.library import Library, NoSuchRule
from eendracht.kernel.rules.service_expressions import names_in
from eendracht.kernel.rules.values import as_date

_DEEPEST: Final = 60


@dataclass(slots=True)
class Outcome:
    """An output for everyone: its value, and where the requirements of the law are not met."""

    value: Value
    unmet: Condition
    field: ir.Field | None


@dataclass(slots=True)
class CompiledLaw:
    """What a compilation gives: the plan, the outputs, what it reads and lacks, the regulations behind it."""

    frame: Frame
    outputs: dict[str, Outcome]
    read: list[tuple[str, str]]
    lacks: list[Lack]
    used: dict[tuple[str, str], ir.Regulation] = field(default_factory=dict)


class LaxCompiler:
    """Compiles for one date, one set of constant parameters and one population."""

    def __init__(
        self, library: Library, population: Population, on: date, parameters: Mapping[str, Any], facts: Facts
    ) -> None:
        self.library = library
        self.population = population
        self.on = on
        self.constants = dict(parameters)
        self.frame = Frame(population)
        self.fresh = names_of_items()
        self.tables = Tables(self.frame, population, facts, self.fresh)
        self.used: dict[tuple[str, str], ir.Regulation] = {}
        self.depth = 0
        self._scopes: dict[tuple[Any, ...], LaxScope] = {}

    def compile(self, law: str, outputs: Sequence[str], service: str = "") -> CompiledLaw:
        """Compile outputs of a law; raises NoSuchRule, and Refused with what columns cannot carry."""
        regulation = self.library.select(law, self.on, {}, service).regulation
        scope = self.scope(regulation, self.on, self._parameters(regulation.articles[0]))
        found: dict[str, Outcome] = {}
        for output in outputs:
            if output not in scope.actions:
                raise NoSuchRule(f"Output '{output}' not found in law '{law}'")
            met = scope.requirements()
            unmet = none_of(truth(without_halts(met))) if without_halts(met).forms else False
            value = choose([*halting([met]), (unmet, NOTHING)], scope.output(output) if unmet is not True else NOTHING)
            unmet = all_of(none_of(met.halts), unmet)
            found[output] = Outcome(value, unmet, scope.article.outputs.get(output))
        return CompiledLaw(self.frame, found, list(self.tables.read), self.tables.lacks, self.used)

    def _parameters(self, article: ir.Article) -> dict[str, Value]:
        """The subject's key, what is the same for all, and the parameters that stand beside each subject."""
        table = self.population.tables[self.population.subjects]
        found = {name: value_of(as_lax(value)) for name, value in self.constants.items()}
        for name in article.parameters:
            column = table.find(name)
            if column is None or name in found:
                continue
            is_key = column.name == table.key
            cell = sql.column(KEY) if is_key else self.frame.read(column.name)
            self.tables.read[table.name, column.name] = None
            found[name] = self.settle(self.tables.cell(table, column, cell, may_be_null=True), name, "subject")
        return found

    def settle(self, value: Value, hint: str, group: str) -> Value:
        """Give a value whose expressions have names of their own, so that others can use it without repeating it."""
        if value.is_constant:
            return value

        def name(expression: Sql | None, suffix: str = "") -> Sql | None:
            return None if expression is None else self.frame.define(expression, f"{hint}{suffix}", group)

        forms = {
            tag: replace(
                form,
                sql=name(form.sql),
                day=name(form.day, "_day"),
                fields={key: self.settle(item, f"{hint}_{key}", group) for key, item in form.fields.items()},
                items=None if form.items is None else tuple(self.settle(item, hint, group) for item in form.items),
            )
            for tag, form in value.forms.items()
        }
        return Value(forms, name(value.tag, "_type"))

    def scope(self, law: ir.Regulation, on: date, parameters: Mapping[str, Value]) -> LaxScope:
        """Give a law on a date with parameters, made at its first use."""
        key = (law.id, law.service, law.sha256, on, identity(parameters))
        if key not in self._scopes:
            self._scopes[key] = LaxScope(self, law, on, parameters)
            self.used[law.id, law.sha256] = law
        return self._scopes[key]


class LaxScope:
    """One law with its parameters on a date, for all subjects."""

    def __init__(self, compiler: LaxCompiler, law: ir.Regulation, on: date, parameters: Mapping[str, Value]) -> None:
        self.compiler = compiler
        self.law = law
        self.article = law.articles[0]
        self.on = on
        self.parameters = parameters
        self.fresh = compiler.fresh
        self.actions = {action.output: action for action in self.article.actions}
        self.group = f"{law.service}_{law.id}".casefold().replace("/", "_")
        self._outputs: dict[str, Value | None] = {}
        self._inputs: dict[str, Value | None] = {}
        self._met: Value | None = None
        self._is_asked = False

    def settle(self, value: Value, hint: str) -> Value:
        """Give a value whose expressions have names."""
        return self.compiler.settle(value, hint, self.group)

    # --- Requirements and outputs ---

    def requirements(self) -> Value:
        """Give whether all requirements hold, as a value; true where there are none."""
        if self._met is None:
            if self._is_asked:
                raise Refused("cycle", f"the requirements of '{self.law.id}' depend on themselves")
            self._is_asked = True
            expression = self.article.requirements
            made = value_of(True) if expression is None else self.value(expression, {})
            self._met = self.settle(made, "requirements")
        return self._met

    def output(self, name: str) -> Value:
        """Give the value of an output."""
        if name in self._outputs:
            known = self._outputs[name]
            if known is None:
                raise Refused("cycle", f"'{name}' depends on itself")
            return known
        if name in self.article.inputs:
            raise Refused("name-of-two", f"'{name}' is both an input and an output")
        self._outputs[name] = None
        made = self.settle(self.value(self.actions[name].expression, {}), name)
        halted = halting([made])
        running = without_halts(made)
        closed = close(running, self.article.outputs.get(name), self.settle) if running.forms else FAILED
        found = self._outputs[name] = self.settle(choose(halted, closed), name)
        return found

    # --- Names ---

    def named(self, name: str, local: Mapping[str, Value]) -> Value:
        """Give a value by its name, in the order of the format."""
        moment = moment_named(name, self.on)
        if moment is not None:
            return value_of(moment)
        if name in local:
            return local[name]
        if name in self.article.definitions:
            return value_of(self.article.definitions[name].value)
        if name in self.parameters:
            return self.parameters[name]
        if name in self.article.inputs:
            if name in self.actions:
                raise Refused("name-of-two", f"'{name}' is both an input and an output")
            return self._input(name, local)
        if name in self.actions:
            return self.output(name)
        return NOTHING

    def _input(self, name: str, local: Mapping[str, Value]) -> Value:
        if local and self._mentioned(name) & set(local):
            raise Refused("look-up-for-element", f"'{name}' is looked up for each element of a list")
        if name in self._inputs:
            known = self._inputs[name]
            if known is None:
                raise Refused("cycle", f"'{name}' depends on itself")
            return known
        self._inputs[name] = None
        item = self.article.inputs[name]
        found = self._from_source(item)
        if item.field.required:
            found = choose([(found.is_(NULL), LACKING)], found)
        self._inputs[name] = made = self.settle(found, name)
        return made

    def _mentioned(self, name: str) -> set[str]:
        """Give every name on which an input rests, through other inputs of this law."""
        found: set[str] = set()
        todo = [name]
        while todo:
            item = self.article.inputs.get(todo.pop())
            for mentioned in _names_of(item) if item else ():
                if mentioned not in found:
                    found.add(mentioned)
                    todo.append(mentioned)
        return found

    def _from_source(self, item: ir.Input) -> Value:
        source = item.source
        if isinstance(source, ir.ArticleSource):
            return self._from_law(item, source)
        if not isinstance(source, ir.TableSource):
            return NOTHING
        wanted = [self.value(selection.value, {}) for selection in source.selections]
        running = [without_halts(value) for value in wanted]
        if any(not value.forms for value in running):
            return choose(halting(wanted), FAILED)
        return choose(halting(wanted), self.compiler.tables.value(self.law.service, item, source, running))

    def _from_law(self, item: ir.Input, source: ir.ArticleSource) -> Value:
        own = {key: self.value(given, {}) for key, given in source.parameters.items()}
        halted = halting(list(own.values()))
        running = {key: self.settle(without_halts(value), key) for key, value in own.items()}
        if any(not value.forms for value in running.values()):
            return choose(halted, FAILED)
        on = self._date_of(item.field)
        try:
            law = self.compiler.library.select(source.law, on, {}, source.service).regulation
        except NoSuchRule:
            return choose(halted, FAILED)
        if law.dialect != "lax":
            return choose(halted, FAILED)
        scope = self.compiler.scope(law, on, {**self.parameters, **running})
        self.compiler.depth += 1
        if self.compiler.depth > _DEEPEST:
            raise Refused("cycle", f"the laws refer to each other without end: {law.id}")
        try:
            return choose(halted, scope.asked(source.output))
        finally:
            self.compiler.depth -= 1

    def asked(self, name: str) -> Value:
        """Give an output for another law: null where the requirements are not met or there is no such output."""
        met = self.requirements()
        running = without_halts(met)
        holds: Condition = truth(running) if running.forms else False
        there = self.output(name) if name in self.actions and holds is not False else NOTHING
        return choose([*halting([met]), (none_of(holds), NOTHING)], there)

    def _date_of(self, declared: ir.Field) -> date:
        reference = declared.temporal.reference if declared.temporal else ""
        if not reference.startswith("$"):
            return as_date(reference) or self.on
        name, *path = reference[1:].split(".")
        value = self.value(ir.Reference(declared.place, None, name, tuple(path)), {})
        if not value.is_constant:
            raise Refused("date-by-subject", f"'{declared.name}' is asked on a date that differs by subject")
        return as_date(value.constant) or self.compiler.on

    # --- Expressions ---

    def value(self, node: ir.Expression, local: Mapping[str, Value]) -> Value:
        """Give the value of an expression; raises Refused."""
        if isinstance(node, ir.Constant):
            return value_of(node.value)
        if isinstance(node, ir.Reference):
            value = self.named(node.name, local)
            for part in node.path:
                value = part_of(value, part)
            return value
        assert isinstance(node, ir.Operation)
        return self.settle(self._operate(node, local), node.name)

    def _operate(self, node: ir.Operation, local: Mapping[str, Value]) -> Value:
        name = node.name
        if name in ("AND", "OR"):
            return self._junction(node, local)
        if name == "IF":
            return self._choose(node, local)
        if name == "COALESCE":
            return self._first(node, local)
        if name == "FOREACH":
            return compile_foreach(self, node, local)
        values = [self.value(item, local) for item in node.operands]
        if name == "LIST":
            return self._list(values)
        unit = str(node.options.get("unit") or "")
        return operate(name, values, unit, self.compiler.tables.check_dates, self.fresh, self.settle, fold_list)

    def _list(self, values: Sequence[Value]) -> Value:
        if all(value.is_constant for value in values):
            return value_of([value.constant for value in values])
        running = [without_halts(value) for value in values]
        if any(not value.forms for value in running):
            return choose(halting(values), FAILED)
        return choose(halting(values), Value({LIST: Form(items=tuple(running))}))

    def _junction(self, node: ir.Operation, local: Mapping[str, Value]) -> Value:
        """AND or OR, from left to right; what comes after the decision is not looked at."""
        decisive = node.name == "OR"
        branches: list[tuple[Condition, Value]] = []
        for item in node.operands:
            value = self.value(item, local)
            branches += halting([value])
            running = without_halts(value)
            if not running.forms:
                break
            decided = self._decided(running, decisive, is_alone=len(node.operands) == 1)
            branches.append((decided, value_of(decisive)))
            if decided is True:
                break
        if not any(value.halts is not False for _, value in branches):
            some = any_of(*(condition for condition, _ in branches))
            return truth_value(some if decisive else none_of(some))
        return choose(branches, value_of(not decisive))

    def _decided(self, value: Value, decisive: bool, *, is_alone: bool) -> Condition:
        if not is_alone or not value.has(LIST):
            return truth(value) if decisive else none_of(truth(value))
        form = value.forms[LIST]
        if form.items is None or len(value.forms) > 1:
            raise Refused("operands-in-list", "AND or OR of what stands in a list")
        return any_of(*(truth(item) if decisive else none_of(truth(item)) for item in form.items))

    def _choose(self, node: ir.Operation, local: Mapping[str, Value]) -> Value:
        branches: list[tuple[Condition, Value]] = []
        for condition, outcome in zip(node.operands[::2], node.operands[1::2], strict=True):
            tested = self.value(condition, local)
            branches += halting([tested])
            running = without_halts(tested)
            if not running.forms:
                return choose(branches, FAILED)
            holds = truth(running)
            if holds is not False:
                branches.append((holds, self.value(outcome, local)))
            if holds is True:
                return choose(branches, NOTHING)
        default = node.named.get("default")
        return choose(branches, ZERO if default is None else self.value(default, local))

    def _first(self, node: ir.Operation, local: Mapping[str, Value]) -> Value:
        branches: list[tuple[Condition, Value]] = []
        for item in node.operands:
            value = self.value(item, local)
            there = none_of(value.is_(NULL))
            branches.append((there, value))
            if there is True:
                break
        return choose(branches, NOTHING)


def _names_of(item: ir.Input) -> Iterable[str]:
    source = item.source
    if isinstance(source, ir.TableSource):
        return [name for selection in source.selections for name in names_in(selection.value)]
    if isinstance(source, ir.ArticleSource):
        names = [name for given in source.parameters.values() for name in names_in(given)]
        reference = item.field.temporal.reference if item.field.temporal else ""
        return [*names, reference[1:].split(".")[0]] if reference.startswith("$") else names
    return []
