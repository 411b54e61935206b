"""What needs what, and what follows when something fails: a library on numpy that knows no record and no database."""

from eendracht.kernel.estate.building import RUN, START, EstateBuilder, assemble_estate
from eendracht.kernel.estate.fixpoint import FailureTimes, compute_failure_times
from eendracht.kernel.estate.model import Case, Estate, Member, Phase, Seed
from eendracht.kernel.estate.simulation import simulate
from eendracht.kernel.estate.sweep import Sweep, list_scenarios, mark_failing, sweep_failures
from eendracht.kernel.estate.timeline import Outage, SimulationResult, State, Transition

__all__ = [
    "RUN",
    "START",
    "Case",
    "Estate",
    "EstateBuilder",
    "FailureTimes",
    "Member",
    "Outage",
    "Phase",
    "Seed",
    "SimulationResult",
    "State",
    "Sweep",
    "Transition",
    "assemble_estate",
    "compute_failure_times",
    "list_scenarios",
    "mark_failing",
    "simulate",
    "sweep_failures",
]
