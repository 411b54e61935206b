"""What the bodies of the small estate share: sites, power, networks, identity, certificates, reference components."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from eendracht.demo.small_landscape import SmallLandscape
from eendracht.demo.vocabulary import APPLICATIONS

SHARED: Final = "gedeeld"
"""Stands in refs where a body's code would: things that no single body has."""

_REGIONS: Final = ("Noord", "Oost", "Zuid", "West")


@dataclass(frozen=True)
class Shared:
    """Refs of what is shared, by what it is for."""

    power: list[str]
    networks: list[str]
    identities: list[str]
    authorities: list[str]
    platforms: list[str]
    references: dict[str, str]


def add_shared(landscape: SmallLandscape, owner: str) -> Shared:
    """Add the shared part, with some spare nodes in which planting can hide weaknesses."""

    def add(kind: str, name: str, **spec: Any) -> str:
        return landscape.add(kind, SHARED, owner, name, spec)

    references = {
        code: add("reference-component", f"Referentie {code}", framework="Demo-architectuur", code=code)
        for code in sorted({row[4] for row in APPLICATIONS.values()})
    }
    power = [add("failure-domain", f"Stroomvoeding {region}", type="power") for region in _REGIONS]
    sites = [_add_site(landscape, add, region, power) for region in _REGIONS]
    networks = [
        add("component", f"Koppelnet {region}", type="network", operatedBy=landscape.supplier()) for region in _REGIONS
    ]
    identities, authorities = _add_trust(landscape, add, networks)
    platforms = [
        add(
            "platform",
            f"Platform {name}",
            type="saas" if number < 5 else "paas",
            hosting="saas" if number < 5 else "public-cloud",
            operatedBy=landscape.supplier(),
            locatedIn=[sites[number % len(sites)]],
            jurisdiction=("NL", "NL", "DE", "US", "IE")[number % 5],
            requirementGroups=[_one_of("netwerk", networks[number % 4], networks[(number + 1) % 4])],
        )
        for number, name in enumerate(("Kraanvogel", "Zeearend", "IJsvogel", "Grutto", "Scholekster", "Wulp", "Kievit"))
    ]
    _add_spares(landscape, add)
    return Shared(power, networks, identities, authorities, platforms, references)


def _add_site(landscape: SmallLandscape, add: Any, region: str, power: list[str]) -> str:
    group = {**_one_of("stroom", *power[:2]), "bufferHours": "8"}
    operator = landscape.supplier()
    spec = {"type": "data-centre", "country": "NL", "operatedBy": operator, "requirementGroups": [group]}
    ref: str = add("facility", f"Datacentrum {region}", **spec)
    return ref


def _add_trust(landscape: SmallLandscape, add: Any, networks: list[str]) -> tuple[list[str], list[str]]:
    """Add name service, sign-in and certificates, which need each other as they do in reality."""
    line = _one_of("netwerk", *networks[:3])
    names = add("component", "Naamgeving DNS", type="network", rtoHours="2", requirementGroups=[line])
    identities, authorities = [], []
    for number, (sign_in, issuer) in enumerate((("Burger", "Noord"), ("Bedrijf", "Zuid"))):
        certificates = add(
            "component",
            f"Certificaatuitgifte {issuer}",
            type="pki",
            operatedBy=landscape.supplier(),
            requires=[names],
            requiresToStart=[f"component:demo/{SHARED}/inlogvoorziening-{sign_in.lower()}"],
        )
        authorities.append(certificates)
        identities.append(
            add(
                "component",
                f"Inlogvoorziening {sign_in}",
                type="identity",
                criticality="critical",
                rtoHours="4",
                operatedBy=landscape.supplier(),
                requires=[names],
                requiresToStart=[certificates],
                requirementGroups=[{**_one_of("certificaten", certificates), "bufferHours": str(72 - 24 * number)}],
            )
        )
    landscape.specs[names]["requiresToStart"] = identities[:1]
    return identities, authorities


def _add_spares(landscape: SmallLandscape, add: Any) -> None:
    """Add nodes of which nobody recorded where they stand or what feeds them."""
    for role, kind, spec, names in (
        ("data-centre", "facility", {"type": "data-centre", "country": "NL"}, ("Duinrand", "Havenkop")),
        ("power", "failure-domain", {"type": "power"}, ("Onderstation Polderweg", "Onderstation Zeedijk")),
        ("facility", "facility", {"type": "exchange"}, ("Telehuis A", "Telehuis B", "Telehuis C", "Telehuis D")),
        ("identity", "component", {"type": "identity"}, ("Sleutelbeheer medewerkers", "Toegangspoort")),
        ("pki", "component", {"type": "pki"}, ("Certificaatuitgifte Oost", "Certificaatuitgifte West")),
        ("network", "component", {"type": "network"}, ("Glasvezelring A2", "Glasvezelring A28")),
    ):
        for name in names:
            operator = landscape.supplier() if kind != "failure-domain" else None
            landscape.keep_spare(role, add(kind, name, operatedBy=operator, **spec))
    for name in ("Reiger", "Ooievaar", "Zilvermeeuw", "Aalscholver", "Kokmeeuw", "Lepelaar", "Tureluur", "Visdief"):
        spec = {"type": "iaas", "hosting": "unknown", "operatedBy": landscape.supplier()}
        landscape.keep_spare("platform", add("platform", f"Platform {name}", **spec))


def _one_of(label: str, *members: str) -> dict[str, Any]:
    return {"label": label, "members": [{"provider": member} for member in members]}
