"""Nodes with services, for the tests of importers and exporters."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.instance import Instance
from eendracht.kernel.reconcile import apply_plan
from eendracht.kernel.store import load
from eendracht.services.imports import plan_catalogue
from tests.web.nodes import OWNER, draft, open_node

EVENT = draft("life-event:gm0344/op-reis", "Op reis", type="life", nameEn="Travelling", products=["paspoort"])
FULL: dict[str, Any] = draft("public-service:gm0344/paspoort", "Paspoort aanvragen")
FULL["spec"] |= {
    "description": 'Een "reisdocument" <b>\nmet een tweede regel & meer',
    "alsoKnownAs": ["pas", "reisdocument"],
    "tags": ["document", "reizen"],
    "providedBy": OWNER,
    "upl": "paspoort",
    "level": "municipality",
    "audience": ["citizen", "business"],
    "channels": [
        {"type": "counter", "contact": "030 286 00 00", "hours": "ma-vr 9-17"},
        {"type": "online", "url": "https://utrecht.example/paspoort?stap=1&taal=nl"},
        {"type": "online", "url": "https://utrecht.example/met een spatie"},
    ],
    "costs": [{"amountEurocent": 8377, "description": "volwassene"}, {"amountEurocent": 0}, {"description": "spoed"}],
    "legalResources": [
        {"law": "Paspoortwet", "article": "26", "url": "https://wetten.overheid.nl/jci1.3:c:BWBR0005212&artikel=26"},
        {"law": "Legesverordening"},
    ],
    "ruleOutputs": [{"law": "paspoortwet", "article": "26", "output": "mag_aanvragen"}],
    "lifeEvents": ["life-event:gm0344/op-reis"],
    "sdgCodes": ["A1", "C5"],
    "decisionWeeks": 4,
    "criticality": "critical",
}
BARE: dict[str, Any] = draft("public-service:gm0344/rijbewijs", "Rijbewijs")
BARE["spec"] |= {"upl": "rijbewijs"}
OWN: dict[str, Any] = draft("public-service:gm0344/eigen", "Iets eigens")


def make_node(folder: Path, *drafts: dict[str, Any]) -> Instance:
    """Open a node with one municipality and these drafts."""
    instance = open_node(folder)
    body = draft(OWNER, "Gemeente Utrecht", type="municipality")
    load(instance.store, [body, *map(deepcopy, drafts)], size=1)
    return instance


def take_in(instance: Instance, path: Path, **options: Any) -> Any:
    """Import a catalogue for the municipality, and give the reading."""
    reading, plan = plan_catalogue(instance.store, path, OWNER, OPERATOR, **options)
    assert plan.faults == ()
    apply_plan(instance.store, plan, OPERATOR)
    return reading


def spec_of(instance: Instance, ref: str) -> dict[str, Any]:
    """Give the spec of a record."""
    return dict(instance.store.get(ref, OPERATOR).spec(instance.store.registry))
