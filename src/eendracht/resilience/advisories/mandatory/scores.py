"""Tests of scores: one of each version for a product, valid, and in agreement with the vector (6.1.7 to 6.1.10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from eendracht.resilience.advisories.cvss import check_form, compare_metrics, compare_scores
from eendracht.resilience.advisories.mandatory.test import Finding, Test
from eendracht.resilience.advisories.places import ANY, find_objects, find_texts, text_at

_VERSIONS: Final = {"cvss_v2": ("2.0",), "cvss_v3": ("3.0", "3.1")}


def _list_scores(document: Any, field: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    return find_objects(document, "vulnerabilities", ANY, "scores", ANY, field)


def _repeated_scores(document: Any) -> Iterator[Finding]:
    for place, vulnerability in find_objects(document, "vulnerabilities", ANY):
        seen: set[tuple[str, str]] = set()
        for at, score in find_objects(vulnerability, "scores", ANY, at=place):
            versions = {text_at(score, field, "version") for field in _VERSIONS} - {""}
            for here, product in find_texts(score, "products", ANY, at=at):
                keys = {(product, version) for version in versions}
                if keys & seen:
                    nl = f"Het product {product[:80]} heeft twee scores van dezelfde versie van CVSS"
                    en = f"The product {product[:80]} has two scores of the same version of CVSS"
                    yield here, nl, en, "Keep one of the two."
                seen |= keys


def _invalid_scores(document: Any) -> Iterator[Finding]:
    for field, versions in _VERSIONS.items():
        for place, score in _list_scores(document, field):
            for name in check_form(score, versions):
                nl, en = f"{name} ontbreekt of kan niet in CVSS", f"{name} is missing or not possible in CVSS"
                yield f"{place}/{name}", nl, en, "See the JSON schema of CVSS at first.org."


def _wrong_scores(document: Any) -> Iterator[Finding]:
    for field in _VERSIONS:
        for place, score in _list_scores(document, field):
            for name, right in compare_scores(score):
                nl, en = f"Uit de vector volgt {right}", f"The vector gives {right}"
                yield f"{place}/{name}", nl, en, "Correct the score or the vector."


def _inconsistent_metrics(document: Any) -> Iterator[Finding]:
    for field in _VERSIONS:
        for place, score in _list_scores(document, field):
            for name, right in compare_metrics(score):
                nl, en = f"De vector zegt {right}", f"The vector says {right}"
                yield f"{place}/{name}", nl, en, "Correct the metric or the vector."


TESTS: Final = (
    Test("6.1.7", _repeated_scores),
    Test("6.1.8", _invalid_scores),
    Test("6.1.9", _wrong_scores),
    Test("6.1.10", _inconsistent_metrics),
)
"""The tests of this part."""
