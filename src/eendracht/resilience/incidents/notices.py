"""Reminders of the duty to report, as durable work: each is given once, also where the server is killed meanwhile.

A running server looks every time that it tends the node. What is near or past its term and was not told yet becomes a
job; that records a notice under a ref that follows from incident, report and moment, so that none is there twice.
A notice is a record for whoever works for the organisation, and so a line in its briefing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.clock import AMSTERDAM
from eendracht.kernel.errors import Conflict
from eendracht.kernel.identity import parse_ref
from eendracht.kernel.jobs import JobKind, Jobs, Work
from eendracht.kernel.records import Record, prepare
from eendracht.kernel.store import Store
from eendracht.kernel.wording import Said
from eendracht.resilience.incidents.register import LEVEL, list_incidents
from eendracht.resilience.incidents.terms import Due

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance

KIND: Final = "incident-notices"


@dataclass(frozen=True, slots=True)
class DueNotice:
    """A reminder that is to be given: of which incident and report, and whether the term is near or has passed."""

    incident: Record
    due: Due
    type: str

    @property
    def ref(self) -> str:
        """The ref of the record; a term that moved is another reminder."""
        assert self.due.due_at is not None
        name = parse_ref(self.incident.ref).name[:70]
        moment = self.due.due_at.astimezone(UTC)
        owner = self.incident.owner.partition(":")[2]
        return f"incident-notice:{owner}/{name}-{self.due.stage}-{self.type}-{moment:%Y%m%d%H%M}"


def list_due_notices(store: Store, now: datetime | None = None) -> list[DueNotice]:
    """Give the reminders that are to be given and were not, those with the earliest term first."""
    moment = now or store.clock.now()
    found = list(_list_notices(store, moment))
    known = store.known_refs([notice.ref for notice in found])
    return [notice for notice in found if notice.ref not in known]


def _list_notices(store: Store, now: datetime) -> Iterator[DueNotice]:
    for file in list_incidents(store, OPERATOR, now):
        for due in file.dues:
            if due.state == "near":
                yield DueNotice(file.record, due, "term-near")
            elif due.state == "overdue":
                yield DueNotice(file.record, due, "term-passed")


def run_notices(work: Work) -> dict[str, Any]:
    """Give every reminder that is due; gives how many."""
    waiting = list_due_notices(work.store)
    given = 0
    for at, notice in enumerate(waiting):
        work.report("give", at, len(waiting))
        given += _give(work, notice)
    work.store.catch_up()
    return {"given": given}


def _give(work: Work, notice: DueNotice) -> bool:
    """Record one reminder; tells whether it was new."""
    store, due = work.store, notice.due
    assert due.due_at is not None
    now = store.clock.now()
    draft = {
        "ref": notice.ref,
        "owner": notice.incident.owner,
        "confidentiality": {"level": LEVEL},
        "source": {
            "type": "synthetic" if notice.incident.is_synthetic else "statement",
            "date": now.astimezone(AMSTERDAM).date().isoformat(),
            "system": "eendracht",
        },
        "spec": {
            "name": f"{notice.incident.name}: {due.stage}"[:300],
            "incident": notice.incident.ref,
            "stage": due.stage,
            "type": notice.type,
            "dueAt": due.due_at.isoformat(timespec="seconds"),
            "givenAt": now.isoformat(timespec="seconds"),
        },
    }
    try:
        # New or not at all: a job that was killed behind this line finds the record and goes on.
        store.append([prepare(draft, store.registry, 0)], OPERATOR)
    except Conflict:
        return False
    return True


def tend_incidents(instance: Instance) -> None:
    """Ask for the reminders once one is due; of a node without incidents nothing is asked."""
    if instance.store.switches.is_on("resilience") and list_due_notices(instance.store):
        Jobs(instance.store).ask_once(KIND, {}, OPERATOR)


JOBS: Final = (
    JobKind(
        KIND,
        Said("Herinneren aan meldingen van incidenten", "Reminding of reports of incidents"),
        {"give": Said("Herinneringen geven", "Giving reminders")},
        run_notices,
    ),
)
"""The job of this part."""
UPKEEP: Final = (tend_incidents,)
"""What a running server does for it."""
