"""Runs over a registered population: on its ground, in a process of its own, stopped, killed, and deleted in time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest

from eendracht.kernel.clock import FixedClock
from eendracht.kernel.instance import Instance
from eendracht.kernel.jobs import Job, Jobs, run_job
from eendracht.kernel.populations import STREAM, sweep_populations
from eendracht.kernel.rules.columns.registered import list_tables_read
from eendracht.kernel.rules.disclosure import merge_ranges, show_counts
from eendracht.kernel.shared_jobs import SHARED_JOBS
from tests.kernel.test_jobs import editor
from tests.populations import (
    GROUND,
    LAW,
    POPULATION,
    ROWS,
    digest_of,
    files_of,
    ground_draft,
    lay_files,
    population_draft,
    write_table,
)
from tests.web.nodes import OWNER, PUBLIC_DRAFTS, fill_node, open_node

KINDS = {kind.name: kind for kind in SHARED_JOBS}


def make(folder: Path, *, at: datetime | None = None, ground: dict[str, Any] | None = None, **spec: Any) -> Instance:
    """Make a node with a registered population, its files in place."""
    instance = open_node(folder, FixedClock(at or datetime(2026, 12, 1, 10, 0, tzinfo=UTC)))
    table = folder / "tabel.parquet"
    write_table(table)
    fill_node(instance, [*PUBLIC_DRAFTS, ground or ground_draft(), population_draft(digest_of(table), **spec)])
    lay_files(instance, table)
    return instance


def arguments(**more: str) -> dict[str, str]:
    given = {"population": POPULATION, "law": LAW, "outputs": "heeft_recht hoogte_toeslag", "on": "2026-06-01"}
    return {**given, "ground": GROUND, "purpose": "Uitproberen", "controller": OWNER, **more}


def ask(instance: Instance, kind: str = "population-run", **more: str) -> str:
    return Jobs(instance.store).ask(kind, arguments(**more), editor(instance), OWNER)


def run(instance: Instance, kind: str = "population-run", **more: str) -> Job:
    job = ask(instance, kind, **more)
    run_job(instance, KINDS, job)
    found = Jobs(instance.store).find(job)
    assert found is not None
    return found


def lines(instance: Instance) -> list[dict[str, Any]]:
    return [line.content for line in instance.journal.read(STREAM)]


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return make(tmp_path / "node")


def test_a_run_gives_counts_and_a_protected_file_and_tells_the_journal(instance: Instance) -> None:
    found = run(instance)
    assert found.state == "done", found.error
    # Worked out by hand: 100 minors have no right whatever their income; of the others income decides, up to 26,000
    # euro (rows 3-260), and to null (1 and 2, adults) nothing can be added.
    right = sum(1 for i in range(ROWS) if i % 4 and 3 <= i <= 260)
    outputs = found.result["outputs"]
    assert found.result["rows"] == ROWS
    assert outputs["heeft_recht"]["statuses"] == {"known": "rest", "error": None}
    assert outputs["heeft_recht"]["total"] == str(right)
    amount = sum(24_000 if i % 2 == 0 else 30_000 for i in range(ROWS) if i % 4 and 3 <= i <= 260)
    assert outputs["hoogte_toeslag"]["total"] == str(amount)
    assert outputs["hoogte_toeslag"]["unit"] == "eurocent"
    assert sum(item["people"] for item in outputs["hoogte_toeslag"]["spread"]) == ROWS - 2
    assert "subjects.wijk" not in found.result["columnsRead"]
    assert found.result["regulations"]
    path = instance.settings.jobs_folder / found.id / found.result["report"]
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(item.name for item in path.parent.iterdir()) == [path.name]
    begun, done = lines(instance)
    assert (begun["event"], done["event"]) == ("population-run-begun", "population-run-done")
    assert (done["ground"], done["purpose"], done["subjects"]) == (GROUND, "Uitproberen", ROWS)
    assert done["columns"] == found.result["columnsRead"]


def test_the_impact_of_a_change_of_law_by_group(instance: Instance) -> None:
    found = run(instance, "law-impact", outputs="hoogte_toeslag", on="2025-06-01", onAfter="2026-06-01", by="wijk")
    assert found.state == "done", found.error
    # From 20,000 to 26,000 euro: rows 201-260 gain, the minors among them not.
    gain = [i for i in range(201, 261) if i % 4]
    whole = found.result["whole"]
    assert (whole["gain"], whole["lose"], whole["people"]) == (len(gain), 0, ROWS)
    assert whole["gained"] == str(sum(24_000 if i % 2 == 0 else 30_000 for i in gain))
    assert [group["group"] for group in found.result["groups"]] == ["noord", "zuid"]
    assert found.result["regulationsBefore"] != found.result["regulationsAfter"]


@pytest.mark.parametrize(
    ("ground", "more", "codes"),
    [
        ({}, {"ground": ""}, {"no-ground"}),
        (
            {"law": "andere_wet", "purpose": "Anders", "controller": "organisation:gm0363", "sources": []},
            {},
            {"other-law", "other-purpose", "other-controller", "source-not-opened"},
        ),
    ],
)
def test_real_people_need_a_ground_that_opens_each_source(
    tmp_path: Path, ground: dict[str, Any], more: dict[str, str], codes: set[str]
) -> None:
    with make(tmp_path / "node", ground=ground_draft(**ground), synthetic=False) as instance:
        found = run(instance, **more)
        assert (found.state, found.error["code"]) == ("failed", "no-lawful-ground")
        assert {fault["code"] for fault in found.error["faults"]} == codes
        assert not list(instance.settings.jobs_folder.rglob("*.parquet"))


def test_real_people_with_a_ground_show_no_extremes(tmp_path: Path) -> None:
    with make(tmp_path / "node", synthetic=False) as instance:
        found = run(instance)
        assert found.state == "done", found.error
        assert (found.result["outputs"]["hoogte_toeslag"]["min"], found.result["isSynthetic"]) == ("", False)


def test_a_manifest_beside_the_files_makes_nobody_synthetic(tmp_path: Path) -> None:
    with make(tmp_path / "node", synthetic=False) as instance:
        (files_of(instance) / "population.json").write_bytes(orjson.dumps({"synthetic": True}))
        assert run(instance, ground="").error["code"] == "no-lawful-ground"


@pytest.mark.parametrize("spoil", ["other", "open", "absent", "link", "folder", "retention"])
def test_files_that_are_not_as_registered_are_not_read(tmp_path: Path, spoil: str) -> None:
    at = datetime(2027, 7, 1, 10, 0, tzinfo=UTC) if spoil == "retention" else None
    with make(tmp_path / "node", at=at) as instance:
        path = files_of(instance) / "subjects.parquet"
        if spoil == "other":
            write_table(path, 10)
        elif spoil == "open":
            path.chmod(0o640)
        elif spoil == "absent":
            path.unlink()
        elif spoil == "link":
            path.symlink_to(path.rename(tmp_path / "elders.parquet"))
        elif spoil == "folder":
            path.parent.chmod(0o750)
        found = run(instance)
        assert (found.state, found.error["code"]) == ("failed", "population-unusable")
        codes = {"other": "other-file", "absent": "no-file", "link": "no-file", "retention": "retention-passed"}
        assert found.error["faults"][0]["code"] == codes.get(spoil, "open-to-others")


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with make(tmp_path / "node") as instance:
        path = files_of(instance) / "subjects.parquet"
        with duckdb.connect() as connection:
            connection.execute(f"COPY (SELECT bsn, leeftijd FROM '{path}') TO '{path}.x' (FORMAT parquet)")
        Path(f"{path}.x").replace(path)
        path.chmod(0o600)
        from eendracht.kernel.access import OPERATOR

        newer = population_draft(digest_of(path))
        instance.store.put(newer, OPERATOR)
        found = run(instance)
        assert found.error["code"] == "invalid-input"
        assert {"heeft_partner"} <= {fault["pointer"].rpartition(".")[2] for fault in found.error["faults"]}


def test_a_job_that_is_asked_to_stop_ends_its_process(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    stall(monkeypatch)
    job = ask(instance)
    thread = threading.Thread(target=run_job, args=(instance, KINDS, job))
    thread.start()
    child = wait_for_child()
    Jobs(instance.store).cancel(job, editor(instance))
    thread.join(20)
    found = Jobs(instance.store).find(job)
    assert found is not None
    assert found.state == "cancelled"
    assert not Path(f"/proc/{child}").exists()


def stall(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process say its stage and never end."""
    code = (
        "import sys, time, threading; sys.path.insert(0, '.');"
        "from eendracht.kernel.rules import worker;"
        "worker._work = lambda task, teller: (teller.report('run', 0, 0), time.sleep(600));"
        "worker.main()"
    )
    real = subprocess.Popen

    def start(command: list[str], **options: Any) -> Any:
        return real([sys.executable, "-c", code] if "-m" in command else command, **options)

    monkeypatch.setattr("eendracht.kernel.processes.subprocess.Popen", start)


def wait_for_child(parent: int | None = None) -> int:
    """Give the process that does the work for a process, once it is there."""
    parent = parent or os.getpid()
    until = time.monotonic() + 20
    while time.monotonic() < until:
        for path in Path("/proc").glob("[0-9]*"):
            try:
                status = (path / "status").read_text()
                command = (path / "cmdline").read_bytes()
            except OSError:
                continue
            if f"PPid:\t{parent}\n" in status and b"eendracht.kernel.rules" in command:
                return int(path.name)
        time.sleep(0.02)
    raise AssertionError("no process does the work")


KILLED = """
import subprocess, sys, time
from pathlib import Path
from tests.kernel import test_population_jobs as here
from eendracht.bootstrap import open_instance
from eendracht.config import load_settings
from eendracht.kernel.jobs import run_job
import pytest

here.stall(pytest.MonkeyPatch())
with open_instance(load_settings(Path(sys.argv[1]))) as instance:
    run_job(instance, here.KINDS, sys.argv[2])
"""


def test_a_process_that_is_killed_takes_its_worker_along_and_the_next_run_begins_clean(tmp_path: Path) -> None:
    instance = make(tmp_path / "node")
    job = ask(instance)
    instance.close()
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"}
    with subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path / "node"), job], env=environment) as process:
        child = wait_for_child(process.pid)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    until = time.monotonic() + 10
    while Path(f"/proc/{child}").exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert not Path(f"/proc/{child}").exists(), "the worker outlives the one that asked"
    folder = tmp_path / "node" / "jobs" / job
    (folder / ".result.parquet.partial").write_bytes(b"half")
    from eendracht.bootstrap import open_instance
    from eendracht.config import load_settings

    with open_instance(load_settings(tmp_path / "node")) as again:
        run_job(again, KINDS, job)
        found = Jobs(again.store).find(job)
        assert found is not None
        assert (found.state, [path.name for path in folder.iterdir()]) == ("done", ["result.parquet"])


def test_the_asking_process_loads_no_engine_for_columns(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from eendracht.bootstrap import open_instance\n"
        "from eendracht.config import load_settings\n"
        "from pathlib import Path\n"
        "from eendracht.kernel.jobs import run_job\n"
        "from eendracht.web.app import create_app\n"
        "with open_instance(load_settings(Path(sys.argv[1]))) as instance:\n"
        "    create_app(instance)\n"
        "    run_job(instance, {kind.name: kind for kind in instance.job_kinds}, sys.argv[2])\n"
        "print(sorted({'duckdb', 'pyarrow', 'pandas', 'numpy.linalg'} & set(sys.modules) - {'numpy.linalg'}))\n"
    )
    instance = make(tmp_path / "node")
    job = ask(instance)
    instance.close()
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "node"), job], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_files_and_results_go_when_the_last_day_has_passed(tmp_path: Path) -> None:
    instance = make(tmp_path / "node")
    found = run(instance)
    result = instance.settings.jobs_folder / found.id / "result.parquet"
    assert sweep_populations(instance) == []
    assert result.is_file()
    place = files_of(instance)
    instance.store.clock.moment = datetime(2027, 7, 1, 10, 0, tzinfo=UTC)  # type: ignore[attr-defined]
    assert sweep_populations(instance) == [POPULATION]
    assert not place.exists()
    assert not result.exists()
    assert lines(instance)[-1] == {"event": "population-deleted", "population": POPULATION}
    assert sweep_populations(instance) == []


def test_which_tables_a_rule_reads_follows_from_their_columns(instance: Instance) -> None:
    from datetime import date

    library = instance.lawbook.library
    columns = ["bsn", "leeftijd", "heeft_partner", "partner_bsn", "gemeente_code"]
    tables = {"subjects": columns, "werk": ["bsn", "loon", "winst"], "ziek": ["bsn", "diagnose"]}
    read = list_tables_read(library, LAW, ["heeft_recht"], date(2026, 6, 1), tables, ["bsn"], "")
    assert read == ["subjects", "werk"]


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ({"known": 100, "unknown": 20}, {"known": 100, "unknown": 20}),
        ({"known": 100, "unknown": 9, "null": 50}, {"known": "rest", "unknown": None, "null": 50}),
        ({"known": 3, "unknown": 0}, {"known": None, "unknown": 0}),
    ],
)
def test_small_counts_do_not_follow_from_the_others(counts: dict[str, int], shown: dict[str, Any]) -> None:
    assert show_counts(counts) == shown


def test_ranges_are_joined_until_each_holds_ten() -> None:
    merged = merge_ranges([("0", "1", 3), ("1", "2", 8), ("2", "3", 40), ("3", "4", 2)])
    assert merged == [{"from": "0", "to": "2", "people": 11}, {"from": "2", "to": "4", "people": 42}]
    assert merge_ranges([("0", "1", 3)]) == []
