"""Readers of catalogues into services: the national list of products, CPSV-AP and Samenwerkende Catalogi.

`plan_catalogue` is the way in: it reads a file and compares it with what the organisation has; nothing is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Literal, get_args

from eendracht.kernel.access import Principal
from eendracht.kernel.deliveries import list_bindings, name_system
from eendracht.kernel.differences import Plan
from eendracht.kernel.errors import UsageFault
from eendracht.kernel.identity import slug
from eendracht.kernel.imports.bounds import MAX_FILE_BYTES, read_bytes, refuse
from eendracht.kernel.imports.rows import Reading, SourceRow
from eendracht.kernel.recognition import KnownThings
from eendracht.kernel.reconcile import plan_import
from eendracht.kernel.records import Record
from eendracht.kernel.store import Store
from eendracht.services.catalogue import KIND, product_of, services_of
from eendracht.services.imports.authority import level_of
from eendracht.services.imports.cpsv_ap import read_cpsv_ap
from eendracht.services.imports.graph import is_rdf
from eendracht.services.imports.sc import read_sc
from eendracht.services.imports.upl import KnownService, read_sdg_areas, read_upl

Format = Literal["upl", "sdg", "cpsv-ap", "sc"]
FORMATS: Final = get_args(Format)
_HEAD_BYTES: Final = 65_536


def detect_format(path: Path) -> Format:
    """Tell by its content what a catalogue is written in; raises UnreadableFile for what is none of them."""
    head = _read_head(path)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "replace").encode()
    head = head.removeprefix(b"\xef\xbb\xbf")
    if re.search(rb"<(?:[\w.-]+:)?scproduct(?:en)?[\s>]", head):
        return "sc"
    if is_rdf(head):
        return "cpsv-ap"
    if b"UniformeProductnaam" in head:
        return "sdg" if b"SDG_Code" in head else "upl"
    if b"SDG_Code" in head:
        raise refuse(
            path.name,
            "areas-alone",
            "Dit is de lijst van informatiegebieden zonder producten",
            "This is the list of areas without products",
            "Give the list that joins both, with the columns UniformeProductnaam and SDG_Code.",
        )
    raise refuse(
        path.name,
        "no-catalogue",
        "Dit is geen productenlijst, CPSV-AP of Samenwerkende Catalogi",
        "This is no list of products, CPSV-AP or Samenwerkende Catalogi",
        "Say which it is with --format: upl, sdg, cpsv-ap or sc.",
    )


def _read_head(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
    except OSError:
        head = b""
    # Says in the words of the house why there is nothing to read.
    return head if head.strip() else read_bytes(path, MAX_FILE_BYTES)


def plan_catalogue(
    store: Store,
    path: Path,
    owner: str,
    author: Principal,
    format: Format | Literal[""] = "",
    *,
    is_public: bool = False,
    system: str = "",
) -> tuple[Reading, Plan]:
    """Read a catalogue for an organisation and compare it with what is known; writes nothing.

    `system` names the source, where two files of one sort come from two; `is_public` lets services that are new be seen
    by everybody. Raises UnreadableFile, NotFound for an organisation that is not known, Denied for who is no editor of
    it, and UsageFault where the list of products is asked for a body whose level is not known.
    """
    organisation = store.get(owner, author)
    # What is planned tells which names the organisation has given out, also of what its own readers do not see.
    author.require_write(organisation.ref)
    kind = str(organisation.spec(store.registry).get("type", ""))
    known = [record for record in services_of(store, author) if record.owner == organisation.ref]
    found = format or detect_format(path)
    if found == "upl":
        reading = read_upl(path, _require_level(kind, owner), _by_product(store, known))
    elif found == "sdg":
        reading = read_sdg_areas(path, _by_product(store, known))
    elif found == "sc":
        reading = read_sc(path)
    else:
        reading = read_cpsv_ap(path)
    reading = replace(reading, system=system) if system else reading
    settled = _Settling(store, organisation, known, reading.system, found, is_public)
    reading = replace(reading, rows=tuple(row for row in map(settled.settle, reading.rows) if row is not None))
    return reading, plan_import(store, reading, organisation.ref, author)


def _require_level(kind: str, owner: str) -> str:
    level = level_of(kind)
    if not level:
        raise UsageFault(
            f"Of {owner} it is not known what sort of body it is",
            hint="Record its type: the list tells which products bodies of a level give.",
        )
    return level


def _by_product(store: Store, known: list[Record]) -> Mapping[str, KnownService]:
    """Give the services by product, where a body has just one for it."""
    found: dict[str, list[KnownService]] = {}
    for record in known:
        product = product_of(str(record.spec(store.registry).get("upl") or ""))
        if product is not None:
            found.setdefault(product.name, []).append(KnownService(record.ref, record.name))
    return {name: services[0] for name, services in found.items() if len(services) == 1}


class _Settling:
    """What is known of the services of a body, so that a format does not take away what it cannot say."""

    def __init__(
        self, store: Store, organisation: Record, known: list[Record], system: str, format: Format, is_public: bool
    ) -> None:
        self._format, self._is_public = format, is_public
        self._authority = organisation.ref.partition(":")[2]
        self._specs = {record.ref: record.spec(store.registry) for record in known}
        self._products = {ref: product_of(str(spec.get("upl") or "")) for ref, spec in self._specs.items()}
        self._things = KnownThings(KIND)
        for record in known:
            self._things.add(record)
        self._store, self._taken = store, set[str]()
        bindings = list_bindings(store, name_system(organisation.ref, system))
        self._given = {item.key: item.given for item in bindings if item.kind == KIND}

    def settle(self, row: SourceRow) -> SourceRow | None:
        """Give a row that keeps the order of lists, channels beside the one online, and what a body recorded itself.

        A service that is new may be shown to everybody; the level of one that is known is not touched. None for a
        product of the national list for which the body has several services: they say more.
        """
        facts = dict(row.facts)
        ref = self._ref_of(row, facts)
        if self._format == "upl" and not ref and product_of(row.spec["upl"]) in self._products.values():
            return None
        known = self._specs.get(ref)
        if known is None:
            return replace(row, facts=facts | ({"confidentiality": {"level": "public"}} if self._is_public else {}))
        spec = dict(row.spec)
        if self._format in ("upl", "sdg"):
            spec = self._fill(spec, known, self._given.get(row.key, {}))
        for name, value in spec.items():
            before = known.get(name)
            if isinstance(value, list) and isinstance(before, list | tuple) and _sorted(value) == _sorted(before):
                spec[name] = list(before)
        if self._format == "sc" and "channels" in spec:
            spec["channels"] = _join_channels(list(known.get("channels", ())), spec["channels"])
        return replace(row, spec=spec, facts=facts)

    def _ref_of(self, row: SourceRow, facts: dict[str, Any]) -> str:
        """Give the ref of the service that a row means, empty where it is new; what is not sure is taken from `facts`.

        A ref of another body names nothing here, and a name that another product has as well is another service.
        """
        said = str(facts.get("ref", ""))
        if said in self._specs or (said and self._authority == _authority_of(said)):
            return said
        facts.pop("ref", None)
        if row.key in self._given:
            return ""
        name = str(row.spec["name"])
        found = self._things.recognise(name, row.spec) or ""
        product = product_of(str(row.spec.get("upl") or ""))
        if found and product and self._products.get(found) not in (None, product):
            facts["ref"] = self._free_ref(name)
            return ""
        return found

    def _free_ref(self, name: str) -> str:
        base = ref = f"{KIND}:{self._authority}/{slug(name)}"
        count = 1
        while ref in self._taken or self._store.known_refs([ref]):
            count += 1
            ref = f"{base}-{count}"
        self._taken.add(ref)
        return ref

    def _fill(self, spec: dict[str, Any], known: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
        """Let the national list fill in what a body did not say; areas are joined."""
        kept = {name: value for name, value in spec.items() if name == "name" or name in given or name not in known}
        if "sdgCodes" in spec and "sdgCodes" in known:
            kept["sdgCodes"] = [*dict.fromkeys([*known["sdgCodes"], *spec["sdgCodes"]])]
        return kept


def _authority_of(ref: str) -> str:
    return ref.partition(":")[2].partition("/")[0]


def _sorted(values: Any) -> list[str]:
    return sorted(map(repr, values))


def _join_channels(before: list[Any], said: list[dict[str, Any]]) -> list[Any]:
    """Give the channels as they were, with the address of the first one online as it is now."""
    for at, channel in enumerate(before):
        if channel["type"] == "online":
            return [*before[:at], {**channel, "url": said[0]["url"]}, *before[at + 1 :]]
    return [*before, *said]
