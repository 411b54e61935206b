"""The keystore of Java (JKS, JCEKS): its certificates are not encrypted, so that no password is needed for them.

The format as `java.security.KeyStore` of type JKS writes it: magic, version, entries, and a digest that needs the
password and is not checked. Private and secret keys are passed over.
"""

from __future__ import annotations

from typing import Final

from eendracht.kernel.imports.bounds import refuse

_JKS, _JCEKS = 0xFEEDFEED, 0xCECECECE
_PRIVATE, _TRUSTED = 1, 2
MOST_ENTRIES: Final = 10_000


def is_java_store(data: bytes) -> bool:
    """Tell whether a file begins as a keystore of Java does."""
    return int.from_bytes(data[:4], "big") in (_JKS, _JCEKS)


def read_java_store(data: bytes, file: str) -> tuple[list[tuple[bytes, str]], int]:
    """Give each certificate (DER) with its place, and how many private keys there are; raises UnreadableFile."""
    reader = _Reader(data, file, 4)
    version, count = reader.number(4), reader.number(4)
    if version not in (1, 2) or count > MOST_ENTRIES:
        raise reader.refuse()
    certificates: list[tuple[bytes, str]] = []
    keys = 0
    for entry in range(1, count + 1):
        tag = reader.number(4)
        reader.sized(2)
        reader.take(8)
        if tag == _PRIVATE:
            keys += 1
            reader.sized(4)
            chain = reader.number(4)
            if chain > MOST_ENTRIES:
                raise reader.refuse()
        elif tag == _TRUSTED:
            chain = 1
        else:
            # A secret key is a serialised object of Java, whose length nothing tells.
            raise refuse(
                file,
                "secret-key-entry",
                "Deze sleutelbos bevat geheime sleutels en kan daarom niet worden gelezen",
                "This keystore holds secret keys and can therefore not be read",
                "Convert it: keytool -importkeystore -deststoretype pkcs12.",
            )
        for _ in range(chain):
            if version == 2:
                reader.sized(2)
            certificates.append((reader.sized(4), f"onderdeel {entry}"))
    return certificates, keys


class _Reader:
    def __init__(self, data: bytes, file: str, at: int) -> None:
        self._data, self._file, self._at = data, file, at

    def take(self, count: int) -> bytes:
        if self._at + count > len(self._data):
            raise self.refuse()
        found = self._data[self._at : self._at + count]
        self._at += count
        return found

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def sized(self, size: int) -> bytes:
        return self.take(self.number(size))

    def refuse(self) -> Exception:
        """Give the error for a store that does not hold what it says."""
        return refuse(
            self._file,
            "malformed-keystore",
            "Deze sleutelbos kan niet worden gelezen",
            "This keystore cannot be read",
            "Export it again; it may have been cut off.",
        )
