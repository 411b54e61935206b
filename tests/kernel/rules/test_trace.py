"""Traces: in the shape of trace schema v1, and with every step that the reference engine's two traces show."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import jsonschema
import pytest

from eendracht.kernel.rules import Case, Library, Register, evaluate
from eendracht.kernel.rules.features import run_feature_file
from eendracht.kernel.rules.trace import Node, render_trace, trace_document
from eendracht.kernel.rules.values import infer_literal, to_plain
from tests.kernel.rules.laws import library_of, run

Locate = Callable[..., Path]
BSN = "999993653"


@pytest.fixture(scope="module")
def corpus(shared: Locate) -> Library:
    return Library.load([shared("reference", "services", "regelrecht", "corpus")])


@pytest.fixture(scope="module")
def schema(shared: Locate) -> jsonschema.Draft7Validator:
    path = shared("reference", "services", "regelrecht", "schema", "trace-v1-condensed.schema.json")
    return jsonschema.Draft7Validator(json.loads(path.read_text("utf-8")))


def test_the_trace_of_every_scenario_is_valid(
    corpus: Library, schema: jsonschema.Draft7Validator, shared: Locate
) -> None:
    count = 0
    for file in sorted(shared("reference", "services", "regelrecht", "bdd").glob("*.feature")):
        for scenario in run_feature_file(corpus, file).scenarios:
            for evaluation in scenario.evaluations:
                # By way of JSON: what is printed is what must be valid.
                document = json.loads(json.dumps(trace_document(evaluation.trace)))
                assert [error.message for error in schema.iter_errors(document)] == []
                count += 1
    assert count >= 40


def test_absent_values_and_failures_stand_in_a_valid_trace(schema: jsonschema.Draft7Validator) -> None:
    library = library_of(
        """
        - number: '1'
          text: ''
          machine_readable:
            execution:
              input:
                - {name: income, type: amount, type_spec: {unit: eurocent, precision: 0}, source: {}}
                - {name: other, type: number, source: {output: broken}}
              output: [{name: known, type: number}, {name: unknown, type: amount}, {name: failing, type: number}]
              actions:
                - {output: known, value: 0.1}
                - {output: unknown, operation: ADD, values: [$income, 1]}
                - {output: failing, operation: ADD, values: [$other, 1]}
        - number: '2'
          text: ''
          machine_readable:
            execution:
              output: [{name: broken, type: number}]
              actions: [{output: broken, operation: DIVIDE, values: [1, 0]}]
        """
    )
    found = run(library, "known")
    document = json.loads(json.dumps(trace_document(found.trace)))
    assert [error.message for error in schema.iter_errors(document)] == []
    assert set(found.outcomes) == {"known", "unknown"}
    steps = list(found.trace.walk())
    assert any("DIVIDE by zero" in step.message for step in steps)
    assert {"unknown": ["income"]} in [to_plain(step.result) for step in steps]
    ids = [node["node_id"] for node in _walk(document["root"])]
    assert len(ids) == len(set(ids))
    assert "Compute DIVIDE(...): DIVIDE by zero" in render_trace(found.trace)


def _walk(node: dict[str, object]) -> Iterator[dict[str, object]]:
    yield node
    for child in node.get("children", ()):  # type: ignore[attr-defined]
        yield from _walk(child)


# --- The traces of the reference engine ---


@dataclass
class Step:
    """A step of either trace, after normalising: kind, name, value as text, and the steps below it."""

    kind: str
    name: str
    value: str = ""
    children: list[Step] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str, str]:
        """What must be the same on both sides."""
        return self.kind, self.name, self.value


# How each line of the reference traces reads; what is not here fails the test.
LINES = (
    ("title", re.compile(r"(\w+) \((?:.*)\)")),
    ("rules", re.compile(r"Evaluating rules for (\w+) \(\w+\)")),
    ("reference", re.compile(r"Reference: ([\w#]+)")),
    ("reference", re.compile(r"Resolving \$([\w#]+)")),
    ("cached", re.compile(r"Cached: ([\w#]+): (.*)")),
    ("resolved", re.compile(r"Resolving from RESOLVED_INPUT: ()(.*)")),
    ("resolve", re.compile(r"Resolving from \w+: \$(\w+) = (.*)")),
    ("action", re.compile(r"Computing (\w+)")),
    ("operation", re.compile(r"Compute (\w+)\(\.\.\.\) = (.*)")),
    ("operation", re.compile(r"(IF)\(took [\w ]+\) = (.*)")),
    ("branch", re.compile(r"(CASE \d+|DEFAULT|ELSE): (.*)")),
    ("term", re.compile(r"Delegation: Open term '(\w+)' implemented by \w+ article \w+: (.*)")),
    ("hook", re.compile(r"HOOK: Hook \w+ on \w+ stage \w+ → (\w+:[\w:]+)")),
    ("result", re.compile(r"Result: (\w+) = (.*)")),
)


def read_reference(text: str) -> Step:
    """Read a trace as the reference engine prints it: four columns of the drawing for each level."""
    root = Step("", "")
    open_steps = [root]
    for line in text.splitlines():
        drawing = re.match(r"[║╟╙│├└─ ]*", line)
        assert drawing is not None
        depth = -(-len(drawing[0]) // 4)
        content = line[drawing.end() :]
        kind, found = next(((kind, found) for kind, shape in LINES if (found := shape.fullmatch(content))), ("", None))
        assert found is not None, content
        value = _plain(found[2]) if found.re.groups == 2 else ""
        step = Step(kind, found[1].lower() if kind in ("reference", "resolve", "cached") else found[1], value)
        del open_steps[depth + 1 :]
        open_steps[-1].children.append(step)
        open_steps.append(step)
    return normalise(root)


def _plain(text: str) -> str:
    """Spell a value alike on both sides: no quotes, truth values in small letters, exact decimals."""
    if text.startswith("["):
        return ", ".join(re.findall(r"'([^']*)'", text))
    bare = text.strip("'")
    return {"True": "true", "False": "false", "None": "null"}.get(bare, bare)


def normalise(step: Step) -> Step:
    """Bring a reference trace to the shape of ours. Declared, and nothing else:

    a `Result` line is the value of the step above it; `CASE` and `DEFAULT` lines go, their steps stay; the line that
    repeats the value of a reference goes; a reference has the value of the output that it computes.
    """
    children: list[Step] = []
    for child in map(normalise, step.children):
        if child.kind == "result":
            step.value = child.value
        elif child.kind == "branch":
            children += child.children
        elif child.kind == "resolved":
            step.value = child.value
        else:
            children.append(child)
    step.children = children
    if step.kind == "reference" and not step.value:
        output = step.name.rpartition("#")[2]
        step.value = next(child.value for child in children if child.kind == "action" and child.name == output)
    return step


def read_ours(node: Node) -> list[Step]:
    """Give our trace in the same shape; a step that names an article gives way to the steps below it."""
    children = [step for child in node.children for step in read_ours(child)]
    if node.type == "article":
        return children
    kinds = {
        "cross_law_reference": "reference",
        "override_resolution": "reference",
        "open_term_resolution": "term",
        "hook_resolution": "hook",
    }
    value = to_plain(node.result)
    text = ", ".join(value) if isinstance(value, list) else str(value)
    text = text.lower() if isinstance(value, bool) else "null" if value is None else text
    kind = kinds.get(node.type, node.type)
    name = node.name.rpartition(".")[2] if node.type == "resolve" else node.name
    return [Step(kind, name, "" if kind == "hook" else text, children)]


def unused_inputs(step: Step) -> set[str]:
    """Name the facts that the reference engine looked up beforehand and that no rule of the article then read."""
    actions = [child for child in step.children if child.kind == "action"]
    read = {deep.name for action in actions for deep in walk(action)}
    return (
        set()
        if not actions
        else {child.name for child in step.children if child.kind == "resolve" and child.name not in read}
    )


def walk(step: Step) -> Iterator[Step]:
    """Yield a step and all below it."""
    yield step
    for child in step.children:
        yield from walk(child)


def missing_steps(expected: Step, ours: list[Step], parents: tuple[str, ...] = ()) -> Iterator[str]:
    """Name each expected step that ours lacks below the same parent, with the same kind, name and value."""
    # Parameters that were passed on are used by the source and by no action of the article.
    unread = unused_inputs(expected) - {"bsn"}
    left = list(ours)
    for child in expected.children:
        if child.kind == "resolve" and child.name in unread:
            continue
        found = next(
            (step for step in left if step.key == child.key and not [*missing_steps(child, step.children)]), None
        )
        if found is None:
            yield " / ".join((*parents, f"{child.kind} {child.name} = {child.value}"))
        else:
            left.remove(found)


def expected_steps(path: Path) -> Step:
    """Read a reference trace and give the steps of the law that was asked."""
    (title,) = read_reference(path.read_text("utf-8")).children
    (rules,) = title.children
    assert rules.kind == "rules"
    return rules


def test_the_trace_of_standaardpremie_has_every_step_of_the_reference(corpus: Library, shared: Locate) -> None:
    expected = expected_steps(shared("reference", "services", "regelrecht", "expected_standaardpremie_trace.txt"))
    found = evaluate(corpus, "regeling_standaardpremie", ["standaardpremie"], Case(date(2025, 1, 1)))
    assert list(missing_steps(expected, read_ours(found.trace))) == []


def test_the_trace_of_zorgtoeslag_has_every_step_of_the_reference(corpus: Library, shared: Locate) -> None:
    path = shared("reference", "services", "regelrecht", "expected_zorgtoeslag_trace.txt")
    expected = expected_steps(path)
    facts = dict(re.findall(r"Resolving from DATA_SOURCE: \$(\w+) = (.*)", path.read_text("utf-8")))
    row = {name.lower(): infer_literal(_plain(value)) for name, value in facts.items()} | {"bsn": BSN}
    case = Case(date(2025, 1, 1), {"bsn": BSN}, (Register("everything", "bsn", [row]),))
    found = evaluate(corpus, "wet_op_de_zorgtoeslag", ["hoogte_zorgtoeslag"], case)
    ours = read_ours(found.trace)
    assert list(missing_steps(expected, ours)) == []
    assert len(list(walk(expected))) > 100
    # The one fact that stood ready and that no rule read: an insurance that is active needs no treaty.
    unread = {name for step in walk(expected) for name in unused_inputs(step)} - {"bsn"}
    assert unread == {"verdragsinschrijving"}
    # Every value that was printed beside a computation is in ours, and ours has no other outcome for an output.
    outputs = {step.name: step.value for step in walk(expected) if step.kind == "action"}
    for step in ours:
        for deep in walk(step):
            if deep.kind == "action" and deep.name in outputs:
                assert deep.value == outputs[deep.name], deep.name


def test_the_comparison_finds_a_wrong_value_and_a_wrong_parent(corpus: Library, shared: Locate) -> None:
    path = shared("reference", "services", "regelrecht", "expected_standaardpremie_trace.txt")
    wrong = read_reference(path.read_text("utf-8").replace("211200", "211201")).children[0].children[0]
    found = evaluate(corpus, "regeling_standaardpremie", ["standaardpremie"], Case(date(2025, 1, 1)))
    assert list(missing_steps(wrong, read_ours(found.trace))) == ["action standaardpremie = 211201"]
    moved = Step("rules", "", children=[Step("action", "standaardpremie", "211200", [Step("operation", "ADD", "1")])])
    assert len(list(missing_steps(moved, read_ours(found.trace)))) == 1
