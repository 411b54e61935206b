"""The facts of a case: its date, its parameters, and rows of registers that are looked up by a key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from eendracht.kernel.rules.values import from_plain


class Register:
    """Rows under a name, found by the value of a key column; keys are compared as text.

    `service` is the body that holds the table (service-based format; empty elsewhere). Values become exact
    (`values.from_plain`), unless `is_exact` is false: then doubles stay doubles, as the lax dialect has them.
    """

    def __init__(
        self, name: str, key: str, rows: Iterable[Mapping[str, Any]], service: str = "", *, is_exact: bool = True
    ) -> None:
        self.name = name
        self.key = key
        self.service = service
        self.rows = [
            {column: from_plain(value) if is_exact else value for column, value in row.items()} for row in rows
        ]
        self.columns = {column.casefold(): column for row in self.rows for column in row}
        self._by_key: dict[str, list[dict[str, Any]]] = {}
        for row in self.rows:
            self._by_key.setdefault(str(row.get(key)), []).append(row)

    def find(self, key: Any) -> list[dict[str, Any]]:
        """Give the rows with this key, in order."""
        return self._by_key.get(str(key), [])


@dataclass(frozen=True, slots=True)
class Case:
    """What is asked about one subject: date, parameters and registers; values as `values.from_plain` gives."""

    on: date
    parameters: Mapping[str, Any] = field(default_factory=dict)
    registers: tuple[Register, ...] = ()
    claims: tuple[Mapping[str, Any], ...] = ()
    """What the subject states against a register (service-based format)."""


@dataclass(frozen=True, slots=True)
class Found:
    """A fact that was found: its value and the register it stood in (empty: a parameter)."""

    value: Any
    register: str = ""


def look_up(case: Case, name: str, parameters: Mapping[str, Any], kind: str) -> Found | None:
    """Give a fact by its name, about the subject of the parameters; None when nobody gave it.

    A parameter of that name comes first. A register answers when its key is among the parameters; a key that is null
    has null facts. For a list, a register of that name gives all its rows.
    """
    if name in parameters:
        return Found(parameters[name])
    folded = name.casefold()
    for register in case.registers:
        if register.key not in parameters:
            continue
        is_listing = kind == "array" and register.name.casefold() == folded
        column = register.columns.get(folded)
        if not is_listing and column is None:
            continue
        key = parameters[register.key]
        if key is None:
            return Found([] if is_listing else None, register.name)
        rows = register.find(key)
        if is_listing:
            return Found([dict(row) for row in rows], register.name)
        if rows and column in rows[0]:
            return Found(rows[0][column], register.name)
    return None
