"""What the wing lets a running server do by itself."""

from eendracht.resilience.envelope import jobs as envelope_jobs
from eendracht.resilience.exercises import jobs as exercise_jobs
from eendracht.resilience.exercises import states as exercise_states
from eendracht.resilience.incidents import notices as incident_notices

UPKEEP = (*envelope_jobs.UPKEEP, *exercise_states.UPKEEP, *exercise_jobs.UPKEEP, *incident_notices.UPKEEP)
