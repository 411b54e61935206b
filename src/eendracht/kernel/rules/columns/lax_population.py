"""Runs of the service-based format on DuckDB: a folder of tables by body, and a query for everyone.

The tables of a folder are `<SERVICE>.<table>.parquet`, in any case; `subjects.parquet` (or a table that is named) lists
who is asked about. Its key, such as `bsn`, is the parameter of that name; other parameters may stand beside it.

The status of an output, in words: `known`; `null`; `unknown` where a required value is missing, so that nothing can be
said; `not-entitled` where the requirements of the law are not met; `error` where a rule cannot be applied.

The format gives the integer 0 where IF has no outcome or FOREACH nothing to go through. In a column of truth values
that is false; in a column of texts, lists or objects it is an empty cell whose status is `known`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlglot import exp

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.rules import ir
from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.lax_compiler import CompiledLaw, LaxCompiler, Outcome
from eendracht.kernel.rules.columns.lax_facts import AssumedFacts, Facts, ReadFacts
from eendracht.kernel.rules.columns.lax_plan import emit
from eendracht.kernel.rules.columns.lax_rows import ROW
from eendracht.kernel.rules.columns.lax_sql import Condition, cases
from eendracht.kernel.rules.columns.lax_stored import bound, each, element_of, plain_list
from eendracht.kernel.rules.columns.lax_values import (
    BOOL,
    ERROR,
    EXACT,
    FLOAT,
    INT,
    LIST,
    MISSING,
    NULL,
    RECORD,
    SQL_TYPES,
    TEXT,
    Value,
)
from eendracht.kernel.rules.columns.population import Population, Table
from eendracht.kernel.rules.columns.refusals import NotCompiled, Refused
from eendracht.kernel.rules.columns.sql import Sql
from eendracht.kernel.rules.library import Library

if TYPE_CHECKING:
    import duckdb

    from eendracht.kernel.rules.columns.duck import Allow

LAX_STATUS_WORDS: Final = ("known", "null", "unknown", "not-entitled", "error")
"""How a status is written in a result of the service-based format."""


@dataclass(slots=True)
class LaxRun:
    """A compiled run: the query, what it reads and rests on."""

    query: exp.Query
    compiled: CompiledLaw
    text: str
    population: Population

    @property
    def columns_read(self) -> list[str]:
        """The columns that the plan needs, as `table.column`."""
        return sorted({f"{table}.{column}" for table, column in self.compiled.read})

    @property
    def used(self) -> dict[tuple[str, str], ir.Regulation]:
        """Every regulation that the run rests on, by id and hash of its file."""
        return self.compiled.used

    @property
    def tables_read(self) -> set[str]:
        """The tables of those columns."""
        return {table for table, _ in self.compiled.read}

    @property
    def fields(self) -> dict[str, ir.Field | None]:
        """The field that declares each output."""
        return {name: outcome.field for name, outcome in self.compiled.outputs.items()}


def open_lax_population(
    connection: duckdb.DuckDBPyConnection, path: Path, keys: Iterable[str], subjects: str = ""
) -> Population:
    """Describe a folder of Parquet files without reading their rows.

    `keys` are the parameters that may say who is meant. Raises InvalidInput where nobody is listed.
    """
    from eendracht.kernel.rules.columns.duck import SUBJECTS, describe

    tables: dict[str, Table] = {}
    for file in sorted(path.glob("*.parquet")) if path.is_dir() else [path]:
        numbered = exp.EQ(this=exp.to_identifier(ROW), expression=exp.true())
        source = exp.func("read_parquet", sql.text(str(file)), numbered)
        columns = {name: column for name, column in describe(connection, source).items() if name != ROW}
        tables[file.stem] = Table(file.stem, source, "", columns, is_unique=False)
    wanted = [name.casefold() for name in keys]
    chosen = subjects or (SUBJECTS if SUBJECTS in tables else next(iter(tables)) if len(tables) == 1 else "")
    table = tables.get(chosen)
    key = next((name for name in table.columns if name.casefold() in wanted), "") if table else ""
    if table is None or not key:
        reason = "names nobody" if table is None else "has no column of these: " + ", ".join(keys)
        fault = Fault(
            path.name,
            "no-subjects",
            "Het is niet duidelijk over wie het gaat",
            f"It is not clear who is asked about: {chosen or 'the folder'} {reason}",
            f"Add {SUBJECTS}.parquet with a column for the parameter that says who is meant.",
        )
        raise InvalidInput("The population cannot be used", faults=[fault])
    tables[chosen] = replace(table, key=key, is_unique=True)
    _refuse_repeated(connection, tables[chosen])
    return Population(chosen, tables)


def _refuse_repeated(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    cell = exp.column(table.key, quoted=True)
    alike = sql.equals(exp.Count(this=exp.Star()), exp.Count(this=exp.Distinct(expressions=[cell])))
    row = connection.execute(exp.select(alike).from_(table.source.copy()).sql("duckdb")).fetchone()
    if not (row and row[0]):
        fault = Fault(
            f"{table.name}.{table.key}",
            "repeated-subject",
            "Iemand staat er twee keer in, of zonder sleutel",
            "Someone stands in it twice, or without a key",
            "Name everyone exactly once.",
        )
        raise InvalidInput("The population cannot be used", faults=[fault])


@contextmanager
def refusals_told() -> Iterator[None]:
    """Let a refusal of the compiler be an error with a code and a hint."""
    try:
        yield
    except Refused as refused:
        raise NotCompiled(refused) from refused


def allow_lax_run(
    library: Library,
    law: str,
    outputs: Sequence[str],
    on: date,
    population: Population,
    parameters: Mapping[str, Any],
    service: str,
    allow: Allow,
) -> None:
    """Tell which columns a run reads before it looks at any of them; raises what `allow` does.

    Where that depends on what stands in the tables, every table that the law may come to is told.
    """
    from eendracht.kernel.rules.columns.lax_assumed import assume_lax_population

    needed: dict[str, set[str]] = {population.subjects: {population.key}}
    try:
        compiled = LaxCompiler(library, population, on, parameters, AssumedFacts(is_single=True)).compile(
            law, outputs, service
        )
        read = compiled.read
    except Refused:
        regulation = library.select(law, on, {}, service).regulation
        tables = {name.casefold(): name for name in population.tables}
        assumed = assume_lax_population(library, regulation, parameters).tables
        read = [
            (tables.get(name.casefold(), name), column) for name, table in assumed.items() for column in table.columns
        ]
    for table, column in read:
        needed.setdefault(table, set()).add(column)
    allow(needed)


def prepare_lax_run(
    connection: duckdb.DuckDBPyConnection,
    library: Library,
    law: str,
    outputs: Sequence[str],
    on: date,
    population: Population,
    parameters: Mapping[str, Any] | None = None,
    service: str = "",
) -> LaxRun:
    """Compile outputs of a law for a population.

    Raises InvalidInput that names every table and column that is missing, and Refused for a rule that columns cannot
    carry on these data.
    """
    return compile_lax_run(library, law, outputs, on, population, ReadFacts(connection), parameters, service)


def compile_lax_run(
    library: Library,
    law: str,
    outputs: Sequence[str],
    on: date,
    population: Population,
    facts: Facts,
    parameters: Mapping[str, Any] | None = None,
    service: str = "",
) -> LaxRun:
    """Compile outputs of a law by what is known of the tables; raises as `prepare_lax_run`."""
    compiled = LaxCompiler(library, population, on, parameters or {}, facts).compile(law, outputs, service)
    _refuse_lacks(compiled)
    columns: dict[str, Sql] = {}
    for name, outcome in compiled.outputs.items():
        columns[name] = output_column(name, outcome.value)
        columns[f"{name}_status"] = _status(outcome)
    query = emit(compiled.frame, columns, f"{law}: {', '.join(outputs)} on {on}")
    return LaxRun(query, compiled, query.sql("duckdb", pretty=True), population)


def _refuse_lacks(compiled: CompiledLaw) -> None:
    found: dict[tuple[str, str], Fault] = {}
    for lack in compiled.lacks:
        what_nl, what_en = ("De kolom", "The column") if lack.column else ("De tabel", "The table")
        where = f"{lack.table}.{lack.column}" if lack.column else lack.table
        found[lack.table, lack.column] = Fault(
            where,
            "missing-column" if lack.column else "missing-table",
            f"{what_nl} '{where}' ontbreekt",
            f"{what_en} '{where}' is missing",
            f"{lack.place} asks for it.",
        )
    if found:
        raise InvalidInput(f"{len(found)} tables or columns are missing", faults=found.values())


# --- Outputs ---


def output_column(name: str, value: Value, depth: int = 0) -> Sql:
    """Give an output in one type; NULL where there is no value. Raises Refused where no type holds what it can be."""
    tags = {tag for tag in value.forms if tag not in (NULL, MISSING, ERROR)}
    form = value.forms.get(INT)
    if tags & {RECORD, LIST, TEXT} and not depth and form is not None and form.low == form.high == 0:
        # The 0 of a rule without an outcome: an empty cell that is known.
        tags.discard(INT)
    if tags & {RECORD, LIST}:
        return _nested_column(name, value, tags, depth)
    if not tags:
        return sql.null("INTEGER")
    if TEXT in tags and len(tags) > 1:
        raise Refused("output-of-two-types", f"the output '{name}' is a text for one and a number for another")
    if INT in tags and FLOAT in tags and form is not None and max(abs(form.low), abs(form.high)) > EXACT:
        raise Refused("integer-beside-double", f"the output '{name}' is a large integer for one, a double for another")
    kind = FLOAT if FLOAT in tags else INT if INT in tags else next(iter(tags))
    if tags == {BOOL, INT} and form is not None and form.low == form.high == 0:
        # A rule without an outcome gives 0, which is what Python has for false.
        kind = BOOL
    wanted = SQL_TYPES[kind]
    parts: list[tuple[Condition, Sql]] = []
    for tag in sorted(tags):
        part = value.part(tag)
        parts.append((value.is_(tag), part if tag == kind else sql.cast(part, wanted)))
    return cases(parts, sql.null(wanted))


def _nested_column(name: str, value: Value, tags: set[int], depth: int = 0) -> Sql:
    """Give a list or an object as DuckDB has them."""
    if len(tags) > 1:
        raise Refused("output-of-two-types", f"the output '{name}' is a list for one and no list for another")
    if RECORD in tags:
        fields = value.forms[RECORD].fields
        parts = [
            exp.PropertyEQ(
                this=exp.to_identifier(str(key), quoted=True),
                expression=output_column(f"{name}.{key}", fields[key], depth),
            )
            for key in fields
        ]
        return cases([(value.is_(RECORD), exp.Struct(expressions=parts))], exp.null())
    form = value.forms[LIST]
    if form.items is not None:
        form = plain_list(form)
    assert form.sql is not None
    item = f"item_{depth}"
    made = each(form.sql, output_column(name, bound(element_of(form), item), depth + 1), item)
    return cases([(value.is_(LIST), made)], exp.null())


def _status(outcome: Outcome) -> Sql:
    value = outcome.value
    branches: list[tuple[Condition, Sql]] = [
        (value.is_(MISSING), sql.text("unknown")),
        (value.is_(ERROR), sql.text("error")),
        (outcome.unmet, sql.text("not-entitled")),
        (value.is_(NULL), sql.text("null")),
    ]
    return cases(branches, sql.text("known"))
