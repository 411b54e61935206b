"""The catalogue as CPSV-AP 3.2.0: a graph that passes the SHACL shapes of the profile, in four syntaxes.

What the profile has no term for travels in `skos:altLabel` (other names), `dcat:keyword` (tags) and concepts of our
own; lists keep their order by the numbers in the identifiers of their parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, get_args
from urllib.parse import quote

from eendracht.reference.bodies import load_public_bodies
from eendracht.services.catalogue import product_of
from eendracht.services.exports import Catalogue, Offer
from eendracht.services.terms import (
    AUDIENCES,
    CHANNELS,
    CPSV,
    CV,
    DCAT,
    DCT,
    ELI,
    EURO,
    FOAF,
    LEVELS,
    NETHERLANDS,
    NOT_DESCRIBED,
    PREFIXES,
    RDF,
    RULE_OUTPUT,
    SDG_PREFIX,
    SKOS,
    TIME,
    UNLISTED,
    UPL_SCHEME,
    XSD,
)

if TYPE_CHECKING:
    from pyoxigraph import Literal as Value
    from pyoxigraph import NamedNode, Triple

Syntax = Literal["turtle", "rdfxml", "jsonld", "ntriples"]
SYNTAXES: Final = get_args(Syntax)
_LABELS: Final = {
    "citizen": "inwoner",
    "business": "ondernemer",
    "government": "overheid",
    "state": "Rijk",
    "province": "provincie",
    "water-board": "waterschap",
    "municipality": "gemeente",
    "other": "anders",
    "online": "online",
    "counter": "balie",
    "phone": "telefoon",
    "post": "post",
    "e-mail": "e-mail",
    "app": "app",
}
"""What concepts of our own are called in Dutch, the language of the descriptions."""


def write_cpsv_ap(catalogue: Catalogue, syntax: Syntax = "turtle") -> bytes:
    """Print a catalogue as CPSV-AP 3.2.0, the same bytes for the same records."""
    from pyoxigraph import RdfFormat, serialize

    formats = {
        "turtle": RdfFormat.TURTLE,
        "rdfxml": RdfFormat.RDF_XML,
        "jsonld": RdfFormat.JSON_LD,
        "ntriples": RdfFormat.N_TRIPLES,
    }
    triples = _by_subject(_Graph(catalogue).triples())
    printed = serialize(triples, format=formats[syntax], prefixes=dict(PREFIXES))
    assert printed is not None
    return printed


def _by_subject(triples: Iterator[Triple]) -> list[Triple]:
    """Give each triple once, those of one subject together, subjects in the order in which they are first named."""
    found: dict[Any, dict[Triple, None]] = {}
    for triple in triples:
        found.setdefault(triple.subject, {})[triple] = None
    return [triple for said in found.values() for triple in said]


class _Graph:
    """The triples of one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._found: list[Triple] = []
        self._tooi = {f"organisation:{body.code}": body.tooi_uri for body in load_public_bodies() if body.tooi_uri}

    def triples(self) -> Iterator[Triple]:
        """Give the triples, service by service; a triple that two of them need comes twice."""
        for offer in self._catalogue.offers:
            self._add_service(offer)
        return iter(self._found)

    # -- small parts ----------------------------------------------------------------------------------------------

    def _add(self, subject: str, predicate: str, value: NamedNode | Value) -> None:
        from pyoxigraph import NamedNode, Triple

        self._found.append(Triple(NamedNode(subject), NamedNode(predicate), value))

    def _say(self, subject: str, predicate: str, text: str, language: str = "") -> None:
        from pyoxigraph import Literal as Value

        self._add(subject, predicate, Value(text, language=language) if language else Value(text))

    def _type(self, subject: str, value: str, datatype: str, predicate: str) -> None:
        from pyoxigraph import Literal as Value
        from pyoxigraph import NamedNode

        self._add(subject, predicate, Value(value, datatype=NamedNode(XSD + datatype)))

    def _link(self, subject: str, predicate: str, target: str) -> None:
        from pyoxigraph import NamedNode

        self._add(subject, predicate, NamedNode(target))

    def _is(self, subject: str, *types: str) -> None:
        for kind in types:
            self._link(subject, RDF + "type", kind)

    def _concept(self, address: str, label: str, scheme: str = "") -> str:
        self._is(address, SKOS + "Concept")
        if label:
            self._say(address, SKOS + "prefLabel", label, "nl")
        if scheme:
            self._link(address, SKOS + "inScheme", scheme)
        return address

    def _page(self, subject: str, url: str) -> None:
        """Say where something stands on the web; what is no full address stays a text."""
        if is_address(url):
            self._link(subject, FOAF + "page", url)
            self._is(url, FOAF + "Document")
        else:
            self._say(subject, FOAF + "page", url)

    # -- a service ------------------------------------------------------------------------------------------------

    def _add_service(self, offer: Offer) -> None:
        spec, node = offer.spec, f"urn:uuid:{offer.uid}"
        self._is(node, CPSV + "PublicService")
        self._say(node, DCT + "identifier", offer.ref)
        self._say(node, DCT + "title", spec["name"], "nl")
        self._say(node, DCT + "description", spec.get("description") or NOT_DESCRIBED, "nl")
        for name, predicate in (("alsoKnownAs", SKOS + "altLabel"), ("tags", DCAT + "keyword")):
            for text in spec.get(name, ()):
                self._say(node, predicate, text, "nl")
        self._link(node, CV + "hasCompetentAuthority", self._authority(offer.authority))
        for audience in spec.get("audience", ()):
            self._link(node, DCT + "audience", self._concept(AUDIENCES[audience], _LABELS[audience]))
        if level := spec.get("level"):
            self._link(node, CV + "isClassifiedBy", self._concept(LEVELS + level, _LABELS[level], LEVELS.rstrip(":")))
        if upl := spec.get("upl"):
            self._link(node, CV + "isClassifiedBy", self._product(upl))
        for code in spec.get("sdgCodes", ()):
            area = self._concept(SDG_PREFIX + quote(code, safe=""), "")
            self._say(area, SKOS + "notation", code)
            self._link(node, CV + "thematicArea", area)
        if (weeks := spec.get("decisionWeeks")) is not None:
            self._type(node, f"P{weeks * 7}D", "duration", CV + "processingTime")
        for number, part in enumerate(spec.get("channels", ()), 1):
            self._add_channel(node, f"{offer.ref}#channel-{number}", part)
        for number, part in enumerate(spec.get("costs", ()), 1):
            self._add_cost(node, f"{offer.ref}#cost-{number}", part)
        for number, part in enumerate(spec.get("legalResources", ()), 1):
            self._add_legal_resource(node, f"{offer.ref}#legal-{number}", part)
        for number, part in enumerate(spec.get("ruleOutputs", ()), 1):
            self._add_rule(node, f"{offer.ref}#rule-{number}", part)
        for ref in spec.get("lifeEvents", ()):
            self._link(node, CV + "isGroupedBy", self._event(ref))

    def _part(self, node: str, predicate: str, identifier: str, kind: str) -> str:
        part = f"{node}#{identifier.partition('#')[2]}"
        self._link(node, predicate, part)
        self._is(part, kind)
        self._say(part, DCT + "identifier", identifier)
        return part

    def _add_channel(self, node: str, identifier: str, said: Mapping[str, Any]) -> None:
        part = self._part(node, CV + "hasChannel", identifier, CV + "Channel")
        self._link(part, DCT + "type", self._concept(CHANNELS + said["type"], _LABELS[said["type"]]))
        if said.get("url"):
            self._page(part, said["url"])
        if said.get("contact"):
            self._say(part, DCT + "description", said["contact"], "nl")
        if said.get("hours"):
            hours = f"{part}-hours"
            self._link(part, CV + "openingHours", hours)
            self._is(hours, TIME + "TemporalEntity")
            self._say(hours, DCT + "description", said["hours"], "nl")

    def _add_cost(self, node: str, identifier: str, said: Mapping[str, Any]) -> None:
        part = self._part(node, CV + "hasCost", identifier, CV + "Cost")
        if (cents := said.get("amountEurocent")) is not None:
            self._type(part, f"{cents // 100}.{cents % 100:02}", "double", CV + "hasValue")
            self._link(part, CV + "currency", self._concept(EURO, "euro"))
        if said.get("description"):
            self._say(part, DCT + "description", said["description"], "nl")

    def _add_legal_resource(self, node: str, identifier: str, said: Mapping[str, Any]) -> None:
        part = self._part(node, CV + "hasLegalResource", identifier, ELI + "LegalResource")
        self._say(part, DCT + "title", said["law"], "nl")
        if said.get("article"):
            self._say(part, ELI + "number", said["article"])
        if said.get("url"):
            self._page(part, said["url"])

    def _add_rule(self, node: str, identifier: str, said: Mapping[str, Any]) -> None:
        part = self._part(node, CPSV + "follows", identifier, CPSV + "Rule")
        self._link(part, DCT + "type", self._concept(RULE_OUTPUT, "uitkomst van een regel"))
        self._say(part, DCT + "title", said["output"], "nl")
        where = f"{said['law']}, artikel {said['article']}" if said.get("article") else said["law"]
        self._say(part, DCT + "description", f"De uitkomst '{said['output']}' van {where}.", "nl")
        law = f"{part}-law"
        self._link(part, CPSV + "implements", law)
        self._is(law, ELI + "LegalResource")
        self._say(law, DCT + "title", said["law"], "nl")
        if said.get("article"):
            self._say(law, ELI + "number", said["article"])

    # -- what services share --------------------------------------------------------------------------------------

    def _authority(self, ref: str) -> str:
        node = self._tooi.get(ref) or f"urn:eendracht:{quote(ref, safe=':/.-')}"
        self._is(node, CV + "PublicOrganisation")
        self._say(node, DCT + "identifier", ref)
        name = self._catalogue.names.get(ref) or ref.partition(":")[2]
        self._say(node, SKOS + "prefLabel", name, "nl")
        area = self._area(ref, name)
        self._link(node, DCT + "spatial", area)
        self._is(area, DCT + "Location")
        return node

    def _area(self, ref: str, name: str) -> str:
        """Give the place that an organisation serves: its own area where it has one, else the country."""
        kind = self._catalogue.specs.get(ref, {}).get("type")
        if kind not in ("municipality", "province", "water-board"):
            return NETHERLANDS
        area = f"urn:eendracht:area:{quote(ref.partition(':')[2], safe='.-')}"
        self._say(area, SKOS + "prefLabel", name, "nl")
        return area

    def _product(self, upl: str) -> str:
        product = product_of(upl)
        if product is None:
            return self._concept(UNLISTED + quote(upl, safe=""), upl, UPL_SCHEME)
        if upl == product.name:
            return self._concept(product.uri, product.name, UPL_SCHEME)
        # A record that names the product by its address keeps doing so.
        node = self._concept(product.uri, "", UPL_SCHEME)
        self._say(node, SKOS + "altLabel", product.name, "nl")
        return node

    def _event(self, ref: str) -> str:
        spec = self._catalogue.specs.get(ref, {})
        node = f"urn:eendracht:{quote(ref, safe=':/.-')}"
        kind = {"life": "LifeEvent", "business": "BusinessEvent"}.get(str(spec.get("type")))
        self._is(node, CV + "Event", *([CV + kind] if kind else []))
        self._say(node, DCT + "identifier", ref)
        self._say(node, DCT + "title", self._catalogue.names.get(ref) or ref.rpartition("/")[2], "nl")
        if spec.get("nameEn"):
            self._say(node, DCT + "title", spec["nameEn"], "en")
        if spec.get("description"):
            self._say(node, DCT + "description", spec["description"], "nl")
        return node


def is_address(text: str) -> bool:
    """Tell whether a text can stand as an address in a graph."""
    from pyoxigraph import NamedNode

    if not text.startswith(("http://", "https://", "mailto:", "tel:", "urn:")):
        return False
    try:
        NamedNode(text)
    except ValueError:
        return False
    return True
