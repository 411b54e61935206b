"""What the wing lets a running server do by itself."""

from eendracht.resilience.envelope import jobs as envelope_jobs

UPKEEP = (*envelope_jobs.UPKEEP,)
