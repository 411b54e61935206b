from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eendracht.kernel.rules.arithmetic import Unfit
from eendracht.kernel.rules.failures import RuleFailure
from eendracht.kernel.rules.lenient_operations import add_to_date, aggregate, as_lax, subtract_dates
from tests.kernel.rules.service_laws import compute, law_text, run, values

EXPECTED: list[tuple[str, Any]] = [
    # Comparisons: equality takes null, an order with null is null.
    ("{operation: EQUALS, subject: $A, value: 2}", True),
    ("{operation: EQUALS, values: [$A, 2.0]}", True),
    ("{operation: EQUALS, subject: $NIETS, value: null}", True),
    ("{operation: EQUALS, subject: $NIETS, value: 0}", False),
    ("{operation: NOT_EQUALS, subject: $NIETS, value: 0}", True),
    ('{operation: EQUALS, subject: $A, value: "2"}', False),
    ("{operation: GREATER_THAN, values: [$A, 1]}", True),
    ("{operation: GREATER_OR_EQUAL, subject: $A, value: 2}", True),
    ("{operation: LESS_THAN, values: [$A, 2]}", False),
    ("{operation: LESS_OR_EQUAL, values: [$A, 2]}", True),
    ("{operation: GREATER_THAN, values: [$NIETS, 1]}", None),
    ("{operation: LESS_OR_EQUAL, values: [1, $NIETS]}", None),
    ('{operation: LESS_THAN, values: [$A, "tien"]}', None),
    ('{operation: LESS_THAN, values: ["2024-12-31", $calculation_date]}', True),
    # Aggregates drop nulls; all null gives 0.
    ("{operation: ADD, values: [1, null, $A]}", 3),
    ("{operation: ADD, values: [$NIETS, null]}", 0),
    ("{operation: ADD, values: [0.1, 0.2]}", 0.1 + 0.2),
    ("{operation: ADD, values: $LIJST}", 6),
    ("{operation: SUBTRACT, values: [10, 3, $A]}", 5),
    ("{operation: SUBTRACT, values: [null, 3]}", 3),
    ("{operation: MULTIPLY, values: [3, 0.5]}", 1.5),
    ("{operation: MULTIPLY, values: [null, null]}", 0),
    ("{operation: MULTIPLY, values: [2.5, -1]}", -2),
    ("{operation: MULTIPLY, values: [2.5, -1.0]}", -2.5),
    ("{operation: MULTIPLY, values: [-1, 2.5]}", -2.5),
    ("{operation: DIVIDE, values: [7, 2]}", 3.5),
    ("{operation: DIVIDE, values: [7, 0]}", 0),
    ("{operation: DIVIDE, values: [8, 2, 2]}", 2.0),
    ("{operation: DIVIDE, values: [8, 0, 2]}", 0.0),
    ("{operation: MIN, values: [3, null, 2.5]}", 2.5),
    ("{operation: MAX, values: [3, null, 2.5]}", 3),
    ("{operation: MAX, values: [null]}", 0),
    ('{operation: CONCAT, values: ["a", null, 1, " b"]}', "a1 b"),
    ("{operation: CONCAT, values: [null]}", 0),
    # Conditions.
    ("{operation: AND, values: [true, 1]}", True),
    ("{operation: AND, values: [true, $NIETS]}", False),
    ("{operation: OR, values: [false, $NIETS]}", False),
    ("{operation: OR, values: [$NIETS, 2]}", True),
    ("{operation: NOT, subject: false}", True),
    ("{operation: IF, conditions: [{test: false, then: 1}]}", 0),
    ("{operation: IF, conditions: [{test: $NIETS, then: 1}, {else: 2}]}", 2),
    ("{operation: IF, conditions: [{test: true, then: null}, {else: 2}]}", None),
    ("{operation: IF, conditions: [{test: false, then: 1, else: 3}]}", 3),
    ("{operation: IF, conditions: [{test: false, then: 1}, {else: {value: null}}]}", None),
    ("{operation: COALESCE, values: [$NIETS, 0, 2]}", 0),
    ("{operation: COALESCE, values: [$NIETS, null]}", None),
    # Membership.
    ("{operation: IN, subject: $A, values: [1, 2]}", True),
    ("{operation: IN, subject: $LIJST, values: [9, 3]}", True),
    ("{operation: IN, subject: $LIJST, values: [9]}", False),
    ("{operation: IN, subject: $NIETS, values: [1]}", False),
    ("{operation: IN, subject: $A, values: 2}", True),
    ("{operation: IN, subject: $A, value: [2]}", True),
    ("{operation: IN, subject: $A, values: $NIETS}", False),
    ("{operation: NOT_IN, subject: $A, values: [1]}", True),
    ("{operation: NOT_IN, subject: $LIJST, values: [1]}", False),
    # What is there.
    ("{operation: NOT_NULL, subject: 0}", True),
    ("{operation: NOT_NULL, subject: $NIETS}", False),
    ("{operation: IS_NULL, subject: $NIETS}", True),
    ("{operation: EXISTS, subject: $LIJST}", True),
    ("{operation: EXISTS, subject: []}", False),
    ("{operation: EXISTS, subject: $NIETS}", False),
    ('{operation: EXISTS, subject: ""}', False),
    ("{operation: LENGTH, subject: $LIJST}", 3),
    ("{operation: LENGTH, subject: $NIETS}", 0),
    ('{operation: LENGTH, subject: "abc"}', 1),
    ("{operation: LENGTH, subject: 0}", 0),
    ("{operation: GET, subject: $A, values: $OBJECT}", None),
    ('{operation: GET, subject: "naam", values: $OBJECT}', "Jan"),
    ("{operation: GET, subject: $NIETS, values: $OBJECT}", None),
    # Dates.
    ('{operation: SUBTRACT_DATE, unit: years, values: ["2025-03-01", "2000-03-02"]}', 24),
    ('{operation: SUBTRACT_DATE, unit: years, values: ["2025-03-02", "2000-03-02"]}', 25),
    ('{operation: SUBTRACT_DATE, unit: years, values: ["2018-02-28", "2000-02-29"]}', 17),
    ('{operation: SUBTRACT_DATE, unit: months, values: ["2025-03-01", "2025-01-31"]}', 2),
    ('{operation: SUBTRACT_DATE, unit: days, values: ["2025-03-01", "2025-02-27"]}', 2),
    ('{operation: SUBTRACT_DATE, values: ["2025-02-27", "2025-03-01"]}', -2),
    ('{operation: SUBTRACT_DATE, unit: hours, values: ["2025-03-01T12:30:00", "2025-03-01"]}', 12.5),
    ("{operation: SUBTRACT_DATE, unit: years, values: [$calculation_date, $NIETS]}", None),
    ('{operation: ADD_DATE, unit: months, values: ["2024-01-31", 1]}', "2024-02-29"),
    ('{operation: ADD_DATE, unit: months, values: ["2024-01-31", -11]}', "2023-02-28"),
    ('{operation: ADD_DATE, unit: years, values: ["2024-02-29", 1]}', "2025-02-28"),
    ('{operation: ADD_DATE, unit: weeks, values: ["2024-12-30", 1]}', "2025-01-06"),
    ('{operation: ADD_DATE, unit: days, values: ["2024-02-28", 2]}', "2024-03-01"),
    ("{operation: ADD_DATE, unit: days, values: [$NIETS, 2]}", None),
    ('{operation: COMBINE_DATETIME, date: "2025-03-01", time: "09:30"}', "2025-03-01T09:30:00"),
    ('{operation: COMBINE_DATETIME, date: "2025-12-31", time: 24}', "2026-01-01T00:00:00"),
    ('{operation: DAY_OF_WEEK, date: "2025-03-03"}', 0),
    ('{operation: DAY_OF_WEEK, date: "2025-03-02"}', 6),
    ("{operation: DAY_OF_WEEK, date: $NIETS}", None),
    # Lists.
    ("{operation: FOREACH, subject: $LIJST, combine: ADD, value: $current}", 6),
    ("{operation: FOREACH, subject: $LIJST, combine: ADD, value: [{operation: MULTIPLY, values: [$current, 2]}]}", 12),
    ("{operation: FOREACH, subject: $RIJEN, combine: ADD, value: $bedrag}", 30),
    ("{operation: FOREACH, subject: $RIJEN, value: $current.bedrag}", [10, 20, None]),
    ("{operation: FOREACH, subject: $RIJEN, value: $LIJST}", [[1, 2, 3]] * 3),
    (
        "{operation: FOREACH, subject: $RIJEN, value: $bedrag, "
        "where: {operation: GREATER_THAN, subject: $bedrag, value: 15}}",
        [20],
    ),
    ("{operation: FOREACH, subject: $RIJEN, value: $bedrag, where: false}", []),
    ("{operation: FOREACH, subject: $RIJEN, combine: ADD, value: $bedrag, where: false}", 0),
    ("{operation: FOREACH, subject: $NIETS, value: 1}", 0),
    ("{operation: FOREACH, subject: [], combine: OR, value: true}", 0),
    ("{operation: FOREACH, subject: $OBJECT, value: $naam}", ["Jan"]),
    ("{operation: FOREACH, subject: $LIJST, combine: OR, value: {operation: EQUALS, values: [$current, 3]}}", True),
    (
        "{operation: FOREACH, subject: $LIJST, combine: AND, value: {operation: LESS_THAN, values: [$current, 3]}}",
        False,
    ),
    (
        "{operation: FOREACH, subject: $GEZINNEN, combine: ADD, "
        "value: {operation: FOREACH, subject: $kinderen, combine: ADD, value: {operation: ADD, values: [$basis, 1]}}}",
        33,
    ),
    # What the format does not know gives null.
    ("{operation: STATIC, value: 5}", None),
    # Names.
    ("$NIETS", None),
    ("$OBJECT.naam", "Jan"),
    ("$OBJECT.niets.verder", None),
    ("$RIJEN.bedrag", [10, 20, None]),
    ("$calculation_date", "2025-03-01"),
    ("$january_first", "2025-01-01"),
    ("$prev_january_first", "2024-01-01"),
    ("$year", "2025"),
    ("[$A, 1]", [2, 1]),
]

FACTS: dict[str, Any] = {
    "A": 2,
    "LIJST": [1, 2, 3],
    "OBJECT": {"naam": "Jan"},
    "RIJEN": [{"bedrag": 10}, {"bedrag": 20}, {"bedrag": None}],
    "GEZINNEN": [{"basis": 10, "kinderen": [1, 2]}, {"basis": 10, "kinderen": [1]}, {"basis": 10, "kinderen": []}],
}


@pytest.mark.parametrize(("expression", "expected"), EXPECTED)
def test_an_operation_gives_what_the_format_says(expression: str, expected: Any) -> None:
    actual = compute(expression, **FACTS)
    assert actual == expected
    assert type(actual) is type(expected)


@pytest.mark.parametrize(
    ("spec", "value", "expected"),
    [
        ("{precision: 0}", 2.5, 2.0),
        ("{precision: 0}", 3.5, 4.0),
        ("{precision: 2}", 2.675, 2.67),
        ("{precision: 0, unit: eurocent}", 2.5, 2),
        ("{unit: eurocent}", 2.9, 2),
        ("{unit: eurocent}", -2.9, -2),
        ("{min: 0}", -1, 0),
        ("{min: 0, max: 1}", 1.5, 1),
        ("{min: 0, precision: 0, unit: eurocent}", None, 0),
        ("{precision: 0}", "2.4", 2.0),
        ("{precision: 0}", "geen", "geen"),
        ("{}", 2.5, 2.5),
        ("{}", None, None),
    ],
)
def test_an_output_is_clamped_rounded_and_cut(spec: str, value: Any, expected: Any) -> None:
    body = f"""
    properties:
      output: [{{name: bedrag, type: amount, description: x, type_spec: {spec}}}]
    actions: [{{output: bedrag, value: $X}}]
    """
    actual = values(run(law_text(body), parameters={"X": value}))["bedrag"]
    assert actual == expected
    assert type(actual) is type(expected)


@pytest.mark.parametrize("value", [True, None, "tekst", [1.5]])
def test_what_is_no_number_passes_an_output_as_it_is(value: Any) -> None:
    body = """
    properties:
      output: [{name: x, type: string, description: x, type_spec: {min: 0, precision: 0}}]
    actions: [{output: x, value: $X}]
    """
    assert values(run(law_text(body), parameters={"X": value}))["x"] == value


def test_operands_that_an_operation_cannot_take_are_named_with_their_place() -> None:
    with pytest.raises(RuleFailure, match=r"ADD cannot take a number, text \(law0.yaml:10\)"):
        compute("{operation: ADD, values: [1, $X]}", X="tekst")
    with pytest.raises(RuleFailure, match="text is no date"):
        compute("{operation: DAY_OF_WEEK, date: $X}", X="31-12-2024")
    with pytest.raises(RuleFailure, match="too large"):
        compute("{operation: MULTIPLY, values: [$X, $X]}", X=1e200)


def test_an_error_does_not_print_what_is_about_a_person() -> None:
    with pytest.raises(RuleFailure) as failure:
        compute("{operation: ADD, values: [1, $X]}", X="Jansen")
    assert "Jansen" not in str(failure.value)


@given(st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9)), max_size=8))
def test_a_sum_runs_from_left_to_right_in_doubles(numbers: list[float | None]) -> None:
    expected: float = 0
    for number in numbers:
        expected = expected if number is None else expected + number
    assert aggregate("ADD", numbers) == expected


@given(st.fractions(max_denominator=10**6))
def test_a_fraction_becomes_the_nearest_double(number: Fraction) -> None:
    assert as_lax({"x": [number]}) == {"x": [number.numerator / number.denominator]}


@given(st.dates(), st.integers(-5000, 5000))
def test_days_added_are_days_between(start: Any, days: int) -> None:
    try:
        moved = add_to_date(start.isoformat(), days, "days")
    except Unfit:
        return
    assert subtract_dates(moved, start.isoformat(), "days") == days
