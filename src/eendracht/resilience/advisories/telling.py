"""What an advisory means here, as plain data."""

from __future__ import annotations

from typing import Any

from eendracht.resilience.advisories.assessment import Assessment, TouchedThing
from eendracht.resilience.advisories.matching import OUTCOMES, Verdict


def tell_assessment(found: Assessment) -> dict[str, Any]:
    """Give an assessment as plain data, things with the worst outcome first."""
    said = found.said
    return {
        "trackingId": said.tracking_id,
        "title": said.title,
        "publisher": said.publisher,
        "version": said.version,
        "status": said.status,
        "releasedAt": said.released_at,
        "sha256": said.sha256,
        "lookedAt": found.looked_at,
        "counts": {outcome: len(found.of(outcome)) for outcome in OUTCOMES},
        "services": [{"ref": thing.ref, "name": thing.name, "owner": thing.owner} for thing in found.open_services],
        "citizens": found.persons.as_dict(),
        "things": [_tell_thing(item) for item in found.touched],
        "synthetic": found.is_synthetic,
    }


def _tell_thing(item: TouchedThing) -> dict[str, Any]:
    return {
        "ref": item.thing.ref,
        "name": item.thing.name,
        "owner": item.thing.owner,
        "outcome": item.outcome,
        "verdicts": [_tell_verdict(verdict) for verdict in item.verdicts],
        "services": [thing.ref for thing in item.services],
        "acts": item.acts,
        "dueOn": item.due_on.isoformat() if item.due_on else None,
        "measures": [
            {"category": measure.category, "details": measure.details, "url": measure.url, "date": measure.date}
            for measure in item.measures
        ],
    }


def _tell_verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "vulnerability": verdict.vulnerability,
        "outcome": verdict.outcome,
        "product": verdict.product,
        "ground": verdict.ground,
        "reason": verdict.reason,
        "score": None if verdict.score is None else f"{verdict.score:.1f}",
        "exploited": verdict.is_exploited,
        "recommended": list(verdict.recommended),
    }
