"""Tests of what is said of vulnerabilities, and of the language in which it is said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from eendracht.reference.weaknesses import load_weaknesses
from eendracht.resilience.advisories.mandatory.test import Finding, Test
from eendracht.resilience.advisories.places import (
    ANY,
    find_objects,
    find_texts,
    list_groups,
    list_named,
    text_at,
)


def _unknown_weaknesses(document: Any) -> Iterator[Finding]:
    for place, cwe in find_objects(document, "vulnerabilities", ANY, "cwe"):
        code, said = text_at(cwe, "id"), text_at(cwe, "name")
        name = load_weaknesses().get(code)
        if name is None:
            yield (
                f"{place}/id",
                f"{code[:20]} staat niet in de CWE",
                f"{code[:20]} is not in the CWE",
                "Check the number.",
            )
        elif name != said:
            yield f"{place}/name", f"{code} heet '{name}'", f"{code} is called '{name}'", "Take over the name."


def _unknown_languages(document: Any) -> Iterator[Finding]:
    for field in ("lang", "source_lang"):
        tag = text_at(document, "document", field)
        if tag and not _is_language(tag):
            nl, en = f"De taal {tag[:20]} bestaat niet", f"There is no language {tag[:20]}"
            yield f"/document/{field}", nl, en, "Use a tag such as nl or en-GB (BCP 47)."


def _is_language(tag: str) -> bool:
    """Tell whether the first part of a tag is a language and a region in it exists.

    Two letters are looked up; for three, of which there are thousands, the form has to do.
    """
    first, *rest = tag.split("-")
    if first.lower() in ("x", "i"):
        return True
    languages, regions = _known_codes()
    is_region_known = all(part.upper() in regions for part in rest[:3] if len(part) == 2 and part.isalpha())
    # No language of four letters or more was ever registered.
    return (len(first) == 3 or first.lower() in languages) and is_region_known


@cache
def _known_codes() -> tuple[frozenset[str], frozenset[str]]:
    from babel import Locale

    english = Locale("en")
    return frozenset(english.languages), frozenset(english.territories)


def _missing_source_language(document: Any) -> Iterator[Finding]:
    is_translator = text_at(document, "document", "publisher", "category") == "translator"
    if is_translator and not text_at(document, "document", "source_lang"):
        nl, en = "Een vertaler zegt uit welke taal", "A translator says from which language"
        yield "/document/source_lang", nl, en, "Fill in source_lang."


def _same_language(document: Any) -> Iterator[Finding]:
    lang, source = text_at(document, "document", "lang"), text_at(document, "document", "source_lang")
    if lang and lang.lower() == source.lower():
        nl, en = "Een vertaling is in een andere taal dan het origineel", "A translation is in another language"
        yield "/document/lang", nl, en, "Correct lang or source_lang, or leave out source_lang."


def _repeated_cves(document: Any) -> Iterator[Finding]:
    seen: set[str] = set()
    for place, cve in find_texts(document, "vulnerabilities", ANY, "cve"):
        if cve in seen:
            nl, en = f"{cve[:30]} staat er twee keer", f"{cve[:30]} stands here twice"
            yield place, nl, en, "Say everything of one CVE in one place."
        seen.add(cve)


def _repeated_involvements(document: Any) -> Iterator[Finding]:
    for place, vulnerability in find_objects(document, "vulnerabilities", ANY):
        seen: set[tuple[str, str]] = set()
        for at, item in find_objects(vulnerability, "involvements", ANY, at=place):
            key = (text_at(item, "party"), _read_instant(text_at(item, "date")))
            if key in seen and all(key):
                nl = f"De partij {key[0][:30]} staat er twee keer met dezelfde dag"
                en = f"The party {key[0][:30]} stands here twice with the same date"
                yield at, nl, en, "Keep one of the two."
            seen.add(key)


def _read_instant(text: str) -> str:
    """Give a moment in UTC, so that two notations of one are the same; what is no moment stays as it is."""
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return text


def _without_products(document: Any, field: str) -> Iterator[Finding]:
    for place, item in find_objects(document, "vulnerabilities", ANY, field, ANY):
        if "product_ids" not in item and "group_ids" not in item:
            nl, en = "Er staat niet voor welk product dit geldt", "It is not said for which product this holds"
            yield place, nl, en, "Fill in product_ids or group_ids."


def _remediations_for_nothing(document: Any) -> Iterator[Finding]:
    yield from _without_products(document, "remediations")


def _flags_for_nothing(document: Any) -> Iterator[Finding]:
    yield from _without_products(document, "flags")


def _repeated_flags(document: Any) -> Iterator[Finding]:
    groups = list_groups(document)
    for place, vulnerability in find_objects(document, "vulnerabilities", ANY):
        seen: set[str] = set()
        for at, flag in find_objects(vulnerability, "flags", ANY, at=place):
            named = set(list_named(flag, groups))
            if named & seen:
                nl, en = "Een product heeft twee rechtvaardigingen", "A product has two justifications"
                yield at, nl, en, "Give each product one."
            seen |= named


TESTS: Final = (
    Test("6.1.11", _unknown_weaknesses),
    Test("6.1.12", _unknown_languages),
    Test("6.1.15", _missing_source_language),
    Test("6.1.23", _repeated_cves),
    Test("6.1.24", _repeated_involvements),
    Test("6.1.28", _same_language),
    Test("6.1.29", _remediations_for_nothing),
    Test("6.1.32", _flags_for_nothing),
    Test("6.1.33", _repeated_flags),
)
"""The tests of this part."""
