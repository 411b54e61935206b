"""Signed notes (C2SP signed-note): text that is worth nothing until a known key has signed it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from eendracht.kernel.errors import EendrachtError, InvalidInput, UsageFault

ED25519 = 0x01
MAX_NOTE_BYTES = 1_000_000
MAX_SIGNATURES = 100

_KEY_ID_SIZE = 4
_SEED_SIZE = 32
_SIGNER_PREFIX = "PRIVATE+KEY+"
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")
_KEY_ID = re.compile("[0-9a-f]{8}")


class InvalidNote(InvalidInput):
    """The text, key or signature line does not have the form that the specification fixes."""

    code = "invalid-note"
    title_nl = "Dit ondertekende bericht heeft niet de juiste vorm"
    title_en = "This signed note is malformed"
    default_hint = "Take the note over byte for byte; editors and mail programs change spaces, dashes and line ends."


class UnverifiedNote(EendrachtError):
    """No known key signed the note, or a known key did not sign this text."""

    code = "unverified-note"
    status = 422
    title_nl = "De handtekening klopt niet"
    title_en = "The signature does not hold"
    default_hint = "Compare the verifier key with the one its owner publishes."


class Verifier(Protocol):
    """A key that can judge signatures, known by its name and key ID together."""

    @property
    def name(self) -> str:
        """The key name, such as `example.com/log42`."""

    @property
    def key_id(self) -> bytes:
        """The key ID: four bytes."""

    def verify(self, text: str, signature: bytes) -> bool:
        """Say whether `signature` (without key ID) is this key's over the note text."""


class Signer(Protocol):
    """A key that can sign notes."""

    @property
    def name(self) -> str:
        """The key name, such as `example.com/log42`."""

    @property
    def key_id(self) -> bytes:
        """The key ID: four bytes."""

    def sign(self, text: str) -> bytes:
        """Give the signature (without key ID) over the note text."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: who signed, and the signature without its key ID."""

    name: str
    key_id: bytes
    signature: bytes

    def line(self) -> str:
        """Give the line as it stands in a note, newline included."""
        return f"— {self.name} {encode_base64(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it was read: its text, newline included, and every signature line, none of them judged."""

    text: str
    signatures: tuple[Signature, ...]

    def encode(self) -> bytes:
        """Give the note as UTF-8 bytes."""
        return (self.text + "\n" + "".join(item.line() for item in self.signatures)).encode()


def encode_base64(data: bytes) -> str:
    """Give the standard, padded base64 of RFC 4648 section 4."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: str) -> bytes:
    """Give the bytes of standard, padded base64; raises ValueError for every other spelling of them."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError(f"not standard base64: {error}") from None
    if encode_base64(data) != text:
        raise ValueError("not standard base64: stray bits or padding")
    return data


def compute_key_id(name: str, signature_type: int, public_key: bytes) -> bytes:
    """Give the key ID that C2SP recommends: SHA-256(name ‖ 0x0A ‖ signature type ‖ public key)[:4]."""
    return sha256(name.encode() + b"\n" + bytes([signature_type]) + public_key).digest()[:_KEY_ID_SIZE]


def check_key_name(name: str) -> str:
    """Give the key name back; raises InvalidNote when it is empty or holds a space, a plus or a control character."""
    if not name or "+" in name or any(character.isspace() for character in name) or _CONTROL.search(name):
        raise InvalidNote(f"{name!r} cannot be a key name: it is empty, or holds a space or a plus.")
    return name


def format_verifier_key(name: str, signature_type: int, public_key: bytes) -> str:
    """Give the verifier key (vkey) `<name>+<hex key ID>+<base64(type ‖ public key)>`."""
    identifier = compute_key_id(check_key_name(name), signature_type, public_key)
    return f"{name}+{identifier.hex()}+{encode_base64(bytes([signature_type]) + public_key)}"


def parse_verifier_key(key: str) -> tuple[str, int, bytes]:
    """Give name, signature type and public key of a verifier key (vkey); raises InvalidNote naming what is wrong."""
    parts = key.split("+", 2)
    if len(parts) != 3 or not _KEY_ID.fullmatch(parts[1]):
        raise InvalidNote("A verifier key reads <name>+<8 hex digits>+<base64>.")
    name = check_key_name(parts[0])
    signature_type, public_key = _split_key(parts[2], f"verifier key {name}")
    if compute_key_id(name, signature_type, public_key).hex() != parts[1]:
        raise InvalidNote(f"The key ID {parts[1]} of verifier key {name} does not belong to its name and public key.")
    return name, signature_type, public_key


class Ed25519Verifier:
    """Judges plain Ed25519 note signatures (type 0x01)."""

    def __init__(self, name: str, public_key: Ed25519PublicKey) -> None:
        self.name = check_key_name(name)
        self._public_key = public_key
        self.key_id = compute_key_id(name, ED25519, public_key.public_bytes_raw())

    @classmethod
    def parse(cls, key: str) -> Self:
        """Read a verifier key (vkey); raises InvalidNote when it is malformed or of another type."""
        name, signature_type, public_key = parse_verifier_key(key)
        check_key_type(name, signature_type, ED25519, public_key, 32)
        return cls(name, Ed25519PublicKey.from_public_bytes(public_key))

    def verifier_key(self) -> str:
        """Give the verifier key (vkey) to publish."""
        return format_verifier_key(self.name, ED25519, self._public_key.public_bytes_raw())

    def verify(self, text: str, signature: bytes) -> bool:
        """Say whether `signature` is this key's over the note text."""
        return verify_ed25519(self._public_key, signature, text.encode())


class Ed25519Signer:
    """Signs notes with plain Ed25519 (type 0x01)."""

    def __init__(self, name: str, private_key: Ed25519PrivateKey) -> None:
        self.name = check_key_name(name)
        self._private_key = private_key
        self.verifier = Ed25519Verifier(name, private_key.public_key())
        self.key_id = self.verifier.key_id

    @classmethod
    def generate(cls, name: str) -> Self:
        """Make a new key."""
        return cls(name, Ed25519PrivateKey.generate())

    @classmethod
    def parse(cls, key: str) -> Self:
        """Read a signer key as `signer_key` writes it; raises InvalidNote, without the key in its text."""
        parts = key.removeprefix(_SIGNER_PREFIX).split("+", 2)
        if not key.startswith(_SIGNER_PREFIX) or len(parts) != 3:
            raise InvalidNote("A signer key reads PRIVATE+KEY+<name>+<8 hex digits>+<base64>.")
        name = check_key_name(parts[0])
        signature_type, seed = _split_key(parts[2], f"signer key {name}")
        check_key_type(name, signature_type, ED25519, seed, _SEED_SIZE)
        signer = cls(name, Ed25519PrivateKey.from_private_bytes(seed))
        if signer.key_id.hex() != parts[1]:
            raise InvalidNote(f"The key ID of signer key {name} does not belong to its name and key.")
        return signer

    def signer_key(self) -> str:
        """Give the secret signer key, in the form of the Go module `golang.org/x/mod/sumdb/note`; keep it safe."""
        secret = encode_base64(bytes([ED25519]) + self._private_key.private_bytes_raw())
        return f"{_SIGNER_PREFIX}{self.name}+{self.key_id.hex()}+{secret}"

    def sign(self, text: str) -> bytes:
        """Give the signature over the note text."""
        return self._private_key.sign(text.encode())


def sign_note(text: str, signers: Sequence[Signer], existing: Iterable[Signature] = ()) -> Note:
    """Give the note with a signature by every signer, after the existing ones of other keys.

    Raises InvalidNote when the text cannot be a note: it must end in a newline and hold no other control characters.
    """
    _check_text(text)
    made = [Signature(signer.name, signer.key_id, signer.sign(text)) for signer in signers]
    replaced = {(item.name, item.key_id) for item in made}
    kept = [item for item in existing if (item.name, item.key_id) not in replaced]
    if not kept and not made:
        raise UsageFault("A note needs at least one signature.")
    return Note(text, (*kept, *made))


def parse_note(data: bytes) -> Note:
    """Read a signed note without judging its signatures; raises InvalidNote naming what is wrong and in which line."""
    if len(data) > MAX_NOTE_BYTES:
        raise InvalidNote(f"The note is larger than {MAX_NOTE_BYTES} bytes.")
    try:
        content = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidNote(f"The note is not UTF-8 at byte {error.start}.") from None
    cut = content.rfind("\n\n")
    if cut < 0:
        raise InvalidNote("The note has no empty line between its text and its signatures.")
    text = content[: cut + 1]
    _check_text(text)
    return Note(text, parse_signature_lines(content[cut + 2 :], text.count("\n") + 2))


def parse_signature_lines(content: str, first_line: int = 1) -> tuple[Signature, ...]:
    """Read signature lines, at least one, as a witness answers them; raises InvalidNote naming the line.

    Lines are numbered from `first_line`.
    """
    if not content.endswith("\n"):
        raise InvalidNote("The last signature line does not end in a newline, or there is none.")
    lines = content[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise InvalidNote(f"There are {len(lines)} signatures; at most {MAX_SIGNATURES} are read.")
    return tuple(_parse_signature_line(line, number) for number, line in enumerate(lines, first_line))


def verify_note(note: Note, verifiers: Iterable[Verifier]) -> tuple[Signature, ...]:
    """Give the signatures by known keys, all of which hold; signatures by unknown keys are ignored.

    Raises UnverifiedNote when a known key's signature does not hold, or no known key signed; UsageFault when two
    verifiers have the same name and key ID.
    """
    known: dict[tuple[str, bytes], Verifier] = {}
    for verifier in verifiers:
        if (verifier.name, verifier.key_id) in known:
            raise UsageFault(f"Two verifier keys are called {verifier.name} with key ID {verifier.key_id.hex()}.")
        known[verifier.name, verifier.key_id] = verifier
    held = []
    for item in note.signatures:
        judge = known.get((item.name, item.key_id))
        if judge is None:
            continue
        if not judge.verify(note.text, item.signature):
            raise UnverifiedNote(f"The signature of {item.name} (key ID {item.key_id.hex()}) does not hold.")
        held.append(item)
    if not held:
        signed = ", ".join(sorted({f"{item.name}+{item.key_id.hex()}" for item in note.signatures}))
        raise UnverifiedNote(f"None of the known keys signed this note; it is signed by {signed}.")
    return tuple(held)


def verify_ed25519(public_key: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    """Say whether an Ed25519 signature (RFC 8032) holds."""
    try:
        public_key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def check_key_type(name: str, found: int, expected: int, key: bytes, size: int) -> None:
    """Return if a key is of the expected signature type and length; raises InvalidNote otherwise."""
    if found != expected:
        raise InvalidNote(f"Key {name} is of signature type 0x{found:02x}; 0x{expected:02x} is expected here.")
    if len(key) != size:
        raise InvalidNote(f"Key {name} is {len(key)} bytes long; its type has {size}.")


def _split_key(encoded: str, what: str) -> tuple[int, bytes]:
    """Give signature type and key material; the error never repeats the material, which may be secret."""
    try:
        material = decode_base64(encoded)
    except ValueError:
        raise InvalidNote(f"The {what} is not in standard base64.") from None
    if not material:
        raise InvalidNote(f"The {what} is empty.")
    return material[0], material[1:]


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise InvalidNote("The text of a note ends in a newline.")
    if control := _CONTROL.search(text):
        line = text.count("\n", 0, control.start()) + 1
        raise InvalidNote(f"Line {line} holds the control character U+{ord(control[0]):04X}.")


def _parse_signature_line(line: str, number: int) -> Signature:
    parts = line.removeprefix("— ").split(" ")
    if not line.startswith("— ") or len(parts) != 2:
        raise InvalidNote(f"Line {number} is no signature line: — <key name> <base64>.")
    try:
        data = decode_base64(parts[1])
    except ValueError as error:
        raise InvalidNote(f"The signature in line {number} is {error}.") from None
    if len(data) <= _KEY_ID_SIZE:
        raise InvalidNote(f"The signature in line {number} is too short to hold a key ID and a signature.")
    return Signature(check_key_name(parts[0]), data[:_KEY_ID_SIZE], data[_KEY_ID_SIZE:])
