"""The national landscape as arrays: which node needs which, drawn in columns so that a million takes a second."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from eendracht.demo.bodies import Body, weigh
from eendracht.demo.drafts import AUTHORITY
from eendracht.demo.market import Market, make_market
from eendracht.demo.national_plan import (
    EDGE_COUNT,
    FILLED,
    GROUP_COUNT,
    LAYERS,
    MINIMUM_BLOCK,
    SLOTS,
    SUPPLIER_COUNT,
    Layer,
    Slot,
)
from eendracht.demo.planted import RedundantGroup
from eendracht.demo.planting import Role
from eendracht.kernel.identity import slug

Places = npt.NDArray[np.int64]

RESERVED_SHARE: Final = 0.04
"""Share of the shared nodes of a layer that nothing is drawn to; weaknesses hide there."""
CRITICAL_EVERY: Final = 10

_CORE_ROLES: Final = ("identity", "pki", "network")
"""What a core node is, by its place modulo three."""
_ROLE_LAYER: Final = {"component": "middleware", "platform": "platform"}
_SHARED_ROLE_LAYER: Final = {"facility": "site", "data-centre": "site", "power": "power"}


@dataclass(frozen=True)
class Block:
    """The nodes of one layer, ordered by body."""

    layer: Layer
    start: int
    """Number of its first node."""
    offsets: Places
    """Where each body begins, counted from `start`; one more entry than there are bodies."""
    bodies: Places
    """Body of each node."""
    popular: Places
    """Places of the nodes that are shared, most popular first."""
    reserved: Places
    dice: Places
    """A random number below 2**30 per node, for all that varies without meaning."""


@dataclass(frozen=True)
class Column:
    """A slot filled in: for each node of the layer the numbers of its `n` targets, or -1 where it has no such need."""

    slot: Slot
    targets: Places


class NationalGraph:
    """All nodes and requirements of the national estate, and what planting asks of them."""

    def __init__(self, rng: np.random.Generator, bodies: Sequence[Body], on: date) -> None:
        self.bodies = bodies
        self._rng = rng
        self._market = make_market(rng, SUPPLIER_COUNT, on)
        self.blocks = self._lay_blocks()
        self.columns: dict[str, list[Column]] = {layer.name: [] for layer in LAYERS}
        for slot in SLOTS:
            self.columns[slot.layer].append(self._fill(slot))
        self._top_up()
        self.refs = self._name_all()
        self._numbers: dict[str, int] = {}
        self._taken: set[int] = set()
        self._edges_from, self._edges_to = self._certain_edges()

    @property
    def market(self) -> Market:
        """Its suppliers."""
        return self._market

    def is_critical(self, dice: int) -> bool:
        """Tell whether a service with this die is critical."""
        return dice % CRITICAL_EVERY == 0

    def count(self) -> tuple[int, int]:
        """Give the number of requirement groups (single requirements included) and of member references."""
        groups = edges = 0
        for columns in self.columns.values():
            for column in columns:
                present = int((column.targets[:, 0] >= 0).sum())
                groups += present
                edges += present * column.slot.n
        return groups, edges

    def redundant_groups(self) -> Sequence[RedundantGroup]:
        """Give the groups with spare members of critical services, in random order, each body once before any twice."""
        block = self.blocks["service"]
        critical = np.flatnonzero(block.dice % CRITICAL_EVERY == 0).tolist()
        order = self._rng.permutation(len(critical)).tolist()
        found: list[tuple[int, int, RedundantGroup]] = []
        seen: dict[int, int] = {}
        for rank, pick in enumerate(order):
            place = critical[pick]
            body = int(block.bodies[place])
            seen[body] = seen.get(body, 0) + 1
            for column in self.columns["service"]:
                row = column.targets[place].tolist()
                if column.slot.k < column.slot.n and row[0] >= 0:
                    members = tuple(self.refs[number] for number in row)
                    service = self.refs[block.start + place]
                    group = RedundantGroup(service, self.bodies[body].code, column.slot.k, members)
                    found.append((seen[body], rank, group))
        return [group for _, _, group in sorted(found, key=lambda item: item[:2])]

    def certain_needs(self, ref: str) -> Set[str]:
        """Give every ref without which `ref` stops for lack of any alternative, itself included."""
        first = self._number(ref)
        seen = {first}
        queue = [first]
        while queue:
            node = queue.pop()
            low, high = self._edges_from[node : node + 2].tolist()
            for need in self._edges_to[low:high].tolist():
                if need not in seen:
                    seen.add(need)
                    queue.append(need)
        return {self.refs[number] for number in seen}

    def take(self, role: Role, near: str, avoid: Set[str]) -> str | None:
        """Give an own node of the body of `near`, or one from the reserve of a shared layer."""
        if role in _ROLE_LAYER:
            block = self.blocks[_ROLE_LAYER[role]]
            body = int(self._body_of(near))
            low, high = block.offsets[body : body + 2].tolist()
            places: list[int] = (low + self._rng.permutation(high - low)).tolist()
        elif role in _SHARED_ROLE_LAYER:
            block = self.blocks[_SHARED_ROLE_LAYER[role]]
            places = block.reserved.tolist()
        else:
            block = self.blocks["core"]
            places = [place for place in block.reserved.tolist() if _CORE_ROLES[place % 3] == role]
        for place in places:
            number = block.start + place
            if number not in self._taken and self.refs[number] not in avoid:
                self._taken.add(number)
                return self.refs[number]
        return None

    def _lay_blocks(self) -> dict[str, Block]:
        blocks: dict[str, Block] = {}
        start = 0
        weights = np.array([weigh(body) for body in self.bodies], dtype=np.int64)
        for layer in LAYERS:
            counts = _allot(layer.count, weights)
            offsets = np.concatenate(([0], np.cumsum(counts)))
            popular = self._rng.permutation(layer.count)
            if layer.name == "supplier":
                popular = np.array(self._market.operating, dtype=np.int64)
            kept = 0 if layer.name == "supplier" else int(layer.count * RESERVED_SHARE)
            blocks[layer.name] = Block(
                layer=layer,
                start=start,
                offsets=offsets,
                bodies=np.repeat(np.arange(len(counts)), counts),
                popular=popular[: len(popular) - kept],
                reserved=popular[len(popular) - kept :],
                dice=self._rng.integers(2**30, size=layer.count),
            )
            start += layer.count
        return blocks

    def _fill(self, slot: Slot) -> Column:
        """Draw the targets of a slot."""
        block, target = self.blocks[slot.layer], self.blocks[slot.target]
        count = block.layer.count
        if slot.reach == "ring":
            places = np.arange(count)
            present = np.repeat(self._rng.random(count // 3 + 1) < slot.share, 3)[:count] & (places < count // 3 * 3)
            rows = (places // 3 * 3 + (places + 1) % 3)[:, None]
        else:
            present = self._rng.random(count) < slot.share
            rows = (
                self._draw_own(block, target, slot.n) if slot.reach == "own" else self._draw_shared(target, count, slot)
            )
        return Column(slot, np.where(present[:, None], target.start + rows, -1))

    def _draw_own(self, block: Block, target: Block, n: int) -> Places:
        """Draw `n` different nodes of the same body for each node."""
        low = target.offsets[block.bodies]
        size = target.offsets[block.bodies + 1] - low
        first = self._rng.integers(2**30, size=len(size)) % size
        step = 1 + self._rng.integers(2**30, size=len(size)) % np.maximum((size - 1) // n, 1)
        drawn: Places = low[:, None] + (first[:, None] + np.arange(n) * step[:, None]) % size[:, None]
        return drawn

    def _draw_shared(self, target: Block, count: int, slot: Slot) -> Places:
        """Draw `n` different shared nodes for each; the chance falls with the power 2/3 of the rank."""
        usable = len(target.popular)
        chance = self._rng.random(count)
        first = (chance * chance * chance * usable).astype(np.int64)
        step = 1 + self._rng.integers(max((usable - 1) // slot.n, 1), size=count)
        ranks = (first[:, None] + np.arange(slot.n) * step[:, None]) % usable
        drawn: Places = target.popular[ranks]
        return drawn

    def _top_up(self) -> None:
        """Add groups on shared core nodes until both totals are met to the last reference."""
        groups, edges = self.count()
        missing, references = GROUP_COUNT - groups, EDGE_COUNT - edges
        total = sum(self.blocks[name].layer.count for name in FILLED)
        if not total >= missing > 0 or not missing <= references <= 4 * missing:
            raise ValueError(f"the slots leave {missing} groups with {references} references, which cannot be filled")
        size, larger = divmod(references, missing)
        chosen = self._rng.permutation(total)[:missing]
        for n, numbers in ((size, chosen[larger:]), (size + 1, chosen[:larger])):
            low = 0
            for name in FILLED:
                count = self.blocks[name].layer.count
                mine = numbers[(numbers >= low) & (numbers < low + count)] - low
                low += count
                form = Slot(name, "group", "core", "shared", n=n, label="bewaking")
                rows = self._draw_shared(self.blocks["core"], count, form) + self.blocks["core"].start
                present = np.zeros(count, dtype=bool)
                present[mine] = True
                self.columns[name].append(Column(form, np.where(present[:, None], rows, -1)))

    def _name_all(self) -> list[str]:
        refs = list(self._market.refs)
        for layer in LAYERS[1:]:
            block = self.blocks[layer.name]
            words = [slug(word) for word in layer.words]
            for body, low, high in zip(
                self.bodies, block.offsets[:-1].tolist(), block.offsets[1:].tolist(), strict=True
            ):
                head = f"{layer.kind}:{AUTHORITY}/{body.code}/"
                for place in range(high - low):
                    number, word = divmod(place, len(words))
                    refs.append(f"{head}{words[word]}-{number + 1}")
        return refs

    def _certain_edges(self) -> tuple[Places, Places]:
        """Give the requirements without alternative, as a compressed table: where each node begins, and the needs."""
        sources, needs = [], []
        for name, columns in self.columns.items():
            numbers = self.blocks[name].start + np.arange(self.blocks[name].layer.count)
            for column in columns:
                if column.slot.k == column.slot.n and column.slot.form != "requiresToStart":
                    present = column.targets[:, 0] >= 0
                    sources.append(np.repeat(numbers[present], column.slot.n))
                    needs.append(column.targets[present].ravel())
        source, need = np.concatenate(sources), np.concatenate(needs)
        order = np.argsort(source, kind="stable")
        begins = np.searchsorted(source[order], np.arange(len(self.refs) + 1))
        return begins.astype(np.int64), need[order]

    def _number(self, ref: str) -> int:
        if not self._numbers:
            block = self.blocks["service"]
            numbers = range(block.start, block.start + block.layer.count)
            self._numbers = {self.refs[number]: number for number in numbers}
        return self._numbers[ref]

    def _body_of(self, ref: str) -> int:
        code = ref.split("/")[1]
        return next(place for place, body in enumerate(self.bodies) if body.code == code)


def _allot(total: int, weights: Places) -> Places:
    """Divide a total over bodies by weight, none below the minimum, to the last one."""
    floor = min(MINIMUM_BLOCK, total // len(weights))
    rest = total - floor * len(weights)
    counts: Places = floor + rest * weights // weights.sum()
    counts[np.argsort(-weights, kind="stable")[: total - counts.sum()]] += 1
    return counts
