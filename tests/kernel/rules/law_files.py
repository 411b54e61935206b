"""Law files for tests, written as YAML; `# here` marks the line at which a fault is expected."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.rules import Case, evaluate
from eendracht.kernel.rules.library import Library

MARK = "# here"
CORPUS = Path(__file__).parents[4] / "shared" / "reference" / "services" / "regelrecht" / "corpus"
needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="the given law files are not here")


def law(articles: str, identity: str = "test_law", /, **head: str) -> str:
    """Give a law file with these articles; `head` is what stands above them."""
    top = {"$id": identity, "regulatory_layer": "WET", "valid_from": "2020-01-01"} | head
    lines = ["$schema: https://example.org/schema/v0.8.0/schema.json", *(f"{key}: '{top[key]}'" for key in top)]
    return "\n".join([*lines, "articles:", indent(dedent(articles).strip("\n"), "  "), ""])


def article(body: str, number: str = "1") -> str:
    """Give one article with this `machine_readable` part."""
    head = f"- number: '{number}'\n  text: ''\n  machine_readable:\n"
    return head + indent(dedent(body).strip("\n"), "    ") + "\n"


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write law files, `.yaml` added to each name."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


def errors_of(folder: Path, files: Mapping[str, str | bytes]) -> list[Fault]:
    """Give the faults for which a library of these files is refused."""
    with pytest.raises(InvalidInput) as caught:
        Library.load([write(folder, files)])
    return list(caught.value.faults)


def place_of_mark(files: Mapping[str, str | bytes]) -> str:
    """Give file and line of the mark."""
    for name, text in files.items():
        lines = (text if isinstance(text, str) else text.decode()).splitlines()
        for at, line in enumerate(lines, 1):
            if MARK in line:
                return f"{name}.yaml:{at}"
    raise AssertionError("no line is marked")


FIELDS = """
    parameters:
      - {name: bsn, type: string, required: true}
      - {name: born, type: date}
    input:
      - {name: euros, type: amount, type_spec: {unit: euro}, source: {}}
      - {name: cents, type: amount, type_spec: {unit: eurocent}, source: {}}
      - {name: share, type: number, type_spec: {unit: ratio}, source: {}}
      - {name: percent, type: number, type_spec: {unit: percentage}, source: {}}
      - {name: years, type: number, type_spec: {unit: years}, source: {}}
      - {name: months, type: number, type_spec: {unit: months}, source: {}}
      - {name: count, type: number, source: {}}
      - {name: truth, type: boolean, source: {}}
      - {name: text, type: string, source: {}}
      - {name: list, type: array, source: {}}
"""


def rule(expression: str, kind: str = "object", unit: str = "") -> dict[str, str]:
    """Give a law whose one output is this expression, over inputs of every type and unit."""
    spec = f", type_spec: {{unit: {unit}}}" if unit else ""
    # An output of an unknown type: nothing is said about what is computed.
    declared = "" if kind == "object" else f"    output: [{{name: result, type: {kind}{spec}}}]\n"
    body = f"execution:\n{FIELDS}{declared}    actions:\n      - output: result\n        value: {expression}  # here\n"
    return {"a": law(article(body))}


def operation(name: str, *values: str) -> str:
    """Give an operation on values in one line."""
    return f"{{operation: {name}, values: [{', '.join(values)}]}}"


def compare(name: str, subject: str, value: str) -> str:
    """Give a comparison in one line."""
    return f"{{operation: {name}, subject: {subject}, value: {value}}}"


def when(condition: str, then: str, default: str) -> str:
    """Give an IF in one line."""
    return f"{{operation: IF, cases: [{{when: {condition}, then: {then}}}], default: {default}}}"


def passing(name: str, output: str, other: str, wanted: str, **head: str) -> str:
    """Give a law that computes an output from one of another law."""
    return law(
        article(f"""
        execution:
          input: [{{name: given, type: number, source: {{regulation: {other}, output: {wanted}}}}}]
          actions: [{{output: {output}, value: {{operation: ADD, values: [1, $given]}}}}]
        """),
        name,
        **head,
    )


CONSTANT = "execution: {{actions: [{{output: x, value: {0}}}]}}"
ORDINANCE = {"regulatory_layer": "GEMEENTELIJKE_VERORDENING"}


def constant(value: int, name: str = "a", **head: str) -> str:
    """Give a law whose output x is a number."""
    return law(article(CONSTANT.format(value)), name, **head)


def value_of(library: Library, name: str, on: date, parameters: Mapping[str, Any] | None = None) -> Any:
    """Evaluate x."""
    return evaluate(library, name, ["x"], Case(on, dict(parameters or {}))).outcomes["x"].value


DELEGATING = law(
    article("""
    open_terms: [{id: norm, type: number, default: {actions: [{output: norm, value: 7}]}}]
    execution:
      actions: [{output: x, value: $norm}]
    """),
    "upper",
)


def filling(value: int, name: str, **head: str) -> str:
    """Give a regulation that fills the open term."""
    body = f"""
    implements: [{{law: upper, article: '1', open_term: norm}}]
    execution: {{actions: [{{output: norm, value: {value}}}]}}
    """
    return law(article(body), name, **head)
