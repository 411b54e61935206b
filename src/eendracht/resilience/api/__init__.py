"""The routes of the wing: one router per part."""

from __future__ import annotations

from fastapi import APIRouter

from eendracht.resilience.api import (
    advisories,
    answers,
    cryptography,
    dependence,
    evidence,
    exercises,
    incidents,
    quantum,
    whatif,
)

router = APIRouter()
for part in (whatif, dependence, answers, cryptography, quantum, exercises, evidence, incidents, advisories):
    router.include_router(part.router)
