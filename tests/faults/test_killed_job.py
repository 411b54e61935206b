"""A job whose process is killed fifty times: each record is recorded once, and the job comes to its end."""

from __future__ import annotations

import io
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest

from eendracht.bootstrap import open_instance
from eendracht.config import load_settings
from eendracht.kernel.access import OPERATOR
from eendracht.kernel.credentials import create_principal
from eendracht.kernel.jobs import Jobs
from eendracht.kernel.uploads import Uploads
from tests.web.nodes import OWNER, PUBLIC_DRAFTS, fill_node, open_node
from tests.web.serving import ROOT

KILLS = 50
LINES = 18_000

# Small batches, so that there are more of them than kills.
WORK = """
import sys, threading
from pathlib import Path
from eendracht.bootstrap import open_instance
from eendracht.config import load_settings
from eendracht.kernel import intake
from eendracht.kernel.durable import JobRunner
from eendracht.kernel.imports import linefile

intake.LARGE_BYTES = 1_000
linefile.BATCH_LINES = 50
with open_instance(load_settings(Path(sys.argv[1]))) as instance:
    runner = JobRunner(instance, instance.job_kinds)
    runner.start()
    threading.Event().wait()
"""


def lines() -> bytes:
    made = [
        {
            "ref": f"application:gm0344/massa-{at}",
            "owner": OWNER,
            "confidentiality": {"level": "public"},
            "source": {"type": "synthetic", "date": "2026-01-01"},
            "spec": {"name": f"Massa {at}", "description": "x" * 400},
        }
        for at in range(LINES)
    ]
    return b"".join(orjson.dumps(line) + b"\n" for line in made)


@pytest.mark.slow
def test_a_job_that_is_killed_fifty_times_applies_no_step_twice(tmp_path: Path) -> None:
    chance = random.Random(20261124)
    folder = tmp_path / "node"
    with open_node(folder) as instance:
        fill_node(instance, list(PUBLIC_DRAFTS))
        author = create_principal(instance.store, "gm0344/importer", ["editor@organisation:gm0344"])
        uploads = Uploads(instance.settings.uploads_folder, instance.store.clock)
        upload = uploads.save(io.BytesIO(lines()), "massa.jsonl", OWNER, author)
        job = Jobs(instance.store).ask("import", {"upload": upload.id}, author, OWNER)
    kills = 0
    with open_instance(load_settings(folder)) as instance:
        jobs, store = Jobs(instance.store), instance.store
        found = jobs.find(job)
        while found and not found.has_ended and kills < 4 * KILLS:
            process = subprocess.Popen([sys.executable, "-c", WORK, str(folder)], cwd=ROOT, stderr=subprocess.PIPE)
            try:
                # It is killed at any moment of the batches after the first that this process recorded.
                before, until = store.size, time.monotonic() + 60
                while store.size == before and not found.has_ended and time.monotonic() < until:
                    time.sleep(0.005)
                    found = jobs.find(job) or found
                time.sleep(chance.uniform(0, 0.1) if kills < KILLS else 20)
                was_at_work = not (jobs.find(job) or found).has_ended
            finally:
                process.send_signal(signal.SIGKILL)
                _, errors = process.communicate()
            assert b"Traceback" not in errors, errors.decode()
            kills += was_at_work
            found = jobs.find(job)
        state = found.state if found else ""
        assert state == "done", jobs.find(job)
        records = [r for r in instance.store.changes(0, OPERATOR, LINES * 2) if "/massa-" in r.ref]
    assert len(records) == len({record.ref for record in records}) == LINES
    assert {record.generation for record in records} == {1}
    assert kills >= KILLS
