"""The hidden weaknesses of a synthetic estate: the answer sheet, which the product itself never reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import orjson

Hiding = Literal[
    "shared-owner",
    "same-party",
    "shared-data-centre",
    "shared-power",
    "shared-identity-provider",
    "shared-certificate-authority",
    "shared-network",
    "standby-needs-primary",
    "unresolved-standby",
]
"""What makes alternatives look independent that are not."""


@dataclass(frozen=True, slots=True)
class PlantedWeakness:
    """A node whose failure alone stops services that look redundant."""

    node: str
    """Ref of what fails; for a supplier its same-as cluster and all that it owns for more than half fail too."""
    hiding: Hiding
    stops: tuple[str, ...]
    """Refs of critical services that certainly stop; there may be more."""
    members: tuple[str, ...]
    """Refs of the alternatives that fall together."""
    explanation: str
    """In Dutch, one sentence."""


@dataclass(frozen=True, slots=True)
class PlantedWeaknesses:
    """All that was planted in one estate."""

    single_points: tuple[PlantedWeakness, ...]
    """Each really stops the services that it names, whatever unresolved references turn out to be."""
    possible_points: tuple[PlantedWeakness, ...]
    """Each stops them only if an alternative that nobody recorded turns out not to exist (the worst case)."""


@dataclass(frozen=True, slots=True)
class RedundantGroup:
    """A requirement with spare members in a critical service."""

    service: str
    organisation: str
    """Authority code of the provider of the service."""
    k: int
    members: tuple[str, ...]

    @property
    def breaking_count(self) -> int:
        """How many members must fail before the group is down."""
        return len(self.members) - self.k + 1


@dataclass(slots=True)
class Overlay:
    """What planting adds to one spec."""

    requires: tuple[str, ...] = ()
    located_in: tuple[str, ...] = ()
    operated_by: str | None = None

    def apply(self, spec: dict[str, Any]) -> None:
        """Write it into the spec."""
        for name, refs in (("requires", self.requires), ("locatedIn", self.located_in)):
            if refs:
                spec[name] = list(dict.fromkeys((*spec.get(name, ()), *refs)))
        if self.operated_by is not None:
            spec["operatedBy"] = self.operated_by


def write_planted(path: Path, planted: PlantedWeaknesses) -> None:
    """Write the answer sheet as sorted, indented JSON; the same weaknesses give the same bytes."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    path.write_bytes(orjson.dumps({k: _plain(v) for k, v in _lists(planted)}, option=options))


def _lists(planted: PlantedWeaknesses) -> Iterable[tuple[str, tuple[PlantedWeakness, ...]]]:
    yield "singlePoints", planted.single_points
    yield "possiblePoints", planted.possible_points


def _plain(weaknesses: tuple[PlantedWeakness, ...]) -> list[dict[str, Any]]:
    return [asdict(weakness) for weakness in weaknesses]
