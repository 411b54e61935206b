"""Long work on cases: their arguments are ids, and each may be run again at any moment.

What is due is found by `tend_cases`, which a running server calls at each turn of its upkeep.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.clock import timestamp, today
from eendracht.kernel.instance import Instance
from eendracht.kernel.jobs import JobKind, Jobs, Work
from eendracht.kernel.store.driver import Connection
from eendracht.kernel.wording import Said
from eendracht.services.case_index import OPEN_STATES, CaseIndex
from eendracht.services.case_registration import attempt_registration

MOST_AT_ONCE: Final = 200
"""How many pieces of work one turn asks for."""
_forgot_on: dict[Path, date] = {}
FORGET_AFTER: Final = timedelta(days=1)
"""How old a row must be before it is taken away because the vault no longer holds what it stands for."""


def run_registration(work: Work) -> dict[str, Any]:
    """Put a case in the register of its organisation, after giving a new owner its copy."""
    from eendracht.services.takeover import complete_takeover

    case = work.job.arguments["case"]
    work.report("register")
    complete_takeover(work.instance, case)
    return {"registered": int(attempt_registration(work.instance, case))}


def run_refresh(work: Work) -> dict[str, Any]:
    """Read status and deadline of a case anew from its register."""
    from eendracht.services.cases import refresh_case

    work.report("read")
    return {"changed": int(refresh_case(work.instance, work.job.arguments["case"]))}


def run_escalation(work: Work) -> dict[str, Any]:
    """Give a hand-over that nobody answered in time priority."""
    from eendracht.services.handovers import escalate

    work.report("escalate")
    return {"escalated": int(escalate(work.instance, work.job.arguments["handover"]))}


def run_delivery(work: Work) -> dict[str, Any]:
    """Bring a hand-over to another node one step on."""
    from eendracht.services.handover_delivery import deliver

    work.report("send")
    return {"state": deliver(work.instance, work.job.arguments["handover"])}


def run_notice(work: Work) -> dict[str, Any]:
    """Say in the register of the sender that a case was handed over."""
    from eendracht.services.takeover import tell_sender_register

    work.report("register")
    row = CaseIndex(work.store).get_handover(work.job.arguments["handover"])
    tell_sender_register(work.instance, row)
    return {}


_REGISTER: Final = {"register": Said("Vastleggen in het zaakregister", "Putting it in the case register")}

JOBS: Final = (
    JobKind("case-registration", Said("Zaak vastleggen", "Register a case"), _REGISTER, run_registration),
    JobKind("case-refresh", Said("Zaak bijwerken", "Refresh a case"), {"read": Said("Lezen", "Reading")}, run_refresh),
    JobKind(
        "handover-escalation",
        Said("Overdracht voorrang geven", "Escalate a hand-over"),
        {"escalate": Said("Voorrang geven", "Escalating")},
        run_escalation,
    ),
    JobKind(
        "handover-delivery",
        Said("Overdracht bezorgen", "Deliver a hand-over"),
        {"send": Said("Versturen", "Sending")},
        run_delivery,
    ),
    JobKind("handover-notice", Said("Overdracht melden", "Tell of a hand-over"), _REGISTER, run_notice),
)


def tend_cases(instance: Instance) -> None:
    """Ask for the work that is due: cases that no register has yet, hand-overs to escalate or to bring on.

    Work that waits or runs already is not asked for again.
    """
    asked = 0
    for kind, arguments, organisation in _list_due(instance):
        asked += ask_once(instance, kind, arguments, organisation)
        if asked >= MOST_AT_ONCE:
            return
    _forget(instance)


def ask_once(instance: Instance, kind: str, arguments: dict[str, str], organisation: str) -> bool:
    """Ask for a job unless the same one waits or runs; tells whether it was asked."""
    return Jobs(instance.store).ask_once(kind, arguments, OPERATOR, organisation)


def _list_due(instance: Instance) -> Iterator[tuple[str, dict[str, str], str]]:
    index = CaseIndex(instance.store)
    moment, day = timestamp(instance.store.clock.now()), today(instance.store.clock).isoformat()
    for case in index.find_cases("state = 'waiting' AND next_try_at <= ?", (moment,)):
        yield "case-registration", {"case": case.id}, case.controller
    # One that came in is escalated on the node of its sender, which is responsible for it.
    for row in index.find_handovers("state = 'offered' AND delivery <> 'incoming' AND escalates_on <= ?", (day,)):
        yield "handover-escalation", {"handover": row.id}, row.sender
    for row in index.find_handovers(
        "state IN (?, ?) AND delivery IN ('waiting', 'delivered') AND next_try_at <= ?", (*OPEN_STATES, moment)
    ):
        yield "handover-delivery", {"handover": row.id}, row.sender


def _forget(instance: Instance) -> None:
    """Take away rows of which the vault holds nothing any more, by retention or by a destruction; once a day."""
    day = today(instance.store.clock)
    if _forgot_on.get(instance.settings.folder) == day or not instance.settings.vault_folder.exists():
        return
    _forgot_on[instance.settings.folder] = day
    before = timestamp(instance.store.clock.now() - FORGET_AFTER)
    reader = instance.store.driver.reader()
    for table, column, condition, parameters in (
        ("service_case", "reference", "changed_at < ? AND reference <> ''", (before,)),
        ("handover", "item", "changed_at < ?", (before,)),
        ("case_consent", "item", "true", ()),
        ("built_in_case", "item", "true", ()),
    ):
        items = [row[0] for row in reader.query(f"SELECT {column} FROM {table} WHERE {condition}", parameters)]
        gone = sorted(set(items) - {item.id for item in instance.vault.describe(items=items)})
        if gone:
            CaseIndex(instance.store).write(lambda c, t=table, n=column, g=gone: _delete(c, t, n, g))  # type: ignore[misc]


def _delete(connection: Connection, table: str, column: str, items: list[str]) -> None:
    connection.execute(f"DELETE FROM {table} WHERE {connection.among(column)}", (connection.bind_list(items),))


UPKEEP: Final = (tend_cases,)
