"""The long work of the wing."""

from eendracht.resilience import alternatives_jobs

JOBS = (*alternatives_jobs.JOBS,)
