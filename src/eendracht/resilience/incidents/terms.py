"""When which report of an incident is due: the terms of NIS 2, as data, counted so that the outcome is never too late.

Directive (EU) 2022/2555, article 23(4): an early warning within 24 hours of becoming aware, a notification within 72
hours, a final report not later than one month after the notification; where the incident is going on then, a progress
report at that moment and the final report within one month of its handling; an intermediate report when the CSIRT or
the authority asks. Hours are counted as they pass. A month ends at the same time by the clock in Amsterdam, or on the
last day of a shorter month. Regulation (EEC, Euratom) 1182/71 lets such periods run on to the end of the hour or day:
who keeps to the moments here is in time by that as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Literal

from eendracht.kernel.clock import AMSTERDAM
from eendracht.kernel.rules.arithmetic import add_months

Stage = Literal["early-warning", "notification", "intermediate", "progress", "final"]
State = Literal["running", "near", "overdue", "filed", "filed-late", "not-needed", "not-running"]
OPEN: Final = frozenset({"running", "near", "overdue"})


@dataclass(frozen=True, slots=True)
class ReportTerm:
    """A term: of which report, how long, from when, how long before its end is warned, and where it stands."""

    stage: Stage
    hours: int
    months: int
    begins: Literal["detected", "notified", "handled", "asked"]
    warn_hours: int
    source: str


SOURCE_DATE: Final = date(2022, 12, 27)
"""Publication of the directive."""
_NIS2: Final = "Directive (EU) 2022/2555, art. 23(4)"
TERMS: Final[Mapping[Stage, ReportTerm]] = {
    "early-warning": ReportTerm("early-warning", 24, 0, "detected", 6, f"{_NIS2}(a)"),
    "notification": ReportTerm("notification", 72, 0, "detected", 12, f"{_NIS2}(b)"),
    "intermediate": ReportTerm("intermediate", 0, 0, "asked", 24, f"{_NIS2}(c)"),
    "progress": ReportTerm("progress", 0, 1, "notified", 120, f"{_NIS2}(e)"),
    "final": ReportTerm("final", 0, 1, "notified", 120, f"{_NIS2}(d)"),
}
"""The terms by stage; the final report of what went on for more than its month follows (e)."""


@dataclass(frozen=True, slots=True)
class Due:
    """How one report of an incident stands: until when, whether that is sure, and when it was filed."""

    stage: Stage
    state: State
    due_at: datetime | None
    """In UTC; None where the term does not run."""
    filed_at: datetime | None
    is_provisional: bool = False
    """Whether the moment still moves, because the report from which it is counted was not filed yet."""

    def left(self, now: datetime) -> timedelta | None:
        """Give how long there is left, below zero where it is too late; None where nothing is to be filed."""
        return self.due_at - now if self.due_at and self.state in OPEN else None

    @property
    def warns_at(self) -> datetime | None:
        """When it becomes near."""
        return self.due_at - timedelta(hours=TERMS[self.stage].warn_hours) if self.due_at else None


def add_month(moment: datetime) -> datetime:
    """Give the same time by the clock in Amsterdam one month later, in UTC; a day that is not there is the last one.

    Of a time that is there twice it is the first, and one that is skipped is as much later as the clock jumps.
    """
    local = moment.astimezone(AMSTERDAM)
    day = add_months(local.date(), 1)
    return datetime.combine(day, local.time(), AMSTERDAM).replace(fold=0).astimezone(UTC)


def plan_reports(incident: Mapping[str, Any], reports: Sequence[Mapping[str, Any]], now: datetime) -> list[Due]:
    """Give how each report of an incident stands, in order of stage; takes the specs of the incident and its reports.

    As long as it is not known whether the incident is significant, the terms run.
    """
    filed = _first_filed(reports)
    dues = {
        stage: _find_due(stage, incident, filed, now)
        for stage in TERMS
        if stage != "progress" or _goes_on(incident, filed, now)
    }
    is_free = incident.get("significant") == "no"
    return [
        _judge(stage, due_at, filed.get(stage), now, is_free, is_provisional)
        for stage, (due_at, is_provisional) in dues.items()
        if due_at or stage != "intermediate" or stage in filed
    ]


def _first_filed(reports: Sequence[Mapping[str, Any]]) -> dict[str, datetime]:
    filed: dict[str, datetime] = {}
    for report in reports:
        moment = datetime.fromisoformat(report["filedAt"]).astimezone(UTC)
        filed[report["stage"]] = min(moment, filed.get(report["stage"], moment))
    return filed


def _moment(incident: Mapping[str, Any], name: str) -> datetime | None:
    return datetime.fromisoformat(incident[name]).astimezone(UTC) if incident.get(name) else None


def _month_end(incident: Mapping[str, Any], filed: Mapping[str, datetime]) -> tuple[datetime, bool]:
    """Give the end of the month after the notification; as long as there is none, counted from its last moment."""
    detected = _moment(incident, "detectedAt")
    assert detected is not None
    notified = filed.get("notification")
    last = detected + timedelta(hours=TERMS["notification"].hours)
    return add_month(notified or last), notified is None


def _goes_on(incident: Mapping[str, Any], filed: Mapping[str, datetime], now: datetime) -> bool:
    """Tell whether the incident goes or went on beyond the month after its notification, without a final report."""
    end, _ = _month_end(incident, filed)
    handled = _moment(incident, "handledAt")
    if "progress" in filed:
        return True
    if "final" in filed and filed["final"] <= end:
        return False
    return handled > end if handled else incident.get("status") != "handled" and now >= end - _progress_warning()


def _progress_warning() -> timedelta:
    return timedelta(hours=TERMS["progress"].warn_hours)


def _find_due(
    stage: Stage, incident: Mapping[str, Any], filed: Mapping[str, datetime], now: datetime
) -> tuple[datetime | None, bool]:
    """Give the last moment for a report and whether it still moves."""
    term = TERMS[stage]
    if term.begins == "detected":
        detected = _moment(incident, "detectedAt")
        assert detected is not None
        return detected + timedelta(hours=term.hours), False
    if term.begins == "asked":
        return _moment(incident, "askedReportBy"), False
    end, is_provisional = _month_end(incident, filed)
    if stage == "final" and _goes_on(incident, filed, now):
        handled = _moment(incident, "handledAt")
        if handled and handled > end:
            return add_month(handled), False
        if now >= end:
            # It goes on: its month begins when its handling ends.
            return None, False
    return end, is_provisional


def _judge(
    stage: Stage, due_at: datetime | None, filed_at: datetime | None, now: datetime, is_free: bool, provisional: bool
) -> Due:
    if filed_at:
        state: State = "filed-late" if due_at and filed_at > due_at and not is_free else "filed"
        return Due(stage, state, due_at, filed_at)
    if is_free:
        return Due(stage, "not-needed", None, None)
    if due_at is None:
        return Due(stage, "not-running", None, None)
    if now > due_at:
        return Due(stage, "overdue", due_at, None, provisional)
    near = now >= due_at - timedelta(hours=TERMS[stage].warn_hours)
    return Due(stage, "near" if near else "running", due_at, None, provisional)
