"""The long work of the wing."""

from eendracht.resilience import alternatives_jobs
from eendracht.resilience.envelope import jobs as envelope_jobs
from eendracht.resilience.tls import jobs as tls_jobs

JOBS = (*alternatives_jobs.JOBS, *envelope_jobs.JOBS, *tls_jobs.JOBS)
