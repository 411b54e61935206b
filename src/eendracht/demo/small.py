"""The small estate: twelve bodies with everything that a demonstration shows, each record by a name one recognises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

import numpy as np

from eendracht.demo.bodies import Body
from eendracht.demo.drafts import Draft, DraftMaker
from eendracht.demo.market import make_market
from eendracht.demo.planted import PlantedWeaknesses
from eendracht.demo.planting import plant
from eendracht.demo.small_body import add_body
from eendracht.demo.small_landscape import SmallLandscape
from eendracht.demo.small_shared import add_shared

SUPPLIERS: Final = 60
PLANTED: Final = 8
POSSIBLE: Final = 1

_LEVELS: Final = {
    "public-service": "public",
    "reference-component": "public",
    "domain-name": "public",
    "processing-activity": "public",
    "application": "public",
    "business-process": "public",
    "dataset": "public",
    "interface": "public",
    "role": "public",
    "platform": "public",
}
"""Kinds that more people may read than those of the owner."""


def build_small(
    rng: np.random.Generator, bodies: Sequence[Body], on: date
) -> tuple[int, Iterator[Draft], PlantedWeaknesses]:
    """Make the small estate; gives the number of drafts, the drafts, and what is hidden in them."""
    market = make_market(rng, SUPPLIERS, on)
    landscape = SmallLandscape(rng, market, on)
    steward = f"organisation:{bodies[0].code}"
    shared = add_shared(landscape, steward)
    for body in bodies:
        add_body(landscape, body, shared)
    planted, overlays = plant(landscape, PLANTED, POSSIBLE)
    for ref, overlay in overlays.items():
        overlay.apply(landscape.specs[ref])
    maker = DraftMaker(on)
    drafts = list(market.drafts(maker, steward))
    for ref, spec in landscape.specs.items():
        level = _LEVELS.get(ref.partition(":")[0], "organisation")
        drafts.append(maker.make(ref, landscape.owners[ref], level, spec))
    return len(drafts), iter(drafts), planted
