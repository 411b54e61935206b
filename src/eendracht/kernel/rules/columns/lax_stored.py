"""Lists of the lax dialect as DuckDB stores them: each element as a struct of its tag and its forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlglot import exp

from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.lax_sql import call
from eendracht.kernel.rules.columns.lax_values import (
    BOOL,
    FLOAT,
    INT,
    ITEM,
    LIST,
    NULL,
    RECORD,
    SQL_TYPES,
    TEXT,
    Form,
    Value,
)
from eendracht.kernel.rules.columns.refusals import Refused
from eendracht.kernel.rules.columns.sql import Sql

_LEAVES: Final = {BOOL: "b", INT: "i", FLOAT: "f", TEXT: "s"}
_SHAPE: Final = {"t": "TINYINT", **{name: SQL_TYPES[tag] for tag, name in _LEAVES.items()}}


def item_field(name: str) -> Sql:
    """Name a field of the element of a list."""
    return exp.column(name, table=ITEM, quoted=True)


def leaves_of(value: Value) -> Sql:
    """Give a value as a struct of its tag and its forms; a list in its stored form, an object field by field."""
    parts: list[Sql] = [_slot("t", value.tag_sql)]
    for tag, name in _LEAVES.items():
        parts.append(_slot(name, value.part(tag) if value.has(tag) else sql.null(SQL_TYPES[tag])))
    if value.has(LIST):
        inner = plain_list(value.forms[LIST])
        assert inner.sql is not None
        parts.append(_slot("l", inner.sql))
    if value.has(RECORD):
        fields = value.forms[RECORD].fields
        parts.append(_slot("r", exp.Struct(expressions=[_slot(str(key), leaves_of(fields[key])) for key in fields])))
    return exp.Struct(expressions=parts)


def _slot(name: str, expression: Sql) -> Sql:
    return exp.PropertyEQ(this=exp.to_identifier(name, quoted=True), expression=expression)


def leaf_element(value: Value, base: Sql | None = None) -> Value:
    """Give the element of a list whose elements are stored by `leaves_of`, or what is stored at `base` within one."""

    def at(name: str) -> Sql:
        return item_field(name) if base is None else call("STRUCT_EXTRACT", base, sql.text(name))

    forms: dict[int, Form] = {}
    for tag, form in value.forms.items():
        if tag == LIST:
            inner = plain_list(form)
            forms[tag] = Form(at("l"), element=inner.element, most=inner.most)
        elif tag == RECORD:
            forms[tag] = Form(
                fields={
                    key: leaf_element(item, call("STRUCT_EXTRACT", at("r"), sql.text(str(key))))
                    for key, item in form.fields.items()
                }
            )
        else:
            forms[tag] = replace(form, sql=at(_LEAVES[tag]), day=None) if tag in _LEAVES else Form()
    return Value(forms, at("t") if len(forms) > 1 else None)


def plain_list(form: Form) -> Form:
    """Give a list in the stored form of its elements; raises Refused for elements that are not stored alike."""
    if form.items is not None:
        if not form.items:
            shape = ", ".join(f"{name} {kind}" for name, kind in _SHAPE.items())
            empty = sql.cast(exp.Array(expressions=[]), f"STRUCT({shape})[]")
            return Form(empty, element=Value({NULL: Form()}), most=0)
        element = widest([leaf_element(item) for item in form.items])
        stored: Sql = exp.Array(expressions=[leaves_of(item) for item in form.items])
        return Form(stored, element=element, most=len(form.items))
    assert form.sql is not None
    element = element_of(form)
    return Form(each(form.sql, leaves_of(element), ITEM), element=leaf_element(element), most=form.most)


def element_of(form: Form) -> Value:
    """Give the element of a list; raises Refused where only the number of elements is known."""
    if form.element is None:
        raise Refused("nested-list", "a list of lists or objects that are computed")
    return form.element


def widest(elements: Sequence[Value]) -> Value:
    """Give one stored element that stands for several: all their tags, the widest of their bounds.

    Raises Refused for lists or objects that are not stored alike.
    """
    if any(item.has(LIST, RECORD) for item in elements):
        if any(item.forms.keys() != elements[0].forms.keys() or not _is_alike(item, elements[0]) for item in elements):
            raise Refused("nested-list", "a list of lists or objects that are not alike")
        return elements[0]
    merged: dict[int, Form] = {}
    for element in elements:
        for tag, form in element.forms.items():
            known = merged.get(tag, form)
            low, high = min(known.low, form.low), max(known.high, form.high)
            merged[tag] = replace(form, low=low, high=high, sources=known.sources | form.sources)
    return leaf_element(Value(dict(sorted(merged.items()))))


def _is_alike(one: Value, other: Value) -> bool:
    """Whether two stored elements have the same shape: lists of texts, say, whatever the texts are."""
    first, second = one.forms.get(LIST), other.forms.get(LIST)
    if one.has(RECORD) or first is None or second is None or first.element is None or second.element is None:
        return one == other
    inside = (first.element, second.element)
    return all(item.forms.keys() == {TEXT} for item in inside)


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
