"""Jobs over a registered population: a rule for everyone, and what a change of law does.

The arguments are references. The work runs in a process of its own, which dies with the one that asked: the server
itself never loads an engine for columns. What is left of an earlier run is thrown away, so a job that was killed begins
clean.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from eendracht.kernel.clock import today
from eendracht.kernel.jobs import JobKind, Work, disclose
from eendracht.kernel.populations import (
    STREAM,
    PopulationUnusable,
    check_files,
    lay_out,
    registered_of,
)
from eendracht.kernel.processes import ask_process
from eendracht.kernel.rules.grounds import Ground, ground_of
from eendracht.kernel.wording import Said

RESULT: Final = "result.parquet"
_MODULE: Final = "eendracht.kernel.rules.worker"


def run_over_population(work: Work) -> dict[str, Any]:
    """Run outputs of a law for everyone in a population; gives counts, and the rows in a protected file."""
    return _Assignment(work).carry_out({"kind": "population-run"})


def assess_change(work: Work) -> dict[str, Any]:
    """Run an output on two days and compare person by person; gives counts by group."""
    more = {"kind": "law-impact", "onAfter": work.job.arguments["onAfter"], "by": work.job.arguments["by"]}
    return _Assignment(work).carry_out(more)


class _Assignment:
    """One run of a job."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.arguments = work.job.arguments
        instance = work.instance
        self.registered = registered_of(work.store.get(self.arguments["population"], work.author))
        self.ground = _ground(work, self.arguments["ground"])
        self.source = instance.settings.populations_folder / self.registered.uid

    def carry_out(self, more: Mapping[str, Any]) -> dict[str, Any]:
        """Check the files, lay them out, run the process and tell the journal."""
        work, folder = self.work, self.work.folder
        for left in folder.iterdir():
            shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
        work.report("verify")
        faults = self.registered.retention_faults(today(work.store.clock))
        faults = faults or check_files(self.source, self.registered)
        if faults:
            raise disclose(PopulationUnusable("The files are not as registered", faults=faults))
        lay_out(self.source, self.registered, folder / "population")
        self.note("begun", {})
        try:
            result = run_process(self.task(more), work)
        finally:
            shutil.rmtree(folder / "population", ignore_errors=True)
        done = {"columns": result.get("columnsRead", [])[:150], "subjects": result["rows"]}
        self.note("done", done)
        about = {name: self.arguments[name] for name in ("law", "outputs", "on", "population", "purpose", "controller")}
        report = {"report": RESULT} if (folder / RESULT).is_file() else {}
        return {**about, **{name: more[name] for name in ("onAfter", "by") if name in more}, **result, **report}

    def task(self, more: Mapping[str, Any]) -> dict[str, Any]:
        """Give what the process is told; it goes over a pipe and is written nowhere."""
        # The process has a folder of its own to work in.
        folder = self.work.folder.absolute()
        return {
            "laws": [str(path.absolute()) for path in self.work.instance.lawbook.paths],
            "law": self.arguments["law"],
            "outputs": self.arguments["outputs"].split(" "),
            "on": self.arguments["on"],
            "population": str(folder / "population"),
            "out": str(folder / RESULT),
            "subjects": self.registered.subjects,
            "ground": describe_ground(self.ground) if self.ground else None,
            "purpose": self.arguments["purpose"],
            "controller": self.arguments["controller"],
            **more,
        }

    def note(self, event: str, more: Mapping[str, Any]) -> None:
        """Write a processing line: which law, on which ground, for which purpose; no key of anybody."""
        ground = self.ground
        line: dict[str, Any] = {
            "event": f"{self.work.job.kind}-{event}",
            "job": self.work.job.id,
            "by": self.work.job.asked_by,
            "population": self.registered.ref,
            "synthetic": self.registered.is_synthetic,
            "controller": self.arguments["controller"],
            "ground": ground.ref if ground else "",
            "purpose": ground.purpose if ground else "",
            **{name: self.arguments[name] for name in ("law", "outputs", "on")},
        }
        self.work.instance.journal.append(STREAM, [{**line, **more}])


def _ground(work: Work, ref: str) -> Ground | None:
    return ground_of(work.store.get(ref, work.author)) if ref else None


def describe_ground(ground: Ground) -> dict[str, Any]:
    """Give a ground as plain data, as `kernel.rules.worker.read_ground` reads it."""
    days = {"valid_from": ground.valid_from, "valid_until": ground.valid_until}
    return {**asdict(ground), **{name: day.isoformat() if day else None for name, day in days.items()}}


def run_process(task: Mapping[str, Any], work: Work, module: str = _MODULE) -> dict[str, Any]:
    """Let a process do a task for a job, and give its result.

    Raises what the task raised, with faults that may be kept, WorkerFailed, Cancelled.
    """
    return ask_process(task, module, work.report, disclose)


_VERIFY: Final = Said("Bestanden controleren", "Checking the files")
_PREPARE: Final = Said("Voorbereiden", "Preparing")

POPULATION_JOBS: Final = (
    JobKind(
        "population-run",
        Said("Doorrekening over een populatie", "Run over a population"),
        {
            "verify": _VERIFY,
            "prepare": _PREPARE,
            "run": Said("Uitrekenen", "Working it out"),
            "count": Said("Tellen", "Counting"),
        },
        run_over_population,
    ),
    JobKind(
        "law-impact",
        Said("Gevolgen van een wetswijziging", "Effects of a change of law"),
        {
            "verify": _VERIFY,
            "before": Said("Uitrekenen voor de wijziging", "Working it out before the change"),
            "after": Said("Uitrekenen na de wijziging", "Working it out after the change"),
            "compare": Said("Vergelijken", "Comparing"),
        },
        assess_change,
    ),
)
"""The jobs over a population."""
