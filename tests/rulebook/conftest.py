"""The rulebook as the engine reads it, and the published figures it is held against."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eendracht.kernel.rules import Library
from eendracht.rulebook import rulebook_folder


@pytest.fixture(scope="session")
def rulebook() -> Library:
    """Give the rulebook, read and checked."""
    return Library.load([rulebook_folder()])


@pytest.fixture(scope="session")
def published(shared: Callable[..., Path]) -> Callable[[str], dict[str, Any]]:
    """Give a function that reads the published figures of a topic by year, or skips the test."""

    def read(topic: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(
            shared("reference", "services", "official", f"{topic}.json").read_text(encoding="utf-8")
        )
        years: dict[str, Any] = found.get("years", found)
        return years

    return read
