"""The jobs of proactive service: a run over a registered population, and sending what was approved.

The run is done in a process of its own. What is left in the folder of the job is for its owner only: the list by
pseudonym, what everybody came to, and the lines as the job that sends them reads them.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Any, Final

from eendracht.kernel.clock import today
from eendracht.kernel.errors import Fault
from eendracht.kernel.jobs import JobKind, Work, disclose
from eendracht.kernel.population_jobs import describe_ground, run_process
from eendracht.kernel.populations import PopulationUnusable, Registered, check_files, lay_out, registered_of
from eendracht.kernel.rules.disclosure import show_counts
from eendracht.kernel.rules.grounds import ground_of
from eendracht.kernel.wording import Said
from eendracht.services.proactive.asking import RUN, ProactiveAsk, read_arguments
from eendracht.services.proactive.indicators import record_measures
from eendracht.services.proactive.lines import RunNoted, note_begin, note_done
from eendracht.services.proactive.request import ProactiveRefused, dpia_faults, read_law, with_grounds
from eendracht.services.proactive.sending import SEND, send_approved
from eendracht.services.proactive.stops import Stops

MODULE: Final = "eendracht.services.proactive.worker"
RESULTS: Final = "results"
"""The folder, in that of the job, that holds what came of a run."""


def run_over_town(work: Work) -> dict[str, Any]:
    """Find who is entitled and does not use it; gives counts without small groups."""
    asked = read_arguments(work.job.arguments)
    registered = registered_of(work.store.get(asked.population, work.author))
    source = work.instance.settings.populations_folder / registered.uid
    for left in work.folder.iterdir():
        shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
    work.report("verify")
    faults = registered.retention_faults(today(work.store.clock)) or check_files(source, registered)
    if faults:
        raise disclose(PopulationUnusable("The files are not as registered", faults=faults))
    _require_dpia(work, asked, registered)
    task = _task(work, asked, registered)
    lay_out(source, registered, work.folder / "population")
    noted = _noted(work, asked, registered)
    grounds = [(law["text"], (law["ground"] or {}).get("ref", "")) for law in task["laws_asked"]]
    note_begin(work.instance.journal, noted, grounds)
    try:
        result = run_process(task, work, MODULE)
    finally:
        shutil.rmtree(work.folder / "population", ignore_errors=True)
    note_done(work.instance.journal, noted, result)
    record_measures(work, asked, result, is_synthetic=registered.is_synthetic)
    return show(asked, result)


def _require_dpia(work: Work, asked: ProactiveAsk, registered: Registered) -> None:
    """Look again at the day of the run: a DPIA may have been taken back since."""
    if registered.is_synthetic:
        return
    faults: list[Fault] = list(dpia_faults(work.store.get(asked.dpia, work.author), asked.controller))
    if faults:
        raise disclose(ProactiveRefused("The DPIA does not hold", faults=faults))


def _task(work: Work, asked: ProactiveAsk, registered: Registered) -> dict[str, Any]:
    """Give what the process is told; it goes over a pipe and is written nowhere."""
    library, folder = work.instance.lawbook.library, work.folder.absolute()
    grounds = [ground_of(work.store.get(ref, work.author)) for ref in asked.grounds]
    laws = with_grounds([read_law(text) for text in asked.laws], grounds, library, asked.on)
    return {
        "laws": [str(path.absolute()) for path in work.instance.lawbook.paths],
        "laws_asked": [
            {"text": text, "ground": describe_ground(law.ground) if law.ground else None}
            for text, law in zip(asked.laws, laws, strict=True)
        ],
        "arguments": dict(work.job.arguments),
        "population": str(folder / "population"),
        "out": str(folder / RESULTS),
        "subjects": registered.subjects,
        "synthetic": registered.is_synthetic,
        "stops": list(Stops(work.instance, asked.controller).list_keys()),
    }


def _noted(work: Work, asked: ProactiveAsk, registered: Registered) -> RunNoted:
    return RunNoted(
        work.job.id,
        work.job.asked_by,
        registered.ref,
        registered.is_synthetic,
        asked.controller,
        asked.purpose,
        asked.dpia,
        asked.approver,
        asked.on,
    )


def show(asked: ProactiveAsk, result: Mapping[str, Any]) -> dict[str, Any]:
    """Give the result as it is kept with the job: no count in it is of fewer than ten people."""
    laws = []
    for law in result["laws"]:
        shown = show_counts(law["reasons"])
        is_small = any(
            law["reasons"][name] and shown[name] is None for name in ("sure", "estimate", "depends", "using")
        )
        hidden = {"unusedPerYear": None, "nonUse": {"low": "", "high": ""}} if is_small else {}
        laws.append({**law, "reasons": shown, **hidden, "columnsRead": list(law["columnsRead"])})
    about = {
        "population": asked.population,
        "on": asked.on.isoformat(),
        "controller": asked.controller,
        "purpose": asked.purpose,
        "dpia": asked.dpia,
        "approver": asked.approver,
        "threshold": asked.threshold,
    }
    return {**about, **result, "laws": laws, "handled": show_counts(result["handled"])}


PROACTIVE_JOBS: Final = (
    JobKind(
        RUN,
        Said("Zoeken wie iets laat liggen", "Finding who leaves something unused"),
        {
            "verify": Said("Bestanden controleren", "Checking the files"),
            "prepare": Said("Voorbereiden", "Preparing"),
            "run": Said("Uitrekenen, regeling voor regeling", "Working it out, law by law"),
            "list": Said("Lijst maken", "Making the list"),
        },
        run_over_town,
    ),
    JobKind(
        SEND,
        Said("Berichten versturen", "Sending messages"),
        {
            "write": Said("Berichten schrijven", "Writing messages"),
            "send": Said("Versturen", "Sending"),
        },
        send_approved,
    ),
)
"""The jobs of this part."""
