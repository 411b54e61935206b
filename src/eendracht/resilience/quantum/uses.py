"""A use of cryptography as policies speak of it: family, size, purpose, construction, strength, and where."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final, Literal

import yaml

from eendracht.resilience.crypto.classes import QuantumClass, classify
from eendracht.resilience.crypto.names import find_curve
from eendracht.resilience.tls.code_points import GROUPS

Purpose = Literal[
    "key-establishment", "encryption", "signature", "hash", "symmetric", "mac", "kdf", "random", "unknown"
]
Construction = Literal["classical", "hybrid", "pure", "unknown"]
"""Classical alone, classical and quantum-safe together, or quantum-safe alone."""
Risk = Literal["high", "medium", "low", "unknown"]
"""Quantum risk of a use case, as the EU roadmap divides it and the organisation judged it."""
Aspect = Literal["confidentiality", "integrity"]

_PURPOSES: Final[Mapping[str, Purpose]] = {
    "key-agree": "key-establishment",
    "kem": "key-establishment",
    "pke": "encryption",
    "signature": "signature",
    "hash": "hash",
    "xof": "hash",
    "block-cipher": "symmetric",
    "stream-cipher": "symmetric",
    "ae": "symmetric",
    "key-wrap": "symmetric",
    "mac": "mac",
    "kdf": "kdf",
    "drbg": "random",
}
ASPECT_OF: Final[Mapping[Purpose, Aspect]] = {
    "key-establishment": "confidentiality",
    "encryption": "confidentiality",
    "signature": "integrity",
}
"""What is lost when a purpose is broken; what was recorded before is lost too where that is confidentiality."""
_SAFE: Final = (
    "MLKEM",
    "KYBER",
    "MLDSA",
    "DILITHIUM",
    "SLHDSA",
    "SPHINCS",
    "FRODOKEM",
    "MCELIECE",
    "HQC",
    "FNDSA",
    "FALCON",
    "XMSS",
    "LMS",
    "HSS",
)
_CLASSICAL: Final = (
    "X25519",
    "X448",
    "P256",
    "P384",
    "P521",
    "SECP",
    "BRAINPOOL",
    "RSA",
    "ECDH",
    "ECDSA",
    "ED25519",
    "ED448",
    "FFDHE",
)
_PARTS: Final = re.compile(r"(MLKEM|MLDSA)([0-9]+)", re.ASCII)
_FAMILY_OF: Final = {"MLKEM": "ML-KEM", "MLDSA": "ML-DSA"}
_TLS: Final = frozenset({"tls"})
_NUMBER: Final = re.compile(r"[0-9]+", re.ASCII)
_GROUPS: Final = {"P256": "SECP256R1", "P384": "SECP384R1", "P521": "SECP521R1", "P224": "SECP224R1"}


@dataclass(frozen=True, slots=True)
class Use:
    """One use; `strength_bits` is None where neither size nor curve tells it, `usages` None where nobody said."""

    family: str
    parameter_set: str
    purpose: Purpose
    quantum: QuantumClass
    construction: Construction
    strength_bits: int | None = None
    risk: Risk = "unknown"
    usages: frozenset[str] | None = None
    """Where it is used, such as tls or firmware-signing."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """Families of which it is made, with their size."""

    @property
    def aspect(self) -> Aspect | None:
        """What is lost when it breaks; None for what a quantum computer does not break in this way."""
        return ASPECT_OF.get(self.purpose)

    @property
    def group(self) -> str:
        """The key exchange group of TLS that it may be, in capitals without signs."""
        text = squeeze(self.parameter_set if self.family.upper() in ("ECDH", "EC", "ECDHE") else self.family)
        size = "".join(_NUMBER.findall(self.parameter_set))
        if self.family.upper() in ("FFDH", "FFDHE", "DH"):
            return f"FFDHE{size}"
        return _GROUPS.get(text, text)


def squeeze(text: str) -> str:
    """Give a name in capitals without signs, so that ML-KEM-768 and mlkem768 are one."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())


@lru_cache(65_536)
def describe_use(
    family: str | None,
    parameter_set: str | None = None,
    purpose: str | None = None,
    *,
    risk: Risk = "unknown",
    usages: frozenset[str] | None = None,
) -> Use:
    """Give a use from what a record says of an asset: purpose in the words of CycloneDX; empty is unknown."""
    name, size = family or "", parameter_set or ""
    text, quantum = squeeze(name + size), classify(name, size, purpose)
    construction = _construct(text, quantum)
    parts = {_FAMILY_OF[part]: number for part, number in _PARTS.findall(text)}
    if name and not parts:
        parts[name] = size
    meant: Purpose = _PURPOSES.get(purpose or "", "unknown")
    if purpose == "combiner" and construction == "hybrid" and "ML-KEM" in parts:
        meant = "key-establishment"
    return Use(name, size, meant, quantum, construction, measure_strength(name, size), risk, usages, parts)


def describe_group(name: str) -> Use:
    """Give a key exchange group of TLS, as IANA names it, as policies speak of it."""
    code = next((code for code, (known, _) in GROUPS.items() if known.casefold() == name.casefold()), None)
    if code is None or GROUPS[code][1] != "none":
        return describe_use(name, "", "kem", usages=_TLS)
    return describe_use("FFDH" if name.casefold().startswith("ffdhe") else "ECDH", name, "key-agree", usages=_TLS)


def _construct(text: str, quantum: QuantumClass) -> Construction:
    if not any(part in text for part in _SAFE):
        return "unknown" if quantum == "unknown" else "classical"
    return "hybrid" if any(part in text for part in _CLASSICAL) else "pure"


def measure_strength(family: str, parameter_set: str) -> int | None:
    """Give the strength in bits against a classical computer (NIST SP 800-57); None where size or curve is not told.

    A size between two of the table has the strength of the smaller one; below the smallest it is 0.
    """
    table = _read_strengths()
    for way in ("by_curve", "by_size") if find_curve(parameter_set) else ("by_size", "by_curve"):
        rows = table[way]
        if family.casefold() not in {name.casefold() for name in rows["families"]}:
            continue
        named = {squeeze(curve): bits for curve, bits in rows.get("curves", {}).items()}
        size = named.get(squeeze(parameter_set)) or next(iter(_sizes(parameter_set)), None)
        if size is None:
            return None
        return next((strength for least, strength in rows["steps"] if size >= least), 0)
    return None


def _sizes(text: str) -> list[int]:
    """Give the first number of a size or curve, at most nine digits: 256 of secp256r1."""
    return [int(number[:9]) for number in _NUMBER.findall(text)]


@cache
def _read_strengths() -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(files(__package__).joinpath("strengths.yaml").read_text("utf-8"))
    return found
