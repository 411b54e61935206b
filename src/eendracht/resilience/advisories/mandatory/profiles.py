"""Tests of profiles: what a document of a category must hold (6.1.26 and 6.1.27)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from eendracht.resilience.advisories.mandatory.test import Finding, Test
from eendracht.resilience.advisories.places import ANY, find_objects, find_texts, list_groups, list_named, text_at

INFORMATIONAL: Final = "csaf_informational_advisory"
INCIDENT: Final = "csaf_security_incident_response"
ADVISORY: Final = "csaf_security_advisory"
VEX: Final = "csaf_vex"
_PROFILES: Final = ("csaf_base", INFORMATIONAL, INCIDENT, ADVISORY, VEX)
_RESERVED: Final = frozenset(
    text.replace("_", "") for name in _PROFILES[1:] for text in (name, name.removeprefix("csaf_"))
)
"""Values and names of the profiles but the base one, without what is passed over when they are compared."""
_VEX_STATES: Final = ("fixed", "known_affected", "known_not_affected", "under_investigation")


def _category(document: Any) -> str:
    return text_at(document, "document", "category")


def _vulnerabilities(document: Any, *categories: str) -> Iterator[tuple[str, Any]]:
    if _category(document) in categories:
        yield from find_objects(document, "vulnerabilities", ANY)


def _prohibited_category(document: Any) -> Iterator[Finding]:
    category = _category(document)
    plain = re.sub(r"[-_\s]+", "", category).lower()
    if category not in _PROFILES and (category.lower().startswith("csaf_") or plain in _RESERVED):
        nl, en = "Deze naam is die van een profiel, of lijkt erop", "This name is that of a profile, or looks like it"
        yield "/document/category", nl, en, f"Use one of {', '.join(_PROFILES)}, or another name."


def _need(document: Any, field: str, categories: tuple[str, ...]) -> Iterator[Finding]:
    if _category(document) in categories and isinstance(document, dict) and field not in document:
        nl, en = f"Dit profiel vraagt om {field}", f"This profile asks for {field}"
        yield f"/{field}", nl, en, "Add it."


def _need_in_each(document: Any, field: str, categories: tuple[str, ...]) -> Iterator[Finding]:
    for place, vulnerability in _vulnerabilities(document, *categories):
        if field not in vulnerability:
            nl, en = f"Dit profiel vraagt om {field}", f"This profile asks for {field}"
            yield f"{place}/{field}", nl, en, "Add it."


def _needs_notes(document: Any) -> Iterator[Finding]:
    wanted = ("description", "details", "general", "summary")
    there = {text for _, text in find_texts(document, "document", "notes", ANY, "category")}
    if _category(document) in (INFORMATIONAL, INCIDENT) and not there & set(wanted):
        nl, en = "Er is geen toelichting die zegt waar het om gaat", "No note says what it is about"
        yield "/document/notes", nl, en, f"Add a note of one of {', '.join(wanted)}."


def _needs_reference(document: Any) -> Iterator[Finding]:
    links = list(find_objects(document, "document", "references", ANY))
    is_external = any(link.get("category", "external") == "external" for _, link in links)
    if _category(document) in (INFORMATIONAL, INCIDENT) and not is_external:
        nl, en = "Er is geen verwijzing naar buiten", "There is no external reference"
        yield "/document/references", nl, en, "Add a reference with the category external."


def _has_vulnerabilities(document: Any) -> Iterator[Finding]:
    if _category(document) == INFORMATIONAL and "vulnerabilities" in document:
        nl, en = "Dit profiel heeft geen kwetsbaarheden", "This profile has no vulnerabilities"
        yield "/vulnerabilities", nl, en, f"Use {ADVISORY}, or leave them out."


def _needs_tree(document: Any) -> Iterator[Finding]:
    yield from _need(document, "product_tree", (ADVISORY, VEX))


def _needs_vulnerability_notes(document: Any) -> Iterator[Finding]:
    yield from _need_in_each(document, "notes", (ADVISORY, VEX))


def _needs_status(document: Any) -> Iterator[Finding]:
    yield from _need_in_each(document, "product_status", (ADVISORY,))


def _needs_vex_status(document: Any) -> Iterator[Finding]:
    for place, vulnerability in _vulnerabilities(document, VEX):
        status = vulnerability.get("product_status")
        if not isinstance(status, dict) or not any(state in status for state in _VEX_STATES):
            nl, en = "Er staat niet wat wel of niet geraakt is", "It is not said what is affected and what is not"
            yield f"{place}/product_status", nl, en, f"Fill in one of {', '.join(_VEX_STATES)}."


def _needs_name(document: Any) -> Iterator[Finding]:
    for place, vulnerability in _vulnerabilities(document, VEX):
        if "cve" not in vulnerability and "ids" not in vulnerability:
            nl, en = "De kwetsbaarheid heeft geen nummer", "The vulnerability has no number"
            yield place, nl, en, "Fill in cve or ids."


def _needs_statement(document: Any, state: str, fields: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield place and id of each product in a state of which none of the fields says anything."""
    groups = list_groups(document)
    for place, vulnerability in _vulnerabilities(document, VEX):
        told: set[str] = set()
        for field in fields:
            for _, item in find_objects(vulnerability, field, ANY):
                if field != "threats" or item.get("category") == "impact":
                    told |= set(list_named(item, groups))
        for at, product in find_texts(vulnerability, "product_status", state, ANY, at=place):
            if product not in told:
                yield at, product


def _needs_impact(document: Any) -> Iterator[Finding]:
    for place, product in _needs_statement(document, "known_not_affected", ("flags", "threats")):
        nl = f"Er staat niet waarom het product {product[:80]} niet geraakt is"
        en = f"It is not said why the product {product[:80]} is not affected"
        yield place, nl, en, "Add a flag, or a threat of the category impact."


def _needs_action(document: Any) -> Iterator[Finding]:
    for place, product in _needs_statement(document, "known_affected", ("remediations",)):
        nl = f"Er staat niet wat er voor het product {product[:80]} te doen is"
        en = f"It is not said what to do about the product {product[:80]}"
        yield place, nl, en, "Add a remediation."


def _needs_vulnerabilities(document: Any) -> Iterator[Finding]:
    yield from _need(document, "vulnerabilities", (ADVISORY, VEX))


TESTS: Final = (
    Test("6.1.26", _prohibited_category),
    Test("6.1.27.1", _needs_notes),
    Test("6.1.27.2", _needs_reference),
    Test("6.1.27.3", _has_vulnerabilities),
    Test("6.1.27.4", _needs_tree),
    Test("6.1.27.5", _needs_vulnerability_notes),
    Test("6.1.27.6", _needs_status),
    Test("6.1.27.7", _needs_vex_status),
    Test("6.1.27.8", _needs_name),
    Test("6.1.27.9", _needs_impact),
    Test("6.1.27.10", _needs_action),
    Test("6.1.27.11", _needs_vulnerabilities),
)
"""The tests of this part."""
