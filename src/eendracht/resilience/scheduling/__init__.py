"""What comes back first: recovery as a scheduling problem, with a plan, a bound, and a reason for each place in it.

A library that knows no record and no database; OR-tools is loaded in a process of its own alone.
"""

from eendracht.resilience.scheduling.checking import check_problem
from eendracht.resilience.scheduling.events import CrewLost, Event, JobAdded, JobDone, JobFailed, JobLate
from eendracht.resilience.scheduling.plans import Schedule, Solver, Status
from eendracht.resilience.scheduling.problem import (
    Absence,
    Crews,
    Mode,
    Need,
    Objective,
    PlannedJob,
    RecoveryJob,
    RecoveryPlan,
    RecoveryProblem,
    Thing,
    need_all,
    need_any,
)
from eendracht.resilience.scheduling.psplib import read_project, schedule_file
from eendracht.resilience.scheduling.reasons import Reason, explain_schedule
from eendracht.resilience.scheduling.replanning import Replanned, replan
from eendracht.resilience.scheduling.solving import schedule_recovery
from eendracht.resilience.scheduling.verification import Verification, check_schedule

__all__ = [
    "Absence",
    "CrewLost",
    "Crews",
    "Event",
    "JobAdded",
    "JobDone",
    "JobFailed",
    "JobLate",
    "Mode",
    "Need",
    "Objective",
    "PlannedJob",
    "Reason",
    "RecoveryJob",
    "RecoveryPlan",
    "RecoveryProblem",
    "Replanned",
    "Schedule",
    "Solver",
    "Status",
    "Thing",
    "Verification",
    "check_problem",
    "check_schedule",
    "explain_schedule",
    "need_all",
    "need_any",
    "read_project",
    "replan",
    "schedule_file",
    "schedule_recovery",
]
