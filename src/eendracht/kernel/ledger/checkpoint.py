"""Checkpoints (C2SP tlog-checkpoint): the size and root of a log, said by the log and signed as a note."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from eendracht.kernel.ledger.note import (
    InvalidNote,
    Note,
    Signature,
    Signer,
    UnverifiedNote,
    Verifier,
    decode_base64,
    encode_base64,
    parse_note,
    sign_note,
    verify_note,
)
from eendracht.kernel.ledger.tree import EMPTY_ROOT, HASH_SIZE

MAX_SIZE = 2**63 - 1

_SIZE = re.compile("0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint states: origin, tree size, root (32 bytes), and extension lines, which are best left out."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for line in (self.origin, *self.extensions):
            if not line or "\n" in line:
                raise InvalidNote("The origin and the extension lines of a checkpoint are single lines, not empty.")
        if not 0 <= self.size <= MAX_SIZE:
            raise InvalidNote(f"{self.size} is no tree size.")
        if len(self.root) != HASH_SIZE:
            raise InvalidNote(f"The root is {len(self.root)} bytes long; a SHA-256 hash is {HASH_SIZE}.")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise InvalidNote("The tree is empty, and the root is not that of the empty tree.")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of a checkpoint, without signatures; raises InvalidNote naming what is wrong."""
        lines = text.split("\n")
        if lines.pop() or len(lines) < 3 or not all(lines):
            raise InvalidNote("A checkpoint is three lines or more, none empty: origin, tree size, root hash.")
        if not _SIZE.fullmatch(lines[1]):
            raise InvalidNote("Line 2 is no tree size: a decimal number without leading zeroes.")
        try:
            root = decode_base64(lines[2])
        except ValueError as error:
            raise InvalidNote(f"The root hash in line 3 is {error}.") from None
        return cls(lines[0], int(lines[1]), root, tuple(lines[3:]))

    def text(self) -> str:
        """Give the note text, final newline included."""
        return "".join(f"{line}\n" for line in (self.origin, self.size, encode_base64(self.root), *self.extensions))


@dataclass(frozen=True, slots=True)
class VerifiedCheckpoint:
    """A checkpoint whose log signed it, with the note it came in and the signatures that were found to hold."""

    checkpoint: Checkpoint
    note: Note
    by_log: tuple[Signature, ...]
    by_witnesses: tuple[Signature, ...] = ()


def sign_checkpoint(checkpoint: Checkpoint, signers: Sequence[Signer]) -> Note:
    """Give the signed checkpoint; `.encode()` gives its bytes. Whoever signs has checked that it follows the last one.

    Raises InvalidNote when the checkpoint cannot be a note.
    """
    return sign_note(checkpoint.text(), signers)


def verify_checkpoint(
    data: bytes, origin: str, log_keys: Iterable[Verifier], witness_keys: Iterable[Verifier] = ()
) -> VerifiedCheckpoint:
    """Give the checkpoint in a signed note, once a key of that log is known to have signed it.

    Raises InvalidNote when it is malformed, UnverifiedNote when it is of another log, when no log key signed it, or
    when a signature by a known key, also of a witness, does not hold. How many witnesses are enough is for the caller.
    """
    note = parse_note(data)
    log_verifiers = tuple(log_keys)
    held = verify_note(note, (*log_verifiers, *witness_keys))
    log_names = {(verifier.name, verifier.key_id) for verifier in log_verifiers}
    by_log = tuple(item for item in held if (item.name, item.key_id) in log_names)
    if not by_log:
        raise UnverifiedNote(f"Witnesses signed this checkpoint, and no known key of the log {origin} did.")
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != origin:
        raise UnverifiedNote(f"This is a checkpoint of {checkpoint.origin}, not of {origin}.")
    by_witnesses = tuple(item for item in held if (item.name, item.key_id) not in log_names)
    return VerifiedCheckpoint(checkpoint, note, by_log, by_witnesses)
