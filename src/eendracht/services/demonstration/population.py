"""A small made-up population of the demonstration's municipality, with its ground, its DPIA and a run over it.

The run is worked out here in the process of the command, as a worker would do it.
"""

from __future__ import annotations

import random
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.instance import Instance
from eendracht.kernel.jobs import run_job
from eendracht.kernel.private import make_private_folder
from eendracht.kit.made_up import made_up, record
from eendracht.services.personas import MUNICIPALITY
from eendracht.services.proactive.asking import ProactiveAsk, ask_proactive_run

PEOPLE: Final = 400
ON: Final = date(2026, 11, 1)
LAW: Final = "algemene_ouderdomswet"
POPULATION: Final = "population:demo/gm0599/stad"
GROUND: Final = "ground:demo/gm0599/aow"
DPIA: Final = "processing-activity:demo/gm0599/proactief"
PURPOSE: Final = "Vinden wie geld laat liggen"


def fill_population(instance: Instance) -> None:
    """Write the tables, record what they are and the rest, and do the run; nothing where that was done."""
    from eendracht.kernel.errors import NotFound

    try:
        instance.store.get(POPULATION, OPERATOR)
        return
    except NotFound:
        pass
    folder = instance.settings.populations_folder / ".demo"
    make_private_folder(folder)
    tables = _write_tables(folder)
    record(instance, _drafts(tables))
    folder.rename(folder.parent / instance.store.get(POPULATION, OPERATOR).uid)
    asked = ProactiveAsk(
        POPULATION,
        (f"{LAW}:aow_pensioen_per_maand:own",),
        ON,
        MUNICIPALITY,
        (GROUND,),
        PURPOSE,
        DPIA,
        "role:demo/gm0599/teammanager-inkomen",
        10_000,
    )
    run_job(instance, {kind.name: kind for kind in instance.job_kinds}, ask_proactive_run(instance, OPERATOR, asked))


def _drafts(tables: list[dict[str, Any]]) -> list[dict[str, Any]]:
    owner = MUNICIPALITY
    datasets = [table["dataset"] for table in tables]
    return [
        *(made_up(ref, owner, f"Verzonnen tabel {ref.rpartition('/')[2]}", controller=owner) for ref in datasets),
        made_up(
            GROUND,
            owner,
            "Grondslag voor de AOW (demonstratie)",
            law="Algemene Ouderdomswet",
            article="7",
            purpose=PURPOSE,
            controller=owner,
            sources=datasets,
        ),
        made_up(
            DPIA,
            owner,
            "Proactieve dienstverlening (demonstratie)",
            controller=owner,
            purposes=[PURPOSE],
            legalGround="public-task",
            dataSubjects=["inwoners (verzonnen)"],
            dpia="yes",
        ),
        made_up(
            POPULATION,
            owner,
            "Verzonnen inwoners van Rotterdam",
            controller=owner,
            purpose=PURPOSE,
            ground=GROUND,
            retentionDate="2099-12-31",
            synthetic=True,
            tables=tables,
        ),
    ]


def _write_tables(folder: Path) -> list[dict[str, Any]]:
    import duckdb

    draw = random.Random(20_261_101)  # noqa: S311 - made-up people
    people = [
        (key, _born(draw), None, None, False, False, False, False, None, 0, *_AMOUNTS, "gm0599")
        for key in range(1, PEOPLE + 1)
    ]
    users = [(key, LAW, None) for key, born, *_ in people if born.year < 1958 and draw.random() < 0.85]
    found = []
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE subjects ({_SUBJECTS})")
        connection.executemany(f"INSERT INTO subjects VALUES ({', '.join('?' * len(people[0]))})", people)
        connection.execute('CREATE TABLE uptake (bsn BIGINT, law VARCHAR, "until" DATE)')
        connection.executemany("INSERT INTO uptake VALUES (?, ?, ?)", users)
        for name, rows in (("subjects", len(people)), ("uptake", len(users))):
            path = folder / f"{name}.parquet"
            path.touch(0o600)
            connection.execute(f"COPY {name} TO '{path}' (FORMAT parquet)")
            columns = [row[0] for row in connection.execute(f"DESCRIBE {name}").fetchall()]
            found.append(
                {
                    "name": name,
                    "dataset": f"dataset:demo/gm0599/{name}",
                    "columns": columns,
                    "rows": rows,
                    "sha256": sha256(path.read_bytes()).hexdigest(),
                }
            )
            path.chmod(0o600)
    return found


def _born(draw: random.Random) -> date:
    return date(draw.randint(1936, 2008), draw.randint(1, 12), draw.randint(1, 28))


_AMOUNTS: Final = (155_000, 106_000)
"""What the Sociale Verzekeringsbank would say for who lives alone and with another, eurocents a month; made up."""
_SUBJECTS: Final = (
    "bsn BIGINT, geboortedatum DATE, partnerschap_type VARCHAR, partner_bsn BIGINT, bezwaar BOOLEAN,"
    " overleden BOOLEAN, geheim_adres BOOLEAN, onder_bewind BOOLEAN, vertegenwoordiger BIGINT,"
    " niet_verzekerde_jaren INTEGER, bruto_pensioen_alleen_volgens_svb INTEGER,"
    " bruto_pensioen_samen_volgens_svb INTEGER, gemeente_code VARCHAR"
)
