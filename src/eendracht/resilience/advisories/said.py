"""What an advisory says, without its form: which product is in which state, why, and what can be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from eendracht.resilience.advisories.mandatory.products import AFFECTED, FIXED, INVESTIGATED, NOT_AFFECTED
from eendracht.resilience.advisories.places import ANY, find_objects, find_texts, list_groups, list_named, text_at
from eendracht.resilience.advisories.products import Product

State = Literal["affected", "under-investigation", "fixed", "not-affected"]
_STATES: Final[tuple[tuple[State, tuple[str, ...]], ...]] = (
    ("not-affected", NOT_AFFECTED),
    ("fixed", FIXED),
    ("under-investigation", INVESTIGATED),
    ("affected", AFFECTED),
)
End = Literal["first_affected", "last_affected", "first_fixed"]
ENDS: Final[tuple[End, ...]] = ("first_affected", "last_affected", "first_fixed")
"""States that name an end of a release train, of which the versions in between are not listed (3.2.3.9)."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What can be done about it: a category of CSAF, the text of the publisher, and where it is to be had."""

    category: str
    details: str
    url: str
    date: str
    """From when there is something; empty where that is not said."""


@dataclass(frozen=True)
class VulnerabilitySaid:
    """One vulnerability: the state of each product by its id, and what belongs to it."""

    code: str
    """Its CVE, else another number, else its place in the document."""
    title: str
    states: Mapping[str, State]
    reasons: Mapping[str, str]
    """Why a product is not affected: the label of its flag, else the text of its impact."""
    measures: Mapping[str, Sequence[Measure]]
    scores: Mapping[str, float]
    """The highest base score of CVSS."""
    exploited: frozenset[str]
    """Products for which it is said how far it is used in attacks."""
    recommended: tuple[str, ...]
    """Names of the products that the publisher recommends."""
    ends: Mapping[str, End]
    """Of which products the version is an end of a release train, and which one."""


@dataclass(frozen=True)
class AdvisorySaid:
    """An advisory: which it is, its products by their id, and its vulnerabilities."""

    tracking_id: str
    title: str
    publisher: str
    namespace: str
    version: str
    status: str
    released_at: str
    label: str
    """TLP label; empty where none is given."""
    url: str
    sha256: str
    products: Mapping[str, Product]
    vulnerabilities: Sequence[VulnerabilitySaid]

    @property
    def highest_score(self) -> float | None:
        """The highest base score of CVSS in it; None where it has none."""
        return max((score for item in self.vulnerabilities for score in item.scores.values()), default=None)


def read_said(document: Mapping[str, Any], products: Mapping[str, Product], digest: str) -> AdvisorySaid:
    """Give what a valid document says."""
    about = document["document"]
    tracking, publisher = about["tracking"], about["publisher"]
    links = [item for _, item in find_objects(about, "references", ANY) if item.get("category") == "self"]
    groups = list_groups(document)
    return AdvisorySaid(
        tracking["id"],
        about["title"],
        publisher["name"],
        publisher["namespace"],
        tracking["version"],
        tracking["status"],
        tracking["current_release_date"],
        text_at(about, "distribution", "tlp", "label"),
        links[0]["url"] if links else "",
        digest,
        products,
        [
            _read_vulnerability(item, at, products, groups)
            for at, (_, item) in enumerate(find_objects(document, "vulnerabilities", ANY), 1)
        ],
    )


def _read_vulnerability(
    said: Mapping[str, Any], at: int, products: Mapping[str, Product], groups: Mapping[str, list[str]]
) -> VulnerabilitySaid:
    states: dict[str, State] = {}
    for state, fields in _STATES:
        for field in fields:
            states |= dict.fromkeys((name for _, name in find_texts(said, "product_status", field, ANY)), state)
    other = next((text_at(item, "text") for _, item in find_objects(said, "ids", ANY)), "")
    recommended = [products[name].name for _, name in find_texts(said, "product_status", "recommended", ANY)]
    return VulnerabilitySaid(
        text_at(said, "cve") or other or f"#{at}",
        text_at(said, "title"),
        states,
        _read_reasons(said, groups),
        _read_measures(said, groups),
        _read_scores(said),
        frozenset(
            name
            for _, item in find_objects(said, "threats", ANY)
            if item.get("category") == "exploit_status"
            # Without products it holds for all of them.
            for name in (list_named(item, groups) or states)
        ),
        tuple(recommended),
        {name: end for end in ENDS for _, name in find_texts(said, "product_status", end, ANY)},
    )


def _read_reasons(said: Mapping[str, Any], groups: Mapping[str, list[str]]) -> dict[str, str]:
    reasons: dict[str, str] = {}
    for _, item in find_objects(said, "threats", ANY):
        if item.get("category") == "impact":
            reasons |= dict.fromkeys(list_named(item, groups), item["details"])
    for _, item in find_objects(said, "flags", ANY):
        reasons |= dict.fromkeys(list_named(item, groups), item["label"])
    return reasons


def _read_measures(said: Mapping[str, Any], groups: Mapping[str, list[str]]) -> dict[str, list[Measure]]:
    measures: dict[str, list[Measure]] = {}
    for _, item in find_objects(said, "remediations", ANY):
        measure = Measure(item["category"], item["details"], item.get("url", ""), item.get("date", ""))
        for name in list_named(item, groups):
            measures.setdefault(name, []).append(measure)
    return measures


def _read_scores(said: Mapping[str, Any]) -> dict[str, float]:
    scores: dict[str, float] = {}
    for _, item in find_objects(said, "scores", ANY):
        given = [item[field]["baseScore"] for field in ("cvss_v3", "cvss_v2") if item.get(field)]
        for _, name in find_texts(item, "products", ANY):
            # Version 3 goes before version 2, of which the scale differs.
            scores[name] = max(scores.get(name, 0.0), float(given[0])) if given else scores.get(name, 0.0)
    return scores
