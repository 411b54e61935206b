"""What the pages of jobs say of an import: which file it was, whose, what was wrong in it, and what it asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import Fault, NotFound
from eendracht.kernel.import_reports import ImportReport, read_report
from eendracht.kernel.imports import profiles
from eendracht.kernel.instance import Instance
from eendracht.kernel.jobs import Job
from eendracht.kernel.review import list_reviews
from eendracht.kernel.uploads import Upload, Uploads
from eendracht.kit.i18n import Words
from eendracht.web.decision_view import Decision, view_decisions
from eendracht.web.search_view import name_of

MOST_FAULTS: Final = 200
MOST_QUESTIONS: Final = 10


@dataclass(frozen=True, slots=True)
class JobFacts:
    """Whose the records are, and what only who asked may know: the file and how it was read; empty where not known."""

    organisation: str
    file: str = ""
    profile: str = ""


@dataclass(frozen=True, slots=True)
class JobView:
    """A job with what it has to tell."""

    facts: JobFacts
    faults: Sequence[Fault]
    more_faults: int
    questions: Sequence[Decision]
    """The first questions of this source that are still open."""


def tell_job(instance: Instance, asker: Principal, job: Job, words: Words) -> JobFacts:
    """Give what a job is about, as far as the asker may know."""
    organisation = name_of(instance.store, asker, job.organisation) if job.organisation else ""
    known = _report_of(instance, asker, job) or _upload_of(instance, asker, job)
    if known is None:
        return JobFacts(organisation)
    titles = {item.name: item.title_nl if words.language == "nl" else item.title_en for item in profiles()}
    file = known.file if isinstance(known, ImportReport) else known.name
    return JobFacts(organisation, file, titles.get(known.profile, known.profile) or known.profile)


def view_job(instance: Instance, asker: Principal, job: Job, words: Words) -> JobView:
    """Give a job with its faults, for who asked for it, and the open questions of its source."""
    report = _report_of(instance, asker, job)
    faults = report.faults if report and job.state == "done" else ()
    asked = [item for item in list_reviews(instance.store, asker) if report and item.system == report.system]
    total = max(len(faults), int(job.result.get("faults", 0)) if faults else 0)
    return JobView(
        tell_job(instance, asker, job, words),
        faults[:MOST_FAULTS],
        total - len(faults[:MOST_FAULTS]),
        view_decisions(asked[:MOST_QUESTIONS], words),
    )


def _report_of(instance: Instance, asker: Principal, job: Job) -> ImportReport | None:
    # What somebody else sent may name people; it was theirs to see.
    if job.kind != "import" or job.asked_by != asker.name:
        return None
    return read_report(instance.settings.jobs_folder / job.id, instance.store.clock)


def _upload_of(instance: Instance, asker: Principal, job: Job) -> Upload | None:
    if job.kind != "import":
        return None
    try:
        return Uploads(instance.settings.uploads_folder, instance.store.clock).get(
            job.arguments.get("upload", ""), asker
        )
    except NotFound:
        return None
