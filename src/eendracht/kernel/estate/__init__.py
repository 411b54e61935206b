"""What needs what, and what follows when something fails: a library on numpy that knows no record and no database."""

from eendracht.kernel.estate.black_start import BlackStart, find_black_start
from eendracht.kernel.estate.building import RUN, START, EstateBuilder, assemble_estate
from eendracht.kernel.estate.cut_growth import TooManyCutSets
from eendracht.kernel.estate.cut_sets import CutSets, find_cut_sets
from eendracht.kernel.estate.fixpoint import FailureTimes, compute_failure_times
from eendracht.kernel.estate.model import Case, Estate, Member, Phase, Seed
from eendracht.kernel.estate.outages import OutageReasons
from eendracht.kernel.estate.shared_causes import SharedCause, find_shared_causes
from eendracht.kernel.estate.simulation import SimulationUnsettled, simulate
from eendracht.kernel.estate.single_points import SinglePoints, find_single_points
from eendracht.kernel.estate.sweep import (
    Sweep,
    count_failing,
    list_failing,
    list_scenarios,
    sweep_failures,
    weigh_failing,
)
from eendracht.kernel.estate.timeline import Outage, Reason, SimulationResult, State, Transition
from eendracht.kernel.estate.views import BEST, VIEWS, WORST, View, compare_failure_times, compare_sweeps
from eendracht.kernel.estate.waves import Deadlock, RecoveryOrder, order_recovery
from eendracht.kernel.estate.witness import Cause, Witnesses, WitnessStep, explain_failures

__all__ = [
    "BEST",
    "RUN",
    "START",
    "VIEWS",
    "WORST",
    "BlackStart",
    "Case",
    "Cause",
    "CutSets",
    "Deadlock",
    "Estate",
    "EstateBuilder",
    "FailureTimes",
    "Member",
    "Outage",
    "OutageReasons",
    "Phase",
    "Reason",
    "RecoveryOrder",
    "Seed",
    "SharedCause",
    "SimulationResult",
    "SimulationUnsettled",
    "SinglePoints",
    "State",
    "Sweep",
    "TooManyCutSets",
    "Transition",
    "View",
    "WitnessStep",
    "Witnesses",
    "assemble_estate",
    "compare_failure_times",
    "compare_sweeps",
    "compute_failure_times",
    "count_failing",
    "explain_failures",
    "find_black_start",
    "find_cut_sets",
    "find_shared_causes",
    "find_single_points",
    "list_failing",
    "list_scenarios",
    "order_recovery",
    "simulate",
    "sweep_failures",
    "weigh_failing",
]
