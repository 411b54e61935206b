"""Reads descriptions of public services in CPSV-AP (3.x, and older or national forms of it) into services.

Terms of the profile come first; where a file lacks them, those that Dutch descriptions use instead are taken, such as
`dct:creator` for the authority. What has no place is counted by its term.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from eendracht.kernel.errors import Fault
from eendracht.kernel.identity import REF_PATTERN
from eendracht.kernel.imports.bounds import refuse
from eendracht.kernel.imports.collector import Collector
from eendracht.kernel.imports.rows import Mention, Reading, SourceRow, join_place
from eendracht.services.catalogue import is_product_uri, product_of
from eendracht.services.imports.authority import find_authority
from eendracht.services.imports.graph import BASE, Graph, read_graph
from eendracht.services.imports.parts import read_channels, read_costs, read_legal_resources, read_rules
from eendracht.services.imports.screening import clean_service
from eendracht.services.terms import (
    AUDIENCES,
    CPSV,
    CV,
    DCAT,
    DCT,
    FOAF,
    LEVELS,
    NOT_DESCRIBED,
    RDF,
    SDG_PREFIX,
    SKOS,
    UNLISTED,
)

SERVICE_TYPES: Final = (CPSV + "PublicService", CV + "PublicService")
_AUTHORITY: Final = (CV + "hasCompetentAuthority", DCT + "creator", DCT + "publisher")
_NAMES: Final = (SKOS + "prefLabel", FOAF + "name", DCT + "title")
_READ: Final = frozenset(
    {
        RDF + "type",
        *_AUTHORITY,
        *(DCT + name for name in ("identifier", "title", "description", "audience")),
        *(CV + name for name in ("isClassifiedBy", "thematicArea", "processingTime", "isGroupedBy")),
        *(CV + name for name in ("hasChannel", "contactPoint", "hasCost", "hasLegalResource")),
        CPSV + "follows",
        SKOS + "altLabel",
        DCAT + "keyword",
    }
)
_DURATION: Final = re.compile(r"P(?:(\d+)W|(\d+)D)")
_SHORT: Final = {RDF: "rdf:", DCT: "dct:", CPSV: "cpsv:", CV: "cv:", SKOS: "skos:", FOAF: "foaf:", DCAT: "dcat:"}


def read_cpsv_ap(path: Path) -> Reading:
    """Give the services of a file, each with its identifier as key.

    Raises UnreadableFile as `read_graph` does, and for a graph without a public service.
    """
    graph = read_graph(path)
    collector = Collector()
    services = graph.subjects_of(*SERVICE_TYPES)
    if not services:
        raise refuse(
            path.name,
            "no-service",
            "Er staat geen publieke dienst (cpsv:PublicService) in dit bestand",
            "There is no public service (cpsv:PublicService) in this file",
            "Give a description of services in CPSV-AP.",
        )
    reader = _Reader(graph, path.name, collector)
    rows = [row for node in services if (row := reader.read(node)) is not None]
    return Reading(
        "cpsv-ap",
        tuple(rows),
        collector.faults,
        left_out=collector.left_out,
        ignored=collector.ignored,
        notes=collector.notes,
    )


class _Reader:
    """Turns the services of a graph into rows."""

    def __init__(self, graph: Graph, file: str, collector: Collector) -> None:
        self._graph, self._file, self._collector = graph, file, collector
        self._seen: set[str] = set()

    def read(self, node: Any) -> SourceRow | None:
        """Give the row of a service; none, with a fault, where it has no name or its identifier was there before."""
        graph = self._graph
        name = graph.text(node, DCT + "title", SKOS + "prefLabel")
        identifier = graph.text(node, DCT + "identifier")
        is_blank = type(node).__name__ == "BlankNode"
        place = join_place(self._file, identifier[:100] if is_blank else str(node.value).removeprefix(BASE)[:200])
        if not name:
            self._fault(place, "missing", "dct:title ontbreekt", "dct:title is missing", "Give the service a name.")
            return None
        if is_product_uri(identifier):
            key = identifier if is_blank else str(node.value)
        else:
            key = identifier or ("" if is_blank else str(node.value)) or f"name:{name}"
        if key in self._seen:
            nl, en = "Deze dct:identifier komt vaker voor; de eerste telt", "This dct:identifier occurs more than once"
            self._fault(place, "duplicate-key", nl, en, "An identifier is unique; the first counts now.")
            return None
        self._seen.add(key)
        for predicate, count in graph.predicates(node).items():
            if predicate not in _READ:
                self._collector.ignore(self._file, _shorten(predicate), count)
        spec = clean_service(self._spec(node, name, identifier, place), self._file, self._collector)
        mentions = self._mentions(node, spec)
        facts = {"ref": identifier} if _is_ref(identifier, "public-service") else {}
        return SourceRow(
            "public-service", key[:200], spec, mentions, place, key_from_name=key[:5] == "name:", facts=facts
        )

    def _fault(self, place: str, code: str, nl: str, en: str, hint: str) -> None:
        self._collector.add_fault(Fault(place, code, nl, en, hint), self._file)

    def _spec(self, node: Any, name: str, identifier: str, place: str) -> dict[str, Any]:
        graph = self._graph
        description = "\n".join(graph.texts(node, DCT + "description"))
        if len(description) > 10_000:
            self._collector.add_note(
                place, "cut", "De omschrijving is ingekort", "The description was cut to 10,000 characters"
            )
        spec: dict[str, Any] = {
            "name": name[:300],
            "description": "" if description == NOT_DESCRIBED else description[:10_000],
            "alsoKnownAs": [text[:300] for text in graph.texts(node, SKOS + "altLabel")][:50],
            "tags": [text for text in graph.texts(node, DCAT + "keyword") if " " not in text][:50],
            "audience": self._audience(node),
            "sdgCodes": self._areas(node),
            "channels": read_channels(graph, node)[:50],
            "costs": read_costs(graph, node, place, self._collector)[:50],
            "legalResources": read_legal_resources(graph, node, place, self._collector)[:100],
            "ruleOutputs": read_rules(graph, node)[:50],
        }
        spec |= self._classes(node, identifier)
        weeks = self._weeks(node, place)
        kept = {field: value for field, value in spec.items() if value not in ("", [], None)}
        return kept if weeks is None else kept | {"decisionWeeks": weeks}

    def _audience(self, node: Any) -> list[str]:
        said = {self._address(value) for value in self._graph.values(node, DCT + "audience")}
        return [code for code, address in AUDIENCES.items() if address in said]

    def _areas(self, node: Any) -> list[str]:
        said = (self._address(value) for value in self._graph.values(node, CV + "thematicArea"))
        return sorted(address.removeprefix(SDG_PREFIX) for address in said if address.startswith(SDG_PREFIX))

    def _classes(self, node: Any, identifier: str) -> dict[str, str]:
        """Give product and level from what the service is classified by, or the product from its identifier."""
        found: dict[str, str] = {}
        if is_product_uri(identifier) and (product := product_of(identifier)):
            found["upl"] = product.name
        for value in self._graph.values(node, CV + "isClassifiedBy"):
            address = self._address(value)
            label = self._graph.text(value, SKOS + "prefLabel")
            if address.startswith(LEVELS):
                found["level"] = address.removeprefix(LEVELS)
            elif is_product_uri(address) or address.startswith(UNLISTED):
                found["upl"] = (label or address)[:500]
        return found

    def _weeks(self, node: Any, place: str) -> int | None:
        text = self._graph.text(node, CV + "processingTime")
        match = _DURATION.fullmatch(text)
        if match and match[1]:
            return int(match[1])
        if match and int(match[2]) % 7 == 0:
            return int(match[2]) // 7
        if text:
            nl, en = f"De termijn {text[:30]} is geen aantal weken", f"The term {text[:30]} is no number of weeks"
            self._collector.add_note(place, "no-weeks", nl, en, "Fill in the term by hand.")
        return None

    def _mentions(self, node: Any, spec: dict[str, Any]) -> tuple[Mention, ...]:
        """Put refs of authority and events that are sure into the spec, and mention the others by name."""
        graph = self._graph
        mentions: list[Mention] = []
        for value in graph.values(node, *_AUTHORITY)[:1]:
            label = graph.text(value, *_NAMES)
            said = graph.text(value, DCT + "identifier")
            ref = find_authority(said, self._address(value)) or find_authority(label)
            if ref:
                spec["providedBy"] = ref
            elif label:
                mentions.append(Mention("providedBy", "organisation", name=label[:300]))
        events = []
        for value in graph.values(node, CV + "isGroupedBy"):
            said = graph.text(value, DCT + "identifier")
            if _is_ref(said, "life-event"):
                events.append(said)
            elif title := graph.text(value, DCT + "title"):
                mentions.append(Mention("lifeEvents", "life-event", name=title[:300]))
        if events:
            spec["lifeEvents"] = sorted(events)
        return tuple(mentions)

    def _address(self, value: Any) -> str:
        return str(value.value)


def _is_ref(text: str, kind: str) -> bool:
    return text.startswith(f"{kind}:") and re.fullmatch(REF_PATTERN, text) is not None


def _shorten(predicate: str) -> str:
    for space, short in _SHORT.items():
        if predicate.startswith(space):
            return short + predicate.removeprefix(space)
    return predicate[:100]
