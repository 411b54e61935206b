"""What the wing lets a running server do by itself."""

from eendracht.services import case_jobs

UPKEEP = (*case_jobs.UPKEEP,)
