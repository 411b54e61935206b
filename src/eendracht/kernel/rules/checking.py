"""Checks regulations as a whole before anything runs: names, types and units, references, delegation, cycles.

In the article-based format what is surely wrong refuses the library. In the service-based one types, units and
delegation are warnings, as its own engine lets them pass; duplicates and cycles are errors in both.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from eendracht.kernel.rules import ir
from eendracht.kernel.rules.cycles import report_cycles
from eendracht.kernel.rules.document import Faults
from eendracht.kernel.rules.outline import AREA_CODES, ArticleOutline, InputLine, Named, OutputLine, PowerLine, Spot
from eendracht.kernel.rules.regulation_checks import undefined
from eendracht.kernel.rules.structure import Structure
from eendracht.kernel.rules.typed import KIND_NL, Typed, kinds_clash, units_clash

if TYPE_CHECKING:
    from eendracht.kernel.rules.library import Library

_SUGGESTED_FROM: Final = 500
"""Among more names than these none is suggested: comparing them takes too long."""


def check_library(library: Library) -> Faults:
    """Give everything that is wrong with regulations that were read well each by itself. Never raises."""
    faults = Faults("")
    for regulation, outline in zip(library.regulations, library.outlines, strict=True):
        file = regulation.place.file
        for finding in outline.findings:
            (faults.errors if finding.severity == "error" else faults.warnings).append(finding.at(file))
    structure = Structure(library)
    check = _Check(library, structure, faults)
    check.versions()
    for regulation, outline in zip(library.regulations, library.outlines, strict=True):
        for article in outline.articles:
            check.article(regulation, article)
    report_cycles(structure, faults)
    return faults


class _Check:
    def __init__(self, library: Library, structure: Structure, faults: Faults) -> None:
        self.library = library
        self.structure = structure
        self.faults = faults
        self.hooked = {
            output.name
            for outline in library.outlines
            for article in outline.articles
            if article.hooks
            for output in article.outputs
        }

    def find(
        self, regulation: ir.Regulation, spot: Spot, code: str, nl: str, en: str, hint: str, *, is_error: bool = True
    ) -> None:
        """Add a fault; in the lenient dialect a warning."""
        place = ir.Place(regulation.place.file, spot.line, spot.path)
        (self.faults.error if is_error and regulation.dialect == "exact" else self.faults.warn)(
            place, code, nl, en, hint
        )

    def versions(self) -> None:
        """Report two files of one law that begin on the same day for the same area."""
        first: dict[tuple[object, ...], ir.Regulation] = {}
        for regulation in self.library.regulations:
            key = (regulation.id, regulation.service, regulation.jurisdiction, regulation.valid_from)
            other = first.setdefault(key, regulation)
            if other is not regulation:
                since = regulation.valid_from or "-"
                self.faults.error(
                    regulation.place,
                    "duplicate-version",
                    f"'{regulation.id}' vanaf {since} staat ook in {other.place.file}",
                    f"'{regulation.id}' from {since} stands in {other.place.file} too",
                    "Keep one file for each law, area and first day in force.",
                )

    def article(self, regulation: ir.Regulation, article: ArticleOutline) -> None:
        """Report what an article expects of others and they do not give."""
        for line in article.inputs:
            self.reference(regulation, article, line)
        for term in article.terms:
            is_filled = self.library.has_filling(regulation.id, article.number, term.name)
            if term.required and not term.has_default and not is_filled:
                self.find(
                    regulation,
                    term.spot,
                    "missing-delegation",
                    f"Niets vult '{term.name}' van artikel {article.number} in",
                    f"Nothing fills '{term.name}' of article {article.number}",
                    f"Load a regulation that implements {regulation.id}, article {article.number}, {term.name}, "
                    "or give the open term a default.",
                )
        for power in article.implements:
            self.implementation(regulation, article, power)
        for power in article.overrides:
            self.override(regulation, article, power)
        if article.loose:
            self.loose(regulation, article)

    # --- References ---

    def reference(self, regulation: ir.Regulation, article: ArticleOutline, line: InputLine) -> None:
        """Check an input against the articles that can give it."""
        is_own = line.law in ("", regulation.id) and line.service in ("", regulation.service)
        known = [regulation] if is_own else self.library.versions(line.law, line.service)
        if not known:
            self.find(
                regulation,
                line.spot,
                "unknown-law",
                f"De wet '{line.law}' is niet geladen",
                f"The law '{line.law}' is not loaded",
                "Load the file of that law too.",
                is_error=False,
            )
            return
        places = [(item, self.structure.outputs_of(item).get(line.output)) for item in known]
        if not any(found for _, found in places):
            self.find(
                regulation,
                line.spot,
                "unknown-output",
                f"'{line.law or regulation.id}' heeft geen uitkomst '{line.output}'",
                f"'{line.law or regulation.id}' has no output '{line.output}'",
                _did_you_mean(line.output, {name for item in known for name in self.structure.outputs_of(item)}),
            )
            return
        for target, found in places:
            if self.structure.meet(regulation, target):
                if found is None:
                    self.find(
                        regulation,
                        line.spot,
                        "output-not-in-version",
                        f"De versie in {target.place.file} heeft geen uitkomst '{line.output}'",
                        f"The version in {target.place.file} has no output '{line.output}'",
                        "Both hold on the same days; check whether the output has another name there.",
                        is_error=False,
                    )
                else:
                    self.target(regulation, line, target, *found)

    def target(
        self, regulation: ir.Regulation, line: InputLine, other: ir.Regulation, article: ArticleOutline, out: OutputLine
    ) -> None:
        """Compare an input with the output that gives it, and what is passed with what is asked."""
        self.agree(regulation, line.spot, line.name, line, out, f"{other.id}, {article.number}: {out.name}")
        declared = {parameter.name: parameter for parameter in article.parameters}
        for passed in line.passed:
            wanted = declared.get(passed.name)
            if wanted is not None:
                name = f"{other.id}, {article.number}: {passed.name}"
                self.agree(regulation, line.spot, passed.name, passed, wanted, name)
            elif passed.name not in AREA_CODES:
                self.find(
                    regulation,
                    line.spot,
                    "unknown-parameter",
                    f"{other.id}, artikel {article.number}, kent de parameter '{passed.name}' niet",
                    f"{other.id}, article {article.number}, does not declare the parameter '{passed.name}'",
                    "Leave it out, or declare it there.",
                    is_error=False,
                )
        if not line.law or regulation.dialect == "lax":
            # Everything that the caller was given is passed on.
            return
        given = {passed.name for passed in line.passed} | set(AREA_CODES)
        for parameter in article.parameters:
            if parameter.required and parameter.name not in given:
                self.find(
                    regulation,
                    line.spot,
                    "missing-parameter",
                    f"{other.id}, artikel {article.number}, vraagt de parameter '{parameter.name}'",
                    f"{other.id}, article {article.number}, requires the parameter '{parameter.name}'",
                    f"Add {parameter.name} under source.parameters.",
                )

    def agree(
        self,
        regulation: ir.Regulation,
        spot: Spot,
        name: str,
        mine: InputLine | OutputLine | Named,
        other: OutputLine | Named,
        title: str,
    ) -> None:
        """Report types or units that differ on the two sides of a reference."""
        first, second = Typed(mine.kind, mine.unit), Typed(other.kind, other.unit)
        if kinds_clash(first, second):
            self.find(
                regulation,
                spot,
                "wrong-type",
                f"'{name}' is hier {KIND_NL.get(first.kind, first.kind)}, maar {title} is "
                f"{KIND_NL.get(second.kind, second.kind)}",
                f"'{name}' is {first.kind} here, but {title} is {second.kind}",
                "Give both the same type.",
            )
        elif units_clash(first, second):
            self.find(
                regulation,
                spot,
                "unit-mismatch",
                f"'{name}' is hier in {first.unit}, maar {title} is in {second.unit}",
                f"'{name}' is in {first.unit} here, but {title} is in {second.unit}",
                "Give both the same unit, or convert.",
            )

    # --- Delegation ---

    def implementation(self, regulation: ir.Regulation, article: ArticleOutline, power: PowerLine) -> None:
        """Check that what an article fills exists, and that it computes it."""
        known = self.library.versions(power.law)
        terms = [
            term
            for other in known
            for target in self.structure.articles_of(other).get(power.article, ())
            for term in target.terms
            if term.name == power.name
        ]
        if not self.exists(regulation, power, known, terms, "open term", "open term"):
            return
        computed = next((output for output in article.outputs if output.name == power.name), None)
        if computed is None:
            self.find(
                regulation,
                power.spot,
                "implementation-without-output",
                f"Dit artikel vult '{power.name}' in, maar berekent het niet",
                f"This article fills '{power.name}', but does not compute it",
                f"Add an action with output: {power.name}.",
            )
        for term in terms[:1] if computed else ():
            assert computed is not None
            title = f"{power.law}, {power.article}: {term.name}"
            self.agree(regulation, computed.spot, power.name, computed, Named(term.name, term.kind, ""), title)

    def override(self, regulation: ir.Regulation, article: ArticleOutline, power: PowerLine) -> None:
        """Check that what an article replaces exists."""
        known = self.library.versions(power.law)
        outputs = [
            output
            for other in known
            for target in self.structure.articles_of(other).get(power.article, ())
            for output in target.outputs
            if output.name == power.name
        ]
        if self.exists(regulation, power, known, outputs, "uitkomst", "output"):
            mine = next((output for output in article.outputs if output.name == power.name), None)
            if mine is not None:
                self.agree(regulation, mine.spot, power.name, mine, outputs[0], f"{power.law}, {power.article}")

    def exists(
        self,
        regulation: ir.Regulation,
        power: PowerLine,
        known: Iterable[ir.Regulation],
        found: Iterable[object],
        nl: str,
        en: str,
    ) -> bool:
        """Report a law that is not loaded, or that has no such thing; gives whether there is one."""
        if found:
            return True
        if known:
            self.find(
                regulation,
                power.spot,
                "unknown-target",
                f"'{power.law}', artikel {power.article}, heeft geen {nl} '{power.name}'",
                f"'{power.law}', article {power.article}, has no {en} '{power.name}'",
                "Check the law, the article number and the name.",
            )
        else:
            self.find(
                regulation,
                power.spot,
                "unknown-law",
                f"De wet '{power.law}' is niet geladen",
                f"The law '{power.law}' is not loaded",
                "Load the file of that law too.",
                is_error=False,
            )
        return False

    # --- Names ---

    def loose(self, regulation: ir.Regulation, article: ArticleOutline) -> None:
        """Report names that neither the article whose term is filled, nor one it replaces, nor a hook explains."""
        powers = (*article.implements, *article.overrides)
        if any(not self.library.versions(power.law) for power in powers):
            return
        known = set(self.hooked) if article.legal_character else set()
        for power in powers:
            for other in self.library.versions(power.law):
                for target in self.structure.articles_of(other).get(power.article, ()):
                    known |= {parameter.name for parameter in target.parameters}
        for name in article.loose:
            if name.name not in known:
                self.find(regulation, name.spot, *undefined(name.name))


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    close = get_close_matches(name, names, 1) if len(names) <= _SUGGESTED_FROM else []
    return f"Did you mean {close[0]}?" if close else "Choose an output of that law."
