"""Make an estate out of lists or arrays, and say everything that is wrong with them at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.estate.adjacency import Flags, Ints, offsets_of
from eendracht.kernel.estate.groups import NOT_STATED, TESTED, UNTESTED, GroupTable
from eendracht.kernel.estate.model import MAX_HOURS, Estate, Member, Phase

MAX_FAULTS = 1_000
"""So many faults are listed; the message says how many there are."""

RUN, START = 0, 1
_PHASES: Mapping[str, int] = {"run": RUN, "start": START}
_BAD_PHASE = -1
_BAD_CONSUMER = -1

Hours: TypeAlias = NDArray[np.float64]


class EstateBuilder:
    """Collect nodes and groups in any order, then `build`; a group may name nodes that come later."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._kinds: list[str] = []
        self._critical: list[bool] = []
        self._consumers: list[str] = []
        self._k: list[int] = []
        self._phases: list[str] = []
        self._buffer_hours: list[float] = []
        self._labels: list[str] = []
        self._sizes: list[int] = []
        self._providers: list[str] = []
        self._switch_hours: list[float] = []
        self._automatic: list[bool] = []
        self._tested: list[int] = []

    def add_node(self, name: str, *, kind: str = "component", critical: bool = False) -> None:
        """Add a node; `critical` marks a service whose stop counts."""
        self._names.append(name)
        self._kinds.append(kind)
        self._critical.append(critical)

    def add_group(
        self,
        consumer: str,
        members: Sequence[Member | str],
        *,
        k: int = 1,
        phase: Phase = "run",
        buffer_hours: float = 0.0,
        label: str = "",
    ) -> None:
        """Let `consumer` need at least k of the members; a plain name is a member without switch-over.

        The order counts: the first k members serve from the start, the others are alternatives. Faults are found by
        `build`, where they point to `/groups/<number in order of adding>`.
        """
        self._consumers.append(consumer)
        self._k.append(k)
        self._phases.append(phase)
        self._buffer_hours.append(buffer_hours)
        self._labels.append(label)
        self._sizes.append(len(members))
        for member in members:
            if isinstance(member, str):
                self._providers.append(member)
                self._switch_hours.append(0.0)
                self._automatic.append(True)
                self._tested.append(NOT_STATED)
            else:
                self._providers.append(member.provider)
                self._switch_hours.append(member.switch_over_hours)
                self._automatic.append(member.automatic)
                self._tested.append(NOT_STATED if member.tested is None else int(member.tested))

    def build(self) -> Estate:
        """Give the estate; raises InvalidInput with every fault."""
        index: dict[str, int] = {}
        faults = []
        for place, name in enumerate(self._names):
            if index.setdefault(name, place) != place:
                faults.append(_fault(f"/nodes/{place}", "duplicate-node", name))
        providers = [index.get(name, -1) for name in self._providers]
        unresolved: dict[tuple[int, int], str] = {}
        starts = offsets_of(np.asarray(self._sizes, dtype=np.int64))
        for at in np.flatnonzero(np.asarray(providers, dtype=np.int64) < 0).tolist():
            group = int(np.searchsorted(starts, at, side="right")) - 1
            unresolved[group, at - int(starts[group])] = self._providers[at]
        faults += _find_repeated_references(unresolved)
        faults += self._find_unknown_words(index)
        kind_names = list(dict.fromkeys(self._kinds))
        kind_index = {name: number for number, name in enumerate(kind_names)}
        return assemble_estate(
            self._names,
            kind=[kind_index[name] for name in self._kinds],
            kind_names=kind_names,
            critical=self._critical,
            consumer=[index.get(name, _BAD_CONSUMER) for name in self._consumers],
            k=self._k,
            phase=[_PHASES.get(phase, _BAD_PHASE) for phase in self._phases],
            buffer_hours=self._buffer_hours,
            sizes=self._sizes,
            provider=providers,
            switch_over_hours=self._switch_hours,
            automatic=self._automatic,
            tested=self._tested,
            labels=self._labels,
            unresolved=unresolved,
            known_faults=faults,
        )

    def _find_unknown_words(self, index: Mapping[str, int]) -> list[Fault]:
        """Report consumers and phases by the word that was given, which the columns no longer hold."""
        return [
            *(
                _fault(f"/groups/{group}/consumer", "unknown-consumer", name)
                for group, name in enumerate(self._consumers)
                if name not in index
            ),
            *(
                _fault(f"/groups/{group}/phase", "unknown-phase", phase)
                for group, phase in enumerate(self._phases)
                if phase not in _PHASES
            ),
        ]


def assemble_estate(
    names: Sequence[str],
    *,
    consumer: ArrayLike,
    sizes: ArrayLike,
    provider: ArrayLike,
    k: ArrayLike = 1,
    phase: ArrayLike = RUN,
    buffer_hours: ArrayLike = 0.0,
    switch_over_hours: ArrayLike = 0.0,
    automatic: ArrayLike = False,
    tested: ArrayLike = NOT_STATED,
    kind: ArrayLike = 0,
    kind_names: Sequence[str] = ("component",),
    critical: ArrayLike = False,
    labels: Sequence[str] = (),
    unresolved: Mapping[tuple[int, int], str] | None = None,
    known_faults: Sequence[Fault] = (),
) -> Estate:
    """Make an estate from columns; a single value stands for a whole column.

    Per node: `names` (distinct), `kind`, `critical`. Per group: `consumer` (node index), `k`, `phase` (RUN or START),
    `buffer_hours`, `sizes`. Per member, group after group: `provider` (node index, -1 for an unresolved reference),
    `switch_over_hours`, `automatic`, `tested` (1, 0, or -1 for not stated). `unresolved` names references by
    (group, place in the group). Raises InvalidInput with every fault, `known_faults` among them.
    """
    counts = np.atleast_1d(np.asarray(sizes, dtype=np.int64))
    groups, members, nodes = len(counts), int(counts.sum()), len(names)
    columns = _Columns(
        nodes=nodes,
        consumer=_fill(consumer, groups, np.int32),
        k=_fill(k, groups, np.int64),
        phase=_fill(phase, groups, np.int8),
        buffer_hours=_fill(buffer_hours, groups, np.float64),
        sizes=counts,
        provider=_fill(provider, members, np.int32),
        switch_hours=_fill(switch_over_hours, members, np.float64),
        automatic=_fill(automatic, members, np.bool_),
        tested=_fill(tested, members, np.int8),
    )
    said = {(fault.pointer, fault.code) for fault in known_faults}
    faults = [*known_faults, *(fault for fault in _find_faults(columns) if (fault.pointer, fault.code) not in said)]
    if faults:
        raise InvalidInput(f"The estate has {len(faults)} faults.", faults=faults[:MAX_FAULTS])
    table = columns.tabulate()
    by_consumer = np.lexsort((columns.consumer, columns.phase))
    runs = int((columns.phase == RUN).sum())
    return Estate(
        names=names,
        kind=_fill(kind, nodes, np.int16),
        kind_names=tuple(kind_names),
        critical=_fill(critical, nodes, np.bool_),
        run=table.select_groups(by_consumer[:runs]),
        start=table.select_groups(by_consumer[runs:]),
        labels=labels,
        unresolved=unresolved or {},
    )


class _Columns:
    """The columns of one estate, before they are believed."""

    def __init__(self, **columns: Any) -> None:
        self.nodes: int = columns["nodes"]
        self.consumer: Ints = columns["consumer"]
        self.k: Ints = columns["k"]
        self.phase: Ints = columns["phase"]
        self.buffer_hours: Hours = columns["buffer_hours"]
        self.sizes: Ints = columns["sizes"]
        self.provider: Ints = columns["provider"]
        self.switch_hours: Hours = columns["switch_hours"]
        self.automatic: Flags = columns["automatic"]
        self.tested: Ints = columns["tested"]

    def tabulate(self) -> GroupTable:
        """Give the columns as a table in input order, in seconds, with unresolved providers as the extra node."""
        return GroupTable(
            self.nodes,
            self.consumer,
            self.k,
            np.rint(self.buffer_hours * 3600).astype(np.int64),
            np.arange(len(self.sizes), dtype=np.int32),
            offsets_of(self.sizes),
            np.where(self.provider < 0, self.nodes, self.provider).astype(np.int32),
            np.where(self.automatic, 0, np.rint(self.switch_hours * 3600)).astype(np.int64),
            self.tested,
            (np.arange(len(self.provider)) - np.repeat(offsets_of(self.sizes)[:-1], self.sizes)).astype(np.int32),
        )


def _fill(values: ArrayLike, length: int, dtype: Any) -> NDArray[Any]:
    array = np.asarray(values, dtype=dtype)
    if array.ndim == 0:
        return np.full(length, array)
    if len(array) != length:
        raise InvalidInput(f"A column has {len(array)} values where {length} are needed.")
    return array


def _find_faults(columns: _Columns) -> list[Fault]:
    """Check every group and member against every rule; the faults come in input order per rule."""
    sizes, start = columns.sizes, columns.phase == START
    group = np.repeat(np.arange(len(sizes)), sizes)
    first = offsets_of(sizes)[:-1]
    provider, switch = columns.provider, columns.switch_hours

    def of_groups(wrong: Flags, field: str, code: str, values: NDArray[Any]) -> list[Fault]:
        return [_fault(f"/groups/{g}{field}", code, values[g]) for g in np.flatnonzero(wrong).tolist()]

    def of_members(wrong: Flags, field: str, code: str, values: NDArray[Any]) -> list[Fault]:
        at = np.flatnonzero(wrong).tolist()
        return [_fault(f"/groups/{group[m]}/members/{m - first[group[m]]}{field}", code, values[m]) for m in at]

    repeated = np.zeros(len(provider), dtype=np.bool_)
    key = np.where(provider >= 0, group * columns.nodes + provider, -1 - np.arange(len(provider)))
    order = np.argsort(key, kind="stable")
    repeated[order[1:]] = key[order[1:]] == key[order[:-1]]
    consumer_known = (columns.consumer >= 0) & (columns.consumer < columns.nodes)
    return [
        *of_groups(~consumer_known, "/consumer", "unknown-consumer", columns.consumer),
        *of_groups((columns.phase != RUN) & ~start, "/phase", "unknown-phase", columns.phase),
        *of_groups(sizes == 0, "/members", "no-members", sizes),
        *of_groups(columns.k < 1, "/k", "k-below-one", columns.k),
        *of_groups((columns.k > sizes) & (sizes > 0), "/k", "k-above-n", columns.k),
        *of_groups(_bad_hours(columns.buffer_hours), "/buffer_hours", "bad-hours", columns.buffer_hours),
        *of_groups(start & (columns.buffer_hours > 0), "/buffer_hours", "start-group-timing", columns.buffer_hours),
        *of_members(_bad_hours(switch), "/switch_over_hours", "bad-hours", switch),
        *of_members(start[group] & (switch > 0), "/switch_over_hours", "start-group-timing", switch),
        *of_members((provider < -1) | (provider >= columns.nodes), "/provider", "unknown-provider", provider),
        *of_members(consumer_known[group] & (provider == columns.consumer[group]), "/provider", "self", provider),
        *of_members(repeated, "/provider", "duplicate-member", provider),
        *of_members(~np.isin(columns.tested, (TESTED, UNTESTED, NOT_STATED)), "/tested", "bad-tested", columns.tested),
    ]


def _bad_hours(hours: Hours) -> Flags:
    return ~((hours >= 0) & (hours <= MAX_HOURS))


def _find_repeated_references(unresolved: Mapping[tuple[int, int], str]) -> list[Fault]:
    seen: set[tuple[int, str]] = set()
    faults = []
    for (group, place), name in unresolved.items():
        if (group, name) in seen:
            faults.append(_fault(f"/groups/{group}/members/{place}/provider", "duplicate-member", name))
        seen.add((group, name))
    return faults


_MESSAGES: Mapping[str, tuple[str, str, str]] = {
    "duplicate-node": ("Deze naam komt vaker voor", "This name occurs more than once", "Give each node one name."),
    "unknown-consumer": ("Deze afnemer bestaat niet", "No such consumer", "Add the node, or correct the name."),
    "unknown-phase": ("Onbekende fase", "Unknown phase", "Use run or start."),
    "no-members": ("De groep heeft geen leden", "The group has no members", "Name at least one provider."),
    "k-below-one": ("k is kleiner dan 1", "k is less than 1", "Ask for at least one member, or drop the group."),
    "k-above-n": ("k is groter dan het aantal leden", "k exceeds the number of members", "Lower k or add members."),
    "bad-hours": ("Geen bruikbaar aantal uren", "Not a usable number of hours", f"Give 0 to {MAX_HOURS:,.0f} hours."),
    "start-group-timing": (
        "Een startgroep heeft geen buffer of omschakeltijd",
        "A start group has no buffer and no switch-over",
        "Put it on the run group.",
    ),
    "unknown-provider": ("Deze leverancier bestaat niet", "No such provider", "Use -1 for an unresolved reference."),
    "self": ("Een onderdeel kan zichzelf niet nodig hebben", "A node cannot require itself", "Remove the member."),
    "duplicate-member": ("Dit lid staat al in de groep", "This member is already in the group", "Name it once."),
    "bad-tested": ("Onbekende waarde voor getest", "Unknown value for tested", "Use 1, 0 or -1."),
}


def _fault(pointer: str, code: str, value: object) -> Fault:
    nl, en, hint = _MESSAGES[code]
    return Fault(pointer, code, f"{nl}: {value}.", f"{en}: {value}.", hint)
