"""Tests of products: defined once, not in circles, not in two states at the same time (6.1.1 to 6.1.6, and more)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from eendracht.resilience.advisories.mandatory.test import Finding, Test
from eendracht.resilience.advisories.places import (
    ANY,
    find_all,
    find_branches,
    find_objects,
    find_products,
    find_texts,
    text_at,
)

AFFECTED: Final = ("first_affected", "known_affected", "last_affected")
NOT_AFFECTED: Final = ("known_not_affected",)
FIXED: Final = ("first_fixed", "fixed")
INVESTIGATED: Final = ("under_investigation",)
_NAMING: Final = ("flags", "remediations", "threats")
_RANGE_SIGNS: Final = ("<", ">")
_NO_WORD: Final = re.compile(r"[\W_]+")
_RANGE_WORDS: Final = frozenset({"after", "all", "before", "earlier", "later", "prior", "versions"})


def _missing_products(document: Any) -> Iterator[Finding]:
    known = {text_at(product, "product_id") for _, product in find_products(document)}
    tree = ("product_tree",)
    paths = [
        (*tree, "product_groups", ANY, "product_ids", ANY),
        (*tree, "relationships", ANY, "product_reference"),
        (*tree, "relationships", ANY, "relates_to_product_reference"),
        ("vulnerabilities", ANY, "product_status", ANY, ANY),
        ("vulnerabilities", ANY, "scores", ANY, "products", ANY),
        *(("vulnerabilities", ANY, name, ANY, "product_ids", ANY) for name in _NAMING),
    ]
    for path in paths:
        for place, name in find_texts(document, *path):
            if name not in known:
                yield (
                    place,
                    f"Het product {name[:80]} is nergens beschreven",
                    f"The product {name[:80]} is defined nowhere",
                    "Define it in the product tree, or correct its id.",
                )


def _repeated(places: Iterable[tuple[str, str]], nl: str, en: str) -> Iterator[Finding]:
    """Yield each text that stands in a second place."""
    seen: set[str] = set()
    for place, name in places:
        if name in seen:
            yield place, nl.format(name[:80]), en.format(name[:80]), "Keep one of the two."
        seen.add(name)


def _repeated_products(document: Any) -> Iterator[Finding]:
    ids = (found for at, item in find_products(document) for found in find_texts(item, "product_id", at=at))
    yield from _repeated(ids, "Het product {} is twee keer beschreven", "The product {} is defined twice")


def _circular_products(document: Any) -> Iterator[Finding]:
    needs: dict[str, list[str]] = defaultdict(list)
    made = list(find_objects(document, "product_tree", "relationships", ANY))
    for _, item in made:
        name = text_at(item, "full_product_name", "product_id")
        needs[name] += [text_at(item, "product_reference"), text_at(item, "relates_to_product_reference")]
    for place, item in made:
        name = text_at(item, "full_product_name", "product_id")
        for field in ("product_reference", "relates_to_product_reference"):
            if name and _reaches(needs, text_at(item, field), name):
                yield (
                    f"{place}/{field}",
                    f"Het product {name[:80]} bestaat uit zichzelf",
                    f"The product {name[:80]} is made of itself",
                    "Let the relationship point at another product.",
                )


def _reaches(needs: Mapping[str, list[str]], begin: str, end: str) -> bool:
    seen, waiting = {begin}, [begin]
    while waiting:
        name = waiting.pop()
        if name == end:
            return True
        fresh = [other for other in needs.get(name, ()) if other not in seen]
        seen.update(fresh)
        waiting += fresh
    return False


def _missing_groups(document: Any) -> Iterator[Finding]:
    known = {text for _, text in find_texts(document, "product_tree", "product_groups", ANY, "group_id")}
    for field in _NAMING:
        for place, name in find_texts(document, "vulnerabilities", ANY, field, ANY, "group_ids", ANY):
            if name not in known:
                nl, en = f"De groep {name[:80]} is nergens beschreven", f"The group {name[:80]} is defined nowhere"
                yield place, nl, en, "Define it in the product tree, or correct its id."


def _repeated_groups(document: Any) -> Iterator[Finding]:
    ids = find_texts(document, "product_tree", "product_groups", ANY, "group_id")
    yield from _repeated(ids, "De groep {} is twee keer beschreven", "The group {} is defined twice")


def _contradictions(document: Any) -> Iterator[Finding]:
    for place, status in find_objects(document, "vulnerabilities", ANY, "product_status"):
        said: dict[str, int] = {}
        for number, fields in enumerate((AFFECTED, NOT_AFFECTED, FIXED, INVESTIGATED)):
            for field in fields:
                for at, name in find_texts(status, field, ANY, at=place):
                    if said.setdefault(name, number) != number:
                        yield (
                            at,
                            f"Van het product {name[:80]} staan er twee toestanden die elkaar tegenspreken",
                            f"Two states of the product {name[:80]} contradict each other",
                            "A product is affected, not affected, fixed, or under investigation.",
                        )


def _invalid_purls(document: Any) -> Iterator[Finding]:
    from packageurl import PackageURL

    for place, product in find_products(document):
        for at, purl in find_texts(product, "product_identification_helper", "purl", at=place):
            try:
                PackageURL.from_string(purl)
            except ValueError:
                yield (
                    at,
                    "Dit is geen package URL (purl)",
                    "This is no package URL (purl)",
                    "See the purl specification.",
                )


def _repeated_algorithms(document: Any) -> Iterator[Finding]:
    for place, product in find_products(document):
        for at, hashes in find_all(product, "product_identification_helper", "hashes", ANY, "file_hashes", at=place):
            names = find_texts(hashes, ANY, "algorithm", at=at)
            nl, en = "De hash {} staat twee keer bij een bestand", "The hash {} stands twice with one file"
            yield from _repeated(names, nl, en)


def _ranges_as_versions(document: Any) -> Iterator[Finding]:
    for place, branch, _ in find_branches(document):
        name = text_at(branch, "name").lower()
        is_range = any(sign in name for sign in _RANGE_SIGNS) or bool(_RANGE_WORDS & set(_NO_WORD.split(name)))
        if text_at(branch, "category") == "product_version" and is_range:
            yield (
                f"{place}/name",
                "Hier hoort één versie, en dit is een reeks",
                "One version belongs here, and this is a range",
                "Use the category product_version_range.",
            )


TESTS: Final = (
    Test("6.1.1", _missing_products),
    Test("6.1.2", _repeated_products),
    Test("6.1.3", _circular_products),
    Test("6.1.4", _missing_groups),
    Test("6.1.5", _repeated_groups),
    Test("6.1.6", _contradictions),
    Test("6.1.13", _invalid_purls),
    Test("6.1.25", _repeated_algorithms),
    Test("6.1.31", _ranges_as_versions),
)
"""The tests of this part."""
