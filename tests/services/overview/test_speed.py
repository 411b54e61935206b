"""Who used what is known of somebody is found soon, however much of others the journal holds."""

from __future__ import annotations

import time
from pathlib import Path

from eendracht.services.overview.own_file import open_own_file
from eendracht.services.overview.uses import list_uses
from tests.services.overview.persons import fill, open_persons, person

LINES = 100_000
MOST_SECONDS = 0.5
"""Ten times what it takes on two idle cores; without an index it is many times more than that."""


def test_it_is_found_among_many_lines(tmp_path: Path) -> None:
    with open_persons(tmp_path / "node") as instance:
        subject = fill(instance)["parent"]
        mine = [item.id for item in instance.vault.describe(subjects=[subject])]
        line = {"event": "read", "controller": "organisation:gm0344", "asker": "gm0344/balie", "outcome": "permit"}
        for start in range(0, LINES, 10_000):
            others = [{**line, "item": f"{start + n:032x}", "purpose": "other"} for n in range(9_990)]
            own = [{**line, "item": mine[n % len(mine)], "purpose": "application"} for n in range(10)]
            instance.journal.append("vault", others + own)
        own_file = open_own_file(instance, person(subject))
        started = time.perf_counter()
        uses = list_uses(own_file)
        elapsed = time.perf_counter() - started
    readable = {item.item.id for item in own_file.kept}
    wanted = sum(mine[n % len(mine)] in readable for n in range(10)) * 10
    assert sum(use.times for use in uses if use.purpose == "application") == wanted
    assert "other" not in {use.purpose for use in uses}
    assert elapsed < MOST_SECONDS, f"{elapsed:.3f} s"
