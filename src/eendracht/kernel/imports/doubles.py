"""Rows of one source under one key: merged where they only add to each other, a fault where they contradict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from eendracht.kernel.errors import Fault
from eendracht.kernel.imports.collector import Collector
from eendracht.kernel.imports.rows import SourceRow
from eendracht.kernel.imports.targets import find_targets
from eendracht.kernel.kinds import Registry


def merge_doubles(rows: Iterable[SourceRow], registry: Registry, collector: Collector) -> list[SourceRow]:
    """Give the rows with unique keys per kind, in their order.

    Contract lists often have a line per application: such rows become one. Rows that contradict each other keep the
    first, and the other is reported with both places.
    """
    kept: dict[tuple[str, str], SourceRow] = {}
    for row in rows:
        identity = (row.kind, row.key)
        first = kept.get(identity)
        if first is None:
            kept[identity] = row
            continue
        merged = _merge(first, row, registry)
        if merged is not None:
            kept[identity] = merged
            collector.add_note(
                row.place,
                "merged-row",
                f"Samengevoegd met {first.place}",
                f"Merged with {first.place}",
            )
        else:
            collector.add_fault(
                Fault(
                    row.place,
                    "duplicate-key",
                    f"Sleutel '{row.key[:60]}' staat ook op {first.place}, met andere inhoud; de eerste telt",
                    f"Key '{row.key[:60]}' is also at {first.place}, with other content; the first counts",
                    "Keep one of the two in the source, or give them different keys.",
                )
            )
    return list(kept.values())


def _merge(first: SourceRow, other: SourceRow, registry: Registry) -> SourceRow | None:
    spec: dict[str, Any] = dict(first.spec)
    for name, value in other.spec.items():
        if name not in spec:
            spec[name] = value
        elif isinstance(value, list):
            spec[name] = spec[name] + [item for item in value if item not in spec[name]]
        elif spec[name] != value and not _same_text(spec[name], value):
            return None
    if (first.valid_from, first.valid_until) != (other.valid_from, other.valid_until):
        return None
    if any(first.facts.get(name, value) != value for name, value in other.facts.items()):
        return None
    targets = find_targets(registry.get(first.kind))
    many = {name for name, target in targets.items() if target.is_list}
    for mention in other.mentions:
        same = [kept for kept in first.mentions if kept.field == mention.field]
        if mention.field not in many and same and mention not in same:
            return None
    mentions = (*first.mentions, *(mention for mention in other.mentions if mention not in first.mentions))
    return replace(first, spec=spec, mentions=mentions, facts={**other.facts, **first.facts})


def _same_text(one: Any, two: Any) -> bool:
    return isinstance(one, str) and isinstance(two, str) and one.casefold().split() == two.casefold().split()
