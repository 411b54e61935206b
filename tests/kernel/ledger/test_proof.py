"""Proof files: right, wrong or unreadable, and never a crash."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eendracht.kernel.ledger.proof import (
    EXIT_UNREADABLE,
    ConsistencyProof,
    InclusionProof,
    UnreadableProof,
    check_proof,
    read_proof,
)
from tests.kernel.ledger import reference

ENTRIES = reference.entries(7)


def b64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def inclusion(index: int = 5, size: int = 7) -> dict[str, Any]:
    entries = ENTRIES[:size]
    return {
        "leafIdx": index,
        "treeSize": size,
        "root": b64(reference.mth(entries)),
        "leafHash": b64(reference.mth([entries[index]])),
        "proof": [b64(item) for item in reference.path(index, entries)],
    }


def consistency(size1: int = 3, size2: int = 7) -> dict[str, Any]:
    return {
        "size1": size1,
        "size2": size2,
        "root1": b64(reference.mth(ENTRIES[:size1])),
        "root2": b64(reference.mth(ENTRIES[:size2])),
        "proof": [b64(item) for item in reference.proof(size1, ENTRIES[:size2])],
    }


def judge(content: Any) -> int:
    try:
        return check_proof(json.dumps(content).encode()).exit_code
    except UnreadableProof as error:
        assert error.exit_code == EXIT_UNREADABLE == 2
        return error.exit_code


def pointers(document: bytes) -> list[str]:
    with pytest.raises(UnreadableProof) as caught:
        check_proof(document)
    return [fault.pointer for fault in caught.value.faults]


def test_every_proof_of_a_small_tree_is_right() -> None:
    for size in range(1, 8):
        for index in range(size):
            assert judge(inclusion(index, size)) == 0
        for size1 in range(1, size + 1):
            assert judge(consistency(size1, size)) == 0


def test_a_wrong_proof_says_why() -> None:
    verdict = check_proof(json.dumps(inclusion() | {"leafIdx": 6}).encode())
    assert (verdict.kind, verdict.right, verdict.exit_code) == ("inclusion", False, 1)
    assert "fewer" in verdict.reason or "more" in verdict.reason or "differs" in verdict.reason
    verdict = check_proof(json.dumps(consistency() | {"root1": b64(b"WrongRoot")}).encode())
    assert (verdict.kind, verdict.exit_code) == ("consistency", 1)
    assert "9 bytes" in verdict.reason


OTHER = b64(b"\xff" * 32)


@pytest.mark.parametrize(
    "change",
    [
        {"leafIdx": 4},
        {"leafIdx": 7},
        {"leafIdx": 2**64 - 1},
        {"treeSize": 0},
        {"treeSize": 14},
        {"treeSize": 2**64 - 1},
        {"leafHash": OTHER},
        {"leafHash": ""},
        {"leafHash": None},
        {"leafHash": b64(b"WrongLeaf")},
        {"root": OTHER},
        {"root": None},
        {"root": ""},
        {"root": None, "leafHash": None},
        {"proof": []},
        {"proof": None},
        {"proof": inclusion()["proof"][:-1]},
        {"proof": inclusion()["proof"][1:]},
        {"proof": [*inclusion()["proof"], OTHER]},
        {"proof": [*inclusion()["proof"], ""]},
        {"proof": [*inclusion()["proof"], None]},
        {"proof": [inclusion()["root"], *inclusion()["proof"]]},
        {"proof": inclusion()["proof"][::-1]},
        {"proof": [OTHER] * 10_000},
    ],
)
def test_a_readable_inclusion_proof_that_does_not_hold_is_wrong(change: dict[str, Any]) -> None:
    assert judge(inclusion() | change) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"size1": 0},
        {"size1": 2},
        {"size1": 4},
        {"size1": 7},
        {"size1": 8},
        {"size1": 2**64 - 1},
        {"size2": 2},
        {"size2": 3},
        {"size2": 14},
        {"root1": OTHER},
        {"root2": OTHER},
        {"root1": None},
        {"root2": None},
        {"root1": consistency()["root2"], "root2": consistency()["root1"]},
        {"proof": None},
        {"proof": []},
        {"proof": consistency()["proof"][:-1]},
        {"proof": consistency()["proof"][1:]},
        {"proof": [*consistency()["proof"], OTHER]},
    ],
)
def test_a_readable_consistency_proof_that_does_not_hold_is_wrong(change: dict[str, Any]) -> None:
    assert judge(consistency() | change) == 1


def test_the_edges_of_consistency() -> None:
    same = consistency(5, 5)
    assert judge(same | {"proof": None}) == 0
    assert judge(same | {"proof": [OTHER]}) == 1
    assert judge(same | {"root2": OTHER}) == 1
    # Equal roots of equal trees are only compared with each other.
    assert judge(same | {"root1": b64(b"any"), "root2": b64(b"any")}) == 0
    empty = {"size1": 0, "size2": 7, "root1": b64(reference.mth([])), "root2": consistency()["root2"], "proof": []}
    assert judge(empty) == 0
    assert judge(empty | {"size2": 0, "root2": empty["root1"]}) == 0
    assert judge(empty | {"proof": [OTHER]}) == 1
    assert judge(empty | {"root1": OTHER}) == 1
    assert judge(empty | {"root1": b64(b"any"), "root2": b64(b"other")}) == 1
    assert judge(empty | {"size1": 1}) == 1


def test_other_keys_are_ignored_and_kinds_are_not_mixed() -> None:
    assert judge(inclusion() | {"desc": "happy path", "wantErr": True, "more": {"a": [1, 2.5, None]}}) == 0
    assert pointers(json.dumps(inclusion() | {"size1": 3, "root2": OTHER}).encode()) == ["/size1", "/root2"]
    assert pointers(json.dumps(consistency() | {"leafHash": OTHER}).encode()) == ["/leafHash"]
    assert judge(inclusion() | consistency()) == 2
    assert judge({"proof": []}) == judge({}) == 2


def test_all_faults_are_named_at_once() -> None:
    content = {"leafIdx": -1, "treeSize": 1.5, "leafHash": "%%%", "proof": [OTHER, OTHER[:-1], 7, {}]}
    assert pointers(json.dumps(content).encode()) == [
        "/leafIdx",
        "/treeSize",
        "/root",
        "/leafHash",
        "/proof/1",
        "/proof/2",
        "/proof/3",
    ]


@pytest.mark.parametrize("value", ["-1", "-0", "1.0", "1e2", "true", "null", '"5"', "18446744073709551616", "9" * 9999])
def test_a_number_that_is_no_size_is_unreadable(value: str) -> None:
    document = json.dumps(inclusion()).replace('"leafIdx": 5', f'"leafIdx": {value}').encode()
    assert pointers(document) == ["/leafIdx"]


@pytest.mark.parametrize(
    "value",
    [
        OTHER.rstrip("="),
        OTHER + "=",
        OTHER.replace("/", "_"),
        OTHER[:20] + "\n" + OTHER[20:],
        " " + OTHER,
        OTHER[:-2] + "9=",
        "é",
        5,
        [],
        False,
    ],
)
def test_a_hash_that_is_not_in_standard_base64_is_unreadable(value: object) -> None:
    assert judge(inclusion() | {"root": value}) == 2
    assert judge(inclusion() | {"proof": [value]}) == 2


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"null",
        b"[]",
        b"5",
        b'"text"',
        b"{",
        b"\xff\xfe{}",
        b"\xef\xbb\xbf{}",
        json.dumps(inclusion()).encode("utf-16"),
        json.dumps(inclusion()).encode() + b"x",
        json.dumps(inclusion()).replace("{", '{"leafIdx": 5, ').encode(),
        json.dumps(inclusion()).replace("5", "NaN", 1).encode(),
        json.dumps(inclusion() | {"proof": {}}).encode(),
        json.dumps(inclusion() | {"proof": OTHER}).encode(),
        b'{"desc": ' + b"[" * 33 + b"]" * 33 + b"}",
        b"[" * 500_000,
        b'{"a":' * 100_000,
        b'"' * 1_000_000,
        b'"' + b'\\"' * 500_000,
        b"\\" * 1_000_000,
        b" " * (1 << 20) + b"{}",
    ],
)
def test_what_is_no_proof_file_is_unreadable_and_quickly_so(document: bytes) -> None:
    started = time.perf_counter()
    with pytest.raises(UnreadableProof):
        check_proof(document)
    assert time.perf_counter() - started < 2


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_no_bytes_crash_the_judge(document: bytes) -> None:
    with pytest.raises(UnreadableProof):
        check_proof(document)


JSON = st.recursive(
    st.sampled_from([None, True, -1, 0, 5, 2**64, 0.5, "x", "", OTHER]),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from([*inclusion(), *consistency(), "desc"]), JSON))
def test_no_json_crashes_the_judge(content: dict[str, Any]) -> None:
    assert judge(content) in (0, 1, 2)


def test_a_proof_file_reads_back() -> None:
    for claim in (
        InclusionProof(5, 7, b"r" * 32, b"l" * 32, (b"p" * 32, b"q" * 32)),
        ConsistencyProof(5, 7, b"r" * 32, b"s" * 32, ()),
    ):
        assert read_proof(claim.encode()) == claim
