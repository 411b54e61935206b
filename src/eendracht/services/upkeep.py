"""What the wing lets a running server do by itself."""

from eendracht.services import case_jobs
from eendracht.services.forms import evidence
from eendracht.services.proactive import notice_jobs, watches

UPKEEP = (*case_jobs.UPKEEP, *evidence.UPKEEP, *notice_jobs.UPKEEP, *watches.UPKEEP)
