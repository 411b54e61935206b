"""Proof files: JSON that anyone can judge without a node and without trust.

Two kinds, each with exactly its own keys; hashes in standard padded base64, sizes as whole numbers below 2⁶⁴:

    {"leafIdx": 5, "treeSize": 8, "root": "…", "leafHash": "…", "proof": ["…"]}     the entry is in the tree
    {"size1": 5, "size2": 8, "root1": "…", "root2": "…", "proof": ["…"]}            the tree only grew

`leafHash` is the RFC 9162 leaf hash. Other keys (`desc`, say) are ignored. `null` stands for an empty list of hashes
and for a hash of no bytes, as Go programs write them.

What is *wrong* rather than unreadable: everything that has the right types and does not prove its claim, so also a hash
of another length and an index beyond the tree. How the edges are judged is told at `tree.verify_consistency`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Never

from eendracht.kernel.errors import Fault, UnreadableFile
from eendracht.kernel.ledger.note import decode_base64, encode_base64
from eendracht.kernel.ledger.tree import ProofWrong, verify_consistency, verify_inclusion

EXIT_RIGHT = 0
EXIT_WRONG = 1
EXIT_UNREADABLE = 2

MAX_PROOF_FILE_BYTES = 1 << 20
MAX_DEPTH = 32
MAX_NUMBER = 2**64 - 1

_INCLUSION_KEYS = ("leafIdx", "treeSize", "root", "leafHash")
_CONSISTENCY_KEYS = ("size1", "size2", "root1", "root2")
_NUMBER_KEYS = frozenset({"leafIdx", "treeSize", "size1", "size2"})
_MAX_FAULTS = 50
# A string that does not end takes the rest of the file, so that the scan stays linear.
_NESTING = re.compile(rb'"(?:[^"\\]++|\\.?)*+(?:"|\Z)|[\[{\]}]', re.DOTALL)

Kind = Literal["inclusion", "consistency"]


class UnreadableProof(UnreadableFile):
    """The file is not a proof file, or mixes the keys of both kinds; `faults` names every place."""

    code = "unreadable-proof"
    exit_code = EXIT_UNREADABLE
    title_nl = "Dit is geen leesbaar bewijsbestand"
    title_en = "This is not a readable proof file"
    default_hint = (
        "A proof file holds leafIdx, treeSize, root, leafHash and proof, or size1, size2, root1, root2 and proof."
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a readable proof file is worth: right, or wrong with the reason."""

    kind: Kind
    right: bool
    reason: str = ""

    @property
    def exit_code(self) -> int:
        """The exit code of the command: 0 right, 1 wrong; a file that cannot be read gives 2 (`UnreadableProof`)."""
        return EXIT_RIGHT if self.right else EXIT_WRONG


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """The claim that a leaf hash is at an index of a tree, with its proof."""

    kind: ClassVar[Kind] = "inclusion"
    index: int
    size: int
    root: bytes
    leaf_hash: bytes
    proof: tuple[bytes, ...]

    def verify(self) -> None:
        """Return if the proof is right; raises ProofWrong with the reason."""
        verify_inclusion(self.leaf_hash, self.index, self.size, self.proof, self.root)

    def encode(self) -> bytes:
        """Give the proof file."""
        numbers = {"leafIdx": self.index, "treeSize": self.size}
        return _encode(numbers, {"root": self.root, "leafHash": self.leaf_hash}, self.proof)


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """The claim that one tree is a prefix of another, with its proof."""

    kind: ClassVar[Kind] = "consistency"
    size1: int
    size2: int
    root1: bytes
    root2: bytes
    proof: tuple[bytes, ...]

    def verify(self) -> None:
        """Return if the proof is right; raises ProofWrong with the reason."""
        verify_consistency(self.size1, self.size2, self.root1, self.root2, self.proof)

    def encode(self) -> bytes:
        """Give the proof file."""
        numbers = {"size1": self.size1, "size2": self.size2}
        return _encode(numbers, {"root1": self.root1, "root2": self.root2}, self.proof)


def check_proof(document: bytes) -> Verdict:
    """Judge a proof file; raises UnreadableProof, with all faults at once, when it cannot be read."""
    claim = read_proof(document)
    try:
        claim.verify()
    except ProofWrong as error:
        return Verdict(claim.kind, right=False, reason=error.detail)
    return Verdict(claim.kind, right=True)


def read_proof(document: bytes) -> InclusionProof | ConsistencyProof:
    """Read a proof file without judging it; raises UnreadableProof with all faults at once."""
    content = _load(document)
    inclusion = [key for key in _INCLUSION_KEYS if key in content]
    consistency = [key for key in _CONSISTENCY_KEYS if key in content]
    if inclusion and consistency:
        faults = [
            Fault(
                f"/{key}",
                "mixed-kinds",
                "Deze sleutel hoort bij de andere soort bewijs.",
                "This key belongs to the other kind of proof.",
                "Keep the keys of one kind.",
            )
            for key in (consistency if len(consistency) <= len(inclusion) else inclusion)
        ]
        raise UnreadableProof("The file mixes the keys of an inclusion proof and a consistency proof.", faults=faults)
    if not inclusion and not consistency:
        raise UnreadableProof("The file has none of the keys of a proof.")
    reader = _Reader(content)
    keys = _INCLUSION_KEYS if inclusion else _CONSISTENCY_KEYS
    numbers = [reader.number(key) for key in keys if key in _NUMBER_KEYS]
    hashes = [reader.hash(key) for key in keys if key not in _NUMBER_KEYS]
    proof = reader.hashes("proof")
    if reader.faults:
        count = len(reader.faults)
        raise UnreadableProof(
            f"The file cannot be read as a proof: {count} faults.", faults=reader.faults[:_MAX_FAULTS]
        )
    make = InclusionProof if inclusion else ConsistencyProof
    return make(numbers[0], numbers[1], hashes[0], hashes[1], proof)


class _Refused(ValueError):
    """JSON that the parser would take, and we do not."""


class _WrongNumber:
    """A number that no size can be; kept as it was written, for the error."""

    def __init__(self, text: str) -> None:
        self.text = text if len(text) <= 40 else f"{text[:40]}…"


def _parse_number(text: str) -> int | _WrongNumber:
    """Give a whole number of 64 bits; the length is looked at first, since long numbers are slow to convert."""
    if text.isdecimal() and len(text) <= 20 and int(text) <= MAX_NUMBER:
        return int(text)
    return _WrongNumber(text)


def _refuse_constant(text: str) -> Never:
    raise _Refused(f"{text} is no JSON")


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise _Refused("a key occurs twice in one object")
    return content


def _load(document: bytes) -> dict[str, Any]:
    """Give the JSON object in a file of bounded size and depth."""
    if len(document) > MAX_PROOF_FILE_BYTES:
        raise UnreadableProof(
            f"The file is {len(document)} bytes long; a proof file is at most {MAX_PROOF_FILE_BYTES}."
        )
    depth = 0
    for token in _NESTING.finditer(document):
        depth += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(token[0], 0)
        if depth > MAX_DEPTH:
            raise UnreadableProof(f"The JSON is nested deeper than {MAX_DEPTH} levels, at byte {token.start()}.")
    try:
        content = json.loads(
            document.decode("utf-8"),
            parse_int=_parse_number,
            parse_float=_WrongNumber,
            parse_constant=_refuse_constant,
            object_pairs_hook=_refuse_duplicates,
        )
    except UnicodeDecodeError as error:
        raise UnreadableProof(f"The file is not UTF-8 at byte {error.start}.") from None
    except (json.JSONDecodeError, _Refused) as error:
        raise UnreadableProof(f"The file is not JSON: {error}.") from None
    if not isinstance(content, dict):
        raise UnreadableProof("The file does not hold a JSON object.")
    return content


class _Reader:
    """Takes values out of a proof file and gathers the faults."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._content = content
        self.faults: list[Fault] = []

    def number(self, key: str) -> int:
        """Give a size or index, or 0 with a fault."""
        value = self._content.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if key not in self._content:
            self._missing(key)
        else:
            found = value.text if isinstance(value, _WrongNumber) else type(value).__name__
            self._fault(
                f"/{key}",
                "number",
                "Hier hoort een geheel getal van 0 tot 2⁶⁴.",
                f"Expected a whole number from 0 up to 2⁶⁴, found {found}.",
            )
        return 0

    def hash(self, key: str) -> bytes:
        """Give a hash, or no bytes with a fault."""
        if key not in self._content:
            self._missing(key)
            return b""
        return self._decode(f"/{key}", self._content[key])

    def hashes(self, key: str) -> tuple[bytes, ...]:
        """Give a list of hashes, or an empty one with a fault."""
        if key not in self._content:
            self._missing(key)
            return ()
        value = self._content[key]
        if value is None:
            return ()
        if not isinstance(value, list):
            self._fault(f"/{key}", "list", "Hier hoort een lijst.", f"Expected a list, found {type(value).__name__}.")
            return ()
        return tuple(self._decode(f"/{key}/{at}", item) for at, item in enumerate(value))

    def _decode(self, pointer: str, value: object) -> bytes:
        if value is None:
            return b""
        problem = f"found {type(value).__name__}"
        if isinstance(value, str):
            try:
                return decode_base64(value)
            except ValueError as error:
                problem = str(error)
        self._fault(
            pointer,
            "base64",
            "Hier hoort een hash in standaard base64 met opvulling.",
            f"Expected a hash in standard padded base64: {problem}.",
        )
        return b""

    def _missing(self, key: str) -> None:
        self._fault(f"/{key}", "missing", "Deze sleutel ontbreekt.", "This key is missing.")

    def _fault(self, pointer: str, code: str, nl: str, en: str) -> None:
        self.faults.append(Fault(pointer, code, nl, en))


def _encode(numbers: Mapping[str, int], hashes: Mapping[str, bytes], proof: Sequence[bytes]) -> bytes:
    content = {
        **numbers,
        **{key: encode_base64(value) for key, value in hashes.items()},
        "proof": [encode_base64(item) for item in proof],
    }
    return json.dumps(content, indent=2).encode() + b"\n"
