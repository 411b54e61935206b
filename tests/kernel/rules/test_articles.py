"""The article-based format: what each part becomes, and what is refused with file, line and hint."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.articles import parse_articles
from eendracht.kernel.rules.document import Faults
from eendracht.kernel.rules.operations import ARTICLE_OPERATIONS
from tests.kernel.rules.law_files import CORPUS, MARK, article, law, needs_corpus


def parse(text: str) -> tuple[ir.Regulation | None, Faults]:
    """Read a law file; gives it and its faults."""
    faults = Faults("law.yaml")
    return parse_articles(text.encode(), "law.yaml", faults), faults


def read(text: str) -> ir.Regulation:
    """Read a law file that is right."""
    found, faults = parse(text)
    assert found is not None and not faults.errors, [str(fault) for fault in faults.errors]
    return found


def value(expression: str) -> ir.Expression:
    """Read an expression."""
    text = law(article(f"execution:\n  actions:\n    - output: x\n      value: {expression}"))
    return read(text).articles[0].actions[0].expression


def test_the_head_of_a_law() -> None:
    found = read(
        law(
            article(
                """
                execution:
                  actions:
                    - {output: law_name, value: Wet op de proef}
                    - {output: begins, value: '2024-02-01'}
                """
            ),
            "proefwet",
            name="#law_name",
            valid_from="#begins",
            valid_to="2024-12-31",
            bwb_id="BWBR0000001",
            url="https://example.org",
            gemeente_code="GM0599",
            competent_authority="#nobody",
        )
    )
    assert (found.id, found.name, found.layer, found.dialect) == ("proefwet", "Wet op de proef", "WET", "exact")
    assert (found.valid_from, found.valid_to) == (date(2024, 2, 1), date(2024, 12, 31))
    assert (found.schema_version, found.jurisdiction, found.bwb_id) == ("0.8.0", "GM0599", "BWBR0000001")
    assert found.competent_authority == "nobody"
    assert len(found.sha256) == 64 and found.place.file == "law.yaml"


def test_the_parts_of_an_article() -> None:
    (found,) = read(
        law(
            article(
                """
                competent_authority: {name: Dienst}
                definitions:
                  plain: 3
                  spelled: {value: 0.02, type: number, type_spec: {unit: ratio}, source: law, grade: official}
                open_terms: [{id: norm, type: amount, required: false, default: {actions: [{output: norm, value: 1}]}}]
                implements: [{law: other, article: '2', open_term: term, gelet_op: Gelet op}]
                overrides: [{law: other, article: '3', output: z}]
                hooks: [{hook_point: post_actions, applies_to: {legal_character: BESCHIKKING, stage: BEZWAAR}}]
                untranslatables: [{construct: fairness, reason: a word, accepted: true}]
                execution:
                  produces: {legal_character: BESCHIKKING, decision_type: TOEKENNING}
                  parameters: [{name: bsn, type: string, required: true}]
                  input:
                    - {name: fact, type: number, source: {}}
                    - name: other
                      type: amount
                      type_spec: {unit: eurocent, precision: 0, min: 0}
                      source: {regulation: elsewhere, output: amount, parameters: {bsn: $bsn}}
                    - {name: inner, type: amount, source: {output: inner}}
                  output: [{name: x, type: amount, nullable: false, type_spec: {unit: eurocent}}]
                  actions: [{output: x, value: $other, legal_basis: {law: Wet, article: '1'}}]
                """
            )
        )
    ).articles
    assert found.definitions["plain"].value == 3 and found.definitions["spelled"].value == Fraction(1, 50)
    assert (found.definitions["spelled"].unit, found.definitions["spelled"].grade) == ("ratio", "official")
    assert not found.open_terms["norm"].required and found.open_terms["norm"].default[0].output == "norm"
    assert [(item.law, item.article, item.open_term) for item in found.implements] == [("other", "2", "term")]
    assert [(item.law, item.article, item.output) for item in found.overrides] == [("other", "3", "z")]
    assert [(item.point, item.legal_character, item.stage) for item in found.hooks] == [
        ("post_actions", "BESCHIKKING", "BEZWAAR")
    ]
    assert found.untranslated[0].accepted and found.competent_authority == "Dienst"
    assert (found.legal_character, found.decision_type) == ("BESCHIKKING", "TOEKENNING")
    assert found.parameters["bsn"].required and isinstance(found.inputs["fact"].source, ir.ExternalSource)
    source = found.inputs["other"].source
    assert isinstance(source, ir.ArticleSource) and (source.law, source.output) == ("elsewhere", "amount")
    assert found.inputs["other"].field.unit == "eurocent" and found.inputs["other"].field.minimum == 0
    inner = found.inputs["inner"].source
    assert isinstance(inner, ir.ArticleSource) and inner.law == ""
    assert not found.outputs["x"].nullable and found.actions[0].basis is not None
    assert found.place.line == 6 and found.actions[0].place.path.endswith("execution.actions[0]")


def test_expressions_know_names_parts_and_lines() -> None:
    found = value("{operation: ADD, values: [$a.b.c, 2, [x, $d]]}")
    assert isinstance(found, ir.Operation) and found.place.line == 12
    first, second, third = found.operands
    assert isinstance(first, ir.Reference) and (first.name, first.path) == ("a", ("b", "c"))
    assert isinstance(second, ir.Constant) and second.value == 2
    assert isinstance(third, ir.Operation) and (third.name, len(third.operands)) == ("LIST", 2)


MINIMAL: dict[str, str] = {
    "values": "values: [1, 2]",
    "conditions": "conditions: [true, false]",
    "items": "items: [1]",
}


@pytest.mark.parametrize("name", ARTICLE_OPERATIONS)
def test_every_operation_is_read(name: str) -> None:
    shape = ARTICLE_OPERATIONS[name]
    parts = [f"operation: {name}"]
    if name == "IF":
        parts.append("cases: [{when: true, then: 1}], default: 2")
    if name == "IN":
        parts.append("values: [1]")
    if shape.listed:
        parts.append(MINIMAL[shape.listed])
    parts += [f"{key}: 1" for key in shape.positional]
    if "precision" in shape.words:
        parts.append("precision: 2")
    if "part" in shape.words:
        parts.append("part: years")
    found = value(f"{{{', '.join(parts)}}}")
    assert isinstance(found, ir.Operation) and found.name == name and found.operands


def expression(text: str) -> str:
    """Give a law with a marked expression."""
    return law(article(f"execution:\n  actions:\n    - output: x\n      value: {text}  {MARK}"))


REFUSED: dict[str, tuple[str, str, str]] = {
    "no schema": (law("[]").replace("$schema", "schema"), "unknown-law-schema", "v0.5.0 to v0.8.0"),
    "a schema that is too new": (law("[]").replace("v0.8.0", "v0.9.0"), "unknown-law-schema", "v0.5.0 to v0.8.0"),
    "no id": (law("[]").replace("$id", "id"), "missing-key", "Add $id"),
    "no articles": (law("[]").replace("articles:", "article:"), "missing-key", "Add articles"),
    "an unknown layer": (law("[]", regulatory_layer="WETJE"), "unknown-layer", "WET"),
    "a day that does not exist": (law("[]", valid_from="2025-02-30"), "malformed-date", "YYYY-MM-DD"),
    "an end before the beginning": (law("[]", valid_to="2019-12-31"), "empty-validity", "last day in force"),
    "an ordinance without its area": (
        law("[]", regulatory_layer="GEMEENTELIJKE_VERORDENING"),
        "missing-key",
        "Add gemeente_code",
    ),
    "an area that does not exist": (law("[]", gemeente_code="0599"), "malformed-jurisdiction", "GM0599"),
    "an article without number": (
        law(article("execution: {}")).replace("- number: '1'\n    text", "- text"),
        "missing-key",
        "number",
    ),
    "an unknown operation": (expression("{operation: POWER, values: [1, 2]}"), "unknown-operation", "Choose one of"),
    "an operation without operands": (expression("{operation: ADD}"), "missing-operand", "Add values"),
    "a comparison without subject": (expression("{operation: EQUALS, value: 1}"), "missing-operand", "Add subject"),
    "an IF without cases": (expression("{operation: IF, default: 1}"), "missing-operand", "when and then"),
    "a case without then": (expression("{operation: IF, cases: [{when: true}]}"), "missing-operand", "Add both"),
    "a mapping that is no operation": (expression("{a: 1}"), "wrong-type", "operation"),
    "a reference that is none": (expression("$a-b"), "malformed-reference", "$name.part"),
    "rounding to a word": (expression("{operation: ROUND, value: 1, precision: two}"), "wrong-type", "decimals"),
    "a part of a date that is none": (
        expression("{operation: START_OF, date: $referencedate, part: decade}"),
        "wrong-type",
        "year, quarter",
    ),
    "an unknown way to combine": (
        expression("{operation: FOREACH, collection: [], body: 1, combine: XOR}"),
        "wrong-type",
        "ADD",
    ),
    "an action that computes nothing": (
        law(article(f"execution:\n  actions:\n    - output: x  {MARK}")),
        "empty-action",
        "Give it a value",
    ),
    "an action without output": (
        law(article(f"execution:\n  actions:\n    - value: 1  {MARK}")),
        "missing-key",
        "Add output",
    ),
    "an output computed twice in an article": (
        law(article(f"execution:\n  actions:\n    - {{output: x, value: 1}}\n    - {{output: x, value: 2}}  {MARK}")),
        "duplicate-output",
        "Keep one",
    ),
    "an input declared twice": (
        law(
            article(
                f"execution:\n  input:\n    - {{name: a, type: number, source: {{}}}}\n"
                f"    - {{name: a, type: number, source: {{}}}}  {MARK}"
            )
        ),
        "duplicate-name",
        "own name",
    ),
    "an input without source": (
        law(article(f"execution:\n  input:\n    - {{name: a, type: number}}  {MARK}")),
        "missing-key",
        "Add source",
    ),
    "an unknown type": (
        law(article(f"execution:\n  parameters:\n    - {{name: a, type: money}}  {MARK}")),
        "unknown-type",
        "amount",
    ),
    "an unknown unit": (
        law(
            article(f"execution:\n  parameters:\n    - {{name: a, type: amount, type_spec: {{unit: guilder}}}}  {MARK}")
        ),
        "unknown-unit",
        "eurocent",
    ),
    "actions that are no list": (law(article(f"execution:\n  actions: x  {MARK}")), "wrong-type", "law format"),
    "a hook at no point": (
        law(article(f"hooks:\n  - {{hook_point: during, applies_to: {{legal_character: TOETS}}}}  {MARK}")),
        "wrong-type",
        "law format",
    ),
    "a filling without a law": (
        law(article(f"implements:\n  - {{article: '1', open_term: x}}  {MARK}")),
        "missing-key",
        "Add law",
    ),
}
HEADS = {"no schema": 1, "a schema that is too new": 1, "no id": 1, "no articles": 1, "an unknown layer": 3}
HEADS |= {"a day that does not exist": 4, "an end before the beginning": 5, "an ordinance without its area": 1}
HEADS |= {"an area that does not exist": 5, "an article without number": 6}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_is_refused_with_line_and_hint(name: str) -> None:
    text, code, hint = REFUSED[name]
    _, faults = parse(text)
    marked = [at for at, line in enumerate(text.splitlines(), 1) if MARK in line]
    line = HEADS.get(name) or marked[0]
    assert (faults.errors[0].code, faults.errors[0].pointer.split(" ")[0]) == (code, f"law.yaml:{line}")
    assert hint in faults.errors[0].hint + faults.errors[0].en


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (law("[]", colour="blue"), "unknown-key"),
        (expression("{operation: ADD, values: [1], extra: 2}"), "unknown-key"),
        (expression("{operation: ROUND, value: 1, precision: 0}").replace("v0.8.0", "v0.5.0"), "newer-operation"),
    ],
)
def test_what_is_odd_is_a_warning(text: str, code: str) -> None:
    _, faults = parse(text)
    assert not faults.errors
    assert [fault.code for fault in faults.warnings] == [code]


def test_all_faults_of_a_file_come_at_once() -> None:
    body = "execution:\n  actions:\n    - {output: x}\n    - {output: y, value: {operation: POWER}}\n    - {value: $}"
    _, faults = parse(law(article(body), regulatory_layer="X", valid_from="soon"))
    assert {fault.code for fault in faults.errors} == {
        "unknown-layer",
        "malformed-date",
        "empty-action",
        "unknown-operation",
        "missing-key",
        "malformed-reference",
    }


ANYTHING: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "x", "$x", "ADD", "IF", "2024-01-01"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *(
                        "number",
                        "machine_readable",
                        "execution",
                        "actions",
                        "input",
                        "output",
                        "parameters",
                        "definitions",
                    ),
                    *(
                        "open_terms",
                        "implements",
                        "hooks",
                        "overrides",
                        "untranslatables",
                        "operation",
                        "values",
                        "cases",
                    ),
                    *(
                        "when",
                        "then",
                        "name",
                        "type",
                        "type_spec",
                        "unit",
                        "source",
                        "value",
                        "id",
                        "default",
                        "legal_basis",
                    ),
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["$schema", "$id", "articles", "valid_from", "name"]), ANYTHING), ANYTHING)
def test_reading_anything_never_raises(head: dict[str, Any], inner: Any) -> None:
    document = head | {"articles": [{"number": "1", "machine_readable": {"execution": inner, "definitions": inner}}]}
    for text in (yaml.safe_dump(head), yaml.safe_dump(document)):
        parse(text)


@needs_corpus
def test_the_given_laws_are_read_without_faults() -> None:
    executable = 0
    for path in sorted(CORPUS.rglob("*.yaml")):
        faults = Faults(path.name)
        found = parse_articles(path.read_bytes(), path.name, faults)
        assert found is not None and not faults.errors and not faults.warnings
        executable += sum(item.is_executable for item in found.articles)
    assert executable > 50
