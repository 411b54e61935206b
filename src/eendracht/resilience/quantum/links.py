"""Which links are quantum-safe: only where both ends can be and what was seen between them is.

An end can where it offers a key exchange that withstands a quantum computer: as an endpoint that was looked at, or by
the assets that are recorded of it; where these do not tell, by what it was seen to agree on. It cannot where everything
is known and nothing of it does. Of three facts (client, server, what was seen) the worst counts: one that is broken
breaks the link, and one that is unknown leaves it unknown.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from eendracht.resilience.quantum.holdings import Asset, Holdings, LinkRecord
from eendracht.resilience.tls.code_points import GROUPS

State = Literal["safe", "unknown", "broken"]
_ORDER: Final[Mapping[State, int]] = {"safe": 0, "unknown": 1, "broken": 2}
_SAFE_GROUPS: Final = ("hybrid", "pure")


@dataclass(frozen=True, slots=True)
class End:
    """One end of a link: whether it can exchange keys in a quantum-safe way, and on what that rests."""

    ref: str
    owner: str
    state: State
    rests_on: Literal["endpoint", "assets", "observed", "nothing"]


@dataclass(frozen=True, slots=True)
class Link:
    """A link with the state of its ends, of what was seen, and of the whole."""

    record: LinkRecord
    client: End
    server: End
    observed: State
    state: State

    @property
    def held_up_by(self) -> Sequence[Literal["client", "server", "neither"]]:
        """Which ends must still move; `neither` where both can and yet agreed on something that is broken."""
        if self.state != "broken":
            return ()
        states = (self.client.state, self.server.state)
        if states == ("safe", "safe"):
            return ("neither",)
        ends: Sequence[Literal["client", "server"]] = ("client", "server")
        return [name for name, state in zip(ends, states, strict=True) if state == "broken"]

    @property
    def to_ask(self) -> Sequence[Literal["client", "server", "observation"]]:
        """What is not known of it."""
        facts: Sequence[tuple[Literal["client", "server", "observation"], State]] = (
            ("client", self.client.state),
            ("server", self.server.state),
            ("observation", self.observed),
        )
        return [name for name, state in facts if state == "unknown"]

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "ref": self.record.ref,
            "name": self.record.name,
            "state": self.state,
            "client": {"ref": self.client.ref, "owner": self.client.owner, "state": self.client.state},
            "server": {"ref": self.server.ref, "owner": self.server.owner, "state": self.server.state},
            "observed": self.observed,
            "observedGroup": self.record.observed_group or None,
            "observedOn": self.record.observed_on or None,
            "heldUpBy": list(self.held_up_by),
            "toAsk": list(self.to_ask),
            "datasets": list(self.record.datasets),
        }


def take_worst(states: Iterable[State]) -> State:
    """Give the worst of some states: broken, else unknown, else safe; unknown of none."""
    return max(states, key=_ORDER.__getitem__, default="unknown")


def judge_group(name: str) -> State:
    """Tell whether a key exchange group withstands a quantum computer, by its name; a draft of one is unknown."""
    known = {group.casefold(): quantum for group, quantum in GROUPS.values()}
    quantum = known.get(name.casefold())
    return "safe" if quantum in _SAFE_GROUPS else "broken" if quantum == "none" else "unknown"


def _state_of(quantum: str) -> State:
    return "safe" if quantum == "safe" else "broken" if quantum == "broken" else "unknown"


def judge_links(holdings: Holdings) -> Sequence[Link]:
    """Judge every link that is recorded, the worst first."""
    judge = _Judge(holdings)
    links = [judge.judge(record) for record in holdings.links]
    return sorted(links, key=lambda link: (-_ORDER[link.state], link.record.name, link.record.ref))


class _Judge:
    def __init__(self, holdings: Holdings) -> None:
        self.holdings = holdings
        self.serving: dict[str, list[str]] = defaultdict(list)
        for ref, spec in holdings.endpoints.items():
            for served in spec.get("serves", ()):
                self.serving[holdings.landscape.aliases.get(served, served)].append(ref)

    def judge(self, record: LinkRecord) -> Link:
        """Judge one link."""
        observed = judge_group(record.observed_group)
        named = [record.endpoint] if record.endpoint else self.serving.get(record.server, [])
        client = self._judge_end(record.client, (), observed)
        server = self._judge_end(record.server, named, observed)
        return Link(record, client, server, observed, take_worst((client.state, server.state, observed)))

    def _judge_end(self, ref: str, endpoints: Sequence[str], observed: State) -> End:
        owner = self.holdings.owners.get(ref, ref if ref.startswith(("organisation:", "supplier:")) else "")
        seen = [judge_endpoint(self.holdings.endpoints[name]) for name in endpoints if name in self.holdings.endpoints]
        if seen and (worst := take_worst(seen)) != "unknown":
            return End(ref, owner, worst, "endpoint")
        state = judge_assets(self.holdings.assets_of.get(ref, ()))
        if state == "unknown" and observed == "safe":
            # What they were seen to agree on is what both can do.
            return End(ref, owner, "safe", "observed")
        return End(ref, owner, state, "nothing" if state == "unknown" else "assets")


def judge_endpoint(spec: Mapping[str, Any]) -> State:
    """Tell whether an endpoint can exchange keys in a quantum-safe way; unknown where not every group was seen."""
    groups = spec.get("groups", ())
    if any(group.get("quantum") in _SAFE_GROUPS for group in groups):
        return "safe"
    # A draft of a hybrid is no standard that the other end can be trusted to keep.
    is_known = groups and spec.get("isComplete") and all(group.get("quantum") == "none" for group in groups)
    return "broken" if is_known else "unknown"


def judge_assets(assets: Sequence[Asset]) -> State:
    """Tell the same of an end by the assets that are recorded of it."""
    uses = [asset.use("unknown") for asset in assets if asset.is_judged]
    states = {_state_of(use.quantum) for use in uses if use.purpose in ("key-establishment", "encryption")}
    if "safe" in states:
        return "safe"
    # A purpose that nobody could tell may hide a key exchange.
    is_known = states == {"broken"} and all(use.purpose != "unknown" for use in uses)
    return "broken" if is_known else "unknown"


def count_states(links: Iterable[Link]) -> dict[State, int]:
    """Count the links in each state."""
    counts = Counter(link.state for link in links)
    return {"safe": counts["safe"], "unknown": counts["unknown"], "broken": counts["broken"]}
