from __future__ import annotations

from pathlib import Path

import pytest

from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.rules.library import Library
from tests.kernel.rules.service_laws import law_text


def referring(law: str, to: str, field: str) -> bytes:
    """Give a law whose output `x` is an output of another one."""
    return law_text(
        f"""
        properties:
          input:
            - name: W
              type: number
              description: x
              service_reference: {{service: SVB, law: {to}, field: {field}}}
        actions: [{{output: x, operation: ADD, values: [$W, 1]}}]
        """,
        law=law,
    )


def load(folder: Path, *files: bytes) -> Library:
    """Write law files and read them as a library."""
    for number, data in enumerate(files):
        (folder / f"law{number}.yaml").write_bytes(data)
    return Library.load([folder])


def test_laws_that_go_round_are_refused_with_the_way_they_go(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        load(tmp_path, referring("a", "b", "x"), referring("b", "c", "x"), referring("c", "a", "x"))
    (fault,) = refused.value.faults
    assert fault.code == "reference-cycle"
    path = ("a#x (law0.yaml:15)", "b#x (law1.yaml:15)", "c#x (law2.yaml:15)", "a#x (law0.yaml:15)")
    assert " → ".join(path) in fault.en
    assert fault.pointer.startswith("law0.yaml:15") and fault.hint


def test_outputs_of_one_law_that_go_round_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="reference-cycle"):
        load(tmp_path, law_text("actions: [{output: a, value: $b}, {output: b, value: $a}]"))


def test_a_field_of_an_element_is_not_the_output_of_that_name(tmp_path: Path) -> None:
    body = "actions: [{output: bedrag, operation: FOREACH, subject: $RIJEN, combine: ADD, value: $bedrag}]"
    assert [warning.code for warning in load(tmp_path, law_text(body)).warnings] == ["undefined-name"]


@pytest.mark.parametrize(("to", "code"), [("weg", "unknown-law"), ("b", "unknown-output")])
def test_a_reference_to_nothing_is_a_warning(tmp_path: Path, to: str, code: str) -> None:
    library = load(tmp_path, referring("a", to, "y"), law_text("actions: [{output: x, value: 1}]", law="b"))
    assert [(warning.code, warning.pointer.split(" ")[0]) for warning in library.warnings] == [(code, "law0.yaml:11")]
