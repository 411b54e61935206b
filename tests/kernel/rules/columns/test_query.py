"""The query as an auditor meets it: the same each time, a part for each article on the path, no column too many."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlglot import exp, parse_one

import eendracht
from eendracht.kernel.rules.columns.duck import Run, connect, open_population, prepare_run
from eendracht.kernel.rules.library import Library

DAY = date(2025, 1, 1)
OUTPUTS = ["hoogte_zorgtoeslag", "maandbedrag", "heeft_recht_op_zorgtoeslag"]
LAW = "wet_op_de_zorgtoeslag"
ON_THE_PATH = {
    "algemene_wet_inkomensafhankelijke_regelingen": ["3", "7", "8"],
    "wet_basisregistratie_personen": ["2.7"],
    "wet_inkomstenbelasting_2001": ["2.18", "3.1", "4.12", "5.2", "5.3"],
    "wet_op_de_zorgtoeslag": ["2", "3"],
    "zorgverzekeringswet": ["2"],
}
"""Articles whose outcome differs by person; what is the same for everyone is a literal."""
AMOUNTS = (
    *("spaargeld", "beleggingen", "onroerend_goed", "schulden", "loon_uit_dienstbetrekking"),
    *("uitkeringen_en_pensioenen", "winst_uit_onderneming", "resultaat_overige_werkzaamheden", "eigen_woning"),
    *("reguliere_voordelen", "vervreemdingsvoordelen", "voordeel_uit_sparen_en_beleggen", "buitenlands_inkomen"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a population of two registers, with columns that nobody asks for."""
    path = tmp_path_factory.mktemp("population")
    amounts = ", ".join(f"{at + 1} * i AS {name}" for at, name in enumerate(AMOUNTS))
    duckdb.sql(
        "SELECT i AS bsn, DATE '1995-01-01' + CAST(500 * i AS INTEGER) AS geboortedatum, 'ACTIEF' AS polis_status, "
        "false AS verdragsinschrijving, 'HUWELIJK' AS partnerschap_type, 'secret' AS religion, "
        "CASE WHEN i % 2 = 0 THEN i + 1 END AS partner_bsn FROM range(20) AS t(i)"
    ).write_parquet(str(path / "subjects.parquet"))
    duckdb.sql(
        f"SELECT i AS bsn, {amounts}, CASE WHEN i = 3 THEN 'unknown' END AS spaargeld_status, 'secret' AS health "
        "FROM range(18) AS t(i)"
    ).write_parquet(str(path / "taxes.parquet"))
    return path


@pytest.fixture(scope="module")
def library() -> Library:
    """Give the laws that ship."""
    return Library.load([Path(eendracht.__file__ or "").parent / "rulebook"])


def prepare(connection: duckdb.DuckDBPyConnection, library: Library, folder: Path, outputs: list[str]) -> Run:
    return prepare_run(connection, library, LAW, outputs, DAY, open_population(connection, folder, ["bsn"]))


def scans(connection: duckdb.DuckDBPyConnection, run: Run) -> set[str]:
    """Give the columns that the engine says it reads from files; only the key has the same name in both."""
    plan = json.loads(connection.execute(f"EXPLAIN (FORMAT json) {run.text}").fetchall()[0][1])
    found: set[str] = set()

    def walk(node: dict[str, Any]) -> None:
        if "PARQUET" in node["name"].upper():
            columns = node["extra_info"]["Projections"]
            found.update([columns] if isinstance(columns, str) else columns)
        for child in node["children"]:
            walk(child)

    for node in plan:
        walk(node)
    return found


@pytest.mark.parametrize("outputs", [OUTPUTS, ["voldoet_aan_voorwaarden"], ["normpremie"]])
def test_the_columns_it_names_are_those_that_the_engine_reads(
    library: Library, folder: Path, outputs: list[str]
) -> None:
    """Facts, statuses and keys: not one more, and not one less."""
    with connect() as connection:
        run = prepare(connection, library, folder, outputs)
        assert scans(connection, run) == {name.partition(".")[2] for name in run.columns_read}
        assert not {"subjects.religion", "taxes.health"} & set(run.columns_read)


def test_each_article_on_the_path_has_its_part_with_its_title(library: Library, folder: Path) -> None:
    """One for each frame: the subjects, and their partners."""
    with connect() as connection:
        query = parse_one(prepare(connection, library, folder, OUTPUTS).text, dialect="duckdb")
    names = [part.alias for part in query.find_all(exp.CTE)]
    wanted = {f"{law}_art_{number.replace('.', '_')}" for law, numbers in ON_THE_PATH.items() for number in numbers}
    articles = {re.sub(r"_\d+$", "", name) if name not in wanted else name for name in names if "_art_" in name}
    assert articles == wanted
    assert len(names) == len(set(names))
    for part in query.find_all(exp.CTE):
        if "_art_" in part.alias:
            assert re.match(r".+, artikel [\d.]+", " ".join(part.this.comments or [])), part.alias
    aliases = [item.alias for item in query.find_all(exp.Alias)]
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,62}", alias) for alias in aliases)
    assert {"verzamelinkomen", "normpremie", "leeftijd", "hoogte_zorgtoeslag"} <= set(aliases)


def test_the_same_input_gives_the_same_text(library: Library, folder: Path) -> None:
    """So that two runs can be compared, and a plan kept."""
    texts = set()
    for _ in range(2):
        with connect() as connection:
            texts.add(prepare(connection, library, folder, OUTPUTS).text)
    assert len(texts) == 1
