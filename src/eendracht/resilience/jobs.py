"""The long work of the wing."""

from eendracht.resilience import alternatives_jobs
from eendracht.resilience.envelope import jobs as envelope_jobs
from eendracht.resilience.exercises import jobs as exercise_jobs

JOBS = (*alternatives_jobs.JOBS, *envelope_jobs.JOBS, *exercise_jobs.JOBS)
