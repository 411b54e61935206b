"""Ledger: a million entries followed, proved and verified."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from pathlib import Path

import orjson
import pymerkle

from eendracht.bootstrap import create_instance
from eendracht.config import Settings
from eendracht.kernel.access import OPERATOR
from eendracht.kernel.records import prepare
from tests.bench.rows import Row, median_of, timed

ENTRIES = 1_000_000
BATCH = 5_000
PEER_ENTRIES = 50_000
PROOFS = 500
SEED = 7


def draft(number: int) -> dict[str, object]:
    """Give a lean record, of about 600 bytes in the log."""
    return {
        "ref": f"component:bench/c{number}",
        "owner": "organisation:bench",
        "confidentiality": {"level": "public"},
        "source": {"type": "synthetic", "date": "2026-01-01"},
        "spec": {"name": f"Onderdeel {number}"},
    }


def measure() -> list[Row]:
    """Fill a node with a million entries once, then follow, prove and verify."""
    chance = random.Random(SEED)
    with (
        tempfile.TemporaryDirectory(prefix="eendracht-bench-") as folder,
        create_instance(Settings(folder=Path(folder) / "node")) as instance,
    ):
        store, history = instance.store, instance.history
        started = time.perf_counter()
        for first in range(0, ENTRIES, BATCH):
            batch = [prepare(draft(number), store.registry) for number in range(first, first + BATCH)]
            store.append(batch, OPERATOR)
        append_rate = ENTRIES / (time.perf_counter() - started)
        follow = timed(history.sign)
        places = [chance.randrange(ENTRIES) for _ in range(PROOFS)]
        prove = [timed(lambda at=at: history.prove_entry(at)) for at in places]
        verify = median_of(lambda: timed(history.verify))
    peer = _measure_peer(chance)
    setting = f"{ENTRIES:,} entries, seed {SEED}"
    return [
        Row("append without indexes", append_rate, "entries/s", ENTRIES, f"{setting}, batches of {BATCH:,}", runs=1),
        Row("follow with tiles and sign", follow, "s", ENTRIES, f"{setting}, warm", "lower", runs=1),
        Row(
            "inclusion proof, p95",
            statistics.quantiles(prove, n=20)[18] * 1000,
            "ms",
            PROOFS,
            f"{setting}, warm, from tiles on disk",
            "lower",
            50,
            f"pymerkle in memory, {PEER_ENTRIES:,} entries",
            peer,
            runs=PROOFS,
            remark="the peer's tree is twenty times smaller",
        ),
        Row("verify all", verify, "s", ENTRIES, f"{setting}, warm", "lower", 60),
    ]


def _measure_peer(chance: random.Random) -> float:
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for number in range(PEER_ENTRIES):
        tree.append_entry(orjson.dumps(draft(number)))
    places = [chance.randrange(1, PEER_ENTRIES + 1) for _ in range(100)]
    return statistics.quantiles([timed(lambda at=at: tree.prove_inclusion(at)) for at in places], n=20)[18] * 1000
