"""What the wing finds that needs attention."""

from eendracht.resilience.advisories import findings as advisory_findings
from eendracht.resilience.envelope import alarm
from eendracht.resilience.evidence import findings as evidence_findings
from eendracht.resilience.incidents import findings as incident_findings
from eendracht.resilience.quantum import alarm as quantum_alarm

FINDINGS = (
    *alarm.FINDINGS,
    *incident_findings.FINDINGS,
    *advisory_findings.FINDINGS,
    *evidence_findings.FINDINGS,
    *quantum_alarm.FINDINGS,
)
