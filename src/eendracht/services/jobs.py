"""The long work of the wing."""

from eendracht.services import case_jobs
from eendracht.services.forms import feedback

JOBS = (*case_jobs.JOBS, *feedback.JOBS)
