"""Scenarios, as records or made up on the spot, read into what can be run."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.landscape import Landscape
from eendracht.kernel.records import Record
from eendracht.kernel.store import Store
from eendracht.resilience.demand import begin_of
from eendracht.resilience.selectors import Selection, select_seeds
from eendracht.resilience.whatif import BEGIN_HOUR, HORIZON_HOURS, ScenarioRun

MOST_HOURS: Final = 8760.0
"""A year: no scenario is followed for longer."""
_KIND: Final = "scenario"


def plan_scenario(
    store: Store,
    asker: Principal,
    landscape: Landscape,
    selector: str,
    *,
    repaired_at_hours: float | None = None,
    horizon_hours: float | None = None,
) -> ScenarioRun:
    """Give the scenario of a selector, which fails at once, or of a scenario record by its ref.

    Hours that are given go before those of the record. Raises InvalidInput with every fault, NotFound for a record that
    the asker does not see.
    """
    _check_hours(repaired_at_hours, horizon_hours)
    if selector.strip().startswith(f"{_KIND}:"):
        run = read_scenario(store, asker, landscape, store.get(selector.strip(), asker, landscape.day))
        if horizon_hours is not None:
            run = replace(run, horizon_hours=horizon_hours)
        if repaired_at_hours is not None:
            run = replace(run, seeds=tuple((found, begin, begin + repaired_at_hours) for found, begin, _ in run.seeds))
        return run
    selection = select_seeds(store, asker, landscape, selector)
    node = landscape.estate.index.get(landscape.aliases.get(selection.selector, selection.selector))
    name = selection.selector if node is None else landscape.things[node].name
    return ScenarioRun(name, ((selection, 0.0, repaired_at_hours),), horizon_hours=horizon_hours or HORIZON_HOURS)


def _check_hours(repaired_at_hours: float | None, horizon_hours: float | None) -> None:
    faults = []
    for pointer, hours in (("/hours", repaired_at_hours), ("/horizon", horizon_hours)):
        if hours is not None and not 0 < hours <= MOST_HOURS:
            faults.append(
                Fault(
                    pointer,
                    "bad-hours",
                    "Dit aantal uren kan niet",
                    "This number of hours cannot be",
                    f"Give more than 0 and at most {MOST_HOURS:g}.",
                )
            )
    if faults:
        raise InvalidInput("The scenario cannot be run", faults=faults)


def read_scenario(store: Store, asker: Principal, landscape: Landscape, record: Record) -> ScenarioRun:
    """Give what a scenario record says; raises InvalidInput with the faults of all its seeds."""
    spec = record.spec(store.registry)
    seeds: list[tuple[Selection, float, float | None]] = []
    faults: list[Fault] = []
    for number, seed in enumerate(spec["seeds"]):
        try:
            found = select_seeds(store, asker, landscape, seed["selector"], f"/spec/seeds/{number}/selector")
        except InvalidInput as error:
            faults += error.faults
            continue
        seeds.append((found, float(seed.get("failedAtHours") or 0), _hours(seed.get("repairedAtHours"))))
    if faults:
        raise InvalidInput(f"{record.ref} cannot be run", faults=faults)
    begins_on = spec.get("beginsOn")
    return ScenarioRun(
        record.name,
        tuple(seeds),
        begin_of(date.fromisoformat(begins_on) if begins_on else None, spec.get("beginsAtHour", BEGIN_HOUR)),
        float(spec.get("horizonHours") or HORIZON_HOURS),
        record.ref,
    )


def _hours(said: Any) -> float | None:
    return None if said is None else float(said)
