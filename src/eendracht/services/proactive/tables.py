"""The tables of a proactive run: which the population has, what the plans may read of them, and how they are laid out.

Only the columns that a plan reads are copied, and an empty amount, number, date or truth value becomes *unknown*: what
an organisation does not know never means that there is no right.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from eendracht.kernel.errors import Fault
from eendracht.kernel.private import FILE_MODE, make_private_folder
from eendracht.services.proactive.request import ProactiveRequest

if TYPE_CHECKING:
    import duckdb

ASKED: Final = "asked"
"""The table of who is asked about in a run of one law."""
_NO_DIGITS: Final = frozenset({"VARCHAR", "BLOB"})
_WANTED: Final = {
    "objection": "BOOLEAN",
    "deceased": "BOOLEAN",
    "hidden_address": "BOOLEAN",
    "guarded": "BOOLEAN",
    "born": "DATE",
}


@dataclass(frozen=True, slots=True)
class Tables:
    """The Parquet files of a population, each with its columns and their types as the engine names them."""

    files: Mapping[str, Path]
    columns: Mapping[str, Mapping[str, str]]
    subjects: str
    key: str

    @property
    def facts(self) -> list[str]:
        """The tables that a law may read."""
        return list(self.files)

    def source(self, table: str) -> str:
        """Give what stands after FROM."""
        return f"read_parquet({text(str(self.files[table]))})"


def text(value: str) -> str:
    """Give a text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"


def name(column: str) -> str:
    """Give a name as SQL writes it."""
    return '"' + column.replace('"', '""') + '"'


def find_tables(
    connection: duckdb.DuckDBPyConnection, request: ProactiveRequest, keys: Sequence[str], faults: list[Fault]
) -> Tables | None:
    """Describe the files of the population, the uptake apart; appends to the faults, and gives None without tables."""
    path = request.population
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path] if path.is_file() else []
    if not files:
        nl, en = "Er zijn geen Parquet-bestanden", "There are no Parquet files"
        faults.append(Fault("/population", "no-population", nl, en, "Give a folder with a file for each table."))
        return None
    found = {file.stem: file for file in files}
    columns = {table: _describe(connection, file) for table, file in found.items()}
    apart = {request.registers.uptake, request.registers.table} - {""}
    subjects = request.subjects or ("subjects" if "subjects" in found else "")
    left = [table for table in found if table not in apart]
    subjects = subjects or (left[0] if len(left) == 1 else "")
    if subjects not in found:
        nl, en = "Het is niet duidelijk welke tabel iedereen noemt", "It is not clear which table names everybody"
        faults.append(Fault("/subjects", "no-subjects", nl, en, f"Name one of: {', '.join(left)}."))
        return None
    key = next((item for item in keys if item in columns[subjects]), "")
    if not keys:
        # No law was found, which is told already.
        return None
    if not key:
        nl, en = (
            f"Geen kolom zegt om wie het gaat: {', '.join(keys)}",
            f"No column says who is meant: {', '.join(keys)}",
        )
        faults.append(Fault(f"/population/{subjects}", "no-key-column", nl, en))
        return None
    return Tables(found, columns, subjects, key)


def _describe(connection: duckdb.DuckDBPyConnection, file: Path) -> dict[str, str]:
    rows = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({text(str(file))})").fetchall()
    return {str(row[0]): str(row[1]) for row in rows}


def laws_tables(tables: Tables, request: ProactiveRequest) -> Tables:
    """Leave out the tables that no law may see: who uses what, and on whom care is needed."""
    apart = {request.registers.uptake, request.registers.table} - {"", tables.subjects}
    return replace(tables, files={table: file for table, file in tables.files.items() if table not in apart})


def register_faults(tables: Tables, request: ProactiveRequest) -> Iterator[Fault]:
    """Yield the columns that are missing or mistyped: who uses what, and whom to leave out or treat with care."""
    registers = request.registers
    place = registers.table or tables.subjects
    there = tables.columns.get(place)
    if there is None:
        yield _fault(place, "missing-table", f"De tabel '{place}' ontbreekt", f"The table '{place}' is missing")
    else:
        if tables.key not in there:
            yield _missing(f"{place}.{tables.key}")
        wanted = {item: getattr(registers, item) for item in _WANTED}
        for item, column in wanted.items():
            if column:
                yield from _misfits(there, place, column, {_WANTED[item]})
        for column in filter(None, (registers.representative, registers.partner)):
            yield from _misfits(there, place, column, {there.get(tables.key, "")})
        for item in ("deceased", "born"):
            if not wanted[item]:
                nl, en = f"Zonder de kolom voor '{item}' kan het niet", f"There must be a column for '{item}'"
                yield _fault(place, "missing-column", nl, en)
    known = {column for columns in tables.columns.values() for column in columns}
    for column in request.estimates:
        if column not in known:
            yield _missing(column)
    if request.estimate_flag:
        yield from _misfits(tables.columns[tables.subjects], tables.subjects, request.estimate_flag, {"BOOLEAN"})
    yield from _uptake_faults(tables, request)


def _uptake_faults(tables: Tables, request: ProactiveRequest) -> Iterator[Fault]:
    registers = request.registers
    uptake = tables.columns.get(registers.uptake)
    if uptake is None:
        hint = "Say who uses which benefit: a table with key, law and until."
        nl, en = f"De tabel '{registers.uptake}' ontbreekt", f"The table '{registers.uptake}' is missing"
        yield _fault(registers.uptake, "missing-table", nl, en, hint)
        return
    yield from _misfits(uptake, registers.uptake, tables.key, {tables.columns[tables.subjects][tables.key]})
    yield from _misfits(uptake, registers.uptake, registers.uptake_law, {"VARCHAR"})
    yield from _misfits(uptake, registers.uptake, registers.uptake_until, {"DATE"})


def _misfits(there: Mapping[str, str], table: str, column: str, wanted: Collection[str]) -> Iterator[Fault]:
    if column not in there:
        yield _missing(f"{table}.{column}")
    elif there[column] not in wanted:
        kind = " / ".join(wanted)
        nl, en = (
            f"'{table}.{column}' is {there[column]}, niet {kind}",
            f"'{table}.{column}' is {there[column]}, not {kind}",
        )
        yield _fault(f"{table}/{column}", "mistyped-column", nl, en)


def _missing(where: str) -> Fault:
    nl, en = f"De kolom '{where}' ontbreekt", f"The column '{where}' is missing"
    hint = "Add it, or say by which name it goes; empty where you keep no such column."
    return _fault(where.replace(".", "/"), "missing-column", nl, en, hint)


def _fault(where: str, code: str, nl: str, en: str, hint: str = "") -> Fault:
    return Fault(f"/population/{where}", code, nl, en, hint)


# -- laying out -----------------------------------------------------------------------------------------------------


def lay_out(
    folder: Path, tables: Tables, *, sources: Mapping[str, str], is_synthetic: bool, skip: Collection[str] = ()
) -> None:
    """Show a plan these files by links, with what the population says of where they come from."""
    make_private_folder(folder)
    for table, file in tables.files.items():
        if table not in skip:
            (folder / f"{table}.parquet").symlink_to(file.absolute())
    said = orjson.dumps({"synthetic": is_synthetic, "sources": dict(sources)})
    with os.fdopen(os.open(folder / "population.json", os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb") as told:
        told.write(said)


def copy_query(tables: Tables, table: str, columns: Collection[str]) -> str:
    """Give the query that copies columns of who is kept; beside each that can be empty stands whether it is unknown.

    An empty text stays empty: a law says what it means that there is no partner, or no policy.
    """
    types = tables.columns[table]
    parts = []
    for column in sorted(columns):
        parts.append(name(column))
        status = f"{column}_status"
        is_told = status in types
        if (
            types[column] not in _NO_DIGITS
            and column != tables.key
            and not is_told
            and not _is_key(tables, table, column)
        ):
            parts.append(f"CASE WHEN {name(column)} IS NULL THEN 'unknown' END AS {name(status)}")
        elif is_told and status not in columns:
            parts.append(name(status))
    kept = f" SEMI JOIN kept ON kept.key = t.{name(tables.key)}" if tables.key in types else ""
    return f"SELECT {', '.join(parts)} FROM {tables.source(table)} t{kept}"


def _is_key(tables: Tables, table: str, column: str) -> bool:
    """Tell whether a column names another person: one that is empty is nobody."""
    return column.endswith(f"_{tables.key}") and tables.columns[table][column] == tables.columns[table].get(tables.key)


def write(connection: duckdb.DuckDBPyConnection, query: str, path: Path, parameters: Sequence[Any] = ()) -> int:
    """Write rows to a Parquet file that only its owner may read; gives how many."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE))
    target = f"{text(str(path))} (FORMAT parquet, USE_TMP_FILE false)"
    row = connection.execute(f"COPY ({query}) TO {target}", list(parameters)).fetchone()
    path.chmod(FILE_MODE)
    return int(row[0]) if row else 0
