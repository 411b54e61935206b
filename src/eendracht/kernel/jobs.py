"""Long work that survives: who asked for what, how far it is, and each of its writes applied exactly once.

A job holds references and counts, never content about a person: what it works on lies in a protected folder. Asking
for one is a row in the database; a runner (`kernel.durable`) picks it up, and goes on with it where a killed process
left it. A step that writes puts its mark in the transaction of its records, so that no step is applied twice.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal

import orjson

from eendracht.kernel.access import OPERATOR, PUBLIC, Principal, Role
from eendracht.kernel.clock import timestamp
from eendracht.kernel.credentials import find_principal
from eendracht.kernel.errors import Busy, EendrachtError, NotFound, StorageFailure, UsageFault
from eendracht.kernel.store.append import Written
from eendracht.kernel.store.driver import Connection, Row
from eendracht.kernel.store.store import Store
from eendracht.kernel.wording import Said

if TYPE_CHECKING:
    from pathlib import Path

    from eendracht.kernel.instance import Instance

State = Literal["waiting", "running", "done", "failed", "cancelled"]

REPORT_SECONDS: Final = 0.5
"""How often progress is written down, at most."""
PASSING: Final = (StorageFailure, Busy)
"""What may be over in a while: the job is tried again."""
ENDED: Final = frozenset({"done", "failed", "cancelled"})

_COLUMNS = "id, kind, arguments, asked_by, organisation, state, stage, done, total, result, error, asked_at, ended_at"


class Cancelled(EendrachtError):
    """Somebody asked for the job to stop; what it recorded before stays."""

    code = "cancelled"
    status = 409
    title_nl = "Deze taak is gestopt"
    title_en = "This job was cancelled"


class StepApplied(EendrachtError):
    """The step was applied by an earlier run of the job; nothing was written again."""

    code = "step-applied"
    status = 409
    title_nl = "Deze stap is al gezet"
    title_en = "This step was applied already"


_DISCLOSED: Final = "disclosed"


def disclose(error: EendrachtError) -> EendrachtError:
    """Let the faults of an error be kept with its job: they name columns, sources and laws, never content."""
    error.extra[_DISCLOSED] = True
    return error


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of long work; `done` of `total` in the unit of its stage, total 0 where that is not known."""

    id: str
    kind: str
    arguments: Mapping[str, str]
    asked_by: str
    organisation: str
    state: State
    stage: str
    done: int
    total: int
    result: Mapping[str, Any]
    """Counts, and under `report` the name of a protected file where there is one."""
    error: Mapping[str, Any]
    """Code and titles of what went wrong."""
    asked_at: str
    ended_at: str

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens to it."""
        return self.state in ENDED

    @property
    def percent(self) -> int:
        """How far its stage is."""
        return min(100, 100 * self.done // self.total) if self.total else 0

    def as_dict(self) -> dict[str, Any]:
        """Give the job as plain data."""
        return {
            "id": self.id,
            "kind": self.kind,
            "askedBy": self.asked_by,
            "organisation": self.organisation,
            "state": self.state,
            "stage": self.stage,
            "done": self.done,
            "total": self.total,
            "percent": self.percent,
            "result": dict(self.result),
            "error": dict(self.error),
            "askedAt": self.asked_at,
            "endedAt": self.ended_at,
        }


@dataclass(frozen=True, slots=True)
class JobKind:
    """A sort of long work: its name, what people call it, its stages, and the function that does it.

    The function gives counts; it may be run again from its beginning at any moment, and then skips what is marked.
    """

    name: str
    title: Said
    stages: Mapping[str, Said]
    run: Callable[[Work], dict[str, Any]] = field(repr=False)
    wing: str = ""
    """The wing that brings it; empty for a job of the kernel."""
    waits: bool = False
    """Whether it mostly waits, for hours perhaps: it then keeps no other job from running."""


class Jobs:
    """The jobs of a node: asked for, looked at, stopped and tried again."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def ask(self, kind: str, arguments: Mapping[str, str], asker: Principal, organisation: str = "") -> str:
        """Ask for a job on behalf of a principal and give its id; it begins as soon as a runner is free.

        Arguments are references: ids, refs, names of profiles.
        """
        job = f"{kind}-{secrets.token_hex(8)}"
        row = (job, kind, orjson.dumps(dict(arguments)).decode(), asker.name, organisation, self._now())
        self._store.act(
            lambda connection: connection.execute(
                "INSERT INTO job (id, kind, arguments, asked_by, organisation, state, stage, done, total, result,"
                " error, cancel, asked_at, ended_at) VALUES (?, ?, ?, ?, ?, 'waiting', '', 0, 0, '{}', '{}', 0, ?, '')",
                row,
            )
        )
        return job

    def get(self, job: str, asker: Principal) -> Job:
        """Give a job; raises NotFound, also for one that the asker may not see."""
        found = self.find(job)
        if found is None or not may_see_job(found, asker):
            raise NotFound(f"There is no job {job[:60]}")
        return found

    def find(self, job: str) -> Job | None:
        """Give a job whoever asks, for the runner."""
        rows = self._store.driver.reader().query(f"SELECT {_COLUMNS} FROM job WHERE id = ?", (job,))
        return _read(rows[0]) if rows else None

    def list_jobs(self, asker: Principal, limit: int = 100) -> list[Job]:
        """Give the newest jobs that the asker may see, newest first."""
        rows = self._store.driver.reader().stream(f"SELECT {_COLUMNS} FROM job ORDER BY asked_at DESC, id")
        found: list[Job] = []
        for row in rows:
            job = _read(row)
            if may_see_job(job, asker):
                found.append(job)
                if len(found) == limit:
                    break
        return found

    def list_waiting(self) -> list[str]:
        """Give the ids of jobs that no runner has taken yet, the oldest first."""
        rows = self._store.driver.reader().query("SELECT id FROM job WHERE state = 'waiting' ORDER BY asked_at, id")
        return [row[0] for row in rows]

    def ask_once(self, kind: str, arguments: Mapping[str, str], asker: Principal, organisation: str = "") -> bool:
        """Ask for a job unless the same one waits or runs; tells whether it was asked."""
        rows = self._store.driver.reader().query(
            "SELECT 1 FROM job WHERE kind = ? AND arguments = ? AND state IN ('waiting', 'running') LIMIT 1",
            (kind, orjson.dumps(dict(arguments)).decode()),
        )
        if not rows:
            self.ask(kind, arguments, asker, organisation)
        return not rows

    def find_last(self, kind: str, state: State | None = None) -> Job | None:
        """Give the job of a kind that was asked for last, in a state where one is given, whoever asks."""
        condition, values = (" AND state = ?", (kind, state)) if state else ("", (kind,))
        rows = self._store.driver.reader().query(
            f"SELECT {_COLUMNS} FROM job WHERE kind = ?{condition} ORDER BY asked_at DESC, id LIMIT 1", values
        )
        return _read(rows[0]) if rows else None

    def note_done(self, kind: str, result: Mapping[str, Any], asker: Principal) -> str:
        """Keep what came of work that was done at the prompt, as if a job had done it; gives its id."""
        job, moment = f"{kind}-{secrets.token_hex(8)}", self._now()
        row = (job, kind, asker.name, orjson.dumps(dict(result)).decode(), moment, moment)
        self._store.act(
            lambda connection: connection.execute(
                "INSERT INTO job (id, kind, arguments, asked_by, organisation, state, stage, done, total, result,"
                " error, cancel, asked_at, ended_at) VALUES (?, ?, '{}', ?, '', 'done', '', 0, 0, ?, '{}', 0, ?, ?)",
                row,
            )
        )
        return job

    def cancel(self, job: str, asker: Principal) -> None:
        """Ask a job to stop: at once where it waits, else at its next step. Raises NotFound, UsageFault."""
        found = self.get(job, asker)
        if found.has_ended:
            raise UsageFault(f"{job} has ended already")
        row = (self._now(), job)

        def write(connection: Connection) -> None:
            connection.execute("UPDATE job SET cancel = 1 WHERE id = ?", (job,))
            connection.execute(
                "UPDATE job SET state = 'cancelled', ended_at = ? WHERE id = ? AND state = 'waiting'", row
            )

        self._store.act(write)

    def retry(self, job: str, asker: Principal) -> str:
        """Ask anew for a job that failed or was cancelled, and give the id of the new one.

        Raises NotFound, UsageFault.
        """
        found = self.get(job, asker)
        if found.state not in ("failed", "cancelled"):
            raise UsageFault(f"{job} has not failed", hint="Only what failed or was cancelled can be tried again.")
        return self.ask(found.kind, found.arguments, asker, found.organisation)

    def _now(self) -> str:
        return timestamp(self._store.clock.now())


def may_see_job(job: Job, asker: Principal) -> bool:
    """Tell whether a job exists for the asker: its own, or of an organisation for which it is editor or auditor."""
    if asker.is_operator or (job.asked_by == asker.name and asker.name != PUBLIC.name):
        return True
    return bool({(Role.EDITOR, job.organisation), (Role.AUDITOR, job.organisation)} & asker.roles)


def _read(row: Row) -> Job:
    values = list(row)
    for at in (2, 9, 10):
        values[at] = orjson.loads(values[at])
    return Job(*values)


class Work:
    """What a job works with: the node, as whom it was asked, its progress, and the marks of its steps."""

    def __init__(self, instance: Instance, job: Job) -> None:
        self.instance = instance
        self.store = instance.store
        self.job = job
        self.author = OPERATOR if job.asked_by == OPERATOR.name else find_principal(self.store, job.asked_by)
        self._reported_at = 0.0

    def report(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Say how far it is; raises Cancelled where somebody asked to stop."""
        rows = self.store.driver.reader().query("SELECT cancel, stage FROM job WHERE id = ?", (self.job.id,))
        if rows and rows[0][0]:
            raise Cancelled(f"{self.job.id} was cancelled")
        moment = time.monotonic()
        if rows and rows[0][1] == stage and moment - self._reported_at < REPORT_SECONDS:
            return
        self._reported_at = moment
        row = (stage, done, total, self.job.id)
        self.store.act(
            lambda connection: connection.execute("UPDATE job SET stage = ?, done = ?, total = ? WHERE id = ?", row)
        )

    def result_of(self, step: str) -> Any:
        """Give what a step gave when it was applied; None where it was not."""
        rows = self.store.driver.reader().query(
            "SELECT result FROM job_step WHERE job = ? AND step = ?", (self.job.id, step)
        )
        return orjson.loads(rows[0][0]) if rows else None

    def mark(self, step: str, result: Any) -> Callable[[Connection, Sequence[Written]], None]:
        """Give what marks a step in the transaction of its records; the transaction fails where it is marked."""
        return partial(_mark, row=(self.job.id, step, orjson.dumps(result).decode()))

    def keep(self, step: str, result: Any) -> None:
        """Mark a step that has kept its own place in its transactions, as an intake does."""
        mark = self.mark(step, result)
        self.store.act(lambda connection: mark(connection, ()))

    @property
    def folder(self) -> Path:
        """The protected folder of the job."""
        from eendracht.kernel.private import make_private_folder

        folder = self.instance.settings.jobs_folder / self.job.id
        make_private_folder(folder)
        return folder


def _mark(connection: Connection, _: Sequence[Written], *, row: tuple[str, str, str]) -> None:
    # Writers come one by one, so what is not marked now is marked by nobody else.
    if connection.query("SELECT 1 FROM job_step WHERE job = ? AND step = ?", row[:2]):
        raise StepApplied(f"{row[1]} of {row[0]} was applied already")
    connection.execute("INSERT INTO job_step (job, step, result) VALUES (?, ?, ?)", row)


def run_job(instance: Instance, kinds: Mapping[str, JobKind], job: str) -> None:
    """Run a job to its end and keep what came of it; one that has ended is left as it is.

    Raises StorageFailure, Busy or StepApplied where it may go better later: whoever runs it tries again.
    """
    found = Jobs(instance.store).find(job)
    if found is None or found.has_ended:
        return
    try:
        if found.kind not in kinds:
            raise UsageFault(f"This node has no job {found.kind}")
        instance.require_on(kinds[found.kind].wing, found.organisation)
        _set(instance.store, job, "running")
        result = kinds[found.kind].run(Work(instance, found))
    except (*PASSING, StepApplied):
        raise
    except Cancelled:
        _set(instance.store, job, "cancelled")
    except EendrachtError as error:
        _set(instance.store, job, "failed", error=error)
    else:
        _set(instance.store, job, "done", result)


def fail_job(instance: Instance, job: str, error: EendrachtError) -> None:
    """Give a job up for good, after it was tried often enough."""
    _set(instance.store, job, "failed", error=error)


def _set(
    store: Store,
    job: str,
    state: State,
    result: Mapping[str, Any] | None = None,
    error: EendrachtError | None = None,
) -> None:
    # A detail may hold what stood in a cell: only the code and the titles are kept.
    said: dict[str, Any] = {"code": error.code, "nl": error.title_nl, "en": error.title_en} if error else {}
    if error and error.extra.get(_DISCLOSED):
        said["faults"] = [fault.as_dict() for fault in error.faults]
    ended = timestamp(store.clock.now()) if state in ENDED else ""
    row = (state, orjson.dumps(dict(result or {})).decode(), orjson.dumps(said).decode(), ended, job)
    store.act(
        lambda connection: connection.execute(
            "UPDATE job SET state = ?, result = ?, error = ?, ended_at = ? WHERE id = ?", row
        )
    )
