"""The long work of the wing."""

from eendracht.resilience import alternatives_jobs
from eendracht.resilience.envelope import jobs as envelope_jobs
from eendracht.resilience.exercises import jobs as exercise_jobs
from eendracht.resilience.incidents import notices as incident_notices
from eendracht.resilience.tls import jobs as tls_jobs

JOBS = (
    *alternatives_jobs.JOBS,
    *envelope_jobs.JOBS,
    *tls_jobs.JOBS,
    *exercise_jobs.JOBS,
    *incident_notices.JOBS,
)
