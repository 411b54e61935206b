"""Names in certificates that may be kept: hosts and organisations, never what may be a natural person."""

from __future__ import annotations

import re
from typing import Final

from eendracht.kernel.imports.persons import is_person_name

_HOST: Final = re.compile(
    r"(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.){1,20}[a-z][a-z0-9-]{0,62}", re.ASCII | re.IGNORECASE
)
_AUTHORITY: Final = re.compile(r"\b(?:CA|root|issuing|intermediate|authority|domein)\b", re.IGNORECASE)
_PERSONAL: Final = frozenset({"G", "GN", "GIVENNAME", "SN", "SURNAME", "INITIALS", "EMAILADDRESS", "E", "PSEUDONYM"})
_PART: Final = re.compile(r"(?:^|[,/+;])\s*([A-Za-z][A-Za-z0-9.]*)\s*=\s*((?:\\.|[^,/+;\\])*)")


def is_host(text: str) -> bool:
    """Tell whether a text is the name of a host; `*.` may stand before it."""
    return len(text) <= 253 and _HOST.fullmatch(text) is not None


def read_parts(name: str) -> dict[str, str]:
    """Give the parts of a distinguished name (RFC 4514, or as tools print it) by short name; of several the first."""
    parts: dict[str, str] = {}
    for match in _PART.finditer(name[:2000]):
        parts.setdefault(match[1].upper(), re.sub(r"\\(.)", r"\1", match[2]).strip())
    return parts


def name_subject(name: str) -> str:
    """Give the host that a certificate is for, else its organisation; empty where that may be a person."""
    parts = read_parts(name)
    for said in (parts.get("CN", "") or (name.strip() if not parts else ""), parts.get("O", "")):
        if is_host(said):
            return said[:500]
    organisation = parts.get("O", "")
    return organisation[:500] if organisation and not _may_be_person(organisation) else ""


def name_issuer(name: str) -> str:
    """Give the authority that signed: its common name and its organisation, each unless it may be a person."""
    parts = read_parts(name)
    said = [parts.get("CN", "") or (name.strip() if not parts else ""), parts.get("O", "")]
    return ", ".join(dict.fromkeys(part for part in said if part and not _may_be_person(part)))[:500]


def name_authority(name: str) -> str:
    """Give the name of a certificate authority, which says that it is one; empty for other names."""
    return name.strip()[:500] if _AUTHORITY.search(name) and not _may_be_person(name) else ""


def names_person(name: str) -> bool:
    """Tell whether a distinguished name has parts that only persons have, such as a given name."""
    return not _PERSONAL.isdisjoint(read_parts(name))


def _may_be_person(text: str) -> bool:
    return "@" in text or is_person_name(text)
