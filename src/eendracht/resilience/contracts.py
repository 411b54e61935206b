"""The contract radar: when each contract ends, until when its buyer can decide, and who could leave together.

**Decision.** The last day on which notice can be given is the end date less the notice days; the end date is the first
day after the contract. Where nobody recorded a notice period the day is the latest that it can be.

**Together.** Preparing to leave takes a year, so a contract's window is the year that ends on its decision day.
Contracts of several buyers with one party, or parties of one ultimate owner, whose windows share a day can be left
together; the latest day on which they can decide together is the first of their decision days.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from typing import Any, Final, Literal

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import Fault
from eendracht.kernel.landscape import Landscape
from eendracht.kernel.records import Record
from eendracht.kernel.store import Store
from eendracht.resilience.parties import Parties, read_parties

WINDOW_DAYS: Final = 365
"""How long before its decision day a contract can be decided on together with others."""
SOON_DAYS: Final = 180
"""A decision within so many days is due."""

State = Literal["future", "open", "due", "too-late", "ended", "renewed-unseen", "unknown"]


@dataclass(frozen=True, slots=True)
class ContractLine:
    """A contract on the radar; `decide_before` is the last day on which notice can be given."""

    ref: str
    name: str
    buyer: str
    supplier: str
    """Party, or the ref in the contract where the asker sees no such supplier."""
    owner: str
    """Ultimate owner of the supplier; the supplier itself where that is unknown."""
    start: date | None
    end: date | None
    decide_before: date | None
    is_notice_known: bool
    renewal: str
    covers: tuple[str, ...]
    annual_value_eurocent: int | None
    state: State

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "ref": self.ref,
            "name": self.name,
            "buyer": self.buyer,
            "supplier": self.supplier,
            "owner": self.owner,
            "startDate": self.start.isoformat() if self.start else None,
            "endDate": self.end.isoformat() if self.end else None,
            "decideBefore": self.decide_before.isoformat() if self.decide_before else None,
            "noticeKnown": self.is_notice_known,
            "renewal": self.renewal,
            "covers": list(self.covers),
            "annualValueEurocent": self.annual_value_eurocent,
            "state": self.state,
        }


@dataclass(frozen=True, slots=True)
class JointExit:
    """Contracts of several buyers that can be left together, when decided on `decide_before` at the latest."""

    party: str
    name: str
    decide_before: date
    contracts: tuple[ContractLine, ...]

    @property
    def buyers(self) -> tuple[str, ...]:
        """Who could leave together."""
        return tuple(sorted({line.buyer for line in self.contracts}))

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "party": self.party,
            "name": self.name,
            "decideBefore": self.decide_before.isoformat(),
            "buyers": list(self.buyers),
            "contracts": [line.ref for line in self.contracts],
        }


@dataclass(frozen=True, slots=True)
class Radar:
    """Every contract that the asker may see, the first decision first, and what is wrong with their dates."""

    day: date
    lines: Sequence[ContractLine]
    together: Sequence[JointExit]
    faults: Sequence[Fault]
    names: Mapping[str, str]
    """Names of buyers, suppliers and owners."""

    def of(self, organisation: str = "", supplier: str = "") -> Radar:
        """Give what concerns one buyer, or one supplier or ultimate owner; what could be left together stays whole."""
        kept = {
            line.ref
            for line in self.lines
            if organisation in ("", line.buyer) and supplier in ("", line.supplier, line.owner)
        }
        return Radar(
            self.day,
            [line for line in self.lines if line.ref in kept],
            [exit for exit in self.together if any(line.ref in kept for line in exit.contracts)],
            [fault for fault in self.faults if ref_of(fault) in kept],
            self.names,
        )

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "day": self.day.isoformat(),
            "contracts": [line.as_dict() for line in self.lines],
            "together": [exit.as_dict() for exit in self.together],
            "faults": [fault.as_dict() for fault in self.faults],
        }


def ref_of(fault: Fault) -> str:
    """Give the contract that a fault is about."""
    return fault.pointer[1:].rpartition("/")[0]


def scan_contracts(store: Store, asker: Principal, landscape: Landscape) -> Radar:
    """Put all contracts that the asker may see on the radar, for the day of a landscape."""
    parties = read_parties(store, asker, landscape)
    lines: list[ContractLine] = []
    faults: list[Fault] = []
    for record in store.snapshot(asker, landscape.day, kind="contract"):
        spec = record.spec(store.registry)
        line = _read_line(record, spec, landscape, parties)
        lines.append(line)
        faults += _find_faults(line, spec, landscape.day)
    faults += _find_contradictions(lines)
    lines.sort(key=lambda line: (line.decide_before or date.max, line.ref))
    return Radar(landscape.day, lines, list_together(lines, landscape.day, parties), faults, _name(lines, parties))


def _read_line(record: Record, spec: Mapping[str, Any], landscape: Landscape, parties: Parties) -> ContractLine:
    aliases = landscape.aliases
    start, end = (date.fromisoformat(spec[name]) if spec.get(name) else None for name in ("startDate", "endDate"))
    notice = spec.get("noticeDays")
    supplier = parties.cluster_of(spec["supplier"])
    return ContractLine(
        record.ref,
        record.name,
        aliases.get(spec["buyer"], spec["buyer"]),
        supplier or spec["supplier"],
        parties.owners[supplier] if supplier else spec["supplier"],
        start,
        end,
        decide_by(end, notice),
        notice is not None,
        spec.get("renewal", "unknown"),
        tuple(dict.fromkeys(aliases.get(ref, ref) for ref in spec.get("covers", ()))),
        spec.get("annualValueEurocent"),
        judge_contract(landscape.day, start, end, notice, spec.get("renewal", "unknown")),
    )


def decide_by(end: date | None, notice_days: int | None) -> date | None:
    """Give the last day on which notice can be given; None where the end is unknown or the day before all days."""
    if end is None:
        return None
    try:
        return end - timedelta(days=notice_days or 0)
    except OverflowError:
        return None


def judge_contract(day: date, start: date | None, end: date | None, notice_days: int | None, renewal: str) -> State:
    """Tell how a contract stands on a day."""
    if end is None:
        return "unknown"
    if end <= day:
        return "renewed-unseen" if renewal == "tacit" else "ended"
    last = decide_by(end, notice_days)
    if last is None or last < day:
        return "too-late"
    if last <= day + timedelta(days=SOON_DAYS):
        return "due"
    return "future" if start is not None and start > day else "open"


def list_together(lines: Sequence[ContractLine], day: date, parties: Parties) -> list[JointExit]:
    """Give who could leave a party together from the day on, the first decision first."""
    by_owner: dict[str, list[ContractLine]] = defaultdict(list)
    for line in lines:
        if line.decide_before is not None and line.decide_before >= day and line.state in ("open", "due", "future"):
            by_owner[line.owner].append(line)
    found = []
    for owner, held in by_owner.items():
        for group in _group_windows(held):
            if len({line.buyer for line in group}) > 1:
                last = min(line.decide_before for line in group if line.decide_before)
                found.append(JointExit(owner, parties.name_of(owner), last, group))
    return sorted(found, key=lambda exit: (exit.decide_before, exit.party))


def _group_windows(lines: Sequence[ContractLine]) -> Iterator[tuple[ContractLine, ...]]:
    """Give every largest set of contracts whose windows share a day."""
    ordered = sorted(lines, key=lambda line: (line.decide_before or date.max, line.ref))
    reached = 0
    for at, first in enumerate(ordered):
        opens = (first.decide_before or date.max).toordinal() + WINDOW_DAYS
        until = at
        while until < len(ordered) and (ordered[until].decide_before or date.max).toordinal() <= opens:
            until += 1
        if until > reached:
            reached = until
            yield tuple(ordered[at:until])


def _find_faults(line: ContractLine, spec: Mapping[str, Any], day: date) -> Iterator[Fault]:
    tested = (spec.get("exitPlan") or {}).get("testedOn")
    if line.start and line.end:
        if line.end <= line.start:
            yield _fault(line, "endDate", "end-before-start", "eindigt voor het begint", "ends before it starts")
        elif (spec.get("noticeDays") or 0) > (line.end - line.start).days:
            yield _fault(
                line,
                "noticeDays",
                "notice-above-term",
                "heeft een opzegtermijn die langer is dan de looptijd",
                "has a notice period longer than its term",
            )
    if tested and date.fromisoformat(tested) > day:
        yield _fault(
            line,
            "exitPlan",
            "tested-in-future",
            "heeft een exitplan dat in de toekomst is getest",
            "has an exit plan that was tested in the future",
        )


def _find_contradictions(lines: Sequence[ContractLine]) -> Iterator[Fault]:
    """Find contracts of one buyer with one party for the same thing that overlap and differ in dates."""
    same: dict[tuple[str, str, str], list[ContractLine]] = defaultdict(list)
    for line in lines:
        for ref in line.covers:
            same[line.buyer, line.supplier, ref].append(line)
    pairs = {pair for held in same.values() for pair in combinations(sorted(held, key=lambda line: line.ref), 2)}
    for first, second in sorted(pairs, key=lambda pair: (pair[0].ref, pair[1].ref)):
        if (first.start, first.end) != (second.start, second.end) and _overlap(first, second):
            for line, other in ((first, second), (second, first)):
                yield _fault(
                    line,
                    "startDate",
                    "contradictory-dates",
                    f"overlapt met {other.ref}, dat hetzelfde dekt met andere datums",
                    f"overlaps {other.ref}, which covers the same with other dates",
                )


def _overlap(first: ContractLine, second: ContractLine) -> bool:
    begin = max(first.start or date.min, second.start or date.min)
    return begin < min(first.end or date.max, second.end or date.max)


def _fault(line: ContractLine, field: str, code: str, nl: str, en: str) -> Fault:
    return Fault(
        f"/{line.ref}/{field}",
        code,
        f"{line.name} {nl}",
        f"{line.name} {en}",
        "Correct the dates in the source of the contract.",
    )


def _name(lines: Sequence[ContractLine], parties: Parties) -> dict[str, str]:
    refs = {ref for line in lines for ref in (line.buyer, line.supplier, line.owner)}
    return {ref: parties.name_of(ref) for ref in refs}
