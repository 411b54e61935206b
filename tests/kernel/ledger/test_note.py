"""Signed notes: the examples of the specification and of the Go package, and every rule of the form."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from eendracht.kernel.errors import UsageFault
from eendracht.kernel.ledger.note import (
    Ed25519Signer,
    Ed25519Verifier,
    InvalidNote,
    UnverifiedNote,
    format_verifier_key,
    parse_note,
    parse_signature_lines,
    parse_verifier_key,
    sign_note,
    verify_note,
)

# The example keys and note in the documentation of the Go package golang.org/x/mod/sumdb/note.
GO_VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_SIGNER = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_NOTE = (
    GO_TEXT
    + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def make_signer(name: str = "example.com/log") -> Ed25519Signer:
    return Ed25519Signer(name, Ed25519PrivateKey.from_private_bytes(name.encode().ljust(32)[:32]))


def test_example_of_the_specification(shared: Callable[..., Path]) -> None:
    text = shared("reference", "resilience", "c2sp", "signed-note.md").read_text()
    key = re.search(r"^    (example\.com/foo\+\S+)$", text, re.MULTILINE)
    example = re.search(r"```\n(This is an example message\..*?)```", text, re.DOTALL)
    assert key and example
    verifier = Ed25519Verifier.parse(key[1])
    assert verifier.verifier_key() == key[1]
    note = parse_note(example[1].encode())
    assert note.encode() == example[1].encode()
    assert verify_note(note, [verifier]) == note.signatures
    with pytest.raises(UnverifiedNote):
        verify_note(parse_note(example[1].replace("an example", "no example").encode()), [verifier])


def test_every_note_in_the_specifications_can_be_read(shared: Callable[..., Path]) -> None:
    for name, count in (("signed-note.md", 2), ("tlog-checkpoint.md", 1), ("tlog-cosignature.md", 1)):
        text = shared("reference", "resilience", "c2sp", name).read_text()
        examples = [item for item in re.findall(r"```\n(.*?)```", text, re.DOTALL) if "\n— " in item]
        assert len(examples) == count
        for example in examples:
            assert parse_note(example.encode()).encode() == example.encode()


def test_example_of_the_go_package() -> None:
    signer = Ed25519Signer.parse(GO_SIGNER)
    assert (signer.signer_key(), signer.verifier.verifier_key()) == (GO_SIGNER, GO_VERIFIER)
    assert sign_note(GO_TEXT, [signer]).encode() == GO_NOTE.encode()
    assert verify_note(parse_note(GO_NOTE.encode()), [Ed25519Verifier.parse(GO_VERIFIER)])


def test_unknown_keys_are_ignored_and_known_ones_must_hold() -> None:
    log, other = make_signer(), make_signer("example.com/other")
    namesake = Ed25519Signer.generate("example.com/log")
    note = sign_note("text\n", [log, other, namesake])
    assert [item.key_id for item in verify_note(note, [log.verifier])] == [log.key_id]
    with pytest.raises(UnverifiedNote, match=r"None of the known keys"):
        verify_note(note, [Ed25519Signer.generate("example.com/log").verifier])
    with pytest.raises(UnverifiedNote):
        verify_note(note, [])
    lines = note.encode().decode().splitlines(keepends=True)
    stolen = lines[2].split()[2]
    signature = stolen[:20] + ("A" if stolen[20] != "A" else "B") + stolen[21:]
    # The right signature beside it does not help, in whichever order they stand.
    for order in ([lines[2], lines[2].replace(stolen, signature)], [lines[2].replace(stolen, signature), lines[2]]):
        with pytest.raises(UnverifiedNote, match=r"example\.com/log .* does not hold"):
            verify_note(parse_note("".join([*lines[:2], *order]).encode()), [log.verifier])
    with pytest.raises(UsageFault):
        verify_note(note, [log.verifier, make_signer().verifier])


def test_text_may_hold_empty_lines_and_signatures_are_replaced_by_the_same_key() -> None:
    log, other = make_signer(), make_signer("example.com/other")
    text = "\n\nfirst\n\n— not a signature\n\n"
    note = parse_note(sign_note(text, [log]).encode())
    assert note.text == text
    more = sign_note(text, [other, log], note.signatures)
    assert [item.name for item in more.signatures] == ["example.com/other", "example.com/log"]
    assert len(verify_note(parse_note(more.encode()), [log.verifier, other.verifier])) == 2


def test_a_note_needs_a_signature_and_a_text() -> None:
    with pytest.raises(UsageFault):
        sign_note("text\n", [])
    for text in ("", "text", "a\tb\n", "a\r\n", "a\x00\n"):
        with pytest.raises(InvalidNote):
            sign_note(text, [make_signer()])


LINE = sign_note("text\n", [make_signer()]).signatures[0].line()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no empty line"),
        (b"text\n", "no empty line"),
        (f"text\n{LINE}".encode(), "no empty line"),
        (b"text\n\n", "none"),
        (f"text\n\n{LINE}"[:-1].encode(), "newline"),
        (f"text\n\n{LINE}\n".encode(), "none"),
        (f"text\n\n{LINE}junk\n".encode(), "Line 4"),
        (f"text\n\n{LINE.replace('—', '-')}".encode(), "Line 3"),
        (f"text\n\n{LINE.replace('— ', '—')}".encode(), "Line 3"),
        (f"text\n\n{LINE.replace(' example', '  example')}".encode(), "Line 3"),
        (f"text\n\n{LINE.replace('example.com', 'example+com')}".encode(), "key name"),
        (b"text\n\n" + LINE.replace("example.com", "example\u00a0com").encode(), "key name"),
        (f"text\n\n{LINE.replace('==', '=').replace('=', '')}".encode(), "base64"),
        ("text\n\n— name AAAAAA==\n".encode(), "too short"),
        ("text\n\n— name AAAAAAB=\n".encode(), "stray bits"),
        (f"te\txt\n\n{LINE}".encode(), "U\\+0009"),
        (f"text\r\n\n{LINE}".encode(), "U\\+000D"),
        (b"te\xffxt\n\n" + LINE.encode(), "UTF-8 at byte 2"),
        (f"text\n\n{LINE * 101}".encode(), "101 signatures"),
        (b"x" * 1_000_001, "larger"),
    ],
)
def test_what_is_no_note_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(InvalidNote, match=reason):
        parse_note(content)


def test_sixteen_signatures_are_accepted() -> None:
    signers = [make_signer(f"example.com/{at}") for at in range(16)]
    note = parse_note(sign_note("text\n", signers).encode())
    assert len(verify_note(note, [signer.verifier for signer in signers])) == 16
    assert parse_signature_lines("".join(item.line() for item in note.signatures)) == note.signatures


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("", "reads"),
        ("name", "reads"),
        (GO_VERIFIER.replace("c74f20a3", "C74F20A3"), "reads"),
        (GO_VERIFIER.replace("c74f20a3", "c74f20a4"), "does not belong"),
        (GO_VERIFIER.replace("Peter", "Pieter"), "does not belong"),
        (GO_VERIFIER.replace("Peter", "Peter "), "key name"),
        (GO_VERIFIER[1:].removeprefix("eterNeumann"), "key name"),
        (GO_VERIFIER + "=", "base64"),
        ("name+00000000+", "empty"),
        (format_verifier_key("name", 4, bytes(32)), "0x04"),
        (format_verifier_key("name", 1, bytes(31)), "31 bytes"),
        (GO_SIGNER, "reads"),
    ],
)
def test_what_is_no_verifier_key_is_refused(key: str, reason: str) -> None:
    with pytest.raises(InvalidNote, match=reason):
        Ed25519Verifier.parse(key)


@pytest.mark.parametrize("change", [("PRIVATE", "PUBLIC"), ("c74f20a3", "c74f20a4"), ("AYEK", "BYEK"), ("DFz", "DF")])
def test_a_bad_signer_key_is_refused_without_printing_it(change: tuple[str, str]) -> None:
    with pytest.raises(InvalidNote) as caught:
        Ed25519Signer.parse(GO_SIGNER.replace(*change))
    assert "FALVFGyNhPJEMzD1QID" not in str(caught.value)


@given(st.integers(0, 255), st.binary(min_size=1, max_size=64))
def test_a_verifier_key_reads_back(signature_type: int, public_key: bytes) -> None:
    key = format_verifier_key("example.com/log", signature_type, public_key)
    assert parse_verifier_key(key) == ("example.com/log", signature_type, public_key)
