"""Encryption of one item: AES-256-GCM (NIST SP 800-38D), bound to what it belongs to, padded to hide its length."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from eendracht.kernel.errors import EendrachtError

KEY_SIZE = 32
NONCE_SIZE = 12
"""Random; far below 2**32 items per subject, so that the chance that two are equal stays negligible."""
SMALLEST = 256
"""Bytes to which the shortest content is padded."""

_LENGTH_BYTES = 8


class VaultBroken(EendrachtError):
    """An item of the vault was changed, or its key is another than it was encrypted with."""

    code = "vault-broken"
    status = 500
    title_nl = "De inhoud van de kluis klopt niet"
    title_en = "The content of the vault does not hold"
    default_hint = "Keep the files as they are, and restore the vault and its subject keys from one backup beside them."


def seal(key: bytes, content: bytes, bound: bytes) -> tuple[bytes, bytes]:
    """Give a random nonce and the ciphertext; `bound` is what the content belongs to, needed again to open it."""
    nonce = os.urandom(NONCE_SIZE)
    return nonce, AESGCM(key).encrypt(nonce, _pad(content), bound)


def unseal(key: bytes, nonce: bytes, ciphertext: bytes, bound: bytes) -> bytes:
    """Give the content back; raises VaultBroken where key, ciphertext or what it is bound to is not the same."""
    try:
        padded = AESGCM(key).decrypt(nonce, ciphertext, bound)
    except (InvalidTag, ValueError):
        raise VaultBroken("An item cannot be opened: it was changed, or this is not its key") from None
    length = int.from_bytes(padded[:_LENGTH_BYTES], "big")
    return padded[_LENGTH_BYTES : _LENGTH_BYTES + length]


def padded_length(length: int) -> int:
    """Give the length to which content is padded: Padmé, at most 12 % more (Nikitin et al., PURBs, PETS 2019, 4.3)."""
    length = max(length, SMALLEST)
    exponent = length.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (length + mask) & ~mask


def _pad(content: bytes) -> bytes:
    plain = len(content).to_bytes(_LENGTH_BYTES, "big") + content
    return plain.ljust(padded_length(len(plain)), b"\0")
