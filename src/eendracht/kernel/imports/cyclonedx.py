"""Reads CycloneDX 1.6 and 1.7 (JSON): software and cryptographic bills of materials into components.

The strict schema of the standard is checked first, with every fault (`bills`); what a schema cannot say (double
bom-refs, dependencies on nothing) is checked here. Cryptographic assets are kept whole in the facts of their row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from eendracht.kernel.errors import Fault
from eendracht.kernel.imports.bills import parse_bill
from eendracht.kernel.imports.collector import Collector
from eendracht.kernel.imports.persons import clean_value, is_person_name
from eendracht.kernel.imports.rows import Mention, Reading, SourceRow, join_place

_TYPES: Final[Mapping[str, str]] = {
    "framework": "framework",
    "library": "library",
    "container": "container",
    "operating-system": "operating-system",
    "device": "device",
    "firmware": "firmware",
    "file": "file",
    "machine-learning-model": "model",
}
"""Component types of CycloneDX that have one of ours; the others are `other`."""
_PERSONS: Final = ("author", "authors")


def read_cyclonedx(data: bytes, file: str) -> Reading:
    """Give a row per component and service; nested components included, dependencies as mentions by key.

    Raises UnreadableFile for other versions, and with every fault for a file that the strict schema refuses.
    """
    document = parse_bill(data, file)
    collector = Collector()
    rows = _Bill(document, file, collector).read()
    return Reading(
        "cyclonedx",
        tuple(rows),
        collector.faults,
        left_out=collector.left_out,
        ignored=collector.ignored,
        notes=collector.notes,
    )


class _Bill:
    """One bill of materials while it is read."""

    def __init__(self, document: dict[str, Any], file: str, collector: Collector) -> None:
        self._document, self._file, self._collector = document, file, collector
        self._places: dict[str, str] = {}
        self._kinds: dict[str, str] = {}

    def read(self) -> list[SourceRow]:
        """Give the rows; double bom-refs and dangling dependencies become faults."""
        found = [(item, pointer, is_main) for item, pointer, is_main in self._items() if self._is_new(item, pointer)]
        for item, _, is_main in found:
            key, _ = _key_of(item)
            self._kinds[key] = "application" if is_main and item.get("type") == "application" else "component"
        depends, provides = self._dependencies()
        for name in ("vulnerabilities", "compositions", "annotations", "formulation", "declarations", "definitions"):
            if self._document.get(name):
                self._collector.ignore(self._file, name, len(self._document[name]))
        return [self._row(item, pointer, depends, provides) for item, pointer, _ in found]

    def _items(self) -> Iterator[tuple[dict[str, Any], str, bool]]:
        main = self._document.get("metadata", {}).get("component")
        stack: list[tuple[dict[str, Any], str, bool]] = []
        for name in ("services", "components"):
            listed = self._document.get(name, [])
            stack += [(item, f"/{name}/{index}", False) for index, item in reversed(list(enumerate(listed)))]
        if main:
            stack.append((main, "/metadata/component", True))
        while stack:
            item, pointer, is_main = stack.pop()
            yield item, pointer, is_main
            for name in ("services", "components"):
                inner = item.get(name, [])
                stack += [(part, f"{pointer}/{name}/{i}", False) for i, part in reversed(list(enumerate(inner)))]

    def _is_new(self, item: dict[str, Any], pointer: str) -> bool:
        key, derived = _key_of(item)
        if key not in self._places:
            self._places[key] = pointer
            return True
        code = "repeated-component" if derived else "duplicate-bom-ref"
        self._collector.add_fault(
            Fault(
                join_place(self._file, pointer),
                code,
                f"'{key[:60]}' staat ook op {self._places[key]}; de eerste telt",
                f"'{key[:60]}' is also at {self._places[key]}; the first counts",
                "A bom-ref must be unique within the bill.",
            ),
            self._file,
        )
        return False

    def _dependencies(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        depends: dict[str, list[str]] = {}
        provides: dict[str, list[str]] = {}
        for index, entry in enumerate(self._document.get("dependencies", [])):
            names = [("ref", [entry["ref"]]), *((n, entry.get(n, [])) for n in ("dependsOn", "provides"))]
            known: dict[str, list[str]] = {}
            for name, refs in names:
                known[name] = [ref for ref in refs if ref in self._places]
                for ref in refs:
                    if ref not in self._places:
                        self._dangling(ref, f"/dependencies/{index}/{name}")
            if known["ref"]:
                depends.setdefault(entry["ref"], []).extend(known["dependsOn"])
                provides.setdefault(entry["ref"], []).extend(known["provides"])
        return depends, provides

    def _dangling(self, ref: str, pointer: str) -> None:
        self._collector.add_fault(
            Fault(
                join_place(self._file, pointer),
                "dangling-dependency",
                f"'{ref[:60]}' is geen onderdeel van deze lijst",
                f"'{ref[:60]}' is no component of this bill",
                "Add the component, or leave the dependency out.",
            ),
            self._file,
        )

    def _row(
        self, item: dict[str, Any], pointer: str, depends: dict[str, list[str]], provides: dict[str, list[str]]
    ) -> SourceRow:
        key, derived = _key_of(item)
        kind = self._kinds[key]
        place = join_place(self._file, pointer)
        spec: dict[str, Any] = {"name": _name_of(item)}
        for field, value in (
            ("version", item.get("version")),
            ("licence", _licence_of(item)),
            ("description", item.get("description")),
        ):
            if value:
                spec[field] = str(value)[: 10_000 if field == "description" else 500]
        if kind == "component":
            spec["type"] = _type_of(item)
            spec |= {field: item[field][:500] for field in ("purl", "cpe") if item.get(field)}
        spec, taken, _ = clean_value(spec)
        for reason, count in taken.items():
            self._collector.leave_out(self._file, "description", reason, count)
        for name in _PERSONS:
            if item.get(name):
                self._collector.leave_out(self._file, name, "contact")
        mentions = [Mention("requires", self._kinds[ref], key=ref) for ref in dict.fromkeys(depends.get(key, ()))]
        kept = {name: item[name] for name in ("cryptoProperties", "hashes") if name in item}
        facts, taken, _ = clean_value(kept, only_email=True)
        if taken:
            self._collector.leave_out(self._file, "cryptoProperties", "email", taken["email"])
        facts |= {"cyclonedxType": item.get("type", "service")}
        if provides.get(key):
            facts["provides"] = provides[key]
        supplier = self._supplier(item)
        return SourceRow(kind, key, spec, (*supplier, *mentions), place, key_from_name=derived, facts=facts)

    def _supplier(self, item: dict[str, Any]) -> tuple[Mention, ...]:
        name = (item.get("supplier") or item.get("manufacturer") or item.get("provider") or {}).get("name")
        name = name or item.get("publisher")
        if not name:
            return ()
        if is_person_name(name) or "@" in name:
            self._collector.leave_out(self._file, "supplier", "person-name")
            return ()
        return (Mention("suppliedBy", "supplier", name[:300]),)


def _key_of(item: dict[str, Any]) -> tuple[str, bool]:
    """Give the key of a component and whether it was derived for want of a bom-ref."""
    if item.get("bom-ref"):
        return str(item["bom-ref"]), False
    return str(item.get("purl") or f"name:{_name_of(item)}@{item.get('version', '')}"), True


def _name_of(item: dict[str, Any]) -> str:
    group = item.get("group")
    return (f"{group}/{item['name']}" if group else str(item["name"]))[:300]


def _type_of(item: dict[str, Any]) -> str:
    kind = item.get("type")
    if kind is None:
        return "service"
    if kind == "cryptographic-asset":
        asset = item.get("cryptoProperties", {}).get("assetType")
        return "certificate" if asset == "certificate" else "other"
    return _TYPES.get(kind, "other")


def _licence_of(item: dict[str, Any]) -> str:
    found = []
    for choice in item.get("licenses", []):
        licence = choice.get("license", {})
        found.append(choice.get("expression") or licence.get("id") or licence.get("name") or "")
    return ", ".join(filter(None, found))
