"""Random laws of the service-based format over random populations, row by row as the cases say."""

from __future__ import annotations

import random
import tempfile
from datetime import date
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from eendracht.kernel.rules.columns import duck
from eendracht.kernel.rules.facts import Register
from tests.kernel.rules.columns.lax_comparing import Tally, World, compare_law
from tests.kernel.rules.columns.lax_populations import write_table
from tests.kernel.rules.columns.lax_random_laws import TYPES, random_library, random_rows

ON = date(2025, 3, 1)
ALLOWED = {
    *("extreme-of-mixed", "operands-in-list", "list-as-text", "output-of-two-types", "nested-list"),
    *("integer-beside-double", "integer-in-quotient", "wider-than-64-bits"),
}
"""What a random law may be refused for."""


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**9))
def test_random_laws(seed: int) -> None:
    chance = random.Random(seed)
    library = random_library(chance)
    people = [f"{number:09}" for number in range(8)]
    rows = random_rows(chance, people)
    tally = Tally()
    with tempfile.TemporaryDirectory() as name, duck.working(threads=1) as connection:
        folder = Path(name)
        for table, types in TYPES.items():
            write_table(connection, folder / f"svb.{table}.parquet", types, rows[table])
        subjects = [{"BSN": person} for person in (*people, "999999999")]
        write_table(connection, folder / "subjects.parquet", {"BSN": "VARCHAR"}, subjects)
        registers = tuple(Register(table, "bsn", rows[table], "SVB", is_exact=False) for table in rows)
        law = library.select("eerste", ON, {}, "SVB").regulation
        compare_law(connection, library, law, ON, World(folder, "BSN", subjects, registers), tally)
    assert {reason.partition(":")[0] for reason in tally.refused.values()} <= ALLOWED
