"""Findings about advisories: things that are affected, or of which nobody knows, and with which nobody did anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from eendracht.kernel.briefing.findings import Finding
from eendracht.kernel.briefing.scope import Scope, find_records
from eendracht.kernel.disclosure import is_insider
from eendracht.kernel.explanation import Rule
from eendracht.kernel.wording import Said

RULE: Final = Rule(
    "advisories-handled",
    Said(
        "Op een waarschuwing over een kwetsbaarheid volgt een maatregel of een besluit (BIO2 8.08)",
        "A warning about a vulnerability is followed by a measure or a decision (BIO2 8.08)",
    ),
)


def check_advisories(scope: Scope) -> Iterator[Finding]:
    """Find what advisories touch and nobody handled, for insiders; what is past its day apart."""
    if not is_insider(scope.asker):
        return
    waiting = [
        (record, spec)
        for record in scope.of_kind("advisory-match")
        if (spec := scope.spec(record)).get("status", "open") in ("open", "planned")
    ]
    day = scope.day.isoformat()
    late = [record for record, spec in waiting if spec["outcome"] == "affected" and spec.get("dueOn", day) < day]
    refs = {record.ref for record in late}
    affected = [item for item, spec in waiting if spec["outcome"] == "affected" and item.ref not in refs]
    unknown = [item for item, spec in waiting if spec["outcome"] in ("unknown", "under-investigation")]
    yield from find_records("advisory-overdue", "high", late, _LATE, RULE)
    yield from find_records("advisory-unhandled", "high", affected, _AFFECTED, RULE)
    yield from find_records("advisory-unknown", "medium", unknown, _UNKNOWN, RULE)


_LATE: Final = (
    (
        "{n} {n:ding is|dingen zijn} kwetsbaar en over de termijn",
        "{n} {n:thing is|things are} vulnerable and past the term",
    ),
    ("De week van BIO2 8.08.01 is voorbij", "The week of BIO2 8.08.01 has passed"),
    ("Neem de maatregel, of leg het besluit vast.", "Take the measure, or record the decision."),
)
_AFFECTED: Final = (
    (
        "{n} {n:ding is|dingen zijn} kwetsbaar volgens een beveiligingsbericht",
        "{n} {n:thing is|things are} vulnerable by a security advisory",
    ),
    ("Niemand nam nog een maatregel of een besluit", "Nobody took a measure or a decision yet"),
    ("Kijk op de pagina met beveiligingsberichten wat u kunt doen.", "See on the page of advisories what you can do."),
)
_UNKNOWN: Final = (
    (
        "Van {n} {n:ding|dingen} is niet bekend of het kwetsbaar is",
        "Of {n} {n:thing|things} it is not known whether it is vulnerable",
    ),
    (
        "De versie of de leverancier is niet vastgelegd, of de maker zoekt het nog uit",
        "The version or supplier is not recorded, or the publisher still looks into it",
    ),
    ("Leg de versie vast en lees het bericht opnieuw in.", "Record the version, and read the advisory again."),
)
FINDINGS: Final = (check_advisories,)
"""The checks of this part."""
