"""Operations of the lax dialect in columns: truth, comparison, membership, text and look-up, as Python has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlglot import exp

from eendracht.kernel.rules.arithmetic import Unfit
from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.lax_dates import CheckColumn, add_to_date, day_of_week, subtract_dates
from eendracht.kernel.rules.columns.lax_numbers import both_numbers, combine, ordered
from eendracht.kernel.rules.columns.lax_values import (
    case_of,
    BOOL,
    FAILED,
    FLOAT,
    HALTS,
    INT,
    LIST,
    NOTHING,
    NULL,
    NUMBERS,
    RECORD,
    SQL_TYPES,
    TEXT,
    ZERO,
    Condition,
    Form,
    Value,
    all_of,
    any_of,
    bound,
    call,
    cases,
    choose,
    double,
    each,
    element_of,
    lambda_of,
    leaf_element,
    leaves_of,
    none_of,
    of_tags,
    truth_value,
    value_of,
)
from eendracht.kernel.rules.columns.sql import Refused, Sql
from eendracht.kernel.rules.lenient_operations import aggregate, apply_operation
from eendracht.kernel.rules.service_expressions import AGGREGATES, COMPARISONS

_ORDERS: Final[dict[str, type[exp.Binary]]] = {
    "GREATER_THAN": exp.GT,
    "GREATER_OR_EQUAL": exp.GTE,
    "LESS_THAN": exp.LT,
    "LESS_OR_EQUAL": exp.LTE,
}

Share = Callable[[Value, str], Value]


def names_of_items() -> Callable[[], str]:
    """Give names for the elements of lists, each its own."""
    used = 0

    def fresh() -> str:
        nonlocal used
        used += 1
        return f"item{used}"

    return fresh


# --- Truth and equality ---


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


def _split(subject: Value) -> tuple[Value | None, Form | None]:
    """Part a value into what is no list and the list."""
    if not subject.has(LIST):
        return subject, None
    rest = {tag: form for tag, form in subject.forms.items() if tag != LIST}
    single = Value(rest, subject.tag if len(rest) > 1 else None) if rest else None
    return single, subject.forms[LIST]


def _among_items(subject: Value, items: Sequence[Value], fresh: Callable[[], str]) -> Condition:
    single, several = _split(subject)
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
    single, several = _split(subject)
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


# --- Text, lists, look-up ---


def length(value: Value) -> Value:
    """Give the length of a list; of anything else 1 or 0."""
    single, several = _split(value)
    one: Value = ZERO
    if single is not None:
        condition = truth(single)
        if isinstance(condition, bool):
            one = value_of(int(condition))
        else:
            one = Value({INT: Form(sql.cast(condition, "BIGINT"), 0, 1)})
    if several is None:
        return one
    if several.items is not None:
        count = value_of(len(several.items))
    else:
        assert several.sql is not None
        count = Value({INT: Form(sql.cast(call("LEN", several.sql), "BIGINT"), 0, several.most)})
    return choose([(value.is_(LIST), count)], one)


def look_up(key: Value, table: Value, fresh: Callable[[], str]) -> Value:
    """Give what an object has for a key; null where it has nothing, or is no object."""
    if key.has(RECORD) or (table.has(LIST) and key.has(RECORD)):
        raise Refused("object-as-key", "an object as the key of a look-up")
    if not table.has(RECORD):
        return NOTHING
    branches: list[tuple[Condition, Value]] = [(none_of(table.is_(RECORD)), NOTHING), (key.is_(LIST), NOTHING)]
    single, _ = _split(key)
    if single is None:
        return NOTHING
    for name, found in table.forms[RECORD].fields.items():
        branches.append((equal(single, value_of(name), fresh), found))
    return choose(branches, NOTHING)


def part_of(value: Value, part: str) -> Value:
    """Give a field of an object, or of each object of a list."""
    branches: list[tuple[Condition, Value]] = []
    if value.has(RECORD):
        branches.append((value.is_(RECORD), value.forms[RECORD].fields.get(part, NOTHING)))
    if value.has(LIST):
        branches.append((value.is_(LIST), _parts_of(value.forms[LIST], part)))
    for tag in HALTS:
        branches.append((value.is_(tag), Value({tag: Form()})))
    return choose(branches, NOTHING)


def _parts_of(form: Form, part: str) -> Value:
    if form.items is not None:
        return Value({LIST: Form(items=tuple(part_of(item, part) for item in form.items))})
    assert form.sql is not None
    field = part_of(element_of(form), part)
    if field.has(LIST, RECORD):
        raise Refused("nested-list", f"a list of lists: '{part}' of each element")
    stored = each(form.sql, leaves_of(field), "item")
    return Value({LIST: Form(stored, element=leaf_element(field), most=form.most)})


def joined_text(values: Sequence[Value]) -> Value:
    """Put texts behind each other, without nulls; of nothing the integer 0."""
    parts: list[Sql] = []
    for value in values:
        if value.has(LIST, RECORD):
            raise Refused("list-as-text", "a list or an object as text")
        empty = value.is_(NULL)
        written = _written(value)
        parts.append(cases([(empty, sql.text(""))], written) if written is not None else sql.text(""))
    nothing = all_of(*(value.is_(NULL) for value in values))
    text = exp.DPipe(this=sql.text(""), expression=sql.text(""))
    for part in parts:
        text = exp.DPipe(this=text, expression=sql.wrap(part))
    return of_tags([(nothing, INT)], TEXT, {TEXT: Form(text, sources=_MADE), INT: ZERO.forms[INT]})


_MADE: Final = frozenset((("made",),))


def _written(value: Value) -> Sql | None:
    parts: list[tuple[Condition, Sql]] = []
    for tag in (BOOL, INT, FLOAT, TEXT):
        if not value.has(tag):
            continue
        part = value.part(tag)
        if tag == BOOL:
            part = case_of([(part, sql.text("True"))], sql.text("False"))
        elif tag != TEXT:
            part = sql.cast(part, SQL_TYPES[TEXT])
        parts.append((value.is_(tag), part))
    return cases(parts[:-1], parts[-1][1]) if parts else None


# --- All together ---


def operate(
    name: str,
    values: Sequence[Value],
    unit: str,
    check: CheckColumn,
    fresh: Callable[[], str],
    settle: Share,
    fold: Any,
) -> Value:
    """Do an operation on values; the first that has halted halts it. Raises Refused."""
    if all(value.is_constant for value in values) and not any(value.has(*HALTS) for value in values):
        return _folded(name, [value.constant for value in values], unit)
    halted = halting(values)
    running = [without_halts(value) for value in values]
    if any(not value.forms for value in running):
        return choose(halted, FAILED)
    made = _running(name, running, unit, check, fresh, settle, fold)
    return choose(halted, made)


def halting(values: Sequence[Value]) -> list[tuple[Condition, Value]]:
    """Give where which value halts, in order."""
    return [(value.is_(tag), Value({tag: Form()})) for value in values for tag in HALTS if value.has(tag)]


def without_halts(value: Value) -> Value:
    """Give a value as it is where it has not halted."""
    if not value.has(*HALTS):
        return value
    rest = {tag: form for tag, form in value.forms.items() if tag not in HALTS}
    return Value(rest, value.tag if len(rest) > 1 else None)


def _folded(name: str, constants: list[Any], unit: str) -> Value:
    try:
        if name in AGGREGATES:
            return value_of(aggregate(name, constants))
        if name in COMPARISONS and len(constants) == 1 and isinstance(constants[0], list):
            constants = constants[0]
        return value_of(apply_operation(name, constants, unit))
    except Unfit:
        return FAILED


def _running(
    name: str,
    values: Sequence[Value],
    unit: str,
    check: CheckColumn,
    fresh: Callable[[], str],
    settle: Share,
    fold: Any,
) -> Value:
    first, second = (*values, NOTHING, NOTHING)[:2]
    if name in AGGREGATES:
        return _aggregated(name, values, settle, fold)
    if name in COMPARISONS:
        if len(values) == 1 and first.has(LIST):
            raise Refused("operands-in-list", f"{name} of what stands in a list")
        return compare(name, first, second, fresh)
    if name in ("IN", "NOT_IN"):
        found = among(first, second, fresh)
        return truth_value(found if name == "IN" else none_of(found))
    if name in ("NOT_NULL", "IS_NULL"):
        empty = first.is_(NULL)
        return truth_value(empty if name == "IS_NULL" else none_of(empty))
    if name in ("EXISTS", "NOT"):
        holds = truth(first)
        return truth_value(holds if name == "EXISTS" else none_of(holds))
    if name == "LENGTH":
        return length(first)
    if name == "GET":
        return look_up(first, second, fresh)
    if name == "SUBTRACT_DATE":
        return subtract_dates(first, second, unit, check)
    if name == "ADD_DATE":
        return add_to_date(first, second, unit, check)
    if name == "DAY_OF_WEEK":
        return day_of_week(first, check)
    if name == "COMBINE_DATETIME":
        raise Refused("moment-of-parts", "a moment that is put together from a date and a time")
    return NOTHING


def _aggregated(name: str, values: Sequence[Value], settle: Share, fold: Any) -> Value:
    if name == "CONCAT":
        return joined_text(values)
    flat: list[Value] = []
    for value in values:
        if value.forms.keys() == {LIST} and value.forms[LIST].items is not None:
            flat += value.forms[LIST].items or ()
        else:
            flat.append(value)
    if len(flat) == 1 and flat[0].has(LIST):
        single, several = _split(flat[0])
        assert several is not None
        made: Value = fold(name, several)
        return choose([(flat[0].is_(LIST), made)], combine(name, [single], settle) if single is not None else ZERO)
    return combine(name, flat, settle)
