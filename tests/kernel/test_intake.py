"""Very large files of drafts: in batches that a kill cannot double, with a report, in memory that does not grow."""

from __future__ import annotations

import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.errors import Conflict
from eendracht.kernel.imports.linefile import BATCH_LINES, read_batches
from eendracht.kernel.intake import Intake
from eendracht.kernel.store import Store
from tests.cli.command import _MAIN, CommandLine
from tests.contract.engines import EMMEN
from tests.kernel.deliveries import open_small_store

SEED = 20261124


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give a store with two municipalities."""
    with open_small_store(tmp_path) as opened:
        yield opened


def draft(number: int, users: int = 1, owner: str = EMMEN) -> str:
    """Give a line."""
    return json.dumps(
        {
            "ref": f"application:{owner.partition(':')[2]}/a{number}",
            "owner": owner,
            "source": {"type": "import", "date": "2026-01-01", "system": "cmdb"},
            "spec": {"name": f"Toepassing {number}", "users": users, "description": "Doet wat het doet. " * 12},
        }
    )


def write(path: Path, *lines: str) -> Path:
    """Write a file of lines."""
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def records(store: Store) -> list[tuple[str, int]]:
    """Give ref and generation of every application."""
    rows = store.driver.reader().query("SELECT ref, generation FROM record WHERE ref LIKE 'application:%'")
    return sorted((ref, generation) for ref, generation in rows)


def test_the_report_says_what_became_of_every_line(store: Store, tmp_path: Path) -> None:
    total = BATCH_LINES + 50
    file = write(tmp_path / "big.jsonl", *(draft(n) for n in range(total)))
    report = Intake(store, file, EMMEN, OPERATOR, "cmdb").run()
    assert (report.new, report.lines, report.refused) == (total, total, 0)
    lines = [draft(n) for n in range(total - 3)]
    lines[4] = draft(4, users=9)
    lines[10] = '{"ref": "application:gm0114/a10"'
    lines[11] = draft(11).replace('"users": 1', '"users": -1')
    lines[12] = ""
    lines[1020] = draft(5, users=7)
    lines[1021] = '{"ref": "moon:gm0114/x", "spec": {}}'
    lines[1022] = json.dumps({"ref": "application:gm0114/a1022", "spec": {"name": "x" * 1_100_000}})
    lines[1023] = "[" * 500
    write(file, *lines)
    intake = Intake(store, file, EMMEN, OPERATOR, "cmdb")
    size = store.size
    survey = intake.survey()
    assert store.size == size
    report = intake.run()
    assert report.counts == survey.counts and store.size == size + 1
    # Lines 11 and 1023 hold no ref that can be read; the empty line 13 and lines 1021 to 1024 leave theirs out.
    assert (report.changed, report.double, report.refused, report.disappeared) == (1, 1, 5, 3 + 6)
    assert report.unchanged == total - 3 - 1 - 1 - 5 - 1
    assert report.refused_lines == [[11, 12], [1022, 1024]]
    assert [item["line"] for item in report.refusals] == [11, 12, 1021, 1022, 1023, 1024]
    assert {item["code"] for item in report.refusals} >= {
        "malformed-json",
        "duplicate-key",
        "too-large",
        "unknown-kind",
    }
    assert store.get("application:gm0114/a4", OPERATOR).data["spec"]["users"] == 9
    assert store.get("application:gm0114/a5", OPERATOR).data["spec"]["users"] == 1
    missing = store.driver.reader().query("SELECT count(*) FROM binding WHERE missing_since IS NOT NULL")
    assert missing == [(report.disappeared,)]


def test_batches_hold_every_line_once_wherever_they_are_cut(tmp_path: Path) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_bytes(b"\xef\xbb\xbfa\r\n\n" + b"x" * 1_500_000 + b"\nb\n" + b"".join(b"%d\n" % n for n in range(2_500)))
    batches = list(read_batches(file))
    lines = [line for batch in batches for line in batch.lines]
    assert [line.number for line in lines] == [1, *range(3, 2_505)]
    assert [line.text for line in lines[:4]] == [b"a", None, b"b", b"0"]
    rest = [line for batch in read_batches(file, batches[0].place, batches[0].last) for line in batch.lines]
    assert list(batches[0].lines) + rest == lines
    assert [line for batch in read_batches(file, until=batches[0].place) for line in batch.lines] == list(
        batches[0].lines
    )


def test_an_intake_that_stopped_goes_on_and_two_at_once_are_refused(store: Store, tmp_path: Path) -> None:
    total = 2 * BATCH_LINES + 10
    file = write(tmp_path / "big.jsonl", *(draft(n) for n in range(total)), draft(3))

    class Stop(Exception):
        pass

    def stop(done: int, of: int) -> None:
        raise Stop

    with pytest.raises(Stop):
        Intake(store, file, EMMEN, OPERATOR).run(stop)
    assert len(records(store)) == BATCH_LINES
    other = Intake(store, file, EMMEN, OPERATOR)
    report, place = other._load()
    seen = other._remember_lines(place)
    finished = Intake(store, file, EMMEN, OPERATOR).run()
    assert (finished.resumed_after, finished.new, finished.double, finished.unchanged) == (BATCH_LINES, total, 1, 0)
    assert finished.lines == total + 1
    batch = next(iter(read_batches(file, place, report.lines)))
    with pytest.raises(Conflict):
        other._take(batch, report, seen, place)
    assert {generation for _, generation in records(store)} == {1}
    again = Intake(store, file, EMMEN, OPERATOR).run()
    assert (again.resumed_after, again.new, again.unchanged) == (0, 0, total)


def start(folder: Path, file: Path) -> subprocess.Popen[bytes]:
    """Start the import as an administrator would."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EENDRACHT_")}
    environment |= {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    words = ("import", str(file), "--owner", "gm0114", "--yes", "--json")
    return subprocess.Popen(
        [sys.executable, "-c", _MAIN, "--folder", str(folder), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )


def place_of(folder: Path) -> int:
    """Give how many bytes of the file the import that was cut short has done."""
    with closing(sqlite3.connect(folder / "eendracht.db")) as database:
        rows = database.execute("SELECT place FROM intake").fetchall()
    return int(rows[0][0]) if rows else 0


@pytest.mark.slow
def test_killed_at_any_moment_it_resumes_without_doubling(tmp_path: Path) -> None:
    line = CommandLine(tmp_path / "node")
    line.run("init")
    total = 60_000
    file = write(tmp_path / "big.jsonl", *(draft(n) for n in range(total)), "geen JSON", draft(7))
    assert file.stat().st_size > 10_000_000
    surveyed = line.run("import", str(file), "--owner", "gm0114")
    assert f"{total} nieuw" in surveyed.out and f"Geweigerde regels: {total + 1}" in surveyed.out
    chance = random.Random(SEED)
    kills = 0
    while True:
        process = start(line.folder, file)
        # Whoever kills it after its end, before it has told so, sees a second import that finds nothing new.
        is_far = place_of(line.folder) > 0.7 * file.stat().st_size
        try:
            out, err = process.communicate(timeout=300 if is_far or kills == 12 else chance.uniform(0.9, 2.5))
            break
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            kills += 1
    print(f"killed {kills} times")
    assert kills >= 3
    assert process.returncode == 0, err.decode()[-2_000:]
    report: dict[str, Any] = json.loads(out)
    assert report["resumedAfterLine"] > 0
    assert (report["counts"]["new"], report["counts"]["unchanged"]) == (total, 0)
    assert (report["refusedLines"], report["counts"]["double"]) == ([[total + 1, total + 1]], 1)
    assert line.read("ledger", "verify")["holds"] is True
    found = line.read("find", "--kind", "application", "--limit", "1")
    assert found["facets"]["total"] == total and found["records"][0]["generation"] == 1
    assert line.read("import", str(file), "--owner", "gm0114")["counts"]["unchanged"] == total


def peak_mb(folder: Path, file: Path) -> int:
    """Import a file in a process of its own and give the most memory that it had; the kernel keeps that figure."""
    process = start(folder, file)
    peak = 0
    while process.poll() is None:
        status = Path(f"/proc/{process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+([0-9]+) kB", status)
        peak = int(found[1]) // 1_024 if found else peak
        time.sleep(0.02)
    out, err = process.communicate()
    assert process.returncode == 0, err[-2_000:]
    assert json.loads(out)["counts"]["refused"] == 0
    return peak


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """The caches of the database are full after some 60,000 lines; from there on it stays as it is."""
    peaks = []
    for total in (80_000, 200_000):
        line = CommandLine(tmp_path / f"node-{total}")
        line.run("init")
        file = write(tmp_path / f"{total}.jsonl", *(draft(n) for n in range(total)))
        peaks.append(peak_mb(line.folder, file))
    print(f"peak RSS: {peaks[0]} MB for 80,000 lines, {peaks[1]} MB for 200,000")
    assert peaks[1] < 1.15 * peaks[0] and peaks[1] < 350
