"""Reading an advisory: the file checked as a whole, with every fault at once, and then what it says as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, Final

import orjson

from eendracht.kernel.errors import Fault, InvalidInput, UnreadableFile
from eendracht.kernel.imports.repeated import find_repeated
from eendracht.kernel.validation import validate
from eendracht.resilience.advisories.places import find_branches, text_at
from eendracht.resilience.advisories.products import list_products
from eendracht.resilience.advisories.ranges import read_range
from eendracht.resilience.advisories.said import AdvisorySaid, read_said

MOST_BYTES: Final = 2**24
"""A larger file is refused; the standard says that 15 MB has to do."""
MOST_LEVELS: Final = 100
"""How deep objects and lists may lie in one another."""
MOST_FAULTS: Final = 1000


def read_advisory(content: bytes) -> AdvisorySaid:
    """Read a CSAF 2.0 document.

    Raises UnreadableFile for what is no JSON object or too large, InvalidInput with every fault: names that an object
    has twice, of its shape, of the mandatory tests (each with its number), and of version ranges in which no version
    can lie.
    """
    document = parse_document(content)
    faults = [*_list_repeated(content), *check_document(document)][:MOST_FAULTS]
    if faults:
        raise InvalidInput(f"This is not a valid CSAF 2.0 advisory: {len(faults)} fault(s)", faults=faults)
    return read_said(document, list_products(document), sha256(content).hexdigest())


def parse_document(content: bytes) -> dict[str, Any]:
    """Read the JSON of a document; raises UnreadableFile for what is no object, too large or too deep."""
    if len(content) > MOST_BYTES:
        raise UnreadableFile(f"The advisory has more than {MOST_BYTES} bytes")
    try:
        document = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise UnreadableFile(f"The advisory is no JSON: {error}") from None
    if not isinstance(document, dict):
        raise UnreadableFile("The advisory is no JSON object")
    if _measure_depth(document) > MOST_LEVELS:
        raise UnreadableFile(f"The advisory lies more than {MOST_LEVELS} levels deep")
    return document


def _measure_depth(value: Any) -> int:
    depth, level = 0, [value]
    while level and depth <= MOST_LEVELS:
        depth += 1
        level = [
            inner
            for item in level
            for inner in (item.values() if isinstance(item, dict) else item)
            if isinstance(inner, dict | list)
        ]
    return depth


def _list_repeated(content: bytes) -> Iterator[Fault]:
    for pointer, name in find_repeated(content):
        nl, en = f"'{name[:60]}' staat hier twee keer", f"'{name[:60]}' stands here twice"
        yield Fault(pointer[:300], "repeated-name", nl, en, "Keep one of the two.")


def check_document(document: dict[str, Any]) -> list[Fault]:
    """Give every fault of a document, of its shape first; at most `MOST_FAULTS`."""
    from eendracht.resilience.advisories.mandatory import run_tests
    from eendracht.resilience.advisories.vulnerabilities import Advisory

    _, faults = validate(Advisory, document)
    faults += run_tests(document)
    faults += _check_ranges(document)
    return faults[:MOST_FAULTS]


def _check_ranges(document: dict[str, Any]) -> Iterator[Fault]:
    for place, branch, _ in find_branches(document):
        if text_at(branch, "category") == "product_version_range":
            for complaint in read_range(text_at(branch, "name"))[1]:
                yield Fault(f"{place}/name", "version-range", complaint.nl, complaint.en, complaint.hint)
