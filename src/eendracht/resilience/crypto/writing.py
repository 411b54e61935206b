"""An inventory as a bill of materials of CycloneDX, with all that the bill it came from said of each asset."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, Final

import orjson

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import NotFound
from eendracht.kernel.imports.bills import VERSIONS
from eendracht.kernel.store import Store
from eendracht.resilience.crypto.classes import PURPOSES
from eendracht.resilience.crypto.inventories import MOST_KNOWN

_NEWEST: Final = "1.7"
_ONLY_NEWEST: Final = ("key-wrap",)


def write_cbom(store: Store, asker: Principal, inventory: str) -> dict[str, Any]:
    """Give the bill of an inventory as it is known today, as far as the asker may see it; raises NotFound.

    A purpose that was derived stands in it as primitive where the source named none.
    """
    record = store.get(inventory, asker)
    if record.kind != "cryptographic-inventory":
        raise NotFound(f"{inventory} is no cryptographic inventory")
    about = record.spec(store.registry)
    incoming = store.incoming(record.ref, asker, limit=MOST_KNOWN)
    refs = sorted({item.ref for item in incoming if item.field == "inventory"})
    assets = {asset.ref: asset.spec(store.registry) for asset in store.get_among(refs, asker)}
    names = {ref: spec.get("bomRef") or ref for ref, spec in assets.items()}
    ordered = sorted(assets, key=lambda ref: (names[ref], ref))
    components = [_write_asset(assets[ref], names[ref], about.get("sourceType", "")) for ref in ordered]
    said = about.get("formatVersion", "")
    is_newest = any(_primitive_of(component) in _ONLY_NEWEST for component in components)
    bill: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": said if said in VERSIONS and not is_newest else _NEWEST,
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{record.uid}/{record.rv}')}",
        "version": 1,
        "metadata": {
            "tools": {"components": [{"type": "application", "name": "eendracht", "version": version("eendracht")}]},
            "component": {"type": "application", "name": about["name"]},
        },
        "components": components,
        "dependencies": [
            {"ref": names[ref], "dependsOn": sorted({names[key] for key in assets[ref]["madeOf"] if key in names})}
            for ref in ordered
            if assets[ref].get("madeOf")
        ],
    }
    if about.get("takenOn"):
        bill["metadata"]["timestamp"] = f"{about['takenOn']}T00:00:00Z"
    return bill


def _write_asset(spec: Mapping[str, Any], name: str, source_type: str) -> dict[str, Any]:
    component: dict[str, Any] = {"type": "cryptographic-asset", "bom-ref": name, "name": spec["name"]}
    properties = orjson.loads(spec["cryptoProperties"]) if spec.get("cryptoProperties") else _make_properties(spec)
    purpose = spec.get("purpose", "")
    if properties.get("assetType") == "algorithm" and purpose in PURPOSES:
        algorithm = properties.setdefault("algorithmProperties", {})
        if algorithm.get("primitive", "unknown") == "unknown":
            algorithm["primitive"] = purpose
    if properties:
        component["cryptoProperties"] = properties
    if spec.get("locations"):
        has_lines = source_type == "cyclonedx"
        component["evidence"] = {"occurrences": [_write_place(place, has_lines) for place in spec["locations"]]}
    ground = {"purpose": purpose or "unknown", "purposeGround": spec.get("purposeGround", "unknown")}
    component["properties"] = [{"name": f"eendracht:{key}", "value": value} for key, value in ground.items()]
    return component


def _write_place(place: str, has_lines: bool) -> dict[str, Any]:
    file, _, line = place.rpartition(":")
    return {"location": file, "line": int(line)} if has_lines and file and line.isdecimal() else {"location": place}


def _make_properties(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Give the properties of an asset that came from no bill."""
    kind = spec.get("type", "unknown")
    if kind == "unknown":
        return {}
    properties: dict[str, Any] = {"assetType": kind}
    if kind == "algorithm" and spec.get("parameterSet"):
        properties["algorithmProperties"] = {"parameterSetIdentifier": spec["parameterSet"]}
    if kind == "certificate":
        facts = spec.get("certificate", {})
        said = {
            "subjectName": facts.get("subject"),
            "issuerName": facts.get("issuer"),
            "notValidBefore": f"{facts['notBefore']}T00:00:00Z" if facts.get("notBefore") else None,
            "notValidAfter": f"{facts['notAfter']}T00:00:00Z" if facts.get("notAfter") else None,
            "certificateFormat": "X.509",
        }
        properties["certificateProperties"] = {name: value for name, value in said.items() if value}
    if kind == "related-crypto-material":
        facts = spec.get("material", {})
        said = {"type": facts.get("type") or "unknown", "state": facts.get("state"), "size": facts.get("sizeBits")}
        properties["relatedCryptoMaterialProperties"] = {name: value for name, value in said.items() if value}
    if spec.get("oid"):
        properties["oid"] = spec["oid"]
    return properties


def _primitive_of(component: Mapping[str, Any]) -> str:
    return str(component.get("cryptoProperties", {}).get("algorithmProperties", {}).get("primitive", ""))
