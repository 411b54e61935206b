"""A small landscape of which the answers can be worked out by hand."""

from __future__ import annotations

from typing import Any

from tests.web.nodes import draft

GM, PROVIDER = "organisation:gm0344", "supplier:kvk.22222222"

DRAFTS: list[dict[str, Any]] = [
    draft("organisation:gm0344", "Gemeente Utrecht", type="municipality", inhabitants=1000),
    draft("organisation:gm0363", "Gemeente Amsterdam", type="municipality", inhabitants=500),
    draft("supplier:kvk.11111111", "Moeder BV", jurisdiction="US"),
    draft(
        "supplier:kvk.22222222",
        "Dochter BV",
        ownerships=[{"owner": "supplier:kvk.11111111", "share": "60"}],
        jurisdiction="NL",
    ),
    draft("supplier:kvk.33333333", "Los BV"),
    draft("facility:gm0344/zaal", "Rekenzaal", country="NL", type="data-centre"),
    draft("platform:gm0344/wolk", "Wolk", operatedBy="supplier:kvk.22222222", locatedIn=["facility:gm0344/zaal"]),
    draft("platform:gm0344/reserve", "Reserve", operatedBy="supplier:kvk.33333333"),
    draft(
        "application:gm0344/balie",
        "Balie",
        requirementGroups=[
            {
                "label": "rekenkracht",
                "k": 1,
                "members": [{"provider": "platform:gm0344/wolk"}, {"provider": "platform:gm0344/reserve"}],
            }
        ],
    ),
    draft(
        "public-service:gm0344/paspoort",
        "Paspoort",
        criticality="critical",
        usesPerDay=24,
        users=700,
        requires=["application:gm0344/balie"],
    ),
    draft(
        "public-service:gm0344/rijbewijs",
        "Rijbewijs",
        usesPerDay=48,
        users=400,
        requirementGroups=[{"label": "wolk", "bufferHours": "4", "members": [{"provider": "platform:gm0344/wolk"}]}],
    ),
    draft("public-service:gm0344/melding", "Melding", requires=["application:gm0344/niet-vastgelegd"]),
    draft(
        "cryptographic-asset:gm0344/rsa",
        "RSA van de balie",
        type="algorithm",
        algorithmFamily="RSA",
        parameterSet="2048",
        usedBy=["application:gm0344/balie"],
    ),
    draft(
        "scenario:gm0344/wolk-weg",
        "De wolk valt weg",
        seeds=[{"selector": "facility:gm0344/zaal", "repairedAtHours": "10"}, {"selector": "kind=supplier"}],
        horizonHours="24",
    ),
    draft(
        "scenario:gm0344/leeg",
        "Niets",
        seeds=[{"selector": "facility:gm0344/weg"}, {"selector": "hosting=maan"}, {"selector": "kleur=rood"}],
    ),
]
"""Reserve was never tested, so the passport is certain to stop only with both; the driving licence stops 4 hours after
the cloud; what the report needs is not recorded."""
