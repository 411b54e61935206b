"""Scenarios in plain words: the given ones pass, and every step says what came instead."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.rules import Library
from eendracht.kernel.rules.features import FeatureResult, ScenarioResult, run_feature, run_feature_file
from eendracht.kernel.rules.vocabulary import STEPS
from tests.kernel.rules.laws import read_law

Locate = Callable[..., Path]
REGELRECHT = ("reference", "services", "regelrecht")

LAW = """
- number: '1'
  text: ''
  machine_readable:
    execution:
      produces: {legal_character: BESCHIKKING}
      parameters: [{name: a, type: string}, {name: bsn, type: string}]
      input:
        - {name: income, type: number, source: {}}
        - {name: names, type: array, source: {}}
      output:
        - {name: same, type: string}
        - {name: double, type: number}
        - {name: third, type: number}
        - {name: yes, type: boolean}
        - {name: no, type: boolean}
        - {name: nothing, type: string}
        - {name: words, type: string}
        - {name: listed, type: array}
        - {name: day, type: date}
        - {name: list_of_names, type: array}
      actions:
        - {output: same, value: $a}
        - {output: double, operation: MULTIPLY, values: [$income, 2]}
        - {output: third, operation: DIVIDE, values: [1, 3]}
        - {output: yes, value: true}
        - {output: no, value: false}
        - {output: nothing, value: null}
        - {output: words, value: a "quoted" word}
        - {output: listed, value: [1, two]}
        - {output: day, operation: DATE, year: 2025, month: 2, day: 28}
        - {output: list_of_names, operation: FOREACH, collection: $names, body: $item.name}
- number: '2'
  text: ''
  machine_readable:
    untranslatables: [{construct: fairness, reason: no operation}]
    execution:
      output: [{name: fair, type: number}]
      actions: [{output: fair, value: 1}]
- number: '3'
  text: ''
  machine_readable:
    hooks: [{hook_point: post_actions, applies_to: {legal_character: BESCHIKKING}}]
    execution:
      output: [{name: weeks, type: number}]
      actions: [{output: weeks, value: 6}]
"""
SPECIAL = """
- number: '9'
  text: ''
  machine_readable:
    overrides: [{law: test_law, article: '3', output: weeks}]
    execution:
      output: [{name: weeks, type: number}]
      actions: [{output: weeks, value: 4}]
- number: '10'
  text: ''
  machine_readable:
    execution:
      input: [{name: w, type: number, source: {regulation: test_law, output: weeks}}]
      output: [{name: own, type: number}]
      actions: [{output: own, value: $w}]
"""
LIBRARY = Library([read_law(LAW), read_law(SPECIAL, "special_law")])


def run(*lines: str, head: str = "Feature: f\n") -> ScenarioResult:
    """Run one scenario of these steps on 1 June 2025."""
    steps = ['Given the calculation date is "2025-06-01"', *lines]
    text = head + "  Scenario: s\n" + "\n".join(f"    {line}" for line in steps)
    (found,) = run_feature(LIBRARY, text.encode(), "x.feature").scenarios
    return found


ASK = 'When I evaluate "{}" of "test_law"'


@pytest.mark.parametrize(
    ("file", "passed", "skipped"),
    [
        ("date_operations", 5, 0),
        ("einddatum", 5, 0),
        ("multi_output", 4, 0),
        ("untranslatables", 10, 0),
        ("value_typing", 4, 0),
        ("wet_op_de_zorgtoeslag_eligibility", 11, 1),
    ],
)
def test_the_given_features_pass(shared: Locate, file: str, passed: int, skipped: int) -> None:
    library = Library.load([shared(*REGELRECHT, "corpus")])
    result = run_feature_file(library, shared(*REGELRECHT, "bdd", f"{file}.feature"))
    assert [scenario.as_dict() for scenario in result.scenarios if scenario.status == "failed"] == []
    assert (result.count("passed"), result.count("skipped")) == (passed, skipped)


def test_every_given_step_is_in_the_vocabulary(shared: Locate) -> None:
    """The texts of the grammar, with their examples, are steps here; those of its tier of notes are not run."""
    import yaml

    grammar = yaml.safe_load(shared(*REGELRECHT, "bdd", "grammar.yaml").read_text("utf-8"))
    for step in grammar["steps"]:
        text = step["text"]
        for argument in step.get("args", ()):
            text = text.replace("{" + argument["name"] + "}", "1")
        found = [table for pattern, _, table in STEPS if pattern.fullmatch(text)]
        wanted = [] if step["tier"] == "notes" else [step.get("datatable", False)]
        assert found == wanted, text
    assert len(STEPS) == sum(step["tier"] != "notes" for step in grammar["steps"])


HOLDS = [
    [
        'Given parameter "a" is "42"',
        ASK.format("same"),
        'Then output "same" equals 42',
        'And output "same" equals "42"',
    ],
    ['Given parameter "a" is 42.50', ASK.format("same"), 'Then output "same" equals 42.5'],
    ['Given parameter "a" is -3', ASK.format("same"), 'Then output "same" equals -3'],
    ['Given parameter "a" is "true"', ASK.format("same"), 'Then output "same" is true'],
    ['Given parameter "a" is "null"', ASK.format("same"), 'Then output "same" is null'],
    ['Given parameter "a" is "GM0344"', ASK.format("same"), 'Then output "same" equals "GM0344"'],
    ["Given the following parameters:", "| a | 7 |", "| bsn | 1 |", ASK.format("same"), 'Then output "same" equals 7'],
    [ASK.format("no"), 'Then output "no" is false'],
    [ASK.format("words"), 'Then output "words" contains "quoted"', 'Then output "words" equals "a \\"quoted\\" word"'],
    [ASK.format("listed"), 'Then output "listed" contains "1"', 'Then output "listed" contains "two"'],
    [ASK.format("day"), 'Then output "day" equals "2025-02-28"'],
    [ASK.format("yes"), "Then the execution succeeds", 'Then output "yes" has direct provenance'],
    [ASK.format("yes"), 'Then output "weeks" equals 6', 'Then output "weeks" has reactive provenance'],
    ['When I evaluate "own" of "special_law"', 'Then output "own" equals 4'],
    [
        'When I evaluate outputs "yes, no" of "test_law"',
        'Then the result contains exactly the outputs "no, weeks, yes"',
    ],
    ['Given law "test_law" is loaded', ASK.format("none"), "Then the execution fails"],
    [ASK.format("none"), "Then the execution fails with \"Output 'none' not found\""],
    ['When I evaluate "yes" of "no_law"', "Then the execution fails with \"Law 'no_law' not found\""],
    [ASK.format("fair"), 'Then the execution fails with "Untranslatable construct"'],
    ['Given the untranslatable mode is "warn"', ASK.format("fair"), 'Then output "fair" equals 1'],
    [
        'Given the untranslatable mode is "propagate"',
        ASK.format("fair"),
        'Then output "fair" is tainted as untranslatable',
    ],
]


@pytest.mark.parametrize("lines", HOLDS)
def test_a_step_that_holds(lines: list[str]) -> None:
    found = run(*lines)
    assert found.status == "passed", found.as_dict()


FAILS = [
    ([ASK.format("third"), 'Then output "third" equals 0.33'], "it is 0.3333333333333333333333333333"),
    ([ASK.format("yes"), 'Then output "yes" is false'], "it is true"),
    ([ASK.format("yes"), 'Then output "yes" is null'], "it is true"),
    ([ASK.format("yes"), 'Then output "yes" equals 1'], "it is true"),
    ([ASK.format("nothing"), 'Then output "nothing" equals "x"'], "it is null"),
    ([ASK.format("words"), 'Then output "words" contains "absent"'], 'it is "a \\"quoted\\" word"'),
    ([ASK.format("listed"), 'Then output "listed" contains "three"'], '[1, "two"]'),
    ([ASK.format("weeks"), 'Then output "weeks" contains "6"'], "it is 6"),
    ([ASK.format("double"), 'Then output "double" equals 0'], "it is unknown, for want of 'income'"),
    ([ASK.format("double"), 'Then output "double" is null'], "it is unknown, for want of 'income'"),
    ([ASK.format("yes"), 'Then output "none" is true'], "there is no output 'none', only 'yes', "),
    ([ASK.format("yes"), 'Then output "yes" has override provenance'], "its provenance is direct"),
    ([ASK.format("yes"), 'Then output "yes" is tainted as untranslatable'], "it is true"),
    ([ASK.format("yes"), "Then the execution fails"], "the execution succeeded with 'yes', "),
    ([ASK.format("none"), "Then the execution succeeds"], "the execution failed: Output 'none' not found"),
    ([ASK.format("none"), 'Then the execution fails with "other"'], "it failed with: Output 'none' not found"),
    ([ASK.format("none"), 'Then output "none" is true'], "the execution failed: Output 'none' not found"),
    (['When I evaluate outputs "yes" of "test_law"', 'Then the result contains exactly the outputs "yes"'], "'weeks'"),
    (['Then output "yes" is true'], "nothing has been evaluated yet"),
    (['Given the calculation date is "2025-02-30"'], "'2025-02-30' is not a date"),
    (['Given law "other" is loaded'], "law 'other' is not among the laws that were given"),
    (
        ['Given the untranslatable mode is "lax"'],
        "there is no mode 'lax'; choose one of error, propagate, warn, ignore",
    ),
    (["Given the following parameters:"], "this step needs a table"),
    (["Given the following parameters:", "| a | b | c |"], "has two columns"),
    (['Given parameter "a" is 1', "| a | b |"], "this step takes no table"),
    (['Given the following "r" data with key "bsn":', "| a | b |", "| 1 | 2 |"], "the key 'bsn' is no column"),
    (['Given the following "r" data with key "a":', "| a | a |", "| 1 | 2 |"], "a column stands twice"),
    (['Given a note selecting "x"'], "the vocabulary has no such step"),
    (['Given parameter "a" is x'], "the vocabulary has no such step"),
]


@pytest.mark.parametrize(("lines", "reason"), FAILS)
def test_a_step_that_does_not_hold_says_what_came_instead(lines: list[str], reason: str) -> None:
    found = run(*lines)
    assert found.status == "failed" and reason in found.reason, found.as_dict()
    # The step that failed is the last one, or the one above its table.
    at = max(at for at, line in enumerate(lines) if not line.startswith("|"))
    assert (found.step_line, found.step) == (4 + at, lines[at].partition(" ")[2])


def test_a_later_given_goes_on_with_what_stands_and_stands_before_it() -> None:
    table = 'Given the following "r" data with key "bsn":'
    found = run(
        'Given parameter "bsn" is "1"',
        table,
        "| bsn | income |",
        "| 1   | 10     |",
        ASK.format("double"),
        'Then output "double" equals 20',
        table,
        "| bsn | income |",
        "| 1   | 15     |",
        ASK.format("double"),
        'Then output "double" equals 30',
        'Given parameter "bsn" is "2"',
        ASK.format("double"),
        'Then output "double" equals 0',
    )
    assert (found.step_line, found.reason) == (17, "it is unknown, for want of 'income'")


def test_rows_of_a_register_are_a_list() -> None:
    rows = ['Given the following "names" data with key "bsn":', "| bsn | name |", "| 1 | a |", "| 2 | b |", "| 1 | c |"]
    found = run(
        'Given parameter "bsn" is 1', *rows, ASK.format("list_of_names"), 'Then output "list_of_names" contains "c"'
    )
    assert found.status == "passed", found.reason
    found = run(
        'Given parameter "bsn" is 1', *rows, ASK.format("list_of_names"), 'Then output "list_of_names" contains "b"'
    )
    assert found.reason == 'it is ["a", "c"]'


OUTLINE = """@tier:core
Feature: outlines
  Background:
    Given the calculation date is "2025-06-01"

  Rule: what is given comes back
    Background:
      Given parameter "a" is 1

    Scenario Outline: a is <value>
      Given parameter "a" is "<value>"
      When I evaluate "same" of "test_law"
      Then output "same" equals <wanted>

      Examples:
        | value | wanted |
        | 5     | 5      |
        | 6     | 7      |

      @wip
      Examples:
        | value | wanted |
        | 8     | 9      |

  @tier:notes
  Scenario: a note
    Given a note selecting "x"

  Scenario: nothing
"""


def run_text(text: str) -> FeatureResult:
    return run_feature(LIBRARY, text.encode(), "x.feature")


def test_outlines_rules_backgrounds_and_tags() -> None:
    found = run_text(OUTLINE)
    assert [(item.name, item.line, item.status) for item in found.scenarios] == [
        ("a is 5", 17, "passed"),
        ("a is 6", 18, "failed"),
        ("a is 8", 23, "skipped"),
        ("a note", 26, "skipped"),
        ("nothing", 29, "failed"),
    ]
    failed = found.scenarios[1]
    assert (failed.step, failed.step_line, failed.reason) == ('output "same" equals 7', 13, "it is 6")
    assert [item.reason for item in found.scenarios[2:]] == ["@wip", "@tier:notes is not run", "it has no steps"]
    assert found.as_dict() | {"scenarios": []} == {
        "file": "x.feature",
        "name": "outlines",
        "passed": 1,
        "failed": 2,
        "skipped": 2,
        "scenarios": [],
    }


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "x.feature:1"),
        ("Feature: f\n", "x.feature:1"),
        ("Feature: f\n  Scenario: s\n    Given x\n    Whenever x\n", "x.feature:4"),
        ("Feature: f\n  Scenario: s\n    Given x\n      | a |\n      | a | b |\n", "x.feature:5"),
        ("# language: xx\nFeature: f\n", "x.feature:1"),
    ],
)
def test_what_is_not_gherkin_is_refused_with_its_line(text: str, place: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        run_text(text)
    assert place in [fault.pointer for fault in refused.value.faults]
    with pytest.raises(InvalidInput):
        run_feature(LIBRARY, b"\xff\xfe", "x.feature")
