"""The long work of the wing."""

from eendracht.services import case_jobs
from eendracht.services.forms import feedback
from eendracht.services.proactive import jobs as proactive_jobs
from eendracht.services.proactive import notice_jobs, watches

JOBS = (*case_jobs.JOBS, *feedback.JOBS, *proactive_jobs.PROACTIVE_JOBS, *notice_jobs.JOBS, *watches.JOBS)
