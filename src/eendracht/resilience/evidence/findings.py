"""Findings about evidence: it has expired, soon expires, or has no owner and so shows nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from eendracht.kernel.briefing.findings import Finding
from eendracht.kernel.briefing.scope import Scope, find_records
from eendracht.kernel.disclosure import is_insider
from eendracht.kernel.explanation import Rule
from eendracht.kernel.wording import Said
from eendracht.resilience.evidence.accounts import EXPIRING_WITHIN

RULE: Final = Rule(
    "evidence-holds",
    Said(
        "Bewijs telt alleen als het een eigenaar heeft en nog geldt",
        "Evidence counts only where it has an owner and still holds",
    ),
)


def check_evidence(scope: Scope) -> Iterator[Finding]:
    """Find evidence that counts for nothing, or soon will, for insiders."""
    if not is_insider(scope.asker):
        return
    records = [(record, scope.spec(record)) for record in scope.of_kind("evidence")]
    ends = [(record, date.fromisoformat(spec["expiresOn"])) for record, spec in records if spec.get("expiresOn")]
    expired = [record for record, end in ends if end <= scope.day]
    ending = [record for record, end in ends if scope.day < end <= scope.day + EXPIRING_WITHIN]
    ownerless = [record for record, spec in records if not spec.get("responsible")]
    yield from find_records("evidence-expired", "medium", expired, _EXPIRED, RULE)
    yield from find_records("evidence-without-owner", "medium", ownerless, _OWNERLESS, RULE)
    yield from find_records("evidence-expiring", "low", ending, _ENDING, RULE)


_EXPIRED: Final = (
    (
        "{n} {n:bewijsstuk is|bewijsstukken zijn} verlopen",
        "{n} {n:piece of evidence has|pieces of evidence have} expired",
    ),
    (
        "Wat ermee werd aangetoond, telt nergens meer als voldaan",
        "What it showed counts as met nowhere any more",
    ),
    ("Maak nieuw bewijs, of verleng het.", "Make new evidence, or extend it."),
)
_OWNERLESS: Final = (
    (
        "{n} {n:bewijsstuk heeft|bewijsstukken hebben} geen eigenaar",
        "{n} {n:piece of evidence has|pieces of evidence have} no owner",
    ),
    (
        "Zonder eigenaar houdt niemand het bij, en telt het niet",
        "Without an owner nobody keeps it, and it does not count",
    ),
    ("Noem de rol of het team dat het bijhoudt.", "Name the role or team that keeps it up to date."),
)
_ENDING: Final = (
    (
        "{n} {n:bewijsstuk verloopt|bewijsstukken verlopen} binnen 60 dagen",
        "{n} {n:piece of evidence expires|pieces of evidence expire} within 60 days",
    ),
    ("Daarna is niet meer aangetoond wat er nu mee is aangetoond", "After that it no longer shows what it shows now"),
    ("Plan de volgende test of beoordeling.", "Plan the next test or review."),
)
FINDINGS: Final = (check_evidence,)
"""The checks of this part."""
