"""What the wing finds that needs attention."""

from eendracht.resilience.envelope import alarm

FINDINGS = (*alarm.FINDINGS,)
