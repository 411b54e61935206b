"""Which facts of a case an evaluation really reads: of which register, about whom, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from eendracht.kernel.rules.facts import Case, Register


@dataclass(frozen=True, slots=True)
class Read:
    """A fact that was read: the register, its key with the value looked up, the column and what it says.

    `column` is empty where the rows were read as a list: then `value` has them all.
    """

    register: str
    service: str
    key: str
    subject: Any
    column: str
    value: Any


class _Watched(Register):
    """A register that keeps what is read from it."""

    def __init__(self, inner: Register) -> None:
        super().__init__(inner.name, inner.key, (), inner.service)
        self._inner = inner
        self.rows = inner.rows
        self.columns = self  # type: ignore[assignment]
        self.reads: dict[tuple[str, str], Read] = {}
        self._wanted = ""
        self._column: str | None = None

    def get(self, folded: str) -> str | None:
        """Give the column of a name, as the register spells it."""
        self._wanted, self._column = folded, self._inner.columns.get(folded)
        if self._column is not None:
            # Without a key to look up, what is read is that the register knows the fact at all.
            self._keep(None, self._column, None)
        elif folded == self.name.casefold():
            self._keep(None, "", [])
        return self._column

    def find(self, key: Any) -> list[dict[str, Any]]:
        """Give the rows of a key."""
        rows = self._inner.find(key)
        if self._wanted == self.name.casefold():
            self._keep(key, "", rows)
        if self._column is not None and rows and self._column in rows[0]:
            self._keep(key, self._column, rows[0][self._column])
        return rows

    def _keep(self, subject: Any, column: str, value: Any) -> None:
        self.reads.setdefault((repr(subject), column), Read(self.name, self.service, self.key, subject, column, value))


class Watch:
    """A case of which it is kept what is read."""

    def __init__(self, case: Case) -> None:
        self._watched = [_Watched(register) for register in case.registers]
        self.case = replace(case, registers=tuple(self._watched))

    def reads(self) -> list[Read]:
        """Give the facts that were read, in the order of the registers; what a null key asked only where it counts."""
        found: list[Read] = []
        for register in self._watched:
            named = {read.column for read in register.reads.values() if read.subject is not None}
            found += [read for read in register.reads.values() if read.subject is not None or read.column not in named]
        return found


def registers_of(reads: Iterable[Read]) -> tuple[Register, ...]:
    """Build registers that say what was read, and no more."""
    rows: dict[tuple[str, str, str], dict[str, list[dict[str, Any]]]] = {}
    for read in reads:
        subjects = rows.setdefault((read.register, read.service, read.key), {})
        known = subjects.setdefault(repr(read.subject), [] if read.subject is None else [{read.key: read.subject}])
        if read.column and read.subject is not None:
            known[0][read.column] = read.value
        elif read.column:
            known.append({read.key: None, read.column: None})
        elif read.subject is not None:
            extra = dict(known[0])
            known[:] = [dict(row) for row in read.value]
            if known:
                known[0] = extra | known[0]
    return tuple(
        Register(name, key, [row for group in subjects.values() for row in group], service)
        for (name, service, key), subjects in rows.items()
    )


def with_fact(case: Case, read: Read, value: Any) -> Case:
    """Give the case in which one fact that was read says something else."""
    changed = Register(read.register, read.key, [{read.key: read.subject, read.column: value}], read.service)
    return replace(case, registers=(changed, *case.registers))
