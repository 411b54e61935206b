"""A whole synthetic estate in one call: small enough to show, or as large as the country to measure with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

import numpy as np

from eendracht.demo.bodies import Body, choose_national, choose_small
from eendracht.demo.drafts import Draft
from eendracht.demo.national import build_national
from eendracht.demo.planted import PlantedWeaknesses
from eendracht.demo.small import build_small

Size = Literal["small", "national"]
DEFAULT_DATE: Final = date(2026, 11, 1)
"""The day on which an estate stands unless another is asked for; never the clock, so that a seed says everything."""


@dataclass(frozen=True)
class SyntheticEstate:
    """Drafts to load and, apart from them, the weaknesses hidden in them."""

    size: Size
    seed: int
    on: date
    """The day from which contract ends and stakes are counted."""
    organisations: tuple[str, ...]
    """Refs of the real bodies that own the records."""
    draft_count: int
    """How many drafts there are, for a progress bar."""
    drafts: Iterator[Draft] = field(repr=False)
    """To be read once; what is required comes before what requires it, but for mutual dependencies."""
    planted: PlantedWeaknesses = field(repr=False)


def generate_estate(size: Size, seed: int, bodies: Sequence[Body], *, on: date = DEFAULT_DATE) -> SyntheticEstate:
    """Make an estate that depends on nothing but its arguments; the order of `bodies` does not matter.

    `small` takes twelve bodies and gives about a thousand drafts. `national` takes every municipality, province,
    water board and ministry and some agencies, and streams 200,000 nodes with 1,000,000 member references.
    Raises InvalidInput for fewer than twelve bodies.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    chosen = choose_small(bodies) if size == "small" else choose_national(bodies)
    build = build_small if size == "small" else build_national
    count, drafts, planted = build(rng, chosen, on)
    refs = tuple(f"organisation:{body.code}" for body in chosen)
    return SyntheticEstate(size, seed, on, refs, count, drafts, planted)
