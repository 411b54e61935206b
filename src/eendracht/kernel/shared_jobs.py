"""The jobs that every node has: an import, a sweep over everything that needs attention, and an export."""

from __future__ import annotations

import gzip
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import orjson

from eendracht.kernel.clock import today
from eendracht.kernel.jobs import JobKind, Work
from eendracht.kernel.population_jobs import POPULATION_JOBS
from eendracht.kernel.uploads import Uploads
from eendracht.kernel.wording import Said

EXPORT_STRETCH: Final = 2_000
"""How many versions an export reads at a time."""


def run_import(work: Work) -> dict[str, Any]:
    """Record a file that came in by the pages, as its sender confirmed it."""
    from eendracht.kernel.import_reports import keep_report, sweep_reports
    from eendracht.kernel.imports import read_file
    from eendracht.kernel.imports.profiles import get_profile
    from eendracht.kernel.intake import Intake, is_large
    from eendracht.kernel.reconcile import apply_plan, plan_import
    from eendracht.kernel.review import answer_mapping

    uploads = Uploads(work.instance.settings.uploads_folder, work.store.clock)
    sweep_reports(work.instance.settings.jobs_folder, work.store.clock)
    recorded = work.result_of("recorded")
    if recorded is None:
        upload = uploads.get(work.job.arguments["upload"], work.author)
        path = uploads.path_of(upload)
        mapping = uploads.mapping_of(upload) or (get_profile(upload.profile) if upload.profile else None)
        work.report("read")
        if mapping is None and is_large(path):
            intake = Intake(work.store, path, upload.owner, work.author, upload.system)
            report = intake.run(lambda done, total: work.report("record", done, total))
            recorded = report.counts
            keep_report(work.folder, upload, intake.system, report.list_faults())
            # Before the file goes: a process that is killed in between must not look for it again.
            work.keep("recorded", recorded)
        else:
            if mapping is not None:
                mapping = answer_mapping(work.store, mapping, upload.owner, upload.system)
            reading = read_file(path, None, mapping, work.store.registry, upload.system)
            work.report("compare")
            plan = plan_import(work.store, reading, upload.owner, work.author)
            work.report("record")
            recorded = plan.counts
            # Before the records: a process that is killed in between makes the same report again.
            keep_report(work.folder, upload, plan.system, plan.faults)
            apply_plan(work.store, plan, work.author, work.mark("recorded", recorded))
    # Also where an earlier run recorded everything and was killed before the file went.
    uploads.discard(work.job.arguments["upload"])
    work.report("prove")
    work.store.catch_up()
    work.instance.history.sign()
    return dict(recorded)


def run_sweep(work: Work) -> dict[str, Any]:
    """Look at everything that the asker may see, count what needs attention, and keep it in a protected report."""
    from eendracht.kernel.briefing.report import list_findings
    from eendracht.kernel.briefing.scope import Scope
    from eendracht.kernel.landscape import build_landscape

    day = today(work.store.clock)
    work.report("read")
    landscape = build_landscape(work.store, work.author, day)
    work.report("compare")
    wings = work.instance.open_wings(work.author)
    findings = list_findings(Scope(work.store, work.author, day, landscape), wings)
    report = work.folder / "findings.json"
    _write_whole(report, orjson.dumps([finding.as_dict() for finding in findings]))
    counts = Counter(finding.severity for finding in findings)
    return {"high": counts["high"], "medium": counts["medium"], "low": counts["low"], "report": report.name}


def run_export(work: Work) -> dict[str, Any]:
    """Write every version that the asker may see as lines of JSON, compressed, in the order of the log."""
    path = work.folder / "export.jsonl.gz"
    count = 0
    temporary = path.with_suffix(".part")
    with gzip.open(temporary, "wb", compresslevel=6) as file:
        for line in _list_versions(work):
            file.write(line)
            count += 1
    temporary.replace(path)
    return {"versions": count, "bytes": path.stat().st_size, "report": path.name}


def _list_versions(work: Work) -> Iterator[bytes]:
    size = work.store.size
    since = 0
    while True:
        work.report("write", since, size)
        records = work.store.changes(since, work.author, EXPORT_STRETCH)
        for record in records:
            if record.rv < size:
                yield b'{"rv":%d,"record":%b}\n' % (record.rv, record.body)
        if len(records) < EXPORT_STRETCH or records[-1].rv >= size:
            return
        since = records[-1].rv + 1


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    temporary = path.with_suffix(".part")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


_READ: Final = Said("Lezen", "Reading")
_COMPARE: Final = Said("Vergelijken", "Comparing")

SHARED_JOBS: Final = (
    JobKind(
        "import",
        Said("Import", "Import"),
        {
            "read": _READ,
            "compare": _COMPARE,
            "record": Said("Vastleggen", "Recording"),
            "prove": Said("Ondertekenen", "Signing"),
        },
        run_import,
    ),
    JobKind("sweep", Said("Alles nalopen", "Look at everything"), {"read": _READ, "compare": _COMPARE}, run_sweep),
    JobKind("export", Said("Export", "Export"), {"write": Said("Schrijven", "Writing")}, run_export),
    *POPULATION_JOBS,
)
"""The jobs of the kernel; each wing adds its own."""
