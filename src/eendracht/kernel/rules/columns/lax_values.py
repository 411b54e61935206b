"""A value of the lax dialect in columns: for each type that a row can have its own expression, and a tag that tells which.

The dialect has Python's types: a rule may give an integer in one row and a double, a text or null in the next. So a
value is a set of forms by tag. MISSING and ERROR are no values: they end the run of that row. An expression is valid
in the rows that have its tag, and NULL or something within its bounds elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from sqlglot import exp

from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.sql import Refused, Sql

NULL: Final = 0
BOOL: Final = 1
INT: Final = 2
FLOAT: Final = 3
TEXT: Final = 4
RECORD: Final = 5
LIST: Final = 6
MISSING: Final = 8
ERROR: Final = 9
NUMBERS: Final = (BOOL, INT, FLOAT)
HALTS: Final = (MISSING, ERROR)
SQL_TYPES: Final = {BOOL: "BOOLEAN", INT: "BIGINT", FLOAT: "DOUBLE", TEXT: "VARCHAR"}

ITEM: Final = "item"
"""Table name under which the element of a list speaks of its own fields."""
EXACT: Final = 2**53
"""Up to here an integer is the same number as a double."""
BIGGEST: Final = 1.7976931348623157e308
STRICT_DATE: Final = r"\d{4}-\d{2}-\d{2}"
STRICT_MOMENT: Final = STRICT_DATE + r"T\d{2}:\d{2}:\d{2}"

Condition = bool | Sql
"""Something that holds for all rows, for none, or for those where the expression is true; never NULL."""
Source = tuple[str, ...]
"""Where a text comes from: `("known",)` a date made here, `("constant", text)`, `("column", table, name)`, `("made",)`."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a value is where it has one type. `low` and `high` bound a number; `day` is a text that is a date, as date."""

    sql: Sql | None = None
    low: float = 0
    high: float = 0
    sources: frozenset[Source] = frozenset()
    day: Sql | None = None
    fields: Mapping[Any, Value] = field(default_factory=dict)
    items: tuple[Value, ...] | None = None
    """The elements of a list that is written out; None for one of `sql`, whose `element` speaks of ITEM."""
    element: Value | None = None
    most: int = 0


@dataclass(frozen=True, slots=True)
class Value:
    """A value by row: its forms by tag, and the expression of the tag where there are several."""

    forms: Mapping[int, Form]
    tag: Sql | None = None
    constant: Any = None
    is_constant: bool = False

    def has(self, *tags: int) -> bool:
        """Whether some row may have one of the tags."""
        return any(tag in self.forms for tag in tags)

    def is_(self, *tags: int) -> Condition:
        """Where the value has one of the tags."""
        wanted = [tag for tag in self.forms if tag in tags]
        if not wanted or len(wanted) == len(self.forms):
            return bool(wanted)
        assert self.tag is not None
        if len(wanted) == 1:
            return sql.equals(self.tag, code(wanted[0]))
        return exp.In(this=sql.wrap(self.tag), expressions=[code(tag) for tag in wanted])

    @property
    def tag_sql(self) -> Sql:
        """The expression of the tag."""
        return code(next(iter(self.forms))) if self.tag is None else self.tag

    @property
    def halts(self) -> Condition:
        """Where there is no value because the run has ended."""
        return self.is_(*HALTS)

    def part(self, tag: int) -> Sql:
        """The expression of a form."""
        found = self.forms[tag].sql
        assert found is not None
        return found


def code(tag: int) -> Sql:
    """Give a tag as a literal."""
    return sql.integer(tag, "TINYINT")


def double(value: float) -> Sql:
    """Give a double as a literal."""
    return sql.cast(exp.Literal.number(repr(float(value))), "DOUBLE")


def call(name: str, *arguments: Sql) -> Sql:
    """Call a function of DuckDB by its own name."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def both(conditions: Sequence[Sql]) -> Sql:
    """All of the conditions; unlike `sql.both` without a copy of each."""
    made = conditions[0]
    for item in conditions[1:]:
        made = exp.And(this=sql.wrap(made) if not isinstance(made, exp.And) else made, expression=sql.wrap(item))
    return made


def either(conditions: Sequence[Sql]) -> Sql:
    """Any of the conditions; unlike `sql.either` without a copy of each."""
    made = conditions[0]
    for item in conditions[1:]:
        made = exp.Or(this=sql.wrap(made) if not isinstance(made, exp.Or) else made, expression=sql.wrap(item))
    return made


def case_of(branches: Sequence[tuple[Sql, Sql]], default: Sql) -> Sql:
    """The outcome of the first condition that holds; unlike `sql.case` without a copy of each."""
    return exp.Case(ifs=[exp.If(this=condition, true=outcome) for condition, outcome in branches], default=default)


# --- Conditions ---


def all_of(*conditions: Condition) -> Condition:
    """Where all hold."""
    if any(item is False for item in conditions):
        return False
    rest = [item for item in conditions if not isinstance(item, bool)]
    return True if not rest else rest[0] if len(rest) == 1 else both(rest)


def any_of(*conditions: Condition) -> Condition:
    """Where one holds."""
    if any(item is True for item in conditions):
        return True
    rest = [item for item in conditions if not isinstance(item, bool)]
    return False if not rest else rest[0] if len(rest) == 1 else either(rest)


def none_of(condition: Condition) -> Condition:
    """Where it does not hold."""
    return not condition if isinstance(condition, bool) else sql.negated(condition)


def as_sql(condition: Condition) -> Sql:
    """Give a condition as an expression."""
    return sql.boolean(condition) if isinstance(condition, bool) else condition


def cases(branches: Iterable[tuple[Condition, Sql]], default: Sql) -> Sql:
    """The outcome of the first condition that holds; what never holds falls away."""
    kept: list[tuple[Sql, Sql]] = []
    for condition, outcome in branches:
        if condition is True:
            default = outcome
            break
        if condition is not False:
            kept.append((condition, outcome))
    while kept and kept[-1][1] == default:
        kept.pop()
    return case_of(kept, default) if kept else default


# --- Making values ---


def value_of(constant: Any) -> Value:
    """Give a constant of the law; raises Refused for an integer beyond 64 bits."""
    return Value({tag_of(constant): _form_of(constant)}, None, constant, True)


def tag_of(constant: Any) -> int:
    """Give the tag of a Python value."""
    if constant is None:
        return NULL
    if isinstance(constant, Mapping):
        return RECORD
    kinds = {bool: BOOL, int: INT, float: FLOAT, str: TEXT, list: LIST, tuple: LIST}
    if type(constant) not in kinds:
        raise Refused("unknown-type", f"a value of type {type(constant).__name__}")
    return kinds[type(constant)]


def _form_of(constant: Any) -> Form:
    if constant is None:
        return Form()
    if isinstance(constant, bool):
        return Form(sql.boolean(constant))
    if isinstance(constant, int):
        return Form(sql.integer(within(constant), "BIGINT"), constant, constant)
    if isinstance(constant, float):
        return Form(double(constant), constant, constant)
    if isinstance(constant, str):
        return Form(sql.text(constant), sources=frozenset((("constant", constant),)), day=_day_of(constant))
    if isinstance(constant, Mapping):
        return Form(fields={key: value_of(item) for key, item in constant.items()})
    return Form(items=tuple(value_of(item) for item in constant))


def _day_of(text: str) -> Sql | None:
    if re.fullmatch(STRICT_DATE, text, re.ASCII):
        try:
            return sql.day(date.fromisoformat(text))
        except ValueError:
            return None
    return None


def within(value: float) -> int:
    """Give a bound as an integer; raises Refused beyond 64 bits."""
    if not abs(value) <= sql.INT64:
        raise Refused("wider-than-64-bits", "an integer can become larger than 64 bits")
    return int(value)


NOTHING: Final = value_of(None)
ZERO: Final = value_of(0)
FAILED: Final = Value({ERROR: Form()})
LACKING: Final = Value({MISSING: Form()})


def truth_value(condition: Condition) -> Value:
    """Give a condition as a value."""
    if isinstance(condition, bool):
        return value_of(condition)
    return Value({BOOL: Form(condition)})


def integer_value(expression: Sql, low: float, high: float) -> Value:
    """Give an integer of every row."""
    return Value({INT: Form(expression, within(low), within(high))})


def of_tags(branches: Sequence[tuple[Condition, int]], default: int, forms: Mapping[int, Form]) -> Value:
    """Give a value by where it has which tag; a form that no row has falls away."""
    reached: list[tuple[Condition, int]] = []
    for condition, tag in branches:
        if condition is False:
            continue
        if condition is True:
            default = tag
            break
        reached.append((condition, tag))
    tags = {tag for _, tag in reached} | {default}
    kept = {tag: forms.get(tag, Form()) for tag in sorted(tags)}
    made = cases([(condition, code(tag)) for condition, tag in reached], code(default))
    return Value(kept, made if len(kept) > 1 else None)


def choose(branches: Sequence[tuple[Condition, Value]], default: Value) -> Value:
    """Give the value of the first condition that holds; raises Refused for lists or records that do not go together."""
    reached: list[tuple[Condition, Value]] = []
    for condition, value in branches:
        if condition is True:
            default = value
            break
        if condition is not False:
            reached.append((condition, value))
    if not reached:
        return default
    options = [*reached, (True, default)]
    tags = sorted({tag for _, value in options for tag in value.forms})
    forms = {tag: _merge(tag, [(where, value) for where, value in options if value.has(tag)]) for tag in tags}
    made = cases([(where, value.tag_sql) for where, value in reached], default.tag_sql)
    return Value(forms, made if len(tags) > 1 else None)


def _merge(tag: int, options: Sequence[tuple[Condition, Value]]) -> Form:
    forms = [(where, value.forms[tag]) for where, value in options]
    if len(forms) == 1 or tag in (NULL, *HALTS):
        return forms[0][1]
    if tag == RECORD:
        return _merge_records(forms)
    if tag == LIST:
        return _merge_lists(forms)
    made = _merged_sql([(where, form.sql) for where, form in forms])
    day = _merged_sql([(where, form.day) for where, form in forms])
    low, high = min(form.low for _, form in forms), max(form.high for _, form in forms)
    sources = frozenset[Source]().union(*(form.sources for _, form in forms))
    return Form(made, low, high, sources, day)


def _merged_sql(options: Sequence[tuple[Condition, Sql | None]]) -> Sql | None:
    found = [(where, item) for where, item in options if item is not None]
    if len(found) < len(options):
        return None
    return cases(found[:-1], found[-1][1])


def _merge_records(forms: Sequence[tuple[Condition, Form]]) -> Form:
    first = forms[0][1]
    if any(list(form.fields) != list(first.fields) for _, form in forms):
        raise Refused("objects-of-two-kinds", "a choice between objects that do not have the same fields")
    options = [(where, form.fields) for where, form in forms]
    return Form(
        fields={
            key: choose([(where, fields[key]) for where, fields in options[:-1]], options[-1][1][key])
            for key in first.fields
        }
    )


def _merge_lists(forms: Sequence[tuple[Condition, Form]]) -> Form:
    lists = [(where, form) for where, form in forms]
    if all(form.items is not None and len(form.items) == len(lists[0][1].items or ()) for _, form in lists):
        columns = [(where, form.items or ()) for where, form in lists]
        count = len(columns[0][1])
        return Form(
            items=tuple(
                choose([(where, items[at]) for where, items in columns[:-1]], columns[-1][1][at]) for at in range(count)
            )
        )
    if any(form.element != lists[0][1].element or form.sql is None for _, form in lists):
        lists = [(where, plain_list(form)) for where, form in lists]
    made = _merged_sql([(where, form.sql) for where, form in lists])
    element = lists[0][1].element
    if any(form.element != element for _, form in lists):
        element = _widest([form.element for _, form in lists if form.element is not None])
    return Form(made, element=element, most=max(form.most for _, form in lists))


# --- Lists ---

_LEAVES: Final = {BOOL: "b", INT: "i", FLOAT: "f", TEXT: "s"}


def item_field(name: str) -> Sql:
    """Name a field of the element of a list."""
    return exp.column(name, table=ITEM, quoted=True)


def leaves_of(value: Value) -> Sql:
    """Give a scalar as a struct of its tag and its forms; raises Refused for a list or an object."""
    if value.has(RECORD, LIST):
        raise Refused("nested-list", "a list of lists or objects that are computed")
    parts: list[Sql] = [_slot("t", value.tag_sql)]
    for tag, name in _LEAVES.items():
        parts.append(_slot(name, value.part(tag) if value.has(tag) else sql.null(SQL_TYPES[tag])))
    return exp.Struct(expressions=parts)


def _slot(name: str, expression: Sql) -> Sql:
    return exp.PropertyEQ(this=exp.to_identifier(name), expression=expression)


def leaf_element(value: Value) -> Value:
    """Give the element of a list whose elements are stored by `leaves_of`."""
    forms = {
        tag: Form() if tag not in _LEAVES else replace(form, sql=item_field(_LEAVES[tag]), day=None)
        for tag, form in value.forms.items()
    }
    return Value(forms, item_field("t") if len(forms) > 1 else None)


def plain_list(form: Form) -> Form:
    """Give a list in the stored form of its elements."""
    if form.items is not None:
        stored: Sql = exp.Array(expressions=[leaves_of(item) for item in form.items])
        if not form.items:
            shape = ", ".join(f"{name} {kind}" for name, kind in _SHAPE.items())
            return Form(sql.cast(stored, f"STRUCT({shape})[]"), element=Value({NULL: Form()}), most=0)
        return Form(stored, element=_widest([leaf_element(item) for item in form.items]), most=len(form.items))
    assert form.sql is not None
    element = element_of(form)
    return Form(each(form.sql, leaves_of(element), ITEM), element=leaf_element(element), most=form.most)


def element_of(form: Form) -> Value:
    """Give the element of a list; raises Refused where only the number of elements is known."""
    if form.element is None:
        raise Refused("nested-list", "a list of lists or objects that are computed")
    return form.element


_SHAPE: Final = {"t": "TINYINT", **{name: SQL_TYPES[tag] for tag, name in _LEAVES.items()}}


def _widest(elements: Sequence[Value]) -> Value:
    """Give one element that stands for several: all their tags, the widest of their bounds."""
    merged: dict[int, Form] = {}
    for element in elements:
        for tag, form in element.forms.items():
            known = merged.get(tag, form)
            low, high = min(known.low, form.low), max(known.high, form.high)
            merged[tag] = replace(form, low=low, high=high, sources=known.sources | form.sources)
    return leaf_element(Value(dict(sorted(merged.items()))))


def each(values: Sql, body: Sql, name: str) -> Sql:
    """Transform a list element by element; the body speaks of the element by the name."""
    return call("LIST_TRANSFORM", values, lambda_of(body, name))


def lambda_of(body: Sql, *names: str) -> Sql:
    """Give a function of elements."""
    return exp.Lambda(this=body, expressions=[exp.to_identifier(name, quoted=True) for name in names])


def bound(value: Value, name: str) -> Value:
    """Give the element of a list under another name than ITEM."""
    if value.is_constant:
        return value
    forms = {
        tag: replace(
            form,
            sql=_renamed(form.sql, name),
            day=_renamed(form.day, name),
            fields={key: bound(item, name) for key, item in form.fields.items()},
            items=None if form.items is None else tuple(bound(item, name) for item in form.items),
        )
        for tag, form in value.forms.items()
    }
    return Value(forms, _renamed(value.tag, name))


def _renamed(expression: Sql | None, name: str) -> Sql | None:
    if expression is None or name == ITEM:
        return expression

    def rename(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Column) and node.table == ITEM:
            return exp.column(node.name, table=name, quoted=True)
        return node

    return expression.transform(rename)
