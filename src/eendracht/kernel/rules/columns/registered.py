"""Which tables a rule would read of a registered population: from the names of its columns alone, without the data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlglot import exp

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.rules import ir
from eendracht.kernel.rules.columns.compiler import Compiler
from eendracht.kernel.rules.columns.population import Column, Population, Table, Type
from eendracht.kernel.rules.columns.refusals import NotCompiled, Refused
from eendracht.kernel.rules.library import Library

_TYPES: Mapping[str, tuple[Type, str]] = {
    "number": ("integer", "BIGINT"),
    "amount": ("integer", "BIGINT"),
    "boolean": ("boolean", "BOOLEAN"),
    "date": ("date", "DATE"),
}


def list_tables_read(
    library: Library,
    law: str,
    outputs: Sequence[str],
    on: date,
    tables: Mapping[str, Sequence[str]],
    keys: Iterable[str],
    subjects: str,
) -> list[str]:
    """Give the names of the tables that the plan reads, that of the subjects among them, sorted.

    Raises InvalidInput for columns that are missing, NotCompiled for a rule that columns cannot carry, NoSuchRule.
    """
    population = _assume(library, tables, list(keys), subjects)
    try:
        compiled = Compiler(library, population, on, {}).compile(law, outputs)
    except Refused as refused:
        raise NotCompiled(refused) from refused
    missing = {item.name for item in compiled.faults if not item.found}
    if missing:
        raise InvalidInput(
            f"{len(missing)} columns are missing",
            faults=[
                Fault(
                    f"/population/{name}",
                    "missing-column",
                    f"De kolom '{name}' ontbreekt",
                    f"The column '{name}' is missing",
                )
                for name in sorted(missing)
            ],
        )
    return sorted({need.table for need in compiled.needs} | {population.subjects})


def _assume(library: Library, tables: Mapping[str, Sequence[str]], keys: list[str], subjects: str) -> Population:
    declared = _declared(library)
    found: dict[str, Table] = {}
    for name, columns in tables.items():
        folded = {column.casefold() for column in columns}
        key = next((item for item in keys if item.casefold() in folded), "")
        if not key:
            nl, en = f"Geen kolom van '{name}' zegt om wie het gaat", f"No column of '{name}' says who is meant"
            fault = Fault(f"/population/{name}", "no-key-column", nl, en, f"Name it: {', '.join(keys)}.")
            raise InvalidInput("The population cannot be used", faults=[fault])
        key = next(column for column in columns if column.casefold() == key.casefold())
        cells = {column: _column(column, declared.get(column.casefold(), "string")) for column in columns}
        found[name] = Table(name, exp.to_table(name), key, cells, is_unique=True)
    chosen = subjects or ("subjects" if "subjects" in found or len(found) != 1 else next(iter(found)))
    if chosen not in found:
        fault = Fault("/population", "no-subjects", "Welke tabel noemt iedereen?", "Which table names everyone?")
        raise InvalidInput("The population cannot be used", faults=[fault])
    return Population(chosen, found)


def _declared(library: Library) -> dict[str, str]:
    found: dict[str, str] = {}
    for law in library:
        for article in law.articles:
            inputs = (item.field for item in article.inputs.values() if isinstance(item.source, ir.ExternalSource))
            for field in (*article.parameters.values(), *inputs):
                found.setdefault(field.name.casefold(), field.kind)
    return found


def _column(name: str, kind: str) -> Column:
    type, sql_type = _TYPES.get(kind, ("string", "VARCHAR"))
    return Column(name, type, sql_type=sql_type)
