"""What the briefing says of evidence, incidents and advisories: to insiders, with the rows, and nothing to others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from eendracht.kernel.access import OPERATOR, PUBLIC, Principal
from eendracht.kernel.briefing.scope import Scope
from eendracht.kernel.clock import FixedClock, today
from eendracht.kernel.instance import Instance
from eendracht.kernel.landscape import build_landscape
from eendracht.kernel.store import load
from eendracht.resilience.advisories.reading import read_advisory
from eendracht.resilience.advisories.recording import keep_advisory
from eendracht.resilience.findings import FINDINGS
from tests.resilience.advisories.documents import change, cvss_3
from tests.resilience.advisories.estate import DRAFTS
from tests.web.nodes import OWNER, draft, fill_node, open_node

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
CRITICAL = cvss_3(vectorString="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", baseScore=9.8, baseSeverity="CRITICAL")


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    with open_node(tmp_path / "node", FixedClock(NOW)) as instance:
        fill_node(instance, [dict(one) for one in DRAFTS])
        yield instance


def find(node: Instance, asker: Principal = OPERATOR) -> dict[str, tuple[str, int]]:
    """Give severity and count of each finding of these parts."""
    landscape = build_landscape(node.store, asker)
    scope = Scope(node.store, asker, today(node.store.clock), landscape)
    found = [finding for check in FINDINGS for finding in check(scope)]
    parts = ("evidence", "incident", "advisory")
    return {item.code: (item.severity, item.count) for item in found if item.code.startswith(parts)}


def test_evidence_that_counts_for_nothing_or_soon_will_is_found(node: Instance) -> None:
    def proof(name: str, **spec: Any) -> dict[str, Any]:
        ref = f"evidence:gm0344/{name}"
        shown = {"organisation": OWNER, "type": "test", "heldFrom": "2026-01-01", "location": "archief", **spec}
        return draft(ref, name, "organisation", satisfies=["bio2/8.13.02"], **shown)

    role = draft("role:gm0344/ciso", "CISO", organisation=OWNER)
    owned = {"responsible": "role:gm0344/ciso"}
    load(
        node.store,
        [
            role,
            proof("goed", expiresOn="2027-01-30", **owned),
            proof("bijna", expiresOn="2027-01-29", **owned),
            proof("voorbij", expiresOn="2026-11-30", **owned),
            proof("wees", expiresOn="2028-01-01"),
        ],
    )
    assert find(node) == {
        "evidence-expired": ("medium", 1),
        "evidence-without-owner": ("medium", 1),
        "evidence-expiring": ("low", 1),
    }
    assert find(node, PUBLIC) == {}


def test_a_report_that_is_late_or_due_soon_is_found(node: Instance) -> None:
    load(
        node.store,
        [
            draft(
                f"cyber-incident:gm0344/{hours}",
                f"Incident {hours}",
                "organisation",
                organisation=OWNER,
                detectedAt=(NOW - timedelta(hours=hours)).isoformat(),
            )
            for hours in (1, 20, 25)
        ],
    )
    assert find(node) == {"incident-report-overdue": ("high", 1), "incident-report-due": ("high", 1)}
    assert find(node, PUBLIC) == {}


def test_an_advisory_that_nobody_handled_is_found_and_more_so_past_its_week(node: Instance) -> None:
    document = change("vulnerabilities/0/scores/0/cvss_v3", CRITICAL)
    keep_advisory(node.store, OPERATOR, read_advisory(json.dumps(document).encode()))
    assert find(node) == {"advisory-unhandled": ("high", 3), "advisory-unknown": ("medium", 2)}
    assert isinstance(node.store.clock, FixedClock)
    node.store.clock.moment = NOW + timedelta(days=7)
    assert "advisory-overdue" not in find(node)
    node.store.clock.moment = NOW + timedelta(days=8)
    assert find(node) == {"advisory-overdue": ("high", 3), "advisory-unknown": ("medium", 2)}
    assert find(node, PUBLIC) == {}
