"""Findings about the duty to report: a report is late, or has to be filed soon."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from eendracht.kernel.briefing.findings import Finding
from eendracht.kernel.briefing.scope import Scope, find_records
from eendracht.kernel.disclosure import is_insider
from eendracht.kernel.explanation import Rule
from eendracht.kernel.wording import Said
from eendracht.resilience.incidents.register import list_incidents

RULE: Final = Rule(
    "duty-to-report",
    Said(
        "Een significant incident wordt binnen 24 uur, 72 uur en één maand gemeld (NIS2, art. 23)",
        "A significant incident is reported within 24 hours, 72 hours and one month (NIS 2, art. 23)",
    ),
)


def check_incidents(scope: Scope) -> Iterator[Finding]:
    """Find incidents of which a report is late or due soon, for insiders."""
    if not is_insider(scope.asker) or not scope.of_kind("cyber-incident"):
        return
    files = list_incidents(scope.store, scope.asker)
    late = [file.record for file in files if any(due.state == "overdue" for due in file.dues)]
    refs = {record.ref for record in late}
    near = [
        file.record for file in files if file.record.ref not in refs and any(due.state == "near" for due in file.dues)
    ]
    yield from find_records("incident-report-overdue", "high", late, _LATE, RULE)
    yield from find_records("incident-report-due", "high", near, _NEAR, RULE)


_LATE: Final = (
    (
        "Van {n} {n:incident|incidenten} is een melding te laat",
        "Of {n} {n:incident|incidents} a report is too late",
    ),
    ("De termijn van de meldplicht is voorbij", "The term of the duty to report has passed"),
    ("Meld nu, en zeg waarom het later is.", "File it now, and say why it is late."),
)
_NEAR: Final = (
    (
        "Van {n} {n:incident|incidenten} moet binnenkort een melding weg",
        "Of {n} {n:incident|incidents} a report is due soon",
    ),
    ("De termijn van de meldplicht is bijna voorbij", "The term of the duty to report has almost passed"),
    ("Doe de melding, en leg vast dat u meldde.", "File the report, and record that you did."),
)
FINDINGS: Final = (check_incidents,)
"""The checks of this part."""
