"""Reads YAML with the line of everything in it, numbers without loss, and no code, no alias bomb, no duplicate key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import yaml

from eendracht.kernel.errors import Fault
from eendracht.kernel.rules.ir import Place
from eendracht.kernel.rules.values import parse_number

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEPTH: Final = 200
_BOOLEANS: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULLS: Final = frozenset(("", "~", "null", "Null", "NULL"))
_NUMBER: Final = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_LEADING_ZERO: Final = re.compile(r"[-+]?0\d")
_HEX_OR_OCTAL: Final = re.compile(r"0x[0-9a-fA-F]+|0o[0-7]+")


class Mapping(dict[str, Any]):
    """A mapping of the document that knows its line, and the line of each key.

    Keys are text here; `keys_read` has what each one means by itself (in YAML 1.1, where a key may be a number).
    """

    line: int = 0
    lines: dict[str, int]
    keys_read: dict[str, Any]


class Sequence(list[Any]):
    """A list of the document that knows its line, and the line of each item."""

    line: int = 0
    lines: list[int]


class Faults:
    """Collects everything that is wrong, so that it is reported at once; warnings stop nothing."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.errors: list[Fault] = []
        self.warnings: list[Fault] = []

    def error(self, place: Place, code: str, nl: str, en: str, hint: str = "") -> None:
        """Add a fault that refuses the file."""
        self.errors.append(make_fault(place, code, nl, en, hint))

    def warn(self, place: Place, code: str, nl: str, en: str, hint: str = "") -> None:
        """Add what a reader should look at."""
        self.warnings.append(make_fault(place, code, nl, en, hint))


def make_fault(place: Place, code: str, nl: str, en: str, hint: str = "") -> Fault:
    """Give a fault at a place in a law file."""
    return Fault(f"{place}{f' › {place.path}' if place.path else ''}", code, nl, en, hint)


def read_document(
    data: bytes, file: str, faults: Faults, *, version: str = "1.2", keeps_leading_zeros: bool = False
) -> Mapping | None:
    """Give the mapping that a YAML document holds, or None with the reasons among the faults.

    Scalars follow the core schema of YAML 1.2 (`true` and `false` alone are truth values), and numbers are exact. With
    `version` 1.1 they mean what that version says: `yes` and `no` are truth values, numbers are integers and doubles.
    A date stays text; with `keeps_leading_zeros` so do digits that begin with a zero (a citizen service number).
    """
    loader = None
    try:
        loader = _Loader(data)
        node = loader.get_single_node()
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        place = Place(file, mark.line + 1 if mark else 1)
        reason = str(getattr(error, "problem", None) or error).splitlines()[0]
        faults.error(
            place, "unreadable-law", f"Dit is geen geldige YAML: {reason}", f"This is not valid YAML: {reason}"
        )
        return None
    finally:
        if loader is not None:
            loader.dispose()
    if not isinstance(node, yaml.MappingNode):
        faults.error(Place(file, 1), "not-a-law", "Dit is geen wetsbestand", "This is not a law file")
        return None
    builder = (_Builder if version == "1.2" else _Builder11)(file, faults, keeps_leading_zeros)
    document = builder.build(node, 0, "")
    assert isinstance(document, Mapping)
    return document


class _Builder:
    def __init__(self, file: str, faults: Faults, keeps_leading_zeros: bool) -> None:
        self._file = file
        self._faults = faults
        self._is_text = _LEADING_ZERO.match if keeps_leading_zeros else lambda text: None
        self._nodes = 0
        self._is_cut = False

    def build(self, node: Any, depth: int, path: str) -> Any:
        self._nodes += 1
        line = node.start_mark.line + 1
        if depth > _DEPTH or self._nodes > 2_000_000:
            if not self._is_cut:
                self._faults.error(
                    Place(self._file, line), "too-deep", "Het bestand is te diep", "The file is too deep"
                )
            self._is_cut = True
            return None
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if isinstance(node, yaml.SequenceNode):
            items = Sequence()
            items.line = line
            items.lines = []
            for at, child in enumerate(node.value):
                items.append(self.build(child, depth + 1, f"{path}[{at}]"))
                items.lines.append(child.start_mark.line + 1)
            return items
        mapping = Mapping()
        mapping.line = line
        mapping.lines, mapping.keys_read = {}, {}
        for key_node, child in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else ""
            key_line = key_node.start_mark.line + 1
            here = f"{path}.{key}" if path else key
            if not key or key in mapping:
                self._faults.error(
                    Place(self._file, key_line, here),
                    "duplicate-key",
                    f"De sleutel '{key}' staat er dubbel of is leeg",
                    f"The key '{key}' stands twice or is empty",
                    "Keep one of the two.",
                )
                continue
            mapping[key] = self.build(child, depth + 1, here)
            mapping.lines[key] = key_line
            mapping.keys_read[key] = self._key(key_node)
        return mapping

    def _scalar(self, node: Any) -> Any:
        text = node.value
        if node.style in ("'", '"', "|", ">"):
            return text
        if text in _NULLS:
            return None
        if text in _BOOLEANS:
            return _BOOLEANS[text]
        if _NUMBER.fullmatch(text) and not self._is_text(text):
            return parse_number(text)
        if _HEX_OR_OCTAL.fullmatch(text):
            return int(text, 0)
        return text

    def _key(self, node: Any) -> Any:
        return node.value


class _Builder11(_Builder):
    """Takes a scalar by the tag that YAML 1.1 gives it."""

    _constructor = yaml.constructor.SafeConstructor()

    def _scalar(self, node: Any) -> Any:
        kind = str(node.tag).rpartition(":")[2]
        if kind == "int" and self._is_text(node.value):
            return node.value
        if kind == "null":
            return None
        try:
            if kind == "bool":
                return self._constructor.construct_yaml_bool(node)
            if kind == "int":
                return self._constructor.construct_yaml_int(node)
            if kind == "float":
                return self._constructor.construct_yaml_float(node)
        except (ValueError, KeyError):
            return node.value
        return node.value

    def _key(self, node: Any) -> Any:
        return self._scalar(node)


def entries(mapping: Mapping, file: str, path: str) -> Iterator[tuple[str, Any, Place]]:
    """Yield key, value and place of a mapping."""
    for key, value in mapping.items():
        yield key, value, Place(file, mapping.lines[key], f"{path}.{key}" if path else key)


def items_of(sequence: Sequence, file: str, path: str) -> Iterator[tuple[Any, Place]]:
    """Yield item and place of a list."""
    for at, (item, line) in enumerate(zip(sequence, sequence.lines, strict=True)):
        yield item, Place(file, line, f"{path}[{at}]")
