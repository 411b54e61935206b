"""One name for one algorithm: family, parameter set and what it is for, out of names, identifiers and curves.

Sources: the registry of algorithm families and curves of CycloneDX 1.7, object identifiers of NIST CSOR, PKCS (RFC
8017), RFC 5480, RFC 8410 and SEC 2, groups of TLS by IANA, algorithms of JOSE (RFC 7518). The facts that are data stand
in `algorithm_names.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final

import yaml

FILE: Final = "algorithm_names.yaml"
_HASH: Final = (
    r"(sha-?3-?\d{3}|sha-?2-(?:224|256|384|512)(?!\d)|sha-?\d{1,3}(?:[/-](?:224|256)\b)?|sha-?2(?!\d)|shake-?\d{3}|md[245]|sm3|"
    r"blake2[bs]?(?:-\d{3})?)"
)
_BEGIN, _END = r"(?<![a-z0-9])", r"(?![a-z0-9])"


@dataclass(frozen=True, slots=True)
class Algorithm:
    """An algorithm as far as a name tells; empty is what it does not tell.

    `purpose` is what the name itself means, such as `signature` for ECDSA; that of RSA stays empty, since a key of RSA
    signs as well as encrypts.
    """

    family: str = ""
    parameter_set: str = ""
    purpose: str = ""

    def __bool__(self) -> bool:
        return bool(self.family)

    def __str__(self) -> str:
        return "-".join(part for part in (self.family, self.parameter_set) if part)


@lru_cache(maxsize=4096)
def read_name(name: str) -> Algorithm:
    """Read a name such as `RSA-2048`, `SHA256withRSA` or `AES128-GCM`; an empty algorithm where it tells nothing."""
    text = name.strip().casefold().replace("_", "-")[:200]
    group = read_group(text)
    if group.purpose == "combiner":
        return group
    if text in _read_facts()["curves"]:
        return Algorithm("EC", name_curve(text)) if not text.endswith(("25519", "448")) else _read_by_rule(text)
    return _read_by_rule(text)


def _read_by_rule(text: str) -> Algorithm:
    for pattern, build in _RULES:
        match = pattern.search(text)
        if match:
            return build(match, text)
    return Algorithm()


def read_group(name: str) -> Algorithm:
    """Read a key exchange group of TLS by its name at IANA; an empty one where it is not in the table."""
    said = _read_facts()["groups"].get(name.casefold())
    if said:
        return _algorithm_of(said)
    found = _read_by_rule(name.casefold())
    return found if found.purpose in ("key-agree", "kem") else Algorithm()


def read_oid(oid: str) -> Algorithm:
    """Read an object identifier; an empty one where it is not in the table."""
    said = _read_facts()["oids"].get(oid.strip())
    return _algorithm_of(said) if said else Algorithm()


@lru_cache(maxsize=4096)
def read_family(family: str) -> Algorithm:
    """Read a family of the registry of CycloneDX 1.7, such as `RSASSA-PSS`."""
    said = _read_facts()["families"].get(family.casefold())
    return _algorithm_of(said) if said else replace(read_name(family), parameter_set="") or Algorithm(family)


@lru_cache(maxsize=4096)
def find_curve(text: str) -> str:
    """Give the common name of a curve: `P-256` for `secg/secp256r1`, `prime256v1`, `nistp256` or its identifier.

    Empty where it is not in the table.
    """
    plain = text.strip().rpartition("/")[2]
    return str(_read_facts()["curves"].get(plain.casefold().replace("_", "-"), ""))


def name_curve(text: str) -> str:
    """Give the common name of a curve; one that is not in the table as it stands, without its registry."""
    return find_curve(text) or text.strip().rpartition("/")[2]


def list_parts(family: str) -> tuple[Algorithm, ...]:
    """Give the quantum-safe part of a hybrid group, by which it is looked for as well; none of another family."""
    said = _read_facts()["parts"].get(family)
    return (_algorithm_of(said),) if said else ()


def list_hybrids(family: str) -> tuple[str, ...]:
    """Give the hybrid groups that have a part of this family."""
    return tuple(name for name, said in _read_facts()["parts"].items() if said[0] == family)


def _algorithm_of(said: Any) -> Algorithm:
    family, parameter_set, purpose = (*said, "", "")[:3]
    return Algorithm(str(family), str(parameter_set), str(purpose))


@cache
def _read_facts() -> Mapping[str, Mapping[str, Any]]:
    read = yaml.safe_load(files(__package__).joinpath(FILE).read_text("utf-8"))
    curves = {alias.casefold(): name for name, aliases in read["curves"].items() for alias in (name, *aliases)}
    return {
        "curves": curves,
        "oids": read["oids"] | {oid: ["EC", name] for oid, name in read["curve_oids"].items()},
        "families": {name.casefold(): said for name, said in read["families"].items()},
        "parts": read["parts"],
        "groups": {name.casefold(): said for name, said in read["groups"].items()},
    }


# -- what names look like -----------------------------------------------------------------------------------------

Build = Callable[[re.Match[str], str], Algorithm]


def _plain(family: str, purpose: str = "") -> Build:
    """The first group that matched is the parameter set."""

    def build(match: re.Match[str], _: str) -> Algorithm:
        return Algorithm(family, next((group for group in match.groups() if group), "").upper(), purpose)

    return build


def _on_curve(family: str, purpose: str = "") -> Build:
    def build(_: re.Match[str], text: str) -> Algorithm:
        return Algorithm(family, _find_curve(text), purpose)

    return build


def _with_hash(family: str, purpose: str) -> Build:
    def build(_: re.Match[str], text: str) -> Algorithm:
        found = re.search(_HASH, text)
        return Algorithm(family, _print_hash(found[1]) if found else "", purpose)

    return build


def _find_curve(text: str) -> str:
    known = _read_facts()["curves"]
    for word in re.findall(r"[a-z0-9]+(?:-[0-9]+)?|[a-z0-9]+", text):
        for form in (word, word.split("-")[0]):
            if form in known:
                return str(known[form])
    found = re.search(rf"{_BEGIN}p-?(192|224|256|384|521){_END}", text)
    return f"P-{found[1]}" if found else ""


def _read_rsa(_: re.Match[str], text: str) -> Algorithm:
    """The size of the key is the number of at least 512 that is not that of a hash function."""
    plain = re.sub(_HASH, " ", text)
    sizes = [number for number in re.findall(r"(?<!\d)\d{3,5}(?!\d)", plain) if 512 <= int(number) <= 16384]
    signs = re.search(r"pss|rsassa|with-?rsa|sign|x9\.?31|pkcs1-1\.5-sha|rsa-?sha|rsa-md5", text)
    encrypts = re.search(r"oaep|rsaes|encrypt(?!ion$)", text)
    return Algorithm("RSA", sizes[-1] if sizes else "", "signature" if signs else "pke" if encrypts else "")


def _read_jose(match: re.Match[str], _: str) -> Algorithm:
    kind, bits = match[1], match[2]
    if kind == "es":
        return Algorithm("ECDSA", {"256": "P-256", "384": "P-384", "512": "P-521"}.get(bits, ""), "signature")
    return Algorithm("HMAC", f"SHA-{bits}", "mac") if kind == "hs" else Algorithm("RSA", "", "signature")


def _read_aes(match: re.Match[str], text: str) -> Algorithm:
    bits = next((group for group in match.groups() if group), "")
    purpose = ""
    if re.search(r"gcm|ccm|siv|ocb|hmac|cbc-?hs|eax", text):
        purpose = "ae"
    elif re.search(r"(?<![a-z])kwp?(?![a-z])|wrap", text):
        purpose = "key-wrap"
    elif re.search(r"cmac|gmac|xcbc", text):
        purpose = "mac"
    elif re.search(r"cbc|ecb|cfb|ofb|ctr|xts|cts", text):
        purpose = "block-cipher"
    return Algorithm("AES", bits, purpose)


def _read_chacha(match: re.Match[str], text: str) -> Algorithm:
    if "poly1305" in text:
        return Algorithm("ChaCha20-Poly1305", "", "ae")
    return Algorithm("ChaCha20", "", "stream-cipher")


def _read_hash(match: re.Match[str], _: str) -> Algorithm:
    text = _print_hash(match[1])
    if text.startswith("SHA3-"):
        return Algorithm("SHA-3", text.removeprefix("SHA3-"), "hash")
    if text.startswith("SHAKE"):
        return Algorithm("SHA-3", text, "xof")
    if text in ("SHA-1", "SHA-3"):
        return Algorithm(text, "", "hash")
    if text.startswith("SHA-"):
        return Algorithm("SHA-2", text.removeprefix("SHA-") if text != "SHA-2" else "", "hash")
    if text.startswith("BLAKE2"):
        return Algorithm("BLAKE2", text.removeprefix("BLAKE2").lstrip("-"), "hash")
    return Algorithm(text, "", "hash")


def _print_hash(text: str) -> str:
    """Give the name of a hash function as its standard writes it: SHA-1, SHA-256, SHA-512/256, SHA3-256, SHAKE128."""
    plain = re.sub(r"^SHA-?2-(?=\d{3})", "SHA-", text.upper()).replace("SHA3", "SHA-3")
    found = re.fullmatch(r"SHA-?3-?(224|256|384|512)", plain)
    if found and plain not in ("SHA-384",):
        return f"SHA3-{found[1]}"
    found = re.fullmatch(r"SHA-?(\d{1,3})(?:[/-](224|256))?", plain)
    if found:
        return f"SHA-{found[1]}/{found[2]}" if found[2] else f"SHA-{found[1]}"
    return plain.replace("SHAKE-", "SHAKE")


def _rule(pattern: str, build: Build) -> tuple[re.Pattern[str], Build]:
    return re.compile(pattern), build


_BITS: Final = r"[-/]?(128|192|256)?"
_RULES: Final = (
    _rule(r"ml-?kem-?(512|768|1024)?", _plain("ML-KEM", "kem")),
    _rule(r"ml-?dsa-?(44|65|87)?", _plain("ML-DSA", "signature")),
    _rule(r"slh-?dsa-?((?:sha2|shake)-?(?:128|192|256)[sf])?", _plain("SLH-DSA", "signature")),
    _rule(rf"{_BEGIN}(?:fn-?dsa|falcon)-?(512|1024)?", _plain("FN-DSA", "signature")),
    _rule(rf"{_BEGIN}(?:crystals-)?kyber-?(512|768|1024)?", _plain("Kyber", "kem")),
    _rule(rf"{_BEGIN}(?:crystals-)?dilithium-?([235])?", _plain("Dilithium", "signature")),
    _rule(rf"{_BEGIN}sphincs\+?", _plain("SPHINCS+", "signature")),
    _rule(rf"{_BEGIN}(?:frodokem|hqc|bike|classic-?mceliece|sntrup761|ntru)", lambda m, _: Algorithm(m[0], "", "kem")),
    _rule(rf"{_BEGIN}xmss[-^]?mt", _plain("XMSSMT", "signature")),
    _rule(rf"{_BEGIN}xmss", _plain("XMSS", "signature")),
    _rule(rf"{_BEGIN}hss{_END}", _plain("HSS", "signature")),
    _rule(rf"{_BEGIN}(?:lms|lm-?ots){_END}", _plain("LMS", "signature")),
    # Of A128CBC-HS256 and PBES2-HS256+A128KW the cipher counts.
    _rule(rf"{_BEGIN}(?<!cbc-)(?<!pbes2-)(es|rs|ps|hs)(256|384|512){_END}", _read_jose),
    _rule(rf"{_BEGIN}(?:eddsa|ed-?25519|ed-?448|edwards)", _on_curve("EdDSA", "signature")),
    _rule(r"ecdsa|ec-?dsa", _on_curve("ECDSA", "signature")),
    _rule(rf"{_BEGIN}(?:ecdhe?|ecdh-es|x-?25519|x-?448|curve-?25519|curve-?448|xdh)", _on_curve("ECDH", "key-agree")),
    _rule(rf"{_BEGIN}ecies", _on_curve("ECIES", "pke")),
    _rule(rf"{_BEGIN}ec-?mqv|{_BEGIN}mqv", _on_curve("MQV", "key-agree")),
    _rule(r"rsa(?:ssa|es|encryption|pss|oaep|sign)?(?![a-z])", _read_rsa),
    _rule(rf"{_BEGIN}(?:ffdhe?|dhe?|diffie-?hellman|modp|x9\.?42)-?(\d{{3,5}})?{_END}", _plain("FFDH", "key-agree")),
    _rule(rf"{_BEGIN}(?:ec-)?elgamal", _plain("ElGamal", "pke")),
    _rule(rf"{_BEGIN}(?:sha-?\d*with)?dsa-?(\d{{3,4}})?(?![a-z])", _plain("DSA", "signature")),
    _rule(rf"{_BEGIN}(?:ec|ecc|ec-?public-?key){_END}", _on_curve("EC")),
    _rule(rf"{_BEGIN}hkdf", _with_hash("HKDF", "kdf")),
    _rule(rf"{_BEGIN}pbkdf2", _with_hash("PBKDF2", "kdf")),
    _rule(rf"{_BEGIN}(?:concat(?:enation)?-?kdf|sp-?800-?56c)", _with_hash("SP800-56C", "kdf")),
    _rule(rf"{_BEGIN}argon2(id|i|d)?", _plain("Argon2", "kdf")),
    _rule(rf"{_BEGIN}scrypt", _plain("scrypt", "kdf")),
    _rule(rf"{_BEGIN}bcrypt", _plain("bcrypt", "kdf")),
    _rule(rf"{_BEGIN}hmac-?drbg", _with_hash("HMAC_DRBG", "drbg")),
    _rule(rf"{_BEGIN}hash-?drbg", _with_hash("Hash_DRBG", "drbg")),
    _rule(rf"{_BEGIN}ctr-?drbg(?:-aes)?{_BITS}", _plain("CTR_DRBG", "drbg")),
    _rule(rf"{_BEGIN}mgf-?1", _plain("MGF1")),
    _rule(rf"{_BEGIN}(?:pbes2|pbe-?with)", _plain("PBES2")),
    _rule(r"chacha-?20?", _read_chacha),
    _rule(rf"{_BEGIN}salsa-?20", _plain("Salsa20", "stream-cipher")),
    _rule(rf"{_BEGIN}(?:aes{_BITS}|a(128|192|256)(?:gcm|cbc|ctr|ccm|kw|gcmkw)|rijndael{_BITS})", _read_aes),
    _rule(rf"{_BEGIN}camellia{_BITS}", _plain("CAMELLIA", "block-cipher")),
    _rule(rf"{_BEGIN}aria{_BITS}", _plain("ARIA", "block-cipher")),
    _rule(rf"{_BEGIN}sm4{_END}", lambda *_: Algorithm("SM4", "128", "block-cipher")),
    _rule(rf"{_BEGIN}seed(?:-?128)?{_END}", lambda *_: Algorithm("SEED", "128", "block-cipher")),
    _rule(rf"{_BEGIN}(?:3des|tdea|des-?ede3?|triple-?des|tripledes)", _plain("3DES", "block-cipher")),
    _rule(rf"{_BEGIN}des(?![a-z])", _plain("DES", "block-cipher")),
    _rule(rf"{_BEGIN}(?:a?rc-?4|arcfour){_END}", _plain("RC4", "stream-cipher")),
    _rule(rf"{_BEGIN}rc2{_END}", _plain("RC2", "block-cipher")),
    _rule(rf"{_BEGIN}blowfish", _plain("Blowfish", "block-cipher")),
    _rule(rf"{_BEGIN}twofish{_BITS}", _plain("Twofish", "block-cipher")),
    _rule(rf"{_BEGIN}serpent{_BITS}", _plain("Serpent", "block-cipher")),
    _rule(rf"{_BEGIN}idea{_END}", _plain("IDEA", "block-cipher")),
    _rule(rf"{_BEGIN}cast-?(?:5|128)", _plain("CAST5", "block-cipher")),
    # After what it is a part of: of AES-128-CBC-HMAC-SHA256 the cipher counts.
    _rule(rf"{_BEGIN}hmac(?![a-z]*drbg)(?!-drbg)", _with_hash("HMAC", "mac")),
    _rule(rf"{_BEGIN}sm2{_END}", _plain("SM2")),
    _rule(rf"{_BEGIN}gost-?r?-?34-?10", _plain("GOST", "signature")),
    _rule(rf"{_BEGIN}gost-?r?-?34-?11", _plain("GOST", "hash")),
    _rule(rf"{_BEGIN}poly1305", _plain("Poly1305", "mac")),
    _rule(rf"{_BEGIN}kmac-?(128|256)?", _plain("SHA-3", "mac")),
    _rule(rf"{_BEGIN}{_HASH}{_END}", _read_hash),
    _rule(rf"{_BEGIN}(?:ripemd|rmd)-?(128|160|256|320)?", _plain("RIPEMD", "hash")),
    _rule(rf"{_BEGIN}blake3", _plain("BLAKE3", "hash")),
)
"""In order: a name that holds several, such as SHA256withRSA, is that of the first."""
