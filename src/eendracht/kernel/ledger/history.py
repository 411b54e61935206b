"""The history of a node: the log in its database held against tiles and checkpoints outside it.

The folder of the ledger holds, for each epoch of the log, `epoch-<n>/` with its tiles and `checkpoints/<size>`, one
signed note each. It does not lie in the database, so whoever rewrites the database is found out here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from eendracht.kernel.errors import InvalidInput, LedgerBroken, NotFound, StorageFailure, UsageFault
from eendracht.kernel.ledger.checkpoint import Checkpoint, VerifiedCheckpoint, sign_checkpoint, verify_checkpoint
from eendracht.kernel.ledger.entry import SALT_SIZE, commit, leaf_hash_of
from eendracht.kernel.ledger.note import Ed25519Signer
from eendracht.kernel.ledger.proof import ConsistencyProof, InclusionProof
from eendracht.kernel.ledger.staging import make_directories, replace_file
from eendracht.kernel.ledger.tiles import TileDirectory
from eendracht.kernel.records import BEGIN_OF_TIME, END_OF_TIME, Level
from eendracht.kernel.store.append import EntryType
from eendracht.kernel.store.driver import Connection, Row
from eendracht.kernel.store.store import Store

STRIDE = 20_000
"""How many entries are hashed under one hold of the write lock."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry that does not match what was signed, and in what way."""

    rv: int
    why: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What a walk over the whole history found.

    `entries` were walked, of which `erased` hold no content any more by a recorded destruction; `signed` is the size
    of the last checkpoint outside the database (0: there is none yet). `broken` is None where all matches.
    """

    entries: int
    erased: int
    signed: int
    epoch: int
    broken: Broken | None

    @property
    def holds(self) -> bool:
        """Whether the history is what was signed."""
        return self.broken is None


class History:
    """Follows the log of a store with tiles, signs checkpoints, gives proofs and verifies."""

    def __init__(self, store: Store, folder: Path, signer: Ed25519Signer) -> None:
        self._store = store
        self._folder = folder
        self._signer = signer

    @property
    def epoch(self) -> int:
        """Which epoch of the log this is; a restore starts a new one."""
        return int(self._store.driver.reader().query("SELECT epoch FROM log_head WHERE id = 1")[0][0])

    @property
    def origin(self) -> str:
        """The name of the log in checkpoints: that of the key, and the epoch."""
        return f"{self._signer.name}/{self.epoch}"

    @property
    def verifier_key(self) -> str:
        """The public key of the log, in the form that C2SP signed-note gives it."""
        return self._signer.verifier.verifier_key()

    @property
    def tiles(self) -> TileDirectory:
        """The tiles of the present epoch."""
        return TileDirectory(self._epoch_folder(self.epoch))

    def _epoch_folder(self, epoch: int) -> Path:
        return self._folder / f"epoch-{epoch}"

    # -- following and signing ----------------------------------------------------------------------------------

    def follow(self) -> int:
        """Bring the tiles up to the log and give their size."""
        tiles = self.tiles
        while tiles.size < self._store.size:
            self._store.act(lambda connection: _extend(tiles, connection))
        return tiles.size

    def sign(self) -> VerifiedCheckpoint:
        """Sign the log as it stands and keep the checkpoint; gives the last one again where nothing was added.

        Raises StorageFailure when the disk refuses; the checkpoint before it stands.
        """
        self.follow()
        self._store.act(self._sign)
        checkpoint = self.last_checkpoint()
        assert checkpoint is not None
        return checkpoint

    def _sign(self, connection: Connection) -> None:
        tiles = self.tiles
        _extend(tiles, connection)
        size = tiles.size
        last = self.last_checkpoint()
        if last is not None and last.checkpoint.size >= size:
            return
        note = sign_checkpoint(Checkpoint(self.origin, size, tiles.root(size)), [self._signer])
        folder = self._epoch_folder(self.epoch) / "checkpoints"
        try:
            make_directories(folder)
            replace_file(folder / f"{size:020d}", note.encode())
        except OSError as error:
            raise StorageFailure(f"The checkpoint in {folder} could not be written: {error}.") from error

    def last_checkpoint(self) -> VerifiedCheckpoint | None:
        """Give the newest checkpoint that lies outside the database, its signature verified; None before the first.

        Raises LedgerBroken where the file is not a checkpoint that this log signed.
        """
        path = self._last_checkpoint_path(self.epoch)
        return None if path is None else self._read_checkpoint(path, self.origin)

    def _last_checkpoint_path(self, epoch: int) -> Path | None:
        folder = self._epoch_folder(epoch) / "checkpoints"
        names = sorted(item for item in folder.glob("*") if item.name.isdigit()) if folder.is_dir() else []
        return names[-1] if names else None

    def _read_checkpoint(self, path: Path, origin: str) -> VerifiedCheckpoint:
        try:
            return verify_checkpoint(path.read_bytes(), origin, [self._signer.verifier])
        except Exception as error:
            raise LedgerBroken(f"{path.name} is not a checkpoint that this log signed: {error}") from error

    def start_epoch(self, last_known: Path | None = None) -> None:
        """Begin a new epoch after a restore, committing to the last checkpoint that is known of the one before.

        `last_known` is a checkpoint that was kept elsewhere; it counts where it is newer than those in the folder. The
        tiles of the new epoch are made anew from the entries that were restored. Raises LedgerBroken where the log
        did not sign it, or signed another history.
        """
        path = self._last_checkpoint_path(self.epoch)
        if last_known is not None:
            path = self._newest(path, last_known)
        before = path.read_bytes().decode() if path else ""
        epoch = self.epoch + 1
        while self._epoch_folder(epoch).exists():
            epoch += 1
        self._store.act(lambda connection: connection.execute("UPDATE log_head SET epoch = ? WHERE id = 1", (epoch,)))
        self._store.note(EntryType.EPOCH, {"epoch": epoch, "previousCheckpoint": before})
        self.sign()

    def _newest(self, own: Path | None, other: Path) -> Path:
        known = self._read_checkpoint(other, self.origin).checkpoint
        tiles = self.tiles
        if known.size <= tiles.size and tiles.root(known.size) != known.root:
            raise LedgerBroken(f"{other.name} was signed over another history than this one")
        size = self._read_checkpoint(own, self.origin).checkpoint.size if own else 0
        return other if own is None or known.size > size else own

    # -- proofs -------------------------------------------------------------------------------------------------

    def prove_entry(self, rv: int) -> InclusionProof:
        """Give the proof that an entry is in the log as last signed; raises NotFound for a position beyond it."""
        last = self.last_checkpoint()
        if last is None or not 0 <= rv < last.checkpoint.size:
            raise NotFound(f"Position {rv} is not in a signed checkpoint yet", hint="Sign one: ledger checkpoint.")
        tiles, size = self.tiles, last.checkpoint.size
        leaf = tiles.leaf_hashes(rv, rv + 1)
        return InclusionProof(rv, size, last.checkpoint.root, leaf, tuple(tiles.inclusion_proof(rv, size)))

    def prove_growth(self, size1: int, size2: int | None = None) -> ConsistencyProof:
        """Give the proof that the log of `size1` is the beginning of that of `size2` (default: as last signed)."""
        tiles = self.tiles
        last = self.last_checkpoint()
        size2 = size2 if size2 is not None else (last.checkpoint.size if last else 0)
        if not 0 < size1 <= size2 <= tiles.size:
            raise UsageFault(f"Sizes must be 0 < {size1} <= {size2} <= {tiles.size}")
        proof = tuple(tiles.consistency_proof(size1, size2))
        return ConsistencyProof(size1, size2, tiles.root(size1), tiles.root(size2), proof)

    # -- verifying ----------------------------------------------------------------------------------------------

    def verify(self, progress: Callable[[int, int], None] | None = None) -> Verification:
        """Walk the whole log and hold it against its own commitments, the tiles, and the last checkpoint outside.

        The first entry that does not match is named; one that was destroyed on record counts as erased.
        """
        walk = _Walk(self._store.driver.reader(), self._store.size, progress)
        signed = 0
        try:
            last = self.last_checkpoint()
            signed = last.checkpoint.size if last else 0
            if signed > walk.size:
                raise LedgerBroken(f"{signed} entries were signed, {walk.size} are there", extra={"index": walk.size})
            tiles = self.tiles
            walk.compare(tiles, min(tiles.size, walk.size))
            if signed > tiles.size:
                raise LedgerBroken(
                    f"{signed} entries were signed, the tiles hold {tiles.size}", extra={"index": tiles.size}
                )
            if last is not None and tiles.root(signed) != last.checkpoint.root:
                raise LedgerBroken("The tiles have another root than was signed", extra={"index": 0})
        except LedgerBroken as error:
            rv = min([error.extra.get("index", 0), *([walk.broken.rv] if walk.broken else [])])
            why = walk.broken.why if walk.broken and walk.broken.rv == rv else error.detail
            return Verification(walk.entries, len(walk.erased), signed, self.epoch, Broken(rv, why))
        return Verification(walk.entries, len(walk.erased), signed, self.epoch, walk.finish(self.epoch))


def _extend(tiles: TileDirectory, connection: Connection) -> None:
    """Bring the tiles one stretch further; raises LedgerBroken where the log is not the one that they follow."""
    # From the last leaf that is there: a database that lost its end or was replaced is found out before it is signed.
    start = max(tiles.size - 1, 0)
    rows = connection.query(
        "SELECT rv, recorded_at, commitment FROM entry WHERE rv >= ? ORDER BY rv LIMIT ?", (start, STRIDE)
    )
    if tiles.size and (not rows or rows[0][0] != start):
        raise LedgerBroken(
            f"The tiles hold {tiles.size} entries, and entry {start} is not in the database",
            hint="Restore the last backup, which starts a new epoch.",
            extra={"index": start},
        )
    tiles.extend(b"".join(_leaf(rv, at, commitment) for rv, at, commitment in rows), start=start)


def _leaf(rv: int, recorded_at: str, commitment: Any) -> bytes:
    try:
        return leaf_hash_of(rv, recorded_at, memoryview(commitment).tobytes())
    except (TypeError, InvalidInput):
        raise LedgerBroken(f"Entry {rv} is no entry of a log", extra={"index": rv}) from None


class _Walk:
    """One pass over the entries, which checks each against its own commitment and yields the leaf hashes."""

    def __init__(self, connection: Connection, size: int, progress: Callable[[int, int], None] | None) -> None:
        self.size = size
        self.entries = 0
        self.broken: Broken | None = None
        self.erased: set[int] = set()
        self._connection = connection
        self._allowed: set[int] = set()
        self._epoch = (0, 1)
        self._progress = progress

    def compare(self, tiles: TileDirectory, until: int) -> None:
        """Check all entries; those below `until` also against the tiles, which raises LedgerBroken."""
        leaves = self._leaves()
        at = 0
        while batch := b"".join(islice(leaves, STRIDE)):
            inside = max(0, min(len(batch) // 32, until - at))
            if inside:
                tiles.compare(batch[: inside * 32], start=at)
            at += len(batch) // 32
            if self._progress:
                self._progress(at, self.size)

    def _rows(self) -> Iterator[Row]:
        select = "SELECT rv, type, recorded_at, commitment, salt, uid, level, owner, valid_from, valid_until, body"
        try:
            yield from self._connection.stream(f"{select} FROM entry WHERE rv < ? ORDER BY rv", (self.size,))
            return
        except StorageFailure as error:
            failure = error
        # A stream fails for a whole stretch: one by one, the entry itself can be named.
        for rv in range(self.entries, self.size):
            try:
                yield from self._connection.query(f"{select} FROM entry WHERE rv = ?", (rv,))
            except StorageFailure:
                raise LedgerBroken(f"Entry {rv} cannot be read: {failure}", extra={"index": rv}) from failure

    def _leaves(self) -> Iterator[bytes]:
        last = ""
        for row in self._rows():
            rv, recorded_at = row[0], row[2]
            if rv != self.entries:
                raise LedgerBroken(f"Entry {self.entries} is missing", extra={"index": self.entries})
            leaf = _leaf(rv, recorded_at, row[3])
            if recorded_at < last:
                self._note(rv, "it was recorded before the entry that precedes it")
            last = recorded_at
            try:
                self._check(row)
            except (TypeError, ValueError, LookupError, InvalidInput):
                self._note(rv, "its content cannot be read")
            self.entries += 1
            yield leaf
        if self.entries < self.size:
            raise LedgerBroken(f"Entry {self.entries} is missing", extra={"index": self.entries})

    def _check(self, row: Row) -> None:
        rv, kind, _, commitment, salt, *columns, body = row
        if body is None:
            self.erased.add(rv)
            return
        if salt is None or len(salt) != SALT_SIZE or commit(bytes(salt), bytes(body)) != bytes(commitment):
            self._note(rv, "its content does not match its commitment")
            return
        data = orjson.loads(body)
        if kind in (EntryType.VERSION, EntryType.END):
            if tuple(columns) != _columns(data) or (kind == EntryType.END) != data.get("ended", False):
                self._note(rv, "its columns do not match its content")
        elif data["type"] != EntryType(kind).name.lower():
            self._note(rv, "its type does not match its content")
        elif kind == EntryType.ERASURE:
            self._allowed.update(data["positions"])
        elif kind == EntryType.EPOCH:
            self._epoch = (rv, int(data["epoch"]))

    def _note(self, rv: int, why: str) -> None:
        if self.broken is None:
            self.broken = Broken(rv, why)

    def finish(self, epoch: int) -> Broken | None:
        """Give the first entry that is broken, once every erasure and the newest epoch on record are known.

        A database that claims another epoch than its log recorded would be held against a folder that is not there.
        """
        rv, recorded = self._epoch
        if recorded != epoch:
            self._note(rv, f"the log recorded epoch {recorded}, the database says {epoch}")
        unexplained = self.erased - self._allowed
        if unexplained and (self.broken is None or min(unexplained) < self.broken.rv):
            return Broken(min(unexplained), "its content is gone and no erasure is on record")
        return self.broken


def _columns(data: dict[str, Any]) -> tuple[Any, ...]:
    return (
        data["uid"],
        int(Level[data["confidentiality"]["level"].upper()]),
        data["owner"],
        data["validFrom"] or BEGIN_OF_TIME,
        data["validUntil"] or END_OF_TIME,
    )
