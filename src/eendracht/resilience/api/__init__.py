"""The routes of the wing: one router per part."""

from __future__ import annotations

from fastapi import APIRouter

from eendracht.resilience.api import answers, cryptography, dependence, quantum, whatif

router = APIRouter()
for part in (whatif, dependence, answers, cryptography, quantum):
    router.include_router(part.router)
