"""A small landscape with parts that an advisory speaks of, worked out by hand."""

from __future__ import annotations

from typing import Any

from tests.web.nodes import OTHER, OWNER, draft

PART = "component:gm0344"
DRAFTS: list[dict[str, Any]] = [
    draft(OWNER, "Gemeente Utrecht", type="municipality", inhabitants=1000),
    draft(OTHER, "Gemeente Amsterdam", owner=OTHER, type="municipality", inhabitants=500),
    draft("supplier:kvk.11111111", "Zaakbouwers B.V."),
    draft("supplier:kvk.22222222", "Iemand Anders NV"),
    draft("supplier:kvk.33333333", "Hostmakers"),
    draft(f"{PART}/oud", "kern", "organisation", type="library", version="1.3.9", purl="pkg:npm/zaakkern@1.3.9"),
    draft(f"{PART}/nieuw", "kern", "organisation", type="library", version="1.4.2", purl="pkg:npm/zaakkern@1.4.2"),
    draft(f"{PART}/zonder-versie", "kern", "organisation", type="library", purl="pkg:npm/zaakkern"),
    draft(f"{PART}/in-host", "kern", "organisation", type="library", version="1.2.0", purl="pkg:npm/zaakkern@1.2.0"),
    draft(f"{PART}/in-gast", "kern", "organisation", type="library", version="1.2.0", purl="pkg:npm/zaakkern@1.2.0"),
    draft(f"{PART}/andere-wereld", "kern", "organisation", type="library", purl="pkg:pypi/zaakkern@1.3.9"),
    draft(f"{PART}/op-naam", "Zaakkern", version="1.0.0", suppliedBy="supplier:kvk.11111111"),
    draft(f"{PART}/naamgenoot", "Zaakkern", version="1.0.0", suppliedBy="supplier:kvk.22222222"),
    draft(f"{PART}/wees", "zaakkern", version="1.0.0"),
    draft(f"{PART}/te-oud", "kern", version="0.9", purl="pkg:npm/zaakkern@0.9.0"),
    draft(
        "application:gm0344/balie",
        "Balie",
        requires=[f"{PART}/oud"],
        operatedBy="supplier:kvk.22222222",
    ),
    draft("application:gm0344/host", "Host", suppliedBy="supplier:kvk.33333333", requires=[f"{PART}/in-host"]),
    draft("application:gm0344/gast", "Host", suppliedBy="supplier:kvk.22222222", requires=[f"{PART}/in-gast"]),
    draft("public-service:gm0344/paspoort", "Paspoort", users=700, requires=["application:gm0344/balie"]),
    draft("public-service:gm0344/rijbewijs", "Rijbewijs", users=400, requires=["application:gm0344/balie"]),
    draft("public-service:gm0344/hout", "Kapvergunning", users=300, requires=["application:gm0344/host"]),
]
"""The passport and the driving licence rest on version 1.3.9; the felling permit on a copy within Host of Hostmakers,
of which the publisher says that it is not affected. Another application is called Host too."""
