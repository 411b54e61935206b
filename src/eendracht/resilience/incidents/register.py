"""The register of incidents: opened, reported, handled; each with how its reports stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, get_args

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import today
from eendracht.kernel.errors import Fault, InvalidInput, NotFound
from eendracht.kernel.identity import parse_ref, slug
from eendracht.kernel.records import Record
from eendracht.kernel.store import Store
from eendracht.resilience.answers import choose_organisation
from eendracht.resilience.crisis import put_new
from eendracht.resilience.incidents.terms import OPEN, Due, Stage, plan_reports

LEVEL: Final = "organisation"
"""Who reads of incidents: those who work for the organisation."""
STAGES: Final[tuple[Stage, ...]] = get_args(Stage)
CLOCK_SLACK: Final = timedelta(minutes=5)
"""How far ahead a moment may lie that somebody says."""


@dataclass(frozen=True)
class IncidentFile:
    """An incident with the reports that were filed, and how each stands now."""

    record: Record
    spec: Mapping[str, Any]
    reports: Sequence[tuple[Record, Mapping[str, Any]]]
    dues: Sequence[Due]

    @property
    def detected_at(self) -> datetime:
        """When the organisation became aware of it."""
        return datetime.fromisoformat(self.spec["detectedAt"])

    @property
    def next_due(self) -> Due | None:
        """The report that is to be filed first; None where none is."""
        waiting = [(due.due_at, due) for due in self.dues if due.state in OPEN and due.due_at]
        return min(waiting, key=lambda item: item[0])[1] if waiting else None

    @property
    def is_closed(self) -> bool:
        """Whether nothing is to be filed and its handling ended."""
        return self.next_due is None and self.spec.get("status") == "handled"


@dataclass(frozen=True, slots=True)
class IncidentSaid:
    """What somebody says of an incident; empty or None is not said."""

    name: str
    organisation: str = ""
    detected_at: datetime | None = None
    significant: str = "unknown"
    ground: str = ""
    about: tuple[str, ...] = ()
    led_by: str = ""


def list_incidents(store: Store, asker: Principal, now: datetime | None = None) -> list[IncidentFile]:
    """Give every incident that the asker may see: the first report that is due first, then the newest."""
    moment = now or store.clock.now()
    reports: dict[str, list[tuple[Record, Mapping[str, Any]]]] = defaultdict(list)
    for record in store.snapshot(asker, kind="incident-report"):
        spec = record.spec(store.registry)
        reports[spec["incident"]].append((record, spec))
    files = []
    for record in store.snapshot(asker, kind="cyber-incident"):
        spec = record.spec(store.registry)
        own = sorted([*reports[record.ref], *reports[record.uid]], key=lambda item: (item[1]["filedAt"], item[0].rv))
        files.append(IncidentFile(record, spec, own, plan_reports(spec, [said for _, said in own], moment)))
    far = datetime.max.replace(tzinfo=UTC)

    def order(file: IncidentFile) -> tuple[datetime, float]:
        due = file.next_due
        return (due.due_at if due and due.due_at else far), -file.detected_at.timestamp()

    return sorted(files, key=order)


def read_incident(store: Store, asker: Principal, name: str) -> IncidentFile:
    """Give one incident; raises NotFound."""
    record = store.get(name, asker)
    found = next((file for file in list_incidents(store, asker) if file.record.ref == record.ref), None)
    if found is None:
        raise NotFound("There is no such incident")
    return found


def open_incident(store: Store, author: Principal, said: IncidentSaid) -> str:
    """Record an incident and give its ref; raises InvalidInput with every fault, Denied."""
    faults = []
    if not said.name.strip():
        faults.append(_fault("/name", "missing", "Zeg in een paar woorden wat er is", "Say in a few words what it is"))
    faults += _check_moment(store, "/detectedAt", said.detected_at)
    if said.significant == "no" and not said.ground.strip():
        nl, en = "Zeg waarom het niet significant is", "Say why it is not significant"
        faults.append(_fault("/ground", "not-grounded", nl, en))
    organisation = ""
    try:
        organisation = choose_organisation(author, said.organisation)
    except InvalidInput as error:
        faults += error.faults
    if faults or said.detected_at is None:
        raise InvalidInput(f"The incident: {len(faults)} fault(s)", faults=faults)
    spec: dict[str, Any] = {
        "name": said.name.strip()[:300],
        "organisation": organisation,
        "detectedAt": said.detected_at.astimezone(UTC).isoformat(timespec="seconds"),
        "significant": said.significant,
        "ground": said.ground.strip(),
        "about": list(said.about),
        "ledBy": said.led_by,
    }
    day = said.detected_at.astimezone(UTC)
    base = f"cyber-incident:{organisation.partition(':')[2]}/{day:%Y%m%d-%H%M}-{_short(said.name)}"
    return put_new(store, author, base, organisation, day, _without_empty(spec), LEVEL)


def file_report(
    store: Store,
    author: Principal,
    name: str,
    stage: str,
    *,
    filed_at: datetime | None,
    recipient: str,
    reference: str = "",
    filed_by: str = "",
) -> str:
    """Record that a report of an incident was filed and give its ref; raises InvalidInput with every fault, Denied."""
    file = read_incident(store, author, name)
    author.require_write(file.record.owner)
    faults = _check_moment(store, "/filedAt", filed_at, file.detected_at)
    if stage not in STAGES:
        faults.append(_fault("/stage", "unknown-stage", "Kies welke melding het is", "Choose which report it is"))
    if not recipient.strip():
        faults.append(_fault("/recipient", "missing", "Zeg bij wie is gemeld", "Say with whom it was filed"))
    if faults or filed_at is None:
        raise InvalidInput(f"The report: {len(faults)} fault(s)", faults=faults)
    spec: dict[str, Any] = {
        "name": f"{file.record.name}: {stage}"[:300],
        "incident": file.record.ref,
        "stage": stage,
        "filedAt": filed_at.astimezone(UTC).isoformat(timespec="seconds"),
        "recipient": recipient.strip()[:500],
        "reference": reference.strip()[:500],
        "filedBy": filed_by,
    }
    ref = parse_ref(file.record.ref)
    base = f"incident-report:{file.record.owner.partition(':')[2]}/{ref.name[:80]}-{stage}"
    return put_new(store, author, base, file.record.owner, filed_at, _without_empty(spec), LEVEL)


def handle_incident(store: Store, author: Principal, name: str, handled_at: datetime | None) -> None:
    """Record that the handling of an incident ended; raises InvalidInput, Denied, Conflict."""
    file = read_incident(store, author, name)
    faults = _check_moment(store, "/handledAt", handled_at, file.detected_at)
    if faults or handled_at is None:
        raise InvalidInput("The end of the handling", faults=faults)
    moment = handled_at.astimezone(UTC).isoformat(timespec="seconds")
    change_incident(store, author, file.record, {**file.spec, "status": "handled", "handledAt": moment})


def change_incident(store: Store, author: Principal, record: Record, spec: Mapping[str, Any]) -> None:
    """Record a new version of an incident on the one that was seen; raises InvalidInput, Denied, Conflict."""
    author.require_write(record.owner)
    data = record.data
    draft = {name: data[name] for name in ("ref", "owner", "confidentiality")}
    source = {"type": "statement", "date": today(store.clock).isoformat(), "system": "eendracht"}
    store.put({**draft, "source": source, "spec": dict(spec)}, author, record.generation)


def _check_moment(store: Store, pointer: str, moment: datetime | None, begin: datetime | None = None) -> list[Fault]:
    if moment is None:
        return [_fault(pointer, "missing", "Zeg wanneer dit was", "Say when this was")]
    if moment > store.clock.now() + CLOCK_SLACK:
        return [_fault(pointer, "in-future", "Dit tijdstip is nog niet geweest", "This moment has not been yet")]
    if begin and moment < begin:
        nl, en = "Dit is voordat het incident bekend was", "This is before the incident was known"
        return [_fault(pointer, "before-detection", nl, en)]
    return []


def _without_empty(spec: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in spec.items() if value}


def _fault(pointer: str, code: str, nl: str, en: str) -> Fault:
    return Fault(pointer, code, nl, en)


def _short(name: str) -> str:
    try:
        return slug(name)[:50].rstrip("-._")
    except InvalidInput:
        # A name in another script has no letters that a ref may hold.
        return "incident"
