"""What is known of a value before it is there: its type and its unit, as the law declares them.

Units are those that the law declares. One that it does not declare is unknown, and unknown fits everything: only what
is surely wrong is a problem. A bare number of the text takes the unit of what it meets.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.values import as_date, is_number

NUMERIC: Final = frozenset(("number", "amount"))
CONTEXT: Final = frozenset(("referencedate", "calculation_date", "january_first", "prev_january_first"))
"""Names that every rule has: dates that follow from the date of the case."""
KIND_NL: Final = {
    "number": "een getal",
    "amount": "een bedrag",
    "boolean": "ja of nee",
    "string": "tekst",
    "date": "een datum",
    "array": "een lijst",
    "object": "een object",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """What is known of a value: its type, its unit (of a list: that of its items), and whether it is bare.

    `is_bare` is said of a literal number, which has no unit of its own; `is_literal` of any value that stands in the
    law itself, whose type is sure.
    """

    kind: ir.Kind = "any"
    unit: ir.Unit = ""
    is_bare: bool = False
    is_literal: bool = False


ANY: Final = Typed()
TRUTH: Final = Typed("boolean")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in an expression that cannot be right, or (not `is_sure`) that deserves a look."""

    place: ir.Place
    code: str
    nl: str
    en: str
    hint: str
    is_sure: bool = True


def _ignore(problem: Problem) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Environment:
    """What names mean to an expression, and who hears of problems (by default nobody)."""

    names: Mapping[str, Typed]
    report: Callable[[Problem], None] = _ignore


def type_of_value(value: Any) -> Typed:
    """Give the type of a value that stands in a law."""
    if value is None:
        return Typed("any", "", is_bare=True)
    if isinstance(value, bool):
        return Typed("boolean", is_literal=True)
    if is_number(value):
        return Typed("number", "", is_bare=True, is_literal=True)
    if isinstance(value, str):
        return Typed("any" if as_date(value) else "string", is_literal=True)
    if isinstance(value, list):
        return Typed("array", is_literal=True)
    return Typed("object" if isinstance(value, dict) else "any", is_literal=True)


def type_of_field(field: ir.Field) -> Typed:
    """Give the type that a parameter, input or output declares."""
    return Typed(field.kind, field.unit)


def shared_names(regulation: ir.Regulation) -> dict[str, Typed]:
    """Give the type of every name that all articles of a regulation may use: dates of the case, and definitions."""
    names = dict.fromkeys(CONTEXT, Typed("date"))
    for article in regulation.articles:
        for name, definition in article.definitions.items():
            names.setdefault(name, _type_of_definition(definition))
    return names


def names_of(article: ir.Article, shared: dict[str, Typed]) -> Mapping[str, Typed]:
    """Give the type of every name that an article may use; `shared` is what `shared_names` gives of its regulation."""
    names: dict[str, Typed] = {}
    names |= {name: type_of_field(field) for name, field in article.parameters.items()}
    names |= {name: Typed(term.kind) for name, term in article.open_terms.items()}
    names |= {name: _type_of_definition(item) for name, item in article.definitions.items()}
    names |= {name: type_of_field(item.field) for name, item in article.inputs.items()}
    actions = {action.output for action in article.actions}
    names |= {name: type_of_field(field) for name, field in article.outputs.items() if name in actions}
    names |= {name: ANY for name in actions if name not in article.outputs and name not in names}
    return ChainMap(names, shared)


def _type_of_definition(definition: ir.Definition) -> Typed:
    found = type_of_value(definition.value)
    kind = found.kind if definition.kind == "any" else definition.kind
    return Typed(kind, definition.unit, is_literal=found.is_literal and kind == found.kind)


def kinds_clash(first: Typed, second: Typed) -> bool:
    """Whether a value of the one type can surely not be one of the other; text may hold any scalar."""
    kinds = {"number" if kind in NUMERIC else kind for kind in (first.kind, second.kind)}
    if len(kinds) == 1 or "any" in kinds:
        return False
    if "string" in kinds:
        literal = first if first.kind == "string" else second
        return bool(kinds & {"array", "object"}) or (literal.is_literal and kinds != {"string"})
    return True


def units_clash(first: Typed, second: Typed) -> bool:
    """Whether both units are known and differ."""
    return bool(first.unit and second.unit and first.unit != second.unit)
