"""A small town with known truth, for the tests of this part."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eendracht.services.proactive.request import LawAsked, ProactiveRequest
from tests.bench.town import Columns, draw_town, plant_uptake, write_town
from tests.services.proactive import reference_benefits as truth

SHARED = frozenset({truth.CARE, truth.RENT, truth.CHILD_BUDGET, truth.CHILD})
LAWS = (
    LawAsked(truth.CARE, "hoogte_zorgtoeslag"),
    LawAsked(truth.RENT, "hoogte_huurtoeslag"),
    LawAsked(truth.CHILD_BUDGET, "hoogte_kindgebonden_budget"),
    LawAsked(truth.CHILD, "kinderbijslag_per_kwartaal", 4, is_shared=True),
    LawAsked(truth.PENSION, "aow_pensioen_per_maand", 12, is_shared=False),
)
THRESHOLD = 10_000
"""Eurocents a year."""
ESTIMATES = ("loon_uit_dienstbetrekking", "winst_uit_onderneming")


@dataclass(frozen=True)
class Town:
    """The people, everybody's true amounts, who uses what, and the folder."""

    people: Columns
    amounts: dict[str, np.ndarray]
    uptake: Columns
    folder: Path

    def users(self, law: str) -> set[int]:
        """Give the keys of who uses a law."""
        return {int(key) for key in self.uptake["bsn"][self.uptake["law"] == law]}

    def row_of(self) -> dict[int, int]:
        """Give the row of each key."""
        return {int(key): row for row, key in enumerate(self.people["bsn"])}

    def unused(self, law: str, least: int = THRESHOLD) -> list[set[int]]:
        """Give who is truly entitled and does not use it and may be told, partners together where they share it."""
        people, users, rows = self.people, self.users(law), self.row_of()
        may = ~people["overleden"] & ~people["bezwaar"] & truth.is_at_least(people, 18)
        found: dict[frozenset[int], set[int]] = {}
        named = {int(people["bsn"][row]) for row in np.flatnonzero(may & (self.amounts[law] >= least))}
        for key in named:
            partner = int(people["partner_bsn"][rows[key]]) if law in SHARED else -1
            if key in users or partner in users:
                continue
            unit = frozenset((key, partner)) if partner in named else frozenset((key,))
            found.setdefault(unit, set()).add(key)
        return list(found.values())


def make_town(folder: Path, people: int) -> Town:
    """Draw a town, label it by the reference and write it."""
    town = draw_town(people)
    amounts = truth.amounts(town)
    uptake = plant_uptake(town, amounts, SHARED)
    return Town(town, amounts, uptake, write_town(folder, town, uptake))


def request_for(town: Town, out: Path) -> ProactiveRequest:
    """Give the run of all five laws."""
    return ProactiveRequest(
        LAWS,
        truth.ON,
        town.folder,
        out,
        threshold=THRESHOLD,
        estimates=ESTIMATES,
        estimate_flag="inkomen_is_schatting",
    )
