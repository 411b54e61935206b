"""How the national estate is built up: its layers, how many nodes each has, and what a node of a layer needs.

The shape follows what registers of large organisations show: most requirements have no alternative, about a quarter
have one or two, suppliers and shared facilities are used by a few or by very many, and the services that everything
signs in with need each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Form = Literal["requires", "group", "operatedBy", "dnsOperator", "hostedOn", "heldIn", "locatedIn", "requiresToStart"]
Reach = Literal["own", "shared", "ring"]
"""Nodes of the same body; of any body, the popular ones far more often; or the next of three neighbours."""


@dataclass(frozen=True, slots=True)
class Layer:
    """Nodes of one sort; a layer needs the layers before it."""

    name: str
    kind: str
    count: int
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """A requirement that a share of the nodes of a layer has: `k` of `n` nodes of another layer."""

    layer: str
    form: Form
    target: str
    reach: Reach = "own"
    share: float = 1.0
    k: int = 1
    n: int = 1
    label: str = ""


SUPPLIER_COUNT: Final = 5_000
NODE_COUNT: Final = 200_000
GROUP_COUNT: Final = 585_000
EDGE_COUNT: Final = 1_000_000
CONTRACT_COUNT: Final = 20_000
DANGLING_COUNT: Final = 150
PLANTED: Final = 40
POSSIBLE: Final = 4
MINIMUM_BLOCK: Final = 4
"""Nodes that a body has at least of the layers that its own nodes lean on."""

LAYERS: Final = (
    Layer("supplier", "supplier", SUPPLIER_COUNT, ("Leverancier",)),
    Layer("power", "failure-domain", 1_660, ("Stroomvoeding", "Koelkring", "Onderstation")),
    Layer("site", "facility", 1_740, ("Rekencentrum", "Technische ruimte", "Schakelstation")),
    Layer("core", "component", 6_000, ("Aanmelddienst", "Certificaatdienst", "Koppelnet")),
    Layer("platform", "platform", 9_000, ("Cluster", "Virtualisatie", "Containerplatform", "Cloudomgeving")),
    Layer("team", "team", 1_700, ("Technisch beheer", "Functioneel beheer", "Netwerkbeheer")),
    Layer("server", "component", 30_000, ("Server", "Virtuele machine", "Rekenknoop")),
    Layer("database", "component", 20_000, ("Database", "Zoekindex", "Bestandsopslag")),
    Layer("middleware", "component", 22_000, ("Servicebus", "Berichtenmakelaar", "Applicatieserver", "API-poort")),
    Layer(
        "backend", "application", 26_000, ("Registratie", "Zaakadministratie", "Rekenmodule", "Archief", "Rapportage")
    ),
    Layer("dataset", "dataset", 12_000, ("Basisgegevens", "Dossiers", "Meetgegevens", "Besluiten")),
    Layer("interface", "interface", 14_000, ("Koppeling", "Berichtstroom", "Levering")),
    Layer("frontend", "application", 24_900, ("Portaal", "Behandelscherm", "Balietoepassing", "Mobiele toepassing")),
    Layer(
        "process",
        "business-process",
        12_000,
        ("Aanvraagbehandeling", "Toezicht", "Inning", "Uitbetaling", "Klantcontact", "Bezwaarbehandeling", "Planning"),
    ),
    Layer(
        "service",
        "public-service",
        10_000,
        ("Aanvraag", "Vergunning", "Uitkering", "Melding", "Inschrijving", "Heffing", "Inzage", "Subsidie"),
    ),
    Layer("domain", "domain-name", 4_000, ("www", "mijn", "formulieren", "loket")),
)

SLOTS: Final = (
    Slot("site", "operatedBy", "supplier", "shared"),
    Slot("site", "group", "power", "shared", n=2, label="stroom"),
    Slot("core", "operatedBy", "supplier", "shared", 0.8),
    Slot("core", "group", "site", "shared", n=2, label="locatie"),
    Slot("core", "requires", "core", "ring", 0.15),
    Slot("core", "requiresToStart", "core", "ring", 0.30),
    Slot("platform", "operatedBy", "supplier", "shared", 0.7),
    Slot("platform", "locatedIn", "site", "shared", 0.9),
    Slot("platform", "group", "core", "shared", n=2, label="netwerk"),
    Slot("platform", "group", "core", "shared", 0.6, k=2, n=3, label="aanmelding"),
    Slot("team", "requires", "platform", "own"),
    Slot("team", "group", "core", "shared", n=2, label="netwerk"),
    Slot("server", "requires", "platform", "own"),
    Slot("server", "group", "core", "shared", n=3, label="netwerk"),
    Slot("server", "group", "platform", "own", 0.3, n=2, label="beheer"),
    Slot("database", "group", "server", "own", n=2, label="knooppunt"),
    Slot("database", "group", "server", "own", 0.4, k=2, n=3, label="cluster"),
    Slot("database", "requires", "platform", "own", 0.6),
    Slot("database", "operatedBy", "supplier", "shared", 0.1),
    Slot("middleware", "requires", "database", "own", 0.8),
    Slot("middleware", "requires", "server", "own"),
    Slot("middleware", "group", "server", "own", 0.8, n=2, label="knooppunt"),
    Slot("middleware", "group", "core", "shared", 0.5, n=3, label="naamgeving"),
    Slot("backend", "hostedOn", "middleware", "own"),
    Slot("backend", "operatedBy", "supplier", "shared", 0.4),
    Slot("backend", "requires", "database", "own"),
    Slot("backend", "group", "middleware", "own", n=2, label="koppelvlak"),
    Slot("backend", "group", "core", "shared", 0.6, n=2, label="aanmelding"),
    Slot("backend", "requiresToStart", "core", "shared", 0.04),
    Slot("dataset", "heldIn", "backend", "own"),
    Slot("interface", "requires", "backend", "own"),
    Slot("interface", "requires", "middleware", "own"),
    Slot("interface", "group", "core", "shared", n=2, label="netwerk"),
    Slot("frontend", "hostedOn", "middleware", "own", 0.7),
    Slot("frontend", "requires", "backend", "own", 0.7),
    Slot("frontend", "operatedBy", "supplier", "shared", 0.2),
    Slot("frontend", "group", "backend", "own", n=2, label="registratie"),
    Slot("frontend", "group", "interface", "own", 0.5, n=3, label="gegevens"),
    Slot("frontend", "group", "core", "shared", 0.7, n=2, label="aanmelding"),
    Slot("process", "requires", "team", "own", 0.5),
    Slot("process", "requires", "dataset", "own", 0.5),
    Slot("process", "group", "frontend", "own", n=2, label="behandeling"),
    Slot("process", "group", "frontend", "own", 0.3, k=2, n=4, label="capaciteit"),
    Slot("service", "requires", "process", "own"),
    Slot("service", "group", "frontend", "own", n=2, label="kanaal"),
    Slot("service", "group", "frontend", "own", 0.35, k=2, n=3, label="behandeling"),
    Slot("domain", "dnsOperator", "supplier", "shared"),
    Slot("domain", "requires", "frontend", "own"),
    Slot("domain", "group", "core", "shared", n=2, label="certificaten"),
)
"""What leads to the totals but for the last part, which `FILLED` layers take up with requirements of monitoring."""

FILLED: Final = ("server", "database", "middleware", "backend", "frontend")
