"""Endpoints that were looked at become records: what they offer, and each group and algorithm as a cryptographic asset.

What could not be reached is recorded as such, and ends nothing: nobody knows what it offers. A group that was not seen
of an endpoint of which not every group was seen did not end either.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import today
from eendracht.kernel.identity import slug
from eendracht.kernel.records import prepare
from eendracht.kernel.store import Store
from eendracht.resilience.crisis import authority_of
from eendracht.resilience.crypto.certificates import CertificateAssets, unreadable
from eendracht.resilience.crypto.inventories import ToldAsset, ToldInventory, record_inventory
from eendracht.resilience.crypto.names import read_group
from eendracht.resilience.tls.code_points import VERSIONS, name_group
from eendracht.resilience.tls.guideline import judge_endpoint
from eendracht.resilience.tls.probe import Endpoint, name_quantum
from eendracht.resilience.tls.targets import Target

_ANSWERS: Final = {True: "yes", False: "no", None: "unknown"}


def record_endpoints(
    store: Store, author: Principal, endpoints: Iterable[Endpoint], organisation: str, serves: Sequence[str] = ()
) -> list[str]:
    """Record what was seen of endpoints of an organisation, one by one, and give the refs.

    `serves` are refs of what people reach over them. Raises NotFound, Denied, InvalidInput.
    """
    owner = store.get(organisation, author).ref
    author.require_write(owner)
    used_by = [store.get(ref, author).ref for ref in serves]
    return [_record(store, author, endpoint, owner, used_by) for endpoint in endpoints]


def _record(store: Store, author: Principal, endpoint: Endpoint, owner: str, serves: Sequence[str]) -> str:
    day = today(store.clock)
    certificate = CertificateAssets(str(Target(endpoint.host, endpoint.port)))
    facts = _read_certificate(endpoint, certificate)
    ref = f"tls-endpoint:{authority_of(owner)}/{name_endpoint(endpoint)}"
    current = next(iter(store.get_among([ref], author)), None)
    if current is not None and not serves:
        serves = current.spec(store.registry).get("serves", [])
    draft = {
        "ref": ref,
        "owner": current.owner if current else owner,
        "validFrom": day.isoformat(),
        "confidentiality": current.data["confidentiality"] if current else {"level": "organisation"},
        "source": {"type": "scan", "date": day.isoformat(), "system": "tls-scan"},
        "spec": _tell_endpoint(endpoint, owner, serves, day) | ({"certificate": facts} if facts else {}),
    }
    prepared = prepare(draft, store.registry, current.generation if current else None)
    if current is None or prepared.spec != current.spec(store.registry):
        store.append([prepared], author)
    if not endpoint.fault:
        told = _tell_inventory(endpoint, certificate, day)
        record_inventory(store, author, told, organisation=owner, used_by=serves)
    return ref


def name_endpoint(endpoint: Endpoint) -> str:
    """Give the name part of the ref of an endpoint: host and port."""
    host = f"v6-{endpoint.host.replace(':', '.')}" if ":" in endpoint.host else endpoint.host
    return slug(f"{host}-{endpoint.port}")


def _read_certificate(endpoint: Endpoint, assets: CertificateAssets) -> dict[str, Any]:
    if not endpoint.certificate:
        return {}
    try:
        return assets.add_certificate(endpoint.certificate)
    except unreadable():
        # What an endpoint sends is as it is; its groups are told all the same.
        return {}


def _tell_endpoint(endpoint: Endpoint, owner: str, serves: Sequence[str], day: date) -> dict[str, Any]:
    outcome = judge_endpoint(endpoint)
    return {
        "name": str(Target(endpoint.host, endpoint.port)),
        "organisation": owner,
        "host": endpoint.host,
        "port": endpoint.port,
        "serves": list(serves),
        "versions": [VERSIONS.get(version, f"0x{version:04X}") for version in endpoint.versions],
        "groups": [{"group": name_group(group), "quantum": name_quantum(group)} for group in endpoint.groups],
        "preference": endpoint.preference,
        "isComplete": endpoint.is_complete,
        "keyExchangeQuantumSafe": _ANSWERS[endpoint.is_quantum_safe],
        "guideline": outcome.rule,
        "guidelineDate": _full_day(outcome.date),
        "guidelineLevel": outcome.level,
        "fault": endpoint.fault,
        "scannedOn": day.isoformat(),
    }


def _full_day(text: str) -> str | None:
    """Give a date of a month as its first day; None where it is no date."""
    parts = text.split("-")
    return "-".join([*parts, *["01"] * (3 - len(parts))]) if 2 <= len(parts) <= 3 else None


def _tell_inventory(endpoint: Endpoint, certificate: CertificateAssets, day: date) -> ToldInventory:
    place = str(Target(endpoint.host, endpoint.port))
    assets = [_tell_group(name_group(group), place) for group in endpoint.groups]
    if endpoint.prime_bits is not None:
        assets.append(_tell_group(f"ffdhe{endpoint.prime_bits}", place))
    return ToldInventory(
        name_endpoint(endpoint),
        "tls-scan",
        [*assets, *certificate.list_assets()],
        day,
        tool="eendracht",
        left_out=certificate.left_out,
        is_partial=not endpoint.is_complete,
    )


def _tell_group(name: str, place: str) -> ToldAsset:
    algorithm = read_group(name)
    spec = {
        "name": name,
        "type": "algorithm",
        "algorithmFamily": algorithm.family or None,
        "parameterSet": algorithm.parameter_set or None,
        "purpose": algorithm.purpose or None,
        "purposeGround": "stated" if algorithm else "unknown",
        "purposeReason": "a group for key exchange of TLS",
        "bomRef": f"group {name}",
        "locations": [place],
    }
    return ToldAsset(f"group {name}", {key: value for key, value in spec.items() if value is not None})
