"""The small graph on the page of a record: what it needs, and what needs it, one step each way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from eendracht.kernel.kinds import Registry
from eendracht.kernel.records import Record
from eendracht.kernel.store import Incoming
from eendracht.kit.charts import Box, Line, draw_layers
from eendracht.kit.i18n import Words
from eendracht.web.relation_words import GROUPED

MOST_NEIGHBOURS: Final = 8
"""How many boxes stand on either side; the lists on the page name all."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Refs and names of what a record needs and of what needs it, each once."""

    needed: Sequence[tuple[str, str]]
    needing: Sequence[tuple[str, str]]


def find_neighbours(
    record: Record, outgoing: Sequence[tuple[str, str, str]], incoming: Sequence[Incoming], registry: Registry
) -> Neighbours:
    """Pick the relations by which one thing needs another; `outgoing` are field, ref and name."""
    needed = {ref: name for field, ref, name in outgoing if name and _is_need(record.kind, field, registry)}
    needing = {item.ref: item.name for item in incoming if _is_need(item.ref.partition(":")[0], item.field, registry)}
    needed.pop(record.ref, None)
    needing.pop(record.ref, None)
    return Neighbours(list(needed.items()), list(needing.items()))


def _is_need(kind: str, field: str, registry: Registry) -> bool:
    if kind not in registry:
        return False
    return field == GROUPED or field in {path.field for path in registry.get(kind).requirements}


def draw_neighbours(record: Record, found: Neighbours, words: Words, to_record: Callable[[str], str]) -> Markup | None:
    """Give the graph, or None where the record needs nothing and nothing needs it."""
    if not found.needed and not found.needing:
        return None
    boxes = [Box(record.ref, record.name, words.kind(record.kind), is_here=True)]
    lines = []
    for ref, name in found.needing[:MOST_NEIGHBOURS]:
        boxes.append(Box(ref, name, words.kind(ref.partition(":")[0]), to_record(ref)))
        lines.append(Line(ref, record.ref))
    known = {box.id for box in boxes}
    for ref, name in found.needed[:MOST_NEIGHBOURS]:
        if ref not in known:
            boxes.append(Box(ref, name, words.kind(ref.partition(":")[0]), to_record(ref)))
        lines.append(Line(record.ref, ref))
    about = words.gettext(
        "To the left what needs it (%(needing)s), to the right what it needs (%(needed)s). The lists on this page"
        " name everything.",
        needing=words.number(len(found.needing)),
        needed=words.number(len(found.needed)),
    )
    return draw_layers("graph", words.gettext("Dependencies of %(name)s", name=record.name), about, boxes, lines)
