"""A node with a registered town, its grounds, its DPIA and contacts, as if the people were real."""

from __future__ import annotations

import csv
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb

from eendracht.bootstrap import Wiring
from eendracht.kernel.access import OPERATOR, Principal
from eendracht.kernel.credentials import create_principal
from eendracht.kernel.instance import Instance
from eendracht.kernel.jobs import Job, Jobs, run_job
from eendracht.services.proactive.asking import ProactiveAsk
from tests.services.proactive import reference_benefits as truth
from tests.services.proactive.towns import Town
from tests.web.nodes import OWNER, PUBLIC_DRAFTS, draft, fill_node

POPULATION = "population:gm0344/stad"
PURPOSE = "Vinden wie geld laat liggen"
DPIA = "processing-activity:gm0344/proactief"
APPROVER = "role:gm0344/teammanager-inkomen"
TABLES = ("subjects", "uptake")
LAWS = {truth.CHILD: "Algemene Kinderbijslagwet", truth.PENSION: "Algemene Ouderdomswet"}
ASKED = (f"{truth.CHILD}:kinderbijslag_per_kwartaal:shared", f"{truth.PENSION}:aow_pensioen_per_maand:own")


def ground_ref(law: str) -> str:
    """Give the ref of the ground of a law."""
    return f"ground:gm0344/{law.replace('_', '-')}"


def make_node(folder: Path, town: Town, *, dpia: str = "yes", **spec: Any) -> Instance:
    """Make a node with the tables of a town registered; the record does not say that the people are made up."""
    instance = Wiring().create(folder)
    with duckdb.connect() as connection:
        tables = []
        for name in TABLES:
            path = town.folder / f"{name}.parquet"
            columns = [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM '{path}'").fetchall()]
            rows = connection.execute(f"SELECT count(*) FROM '{path}'").fetchall()[0][0]
            digest = sha256(path.read_bytes()).hexdigest()
            table = {
                "name": name,
                "dataset": f"dataset:gm0344/{name}",
                "columns": columns,
                "rows": rows,
                "sha256": digest,
            }
            tables.append(table)
    datasets = [f"dataset:gm0344/{name}" for name in TABLES]
    grounds = [
        draft(
            ground_ref(law),
            f"Grondslag {title}",
            law=title,
            article="1",
            purpose=PURPOSE,
            controller=OWNER,
            sources=datasets,
        )
        for law, title in LAWS.items()
    ]
    population = {"controller": OWNER, "purpose": PURPOSE, "retentionDate": "2099-12-31", "tables": tables, **spec}
    fill_node(
        instance,
        [
            *PUBLIC_DRAFTS,
            *grounds,
            draft(POPULATION, "De stad", **population),
            draft(DPIA, "Proactieve dienstverlening", controller=OWNER, dpia=dpia),
        ],
    )
    _lay_files(instance, town)
    return instance


def _lay_files(instance: Instance, town: Town) -> None:
    folder = instance.settings.populations_folder / instance.store.get(POPULATION, OPERATOR).uid
    folder.mkdir(parents=True, mode=0o700)
    folder.parent.chmod(0o700)
    for name in TABLES:
        shutil.copy(town.folder / f"{name}.parquet", folder)
        (folder / f"{name}.parquet").chmod(0o600)
    contacts = folder / "contacts.csv"
    with contacts.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("key", "scheme", "identifier", "name", "street", "place", "language"))
        for key in town.people["bsn"]:
            language = "en" if key % 10 == 0 else "nl"
            writer.writerow(
                (key, "bsn", f"9{key:08}", f"Bewoner {key}", f"Dorpsstraat {key}", "1234 AB Utrecht", language)
            )
    contacts.chmod(0o600)


def editor(instance: Instance, name: str) -> Principal:
    """Make an editor of the municipality."""
    return create_principal(instance.store, name, [f"editor@{OWNER}"])


def ask_for(town: Town, **more: Any) -> ProactiveAsk:
    """Give what is asked: two laws on their grounds."""
    given: dict[str, Any] = {
        "population": POPULATION,
        "laws": ASKED,
        "on": truth.ON,
        "controller": OWNER,
        "grounds": tuple(ground_ref(law) for law in LAWS),
        "purpose": PURPOSE,
        "dpia": DPIA,
        "approver": APPROVER,
        "threshold": 10_000,
    }
    return ProactiveAsk(**{**given, **more})


def finish(instance: Instance, job: str) -> Job:
    """Run a job to its end and give it."""
    run_job(instance, {kind.name: kind for kind in instance.job_kinds}, job)
    found = Jobs(instance.store).find(job)
    assert found is not None
    return found
