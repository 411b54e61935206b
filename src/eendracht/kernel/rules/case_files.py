"""Reads a case as a person types it: parameters as `name=value`, a date, and a file of registers in JSON or YAML.

The file is `{register: [rows]}` or `{register: {key: column, rows: [rows]}}`; for the service-based format it is
`{service: {table: [rows]}}`. A key that is not given is the one parameter that is a column of the rows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.rules.document import Faults, plain, read_document
from eendracht.kernel.rules.facts import Case, Register
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.values import as_date, from_plain, infer_literal

_UNREADABLE: Final = object()
_LEADING_ZERO: Final = re.compile(r"[-+]?0[0-9]")


def read_case(on: str, parameters: Sequence[str], files: Sequence[Path], library: Library) -> Case:
    """Give the case; raises InvalidInput with every fault in date, parameters and files.

    The parameters that the laws of the library declare help to guess the key of a register.
    """
    faults: list[Fault] = []
    day = as_date(on)
    if day is None:
        faults.append(_no_day(on))
    given = read_parameters(parameters, faults)
    registers = [found for file in files for found in _Reader(file, given, library, faults).registers()]
    if faults:
        raise InvalidInput(f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'} in the case", faults=faults)
    assert day is not None
    return Case(day, given, tuple(registers))


def read_day(text: str) -> date:
    """Read a date; raises InvalidInput."""
    day = as_date(text)
    if day is None:
        raise InvalidInput("1 fault in the case", faults=[_no_day(text)])
    return day


def _no_day(text: str) -> Fault:
    nl, en = f"'{text}' is geen datum", f"'{text}' is not a date"
    return Fault("--date", "malformed-date", nl, en, "Write a day that exists, as YYYY-MM-DD.")


def read_parameters(words: Iterable[str], faults: list[Fault]) -> dict[str, Any]:
    """Read parameters by their content: null, a truth value, a number, a JSON list or object, else text.

    A value in quotes is text, and so are digits that begin with a zero. Appends to the faults.
    """
    found: dict[str, Any] = {}
    for word in words:
        name, sign, text = word.partition("=")
        name = name.strip()
        place = f"--param {name}"
        if not sign or not name:
            nl, en = "Een parameter heeft een naam en een waarde", "A parameter has a name and a value"
            faults.append(Fault(place, "malformed-parameter", nl, en, "Write name=value."))
        elif name in found:
            nl, en = f"'{name}' is twee keer gegeven", f"'{name}' is given twice"
            faults.append(Fault(place, "duplicate-name", nl, en, "Keep one of the two."))
        else:
            try:
                found[name] = _read_value(text.strip())
            except ValueError as error:
                nl, en = f"De waarde is geen geldige JSON: {error}", f"The value is not valid JSON: {error}"
                faults.append(Fault(place, "malformed-parameter", nl, en, 'Write a list as ["a", "b"].'))
    return found


def _read_value(text: str) -> Any:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    if text[:1] in ("[", "{"):
        return from_plain(_read_json(text))
    return text if _LEADING_ZERO.match(text) else infer_literal(text)


def _read_json(text: str | bytes) -> Any:
    def refuse(word: str) -> Any:
        raise ValueError(f"{word} is not a value")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("a key stands twice in an object")
        return found

    try:
        return json.loads(text, parse_float=Decimal, parse_constant=refuse, object_pairs_hook=once)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


# --- Registers ---


class _Reader:
    """Reads one file of registers."""

    def __init__(self, file: Path, given: Mapping[str, Any], library: Library, faults: list[Fault]) -> None:
        self._file = file
        self._given = given
        self._library = library
        self._faults = faults

    def registers(self) -> Iterator[Register]:
        """Yield each register; what is wrong stands among the faults."""
        for name, value in self._document().items():
            place = f"/{name}"
            if isinstance(value, dict) and "rows" not in value:
                for table, rows in value.items():
                    if self._are_rows(rows, f"{place}/{table}"):
                        yield Register(table, "", rows, service=name)
                continue
            rows = value["rows"] if isinstance(value, dict) else value
            if self._are_rows(rows, place):
                key = value.get("key") if isinstance(value, dict) else None
                yield Register(name, self._key(key, rows, place), rows)

    def _wrong(self, place: str, code: str, nl: str, en: str, hint: str) -> None:
        self._faults.append(Fault(f"{self._file}{f' › {place}' if place else ''}", code, nl, en, hint))

    def _document(self) -> dict[str, Any]:
        """Give what the file holds; empty where it cannot be read."""
        try:
            data = self._file.read_bytes()
            document = _read_json(data) if self._file.suffix.lower() == ".json" else self._yaml(data)
        except OSError as error:
            hint = "Check the path and who may use it."
            nl, en = "Het bestand kan niet worden gelezen", "The file cannot be read"
            self._wrong("", "unreadable-file", f"{nl}: {error.strerror}", f"{en}: {error.strerror}", hint)
            return {}
        except ValueError as error:
            nl, en = f"Dit is geen geldige JSON: {error}", f"This is not valid JSON: {error}"
            self._wrong("", "unreadable-file", nl, en, "A file in YAML ends in .yaml.")
            return {}
        if isinstance(document, dict):
            return document
        if document is not _UNREADABLE:
            nl, en = "Er staan geen registers in", "It holds no registers"
            hint = "Write {register: [rows]}, or {register: {key: column, rows: [rows]}}."
            self._wrong("", "wrong-type", nl, en, hint)
        return {}

    def _yaml(self, data: bytes) -> Any:
        found = Faults(str(self._file))
        document = plain(read_document(data, str(self._file), found, keeps_leading_zeros=True))
        wrong = [fault for fault in found.errors if fault.code != "not-a-law"]
        self._faults += [replace(fault, code="unreadable-file") for fault in wrong]
        return _UNREADABLE if wrong else document

    def _are_rows(self, rows: Any, place: str) -> bool:
        hint = "Give a list of rows, each a mapping of column to value."
        if not isinstance(rows, list):
            self._wrong(place, "wrong-type", "Dit is geen lijst van rijen", "This is not a list of rows", hint)
            return False
        wrong = [at for at, row in enumerate(rows) if not isinstance(row, dict)]
        for at in wrong:
            self._wrong(f"{place}/{at}", "wrong-type", "Dit is geen rij", "This is not a row", hint)
        return not wrong

    def _key(self, key: Any, rows: list[dict[str, Any]], place: str) -> str:
        """Give the key that is named, or the one parameter that is a column: of the case, else of the laws."""
        columns = {column for row in rows for column in row}
        if key is not None:
            if rows and key not in columns:
                nl, en = f"De sleutel '{key}' is geen kolom", f"The key '{key}' is not a column"
                self._wrong(place, "no-key", nl, en, f"Choose one of {_listed(columns)}.")
            return str(key)
        declared = {name for law in self._library for article in law.articles for name in article.parameters}
        found = (columns & self._given.keys()) or (columns & declared) if rows else set(self._given)
        if len(found) == 1:
            return found.pop()
        if rows:
            hint = f"Write {{key: column, rows: [...]}}; the columns are {_listed(columns)}."
            if found:
                nl, en = f"Welke kolom is de sleutel: {_listed(found)}?", f"Which column is the key: {_listed(found)}?"
                self._wrong(place, "ambiguous-key", nl, en, hint)
            else:
                nl, en = "Geen kolom is een parameter van de zaak", "No column is a parameter of the case"
                self._wrong(place, "no-key", nl, en, hint)
        return ""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
