"""What organisations that hang on one weak point could do about it together: found, proposed, and followed.

A proposal is restricted: it says where many can be hit at once. Only who may see what is restricted of its owner, and
is an editor there, makes or changes one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, Literal

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import today
from eendracht.kernel.disclosure import require_insider
from eendracht.kernel.errors import Conflict, Denied, Fault, InvalidInput, NotFound
from eendracht.kernel.identity import parse_ref, slug
from eendracht.kernel.records import Level, Record
from eendracht.kernel.store import Store
from eendracht.kernel.store.append import Written
from eendracht.resilience.exposure import Portfolio
from eendracht.resilience.importance import find_order_one, list_causes

CostKey = Literal["equal", "inhabitants", "services", "citizen-hours"]
Status = Literal["proposed", "in-preparation", "agreed", "in-use", "dropped"]

KIND: Final = "collective-solution"
NEXT: Final[Mapping[str, tuple[Status, ...]]] = {
    "proposed": ("in-preparation", "dropped"),
    "in-preparation": ("agreed", "dropped"),
    "agreed": ("in-use", "dropped"),
    "in-use": ("dropped",),
    "dropped": ("proposed",),
}
"""What a status may become."""
_MEASURES: Final[Mapping[str, tuple[str, str]]] = {
    "inhabitants": ("het aantal inwoners", "the number of inhabitants"),
    "citizen-hours": ("het gebruik van de diensten", "the use of its services"),
}
_PLACES: Final = 100_000
"""A share has five decimals."""


@dataclass(frozen=True, slots=True)
class Stake:
    """What one organisation has hanging on a weak point."""

    organisation: str
    services: int
    citizen_hours: int | None
    """A day; None where the use of one of the services is unknown."""


@dataclass(frozen=True, slots=True)
class SharedWeakPoint:
    """Something that alone stops critical services of several organisations."""

    ref: str
    name: str
    kind: str
    stakes: tuple[Stake, ...]

    @property
    def services(self) -> int:
        """How many critical services hang on it."""
        return sum(stake.services for stake in self.stakes)

    @property
    def citizen_hours(self) -> int | None:
        """Citizen-hours a day at risk; None where some are unknown."""
        known = [stake.citizen_hours for stake in self.stakes if stake.citizen_hours is not None]
        return sum(known) if len(known) == len(self.stakes) else None

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "ref": self.ref,
            "name": self.name,
            "kind": self.kind,
            "services": self.services,
            "citizenHours": self.citizen_hours,
            "organisations": [
                {"ref": stake.organisation, "services": stake.services, "citizenHours": stake.citizen_hours}
                for stake in self.stakes
            ],
        }


def list_shared(portfolio: Portfolio, least: int = 2) -> list[SharedWeakPoint]:
    """Give the weak points that `least` organisations or more share, those of most organisations first."""
    causes = list_causes(portfolio)
    hanging: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for service, held in find_order_one(portfolio, causes).items():
        for cause in held:
            hanging[cause.ref][portfolio.landscape.things[service].owner].append(service)
    found = [
        SharedWeakPoint(
            cause.ref,
            cause.name,
            cause.kind,
            tuple(_weigh(portfolio, owner, nodes) for owner, nodes in sorted(hanging[cause.ref].items())),
        )
        for cause in causes
        if len(hanging[cause.ref]) >= least
    ]
    return sorted(found, key=lambda point: (-len(point.stakes), -point.services, point.ref))


def _weigh(portfolio: Portfolio, owner: str, services: Sequence[int]) -> Stake:
    uses = [portfolio.weigh_use(node) for node in services]
    known = [use for use in uses if use is not None]
    return Stake(owner, len(services), sum(known) if len(known) == len(uses) else None)


def share_costs(portfolio: Portfolio, stakes: Sequence[Stake], key: CostKey) -> dict[str, Decimal]:
    """Give each organisation its share, in five decimals that are one together (largest remainders).

    Raises InvalidInput with a fault for every organisation of which the measure of the key is unknown.
    """
    weights: dict[str, int | None] = {}
    for stake in stakes:
        said: Mapping[CostKey, int | None] = {
            "equal": 1,
            "inhabitants": portfolio.inhabitants.get(stake.organisation),
            "services": stake.services,
            "citizen-hours": stake.citizen_hours,
        }
        weights[stake.organisation] = said[key]
    known = {organisation: weight for organisation, weight in weights.items() if weight is not None}
    total = sum(known.values())
    faults = [_say_unknown(organisation, key) for organisation in weights if organisation not in known]
    if faults or not total:
        faults = faults or [_say_unknown(organisation, key) for organisation in weights]
        raise InvalidInput("The costs cannot be shared by this key", faults=faults)
    exact = {organisation: Fraction(weight * _PLACES, total) for organisation, weight in known.items()}
    whole = {organisation: int(part) for organisation, part in exact.items()}
    left = _PLACES - sum(whole.values())
    for organisation in sorted(exact, key=lambda one: (whole[one] - exact[one], one))[:left]:
        whole[organisation] += 1
    return {organisation: Decimal(part) / _PLACES for organisation, part in whole.items()}


def _say_unknown(organisation: str, key: CostKey) -> Fault:
    nl, en = _MEASURES.get(key, ("de maat", "the measure"))
    return Fault(
        "/costKey",
        "share-unknown",
        f"Van {organisation} is {nl} niet bekend",
        f"Of {organisation} {en} is not known",
        "Record it, or share the costs by another key.",
    )


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed: by whom, about which weak point, and how the costs are shared."""

    owner: str
    weak_point: str
    cost_key: CostKey
    name: str = ""
    alternative: str = ""
    cost_eurocent: int | None = None


def propose_solution(store: Store, author: Principal, portfolio: Portfolio, proposal: Proposal) -> Written:
    """Record a collective solution: everybody whose critical services hang on the weak point is asked to join.

    Raises Denied, NotFound for what is no weak point that several share, InvalidInput, Conflict.
    """
    require_proposer(author, proposal.owner)
    point = next((one for one in list_shared(portfolio) if one.ref == proposal.weak_point), None)
    if point is None:
        raise NotFound(
            f"{proposal.weak_point[:221]} is no weak point that several organisations share",
            hint="Choose one of the list of shared weak points.",
        )
    shares = share_costs(portfolio, point.stakes, proposal.cost_key)
    name = proposal.name or f"Samen minder afhankelijk van {point.name}"
    participants = [
        {"organisation": stake.organisation, "status": "proposed", "share": str(shares[stake.organisation])}
        for stake in point.stakes
    ]
    spec: dict[str, Any] = {
        "name": name,
        "weakPoints": [point.ref],
        "alternative": proposal.alternative,
        "participants": participants,
        "costKey": proposal.cost_key,
        "cutSetsRemoved": point.services,
        "status": "proposed",
    }
    if proposal.cost_eurocent is not None:
        spec["costEurocent"] = proposal.cost_eurocent
    if point.citizen_hours is not None:
        spec["citizenHoursRemoved"] = str(point.citizen_hours)
    thing = portfolio.landscape.things[portfolio.landscape.locate(point.ref)]
    draft = {
        "ref": f"{KIND}:{parse_ref(proposal.owner).authority}/{slug(name)}",
        "owner": proposal.owner,
        "confidentiality": {"level": "restricted", "ground": "Woo, art. 5.1"},
        "source": {
            "type": "synthetic" if thing.is_synthetic else "statement",
            "date": today(store.clock).isoformat(),
        },
        "spec": spec,
    }
    return store.put(draft, author, expected=0)


def require_proposer(principal: Principal, owner: str) -> None:
    """Raise Denied unless the principal may see what is restricted of the owner, and write it."""
    require_insider(principal)
    principal.require_write(owner)
    if not principal.may_see(Level.RESTRICTED, owner):
        raise Denied(
            f"{principal.name} may not see what is restricted of {owner}",
            hint="Ask for the security role: a proposal says where many can be hit at once.",
        )


def list_solutions(store: Store, asker: Principal) -> list[Record]:
    """Give the collective solutions that the asker may see, in order of name."""
    return sorted(store.snapshot(asker, kind=KIND), key=lambda record: (record.name, record.ref))


def change_status(store: Store, author: Principal, name: str, status: str, generation: int) -> Written:
    """Let a collective solution go on to another status; what is agreed or dropped is so since today.

    `generation` is what the author saw. Raises NotFound, Denied, InvalidInput for what cannot follow, Conflict.
    """
    record = store.get(name, author)
    if record.kind != KIND:
        raise NotFound(f"{name[:221]} is no collective solution")
    require_proposer(author, record.owner)
    spec = dict(record.spec(store.registry))
    before = spec.get("status", "proposed")
    if generation != record.generation:
        raise Conflict(f"{record.ref} was changed in the meantime")
    if status not in NEXT[before]:
        fault = Fault(
            "/status",
            "status-cannot-follow",
            f"Op '{before}' kan '{status[:40]}' niet volgen",
            f"'{status[:40]}' cannot follow '{before}'",
            f"Possible: {', '.join(NEXT[before])}.",
        )
        raise InvalidInput("The status cannot follow", faults=[fault])
    day = today(store.clock).isoformat()
    spec["status"] = status
    if status in ("agreed", "dropped"):
        spec["decidedOn"] = day
    data = record.data
    draft = {
        "ref": record.ref,
        "owner": record.owner,
        "confidentiality": data["confidentiality"],
        "source": {**data["source"], "date": day},
        "spec": spec,
    }
    return store.put(draft, author, expected=generation)
