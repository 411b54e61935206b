from __future__ import annotations

from typing import Any

import pytest

from tests.kernel.rules.service_laws import law_text, run, values


def read(source: str, rows: list[dict[str, Any]], kind: str = "object", **parameters: Any) -> Any:
    """Give what a source takes from table `t`."""
    body = f"""
    properties:
      sources: [{{name: X, type: {kind}, description: x, source_reference: {{table: t, {source}}}}}]
    actions: [{{output: x, value: $X}}]
    """
    return values(run(law_text(body), tables={"SVB": {"t": rows}}, parameters=parameters))["x"]


ON_K = "select_on: [{name: k, type: string, description: x, value: $K}]"
TWO: list[dict[str, Any]] = [{"k": "a", "v": 1, "w": "x"}, {"k": "a", "v": 2}, {"k": "b", "v": None}]


@pytest.mark.parametrize(
    ("source", "kind", "key", "expected"),
    [
        ("field: v", "number", "a", [1, 2]),
        ("field: v", "number", "c", None),
        ("field: v", "array", "c", []),
        ("field: v", "array", "a", [1, 2]),
        ("field: k", "string", "a", "a"),
        ("field: k", "array", "a", ["a", "a"]),
        ("field: v", "number", "b", None),
        ("field: v", "array", "b", []),
        ("field: k", "array", "b", ["b"]),
        ("field: nergens", "number", "a", None),
        ("field: v", "number", None, None),
        ("field: v", "number", ["a", "b"], [1, 2, None]),
        ("fields: [v, w, nergens]", "object", "b", {"v": None, "w": None}),
        ("fields: [v, w]", "object", "a", [{"v": 1, "w": "x"}, {"v": 2, "w": None}]),
        ("fields: [v]", "array", "b", [{"v": None}]),
        ("fields: [v]", "array", "c", []),
        ("fields: [v]", "object", "c", None),
        ("field: v, aggregation: sum", "number", "a", 3),
        ("field: v, aggregation: count", "number", "a", 2),
        ("field: v, aggregation: count", "number", "c", 0),
        ("field: v, aggregation: max", "number", "a", 2),
        ("field: v, aggregation: min", "number", "a", 1),
        ("field: v, aggregation: avg", "number", "a", 1.5),
        ("field: v, aggregation: median", "number", "a", 1.5),
        ("field: v, aggregation: max", "number", "c", None),
    ],
)
def test_a_table_gives_rows_as_the_format_says(source: str, kind: str, key: Any, expected: Any) -> None:
    assert read(f"{source}, {ON_K}", TWO, kind, K=key) == expected


def test_every_selection_filters() -> None:
    on = (
        "select_on: [{name: k, type: string, description: x, value: $K}, "
        "{name: v, type: number, description: x, value: {operation: IN, values: $KEUZE}}]"
    )
    assert read(f"field: v, {on}", TWO, K="a", KEUZE=[2, 3]) == 2


def test_one_row_with_a_list_is_that_list() -> None:
    assert read(f"field: v, {ON_K}", [{"k": "a", "v": [1, 2]}], "array", K="a") == [1, 2]


def test_a_source_type_names_the_body_that_holds_the_table() -> None:
    body = """
    properties:
      sources: [{name: X, type: number, description: x, source_reference: {source_type: KVK, table: t, field: v}}]
    actions: [{output: x, value: $X}]
    """
    assert values(run(law_text(body), tables={"SVB": {"t": [{"v": 1}]}, "KVK": {"t": [{"v": 2}]}})) == {"x": 2}
