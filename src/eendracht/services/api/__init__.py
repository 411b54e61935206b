"""The routes of the wing: one router per part."""

from __future__ import annotations

from fastapi import APIRouter

from eendracht.services.api import catalogue, door

router = APIRouter()
for part in (catalogue, door):
    router.include_router(part.router)
