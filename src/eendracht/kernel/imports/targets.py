"""What a column may fill: the fields of a kind with their shapes, taken from the kind's own JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from eendracht.kernel.kinds import Kind
from eendracht.kernel.kinds.fields import NO_NUL, PLAIN, Spec

Shape = Literal[
    "text",
    "code",
    "country",
    "kvk",
    "money",
    "hours",
    "days",
    "integer",
    "decimal",
    "date",
    "answer",
    "choice",
    "mention",
]
_END_WORDS = ("end", "until")


@dataclass(frozen=True, slots=True)
class Target:
    """One field of a spec as an importer sees it."""

    name: str
    """In camelCase."""
    shape: Shape
    is_list: bool = False
    choices: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    """Kinds that a mention may have; empty for any."""
    max_length: int = 10_000
    max_items: int = 1_000
    is_required: bool = False

    @property
    def is_end(self) -> bool:
        """Whether it is an end date, which the spec holds as the first day after."""
        return self.shape == "date" and self.name.lower().removesuffix("date").endswith(_END_WORDS)


def find_targets(kind: Kind) -> Mapping[str, Target]:
    """Give the fields of a kind that one column can fill, by name; nested parts are not among them."""
    return _find(kind.model, tuple((path.path, path.relation.targets) for path in kind.relations))


@cache
def _find(model: type[Spec], relations: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]) -> Mapping[str, Target]:
    schema = model.model_json_schema(by_alias=True, mode="validation")
    required = set(schema.get("required", ()))
    mentioned = {path[0]: (kinds, len(path) == 2) for path, kinds in relations if path[1:] in ((), ("*",))}
    targets = {}
    for name, property_schema in schema["properties"].items():
        if name in mentioned:
            kinds, is_list = mentioned[name]
            targets[name] = Target(name, "mention", is_list, kinds=kinds, is_required=name in required)
        elif (target := _target(name, property_schema, name in required)) is not None:
            targets[name] = target
    return targets


def target_of_fact(name: str) -> Target:
    """Give the shape of a fact outside the kind by its name.

    `annualSpendEurocent` is money, `invoiceCount` a number; without such an ending it is text.
    """
    if name.endswith("Count"):
        return Target(name, "integer")
    return Target(name, _shape(name, {"type": "string"}, False, ()) or "text")


def _target(name: str, schema: dict[str, Any], required: bool) -> Target | None:
    options = [
        option
        for outer in schema.get("anyOf", [schema])
        for option in outer.get("anyOf", [outer])
        if option.get("type") != "null"
    ]
    first = options[0]
    if first.get("type") == "array":
        inner = _target(name, first["items"], required)
        if inner is None or "$ref" in first["items"]:
            return None
        items = int(first.get("maxItems", 1_000))
        return Target(name, inner.shape, True, inner.choices, (), inner.max_length, items, required)
    if "$ref" in first:
        return None
    choices = tuple(first.get("enum", ()))
    shape = _shape(name, first, len(options) > 1, choices)
    if shape is None:
        return None
    return Target(name, shape, choices=choices, max_length=int(first.get("maxLength", 10_000)), is_required=required)


def _shape(name: str, schema: dict[str, Any], has_alternatives: bool, choices: tuple[str, ...]) -> Shape | None:
    if choices:
        return "answer" if set(choices) == {"yes", "no", "unknown"} else "choice"
    if name.endswith("Eurocent"):
        return "money"
    if name.endswith("Hours"):
        return "hours"
    if name.endswith("Days"):
        return "days"
    if schema.get("format") == "date":
        return "date"
    if name == "kvk":
        return "kvk"
    kind = schema.get("type")
    if kind == "integer":
        return "integer"
    if kind == "number" or (kind == "string" and has_alternatives):
        return "decimal"
    if kind == "string":
        pattern = schema.get("pattern")
        if pattern in (None, NO_NUL, PLAIN):
            return "text"
        return "country" if pattern == "^[A-Z]{2}$" else "code"
    return None
