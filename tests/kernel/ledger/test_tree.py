"""Hashes and proofs against RFC 9162 itself, published vectors, and a peer library."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree  # type: ignore[import-untyped]

from eendracht.kernel.errors import UsageFault
from eendracht.kernel.ledger.tree import (
    EMPTY_ROOT,
    HashSource,
    ProofWrong,
    leaf_hash,
    perfect_root,
    prove_consistency,
    prove_inclusion,
    root_hash,
    verify_consistency,
    verify_inclusion,
)
from tests.kernel.ledger import reference

# Inputs and roots of the reference implementation of Certificate Transparency (merkle_tree_test.cc).
CT_ENTRIES = [
    bytes.fromhex(item)
    for item in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
CT_ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def source_of(leaf_hashes: list[bytes]) -> HashSource:
    def node(level: int, index: int) -> bytes:
        part = leaf_hashes[index << level : (index + 1) << level]
        assert len(part) == 1 << level
        return perfect_root(b"".join(part))

    return node


@pytest.mark.parametrize("size", range(9))
def test_roots_of_the_certificate_transparency_reference(size: int) -> None:
    assert root_hash(map(leaf_hash, CT_ENTRIES[:size])).hex() == CT_ROOTS[size]


@pytest.mark.parametrize("size", [*range(20), 127, 128, 129, 255, 256, 257, 300])
def test_every_proof_equals_the_recursive_definition(size: int) -> None:
    entries, leaves = reference.entries(size), reference.leaves(size)
    root, source = reference.mth(entries), source_of(leaves)
    assert root_hash(leaves) == root
    for at in range(size):
        found = prove_inclusion(source, at, size)
        assert found == reference.path(at, entries)
        verify_inclusion(leaves[at], at, size, found, root)
        if at:
            found = prove_consistency(source, at, size)
            assert found == reference.proof(at, entries)
            verify_consistency(at, size, reference.mth(entries[:at]), root, found)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_tampered_inclusion_proof_is_right(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 300))
    at = data.draw(st.integers(0, size - 1))
    leaves = reference.leaves(size)
    root, proof = root_hash(leaves), prove_inclusion(source_of(leaves), at, size)
    verify_inclusion(leaves[at], at, size, proof, root)
    other = data.draw(st.binary(min_size=32, max_size=32))
    for index in {0, at - 1, at + 1, at ^ 1, at ^ 2, size, 2**64 - 1} - {at}:
        with pytest.raises(ProofWrong):
            verify_inclusion(leaves[at], index, size, proof, root)
    wrong = [[*proof, other], [other, *proof], [*proof, root], [root, *proof]]
    wrong += [[*proof[:k], other, *proof[k + 1 :]] for k in range(len(proof))]
    wrong += [[*proof[:k], *proof[k + 1 :]] for k in range(len(proof))]
    wrong += [[*proof[:k], proof[k][:31], *proof[k + 1 :]] for k in range(len(proof))]
    for changed in wrong:
        with pytest.raises(ProofWrong):
            verify_inclusion(leaves[at], at, size, changed, root)
    for leaf, claimed in ((other, root), (leaves[at], other), (b"", root), (leaves[at], b""), (b"", b"")):
        with pytest.raises(ProofWrong):
            verify_inclusion(leaf, at, size, proof, claimed)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_tampered_consistency_proof_is_right(data: st.DataObject) -> None:
    size2 = data.draw(st.integers(2, 300))
    size1 = data.draw(st.integers(1, size2 - 1))
    leaves = reference.leaves(size2)
    root1, root2 = root_hash(leaves[:size1]), root_hash(leaves)
    proof = prove_consistency(source_of(leaves), size1, size2)
    verify_consistency(size1, size2, root1, root2, proof)
    other = data.draw(st.binary(min_size=32, max_size=32))
    wrong = [[], [*proof, other], [other, *proof], [*proof, root1], [root1, *proof], [root2, *proof]]
    wrong += [[*proof[:k], other, *proof[k + 1 :]] for k in range(len(proof))]
    wrong += [[*proof[:k], *proof[k + 1 :]] for k in range(len(proof))]
    for changed in wrong:
        with pytest.raises(ProofWrong):
            verify_consistency(size1, size2, root1, root2, changed)
    claims = [(size1, size2, root2, root1), (size1, size2, other, root2), (size1, size2, root1, other)]
    claims += [(0, size2, root1, root2), (size2, size2, root1, root2), (size2, size1, root1, root2)]
    claims += [(size1, size2, b"", root2), (size1, size2, root1, b"")]
    for claim in claims:
        with pytest.raises(ProofWrong):
            verify_consistency(*claim, proof)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 200), st.integers(0, 200), st.integers(1, 210))
def test_another_size_is_right_only_when_the_tree_of_that_size_has_that_proof(size: int, at: int, claimed: int) -> None:
    at %= size
    leaves = reference.leaves(size)
    proof, root = prove_inclusion(source_of(leaves), at, size), root_hash(leaves)
    if claimed == size or at >= claimed:
        return
    # The shape of a path may be the same in another tree; RFC 9162 leaves it to the signed size to tell them apart.
    if len(reference.path(at, [bytes([0])] * claimed)) != len(proof):
        with pytest.raises(ProofWrong):
            verify_inclusion(leaves[at], at, claimed, proof, root)


def test_equal_sizes_need_equal_roots_and_no_hashes() -> None:
    root, other = root_hash(reference.leaves(3)), root_hash(reference.leaves(4))
    verify_consistency(3, 3, root, root, [])
    verify_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])
    for roots, proof in (((root, other), []), ((root, root), [other])):
        with pytest.raises(ProofWrong):
            verify_consistency(3, 3, *roots, proof)
    with pytest.raises(ProofWrong):
        verify_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [other])


def test_the_empty_tree_is_a_prefix_of_any_tree_when_its_root_is_the_empty_one() -> None:
    root = root_hash(reference.leaves(4))
    verify_consistency(0, 4, EMPTY_ROOT, root, [])
    for root1, root2, proof in ((root, root, []), (EMPTY_ROOT, b"", []), (EMPTY_ROOT, root, [root])):
        with pytest.raises(ProofWrong):
            verify_consistency(0, 4, root1, root2, proof)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_no_inclusion_proof_outside_the_tree(index: int, size: int) -> None:
    with pytest.raises(UsageFault):
        prove_inclusion(source_of(reference.leaves(3)), index, size)
    with pytest.raises(ProofWrong):
        verify_inclusion(EMPTY_ROOT, index, size, [], EMPTY_ROOT)


def test_no_consistency_proof_back_in_time() -> None:
    with pytest.raises(UsageFault):
        prove_consistency(source_of(reference.leaves(3)), 3, 2)


@pytest.mark.parametrize("size", [1, 2, 7, 8, 100])
def test_pymerkle_agrees(size: int) -> None:
    peer = InmemoryTree(algorithm="sha256")
    for entry in reference.entries(size):
        peer.append_entry(entry)
    leaves = reference.leaves(size)
    assert peer.get_root(size) == root_hash(leaves)
    for at in range(size):
        theirs = peer.prove_inclusion(at + 1, size).path
        assert prove_inclusion(source_of(leaves), at, size) == list(theirs[1:])
