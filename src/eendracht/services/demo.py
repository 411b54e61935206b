"""What a demonstration of the wing holds besides its personas; nobody in it exists."""

from __future__ import annotations

from typing import Any, Final

from eendracht.kernel.instance import Instance
from eendracht.services.demonstration.experiences import fill_experiences
from eendracht.services.demonstration.offers import fill_offers
from eendracht.services.demonstration.population import fill_population
from eendracht.services.forms.demo import fill_vault
from eendracht.services.personas import MUNICIPALITY

CASES: Final = f"{MUNICIPALITY} organisation:zb000143 organisation:oorg12369"
"""Whose cases the built-in store keeps: the municipality, and who decides on what a parent asks."""


def fill_demo(instance: Instance) -> dict[str, Any]:
    """Fill a demonstration: registers of its personas, services of one municipality, a proactive run, counts.

    Gives the settings that it needs: the built-in case store for the bodies of the journeys, unless others are set.
    """
    fill_vault(instance)
    fill_offers(instance)
    fill_population(instance)
    fill_experiences(instance)
    return {} if instance.settings.built_in_cases else {"built_in_cases": CASES}
