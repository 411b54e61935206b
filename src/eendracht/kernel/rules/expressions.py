"""Reads the expressions of the article-based law format: constants, `$references` and operations."""

from __future__ import annotations

import re
from typing import Any, Final

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.document import Faults, Mapping, Sequence, items_of, read_basis
from eendracht.kernel.rules.ir import Place
from eendracht.kernel.rules.operations import ARTICLE_OPERATIONS, Shape

_REFERENCE: Final = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)((?:\.[A-Za-z_][A-Za-z0-9_]*)*)")
_COMBINES: Final = frozenset(("ADD", "OR", "AND", "MIN", "MAX"))
_CALENDAR: Final = {
    f"{word}{ending}": word for word in ("year", "quarter", "month", "week", "day") for ending in ("", "s")
}
_NEGATED: Final = {"NOT_EQUALS": "EQUALS"}
"""Spellings that the schema no longer has and that engines still take: the negation of an operation that it has."""
_BESIDE: Final = frozenset(("output", "legal_basis", "operation"))

Version = tuple[int, int, int]


def parse_action(item: Mapping, place: Place, faults: Faults, version: Version) -> ir.Expression:
    """Read what an action computes: its `value`, or an operation that it carries itself."""
    if item.get("operation") is not None:
        return _operation(item, place, faults, version)
    if "value" in item:
        return parse_value(
            item["value"], Place(place.file, item.lines["value"], f"{place.path}.value"), faults, version
        )
    faults.error(
        place,
        "empty-action",
        "Deze actie berekent niets",
        "This action computes nothing",
        "Give it a value or an operation.",
    )
    return ir.Constant(place, None, None)


def parse_value(value: Any, place: Place, faults: Faults, version: Version) -> ir.Expression:
    """Read an operand."""
    if isinstance(value, Mapping):
        if "operation" in value:
            return _operation(value, Place(place.file, value.line, place.path), faults, version)
        faults.error(
            place,
            "wrong-type",
            "Hier hoort een waarde, een verwijzing of een bewerking",
            "Here belongs a value, a reference or an operation",
            "A mapping needs the key operation.",
        )
        return ir.Constant(place, None, None)
    if isinstance(value, Sequence):
        items = tuple(parse_value(item, at, faults, version) for item, at in items_of(value, place.file, place.path))
        return ir.Operation(place, None, "LIST", items)
    if isinstance(value, str) and value.startswith("$"):
        return parse_reference(value, place, faults)
    return ir.Constant(place, None, value)


def parse_reference(text: str, place: Place, faults: Faults) -> ir.Expression:
    """Read `$name.part`."""
    found = _REFERENCE.fullmatch(text)
    if not found:
        faults.error(
            place,
            "malformed-reference",
            f"'{text}' is geen verwijzing",
            f"'{text}' is not a reference",
            "Write $name or $name.part.",
        )
        return ir.Constant(place, None, None)
    return ir.Reference(place, None, found[1], tuple(filter(None, found[2].split("."))))


def _operation(item: Mapping, place: Place, faults: Faults, version: Version) -> ir.Expression:
    written = str(item["operation"])
    name = _NEGATED.get(written, written)
    shape = ARTICLE_OPERATIONS.get(name)
    at = Place(place.file, item.lines["operation"], f"{place.path}.operation")
    if shape is None:
        faults.error(
            at,
            "unknown-operation",
            f"De bewerking '{name}' bestaat niet",
            f"There is no operation '{name}'",
            f"Choose one of {', '.join(sorted(ARTICLE_OPERATIONS))}.",
        )
        return ir.Constant(place, None, None)
    if version < shape.since:
        since = ".".join(map(str, shape.since))
        faults.warn(at, "newer-operation", f"{name} bestaat pas sinds v{since}", f"{name} exists only since v{since}")
    basis = read_basis(item.get("legal_basis"))
    if name == "IF":
        operands, named = _cases(item, place, faults, version)
        return ir.Operation(place, basis, name, operands, named)
    operands = _operands(item, place, faults, version, name, shape)
    named = {
        key: parse_value(item[key], Place(place.file, item.lines[key], f"{place.path}.{key}"), faults, version)
        for key in shape.optional
        if key in item and name != "IN"
    }
    options = {key: item[key] for key in shape.words if item.get(key) is not None}
    _check_keys(item, place, faults, name, shape)
    found = ir.Operation(place, basis, name, operands, named, _options(name, options, at, faults))
    return found if written == name else _negate(found, written, at, faults)


def _negate(found: ir.Operation, written: str, place: Place, faults: Faults) -> ir.Operation:
    faults.warn(
        place,
        "older-operation",
        f"{written} staat niet in het schema; gelezen als NOT van {found.name}",
        f"{written} is not in the schema; read as NOT of {found.name}",
        f"Write NOT with {found.name} as its value.",
    )
    return ir.Operation(found.place, found.basis, "NOT", (found,))


def _operands(
    item: Mapping, place: Place, faults: Faults, version: Version, name: str, shape: Shape
) -> tuple[ir.Expression, ...]:
    def missing(key: str) -> ir.Expression:
        faults.error(
            place, "missing-operand", f"{name} mist '{key}'", f"{name} lacks '{key}'", f"Add {key} to the operation."
        )
        return ir.Constant(place, None, None)

    def read(key: str) -> ir.Expression:
        return parse_value(item[key], Place(place.file, item.lines[key], f"{place.path}.{key}"), faults, version)

    if shape.listed:
        raw = item.get(shape.listed)
        if not isinstance(raw, Sequence):
            return (read(shape.listed),) if raw is not None and name == "LIST" else (missing(shape.listed),)
        if len(raw) < shape.minimum:
            return (missing(shape.listed),)
        return tuple(
            parse_value(value, at, faults, version)
            for value, at in items_of(raw, place.file, f"{place.path}.{shape.listed}")
        )
    # A comparison without `value` compares with null, as the format allows.
    found = [
        read(key)
        if key in item
        else ir.Constant(place, None, None)
        if key == "value" and "subject" in shape.positional
        else missing(key)
        for key in shape.positional
    ]
    if name == "IN":
        key = "values" if "values" in item else "value"
        found.append(read(key) if key in item else missing("values"))
    return tuple(found)


def _cases(
    item: Mapping, place: Place, faults: Faults, version: Version
) -> tuple[tuple[ir.Expression, ...], dict[str, ir.Expression]]:
    raw = item.get("cases")
    operands: list[ir.Expression] = []
    if not isinstance(raw, Sequence) or not raw:
        faults.error(place, "missing-operand", "IF mist 'cases'", "IF lacks 'cases'", "Add cases with when and then.")
        return (), {}
    for case, at in items_of(raw, place.file, f"{place.path}.cases"):
        if not isinstance(case, Mapping) or "when" not in case or "then" not in case:
            faults.error(
                at, "missing-operand", "Een geval mist 'when' of 'then'", "A case lacks 'when' or 'then'", "Add both."
            )
            continue
        operands += [
            parse_value(case[key], Place(place.file, case.lines[key], f"{at.path}.{key}"), faults, version)
            for key in ("when", "then")
        ]
    named = {}
    if "default" in item:
        at = Place(place.file, item.lines["default"], f"{place.path}.default")
        named["default"] = parse_value(item["default"], at, faults, version)
    return tuple(operands), named


def _check_keys(item: Mapping, place: Place, faults: Faults, name: str, shape: Shape) -> None:
    known = {shape.listed, *shape.positional, *shape.optional, *shape.words, *_BESIDE}
    if name == "IN":
        known |= {"values"}
    for key in item:
        if key not in known:
            at = Place(place.file, item.lines[key], f"{place.path}.{key}")
            faults.warn(at, "unknown-key", f"{name} kent '{key}' niet", f"{name} does not know '{key}'")


def _options(name: str, options: dict[str, Any], place: Place, faults: Faults) -> dict[str, Any]:
    def wrong(key: str, hint: str) -> None:
        faults.error(place, "wrong-type", f"'{key}' van {name} klopt niet", f"'{key}' of {name} is not right", hint)

    if name in ("ROUND", "CEIL", "FLOOR"):
        precision = options.get("precision")
        if not isinstance(precision, int) or isinstance(precision, bool) or not -28 <= precision <= 28:
            wrong("precision", "Give the number of decimals, from -28 to 28.")
            precision = 0
        return {"precision": precision}
    if name in ("DATE_PART", "START_OF"):
        word = next((str(value) for value in options.values()), "")
        if word not in _CALENDAR:
            wrong("part", "Give year, quarter, month, week or day.")
        return {"part": _CALENDAR.get(word, "day")}
    if name == "FOREACH":
        combine = options.get("combine")
        if combine is not None and combine not in _COMBINES:
            wrong("combine", f"Give one of {', '.join(sorted(_COMBINES))}.")
        return {"as": str(options.get("as") or "item"), "combine": combine}
    return options
