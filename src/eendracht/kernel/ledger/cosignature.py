"""Witness cosignatures (C2SP tlog-cosignature): timestamped Ed25519 (type 0x04) and ML-DSA-44 (type 0x06).

A cosigner signs only a checkpoint that it has found consistent with all it cosigned of that log before; keeping that
record is the caller's duty.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Self, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from eendracht.kernel.ledger.checkpoint import Checkpoint
from eendracht.kernel.ledger.note import (
    InvalidNote,
    check_key_name,
    check_key_type,
    compute_key_id,
    format_verifier_key,
    parse_verifier_key,
    verify_ed25519,
)
from eendracht.kernel.ledger.tree import HASH_SIZE

ED25519_COSIGNATURE = 0x04
MLDSA44_COSIGNATURE = 0x06
MAX_TIMESTAMP = 2**63 - 1

_TIMESTAMP_SIZE = 8
_ED25519_SIZE = 64
_MLDSA44_SIZE = 2420
_MLDSA44_KEY_SIZE = 1312
_LABEL = b"subtree/v1\n\0"

Clock: TypeAlias = Callable[[], int]


def read_clock() -> int:
    """Give the POSIX time in whole seconds."""
    return int(time.time())


def read_timestamp(signature: bytes) -> int:
    """Give the POSIX time at the head of a cosignature (without key ID); raises InvalidNote when there is none."""
    timestamp = int.from_bytes(signature[:_TIMESTAMP_SIZE], "big")
    if len(signature) <= _TIMESTAMP_SIZE or timestamp > MAX_TIMESTAMP:
        raise InvalidNote("This is no timestamped signature.")
    return timestamp


def ed25519_message(text: str, timestamp: int) -> bytes:
    """Give what an Ed25519 cosigner signs: a header line, a time line, and the whole text of the checkpoint."""
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()


def mldsa44_message(cosigner: str, timestamp: int, origin: str, start: int, end: int, root: bytes) -> bytes:
    """Give what an ML-DSA-44 cosigner signs: the structure `cosigned_message` over the leaves `[start, end)`.

    A whole checkpoint starts at 0. Raises InvalidNote when a name is empty or over 255 bytes, the range or root is
    impossible, or a subtree that starts later carries a time.
    """
    names = (cosigner.encode(), origin.encode())
    if not all(1 <= len(name) <= 255 for name in names):
        raise InvalidNote("The names of cosigner and log take 1 to 255 bytes each.")
    if not 0 <= start <= end < 2**64 or len(root) != HASH_SIZE:
        raise InvalidNote(f"There is no subtree from {start} to {end} with a root of {len(root)} bytes.")
    if start and timestamp:
        raise InvalidNote("Only a tree that starts at leaf 0 may carry a time.")
    return b"".join(
        (
            _LABEL,
            bytes([len(names[0])]),
            names[0],
            timestamp.to_bytes(_TIMESTAMP_SIZE, "big"),
            bytes([len(names[1])]),
            names[1],
            start.to_bytes(8, "big"),
            end.to_bytes(8, "big"),
            root,
        )
    )


class Ed25519CosignatureVerifier:
    """Judges timestamped Ed25519 cosignatures (type 0x04)."""

    def __init__(self, name: str, public_key: Ed25519PublicKey) -> None:
        self.name = check_key_name(name)
        self._public_key = public_key
        self.key_id = compute_key_id(name, ED25519_COSIGNATURE, public_key.public_bytes_raw())

    @classmethod
    def parse(cls, key: str) -> Self:
        """Read a verifier key (vkey); raises InvalidNote when it is malformed or of another type."""
        name, signature_type, public_key = parse_verifier_key(key)
        check_key_type(name, signature_type, ED25519_COSIGNATURE, public_key, 32)
        return cls(name, Ed25519PublicKey.from_public_bytes(public_key))

    def verifier_key(self) -> str:
        """Give the verifier key (vkey) to publish."""
        return format_verifier_key(self.name, ED25519_COSIGNATURE, self._public_key.public_bytes_raw())

    def verify(self, text: str, signature: bytes) -> bool:
        """Say whether `signature` (time and signature) is this cosigner's over a checkpoint text."""
        parts = _split_signature(text, signature, _ED25519_SIZE)
        if parts is None:
            return False
        _, timestamp, raw = parts
        return verify_ed25519(self._public_key, raw, ed25519_message(text, timestamp))


class Ed25519Cosigner:
    """Cosigns checkpoints with Ed25519 (type 0x04), for ecosystems that lack ML-DSA-44; its key serves nothing else."""

    def __init__(self, name: str, private_key: Ed25519PrivateKey, clock: Clock = read_clock) -> None:
        self.name = check_key_name(name)
        self._private_key = private_key
        self._clock = clock
        self.verifier = Ed25519CosignatureVerifier(name, private_key.public_key())
        self.key_id = self.verifier.key_id

    def sign(self, text: str) -> bytes:
        """Give time and signature over a checkpoint text; raises InvalidNote when it is no checkpoint."""
        Checkpoint.parse(text)
        timestamp = self._clock()
        return _encode_timestamp(timestamp) + self._private_key.sign(ed25519_message(text, timestamp))


class MLDSA44CosignatureVerifier:
    """Judges timestamped ML-DSA-44 cosignatures (type 0x06) of checkpoints and of subtrees."""

    def __init__(self, name: str, public_key: MLDSA44PublicKey) -> None:
        self.name = check_key_name(name)
        self._public_key = public_key
        self.key_id = compute_key_id(name, MLDSA44_COSIGNATURE, public_key.public_bytes_raw())

    @classmethod
    def parse(cls, key: str) -> Self:
        """Read a verifier key (vkey); raises InvalidNote when it is malformed or of another type."""
        name, signature_type, public_key = parse_verifier_key(key)
        check_key_type(name, signature_type, MLDSA44_COSIGNATURE, public_key, _MLDSA44_KEY_SIZE)
        return cls(name, MLDSA44PublicKey.from_public_bytes(public_key))

    def verifier_key(self) -> str:
        """Give the verifier key (vkey) to publish."""
        return format_verifier_key(self.name, MLDSA44_COSIGNATURE, self._public_key.public_bytes_raw())

    def verify(self, text: str, signature: bytes) -> bool:
        """Say whether `signature` (time and signature) is this cosigner's over a checkpoint text.

        Extension lines are not part of what it signs.
        """
        parts = _split_signature(text, signature, _MLDSA44_SIZE)
        if parts is None:
            return False
        checkpoint, timestamp, raw = parts
        return self._verify(raw, timestamp, checkpoint.origin, 0, checkpoint.size, checkpoint.root)

    def verify_subtree(self, signature: bytes, origin: str, start: int, end: int, root: bytes) -> bool:
        """Say whether `signature` (time and signature) is this cosigner's over the leaves `[start, end)` of a log."""
        if len(signature) != _TIMESTAMP_SIZE + _MLDSA44_SIZE:
            return False
        try:
            timestamp = read_timestamp(signature)
        except InvalidNote:
            return False
        return self._verify(signature[_TIMESTAMP_SIZE:], timestamp, origin, start, end, root)

    def _verify(self, raw: bytes, timestamp: int, origin: str, start: int, end: int, root: bytes) -> bool:
        try:
            message = mldsa44_message(self.name, timestamp, origin, start, end, root)
            self._public_key.verify(raw, message)
        except (InvalidNote, InvalidSignature):
            return False
        return True


class MLDSA44Cosigner:
    """Cosigns checkpoints and subtrees with ML-DSA-44 (type 0x06), which also holds against quantum computers."""

    def __init__(self, name: str, private_key: MLDSA44PrivateKey, clock: Clock = read_clock) -> None:
        self.name = check_key_name(name)
        self._private_key = private_key
        self._clock = clock
        self.verifier = MLDSA44CosignatureVerifier(name, private_key.public_key())
        self.key_id = self.verifier.key_id

    @classmethod
    def generate(cls, name: str) -> Self:
        """Make a new key."""
        return cls(name, MLDSA44PrivateKey.generate())

    def sign(self, text: str) -> bytes:
        """Give time and signature over a checkpoint text; raises InvalidNote when it is no checkpoint."""
        checkpoint = Checkpoint.parse(text)
        return self._sign(self._clock(), checkpoint.origin, 0, checkpoint.size, checkpoint.root)

    def sign_subtree(self, origin: str, start: int, end: int, root: bytes) -> bytes:
        """Give a zero time and the signature over the leaves `[start, end)` of a log (C2SP tlog-witness)."""
        return self._sign(0, origin, start, end, root)

    def _sign(self, timestamp: int, origin: str, start: int, end: int, root: bytes) -> bytes:
        message = mldsa44_message(self.name, timestamp, origin, start, end, root)
        return _encode_timestamp(timestamp) + self._private_key.sign(message)


def _encode_timestamp(timestamp: int) -> bytes:
    if not 0 <= timestamp <= MAX_TIMESTAMP:
        raise InvalidNote(f"{timestamp} is no POSIX time of a cosignature.")
    return timestamp.to_bytes(_TIMESTAMP_SIZE, "big")


def _split_signature(text: str, signature: bytes, size: int) -> tuple[Checkpoint, int, bytes] | None:
    """Give checkpoint, time and bare signature, or None when the text or the signature cannot be right."""
    if len(signature) != _TIMESTAMP_SIZE + size:
        return None
    try:
        return Checkpoint.parse(text), read_timestamp(signature), signature[_TIMESTAMP_SIZE:]
    except InvalidNote:
        return None
