"""The move to quantum-safe cryptography of a demonstration: four organisations and one supplier; all made up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Any, Final

from eendracht.kernel.identity import slug
from eendracht.kernel.landscape import Landscape, Thing
from eendracht.kit.made_up import made_up
from eendracht.resilience.quantum.precedence import find_providers

MAKER: Final = "supplier:demo/sleutelkluis"
_PKI: Final = "component:demo/overheids-pki"
_HSM: Final = "component:demo/sleutelkast"
_LEVEL: Final = "organisation"
_MOST_OWNERS: Final = 4
_MOST_SAYING: Final = 12
"""So many more say how far they are, and nothing else is recorded of them."""
_ASSETS: Final = (
    ("rsa-2048", "RSA", "2048", "signature", "stated"),
    ("ecdh-p-256", "ECDH", "P-256", "key-agree", "stated"),
    ("aes-128", "AES", "128", "ae", "stated"),
)
_VAGUE: Final = ("rsa-onbekend", "RSA", "", "", "unknown")
_HYBRID: Final = ("hybride", "X25519MLKEM768", "", "kem", "stated")
_ADDED: Final = ((_HYBRID,), (_HYBRID,), (_VAGUE,), ())
"""What the application of each organisation has besides."""
_SECRETS: Final = ((75, 75, "high"), (20, 30, "medium"), (None, 10, "unknown"), (2, 5, "low"))
"""Years secret, years provable and risk, one after the other."""


def list_quantum_drafts(landscape: Landscape) -> Iterator[dict[str, Any]]:
    """Give what a demonstration knows of cryptography and of the move; nothing where there are no applications."""
    ranked = _rank_owners(landscape)
    owners = ranked[:_MOST_OWNERS]
    if not owners:
        return
    applications = {owner: _applications_of(landscape, owner) for owner in owners}
    yield from _base(owners[0])
    for at, owner in enumerate(owners):
        yield from _inventory(owner, applications[owner][:1], _ADDED[at])
        yield _statement(owner, "planned" if at < 2 else "unknown")
    others = sorted(thing.ref for thing in landscape.things if thing.kind == "organisation" and thing.ref not in ranked)
    for at, owner in enumerate(others[:_MOST_SAYING]):
        yield _statement(owner, "inventorying" if at % 3 == 2 else "not-started")
    yield from _shelf_lives(landscape, owners)
    yield from _links(owners, applications)
    yield from _steps(owners, applications)


def _rank_owners(landscape: Landscape) -> Sequence[str]:
    """Give the organisations with applications, the most first and the same each time."""
    counts = Counter(thing.owner for thing in landscape.things if thing.kind == "application")
    return sorted(counts, key=lambda owner: (-counts[owner], owner))


def _applications_of(landscape: Landscape, owner: str) -> Sequence[Thing]:
    """Give the applications of an organisation, those that hold data and what is critical first."""
    mine = {thing.ref: thing for thing in landscape.things if thing.kind == "application" and thing.owner == owner}
    datasets = [thing.ref for thing in landscape.things if thing.kind == "dataset" and thing.owner == owner]
    holding = {ref for dataset in datasets for ref in find_providers(dataset, landscape) if ref in mine}
    return sorted(
        mine.values(), key=lambda thing: (thing.ref not in holding, thing.criticality != "critical", thing.ref)
    )


def _code(owner: str) -> str:
    return owner.partition(":")[2].replace("/", "-")


def _base(owner: str) -> Iterator[dict[str, Any]]:
    yield made_up(MAKER, owner, "Sleutelkluis (verzonnen)", country="NL")
    yield made_up(_HSM, owner, "Sleutelkast (HSM)", _LEVEL, type="hsm", suppliedBy=MAKER)
    yield made_up(_PKI, owner, "Certificaten van de overheid (verzonnen)", _LEVEL, type="pki", requires=[_HSM])


def _inventory(owner: str, applications: Sequence[Thing], added: Sequence[tuple[str, ...]]) -> Iterator[dict[str, Any]]:
    inventory = f"cryptographic-inventory:demo/{_code(owner)}"
    about = {"organisation": owner, "sourceType": "statement", "takenOn": "2026-10-15"}
    yield made_up(inventory, owner, "Lijst van cryptografie", _LEVEL, **about)
    for thing in applications:
        for name, family, size, purpose, ground in (*_ASSETS, *added):
            yield made_up(
                f"cryptographic-asset:demo/{_code(owner)}-{name}",
                owner,
                f"{family} {size}".strip(),
                _LEVEL,
                type="algorithm",
                algorithmFamily=family,
                parameterSet=size,
                purpose=purpose,
                purposeGround=ground,
                usedBy=[thing.ref],
                inventory=inventory,
            )


def _statement(owner: str, state: str) -> dict[str, Any]:
    spec = {"organisation": owner, "state": state, "statedOn": "2026-10-01"}
    return made_up(f"quantum-preparation:demo/{_code(owner)}", owner, "Stand van de voorbereiding", _LEVEL, **spec)


def _shelf_lives(landscape: Landscape, owners: Sequence[str]) -> Iterator[dict[str, Any]]:
    said = cycle(_SECRETS)
    for owner in owners:
        datasets = sorted(thing.ref for thing in landscape.things if thing.kind == "dataset" and thing.owner == owner)
        for ref in datasets[:2]:
            secret, proof, risk = next(said)
            yield made_up(
                f"data-shelf-life:demo/{slug(ref.partition(':')[2])}",
                owner,
                f"Houdbaarheid van {landscape.things[landscape.locate(ref)].name}"[:300],
                _LEVEL,
                dataset=ref,
                confidentialYears=secret,
                integrityYears=proof,
                risk=risk,
                ground="Verzonnen termijn",
            )


def _links(owners: Sequence[str], applications: dict[str, Sequence[Thing]]) -> Iterator[dict[str, Any]]:
    first = applications[owners[0]][0]
    groups = cycle(("X25519MLKEM768", "x25519", ""))
    for owner in owners[1:]:
        client, group = applications[owner][0], next(groups)
        yield made_up(
            f"cryptographic-link:demo/{_code(owner)}",
            owner,
            f"{client.name} naar {first.name}"[:300],
            _LEVEL,
            client=client.ref,
            server=first.ref,
            observedGroup=group,
            observedOn="2026-11-01" if group else "",
        )


def _steps(owners: Sequence[str], applications: dict[str, Sequence[Thing]]) -> Iterator[dict[str, Any]]:
    first, server = owners[0], applications[owners[0]][0].ref
    told: Sequence[tuple[str, str, str, str, str, dict[str, Any]]] = (
        ("levering", MAKER, _HSM, "supplier-release", "0", {"notBefore": "2028-07-01"}),
        ("firmware", first, _HSM, "hsm-firmware", "3", {}),
        ("wortel", first, _PKI, "root-ca", "6", {"after": ["quantum-step:demo/firmware"]}),
        ("uitgever", first, _PKI, "issuing-ca", "4", {}),
        ("inventaris", first, server, "inventory", "2", {"milestone": "first-steps"}),
        ("certificaat", first, server, "leaf", "2", {"after": ["quantum-step:demo/uitgever"]}),
        ("overschakelen", first, server, "protocol-switch", "3", {"milestone": "high-risk"}),
    )
    for name, organisation, about, stage, months, more in told:
        yield _step(name, first, organisation, about, stage, months, **more)
    for at, owner in enumerate(owners[1:]):
        # Of the last nobody knows how long it takes.
        duration = None if at == len(owners) - 2 else str(3 + 2 * at)
        client = applications[owner][0].ref
        yield _step(f"vertrouwen-{_code(owner)}", owner, owner, client, "trust-store", duration, milestone="high-risk")


def _step(
    name: str, owner: str, organisation: str, about: str, stage: str, months: str | None, **more: Any
) -> dict[str, Any]:
    spec = {"organisation": organisation, "about": about, "stage": stage, "durationMonths": months, **more}
    words = name.partition("-")[0].capitalize()
    return made_up(f"quantum-step:demo/{name}", owner, words, _LEVEL, status="planned", **spec)
