"""What the wing lets a running server do by itself."""

from eendracht.resilience.envelope import jobs as envelope_jobs
from eendracht.resilience.incidents import notices as incident_notices

UPKEEP = (*envelope_jobs.UPKEEP, *incident_notices.UPKEEP)
