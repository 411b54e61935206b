"""What pages and the API may be asked about the move."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from eendracht.kit.questions import Day, Question, RefName

Limit = Annotated[int, Field(ge=1, le=1000)]


class ListQuestion(Question):
    """Whose, and how many."""

    organisation: RefName | Literal[""] = ""
    """Ref of an organisation or supplier; empty for all."""
    limit: Limit = 100
    """How many to list."""


class DayQuestion(Question):
    """On which day."""

    on: Day | None = None
    """Day on which the rules are applied, as YYYY-MM-DD; today without it."""


class LinkQuestion(ListQuestion):
    """Which links."""

    state: Literal["safe", "unknown", "broken", ""] = ""
    """Only those in this state; empty for all."""
