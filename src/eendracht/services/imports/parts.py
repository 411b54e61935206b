"""The parts of a service in a graph: channels and contact points, costs, legal resources and rules."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from eendracht.kernel.imports.collector import Collector
from eendracht.services.imports.graph import Graph
from eendracht.services.terms import CHANNELS, CPSV, CV, DCAT, DCT, ELI, EURO, FOAF, RULE_OUTPUT, SKOS

_URLS: Final = (FOAF + "page", CV + "accessURL", DCAT + "accessURL", FOAF + "homepage")
_TYPES: Final = ("online", "counter", "phone", "post", "e-mail", "app", "other")
_WORDS: Final = (
    ("app", "app"),
    ("web", "online"),
    ("online", "online"),
    ("portal", "online"),
    ("digitaal", "online"),
    ("telefo", "phone"),
    ("phone", "phone"),
    ("e-mail", "e-mail"),
    ("email", "e-mail"),
    ("balie", "counter"),
    ("counter", "counter"),
    ("post", "post"),
    ("mail", "post"),
)
"""What a type of channel is called elsewhere; the first that occurs in its name counts."""
_NUMBER: Final = re.compile(r"(\d+)$")


def read_channels(graph: Graph, node: Any) -> list[dict[str, str]]:
    """Give the channels of a service, then its contact points as channels."""
    channels = [_channel(graph, part) for part in _in_order(graph, graph.values(node, CV + "hasChannel"))]
    for point in _in_order(graph, graph.values(node, CV + "contactPoint")):
        hours = _hours(graph, point)
        for kind, names in (("phone", ("telephone", "hasTelephone")), ("e-mail", ("email", "hasEmail"))):
            for value in graph.values(point, *(CV + name for name in names)):
                contact = re.sub(r"^(?:mailto|tel):", "", str(value.value))[:500]
                channels.append(_kept({"type": kind, "contact": contact, "hours": hours}))
        channels += [_kept({"type": "online", "url": str(page.value)[:500]}) for page in _pages(graph, point)]
    return channels


def _pages(graph: Graph, point: Any) -> list[Any]:
    return graph.values(point, CV + "contactPage")


def _channel(graph: Graph, part: Any) -> dict[str, str]:
    url = next((str(value.value) for value in graph.values(part, *_URLS)), "")
    return _kept(
        {
            "type": _channel_type(graph, part, url),
            "url": url[:500],
            "contact": graph.text(part, DCT + "description")[:500],
            "hours": _hours(graph, part),
        }
    )


def _channel_type(graph: Graph, part: Any, url: str) -> str:
    words = [graph.text(part, DCT + "title")]
    for value in graph.values(part, DCT + "type", CV + "channelType"):
        address = str(value.value)
        if address.startswith(CHANNELS) and address.removeprefix(CHANNELS) in _TYPES:
            return address.removeprefix(CHANNELS)
        words = [graph.text(value, SKOS + "prefLabel"), *words]
    for text in words:
        for word, kind in _WORDS:
            if word in text.casefold():
                return kind
    return "online" if url.startswith("http") else "other"


def _hours(graph: Graph, part: Any) -> str:
    found = [graph.text(value, DCT + "description") for value in graph.values(part, CV + "openingHours")]
    return "; ".join(text for text in found if text)[:500]


def read_costs(graph: Graph, node: Any, place: str, collector: Collector) -> list[dict[str, Any]]:
    """Give the costs of a service; an amount in another currency, or in no whole cents, is told and left out."""
    costs = []
    for part in _in_order(graph, graph.values(node, CV + "hasCost")):
        said: dict[str, Any] = {"description": graph.text(part, DCT + "description")[:500]}
        amount = graph.text(part, CV + "hasValue", CV + "value")
        currencies = {str(value.value) for value in graph.values(part, CV + "currency")}
        cents = read_cents(amount) if amount and currencies <= {EURO} else None
        if amount and cents is None:
            nl = f"Het bedrag {amount[:30]} is geen bedrag in hele eurocenten"
            collector.add_note(place, "no-amount", nl, f"The amount {amount[:30]} is none in whole eurocents")
        costs.append(_kept(said) | ({} if cents is None else {"amountEurocent": cents}))
    return [cost for cost in costs if cost]


def read_cents(text: str) -> int | None:
    """Give an amount in euros as eurocents; none where it is no amount of whole cents."""
    try:
        cents = Decimal(text) * 100
    except InvalidOperation:
        return None
    if not cents.is_finite() or not 0 <= cents < 2**53 or cents != int(cents):
        return None
    return int(cents)


def read_legal_resources(graph: Graph, node: Any, place: str, collector: Collector) -> list[dict[str, str]]:
    """Give the laws on which a service rests.

    A resource that holds several laws does not tell which address belongs to which: the laws are kept, the addresses
    are told and left out.
    """
    found = []
    for part in _in_order(graph, graph.values(node, CV + "hasLegalResource")):
        titles = graph.texts(part, DCT + "title", SKOS + "prefLabel")
        urls = sorted(str(value.value) for value in graph.values(part, *_URLS))
        address = "" if type(part).__name__ == "BlankNode" else str(part.value)
        if not urls and address.startswith("http"):
            urls = [address]
        article = graph.text(part, ELI + "number")
        if len(titles) > 1 and urls:
            collector.add_note(
                place,
                "laws-in-one",
                "Een wettelijke grondslag noemt meer wetten; welk adres bij welke hoort is niet te zien",
                "A legal resource names several laws; which address belongs to which cannot be seen",
                "Give each law a cv:hasLegalResource of its own.",
            )
            urls = []
        rest = {"article": article[:500], "url": (urls or [""])[0][:500]}
        found += [_kept({"law": title[:500], **rest}) for title in titles or urls[:1]]
    return found


def read_rules(graph: Graph, node: Any) -> list[dict[str, str]]:
    """Give the outputs of the rulebook that decide on a service; other rules have no place."""
    found = []
    for part in _in_order(graph, graph.values(node, CPSV + "follows")):
        if RULE_OUTPUT not in {str(value.value) for value in graph.values(part, DCT + "type")}:
            continue
        for law in graph.values(part, CPSV + "implements")[:1]:
            said = {"law": graph.text(law, DCT + "title"), "article": graph.text(law, ELI + "number")}
            found.append(_kept(said | {"output": graph.text(part, DCT + "title")}))
    return [rule for rule in found if "law" in rule and "output" in rule]


def _in_order(graph: Graph, parts: list[Any]) -> list[Any]:
    """Give parts by the number at the end of their identifier, where they have one."""

    def rank(part: Any) -> tuple[int, str]:
        identifier = graph.text(part, DCT + "identifier")
        number = _NUMBER.search(identifier)
        return (int(number[1][:9]) if number else 0, identifier or str(part))

    return sorted(parts, key=rank)


def _kept(said: dict[str, str]) -> dict[str, Any]:
    return {name: text for name, text in said.items() if text}
