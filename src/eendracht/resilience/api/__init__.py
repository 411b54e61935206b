"""The routes of the wing: one router per part."""

from __future__ import annotations

from fastapi import APIRouter

from eendracht.resilience.api import answers

router = APIRouter()
for part in (answers,):
    router.include_router(part.router)
