"""Types and units of expressions: what is refused, what passes, what is a warning."""

from __future__ import annotations

from pathlib import Path

import pytest

from eendracht.kernel.rules.library import Library
from tests.kernel.rules.law_files import (
    compare,
    errors_of,
    operation,
    place_of_mark,
    rule,
    when,
    write,
)

UNITS_THAT_CLASH = {
    "ADD of euro and eurocent": operation("ADD", "$euros", "$cents"),
    "SUBTRACT": operation("SUBTRACT", "$cents", "$euros"),
    "MIN": operation("MIN", "$cents", "$euros"),
    "MAX of years and months": operation("MAX", "$years", "$months"),
    "ratio and percentage": operation("ADD", "$share", "$percent"),
    "comparison": compare("GREATER_THAN", "$cents", "$euros"),
    "equality": compare("EQUALS", "$share", "$percent"),
    "outcomes of IF": when("$truth", "$cents", "$euros"),
    "IN": "{operation: IN, subject: $cents, values: [1, $euros]}",
    "LIST": "{operation: LIST, items: [$cents, $euros]}",
    "deep inside": operation("MAX", "0", operation("SUBTRACT", operation("MULTIPLY", "$cents", "$share"), "$euros")),
    "AGE against months": compare(
        "LESS_THAN", "{operation: AGE, date_of_birth: $born, reference_date: $referencedate}", "$months"
    ),
    "months where years are added": "{operation: DATE_ADD, date: $born, years: $months}",
    "FOREACH": "{operation: FOREACH, collection: $list, body: {operation: ADD, values: [$cents, $euros]}}",
}
UNITS_THAT_AGREE = {
    "a bare number adapts": operation("MAX", "0", operation("ADD", "$cents", "100")),
    "money times a ratio is money": operation("ADD", operation("MULTIPLY", "$cents", "$share"), "$cents"),
    "money times a number is money": operation("ADD", operation("MULTIPLY", "$cents", "2"), "$cents"),
    "money times an unknown is unknown": operation("ADD", operation("MULTIPLY", "$cents", "$count"), "$euros"),
    "money times money is unknown": operation("ADD", operation("MULTIPLY", "$cents", "$euros"), "$years"),
    "money by money is a ratio": operation("ADD", operation("DIVIDE", "$cents", "$cents"), "$share"),
    "cents by a hundred may be euros": operation("ADD", operation("DIVIDE", "$cents", "100"), "$euros"),
    "euros times a hundred may be cents": operation("ADD", operation("MULTIPLY", "$euros", "100"), "$cents"),
    "percentage by a hundred may be a ratio": operation("ADD", operation("DIVIDE", "$percent", "100"), "$share"),
    "years times twelve may be months": operation("ADD", operation("MULTIPLY", "$years", "12"), "$months"),
    "a ratio per year times years": operation("SUBTRACT", "$share", operation("MULTIPLY", "$share", "$years")),
    "rounding keeps the unit": operation("ADD", "{operation: ROUND, precision: 0, value: $cents}", "$cents"),
    "equality of unlike types": compare("EQUALS", "$text", "42"),
    "null in an IF": when("$truth", "null", "$cents"),
    "text may hold a date": compare("LESS_THAN", "$text", "$referencedate"),
    "a date in text": compare("LESS_THAN", "$born", "'2020-01-01'"),
    "text may hold a number": operation("ADD", "$text", "1"),
    "a part of a date is a number": operation("ADD", "$referencedate.year", "1"),
}
WRONG_TYPES = {
    "arithmetic on a truth value": operation("ADD", "$truth", "1"),
    "arithmetic on literal text": operation("MULTIPLY", "$cents", "two"),
    "arithmetic on a list": operation("MAX", "$list", "1"),
    "arithmetic on a comparison": operation("SUBTRACT", compare("EQUALS", "$count", "1"), "1"),
    "rounding a date": "{operation: ROUND, precision: 0, value: $born}",
    "AND of a number": "{operation: AND, conditions: [$truth, $count]}",
    "OR of an amount": "{operation: OR, conditions: [$cents]}",
    "NOT of a date": "{operation: NOT, value: $born}",
    "IF on a number": when(operation("ADD", "$count", "1"), "1", "2"),
    "AGE of a number": "{operation: AGE, date_of_birth: $count, reference_date: $referencedate}",
    "AGE of text that is no date": "{operation: AGE, date_of_birth: yesterday, reference_date: $referencedate}",
    "DATE_ADD to an amount": "{operation: DATE_ADD, date: $cents, days: 1}",
    "DATE_DIFF with a truth value": "{operation: DATE_DIFF, from: $truth, to: $born, in: days}",
    "number against date": compare("GREATER_THAN", "$count", "$born"),
    "number against text": compare("GREATER_THAN", "$count", "many"),
    "FOREACH that adds truth values": "{operation: FOREACH, collection: $list, combine: ADD, body: $truth}",
    "FOREACH with a number as filter": "{operation: FOREACH, collection: $list, filter: $count, body: $item}",
}


@pytest.mark.parametrize("name", UNITS_THAT_CLASH)
def test_units_that_differ_are_refused(tmp_path: Path, name: str) -> None:
    files = rule(UNITS_THAT_CLASH[name])
    (fault,) = errors_of(tmp_path, files)
    assert fault.code == "unit-mismatch"
    assert fault.pointer.startswith(f"{place_of_mark(files)} › articles[0].machine_readable.execution.actions[0].value")
    assert "onvert" in fault.hint


@pytest.mark.parametrize("name", UNITS_THAT_AGREE)
def test_units_that_may_agree_pass(tmp_path: Path, name: str) -> None:
    assert Library.load([write(tmp_path, rule(UNITS_THAT_AGREE[name]))]).laws() == ["test_law"]


@pytest.mark.parametrize("name", WRONG_TYPES)
def test_types_that_are_surely_wrong_are_refused(tmp_path: Path, name: str) -> None:
    files = rule(WRONG_TYPES[name])
    (fault,) = errors_of(tmp_path, files)
    assert fault.code == "wrong-type"
    assert fault.pointer.startswith(f"{place_of_mark(files)} › ")
    assert fault.hint


@pytest.mark.parametrize(
    ("expression", "kind", "unit", "code"),
    [
        ("$euros", "amount", "eurocent", "unit-mismatch"),
        (operation("MULTIPLY", "$cents", "$share"), "amount", "euro", "unit-mismatch"),
        (operation("DIVIDE", "$cents", "$cents"), "number", "percentage", "unit-mismatch"),
        ("$truth", "number", "", "wrong-type"),
        ("$count", "boolean", "", "wrong-type"),
        ("soon", "date", "", "wrong-type"),
        ("$list", "string", "", "wrong-type"),
    ],
)
def test_an_output_is_what_it_is_declared_to_be(
    tmp_path: Path, expression: str, kind: str, unit: str, code: str
) -> None:
    files = rule(expression, kind, unit)
    (fault,) = errors_of(tmp_path, files)
    assert (fault.code, fault.pointer.split(" ")[0]) == (code, place_of_mark(files))
    assert "declared" in fault.hint


def test_text_in_arithmetic_is_a_warning(tmp_path: Path) -> None:
    files = rule(operation("ADD", "$text", "1"))
    (warning,) = Library.load([write(tmp_path, files)]).warnings
    assert (warning.code, warning.pointer.split(" ")[0]) == ("wrong-type", place_of_mark(files))
