"""The board of advisories: what was recorded of each, which services rest on what is open, for whom, and who acts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import today
from eendracht.kernel.errors import Fault, InvalidInput, NotFound
from eendracht.kernel.records import Record
from eendracht.kernel.store import Store
from eendracht.kernel.store.append import Written
from eendracht.resilience.advisories.assessment import find_services
from eendracht.resilience.advisories.matching import OPEN, OUTCOMES
from eendracht.resilience.demand import Bounds, Demands

if TYPE_CHECKING:
    from eendracht.kernel.landscape import Landscape, Thing

HANDLINGS: Final = ("open", "planned", "done", "accepted", "not-needed")
_WAITING: Final = ("open", "planned")
_EXPLAINED: Final = ("accepted", "not-needed")


@dataclass(frozen=True, slots=True)
class MatchLine:
    """One thing that an advisory touches, as it was recorded, with the services that need it now."""

    record: Record
    spec: Mapping[str, Any]
    name: str
    """Of the thing; its ref where the asker may not see it any more."""
    services: Sequence[Thing]

    @property
    def is_waiting(self) -> bool:
        """Whether somebody still has to do something."""
        return self.spec["outcome"] in OPEN and self.spec.get("status", "open") in _WAITING

    def is_late(self, day: date) -> bool:
        """Tell whether the day by which something had to be done has passed."""
        due = self.spec.get("dueOn")
        return self.is_waiting and due is not None and due < day.isoformat()


@dataclass(frozen=True)
class AdvisoryLine:
    """An advisory with everything of ours that it speaks of, as one asker may see it."""

    record: Record
    spec: Mapping[str, Any]
    matches: Sequence[MatchLine]
    services: Sequence[Thing]
    """Services that rest on something that waits."""
    persons: Bounds

    @property
    def counts(self) -> dict[str, int]:
        """How many things there are with each outcome, the worst first."""
        outcomes = [match.spec["outcome"] for match in self.matches]
        return {outcome: outcomes.count(outcome) for outcome in OUTCOMES}

    @property
    def waiting(self) -> int:
        """How many things still ask for something."""
        return sum(match.is_waiting for match in self.matches)


def list_advisories(store: Store, asker: Principal, landscape: Landscape, demands: Demands) -> list[AdvisoryLine]:
    """Give the advisories that were recorded: those with most that waits first, then the newest.

    An advisory that several organisations keep is one line, with the things of each that the asker may see.
    """
    matches: dict[str, list[tuple[Record, Mapping[str, Any]]]] = defaultdict(list)
    for record in store.snapshot(asker, kind="advisory-match"):
        spec = record.spec(store.registry)
        matches[spec["advisory"]].append((record, spec))
    kept: dict[tuple[str, str], list[tuple[Record, Mapping[str, Any]]]] = defaultdict(list)
    for record in store.snapshot(asker, kind="security-advisory"):
        spec = record.spec(store.registry)
        kept[spec["namespace"], spec["trackingId"]].append((record, spec))
    lines = []
    for versions in kept.values():
        newest, said = max(versions, key=lambda item: (item[1]["releasedAt"], item[0].rv))
        found = [_line(landscape, *item) for record, _ in versions for item in matches[record.ref]]
        found.sort(key=lambda item: (not item.is_waiting, OUTCOMES.index(item.spec["outcome"]), item.name))
        waiting = {thing.ref: thing for item in found if item.is_waiting for thing in item.services}
        services = [waiting[ref] for ref in sorted(waiting)]
        lines.append(AdvisoryLine(newest, said, found, services, demands.count_persons(waiting)))
    return sorted(lines, key=lambda line: (-line.waiting, _reversed(line.spec["releasedAt"]), line.record.ref))


def _reversed(text: str) -> tuple[int, ...]:
    return tuple(-ord(sign) for sign in text)


def _line(landscape: Landscape, record: Record, spec: Mapping[str, Any]) -> MatchLine:
    about = landscape.aliases.get(spec["about"], spec["about"])
    node = landscape.estate.index.get(about)
    if node is None or node >= len(landscape.things):
        return MatchLine(record, spec, about, ())
    return MatchLine(record, spec, landscape.things[node].name, find_services(landscape, node))


def handle_match(
    store: Store,
    author: Principal,
    name: str,
    status: str,
    *,
    generation: int,
    reason: str = "",
    handled_by: str = "",
) -> Written:
    """Record how far it is with one thing that an advisory touches.

    Raises InvalidInput with every fault (a risk is accepted, and nothing is needed, only with a reason), NotFound,
    Denied, Conflict.
    """
    record = store.get(name, author)
    if record.kind != "advisory-match":
        raise NotFound("There is no such match of an advisory")
    author.require_write(record.owner)
    faults = []
    if status not in HANDLINGS:
        faults.append(Fault("/status", "unknown-status", "Kies hoe ver het is", "Choose how far it is"))
    if status in _EXPLAINED and not reason.strip():
        faults.append(Fault("/reason", "missing", "Zeg waarom", "Say why"))
    if faults:
        raise InvalidInput(f"The handling: {len(faults)} fault(s)", faults=faults)
    before = record.spec(store.registry)
    spec: dict[str, Any] = {
        key: value for key, value in before.items() if key not in ("status", "reason", "handledBy", "handledOn")
    }
    spec |= {"status": status, "handledOn": today(store.clock).isoformat()}
    spec |= {"reason": reason.strip()} if reason.strip() else {}
    spec |= {"handledBy": handled_by} if handled_by else {}
    draft = {key: record.data[key] for key in ("ref", "owner", "confidentiality", "source")}
    return store.put({**draft, "spec": spec}, author, generation)
