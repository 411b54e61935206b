"""Operations of the lax dialect in columns: truth, comparison, membership, text and look-up, as Python has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlglot import exp

from eendracht.kernel.rules.arithmetic import Unfit
from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.lax_choices import choose
from eendracht.kernel.rules.columns.lax_dates import CheckColumn, add_to_date, day_of_week, subtract_dates
from eendracht.kernel.rules.columns.lax_equality import among, compare, equal, split_list, truth
from eendracht.kernel.rules.columns.lax_numbers import combine
from eendracht.kernel.rules.columns.lax_sql import Condition, all_of, call, case_of, cases, none_of
from eendracht.kernel.rules.columns.lax_stored import each, element_of, leaf_element, leaves_of
from eendracht.kernel.rules.columns.lax_values import (
    BOOL,
    FAILED,
    FLOAT,
    HALTS,
    INT,
    LIST,
    NOTHING,
    NULL,
    RECORD,
    SQL_TYPES,
    TEXT,
    ZERO,
    Form,
    Value,
    of_tags,
    truth_value,
    value_of,
)
from eendracht.kernel.rules.columns.refusals import Refused
from eendracht.kernel.rules.columns.sql import Sql
from eendracht.kernel.rules.lenient_operations import aggregate, apply_operation
from eendracht.kernel.rules.service_expressions import AGGREGATES, COMPARISONS

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


# --- Text, lists, look-up ---


def length(value: Value) -> Value:
    """Give the length of a list; of anything else 1 or 0."""
    single, several = split_list(value)
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
    single, _ = split_list(key)
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
    return choose([*branches, *halting([value])], NOTHING)


def _parts_of(form: Form, part: str) -> Value:
    if form.items is not None:
        return Value({LIST: Form(items=tuple(part_of(item, part) for item in form.items))})
    assert form.sql is not None
    field = part_of(element_of(form), part)
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
        single, several = split_list(flat[0])
        assert several is not None
        made: Value = fold(name, several)
        return choose([(flat[0].is_(LIST), made)], combine(name, [single], settle) if single is not None else ZERO)
    return combine(name, flat, settle)
