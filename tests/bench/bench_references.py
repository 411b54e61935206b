"""References: a list of 50 records as it was stored, beside stored identities that are looked up for every list."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from eendracht.kernel.records import Record
from eendracht.kernel.store import Store, load
from tests.bench.rows import Row, median_of, timed
from tests.contract.engines import Engine

RECORDS, ON_A_PAGE, LISTS, SEED = 10_000, 50, 200, 20261123


def measure() -> list[Row]:
    """Print the same lists both ways; they come out letter for letter the same."""
    with tempfile.TemporaryDirectory() as folder, Engine("sqlite", str(Path(folder) / "refs.db")).open() as store:
        load(store, _drafts(), total=RECORDS)
        return _compare(store)


def _drafts() -> Iterator[dict[str, Any]]:
    chance = random.Random(SEED)
    for number in range(RECORDS):
        yield {
            "ref": f"application:gm0344/a{number}",
            "owner": "organisation:gm0344",
            "confidentiality": {"level": "public"},
            "source": {"type": "synthetic", "date": "2026-01-01"},
            "spec": {
                "name": f"Applicatie {number}",
                "description": "x" * 800,
                "requires": sorted(f"application:gm0344/a{n}" for n in chance.sample(range(RECORDS), 4)),
            },
        }


def _compare(store: Store) -> list[Row]:
    reader = store.driver.reader()
    rows = reader.query("SELECT r.rv, r.uid, r.ref, e.body FROM record r JOIN entry e ON e.rv = r.rv")
    records = {rv: Record(rv, bytes(body)) for rv, _, _, body in rows}
    uid_of = {ref: uid for _, uid, ref, _ in rows}
    ref_of = {uid: ref for ref, uid in uid_of.items()}
    other = {rv: _replace(record.body, uid_of) for rv, record in records.items()}
    chance = random.Random(SEED)
    pages = [chance.sample(sorted(records), ON_A_PAGE) for _ in range(LISTS)]

    def as_stored(page: Sequence[int]) -> bytes:
        return b"[" + b",".join(records[rv].body for rv in page) + b"]"

    def looked_up(page: Sequence[int]) -> bytes:
        found = [orjson.loads(other[rv]) for rv in page]
        uids = sorted({uid for record in found for uid in record["spec"]["requires"]})
        names = reader.query(f"SELECT uid, ref FROM record WHERE {reader.among('uid')}", (reader.bind_list(uids),))
        return _print(found, dict(names))

    def remembered(page: Sequence[int]) -> bytes:
        return _print([orjson.loads(other[rv]) for rv in page], ref_of)

    assert all(as_stored(page) == looked_up(page) == remembered(page) for page in pages)
    rates = [
        median_of(lambda way=way: LISTS / timed(lambda: [way(page) for page in pages]))  # type: ignore[misc]
        for way in (as_stored, looked_up, remembered)
    ]
    setting = f"{RECORDS:,} records of about 1.4 kB with 4 refs, SQLite, bodies in memory, seed {SEED}, warm"
    peers = (("uids looked up in SQLite", rates[1]), ("uids looked up in a dictionary in memory", rates[2]))
    return [
        Row("lists of 50 with refs as stored", rates[0], "lists/s", LISTS, setting, peer=name, peer_median=rate)
        for name, rate in peers
    ]


def _replace(body: bytes, names: Mapping[str, str]) -> bytes:
    record = orjson.loads(body)
    record["spec"]["requires"] = [names[name] for name in record["spec"]["requires"]]
    return orjson.dumps(record)


def _print(records: list[dict[str, Any]], names: Mapping[str, str]) -> bytes:
    for record in records:
        record["spec"]["requires"] = [names[uid] for uid in record["spec"]["requires"]]
    return orjson.dumps(records)


if __name__ == "__main__":
    for row in measure():
        print(f"{row.name}: {row.median:,.0f} {row.unit}; {row.peer}: {row.peer_median:,.0f}")
