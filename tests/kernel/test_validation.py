"""What is wrong is said in words that people know, in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import eendracht
from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.kinds import Registry, shared_kinds
from eendracht.kernel.records import prepare
from eendracht.kernel.validation import fault_of

KINDS = Registry(shared_kinds())


def faults_of(kind: str, **spec: Any) -> list[Any]:
    """Give the faults of a draft."""
    draft = {
        "ref": f"{kind}:gm0344/een",
        "owner": "organisation:gm0344",
        "confidentiality": {"level": "public"},
        "source": {"type": "statement", "date": "2026-01-01"},
        "spec": {"name": "Een", **spec},
    }
    try:
        prepare(draft, KINDS)
    except InvalidInput as error:
        return error.faults
    return []


@pytest.mark.parametrize(
    ("kind", "spec", "word"),
    [
        ("supplier", {"kvk": "123"}, "8 cijfers"),
        ("supplier", {"lei": "x"}, "20 tekens"),
        ("supplier", {"country": "Nederland"}, "twee hoofdletters"),
        ("organisation", {"oin": "1"}, "20 cijfers"),
        ("application", {"suppliedBy": "Centric"}, "soort:organisatie/naam"),
        ("organisation", {"roo": "a b"}, "geen spaties"),
    ],
)
def test_no_pattern_is_shown_to_people(kind: str, spec: dict[str, Any], word: str) -> None:
    (fault,) = faults_of(kind, **spec)
    assert word in fault.nl
    for text in (fault.nl, fault.en):
        assert "^" not in text and "[" not in text


def test_every_fault_of_our_own_has_words_in_dutch() -> None:
    sources = "".join(path.read_text("utf-8") for path in Path(eendracht.__file__).parent.rglob("*.py"))
    codes = set(re.findall(r'PydanticCustomError\(\s*"([a-z_]+)"', sources))
    assert len(codes) > 15
    for code in codes:
        fault = fault_of({"type": code, "loc": (), "msg": "", "input": None, "ctx": {"n": 1, "bytes": 32}})
        assert fault.nl != "Deze waarde klopt niet", code


@pytest.mark.parametrize("mark", [chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))])
def test_a_mark_that_turns_the_direction_of_reading_is_refused(mark: str) -> None:
    """Unicode TR36, section 2.5: with it a name looks like another one."""
    (fault,) = faults_of("supplier", name=f"Zaak {mark}VB srewuob")
    assert (fault.pointer, fault.code) == ("/spec/name", "string-pattern-mismatch")
    assert "leesrichting" in fault.nl


def test_names_of_all_europe_are_taken() -> None:
    for name in ("Coöperatie Ĳsselmuiden", "Ümlaut & Søn", "Δήμος Αθηναίων", "Община София", "بلدية"):
        assert faults_of("organisation", name=name) == []
