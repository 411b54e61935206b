"""FOREACH of the lax dialect in columns: a list is transformed element by element and then brought together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from sqlglot import exp

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.lax_choices import choose
from eendracht.kernel.rules.columns.lax_equality import is_filled, truth
from eendracht.kernel.rules.columns.lax_numbers import combine as combine_values
from eendracht.kernel.rules.columns.lax_numbers import doubles, finite, integers, interval
from eendracht.kernel.rules.columns.lax_operations import halting, joined_text, without_halts
from eendracht.kernel.rules.columns.lax_sql import Condition, all_of, any_of, as_sql, call, cases, code, double, none_of
from eendracht.kernel.rules.columns.lax_stored import (
    bound,
    each,
    element_of,
    item_field,
    lambda_of,
    leaf_element,
    leaves_of,
)
from eendracht.kernel.rules.columns.lax_values import (
    BOOL,
    ERROR,
    EXACT,
    FAILED,
    FLOAT,
    HALTS,
    INT,
    LIST,
    NULL,
    NUMBERS,
    RECORD,
    TEXT,
    ZERO,
    Form,
    Value,
    of_tags,
    truth_value,
    within,
)
from eendracht.kernel.rules.columns.refusals import Refused
from eendracht.kernel.rules.columns.sql import Sql


class Scope(Protocol):
    """What FOREACH needs of the law in which it stands."""

    fresh: Callable[[], str]

    def value(self, node: ir.Expression, local: Mapping[str, Value]) -> Value:
        """Give the value of an expression."""

    def settle(self, value: Value, hint: str) -> Value:
        """Give a value whose expressions have names."""


def compile_foreach(scope: Scope, node: ir.Operation, local: Mapping[str, Value]) -> Value:
    """Compile FOREACH; nothing to go through gives the integer 0. Raises Refused."""
    collection = scope.settle(scope.value(node.operands[0], local), "list")
    branches = halting([collection])
    running = without_halts(collection)
    if not running.forms:
        return choose(branches, FAILED)
    branches.append((none_of(truth(running)), ZERO))
    if running.has(LIST):
        several = _over_list(scope, node, running.forms[LIST], local)
        branches.append((running.is_(LIST), several))
    single = {tag: form for tag, form in running.forms.items() if tag not in (LIST, NULL)}
    if not single:
        return choose(branches, ZERO)
    alone = Value(single, running.tag if len(single) > 1 else None, running.constant, running.is_constant)
    return choose(branches, _over_items(scope, node, [alone], local))


def _inner(node: ir.Operation, item: Value, local: Mapping[str, Value]) -> dict[str, Value]:
    fields = item.forms[RECORD].fields if item.has(RECORD) else {}
    if fields and len(item.forms) > 1:
        raise Refused("list-of-some-objects", "a list in which some elements are objects")
    return {**local, **{str(key): value for key, value in fields.items()}, str(node.options["as"]): item}


def _kept(scope: Scope, node: ir.Operation, inner: Mapping[str, Value]) -> tuple[Value | None, Value]:
    """Give the filter and the body for one element."""
    condition = node.named.get("filter")
    kept = None if condition is None else scope.value(condition, inner)
    return kept, scope.value(node.operands[1], inner)


def _with_filter(kept: Value | None, body: Value, skipped: Value) -> Value:
    if kept is None:
        return body
    running = without_halts(kept)
    passed: Condition = truth(running) if running.forms else False
    return choose([*halting([kept]), (none_of(passed), skipped)], body)


def _over_items(scope: Scope, node: ir.Operation, items: list[Value], local: Mapping[str, Value]) -> Value:
    """Go through elements that are written out, one by one."""
    results = []
    for item in items:
        kept, body = _kept(scope, node, _inner(node, item, local))
        if kept is not None and node.options["combine"] is None and truth(without_halts(kept)) is not True:
            raise Refused("filter-of-one", "a filter over elements that are no list of a table")
        results.append(scope.settle(_with_filter(kept, body, Value({NULL: Form()})), "element"))
    return _joined(str(node.options["combine"] or ""), results, scope)


def _joined(name: str, results: list[Value], scope: Scope) -> Value:
    halted = halting(results)
    running = [without_halts(value) for value in results]
    if any(not value.forms for value in running):
        return choose(halted, FAILED)
    if not name:
        return choose(halted, Value({LIST: Form(items=tuple(running))}))
    if name == "CONCAT":
        return choose(halted, joined_text(running))
    if name in ("AND", "OR"):
        return choose(halted, _junction(name, running))
    return choose(halted, combine_values(name, running, scope.settle))


def _junction(name: str, values: list[Value]) -> Value:
    if any(value.has(LIST) for value in values):
        raise Refused("nested-list", f"{name} over lists in a list")
    present = [(none_of(value.is_(NULL)), truth(value)) for value in values]
    nothing = all_of(*(none_of(there) for there, _ in present))
    if name == "OR":
        made = any_of(*(all_of(there, holds) for there, holds in present))
    else:
        made = all_of(*(any_of(none_of(there), holds) for there, holds in present))
    return choose([(nothing, ZERO)], truth_value(made))


def _over_list(scope: Scope, node: ir.Operation, form: Form, local: Mapping[str, Value]) -> Value:
    if form.items is not None:
        return _over_items(scope, node, list(form.items), local)
    assert form.sql is not None
    name = scope.fresh()
    element = bound(element_of(form), name)
    kept, body = _kept(scope, node, _inner(node, element, local))
    if not node.options["combine"]:
        return _selected(form, name, element, kept, body)
    result = _with_filter(kept, body, Value({NULL: Form()}))
    if result.has(LIST):
        raise Refused("nested-list", "FOREACH over lists in a list")
    running = without_halts(result)
    stored = each(form.sql, _stored(result), name)
    made = Form(stored, element=_with_halts(result, leaf_element(running)), most=form.most)
    settled = scope.settle(Value({LIST: made}), "each")
    return fold_list(str(node.options["combine"]), settled.forms[LIST])


def _stored(result: Value) -> Sql:
    if result.has(RECORD):
        raise Refused("object-in-sum", "FOREACH that brings objects together")
    return leaves_of(result)


def _with_halts(result: Value, element: Value) -> Value:
    forms = {tag: element.forms.get(tag, Form()) for tag in result.forms}
    return Value(forms, item_field("t") if len(forms) > 1 else None)


def _selected(form: Form, name: str, element: Value, kept: Value | None, body: Value) -> Value:
    """Give the list of results, without what the filter leaves out."""
    assert form.sql is not None
    source: Sql = form.sql
    halted: list[tuple[Condition, Value]] = []
    ways = {tag for value in (kept, body) if value is not None for tag in HALTS if value.has(tag)}
    if len(ways) > 1:
        raise Refused("halts-in-list", "a list whose elements may fail in several ways")
    if kept is not None:
        running = without_halts(kept)
        passed: Condition = truth(running) if running.forms else False
        halted += [(_any(form.sql, kept.is_(tag), name), Value({tag: Form()})) for tag in ways]
        source = call("LIST_FILTER", source, lambda_of(as_sql(passed), name))
    halted += [(_any(source, body.is_(tag), name), Value({tag: Form()})) for tag in ways]
    if body == element:
        return choose(halted, Value({LIST: Form(source, element=form.element, most=form.most)}))
    running = without_halts(body)
    if not running.forms:
        return choose(halted, FAILED)
    stored = each(source, leaves_of(running), name)
    return choose(halted, Value({LIST: Form(stored, element=leaf_element(running), most=form.most)}))


def _any(values: Sql, condition: Condition, name: str) -> Condition:
    if condition is False:
        return False
    found = call("LIST_FILTER", values, lambda_of(as_sql(condition), name))
    return sql.compare(exp.GT, call("LEN", found), sql.integer(0))


# --- Bringing a list together ---


def fold_list(name: str, form: Form) -> Value:
    """Bring the elements of a stored list together without its nulls; nothing gives the integer 0. Raises Refused."""
    assert form.sql is not None
    element = element_of(form)
    if element.has(LIST, RECORD):
        raise Refused("object-in-sum", f"{name} over a list of lists or objects")
    halted = _halted(form.sql, element)
    running = without_halts(element)
    if not running.forms:
        return choose(halted, FAILED)
    if name == "ADD":
        made = _total(form, running)
    elif name in ("AND", "OR"):
        made = _all_or_any(name, form, running)
    elif name in ("MIN", "MAX"):
        made = _extreme(name, form, running)
    else:
        raise Refused("fold-in-order", f"{name} over a list")
    return choose(halted, made)


def _halted(values: Sql, element: Value) -> list[tuple[Condition, Value]]:
    if not element.has(*HALTS):
        return []
    codes = each(values, element.tag_sql, "item")
    first = exp.Bracket(
        this=call(
            "LIST_FILTER",
            codes,
            lambda_of(sql.at_least(exp.to_identifier("c", quoted=True), code(HALTS[0])), "c"),
        ),
        expressions=[exp.Literal.number(1)],
        offset=1,
    )
    told = call("COALESCE", first, code(NULL))
    return [(sql.equals(told, code(tag)), Value({tag: Form()})) for tag in HALTS if element.has(tag)]


def _where(form: Form, condition: Condition) -> Condition:
    assert form.sql is not None
    return is_filled(form) if condition is True else _any(form.sql, condition, "item")


def _total(form: Form, element: Value) -> Value:
    assert form.sql is not None
    forms: dict[int, Form] = {}
    low, high = interval(element, BOOL, INT)
    low, high = min(low, 0) * form.most, max(high, 0) * form.most
    whole = sql.integer(0, "BIGINT")
    if element.has(BOOL, INT):
        numbers = each(form.sql, cases([(element.is_(BOOL, INT), integers(element))], sql.null("BIGINT")), "item")
        total = call("COALESCE", call("LIST_SUM", numbers), sql.integer(0, "INT128"))
        within(low), within(high)
        whole = exp.TryCast(this=total, to=exp.DataType.build("BIGINT"))
    forms[INT] = Form(whole, within(low), within(high))
    bad = _where(form, element.is_(TEXT))
    is_double = _where(form, element.is_(FLOAT))
    if element.has(FLOAT):
        if max(abs(low), abs(high)) > EXACT:
            raise Refused("integer-beside-double", f"a sum of integers beyond {EXACT} beside doubles")
        least, most = interval(element, FLOAT)
        real = cases([(element.is_(*NUMBERS), doubles(element, "integer-beside-double"))], double(0))
        a, b = exp.to_identifier("a", quoted=True), exp.to_identifier("b", quoted=True)
        summed = call("LIST_REDUCE", each(form.sql, real, "item"), lambda_of(sql.add(a, b), "a", "b"), double(0))
        forms[FLOAT] = Form(summed, low + min(least, 0) * form.most, high + max(most, 0) * form.most)
    return finite(of_tags([(bad, ERROR), (is_double, FLOAT)], INT, forms))


def _all_or_any(name: str, form: Form, element: Value) -> Value:
    holds = truth(element)
    nothing = none_of(_where(form, none_of(element.is_(NULL))))
    if name == "OR":
        return choose([(nothing, ZERO)], truth_value(_where(form, holds)))
    fails = _where(form, all_of(none_of(element.is_(NULL)), none_of(holds)))
    return choose([(nothing, ZERO)], truth_value(none_of(fails)))


def _extreme(name: str, form: Form, element: Value) -> Value:
    assert form.sql is not None
    tags = [tag for tag in element.forms if tag != NULL]
    if not tags:
        return ZERO
    if len(tags) > 1 or tags[0] not in (INT, TEXT):
        raise Refused("extreme-of-mixed", f"{name} over a list that is not of integers or texts alone")
    kept = each(form.sql, cases([(element.is_(tags[0]), element.part(tags[0]))], exp.null()), "item")
    found = call(f"LIST_{name}", kept)
    made = element.forms[tags[0]]
    nothing = none_of(_where(form, element.is_(tags[0])))
    return choose([(nothing, ZERO)], Value({tags[0]: Form(found, min(made.low, 0), max(made.high, 0), made.sources)}))
