"""What happens to free text first. The numbers pass or fail the eleven-test of Regeling BSN, art. 1, by hand."""

from __future__ import annotations

import pytest

from eendracht.services.door.screening import MOST_CHARACTERS, screen

# 9*1 + 8*1 + 7*1 + 6*2 + 5*2 + 4*2 + 3*3 + 2*3 - 3 = 66 = 6 * 11
BSN = "111222333"


@pytest.mark.parametrize(
    "written", [BSN, "111.222.333", "111 222 333", "1112.22.333", "mijn bsn is 111222333", "BSN: 111222333"]
)
def test_a_citizen_service_number_is_left_out(written: str) -> None:
    found = screen(f"help {written} ik wil bijstand")
    assert found.has_bsn
    assert not any(letter.isdigit() for letter in found.text)
    assert "bijstand" in found.text
    assert found.remarks


@pytest.mark.parametrize(
    "text", ["111222334", "1112223339", "NL91ABNA0111222333", "111222333-4", "0612345678", "€ 1.112"]
)
def test_other_numbers_stay(text: str) -> None:
    found = screen(text)
    assert not found.has_bsn
    assert found.text == text


def test_digits_of_other_scripts_count() -> None:
    assert screen("١١١٢٢٢٣٣٣").has_bsn


def test_a_long_text_is_cut_and_says_so() -> None:
    found = screen("paspoort " * 2_000)
    assert len(found.text) == MOST_CHARACTERS
    assert found.is_cut
    assert not screen("a" * MOST_CHARACTERS).is_cut


def test_a_number_across_the_cut_is_seen() -> None:
    found = screen("x" * (MOST_CHARACTERS - 5) + " " + BSN)
    assert found.has_bsn
    assert "111" not in found.text
