"""The long work of the wing."""

from eendracht.services import case_jobs
from eendracht.services.proactive import jobs as proactive_jobs

JOBS = (*case_jobs.JOBS, *proactive_jobs.PROACTIVE_JOBS)
