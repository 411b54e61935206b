"""Kinds of records of this part: measures of what people do not use, in counts."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from eendracht.kernel.kinds import Kind
from eendracht.kernel.kinds.fields import Code, Count, Day, Part, Ratio, RefText, Relation, Spec
from eendracht.kernel.kinds.parties import OrganisationRef


class IndicatorCount(Part):
    """How many people come to something; a count of fewer than ten is not recorded."""

    name: Code
    count: Count


class Indicator(Spec):
    """A measure of a day, in counts of people: nobody can be told from it."""

    measure: Code
    """What is measured, such as `non-use`: the share of those entitled who do not use it."""
    about: Code
    """What it is measured of, such as the id of a law."""
    organisation: OrganisationRef
    """Whose population it was measured over."""
    day: Day
    population: Annotated[RefText, Relation(("population",))] | None = None
    synthetic: bool = False
    """Whether the people are made up."""
    counts: tuple[IndicatorCount, ...] = Field(default=(), max_length=50)
    low: Ratio | None = None
    """The share at least; left out where it would show a small group."""
    high: Ratio | None = None
    """The share at most: if everybody whose right hangs on unknown facts has it."""


KINDS = (Kind("indicator", Indicator),)
