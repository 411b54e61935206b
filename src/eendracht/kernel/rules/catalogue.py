"""The laws of a library as a list to look through: each with its versions, what it yields, and what it refers to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.library import Library, NoSuchRule


@dataclass(frozen=True, slots=True)
class Entry:
    """One law for one area and body, with its versions, the newest first."""

    versions: tuple[ir.Regulation, ...]

    @property
    def newest(self) -> ir.Regulation:
        """The newest version."""
        return self.versions[0]

    @property
    def key(self) -> str:
        """What tells it apart from the others, and gives the order of the list."""
        law = self.newest
        return "@".join((law.id, law.service, law.jurisdiction)).rstrip("@")

    def in_force_on(self, day: date) -> ir.Regulation | None:
        """Give the version that holds on a day; none where the newest that has begun is over."""
        begun = [law for law in self.versions if (law.valid_from or date.min) <= day]
        return begun[0] if begun and (begun[0].valid_to is None or day <= begun[0].valid_to) else None

    def version_from(self, day: date | None) -> ir.Regulation:
        """Give the version that began on a day; raises NoSuchRule."""
        for law in self.versions:
            if law.valid_from == day:
                return law
        raise NoSuchRule(f"Law '{self.newest.id}' has no version from {day}")


def list_entries(library: Library, words: str = "", layer: str = "") -> list[Entry]:
    """Give the laws, by key; each of the words must stand in name, id, text or outputs, whatever the case."""
    wanted = words.casefold().split()
    return [
        entry
        for entry in _group(library)
        if layer in ("", entry.newest.layer) and all(word in _text(entry) for word in wanted)
    ]


def find_entry(library: Library, law: str, service: str = "", area: str = "") -> Entry:
    """Give a law; without a body or an area the first that has this id. Raises NoSuchRule."""
    for entry in _group(item for item in library if item.id == law):
        newest = entry.newest
        if service in ("", newest.service) and area in ("", newest.jurisdiction):
            return entry
    raise NoSuchRule(f"Law '{law[:100]}' not found")


def count_layers(entries: Iterable[Entry]) -> dict[str, int]:
    """Give how many laws there are of each layer, the highest layer first."""
    counts = Counter(entry.newest.layer for entry in entries)
    return dict(sorted(counts.items(), key=lambda item: _rank(item[0])))


def _group(regulations: Iterable[ir.Regulation]) -> list[Entry]:
    found: dict[tuple[str, str, str], list[ir.Regulation]] = {}
    for law in regulations:
        found.setdefault((law.id, law.service, law.jurisdiction), []).append(law)
    versions = (sorted(laws, key=lambda law: law.valid_from or date.min, reverse=True) for _, laws in found.items())
    return sorted((Entry(tuple(laws)) for laws in versions), key=lambda entry: entry.key)


def _rank(layer: str) -> tuple[int, str]:
    return (ir.LAYERS.index(layer) if layer in ir.LAYERS else len(ir.LAYERS), layer)


def _text(entry: Entry) -> str:
    law = entry.newest
    parts = [law.id, law.name, law.description, law.bwb_id, law.jurisdiction, law.service]
    for article in law.articles:
        parts += [article.text, *article.outputs, *(field.description for field in article.outputs.values())]
    return " ".join(parts).casefold()


def list_outputs(law: ir.Regulation) -> dict[str, tuple[ir.Article, ir.Field | None]]:
    """Give every output with the article that computes it, in the order of the law."""
    found: dict[str, tuple[ir.Article, ir.Field | None]] = {}
    for article in law.articles:
        for action in article.actions:
            found.setdefault(action.output, (article, article.outputs.get(action.output)))
        if article.is_executable:
            for name, field in article.outputs.items():
                found.setdefault(name, (article, field))
    return found


def describe_entry(entry: Entry, warnings: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Give a law as plain data; `warnings` are those of each law file."""
    newest = entry.newest
    return {
        "key": entry.key,
        "id": newest.id,
        "name": newest.name,
        "layer": newest.layer,
        "area": newest.jurisdiction,
        "service": newest.service,
        "bwbId": newest.bwb_id,
        "url": newest.url,
        "versions": [
            {
                "validFrom": law.valid_from.isoformat() if law.valid_from else None,
                "validTo": law.valid_to.isoformat() if law.valid_to else None,
                "schemaVersion": law.schema_version,
                "sha256": law.sha256,
                "outputs": [
                    {
                        "name": name,
                        "article": article.number,
                        "type": field.kind if field else "any",
                        "unit": field.unit if field else "",
                        "description": field.description if field else "",
                    }
                    for name, (article, field) in list_outputs(law).items()
                ],
                "warnings": warnings.get(law.place.file, []),
            }
            for law in entry.versions
        ],
    }


def group_warnings(library: Library) -> dict[str, list[dict[str, Any]]]:
    """Give the warnings of each law file as plain data."""
    found: dict[str, list[dict[str, Any]]] = {}
    for fault in library.warnings:
        found.setdefault(fault.pointer.rpartition(":")[0] or fault.pointer, []).append(fault.as_dict())
    return found


@dataclass(frozen=True, slots=True)
class Mention:
    """That an article of a law uses, fills, replaces or fires on something of another."""

    law: ir.Regulation
    article: ir.Article
    how: str
    """uses, fills, replaces or fires."""
    what: str
    """The output or open term that it is about."""


def list_mentions(library: Library, law: ir.Regulation) -> list[Mention]:
    """Give what the newest versions of other laws do with a law, in the order of the library."""
    found: dict[tuple[str, ...], Mention] = {}
    for entry in _group(library):
        other = entry.newest
        if other.id == law.id and other.service == law.service:
            continue
        for mention in _mentions(other, law):
            found.setdefault((other.id, other.jurisdiction, mention.article.number, mention.how, mention.what), mention)
    return list(found.values())


def _mentions(other: ir.Regulation, law: ir.Regulation) -> Iterator[Mention]:
    for article in other.articles:
        for item in article.inputs.values():
            if isinstance(item.source, ir.ArticleSource) and item.source.law == law.id:
                yield Mention(other, article, "uses", item.source.output)
        for filling in article.implements:
            if filling.law == law.id:
                yield Mention(other, article, "fills", filling.open_term)
        for override in article.overrides:
            if override.law == law.id:
                yield Mention(other, article, "replaces", override.output)
        if any(_fires_on(hook, law) for hook in article.hooks):
            yield Mention(other, article, "fires", ", ".join(article.outputs))


def _fires_on(hook: ir.Hook, law: ir.Regulation) -> bool:
    return any(
        article.legal_character == hook.legal_character and hook.decision_type in ("", article.decision_type)
        for article in law.articles
        if article.legal_character
    )


def list_fillings(library: Library, law: ir.Regulation, article: ir.Article, term: str) -> list[Mention]:
    """Give who fills an open term of an article, each area once, by its newest version."""
    wanted = (law.id, article.number, term)
    return [
        Mention(entry.newest, filling, "fills", term)
        for entry in _group(library)
        for filling in entry.newest.articles
        if any((item.law, item.article, item.open_term) == wanted for item in filling.implements)
    ]
