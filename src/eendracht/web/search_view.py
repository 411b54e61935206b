"""What the search page shows: results, chosen filters, and facets with counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import NotFound
from eendracht.kernel.records import Record
from eendracht.kernel.store import Store, Suggestion
from eendracht.kit.i18n import Words
from eendracht.web.queries import RecordListing

FACETS: Final = ("kind", "owner", "source", "lifecycle", "confidentiality")
PARTIES: Final = ("organisation", "supplier")
"""Kinds of which the owner of the record has the record alone, and not what it is about."""
MOST_VALUES: Final = 12
"""How many values of a facet are shown."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet: what it is called, how many records have it, and what is chosen when it is followed."""

    label: str
    count: int
    chosen: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet with its most frequent values, and how many more there are."""

    name: str
    choices: list[Choice]
    more: int


@dataclass(frozen=True, slots=True)
class Removable:
    """A filter that is in force, and what stays chosen without it."""

    name: str
    label: str
    chosen: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SearchView:
    """One page of answers."""

    text: str
    records: tuple[Record, ...]
    owners: Mapping[str, str]
    """Names of those whose records these are, as far as the asker may see them."""
    total: int
    facets: list[Facet]
    filters: list[Removable]
    chosen: dict[str, str]
    after: str
    continued: bool
    suggestions: tuple[Suggestion, ...]
    corrected: str


def view_search(store: Store, asker: Principal, asked: RecordListing, words: Words) -> SearchView:
    """Give what the page shows; raises InvalidInput for a filter that cannot be."""
    if asked.kind:
        store.registry.get(asked.kind, "/query/kind")
    result = store.search(asked.to_query(asked.after, asked.limit), asker, asked.as_of)
    chosen = {
        key: str(value)
        for key, value in asked.model_dump(by_alias=True, exclude={"after", "limit"}, mode="json").items()
        if value
    }
    counts = {
        "kind": result.facets.kind,
        "owner": result.facets.owner,
        "source": result.facets.source,
        "lifecycle": result.facets.lifecycle,
        "confidentiality": result.facets.level,
    }
    facets = [_facet(name, counts[name], chosen, store, asker, words) for name in FACETS if name not in chosen]
    filters = [
        Removable(name, _label(name, chosen[name], store, asker, words), _without(chosen, name))
        for name in (*FACETS, "asOf")
        if name in chosen
    ]
    owners = sorted({record.owner for record in result.page.records})
    return SearchView(
        text=asked.q,
        records=result.page.records,
        owners={item.ref: item.name for item in store.get_among(owners, asker)} if owners else {},
        total=result.facets.total,
        facets=[facet for facet in facets if facet.choices],
        filters=filters,
        chosen=chosen,
        after=result.page.after,
        continued=bool(asked.after),
        suggestions=result.suggestions,
        corrected=result.corrected,
    )


def _facet(
    name: str, counts: Mapping[str, int], chosen: Mapping[str, str], store: Store, asker: Principal, words: Words
) -> Facet:
    ordered = sorted(((value, count) for value, count in counts.items() if value), key=lambda item: (-item[1], item[0]))
    choices = [
        Choice(_label(name, value, store, asker, words), count, {**chosen, name: value})
        for value, count in ordered[:MOST_VALUES]
    ]
    return Facet(name, choices, max(0, len(ordered) - MOST_VALUES))


def _label(name: str, value: str, store: Store, asker: Principal, words: Words) -> str:
    if name == "kind":
        return words.kind(value)
    if name == "owner":
        return name_of(store, asker, value) or value
    # `organisation` is a level here and a kind elsewhere.
    return words.value(value)


def name_of(store: Store, asker: Principal, ref: str) -> str:
    """Give the name behind a ref as far as the asker may see it, else nothing."""
    try:
        return store.get(ref, asker).name
    except NotFound:
        return ""


def name_owners(store: Store, asker: Principal, refs: Sequence[str], as_of: date | None = None) -> dict[str, str]:
    """Give per ref the name of who has the thing, where the asker may see both; whoever records a party does not."""
    found = store.get_among(sorted(set(refs)), asker, as_of) if refs else []
    owners = {record.ref: record.owner for record in found if record.kind not in PARTIES}
    bodies = store.get_among(sorted(set(owners.values())), asker, as_of) if owners else []
    names = {body.ref: body.name for body in bodies}
    return {ref: names[owner] for ref, owner in owners.items() if owner in names}


def _without(chosen: Mapping[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in chosen.items() if key != name}
