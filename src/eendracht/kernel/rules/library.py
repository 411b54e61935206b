"""Regulations in their versions: which one holds on a date and for an area, and who fills, fires or replaces what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.rules import ir
from eendracht.kernel.rules.failures import NoSuchRule
from eendracht.kernel.rules.outline import AREA_CODES, ArticleOutline, Outline, make_outline
from eendracht.kernel.rules.reading import (
    LAW_SUFFIXES,
    collector_at_rest,
    list_law_files,
    parse_regulation,
    read_laws,
    read_regulations,
)
from eendracht.kernel.rules.versions import Span, Versions, newest_begun
from eendracht.kernel.wording import Said, say

__all__ = [
    "CODES",
    "LAW_SUFFIXES",
    "Choice",
    "Filling",
    "Library",
    "NoSuchRule",
    "applies_to",
    "list_law_files",
    "parse_regulation",
    "read_regulations",
]
CODES = AREA_CODES
"""Parameters of a case that say where it plays."""

_Acting = tuple[ir.Regulation, ArticleOutline]
"""An article that acts on another one, with its regulation."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A regulation with the reason why this version was taken."""

    regulation: ir.Regulation
    reason: Said


@dataclass(frozen=True, slots=True)
class Filling:
    """An article that fills an open term, with the reason why it and no other."""

    regulation: ir.Regulation
    article: ir.Article
    reason: Said


class Library:
    """Regulations by id and version. Made by `load` from files, or from regulations at hand."""

    def __init__(
        self,
        regulations: Iterable[ir.Regulation],
        warnings: Iterable[Fault] = (),
        outlines: Iterable[Outline] | None = None,
    ) -> None:
        self.regulations = tuple(regulations)
        self.warnings = tuple(warnings)
        self.outlines = tuple(map(make_outline, self.regulations) if outlines is None else outlines)
        """What each regulation is to others, in the order of the regulations."""
        self._versions = Versions(self.regulations)
        self._implementing: dict[tuple[str, str, str], dict[str, list[_Acting]]] = defaultdict(dict)
        self._overriding: dict[tuple[str, str, str], list[_Acting]] = defaultdict(list)
        self._hooked: dict[tuple[str, str, str], list[tuple[_Acting, int]]] = defaultdict(list)
        for regulation, outline in zip(self.regulations, self.outlines, strict=True):
            for article in outline.articles:
                acting = (regulation, article)
                for power in article.implements:
                    fillings = self._implementing[power.law, power.article, power.name]
                    fillings.setdefault(regulation.jurisdiction, []).append(acting)
                for power in article.overrides:
                    self._overriding[power.law, power.article, power.name].append(acting)
                for at, hook in enumerate(article.hooks):
                    self._hooked[hook.point, hook.stage, hook.legal_character].append((acting, at))
        self.special_laws = frozenset(pair[0].id for pairs in self._overriding.values() for pair in pairs)
        """Laws that replace outputs of others where they are under evaluation."""

    @classmethod
    def load(cls, paths: Iterable[Path], cache: Path | None = None) -> Library:
        """Read every law file below the paths and check the whole.

        `cache` is a folder for the owner alone, in which the outlines of files are kept: a file with the same bytes is
        then parsed only when one of its rules is needed. Raises InvalidInput with all faults, each with file, line and
        hint; what is merely odd becomes `warnings`.
        """
        from eendracht.kernel.rules.checking import check_library

        with collector_at_rest():
            reading = read_laws(paths, cache)
            library = cls(reading.regulations, reading.warnings, reading.outlines)
            found = check_library(library)
        errors = [*reading.errors, *found.errors]
        if errors:
            raise InvalidInput(f"{len(errors)} faults in the law files", faults=errors)
        library.warnings = (*reading.warnings, *found.warnings)
        return library

    def __iter__(self) -> Iterator[ir.Regulation]:
        return iter(self.regulations)

    def laws(self) -> list[str]:
        """Give the ids of all laws, sorted."""
        return sorted({regulation.id for regulation in self.regulations})

    def versions(self, law: str, service: str = "") -> list[ir.Regulation]:
        """Give the versions of a law, the oldest first."""
        return self._versions.of(law, service)

    def span(self, regulation: ir.Regulation) -> Span:
        """Give the days on which a version is in force, as ordinals: from, up to and excluding."""
        return self._versions.span(regulation)

    def select(self, law: str, on: date, parameters: Mapping[str, Any] | None = None, service: str = "") -> Choice:
        """Give the version in force: the newest `valid_from` on or before the date, which must not have ended.

        An older version never comes back when the newest has ended. Raises NoSuchRule.
        """
        here = self._versions.in_areas(law, service, areas_of(parameters or {}))
        if not here:
            raise NoSuchRule(f"Law '{law}' not found")
        newest = newest_begun(here, on)
        if newest is None:
            raise NoSuchRule(f"No version of law '{law}' in force on {on}; first in force from {here[0].valid_from}")
        if newest.valid_to and newest.valid_to < on:
            raise NoSuchRule(f"No version of law '{law}' in force on {on}; last in force until {newest.valid_to}")
        return Choice(newest, _reason(newest, len(here), on))

    def fill(
        self, law: ir.Regulation, article: str, term: str, on: date, parameters: Mapping[str, Any]
    ) -> Filling | None:
        """Give the article that fills an open term: of the area of the case, the highest layer, then the newest.

        None where nothing fills it for this case.
        """
        by_area = self._implementing.get((law.id, article, term), {})
        candidates = [
            acting
            for area in dict.fromkeys(("", *areas_of(parameters)))
            for acting in by_area.get(area, ())
            if self._versions.is_in_force(acting[0], on)
        ]
        if not candidates:
            return None
        regulation, outline = min(candidates, key=lambda pair: _rank(pair[0]))
        filling = regulation.articles[outline.position]
        return Filling(
            regulation,
            filling,
            say(
                "{title} (artikel {article}) vult '{term}' in: van toepassing{area}, hoogste laag ({layer}), "
                "geldig vanaf {since}",
                "{title} (article {article}) fills '{term}': applicable{area}, highest layer ({layer}), in force "
                "since {since}",
                title=regulation.name,
                article=filling.number,
                term=term,
                area=f" ({regulation.jurisdiction})" if regulation.jurisdiction else "",
                layer=regulation.layer,
                since=regulation.valid_from or "-",
            ),
        )

    def areas_that_fill(self, law: str, article: str, term: str, on: date) -> list[str]:
        """Give the areas whose regulations fill an open term on a date; what a case without an area could mean."""
        return sorted(
            area
            for area, found in self._implementing.get((law, article, term), {}).items()
            for regulation, _ in found
            if area and self._versions.is_in_force(regulation, on)
        )

    def has_filling(self, law: str, article: str, term: str) -> bool:
        """Whether any regulation, of any date and area, fills an open term."""
        return bool(self._implementing.get((law, article, term)))

    def fillings(self, law: str, article: str, term: str) -> list[tuple[ir.Regulation, ArticleOutline]]:
        """Give every article, of any date and area, that fills an open term."""
        found = self._implementing.get((law, article, term), {})
        return [acting for fillings in found.values() for acting in fillings]

    def override_of(
        self, law: str, article: str, output: str, on: date, context: Iterable[str]
    ) -> tuple[ir.Regulation, ir.Article] | None:
        """Give the article of a law under evaluation (`context`) that replaces an output; the special law first."""
        acting = self._overriding.get((law, article, output))
        if not acting:
            return None
        laws = set(context)
        found = [pair for pair in acting if pair[0].id in laws and self._versions.is_in_force(pair[0], on)]
        if not found:
            return None
        regulation, outline = max(found, key=lambda pair: pair[0].valid_from or date.min)
        return regulation, regulation.articles[outline.position]

    def hooks_on(
        self, article: ir.Article, point: str, stage: str, on: date
    ) -> list[tuple[ir.Regulation, ir.Article, ir.Hook]]:
        """Give the articles that fire on a decision of this article at this stage, in the order of the files."""
        if not article.legal_character:
            return []
        found = []
        for (regulation, outline), at in self._hooked.get((point, stage, article.legal_character), ()):
            wanted = outline.hooks[at].decision_type
            if wanted in ("", article.decision_type) and self._versions.is_in_force(regulation, on):
                hooked = regulation.articles[outline.position]
                found.append((regulation, hooked, hooked.hooks[at]))
        return found


def areas_of(parameters: Mapping[str, Any]) -> list[str]:
    """Give the areas in which a case plays."""
    return [area for code in AREA_CODES if isinstance(area := parameters.get(code), str) and area]


def applies_to(regulation: ir.Regulation, parameters: Mapping[str, Any]) -> bool:
    """Whether a regulation's area is the whole country or an area of the case."""
    return not regulation.jurisdiction or regulation.jurisdiction in areas_of(parameters)


def _rank(regulation: ir.Regulation) -> tuple[int, int]:
    """Order regulations: the highest layer, then the newest, first."""
    layer = ir.LAYERS.index(regulation.layer) if regulation.layer in ir.LAYERS else len(ir.LAYERS)
    return layer, -(regulation.valid_from or date.min).toordinal()


def _reason(regulation: ir.Regulation, versions: int, on: date) -> Said:
    return say(
        "{title}: de versie die geldt op {on} (vanaf {since}; {versions} {versions:versie|versies} bekend)",
        "{title}: the version in force on {on} (since {since}; {versions} {versions:version|versions} known)",
        title=regulation.name,
        on=on,
        since=regulation.valid_from or "-",
        versions=versions,
    )
