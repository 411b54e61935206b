"""Whether a file is a bill of materials of CycloneDX 1.6 or 1.7 (JSON), before anything is read from it.

The strict schema of the standard is checked, with its formats, and every fault told; and that no object has a name
twice, which a schema never sees because a parser keeps the last. What a bill may say besides, but means nothing (double
bom-refs, dependencies on nothing), is for whoever reads it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from functools import cache, partial
from importlib.resources import files
from itertools import chain, islice
from typing import Any, Final

import orjson

from eendracht.kernel.errors import Fault, UnreadableFile
from eendracht.kernel.imports.bounds import parse_json, refuse
from eendracht.kernel.imports.repeated import find_repeated
from eendracht.kernel.imports.rows import join_place

VERSIONS: Final = ("1.6", "1.7")
MAX_FAULTS: Final = 100
_SCHEMAS: Final = "http://cyclonedx.org/schema/"
_MOMENT: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]):([0-5][0-9]|60)(?:\.[0-9]+)?"
    r"(Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_ONE_LINE: Final = ("idn-email", "uri")
"""Formats of which jsonschema lets a line after the value through."""
_PARTS: Final = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\$", re.DOTALL)
"""Parts of a pattern in which a dollar means something else, or a dollar."""
_OTHERS: Final = ("spdx", "cryptography-defs", "jsf-0.82")


def parse_bill(data: bytes, file: str) -> dict[str, Any]:
    """Give the document; raises UnreadableFile for other versions, and with every fault for an invalid one."""
    document = parse_json(data, file)
    version = document.get("specVersion") if isinstance(document, dict) else None
    if not isinstance(document, dict) or document.get("bomFormat") != "CycloneDX" or version not in VERSIONS:
        raise refuse(
            file,
            "unsupported-version",
            "Dit is geen CycloneDX 1.6 of 1.7",
            f"This is not CycloneDX 1.6 or 1.7 (specVersion {str(version)[:20]})",
            "Convert it with `cyclonedx convert --output-version v1_6`.",
        )
    found = chain(_list_repeated(data, file), _check_schema(document, str(version), file))
    faults = list(islice(found, MAX_FAULTS))
    if faults:
        raise UnreadableFile(f"{file}: {len(faults)} fault(s) against CycloneDX {version}", faults=faults)
    return document


def _list_repeated(data: bytes, file: str) -> Iterator[Fault]:
    for pointer, name in find_repeated(data):
        yield Fault(
            join_place(file, pointer[:300]),
            "repeated-name",
            f"'{name[:60]}' staat hier twee keer",
            f"'{name[:60]}' stands here twice",
            "Keep one of the two.",
        )


def _check_schema(document: Mapping[str, Any], version: str, file: str) -> Iterator[Fault]:
    from jsonschema.exceptions import best_match

    for found in _load_validator(version).iter_errors(document):
        # Where one of several shapes should fit, the place deeper in that comes nearest tells more.
        error = best_match([found]) or found
        path = "/".join(str(step) for step in error.absolute_path)
        yield Fault(
            join_place(file, f"/{path}"[:300]),
            "schema",
            "Dit voldoet niet aan het CycloneDX-schema",
            f"This does not meet the CycloneDX schema: {error.message[:300]}",
            "Make the bill again with a current tool.",
        )


@cache
def _load_validator(version: str) -> Any:
    """Give a validator of the strict schema of a version, as cyclonedx-python-lib carries it, with all its formats."""
    # Imported here: the schemas take half a second to load and only this format needs them.
    from jsonschema import FormatChecker
    from jsonschema.validators import Draft7Validator, extend
    from referencing import Registry
    from referencing.jsonschema import DRAFT7

    folder = files("cyclonedx.schema").joinpath("_res")

    def read(name: str) -> Any:
        return json.loads(folder.joinpath(f"{name}.SNAPSHOT.schema.json").read_text("utf-8"))

    others = ((f"{_SCHEMAS}{name}.SNAPSHOT.schema.json", DRAFT7.create_resource(read(name))) for name in _OTHERS)
    strict = extend(Draft7Validator, {"uniqueItems": _check_unique, "pattern": _check_pattern})
    registry = Registry().with_resources(others)
    formats = FormatChecker(())
    formats.checkers |= Draft7Validator.FORMAT_CHECKER.checkers
    formats.checks("date-time")(_is_moment)
    for name in _ONE_LINE:
        formats.checks(name)(partial(_is_one_line, name, Draft7Validator.FORMAT_CHECKER))
    return strict(read(f"bom-{version}"), registry=registry, format_checker=formats)


def _is_one_line(name: str, formats: Any, value: object) -> bool:
    """Whether a value is of a format, without the line after it that jsonschema lets through."""
    return not (isinstance(value, str) and value.endswith("\n")) and bool(formats.conforms(value, name))


def _is_moment(value: object) -> bool:
    """Whether a value is no text, or a moment by RFC 3339: a leap second stands at the end of a month of UTC."""
    if not isinstance(value, str):
        return True
    found = _MOMENT.fullmatch(value.upper())
    if not found:
        return False
    minute, second, zone = found.groups()
    try:
        moment = datetime.fromisoformat(f"{minute}:{min(second, '59')}{zone.replace('Z', '+00:00')}")
        following = moment.astimezone(UTC) + timedelta(seconds=1) if second == "60" else None
    except (ValueError, OverflowError):
        return False
    return following is None or (following.day, following.time()) == (1, time())


def _check_pattern(_: Any, pattern: str, text: Any, __: Any) -> Iterator[Exception]:
    """Tell whether a text does not match a pattern as ECMA-262 reads it: a dollar is the end, with no line after it."""
    from jsonschema.exceptions import ValidationError

    if isinstance(text, str) and not _compile(pattern).search(text):
        yield ValidationError(f"{text!r} does not match {pattern!r}")


@cache
def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(_PARTS.sub(lambda part: r"\Z" if part[0] == "$" else part[0], pattern))


def _check_unique(_: Any, wanted: bool, items: Any, __: Any) -> Iterator[Exception]:
    """Tell whether something stands twice in a list; that of jsonschema compares each with each."""
    from jsonschema.exceptions import ValidationError

    if not wanted or not isinstance(items, list):
        return
    if len({orjson.dumps(item, option=orjson.OPT_SORT_KEYS) for item in items}) < len(items):
        yield ValidationError("something stands twice in this list")
