"""The routes of the wing: one router per part."""

from __future__ import annotations

from fastapi import APIRouter

from eendracht.services.api import cases, catalogue, door, forms, handovers, proactive

router = APIRouter()
for part in (catalogue, door, cases, forms, handovers, proactive):
    router.include_router(part.router)
