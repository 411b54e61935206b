"""Which algorithm an asset of a bill is, and what it is used for: stated, derived, ambiguous or unknown.

Tools say more than they know: `keygen` tells nothing of what a key is for, and a key of RSA or on a curve is called
`pke` (public-key encryption) whether it signs, encrypts or agrees. So the primitive is taken at its word only where the
family can do that and nothing contradicts it; a key takes what the algorithm it rests on is for. What stays open is
said to be open, with what it may be. So is an algorithm that the bill tells to withstand more than its name means.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from eendracht.resilience.crypto.bills import BillAsset
from eendracht.resilience.crypto.classes import PURPOSES, QuantumClass, classify
from eendracht.resilience.crypto.names import Algorithm, name_curve, read_family, read_name, read_oid

Ground = Literal["stated", "derived", "ambiguous", "unknown"]
_ASYMMETRIC: Final = ("signature", "key-agree", "kem", "pke")
_CIPHER: Final = ("block-cipher", "stream-cipher", "ae", "key-wrap", "mac", "kdf", "drbg")
_ABLE: Final[Mapping[str, Sequence[str]]] = {
    "RSA": ("signature", "pke", "kem", "key-wrap", "key-agree"),
    "EC": ("signature", "key-agree", "pke", "kem"),
    "AES": _CIPHER,
    "SM2": _ASYMMETRIC,
    "SM9": _ASYMMETRIC,
}
"""What a family of several uses can do; the others do what their name implies."""
_ALIKE: Final = (
    {"key-agree", "kem", "combiner"},
    {"block-cipher", "stream-cipher", "ae", "key-wrap"},
    {"hash", "xof"},
    {"mac"},
    {"kdf", "key-agree"},
)
_FUNCTIONS: Final[Mapping[str, Sequence[str]]] = {
    "sign": ("signature",),
    "verify": ("signature",),
    "encrypt": ("pke", "block-cipher", "stream-cipher", "ae", "key-wrap"),
    "decrypt": ("pke", "block-cipher", "stream-cipher", "ae", "key-wrap"),
    "encapsulate": ("kem",),
    "decapsulate": ("kem",),
    "digest": ("hash", "xof"),
    "tag": ("mac",),
    "keyderive": ("kdf", "key-agree"),
}
"""What a function of CycloneDX may mean; the others (keygen, generate) mean nothing of a purpose."""
_MODES: Final = {"gcm": "ae", "ccm": "ae", "cbc": "block-cipher", "ecb": "block-cipher", "cfb": "block-cipher",
                 "ofb": "block-cipher", "ctr": "block-cipher"}  # fmt: skip
_MATERIALS: Final = {"signature": "signature", "digest": "hash", "tag": "mac"}
_CURVED: Final = ("EC", "ECDH", "ECDSA", "EdDSA", "ECIES", "MQV", "SM2")
_VARIANTS: Final = {"XMSSMT": "XMSS", "HSS": "LMS"}
"""Families that the registry counts with another, by their name."""
_BETTER: Final[Mapping[QuantumClass, Sequence[QuantumClass]]] = {"broken": ("safe", "weakened"), "weakened": ("safe",)}
_ONE_SIZE: Final = ("SHA-1", "MD2", "MD4", "MD5", "SM3")
_FEW_STEPS: Final = 4


@dataclass(frozen=True, slots=True)
class Resolved:
    """An asset with what it is and what it is for; empty where that is open."""

    family: str
    parameter_set: str
    purpose: str
    ground: Ground
    reason: str
    """What decided, or what is in the way, in the words of the bill; for who wants to check."""


def resolve_purposes(assets: Iterable[BillAsset]) -> dict[str, Resolved]:
    """Resolve every asset of a bill, by its key."""
    by_key = {asset.key: asset for asset in assets}
    algorithms = {key: resolve_algorithm(asset) for key, asset in by_key.items() if asset.type == "algorithm"}
    return {key: algorithms.get(key) or _resolve_other(asset, by_key, algorithms) for key, asset in by_key.items()}


def resolve_algorithm(asset: BillAsset) -> Resolved:
    """Resolve an asset that is an algorithm, from what the bill says of it alone."""
    said = asset.properties.get("algorithmProperties", {})
    oid = read_oid(str(asset.properties.get("oid", "")))
    algorithm, named = _identify(asset.name, said, oid), read_name(asset.name)
    if algorithm.family != named.family and _is_embellished(named, algorithm):
        return Resolved("", "", "", "ambiguous", f"the name means {named}, but the bill says {algorithm}")
    purpose, ground, reason = _decide(algorithm, said, oid)
    return Resolved(algorithm.family, algorithm.parameter_set, purpose, ground, reason)


# -- which algorithm ----------------------------------------------------------------------------------------------


def _identify(name: str, said: Mapping[str, Any], oid: Algorithm) -> Algorithm:
    """Family by the registry, else by the name, else by the identifier, which tools copy from elsewhere most often."""
    by_name = read_name(name)
    if said.get("primitive") == "combiner" and not said.get("algorithmFamily") and not by_name:
        # The identifier is that of one of the parts.
        return Algorithm()
    family = read_family(said["algorithmFamily"]) if said.get("algorithmFamily") else by_name or oid
    if family.family in (by_name.family, _VARIANTS.get(by_name.family)):
        family = replace(by_name, purpose=family.purpose or by_name.purpose)
    curve = name_curve(str(said.get("ellipticCurve") or said.get("curve") or ""))
    if curve and family.family in _CURVED:
        return replace(family, parameter_set=curve)
    if family.family in _ONE_SIZE:
        return replace(family, parameter_set="")
    stated = str(said.get("parameterSetIdentifier", "")).strip()
    parameter_set = _read_parameters(family, stated) if stated else family.parameter_set
    if not parameter_set and oid.family == family.family:
        parameter_set = oid.parameter_set
    found = replace(family, parameter_set=parameter_set)
    is_in_doubt = found.family == by_name.family and _is_embellished(by_name, found)
    return replace(found, parameter_set="") if is_in_doubt else found


def _is_embellished(named: Algorithm, told: Algorithm) -> bool:
    """Whether an algorithm is told to withstand more than its name means: one of the two is wrong."""
    meant, found = (classify(one.family, one.parameter_set, one.purpose) for one in (named, told))
    return found in _BETTER.get(meant, ())


def _read_parameters(family: Algorithm, stated: str) -> str:
    read = read_name(stated)
    if read.family == family.family and read.parameter_set:
        return read.parameter_set
    if family.family == "RSA" and family.parameter_set and not _is_key_size(stated):
        # The number beside a scheme of RSA may be that of its hash function; the name then has the size of the key.
        return family.parameter_set
    if family.family in _CURVED:
        return name_curve(stated)
    if family.family in ("HMAC", "HKDF", "PBKDF2") and stated.isdigit():
        return f"SHA-{stated}"
    return stated[:100]


def _is_key_size(text: str) -> bool:
    return text.isdigit() and len(text) < 6 and int(text) >= 1024


# -- what it is for -----------------------------------------------------------------------------------------------


def _decide(algorithm: Algorithm, said: Mapping[str, Any], oid: Algorithm) -> tuple[str, Ground, str]:
    primitive = str(said.get("primitive", ""))
    meant = _read_functions(said.get("cryptoFunctions", ()))
    able = _able(algorithm)
    if primitive in PURPOSES and primitive not in ("pke", "other"):
        if able and not _is_alike(primitive, able):
            return "", "ambiguous", f"primitive {primitive}, but {algorithm.family} is {' or '.join(able)}"
        return primitive, "stated", f"primitive {primitive}"
    if meant:
        possible = [purpose for purpose in meant if not able or _is_alike(purpose, able)]
        narrowed = [purpose for purpose in possible if purpose in able] or possible
        if primitive == "pke" and "pke" in narrowed and "signature" not in narrowed:
            return "pke", "stated", "primitive pke, and it encrypts"
        if len(narrowed) == 1:
            return narrowed[0], "derived", f"cryptoFunctions mean {narrowed[0]}"
        if not narrowed:
            return "", "ambiguous", f"cryptoFunctions mean {' or '.join(meant)}, which {algorithm.family} cannot do"
    for purpose, why in (
        (algorithm.purpose, f"the name means {algorithm.purpose}"),
        (_MODES.get(str(said.get("mode", "")), ""), f"mode {said.get('mode', '')}"),
        ("pke" if said.get("padding") == "oaep" else "", "padding oaep"),
        (oid.purpose if oid.family in ("", algorithm.family) else "", "the object identifier"),
    ):
        if purpose and (not able or _is_alike(purpose, able)):
            return purpose, "stated" if purpose == primitive else "derived", why
    if primitive == "pke" or meant or algorithm.family in _ABLE:
        may = ", ".join(meant or able or _ASYMMETRIC)
        return "", "ambiguous", f"it may be {may}; nothing in the bill decides"
    return "", "unknown", "the bill does not tell"


def _able(algorithm: Algorithm) -> Sequence[str]:
    return _ABLE.get(algorithm.family) or ((algorithm.purpose,) if algorithm.purpose else ())


def _is_alike(purpose: str, able: Sequence[str]) -> bool:
    return purpose in able or any(purpose in group and group & set(able) for group in _ALIKE)


def _read_functions(functions: Iterable[str]) -> list[str]:
    """Give what functions mean together: each says what it may be, and all of them hold unless they exclude another."""
    sets = [set(_FUNCTIONS[name]) for name in functions if name in _FUNCTIONS]
    if not sets:
        return []
    common = set.intersection(*sets)
    # Encrypting and making a tag is what authenticated encryption does.
    if {"mac"} in sets and any("ae" in found for found in sets):
        common = {"ae"}
    return [purpose for purpose in PURPOSES if purpose in (common or set.union(*sets))]


# -- assets that rest on algorithms ---------------------------------------------------------------------------------


def _resolve_other(asset: BillAsset, by_key: Mapping[str, BillAsset], algorithms: Mapping[str, Resolved]) -> Resolved:
    found = _find_algorithms(asset, by_key, algorithms)
    if asset.type == "certificate":
        return _resolve_certificate(found)
    if asset.type == "protocol":
        said = asset.properties.get("protocolProperties", {})
        name = str(said.get("type", "")).upper()
        family = "" if name in ("", "OTHER", "UNKNOWN") else name
        return Resolved(family, str(said.get("version", ""))[:100], "", "ambiguous", "a protocol is for several things")
    material = asset.properties.get("relatedCryptoMaterialProperties", {})
    kinds = {(one.family, one.parameter_set) for one in found}
    family, parameter_set = next(iter(kinds)) if len(kinds) == 1 else ("", "")
    if not family and asset.name.partition("@")[0]:
        named = read_name(asset.name.partition("@")[0])
        family, parameter_set = named.family, named.parameter_set
    if family == "RSA" and not parameter_set and material.get("size"):
        parameter_set = str(material["size"])
    own = _MATERIALS.get(str(material.get("type", "")), "")
    if own:
        return Resolved(family, parameter_set, own, "derived", f"it is a {material['type']}")
    return _take_over(family, parameter_set, found)


def _take_over(family: str, parameter_set: str, found: Sequence[Resolved]) -> Resolved:
    """Give a key the purpose of the algorithms on which it rests."""
    purposes = {one.purpose for one in found}
    if not found:
        return Resolved(family, parameter_set, "", "unknown", "it rests on no algorithm of the bill")
    if len(purposes) == 1 and "" not in purposes:
        return Resolved(family, parameter_set, found[0].purpose, "derived", "of the algorithm on which it rests")
    if all(one.ground == "unknown" for one in found):
        return Resolved(family, parameter_set, "", "unknown", "that of the algorithm on which it rests is not known")
    return Resolved(family, parameter_set, "", "ambiguous", "the algorithms on which it rests leave it open")


def _resolve_certificate(found: Sequence[Resolved]) -> Resolved:
    """A certificate is a signed statement, whatever the key in it is for."""
    kinds = {(one.family, one.parameter_set) for one in found if one.family and one.purpose != "hash"}
    sized = {kind for kind in kinds if kind[1]} or kinds
    family, parameter_set = next(iter(sized)) if len(sized) == 1 else ("", "")
    return Resolved(family, parameter_set, "signature", "derived", "a certificate is signed")


def _find_algorithms(
    asset: BillAsset, by_key: Mapping[str, BillAsset], algorithms: Mapping[str, Resolved]
) -> list[Resolved]:
    """Give the algorithms on which an asset rests, directly or through keys."""
    edge, seen, found = [asset.key], {asset.key}, dict[str, Resolved]()
    for _ in range(_FEW_STEPS):
        following = []
        for key in edge:
            for other in by_key[key].rests_on:
                if other in algorithms:
                    found[other] = algorithms[other]
                elif other in by_key and other not in seen:
                    seen.add(other)
                    following.append(other)
        edge = following
    return list(found.values())
