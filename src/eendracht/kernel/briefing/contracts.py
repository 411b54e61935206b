"""The checks on contracts: ended, to be decided on, renewed without anybody deciding, or with an unknown date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from eendracht.kernel.briefing.findings import Finding, Severity
from eendracht.kernel.briefing.scope import Scope, find_records
from eendracht.kernel.records import Record

SOON_DAYS: Final = 180
"""A contract that must be decided on within so many days is pressing."""


def check_contracts(scope: Scope) -> Iterator[Finding]:
    """Contracts that have ended or were renewed unseen, must be decided on soon, or have an unknown date."""
    found: dict[str, list[Record]] = defaultdict(list)
    for record in scope.of_kind("contract"):
        for code in _judge(scope.spec(record), scope.day):
            found[code].append(record)
    for code, severity, texts in _FINDINGS:
        yield from find_records(code, severity, found[code], texts, days=SOON_DAYS)


def _judge(spec: dict[str, Any], day: date) -> Iterator[str]:
    if spec.get("endDate") is None:
        yield "contract-end-unknown"
        return
    end = date.fromisoformat(spec["endDate"])
    if end <= day:
        yield "contract-renewed-unseen" if spec.get("renewal") == "tacit" else "contract-ended"
        return
    notice = spec.get("noticeDays")
    if end - timedelta(days=int(notice or 0)) <= day + timedelta(days=SOON_DAYS):
        yield "contract-decision-due"
    elif notice is None:
        yield "contract-notice-unknown"
    if spec.get("exitPlan") is None:
        yield "contract-without-exit-plan"


_FINDINGS: Final[tuple[tuple[str, Severity, tuple[tuple[str, str], ...]], ...]] = (
    (
        "contract-ended",
        "high",
        (
            (
                "{n} {n:contract is|contracten zijn} afgelopen",
                "{n} {n:contract has|contracts have} ended",
            ),
            (
                "Wat eronder valt loopt door zonder afspraken, of staat er ten onrechte nog.",
                "What they cover goes on without terms, or is listed wrongly.",
            ),
            ("Verleng, besteed aan of haal weg.", "Renew, tender, or remove."),
        ),
    ),
    (
        "contract-decision-due",
        "high",
        (
            (
                "Over {n} {n:contract|contracten} moet binnen {days} dagen worden besloten",
                "{n} {n:contract|contracts} must be decided on within {days} days",
            ),
            (
                "De uiterste dag om op te zeggen komt eraan; daarna loopt het contract door of houdt het op.",
                "The last day to give notice is near; after it the contract goes on or stops.",
            ),
            ("Kies: opzeggen, verlengen of samen aanbesteden.", "Choose: give notice, renew, or tender together."),
        ),
    ),
    (
        "contract-renewed-unseen",
        "medium",
        (
            (
                "{n} {n:contract is|contracten zijn} na de einddatum stilzwijgend verlengd",
                "{n} {n:contract was|contracts were} renewed tacitly after the end date",
            ),
            (
                "Tot wanneer het nu loopt staat nergens, dus ook niet wanneer u kunt opzeggen.",
                "Nothing says until when it runs now, so neither when you can give notice.",
            ),
            ("Zoek de nieuwe einddatum op en zet die in de bron.", "Find the new end date and put it in the source."),
        ),
    ),
    (
        "contract-end-unknown",
        "medium",
        (
            (
                "Van {n} {n:contract|contracten} is de einddatum onbekend",
                "Of {n} {n:contract|contracts} the end date is unknown",
            ),
            ("Zonder einddatum is geen opzegdatum te bewaken.", "Without an end date no notice date can be watched."),
            ("Zoek de einddatum op in het contract.", "Look the end date up in the contract."),
        ),
    ),
    (
        "contract-notice-unknown",
        "low",
        (
            (
                "Van {n} lopende {n:contract|contracten} is de opzegtermijn onbekend",
                "Of {n} running {n:contract|contracts} the notice period is unknown",
            ),
            (
                "De uiterste dag om op te zeggen kan veel eerder zijn dan de einddatum.",
                "The last day to give notice may come long before the end date.",
            ),
            ("Zoek de opzegtermijn op in het contract.", "Look the notice period up in the contract."),
        ),
    ),
    (
        "contract-without-exit-plan",
        "low",
        (
            (
                "Van {n} lopende {n:contract|contracten} is geen exitplan bekend",
                "Of {n} running {n:contract|contracts} no exit plan is known",
            ),
            (
                "BIO2 5.20.06 vraagt dat afhankelijkheid van een leverancier beheersbaar is.",
                "BIO2 5.20.06 asks that dependence on a supplier is manageable.",
            ),
            ("Begin met de contracten onder kritieke applicaties.", "Begin with those under critical applications."),
        ),
    ),
)
