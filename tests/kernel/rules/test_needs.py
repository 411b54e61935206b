"""What is asked is exactly what can still change an outcome, in as few questions as any order needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.rules import Case, Library, Register
from eendracht.kernel.rules.library import NoSuchRule
from eendracht.kernel.rules.needs import needs
from tests.kernel.rules.laws import DAY, library_of, read_law, run

CORPUS = ("reference", "services", "regelrecht", "corpus")
FACTS: Mapping[str, tuple[str, tuple[Any, ...]]] = {
    "huurt": ("boolean", (True, False)),
    "werkt": ("boolean", (True, False)),
    "studeert": ("boolean", (True, False)),
    "soort": ("string", ("HUUR", "KOOP", "anders")),
    "leeftijd": ("number", (17, 18, 19, 66, 67, 68)),
}


def article(value: Any, extra: str = "") -> str:
    """Give an article that computes `uitkomst` from the facts, which come from outside."""
    inputs = "".join(f"\n        - {{name: {name}, type: {kind}, source: {{}}}}" for name, (kind, _) in FACTS.items())
    return f"""
- number: '1'
  text: ''
  url: https://wetten.example/1
  machine_readable:
    execution:
      parameters: [{{name: bsn, type: string}}]
      input:{inputs}
      output: [{{name: uitkomst, type: object}}]
      actions:
        - output: uitkomst
          value: {yaml.dump(value, default_flow_style=True, width=10**6).splitlines()[0]}
{extra}"""


def compared(name: str, operation: str, value: Any) -> dict[str, Any]:
    return {"operation": operation, "subject": f"${name}", "value": value}


ATOMS = st.one_of(
    st.sampled_from(["$huurt", "$werkt", "$studeert"]),
    st.sampled_from(["huurt", "werkt", "studeert"]).map(lambda name: compared(name, "EQUALS", True)),
    st.sampled_from(["HUUR", "KOOP"]).map(lambda word: compared("soort", "EQUALS", word)),
    st.sampled_from([("GREATER_THAN_OR_EQUAL", 18), ("LESS_THAN", 67)]).map(lambda x: compared("leeftijd", *x)),
)
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["AND", "OR"]), st.lists(inner, min_size=2, max_size=3)).map(
            lambda x: {"operation": x[0], "conditions": x[1]}
        ),
        inner.map(lambda x: {"operation": "NOT", "value": x}),
        st.tuples(inner, inner, inner).map(
            lambda x: {"operation": "IF", "cases": [{"when": x[0], "then": x[1]}], "default": x[2]}
        ),
    ),
    max_leaves=6,
)
OUTCOMES = st.one_of(
    CONDITIONS,
    st.tuples(CONDITIONS, CONDITIONS, st.integers(0, 2), st.integers(0, 2), st.integers(0, 2)).map(
        lambda x: {
            "operation": "IF",
            "cases": [{"when": x[0], "then": x[2]}, {"when": x[1], "then": x[3]}],
            "default": x[4],
        }
    ),
)
KNOWN = st.dictionaries(st.sampled_from(sorted(FACTS)), st.integers(0, 5), max_size=2).map(
    lambda picks: {name: FACTS[name][1][at % len(FACTS[name][1])] for name, at in picks.items()}
)


class Oracle:
    """Everything by trying: the outcome of every full case, which facts count, the least questions on average."""

    def __init__(self, library: Library, known: Mapping[str, Any]) -> None:
        self.free = [name for name in FACTS if name not in known]
        # One value for each stretch of ages that no comparison in any law here tells apart.
        self.table = {
            values: run(library, "uitkomst", {**known, **dict(zip(self.free, values, strict=True))})
            .outcomes["uitkomst"]
            .value
            for values in product(*(FACTS[name][1] for name in self.free))
        }
        self.least = cache(self._least)

    def cells(self, given: frozenset[tuple[str, Any]]) -> list[Any]:
        fixed = dict(given)
        return [
            outcome
            for values, outcome in self.table.items()
            if all(fixed.get(name, value) == value for name, value in zip(self.free, values, strict=True))
        ]

    def counts(self, name: str) -> bool:
        at = self.free.index(name)
        return any(
            self.table[(*values[:at], other, *values[at + 1 :])] != outcome
            for values, outcome in self.table.items()
            for other in FACTS[name][1]
        )

    def _least(self, given: frozenset[tuple[str, Any]], classes: tuple[tuple[str, tuple[Any, ...]], ...]) -> Fraction:
        if len({repr(outcome) for outcome in self.cells(given)}) == 1:
            return Fraction(0)
        asked = {name for name, _ in given}
        return min(
            1 + sum((self.least(given | {(name, value)}, classes) for value in values), Fraction(0)) / len(values)
            for name, values in classes
            if name not in asked
        )


def asked_until_settled(library: Library, known: Mapping[str, Any], classes: Mapping[str, tuple[Any, ...]]) -> Fraction:
    """Give how many questions are asked on average when each time the first one is put."""
    found = needs(library, "test_law", ["uitkomst"], Case(DAY, dict(known)))
    if not found.facts:
        return Fraction(0)
    name = found.facts[0].name
    answers = classes[name]
    following = (asked_until_settled(library, {**known, name: value}, classes) for value in answers)
    return 1 + sum(following, Fraction(0)) / len(answers)


@settings(max_examples=150, deadline=None)
@given(OUTCOMES, KNOWN)
def test_the_facts_asked_are_exactly_those_that_can_change_the_outcome(value: Any, known: dict[str, Any]) -> None:
    library = library_of(article(value))
    found = needs(library, "test_law", ["uitkomst"], Case(DAY, known))
    oracle = Oracle(library, known)
    assert {need.name for need in found.facts} == {name for name in oracle.free if oracle.counts(name)}
    assert found.is_exact
    outcomes = {repr(outcome) for outcome in oracle.table.values()}
    assert bool(found.settled) == (len(outcomes) == 1)
    if found.settled:
        assert {repr(found.settled["uitkomst"])} == outcomes


@settings(max_examples=40, deadline=None)
@given(OUTCOMES)
def test_no_order_needs_fewer_questions_on_average(value: Any) -> None:
    library = library_of(article(value))
    found = needs(library, "test_law", ["uitkomst"], Case(DAY))
    text = repr(value)
    marks = [mark for mark in (18, 67) if f"'value': {mark}" in text]
    ages = {(): (18,), (18,): (17, 18, 19), (67,): (66, 67, 68), (18, 67): (17, 18, 19, 67, 68)}[tuple(marks)]
    words = tuple(word for word in ("HUUR", "KOOP") if word in text)
    classes: dict[str, tuple[Any, ...]] = dict.fromkeys(("huurt", "werkt", "studeert"), (True, False))
    classes |= {"soort": (*words, "anders"), "leeftijd": ages}
    oracle = Oracle(library, {})
    least = oracle.least(frozenset(), tuple(classes.items()))
    assert found.expected == least
    assert asked_until_settled(library, {}, classes) == least


def test_what_a_register_gives_is_not_asked_and_a_branch_that_is_closed_neither() -> None:
    value = {
        "operation": "IF",
        "cases": [{"when": "$huurt", "then": "$werkt"}],
        "default": {"operation": "AND", "conditions": ["$studeert", compared("leeftijd", "LESS_THAN", 67)]},
    }
    library = library_of(article(value))

    def names(row: dict[str, Any]) -> list[str]:
        case = Case(DAY, {"bsn": "1"}, (Register("woning", "bsn", [{"bsn": "1", **row}]),))
        return [need.name for need in needs(library, "test_law", ["uitkomst"], case).facts]

    assert set(names({})) == {"huurt", "werkt", "studeert", "leeftijd"}
    assert names({"huurt": True}) == ["werkt"]
    assert set(names({"huurt": False})) == {"studeert", "leeftijd"}
    assert names({"huurt": False, "studeert": False}) == []


def test_each_need_says_who_asks_and_which_answers_the_law_knows() -> None:
    conditions = [compared("soort", "EQUALS", "HUUR"), "$huurt", compared("leeftijd", "GREATER_THAN_OR_EQUAL", 18)]
    library = library_of(article({"operation": "AND", "conditions": conditions}))
    found = {need.name: need for need in needs(library, "test_law", ["uitkomst"], Case(DAY, {"bsn": "1"})).facts}
    assert (found["soort"].choices, found["soort"].takes_other, found["huurt"].choices) == (
        ("HUUR",),
        True,
        (True, False),
    )
    assert {(need.law, need.article, need.url, need.about) for need in found.values()} == {
        ("test_law", "1", "https://wetten.example/1", "bsn")
    }
    # Yes or no before a choice before a number, where they are worth the same.
    assert needs(library, "test_law", ["uitkomst"], Case(DAY)).facts[0].kind == "boolean"


PARTNER = """
- number: '2'
  text: ''
  machine_readable:
    execution:
      parameters: [{name: bsn, type: string}]
      input:
        - {name: partner_bsn, type: string, source: {}}
        - {name: eigen, type: amount, type_spec: {unit: eurocent}, source: {output: inkomen}}
        - name: partners
          type: amount
          source: {regulation: test_law, output: inkomen, parameters: {bsn: $partner_bsn}}
      output: [{name: samen, type: amount}]
      actions:
        - output: samen
          value:
            operation: IF
            cases: [{when: {operation: EQUALS, subject: $partner_bsn, value: null}, then: $eigen}]
            default: {operation: ADD, values: [$eigen, $partners]}
- number: '3'
  text: ''
  machine_readable:
    execution:
      parameters: [{name: bsn, type: string}]
      input: [{name: loon, type: amount, description: Loon uit werk, type_spec: {unit: eurocent}, source: {}}]
      output: [{name: inkomen, type: amount}]
      actions: [{output: inkomen, value: $loon}]
"""


def test_a_partner_is_asked_after_when_there_may_be_one() -> None:
    library = library_of(PARTNER)

    def found(**row: Any) -> list[tuple[str, bool, bool]]:
        case = Case(DAY, {"bsn": "1"}, (Register("burgers", "bsn", [{"bsn": "1", **row}]),))
        facts = needs(library, "test_law", ["samen"], case).facts
        return [(need.name, need.is_about_other, need.is_sure) for need in facts]

    assert found() == [("partner_bsn", False, True), ("loon", False, True), ("loon", True, False)]
    assert found(partner_bsn=None) == [("loon", False, True)]
    assert found(partner_bsn="2", loon=5) == [("loon", True, True)]
    assert found(partner_bsn=None, loon=5) == []


def test_a_fact_that_every_way_needs_comes_first() -> None:
    value = {
        "operation": "MULTIPLY",
        "values": ["$leeftijd", {"operation": "IF", "cases": [{"when": "$huurt", "then": 2}], "default": 3}],
    }
    found = needs(library_of(article(value)), "test_law", ["uitkomst"], Case(DAY))
    assert [(need.name, need.is_sure) for need in found.facts] == [("huurt", True), ("leeftijd", True)]
    assert (found.expected, found.is_exact) == (2, True)


def test_a_missing_parameter_is_a_need_and_a_wrong_one_an_error() -> None:
    library = library_of(
        PARTNER.replace(
            "parameters: [{name: bsn, type: string}]", "parameters: [{name: bsn, type: string, required: true}]"
        )
    )
    names = [need.name for need in needs(library, "test_law", ["samen"], Case(DAY)).facts]
    assert names[:2] == ["bsn", "partner_bsn"]
    with pytest.raises(NoSuchRule):
        needs(library, "test_law", ["nergens"], Case(DAY))
    aged = library_of(article("$leeftijd").replace("{name: bsn, type: string}", "{name: dag, type: date}"))
    with pytest.raises(InvalidInput):
        needs(aged, "test_law", ["uitkomst"], Case(DAY, {"dag": "2025-02-30"}))


def test_many_facts_stay_affordable() -> None:
    names = [f"feit_{at}" for at in range(40)]
    inputs = "".join(f"\n        - {{name: {name}, type: boolean, source: {{}}}}" for name in names)
    conditions = ", ".join(f"${name}" for name in names)
    text = f"""
- number: '1'
  text: ''
  machine_readable:
    execution:
      input:{inputs}
      output: [{{name: uitkomst, type: boolean}}]
      actions: [{{output: uitkomst, value: {{operation: AND, conditions: [{conditions}]}}}}]
"""
    found = needs(Library([read_law(text)]), "test_law", ["uitkomst"], Case(DAY))
    assert {need.name for need in found.facts} == set(names)
    assert not found.is_exact


def test_the_reference_corpus_asks_what_it_can_use(shared: Callable[..., Path]) -> None:
    library = Library.load([shared(*CORPUS)])
    case = Case(DAY.replace(year=2025), {"bsn": "1"})
    asked: list[str] = []
    row: dict[str, Any] = {"bsn": "1"}
    for _ in range(40):
        found = needs(library, "wet_op_de_zorgtoeslag", ["heeft_recht_op_zorgtoeslag"], case)
        if not found.facts:
            break
        need = found.facts[0]
        asked.append(need.name)
        choices: tuple[Any, ...] = need.choices or ((DAY.replace(year=1990),) if need.kind == "date" else (0,))
        row[need.name] = choices[-1] if need.name != "polis_status" else choices[0]
        case = Case(case.on, case.parameters, (Register("antwoorden", "bsn", [row]),))
    assert len(asked) == len(set(asked)) and found.facts == ()
    given = run(
        library, "heeft_recht_op_zorgtoeslag", case.parameters, "wet_op_de_zorgtoeslag", case.on, case.registers
    )
    assert given.outcomes["heeft_recht_op_zorgtoeslag"].is_known


def test_without_an_area_the_area_is_asked_and_more_may_follow() -> None:
    national = """
- number: '8'
  text: ''
  machine_readable:
    open_terms:
      - {id: bedrag, type: amount, required: true, delegation_type: GEMEENTELIJKE_VERORDENING}
    execution:
      parameters: [{name: bsn, type: string}]
      output: [{name: hoogte, type: amount}]
      actions: [{output: hoogte, value: $bedrag}]
"""
    local = """
- number: '1'
  text: ''
  machine_readable:
    implements: [{law: test_law, article: '8', open_term: bedrag}]
    execution:
      parameters: [{name: bsn, type: string}]
      input: [{name: kinderen, type: number, source: {}}]
      output: [{name: bedrag, type: amount}]
      actions: [{output: bedrag, operation: MULTIPLY, values: [$kinderen, 100]}]
"""
    head = {"regulatory_layer": "GEMEENTELIJKE_VERORDENING", "gemeente_code": "GM0344"}
    library = Library([read_law(national), read_law(local, name="verordening", **head)])
    found = needs(library, "test_law", ["hoogte"], Case(DAY, {"bsn": "1"}))
    assert [need.name for need in found.facts] == ["gemeente_code"] and not found.is_exact
    found = needs(library, "test_law", ["hoogte"], Case(DAY, {"bsn": "1", "gemeente_code": "GM0344"}))
    assert [(need.name, need.law) for need in found.facts] == [("kinderen", "verordening")] and found.is_exact
