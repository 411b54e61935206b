"""Whatever someone does to the database, verification names the entry and never stumbles."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from eendracht.kernel.access import OPERATOR
from tests.kernel.node import draft, open_node

FORGED = "x'00', commitment = x'6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'"


@pytest.mark.parametrize(
    "change",
    [
        "body = replace(body, 'naam-4', 'naam-X')",
        "body = CAST(replace(CAST(body AS TEXT), 'naam-4', 'naam-X') AS BLOB)",
        "body = x'7b'",
        f"body = {FORGED}",
        "body = 7",
        "salt = 'tekst'",
        "salt = x'00'",
        "salt = NULL",
        "body = NULL",
        "commitment = 'tekst'",
        "commitment = x'00'",
        "recorded_at = 'gisteren'",
        "recorded_at = x'00'",
        "recorded_at = '9999-12-31T00:00:00.000000Z'",
        "owner = 'organisation:gm0363'",
        "level = 0",
        "type = 1",
        "type = 2",
        "type = 77",
        "rv = 77",
    ],
)
@pytest.mark.parametrize("is_signed", [True, False])
def test_a_changed_entry_is_named(tmp_path: Path, change: str, is_signed: bool) -> None:
    with open_node(tmp_path / "node") as node:
        for number in range(9):
            node.store.put(draft(f"naam-{number}"), OPERATOR)
        if is_signed:
            node.history.sign()
        with sqlite3.connect(node.settings.database_file) as raw:
            raw.execute(f"UPDATE entry SET {change} WHERE rv = 4")
        found = node.history.verify()
        assert found.broken is not None
        assert found.broken.rv == (5 if "9999" in change and not is_signed else 4)
