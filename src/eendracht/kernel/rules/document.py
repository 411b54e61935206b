"""Reads YAML with the line of everything in it, numbers without loss, and no code, no alias bomb, no duplicate key.

A file is read event by event: nothing is composed first, so that what is too big, too deep or hostile is refused after
a bounded amount of work. (The composer of libyaml recurses in C: a hundred thousand brackets end the process.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import yaml

from eendracht.kernel.errors import Fault
from eendracht.kernel.rules.ir import LegalBasis, Place
from eendracht.kernel.rules.values import parse_number

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAXIMUM_BYTES: Final = 16 * 1024 * 1024
"""A larger law file is refused unread; the largest laws of the Netherlands take a few megabytes."""
_DEPTH: Final = 200
_NODES: Final = 500_000
_REFUSALS: Final = 50
"""After so many faults of one document the reader stops."""
_QUOTED: Final = frozenset(("'", '"', "|", ">"))
_BOOLEANS: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULLS: Final = frozenset(("", "~", "null", "Null", "NULL"))
_NUMBER: Final = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_LEADING_ZERO: Final = re.compile(r"[-+]?0\d")
_HEX_OR_OCTAL: Final = re.compile(r"0x[0-9a-fA-F]{1,64}|0o[0-7]{1,64}")
_NUMERIC: Final = frozenset("0123456789+-.")


class Mapping(dict[str, Any]):
    """A mapping of the document that knows its line, and the line of each key.

    Keys are text here; in YAML 1.1 `keys_read` has what each one means by itself (a key may be a number).
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
    Aliases and explicit tags are refused: a law file says everything where it stands. An anchor that nothing refers to
    means nothing.
    """
    if not _is_text(data, file, faults):
        return None
    loader = _Loader(data)
    try:
        return (_Builder if version == "1.2" else _Builder11)(file, faults, keeps_leading_zeros).build(loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error).splitlines()[0]
        faults.error(
            Place(file, mark.line + 1 if mark else 1),
            "unreadable-law",
            f"Dit is geen geldige YAML: {reason}",
            f"This is not valid YAML: {reason}",
            "Check indentation, quotes and colons around this line.",
        )
        return None
    finally:
        loader.dispose()


def refuse_size(file: str, faults: Faults) -> None:
    """Say that a file is larger than a law file may be."""
    faults.error(
        Place(file, 1),
        "law-too-large",
        f"Het bestand is groter dan {MAXIMUM_BYTES // 1024**2} MiB",
        f"The file is larger than {MAXIMUM_BYTES // 1024**2} MiB",
        "Split it, or check that it is a law file.",
    )


def _is_text(data: bytes, file: str, faults: Faults) -> bool:
    if len(data) > MAXIMUM_BYTES:
        refuse_size(file, faults)
        return False
    try:
        data.decode()
        at = data.find(b"\0")
        nl, en = "Hier staat een NUL-byte", "Here is a NUL byte"
    except UnicodeDecodeError as error:
        at = error.start
        nl, en = "Hier staat iets dat geen UTF-8 is", "Here is something that is not UTF-8"
    if at < 0:
        return True
    place = Place(file, data.count(b"\n", 0, at) + 1)
    faults.error(place, "not-text", nl, en, "Save the file as UTF-8 text.")
    return False


class _Builder:
    """Builds one document from its events, on a stack of its own."""

    def __init__(self, file: str, faults: Faults, keeps_leading_zeros: bool) -> None:
        self._file = file
        self._faults = faults
        self._is_text = _LEADING_ZERO.match if keeps_leading_zeros else lambda text: None
        self._open: list[Mapping | Sequence] = []
        self._keys: list[str | None] = []
        """The key of each open mapping that waits for its value; None before a key, and in a list."""
        self._refused = 0
        self._root: Mapping | None = None

    def build(self, loader: Any) -> Mapping | None:
        get_event = loader.get_event
        nodes = documents = 0
        while (event := get_event()) is not None:
            kind = type(event)
            if kind is yaml.ScalarEvent:
                if event.tag is not None:
                    self._refuse_tag(event)
                self._add_scalar(event, event.start_mark.line + 1)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                if event.tag is not None:
                    self._refuse_tag(event)
                self._start(kind is yaml.MappingStartEvent, event.start_mark.line + 1)
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self._keys.pop()
                self._put(self._open.pop())
            elif kind is yaml.AliasEvent:
                self._refuse_alias(event)
            elif kind is yaml.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    self._refuse_second(event)
                    return None
            nodes += 1
            if nodes > _NODES or len(self._open) > _DEPTH or self._refused > _REFUSALS:
                self._stop(event)
                return None
        if self._root is None:
            self._faults.error(
                Place(self._file, 1),
                "not-a-law",
                "Dit is geen wetsbestand",
                "This is not a law file",
                "A law file is a mapping with $schema, $id and articles.",
            )
        return self._root

    def _refuse_alias(self, event: Any) -> None:
        name = str(event.anchor)[:60]
        nl, en = f"De verwijzing *{name} naar een anker wordt niet gelezen", f"The alias *{name} is not read"
        self._refuse(event, "alias-in-law", nl, en, "Write out what it stands for.")
        self._add_scalar(yaml.ScalarEvent(None, None, (True, False), "~"), event.start_mark.line + 1)

    def _refuse_second(self, event: Any) -> None:
        nl, en = "Hier begint een tweede document", "Here a second document begins"
        self._refuse(event, "several-documents", nl, en, "Keep one law in each file.")

    def _stop(self, event: Any) -> None:
        if self._refused <= _REFUSALS:
            self._refuse(
                event,
                "too-deep",
                "Het bestand is te diep of te groot",
                "The file is too deep or too large",
                "Split it.",
            )

    def _refuse(self, event: Any, code: str, nl: str, en: str, hint: str) -> None:
        self._refused += 1
        self._faults.error(Place(self._file, event.start_mark.line + 1, self._path()), code, nl, en, hint)

    def _refuse_tag(self, event: Any) -> None:
        tag = str(event.tag)[:60]
        self._refuse(
            event,
            "tag-in-law",
            f"Het type {tag} wordt niet gelezen",
            f"The tag {tag} is not read",
            "Write the value without a tag; put text in quotes.",
        )

    def _path(self, key: str = "") -> str:
        path = ""
        for container, waiting in zip(self._open, self._keys, strict=True):
            if isinstance(container, Sequence):
                path += f"[{len(container)}]"
            elif waiting:
                path += f".{waiting}" if path else waiting
        return f"{path}.{key}" if path and key else path or key

    def _start(self, is_mapping: bool, line: int) -> None:
        container: Mapping | Sequence
        if is_mapping:
            container = Mapping()
            container.lines, container.keys_read = {}, {}
        else:
            container = Sequence()
            container.lines = []
        container.line = line
        self._note(line)
        self._open.append(container)
        self._keys.append(None)

    def _note(self, line: int) -> None:
        """Keep the line of an item of a list; the line of a value in a mapping is that of its key."""
        if self._open and isinstance(self._open[-1], Sequence):
            self._open[-1].lines.append(line)

    def _add_scalar(self, event: Any, line: int) -> None:
        if self._open:
            container = self._open[-1]
            if isinstance(container, Mapping):
                if self._keys[-1] is None:
                    self._add_key(container, event.value, line)
                    return
            else:
                container.lines.append(line)
            self._put(self._scalar(event, line))

    def _add_key(self, container: Mapping, key: str, line: int) -> None:
        if key and key not in container.lines:
            container.lines[key] = line
            self._keys[-1] = key
            return
        self._refused += 1
        self._faults.error(
            Place(self._file, line, self._path(key)),
            "duplicate-key",
            f"De sleutel '{key[:60]}' staat er dubbel of is leeg",
            f"The key '{key[:60]}' stands twice or is empty",
            "Keep one of the two.",
        )
        self._keys[-1] = ""

    def _put(self, value: Any) -> None:
        if not self._open:
            self._root = value if isinstance(value, Mapping) else None
            return
        container = self._open[-1]
        if isinstance(container, Sequence):
            container.append(value)
            return
        key = self._keys[-1]
        if key is None:
            self._add_key(container, "", getattr(value, "line", container.line))
            return
        if key:
            container[key] = value
        self._keys[-1] = None

    def _scalar(self, event: Any, line: int) -> Any:
        text = event.value
        if event.style in _QUOTED:
            return text
        if text in _NULLS:
            return None
        if text in _BOOLEANS:
            return _BOOLEANS[text]
        if text[0] in _NUMERIC:
            try:
                if _NUMBER.fullmatch(text) and not self._is_text(text):
                    return parse_number(text)
                if _HEX_OR_OCTAL.fullmatch(text):
                    return int(text, 0)
            except ValueError:
                self._refused += 1
                self._faults.error(
                    Place(self._file, line, self._path()),
                    "malformed-number",
                    "Dit getal is te groot of te klein",
                    "This number is too large or too small",
                    "Write at most 400 digits before and after the point, or put text in quotes.",
                )
        return text


class _Builder11(_Builder):
    """Takes a scalar by the tag that YAML 1.1 gives it."""

    _resolver = yaml.resolver.Resolver()
    _constructor = yaml.constructor.SafeConstructor()

    def _add_scalar(self, event: Any, line: int) -> None:
        container = self._open[-1] if self._open else None
        if isinstance(container, Mapping) and self._keys[-1] is None:
            container.keys_read[event.value] = self._scalar(event, line)
        super()._add_scalar(event, line)

    def _scalar(self, event: Any, line: int) -> Any:
        text = event.value
        if event.style in _QUOTED:
            return text
        tag = self._resolver.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
        kind = str(tag).rpartition(":")[2]
        if kind == "null":
            return None
        if kind == "int" and self._is_text(text):
            return text
        node = yaml.ScalarNode(tag, text)
        try:
            if kind == "bool":
                return self._constructor.construct_yaml_bool(node)
            if kind == "int":
                return self._constructor.construct_yaml_int(node)
            if kind == "float":
                return self._constructor.construct_yaml_float(node)
        except (ValueError, KeyError):
            return text
        return text


def entries(mapping: Mapping, file: str, path: str) -> Iterator[tuple[str, Any, Place]]:
    """Yield key, value and place of a mapping."""
    for key, value in mapping.items():
        yield key, value, Place(file, mapping.lines[key], f"{path}.{key}" if path else key)


def items_of(sequence: Sequence, file: str, path: str) -> Iterator[tuple[Any, Place]]:
    """Yield item and place of a list."""
    for at, (item, line) in enumerate(zip(sequence, sequence.lines, strict=True)):
        yield item, Place(file, line, f"{path}[{at}]")


def read_basis(raw: Any) -> LegalBasis | None:
    """Read a `legal_basis` element; None where there is none."""
    if not isinstance(raw, dict):
        return None
    known = LegalBasis.__dataclass_fields__
    return LegalBasis(**{key: str(value) for key, value in raw.items() if key in known and value is not None})


def plain(value: Any) -> Any:
    """Give a constant of the document without its lines."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value
