"""Truth, equality and membership of the lax dialect in columns, as Python has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sqlglot import exp

from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.lax_choices import choose
from eendracht.kernel.rules.columns.lax_numbers import both_numbers, ordered
from eendracht.kernel.rules.columns.lax_sql import Condition, all_of, any_of, call, double, none_of
from eendracht.kernel.rules.columns.lax_stored import bound, element_of, lambda_of
from eendracht.kernel.rules.columns.lax_values import (
    BOOL,
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
    truth_value,
    value_of,
)
from eendracht.kernel.rules.columns.refusals import Refused

_ORDERS: Final[dict[str, type[exp.Binary]]] = {
    "GREATER_THAN": exp.GT,
    "GREATER_OR_EQUAL": exp.GTE,
    "LESS_THAN": exp.LT,
    "LESS_OR_EQUAL": exp.LTE,
}


def truth(value: Value) -> Condition:
    """Where Python holds a value for true."""
    found: list[Condition] = []
    for tag, form in value.forms.items():
        where = value.is_(tag)
        if tag == BOOL:
            found.append(all_of(where, bool(value.constant) if value.is_constant else value.part(BOOL)))
        elif tag in (INT, FLOAT):
            if not form.low <= 0 <= form.high:
                found.append(where)
            elif form.low != 0 or form.high != 0:
                zero = sql.integer(0, "BIGINT") if tag == INT else double(0)
                found.append(all_of(where, sql.compare(exp.NEQ, value.part(tag), zero)))
        elif tag == TEXT:
            full = value.constant != "" if value.is_constant else None
            found.append(all_of(where, sql.compare(exp.NEQ, value.part(TEXT), sql.text("")) if full is None else full))
        elif tag == RECORD:
            found.append(all_of(where, bool(form.fields)))
        elif tag == LIST:
            found.append(all_of(where, is_filled(form)))
    return any_of(*found)


def is_filled(form: Form) -> Condition:
    """Where a list has elements."""
    if form.items is not None:
        return bool(form.items)
    assert form.sql is not None
    return sql.compare(exp.GT, call("LEN", form.sql), sql.integer(0))


def equal(left: Value, right: Value, fresh: Callable[[], str]) -> Condition:
    """Where two values are equal; numbers of different types are where they are the same number."""
    found: list[Condition] = [all_of(left.is_(NULL), right.is_(NULL))]
    if left.has(BOOL) and right.has(BOOL) and not left.has(INT, FLOAT) and not right.has(INT, FLOAT):
        same = sql.equals(left.part(BOOL), right.part(BOOL))
        if right.is_constant:
            same = left.part(BOOL) if right.constant else sql.negated(left.part(BOOL))
        found.append(all_of(left.is_(BOOL), right.is_(BOOL), same))
    elif left.has(*NUMBERS) and right.has(*NUMBERS):
        here, there = both_numbers(left, right)
        found.append(all_of(left.is_(*NUMBERS), right.is_(*NUMBERS), sql.equals(here, there)))
    if left.has(TEXT) and right.has(TEXT):
        found.append(all_of(left.is_(TEXT), right.is_(TEXT), sql.equals(left.part(TEXT), right.part(TEXT))))
    if left.has(RECORD) and right.has(RECORD):
        here_fields, there_fields = left.forms[RECORD].fields, right.forms[RECORD].fields
        alike: Condition = here_fields.keys() == there_fields.keys()
        for key, field in here_fields.items() if alike else ():
            alike = all_of(alike, equal(field, there_fields[key], fresh))
        found.append(all_of(left.is_(RECORD), right.is_(RECORD), alike))
    if left.has(LIST) and right.has(LIST):
        found.append(all_of(left.is_(LIST), right.is_(LIST), _equal_lists(left.forms[LIST], right.forms[LIST], fresh)))
    return any_of(*found)


def _equal_lists(left: Form, right: Form, fresh: Callable[[], str]) -> Condition:
    if left.items is not None and right.items is not None:
        if len(left.items) != len(right.items):
            return False
        return all_of(*(equal(a, b, fresh) for a, b in zip(left.items, right.items, strict=True)))
    if right.items is None:
        left, right = right, left
    if left.items is not None or right.items is None or right.items:
        raise Refused("equal-lists", "whether two lists are equal")
    return none_of(is_filled(left))


def compare(name: str, left: Value, right: Value, fresh: Callable[[], str]) -> Value:
    """Compare two values; an order is null with null and between values that have none."""
    if name in ("EQUALS", "NOT_EQUALS"):
        same = equal(left, right, fresh)
        return truth_value(same if name == "EQUALS" else none_of(same))
    if left.has(LIST) and right.has(LIST):
        raise Refused("order-of-lists", "which of two lists comes first")
    fit = any_of(all_of(left.is_(*NUMBERS), right.is_(*NUMBERS)), all_of(left.is_(TEXT), right.is_(TEXT)))
    if fit is False:
        return NOTHING
    made = ordered(_ORDERS[name], left, right)
    return choose([(none_of(fit), NOTHING)], truth_value(made))


def among(subject: Value, candidates: Value, fresh: Callable[[], str]) -> Condition:
    """Where a value, or an element of a list, is among the candidates."""
    found: list[Condition] = []
    for tag, form in candidates.forms.items():
        where = candidates.is_(tag)
        if tag == RECORD:
            items = [value_of(key) for key in form.fields]
            found.append(all_of(where, _among_items(subject, items, fresh)))
        elif tag == LIST and form.items is not None:
            found.append(all_of(where, _among_items(subject, list(form.items), fresh)))
        elif tag == LIST:
            found.append(all_of(where, _among_stored(subject, form, fresh)))
        elif tag != NULL:
            alone = Value({tag: form}, None, candidates.constant, candidates.is_constant)
            found.append(all_of(where, _among_items(subject, [alone], fresh)))
    return any_of(*found)


def split_list(subject: Value) -> tuple[Value | None, Form | None]:
    """Part a value into what is no list and the list."""
    if not subject.has(LIST):
        return subject, None
    rest = {tag: form for tag, form in subject.forms.items() if tag != LIST}
    single = Value(rest, subject.tag if len(rest) > 1 else None) if rest else None
    return single, subject.forms[LIST]


def _among_items(subject: Value, items: Sequence[Value], fresh: Callable[[], str]) -> Condition:
    single, several = split_list(subject)
    found: list[Condition] = []
    if single is not None:
        found.append(all_of(none_of(subject.is_(LIST)), _one_among(single, items, fresh)))
    if several is not None:
        found.append(all_of(subject.is_(LIST), any_element(several, lambda e: _one_among(e, items, fresh), fresh)))
    return any_of(*found)


def _one_among(single: Value, items: Sequence[Value], fresh: Callable[[], str]) -> Condition:
    texts = [item for item in items if item.is_constant and isinstance(item.constant, str)]
    rest = [item for item in items if not (item.is_constant and isinstance(item.constant, str))]
    found = [equal(single, item, fresh) for item in rest]
    if texts and single.has(TEXT):
        known = exp.In(this=sql.wrap(single.part(TEXT)), expressions=[sql.text(item.constant) for item in texts])
        found.append(all_of(single.is_(TEXT), known))
    return any_of(*found)


def _among_stored(subject: Value, form: Form, fresh: Callable[[], str]) -> Condition:
    single, several = split_list(subject)
    if several is not None:
        raise Refused("lists-in-lists", "whether one list has an element of another")
    assert single is not None
    return any_element(form, lambda element: equal(single, element, fresh), fresh)


def any_element(form: Form, holds: Callable[[Value], Condition], fresh: Callable[[], str]) -> Condition:
    """Where a condition holds for an element of a list."""
    if form.items is not None:
        return any_of(*(holds(item) for item in form.items))
    assert form.sql is not None
    name = fresh()
    condition = holds(bound(element_of(form), name))
    if isinstance(condition, bool):
        return is_filled(form) if condition else False
    kept = call("LIST_FILTER", form.sql, lambda_of(condition, name))
    return sql.compare(exp.GT, call("LEN", kept), sql.integer(0))
