"""A bill as an inventory: every asset with its facts, secrets and names of persons left out and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import orjson

from eendracht.kernel.errors import Fault, UnreadableFile
from eendracht.kernel.imports.persons import clean_value
from eendracht.kernel.imports.rows import join_place
from eendracht.resilience.crypto.bills import Bill, BillAsset
from eendracht.resilience.crypto.inventories import ToldAsset, ToldInventory
from eendracht.resilience.crypto.purposes import Resolved, resolve_purposes
from eendracht.resilience.crypto.subjects import name_authority, name_issuer, name_subject, names_person

MOST_PROPERTIES: Final = 20_000
"""Characters of the properties of one asset, as JSON."""
_OPEN: Final = ("public-key", "ciphertext", "signature", "digest", "tag")
"""Materials whose value is no secret."""


def tell_bill(bill: Bill, file: str) -> ToldInventory:
    """Give a bill as an inventory; raises UnreadableFile for an asset that says more than can be kept."""
    resolved = resolve_purposes(bill.assets)
    left_out: Counter[str] = Counter()
    told, faults = [], []
    for asset in bill.assets:
        spec = _tell_asset(asset, resolved[asset.key], left_out)
        if len(spec.get("cryptoProperties", "")) > MOST_PROPERTIES:
            place = join_place(file, f"{asset.place}/cryptoProperties")
            nl, en = "Dit is meer dan kan worden bewaard", "This is more than can be kept"
            faults.append(Fault(place, "too-large", nl, en, f"At most {MOST_PROPERTIES} characters for one asset."))
        told.append(ToldAsset(asset.key, spec, asset.rests_on, asset.place))
    if faults:
        raise UnreadableFile(f"{file}: {len(faults)} asset(s) too large", faults=faults)
    name = bill.about or file
    return ToldInventory(
        name, "cyclonedx", told, bill.taken_on, bill.version, bill.tool, bill.sha256, left_out, len(bill.dangling)
    )


def _tell_asset(asset: BillAsset, resolved: Resolved, left_out: Counter[str]) -> dict[str, Any]:
    properties = _keep_properties(asset.properties, left_out)
    algorithm = properties.get("algorithmProperties", {})
    spec: dict[str, Any] = {
        "name": _keep_name(asset, left_out),
        "type": asset.type or "unknown",
        "algorithmFamily": resolved.family[:500] or None,
        "parameterSet": resolved.parameter_set[:500] or None,
        "purpose": resolved.purpose or None,
        "purposeGround": resolved.ground,
        "purposeReason": resolved.reason[:500],
        "bomRef": asset.bom_ref[:500],
        "oid": str(properties.get("oid", ""))[:500],
        "mode": str(algorithm.get("mode", "")),
        "classicalBits": algorithm.get("classicalSecurityLevel"),
        "nistLevel": algorithm.get("nistQuantumSecurityLevel"),
        "implementation": asset.purl[:500],
        "locations": [place[:500] for place in asset.locations[:1000]],
        "certificate": _tell_certificate(properties.get("certificateProperties")),
        "protocol": _tell_protocol(properties.get("protocolProperties")),
        "material": _tell_material(properties.get("relatedCryptoMaterialProperties")),
        "cryptoProperties": orjson.dumps(properties).decode() if properties else "",
    }
    return {name: value for name, value in spec.items() if value not in (None, "", [])}


def _keep_name(asset: BillAsset, left_out: Counter[str]) -> str:
    """Give the name of an asset; that of a certificate only where it is no person."""
    if asset.type == "certificate":
        kept = name_subject(asset.name) or name_authority(asset.name)
        if not kept:
            left_out["person-name"] += 1
        return kept[:300] or "certificate"
    name, taken, _ = clean_value(asset.name, only_email=True)
    left_out.update(taken)
    return str(name)[:300] or "?"


def _keep_properties(properties: Mapping[str, Any], left_out: Counter[str]) -> dict[str, Any]:
    """Give the properties without values of keys and without names that may be persons."""
    kept, taken, _ = clean_value(dict(properties), only_email=True)
    left_out.update(taken)
    material = kept.get("relatedCryptoMaterialProperties", {})
    if "value" in material and material.get("type") not in _OPEN:
        del material["value"]
        left_out["secret"] += 1
    certificate = kept.get("certificateProperties", {})
    for field, keep in (("subjectName", name_subject), ("issuerName", name_issuer)):
        said = certificate.get(field, "")
        if said and (names_person(said) or not keep(said)):
            certificate[field] = keep(said)
            left_out["person-name"] += 1
    return dict(kept)


def _tell_certificate(said: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if said is None:
        return None
    fingerprint = said.get("fingerprint", {})
    facts = {
        "subject": name_subject(said.get("subjectName", "")),
        "issuer": name_issuer(said.get("issuerName", "")),
        "notBefore": said.get("notValidBefore", "")[:10],
        "notAfter": said.get("notValidAfter", "")[:10],
        "fingerprintSha256": str(fingerprint.get("content", "")).lower() if fingerprint.get("alg") == "SHA-256" else "",
    }
    return {name: value for name, value in facts.items() if value}


def _tell_protocol(said: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if said is None:
        return None
    suites = [str(suite.get("name", ""))[:500] for suite in said.get("cipherSuites", ()) if suite.get("name")]
    groups = [group for suite in said.get("cipherSuites", ()) for group in suite.get("tlsGroups", ())]
    facts = {
        "protocol": str(said.get("type", "")),
        "version": str(said.get("version", ""))[:500],
        "cipherSuites": suites[:500],
        "groups": [str(group)[:500] for group in dict.fromkeys(groups)][:200],
    }
    return {name: value for name, value in facts.items() if value}


def _tell_material(said: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if said is None:
        return None
    size = said.get("size")
    facts = {
        "type": str(said.get("type", "")),
        "state": str(said.get("state", "")),
        "sizeBits": size if isinstance(size, int) and 0 < size < 2**31 else None,
        "algorithm": str(said.get("algorithmRef", ""))[:500],
    }
    return {name: value for name, value in facts.items() if value}
