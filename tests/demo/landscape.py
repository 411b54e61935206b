"""Invented bodies, and a plain reading of drafts that shares no code with the product: who needs what, what falls."""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

RUN_LISTS = ("requires", "hostedOn", "heldIn", "locatedIn")
RUN_SINGLES = ("operatedBy", "dnsOperator")


@dataclass(frozen=True)
class InventedBody:
    """A body as the reference table would give it."""

    code: str
    name: str
    type: str
    inhabitants: int | None


def make_bodies() -> list[InventedBody]:
    """Give as many bodies of each layer as the country has, under invented names."""
    towns = [
        InventedBody(f"gm{1000 + n}", f"Gemeente {n}", "municipality", 2_000 + (9_000 + n * 1_117) % 400_000)
        for n in range(342)
    ]
    return [
        *towns,
        *(InventedBody(f"pv{n:02d}", f"Provincie {n}", "province", None) for n in range(12)),
        *(InventedBody(f"ws{n:04d}", f"Waterschap {n}", "water-board", None) for n in range(21)),
        *(InventedBody(f"mnre{n:04d}", f"Ministerie {n}", "ministry", None) for n in range(15)),
        *(InventedBody(f"ag{n:04d}", f"Agentschap {n}", "agency", None) for n in range(8)),
        *(InventedBody(f"zb{n:04d}", f"Zelfstandig orgaan {n}", "zbo", None) for n in range(6)),
    ]


def digest(drafts: Iterable[dict[str, Any]], planted: object) -> str:
    """Give a fingerprint of every byte of the drafts, in their order, and of the answer sheet."""
    total = hashlib.sha256()
    for draft in drafts:
        total.update(orjson.dumps(draft))
    total.update(repr(planted).encode())
    return total.hexdigest()


def groups_of(spec: dict[str, Any], phase: str = "run") -> Iterator[tuple[int, list[str]]]:
    """Yield every requirement of a phase as `k` and its members."""
    if phase == "start":
        yield from ((1, [ref]) for ref in spec.get("requiresToStart", ()))
    else:
        for name in RUN_LISTS:
            yield from ((1, [ref]) for ref in spec.get(name, ()))
        yield from ((1, [spec[name]]) for name in RUN_SINGLES if name in spec)
    for group in spec.get("requirementGroups", ()):
        if group.get("phase", "run") == phase:
            yield group.get("k", 1), [member["provider"] for member in group["members"]]


class PlainEstate:
    """What falls when something falls, by a work list over counters; permanent failures, buffers run out."""

    def __init__(self, drafts: Iterable[dict[str, Any]], on: str) -> None:
        self.specs: dict[str, dict[str, Any]] = {}
        self.groups: list[tuple[str, int, list[str]]] = []
        self.start_groups = 0
        self.used_in: dict[str, list[int]] = defaultdict(list)
        self.owns: dict[str, list[str]] = defaultdict(list)
        for draft in drafts:
            self._read(draft["ref"], draft["spec"], on)
        self.unresolved = sorted(set(self.used_in) - set(self.specs))

    def _read(self, ref: str, spec: dict[str, Any], on: str) -> None:
        assert ref not in self.specs, f"{ref} twice"
        self.specs[ref] = spec
        for k, members in groups_of(spec):
            for member in members:
                self.used_in[member].append(len(self.groups))
            self.groups.append((ref, k, members))
        self.start_groups += sum(1 for _ in groups_of(spec, "start"))
        for stake in spec.get("ownerships", ()):
            current = stake.get("validFrom", "0001") <= on < stake.get("validUntil", "9999")
            if current and float(stake["share"]) > 50:
                self.owns[stake["owner"]].append(ref)
        if ref.startswith("same-as:") and spec["status"] == "confirmed" and float(spec["confidence"]) >= 0.9:
            self.owns[spec["left"]].append(spec["right"])
            self.owns[spec["right"]].append(spec["left"])

    def fall(self, *seeds: str) -> set[str]:
        """Give everything that is down for good after the seeds and what they own went down."""
        down: set[str] = set()
        queue = deque(seeds)
        while queue:
            ref = queue.popleft()
            if ref not in down:
                down.add(ref)
                queue.extend(self.owns.get(ref, ()))
        spare: dict[int, int] = {}
        queue = deque(down)
        while queue:
            for number in self.used_in.get(queue.popleft(), ()):
                consumer, k, members = self.groups[number]
                spare[number] = spare.get(number, len(members) - k) - 1
                if spare[number] < 0 and consumer not in down:
                    down.add(consumer)
                    queue.append(consumer)
        return down

    def without_alternative(self, ref: str) -> set[str]:
        """Give what a reader finds who follows only requirements that have no spare member."""
        seen = {ref}
        queue = deque(seen)
        while queue:
            for k, members in groups_of(self.specs.get(queue.popleft(), {})):
                if k == len(members):
                    queue.extend(member for member in members if member not in seen)
                    seen.update(members)
        return seen
