"""Versions of regulations side by side: which holds on a date and for an area, and which can hold together."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from eendracht.kernel.rules import ir

Span = tuple[int, int]
"""Days on which a version is in force, as ordinals: from, up to and excluding."""
_FOREVER = date.max.toordinal() + 1


class Versions:
    """Regulations by law, by executing body and by area, each the oldest first."""

    def __init__(self, regulations: Iterable[ir.Regulation]) -> None:
        self._by_law: dict[tuple[str, str], list[ir.Regulation]] = defaultdict(list)
        self._by_area: dict[tuple[str, str], dict[str, list[ir.Regulation]]] = defaultdict(lambda: defaultdict(list))
        ordered = sorted(regulations, key=lambda item: item.valid_from or date.min)
        for regulation in ordered:
            for service in {"", regulation.service}:
                self._by_law[regulation.id, service].append(regulation)
                self._by_area[regulation.id, service][regulation.jurisdiction].append(regulation)
        self._order = {id(regulation): at for at, regulation in enumerate(ordered)}
        self._begins: dict[tuple[str, str, str], list[date]] = {}

    def of(self, law: str, service: str = "") -> list[ir.Regulation]:
        """Give all versions of a law."""
        return self._by_law.get((law, service), [])

    def in_areas(self, law: str, service: str, areas: Iterable[str]) -> list[ir.Regulation]:
        """Give the versions for the whole country and for these areas; all versions where there is none."""
        by_area = self._by_area.get((law, service))
        if by_area is None:
            return []
        if len(by_area) == 1 and "" in by_area:
            return by_area[""]
        found = [item for area in dict.fromkeys(("", *areas)) for item in by_area.get(area, ())]
        return sorted(found, key=lambda item: self._order[id(item)]) or self.of(law, service)

    def same_area(self, regulation: ir.Regulation) -> list[ir.Regulation]:
        """Give the versions of a regulation's law for the same area, the regulation among them."""
        return self._by_area[regulation.id, ""][regulation.jurisdiction]

    def is_in_force(self, regulation: ir.Regulation, on: date) -> bool:
        """Whether it is the version of its law and area that holds on a date."""
        same = self.same_area(regulation)
        key = (regulation.id, "", regulation.jurisdiction)
        begins = self._begins.get(key)
        if begins is None:
            begins = self._begins[key] = [item.valid_from or date.min for item in same]
        at = bisect_right(begins, on)
        return at > 0 and same[at - 1] is regulation and not (regulation.valid_to and regulation.valid_to < on)

    def span(self, regulation: ir.Regulation) -> Span:
        """Give the days on which a version is in force: until it ends or the next one begins."""
        begin = regulation.valid_from or date.min
        end = regulation.valid_to.toordinal() + 1 if regulation.valid_to else _FOREVER
        same = self._by_area[regulation.id, regulation.service][regulation.jurisdiction]
        nexts = (item.valid_from for item in same if item.valid_from and item.valid_from > begin)
        following = next(nexts, None)
        return begin.toordinal(), min(end, following.toordinal() if following else end)


def overlap(first: Span, second: Span) -> bool:
    """Whether two spans share a day."""
    return max(first[0], second[0]) < min(first[1], second[1])


def newest_begun(versions: Sequence[ir.Regulation], on: date) -> ir.Regulation | None:
    """Give the version with the newest beginning on or before a date, also when it has ended; None before all."""
    at = bisect_right(versions, on, key=lambda item: item.valid_from or date.min)
    return versions[at - 1] if at else None
