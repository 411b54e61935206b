"""The long work of the wing."""

from eendracht.resilience import alternatives_jobs
from eendracht.resilience.envelope import jobs as envelope_jobs
from eendracht.resilience.incidents import notices as incident_notices

JOBS = (*alternatives_jobs.JOBS, *envelope_jobs.JOBS, *incident_notices.JOBS)
