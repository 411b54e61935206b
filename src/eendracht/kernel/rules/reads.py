"""Which facts of a case an evaluation really reads: of which register, about whom, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.facts import Case, Register
from eendracht.kernel.rules.outcome import Evaluation

TABLE: Final = "*"
"""Stands as column for a table of which rows were selected (service-based format)."""


@dataclass(frozen=True, slots=True)
class Read:
    """A fact that was read: the register, its key with the value looked up, the column and what it says.

    `column` is empty where the rows of a key were read as a list, and `TABLE` where rows were selected from the whole:
    then `value` has them all.
    """

    register: str
    service: str
    key: str
    subject: Any
    column: str
    value: Any


class _Columns(dict[str, str]):
    """The columns of a register by folded name; tells what is looked for."""

    def __init__(self, columns: Mapping[str, str], tell: Callable[[str, str | None], None]) -> None:
        super().__init__(columns)
        self._tell = tell

    def get(self, folded: str, default: Any = None) -> Any:
        """Give the column of a name, as the register spells it."""
        found = super().get(folded, default)
        self._tell(folded, found)
        return found


class _Watched(Register):
    """A register that keeps what is read from it."""

    def __init__(self, inner: Register) -> None:
        self.name, self.key, self.service = inner.name, inner.key, inner.service
        self._inner = inner
        self.columns = _Columns(inner.columns, self._look)
        self.reads: dict[tuple[str, str], Read] = {}
        self._wanted = ""
        self._column: str | None = None

    @property
    def rows(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """All rows; whoever takes them selects for itself."""
        self.reads["", TABLE] = Read(self.name, self.service, self.key, None, TABLE, self._inner.rows)
        return self._inner.rows

    def _look(self, folded: str, column: str | None) -> None:
        self._wanted, self._column = folded, column
        if column is not None:
            # Without a key to look up, what is read is that the register knows the fact at all.
            self._keep(None, column, None)
        elif folded == self.name.casefold():
            self._keep(None, "", [])

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
            reads = register.reads.values()
            if whole := register.reads.get(("", TABLE)):
                found.append(whole)
                continue
            named = {read.column for read in reads if read.subject is not None}
            found += [read for read in reads if read.subject is not None or read.column not in named]
        return found


def registers_of(reads: Iterable[Read]) -> tuple[Register, ...]:
    """Build registers that say what was read, and no more."""
    rows: dict[tuple[str, str, str], dict[str, list[dict[str, Any]]]] = {}
    for read in reads:
        subjects = rows.setdefault((read.register, read.service, read.key), {})
        known = subjects.setdefault(repr(read.subject), [] if read.subject is None else [{read.key: read.subject}])
        if read.column == TABLE:
            known += [dict(row) for row in read.value]
        elif read.column and read.subject is not None:
            known[0][read.column] = read.value
        elif read.column:
            known.append({read.key: None, read.column: None})
        elif read.subject is not None:
            extra = dict(known[0])
            known[:] = [dict(row) for row in read.value]
            if known:
                known[0] = extra | known[0]
    return tuple(
        Register(name, key, [row for group in subjects.values() for row in group], service, is_exact=False)
        for (name, service, key), subjects in rows.items()
    )


def with_fact(case: Case, read: Read, value: Any) -> Case:
    """Give the case in which one fact that was read says something else."""
    changed = Register(read.register, read.key, [{read.key: read.subject, read.column: value}], read.service)
    return replace(case, registers=(changed, *case.registers))


# --- Tables of the service-based format ---


def narrow(read: Read, found: Evaluation, parameters: Mapping[str, Any]) -> Read:
    """Give the rows of a table that are about who or what the evaluation knew, with the columns that its laws name."""
    sources = [
        item.source
        for law in found.used.values()
        for article in law.articles
        for item in article.inputs.values()
        if isinstance(item.source, ir.TableSource) and item.source.table == read.register
    ]
    selecting = {selection.column for source in sources for selection in source.selections}
    columns = {read.key} | selecting | {column for source in sources for column in source.columns}
    known = {str(value) for value in (*parameters.values(), *_values(found))}
    rows = [
        {column: cell for column, cell in row.items() if column in columns}
        for row in read.value
        if any(str(row.get(column)) in known for column in selecting or row)
    ]
    return replace(read, value=rows)


def _values(found: Evaluation) -> Iterator[Any]:
    for node in found.trace.walk():
        yield from node.result if isinstance(node.result, list) else (node.result,)


def cells_of(read: Read, article: ir.Article) -> Iterator[tuple[str, str]]:
    """Yield each input that is one cell of a table of which one row was read, with its column."""
    for name, item in article.inputs.items():
        source = item.source
        if isinstance(source, ir.TableSource) and source.table == read.register and len(read.value) == 1:
            column = source.columns[0] if len(source.columns) == 1 else ""
            if column in read.value[0] and not source.aggregation:
                yield name, column


def with_cell(case: Case, read: Read, column: str, value: Any) -> Case:
    """Give the case in which one cell of a table with one row says something else."""
    changed = Register(read.register, read.key, [{**read.value[0], column: value}], read.service, is_exact=False)
    return replace(case, registers=(changed, *case.registers))
