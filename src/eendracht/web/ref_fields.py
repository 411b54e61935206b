"""Fields that hold refs: a name that was typed becomes a ref, or what may be meant is offered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import Fault
from eendracht.kernel.identity import REF_PATTERN
from eendracht.kernel.records import Record
from eendracht.kernel.store import Query, Store
from eendracht.kit.forms import Control, FormField, Posted, Shape, list_fields
from eendracht.web.search_view import name_owners

REF: Final = re.compile(REF_PATTERN)
CONTROLS: Final = (Control.REF, Control.REFS)
_MOST_ALIKE: Final = 5
_MOST_OFFERED: Final = 40
"""How many records of a kind a control offers while somebody types; typing a name finds the others."""
_MOST_KINDS: Final = 4


@dataclass(frozen=True, slots=True)
class Near:
    """A record that may be meant: where its ref would go, as a button sends it, and what it is."""

    pick: str
    ref: str
    name: str
    kind: str
    owner_name: str
    """Whose it is, as far as the asker may see it."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What was typed with refs for names, what is not clear, and what may be meant, per name of a control."""

    posted: Mapping[str, Sequence[str]]
    faults: list[Fault] = field(default_factory=list)
    near: dict[str, list[Near]] = field(default_factory=dict)


def resolve_names(store: Store, asker: Principal, fields: Sequence[FormField], posted: Posted) -> Resolved:
    """Put refs in the place of the names that people typed; a name that is not clear is a fault."""
    typed: dict[str, list[str]] = {name: list(values) for name, values in posted.items()}
    found = Resolved(typed)
    for item in list_fields(fields):
        if item.shape.control in CONTROLS and any(item.values):
            lines = [line.strip() for line in item.values if line.strip()]
            refs = [_resolve(store, asker, item, at, line, found) for at, line in enumerate(lines)]
            typed[item.name] = ["\n".join(refs)]
    return found


def _resolve(store: Store, asker: Principal, item: FormField, at: int, text: str, found: Resolved) -> str:
    if REF.fullmatch(text):
        return text
    alike = _find(store, asker, item.shape, text)
    same = [record for record in alike if record.name.casefold() == text.casefold()]
    if len(same) == 1:
        return same[0].ref
    place = "/" + item.name.replace(".", "/") + (f"/{at}" if item.shape.control is Control.REFS else "")
    offered = same or alike
    owners = name_owners(store, asker, [record.ref for record in offered])
    found.near.setdefault(item.name, []).extend(
        Near(f"{item.name} {at} {record.ref}", record.ref, record.name, record.kind, owners.get(record.ref, ""))
        for record in offered
    )
    if same:
        nl, en = f"'{text[:80]}' kan meer dan één ding zijn", f"'{text[:80]}' can be more than one thing"
    else:
        nl, en = f"'{text[:80]}' is niet gevonden", f"'{text[:80]}' was not found"
    if offered:
        nl, en = f"{nl}: kies hieronder wat u bedoelt", f"{en}: choose below what you mean"
    found.faults.append(Fault(place, "unknown-name", nl, en))
    return text


def _find(store: Store, asker: Principal, shape: Shape, text: str) -> list[Record]:
    found: list[Record] = []
    for kind in shape.targets or ("",):
        page = store.search(Query(kind=kind, text=text[:300], limit=_MOST_ALIKE), asker).page
        found += list(page.records)
    return found[:_MOST_ALIKE]


def pick_ref(posted: Posted, pick: str) -> dict[str, Sequence[str]]:
    """Give what was typed with the ref that a button named in the place of a line; any other button changes nothing."""
    name, _, rest = pick.partition(" ")
    line, _, ref = rest.partition(" ")
    typed = dict(posted)
    if name not in typed or not (line.isascii() and line.isdecimal()) or len(line) > 4 or not REF.fullmatch(ref):
        return typed
    lines = [text.strip() for value in typed[name] for text in value.split("\n") if text.strip()]
    if int(line) < len(lines):
        lines[int(line)] = ref
        typed[name] = ["\n".join(lines)]
    return typed


def offer_refs(
    store: Store, asker: Principal, fields: Sequence[FormField], owner: str
) -> dict[str, list[tuple[str, str]]]:
    """Give refs and names that a control of one line offers, per kinds that it may hold (joined by a blank).

    Those of the owner come first; for a control that may hold many kinds there are only those.
    """
    offered: dict[str, list[tuple[str, str]]] = {}
    for item in list_fields(fields):
        if item.shape.control is Control.REF:
            offered.setdefault(" ".join(item.shape.targets), [])
    for kinds, options in offered.items():
        few = kinds.split() if kinds and len(kinds.split()) <= _MOST_KINDS else []
        asked = [Query(kind=kind, owner=own, limit=_MOST_OFFERED) for kind in few for own in dict.fromkeys((owner, ""))]
        for query in asked or [Query(owner=owner, limit=_MOST_OFFERED)]:
            options += [(record.ref, record.name) for record in store.find(query, asker).records]
        offered[kinds] = list(dict(options).items())
    return {kinds: options for kinds, options in offered.items() if options}
