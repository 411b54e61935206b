"""What failure and recovery mean: a simulation of the estate, event by event.

**Members.** A node *delivers* or it does not. A group of k of n has a set of serving members, at first the first k of
its list. A member is *ready* when it delivers and it serves, or takes over by itself (automatic, or no switch-over
time), or its switch-over has been completed. A group is *met* while at least k members are ready.

**Switch-over.** As long as a group is not met, every delivering member that is not ready is being switched to, all at
once; that takes its switch-over time from the moment at which both hold, and starts again when the member stops
delivering. When the group is met again, switch-overs under way are given up, serving members that deliver stay, and
ready members fill the free places in the order of the list: a provider that comes back too late has become an
alternative.

**Buffer.** While a group is not met its buffer drains, whether or not its consumer runs; the group is *exhausted* when
it is empty. At the moment the group is met the buffer is full again.

**States.** *up*: delivers, all run groups are met. *draining*: delivers, some run group is not met. *switching*: does
not deliver because a run group is exhausted, but each exhausted group still had k delivering members: it waits for a
switch-over and goes on the moment that is done. *down*: does not deliver, because of a failure of its own or because an
exhausted run group had fewer than k delivering members. A node that is down starts again when its own failure has been
repaired, no run group is exhausted, and each start group has k delivering members. Start groups concern nobody else.

**The same moment.** First *repair*: failures that end now end; what can start or go on does, and so on. Then *failure*:
failures that begin now begin, buffers that are empty now are exhausted, with all that this brings down; a group that
was met again during repair has a full buffer. Then *switch*: switch-overs that end now are completed; what can start or
go on does, and so on. Each step goes to its least fixed point, so that no order among nodes matters; serving members
are settled, and switch-overs begun, at the end of each step. A state that lasts for no time at all is reported too.

Unresolved providers hold (best case), or fail for good with the first seed (worst case). Before the first seed all
nodes are up and all buffers full. With permanent failures and no switch-over times the first moment of failure is the
least fixed point of `fixpoint`.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Sequence
from typing import ClassVar

from eendracht.kernel.errors import EendrachtError, Fault, InvalidInput
from eendracht.kernel.estate.fixpoint import list_seed_moments
from eendracht.kernel.estate.model import NEVER, Case, Estate, Seed, check_seeds, to_seconds
from eendracht.kernel.estate.timeline import Reason, SimulationResult, State, Transition

MAX_MOMENTS = 1_000_000


class SimulationUnsettled(EendrachtError):
    """The estate keeps changing state; no end was found within the number of moments that a run may take."""

    code = "simulation-unsettled"
    status = 422
    title_nl = "De simulatie komt niet tot rust"
    title_en = "The simulation does not settle"
    default_hint = "Give the run a horizon."


def simulate(
    estate: Estate, seeds: Sequence[Seed], *, unknown: Case, horizon_hours: float = math.inf
) -> SimulationResult:
    """Run one scenario until nothing changes any more or the horizon (inclusive) is reached.

    The cost follows what is touched, not the size of the estate. Overlapping or adjoining failures of one node count as
    one. Raises InvalidInput on bad seeds, SimulationUnsettled after MAX_MOMENTS moments with an event.
    """
    check_seeds(estate, seeds)
    if math.isnan(horizon_hours):
        raise InvalidInput(faults=[Fault("/horizon_hours", "bad-hours", "Geen tijdstip.", "Not a moment.")])
    run = _Run(estate)
    for node, begin, end in _merge_seeds(estate, seeds, unknown):
        run.plan_event(begin, _FAIL, node)
        if end < NEVER:
            run.plan_event(end, _REPAIR, node)
    horizon = NEVER if horizon_hours == math.inf else to_seconds(horizon_hours)
    for _ in range(MAX_MOMENTS):
        if not run.events or run.events[0][0] > horizon:
            return SimulationResult(estate, tuple(seeds), unknown, tuple(run.transitions), run.reasons)
        run.advance()
    raise SimulationUnsettled(f"After {MAX_MOMENTS:,} moments there are still changes to come.")


def _merge_seeds(estate: Estate, seeds: Sequence[Seed], unknown: Case) -> Iterable[tuple[int, int, int]]:
    """Yield node, begin and end of each stretch of own failure, in seconds."""
    spans: dict[int, list[tuple[int, int]]] = {}
    for seed in seeds:
        end = NEVER if seed.repaired_at_hours is None else to_seconds(seed.repaired_at_hours)
        spans.setdefault(seed.node, []).append((to_seconds(seed.failed_at_hours), end))
    moments = list_seed_moments(estate, seeds, unknown)
    if estate.unresolved_node in moments:
        spans[estate.unresolved_node] = [(moments[estate.unresolved_node], NEVER)]
    for node, stretches in spans.items():
        begin, end = min(stretches)
        for next_begin, next_end in sorted(stretches):
            if next_begin > end:
                yield node, begin, end
                begin, end = next_begin, next_end
            end = max(end, next_end)
        yield node, begin, end


_REPAIR, _FAIL, _EXHAUST, _SWITCH = range(4)


class _Group:
    """A run group that something has happened to; members are known by their place."""

    __slots__ = (
        "buffer",
        "consumer",
        "due",
        "exhausted",
        "k",
        "members",
        "number",
        "serving",
        "switch",
        "switched",
        "unmet_since",
    )

    def __init__(self, estate: Estate, number: int) -> None:
        table = estate.run
        at = table.members_of(number)
        self.number = number
        self.consumer = int(table.consumer[number])
        self.k = int(table.k[number])
        self.buffer = int(table.buffer_seconds[number])
        self.members: list[int] = table.provider[at].tolist()
        self.switch: list[int] = table.switch_seconds[at].tolist()
        self.serving = set(range(self.k))
        self.switched: set[int] = set()
        self.due: dict[int, int] = {}
        self.unmet_since: int | None = None
        self.exhausted = False

    def is_ready(self, place: int) -> bool:
        """Tell whether a member could serve, given that it delivers."""
        return place in self.serving or self.switch[place] == 0 or place in self.switched


class _Run:
    """One simulation under way."""

    _ORDER: ClassVar[tuple[tuple[int, ...], ...]] = ((_REPAIR,), (_FAIL, _EXHAUST), (_SWITCH,))

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.now = 0
        self.events: list[tuple[int, int, int, int]] = []
        self.transitions: list[Transition] = []
        self.reasons: dict[int, Reason] = {}
        self.groups: dict[int, _Group] = {}
        self.silent: set[int] = set()
        self.stopped: set[int] = set()
        self.failing: set[int] = set()
        self.unmet: dict[int, int] = {}
        self.exhausted: dict[int, int] = {}
        self.states: dict[int, State] = {}
        self.changed_nodes: dict[int, None] = {}
        self.changed_groups: dict[int, None] = {}

    def plan_event(self, moment: int, kind: int, subject: int, place: int = 0) -> None:
        """Put an event on the list; whether it still applies is seen when its time comes."""
        heapq.heappush(self.events, (moment, kind, subject, place))

    def advance(self) -> None:
        """Handle everything that happens at the next moment, step by step."""
        self.now = self.events[0][0]
        happening: dict[int, list[tuple[int, int]]] = {}
        while self.events and self.events[0][0] == self.now:
            _, kind, subject, place = heapq.heappop(self.events)
            happening.setdefault(kind, []).append((subject, place))
        for kinds in self._ORDER:
            for kind in kinds:
                for subject, place in happening.get(kind, ()):
                    self._handle(kind, subject, place)
            self._settle()

    def _handle(self, kind: int, subject: int, place: int) -> None:
        if kind == _REPAIR:
            self.failing.discard(subject)
            self._revive([subject])
        elif kind == _FAIL:
            self.failing.add(subject)
            self._stop(subject)
            self._silence([subject])
        elif kind == _EXHAUST:
            group = self.groups[subject]
            due = group.unmet_since is not None and group.unmet_since + group.buffer == self.now
            if due and not group.exhausted:
                self._silence(self._exhaust(group))
        else:
            group = self.groups[subject]
            if group.due.get(place) == self.now:
                del group.due[place]
                group.switched.add(place)
                self._revive(self._recount(group))

    def _group(self, number: int) -> _Group:
        group = self.groups.get(number)
        if group is None:
            group = self.groups[number] = _Group(self.estate, number)
        return group

    def _memberships(self, node: int) -> Iterable[tuple[_Group, int]]:
        table = self.estate.run
        for at in table.memberships.of(node).tolist():
            number = int(table.group_of_member[at])
            yield self._group(number), at - int(table.indptr[number])

    def _stop(self, node: int) -> None:
        self.stopped.add(node)
        self.changed_nodes[node] = None

    def _count_delivering(self, group: _Group) -> int:
        return sum(member not in self.silent for member in group.members)

    def _is_met(self, group: _Group) -> bool:
        ready = 0
        for place, member in enumerate(group.members):
            ready += member not in self.silent and group.is_ready(place)
        return ready >= group.k

    def _silence(self, nodes: list[int]) -> None:
        """Let nodes stop delivering, and all that follows from it."""
        while nodes:
            node = nodes.pop()
            if node in self.silent:
                continue
            self.silent.add(node)
            self.changed_nodes[node] = None
            for group, place in self._memberships(node):
                group.due.pop(place, None)
                group.switched.discard(place)
                self.changed_groups[group.number] = None
                nodes += self._miss(group)

    def _miss(self, group: _Group) -> list[int]:
        """See what the loss of a member means for a group; give the consumer if it stops delivering."""
        consumer = group.consumer
        if group.exhausted:
            if consumer not in self.stopped and self._count_delivering(group) < group.k:
                self._stop(consumer)
            return []
        if group.unmet_since is not None or self._is_met(group):
            return []
        group.unmet_since = self.now
        self.unmet[consumer] = self.unmet.get(consumer, 0) + 1
        self.changed_nodes[consumer] = None
        if group.buffer == 0:
            return self._exhaust(group)
        self.plan_event(self.now + group.buffer, _EXHAUST, group.number)
        return []

    def _exhaust(self, group: _Group) -> list[int]:
        consumer = group.consumer
        if consumer not in self.silent and consumer not in self.reasons:
            lost = tuple(place for place, member in enumerate(group.members) if member in self.silent)
            self.reasons[consumer] = Reason(self.now, group.number, lost)
        group.exhausted = True
        self.exhausted[consumer] = self.exhausted.get(consumer, 0) + 1
        self.changed_nodes[consumer] = None
        if consumer not in self.stopped and self._count_delivering(group) < group.k:
            self._stop(consumer)
        return [consumer]

    def _revive(self, nodes: list[int]) -> None:
        """Let those of the nodes that can deliver again do so, and all that follows from it."""
        while nodes:
            node = nodes.pop()
            if node not in self.silent or not self._can_deliver(node):
                continue
            self.silent.discard(node)
            self.stopped.discard(node)
            self.changed_nodes[node] = None
            for group, _ in self._memberships(node):
                self.changed_groups[group.number] = None
                nodes += self._recount(group)
            start = self.estate.start
            nodes += start.consumer[start.group_of_member[start.memberships.of(node)]].tolist()

    def _can_deliver(self, node: int) -> bool:
        if node in self.failing or self.exhausted.get(node, 0):
            return False
        if node not in self.stopped:
            return True
        start = self.estate.start
        return all(
            sum(member not in self.silent for member in start.provider[start.members_of(group)].tolist())
            >= int(start.k[group])
            for group in start.groups_of(node)
        )

    def _recount(self, group: _Group) -> list[int]:
        """See whether a group is met again; give its consumer if that may now deliver."""
        if group.unmet_since is None or not self._is_met(group):
            return []
        consumer = group.consumer
        group.unmet_since = None
        self.unmet[consumer] -= 1
        self.changed_nodes[consumer] = None
        self.changed_groups[group.number] = None
        if not group.exhausted:
            return []
        group.exhausted = False
        self.exhausted[consumer] -= 1
        return [consumer]

    def _settle(self) -> None:
        """End a step: settle who serves, begin switch-overs, and write down the states that changed."""
        for number in self.changed_groups:
            self._settle_group(self.groups[number])
        self.changed_groups.clear()
        for node in sorted(self.changed_nodes):
            state = self._state_of(node)
            if state is not self.states.get(node, State.UP) and node < len(self.estate):
                self.states[node] = state
                self.transitions.append(Transition(self.now, node, state))
        self.changed_nodes.clear()

    def _settle_group(self, group: _Group) -> None:
        delivering = [place for place, member in enumerate(group.members) if member not in self.silent]
        if group.unmet_since is None:
            ready = [place for place in delivering if group.is_ready(place)]
            ready.sort(key=lambda place: place not in group.serving)
            group.serving = set(ready[: group.k])
            group.switched.clear()
            group.due.clear()
            return
        for place in delivering:
            if not group.is_ready(place) and place not in group.due:
                group.due[place] = self.now + group.switch[place]
                self.plan_event(group.due[place], _SWITCH, group.number, place)

    def _state_of(self, node: int) -> State:
        if node in self.stopped:
            return State.DOWN
        if self.exhausted.get(node, 0):
            return State.SWITCHING
        return State.DRAINING if self.unmet.get(node, 0) else State.UP
