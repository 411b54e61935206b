"""What to move first: exposure x citizens x years too late.

Exposure is 1 where what carries or holds the data exchanges keys in a way that a quantum computer breaks, one half
where nobody knows, and 0 where it is safe. Citizens are those who rely on a service that stands on these systems, each
counted once. Years too late is X + Y - Z in the middle scenario, at least zero. Where citizens or years are not known
there is no priority to give: it stands apart, as what to find out first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from eendracht.resilience.demand import Bounds, Demands
from eendracht.resilience.quantum.holdings import Holdings
from eendracht.resilience.quantum.links import Link, State, judge_assets, take_worst
from eendracht.resilience.quantum.mosca import Deadline

if TYPE_CHECKING:
    from eendracht.kernel.landscape import Landscape

EXPOSURE: Final = {"broken": Fraction(1), "unknown": Fraction(1, 2), "safe": Fraction(0)}


@dataclass(frozen=True, slots=True)
class Priority:
    """A dataset with what its place in the row rests on."""

    deadline: Deadline
    exposure: State
    services: Sequence[str]
    citizens: Bounds | None
    """None where no service stands on it, as far as is recorded."""
    years_late: Fraction
    """In the best case."""
    is_bounded: bool
    """Whether that is all there is."""

    @property
    def score(self) -> Fraction | None:
        """Exposure x citizens (at least) x years; None where something of it is not known."""
        if self.citizens is None or (not self.is_bounded and not self.years_late) or not self._is_counted:
            return None
        return EXPOSURE[self.exposure] * self.citizens.low * self.years_late

    @property
    def _is_counted(self) -> bool:
        return self.citizens is not None and (self.citizens.low > 0 or self.citizens.high == 0)

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "dataset": self.deadline.subject,
            "exposure": self.exposure,
            "services": list(self.services),
            "citizens": self.citizens.as_dict() if self.citizens else None,
            "yearsLate": f"{float(self.years_late):.2f}",
            "yearsBounded": self.is_bounded,
            "score": None if self.score is None else round(self.score),
        }


def rank_data(
    holdings: Holdings, links: Sequence[Link], demands: Demands, deadlines: Sequence[Deadline], scenario: str
) -> Sequence[Priority]:
    """Put what must stay secret in a row for one scenario: the highest score first, what is unknown after it."""
    found = []
    for deadline in deadlines:
        if deadline.aspect != "confidentiality":
            continue
        carrying = [link.state for link in links if deadline.subject in link.record.datasets]
        held = [judge_assets(holdings.assets_of.get(system, ())) for system in deadline.others]
        services = find_services(deadline.others, holdings.landscape)
        face = next(item for item in deadline.scenarios if item.horizon.id == scenario)
        late = max(Fraction(0), -(face.best_slack if face.worst_slack is None else face.worst_slack))
        citizens = demands.count_persons(services) if services else None
        exposure = take_worst([*carrying, *held])
        found.append(Priority(deadline, exposure, services, citizens, late, face.worst_slack is not None))
    return sorted(
        found,
        key=lambda item: (item.score is None, -(item.score or 0), item.exposure == "safe", item.deadline.subject),
    )


def find_services(things: Iterable[str], landscape: Landscape) -> Sequence[str]:
    """Give the public services that need one of the things to run, directly or through others."""
    estate = landscape.estate
    seen = {estate.index[ref] for ref in things if ref in estate.index}
    waiting = list(seen)
    table = estate.run
    while waiting:
        for at in table.memberships.of(waiting.pop()).tolist():
            consumer = int(table.consumer[table.group_of_member[at]])
            if consumer not in seen:
                seen.add(consumer)
                waiting.append(consumer)
    return sorted(estate.names[node] for node in seen if landscape.things[node].kind == "public-service")
