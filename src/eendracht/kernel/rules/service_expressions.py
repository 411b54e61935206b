"""Reads the expressions of the service-based law format: constants, `$names`, operations, conditions, requirements.

What an operation has by position becomes `operands`: the `values`, or subject and value. IF has its cases in pairs and
`default`; FOREACH its collection and body, with `filter` for `where`. `all` is AND, `or` and `any` are OR.
"""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping
from typing import Any, Final

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.document import Faults, Mapping, Sequence, entries, items_of, read_basis
from eendracht.kernel.rules.ir import Place

COMPARISONS: Final = frozenset(
    ("EQUALS", "NOT_EQUALS", "GREATER_THAN", "GREATER_OR_EQUAL", "LESS_THAN", "LESS_OR_EQUAL")
)
AGGREGATES: Final = frozenset(("ADD", "SUBTRACT", "MULTIPLY", "DIVIDE", "MIN", "MAX", "CONCAT"))
MEMBERSHIPS: Final = frozenset(("IN", "NOT_IN"))
SINGLES: Final = frozenset(("NOT_NULL", "IS_NULL", "EXISTS", "LENGTH", "NOT", "DAY_OF_WEEK"))
SERVICE_OPERATIONS: Final = (
    COMPARISONS
    | AGGREGATES
    | MEMBERSHIPS
    | SINGLES
    | frozenset(("IF", "FOREACH", "AND", "OR", "COALESCE", "GET", "SUBTRACT_DATE", "ADD_DATE", "COMBINE_DATETIME"))
)
"""Every operation that means something in this format; any other gives null."""

_COMBINES: Final = frozenset(("AND", "OR")) | AGGREGATES
_UNITS: Final = frozenset(("years", "months", "weeks", "days", "hours", "minutes"))
_NAMES: Final = frozenset(("output", "legal_basis", "operation", "description", "explanation"))
_KEYS: Final[AnyMapping[str, frozenset[str]]] = {
    "IF": frozenset(("conditions",)),
    "FOREACH": frozenset(("subject", "value", "where", "combine")),
    "SUBTRACT_DATE": frozenset(("values", "subject", "value", "unit")),
    "ADD_DATE": frozenset(("values", "subject", "date", "value", "amount", "unit")),
    "COMBINE_DATETIME": frozenset(("values", "date", "time")),
    "DAY_OF_WEEK": frozenset(("values", "subject", "value", "date")),
}
_USUAL: Final = frozenset(("values", "subject", "value"))
_POSITIONS: Final = ("subject", "date", "time", "value", "amount", "values")
"""Keys that hold an operand where there is no list of `values`, in the order of the operands."""
_MINIMUM: Final = dict.fromkeys(
    (*COMPARISONS, *MEMBERSHIPS, "GET", "SUBTRACT_DATE", "ADD_DATE", "COMBINE_DATETIME"), 2
) | {"AND": 0, "OR": 0, "COALESCE": 0}


def parse_service_action(item: Mapping, place: Place, faults: Faults) -> ir.Expression:
    """Read what an action computes: an operation, a `value`, or just a `subject`."""
    for key in ("operation", "value", "subject"):
        if item.get(key) is not None or (key == "value" and key in item):
            return parse_service_value(item if key == "operation" else item[key], _at(item, key, place), faults)
    faults.warn(
        place,
        "empty-action",
        "Deze actie berekent niets en geeft null",
        "This action computes nothing and gives null",
        "Give it a value or an operation.",
    )
    return ir.Constant(place, None, None)


def parse_service_value(value: Any, place: Place, faults: Faults) -> ir.Expression:
    """Read an operand: a constant, a `$name`, a list, or a mapping that computes."""
    if isinstance(value, Mapping):
        return _mapping(value, place, faults)
    if isinstance(value, Sequence):
        items = tuple(parse_service_value(item, at, faults) for item, at in items_of(value, place.file, place.path))
        if all(isinstance(item, ir.Constant) for item in items):
            return ir.Constant(place, None, plain_value(value))
        return ir.Operation(place, None, "LIST", items)
    if isinstance(value, str) and value.startswith("$"):
        return parse_name(value, place, faults)
    return ir.Constant(place, None, value)


def parse_name(text: str, place: Place, faults: Faults) -> ir.Reference:
    """Read `$NAME` or `$NAME.part`."""
    name, *path = text[1:].split(".")
    if not name or not all(path) or any(character.isspace() for character in text):
        faults.warn(
            place,
            "malformed-reference",
            f"'{text}' is geen verwijzing en geeft null",
            f"'{text}' is not a reference and gives null",
            "Write $NAME or $NAME.part.",
        )
    return ir.Reference(place, None, name, tuple(path))


def parse_requirements(value: Any, place: Place, faults: Faults) -> ir.Expression | None:
    """Read what must hold before anything is computed; None where there are no requirements."""
    if value is None or value == []:
        return None
    if not isinstance(value, Sequence):
        _fault(faults, place, "requirements", "een lijst", "a list")
        return None
    return ir.Operation(place, None, "AND", tuple(_each(value, place, faults)))


def names_in(node: ir.Expression, *, with_bodies: bool = True) -> set[str]:
    """Give every name that an expression mentions.

    Without `with_bodies` what stands in FOREACH is left out: a name there may be a field of the element.
    """
    if isinstance(node, ir.Reference):
        return {node.name}
    if not isinstance(node, ir.Operation):
        return set()
    parts = (*node.operands, *node.named.values())
    if node.name == "FOREACH" and not with_bodies:
        parts = node.operands[:1]
    return {name for item in parts for name in names_in(item, with_bodies=with_bodies)}


def plain_value(value: Any) -> Any:
    """Give a constant of the document without its lines, its keys as YAML 1.1 reads them."""
    if isinstance(value, Mapping):
        return {value.keys_read[key]: plain_value(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain_value(item) for item in value]
    return value


def _at(item: Mapping, key: str, place: Place) -> Place:
    if key == "operation":
        return place
    return Place(place.file, item.lines[key], f"{place.path}.{key}")


def _fault(faults: Faults, place: Place, key: str, nl: str, en: str) -> None:
    faults.error(
        place,
        "wrong-type",
        f"Bij '{key}' hoort {nl}",
        f"'{key}' must be {en}",
        f"Write {key} as {en}.",
    )


def _each(items: Sequence, place: Place, faults: Faults) -> list[ir.Expression]:
    return [parse_service_value(item, at, faults) for item, at in items_of(items, place.file, place.path)]


def _mapping(item: Mapping, place: Place, faults: Faults) -> ir.Expression:
    if item.get("operation") is not None:
        return _operation(item, place, faults)
    for key in ("all", "or", "any"):
        if key in item:
            at = _at(item, key, place)
            if not isinstance(item[key], Sequence):
                _fault(faults, at, key, "een lijst met voorwaarden", "a list of conditions")
                return ir.Constant(at, None, None)
            name = "AND" if key == "all" else "OR"
            return ir.Operation(at, read_basis(item.get("legal_basis")), name, tuple(_each(item[key], at, faults)))
    for key in ("value", "subject"):
        if key in item:
            return parse_service_value(item[key], _at(item, key, place), faults)
    faults.warn(
        place,
        "no-operation",
        "Hier ontbreekt een bewerking; dit geeft null",
        "There is no operation here; this gives null",
        "Give it the key operation.",
    )
    return ir.Constant(place, None, None)


def _operation(item: Mapping, place: Place, faults: Faults) -> ir.Expression:
    name, basis = str(item["operation"]), read_basis(item.get("legal_basis"))
    at = Place(place.file, item.lines["operation"], f"{place.path}.operation")
    if name not in SERVICE_OPERATIONS:
        faults.warn(
            at,
            "unknown-operation",
            f"De bewerking '{name}' bestaat niet en geeft null",
            f"There is no operation '{name}'; it gives null",
            f"Choose one of {', '.join(sorted(SERVICE_OPERATIONS))}.",
        )
        return ir.Operation(place, basis, name, ())
    for key, _, where in entries(item, place.file, place.path):
        if key not in _NAMES and key not in _KEYS.get(name, _USUAL):
            faults.warn(where, "unknown-key", f"{name} kent '{key}' niet", f"{name} does not know '{key}'")
    if name == "IF":
        operands, named = _conditions(item, place, faults)
        return ir.Operation(place, basis, name, operands, named)
    if name == "FOREACH":
        return _for_each(item, place, faults, basis)
    options: dict[str, Any] = {}
    if name in ("SUBTRACT_DATE", "ADD_DATE"):
        options["unit"] = _unit(item, at, faults)
    return ir.Operation(place, basis, name, _operands(item, name, place, faults), {}, options)


def _operands(item: Mapping, name: str, place: Place, faults: Faults) -> tuple[ir.Expression, ...]:
    values = item.get("values")
    if isinstance(values, Sequence) and "subject" not in item:
        operands = _each(values, _at(item, "values", place), faults)
    else:
        operands = [parse_service_value(item[key], _at(item, key, place), faults) for key in _POSITIONS if key in item]
    least = _MINIMUM.get(name, 1)
    if name in COMPARISONS and "subject" in item and len(operands) == 1:
        operands.append(ir.Constant(place, None, None))
    # A list that stands behind one name is known only when the rule runs.
    is_list_by_name = isinstance(values, str) and "subject" not in item
    if len(operands) < least and not is_list_by_name:
        faults.error(
            place,
            "missing-operand",
            f"{name} heeft {least} waarden nodig",
            f"{name} needs {least} values",
            "Give subject and value, or values." if least == 2 else "Give subject or values.",
        )
    if name in SINGLES or (name in COMPARISONS and len(operands) > 2):
        return tuple(operands[: 1 if name in SINGLES else 2])
    return tuple(operands)


def _conditions(
    item: Mapping, place: Place, faults: Faults
) -> tuple[tuple[ir.Expression, ...], dict[str, ir.Expression]]:
    raw = item.get("conditions")
    if not isinstance(raw, Sequence):
        _fault(faults, place, "conditions", "een lijst met test en then", "a list of test and then")
        return (), {}
    pairs: list[ir.Expression] = []
    default: dict[str, ir.Expression] = {}
    for case, at in items_of(raw, place.file, f"{place.path}.conditions"):
        if not isinstance(case, Mapping) or not ("test" in case or "else" in case):
            _fault(faults, at, "conditions", "test en then, of else", "test and then, or else")
            continue
        for key, _, where in entries(case, place.file, at.path):
            if key not in ("test", "then", "else", "legal_basis", "description"):
                faults.warn(where, "unknown-key", f"Een geval kent '{key}' niet", f"A case does not know '{key}'")
        if default:
            faults.warn(
                at,
                "unreachable-case",
                "Dit geval komt na 'else' en wordt nooit bereikt",
                "This case comes after 'else' and is never reached",
            )
            continue
        if "test" in case:
            pairs += [_part(case, key, at, faults) for key in ("test", "then")]
        if "else" in case:
            default["default"] = _part(case, "else", at, faults)
    return tuple(pairs), default


def _part(case: Mapping, key: str, place: Place, faults: Faults) -> ir.Expression:
    if key in case:
        return parse_service_value(case[key], _at(case, key, place), faults)
    faults.error(place, "missing-operand", f"Een geval mist '{key}'", f"A case lacks '{key}'", f"Add {key}.")
    return ir.Constant(place, None, None)


def _for_each(item: Mapping, place: Place, faults: Faults, basis: ir.LegalBasis | None) -> ir.Expression:
    for key in ("subject", "value"):
        if key not in item:
            faults.error(place, "missing-operand", f"FOREACH mist '{key}'", f"FOREACH lacks '{key}'", f"Add {key}.")
            return ir.Constant(place, None, None)
    body = item["value"]
    # The format wraps the body in a list of one.
    if isinstance(body, Sequence) and len(body) == 1:
        body = body[0]
    named = {}
    if item.get("where") is not None:
        named["filter"] = parse_service_value(item["where"], _at(item, "where", place), faults)
    combine = item.get("combine")
    if combine is not None and combine not in _COMBINES:
        faults.error(
            _at(item, "combine", place),
            "wrong-type",
            f"FOREACH kan niet samenvoegen met '{combine}'",
            f"FOREACH cannot combine with '{combine}'",
            f"Give one of {', '.join(sorted(_COMBINES))}, or nothing for a list.",
        )
    operands = (
        parse_service_value(item["subject"], _at(item, "subject", place), faults),
        parse_service_value(body, _at(item, "value", place), faults),
    )
    return ir.Operation(place, basis, "FOREACH", operands, named, {"as": "current", "combine": combine})


def _unit(item: Mapping, place: Place, faults: Faults) -> str:
    unit = str(item.get("unit") or "days")
    if unit in _UNITS:
        return unit
    faults.error(
        place,
        "unknown-unit",
        f"De eenheid '{unit}' bestaat niet",
        f"There is no unit '{unit}'",
        f"Choose one of {', '.join(sorted(_UNITS))}.",
    )
    return "days"
