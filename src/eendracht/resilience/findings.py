"""What the wing finds that needs attention."""

from eendracht.resilience.envelope import alarm
from eendracht.resilience.quantum import alarm as quantum_alarm

FINDINGS = (*alarm.FINDINGS, *quantum_alarm.FINDINGS)
