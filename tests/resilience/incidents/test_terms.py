"""Terms of the duty to report (NIS 2, art. 23(4)): every date is worked out by hand with a calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from eendracht.resilience.incidents.terms import TERMS, Due, add_month, plan_reports


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        # The day is not there: the last of the month.
        ("2026-01-31T15:00+01:00", "2026-02-28T15:00+01:00"),
        ("2028-01-31T15:00+01:00", "2028-02-29T15:00+01:00"),
        ("2028-01-30T09:15+01:00", "2028-02-29T09:15+01:00"),
        ("2026-03-31T23:59+02:00", "2026-04-30T23:59+02:00"),
        ("2026-12-31T12:00+01:00", "2027-01-31T12:00+01:00"),
        # Shorter months are not made up for.
        ("2026-02-28T12:00+01:00", "2026-03-28T12:00+01:00"),
        # Summer time begins on 29 March 2026 and ends on 25 October 2026: the clock on the wall counts.
        ("2026-03-01T12:00+01:00", "2026-04-01T12:00+02:00"),
        ("2026-09-25T12:00+02:00", "2026-10-25T12:00+01:00"),
        # Half past two is not there on 28 March 2027, and is there twice on 25 October 2026: then the first.
        ("2027-02-28T02:30+01:00", "2027-03-28T03:30+02:00"),
        ("2026-09-25T02:30+02:00", "2026-10-25T02:30+02:00"),
        # Said in UTC, counted in Amsterdam: 31 January 23:30 UTC is 1 February there.
        ("2026-01-31T23:30+00:00", "2026-03-01T00:30+01:00"),
    ],
)
def test_a_month_is_a_month_by_the_calendar_in_amsterdam(begin: str, end: str) -> None:
    assert add_month(at(begin)) == at(end)


def plan(now: str, *filed: tuple[str, str], **incident: Any) -> dict[str, Due]:
    spec = {"detectedAt": "2026-03-28T12:00:00+01:00", "significant": "yes", "status": "open", **incident}
    reports = [{"stage": stage, "filedAt": moment} for stage, moment in filed]
    return {due.stage: due for due in plan_reports(spec, reports, at(now))}


def test_hours_pass_as_they_pass_when_the_clock_jumps() -> None:
    dues = plan("2026-03-28T13:00+01:00")
    # 24 hours behind noon is one o'clock by summer time; 72 hours is one o'clock on the 31st.
    assert dues["early-warning"].due_at == at("2026-03-29T13:00+02:00")
    assert dues["notification"].due_at == at("2026-03-31T13:00+02:00")
    # As long as nothing was notified, the month is counted from the last moment for it: 31 March, so 30 April.
    assert (dues["final"].due_at, dues["final"].is_provisional) == (at("2026-04-30T13:00+02:00"), True)
    assert "progress" not in dues and "intermediate" not in dues
    assert dues["early-warning"].left(at("2026-03-28T13:00+01:00")) == timedelta(hours=23)


@pytest.mark.parametrize(
    ("now", "state"),
    [
        ("2026-03-28T12:00+01:00", "running"),
        ("2026-03-29T06:59:59+02:00", "running"),
        ("2026-03-29T07:00+02:00", "near"),
        ("2026-03-29T13:00+02:00", "near"),
        ("2026-03-29T13:00:01+02:00", "overdue"),
    ],
)
def test_a_term_is_near_six_hours_before_its_end_and_overdue_behind_it(now: str, state: str) -> None:
    assert plan(now)["early-warning"].state == state


def test_what_was_filed_in_time_or_late_is_told_apart() -> None:
    in_time = plan("2026-05-01T00:00Z", ("early-warning", "2026-03-29T11:00:00Z"))
    late = plan("2026-05-01T00:00Z", ("early-warning", "2026-03-29T11:00:01Z"))
    assert (in_time["early-warning"].state, late["early-warning"].state) == ("filed", "filed-late")
    # Of two the first counts.
    both = plan("2026-05-01T00:00Z", ("early-warning", "2026-04-29T11:00Z"), ("early-warning", "2026-03-28T12:00Z"))
    assert both["early-warning"].state == "filed"


def test_the_month_of_the_final_report_begins_with_the_notification_as_filed() -> None:
    dues = plan("2026-04-01T00:00Z", ("notification", "2026-03-28T20:00+01:00"))
    assert (dues["final"].due_at, dues["final"].is_provisional) == (at("2026-04-28T20:00+02:00"), False)
    late = plan("2026-04-10T00:00Z", ("notification", "2026-04-05T20:00+02:00"))
    assert (late["notification"].state, late["final"].due_at) == ("filed-late", at("2026-05-05T20:00+02:00"))


def test_what_goes_on_for_a_month_gets_a_progress_report_and_a_month_after_its_end() -> None:
    filed = ("notification", "2026-03-30T12:00+02:00")
    before = plan("2026-04-29T12:00+02:00", filed)
    assert before["progress"].due_at == before["final"].due_at == at("2026-04-30T12:00+02:00")
    going_on = plan("2026-05-02T12:00+02:00", filed)
    assert (going_on["progress"].state, going_on["final"].state) == ("overdue", "not-running")
    told = plan("2026-05-02T12:00+02:00", filed, ("progress", "2026-04-30T09:00+02:00"))
    assert (told["progress"].state, told["final"].due_at) == ("filed", None)
    ended = plan("2026-06-01T12:00+02:00", filed, status="handled", handledAt="2026-05-31T10:00+02:00")
    assert (ended["progress"].state, ended["final"].due_at) == ("overdue", at("2026-06-30T10:00+02:00"))
    # What ended within the month has no progress report.
    soon = plan("2026-06-01T12:00+02:00", filed, status="handled", handledAt="2026-04-02T10:00+02:00")
    assert "progress" not in soon and soon["final"].state == "overdue"


def test_an_intermediate_report_is_due_when_it_was_asked() -> None:
    dues = plan("2026-03-30T00:00Z", askedReportBy="2026-04-02T17:00+02:00")
    assert dues["intermediate"].due_at == at("2026-04-02T17:00+02:00")
    assert plan("2026-03-30T00:00Z", ("intermediate", "2026-03-29T12:00Z"))["intermediate"].state == "filed"


def test_what_is_not_significant_need_not_be_reported_and_what_is_unknown_must() -> None:
    assert {due.state for due in plan("2026-04-01T00:00Z", significant="no").values()} == {"not-needed"}
    unknown = plan("2026-04-05T00:00Z", significant="unknown")
    assert unknown["early-warning"].state == unknown["notification"].state == "overdue"


def test_each_term_names_its_paragraph_and_warns_before_it_ends() -> None:
    letters = {stage: term.source[-3:] for stage, term in TERMS.items()}
    assert letters == {
        "early-warning": "(a)",
        "notification": "(b)",
        "intermediate": "(c)",
        "final": "(d)",
        "progress": "(e)",
    }
    due = plan("2026-03-28T12:00Z")["final"]
    assert due.due_at and due.warns_at == due.due_at - timedelta(days=5)
    assert due.due_at.tzinfo is UTC
