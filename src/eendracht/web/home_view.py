"""What the home page shows: the six priorities, and how many records there are that each is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from eendracht.kernel.access import Principal
from eendracht.kernel.store import Query, Store

PRIORITIES: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("cloud", "cloud", ("platform", "contract")),
    ("data", "database", ("dataset", "agreement")),
    ("ai", "robot", ()),
    ("services", "door-enter", ("public-service", "business-process")),
    ("resilience", "shield", ("application", "supplier")),
    ("people", "users", ("organisation", "team")),
)
"""Each priority with its icon and the kinds that it is about."""


@dataclass(frozen=True, slots=True)
class Figure:
    """How many records of a kind the asker may see."""

    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class Priority:
    """A priority; `is_present` tells whether this node has its wing."""

    name: str
    icon: str
    figures: list[Figure]
    is_present: bool


@dataclass(frozen=True, slots=True)
class HomeView:
    """The home page: total, priorities, and every kind with its count, most frequent first."""

    total: int
    priorities: list[Priority]
    kinds: list[Figure]


def view_home(store: Store, asker: Principal, wings: frozenset[str] = frozenset()) -> HomeView:
    """Count what the asker may see; `wings` are those that this node has."""
    facets = store.search(Query(limit=1), asker).facets
    counts = facets.kind
    return HomeView(
        total=facets.total,
        priorities=[
            Priority(name, icon, [Figure(kind, counts.get(kind, 0)) for kind in kinds], name in wings)
            for name, icon, kinds in PRIORITIES
        ],
        kinds=sorted(
            (Figure(kind, count) for kind, count in counts.items() if count), key=lambda f: (-f.count, f.kind)
        ),
    )
