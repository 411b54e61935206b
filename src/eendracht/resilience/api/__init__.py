"""The routes of the wing: one router per part."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
