"""Which files are taken, told by their content: real ones of Chromium, and what only looks like them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eendracht.kernel.errors import Fault
from eendracht.services.forms.file_types import MOST_BYTES, FileType, check_file
from tests.services.forms.real_files import print_files
from tests.web.serving import ROOT

TYPES = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png"}


def judge(name: str, content: bytes) -> str:
    """Give the media type of a file that is taken, else the code of what is wrong with it."""
    found = check_file(name, len(content), content)
    return found.media_type if isinstance(found, FileType) else found.code


@pytest.mark.parametrize("suffix", TYPES)
def test_what_another_program_wrote_is_taken(suffix: str) -> None:
    content = print_files()[suffix]
    for name in (f"bewijs.{suffix}", f"Bewijs.{suffix.upper()}", "bewijs", f"huur.2026.{suffix}"):
        assert judge(name, content) == TYPES[suffix]


@pytest.mark.parametrize("path", sorted((ROOT / "docs/images").glob("*.png")), ids=lambda path: path.name)
def test_pictures_of_the_documentation_are_taken(path: Path) -> None:
    assert judge(path.name, path.read_bytes()) == "image/png"


def test_a_name_that_says_something_else_is_refused() -> None:
    files = print_files()
    assert judge("contract.pdf", files["png"]) == "disguised-file"
    assert judge("foto.png", files["jpg"]) == "disguised-file"
    assert judge("contract.exe", files["pdf"]) == "disguised-file"
    found = check_file("contract.pdf", len(files["jpg"]), files["jpg"])
    assert isinstance(found, Fault) and "JPEG" in found.nl and ".pdf" in found.nl


def packed() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        file.writestr("contract.pdf", b"%PDF-1.7")
    return target.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\x00" + b"\0" * 500,
        packed(),
        b"<html><script>alert(1)</script></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a" + b"\0" * 50,
        b"\n%PDF-1.7\nstartxref\n0\n%%EOF",
        b"\x89PNG",
    ],
    ids=["program", "zip", "html", "svg", "gif", "shifted", "cut"],
)
def test_another_sort_is_refused_whatever_it_is_called(content: bytes) -> None:
    for suffix in TYPES:
        assert judge(f"contract.{suffix}", content) == "wrong-file-type"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"%PDF-1.7 and then nothing that is a PDF"),
        ("a.pdf", b"%PDF-x\nstartxref\n0\n%%EOF"),
        ("a.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\0" * 40),
        ("a.jpg", b"\xff\xd8\xff\xe0<script>alert(1)</script>\xff\xd9"),
        ("a.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 60),
    ],
)
def test_what_only_begins_like_one_is_refused(name: str, content: bytes) -> None:
    assert judge(name, content) == "damaged-file"


def test_an_empty_and_a_too_large_file_are_refused() -> None:
    assert judge("leeg.pdf", b"") == "empty-file"
    content = print_files()["pdf"]
    large = content.replace(b"startxref", b"\n" * (MOST_BYTES + 1 - len(content)) + b"startxref", 1)
    assert len(large) == MOST_BYTES + 1
    assert judge("groot.pdf", large) == "file-too-large"
    assert judge("groot.pdf", large[:9] + large[10:]) == TYPES["pdf"]
    # Of one that is too large only the beginning need be there.
    assert isinstance(check_file("groot.pdf", 10**9, content[:100]), Fault)


@given(share=st.floats(0, 0.999), suffix=st.sampled_from(sorted(TYPES)))
def test_a_file_that_was_cut_off_is_never_taken(share: float, suffix: str) -> None:
    content = print_files()[suffix]
    # A line break at the very end is no part of a PDF.
    cut = content[: int(share * len(content.rstrip()))]
    assert judge(f"a.{suffix}", cut) not in TYPES.values()


@given(at=st.floats(0, 0.9999), bit=st.integers(0, 7))
def test_a_png_of_which_one_bit_fell_over_is_never_taken(at: float, bit: int) -> None:
    content = bytearray(print_files()["png"])
    content[int(at * len(content))] ^= 1 << bit
    assert judge("a.png", bytes(content)) != TYPES["png"]


@given(st.binary(max_size=300))
def test_nothing_that_is_sent_makes_it_fall_over(rest: bytes) -> None:
    for begin in (b"", b"%PDF-1.", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"):
        assert judge("a", begin + rest)
