"""What a demonstration holds of evidence, incidents and advisories; all of it made up, and the same each time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.clock import today
from eendracht.kernel.instance import Instance
from eendracht.kernel.landscape import Landscape
from eendracht.kit.made_up import made_up, record
from eendracht.resilience.advisories.assessment import find_services
from eendracht.resilience.advisories.reading import read_advisory
from eendracht.resilience.advisories.recording import keep_advisory

MOST_OWNERS: Final = 4
"""So many organisations have accounts; of the others nothing is recorded, which is unknown."""
PART: Final = "component:demo/brievenkern"
_VENDOR: Final = "supplier:demo/kleermaker-software"


def fill_accounts(instance: Instance, landscape: Landscape, owners: Sequence[str]) -> None:
    """Record evidence of some organisations, incidents, and an advisory about an application of the first of them."""
    if not owners:
        return
    record(instance, _list_drafts(instance, owners[:MOST_OWNERS]))
    sold = _choose_application(instance, landscape, owners[0])
    keep_advisory(instance.store, OPERATOR, read_advisory(json.dumps(write_advisory(instance, *sold)).encode()))


def _choose_application(instance: Instance, landscape: Landscape, owner: str) -> tuple[str, str]:
    """Give supplier and product of the application of an owner on which most services rest; empty without one."""
    best, most = ("", ""), -1
    suppliers = {thing.ref: thing.name for thing in landscape.things if thing.kind == "supplier"}
    for item in instance.store.snapshot(OPERATOR, kind="application", owner=owner):
        spec = item.spec(instance.store.registry)
        supplier = suppliers.get(spec.get("suppliedBy") or "", "")
        services = len(find_services(landscape, landscape.estate.index[item.ref])) if supplier else -1
        if services > most:
            best, most = (supplier, spec.get("package") or spec["name"]), services
    return best


def _list_drafts(instance: Instance, owners: Sequence[str]) -> Iterator[dict[str, Any]]:
    on = today(instance.store.clock)
    for at, owner in enumerate(owners):
        yield from _accounts(owner, at, on)
    yield from _incidents(owners[0], instance.store.clock.now())
    yield made_up(_VENDOR, owners[0], "Kleermaker Software (verzonnen)", country="NL")
    for version in ("2.3.0", "2.4.1", ""):
        yield _component(owners[0], version)


_PROOFS: Final[tuple[tuple[str, str, str, int, int, tuple[str, ...]], ...]] = (
    ("hersteltest", "Hersteltest van het zaaksysteem", "test", 90, 365, ("bio2/8.13.04", "cbw/21-2-c")),
    ("continuiteit", "Oefening van het continuïteitsplan", "exercise", 320, 365, ("bio2/5.30.01", "cbw/21-2-c")),
    (
        "internet-nl",
        "Meting met internet.nl",
        "scan",
        40,
        180,
        ("open-standards/https-hsts", "open-standards/tls", "open-standards/dnssec", "open-standards/dmarc"),
    ),
    ("pentest", "Pentest van de website", "test", 400, 365, ("bio2/8.08.05", "cbw/21-2-f")),
    ("exit", "Exitplan bij de grootste leverancier", "contract", 20, 700, ("bio2/5.20.06", "cbw/21-2-d")),
)
"""Code, name, type, how many days ago it was made, how many it lasts, and what it shows."""
_OWNERLESS: Final = "exit"
"""The piece of evidence that nobody keeps."""


def _accounts(owner: str, at: int, on: date) -> Iterator[dict[str, Any]]:
    """Give evidence that holds, ends soon, has expired or has no owner, and answers, a little other for each owner."""
    place = owner.partition(":")[2]
    role = f"role:demo/{place}-ciso"
    yield made_up(role, owner, "Chief information security officer", "organisation", organisation=owner)
    for code, name, kind_of, days, lasts, satisfies in _PROOFS:
        begin = on - timedelta(days=days + 10 * at)
        yield made_up(
            f"evidence:demo/{place}-{code}",
            owner,
            name,
            "organisation",
            organisation=owner,
            satisfies=list(satisfies),
            type=kind_of,
            heldFrom=begin.isoformat(),
            expiresOn=(begin + timedelta(days=lasts)).isoformat(),
            location="Archief (verzonnen)",
            responsible="" if code == _OWNERLESS else role,
        )
    shown = {"control": "open-standards/starttls-dane", "complies": "no", "dueOn": (on + timedelta(200)).isoformat()}
    reason = "De mailvoorziening kan dit pas na de aanbesteding."
    yield _answer(owner, on, "dane", "STARTTLS en DANE", reason=reason, **shown)
    yield _answer(owner, on, "cloud", "Cloudbeleid", control="bio2/5.23.01", complies="yes")


def _answer(owner: str, on: date, code: str, name: str, **spec: str) -> dict[str, Any]:
    ref = f"control-answer:demo/{owner.partition(':')[2]}-{code}"
    said = {"organisation": owner, "answeredOn": (on - timedelta(days=30)).isoformat()}
    return made_up(ref, owner, name, "organisation", **said, **spec)


def _incidents(owner: str, now: datetime) -> Iterator[dict[str, Any]]:
    place = owner.partition(":")[2]
    for code, name, hours, filed in (
        ("gijzel", "Gijzelsoftware op een bestandsserver", 20, ()),
        ("lek", "Ongewenste toegang tot een beheeraccount", 30, (("early-warning", 28),)),
        ("oud", "Uitval van de website door een aanval", 24 * 5, (("early-warning", 24 * 4 + 6),)),
    ):
        moment = now - timedelta(hours=hours)
        ref = f"cyber-incident:demo/{place}-{code}"
        shown = {"organisation": owner, "significant": "yes", "detectedAt": _say(moment)}
        yield made_up(ref, owner, name, "organisation", ground="Verzonnen voor de demonstratie", **shown)
        for stage, ago in filed:
            report = {"incident": ref, "stage": stage, "filedAt": _say(now - timedelta(hours=ago))}
            shown = {"recipient": "CSIRT", **report}
            yield made_up(f"incident-report:demo/{place}-{code}-{stage}", owner, name, "organisation", **shown)


def _say(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _component(owner: str, version: str) -> dict[str, Any]:
    ref = f"{PART}-{version}" if version else PART
    name = f"Brievenkern {version}".strip()
    purl = "pkg:npm/brievenkern" + (f"@{version}" if version else "")
    spec: dict[str, Any] = {"type": "library", "version": version, "purl": purl, "suppliedBy": _VENDOR}
    return made_up(ref, owner, name, "organisation", **spec)


def write_advisory(instance: Instance, supplier: str = "", product: str = "") -> dict[str, Any]:
    """Give the advisory of the demonstration: CSAF 2.0 of a vendor that does not exist.

    Where a supplier and its product are given, that is said to be affected as well, in every version.
    """
    moment = _say(instance.store.clock.now() - timedelta(days=2))
    helper = {"product_identification_helper": {"purl": "pkg:npm/brievenkern"}}
    affected = {"name": "Brievenkern voor 2.4.1", "product_id": "OUD", **helper}
    fixed = {"name": "Brievenkern 2.4.1", "product_id": "NIEUW", **helper}
    score = {
        "version": "3.1",
        "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "baseScore": 9.8,
        "baseSeverity": "CRITICAL",
    }
    tree = [_branch("Kleermaker Software", "Brievenkern", branches=_versions(affected, fixed))]
    if product:
        tree.append(_branch(supplier, product, product={"name": f"{product} (alle versies)", "product_id": "DEMO"}))
    touched = ["OUD", *(["DEMO"] if product else [])]
    return {
        "document": _write_head(moment),
        "product_tree": {"branches": tree},
        "vulnerabilities": [
            {
                "cve": "CVE-2026-99014",
                "notes": [{"category": "description", "text": "Verzonnen voor de demonstratie."}],
                "product_status": {"known_affected": touched, "fixed": ["NIEUW"]},
                "scores": [{"products": touched, "cvss_v3": score}],
                "remediations": [{"category": "vendor_fix", "details": "Werk bij naar 2.4.1.", "product_ids": touched}],
            }
        ],
    }


def _write_head(moment: str) -> dict[str, Any]:
    return {
        "category": "csaf_security_advisory",
        "csaf_version": "2.0",
        "lang": "nl",
        "distribution": {"tlp": {"label": "AMBER"}},
        "publisher": {
            "category": "vendor",
            "name": "Kleermaker Software (verzonnen)",
            "namespace": "https://kleermaker.example",
        },
        "title": "Verzonnen: Brievenkern voert vreemde code uit",
        "tracking": {
            "id": "KS-2026-014",
            "status": "final",
            "version": "1",
            "initial_release_date": moment,
            "current_release_date": moment,
            "revision_history": [{"date": moment, "number": "1", "summary": "Eerste versie"}],
        },
    }


def _branch(vendor: str, name: str, **below: Any) -> dict[str, Any]:
    return {
        "category": "vendor",
        "name": vendor,
        "branches": [{"category": "product_name", "name": name, **below}],
    }


def _versions(affected: dict[str, Any], fixed: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"category": "product_version_range", "name": "vers:npm/<2.4.1", "product": affected},
        {"category": "product_version", "name": "2.4.1", "product": fixed},
    ]
