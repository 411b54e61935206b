"""A population that is not there yet, for laws of the service-based format: every table that their sources name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from sqlglot import exp

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.columns.lax_facts import ASSUMED_BOUND, AssumedFacts
from eendracht.kernel.rules.columns.lax_population import LaxRun, compile_lax_run
from eendracht.kernel.rules.columns.population import Column, Population, Table
from eendracht.kernel.rules.library import Library

_MOST_NUMBER = 10**7
"""Bound of a number that is no amount."""
_TYPES = {"number": "BIGINT", "amount": "BIGINT", "boolean": "BOOLEAN", "date": "DATE", "array": "VARCHAR[]"}


def assume_lax_run(
    library: Library, law: str, outputs: Iterable[str], on: date, parameters: dict[str, Any], service: str = ""
) -> LaxRun:
    """Compile outputs of a law for a population that has what its sources name; raises NoSuchRule and Refused."""
    regulation = library.select(law, on, {}, service).regulation
    population = assume_lax_population(library, regulation, list(parameters))
    return compile_lax_run(
        library, law, list(outputs), on, population, AssumedFacts(), parameters, service or regulation.service
    )


def assume_lax_population(library: Library, law: ir.Regulation, given: Iterable[str] = ()) -> Population:
    """Give the tables of a law and of those that it asks: one row for each key, several where a list is read."""
    tables: dict[str, Table] = {}
    single: set[str] = set()
    for reached in _reachable(library, law):
        for item in reached.articles[0].inputs.values():
            source = item.source
            if isinstance(source, ir.TableSource) and source.table:
                name = f"{source.source_type or reached.service}.{source.table}"
                known = tables.get(name) or Table(name, exp.to_table(name), "", {}, is_unique=False)
                if not (source.is_record and item.field.kind == "array"):
                    single.add(name)
                tables[name] = replace(known, columns={**_columns(reached, item, source), **known.columns})
    tables = {name: replace(table, is_unique=name in single) for name, table in tables.items()}
    asked = [item for name, item in law.articles[0].parameters.items() if name not in set(given)]
    columns = {item.name: _column(item.name, item.kind) for item in asked}
    key = asked[0].name if asked else "subject"
    columns.setdefault(key, _column(key, "string"))
    subjects = Table("subjects", exp.to_table("subjects"), key, columns)
    return Population("subjects", {"subjects": subjects, **tables})


def _reachable(library: Library, law: ir.Regulation) -> Iterator[ir.Regulation]:
    seen: set[str] = set()
    todo = [law]
    while todo:
        here = todo.pop()
        if here.sha256 in seen:
            continue
        seen.add(here.sha256)
        yield here
        for item in here.articles[0].inputs.values():
            if isinstance(item.source, ir.ArticleSource):
                asked = (item.source.law, item.source.service)
                todo += [other for other in library if (other.id, other.service) == asked]


def _columns(law: ir.Regulation, item: ir.Input, source: ir.TableSource) -> dict[str, Column]:
    article = law.articles[0]
    found = {selection.column: _column(selection.column, "string") for selection in source.selections}
    for name in source.columns:
        kind = _kind_of_part(article, item, name) if source.is_record else item.field.kind
        found[name] = _column(name, kind)
    return found


def _kind_of_part(article: ir.Article, item: ir.Input, part: str) -> str:
    """Tell the kind of a field of an object by the output that gives it; else text."""
    for action in article.actions:
        node = action.expression
        if isinstance(node, ir.Operation) and node.name == "COALESCE":
            node = node.operands[0]
        if isinstance(node, ir.Reference) and (node.name, *node.path) == (item.field.name, part):
            declared = article.outputs.get(action.output)
            if declared is not None and (declared.kind != "array" or item.field.kind != "array"):
                return declared.kind
    return "string"


def _column(name: str, kind: str) -> Column:
    most = _MOST_NUMBER if kind == "number" else ASSUMED_BOUND
    return Column(name, "other", low=-most, high=most, sql_type=_TYPES.get(kind, "VARCHAR"))
