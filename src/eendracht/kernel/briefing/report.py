"""The briefing: one page that a person who opens the node for the first time can act on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from eendracht.kernel.access import Principal
from eendracht.kernel.briefing.checks import RECORD_CHECKS
from eendracht.kernel.briefing.findings import RANK, Finding, Question
from eendracht.kernel.briefing.questions import list_questions
from eendracht.kernel.briefing.scope import Scope
from eendracht.kernel.briefing.structure import (
    Concentration,
    check_concentration,
    check_public_bodies,
    check_weak_points,
    measure_concentration,
    withhold_names,
)
from eendracht.kernel.clock import today
from eendracht.kernel.instance import Instance
from eendracht.kernel.landscape import Landscape, build_landscape
from eendracht.kernel.priorities import PRIORITIES
from eendracht.kernel.wing import Wing, load_parts


@dataclass(frozen=True, slots=True)
class LedgerState:
    """How far the history is signed. It is not verified here; `ledger verify` does that."""

    entries: int
    signed: int
    epoch: int


@dataclass(frozen=True, slots=True)
class Briefing:
    """Where we stand on a day, as one asker sees it."""

    day: date
    records: int
    synthetic: int
    by_kind: dict[str, int]
    nodes: int
    groups: int
    unresolved: int
    concentration: Concentration
    ledger: LedgerState
    findings: Sequence[Finding]
    questions: Sequence[Question]
    question_count: int
    wings: frozenset[str]

    def as_dict(self) -> dict[str, Any]:
        """Give the briefing as plain data."""
        spread = self.concentration
        return {
            "day": self.day.isoformat(),
            "records": self.records,
            "synthetic": self.synthetic,
            "byKind": self.by_kind,
            "estate": {"nodes": self.nodes, "groups": self.groups, "unresolved": self.unresolved},
            "concentration": {
                "supplied": spread.supplied,
                "unknown": spread.unknown,
                "openClaims": spread.open_claims,
                "hhi": None if spread.hhi is None else round(spread.hhi),
                "largest": [{"ref": r, "things": n, "organisations": o} for r, n, o in spread.largest],
            },
            "ledger": {"entries": self.ledger.entries, "signed": self.ledger.signed, "epoch": self.ledger.epoch},
            "findings": [finding.as_dict() for finding in self.findings],
            "questions": [question.as_dict() for question in self.questions],
            "questionCount": self.question_count,
            "priorities": {code: code in self.wings for code in PRIORITIES},
        }


def make_briefing(instance: Instance, asker: Principal) -> Briefing:
    """Look at everything the asker may see and say what matters most; the same records give the same briefing."""
    store = instance.store
    day = today(store.clock)
    landscape = build_landscape(store, asker, day)
    scope = Scope(store, asker, day, landscape)
    kinds, synthetic = _count(store.snapshot(asker, day))
    spread = measure_concentration(scope)
    wings = instance.open_wings(asker)
    findings = list_findings(scope, wings, spread)
    questions, question_count = list_questions(scope, findings)
    last = instance.history.last_checkpoint()
    return Briefing(
        day=day,
        records=sum(kinds.values()),
        synthetic=synthetic,
        by_kind=dict(kinds.most_common()),
        nodes=len(landscape.estate),
        groups=len(landscape.estate.run) + len(landscape.estate.start),
        unresolved=len(landscape.estate.unresolved),
        concentration=spread,
        ledger=LedgerState(store.size, last.checkpoint.size if last else 0, instance.history.epoch),
        findings=findings,
        questions=questions,
        question_count=question_count,
        wings=frozenset(wing.name for wing in wings),
    )


def list_findings(scope: Scope, wings: Iterable[Wing] = (), spread: Concentration | None = None) -> list[Finding]:
    """Give everything that needs attention, the most pressing first; `wings` are those that are on for the asker."""
    landscape = scope.landscape
    findings = [finding for check in RECORD_CHECKS for finding in check(scope)]
    weak_points = [
        *check_weak_points(landscape),
        *check_concentration(landscape, spread or measure_concentration(scope), _owners(landscape)),
    ]
    findings += weak_points if scope.asker.is_insider else map(withhold_names, weak_points)
    findings += check_public_bodies(scope)
    findings += (finding for check in load_parts(wings, "findings") for finding in check(scope))
    findings.sort(key=lambda item: (RANK[item.severity], -item.weight, item.code))
    return findings


def _count(records: Any) -> tuple[Counter[str], int]:
    kinds: Counter[str] = Counter()
    synthetic = 0
    for record in records:
        kinds[record.kind] += 1
        synthetic += record.is_synthetic
    return kinds, synthetic


def _owners(landscape: Landscape) -> int:
    return max(1, len({thing.owner for thing in landscape.things if thing.kind in ("application", "platform")}))
