"""Merkle tree tiles on disk (C2SP tlog-tiles): the witness of the history that lives outside the database.

A directory holds the tree of one log epoch:

    tile/<L>/<N>[.p/<W>]   tiles of 256 hashes, or partial ones of W; immutable, and ready to be served as they are
    head                   tree size, and the root in base64, one a line
    staging/               tiles that are being written; whatever a killed process left here is thrown away

A tile gets its name only when its bytes are safely on disk, and `head` moves on only after all tiles it needs. So a
process that dies at any moment leaves a smaller tree, or complete tiles beyond `head`, never half a tile.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from eendracht.kernel.errors import LedgerBroken, NotFound, StorageFailure, UsageFault
from eendracht.kernel.ledger.staging import Staging, replace_file
from eendracht.kernel.ledger.tree import (
    EMPTY_ROOT,
    HASH_SIZE,
    HashSource,
    fold_roots,
    hash_pairs,
    perfect_root,
    prove_consistency,
    prove_inclusion,
    subtree_hash,
)

TILE_WIDTH = 256
_TILE_BITS = 8
_TILE_BYTES = TILE_WIDTH * HASH_SIZE
_BATCH_LEAVES = 1 << 18
_MAX_LEVEL = 63
_TILE_PATH = re.compile(
    r"tile/(?P<level>[0-9]{1,2})/(?P<index>(?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/(?P<width>[0-9]{1,3}))?", re.ASCII
)


def tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """Give the path of a tile below the log's prefix, such as `tile/0/x001/x234/067.p/12`; C2SP tlog-tiles.

    Raises UsageFault for a level outside 0..63, a negative index, or a width outside 1..256.
    """
    if not 0 <= level <= _MAX_LEVEL or index < 0 or not 1 <= width <= TILE_WIDTH:
        raise UsageFault(f"There is no tile at level {level} with index {index} and width {width}.")
    parts = [f"{index % 1000:03d}"]
    while index := index // 1000:
        parts.insert(0, f"x{index % 1000:03d}")
    suffix = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(parts)}{suffix}"


def parse_tile_path(path: str) -> tuple[int, int, int]:
    """Give level, index and width of a tile path below the log's prefix; raises NotFound when it is none."""
    match = _TILE_PATH.fullmatch(path)
    if match:
        level, index = int(match["level"]), int(match["index"].replace("/", "").replace("x", ""))
        width = int(match["width"] or TILE_WIDTH)
        if level <= _MAX_LEVEL and 1 <= width <= TILE_WIDTH and tile_path(level, index, width) == path:
            return level, index, width
    raise NotFound(f"There is no tile {path}.", hint="A tile path looks like tile/0/x001/234 or tile/1/000.p/17.")


class TileDirectory:
    """The tiles of one log epoch in one directory; a new epoch takes a new directory, nothing is ever cut off.

    Reading needs no lock. Whoever extends holds the lock on the log head, and does so after the entries are committed
    in the database: the tiles may lag behind it, and must never be ahead.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    @property
    def size(self) -> int:
        """Give the number of leaves that are safely on disk; raises LedgerBroken when the head is unreadable."""
        return self._read_head()[0]

    def extend(self, leaf_hashes: Iterable[bytes] | bytes, *, start: int | None = None) -> int:
        """Append leaf hashes and give the new size; on return everything is on disk.

        `leaf_hashes` are 32-byte hashes, or one buffer of them in a row. `start` (default: the size) is the index of
        the first one; from a lower start the leaves that are there already are compared and lost tiles are written
        again. A batch may be of any length: it is streamed, and kept in steps of 262,144 leaves.

        Raises LedgerBroken naming the index when a tile disagrees with the leaf hashes, UsageFault for a gap or
        hashes of a wrong length, StorageFailure when the disk refuses (the steps before it are kept).
        """
        try:
            return self._extend(leaf_hashes, start)
        except OSError as error:
            raise StorageFailure(f"The tiles in {self.path} could not be written: {error}.") from error

    def compare(self, leaf_hashes: Iterable[bytes] | bytes, *, start: int = 0) -> int:
        """Check leaf hashes against the tiles of every level they fill, write nothing, and give the index after them.

        Raises LedgerBroken naming the first index that differs or whose tile is lost, UsageFault past the size.
        """
        size, root = self._read_head()
        growth = _Growth(self, start, size)
        for batch in _batches(leaf_hashes):
            if growth.size + len(batch) // HASH_SIZE > size:
                raise UsageFault(f"There are more leaf hashes than the {size} in the tiles.")
            growth.push(batch)
            for level, index, _ in growth.settle().values():
                self.read_tile(level, index, size)
        if growth.size == size:
            growth.check_root(root, start)
        return growth.size

    def root(self, size: int | None = None) -> bytes:
        """Give the root of the tree at a size (default: now), computed from the tiles; raises UsageFault beyond it."""
        current, size = self._bounds(size)
        return subtree_hash(self._source(current), 0, size)

    def inclusion_proof(self, index: int, size: int | None = None) -> list[bytes]:
        """Give the proof that leaf `index` is in the tree at a size (default: now); raises UsageFault beyond it."""
        current, size = self._bounds(size)
        return prove_inclusion(self._source(current), index, size)

    def consistency_proof(self, size1: int, size2: int | None = None) -> list[bytes]:
        """Give the proof that the tree only grew between two sizes; raises UsageFault beyond the current size."""
        current, size2 = self._bounds(size2)
        return prove_consistency(self._source(current), size1, size2)

    def leaf_hashes(self, start: int = 0, stop: int | None = None) -> bytes:
        """Give the leaf hashes `[start, stop)` in a row, 32 bytes each; raises UsageFault beyond the current size."""
        current, stop = self._bounds(stop)
        if not 0 <= start <= stop:
            raise UsageFault(f"There are no leaves from {start} to {stop}.")
        if start == stop:
            return b""
        first, last = start // TILE_WIDTH, (stop - 1) // TILE_WIDTH
        row = b"".join(self.read_tile(0, index, current) for index in range(first, last + 1))
        skipped = first * TILE_WIDTH
        return row[(start - skipped) * HASH_SIZE : (stop - skipped) * HASH_SIZE]

    def read_tile(self, level: int, index: int, size: int) -> bytes:
        """Give the hashes that a tile holds in the tree of `size` leaves, from the partial or the full tile.

        Raises LedgerBroken naming the first leaf below it when the tile is lost or cut short.
        """
        width = min((size >> _TILE_BITS * level) - index * TILE_WIDTH, TILE_WIDTH)
        stored = self.find_tile(level, index, width)
        if stored is None:
            leaf = index << _TILE_BITS * (level + 1)
            raise LedgerBroken(
                f"Tile {tile_path(level, index, width)} is lost or cut short; entries from index {leaf} hang on it.",
                hint="Give the tiles the leaf hashes from the database again, from index 0.",
                extra={"index": leaf},
            )
        return stored

    def find_tile(self, level: int, index: int, width: int) -> bytes | None:
        """Give the first `width` hashes of a tile, or None; a full tile also stands in for its partial ones."""
        for candidate in dict.fromkeys((width, TILE_WIDTH)):
            try:
                content = (self.path / tile_path(level, index, candidate)).read_bytes()
            except FileNotFoundError:
                continue
            if len(content) == candidate * HASH_SIZE:
                return content[: width * HASH_SIZE]
        return None

    def published_tile(self, path: str) -> bytes:
        """Give the content of a tile by its public path; raises NotFound for what the recorded tree does not need."""
        level, index, width = parse_tile_path(path)
        within = (index * TILE_WIDTH + width) << _TILE_BITS * level <= self.size
        content = self.find_tile(level, index, width) if within else None
        if content is None:
            raise NotFound(f"There is no tile {path}.", hint="Take the tree size from the checkpoint.")
        return content

    def _extend(self, leaf_hashes: Iterable[bytes] | bytes, start: int | None) -> int:
        size, root = self._read_head()
        start = size if start is None else start
        growth = _Growth(self, start, size)
        if start == size:
            growth.check_root(root, start)
        with Staging(self.path) as staging:
            for batch in _batches(leaf_hashes):
                known = max(0, (size - growth.size) * HASH_SIZE)
                if known:
                    growth.push(batch[:known])
                    if growth.size == size:
                        growth.check_root(root, start)
                growth.push(batch[known:])
                if growth.size >= size:
                    for path, (_, _, tile) in growth.settle().items():
                        staging.add(path, tile)
                    staging.publish()
                    if growth.size > size:
                        size, root = growth.size, growth.root()
                        replace_file(self.path / "head", _format_head(size, root))
                        growth.remove_superseded()
        if growth.size < size:
            growth.settle()
        return max(size, growth.size)

    def _read_head(self) -> tuple[int, bytes]:
        """Give the size and root that were recorded; a missing head is the empty tree."""
        try:
            content = (self.path / "head").read_bytes()
        except FileNotFoundError:
            return 0, EMPTY_ROOT
        try:
            first, second = content.decode("ascii").splitlines()
            size, root = int(first), base64.b64decode(second, validate=True)
            if content != _format_head(size, root) or size < 0 or len(root) != HASH_SIZE:
                raise ValueError
        except ValueError:
            raise LedgerBroken(f"The file {self.path / 'head'} does not hold a tree size and root.") from None
        return size, root

    def _bounds(self, size: int | None) -> tuple[int, int]:
        """Give the current size, and the size that is asked for once it is known to lie within it."""
        current = self.size
        size = current if size is None else size
        if not 0 <= size <= current:
            raise UsageFault(f"The tiles hold {current} entries; a tree of size {size} is not among them.")
        return current, size

    def _source(self, size: int) -> HashSource:
        """Give the hashes of perfect subtrees from the tiles of one tree, reading each tile once."""
        tiles: dict[tuple[int, int], bytes] = {}

        def node(level: int, index: int) -> bytes:
            tile_level, height = divmod(level, _TILE_BITS)
            tile, first = divmod(index << height, TILE_WIDTH)
            if (tile_level, tile) not in tiles:
                tiles[tile_level, tile] = self.read_tile(tile_level, tile, size)
            return perfect_root(tiles[tile_level, tile][first * HASH_SIZE : (first + (1 << height)) * HASH_SIZE])

        return node


class _Growth:
    """A tree that grows from a size that is on disk, and the tiles that come out of it.

    A tile that exists is compared; one that does not is queued to be written. Levels are rows of hashes that do not
    fill a tile yet.
    """

    def __init__(self, directory: TileDirectory, start: int, size: int) -> None:
        if not 0 <= start <= size:
            raise UsageFault(f"The leaf hashes start at index {start}, but the tiles hold {size} entries.")
        self.size = start
        self._directory = directory
        self._recorded = size
        self._rows: list[bytearray] = []
        self._queue: dict[str, tuple[int, int, bytes]] = {}
        self._full: list[tuple[int, int]] = []
        while count := start >> _TILE_BITS * len(self._rows):
            level = len(self._rows)
            index, width = divmod(count, TILE_WIDTH)
            row = directory.read_tile(level, index, size)[: width * HASH_SIZE] if width else b""
            self._rows.append(bytearray(row))

    def push(self, hashes: bytes) -> None:
        """Append leaf hashes."""
        self.size += len(hashes) // HASH_SIZE
        self._push(0, hashes)

    def _push(self, level: int, hashes: bytes) -> None:
        """Append hashes to a level, and the roots of the tiles they fill to the level above."""
        if level == len(self._rows):
            self._rows.append(bytearray())
        row = self._rows[level]
        row += hashes
        if len(row) < _TILE_BYTES:
            return
        # The leaves counted so far fix which tile comes out: every level is filled before the one above it.
        index = (self.size >> _TILE_BITS * level) // TILE_WIDTH - len(row) // _TILE_BYTES
        roots = []
        full = len(row) - len(row) % _TILE_BYTES
        for at in range(0, full, _TILE_BYTES):
            tile = bytes(row[at : at + _TILE_BYTES])
            self._emit(level, index, tile)
            self._full.append((level, index))
            roots.append(tile)
            index += 1
        del row[:full]
        self._push(level + 1, _tile_roots(b"".join(roots)))

    def _emit(self, level: int, index: int, tile: bytes) -> None:
        """Compare a tile with what is on disk, and queue it when it is not there as a whole."""
        width = len(tile) // HASH_SIZE
        recorded = min((self._recorded >> _TILE_BITS * level) - index * TILE_WIDTH, TILE_WIDTH)
        stored = self._directory.find_tile(level, index, recorded) if recorded > 0 else b""
        # Beyond the recorded size there may be complete tiles of a process that died before it moved the head.
        whole = self._directory.find_tile(level, index, width) if width > recorded else stored
        for found in (stored, whole):
            shared = min(len(found or b""), len(tile))
            if found and found[:shared] != tile[:shared]:
                _raise_difference(level, index, found[:shared], tile[:shared])
        if whole is None:
            self._queue[tile_path(level, index, width)] = (level, index, tile)

    def _emit_partial(self) -> None:
        for level, row in enumerate(self._rows):
            if row:
                self._emit(level, (self.size >> _TILE_BITS * level) // TILE_WIDTH, bytes(row))

    def settle(self) -> dict[str, tuple[int, int, bytes]]:
        """Give the tiles that the tree as it is now lacks on disk, by path: level, index, content. Empty the queue."""
        self._emit_partial()
        queue, self._queue = self._queue, {}
        return queue

    def root(self) -> bytes:
        """Give the root of the tree as it is now, from the rows that do not fill a tile."""
        roots: list[bytes] = []
        for row in reversed(self._rows):
            at = 0
            while at < len(row):
                span = 1 << (((len(row) - at) // HASH_SIZE).bit_length() - 1)
                roots.append(perfect_root(bytes(row[at : at + span * HASH_SIZE])))
                at += span * HASH_SIZE
        return fold_roots(roots)

    def check_root(self, recorded: bytes, start: int) -> None:
        """Raise LedgerBroken unless the tree has the root that was recorded for its size."""
        self._emit_partial()
        if self.root() != recorded:
            place = f"between index {start} and {self.size - 1}" if start < self.size else f"before index {self.size}"
            raise LedgerBroken(
                f"The tree of size {self.size} has another root than was recorded; an entry {place} differs.",
                extra={"index": min(start, max(self.size - 1, 0))},
            )

    def remove_superseded(self) -> None:
        """Remove the partial tiles of tiles that are full now, as C2SP tlog-tiles allows."""
        for level, index in self._full:
            folder = (self._directory.path / tile_path(level, index, 1)).parent
            if folder.is_dir():
                for item in folder.iterdir():
                    item.unlink()
                folder.rmdir()
        self._full.clear()


def _tile_roots(row: bytes) -> bytes:
    """Give the roots of full tiles in a row."""
    for _ in range(_TILE_BITS):
        row = hash_pairs(row)
    return row


def _raise_difference(level: int, index: int, stored: bytes, given: bytes) -> None:
    """Raise LedgerBroken with the first leaf index whose hash is not the one that is stored."""
    starts = range(0, len(stored), HASH_SIZE)
    place = next(at for at in starts if stored[at : at + HASH_SIZE] != given[at : at + HASH_SIZE]) // HASH_SIZE
    leaf = (index * TILE_WIDTH + place) << _TILE_BITS * level
    what = "Entry" if level == 0 else "An entry at or after"
    raise LedgerBroken(
        f"{what} {leaf} differs from the history in tile {level}/{index}.",
        extra={"index": leaf},
    )


def _batches(leaf_hashes: Iterable[bytes] | bytes) -> Iterator[bytes]:
    """Cut leaf hashes into buffers of bounded size; raises UsageFault for hashes of a wrong length."""
    if isinstance(leaf_hashes, (bytes, bytearray, memoryview)):
        if len(leaf_hashes) % HASH_SIZE:
            raise UsageFault(f"A buffer of {len(leaf_hashes)} bytes does not hold whole {HASH_SIZE}-byte hashes.")
        step = _BATCH_LEAVES * HASH_SIZE
        for at in range(0, len(leaf_hashes), step):
            yield bytes(leaf_hashes[at : at + step])
        return
    hashes = iter(leaf_hashes)
    while batch := list(islice(hashes, _BATCH_LEAVES)):
        if any(len(item) != HASH_SIZE for item in batch):
            raise UsageFault(f"A leaf hash is {HASH_SIZE} bytes long.")
        yield b"".join(batch)


def _format_head(size: int, root: bytes) -> bytes:
    """Give the content of the head file."""
    return f"{size}\n{base64.b64encode(root).decode()}\n".encode("ascii")
