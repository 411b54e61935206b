"""The after-action report of an exercise, on the page and as a file; for who leads it or takes part."""

from __future__ import annotations

from functools import partial
from typing import Final, Literal

from starlette.responses import Response

from eendracht.kernel.disclosure import require_insider
from eendracht.kernel.identity import slug
from eendracht.kit.pages import Page, Visit
from eendracht.kit.questions import Question, read_question
from eendracht.resilience.exercises.leading import may_lead
from eendracht.resilience.exercises.lessons import list_findings
from eendracht.resilience.exercises.playing import read_for
from eendracht.resilience.exercises.report import make_report
from eendracht.resilience.exercises.report_files import write_html, write_pdf
from eendracht.resilience.exercises.wording import say_code

MOST_LINES: Final = 500
"""So many lines of the timeline stand on the page."""


class ReportQuestion(Question):
    """In which form."""

    form: Literal["page", "html", "pdf"] = "page"


def show_report(visit: Visit) -> Response:
    """Show the report, or give it as a file."""
    asked = read_question(ReportQuestion, visit.query)
    require_insider(visit.principal)
    instance = visit.site.instance
    row, state = read_for(instance, visit.principal, visit.name)
    report = make_report(instance, row, visit.principal)
    if asked.form != "page":
        write, media_type = (write_pdf, "application/pdf") if asked.form == "pdf" else (write_html, "text/html")
        name = f"{slug(state.scenario.name)[:60] or 'report'}.{asked.form}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
        return Response(write(report, visit.language), headers=headers, media_type=media_type)
    leads = may_lead(visit.principal, row)
    findings = list_findings(instance, row, visit.principal) if leads else []
    return visit.render(
        "resilience/exercise_report.html",
        report=report,
        leads=leads,
        findings=findings,
        most=MOST_LINES,
        id=visit.name,
        say=partial(say_code, visit.words),
    )


PAGES: Final = (Page("exercise-report", "oefenverslag/{name}", "exercise-report/{name}", show_report),)
