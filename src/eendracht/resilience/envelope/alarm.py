"""Findings about the crisis envelope: there is none, it is old or gone, or what it holds has changed a lot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from eendracht.kernel.briefing.findings import Finding
from eendracht.kernel.briefing.scope import Scope, evidence_of
from eendracht.kernel.clock import parse_moment
from eendracht.kernel.disclosure import is_insider
from eendracht.kernel.explanation import Rule
from eendracht.kernel.jobs import Job, Jobs
from eendracht.kernel.records import Record
from eendracht.kernel.wording import Said, say
from eendracht.resilience.envelope.content import KINDS, SERVICES
from eendracht.resilience.envelope.keeping import KIND

MUCH: Final = 10
"""One in so many of its records that changed is a lot."""
RULE: Final = Rule(
    "crisis-envelope",
    Said(
        "Bij een crisis moet u ook zonder netwerk weten wie u bereikt en wat eerst terugkomt",
        "In a crisis you must know whom to reach and what comes back first, also without a network",
    ),
)
_STEP: Final = Said(
    "Maak een nieuwe: eendracht resilience envelope build. Of laat het elke nacht doen (envelope_recipients).",
    "Make a new one: eendracht resilience envelope build. Or let it be made every night (envelope_recipients).",
)


def check_envelope(scope: Scope) -> Iterator[Finding]:
    """Find what is the matter with the crisis envelope, for insiders; a node without anything critical needs none."""
    if not is_insider(scope.asker):
        return
    records = [record for kind in (*KINDS, *SERVICES) for record in scope.of_kind(kind) if _counts(scope, record)]
    if not records:
        return
    last = Jobs(scope.store).find_last(KIND, "done")
    if last is None:
        yield _find(
            "no-crisis-envelope",
            Said("Er is geen crisisenvelop", "There is no crisis envelope"),
            say(
                "Van {n} {n:record|records} is er niets dat zonder dit knooppunt te lezen is",
                "Of {n} {n:record|records} there is nothing that can be read without this node",
                n=len(records),
            ),
            records,
        )
        return
    yield from _check_age(scope, last, records)
    changed = [record for record in records if record.rv >= last.result["position"]]
    if len(changed) * MUCH > len(records):
        yield _find(
            "crisis-envelope-outdated",
            Said("De crisisenvelop klopt niet meer met de records", "The crisis envelope no longer fits the records"),
            say(
                "{n} van {all} records zijn erna vastgelegd",
                "{n} of {all} records were recorded after it",
                n=len(changed),
                all=len(records),
            ),
            changed,
        )


def _check_age(scope: Scope, last: Job, records: Sequence[Record]) -> Iterator[Finding]:
    made_at = parse_moment(last.result["madeAt"])
    age = scope.store.clock.now() - made_at
    limit = timedelta(hours=last.result["tooOldHours"])
    if not Path(last.result["file"]).is_file():
        title = Said("De laatste crisisenvelop is weg", "The last crisis envelope is gone")
        reason = Said("Het bestand staat er niet meer", "The file is not there any more")
        yield _find("crisis-envelope-gone", title, reason, records)
    elif age > limit:
        hours = int(age / timedelta(hours=1))
        reason = say("Hij is {n} uur oud", "It is {n} {n:hour|hours} old", n=hours)
        title = Said("De crisisenvelop is te oud", "The crisis envelope is too old")
        yield _find("crisis-envelope-old", title, reason, records)


def _counts(scope: Scope, record: Record) -> bool:
    return record.kind in KINDS or scope.spec(record).get("criticality") == "critical"


def _find(code: str, title: Said, reason: Said, records: Sequence[Record]) -> Finding:
    rows = [evidence_of(record) for record in records]
    return Finding(code, "medium", title, reason, _STEP, rows, len(rows), len(rows), RULE)


FINDINGS: Final = (check_envelope,)
"""The checks of this part."""
