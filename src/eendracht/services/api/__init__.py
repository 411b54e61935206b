"""The routes of the wing: one router per part."""

from __future__ import annotations

from fastapi import APIRouter

from eendracht.services.api import door

router = APIRouter()
for part in (door,):
    router.include_router(part.router)
