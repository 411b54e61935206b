"""The runner of jobs: DBOS in the database of the node, in one process at a time.

DBOS recovers what its executor left pending when it starts, also where another process is still busy with it: then the
work runs twice (measured; see decision 0007). So a process launches it only while it holds the lease of the node,
which ends with the process.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from collections.abc import Iterable, Mapping
from typing import IO, TYPE_CHECKING, Any, Final

from eendracht.kernel.errors import EendrachtError
from eendracht.kernel.jobs import PASSING, JobKind, Jobs, fail_job, run_job
from eendracht.kernel.private import FILE_MODE, make_private_folder

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance

POLL_SECONDS: Final = 0.5
"""How often it is looked whether somebody asked for a job."""
TRIES: Final = 5
"""How often a job is tried where the storage refuses; the waits grow from one second by a factor of two."""
AT_ONCE: Final = 2
"""How many jobs run at the same time."""
WAITING_AT_ONCE: Final = 20
"""How many of those that mostly wait run beside them."""
_QUEUE: Final = "jobs"
_WAITING_QUEUE: Final = "waiting-jobs"
_LEASE_KEY: Final = 0x45454E44
_LOG = logging.getLogger("eendracht.jobs")


class _Left(BaseException):
    """The runner was told to stop: DBOS keeps no outcome of the job, and the next runner goes on with it."""


class Lease:
    """The right to run the jobs of a node; it ends with the process at the latest."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._held: Any = None

    def take(self) -> bool:
        """Take the lease where nobody has it, and tell whether it is held."""
        if self._held is None:
            self._held = self._lock_database() if self._instance.settings.database else self._lock_file()
        return self._held is not None

    def release(self) -> None:
        """Let another process have it."""
        if self._held is not None:
            self._held.close()
            self._held = None

    def _lock_file(self) -> IO[bytes] | None:
        make_private_folder(self._instance.settings.jobs_folder)
        path = self._instance.settings.jobs_folder / "lease"
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, FILE_MODE), "r+b")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        return file

    def _lock_database(self) -> Any:
        import psycopg

        connection = psycopg.connect(self._instance.settings.database, autocommit=True)
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", (_LEASE_KEY,)).fetchone()
        if row and row[0]:
            return connection
        connection.close()
        return None


class JobRunner:
    """Runs the jobs of a node from a thread of its own, while this process holds the lease."""

    def __init__(self, instance: Instance, kinds: Iterable[JobKind]) -> None:
        self._instance = instance
        self._kinds: Mapping[str, JobKind] = {kind.name: kind for kind in kinds}
        self._jobs = Jobs(instance.store)
        self._lease = Lease(instance)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="eendracht-jobs", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Stop taking jobs; what runs is left as it is and goes on with the next runner."""
        self._stopped.set()
        self._thread.join()

    def _work(self) -> None:
        is_launched = False
        given: set[str] = set()
        enqueue: Any = None
        while not self._stopped.wait(POLL_SECONDS if is_launched else 0.05):
            try:
                if not is_launched:
                    if not self._lease.take():
                        self._stopped.wait(POLL_SECONDS)
                        continue
                    enqueue = _launch(self._instance, self._kinds, self._stopped)
                    is_launched = True
                for job in self._jobs.list_waiting():
                    if job not in given:
                        enqueue(job)
                        given.add(job)
            except Exception as error:  # noqa: BLE001 - the server goes on, and this is tried again
                _LOG.error("jobs-not-running", exc_info=error)
                self._stopped.wait(POLL_SECONDS * 4)
        if is_launched:
            _destroy()
        self._lease.release()


def _launch(instance: Instance, kinds: Mapping[str, JobKind], stopped: threading.Event) -> Any:
    """Launch DBOS, which takes up what was left, and give the function that hands it a job."""
    from dbos import DBOS, SetWorkflowID

    settings = instance.settings
    url = settings.database or f"sqlite:///{settings.database_file}"
    DBOS(
        config={
            "name": "eendracht",
            "system_database_url": url.replace("postgres://", "postgresql://", 1),
            # Jobs outlive a release: the version of the code must not keep them from being taken up.
            "application_version": "1",
            "executor_id": "node",
            "log_level": "ERROR",
        }
    )

    @DBOS.step(retries_allowed=True, max_attempts=TRIES, interval_seconds=1.0, backoff_rate=2.0)
    def run_once(job: str) -> None:
        try:
            run_job(instance, kinds, job)
        except Exception:
            # The store was closed under it: to try again would only hold up the end of the process.
            if stopped.is_set():
                raise _Left from None
            raise

    @DBOS.workflow()
    def run_durably(job: str) -> None:
        try:
            run_once(job)
        except Exception as error:  # noqa: BLE001 - whatever it was, the job ends and says so
            _LOG.error("job-failed %s", job, exc_info=error)
            cause = error if isinstance(error, EendrachtError) else _cause_of(error)
            fail_job(instance, job, cause)

    DBOS.launch()
    for queue, at_once in ((_QUEUE, AT_ONCE), (_WAITING_QUEUE, WAITING_AT_ONCE)):
        DBOS.register_queue(queue, worker_concurrency=at_once, polling_interval_sec=POLL_SECONDS)

    jobs = Jobs(instance.store)

    def enqueue(job: str) -> None:
        found = jobs.find(job)
        waits = found is not None and found.kind in kinds and kinds[found.kind].waits
        # The same id again is the same workflow: a job that is asked for once is run once.
        with SetWorkflowID(job):
            DBOS.enqueue_workflow(_WAITING_QUEUE if waits else _QUEUE, run_durably, job)

    return enqueue


def _cause_of(error: BaseException) -> EendrachtError:
    """Give the last thing that the storage said, behind DBOS's own error that it was tried often enough."""
    for tried in reversed(getattr(error, "errors", [])):
        if isinstance(tried, PASSING):
            return tried
    return EendrachtError("Something went wrong that was not foreseen")


def _destroy() -> None:
    from dbos import DBOS

    DBOS.destroy(destroy_registry=True)
