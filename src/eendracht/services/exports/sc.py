"""The catalogue as Samenwerkende Catalogi (IPM 4.0), the XML that public bodies let others harvest.

Only what the format has an element for goes along: name, text, audience, product of the national list, authority, and
where it is asked for online. Unverified against a real harvest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from eendracht.reference.bodies import load_public_bodies
from eendracht.services.catalogue import product_of
from eendracht.services.exports import Catalogue, Offer
from eendracht.services.sc_format import load_format

_PREFIXES: Final = {"product": "overheidproduct", "dcterms": "dcterms", "overheid": "overheid"}
_Said = tuple[str, Mapping[str, str]]
"""A text with the attributes of its element."""


def list_unfit(catalogue: Catalogue) -> list[Offer]:
    """Give the services that the format cannot carry: it obliges a product of the national list."""
    return [offer for offer in catalogue.offers if product_of(str(offer.spec.get("upl", ""))) is None]


def write_sc(catalogue: Catalogue) -> bytes:
    """Print a catalogue as Samenwerkende Catalogi; services of `list_unfit` are left out."""
    table = load_format()
    for name, prefix in _PREFIXES.items():
        register_namespace(prefix, table["namespaces"][name])
    root = Element(_tag(table["root"]))
    unfit = {offer.ref for offer in list_unfit(catalogue)}
    bodies = {f"organisation:{body.code}": body.tooi_uri for body in load_public_bodies()}
    for offer in catalogue.offers:
        if offer.ref not in unfit:
            _add_product(root, offer, catalogue, bodies.get(offer.authority, ""))
    indent(root)
    body: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def _add_product(root: Element, offer: Offer, catalogue: Catalogue, address: str) -> None:
    table = load_format()
    product = SubElement(root, _tag(table["product"]), {table["version"]["attribute"]: table["version"]["value"]})
    meta = SubElement(product, _tag(table["meta"]))
    said = dict(_texts(offer, catalogue, address))
    for part in table["parts"]:
        holder = SubElement(meta, _tag(part["name"]))
        for name in part["elements"]:
            rule = table["elements"][name]
            for text, attributes in said.get(name, ()):
                scheme = {"scheme": rule["scheme"]} if "scheme" in rule else {}
                element = SubElement(holder, _tag([rule["space"], name]), {**scheme, **attributes})
                element.text = "".join(sign for sign in text if sign >= " " or sign in "\n\t") or None


def _texts(offer: Offer, catalogue: Catalogue, address: str) -> Iterator[tuple[str, list[_Said]]]:
    table, spec = load_format(), offer.spec
    product = product_of(str(spec["upl"]))
    assert product is not None
    body = catalogue.specs.get(offer.authority, {})
    name = catalogue.names.get(offer.authority) or offer.authority.partition(":")[2]
    kind = str(body.get("type", ""))
    authority = {"scheme": table["schemes"].get(kind, table["otherwise"])}
    authority |= {"resourceIdentifier": address} if address else {}
    online = next((channel["url"] for channel in spec.get("channels", ()) if _is_online(channel)), "")
    asked = table["online"]["digid" if online and product.needs_digid else "with" if online else "without"]
    country = table["country"]
    yield "identifier", [(f"urn:uuid:{offer.uid}", {})]
    yield "title", [(spec["name"], {})]
    yield "language", [("nl", {})]
    yield "type", [(table["type"], {})]
    yield "modified", [(offer.modified[:10], {})]
    where = (name, authority) if kind in table["schemes"] and kind != "ministry" else None
    yield "spatial", [where or (country["value"], {"scheme": country["scheme"]})]
    yield "authority", [(name, authority)]
    yield "audience", [(table["audience"][code], {}) for code in spec.get("audience", ()) if code in table["audience"]]
    yield "abstract", [(spec["description"], {})] if spec.get("description") else []
    yield "productID", [(offer.ref, {})]
    yield "onlineAanvragen", [(asked, {})]
    yield "aanvraagURL", [("", {"resourceIdentifier": online})] if online else []
    yield "uniformeProductnaam", [(product.name, {"resourceIdentifier": product.uri})]


def _is_online(channel: Mapping[str, Any]) -> bool:
    return channel["type"] == "online" and str(channel.get("url", "")).startswith("http")


def _tag(name: list[str]) -> str:
    space, local = name
    return f"{{{load_format()['namespaces'][space]}}}{local}"
