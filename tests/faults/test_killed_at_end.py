"""An import whose process is killed when all is recorded and its file goes: it still ends done, with its own counts."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from eendracht.bootstrap import open_instance
from eendracht.config import load_settings
from eendracht.kernel.access import OPERATOR
from eendracht.kernel.credentials import create_principal
from eendracht.kernel.jobs import Job, Jobs
from eendracht.kernel.uploads import Uploads
from tests.web.nodes import OWNER, PUBLIC_DRAFTS, fill_node, open_node
from tests.web.serving import ROOT

LINES = 120
FAULTY = 5

# It works until the job has ended, or dies by its own hand when the file is to be thrown away.
WORK = """
import os, signal, sys, time
from pathlib import Path
from eendracht.bootstrap import open_instance
from eendracht.config import load_settings
from eendracht.kernel import intake
from eendracht.kernel.durable import JobRunner
from eendracht.kernel.jobs import Jobs
from eendracht.kernel.uploads import Uploads

folder, job, moment, is_large = sys.argv[1:]
if is_large == "large":
    intake.LARGE_BYTES = 1_000
discard = Uploads.discard

def die(self, name):
    if moment == "after":
        discard(self, name)
    os.kill(os.getpid(), signal.SIGKILL)

if moment != "never":
    Uploads.discard = die
with open_instance(load_settings(Path(folder))) as instance:
    runner = JobRunner(instance, instance.job_kinds)
    runner.start()
    while not Jobs(instance.store).find(job).has_ended:
        time.sleep(0.02)
    runner.stop()
"""


def make_lines() -> bytes:
    """Give lines of which the first are refused, because their kind does not know a field."""
    made = [
        {
            "ref": f"application:gm0344/eind-{at}",
            "owner": OWNER,
            "confidentiality": {"level": "public"},
            "source": {"type": "synthetic", "date": "2026-01-01"},
            "spec": {"name": f"Eind {at}", "description": "x" * 40, **({"unknown": 1} if at < FAULTY else {})},
        }
        for at in range(LINES)
    ]
    return b"".join(orjson.dumps(line) + b"\n" for line in made)


def work(folder: Path, job: str, moment: str, size: str) -> int:
    """Run the jobs of the node in a process of its own, and give its exit code."""
    arguments = [str(folder), job, moment, size]
    process = subprocess.run(
        [sys.executable, "-c", WORK, *arguments], cwd=ROOT, capture_output=True, check=False, timeout=120
    )
    assert b"Traceback" not in process.stderr, process.stderr.decode()
    return process.returncode


@pytest.mark.parametrize(("moment", "size"), [("before", "large"), ("after", "large"), ("after", "small")])
def test_an_import_that_is_killed_when_its_file_goes_ends_with_its_counts(
    tmp_path: Path, moment: str, size: str
) -> None:
    folder = tmp_path / "node"
    with open_node(folder) as instance:
        fill_node(instance, list(PUBLIC_DRAFTS))
        author = create_principal(instance.store, "gm0344/importer", ["editor@organisation:gm0344"])
        uploads = Uploads(instance.settings.uploads_folder, instance.store.clock)
        upload = uploads.save(io.BytesIO(make_lines()), "eind.jsonl", OWNER, author)
        job = Jobs(instance.store).ask("import", {"upload": upload.id}, author, OWNER)

    assert work(folder, job, moment, size) == -signal.SIGKILL
    assert uploads.path_of(upload).exists() == (moment == "before")
    with open_instance(load_settings(folder)) as instance:
        recorded = instance.store.size
    assert find_job(folder, job).state == "running"

    assert work(folder, job, "never", size) == 0
    found = find_job(folder, job)
    assert found.state == "done", found
    assert found.result["new"] == LINES - FAULTY
    assert found.result["refused" if size == "large" else "faults"] == FAULTY
    assert not uploads.path_of(upload).parent.exists()
    with open_instance(load_settings(folder)) as instance:
        assert instance.store.size == recorded, "nothing is recorded a second time"
        records = [r for r in instance.store.changes(0, OPERATOR, LINES * 2) if "/eind-" in r.ref]
        assert instance.history.verify().holds
    assert {(record.ref, record.generation) for record in records} == {
        (f"application:gm0344/eind-{at}", 1) for at in range(FAULTY, LINES)
    }


def find_job(folder: Path, job: str) -> Job:
    """Give the job as it is kept."""
    with open_instance(load_settings(folder)) as instance:
        found = Jobs(instance.store).find(job)
    assert found is not None
    return found
