"""What the tests of proactive service share: a town, and one run over it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from eendracht.kernel.rules import Library
from eendracht.rulebook import rulebook_folder
from eendracht.services.proactive.results import ProactiveResult
from eendracht.services.proactive.running import RANKING, run_proactive
from tests.services.proactive.towns import Town, make_town, request_for

PEOPLE = 5_000


@dataclass(frozen=True)
class Ran:
    """A run: its counts, where its files lie, and the list."""

    result: ProactiveResult
    out: Path

    def lines(self, law: str) -> dict[int, dict[str, object]]:
        """Give the lines of a law by key."""
        with duckdb.connect() as connection:
            found = connection.execute(f"SELECT * FROM '{self.out / RANKING}' WHERE law = ?", [law])
            names = [column[0] for column in found.description]
            return {row[1]: dict(zip(names, row, strict=True)) for row in found.fetchall()}


@pytest.fixture(scope="session")
def rulebook() -> Library:
    """Give the rulebook, read and checked."""
    return Library.load([rulebook_folder()])


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Give a town of five thousand."""
    return make_town(tmp_path_factory.mktemp("town") / "people", PEOPLE)


@pytest.fixture(scope="session")
def ran(rulebook: Library, town: Town, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Run five laws over the town, once for all tests."""
    out = tmp_path_factory.mktemp("run") / "out"
    return Ran(run_proactive(rulebook, request_for(town, out)), out)
