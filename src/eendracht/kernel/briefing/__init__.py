"""Where we stand: figures, the most pressing findings, and the few questions whose answers would change most."""

from eendracht.kernel.briefing.findings import Evidence, Finding, Question, Severity
from eendracht.kernel.briefing.report import Briefing, make_briefing

__all__ = ["Briefing", "Evidence", "Finding", "Question", "Severity", "make_briefing"]
