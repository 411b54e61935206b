"""Certificates and keystores as inventories: PEM, DER, PKCS#7, PKCS#12 and the store of Java (JKS).

Of a private key only is kept that one was there. A name that may be a person's is left out (`subjects`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from eendracht.kernel.errors import Fault, UnreadableFile
from eendracht.kernel.imports.bounds import refuse
from eendracht.kernel.imports.rows import join_place
from eendracht.resilience.crypto.inventories import SourceType, ToldAsset, ToldInventory
from eendracht.resilience.crypto.keystores import is_java_store, read_java_store
from eendracht.resilience.crypto.names import Algorithm, name_curve, read_name, read_oid
from eendracht.resilience.crypto.subjects import is_host, name_authority, name_issuer, name_subject

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

MOST_BYTES: Final = 20_000_000
MOST_CERTIFICATES: Final = 5_000
_BEGIN: Final = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----")
_UNSPLIT: Final = ("PKCS7", "CMS")
_SINGLE: Final = ("CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE")

AskPassword = Callable[[], str]
"""Gives the password of a keystore; called once, and only where one is needed."""


@dataclass(slots=True)
class _Contents:
    """What a file holds: certificates (DER) with their place, and how many private keys."""

    certificates: list[tuple[bytes, str]] = field(default_factory=list)
    private_keys: int = 0
    source_type: SourceType = "certificate"


def read_certificates(data: bytes, file: str, ask_password: AskPassword | None = None) -> ToldInventory:
    """Read a file of certificates; raises UnreadableFile with every certificate that cannot be read and its place."""
    if len(data) > MOST_BYTES:
        raise refuse(file, "too-large", "Dit bestand is te groot", "This file is too large", "Split it.")
    contents = _open(data, file, ask_password)
    if not contents.certificates and not contents.private_keys:
        raise refuse(
            file,
            "no-certificate",
            "Hier staat geen certificaat in",
            "There is no certificate in this",
            "PEM, DER, PKCS#7, PKCS#12 and JKS can be read.",
        )
    if len(contents.certificates) > MOST_CERTIFICATES:
        raise refuse(file, "too-many", "Dit zijn te veel certificaten", "These are too many certificates", "Split it.")
    telling = CertificateAssets(file)
    faults = []
    for der, place in contents.certificates:
        try:
            telling.add_certificate(der)
        except unreadable() as error:
            nl, en = "Dit certificaat kan niet worden gelezen", f"This certificate cannot be read ({str(error)[:120]})"
            hint = "Export it again; it may have been cut off."
            faults.append(Fault(join_place(file, place), "malformed-certificate", nl, en, hint))
    if faults:
        raise UnreadableFile(f"{file}: {len(faults)} certificate(s) cannot be read", faults=faults[:100])
    telling.add_private_keys(contents.private_keys)
    digest = hashlib.sha256(data).hexdigest()
    return ToldInventory(file, contents.source_type, telling.list_assets(), sha256=digest, left_out=telling.left_out)


def unreadable() -> tuple[type[Exception], ...]:
    """Give the errors of the library for what it cannot read, without loading it before it is needed.

    Several are no ValueError: an unknown algorithm, an unknown version, and an extension that is there twice.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.x509 import DuplicateExtension, InvalidVersion

    return ValueError, TypeError, UnsupportedAlgorithm, DuplicateExtension, InvalidVersion


# -- what the file is -----------------------------------------------------------------------------------------------


def _open(data: bytes, file: str, ask_password: AskPassword | None) -> _Contents:
    if _BEGIN.search(data):
        return _open_pem(data, file)
    if is_java_store(data):
        certificates, keys = read_java_store(data, file)
        return _Contents(certificates, keys, "keystore")
    if data[:1] != b"\x30":
        return _Contents()
    return _open_der(data, file, ask_password)


def _open_pem(data: bytes, file: str) -> _Contents:
    """Take the blocks one by one; each has to end before the next begins, so that a long file is gone through once."""
    contents = _Contents()
    faults = []
    begins = list(_BEGIN.finditer(data))
    if len(begins) > MOST_CERTIFICATES:
        raise refuse(file, "too-many", "Dit zijn te veel certificaten", "These are too many certificates", "Split it.")
    for begin, following in zip(begins, [*begins[1:], None], strict=True):
        label = begin[1].decode()
        place = _line_of(data, begin.start())
        end = data.find(f"-----END {label}-----".encode(), begin.end(), following.start() if following else len(data))
        der = _decode(data[begin.end() : end]) if end >= 0 else None
        if label.endswith("PRIVATE KEY"):
            contents.private_keys += 1
        elif label not in (*_UNSPLIT, *_SINGLE):
            continue
        elif end < 0:
            faults.append(_malformed(file, place, "the END line that belongs to it is missing"))
        elif der is None:
            faults.append(_malformed(file, place, "the text between the lines is no base64"))
        elif label in _UNSPLIT:
            contents.certificates += _split_pkcs7(der, file, place)
        else:
            # After a trusted certificate OpenSSL tells what it is trusted for.
            contents.certificates.append((_cut(der) if label == "TRUSTED CERTIFICATE" else der, place))
    if faults:
        raise UnreadableFile(f"{file}: {len(faults)} certificate(s) cannot be read", faults=faults[:100])
    return contents


def _line_of(data: bytes, at: int) -> str:
    line = data.count(b"\n", 0, at) + 1
    return f"regel {line}"


def _malformed(file: str, place: str, why: str) -> Fault:
    nl, en = "Dit certificaat kan niet worden gelezen", f"This certificate cannot be read: {why}"
    return Fault(join_place(file, place), "malformed-certificate", nl, en, "Export it again; it may have been cut off.")


def _decode(text: bytes) -> bytes | None:
    # Some programs put names of attributes before the base64, with an empty line between (RFC 1421).
    body = text.replace(b"\r", b"").rpartition(b"\n\n")[2]
    try:
        return base64.b64decode(b"".join(body.split()), validate=True)
    except binascii.Error:
        return None


def _cut(der: bytes) -> bytes:
    """Leave out what comes after the first element (X.690, section 8.1.3, definite lengths)."""
    if len(der) < 2:
        return der
    more = der[1] & 0x7F if der[1] & 0x80 else 0
    length = int.from_bytes(der[2 : 2 + more], "big") if more else der[1]
    return der[: 2 + more + length]


def _open_der(data: bytes, file: str, ask_password: AskPassword | None) -> _Contents:
    from cryptography import x509

    try:
        x509.load_der_x509_certificate(data)
    except unreadable() as error:
        if _looks_like_store(data):
            return _open_pkcs12(data, file, ask_password)
        try:
            found = _split_pkcs7(data, file, "")
        except UnreadableFile:
            raise UnreadableFile(f"{file} cannot be read", faults=[_malformed(file, "", str(error)[:120])]) from error
        return _Contents(found)
    return _Contents([(data, "")])


def _looks_like_store(data: bytes) -> bool:
    """PKCS#12 begins with version 3 (RFC 7292, section 4)."""
    return re.match(rb"\x30(?:[\x00-\x7f]|[\x80-\x84].{0,4}?)\x02\x01\x03\x30", data, re.DOTALL) is not None


def _split_pkcs7(data: bytes, file: str, place: str) -> list[tuple[bytes, str]]:
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

    try:
        found = pkcs7.load_der_pkcs7_certificates(data)
    except unreadable() as error:
        raise UnreadableFile(f"{file} cannot be read", faults=[_malformed(file, place, str(error)[:120])]) from error
    return [(one.public_bytes(Encoding.DER), f"certificaat {at}") for at, one in enumerate(found, 1)]


def _open_pkcs12(data: bytes, file: str, ask_password: AskPassword | None) -> _Contents:
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

    asked = [b"", None] if ask_password is None else [b"", None, ask_password]
    for password in asked:
        said = password().encode() if callable(password) else password
        try:
            store = pkcs12.load_pkcs12(data, said)
        except unreadable():
            continue
        found = [store.cert, *store.additional_certs]
        certificates = [one.certificate.public_bytes(Encoding.DER) for one in found if one is not None]
        placed = [(der, f"certificaat {at}") for at, der in enumerate(certificates, 1)]
        return _Contents(placed, int(store.key is not None), "keystore")
    raise refuse(
        file,
        "keystore-closed",
        "Deze sleutelbos gaat niet open",
        "This keystore does not open",
        "Give its password at the prompt or in --password-file; a wrong one and a broken file look the same.",
    )


# -- what is told of it ---------------------------------------------------------------------------------------------


class CertificateAssets:
    """The assets of certificates at one place (a file, an endpoint): the certificates, and each algorithm once."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._assets: dict[str, ToldAsset] = {}
        self.left_out: Counter[str] = Counter()

    def list_assets(self) -> list[ToldAsset]:
        """Give every asset."""
        return list(self._assets.values())

    def add_certificate(self, der: bytes) -> dict[str, Any]:
        """Take in a certificate (DER) and give its facts; raises one of `unreadable`."""
        from cryptography import x509

        certificate = x509.load_der_x509_certificate(der)
        key, signing = read_key(certificate), read_signing(certificate)
        facts = tell_certificate(certificate, key)
        if not facts.get("subject"):
            self.left_out["person-name"] += 1
        rests_on = [self._add_algorithm(signing, self._add_hashes(certificate)), self._add_algorithm(key, ())]
        spec = {
            "name": facts.get("subject") or facts["fingerprintSha256"][:16],
            "type": "certificate",
            "algorithmFamily": key.family or None,
            "parameterSet": key.parameter_set or None,
            "purpose": "signature",
            "purposeGround": "derived",
            "purposeReason": "a certificate is signed",
            "locations": [self._place[:500]],
            "certificate": facts,
        }
        self._add(f"certificate {facts['fingerprintSha256']}", spec, tuple(name for name in rests_on if name))
        return facts

    def add_private_keys(self, count: int) -> None:
        """Tell that there were private keys; what they are is not looked at."""
        for number in range(1, count + 1):
            self.left_out["secret"] += 1
            spec = {
                "name": "private key",
                "type": "related-crypto-material",
                "material": {"type": "private-key"},
                "purposeReason": "a private key is not looked at",
                "locations": [self._place[:500]],
            }
            self._add(f"private-key {number}", spec, ())

    def _add_hashes(self, certificate: Certificate) -> tuple[str, ...]:
        try:
            hashing = certificate.signature_hash_algorithm
        except unreadable():
            # It was signed with what the library does not know; that may hash in a way of its own.
            hashing = None
        found = read_name(hashing.name) if hashing is not None else Algorithm()
        name = self._add_algorithm(found, ())
        return (name,) if name else ()

    def _add_algorithm(self, algorithm: Algorithm, rests_on: tuple[str, ...]) -> str:
        if not algorithm:
            return ""
        spec = {
            "name": str(algorithm),
            "type": "algorithm",
            "algorithmFamily": algorithm.family,
            "parameterSet": algorithm.parameter_set or None,
            "purpose": algorithm.purpose or None,
            "purposeGround": "stated" if algorithm.purpose else "ambiguous",
            "purposeReason": "the certificate says so"
            if algorithm.purpose
            else "a key in a certificate may do several",
            "locations": [self._place[:500]],
        }
        key = f"algorithm {algorithm} {algorithm.purpose}".strip()
        self._add(key, spec, rests_on)
        return key

    def _add(self, key: str, spec: dict[str, Any], rests_on: tuple[str, ...]) -> None:
        kept = {name: value for name, value in spec.items() if value not in (None, "", [])}
        before = self._assets.get(key)
        both = tuple(dict.fromkeys((*(before.rests_on if before else ()), *rests_on)))
        self._assets[key] = ToldAsset(key, kept | {"bomRef": key[:500]}, both)


def read_key(certificate: Certificate) -> Algorithm:
    """Give the algorithm of the key in a certificate, with its size or curve."""
    found = read_oid(certificate.public_key_algorithm_oid.dotted_string)
    try:
        key: Any = certificate.public_key()
    except unreadable():
        return found
    curve = getattr(getattr(key, "curve", None), "name", "")
    size = getattr(key, "key_size", None)
    parameter_set = name_curve(curve) if curve else found.parameter_set or (str(size) if size else "")
    purpose = "" if found.family in ("RSA", "EC") else found.purpose
    return Algorithm(found.family, parameter_set, purpose)


def read_signing(certificate: Certificate) -> Algorithm:
    """Give the algorithm with which a certificate was signed."""
    oid = certificate.signature_algorithm_oid
    found = read_oid(oid.dotted_string) or read_name(getattr(oid, "_name", ""))
    return Algorithm(found.family, found.parameter_set, "signature") if found else found


def tell_certificate(certificate: Certificate, key: Algorithm) -> dict[str, Any]:
    """Give the facts of a certificate that are about no natural person."""
    from cryptography.hazmat.primitives.hashes import SHA256

    oid = certificate.signature_algorithm_oid
    facts: dict[str, Any] = {
        "subject": _name_host(certificate),
        "issuer": name_issuer(certificate.issuer.rfc4514_string()),
        "notBefore": certificate.not_valid_before_utc.date().isoformat(),
        "notAfter": certificate.not_valid_after_utc.date().isoformat(),
        "fingerprintSha256": certificate.fingerprint(SHA256()).hex(),
        "signatureAlgorithm": getattr(oid, "_name", "") or oid.dotted_string,
        "keyAlgorithm": key.family,
        "keyParameters": key.parameter_set,
        "isCa": _is_authority(certificate),
    }
    return {name: value for name, value in facts.items() if value not in (None, "")}


def _name_host(certificate: Certificate) -> str:
    subject = certificate.subject.rfc4514_string()
    named = name_subject(subject)
    if is_host(named):
        return named
    host = next((name for name in _list_hosts(certificate) if is_host(name)), "")
    authority = name_authority(name_issuer(subject)) if _is_authority(certificate) else ""
    return host or authority or named


def _list_hosts(certificate: Certificate) -> Iterator[str]:
    from cryptography import x509

    names = _find_extension(certificate, x509.SubjectAlternativeName)
    if names is not None:
        yield from names.get_values_for_type(x509.DNSName)


def _is_authority(certificate: Certificate) -> bool | None:
    from cryptography import x509

    constraints = _find_extension(certificate, x509.BasicConstraints)
    return None if constraints is None else bool(constraints.ca)


def _find_extension(certificate: Certificate, sort: Any) -> Any:
    """Give an extension; None where it is not there, and where the library reads none for the sake of another."""
    from cryptography import x509

    try:
        return certificate.extensions.get_extension_for_class(sort).value
    except (x509.ExtensionNotFound, x509.UnsupportedGeneralNameType):
        return None
