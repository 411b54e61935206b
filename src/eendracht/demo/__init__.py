"""Synthetic landscapes for demonstrations and measurements: made up, marked so, the same from the same seed."""

from eendracht.demo.bodies import Body
from eendracht.demo.estate import DEFAULT_DATE, Size, SyntheticEstate, generate_estate
from eendracht.demo.planted import PlantedWeakness, PlantedWeaknesses, write_planted

__all__ = [
    "DEFAULT_DATE",
    "Body",
    "PlantedWeakness",
    "PlantedWeaknesses",
    "Size",
    "SyntheticEstate",
    "generate_estate",
    "write_planted",
]
