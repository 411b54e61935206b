"""Runs a law on a population both ways, case by case and in columns, and lists where they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import duckdb

from eendracht.kernel.errors import EendrachtError
from eendracht.kernel.rules.columns.duck import Run, prepare_run
from eendracht.kernel.rules.columns.values import STATUS_WORDS
from eendracht.kernel.rules.facts import Case
from eendracht.kernel.rules.interpreter import evaluate_exact
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.outcome import Mode
from eendracht.kernel.rules.trace import Node
from eendracht.kernel.rules.values import Unknown, Untranslatable, as_date, from_plain, is_number, normalise, to_plain
from tests.kernel.rules.columns.random_populations import Village

WIDE = 2**62
"""A number on the way from which columns may give an error of overflow, where a case counts on."""
Told = tuple[str, Any]
"""Status and value."""


@dataclass(frozen=True)
class Difference:
    """A cell that is not the same both ways."""

    subject: Any
    output: str
    case: Told
    column: Told
    reason: str = ""


def told_by_case(library: Library, law: str, output: str, case: Case, mode: Mode) -> tuple[Told, str, int]:
    """Give status and value of one case, the reason of an error, and the size of the largest number on the way."""
    try:
        run = evaluate_exact(library, law, [output], case, mode=mode, is_whole_article=False)
    except EendrachtError as error:
        return ("error", None), str(error), 0
    value, largest = run.outcomes[output].value, _largest(run.trace)
    if value is None:
        return ("null", None), "", largest
    if isinstance(value, Unknown | Untranslatable):
        return (type(value).__name__.casefold(), None), "", largest
    return ("known", value), "", largest


def _largest(node: Node) -> int:
    found = node.result if is_number(node.result) else 0
    own = abs(Fraction(found))
    return max(own.numerator, own.denominator, *(_largest(child) for child in node.children), 0)


def _parameters(
    library: Library, law: str, outputs: Sequence[str], on: date, known: dict[str, Any], village: Village
) -> dict[str, Any]:
    """Give the parameters of a case: what is the same for all, the key, and what stands beside the subject."""
    table = village.subjects
    row = next(item for item in table.rows if item[table.key] == known[table.key])
    regulation = library.select(law, on, known).regulation
    for output in outputs:
        article = regulation.article_of(output)
        for name in article.parameters if article else ():
            if name in row and name not in known:
                known[name] = from_plain(row[name])
    return known


def is_same(case: Told, column: Told) -> bool:
    """Whether a case and a cell say the same: a date is its text, a number its value."""
    if case[0] != column[0]:
        return False
    left, right = case[1], column[1]
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, date) or isinstance(right, date):
        return as_date(left) == as_date(right)
    if isinstance(right, Decimal | int) and isinstance(left, Fraction | int):
        return normalise(Fraction(left)) == normalise(Fraction(right))
    return type(left) is type(right) and bool(left == right)


def compare(
    library: Library,
    law: str,
    outputs: Sequence[str],
    village: Village,
    on: date,
    parameters: Mapping[str, Any],
    mode: Mode = "propagate",
    *,
    engine: duckdb.DuckDBPyConnection,
) -> tuple[list[Difference], int, Run]:
    """Give the differences, the number of cells compared and the run; raises what the compilation raises."""
    run = prepare_run(engine, library, law, outputs, on, village.open(engine), parameters, mode)
    rows = engine.execute(run.text).fetchall()
    names = [item[0] for item in engine.description]
    registers = village.registers()
    key = village.subjects.key
    assert sorted(str(row[0]) for row in rows) == sorted(str(row[key]) for row in village.subjects.rows)
    differences, count = [], 0
    for row in rows:
        cells = dict(zip(names, row, strict=True))
        case = Case(on, _parameters(library, law, outputs, on, {**parameters, key: row[0]}, village), registers)
        for output in outputs:
            told, reason, largest = told_by_case(library, law, output, case, mode)
            column = (cells[f"{output}_status"], cells[output])
            assert column[0] in STATUS_WORDS
            count += 1
            if column[0] == "error" and largest >= WIDE and "TRY(" in run.text:
                continue
            if not is_same(told, column):
                plain = (told[0], to_plain(told[1]))
                differences.append(Difference(row[0], output, plain, column, reason))
    return differences, count, run
