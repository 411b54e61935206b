"""The whole picture of the move, worked out once for whoever may see the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import Fault, NotFound
from eendracht.kernel.store import Store
from eendracht.resilience.demand import Demands, read_demands
from eendracht.resilience.quantum.holdings import Asset, Holdings, read_holdings
from eendracht.resilience.quantum.links import Link, judge_links
from eendracht.resilience.quantum.mosca import Deadline, read_horizons, weigh_data, weigh_systems
from eendracht.resilience.quantum.plan import MovePlan, judge_step, make_plan
from eendracht.resilience.quantum.policy import Policy, find_milestone, read_policies
from eendracht.resilience.quantum.priorities import Priority, rank_data
from eendracht.resilience.quantum.readiness import LayerReadiness, Readiness, measure_readiness, sum_layers
from eendracht.resilience.quantum.verdicts import Conflict, Verdict, find_conflicts, judge_all

if TYPE_CHECKING:
    from eendracht.kernel.landscape import Landscape

RANKED_BY: Final = "2035"
"""The scenario by which priorities are ranked."""


@dataclass(frozen=True)
class AssetVerdict:
    """One asset with what every authority says of it on a day, and where these contradict each other."""

    asset: Asset
    verdicts: Sequence[Verdict]
    conflicts: Sequence[Conflict]

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        asset = self.asset
        return {
            "ref": asset.ref,
            "name": asset.name,
            "owner": asset.owner,
            "family": asset.family or None,
            "parameterSet": asset.parameter_set or None,
            "purpose": asset.purpose or None,
            "quantum": asset.use("unknown").quantum,
            "verdicts": [verdict.as_dict() for verdict in self.verdicts],
            "conflicts": [conflict.as_dict() for conflict in self.conflicts],
        }


@dataclass(frozen=True)
class Overview:
    """What is recorded, judged; each part is worked out when it is first asked for."""

    holdings: Holdings
    demands: Demands
    policies: Sequence[Policy]

    @cached_property
    def links(self) -> Sequence[Link]:
        """Every link, the worst first."""
        return judge_links(self.holdings)

    @cached_property
    def plan(self) -> MovePlan:
        """The plan of all."""
        return make_plan(self.holdings)

    @cached_property
    def deadlines(self) -> Sequence[Deadline]:
        """Every dataset with a shelf life, both aspects, in every scenario."""
        return weigh_data(self.holdings, self.plan, read_horizons())

    @cached_property
    def system_deadlines(self) -> Sequence[Deadline]:
        """Every system that holds such data, both aspects, in every scenario."""
        return weigh_systems(self.holdings, self.plan, read_horizons())

    @cached_property
    def priorities(self) -> Sequence[Priority]:
        """What to move first."""
        return rank_data(self.holdings, self.links, self.demands, self.deadlines, RANKED_BY)

    @cached_property
    def readiness(self) -> Sequence[Readiness]:
        """Every organisation."""
        milestones = list(find_milestone(self.policies).values())
        return measure_readiness(self.holdings, self.links, self.plan, milestones)

    @cached_property
    def layers(self) -> Sequence[LayerReadiness]:
        """All together, and every layer of government."""
        return sum_layers(self.readiness, self.links)

    @cached_property
    def by_organisation(self) -> Mapping[str, Readiness]:
        """The organisations by ref."""
        return {item.party.ref: item for item in self.readiness}

    def find_organisation(self, name: str) -> Readiness:
        """Find an organisation by its ref or the code in it; raises NotFound."""
        ref = name if name.startswith("organisation:") else f"organisation:{name}"
        ref = self.holdings.landscape.aliases.get(ref, ref)
        if ref not in self.by_organisation:
            raise NotFound(f"There is no organisation {name}", hint="Find it first: eendracht find.")
        return self.by_organisation[ref]

    def links_of(self, organisation: str) -> Sequence[Link]:
        """Give the links of which an organisation holds an end."""
        return [link for link in self.links if organisation in (link.client.owner, link.server.owner)]

    def deadlines_of(self, organisation: str) -> Sequence[Deadline]:
        """Give the deadlines of the data of an organisation."""
        return [item for item in self.deadlines if item.owner == organisation]

    def list_late_steps(self) -> Sequence[str]:
        """Give the steps that are not done and come too late for their milestone, by ref."""
        milestones = find_milestone(self.policies)
        return [
            item.step.ref
            for item in self.plan.steps
            if item.step.milestone in milestones
            and not item.is_done
            and judge_step(item, milestones[item.step.milestone].date, self.plan.day) in ("missed", "at-risk")
        ]

    def judge_asset(self, ref: str, on: date | None = None) -> AssetVerdict:
        """Judge one asset by every authority, today or on another day; raises NotFound."""
        asset = next((one for one in self.holdings.assets if one.ref == ref), None)
        if asset is None:
            raise NotFound("There is no such cryptographic asset")
        verdicts = judge_all(asset.use(self.holdings.risk_of_asset(asset)), self.policies, on or self.holdings.day)
        return AssetVerdict(asset, verdicts, find_conflicts(verdicts))

    @property
    def faults(self) -> Sequence[Fault]:
        """What is wrong in what was recorded of the plan."""
        return self.plan.circle.faults if self.plan.circle else ()

    def describe(self, is_inside: bool, limit: int) -> dict[str, Any]:
        """Give counts by layer of government, which everybody may see; to insiders what to move first as well."""
        return {
            "day": self.holdings.day.isoformat(),
            "layers": [layer.as_dict() for layer in self.layers],
            "priorities": [item.as_dict() for item in self.priorities[:limit]] if is_inside else [],
            "faults": [fault.as_dict() for fault in self.faults] if is_inside else [],
            "synthetic": self.holdings.is_synthetic,
        }

    def describe_organisation(self, readiness: Readiness, limit: int) -> dict[str, Any]:
        """Give what insiders see of one organisation, at most `limit` of each list."""
        ref = readiness.party.ref
        return {
            **readiness.as_dict(),
            "openLinks": [link.as_dict() for link in self.links_of(ref) if link.state != "safe"][:limit],
            "plan": [item.as_dict() for item in self.plan.of(ref)][:limit],
            "deadlines": [item.as_dict() for item in self.deadlines_of(ref)][:limit],
            "synthetic": self.holdings.is_synthetic,
        }


def read_overview(store: Store, asker: Principal, landscape: Landscape) -> Overview:
    """Read what is recorded on the day of a landscape."""
    return Overview(
        read_holdings(store, asker, landscape), read_demands(store, asker, landscape), tuple(read_policies())
    )
