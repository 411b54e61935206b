"""The routes of the wing: one router per part."""

from __future__ import annotations

from fastapi import APIRouter

from eendracht.resilience.api import answers, cryptography, dependence, exercises, quantum, whatif

router = APIRouter()
for part in (whatif, dependence, answers, cryptography, quantum, exercises):
    router.include_router(part.router)
