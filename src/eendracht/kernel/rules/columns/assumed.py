"""A population that is not there yet: every fact that the laws ask for as a column of the type that they declare."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlglot import exp

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.columns.population import Column, Population, Table, Type
from eendracht.kernel.rules.columns.values import FIRST, LAST
from eendracht.kernel.rules.library import Library

NAME = "population"

_TYPES: dict[str, Type] = {
    "number": "integer",
    "amount": "integer",
    "boolean": "boolean",
    "date": "date",
    "string": "string",
    "any": "string",
}
_SQL_TYPES = {"integer": "BIGINT", "boolean": "BOOLEAN", "date": "DATE", "string": "VARCHAR"}


def assume_population(library: Library, keys: Iterable[str]) -> Population:
    """Give one table with a column for each fact, nothing empty, and a table of rows for each list of facts.

    Nobody knows the numbers yet: they are taken to lie within the bound of `population.DEFAULT_BOUND`.
    """
    wanted = list(keys)
    key = wanted[0] if wanted else "subject"
    columns: dict[str, Column] = {key: _column(key, "string")}
    children: dict[str, Table] = {}
    for regulation in library:
        for article in regulation.articles:
            for item in _facts(article):
                if item.kind == "array":
                    fields = _fields_of(article, item.name)
                    cells = {name: _column(name, "string") for name in (key, *fields)}
                    children[item.name] = Table(item.name, exp.to_table(item.name), key, cells, is_unique=False)
                elif item.kind in _TYPES:
                    columns.setdefault(item.name, _column(item.name, item.kind))
    main = Table(NAME, exp.to_identifier(NAME), key, columns)
    return Population(NAME, {NAME: main, **children})


def _facts(article: ir.Article) -> Iterable[ir.Field]:
    yield from article.parameters.values()
    for item in article.inputs.values():
        if isinstance(item.source, ir.ExternalSource):
            yield item.field


def _column(name: str, kind: str) -> Column:
    found = _TYPES[kind]
    made = Column(name, found, may_be_null=False, sql_type=_SQL_TYPES[found])
    return replace(made, low=FIRST, high=LAST) if found == "date" else made


def _fields_of(article: ir.Article, name: str) -> list[str]:
    """Give the fields that FOREACH reads of the rows of a list."""
    found: dict[str, None] = {}

    def walk(node: ir.Expression, rows: str) -> None:
        if isinstance(node, ir.Reference) and node.name == rows and node.path:
            found[node.path[0]] = None
        if isinstance(node, ir.Operation):
            inner = rows
            if node.name == "FOREACH" and isinstance(node.operands[0], ir.Reference) and node.operands[0].name == name:
                inner = str(node.options["as"])
            for item in (*node.operands, *node.named.values()):
                walk(item, inner)

    for action in article.actions:
        walk(action.expression, "")
    return list(found)
