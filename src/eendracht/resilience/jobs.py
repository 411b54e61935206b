"""The long work of the wing."""

from eendracht.resilience.envelope import jobs as envelope_jobs

JOBS = (*envelope_jobs.JOBS,)
