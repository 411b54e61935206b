"""Small laws of the service-based format for tests, written as little as they can be."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from datetime import date
from typing import Any

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.document import Faults
from eendracht.kernel.rules.facts import Case, Register
from eendracht.kernel.rules.lenient import evaluate_lax
from eendracht.kernel.rules.library import Library, parse_regulation
from eendracht.kernel.rules.outcome import Evaluation

ON = date(2025, 3, 1)


def law_text(body: str, *, law: str = "testwet", service: str = "SVB", valid_from: str = "2024-01-01") -> bytes:
    """Give a law file with this body (from `properties`, or from `requirements` or `actions`)."""
    head = f"""\
    $id: https://example.org/schema/v0.1.7/schema.json
    uuid: 7f3e9a2b-5c4d-4e8f-9b1a-3d6c8f2e4a5b
    name: Test {law}
    law: {law}
    valid_from: {valid_from}
    service: {service}
    description: A law for tests
    """
    return (textwrap.dedent(head) + textwrap.dedent(body)).encode()


def read_law(data: bytes, file: str = "law.yaml") -> tuple[ir.Regulation | None, Faults]:
    """Read a law file; gives the regulation and what is wrong."""
    faults = Faults(file)
    return parse_regulation(data, file, faults), faults


def library_of(*files: bytes) -> Library:
    """Give a library of law files that are in order."""
    regulations = []
    for number, data in enumerate(files):
        regulation, faults = read_law(data, f"law{number}.yaml")
        assert regulation is not None and not faults.errors, faults.errors
        regulations.append(regulation)
    return Library(regulations)


def run(
    *files: bytes,
    parameters: Mapping[str, Any] | None = None,
    tables: Mapping[str, Mapping[str, list[dict[str, Any]]]] | None = None,
    claims: tuple[Mapping[str, Any], ...] = (),
    on: date = ON,
    **options: Any,
) -> Evaluation:
    """Evaluate the first law with rows by service and table."""
    library = library_of(*files)
    registers = tuple(
        Register(table, "bsn", rows, service, is_exact=False)
        for service, named in (tables or {}).items()
        for table, rows in named.items()
    )
    case = Case(on, dict(parameters or {}), registers, claims)
    first = library.regulations[0]
    return evaluate_lax(library, first.id, (), case, service=first.service, **options)


def values(evaluation: Evaluation) -> dict[str, Any]:
    """Give the outputs by name."""
    return {name: outcome.value for name, outcome in evaluation.outcomes.items()}


def compute(expression: str, **parameters: Any) -> Any:
    """Give what one rule computes, written as a mapping in flow style, or as a plain value."""
    body = f"actions:\n  - output: uitkomst\n    value: {expression}\n"
    return values(run(law_text(body), parameters=parameters))["uitkomst"]
