"""What the home page shows: the six priorities, and how many records there are that each is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from eendracht.kernel.access import Principal
from eendracht.kernel.priorities import PRIORITIES
from eendracht.kernel.store import Query, Store
from eendracht.kit.i18n import Words
from eendracht.kit.priorities import name_priority

_LOOKS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "cloud": ("cloud", ("platform", "contract")),
    "data": ("database", ("dataset", "agreement")),
    "ai": ("robot", ()),
    "services": ("door-enter", ("public-service", "business-process")),
    "resilience": ("shield", ("application", "supplier")),
    "people": ("users", ("organisation", "team")),
}
"""The icon of each priority, and the kinds that it is about."""


@dataclass(frozen=True, slots=True)
class Figure:
    """How many records of a kind the asker may see."""

    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class Priority:
    """A priority; `is_present` tells whether this node has its wing."""

    name: str
    title: str
    icon: str
    figures: list[Figure]
    is_present: bool


@dataclass(frozen=True, slots=True)
class HomeView:
    """The home page: how many records, how many of them made up, priorities, and the kinds, most frequent first."""

    total: int
    synthetic: int
    priorities: list[Priority]
    kinds: list[Figure]


def view_home(store: Store, asker: Principal, words: Words, wings: Iterable[str]) -> HomeView:
    """Count what the asker may see; `wings` are those that are there for the asker."""
    facets = store.search(Query(limit=1), asker).facets
    counts = facets.kind
    present = frozenset(wings)
    priorities = []
    for name in PRIORITIES:
        icon, kinds = _LOOKS[name]
        own = tuple(kind.name for kind in store.registry if kind.wing == name and name in present)
        figures = [Figure(kind, counts.get(kind, 0)) for kind in (*kinds, *own)]
        priorities.append(Priority(name, name_priority(name, words), icon, figures, name in present))
    kinds_there = (Figure(kind, count) for kind, count in counts.items() if count)
    return HomeView(
        total=facets.total,
        synthetic=facets.source.get("synthetic", 0),
        priorities=priorities,
        kinds=sorted(kinds_there, key=lambda figure: (-figure.count, figure.kind)),
    )
