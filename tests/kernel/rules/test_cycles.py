"""Outputs that depend on themselves, on a day and in an area in which all of them hold."""

from __future__ import annotations

from pathlib import Path

from eendracht.kernel.rules.library import Library
from tests.kernel.rules.law_files import (
    article,
    errors_of,
    law,
    passing,
    write,
)


def test_a_cycle_through_laws_is_reported_once_with_its_path(tmp_path: Path) -> None:
    files = {"a": passing("a", "x", "b", "y"), "b": passing("b", "y", "c", "z"), "c": passing("c", "z", "a", "x")}
    (fault,) = errors_of(tmp_path, files)
    assert fault.code == "reference-cycle"
    assert fault.en.endswith("a#x (a.yaml:11) → b#y (b.yaml:11) → c#z (c.yaml:11) → a#x (a.yaml:11)")
    assert fault.pointer.startswith("a.yaml:11")


def test_a_cycle_through_an_open_term_and_its_filling(tmp_path: Path) -> None:
    files = {
        "a": law(
            article("""
            open_terms: [{id: norm, type: number}]
            execution:
              actions: [{output: x, value: $norm}]
            """),
            "a",
        ),
        "b": law(
            article("""
            implements: [{law: a, article: '1', open_term: norm}]
            execution:
              input: [{name: x, type: number, source: {regulation: a, output: x}}]
              actions: [{output: norm, value: $x}]
            """),
            "b",
        ),
    }
    (fault,) = errors_of(tmp_path, files)
    assert fault.code == "reference-cycle" and "a#x" in fault.en and "b#norm" in fault.en


def test_a_cycle_within_a_law_by_internal_references(tmp_path: Path) -> None:
    inner = """
    execution:
      input: [{{name: given, type: number, source: {{output: {1}}}}}]
      actions: [{{output: {0}, value: $given}}]
    """
    files = {"a": law(article(inner.format("x", "y"), "1") + article(inner.format("y", "x"), "2"))}
    (fault,) = errors_of(tmp_path, files)
    assert fault.code == "reference-cycle"


def test_versions_that_never_hold_together_make_no_cycle(tmp_path: Path) -> None:
    files = {
        "a": passing("a", "x", "b", "y", valid_to="2023-12-31"),
        "a2": law(article("execution: {actions: [{output: x, value: 1}]}"), "a", valid_from="2024-01-01"),
        "b": law(article("execution: {actions: [{output: y, value: 1}]}"), "b"),
        "b2": passing("b", "y", "a", "x", valid_from="2024-01-01"),
    }
    assert len(Library.load([write(tmp_path / "apart", files)]).regulations) == 4
    together = files | {"b2": passing("b", "y", "a", "x", valid_from="2023-01-01")}
    (fault,) = errors_of(tmp_path / "together", together)
    assert fault.code == "reference-cycle" and "b2.yaml" in fault.en


def test_a_cycle_needs_one_day_on_which_all_hold(tmp_path: Path) -> None:
    """Each two meet on some day, but never all: a(2020) → d → e(2022) → f → a."""
    constant = article("execution: {actions: [{output: x, value: 1}]}")
    files = {
        "a1": passing("a", "x", "d", "x"),
        "a2": law(constant, "a", valid_from="2022-01-01"),
        "d": passing("d", "x", "e", "x"),
        "e1": law(constant, "e"),
        "e2": passing("e", "x", "f", "x", valid_from="2022-01-01"),
        "f": passing("f", "x", "a", "x"),
    }
    assert len(Library.load([write(tmp_path, files)]).regulations) == 6


def test_two_municipalities_make_no_cycle_with_each_other(tmp_path: Path) -> None:
    lower = """
    implements: [{{law: a, article: '1', open_term: norm}}]
    execution:
      input: [{{name: given, type: number, source: {{regulation: {0}, output: x}}}}]
      actions: [{{output: norm, value: $given}}]
    """
    area = {"regulatory_layer": "GEMEENTELIJKE_VERORDENING"}
    upper = "open_terms: [{id: norm, type: number}]\nexecution: {actions: [{output: x, value: $norm}]}"
    files = {
        "a": law(article(upper), "a"),
        "m1": law(article(lower.format("other")), "m1", gemeente_code="GM0001", **area),
        "other": law(article("execution: {actions: [{output: x, value: 1}]}"), "other"),
    }
    assert Library.load([write(tmp_path / "one", files)])
    files["m2"] = law(article(lower.format("a")), "m2", gemeente_code="GM0002", **area)
    (fault,) = errors_of(tmp_path / "two", files)
    assert "m2#norm" in fault.en and "m1" not in fault.en


def test_a_term_with_the_name_of_its_output_is_no_cycle(tmp_path: Path) -> None:
    files = {
        "a": law(
            article("""
            open_terms: [{id: norm, type: number, default: {actions: [{output: norm, value: 3}]}}]
            execution:
              actions: [{output: norm, value: $norm}]
            """)
        )
    }
    assert Library.load([write(tmp_path, files)])


def test_a_chain_of_three_thousand_outputs_is_walked_without_recursion(tmp_path: Path) -> None:
    actions = "\n".join(f"    - {{output: x{n}, value: $x{n + 1}}}" for n in range(3_000))
    text = law(article(f"execution:\n  actions:\n{actions}\n    - {{output: x3000, value: 1}}"))
    assert Library.load([write(tmp_path / "open", {"a": text})])
    closed = text.replace("x3000, value: 1", "x3000, value: $x2998")
    (fault,) = errors_of(tmp_path / "closed", {"a": closed})
    assert fault.en.count("→") == 3
