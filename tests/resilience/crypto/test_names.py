"""Names, identifiers and curves of algorithms mean what their standards say, and a quantum class follows from them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from eendracht.resilience.crypto.bills import read_cbom
from eendracht.resilience.crypto.classes import CLASSES, PURPOSES, classify, judge_algorithm
from eendracht.resilience.crypto.names import Algorithm, name_curve, read_family, read_group, read_name, read_oid
from eendracht.resilience.crypto.purposes import resolve_purposes
from eendracht.resilience.tls.code_points import GROUPS
from tests.resilience.crypto.small_bills import asset, bill, dump


@pytest.mark.parametrize(
    ("name", "family", "parameter_set", "purpose"),
    [
        ("RSA-2048", "RSA", "2048", ""),
        ("SHA256withRSA", "RSA", "", "signature"),
        ("sha256WithRSAEncryption", "RSA", "", "signature"),
        ("rsaEncryption", "RSA", "", ""),
        ("RSA-PKCS1-1.5-SHA512-2048", "RSA", "2048", "signature"),
        ("RSA/ECB/OAEPWithSHA-256AndMGF1Padding", "RSA", "", "pke"),
        ("PS384", "RSA", "", "signature"),
        ("ES256", "ECDSA", "P-256", "signature"),
        ("ecdsa-with-SHA384", "ECDSA", "", "signature"),
        ("ECDHE-secp384r1", "ECDH", "P-384", "key-agree"),
        ("x25519", "ECDH", "X25519", "key-agree"),
        ("EC-secp521r1", "EC", "P-521", ""),
        ("Ed25519", "EdDSA", "Ed25519", "signature"),
        ("ffdhe3072", "FFDH", "3072", "key-agree"),
        ("X25519MLKEM768", "X25519MLKEM768", "", "combiner"),
        ("ML-KEM-1024", "ML-KEM", "1024", "kem"),
        ("HashML-DSA-65", "ML-DSA", "65", "signature"),
        ("SLH-DSA-SHA2-128s", "SLH-DSA", "SHA2-128S", "signature"),
        ("AES128-CBC-PKCS5", "AES", "128", "block-cipher"),
        ("A256GCM", "AES", "256", "ae"),
        ("aes256-wrap", "AES", "256", "key-wrap"),
        ("DESede/CBC/PKCS5Padding", "3DES", "", "block-cipher"),
        ("ChaCha20-Poly1305", "ChaCha20-Poly1305", "", "ae"),
        ("SHA1", "SHA-1", "", "hash"),
        ("SHA-512/256", "SHA-2", "512/256", "hash"),
        ("SHA3-256", "SHA-3", "256", "hash"),
        ("HmacSHA256", "HMAC", "SHA-256", "mac"),
        ("PBKDF2WithHmacSHA512", "PBKDF2", "SHA-512", "kdf"),
        # RFC 7518, section 5.2.3: a key of 256 bits, of which AES has 128; and the registry of CycloneDX 1.7.
        ("A128CBC-HS256", "AES", "128", "ae"),
        ("A256CBC-HS512", "AES", "256", "ae"),
        ("AES_128_CBC_HMAC_SHA_256", "AES", "128", "ae"),
        ("AES-128-CBC-HMAC-SHA256", "AES", "128", "ae"),
        ("AES-CTR-HMAC-SHA1", "AES", "", "ae"),
        ("CAMELLIA-128-CBC-HMAC-SHA256", "CAMELLIA", "128", "block-cipher"),
        ("RSA-2048-AES-256-CBC-HMAC-SHA256", "RSA", "2048", ""),
        # RFC 7518, section 4.8: encryption with a password, no mark of what was sent.
        ("PBES2-HS256+A128KW", "PBES2", "", ""),
        ("PBKDF2-HMAC-SHA256", "PBKDF2", "SHA-256", "kdf"),
        ("HMAC-SHA256", "HMAC", "SHA-256", "mac"),
        ("HS512", "HMAC", "SHA-512", "mac"),
        # RFC 8332 and RFC 6668, of SSH.
        ("rsa-sha2-256", "RSA", "", "signature"),
        ("rsa-sha2-512", "RSA", "", "signature"),
        ("hmac-sha2-512", "HMAC", "SHA-512", "mac"),
        ("hmac-sha2-256-etm@openssh.com", "HMAC", "SHA-256", "mac"),
        ("SHA2-512", "SHA-2", "512", "hash"),
        # SP 800-208: one tree or several are algorithms of their own.
        ("LMS_SHA256_M32_H10", "LMS", "", "signature"),
        ("HSS", "HSS", "", "signature"),
        ("XMSS-SHA2_10_256", "XMSS", "", "signature"),
        ("XMSSMT-SHA2_20/2_256", "XMSSMT", "", "signature"),
        ("XMSS^MT", "XMSSMT", "", "signature"),
        ("key@b627000e-ed4e-449c-acb9-4e9547d6ee93", "", "", ""),
        ("secret-key", "", "", ""),
        ("universal", "", "", ""),
        ("nursery desk", "", "", ""),
    ],
)
def test_a_name_means_one_algorithm(name: str, family: str, parameter_set: str, purpose: str) -> None:
    assert read_name(name) == Algorithm(family, parameter_set, purpose)


def test_identifiers_are_those_that_the_standards_publish(shared: Callable[..., Path]) -> None:
    published = json.loads(shared("reference", "resilience", "pqc", "algorithms.json").read_text("utf-8"))
    for entry in published["algorithms"]:
        assert read_oid(entry["oid"]) == read_name(entry["name"]), entry["name"]


def test_every_family_and_curve_of_the_registry_can_be_read(shared: Callable[..., Path]) -> None:
    registry = json.loads(shared("reference", "resilience", "cyclonedx", "cryptography-defs.json").read_text("utf-8"))
    for entry in registry["algorithms"]:
        read = read_family(entry["family"])
        assert read.family, entry["family"]
        purposes = {variant["primitive"] for variant in entry["variant"]}
        # Where all variants of a family are for one thing, the family itself is.
        if read.purpose and len(purposes) == 1:
            assert read.purpose in purposes, entry["family"]
    for category in registry["ellipticCurves"]:
        for curve in category["curves"]:
            named = name_curve(f"{category['name']}/{curve['name']}")
            for alias in curve.get("aliases", ()):
                if named.startswith("P-"):
                    assert name_curve(f"{alias['category']}/{alias['name']}") == named


def test_every_group_of_the_probe_is_a_key_exchange() -> None:
    for name, quantum in GROUPS.values():
        read = read_group(name)
        assert read.purpose in ("key-agree", "kem", "combiner"), name
        expected = {"hybrid": "safe", "pure": "safe", "none": "broken", "draft": "unknown"}[quantum]
        assert classify(read.family, read.parameter_set, read.purpose) == expected, name


@pytest.mark.parametrize(
    ("family", "parameter_set", "purpose", "expected"),
    [
        # NIST IR 8547, tables 2 and 4: all of these fall to a quantum computer.
        ("RSA", "16384", "signature", "broken"),
        ("ECDSA", "P-521", "signature", "broken"),
        ("EdDSA", "Ed448", "signature", "broken"),
        ("FFDH", "8192", "key-agree", "broken"),
        ("ML-KEM", "512", "kem", "safe"),
        ("SLH-DSA", "SHA2-128S", "signature", "safe"),
        ("AES", "128", "ae", "weakened"),
        ("AES", "256", "ae", "safe"),
        ("AES", "", "ae", "unknown"),
        # The size of the key is that of the cipher, whatever else has a number.
        ("AES", "128-CBC-HMAC-SHA256", "ae", "weakened"),
        ("AES", "128-GCM-256", "ae", "weakened"),
        ("AES", "256-GCM-128", "ae", "safe"),
        ("AES", "CBC-HMAC-SHA256", "ae", "unknown"),
        ("AES", "CBC-HS256", "ae", "unknown"),
        # FIPS 197: 128, 192 or 256 bits, and nothing else.
        ("AES", "10000000000256", "ae", "unknown"),
        ("AES", "512", "ae", "unknown"),
        ("AES", "-1 256", "ae", "unknown"),
        ("CAMELLIA", "192", "block-cipher", "weakened"),
        ("HMAC", "10000000000256", "mac", "unknown"),
        ("HMAC", "SHA-1/256", "mac", "unknown"),
        ("HMAC", "MD5-256", "mac", "unknown"),
        ("HMAC", "SHA-512/256", "mac", "safe"),
        ("HMAC", "SHA3-256", "mac", "safe"),
        ("SHA-2", "512/224", "hash", "weakened"),
        ("BLAKE2", "b-512", "hash", "safe"),
        ("HSS", "", "signature", "safe"),
        ("XMSSMT", "", "signature", "safe"),
        ("SHA-2", "512/256", "hash", "safe"),
        ("HMAC", "SHA-1", "mac", "weakened"),
        ("HMAC", "SHA-2", "mac", "unknown"),
        ("SHA-3", "SHAKE128", "xof", "weakened"),
        ("GOST", "", "signature", "broken"),
        ("GOST", "", "hash", "unknown"),
        ("TLS", "1.3", "", "unknown"),
        ("Kyber", "768", "kem", "unknown"),
        ("", "", "", "unknown"),
    ],
)
def test_the_class_follows_from_family_and_size(family: str, parameter_set: str, purpose: str, expected: str) -> None:
    assert classify(family, parameter_set, purpose) == expected
    judgement = judge_algorithm(family, parameter_set, purpose)
    assert bool(judgement.source) == (expected != "unknown")
    assert expected in CLASSES


@pytest.mark.parametrize(
    ("name", "said", "purpose", "ground"),
    [
        ("RSA", {"primitive": "pke", "cryptoFunctions": ["keygen"]}, "", "ambiguous"),
        ("RSA", {"primitive": "pke", "cryptoFunctions": ["encrypt", "decrypt"]}, "pke", "stated"),
        ("RSA", {"primitive": "pke", "cryptoFunctions": ["sign"]}, "signature", "derived"),
        ("RSA", {"primitive": "pke", "cryptoFunctions": ["sign", "encrypt"]}, "", "ambiguous"),
        ("RSA", {"primitive": "pke", "padding": "oaep"}, "pke", "stated"),
        ("EC-secp256r1", {"primitive": "pke", "cryptoFunctions": ["keygen"]}, "", "ambiguous"),
        ("ECDH", {"primitive": "pke", "cryptoFunctions": ["keygen"]}, "key-agree", "derived"),
        ("ECDSA", {"primitive": "signature"}, "signature", "stated"),
        ("ECDSA", {"primitive": "hash"}, "", "ambiguous"),
        ("AES", {"primitive": "other", "cryptoFunctions": ["decapsulate"]}, "", "ambiguous"),
        ("AES", {"primitive": "unknown", "mode": "gcm"}, "ae", "derived"),
        ("AES", {"cryptoFunctions": ["encrypt", "tag"]}, "ae", "derived"),
        ("AES", {}, "", "ambiguous"),
        ("ML-KEM-768", {}, "kem", "derived"),
        ("iets", {"cryptoFunctions": ["digest"]}, "", "ambiguous"),
        ("iets", {"cryptoFunctions": ["keygen"]}, "", "unknown"),
        ("iets", {"primitive": "mac"}, "mac", "stated"),
    ],
)
def test_a_purpose_is_resolved_where_the_evidence_allows(
    name: str, said: dict[str, object], purpose: str, ground: str
) -> None:
    [found] = resolve_purposes(read_cbom(dump(bill(asset(name, "x", **said))), "b").assets).values()
    assert (found.purpose, found.ground) == (purpose, ground)
    assert found.reason
    assert not found.purpose or found.purpose in PURPOSES


@pytest.mark.parametrize(
    ("name", "said", "family", "parameter_set", "expected"),
    [
        ("RSA-2048", {"algorithmFamily": "ML-KEM"}, "", "", "unknown"),
        ("RSA-2048", {"algorithmFamily": "ML-KEM", "primitive": "kem"}, "", "", "unknown"),
        ("ECDSA", {"algorithmFamily": "SHA-2", "parameterSetIdentifier": "256"}, "", "", "unknown"),
        ("SHA1", {"algorithmFamily": "SHA-3", "parameterSetIdentifier": "256"}, "", "", "unknown"),
        # Of one family the size is what is in doubt.
        ("AES-128", {"parameterSetIdentifier": "256"}, "AES", "", "unknown"),
        ("HMAC-SHA1", {"parameterSetIdentifier": "256"}, "HMAC", "", "unknown"),
        # Nothing gets better than its name, so nobody is told something false.
        ("ML-KEM-768", {"algorithmFamily": "RSASSA-PSS"}, "RSA", "", "broken"),
        ("AES-256", {"parameterSetIdentifier": "128"}, "AES", "128", "weakened"),
        ("AES-256", {"algorithmFamily": "AES", "parameterSetIdentifier": "256"}, "AES", "256", "safe"),
        ("kluis", {"algorithmFamily": "ML-KEM", "parameterSetIdentifier": "768"}, "ML-KEM", "768", "safe"),
        # The registry has one family for one tree and for several.
        ("XMSSMT-SHA2_20/2_256", {"algorithmFamily": "XMSS"}, "XMSSMT", "", "safe"),
        ("HSS", {"algorithmFamily": "LMS"}, "HSS", "", "safe"),
        ("LMS", {"algorithmFamily": "LMS"}, "LMS", "", "safe"),
    ],
)
def test_a_bill_that_contradicts_a_name_for_the_better_leaves_it_open(
    name: str, said: dict[str, object], family: str, parameter_set: str, expected: str
) -> None:
    version = "1.7" if "algorithmFamily" in said else "1.6"
    [found] = resolve_purposes(read_cbom(dump(bill(asset(name, "x", **said), version=version)), "b").assets).values()
    assert (found.family, found.parameter_set) == (family, parameter_set)
    assert classify(found.family, found.parameter_set, found.purpose) == expected
    if not family:
        assert (found.purpose, found.ground) == ("", "ambiguous")


def test_a_key_is_for_what_its_algorithm_is_for() -> None:
    document = bill(
        asset("sleutel", "k", kind="related-crypto-material", type="private-key", algorithmRef="a", size=3072),
        asset("RSASSA-PSS", "a", primitive="signature"),
        asset("publiek", "p", kind="related-crypto-material", type="public-key"),
        asset("cert", "c", kind="certificate", subjectPublicKeyRef="p", signatureAlgorithmRef="s"),
        asset("ecdsa-with-SHA384", "s", primitive="signature"),
        asset("EC-secp256r1", "e", primitive="pke"),
        dependencies=[{"ref": "p", "dependsOn": ["e"]}],
    )
    found = resolve_purposes(read_cbom(dump(document), "b").assets)
    assert (found["k"].family, found["k"].parameter_set, found["k"].purpose) == ("RSA", "3072", "signature")
    assert (found["p"].family, found["p"].ground) == ("EC", "ambiguous")
    assert (found["c"].purpose, found["c"].ground) == ("signature", "derived")
