"""The routes of the wing: one router per part."""

from __future__ import annotations

from fastapi import APIRouter

from eendracht.resilience.api import advisories, answers, dependence, evidence, incidents, whatif

router = APIRouter()
for part in (whatif, dependence, answers, evidence, incidents, advisories):
    router.include_router(part.router)
