"""Checkpoints and witness cosignatures, against the texts of C2SP."""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from eendracht.kernel.ledger.checkpoint import Checkpoint, sign_checkpoint, verify_checkpoint
from eendracht.kernel.ledger.cosignature import (
    Ed25519CosignatureVerifier,
    Ed25519Cosigner,
    MLDSA44CosignatureVerifier,
    MLDSA44Cosigner,
    ed25519_message,
    mldsa44_message,
    read_timestamp,
)
from eendracht.kernel.ledger.note import Ed25519Signer, InvalidNote, UnverifiedNote, Verifier, parse_note, sign_note
from eendracht.kernel.ledger.tree import EMPTY_ROOT

ORIGIN = "log.example.nl/epoch-1"
NOW = 1679315147
CHECKPOINT = Checkpoint(ORIGIN, 42, bytes(range(32)))
LOG = Ed25519Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"l" * 32))
ED25519 = Ed25519Cosigner("witness.example/w1", Ed25519PrivateKey.from_private_bytes(b"w" * 32), lambda: NOW)
MLDSA44 = MLDSA44Cosigner("witness.example/w2", MLDSA44PrivateKey.from_seed_bytes(b"m" * 32), lambda: NOW)


def test_example_checkpoint_with_cosignature(shared: Callable[..., Path]) -> None:
    text = shared("reference", "resilience", "c2sp", "tlog-cosignature.md").read_text()
    example = re.search(r"```\n(example\.com/behind-the-sofa\n.*?)```", text, re.DOTALL)
    message = re.search(r"((?:    \S.*\n)+)", text[text.index("    cosignature/v1") :])
    assert example and message
    note = parse_note(example[1].encode())
    checkpoint = Checkpoint.parse(note.text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.text() == note.text
    timestamp = read_timestamp(note.signatures[1].signature)
    expected = re.sub(r"^    ", "", message[1], flags=re.MULTILINE)
    assert ed25519_message(note.text, timestamp) == expected.encode()


def test_a_checkpoint_reads_back_and_says_who_signed() -> None:
    signed = sign_checkpoint(CHECKPOINT, [LOG])
    cosigned = sign_note(signed.text, [ED25519, MLDSA44], signed.signatures).encode()
    known: list[Verifier] = [ED25519.verifier, MLDSA44.verifier]
    found = verify_checkpoint(cosigned, ORIGIN, [LOG.verifier], known)
    assert found.checkpoint == CHECKPOINT
    assert [item.name for item in found.by_log] == [ORIGIN]
    assert [item.name for item in found.by_witnesses] == ["witness.example/w1", "witness.example/w2"]
    assert [read_timestamp(item.signature) for item in found.by_witnesses] == [NOW, NOW]
    assert verify_checkpoint(cosigned, ORIGIN, [LOG.verifier]).by_witnesses == ()


def test_a_checkpoint_of_another_log_or_without_its_log_is_refused() -> None:
    signed = sign_checkpoint(CHECKPOINT, [LOG])
    with pytest.raises(UnverifiedNote, match="not of"):
        verify_checkpoint(signed.encode(), "log.example.nl/epoch-2", [LOG.verifier])
    witnessed = sign_note(signed.text, [ED25519]).encode()
    with pytest.raises(UnverifiedNote, match="no known key of the log"):
        verify_checkpoint(witnessed, ORIGIN, [LOG.verifier], [ED25519.verifier])
    grown = sign_checkpoint(Checkpoint(ORIGIN, 43, CHECKPOINT.root), [LOG]).text
    for signer in (LOG, ED25519, MLDSA44):
        forged = (
            sign_note(CHECKPOINT.text(), [LOG, signer]).encode().replace(CHECKPOINT.text().encode(), grown.encode())
        )
        with pytest.raises(UnverifiedNote, match="does not hold"):
            verify_checkpoint(forged, ORIGIN, [LOG.verifier], [ED25519.verifier, MLDSA44.verifier])


ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n",
        "origin\n1\n",
        f"origin\n1\n{ROOT}",
        f"\n1\n{ROOT}\n",
        f"origin\n01\n{ROOT}\n",
        f"origin\n-1\n{ROOT}\n",
        f"origin\n+1\n{ROOT}\n",
        f"origin\n1 \n{ROOT}\n",
        f"origin\n١\n{ROOT}\n",
        f"origin\n\n{ROOT}\n",
        f"origin\n9223372036854775808\n{ROOT}\n",
        f"origin\n{'9' * 5000}\n{ROOT}\n",
        f"origin\n1\n{ROOT[:-1]}\n",
        f"origin\n1\n{ROOT.replace('/', '_')}\n",
        "origin\n1\nAAAA\n",
        f"origin\n1\n{ROOT}\n\n",
        f"origin\n1\n{ROOT}\n\nextension\n",
        f"origin\n0\n{ROOT}\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(InvalidNote):
        Checkpoint.parse(text)


def test_an_empty_log_and_extension_lines_can_be_said() -> None:
    empty = Checkpoint.parse("origin\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")
    assert empty == Checkpoint("origin", 0, EMPTY_ROOT)
    text = f"origin\n7\n{ROOT}\nfollows epoch-1\nmore\n"
    assert Checkpoint.parse(text).extensions == ("follows epoch-1", "more")
    assert Checkpoint.parse(text).text() == text
    for extensions in (("",), ("a\nb",)):
        with pytest.raises(InvalidNote):
            Checkpoint("origin", 7, bytes(32), extensions)


def test_key_ids_and_verifier_keys_are_those_of_the_specification() -> None:
    for cosigner, signature_type, parse in (
        (ED25519, 4, Ed25519CosignatureVerifier.parse),
        (MLDSA44, 6, MLDSA44CosignatureVerifier.parse),
    ):
        public = cosigner._private_key.public_key().public_bytes_raw()
        identifier = hashlib.sha256(cosigner.name.encode() + b"\n" + bytes([signature_type]) + public).digest()[:4]
        assert cosigner.key_id == identifier
        assert parse(cosigner.verifier.verifier_key()).key_id == identifier
    with pytest.raises(InvalidNote):
        Ed25519CosignatureVerifier.parse(LOG.verifier.verifier_key())
    with pytest.raises(InvalidNote):
        MLDSA44CosignatureVerifier.parse(ED25519.verifier.verifier_key())


def test_an_mldsa44_cosignature_is_over_the_structure_of_the_specification() -> None:
    text = Checkpoint(ORIGIN, 42, CHECKPOINT.root, ("not signed",)).text()
    signature = MLDSA44.sign(text)
    assert len(signature) == 8 + 2420
    name, origin = MLDSA44.name.encode(), ORIGIN.encode()
    message = struct.pack(
        f">12sB{len(name)}sQB{len(origin)}sQQ32s",
        b"subtree/v1\n\x00",
        len(name),
        name,
        NOW,
        len(origin),
        origin,
        0,
        42,
        CHECKPOINT.root,
    )
    MLDSA44._private_key.public_key().verify(signature[8:], message)
    assert MLDSA44.verifier.verify(text, signature)
    assert MLDSA44.verifier.verify(CHECKPOINT.text(), signature)
    assert not MLDSA44.verifier.verify(Checkpoint(ORIGIN, 43, CHECKPOINT.root).text(), signature)


def test_an_ed25519_cosignature_is_over_the_lines_of_the_specification() -> None:
    signature = ED25519.sign(CHECKPOINT.text())
    assert struct.unpack(">Q", signature[:8]) == (NOW,)
    message = f"cosignature/v1\ntime {NOW}\n{CHECKPOINT.text()}".encode()
    ED25519._private_key.public_key().verify(signature[8:], message)
    assert ED25519.verifier.verify(CHECKPOINT.text(), signature)
    assert not ED25519.verifier.verify(CHECKPOINT.text() + "extension\n", signature)


@pytest.mark.parametrize("cosigner", [ED25519, MLDSA44])
def test_a_tampered_cosignature_does_not_hold(cosigner: Ed25519Cosigner | MLDSA44Cosigner) -> None:
    signature = cosigner.sign(CHECKPOINT.text())
    late = struct.pack(">Q", NOW + 1) + signature[8:]
    far = struct.pack(">Q", 2**63) + signature[8:]
    bit = signature[:100] + bytes([signature[100] ^ 1]) + signature[101:] if len(signature) > 100 else late
    for wrong in (late, far, bit, signature[:-1], signature + b"\0", signature[:8], b""):
        assert not cosigner.verifier.verify(CHECKPOINT.text(), wrong)
    assert not cosigner.verifier.verify("no checkpoint\n", signature)
    with pytest.raises(InvalidNote):
        cosigner.sign("no checkpoint\n")


def test_a_subtree_cosignature_carries_no_time() -> None:
    signature = MLDSA44.sign_subtree(ORIGIN, 8, 13, bytes(32))
    assert read_timestamp(signature) == 0
    assert MLDSA44.verifier.verify_subtree(signature, ORIGIN, 8, 13, bytes(32))
    assert not MLDSA44.verifier.verify_subtree(signature, ORIGIN, 8, 14, bytes(32))
    assert not MLDSA44.verifier.verify_subtree(b"\xff" * 2428, ORIGIN, 8, 13, bytes(32))
    assert not MLDSA44.verifier.verify_subtree(b"", ORIGIN, 8, 13, bytes(32))


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1))
def test_the_structure_has_a_fixed_length_after_its_names(timestamp: int, end: int) -> None:
    assert len(mldsa44_message("w", timestamp, "o", 0, end, bytes(32))) == 12 + 2 + 8 + 2 + 8 + 8 + 32


@pytest.mark.parametrize(
    ("cosigner", "timestamp", "origin", "start", "end", "root"),
    [
        ("", 0, "o", 0, 1, bytes(32)),
        ("w", 0, "", 0, 1, bytes(32)),
        ("w" * 256, 0, "o", 0, 1, bytes(32)),
        ("w", 0, "é" * 128, 0, 1, bytes(32)),
        ("w", 0, "o", 2, 1, bytes(32)),
        ("w", 0, "o", 0, 2**64, bytes(32)),
        ("w", 0, "o", 0, 1, bytes(31)),
        ("w", 1, "o", 8, 16, bytes(32)),
    ],
)
def test_a_structure_that_cannot_be_is_refused(
    cosigner: str, timestamp: int, origin: str, start: int, end: int, root: bytes
) -> None:
    with pytest.raises(InvalidNote):
        mldsa44_message(cosigner, timestamp, origin, start, end, root)


def test_a_clock_that_is_wrong_makes_no_cosignature() -> None:
    for clock in (lambda: -1, lambda: 2**63):
        with pytest.raises(InvalidNote):
            Ed25519Cosigner("w", Ed25519PrivateKey.generate(), clock).sign(CHECKPOINT.text())
