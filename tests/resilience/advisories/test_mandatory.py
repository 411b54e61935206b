"""Advisories are taken or refused as CSAF 2.0 says, with every fault at once and the number of the test that found it.

The documents were judged by csaf-validator-lib 2 (the validator behind Secvisogram) as well, which agrees on each but
those that write a profile, a moment or a range in another notation (6.1.24, 6.1.26, 6.1.31): these it lets through.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import jsonschema
import pytest

from eendracht.kernel.errors import InvalidInput, UnreadableFile
from eendracht.resilience.advisories.mandatory import TESTS
from eendracht.resilience.advisories.reading import MOST_LEVELS, check_document, read_advisory
from tests.resilience.advisories.documents import BROKEN, SHAPELESS, URIS, VALID, Document, change, security_advisory


@pytest.mark.parametrize("make", VALID, ids=lambda make: make.__name__)
def test_a_valid_advisory_has_no_fault(make: Callable[[], Document]) -> None:
    assert check_document(make()) == []


@pytest.mark.parametrize(
    "document",
    [
        change("document/category", "Veiligheidsbericht"),
        change("document/category", "vexing"),
        change("product_tree/branches/0/branches/0/branches/1/name", "1.4.2-allround (earliest)"),
    ],
)
def test_what_only_looks_like_a_reserved_word_breaks_nothing(document: Document) -> None:
    assert check_document(document) == []


@pytest.mark.parametrize(("number", "document"), BROKEN, ids=[f"{at}-{name}" for at, (name, _) in enumerate(BROKEN)])
def test_what_breaks_a_mandatory_test_is_told_with_its_number(number: str, document: Document) -> None:
    faults = check_document(document)
    assert f"csaf-{number}" in {fault.code for fault in faults}
    for fault in faults:
        assert fault.pointer.startswith("/") and fault.nl and fault.en and fault.nl != fault.en


def test_every_mandatory_test_of_the_standard_is_there_and_is_broken_by_a_document() -> None:
    numbers = [f"6.1.{number}" for number in range(1, 34) if number != 27]
    numbers += [f"6.1.27.{number}" for number in range(1, 12)]
    assert sorted(test.number for test in TESTS) == sorted(numbers)
    assert {number for number, _ in BROKEN} == set(numbers)


@pytest.mark.parametrize(("pointer", "document"), SHAPELESS, ids=[pointer for pointer, _ in SHAPELESS])
def test_what_lacks_the_shape_is_told_with_its_place(pointer: str, document: Document) -> None:
    assert pointer in {fault.pointer for fault in check_document(document)}


@pytest.mark.parametrize("text", URIS)
def test_every_uri_of_the_standard_is_taken(text: str) -> None:
    assert check_document(change("document/references/0/url", text)) == []


def test_the_shape_is_that_of_the_published_schema(shared: Callable[..., Path]) -> None:
    schema = json.loads(shared("reference", "resilience", "csaf", "csaf_2.0_schema.json").read_text())
    # CVSS has schemas of its own, which are not part of the file.
    score = schema["properties"]["vulnerabilities"]["items"]["properties"]["scores"]["items"]["properties"]
    score |= {"cvss_v2": {"type": "object"}, "cvss_v3": {"type": "object"}}
    judge = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    documents = [make() for make in VALID] + [item for _, item in BROKEN] + [item for _, item in SHAPELESS]
    wrong = 0
    for document in documents:
        ours = [fault for fault in check_document(document) if not fault.code.startswith("csaf-")]
        is_valid = judge.is_valid(document)
        wrong += not is_valid
        # A date that does not exist is a format, which only some judge.
        assert bool(ours) == (not is_valid) or "2026-02-30" in json.dumps(document), ours
    assert wrong > 10


def test_all_faults_are_told_at_once() -> None:
    document = change("document/tracking/version", "3")
    document["document"]["lang"] = "EZ"
    del document["document"]["title"]
    document["vulnerabilities"][0]["product_status"]["known_affected"].append("NOWHERE")
    document["product_tree"]["branches"][0]["branches"][0]["branches"][0]["name"] = "vers:npm/>=2|<1"
    with pytest.raises(InvalidInput) as refused:
        read_advisory(json.dumps(document).encode())
    codes = {fault.code for fault in refused.value.faults}
    assert codes == {"missing", "csaf-6.1.1", "csaf-6.1.12", "csaf-6.1.16", "version-range"}


def test_a_name_that_stands_twice_is_told_and_never_the_last_one_taken() -> None:
    """Parsers differ in which of the two they keep: affected for one, fixed for another."""
    text = json.dumps(security_advisory())
    status = json.dumps(security_advisory()["vulnerabilities"][0]["product_status"])
    twice = text.replace(status, status + ', "product_status": {"fixed": ["OLD", "NEW", "IN_HOST"]}')
    with pytest.raises(InvalidInput) as refused:
        read_advisory(b"\xef\xbb\xbf" + twice.encode())
    told = [(fault.code, fault.pointer) for fault in refused.value.faults]
    assert told == [("repeated-name", "/vulnerabilities/0/product_status")]


def test_what_is_no_document_is_refused() -> None:
    deep: Document = {}
    for _ in range(MOST_LEVELS + 1):
        deep = {"branches": [deep]}
    for content in (b"", b"{", b"[]", b"\xff\xfe", json.dumps(deep).encode(), b"[" * 100_000):
        with pytest.raises(UnreadableFile):
            read_advisory(content)


def test_no_shape_makes_a_test_fall_over() -> None:
    """Each value of a valid document becomes a list, an object, a number and nothing: it is told, never an error."""

    def walk(value: object, path: tuple[str, ...] = ()) -> None:
        if path:
            places.append(path)
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, item in items:
            walk(item, (*path, str(key)))

    places: list[tuple[str, ...]] = []
    walk(security_advisory())
    for place in places:
        for other in ([], {}, 7, [[]], [{}], [7], "x"):
            document = change("/".join(place), deepcopy(other))
            for fault in check_document(document):
                assert fault.en
