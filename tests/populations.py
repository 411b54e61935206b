"""A registered population of made-up people, for tests of kernel and web."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.instance import Instance
from tests.web.nodes import OWNER, draft

POPULATION = "population:gm0344/proef"
GROUND = "ground:gm0344/proef"
DATASET = "dataset:gm0344/proef"
LAW = "wet_op_de_proeftoeslag"
ROWS = 400


def write_table(path: Path, rows: int = ROWS) -> None:
    """Write people: every fourth is a minor, incomes rise by 100 euro, three have no income that is known."""
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT CAST(i AS VARCHAR) AS bsn, CAST(CASE WHEN i % 4 = 0 THEN 12 ELSE 40 END AS BIGINT)"
            " AS leeftijd,"
            " false AS heeft_partner, CAST(NULL AS VARCHAR) AS partner_bsn,"
            " CAST(CASE WHEN i < 3 THEN NULL ELSE i * 10000 END AS BIGINT) AS loon, CAST(0 AS BIGINT) AS winst,"
            " CASE WHEN i % 2 = 0 THEN 'GM0344' ELSE 'GM0363' END AS gemeente_code,"
            " CASE WHEN i < 200 THEN 'noord' ELSE 'zuid' END AS wijk"
            f" FROM range({rows}) AS t(i)) TO '{path}' (FORMAT parquet)"
        )
    path.chmod(0o600)


def population_draft(digest: str, **spec: Any) -> dict[str, Any]:
    """Give the record of the population."""
    columns = ["bsn", "leeftijd", "heeft_partner", "partner_bsn", "loon", "winst", "gemeente_code", "wijk"]
    table = {"name": "subjects", "dataset": DATASET, "columns": columns, "rows": ROWS, "sha256": digest}
    given = {
        "controller": OWNER,
        "purpose": "Uitproberen",
        "ground": GROUND,
        "retentionDate": "2027-06-30",
        "synthetic": True,
        "tables": [table],
    }
    return draft(POPULATION, "Verzonnen inwoners", **{**given, **spec})


def ground_draft(**spec: Any) -> dict[str, Any]:
    """Give the ground that opens it for trying out."""
    given = {
        "law": LAW,
        "article": "1",
        "purpose": "Uitproberen",
        "controller": OWNER,
        "sources": [DATASET],
    }
    return draft(GROUND, "Grondslag voor de proef", **{**given, **spec})


def lay_files(instance: Instance, table: Path) -> Path:
    """Put the table in the folder of the population, and give that folder."""
    folder = files_of(instance)
    folder.mkdir(parents=True, mode=0o700)
    folder.parent.chmod(0o700)
    table.rename(folder / "subjects.parquet")
    return folder


def files_of(instance: Instance) -> Path:
    """Give the folder of the population."""
    return instance.settings.populations_folder / instance.store.get(POPULATION, OPERATOR).uid


def digest_of(path: Path) -> str:
    """Give the SHA-256 of a file."""
    return sha256(path.read_bytes()).hexdigest()
