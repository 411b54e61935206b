"""A database cannot talk itself out of what was signed by claiming another epoch."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from eendracht.bootstrap import create_instance, open_instance
from eendracht.config import Settings
from eendracht.kernel.access import OPERATOR


def test_an_epoch_that_the_log_never_recorded_is_found(tmp_path: Path) -> None:
    settings = Settings(folder=tmp_path / "node")
    with create_instance(settings) as instance:
        instance.store.put(
            {
                "ref": "component:gm0344/x",
                "owner": "organisation:gm0344",
                "source": {"type": "statement", "date": "2026-01-01"},
                "spec": {"name": "X"},
            },
            OPERATOR,
        )
        instance.history.sign()
        assert instance.history.verify().holds
    with sqlite3.connect(settings.database_file) as raw:
        raw.execute("UPDATE log_head SET epoch = 2")
    with open_instance(settings) as instance:
        found = instance.history.verify()
    assert found.broken is not None
    assert "epoch" in found.broken.why
