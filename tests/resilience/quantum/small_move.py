"""A small move to quantum-safe cryptography of which the answers can be worked out by hand, on 1 December 2026."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from eendracht.kernel.clock import FixedClock
from tests.web.nodes import draft

CLOCK: Final = FixedClock(datetime(2026, 12, 1, 12, tzinfo=UTC))
UTRECHT, AMSTERDAM, STATE = "organisation:gm0344", "organisation:gm0363", "organisation:mnre1"
MAKER: Final = "supplier:kvk.11111111"
CASES, PORTAL = "application:gm0344/zaken", "application:gm0363/portaal"
HSM, ROOT, ISSUING = "component:mnre1/hsm", "component:mnre1/root-ca", "component:mnre1/uitgever"
FILES, RSA = "dataset:gm0344/dossiers", "cryptographic-asset:gm0344/rsa"
LINK: Final = "cryptographic-link:gm0363/zaken"


def step(name: str, organisation: str, about: str, stage: str, months: str | None, **spec: Any) -> dict[str, Any]:
    """Give a step that is planned."""
    told = {"organisation": organisation, "about": about, "stage": stage, "status": "planned", **spec}
    if months is not None:
        told["durationMonths"] = months
    return draft(f"quantum-step:mnre1/{name}", f"Stap {name}", **told)


LANDSCAPE: Final = [
    draft(UTRECHT, "Gemeente Utrecht", type="municipality", inhabitants=1000),
    draft(AMSTERDAM, "Gemeente Amsterdam", type="municipality", inhabitants=500, owner=AMSTERDAM),
    draft(STATE, "Ministerie", type="ministry", owner=STATE),
    draft(MAKER, "Sleutelkast BV"),
    draft(HSM, "Sleutelkast", owner=STATE, type="hsm", suppliedBy=MAKER),
    draft(ROOT, "Wortel", owner=STATE, type="pki", requires=[HSM]),
    draft(ISSUING, "Uitgever", owner=STATE, type="pki", requires=[ROOT]),
    draft(CASES, "Zaken", requires=[ISSUING], datasets=[FILES]),
    draft(PORTAL, "Portaal", owner=AMSTERDAM),
    draft(FILES, "Dossiers"),
    draft("public-service:gm0344/paspoort", "Paspoort", users=700, requires=[CASES]),
]
CRYPTOGRAPHY: Final = [
    draft("cryptographic-inventory:gm0344/zaken", "Lijst", organisation=UTRECHT, subject=CASES, sourceType="statement"),
    draft(
        RSA, "RSA", type="algorithm", algorithmFamily="RSA", parameterSet="2048", purpose="signature", usedBy=[CASES]
    ),
    draft("cryptographic-asset:gm0344/vaag", "Vaag", type="algorithm", algorithmFamily="RSA", usedBy=[CASES]),
    draft(
        "cryptographic-asset:gm0363/kem", "KEM", owner=AMSTERDAM, type="algorithm", algorithmFamily="ML-KEM",
        parameterSet="768", purpose="kem", usedBy=[PORTAL],
    ),
    draft(
        "tls-endpoint:gm0344/zaken", "zaken.example:443", host="zaken.example", port=443, serves=[CASES],
        groups=[{"group": "x25519", "quantum": "none"}, {"group": "secp256r1", "quantum": "none"}], isComplete=True,
    ),
    draft(
        LINK, "Portaal naar zaken", owner=AMSTERDAM, client=PORTAL, server=CASES, observedGroup="x25519",
        observedOn="2026-11-01", datasets=[FILES],
    ),
    draft("data-shelf-life:gm0344/dossiers", "Dossiers", dataset=FILES, confidentialYears=10, risk="high"),
]  # fmt: skip
STEPS: Final = [
    step("a", MAKER, HSM, "supplier-release", "0", notBefore="2027-06-01"),
    step("b", STATE, HSM, "hsm-firmware", "2"),
    step("c", STATE, ROOT, "root-ca", "3"),
    step("d", STATE, ISSUING, "issuing-ca", "1"),
    step("e", UTRECHT, CASES, "leaf", "1"),
    step("f", AMSTERDAM, PORTAL, "trust-store", "2"),
    step("g", UTRECHT, CASES, "protocol-switch", "1", milestone="high-risk"),
    step("h", UTRECHT, CASES, "inventory", "4"),
    step("i", UTRECHT, CASES, "retire", "50", status="dropped"),
]
"""The release in 6 months, then 2 + 3 + 1 + 1 + 2 + 1: 16 months in all; the inventory has 8 months to spare."""
