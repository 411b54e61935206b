"""Why each node fails: for every failure a group that brings it about, and so a chain of causes that ends in seeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from eendracht.kernel.errors import NotFound
from eendracht.kernel.estate.adjacency import Flags, Ints, expand_ranges
from eendracht.kernel.estate.fixpoint import FailureTimes, list_seed_moments
from eendracht.kernel.estate.groups import GroupTable
from eendracht.kernel.estate.model import NEVER

Language: TypeAlias = Literal["nl", "en"]

_SEED = -1
_UNPROVED = np.iinfo(np.int32).max


@dataclass(frozen=True, slots=True)
class Cause:
    """A member whose failure counts; `via` names what made it fail, and is empty for a seed or an unresolved one."""

    node: int
    name: str
    failed_at_hours: float
    via: str


@dataclass(frozen=True, slots=True)
class WitnessStep:
    """One failure and what brings it about.

    `group` is the position of the group in the input, None for a seed. `causes` are the n - k + 1 members that failed
    first, in order of time; the last one is decisive. Each cause failed no later than this node minus the buffer, and
    comes before it in the proof.
    """

    node: int
    name: str
    failed_at_hours: float
    group: int | None
    label: str
    k: int
    n: int
    buffer_hours: float
    causes: tuple[Cause, ...]
    is_switching: bool = False
    """Whether enough members are left, and the node waits until it has changed over to them."""

    def say(self, language: Language) -> str:
        """Put the step into one sentence."""
        at = f"{self.failed_at_hours:g}"
        later = f" na {at} uur" if self.failed_at_hours else ""
        if self.group is None:
            return {"nl": f"{self.name} valt zelf uit{later}", "en": f"{self.name} fails by itself at {at} h"}[language]
        named = f" '{self.label}'" if self.label else ""
        causes = ", ".join(_say_cause(cause, language) for cause in self.causes)
        if self.n == 1 and not self.buffer_hours:
            return {
                "nl": f"{self.name} valt uit{later}, want wat het nodig heeft is weg: {causes}",
                "en": f"{self.name} fails at {at} h because what it needs is down: {causes}",
            }[language]
        if self.is_switching:
            return {
                "nl": f"{self.name} valt uit{later} tot het is overgeschakeld, want van groep{named} is weg: {causes}",
                "en": f"{self.name} fails at {at} h until it has changed over, as of group{named} is down: {causes}",
            }[language]
        if language == "nl":
            buffer = f", buffer {self.buffer_hours:g} uur" if self.buffer_hours else ""
            return (
                f"{self.name} valt uit{later}, want van groep{named} ({self.k} van {self.n}{buffer}) is weg: {causes}"
            )
        buffer = f", buffer {self.buffer_hours:g} h" if self.buffer_hours else ""
        return f"{self.name} fails at {at} h because group{named} ({self.k} of {self.n}{buffer}): {causes}"


def _say_cause(cause: Cause, language: Language) -> str:
    at, via = f"{cause.failed_at_hours:g}", f" via {cause.via}" if cause.via else ""
    later = f" na {at} uur" if cause.failed_at_hours else ""
    return f"{cause.name}{later}{via}" if language == "nl" else f"{cause.name} down at {at} h{via}"


@dataclass(frozen=True, eq=False)
class Witnesses:
    """The reasons for all failures of one run; a step is put together when asked for.

    `rank` orders the proof: seeds have 0, and the causes of a node a lower rank than the node. `group` is the run group
    that brings a node down.
    """

    times: FailureTimes
    rank: Ints
    group: Ints

    def step(self, node: int) -> WitnessStep:
        """Give the reason for one failure; raises NotFound if the node does not fail."""
        estate, seconds = self.times.estate, self.times.seconds
        if not 0 <= node < len(estate) or seconds[node] >= NEVER:
            raise NotFound("This node does not fail in this scenario.")
        at, group = int(seconds[node]), int(self.group[node])
        if group == _SEED:
            return WitnessStep(node, estate.names[node], at / 3600, None, "", 0, 0, 0.0, ())
        table, names = estate.run, estate.name_members(estate.run, group)
        members = table.provider[table.members_of(group)].tolist()
        return WitnessStep(
            node,
            estate.names[node],
            at / 3600,
            int(table.source[group]),
            estate.label_of(table, group),
            int(table.k[group]),
            len(members),
            int(table.buffer_seconds[group]) / 3600,
            tuple(
                Cause(members[place], names[place], int(seconds[members[place]]) / 3600, self._say_via(members[place]))
                for place in self._list_places(node)
            ),
        )

    def path(self, node: int) -> list[WitnessStep]:
        """Follow the decisive cause from a failed node to a seed (or to an unresolved provider, which has no step)."""
        steps = [self.step(node)]
        while steps[-1].causes and steps[-1].causes[-1].node < len(self.times.estate):
            steps.append(self.step(steps[-1].causes[-1].node))
        return steps

    def proof(self, node: int) -> list[WitnessStep]:
        """Give every step that the failure rests on, each after its causes; the node itself comes last."""
        steps: dict[int, WitnessStep] = {}
        waiting = [node]
        while waiting:
            current = waiting.pop()
            if current not in steps:
                steps[current] = self.step(current)
                waiting += [cause.node for cause in steps[current].causes if cause.node < len(self.times.estate)]
        return sorted(steps.values(), key=lambda step: (int(self.rank[step.node]), step.node))

    def _list_places(self, node: int) -> list[int]:
        """Give the places of the causes in the group of a node that is no seed, the decisive one last."""
        table, group, seconds = self.times.estate.run, int(self.group[node]), self.times.seconds
        members = table.provider[table.members_of(group)]
        in_time = seconds[members] <= seconds[node] - table.buffer_seconds[group]
        places = np.flatnonzero((self.rank[members] < self.rank[node]) & in_time)
        order = np.lexsort((self.rank[members[places]], seconds[members[places]]))
        needed: list[int] = places[order[: len(members) - int(table.k[group]) + 1]].tolist()
        return needed

    def _say_via(self, node: int) -> str:
        """Name what made a node fail: the label of the group or else the decisive member; empty for a seed."""
        estate, group = self.times.estate, int(self.group[node])
        if group == _SEED:
            return ""
        return estate.label_of(estate.run, group) or estate.name_members(estate.run, group)[self._list_places(node)[-1]]


def explain_failures(times: FailureTimes) -> Witnesses:
    """Find a reason for every failure.

    It goes in rounds: a node is proved once a group of it fails in time by members that were proved before.
    """
    estate, seconds, table = times.estate, times.seconds, times.estate.run
    rank = np.full(len(seconds), _UNPROVED, dtype=np.int32)
    reason = np.full(len(seconds), _SEED, dtype=np.int32)
    own = list_seed_moments(estate, times.seeds, times.unknown)
    proved = np.array([node for node, moment in own.items() if seconds[node] == moment], dtype=np.int64)
    rank[proved] = 0
    current = 0
    while len(proved):
        current += 1
        groups = np.unique(table.group_of_member[table.memberships.of_all(proved)])
        consumers = table.consumer[groups]
        groups = groups[(seconds[consumers] < NEVER) & (rank[consumers] == _UNPROVED)]
        groups = groups[_fail_in_time(table, groups, seconds, rank)]
        proved, first = np.unique(table.consumer[groups], return_index=True)
        rank[proved] = current
        reason[proved] = groups[first]
    return Witnesses(times, rank, reason)


def _fail_in_time(table: GroupTable, groups: Ints, seconds: Ints, rank: Ints) -> Flags:
    """Tell which groups lose enough proved members to bring their consumer down at its moment of failure."""
    if not len(groups):
        return np.zeros(0, dtype=np.bool_)
    sizes = table.sizes[groups]
    members = table.provider[expand_ranges(table.indptr[groups], sizes)]
    limit = seconds[table.consumer[groups]] - table.buffer_seconds[groups]
    counts = (rank[members] != _UNPROVED) & (seconds[members] <= np.repeat(limit, sizes))
    losses = np.add.reduceat(counts, np.cumsum(sizes) - sizes, dtype=np.int64)
    return np.asarray(losses > sizes - table.k[groups])
