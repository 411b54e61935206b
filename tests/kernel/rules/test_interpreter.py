"""The meaning of the rules: exact numbers, three ways to lack a value, dates, collections, and which article speaks."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.rules import Case, Library, Register, evaluate
from eendracht.kernel.rules.failures import RuleFailure, Untranslated
from eendracht.kernel.rules.library import NoSuchRule
from eendracht.kernel.rules.values import Fact, Unknown, Untranslatable
from tests.kernel.rules.laws import DAY, library_of, read_law, run, value_of


def names(value: Any) -> list[str]:
    """Name the facts for want of which a value is unknown."""
    assert isinstance(value, Unknown), value
    return sorted(fact.name for fact in value.facts)


# --- Numbers ---


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("{operation: ADD, values: [0.1, 0.2]}", Fraction(3, 10)),
        ("{operation: MULTIPLY, values: [{operation: DIVIDE, values: [1, 3]}, 3]}", 1),
        ("{operation: DIVIDE, values: [100, 5, 4]}", 5),
        ("{operation: SUBTRACT, values: [10, 3, 2]}", 5),
        ("{operation: SUBTRACT, values: [10]}", -10),
        ("{operation: ROUND, value: 2.5, precision: 0}", 3),
        ("{operation: ROUND, value: -2.5, precision: 0}", -3),
        ("{operation: ROUND, value: 3.5, precision: 0}", 4),
        ("{operation: ROUND, value: 1.005, precision: 2}", Fraction("1.01")),
        ("{operation: ROUND, value: 1250, precision: -2}", 1300),
        ("{operation: CEIL, value: -1.5, precision: 0}", -1),
        ("{operation: FLOOR, value: -1.5, precision: 0}", -2),
        ("{operation: MIN, values: [3, 1.5]}", Fraction(3, 2)),
        ("{operation: MAX, values: ['2025-01-01', '2025-02-01']}", "2025-02-01"),
        ("{operation: NOT_EQUALS, subject: 1, value: 2}", True),
        ("{operation: EQUALS, subject: 1, value: '1'}", False),
        ("{operation: EQUALS, subject: 1, value: true}", False),
        ("{operation: EQUALS, subject: null, value: null}", True),
        ("{operation: IN, subject: 2, values: [1, 2]}", True),
        ("{operation: IN, subject: 2, value: []}", False),
    ],
)
def test_numbers_and_equality_are_exact(expression: str, value: Any) -> None:
    assert value_of(expression) == value


def test_a_third_is_rounded_only_where_it_leaves() -> None:
    assert value_of("{operation: DIVIDE, values: [1, 3]}") == Fraction("0." + "3" * 28)
    assert value_of("{operation: DIVIDE, values: [2, 3]}") == Fraction("0." + "6" * 27 + "7")


@given(st.fractions(), st.integers(-3, 3))
def test_a_half_rounds_away_from_zero(number: Fraction, digits: int) -> None:
    from eendracht.kernel.rules.arithmetic import round_to

    found = Fraction(round_to("ROUND", number, digits))
    unit = Fraction(10) ** -digits
    assert (found / unit).denominator == 1 and abs(found - number) <= unit / 2
    if abs(found - number) == unit / 2:
        assert abs(found) > abs(number)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("{operation: DIVIDE, values: [1, 0]}", "DIVIDE by zero"),
        ("{operation: ADD, values: [1, x]}", "ADD takes numbers, not text"),
        ("{operation: ADD, values: [1, null]}", "ADD takes numbers, not null"),
        ("{operation: ADD, values: [1, true]}", "not a truth value"),
        ("{operation: AND, conditions: [1]}", "AND takes truth values, not a number"),
        ("{operation: LESS_THAN, subject: a, value: b}", "compares two numbers or two dates"),
        ("{operation: LESS_THAN, subject: 1, value: '2025-01-01'}", "compares two numbers or two dates"),
        ("{operation: DATE, year: 2025, month: 2, day: 29}", "there is no such day"),
        ("{operation: DATE_ADD, date: '9999-12-31', days: 1}", "outside the years"),
        ("$nowhere", "'$nowhere' is not defined"),
        ("$referencedate.moon", "a date has no 'moon'"),
    ],
)
def test_what_cannot_be_computed_fails_with_its_place(expression: str, reason: str) -> None:
    with pytest.raises(RuleFailure, match=r"test_law\.yaml:") as failure:
        value_of(expression)
    assert reason in failure.value.reason


# --- Unknown (Kleene) ---

TRUTHS = ("true", "false", "$a")


@pytest.mark.parametrize("left", TRUTHS)
@pytest.mark.parametrize("right", TRUTHS)
def test_and_or_decide_where_they_can(left: str, right: str) -> None:
    """The strong three-valued tables of Kleene; `$a` is a fact that nobody gave."""
    for operation, decisive in (("AND", "false"), ("OR", "true")):
        found = value_of(f"{{operation: {operation}, conditions: [{left}, {right}]}}")
        if decisive in (left, right):
            assert found is (decisive == "true")
        elif "$a" in (left, right):
            assert names(found) == ["a"]
        else:
            assert found is (decisive != "true")


@pytest.mark.parametrize(
    ("expression", "missing"),
    [
        ("{operation: ADD, values: [1, $a, $b]}", ["a", "b"]),
        ("{operation: NOT, value: $a}", ["a"]),
        ("{operation: EQUALS, subject: $a, value: null}", ["a"]),
        ("{operation: IF, cases: [{when: $a, then: 1}], default: 2}", ["a"]),
        ("{operation: IF, cases: [{when: false, then: $b}, {when: $a, then: 1}], default: 2}", ["a"]),
        ("{operation: IN, subject: 1, values: [2, $a]}", ["a"]),
        ("{operation: AND, conditions: [$a, true, $b]}", ["a", "b"]),
        ("{operation: ROUND, value: $a, precision: 0}", ["a"]),
        ("$object.part", ["object"]),
    ],
)
def test_unknown_travels_and_names_its_facts(expression: str, missing: list[str]) -> None:
    assert names(value_of(expression)) == missing


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("{operation: IF, cases: [{when: true, then: 1}, {when: $a, then: 2}]}", 1),
        ("{operation: IF, cases: [{when: false, then: $a}], default: 3}", 3),
        ("{operation: IF, cases: [{when: false, then: 1}]}", None),
        ("{operation: IF, cases: [{when: null, then: 1}], default: 2}", 2),
        ("{operation: IN, subject: 1, values: [$a, 1]}", True),
        ("{operation: OR, conditions: [null, true]}", True),
        ("{operation: AND, conditions: [null, true]}", False),
    ],
)
def test_what_is_not_needed_is_not_missed(expression: str, value: Any) -> None:
    assert value_of(expression) == value


def test_null_and_unknown_are_two_things() -> None:
    register = Register("r", "bsn", [{"bsn": 1, "known": None}])
    article = """
    - number: '1'
      text: ''
      machine_readable:
        execution:
          parameters: [{name: bsn, type: string}]
          input: [{name: known, type: number, source: {}}, {name: other, type: number, source: {}}]
          output: [{name: x, type: boolean}, {name: y, type: boolean}]
          actions:
            - {output: x, operation: EQUALS, subject: $known, value: null}
            - {output: y, operation: EQUALS, subject: $other, value: null}
    """
    found = run(library_of(article), "x", {"bsn": 1}, registers=(register,)).outcomes
    assert found["x"].value is True
    assert found["y"].value == Unknown(frozenset((Fact("other", "test_law", "1", "bsn"),)))
    # Nobody: all facts about nobody are null.
    assert run(library_of(article), "y", {"bsn": None}, registers=(register,)).outcomes["x"].value is True


# --- Dates ---


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("{operation: AGE, date_of_birth: '2000-02-29', reference_date: '2018-02-27'}", 17),
        ("{operation: AGE, date_of_birth: '2000-02-29', reference_date: '2018-02-28'}", 18),
        ("{operation: DATE_ADD, date: '2025-01-31', months: 1}", date(2025, 2, 28)),
        ("{operation: DATE_ADD, date: '2024-02-29', years: 1, days: 1}", date(2025, 3, 1)),
        ("{operation: DATE_ADD, date: '2025-01-01', weeks: 6}", date(2025, 2, 12)),
        ("{operation: DATE_DIFF, from: '2025-01-31', to: '2025-02-28', in: months}", 1),
        ("{operation: DATE_DIFF, from: '2025-07-01', to: '2025-01-01', in: days}", -181),
        ("{operation: DATE_DIFF, from: '2025-07-01', to: '2024-07-02', in: years}", 0),
        ("{operation: DAY_OF_WEEK, date: '2025-06-02'}", 0),
        ("{operation: DATE_PART, date: '2024-12-30', part: week}", 1),
        ("{operation: DATE_PART, date: '2024-12-30', part: quarter}", 4),
        ("{operation: START_OF, date: '2025-06-01', part: week}", date(2025, 5, 26)),
        ("{operation: START_OF, date: '2025-06-17', part: quarter}", date(2025, 4, 1)),
        ("$referencedate.year", 2025),
        ("$referencedate.iso", "2025-06-01"),
        ("{operation: EQUALS, subject: $referencedate, value: '2025-06-01'}", True),
    ],
)
def test_dates(expression: str, value: Any) -> None:
    assert value_of(expression) == value


# --- FOREACH (RFC-016) ---


def each(body: str, collection: str = "$list", **more: str) -> str:
    """Write a FOREACH."""
    parts = {"operation": "FOREACH", "collection": collection, "body": body} | more
    return "{" + ", ".join(f"{key}: {value}" for key, value in parts.items()) + "}"


SUM_OF_OUTER = each("$inner", collection="$outer", **{"as": "inner", "combine": "ADD"})


@pytest.mark.parametrize(
    ("expression", "items", "value"),
    [
        (each("$item"), [1, 2], [1, 2]),
        (each("$item", combine="ADD"), [1, 2], 3),
        (each("$item", combine="MAX"), [1, 2], 2),
        (each("$item", combine="MIN"), [1, 2], 1),
        (each("$item"), [], []),
        (each("$item"), None, []),
        (each("$item", combine="ADD"), None, 0),
        (each("$item", combine="OR"), [], False),
        (each("$item", combine="AND"), [], True),
        (each("$item", combine="MIN"), [], None),
        (each("$item", combine="MAX"), [], None),
        (each("$item", collection="5", combine="ADD"), None, 5),
        (each("$kid.age", **{"as": "kid", "combine": "ADD"}), [{"age": 3}, {"age": 4}], 7),
        (
            each("$item", filter="{operation: GREATER_THAN, subject: $item, value: 1}", combine="ADD"),
            [1, 2, 3],
            5,
        ),
        (each("$item", filter="null"), [1], None),
        (each("$item", combine="OR"), [False, True], True),
        (
            each(each("$inner", collection="$outer", **{"as": "inner", "combine": "ADD"}), **{"as": "outer"}),
            [[1, 2], [3]],
            [3, 3],
        ),
    ],
)
def test_for_each(expression: str, items: Any, value: Any) -> None:
    assert value_of(expression, {"list": items}) == value


def test_for_each_starts_with_an_empty_scope_and_stops_at_a_fault() -> None:
    nested = each(each("$outer", collection="$outer", **{"as": "inner", "combine": "ADD"}), **{"as": "outer"})
    with pytest.raises(RuleFailure, match=r"'\$outer' is not defined"):
        value_of(nested, {"list": [[1]]})
    with pytest.raises(RuleFailure, match="DIVIDE by zero"):
        value_of(each("{operation: DIVIDE, values: [1, $item]}"), {"list": [1, 0]})
    with pytest.raises(RuleFailure, match="1000 at most"):
        value_of(each("$item", combine="ADD"), {"list": [1] * 1001})
    assert value_of(each("$item", combine="ADD"), {"list": [1] * 1000}) == 1000


def test_for_each_over_what_is_not_known() -> None:
    assert names(value_of(each("$item", combine="ADD"))) == ["list"]
    assert names(value_of(each("{operation: ADD, values: [$item, $a]}", combine="ADD"), {"list": [1]})) == ["a"]
    assert names(value_of(each("$item", filter="$a", combine="ADD"), {"list": [1]})) == ["a"]
    decided = each("{operation: EQUALS, subject: $item, value: 1}", combine="OR")
    assert value_of(decided, {"list": [2, 1]}) is True


# --- Which article, which law ---


def fixed(value: object, output: str = "x", number: str = "1", more: str = "") -> str:
    """Write an article that gives a value."""
    return f"""
- number: '{number}'
  text: ''
  machine_readable:
    {more}
    execution:
      output: [{{name: {output}, type: number}}]
      actions: [{{output: {output}, value: {value}}}]
"""


def referring(law: str, output: str = "x", number: str = "1", own: str = "y") -> str:
    """Write an article that passes on an output of another law."""
    return f"""
- number: '{number}'
  text: ''
  machine_readable:
    execution:
      input: [{{name: found, type: number, source: {{regulation: {law}, output: {output}}}}}]
      output: [{{name: {own}, type: number}}]
      actions: [{{output: {own}, value: $found}}]
"""


def test_an_override_counts_only_while_its_law_is_under_evaluation() -> None:
    special = "overrides: [{law: general, article: '1', output: x}]"
    library = Library(
        [
            read_law(fixed(6), "general"),
            read_law(fixed(4, more=special) + referring("general", number="2"), "special"),
            read_law(referring("general", own="z") + referring("special", "y", "2", "w"), "other"),
        ]
    )
    assert run(library, "x", law="general").outcomes["x"].value == 6
    assert run(library, "y", law="special").outcomes["y"].value == 4
    assert run(library, "z", law="other").outcomes["z"].value == 6
    # Both in one run: by way of the special law four, beside it six.
    found = evaluate(library, "other", ["z", "w"], Case(DAY)).outcomes
    assert (found["z"].value, found["w"].value) == (6, 4)
    found = evaluate(library, "other", ["w", "z"], Case(DAY)).outcomes
    assert (found["z"].value, found["w"].value) == (6, 4)


TERM = """
- number: '1'
  text: ''
  machine_readable:
    open_terms: [{id: norm, type: number, required: true, delegated_to: municipality}]
    execution:
      parameters: [{name: gemeente_code, type: string}]
      output: [{name: x, type: number}]
      actions: [{output: x, value: $norm}]
"""
FILLS = "implements: [{law: national, article: '1', open_term: norm}]"


def municipal(code: str, value: int, **head: str) -> Any:
    """Give the regulation of a municipality that fills the norm."""
    head = {"regulatory_layer": "GEMEENTELIJKE_VERORDENING", "gemeente_code": code} | head
    return read_law(fixed(value, "norm", more=FILLS), f"local_{code.lower()}", **head)


def test_a_municipality_fills_the_term_for_its_own_people() -> None:
    library = Library([read_law(TERM, "national"), municipal("GM0344", 5), municipal("GM0363", 7)])
    for code, value in (("GM0344", 5), ("GM0363", 7)):
        assert run(library, "x", {"gemeente_code": code}, "national").outcomes["x"].value == value
    # Where somebody lives is a fact that may be missing; it is no reason to take either.
    assert names(run(library, "x", {}, "national").outcomes["x"].value) == ["gemeente_code"]
    with pytest.raises(RuleFailure, match="No regulation of GM0599 fills 'norm'"):
        run(library, "x", {"gemeente_code": "GM0599"}, "national")


def test_the_higher_layer_then_the_newer_version_fills_the_term() -> None:
    minister = read_law(fixed(1, "norm", more=FILLS), "minister", regulatory_layer="MINISTERIELE_REGELING")
    older = read_law(fixed(2, "norm", more=FILLS), "policy", regulatory_layer="BELEIDSREGEL")
    newer = read_law(fixed(3, "norm", more=FILLS), "policy", regulatory_layer="BELEIDSREGEL", valid_from="2025-01-01")
    national = read_law(TERM, "national")
    assert run(Library([national, older, newer, minister]), "x", law="national").outcomes["x"].value == 1
    assert run(Library([national, older, newer]), "x", law="national").outcomes["x"].value == 3
    before = run(Library([national, older, newer]), "x", law="national", on=date(2024, 12, 31))
    assert before.outcomes["x"].value == 2
    with pytest.raises(RuleFailure, match="Nothing in force on 2025-06-01 fills"):
        run(Library([national]), "x", law="national")


def test_a_law_that_has_ended_does_not_fall_back_on_an_older_version() -> None:
    library = Library([read_law(fixed(1)), read_law(fixed(2), valid_from="2024-01-01", valid_to="2024-12-31")])
    for on, value in ((date(2023, 12, 31), 1), (date(2024, 1, 1), 2), (date(2024, 12, 31), 2)):
        assert run(library, "x", on=on).outcomes["x"].value == value
    with pytest.raises(NoSuchRule, match="last in force until 2024-12-31"):
        run(library, "x", on=date(2025, 1, 1))
    with pytest.raises(NoSuchRule, match="first in force from 2020-01-01"):
        run(library, "x", on=date(2019, 12, 31))


def test_an_output_that_waits_for_another_is_no_cycle() -> None:
    """Article 2 computes y, which x needs, beside z, which needs x: neither order makes a circle of it."""
    library = library_of(
        """
        - number: '1'
          text: ''
          machine_readable:
            execution:
              input: [{name: y, type: number, source: {output: y}}]
              output: [{name: x, type: number}]
              actions: [{output: x, operation: ADD, values: [$y, 1]}]
        - number: '2'
          text: ''
          machine_readable:
            execution:
              input: [{name: x, type: number, source: {output: x}}]
              output: [{name: y, type: number}, {name: z, type: number}]
              actions:
                - {output: y, value: 10}
                - {output: z, operation: MULTIPLY, values: [$x, 2]}
        """
    )
    for outputs in (["x", "z"], ["z", "x"], ["y", "z", "x"]):
        found = evaluate(library, "test_law", outputs, Case(DAY)).outcomes
        assert {name: item.value for name, item in found.items()} == {"x": 11, "y": 10, "z": 22}


def test_a_real_cycle_is_named() -> None:
    library = Library(
        [read_law(referring("second", "x"), "first"), read_law(referring("first", "y", own="x"), "second")]
    )
    with pytest.raises(RuleFailure, match="depends on itself"):
        run(library, "y", law="first")


# --- Untranslatable ---

UNCLEAR = """
- number: '1'
  text: ''
  machine_readable:
    untranslatables: [{construct: fairness, reason: no operation, accepted: %s}]
    execution:
      output: [{name: x, type: number}]
      actions: [{output: x, value: 1}]
- number: '2'
  text: ''
  machine_readable:
    execution:
      input: [{name: x, type: number, source: {output: x}}]
      output: [{name: y, type: number}, {name: z, type: boolean}]
      actions:
        - {output: y, operation: ADD, values: [$x, 1]}
        - {output: z, value: true}
"""


@pytest.mark.parametrize("is_accepted", [True, False])
@pytest.mark.parametrize("mode", ["error", "ignore", "warn", "propagate"])
def test_what_a_mode_does_with_an_article_that_cannot_be_expressed(mode: Any, is_accepted: bool) -> None:
    library = library_of(UNCLEAR % str(is_accepted).lower())
    if mode in ("error", "ignore") and not is_accepted:
        with pytest.raises(Untranslated, match="fairness"):
            run(library, "x", mode=mode)
        with pytest.raises(RuleFailure, match="fairness"):
            run(library, "y", mode=mode)
        assert run(library, "z", mode=mode).outcomes["z"].value is True
        return
    found = run(library, "y", mode=mode).outcomes["y"].value
    assert found == (Untranslatable(frozenset(("test_law:1",))) if mode == "propagate" else 2)


# --- Faults of the case ---


def test_every_fault_of_a_case_comes_at_once() -> None:
    library = library_of(
        """
        - number: '1'
          text: ''
          machine_readable:
            execution:
              parameters:
                - {name: born, type: date}
                - {name: amount, type: amount, required: true}
                - {name: married, type: boolean}
              output: [{name: x, type: number}]
              actions: [{output: x, value: 1}]
        """
    )
    with pytest.raises(InvalidInput) as refused:
        run(library, "x", {"born": "2025-02-30", "married": "yes"})
    assert sorted((fault.pointer, fault.code) for fault in refused.value.faults) == [
        ("/parameters/amount", "missing-parameter"),
        ("/parameters/born", "wrong-type"),
        ("/parameters/married", "wrong-type"),
    ]
