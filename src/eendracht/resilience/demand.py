"""Who feels it when services stop: uses that are lost or wait, and people, each counted once or within bounds.

**Uses.** A service is used `usesPerDay` times a day, spread over the hours of the week by its profile. What falls in an
outage is lost; the deferrable share is made later, where the service is back within what is followed and, for a use on
or before a deadline, before that deadline is over.

**People.** Segments of one partition share no person. So of services whose users are known by segment, the people who
rely on at least one are at least the sum over segments of the largest, and at most the sum over segments of the
smaller of their sum and the segment. Of what is known as a total only, the union lies between the largest and the
sum. No bound is above the population. Nobody is added up twice to give a figure that looks exact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.store import Store

if TYPE_CHECKING:
    from eendracht.kernel.landscape import Landscape

HOURS_OF_WEEK: Final = 168
_EVEN: Final = (1,) * HOURS_OF_WEEK
_MONDAY: Final = date(2026, 1, 5)

Span = tuple[float, float | None]
"""Hours of the scenario in which a service is out, [begin, end); None where it is not back."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """A figure that is known to lie between two others; `high` is None where nothing bounds it."""

    low: int
    high: int | None

    @property
    def is_exact(self) -> bool:
        """Whether both are the same."""
        return self.low == self.high

    def as_dict(self) -> dict[str, int | None]:
        """Give it as plain data."""
        return {"low": self.low, "high": self.high}


@dataclass(frozen=True)
class ServiceDemand:
    """How much one service is used; None is what nobody recorded."""

    uses_per_day: int | None = None
    persons: int | None = None
    segments: Mapping[str, int] = field(default_factory=dict)
    profile: Sequence[int] = _EVEN
    deferrable_share: float = 0.0
    deadlines: tuple[date, ...] = ()

    @cached_property
    def _until(self) -> list[float]:
        """Share of the uses of a week before each hour of it."""
        total = sum(self.profile)
        return [0.0, *(done / total for done in accumulate(self.profile))]

    def uses_between(self, begins: datetime, begin_hours: float, end_hours: float) -> float:
        """Give the uses that fall in a stretch of the scenario; 0 where nobody recorded how many there are."""
        if not self.uses_per_day:
            return 0.0
        offset = begins.weekday() * 24 + begins.hour + begins.minute / 60
        week = 7 * self.uses_per_day
        return week * (self._weeks(offset + end_hours) - self._weeks(offset + begin_hours))

    def _weeks(self, hours: float) -> float:
        """Give how many weeks of uses fall before an hour that is counted from a Monday 0:00."""
        weeks, rest = divmod(hours, HOURS_OF_WEEK)
        hour = int(rest)
        done = self._until[hour]
        return weeks + done + (self._until[min(hour + 1, HOURS_OF_WEEK)] - done) * (rest - hour)


@dataclass(frozen=True, slots=True)
class Uses:
    """Uses that outages touch: lost for good, and made later."""

    lost: float
    deferred: float


def count_uses(demand: ServiceDemand, begins: datetime, outages: Iterable[Span], horizon_hours: float) -> Uses:
    """Count the uses that fall in outages up to the horizon."""
    lost = deferred = 0.0
    ends = sorted(
        (datetime.combine(day, time()) + timedelta(days=1) - begins) / timedelta(hours=1) for day in demand.deadlines
    )
    for begin, end in outages:
        stop = min(horizon_hours, horizon_hours if end is None else end)
        if stop <= begin:
            continue
        all_uses = demand.uses_between(begins, begin, stop)
        waits = demand.deferrable_share * all_uses if end is not None and end <= horizon_hours else 0.0
        if waits:
            # What had to be done by a deadline within the outage cannot wait for its end.
            passed = [moment for moment in ends if begin < moment <= stop]
            if passed:
                waits -= demand.deferrable_share * demand.uses_between(begins, begin, passed[-1])
        lost += all_uses - waits
        deferred += waits
    return Uses(lost, deferred)


@dataclass(frozen=True)
class Population:
    """The segments of the population, by ref, and how many people there are at all."""

    persons: Mapping[str, int]
    partition: Mapping[str, str]
    total: int | None
    """Everybody: the partition `population` or the inhabitants of the municipalities, whichever is more; None where
    neither is known."""


@dataclass(frozen=True)
class Demands:
    """The use of every service of a landscape, by its ref, and the population."""

    services: Mapping[str, ServiceDemand]
    population: Population

    def of(self, ref: str) -> ServiceDemand:
        """Give the use of a service; an empty one where nobody recorded it."""
        return self.services.get(ref, _NOTHING)

    def relying(self, ref: str) -> int | None:
        """Give how many people rely on a service at least; None where nobody counted."""
        demand = self.of(ref)
        _, placed = self._place(demand)
        return None if demand.persons is None and not placed else max(demand.persons or 0, sum(placed.values()))

    def count_persons(self, refs: Iterable[str]) -> Bounds:
        """Bound how many different people rely on at least one of these services.

        A service without a figure makes the upper bound that of the population.
        """
        apart = low = 0
        by_partition: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        is_open = False
        for ref in refs:
            relying = self.relying(ref)
            if relying is None:
                is_open = True
                continue
            low = max(low, relying)
            partition, placed = self._place(self.of(ref))
            for segment, persons in placed.items():
                by_partition[partition][segment].append(persons)
            apart += relying - sum(placed.values())
        high = apart
        for segments in by_partition.values():
            low = max(low, sum(min(max(users), self._size(segment, users)) for segment, users in segments.items()))
            high += sum(min(sum(users), self._size(segment, users)) for segment, users in segments.items())
        total = self.population.total
        if total is None:
            return Bounds(low, None if is_open else max(low, high))
        # Where more people rely on one service than there are said to be, the count of the population is too low.
        total = max(total, low)
        return Bounds(low, total if is_open else min(max(low, high), total))

    def _size(self, segment: str, users: Sequence[int]) -> int:
        return self.population.persons.get(segment, sum(users))

    def _place(self, demand: ServiceDemand) -> tuple[str, dict[str, int]]:
        """Give the segments of the partition in which most users of a service stand; the others tell of the same."""
        placed: dict[str, dict[str, int]] = defaultdict(dict)
        for segment, persons in demand.segments.items():
            placed[self.population.partition.get(segment, segment)][segment] = persons
        if not placed:
            return "", {}
        name = max(placed, key=lambda partition: (sum(placed[partition].values()), partition))
        return name, placed[name]


_NOTHING: Final = ServiceDemand()


def read_demands(store: Store, asker: Principal, landscape: Landscape) -> Demands:
    """Read how much the services of a landscape are used, as the asker may see it.

    A `demand` record goes before what the service itself says; of several the one measured last counts.
    """
    services = {}
    for record in store.snapshot(asker, landscape.day, kind="public-service"):
        spec = record.spec(store.registry)
        if spec.get("usesPerDay") is not None or spec.get("users") is not None:
            services[record.ref] = ServiceDemand(spec.get("usesPerDay"), spec.get("users"))
    found = [record.spec(store.registry) for record in store.snapshot(asker, landscape.day, kind="demand")]
    for spec in sorted(found, key=lambda spec: spec.get("measuredOn") or ""):
        ref = landscape.aliases.get(spec["service"], spec["service"])
        services[ref] = _read_demand(spec, landscape.aliases, services.get(ref, _NOTHING))
    return Demands(services, _read_population(store, asker, landscape))


def _read_demand(spec: Mapping[str, Any], aliases: Mapping[str, str], said: ServiceDemand) -> ServiceDemand:
    persons = spec.get("persons")
    return ServiceDemand(
        spec["usesPerDay"],
        said.persons if persons is None else persons,
        {aliases.get(use["segment"], use["segment"]): use["persons"] for use in spec.get("segments", ())},
        tuple(spec.get("profile") or _EVEN),
        float(spec.get("deferrableShare") or 0),
        tuple(date.fromisoformat(day) for day in spec.get("deadlines", ())),
    )


def _read_population(store: Store, asker: Principal, landscape: Landscape) -> Population:
    persons, partition = {}, {}
    for record in store.snapshot(asker, landscape.day, kind="population-segment"):
        spec = record.spec(store.registry)
        persons[record.ref] = spec["persons"]
        partition[record.ref] = spec.get("partition") or "population"
    whole = sum(count for ref, count in persons.items() if partition[ref] == "population")
    specs = (record.spec(store.registry) for record in store.snapshot(asker, landscape.day, kind="organisation"))
    inhabitants = sum(spec.get("inhabitants") or 0 for spec in specs if spec.get("type") == "municipality")
    return Population(persons, partition, max(whole, inhabitants) or None)


def begin_of(day: date | None, hour: int) -> datetime:
    """Give the moment at which a scenario begins, in local time; without a day on a Monday."""
    return datetime.combine(day or _MONDAY, time(hour))
