"""Merkle tree hashing and proofs of RFC 9162 section 2.1, over SHA-256.

A *hash source* is any function `(level, index) -> bytes` that gives the hash of the perfect subtree over the leaves
`[index * 2**level, (index + 1) * 2**level)`; tiles on disk and plain lists both are one. All hashes are 32 raw bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import TypeAlias

from eendracht.kernel.errors import EendrachtError, UsageFault

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()

HashSource: TypeAlias = Callable[[int, int], bytes]
LeafRange: TypeAlias = tuple[int, int]


class ProofWrong(EendrachtError):
    """The proof can be read, and does not prove what it claims."""

    code = "proof-wrong"
    status = 422
    title_nl = "Het bewijs klopt niet"
    title_en = "The proof is wrong"
    default_hint = (
        "Fetch the proof again from the log; if it stays wrong, compare the checkpoints of log and witnesses."
    )


def leaf_hash(data: bytes) -> bytes:
    """Give the hash of a leaf: SHA-256(0x00 ‖ data), RFC 9162 section 2.1.1."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Give the hash of an inner node: SHA-256(0x01 ‖ left ‖ right), RFC 9162 section 2.1.1."""
    return sha256(b"\x01" + left + right).digest()


def hash_pairs(row: bytes) -> bytes:
    """Give the row of parents above an even number of concatenated hashes."""
    return b"".join([sha256(b"\x01" + row[at : at + 64]).digest() for at in range(0, len(row), 64)])


def perfect_root(row: bytes) -> bytes:
    """Give the root over a power of two of concatenated hashes."""
    while len(row) > HASH_SIZE:
        row = hash_pairs(row)
    return row


def fold_roots(roots: Sequence[bytes]) -> bytes:
    """Give the root of a tree from the roots of its perfect subtrees, left to right; none is the empty tree."""
    if not roots:
        return EMPTY_ROOT
    result = roots[-1]
    for left in reversed(roots[:-1]):
        result = node_hash(left, result)
    return result


def root_hash(leaf_hashes: Iterable[bytes]) -> bytes:
    """Give the Merkle Tree Hash over leaf hashes (already hashed with `leaf_hash`), RFC 9162 section 2.1.1."""
    stack: list[bytes] = []
    for count, leaf in enumerate(leaf_hashes):
        node, size = leaf, count
        while size & 1:
            node = node_hash(stack.pop(), node)
            size >>= 1
        stack.append(node)
    return fold_roots(stack)


def subtree_hash(source: HashSource, start: int, stop: int) -> bytes:
    """Give the Merkle Tree Hash of the leaves `[start, stop)`.

    `start` must be a multiple of the smallest power of two that is at least `stop - start`, as it is for every
    subtree that occurs in a tree or a proof.
    """
    roots = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        roots.append(source(level, start >> level))
        start += 1 << level
    return fold_roots(roots)


def _split(start: int, stop: int) -> int:
    """Give where RFC 9162 splits a range: after the largest power of two smaller than its length."""
    return start + (1 << ((stop - start - 1).bit_length() - 1))


def inclusion_ranges(index: int, size: int) -> list[LeafRange]:
    """Give the leaf ranges whose hashes form PATH(index, D_size), from the leaf's sibling up; section 2.1.3.1.

    Raises UsageFault when the index is not in a tree of that size.
    """
    if not 0 <= index < size:
        raise UsageFault(f"Index {index} is not in a tree of size {size}.", hint="The first entry has index 0.")
    ranges: list[LeafRange] = []
    start, stop = 0, size
    while stop - start > 1:
        middle = _split(start, stop)
        if index < middle:
            ranges.append((middle, stop))
            stop = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(size1: int, size2: int) -> list[LeafRange]:
    """Give the leaf ranges whose hashes form PROOF(size1, D_size2), in the order of section 2.1.4.1.

    Sizes that are equal, and a first size of zero, need no hashes. Raises UsageFault when `size1 > size2`.
    """
    if not 0 <= size1 <= size2:
        raise UsageFault(f"A tree of size {size1} cannot be a prefix of a tree of size {size2}.")
    if size1 in (0, size2):
        return []
    ranges: list[LeafRange] = []
    start, stop = 0, size2
    while stop != size1:
        middle = _split(start, stop)
        if size1 <= middle:
            ranges.append((middle, stop))
            stop = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start != 0:
        ranges.append((start, stop))
    return ranges[::-1]


def prove_inclusion(source: HashSource, index: int, size: int) -> list[bytes]:
    """Give the inclusion proof of the leaf at `index` in the tree of `size` leaves; raises UsageFault out of range."""
    return [subtree_hash(source, start, stop) for start, stop in inclusion_ranges(index, size)]


def prove_consistency(source: HashSource, size1: int, size2: int) -> list[bytes]:
    """Give the proof that the tree of `size1` leaves is a prefix of that of `size2`; raises UsageFault out of range."""
    return [subtree_hash(source, start, stop) for start, stop in consistency_ranges(size1, size2)]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Return if the proof shows that `leaf` (a leaf hash) is at `index` under `root`; RFC 9162 section 2.1.3.2.

    Raises ProofWrong with the reason otherwise.
    """
    if not 0 <= index < size:
        raise ProofWrong(f"The leaf index {index} is not in a tree of size {size}.")
    _check_lengths([("leaf hash", leaf), ("root", root)], proof)
    fn, sn, node = index, size - 1, leaf
    for sibling in proof:
        if sn == 0:
            raise ProofWrong(f"The proof has {len(proof)} hashes, more than the tree is high.")
        if fn & 1 or fn == sn:
            node = node_hash(sibling, node)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            node = node_hash(node, sibling)
        fn >>= 1
        sn >>= 1
    if sn:
        raise ProofWrong(f"The proof has {len(proof)} hashes, fewer than the tree is high.")
    if node != root:
        raise ProofWrong("The root that follows from the leaf and the proof differs from the root that is claimed.")


def verify_consistency(size1: int, size2: int, root1: bytes, root2: bytes, proof: Sequence[bytes]) -> None:
    """Return if the proof shows that the tree of `size1` is a prefix of that of `size2`; RFC 9162 section 2.1.4.2.

    The RFC defines proofs for `0 < size1 < size2`. The edges: equal sizes need an empty proof and equal roots, which
    are then only compared, so any two equal roots do; from size 0 the proof is empty and nothing but the root of the
    empty tree is accepted as `root1` (C2SP tlog-witness: a checkpoint of size zero has that root, and the empty tree
    is consistent with any tree). Raises ProofWrong with the reason otherwise.
    """
    if not 0 <= size1 <= size2:
        raise ProofWrong(f"A tree of size {size1} cannot be a prefix of a tree of size {size2}.")
    if size1 in (0, size2):
        _verify_edge(size1, size2, root1, root2, proof)
        return
    _check_lengths([("first root", root1), ("second root", root2)], proof)
    if not proof:
        raise ProofWrong("The proof is empty, though both trees have leaves and differ in size.")
    # A first tree that is a perfect subtree of the second is its own first hash, which the proof leaves out.
    path = [root1, *proof] if size1 & (size1 - 1) == 0 else list(proof)
    fn, sn = size1 - 1, size2 - 1
    while fn & 1:
        fn >>= 1
        sn >>= 1
    first = second = path[0]
    for sibling in path[1:]:
        if sn == 0:
            raise ProofWrong(f"The proof has {len(proof)} hashes, more than these sizes need.")
        if fn & 1 or fn == sn:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            second = node_hash(second, sibling)
        fn >>= 1
        sn >>= 1
    if sn:
        raise ProofWrong(f"The proof has {len(proof)} hashes, fewer than these sizes need.")
    if first != root1:
        raise ProofWrong("The first root that follows from the proof differs from the first root that is claimed.")
    if second != root2:
        raise ProofWrong("The second root that follows from the proof differs from the second root that is claimed.")


def _verify_edge(size1: int, size2: int, root1: bytes, root2: bytes, proof: Sequence[bytes]) -> None:
    """Judge the consistency of equal sizes, and of an empty first tree, which need no hashes."""
    if proof:
        raise ProofWrong(f"The proof must be empty between sizes {size1} and {size2}, and has {len(proof)} hashes.")
    if size1 == size2:
        if root1 != root2:
            raise ProofWrong(f"Two trees of the same size {size1} have different roots.")
        return
    _check_lengths([("first root", root1), ("second root", root2)], ())
    if root1 != EMPTY_ROOT:
        raise ProofWrong("The first tree is empty, and its root is not that of the empty tree.")


def _check_lengths(named: Iterable[tuple[str, bytes]], proof: Sequence[bytes]) -> None:
    """Refuse hashes of another length: concatenated, they could stand for other nodes."""
    for name, value in [*named, *((f"proof hash {at}", item) for at, item in enumerate(proof))]:
        if len(value) != HASH_SIZE:
            raise ProofWrong(f"The {name} is {len(value)} bytes long; a SHA-256 hash is {HASH_SIZE}.")
