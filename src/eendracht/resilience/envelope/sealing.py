"""The file of the crisis envelope: sealed for several recipients, opened with one passphrase or one secret key.

Format 1, bytes one after the other: the line `eendracht-crisis-envelope/1`; the length of the header (4 bytes, big
endian); the header (JSON, UTF-8); the content under AES-256-GCM with all before it as associated data; SHA-256 of all
of that, which tells damage from a wrong passphrase. The header wraps the key of the content for each recipient: under
AES-256-GCM with a key that scrypt makes of a passphrase (RFC 7914), or by HPKE (RFC 9180) with ML-KEM-768 and X25519
together, HKDF-SHA256 and AES-256-GCM. Only `cryptography` and the standard library are used here.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from eendracht.kernel.errors import Denied, InvalidInput, UnreadableFile

VERSION: Final = 1
MAGIC: Final = b"eendracht-crisis-envelope/1\n"
MOST_BYTES: Final = 64 * 2**20
"""Largest content."""
MOST_HEADER_BYTES: Final = 2**20
MOST_RECIPIENTS: Final = 50
LEAST_CHARACTERS: Final = 16
"""Shortest passphrase: five words at random, or more."""
LEAST_DIFFERENT: Final = 8
SCRYPT_LOG_N: Final = 17
"""Cost of a guess: 128 MiB of memory."""

_MOST_LOG_N: Final = 18
_KEY_SIZE = 32
_NONCE_SIZE = 12
_DIGEST_SIZE = 32
# The key that a passphrase gives seals one thing once, since its salt is new every time.
_ZERO_NONCE: Final = bytes(_NONCE_SIZE)
_FIRST_LINE: Final = re.compile(rb"eendracht-crisis-envelope/([1-9][0-9]{0,5})\n")
_MLKEM_PUBLIC, _MLKEM_SEED, _X25519 = 1184, 64, 32
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
_PUBLIC: Final = "eendracht-envelope-public"
_SECRET: Final = "eendracht-envelope-secret"  # noqa: S105 - how the line of a secret key begins
_SUITE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class EnvelopeDamaged(UnreadableFile):
    """The file is not whole, or no envelope at all."""

    code = "envelope-damaged"
    title_nl = "Deze crisisenvelop is beschadigd of is er geen"
    title_en = "This crisis envelope is damaged, or is none"
    default_hint = "Take another copy: the last seven are kept, and each recipient may hold one."


class EnvelopeTooNew(UnreadableFile):
    """The file has a format that a later release made."""

    code = "envelope-too-new"
    title_nl = "Deze crisisenvelop is van een nieuwere versie"
    title_en = "This crisis envelope is of a newer version"
    default_hint = "Open it with the release that made it, or a later one."


class EnvelopeClosed(Denied):
    """The file is whole, and none of the passphrases and keys that were given opens it."""

    code = "envelope-closed"
    title_nl = "Hiermee gaat de crisisenvelop niet open"
    title_en = "This does not open the crisis envelope"
    default_hint = "Check the passphrase, or use the secret key of one of the recipients."


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A recipient: the name of a role or desk, and its two public keys one after the other (ML-KEM-768, X25519)."""

    name: str
    raw: bytes

    @property
    def key_id(self) -> str:
        """What the header names it by."""
        return sha256(self.raw).hexdigest()[:16]

    def text(self) -> str:
        """Give it as one line."""
        return f"{_PUBLIC}:{self.name}:{_encode(self.raw)}"

    @classmethod
    def parse(cls, line: str) -> PublicKey:
        """Read the line of a public key; raises InvalidInput."""
        name, raw = _split_line(line, _PUBLIC, _MLKEM_PUBLIC + _X25519)
        key = cls(name, raw)
        try:
            key.load()
        except ValueError:
            raise InvalidInput(f"The public key of {name} is no key") from None
        return key

    def load(self) -> MLKEM768X25519PublicKey:
        """Give the key itself; raises ValueError."""
        return MLKEM768X25519PublicKey(
            mlkem_key=MLKEM768PublicKey.from_public_bytes(self.raw[:_MLKEM_PUBLIC]),
            x25519_key=X25519PublicKey.from_public_bytes(self.raw[_MLKEM_PUBLIC:]),
        )


@dataclass(frozen=True, slots=True)
class SecretKey:
    """What a recipient keeps: the seed of ML-KEM-768 and the secret of X25519, one after the other."""

    name: str
    raw: bytes

    @classmethod
    def make(cls, name: str) -> SecretKey:
        """Make a new key for a role or desk; raises InvalidInput for a name that cannot be one."""
        _check_name(name)
        mlkem = MLKEM768PrivateKey.generate().private_bytes_raw()
        return cls(name, mlkem + X25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, line: str) -> SecretKey:
        """Read the line of a secret key; raises InvalidInput, without the key in its text."""
        return cls(*_split_line(line, _SECRET, _MLKEM_SEED + _X25519))

    def text(self) -> str:
        """Give it as one line; keep it safe."""
        return f"{_SECRET}:{self.name}:{_encode(self.raw)}"

    @property
    def public(self) -> PublicKey:
        """The public key to give to the node."""
        mlkem, x25519 = self._parts()
        raw = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
        return PublicKey(self.name, raw)

    def load(self) -> MLKEM768X25519PrivateKey:
        """Give the key itself."""
        mlkem, x25519 = self._parts()
        return MLKEM768X25519PrivateKey(mlkem_key=mlkem, x25519_key=x25519)

    def _parts(self) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
        mlkem = MLKEM768PrivateKey.from_seed_bytes(self.raw[:_MLKEM_SEED])
        return mlkem, X25519PrivateKey.from_private_bytes(self.raw[_MLKEM_SEED:])


@dataclass(frozen=True, slots=True)
class Opened:
    """What came out: the header, and each file by its name."""

    header: Mapping[str, Any]
    files: Mapping[str, str]


def check_passphrase(passphrase: str) -> str:
    """Give a passphrase as it is used (Unicode NFC, without spaces around it); raises InvalidInput where it is weak."""
    text = unicodedata.normalize("NFC", passphrase).strip()
    if len(text) < LEAST_CHARACTERS or len(set(text)) < LEAST_DIFFERENT:
        raise InvalidInput(
            f"A passphrase has at least {LEAST_CHARACTERS} characters, {LEAST_DIFFERENT} of them different",
            hint="Take five or more words at random.",
        )
    return text


def seal_files(
    files: Mapping[str, str], about: Mapping[str, str], *, passphrase: str = "", keys: Sequence[PublicKey] = ()
) -> bytes:
    """Give the sealed file; `about` (when, by which node) stands in it in the clear.

    Raises InvalidInput where nobody could open it, the passphrase is weak, or the content is over 64 MiB.
    """
    if not passphrase and not keys:
        raise InvalidInput("Nobody could open this envelope", hint="Give a passphrase, or public keys of recipients.")
    if len(keys) >= MOST_RECIPIENTS:
        raise InvalidInput(f"There are {len(keys)} recipients; at most {MOST_RECIPIENTS - 1} keys are taken")
    content = json.dumps(files, ensure_ascii=False, sort_keys=True).encode()
    if len(content) > MOST_BYTES:
        raise InvalidInput(f"The content is {len(content)} bytes; at most {MOST_BYTES} are taken")
    key, nonce = os.urandom(_KEY_SIZE), os.urandom(_NONCE_SIZE)
    recipients = [_wrap_for_key(key, public) for public in keys]
    if passphrase:
        recipients.append(_wrap_for_passphrase(key, check_passphrase(passphrase)))
    header = {**about, "cipher": "AES-256-GCM", "nonce": _encode(nonce), "recipients": recipients}
    printed = json.dumps(header, ensure_ascii=True, sort_keys=True).encode()
    head = MAGIC + len(printed).to_bytes(4, "big") + printed
    whole = head + AESGCM(key).encrypt(nonce, content, head)
    return whole + sha256(whole).digest()


def _wrap_for_key(key: bytes, public: PublicKey) -> dict[str, Any]:
    wrapped = _SUITE.encrypt(key, public.load(), info=MAGIC)
    return {"type": "hpke", "name": public.name, "keyId": public.key_id, "wrapped": _encode(wrapped)}


def _wrap_for_passphrase(key: bytes, passphrase: str) -> dict[str, Any]:
    salt = os.urandom(16)
    wrapping = _derive(passphrase, salt, SCRYPT_LOG_N, 8, 1)
    wrapped = AESGCM(wrapping).encrypt(_ZERO_NONCE, key, MAGIC)
    cost = {"logN": SCRYPT_LOG_N, "r": 8, "p": 1}
    return {"type": "scrypt", "salt": _encode(salt), **cost, "wrapped": _encode(wrapped)}


def _derive(passphrase: str, salt: bytes, log_n: int, r: int, p: int) -> bytes:
    return Scrypt(salt=salt, length=_KEY_SIZE, n=2**log_n, r=r, p=p).derive(passphrase.encode())


# -- opening ----------------------------------------------------------------------------------------------------------


def read_header(data: bytes) -> tuple[dict[str, Any], int]:
    """Give the header, which nobody vouches for until it is opened, and where the content begins.

    Raises EnvelopeTooNew, EnvelopeDamaged.
    """
    match = _FIRST_LINE.match(data[:64])
    if match is None:
        raise EnvelopeDamaged("It does not begin as an envelope does")
    if int(match[1]) != VERSION:
        raise EnvelopeTooNew(f"It is of format {int(match[1])}, and this release opens format {VERSION}")
    if len(data) > MOST_BYTES + MOST_HEADER_BYTES:
        raise EnvelopeDamaged("It is larger than an envelope can be")
    if len(data) < len(MAGIC) + 4 + _DIGEST_SIZE or sha256(data[:-_DIGEST_SIZE]).digest() != data[-_DIGEST_SIZE:]:
        raise EnvelopeDamaged("It is cut short, or bytes were changed")
    size = int.from_bytes(data[len(MAGIC) : len(MAGIC) + 4], "big")
    end = len(MAGIC) + 4 + size
    if size > MOST_HEADER_BYTES or end > len(data) - _DIGEST_SIZE:
        raise EnvelopeDamaged("Its header does not fit in it")
    try:
        header = json.loads(data[len(MAGIC) + 4 : end])
    except ValueError:
        header = None
    if not isinstance(header, dict) or not isinstance(header.get("recipients"), list):
        raise EnvelopeDamaged("Its header cannot be read")
    return header, end


def open_file(data: bytes, *, passphrase: str = "", keys: Sequence[SecretKey] = ()) -> Opened:
    """Open an envelope with a passphrase or a secret key.

    Raises EnvelopeClosed where none of these is of a recipient, EnvelopeDamaged, EnvelopeTooNew.
    """
    header, start = read_header(data)
    secrets = {secret.public.key_id: secret for secret in keys}
    candidates = []
    try:
        nonce = _decode(header["nonce"])
        for recipient in header["recipients"][:MOST_RECIPIENTS]:
            key = _unwrap(recipient, passphrase, secrets)
            if key is not None:
                candidates.append(key)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise EnvelopeDamaged("Its header lacks something") from None
    if not candidates:
        raise EnvelopeClosed()
    try:
        content = AESGCM(candidates[0]).decrypt(nonce, data[start:-_DIGEST_SIZE], data[:start])
        files = json.loads(content)
    except (InvalidTag, ValueError):
        raise EnvelopeDamaged("Somebody changed it after it was sealed") from None
    return Opened(header, files)


def _unwrap(recipient: Mapping[str, Any], passphrase: str, secrets: Mapping[str, SecretKey]) -> bytes | None:
    """Give the key of the content, or None where this recipient is somebody else."""
    wrapped = _decode(recipient["wrapped"])
    try:
        if recipient["type"] == "scrypt" and passphrase:
            log_n, r, p = (recipient[name] for name in ("logN", "r", "p"))
            # Whoever changed the header could otherwise ask for all the memory there is.
            if not (1 <= log_n <= _MOST_LOG_N and r == 8 and p == 1):
                raise ValueError("cost")
            text = unicodedata.normalize("NFC", passphrase).strip()
            return AESGCM(_derive(text, _decode(recipient["salt"]), log_n, r, p)).decrypt(_ZERO_NONCE, wrapped, MAGIC)
        if recipient["type"] == "hpke" and recipient["keyId"] in secrets:
            return _SUITE.decrypt(wrapped, secrets[recipient["keyId"]].load(), info=MAGIC)
    except InvalidTag:
        return None
    return None


# -- text of keys -----------------------------------------------------------------------------------------------------


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _decode(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        hint = "Name a role or desk, such as gm0344-crisis-lead: small letters, digits, dots and hyphens."
        raise InvalidInput(f"'{name[:80]}' cannot be the name of a key", hint=hint)


def _split_line(line: str, begin: str, size: int) -> tuple[str, bytes]:
    """Give name and bytes of a key; what is wrong is told without the key, which may be secret."""
    parts = line.strip().split(":")
    if len(parts) != 3 or parts[0] != begin:
        raise InvalidInput(f"A key reads {begin}:NAME:BASE64")
    _check_name(parts[1])
    try:
        raw = _decode(parts[2])
    except (binascii.Error, ValueError):
        raise InvalidInput(f"The key of {parts[1]} is not in base64") from None
    if len(raw) != size:
        raise InvalidInput(f"The key of {parts[1]} has {len(raw)} bytes; it should have {size}")
    return parts[1], raw
