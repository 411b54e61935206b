"""How large and how deep an outside file may be, and safe parsers of JSON, YAML and XML within those bounds.

Every bound is checked before the memory is spent: the file size before reading, depth by a scan without recursion.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError

import orjson
import yaml
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from eendracht.kernel.errors import Fault, UnreadableFile

MAX_FILE_BYTES: Final = 200_000_000
MAX_UNPACKED_BYTES: Final = 200_000_000
MAX_COLUMNS: Final = 1_000
MAX_ROWS: Final = 1_000_000
MAX_CELLS: Final = 20_000_000
MAX_DEPTH: Final = 100
MAX_LINE_BYTES: Final = 1_000_000
MAX_YAML_BYTES: Final = 1_000_000
MAX_YAML_DEPTH: Final = 30
MAX_XML_ELEMENTS: Final = 2_000_000

_JSON_STEP = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


def refuse(place: str, code: str, nl: str, en: str, hint: str = "") -> UnreadableFile:
    """Make the error for a file that cannot be taken in, with its place and next step; the caller raises it."""
    return UnreadableFile(f"{place}: {en}", faults=[Fault(place, code, nl, en, hint)], hint=hint or None)


def read_bytes(path: Path, limit: int = MAX_FILE_BYTES) -> bytes:
    """Give the content of a file of at most `limit` bytes, or raise UnreadableFile."""
    try:
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise refuse(
            path.name,
            "not-openable",
            "Het bestand kan niet worden geopend",
            f"The file cannot be opened ({error.strerror or type(error).__name__})",
            "Check the name and whether you may read it.",
        ) from error
    if len(data) > limit:
        raise refuse(
            path.name,
            "too-large",
            f"Het bestand is groter dan {limit:,} bytes",
            f"The file is larger than {limit:,} bytes",
            "Split the export, or leave out what is not needed.",
        )
    if not data.strip(b"\0 \t\r\n"):
        raise refuse(path.name, "empty-file", "Het bestand is leeg", "The file is empty", "Export it again.")
    return data


def json_depth(data: bytes) -> int:
    """Give how deep arrays and objects are nested, without recursion and without parsing values."""
    depth = deepest = 0
    for match in _JSON_STEP.finditer(data):
        step = match[0][:1]
        if step in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif step in b"]}":
            depth -= 1
    return deepest


def parse_json(data: bytes, place: str, depth: int = MAX_DEPTH) -> Any:
    """Parse JSON of bounded depth, or raise UnreadableFile with line and column."""
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    found = json_depth(data)
    if found > depth:
        raise refuse(
            place,
            "too-deep",
            f"De JSON is {found} lagen diep; {depth} mag",
            f"The JSON is nested {found} deep; {depth} is allowed",
            "No format that is read here needs that; check where the file comes from.",
        )
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise refuse(
            f"{place} › regel {error.lineno}, teken {error.colno}",
            "malformed-json",
            "Dit is geen geldige JSON",
            f"This is not valid JSON ({error.msg})",
            "Export the file again; it may have been cut off.",
        ) from error


def parse_yaml(data: bytes, place: str) -> Any:
    """Parse YAML with plain types only, or raise UnreadableFile.

    Aliases (the means of a billion laughs), tags, more than 1 MB and deep nesting are refused.
    """
    if len(data) > MAX_YAML_BYTES:
        raise refuse(place, "too-large", "Dit YAML-bestand is te groot", "This YAML file is too large", "Split it.")
    try:
        _check_yaml_events(data, place)
        return yaml.safe_load(data)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{place} › regel {mark.line + 1}, teken {mark.column + 1}" if mark else place
        problem = getattr(error, "problem", None) or type(error).__name__
        raise refuse(
            where,
            "malformed-yaml",
            "Dit is geen geldige YAML",
            f"This is not valid YAML ({problem})",
            "Check the indentation and the quotes at this line.",
        ) from error


def _check_yaml_events(data: bytes, place: str) -> None:
    depth = 0
    for event in yaml.parse(data, Loader=yaml.SafeLoader):
        where = f"{place} › regel {event.start_mark.line + 1}" if event.start_mark else place
        if isinstance(event, yaml.AliasEvent):
            raise refuse(
                where,
                "yaml-alias",
                "Verwijzingen (aliases) in YAML worden geweigerd",
                "YAML aliases are refused",
                "Write the value out in full.",
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_YAML_DEPTH:
            raise refuse(where, "too-deep", "De YAML is te diep genest", "The YAML is nested too deep", "Flatten it.")


def walk_xml(path: Path) -> Iterator[tuple[str, Element]]:
    """Yield `start` and `end` with each element of an XML file, or raise UnreadableFile.

    A DTD, entities and external references are refused (OWASP XXE, billion laughs), as are more than 100 levels or
    2 million elements.
    """
    depth = count = 0
    if path.stat().st_size > MAX_FILE_BYTES:
        raise refuse(path.name, "too-large", "Het bestand is te groot", "The file is too large", "Split the model.")
    try:
        for event, element in iterparse(path, events=("start", "end"), forbid_dtd=True):
            depth += 1 if event == "start" else -1
            count += event == "start"
            if depth > MAX_DEPTH or count > MAX_XML_ELEMENTS:
                raise refuse(
                    path.name,
                    "too-deep" if depth > MAX_DEPTH else "too-large",
                    "De XML is te diep genest of te groot",
                    "The XML is nested too deep or too large",
                    "No format that is read here needs that; check where the file comes from.",
                )
            yield event, element
    except DefusedXmlException as error:
        raise refuse(
            path.name,
            "xml-entities",
            "Het bestand bevat een DTD of entiteiten; die worden geweigerd",
            "The file holds a DTD or entities, which are refused",
            "Export it again without a document type declaration.",
        ) from error
    except ParseError as error:
        line, column = error.position
        raise refuse(
            f"{path.name} › regel {line}, teken {column + 1}",
            "malformed-xml",
            "Dit is geen geldige XML",
            "This is not well-formed XML",
            "Export the file again; it may have been cut off.",
        ) from error
