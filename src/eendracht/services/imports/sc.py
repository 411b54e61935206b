"""Reads Samenwerkende Catalogi (IPM 4.0): the product descriptions that a public body lets others harvest.

Elements are found by their local name within a description; the table of names is `samenwerkende_catalogi.yaml`.
Unverified against a real export.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import Element

from eendracht.kernel.errors import Fault
from eendracht.kernel.identity import REF_PATTERN
from eendracht.kernel.imports.bounds import refuse, walk_xml
from eendracht.kernel.imports.collector import Collector
from eendracht.kernel.imports.rows import Mention, Reading, SourceRow, join_place
from eendracht.services.catalogue import Product, product_of
from eendracht.services.imports.authority import SCHEMES, find_authority, level_of
from eendracht.services.imports.screening import clean_service
from eendracht.services.sc_format import load_format

SYSTEM: Final = "samenwerkende-catalogi"
_ADDRESS: Final = "resourceIdentifier"
_Said = dict[str, list[tuple[str, dict[str, str]]]]
"""Texts and attributes by the local name of their element."""


def read_sc(path: Path) -> Reading:
    """Give the services of a file, each with its productID as key.

    Raises UnreadableFile for XML that is malformed or hostile, and for a file without a product description.
    """
    collector = Collector()
    rows: dict[str, SourceRow] = {}
    count = 0
    for number, said in enumerate(_products(path, collector), 1):
        count = number
        row = _read_product(said, path.name, number, collector)
        if row is not None and row.key in rows:
            collector.add_fault(_double(row.place, row.key), path.name)
        elif row is not None:
            rows[row.key] = row
    if not count:
        raise refuse(
            path.name,
            "no-product",
            "Er staat geen productbeschrijving (scproduct) in dit bestand",
            "There is no product description (scproduct) in this file",
            "Give the XML that Samenwerkende Catalogi harvests.",
        )
    return Reading(
        SYSTEM,
        tuple(rows.values()),
        collector.faults,
        left_out=collector.left_out,
        ignored=collector.ignored,
        notes=collector.notes,
        unverified=True,
    )


def _products(path: Path, collector: Collector) -> Iterator[_Said]:
    """Yield what each description says; elements without a place are counted by name."""
    known = set(load_format()["elements"])
    product = load_format()["product"][1]
    depth = 0
    said: _Said = defaultdict(list)
    for event, element in walk_xml(path):
        name = element.tag.rpartition("}")[2]
        if name == product:
            depth += 1 if event == "start" else -1
            if event == "end" and depth == 0:
                yield said
                said = defaultdict(list)
                element.clear()
        elif depth and event == "end":
            if name in known:
                said[name].append((_text(element), {key.rpartition("}")[2]: v for key, v in element.attrib.items()}))
            elif len(element) == 0 and _text(element):
                collector.ignore(path.name, name[:60])


def _text(element: Element) -> str:
    """Give the text of an element line by line, without the spaces by which XML is laid out."""
    lines = (" ".join(line.split()) for line in "".join(element.itertext()).splitlines())
    return "\n".join(lines).strip()


def _read_product(said: _Said, file: str, number: int, collector: Collector) -> SourceRow | None:
    title = _first(said, "title")
    key = _first(said, "productID") or _first(said, "identifier")
    place = join_place(file, f"scproduct {number}", title[:60])
    faults = [_missing(place, name) for name in load_format()["required"] if not _first(said, name)]
    wanted = load_format()["type"]
    if (found := _first(said, "type")) and found.casefold() != wanted:
        faults.append(_other_type(place, found))
    product, named = _find_product(said), _first(said, "uniformeProductnaam")
    if named and product is None:
        faults.append(_unknown_product(place, named))
    for fault in faults:
        collector.add_fault(fault, file)
    if not title or any(fault.code == "other-type" for fault in faults):
        return None
    spec = clean_service(_spec(said, title, product.name if product else named), file, collector)
    mentions = _mention_authority(said, spec)
    identifier = key if key.startswith("public-service:") and re.fullmatch(REF_PATTERN, key) else ""
    return SourceRow(
        "public-service",
        (key or f"name:{title}")[:200],
        spec,
        mentions,
        place,
        key_from_name=not key,
        facts={"ref": identifier} if identifier else {},
        columns={"upl": "uniformeProductnaam", "description": "abstract", "channels": "aanvraagURL"},
    )


def _spec(said: _Said, title: str, product: str) -> dict[str, Any]:
    audiences = load_format()["audience"]
    named = {text.casefold() for text, _ in said.get("audience", ())}
    url = _address(said, "aanvraagURL") or _first(said, "aanvraagURL")
    spec: dict[str, Any] = {
        "name": title[:300],
        "description": _first(said, "abstract")[:10_000],
        "upl": product[:500],
        "audience": [code for code, word in audiences.items() if word in named],
        "channels": [{"type": "online", "url": url[:500]}] if url else [],
        "level": level_of(_kind(said)),
    }
    return {name: value for name, value in spec.items() if value}


def _find_product(said: _Said) -> Product | None:
    """Give the product that a description names, by its name or else by its address."""
    name = "uniformeProductnaam"
    return product_of(_first(said, name)) or product_of(_address(said, name))


def _mention_authority(said: _Said, spec: dict[str, Any]) -> tuple[Mention, ...]:
    name = _first(said, "authority")
    ref = find_authority(name, _address(said, "authority"), _kind(said)) or find_authority(name)
    if ref:
        spec["providedBy"] = ref
        return ()
    return (Mention("providedBy", "organisation", name=name[:300]),) if name else ()


def _kind(said: _Said) -> str:
    """Give the type of body that the scheme of the authority names."""
    for _, attributes in said.get("authority", ()):
        scheme = attributes.get("scheme", "").rpartition(":")[2].casefold()
        return SCHEMES.get(scheme, "other-government-body" if scheme else "")
    return ""


def _first(said: _Said, name: str) -> str:
    return next((text for text, _ in said.get(name, ()) if text), "") or (
        _address(said, name) if name == "identifier" else ""
    )


def _address(said: _Said, name: str) -> str:
    return next((attributes[_ADDRESS] for _, attributes in said.get(name, ()) if _ADDRESS in attributes), "")


def _missing(place: str, name: str) -> Fault:
    return Fault(
        join_place(place, name),
        "missing",
        f"'{name}' is verplicht in een productbeschrijving",
        f"'{name}' is required in a product description",
        "Fill it in at the source.",
    )


def _other_type(place: str, found: str) -> Fault:
    return Fault(
        join_place(place, "type"),
        "other-type",
        f"Dit is een {found[:40]} en geen productbeschrijving",
        f"This is a {found[:40]} and no product description",
        "Leave it out of the file.",
    )


def _unknown_product(place: str, name: str) -> Fault:
    return Fault(
        join_place(place, "uniformeProductnaam"),
        "unknown-product",
        f"'{name[:80]}' staat niet in de Uniforme Productnamenlijst",
        f"'{name[:80]}' is not in the Uniforme Productnamenlijst",
        "Take the name as the list writes it.",
    )


def _double(place: str, key: str) -> Fault:
    return Fault(
        join_place(place, "productID"),
        "duplicate-key",
        f"'{key[:60]}' komt vaker voor; de eerste telt",
        f"'{key[:60]}' occurs more than once; the first counts",
        "A productID is unique in a catalogue.",
    )
