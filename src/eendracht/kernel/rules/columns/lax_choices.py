"""A choice between values of the lax dialect: the value of the first condition that holds, form by form."""

from __future__ import annotations

from collections.abc import Sequence

from eendracht.kernel.rules.columns.lax_sql import Condition, cases
from eendracht.kernel.rules.columns.lax_stored import plain_list, widest
from eendracht.kernel.rules.columns.lax_values import HALTS, LIST, NULL, RECORD, Form, Source, Value
from eendracht.kernel.rules.columns.refusals import Refused
from eendracht.kernel.rules.columns.sql import Sql


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
        element = widest([form.element for _, form in lists if form.element is not None])
    return Form(made, element=element, most=max(form.most for _, form in lists))
