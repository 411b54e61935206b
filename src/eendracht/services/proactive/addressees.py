"""From pseudonym to person: only at the moment of sending, by what the organisation itself gives."""

from __future__ import annotations

import csv
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from eendracht.kernel.errors import Fault, UnreadableFile

CONTACTS: Final = "contacts.csv"
"""Beside the tables of a registered population, for its owner only."""
_COLUMNS: Final = ("key", "scheme", "identifier", "name", "street", "place", "language")


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a pseudonym stands for: how the vault knows the person, name and lines of the address, and the language."""

    scheme: str
    identifier: str
    name: str = ""
    address: tuple[str, ...] = ()
    language: Literal["nl", "en"] = "nl"


Resolver = Callable[[str], Person | None]
"""Gives the person behind a key; None where the organisation knows nobody by it."""


def read_contacts(path: Path) -> Resolver:
    """Read a table with `key, scheme, identifier, name, street, place, language`; raises UnreadableFile.

    `scheme` and `identifier` are how the vault knows the person, `bsn` for example; others may not read the file.
    """
    if not path.is_file():
        raise _refused("no-file", f"{path.name} is er niet", f"There is no {path.name}")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise _refused("open-to-others", f"Anderen kunnen {path.name} lezen", f"Others can read {path.name}")
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            nl, en = (
                f"Deze kolommen ontbreken: {', '.join(missing)}",
                f"These columns are missing: {', '.join(missing)}",
            )
            raise _refused("missing-column", nl, en)
        people = {row["key"]: _person(row) for row in reader if row["key"] and row["identifier"]}
    return people.get


def _person(row: Mapping[str, str]) -> Person:
    lines = tuple(line for line in (row["street"], row["place"]) if line)
    return Person(
        row["scheme"] or "bsn", row["identifier"], row["name"], lines, "en" if row["language"] == "en" else "nl"
    )


def _refused(code: str, nl: str, en: str) -> UnreadableFile:
    hint = "Lay it beside the tables of the population, readable by its owner only."
    return UnreadableFile("The contacts cannot be read", faults=[Fault(f"/{CONTACTS}", code, nl, en, hint)])
