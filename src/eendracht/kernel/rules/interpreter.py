"""Runs regulations for one case: exact, lazy, three-valued, with every step on record. It is the meaning of the rules.

The exact dialect. An input is resolved when a rule first needs it, so what no branch reaches is never missing. Unknown
travels: AND, OR and IF decide without it where they can (Kleene; an IF on an unknown condition takes no branch).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.arithmetic import (
    STRICT,
    Unfit,
    date_add,
    date_part,
    describe,
    is_equal,
    part_of_date,
    round_to,
    start_of,
)
from eendracht.kernel.rules.facts import Case, look_up
from eendracht.kernel.rules.failures import RuleFailure, Untranslated
from eendracht.kernel.rules.library import Library, NoSuchRule
from eendracht.kernel.rules.outcome import Evaluation, Mode, Outcome, Provenance
from eendracht.kernel.rules.trace import Node, ResolveKind
from eendracht.kernel.rules.values import Absent, Fact, Untranslatable, as_date, at_output, join_absent, unknown

_COLLECTION_LIMIT = 1000
"""RFC-016: a longer collection is an error."""
_BUSY = object()


@dataclass(frozen=True, slots=True)
class _Failed:
    """An output or input that failed; raised again by whoever needs it."""

    failure: RuleFailure


def evaluate_exact(
    library: Library,
    law: str,
    outputs: Sequence[str],
    case: Case,
    *,
    mode: Mode = "error",
    stage: str = "BESLUIT",
    is_whole_article: bool = True,
    explores: bool = False,
) -> Evaluation:
    """Compute outputs of a law for a case, with the hooks that its decision sets off.

    With `is_whole_article` all outputs of the articles asked come along. With `explores` an unknown output carries
    every fact that it may yet ask for, also behind conditions that are open; its trace is of no use then. Raises
    NoSuchRule for a law, version or output that is not there, RuleFailure when a rule asked for cannot be applied.
    """
    return _Run(library, case, mode, stage, explores).evaluate(law, outputs, is_whole_article)


class _Run:
    """One evaluation: what is remembered across articles."""

    def __init__(self, library: Library, case: Case, mode: Mode, stage: str, explores: bool = False) -> None:
        self.library = library
        self.case = case
        self.mode = mode
        self.stage = stage
        self.explores = explores
        self.scopes: dict[tuple[Any, ...], _Scope] = {}
        self.used: dict[tuple[str, str], ir.Regulation] = {}
        self.laws: list[str] = []
        self.unfinished: list[tuple[Node, _Scope, tuple[str, ...]]] = []

    def evaluate(self, law: str, outputs: Sequence[str], is_whole_article: bool) -> Evaluation:
        choice = self.library.select(law, self.case.on, self.case.parameters)
        regulation = choice.regulation
        root = Node("article", law, message="", law=regulation)
        root.message = f"{law} ({self.case.on} {', '.join(outputs)}): {choice.reason.en}"
        outcomes: dict[str, Outcome] = {}
        self.laws.append(regulation.id)
        entered: list[_Scope] = []
        for output in outputs:
            article = regulation.article_of(output)
            if article is None:
                raise NoSuchRule(f"Output '{output}' not found in law '{law}'")
            holder, holding = regulation, article
            provenance: Provenance = "direct"
            replaced = self.library.override_of(regulation.id, article.number, output, self.case.on, self.laws)
            if replaced and replaced[0].id != regulation.id:
                holder, holding, provenance = *replaced, "override"
            scope = self.scope(holder, holding, self.case.parameters)
            if scope not in entered:
                entered.append(scope)
                scope.is_shown = True
                self._fire(scope, "pre_actions", outcomes)
            names = dict.fromkeys((output, *(scope.outputs if is_whole_article else ())))
            for name in names:
                if name in outcomes:
                    continue
                value = scope.output(name)
                if isinstance(value, _Failed):
                    if name in outputs:
                        raise value.failure
                    continue
                outcomes[name] = Outcome(value, provenance, holder, holding, holding.outputs.get(name))
            self._fire(scope, "post_actions", outcomes)
        if not self.explores:
            self.finish()
        root.children = [scope.finish() for scope in entered]
        if len(outputs) == 1 and outputs[0] in outcomes:
            root.result = outcomes[outputs[0]].value
        return Evaluation(regulation, outcomes, root, self.used)

    def show(self, node: Node, scope: _Scope) -> None:
        """Let a step show an article that it entered; its other outputs come last, when none can wait for another."""
        scope.is_shown = True
        self.unfinished.append((node, scope, tuple(self.laws)))

    def finish(self) -> None:
        """Compute the other outputs of every article that was entered, and show each below its step."""
        laws = self.laws
        while self.unfinished:
            node, scope, self.laws = self._next()
            for name in scope.outputs:
                scope.output(name)
            node.children = [*node.children, *scope.finish().children]
        self.laws = laws

    def _next(self) -> tuple[Node, _Scope, list[str]]:
        node, scope, laws = self.unfinished.pop(0)
        return node, scope, list(laws)

    def _fire(self, scope: _Scope, point: str, outcomes: dict[str, Outcome]) -> None:
        for regulation, article, hook in self.library.hooks_on(scope.article, point, self.stage, self.case.on):
            node = Node(
                "hook_resolution",
                f"{regulation.id}:{article.number}",
                kind="HOOK",
                message=f"Hook {point} on {hook.legal_character} stage {hook.stage} → {regulation.id}:{article.number}",
                law=regulation,
                article=article,
            )
            known = {name: item.value for name, item in outcomes.items() if item.is_known}
            shown: dict[int, tuple[_Scope, bool]] = {}
            for output in dict.fromkeys(action.output for action in article.actions):
                holder, holding = regulation, article
                replaced = self.library.override_of(regulation.id, article.number, output, self.case.on, self.laws)
                if replaced:
                    holder, holding = replaced
                hooked = self.scope(holder, holding, {**known, **self.case.parameters})
                hooked.is_shown = True
                shown[id(hooked)] = (hooked, bool(replaced))
                value = hooked.output(output)
                if not isinstance(value, _Failed) and output not in outcomes:
                    outcomes[output] = Outcome(value, "reactive", holder, holding, holding.outputs.get(output))
                    scope.hooked[output] = value
            for hooked, is_override in shown.values():
                step = hooked.finish()
                if is_override:
                    step.type, step.kind = "override_resolution", "OVERRIDE"
                node.children.append(step)
            (scope.before if point == "pre_actions" else scope.after).append(node)

    def scope(self, regulation: ir.Regulation, article: ir.Article, parameters: Mapping[str, Any]) -> _Scope:
        # What replaces an output depends on the laws that led here.
        special = self.library.special_laws.intersection(self.laws)
        version = (regulation.id, regulation.valid_from, regulation.jurisdiction, article.number)
        key = (*version, special, _frozen(parameters))
        found = self.scopes.get(key)
        if found is None:
            found = self.scopes[key] = _Scope(self, regulation, article, parameters)
            self.used[regulation.id, regulation.sha256] = regulation
        return found

    def reference(
        self, source: ir.ArticleSource, caller: _Scope, parameters: Mapping[str, Any], name: str, steps: list[Node]
    ) -> tuple[Any, Node]:
        """Compute an output of another article; gives the value (or how it failed) and the step."""
        law = source.law or caller.law.id
        node = Node("cross_law_reference", f"{law}#{source.output}", children=steps)
        try:
            regulation = (
                caller.law
                if law == caller.law.id
                else self.library.select(law, self.case.on, {**self.case.parameters, **parameters}).regulation
            )
            article = regulation.article_of(source.output)
            if article is None:
                raise NoSuchRule(f"Output '{source.output}' not found in law '{law}'")
            replaced = self.library.override_of(law, article.number, source.output, self.case.on, self.laws)
            if replaced and replaced[1] is not caller.article:
                regulation, article = replaced
                node.type, node.kind = "override_resolution", "OVERRIDE"
        except NoSuchRule as error:
            node.message = f"Reference: {law}#{source.output}: {error.detail}"
            return _Failed(RuleFailure(error.detail, caller.place_of(name), hint=error.hint)), node
        node.law, node.article, node.field = regulation, article, article.outputs.get(source.output)
        self.laws.append(regulation.id)
        try:
            scope = self.scope(regulation, article, parameters)
            if scope.is_shown:
                node.type = "cached"
            else:
                self.show(node, scope)
            value = scope.output(source.output)
        finally:
            self.laws.pop()
        node.result = None if isinstance(value, _Failed) else value
        if isinstance(value, _Failed):
            node.message = f"Reference: {law}#{source.output} failed: {value.failure.reason}"
        return value, node


class _Scope:
    """One article with its parameters: its inputs and outputs are computed once, when they are first needed."""

    def __init__(self, run: _Run, law: ir.Regulation, article: ir.Article, parameters: Mapping[str, Any]) -> None:
        self.run = run
        self.law = law
        self.article = article
        self.parameters = parameters
        self.actions = {action.output: action for action in article.actions}
        self.outputs = tuple(self.actions)
        self.values: dict[str, Any] = {}
        self.inputs: dict[str, tuple[Any, ResolveKind, Node]] = {}
        self.terms: dict[str, tuple[Any, Node]] = {}
        self.hooked: dict[str, Any] = {}
        self.before: list[Node] = []
        self.computed: list[Node] = []
        self.after: list[Node] = []
        self.is_shown = False
        """Whether a step shows this article; each is shown once, and named elsewhere."""

    def place_of(self, name: str) -> ir.Place:
        """Where an input stands in the file."""
        found = self.article.inputs.get(name)
        return found.field.place if found else self.article.place

    def finish(self) -> Node:
        """Give the step of this article: inputs in the order of the file, hooks before, actions, hooks after."""
        node = Node("article", f"{self.law.id}:{self.article.number}", law=self.law, article=self.article)
        node.message = f"{self.law.name}, artikel {self.article.number}"
        inputs = [self.inputs[name][2] for name in self.article.inputs if name in self.inputs]
        terms = [found[1] for found in self.terms.values()]
        node.children = [*inputs, *terms, *self.before, *self.computed, *self.after]
        return node

    # --- Outputs ---

    def output(self, name: str) -> Any:
        """Give the value of an output, its absence, or how it failed."""
        found = self.values.get(name, self)
        if found is _BUSY:
            raise RuleFailure(f"'{name}' depends on itself", self.article.place, hint="Break the cycle of references.")
        if found is not self:
            return found
        action = self.actions.get(name)
        if action is None:
            raise NoSuchRule(f"Output '{name}' not found in law '{self.law.id}'")
        self.values[name] = _BUSY
        node = Node("action", name, place=action.place, basis=action.basis, field=self.article.outputs.get(name))
        try:
            value = self._taint() or at_output(self.value(action.expression, {}, node.children))
            node.result = value
        except RuleFailure as failure:
            value = _Failed(failure)
            node.message = f"Computing {name}: {failure.reason}"
        self.computed.append(node)
        self.values[name] = value
        return value

    def _taint(self) -> Untranslatable | None:
        """Do what the mode says with an article that holds untranslatable constructs."""
        constructs = self.article.untranslated
        if not constructs or self.run.mode == "warn":
            return None
        name = f"{self.law.id}:{self.article.number}"
        if self.run.mode == "propagate":
            return Untranslatable(frozenset((name,)))
        refused = [item for item in constructs if not item.accepted]
        if refused:
            raise Untranslated(
                f"Untranslatable construct in {name}: {refused[0].construct} ({refused[0].reason})", refused[0].place
            )
        return None

    # --- Names ---

    def resolve(self, node: ir.Reference, local: Mapping[str, Any], steps: list[Node]) -> Any:
        """Give what a reference names, and record it."""
        value, kind = self._named(node, local, steps)
        if isinstance(value, _Failed):
            steps.append(Node("resolve", node.name, kind=kind, message=f"${node.name}: {value.failure.reason}"))
            raise value.failure
        for part in node.path:
            if isinstance(value, Absent):
                break
            value = self._part(value, part, node)
        name = ".".join((node.name, *node.path))
        steps.append(Node("resolve", name, value, kind, place=node.place, field=self._field(node.name)))
        return value

    def _part(self, value: Any, part: str, node: ir.Reference) -> Any:
        if isinstance(value, date):
            try:
                return part_of_date(value, part)
            except Unfit as error:
                raise RuleFailure(str(error), node.place) from error
        if isinstance(value, dict):
            if part in value:
                return value[part]
            return unknown(Fact(f"{node.name}.{part}", self.law.id, self.article.number))
        if value is None:
            return None
        raise RuleFailure(f"${node.name} is {describe(value)} and has no '{part}'", node.place)

    def _field(self, name: str) -> ir.Field | None:
        found = self.article.inputs.get(name)
        return found.field if found else self.article.parameters.get(name) or self.article.outputs.get(name)

    def _named(self, node: ir.Reference, local: Mapping[str, Any], steps: list[Node]) -> tuple[Any, ResolveKind]:
        name = node.name
        if name in local:
            return local[name], "LOCAL"
        context = context_value(name, self.run.case.on)
        if context is not None:
            return context, "CONTEXT"
        if name in self.actions and self.values.get(name) is not _BUSY:
            return self.output(name), "OUTPUT"
        if name in self.article.inputs:
            found = self._input(name)
            return found[0], found[1]
        if name in self.article.definitions:
            return self.article.definitions[name].value, "DEFINITION"
        if name in self.article.open_terms:
            if name not in self.terms:
                self.terms[name] = self._term(self.article.open_terms[name])
            return self.terms[name][0], "OPEN_TERM"
        if name in self.parameters:
            return self.parameters[name], "PARAMETER"
        if name in self.article.parameters:
            return unknown(Fact(name, self.law.id, self.article.number)), "PARAMETER"
        if name in self.hooked:
            return self.hooked[name], "HOOK"
        for article in self.law.articles:
            if name in article.definitions:
                return article.definitions[name].value, "DEFINITION"
        raise RuleFailure(f"'${name}' is not defined", node.place, hint="Declare it as parameter, input or definition.")

    def _input(self, name: str) -> tuple[Any, ResolveKind]:
        found = self.inputs.get(name)
        if found is None:
            item = self.article.inputs[name]
            if isinstance(item.source, ir.ArticleSource):
                value, node = self._from_article(name, item.source)
                kind: ResolveKind = "RESOLVED_INPUT"
            else:
                value, node, kind = self._from_outside(name, item.field)
            found = self.inputs[name] = (value, kind, node)
        return found[0], found[1]

    def _from_article(self, name: str, source: ir.ArticleSource) -> tuple[Any, Node]:
        steps: list[Node] = []
        if source.law:
            parameters = {key: self.value(item, {}, steps) for key, item in source.parameters.items()}
            for absent in parameters.values():
                if isinstance(absent, Absent) and not self.run.explores:
                    node = Node("cross_law_reference", f"{source.law}#{source.output}", absent, children=steps)
                    return absent, node
            for code in ("gemeente_code", "provincie_code", "waterschap_code"):
                if code in self.run.case.parameters:
                    parameters.setdefault(code, self.run.case.parameters[code])
        else:
            parameters = {
                **self.parameters,
                **{key: self.value(item, {}, steps) for key, item in source.parameters.items()},
            }
        return self.run.reference(source, self, parameters, name, steps)

    def _from_outside(self, name: str, declared: ir.Field) -> tuple[Any, Node, ResolveKind]:
        found = look_up(self.run.case, name, self.parameters, declared.kind)
        if found is None:
            keys = ", ".join(sorted(self.article.parameters))
            value: Any = unknown(Fact(name, self.law.id, self.article.number, keys))
            return value, Node("resolve", name, value, "DATA_SOURCE", field=declared), "DATA_SOURCE"
        kind: ResolveKind = "DATA_SOURCE" if found.register else "PARAMETER"
        node = Node("resolve", name, found.value, kind, provider=found.register, field=declared, place=declared.place)
        if not isinstance(found.value, Absent) and not is_of_kind(found.value, declared.kind):
            failure = RuleFailure(f"'{name}' must be {declared.kind}, not {describe(found.value)}", declared.place)
            node.message = failure.reason
            return _Failed(failure), node, kind
        return found.value, node, kind

    def _term(self, term: ir.OpenTerm) -> tuple[Any, Node]:
        run, on = self.run, self.run.case.on
        parameters = {**run.case.parameters, **self.parameters}
        filling = run.library.fill(self.law, self.article.number, term.name, on, parameters)
        node = Node("open_term_resolution", term.name, kind="OPEN_TERM", law=self.law, article=self.article)
        if filling is not None:
            run.laws.append(filling.regulation.id)
            try:
                scope = run.scope(filling.regulation, filling.article, self.parameters)
                if not scope.is_shown:
                    run.show(node, scope)
                value = scope.output(term.name)
            finally:
                run.laws.pop()
            node.law, node.article, node.message = filling.regulation, filling.article, filling.reason.en
        elif term.default:
            default = _Scope(run, self.law, _with_actions(self.article, term.default), self.parameters)
            value = default.output(term.default[0].output)
            node.children, node.message = default.finish().children, f"Open term '{term.name}': default"
        elif areas := run.library.areas_that_fill(self.law.id, self.article.number, term.name, on):
            code = {"G": "gemeente_code", "P": "provincie_code", "W": "waterschap_code"}[areas[0][0]]
            if parameters.get(code) is None:
                value = unknown(Fact(code, self.law.id, self.article.number))
            else:
                value = self._silent(term, node, f"No regulation of {parameters[code]} fills '{term.name}'")
        else:
            value = self._silent(term, node, f"Nothing in force on {on} fills the open term '{term.name}'")
        node.result = None if isinstance(value, _Failed) else value
        return value, node

    def _silent(self, term: ir.OpenTerm, node: Node, reason: str) -> Any:
        node.kind, node.message = "OPEN_TERM_SILENT", reason
        if not term.required:
            return None
        return _Failed(RuleFailure(reason, term.place, hint="Load the regulation that fills it."))

    # --- Expressions ---

    def value(self, node: ir.Expression, local: Mapping[str, Any], steps: list[Node]) -> Any:
        """Give the value of an expression, or its absence; raises RuleFailure. Appends to the steps."""
        if isinstance(node, ir.Constant):
            return node.value
        if isinstance(node, ir.Reference):
            return self.resolve(node, local, steps)
        assert isinstance(node, ir.Operation)
        step = Node("operation", node.name, place=node.place, basis=node.basis)
        steps.append(step)
        try:
            step.result = self._operate(node, local, step.children)
        except Unfit as error:
            failure = RuleFailure(str(error), node.place)
            step.message = f"Compute {node.name}(...): {error}"
            raise failure from error
        except RuleFailure as failure:
            step.message = f"Compute {node.name}(...): {failure.reason}"
            raise
        return step.result

    def _operate(self, node: ir.Operation, local: Mapping[str, Any], steps: list[Node]) -> Any:
        name = node.name
        if name in ("AND", "OR"):
            return self._junction(node, local, steps)
        if name == "IF":
            return self._choose(node, local, steps)
        if name == "FOREACH":
            return self._for_each(node, local, steps)
        values = [self.value(item, local, steps) for item in node.operands]
        if name == "IN":
            return _is_in(values[0], values[1])
        if name == "LIST":
            return values
        named = {key: self.value(item, local, steps) for key, item in node.named.items()}
        absent = join_absent((*values, *named.values()))
        if absent is not None:
            return absent
        return operate_strictly(node, values, named)

    def _junction(self, node: ir.Operation, local: Mapping[str, Any], steps: list[Node]) -> Any:
        decisive = node.name == "OR"
        absences: list[Absent] = []
        for item in node.operands:
            value = self.value(item, local, steps)
            if isinstance(value, Absent):
                absences.append(value)
            elif _truth(node.name, value) is decisive:
                return decisive
        return join_absent(absences, is_every=False) or (not decisive)

    def _choose(self, node: ir.Operation, local: Mapping[str, Any], steps: list[Node]) -> Any:
        for condition, outcome in zip(node.operands[::2], node.operands[1::2], strict=True):
            value = self.value(condition, local, steps)
            if isinstance(value, Absent):
                return self._explore(node, condition, value, local, steps) if self.run.explores else value
            if _truth("IF", value):
                return self.value(outcome, local, steps)
        default = node.named.get("default")
        return None if default is None else self.value(default, local, steps)

    def _explore(
        self, node: ir.Operation, first: ir.Expression, absent: Absent, local: Mapping[str, Any], steps: list[Node]
    ) -> Absent:
        """Give what an IF may yet ask for, whichever way its first open condition turns out."""
        begin = next(at for at, item in enumerate(node.operands) if item is first)
        outcomes: list[Any] = []
        for at in range(begin, len(node.operands), 2):
            condition = absent if at == begin else self._attempt(node.operands[at], local, steps)
            if condition is False or condition is None:
                continue
            outcomes += [self._attempt(node.operands[at + 1], local, steps)]
            if condition is True:
                break
            outcomes += [condition] if at > begin else []
        else:
            outcomes.append(self._attempt(node.named.get("default"), local, steps))
        found = join_absent((absent, join_absent(outcomes, is_every=False)))
        assert found is not None
        return found

    def _attempt(self, node: ir.Expression | None, local: Mapping[str, Any], steps: list[Node]) -> Any:
        """Give the value of what may never be computed; false where it cannot be."""
        try:
            return None if node is None else self.value(node, local, steps)
        except RuleFailure:
            return False

    def _for_each(self, node: ir.Operation, local: Mapping[str, Any], steps: list[Node]) -> Any:
        collection = self.value(node.operands[0], local, steps)
        if isinstance(collection, Absent):
            inner = {node.options["as"]: collection}
            parts = (node.named.get("filter"), node.operands[1]) if self.run.explores else ()
            found = [self._attempt(part, inner, steps) for part in parts if part is not None]
            return join_absent((collection, join_absent(found, is_every=False)))
        items = [] if collection is None else collection if isinstance(collection, list) else [collection]
        if len(items) > _COLLECTION_LIMIT:
            raise Unfit(f"FOREACH over {len(items)} items; {_COLLECTION_LIMIT} at most")
        results: list[Any] = []
        filters: list[Any] = []
        condition = node.named.get("filter")
        for at, item in enumerate(items):
            inner = {node.options["as"]: item}
            step = Node("operation", f"FOREACH[{at}]", place=node.place)
            steps.append(step)
            if condition is not None:
                kept = self.value(condition, inner, step.children)
                filters.append(kept)
                if kept is None or isinstance(kept, Absent) or not _truth("FOREACH", kept):
                    continue
            step.result = self.value(node.operands[1], inner, step.children)
            results.append(step.result)
        skipped = len(items) - len(results)
        if items:
            steps.append(
                Node("operation", "FOREACH", len(results), message=f"{len(results)} evaluated, {skipped} skipped")
            )
        # A filter without an answer leaves the whole without one (RFC-016), whichever item it is.
        absent = join_absent(filters)
        if absent is not None or None in filters:
            return absent
        return _combine(node.options["combine"], results)


def operate_strictly(node: ir.Operation, values: Sequence[Any], named: Mapping[str, Any]) -> Any:
    """Compute an operation that takes all its operands, which are all there; raises Unfit."""
    name = node.name
    if name == "NOT":
        return not _truth("NOT", values[0])
    if name in ("ROUND", "CEIL", "FLOOR"):
        return round_to(name, values[0], node.options["precision"])
    if name == "DATE_ADD":
        return date_add(values[0], dict(named))
    if name == "DATE_PART":
        return date_part(values[0], node.options["part"])
    if name == "START_OF":
        return start_of(values[0], node.options["part"])
    return STRICT[name](values)


def _combine(combine: str | None, results: list[Any]) -> Any:
    """Bring the results of FOREACH together; of nothing: ADD 0, OR false, AND true, MIN and MAX null (RFC-016)."""
    if combine is None:
        return join_absent(item for item in results if isinstance(item, Untranslatable)) or results
    if combine in ("AND", "OR"):
        decisive = combine == "OR"
        known = [_truth("FOREACH", item) for item in results if not isinstance(item, Absent)]
        absent = join_absent((item for item in results if isinstance(item, Absent)), is_every=False)
        return decisive if decisive in known else absent or (not decisive)
    absent = join_absent(results)
    if absent is not None:
        return absent
    if not results:
        return 0 if combine == "ADD" else None
    return STRICT[combine](results)


def _is_in(subject: Any, candidates: Any) -> Any:
    absent = join_absent((subject, candidates))
    if absent is not None:
        return absent
    items = candidates if isinstance(candidates, list) else [] if candidates is None else [candidates]
    if any(not isinstance(item, Absent) and is_equal(subject, item) for item in items):
        return True
    return join_absent((item for item in items if isinstance(item, Absent)), is_every=False) or False


def _truth(name: str, value: Any) -> bool:
    """Give a condition as a truth value: null holds for nothing; anything else is no condition."""
    if value is None:
        return False
    if isinstance(value, bool):
        return value
    raise Unfit(f"{name} takes truth values, not {describe(value)}")


def is_of_kind(value: Any, kind: str) -> bool:
    """Whether a value may stand for a field of a type; null always may, and text takes any scalar."""
    if isinstance(value, Absent):
        return True
    if value is None or kind in ("any", "string"):
        return not isinstance(value, dict | list) or kind == "any"
    if kind in ("number", "amount"):
        return not isinstance(value, bool | str | date | list | dict)
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "date":
        return as_date(value) is not None
    return isinstance(value, list if kind == "array" else dict)


def context_value(name: str, on: date) -> date | None:
    """Give what a name of the calendar means on the date of calculation; None for any other name."""
    if name in ("referencedate", "calculation_date"):
        return on
    if name == "january_first":
        return on.replace(month=1, day=1)
    if name == "prev_january_first":
        return on.replace(year=on.year - 1, month=1, day=1)
    return None


def _with_actions(article: ir.Article, actions: tuple[ir.Action, ...]) -> ir.Article:
    return replace(article, actions=actions, open_terms={})


def _frozen(parameters: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(sorted((name, _freeze(value)) for name, value in parameters.items()))


def _freeze(value: Any) -> str:
    return f"{type(value).__name__}:{value!r}"
