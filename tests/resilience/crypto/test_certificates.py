"""Certificates and keystores as `cryptography`, OpenSSL and Java write them, and broken ones."""

from __future__ import annotations

import datetime
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12
from cryptography.x509.oid import NameOID

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.errors import UnreadableFile
from eendracht.kernel.store import load
from eendracht.resilience.crypto.certificates import read_certificates
from eendracht.resilience.crypto.inventories import ToldInventory, record_inventory
from tests.resilience.small_landscape import DRAFTS
from tests.web.nodes import open_node

NOW = datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)
SHA256 = hashes.SHA256()
PEM = serialization.Encoding.PEM


def make(
    subject: dict[Any, str], key: Any, *, issuer: str = "Voorbeeld CA", hash_with: Any = SHA256, is_ca: bool = False
) -> x509.Certificate:
    """Make a certificate that its own key signed; the issuer is only a name."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(oid, value) for oid, value in subject.items()]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW)
        .not_valid_after(NOW + datetime.timedelta(days=90))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    )
    return builder.sign(key, hash_with)


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def host(rsa_key: rsa.RSAPrivateKey) -> x509.Certificate:
    return make({NameOID.COMMON_NAME: "www.voorbeeld.nl", NameOID.ORGANIZATION_NAME: "Gemeente Voorbeeld"}, rsa_key)


def labels(told: ToldInventory, kind: str) -> set[tuple[str, str, str]]:
    """Family, parameter set and purpose of the assets of a type."""
    return {
        (a.spec.get("algorithmFamily", ""), a.spec.get("parameterSet", ""), a.spec.get("purpose", ""))
        for a in told.assets
        if a.spec["type"] == kind
    }


def test_a_chain_tells_its_keys_signatures_and_hashes(host: x509.Certificate) -> None:
    authority = make({NameOID.COMMON_NAME: "Voorbeeld Root CA"}, ec.generate_private_key(ec.SECP384R1()),
                     hash_with=hashes.SHA384(), is_ca=True)  # fmt: skip
    told = read_certificates(host.public_bytes(PEM) + authority.public_bytes(PEM), "keten.pem")
    assert labels(told, "certificate") == {("RSA", "2048", "signature"), ("EC", "P-384", "signature")}
    assert labels(told, "algorithm") == {
        ("RSA", "2048", ""),
        ("RSA", "", "signature"),
        ("SHA-2", "256", "hash"),
        ("EC", "P-384", ""),
        ("ECDSA", "", "signature"),
        ("SHA-2", "384", "hash"),
    }
    facts = {a.spec["certificate"]["subject"]: a.spec["certificate"] for a in told.assets if "certificate" in a.spec}
    assert set(facts) == {"www.voorbeeld.nl", "Voorbeeld Root CA"}
    assert facts["www.voorbeeld.nl"] == {
        "subject": "www.voorbeeld.nl",
        "issuer": "Voorbeeld CA",
        "notBefore": "2026-11-01",
        "notAfter": "2027-01-30",
        "fingerprintSha256": host.fingerprint(hashes.SHA256()).hex(),
        "signatureAlgorithm": "sha256WithRSAEncryption",
        "keyAlgorithm": "RSA",
        "keyParameters": "2048",
        "isCa": False,
    }
    assert facts["Voorbeeld Root CA"]["isCa"] is True


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (ed25519.Ed25519PrivateKey.generate, ("EdDSA", "Ed25519")),
        (mldsa.MLDSA65PrivateKey.generate, ("ML-DSA", "65")),
    ],
)
def test_newer_keys_are_known(key: Callable[[], Any], expected: tuple[str, str]) -> None:
    told = read_certificates(
        make({NameOID.COMMON_NAME: "a.voorbeeld.nl"}, key(), hash_with=None).public_bytes(PEM), "a"
    )
    assert {label[:2] for label in labels(told, "certificate")} == {expected}


def test_the_name_of_a_person_is_left_out(rsa_key: rsa.RSAPrivateKey) -> None:
    person = make({NameOID.GIVEN_NAME: "Jan", NameOID.COMMON_NAME: "Jan Jansen"}, rsa_key, issuer="Piet Pietersen")
    told = read_certificates(person.public_bytes(PEM), "persoon.pem")
    kept = json.dumps([dict(asset.spec) for asset in told.assets])
    assert "Jansen" not in kept
    assert "Pietersen" not in kept
    assert told.left_out == {"person-name": 1}


def test_two_files_of_one_subject_stand_beside_each_other(
    tmp_path: Path, host: x509.Certificate, rsa_key: rsa.RSAPrivateKey
) -> None:
    other = make({NameOID.COMMON_NAME: "mail.voorbeeld.nl"}, rsa_key)
    with open_node(tmp_path / "node") as node:
        load(node.store, DRAFTS)
        for name, one in (("web.pem", host), ("mail.pem", other)):
            told = read_certificates(one.public_bytes(PEM), name)
            outcome = record_inventory(node.store, OPERATOR, told, subject="application:gm0344/balie")
            assert outcome.ended == 0
        found = [r.spec(node.store.registry) for r in node.store.snapshot(OPERATOR, kind="cryptographic-asset")]
    subjects = {spec["certificate"]["subject"] for spec in found if "certificate" in spec}
    assert subjects == {"www.voorbeeld.nl", "mail.voorbeeld.nl"}


def test_der_and_pkcs7_are_read(host: x509.Certificate) -> None:
    der = host.public_bytes(serialization.Encoding.DER)
    assert labels(read_certificates(der, "a.cer"), "certificate") == {("RSA", "2048", "signature")}
    for encoding in (PEM, serialization.Encoding.DER):
        bundle = pkcs7.serialize_certificates([host], encoding)
        assert labels(read_certificates(bundle, "a.p7b"), "certificate") == {("RSA", "2048", "signature")}


@pytest.mark.parametrize("password", ["", "geheim é"])
def test_a_keystore_opens_with_and_without_a_password_and_keeps_no_key(
    host: x509.Certificate, rsa_key: rsa.RSAPrivateKey, password: str
) -> None:
    closing: Any = (
        serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    )
    store = pkcs12.serialize_key_and_certificates(b"bos", rsa_key, host, None, closing)
    told = read_certificates(store, "bos.p12", lambda: password)
    assert told.source_type == "keystore"
    assert labels(told, "certificate") == {("RSA", "2048", "signature")}
    assert [a.spec["material"] for a in told.assets if "material" in a.spec] == [{"type": "private-key"}]
    number = str(rsa_key.private_numbers().p)
    assert number not in repr(told)
    if password:
        with pytest.raises(UnreadableFile) as caught:
            read_certificates(store, "bos.p12", lambda: "fout")
        assert [fault.code for fault in caught.value.faults] == ["keystore-closed"]


def test_a_keystore_of_java_gives_its_certificates_without_a_password(tmp_path: Path, host: x509.Certificate) -> None:
    from shutil import which

    keytool = which("keytool")
    if keytool is None:
        pytest.skip("keytool of Java is not on this machine")
    (tmp_path / "host.pem").write_bytes(host.public_bytes(PEM))
    store = tmp_path / "bos.jks"
    common = ["-keystore", str(store), "-storepass", "geheim1", "-storetype", "JKS", "-noprompt"]
    made = ["-genkeypair", "-alias", "eigen", "-keyalg", "RSA", "-keysize", "3072", "-dname", "CN=java.voorbeeld.nl"]
    subprocess.run([keytool, *made, "-keypass", "geheim1", *common], check=True, capture_output=True)
    subprocess.run([keytool, "-importcert", "-alias", "host", "-file", str(tmp_path / "host.pem"), *common],
                   check=True, capture_output=True)  # fmt: skip
    told = read_certificates(store.read_bytes(), "bos.jks")
    assert labels(told, "certificate") == {("RSA", "3072", "signature"), ("RSA", "2048", "signature")}
    assert told.left_out["secret"] == 1
    with pytest.raises(UnreadableFile):
        read_certificates(store.read_bytes()[:-700], "bos.jks")


def test_every_certificate_that_cannot_be_read_is_named_with_its_line(host: x509.Certificate) -> None:
    whole = host.public_bytes(PEM).decode()
    lines = whole.splitlines()
    cut = "\n".join([*lines[:3], *lines[-1:]])
    no_base64 = "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n"
    with pytest.raises(UnreadableFile) as caught:
        read_certificates((whole + cut + "\n").encode(), "keten.pem")
    line = len(lines) + 1
    assert [(f.pointer, f.code) for f in caught.value.faults] == [
        (f"keten.pem › regel {line}", "malformed-certificate")
    ]
    with pytest.raises(UnreadableFile) as caught:
        read_certificates((no_base64 + "-----BEGIN CERTIFICATE-----\nMIIB").encode(), "b.pem")
    assert [f.pointer for f in caught.value.faults] == ["b.pem › regel 1", "b.pem › regel 4"]


@pytest.mark.parametrize(
    "data", [b"", b"hallo", b"\x30\x03\x02\x01\x01", b"\xfe\xed\xfe\xed\x00", b"-----BEGIN X-----"]
)
def test_what_is_no_certificate_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        read_certificates(data, "x")


def with_extensions(key: Any, *extensions: tuple[str, bytes]) -> bytes:
    """Make a certificate (DER) with extensions that the library does not look into."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "voorbeeld.nl")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7, NOW, NOW + datetime.timedelta(days=90))
    for oid, value in extensions:
        builder = builder.add_extension(x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), value), critical=False)
    return builder.sign(key, SHA256).public_bytes(serialization.Encoding.DER)


def test_what_is_no_certificate_by_its_standard_is_a_fault_of_the_file(rsa_key: rsa.RSAPrivateKey) -> None:
    """RFC 5280, sections 4.1.2.1 (version) and 4.2 (an extension at most once)."""
    null = b"\x05\x00"
    twice = with_extensions(rsa_key, ("1.2.3.4.1", null), ("1.2.3.4.2", null))
    twice = twice.replace(bytes.fromhex("06042a030402"), bytes.fromhex("06042a030401"))
    version = with_extensions(rsa_key).replace(bytes.fromhex("a003020102"), bytes.fromhex("a003020105"), 1)
    for der in (twice, version):
        with pytest.raises(UnreadableFile) as refused:
            read_certificates(der, "a.der")
        assert [fault.code for fault in refused.value.faults] == ["malformed-certificate"]


def test_a_name_of_a_kind_that_nobody_uses_hides_no_certificate(rsa_key: rsa.RSAPrivateKey) -> None:
    """An alternative name may be an X.400 address (RFC 5280, section 4.2.1.6)."""
    told = read_certificates(with_extensions(rsa_key, ("2.5.29.17", bytes.fromhex("3006a30430020500"))), "a.der")
    assert [asset.spec["name"] for asset in told.assets if asset.spec["type"] == "certificate"] == ["voorbeeld.nl"]


def test_a_certificate_with_a_signature_that_the_library_does_not_know_is_told() -> None:
    """SLH-DSA-SHA2-128s (FIPS 205) is 2.16.840.1.101.3.4.3.20, where ML-DSA-44 is .17."""
    made = make({NameOID.COMMON_NAME: "voorbeeld.nl"}, mldsa.MLDSA44PrivateKey.generate(), hash_with=None)
    der = made.public_bytes(serialization.Encoding.DER)
    oid = bytes.fromhex("06096086480165030403")
    told = read_certificates(der.replace(oid + b"\x11", oid + b"\x14"), "a.der")
    (certificate,) = (asset for asset in told.assets if asset.spec["type"] == "certificate")
    assert certificate.spec["algorithmFamily"] == "SLH-DSA"


def test_what_a_certificate_is_trusted_for_is_left_aside(rsa_key: rsa.RSAPrivateKey, tmp_path: Path) -> None:
    file = tmp_path / "a.pem"
    file.write_bytes(make({NameOID.COMMON_NAME: "voorbeeld.nl"}, rsa_key).public_bytes(PEM))
    asked = ["openssl", "x509", "-in", str(file), "-trustout", "-addtrust", "serverAuth"]
    trusted = subprocess.run(asked, check=True, capture_output=True).stdout
    assert b"BEGIN TRUSTED CERTIFICATE" in trusted
    both = [read_certificates(data, "a.pem").assets for data in (trusted, file.read_bytes())]
    assert both[0] == both[1]
