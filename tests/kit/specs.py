"""Random content from the JSON Schema of a kind: the part of the standard that the kinds use."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

_LETTERS = st.characters(codec="utf-8", exclude_characters="\x00")


def draw_from(schema: dict[str, Any], definitions: dict[str, Any] | None = None) -> st.SearchStrategy[Any]:
    """Give values that a schema (2020-12) allows; raises NotImplementedError for what the kinds do not use."""
    definitions = definitions if definitions is not None else schema.get("$defs", {})
    if "$ref" in schema:
        return draw_from(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in schema:
        return st.one_of([draw_from(choice, definitions) for choice in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "const" in schema:
        return st.just(schema["const"])
    match schema["type"]:
        case "object":
            required = set(schema.get("required", ()))
            fields = {name: draw_from(part, definitions) for name, part in schema["properties"].items()}
            return st.fixed_dictionaries(
                {name: part for name, part in fields.items() if name in required},
                optional={name: part for name, part in fields.items() if name not in required},
            )
        case "array":
            most = min(schema.get("maxItems", 3), 3)
            return st.lists(draw_from(schema["items"], definitions), min_size=schema.get("minItems", 0), max_size=most)
        case "string":
            return _draw_text(schema)
        case "integer":
            least = schema.get("minimum", schema.get("exclusiveMinimum", -1_000))
            most = min(schema.get("maximum", schema.get("exclusiveMaximum", 2**53) - 1), 2**53 - 1)
            return st.integers(least, most)
        case "number":
            return st.decimals(schema["minimum"], schema["maximum"], places=2).map(float)
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
    raise NotImplementedError(schema)


def _draw_text(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    if schema.get("format") == "date":
        return st.dates().map(str)
    pattern, most = schema.get("pattern", ""), schema.get("maxLength", 300)
    if pattern and "\\x00" not in pattern:
        return st.from_regex(pattern, fullmatch=True).filter(lambda text: len(text) <= most)
    if "\\s" in pattern:
        return st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), min_size=1, max_size=20)
    return st.text(_LETTERS, min_size=schema.get("minLength", 0), max_size=min(most, 40))
