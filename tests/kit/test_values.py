"""Values of records as people read them: no codes, cents or refs where there are words, euros and names."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from eendracht.bootstrap import registry
from eendracht.kernel.records import Envelope
from eendracht.kit.forms import Control, Shape, shape_form
from eendracht.kit.i18n import words_of
from eendracht.kit.values import CODED, list_refs, print_value

NAMES = {"supplier:gm0344/a": "Leverancier A"}


@pytest.mark.parametrize(
    ("field", "value", "dutch", "english"),
    [
        ("lifecycle", "phasing-out", "wordt uitgefaseerd", "phasing out"),
        ("annualCostEurocent", 1_400_050, "€ 14.000,50", "€14,000.50"),
        ("country", "NL", "Nederland", "Netherlands"),
        ("country", "QQ", "QQ", "QQ"),
        ("validFrom", "2026-11-01", "1 november 2026", "1 November 2026"),
        ("inhabitantsYear", 2023, "2023", "2023"),
        ("inhabitants", 12_345, "12.345", "12,345"),
        ("suppliedBy", "supplier:gm0344/a", "Leverancier A", "Leverancier A"),
        ("suppliedBy", "supplier:gm0344/b", "supplier:gm0344/b", "supplier:gm0344/b"),
        ("tags", ["een", "twee"], "een; twee", "een; twee"),
        ("name", "saas", "saas", "saas"),
        ("name", None, "", ""),
        ("isOpen", True, "ja", "yes"),
        (
            "groups",
            {"members": [{"provider": "supplier:gm0344/a", "phase": "run"}, {"provider": "supplier:gm0344/b"}]},
            "Alternatieven: (Levert: Leverancier A; Fase: tijdens gebruik), (Levert: supplier:gm0344/b)",
            "Members: (Provider: Leverancier A; Phase: run), (Provider: supplier:gm0344/b)",
        ),
        ("position", {"level": "public"}, "Wie mag het lezen: openbaar", "Level: public"),
    ],
)
def test_a_value_is_printed_in_words(field: str, value: Any, dutch: str, english: str) -> None:
    assert print_value(f"spec.{field}", value, words_of("nl"), NAMES).replace("\xa0", " ") == dutch
    assert print_value(field, value, words_of("en"), NAMES).replace("\xa0", " ") == english


def test_every_field_with_a_fixed_list_is_known_as_coded() -> None:
    shapes = [shape for kind in registry() for shape in shape_form(kind.model)] + list(shape_form(Envelope))
    named = {shape.name for shape in shapes for shape in _all_of(shape) if _is_coded(shape)}
    assert named == CODED


def _all_of(shape: Shape) -> list[Shape]:
    return [shape, *(inner for part in shape.parts for inner in _all_of(part))]


def _is_coded(shape: Shape) -> bool:
    return shape.control in (Control.CHOICE, Control.CHOICES) and shape.options not in ((), ("true", "false"))


def test_refs_are_found_at_any_depth() -> None:
    found = list_refs([{"a": ["supplier:gm0344/a", "geen ref"]}, "supplier:gm0344/a", "team:gm0344/b", 4, None])
    assert found == ["supplier:gm0344/a", "team:gm0344/b"]


def test_months_and_hints_are_said_in_the_language() -> None:
    assert words_of("nl").month(date(2026, 12, 3)) == "december 2026"
    assert words_of("nl").hint("Write digits only.") == "Schrijf alleen cijfers."
    assert words_of("en").hint("Write digits only.") == "Write digits only."
    # What is not translated is left out of a Dutch page.
    assert words_of("nl").hint("Something that nobody translated.") == ""
