"""Who is who: the uid that never changes, the ref that people read, and clusters of names for one party.

A ref is `kind:authority/name`, or `kind:authority` where the authority itself is meant
(`organisation:gm0344`, `supplier:kvk.12345678`). The authority is the organisation that gave the name, at birth:
its TOOI code in lower case, else `oin.<OIN>`, else `roo.<id>`. It never changes; who owns the record now is a field.
"""

from __future__ import annotations

import os
import re
import time
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from eendracht.kernel.errors import Fault, InvalidInput

KIND_PATTERN: Final = r"[a-z][a-z0-9-]{0,39}"
AUTHORITY_PATTERN: Final = r"[a-z0-9][a-z0-9._-]{0,59}"
NAME_PATTERN: Final = r"[a-z0-9][a-z0-9._/-]{0,119}"
REF_PATTERN: Final = rf"^{KIND_PATTERN}:{AUTHORITY_PATTERN}(?:/{NAME_PATTERN})?$"
UID_PATTERN: Final = r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"

_REF = re.compile(rf"({KIND_PATTERN}):({AUTHORITY_PATTERN})(?:/({NAME_PATTERN}))?")
_UID = re.compile(UID_PATTERN)
_NOT_NAME = re.compile(r"[^a-z0-9._]+")


@dataclass(frozen=True, slots=True)
class Ref:
    """A parsed ref; `str()` gives it back letter for letter."""

    kind: str
    authority: str
    name: str = ""

    def __str__(self) -> str:
        tail = f"/{self.name}" if self.name else ""
        return f"{self.kind}:{self.authority}{tail}"


def parse_ref(text: str, pointer: str = "/ref") -> Ref:
    """Read a ref, or raise InvalidInput that states the grammar and the place."""
    match = _REF.fullmatch(text)
    if match is None:
        raise InvalidInput(
            f"'{text[:80]}' is not a ref",
            faults=[
                Fault(
                    pointer,
                    "malformed-ref",
                    f"'{text[:80]}' is geen verwijzing van de vorm soort:naamgever/naam",
                    f"'{text[:80]}' is not of the form kind:authority/name",
                    "Use lower case, for example application:gm0344/zaaksysteem.",
                )
            ],
        )
    return Ref(match[1], match[2], match[3] or "")


def is_uid(text: str) -> bool:
    """Tell whether the text is a uid (RFC 9562 version 7) rather than a ref."""
    return _UID.fullmatch(text) is not None


def names_record(text: str) -> bool:
    """Tell whether the text has the form of a uid or a ref."""
    return is_uid(text) or _REF.fullmatch(text) is not None


def new_uid(chance: bytes | None = None) -> str:
    """Make a uid: UUID version 7 (RFC 9562 section 5.7), so that new records lie together in an index.

    `chance` is ten random bytes; without them the operating system is asked.
    """
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(chance or os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def slug(text: str) -> str:
    """Make the name part of a ref out of a human name: ASCII, lower case, words joined by hyphens.

    Raises InvalidInput where nothing is left, as with a name in another script.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    name = _NOT_NAME.sub("-", plain).strip("-._")[:120].rstrip("-._")
    if not name:
        raise InvalidInput(
            f"No name can be made from '{text[:80]}'",
            faults=[
                Fault(
                    "/name",
                    "no-name",
                    "Uit deze tekst is geen naam te maken",
                    "No name can be made from this text",
                    "Give a name with at least one letter or digit.",
                )
            ],
        )
    return name


@dataclass(frozen=True, slots=True)
class SameAs:
    """A claim that two refs mean one party, with how sure the claimant is (0 to 1)."""

    left: str
    right: str
    confidence: float


def cluster_parties(refs: Iterable[str], claims: Iterable[SameAs], threshold: float = 0.9) -> dict[str, str]:
    """Give each ref the smallest ref of its same-as cluster, joining claims at or above the threshold.

    A claim below it joins nothing: it stays an open question, to be counted as unresolved by whoever reports
    on concentration.
    """
    parent: dict[str, str] = {ref: ref for ref in refs}

    def root(ref: str) -> str:
        parent.setdefault(ref, ref)
        while parent[ref] != ref:
            parent[ref] = parent[parent[ref]]
            ref = parent[ref]
        return ref

    for claim in claims:
        left, right = root(claim.left), root(claim.right)
        if claim.confidence >= threshold and left != right:
            low, high = sorted((left, right))
            parent[high] = low
    return {ref: root(ref) for ref in parent}
