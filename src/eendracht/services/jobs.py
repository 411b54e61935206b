"""The long work of the wing."""

from eendracht.services import case_jobs

JOBS = (*case_jobs.JOBS,)
