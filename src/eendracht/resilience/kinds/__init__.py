"""Kinds of records of the wing: what may fail and who feels it, how it is repaired, and what suppliers answered."""

from __future__ import annotations

from typing import Final

from eendracht.kernel.kinds import Kind
from eendracht.resilience.kinds.advisories import AdvisoryMatch, SecurityAdvisory
from eendracht.resilience.kinds.answers import SupplierAnswer, SupplierKey, SupplierQuestion
from eendracht.resilience.kinds.cryptography import CryptographicAsset, CryptographicInventory, TlsEndpoint
from eendracht.resilience.kinds.demand import Demand, PopulationSegment
from eendracht.resilience.kinds.evidence import Control, ControlAnswer, Evidence
from eendracht.resilience.kinds.exercises import Exercise, Lesson
from eendracht.resilience.kinds.incidents import CyberIncident, IncidentNotice, IncidentReport
from eendracht.resilience.kinds.quantum import CryptographicLink, DataShelfLife, QuantumPreparation, QuantumStep
from eendracht.resilience.kinds.recovery import Crew, Crisis, CrisisContact, CrisisEvent, RecoveryPlan, RestorePlan
from eendracht.resilience.kinds.scenarios import CollectiveSolution, Scenario

KINDS: Final = (
    Kind("scenario", Scenario),
    Kind("population-segment", PopulationSegment),
    Kind("demand", Demand),
    Kind("cryptographic-asset", CryptographicAsset),
    Kind("cryptographic-inventory", CryptographicInventory),
    Kind("tls-endpoint", TlsEndpoint),
    Kind("restore-plan", RestorePlan),
    Kind("crew", Crew),
    Kind("recovery-plan", RecoveryPlan),
    Kind("crisis", Crisis),
    Kind("crisis-event", CrisisEvent),
    Kind("crisis-contact", CrisisContact),
    Kind("supplier-question", SupplierQuestion),
    Kind("supplier-answer", SupplierAnswer),
    Kind("supplier-key", SupplierKey),
    Kind("collective-solution", CollectiveSolution),
    Kind("exercise", Exercise),
    Kind("lesson", Lesson),
    Kind("data-shelf-life", DataShelfLife),
    Kind("cryptographic-link", CryptographicLink),
    Kind("quantum-step", QuantumStep),
    Kind("quantum-preparation", QuantumPreparation),
    Kind("control", Control),
    Kind("evidence", Evidence),
    Kind("control-answer", ControlAnswer),
    Kind("cyber-incident", CyberIncident),
    Kind("incident-report", IncidentReport),
    Kind("incident-notice", IncidentNotice),
    Kind("security-advisory", SecurityAdvisory),
    Kind("advisory-match", AdvisoryMatch),
)
