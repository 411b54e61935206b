"""Small laws for tests, as regulations and as a library."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from textwrap import dedent, indent
from typing import Any

from eendracht.kernel.rules import Case, Evaluation, Library, Register, evaluate
from eendracht.kernel.rules.document import Faults
from eendracht.kernel.rules.ir import Regulation
from eendracht.kernel.rules.library import parse_regulation

DAY = date(2025, 6, 1)


def read_law(articles: str, name: str = "test_law", **head: str) -> Regulation:
    """Give a regulation of which the articles are written as YAML; `head` is what stands above them."""
    top = {"$id": name, "regulatory_layer": "WET", "valid_from": "2020-01-01"} | head
    lines = ["$schema: https://example.org/schema/v0.8.0/schema.json", *(f"{key}: '{top[key]}'" for key in top)]
    text = "\n".join([*lines, "articles:", indent(dedent(articles), "  ")])
    faults = Faults(f"{name}.yaml")
    found = parse_regulation(text.encode(), f"{name}.yaml", faults)
    assert found is not None and not faults.errors, [str(fault) for fault in faults.errors]
    return found


def library_of(*articles: str) -> Library:
    """Give a library with one law of these articles (`test_law`)."""
    return Library([read_law("\n".join(dedent(article) for article in articles))])


def run(
    library: Library,
    output: str,
    parameters: Mapping[str, Any] | None = None,
    law: str = "test_law",
    on: date = DAY,
    registers: tuple[Register, ...] = (),
    **options: Any,
) -> Evaluation:
    """Evaluate one output."""
    return evaluate(library, law, [output], Case(on, dict(parameters or {}), registers), **options)


def value_of(expression: str, parameters: Mapping[str, Any] | None = None, inputs: str = "") -> Any:
    """Give what an expression comes to; `$a`, `$b`, `$c` are parameters; `inputs` stand beside them."""
    article = f"""
    - number: '1'
      text: ''
      machine_readable:
        execution:
          parameters: [{{name: a, type: string}}, {{name: b, type: string}}, {{name: c, type: string}}]
          input:
            - {{name: list, type: array, source: {{}}}}
            - {{name: object, type: object, source: {{}}}}
    {indent(dedent(inputs), "      ")}
          output: [{{name: result, type: object}}]
          actions:
            - output: result
              value: {expression}
    """
    return run(library_of(article), "result", parameters).outcomes["result"].value
