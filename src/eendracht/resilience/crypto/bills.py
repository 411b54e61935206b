"""Cryptographic bills of materials (CycloneDX 1.6 and 1.7): every asset with what it rests on, or every fault at once.

Beside what the schema of the standard says it is checked that no bom-ref stands twice, that dependencies lead to
something in the bill, and that no asset rests on itself, over however many steps. Other parts may need each other, as
libc6 and libgcc-s1 do. A reference inside the properties of an asset that leads nowhere is told and no more: the
standard's own examples have such.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from eendracht.kernel.errors import Fault, UnreadableFile
from eendracht.kernel.graphs import find_way_back
from eendracht.kernel.imports.bills import MAX_FAULTS, parse_bill
from eendracht.kernel.imports.rows import join_place

MOST_ASSETS: Final = 20_000
_REFS: Final = ("signatureAlgorithmRef", "subjectPublicKeyRef", "algorithmRef")
_REF_LISTS: Final = ("cryptoRefArray", "encr", "prf", "integ", "ke", "auth", "algorithms")
_BUILDING: Final = ("algorithm", "publickey", "public-key", "key", "secretkey", "secret-key")
"""Types of related assets on which something rests; a certificate and its private key name each other."""


@dataclass(frozen=True, slots=True)
class BillAsset:
    """A cryptographic asset as a bill tells of it."""

    key: str
    """Its bom-ref, or its place in the file where it has none."""
    name: str
    place: str
    """Pointer within the bill."""
    properties: Mapping[str, Any]
    """Its cryptoProperties."""
    bom_ref: str = ""
    purl: str = ""
    """Package URL of what implements it: what provides it, what holds it, or its own."""
    locations: tuple[str, ...] = ()
    """File and line, of each occurrence."""
    rests_on: tuple[str, ...] = ()
    """Keys of other assets: dependencies, and those that its properties name."""

    @property
    def type(self) -> str:
        """The asset type of CycloneDX; empty where the bill gives no properties."""
        return str(self.properties.get("assetType", ""))


@dataclass(frozen=True)
class Bill:
    """A bill that was read."""

    version: str
    serial: str
    taken_on: date | None
    tool: str
    about: str
    """Name of the component that it is the bill of; empty where it does not say."""
    sha256: str
    assets: Sequence[BillAsset]
    dangling: Sequence[tuple[str, str]] = ()
    """Places within the properties of assets, and the reference there that leads nowhere."""
    edges: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """All that each part of the bill depends on, by bom-ref; parts that are no assets may need each other."""


def read_cbom(data: bytes, file: str) -> Bill:
    """Read a bill; raises UnreadableFile with every fault."""
    document = parse_bill(data, file)
    return _Reader(document, file, hashlib.sha256(data).hexdigest()).read()


class _Reader:
    def __init__(self, document: Mapping[str, Any], file: str, sha256: str) -> None:
        self._document, self._file, self._sha256 = document, file, sha256
        self._faults: list[Fault] = []
        self._places: dict[str, str] = {}
        self._dangling: list[tuple[str, str]] = []

    def read(self) -> Bill:
        self._take_names()
        depends, provided = self._take_dependencies()
        found = list(self._list_components())
        assets = [(item, pointer, holder) for item, pointer, holder in found if _is_asset(item)]
        if len(assets) > MOST_ASSETS:
            nl, en = f"Meer dan {MOST_ASSETS:,} onderdelen", f"More than {MOST_ASSETS:,} assets"
            self._fault("/components", "too-many", nl, en, "Split the bill.")
        read = [self._read_asset(item, pointer, holder, depends, provided) for item, pointer, holder in assets]
        self._refuse_cycles(depends, read)
        if self._faults:
            raise UnreadableFile(
                f"{self._file}: {len(self._faults)} fault(s) in the bill", faults=self._faults[:MAX_FAULTS]
            )
        metadata = self._document.get("metadata", {})
        stamp = str(metadata.get("timestamp", ""))[:10]
        return Bill(
            self._document["specVersion"],
            str(self._document.get("serialNumber", "")),
            date.fromisoformat(stamp) if stamp else None,
            _name_tool(metadata.get("tools")),
            str(metadata.get("component", {}).get("name", "")),
            self._sha256,
            read,
            self._dangling,
            {ref: tuple(refs) for ref, refs in depends.items()},
        )

    def _fault(self, pointer: str, code: str, nl: str, en: str, hint: str) -> None:
        self._faults.append(Fault(join_place(self._file, pointer), code, nl, en, hint))

    def _take_names(self) -> None:
        """Note every bom-ref, wherever it stands; of components and services one that stands twice is a fault."""
        stack: list[tuple[Any, str, str]] = [(self._document, "", "")]
        while stack:
            value, pointer, kind = stack.pop()
            if isinstance(value, dict):
                name = value.get("bom-ref")
                if isinstance(name, str):
                    self._take_name(name, pointer, is_strict=kind in ("component", "components", "services"))
                stack += [(item, f"{pointer}/{key}", key) for key, item in reversed(value.items())]
            elif isinstance(value, list):
                stack += [(item, f"{pointer}/{at}", kind) for at, item in reversed(list(enumerate(value)))]

    def _take_name(self, name: str, pointer: str, *, is_strict: bool) -> None:
        # The standard's own examples give a formula and its workflow one name; nothing depends on either.
        first = self._places.setdefault(name, pointer)
        if first != pointer and is_strict:
            self._fault(
                pointer,
                "duplicate-bom-ref",
                f"'{name[:60]}' staat ook op {first[:100]}",
                f"'{name[:60]}' is also at {first[:100]}",
                "A bom-ref must be unique within the bill.",
            )

    def _take_dependencies(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """Give what each depends on, and by whom each is provided."""
        depends: dict[str, list[str]] = defaultdict(list)
        provided: dict[str, list[str]] = defaultdict(list)
        for index, entry in enumerate(self._document.get("dependencies", ())):
            for name, refs in (("ref", [entry["ref"]]), *((n, entry.get(n, [])) for n in ("dependsOn", "provides"))):
                for ref in refs:
                    if ref not in self._places:
                        self._fault(
                            f"/dependencies/{index}/{name}",
                            "dangling-dependency",
                            f"'{ref[:60]}' is geen onderdeel van deze lijst",
                            f"'{ref[:60]}' is no part of this bill",
                            "Add it, or leave the dependency out.",
                        )
            depends[entry["ref"]] += entry.get("dependsOn", [])
            for ref in entry.get("provides", []):
                provided[ref].append(entry["ref"])
        return depends, provided

    def _list_components(self) -> Iterator[tuple[Mapping[str, Any], str, str]]:
        """Yield each component with its pointer and the package URL of the nearest component around it."""
        main = self._document.get("metadata", {}).get("component")
        stack: list[tuple[Mapping[str, Any], str, str]] = []
        listed = list(enumerate(self._document.get("components", ())))
        stack += [(item, f"/components/{at}", "") for at, item in reversed(listed)]
        if main:
            stack.append((main, "/metadata/component", ""))
        while stack:
            item, pointer, holder = stack.pop()
            yield item, pointer, holder
            inside = item.get("purl") or holder
            inner = list(enumerate(item.get("components", ())))
            stack += [(part, f"{pointer}/components/{at}", inside) for at, part in reversed(inner)]

    def _read_asset(
        self,
        item: Mapping[str, Any],
        pointer: str,
        holder: str,
        depends: Mapping[str, Sequence[str]],
        provided: Mapping[str, Sequence[str]],
    ) -> BillAsset:
        bom_ref = str(item.get("bom-ref", ""))
        properties = item.get("cryptoProperties", {})
        rests_on = list(depends.get(bom_ref, ()))
        for place, ref in list_references(properties, f"{pointer}/cryptoProperties"):
            if ref in self._places:
                rests_on.append(ref)
            else:
                self._dangling.append((place, ref))
        return BillAsset(
            bom_ref or pointer,
            str(item["name"]),
            pointer,
            properties,
            bom_ref,
            self._find_purl(provided.get(bom_ref, ())) or holder or str(item.get("purl", "")),
            tuple(_list_locations(item)),
            tuple(dict.fromkeys(ref for ref in rests_on if ref != bom_ref)),
        )

    def _find_purl(self, refs: Sequence[str]) -> str:
        purls = (self._look(self._places.get(ref, "")).get("purl") for ref in refs)
        return next((str(purl) for purl in sorted(filter(None, purls))), "")

    def _look(self, pointer: str) -> Mapping[str, Any]:
        value: Any = self._document
        for step in pointer.split("/")[1:]:
            value = value[int(step)] if isinstance(value, list) else value.get(step, {})
        return value if isinstance(value, dict) else {}

    def _refuse_cycles(self, depends: Mapping[str, Sequence[str]], assets: Sequence[BillAsset]) -> None:
        edges = {ref: list(refs) for ref, refs in depends.items()}
        for asset in assets:
            edges.setdefault(asset.key, []).extend(asset.rests_on)
        for cycle in find_cycles(edges, {asset.key for asset in assets}):
            path = " → ".join(ref[:60] for ref in (*cycle[:8], *(("…",) if len(cycle) > 8 else ()), cycle[0]))
            self._fault(
                self._places.get(cycle[0], "/dependencies"),
                "dependency-cycle",
                f"Dit rust op zichzelf: {path}",
                f"This rests on itself: {path}",
                "Take one of these dependencies out of the bill.",
            )


def find_cycles(edges: Mapping[str, Sequence[str]], through: Collection[str]) -> Iterator[list[str]]:
    """Yield a cycle through some names of each part of a graph in which everything leads to everything, in order.

    It is a shortest one through the first of those names; parts without any of them are passed over.
    """
    names = list(dict.fromkeys(name for ref, refs in edges.items() for name in (ref, *refs)))
    numbers = {name: number for number, name in enumerate(names)}
    successors = {numbers[name]: [numbers[ref] for ref in edges.get(name, ())] for name in names}
    # The estate is not for a server that nobody asks.
    from eendracht.kernel.estate.components import list_components

    for component in list_components(successors):
        start = next((node for node in component if names[node] in through), None)
        if start is not None:
            steps = find_way_back(start, successors, set(component))
            if steps:
                yield [names[step] for step in steps]


def _is_asset(item: Mapping[str, Any]) -> bool:
    return item.get("type") == "cryptographic-asset" or "cryptoProperties" in item


def list_references(properties: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Yield place and bom-ref of each asset that the properties of another say it rests on."""
    if isinstance(properties, list):
        for at, item in enumerate(properties):
            yield from list_references(item, f"{pointer}/{at}")
        return
    if not isinstance(properties, dict):
        return
    is_related = {"type", "ref"} >= set(properties) and "ref" in properties
    if is_related and str(properties.get("type", "")).casefold() in _BUILDING:
        yield f"{pointer}/ref", properties["ref"]
    for name, value in properties.items():
        here = f"{pointer}/{name}"
        if name in (*_REFS, "algorithm") and isinstance(value, str):
            yield here, value
        elif name in _REF_LISTS and isinstance(value, list):
            yield from ((f"{here}/{at}", ref) for at, ref in enumerate(value) if isinstance(ref, str))
        if isinstance(value, dict | list):
            yield from list_references(value, here)


def _list_locations(item: Mapping[str, Any]) -> Iterator[str]:
    for occurrence in item.get("evidence", {}).get("occurrences", ()):
        line = occurrence.get("line")
        place = str(occurrence["location"]).strip()
        if place:
            yield f"{place}:{line}" if line is not None else place


def _name_tool(tools: Any) -> str:
    """Give name and version of the first tool, in the older form (a list) or the newer one (components, services)."""
    listed = (
        tools if isinstance(tools, list) else [*(tools or {}).get("components", ()), *(tools or {}).get("services", ())]
    )
    for tool in listed:
        name = " ".join(str(tool[key]) for key in ("name", "version") if tool.get(key))
        if name:
            return name[:500]
    return ""
