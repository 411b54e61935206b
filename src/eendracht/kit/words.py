"""What things are called on a screen, in Dutch and English; code keeps its own terms."""

from __future__ import annotations

from typing import Final

_KINDS: Final[dict[str, tuple[str, str, str, str]]] = {
    "action": ("actie", "acties", "action", "actions"),
    "agreement": ("afspraak", "afspraken", "agreement", "agreements"),
    "application": ("applicatie", "applicaties", "application", "applications"),
    "business-process": ("bedrijfsproces", "bedrijfsprocessen", "business process", "business processes"),
    "component": ("component", "componenten", "component", "components"),
    "contract": ("contract", "contracten", "contract", "contracts"),
    "dataset": ("dataset", "datasets", "dataset", "datasets"),
    "domain-name": ("domeinnaam", "domeinnamen", "domain name", "domain names"),
    "facility": ("locatie", "locaties", "facility", "facilities"),
    "failure-domain": ("faaldomein", "faaldomeinen", "failure domain", "failure domains"),
    "goal": ("doel", "doelen", "goal", "goals"),
    "ground": ("grondslag", "grondslagen", "ground", "grounds"),
    "indicator": ("indicator", "indicatoren", "indicator", "indicators"),
    "interface": ("koppeling", "koppelingen", "interface", "interfaces"),
    "organisation": ("organisatie", "organisaties", "organisation", "organisations"),
    "platform": ("platform", "platformen", "platform", "platforms"),
    "processing-activity": ("verwerking", "verwerkingen", "processing activity", "processing activities"),
    "public-service": ("publieke dienst", "publieke diensten", "public service", "public services"),
    "reference-component": (
        "referentiecomponent",
        "referentiecomponenten",
        "reference component",
        "reference components",
    ),
    "role": ("rol", "rollen", "role", "roles"),
    "same-as": ("gelijkstelling", "gelijkstellingen", "same-as claim", "same-as claims"),
    "source-of-truth": ("bron van de waarheid", "bronnen van de waarheid", "source of truth", "sources of truth"),
    "succession": ("opvolging", "opvolgingen", "succession", "successions"),
    "supplier": ("leverancier", "leveranciers", "supplier", "suppliers"),
    "team": ("team", "teams", "team", "teams"),
}


def name_kind(kind: str, language: str, count: int = 1) -> str:
    """Give the word for so many things of a kind; a kind without a word goes by its code."""
    words = _KINDS.get(kind)
    if words is None:
        return kind
    return words[(0 if language == "nl" else 2) + (count != 1)]
