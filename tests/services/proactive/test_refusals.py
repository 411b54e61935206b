"""What a run is refused for, all at once, before anything of anybody is read."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.rules import Library
from eendracht.kernel.rules.grounds import Ground
from eendracht.services.proactive.request import (
    LawAsked,
    ProactiveRefused,
    ProactiveRequest,
    Registers,
    read_law,
    read_laws,
)
from eendracht.services.proactive.running import run_proactive
from tests.services.proactive import reference_benefits as truth
from tests.services.proactive.towns import Town

OWNER = "organisation:gm0344"
PURPOSE = "Vinden wie kinderbijslag laat liggen"
GROUND = Ground("Algemene Kinderbijslagwet", "12", PURPOSE, OWNER, ("subjects", "uptake"))
CHILD = LawAsked(truth.CHILD, "kinderbijslag_per_kwartaal", 4, GROUND, is_shared=True)


@pytest.fixture
def real(town: Town, tmp_path: Path) -> Path:
    """Give the tables of the town without the word that nobody in them exists."""
    folder = tmp_path / "people"
    folder.mkdir()
    for table in ("subjects", "uptake"):
        shutil.copy(town.folder / f"{table}.parquet", folder)
    return folder


@pytest.fixture
def request_of(real: Path, tmp_path: Path) -> ProactiveRequest:
    """Give a run that has all that it needs."""
    return ProactiveRequest(
        (CHILD,),
        truth.ON,
        real,
        tmp_path / "out",
        PURPOSE,
        OWNER,
        "processing-activity:gm0344/proactief",
        "role:gm0344/manager",
    )


def codes(library: Library, request: ProactiveRequest) -> dict[str, str]:
    with pytest.raises(ProactiveRefused) as refused:
        run_proactive(library, request)
    # Nothing was written of anybody.
    assert not [path for path in request.out.rglob("*") if path.is_file()]
    return {fault.pointer: fault.code for fault in refused.value.faults}


def test_with_ground_dpia_and_approver_it_runs(rulebook: Library, request_of: ProactiveRequest) -> None:
    result = run_proactive(rulebook, request_of)

    assert not result.is_synthetic
    assert result.laws[0].found > 0


def test_everything_that_is_missing_is_told_at_once(rulebook: Library, request_of: ProactiveRequest) -> None:
    bare = replace(
        request_of, laws=(replace(CHILD, ground=None),), dpia="", approver="Jan Jansen", purpose="", controller=""
    )

    assert codes(rulebook, bare) == {
        "/dpia": "no-dpia",
        "/approver": "no-approver",
        "/purpose": "missing",
        "/controller": "missing",
        "/laws/algemene_kinderbijslagwet/ground": "no-ground",
    }


def test_a_ground_must_fit_in_law_purpose_controller_day_and_sources(
    rulebook: Library, request_of: ProactiveRequest
) -> None:
    other = replace(
        GROUND,
        law="Algemene Ouderdomswet",
        purpose="Iets anders",
        controller="organisation:gm0363",
        sources=("subjects",),
    )
    found = codes(rulebook, replace(request_of, laws=(replace(CHILD, ground=other),)))

    assert found == {
        "/laws/algemene_kinderbijslagwet/law": "other-law",
        "/laws/algemene_kinderbijslagwet/purpose": "other-purpose",
        "/laws/algemene_kinderbijslagwet/controller": "other-controller",
        # Who uses it already is data about people too.
        "/laws/algemene_kinderbijslagwet/sources/uptake": "source-not-opened",
    }


def test_laws_and_outputs_that_are_not_there_are_told(rulebook: Library, request_of: ProactiveRequest) -> None:
    laws = (replace(CHILD, law="geen_wet"), replace(CHILD, output="niets"), LawAsked(truth.CHILD, "niets", 1, GROUND))
    found = codes(rulebook, replace(request_of, laws=laws, threshold=-1))

    assert found["/laws/0"] == "no-such-rule"
    assert found["/laws/1"] == "no-such-output"
    assert found["/laws/2"] in ("duplicate-name", "no-such-output")
    assert found["/threshold"] == "out-of-range"


def test_columns_that_are_missing_or_mistyped_are_told(rulebook: Library, request_of: ProactiveRequest) -> None:
    registers = Registers(deceased="dood", guarded="kale_huur", uptake_until="tot", born="")
    found = codes(rulebook, replace(request_of, registers=registers, estimates=("winst_dit_jaar",)))

    assert found == {
        "/population/subjects/dood": "missing-column",
        "/population/subjects/onder_bewind": "missing-column",
        "/population/subjects/kale_huur": "mistyped-column",
        "/population/subjects": "missing-column",
        "/population/uptake/tot": "missing-column",
        "/population/winst_dit_jaar": "missing-column",
    } or found == {
        "/population/subjects/dood": "missing-column",
        "/population/subjects/kale_huur": "mistyped-column",
        "/population/subjects": "missing-column",
        "/population/uptake/tot": "missing-column",
        "/population/winst_dit_jaar": "missing-column",
    }


def test_columns_that_the_law_asks_are_told(rulebook: Library, request_of: ProactiveRequest, real: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT * EXCLUDE (aantal_kinderen_tot_6_jaar) FROM '{real}/subjects.parquet')"
            f" TO '{real}/new.parquet'"
        )
    (real / "new.parquet").replace(real / "subjects.parquet")
    found = codes(rulebook, request_of)

    assert found == {"/laws/algemene_kinderbijslagwet/aantal_kinderen_tot_6_jaar": "missing-column"}


def test_a_population_without_uptake_is_refused(rulebook: Library, request_of: ProactiveRequest, real: Path) -> None:
    (real / "uptake.parquet").unlink()

    assert codes(rulebook, request_of) == {"/population/uptake": "missing-table"}


def test_uptake_of_who_is_not_in_the_population_is_refused(
    rulebook: Library, request_of: ProactiveRequest, real: Path
) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT 900000001::BIGINT AS bsn, '{truth.CHILD}' AS law, NULL::DATE AS until)"
            f" TO '{real}/uptake.parquet'"
        )

    assert codes(rulebook, request_of) == {"/population/uptake": "not-in-population"}


def test_a_folder_without_tables_is_refused(rulebook: Library, request_of: ProactiveRequest, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    assert codes(rulebook, replace(request_of, population=tmp_path / "empty")) == {"/population": "no-population"}


def test_objections_on_the_list_are_respected_for_their_law_and_for_all(
    rulebook: Library, town: Town, request_of: ProactiveRequest
) -> None:
    units = town.unused(truth.CHILD)
    alone = [next(iter(unit)) for unit in units if len(unit) == 1][:4]
    stops = ((str(alone[0]), ""), (str(alone[1]), truth.CHILD), (str(alone[2]), truth.CARE), ("no-key", ""))
    result = run_proactive(rulebook, replace(request_of, stops=stops))
    with duckdb.connect() as connection:
        path = request_of.out / "outcomes.parquet"
        said = dict(connection.execute(f"SELECT key, \"{truth.CHILD}\" FROM '{path}'").fetchall())

    assert [said[key] for key in alone] == ["objection", "objection", "sure", "sure"]
    assert result.laws[0].people == len(town.people["bsn"])


@pytest.mark.parametrize("text", ["", "wet", "wet:", ":uit", "wet:uit:0", "wet:uit:soms", "wet:uit:400", "een wet:uit"])
def test_a_law_that_is_not_well_written_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_law(text)


def test_laws_are_read_with_how_often_they_pay_and_for_whom() -> None:
    assert read_law("a:b_per_maand") == LawAsked("a", "b_per_maand", 12)
    assert read_law("a:b_per_kwartaal:own") == LawAsked("a", "b_per_kwartaal", 4, None, is_shared=False)
    assert read_law("a:b:13:shared") == LawAsked("a", "b", 13, None, is_shared=True)
    with pytest.raises(InvalidInput) as refused:
        read_laws(["x", "a:b", "y"])
    assert len(refused.value.faults) == 2
