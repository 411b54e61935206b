"""Regulations in their versions: which one holds on a date and for an area, and who fills, fires or replaces what."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from eendracht.kernel.errors import EendrachtError, Fault, InvalidInput
from eendracht.kernel.rules import ir
from eendracht.kernel.rules.articles import parse_articles
from eendracht.kernel.rules.document import Faults, read_document
from eendracht.kernel.rules.services import parse_service_law
from eendracht.kernel.wording import Said, say

LAW_SUFFIXES = (".yaml", ".yml")
CODES = ("gemeente_code", "provincie_code", "waterschap_code")
"""Parameters of a case that say where it plays."""

_SERVICE: Final = re.compile(rb"^(service|properties)\s*:", re.MULTILINE)
_ARTICLES: Final = re.compile(rb"^articles\s*:", re.MULTILINE)


class NoSuchRule(EendrachtError):
    """A law, a version in force or an output that is not there."""

    code = "no-such-rule"
    status = 404
    title_nl = "Deze regel is er niet"
    title_en = "There is no such rule"
    default_hint = "Check the names, the date, and whether the law is among the law files that were given."


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

    def __init__(self, regulations: Iterable[ir.Regulation], warnings: Iterable[Fault] = ()) -> None:
        self.regulations = tuple(regulations)
        self.warnings = tuple(warnings)
        self._versions: dict[tuple[str, str], list[ir.Regulation]] = defaultdict(list)
        self._implementing: dict[tuple[str, str, str], list[tuple[ir.Regulation, ir.Article]]] = defaultdict(list)
        self._overriding: dict[tuple[str, str, str], list[tuple[ir.Regulation, ir.Article]]] = defaultdict(list)
        self._hooked: list[tuple[ir.Regulation, ir.Article, ir.Hook]] = []
        for regulation in self.regulations:
            self._versions[regulation.id, ""].append(regulation)
            if regulation.service:
                self._versions[regulation.id, regulation.service].append(regulation)
            for article in regulation.articles:
                for item in article.implements:
                    self._implementing[item.law, item.article, item.open_term].append((regulation, article))
                for override in article.overrides:
                    self._overriding[override.law, override.article, override.output].append((regulation, article))
                self._hooked += [(regulation, article, hook) for hook in article.hooks]
        self.special_laws = frozenset(pair[0].id for pairs in self._overriding.values() for pair in pairs)
        """Laws that replace outputs of others where they are under evaluation."""
        for versions in self._versions.values():
            versions.sort(key=lambda item: item.valid_from or date.min)

    @classmethod
    def load(cls, paths: Iterable[Path]) -> Library:
        """Read every law file below the paths and check the whole.

        Raises InvalidInput with all faults, each with file, line and hint; what is merely odd becomes `warnings`.
        """
        from eendracht.kernel.rules.checking import check_library

        regulations, errors, warnings = read_regulations(paths)
        library = cls(regulations, warnings)
        found = check_library(library)
        errors = [*errors, *found.errors]
        if errors:
            raise InvalidInput(f"{len(errors)} faults in the law files", faults=errors)
        library.warnings = (*warnings, *found.warnings)
        return library

    def __iter__(self) -> Iterator[ir.Regulation]:
        return iter(self.regulations)

    def laws(self) -> list[str]:
        """Give the ids of all laws, sorted."""
        return sorted({regulation.id for regulation in self.regulations})

    def versions(self, law: str, service: str = "") -> list[ir.Regulation]:
        """Give the versions of a law, the oldest first."""
        return self._versions.get((law, service), [])

    def select(self, law: str, on: date, parameters: Mapping[str, Any] | None = None, service: str = "") -> Choice:
        """Give the version in force: the newest `valid_from` on or before the date, which must not have ended.

        An older version never comes back when the newest has ended. Raises NoSuchRule.
        """
        known = self.versions(law, service)
        if not known:
            raise NoSuchRule(f"Law '{law}' not found")
        here = [item for item in known if applies_to(item, parameters or {})] or known
        begun = [item for item in here if (item.valid_from or date.min) <= on]
        if not begun:
            raise NoSuchRule(f"No version of law '{law}' in force on {on}; first in force from {here[0].valid_from}")
        newest = begun[-1]
        if newest.valid_to and newest.valid_to < on:
            raise NoSuchRule(f"No version of law '{law}' in force on {on}; last in force until {newest.valid_to}")
        return Choice(newest, _reason(newest, len(here), on))

    def fill(
        self, law: ir.Regulation, article: str, term: str, on: date, parameters: Mapping[str, Any]
    ) -> Filling | None:
        """Give the article that fills an open term: of the area of the case, the highest layer, then the newest.

        None where nothing fills it for this case.
        """
        candidates = [
            (regulation, filling)
            for regulation, filling in self._implementing.get((law.id, article, term), ())
            if self._is_in_force(regulation, on) and applies_to(regulation, parameters)
        ]
        if not candidates:
            return None
        regulation, filling = min(
            candidates,
            key=lambda pair: (ir.LAYERS.index(pair[0].layer), -(pair[0].valid_from or date.min).toordinal()),
        )
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
            regulation.jurisdiction
            for regulation, _ in self._implementing.get((law, article, term), ())
            if regulation.jurisdiction and self._is_in_force(regulation, on)
        )

    def has_filling(self, law: str, article: str, term: str) -> bool:
        """Whether any regulation, of any date and area, fills an open term."""
        return bool(self._implementing.get((law, article, term)))

    def override_of(
        self, law: str, article: str, output: str, on: date, context: Iterable[str]
    ) -> tuple[ir.Regulation, ir.Article] | None:
        """Give the article of a law under evaluation (`context`) that replaces an output; the special law first."""
        laws = set(context)
        found = [
            pair
            for pair in self._overriding.get((law, article, output), ())
            if pair[0].id in laws and self._is_in_force(pair[0], on)
        ]
        return max(found, key=lambda pair: pair[0].valid_from or date.min) if found else None

    def hooks_on(
        self, article: ir.Article, point: str, stage: str, on: date
    ) -> list[tuple[ir.Regulation, ir.Article, ir.Hook]]:
        """Give the articles that fire on a decision of this article at this stage, in the order of the files."""
        if not article.legal_character:
            return []
        return [
            (regulation, hooked, hook)
            for regulation, hooked, hook in self._hooked
            if hook.point == point
            and hook.stage == stage
            and hook.legal_character == article.legal_character
            and hook.decision_type in ("", article.decision_type)
            and self._is_in_force(regulation, on)
        ]

    def _is_in_force(self, regulation: ir.Regulation, on: date) -> bool:
        """Whether it is the version of its law and area that holds on a date."""
        same = [item for item in self.versions(regulation.id) if item.jurisdiction == regulation.jurisdiction]
        begun = [item for item in same if (item.valid_from or date.min) <= on]
        return bool(begun) and begun[-1] is regulation and not (regulation.valid_to and regulation.valid_to < on)


def applies_to(regulation: ir.Regulation, parameters: Mapping[str, Any]) -> bool:
    """Whether a regulation's area is the whole country or an area of the case."""
    return not regulation.jurisdiction or regulation.jurisdiction in [parameters.get(code) for code in CODES]


def read_regulations(paths: Iterable[Path]) -> tuple[list[ir.Regulation], list[Fault], list[Fault]]:
    """Read all law files at or below the paths; gives what was read, the errors and the warnings."""
    regulations: list[ir.Regulation] = []
    errors: list[Fault] = []
    warnings: list[Fault] = []
    for root, file in list_law_files(paths):
        name = file.relative_to(root).as_posix() if file != root else file.name
        faults = Faults(name)
        regulation = parse_regulation(file.read_bytes(), name, faults)
        errors += faults.errors
        warnings += faults.warnings
        if regulation is not None:
            regulations.append(regulation)
    return regulations, errors, warnings


def list_law_files(paths: Iterable[Path]) -> list[tuple[Path, Path]]:
    """Give each law file with the folder it was found under, in a fixed order; raises NoSuchRule for a missing path."""
    found = []
    for path in paths:
        if path.is_file():
            found.append((path, path))
        elif path.is_dir():
            found += [
                (path, file) for file in sorted(path.rglob("*")) if file.suffix in LAW_SUFFIXES and file.is_file()
            ]
        else:
            raise NoSuchRule(f"There is no file or folder {path}", hint="Give the folder that holds the law files.")
    return found


def parse_regulation(data: bytes, file: str, faults: Faults) -> ir.Regulation | None:
    """Read one law file of either format; None with the reasons among the faults."""
    if _SERVICE.search(data) and not _ARTICLES.search(data):
        return parse_service_law(data, file, faults)
    document = read_document(data, file, faults)
    if document is None:
        return None
    return parse_articles(data, file, faults, document)


def _reason(regulation: ir.Regulation, versions: int, on: date) -> Said:
    return say(
        "{title}: de versie die geldt op {on} (vanaf {since}; {versions} {versions:versie|versies} bekend)",
        "{title}: the version in force on {on} (since {since}; {versions} {versions:version|versions} known)",
        title=regulation.name,
        on=on,
        since=regulation.valid_from or "-",
        versions=versions,
    )
