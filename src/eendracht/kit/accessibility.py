"""What the last accessibility test run of this release found; the browser tests write it, the statement shows it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).parent / "accessibility.json"


@dataclass(frozen=True, slots=True)
class Report:
    """One run over all pages: when, with which tools, how many pages in how many states, and what was found."""

    tested_on: str
    tools: dict[str, str]
    pages: int
    states: int
    violations: int
    html_errors: int


def read_report() -> Report | None:
    """Give the last run; None where this release was not tested."""
    if not FILE.is_file():
        return None
    return Report(**json.loads(FILE.read_text("utf-8")))
