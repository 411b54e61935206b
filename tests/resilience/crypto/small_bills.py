"""Small bills of materials, whole and broken."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any


def asset(name: str, ref: str = "", *, kind: str = "algorithm", line: int = 0, **said: Any) -> dict[str, Any]:
    """Give a component that is a cryptographic asset; `said` are the properties of its type."""
    field = {
        "algorithm": "algorithmProperties",
        "certificate": "certificateProperties",
        "protocol": "protocolProperties",
        "related-crypto-material": "relatedCryptoMaterialProperties",
    }[kind]
    oid = said.pop("oid", "")
    found: dict[str, Any] = {
        "type": "cryptographic-asset",
        "name": name,
        "cryptoProperties": {"assetType": kind, **({field: said} if said else {}), **({"oid": oid} if oid else {})},
    }
    if ref:
        found["bom-ref"] = ref
    if line:
        found["evidence"] = {"occurrences": [{"location": "src/Main.java", "line": line}]}
    return found


def bill(
    *components: dict[str, Any],
    dependencies: Sequence[dict[str, Any]] = (),
    day: str = "2026-10-01",
    version: str = "1.6",
    **more: Any,
) -> dict[str, Any]:
    """Give a bill of these components."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": version,
        "version": 1,
        "metadata": {"timestamp": f"{day}T10:00:00Z", "component": {"type": "application", "name": "Balie"}},
        "components": list(components),
        "dependencies": list(dependencies),
        **more,
    }


def dump(document: dict[str, Any]) -> bytes:
    """Give the bytes of a bill."""
    return json.dumps(document).encode()
