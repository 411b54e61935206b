"""The four Excel files of an organisation, as messy as they are, become drafts that are valid."""

from __future__ import annotations

from pathlib import Path

import pytest

from eendracht.kernel.imports import Reading, read_file
from tests.kernel.imports.sources import prepare_row
from tests.office_files import Planted, write_office_files

PROFILES = {
    "applicatielijst": "applications",
    "contractenlijst": "contracts",
    "crediteurenlijst": "creditors",
    "verwerkingsregister": "processing-register",
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    """The files, written once."""
    return write_office_files(tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="module")
def readings(planted: Planted) -> dict[str, Reading]:
    """Each file under its profile."""
    return {name: read_file(planted.files[name], profile) for name, profile in PROFILES.items()}


def test_every_row_is_there_and_valid(readings: dict[str, Reading], planted: Planted) -> None:
    assert {name: len(reading.rows) for name, reading in readings.items()} == {
        "applicatielijst": 400,
        "contractenlijst": 150,
        "crediteurenlijst": 600 - planted.person_creditors,
        "verwerkingsregister": 80,
    }
    for reading in readings.values():
        for row in reading.rows:
            prepare_row(row)
            assert " › rij " in row.place


def test_persons_stay_out(readings: dict[str, Reading], planted: Planted) -> None:
    counts = {(item.column, item.reason): item.count for reading in readings.values() for item in reading.left_out}
    assert counts["Applicatie-eigenaar", "person-name"] == planted.person_owners
    assert counts["Naam crediteur", "person-row"] == planted.person_creditors
    assert counts["IBAN", "iban"] == planted.ibans
    everything = repr(readings)
    for trace in ("Vries", "Jansen", "Yilmaz", "@voorbeeldstad", "06-12", "BANK"):
        assert trace not in everything


def test_few_questions_come_back(readings: dict[str, Reading]) -> None:
    questions = [question for reading in readings.values() for question in reading.questions]
    assert {(question.column, question.setting) for question in questions} == {
        ("Status", "values"),
        ("Opzegtermijn", "unit"),
    }


def test_names_are_read_as_they_were_written(readings: dict[str, Reading], planted: Planted) -> None:
    assert [row.spec["name"] for row in readings["applicatielijst"].rows] == planted.applications
    assert {fault.code for reading in readings.values() for fault in reading.faults} == {"unfit-value"}


def test_the_same_seed_gives_the_same_cells(planted: Planted, tmp_path: Path) -> None:
    again = write_office_files(tmp_path)
    for name, profile in PROFILES.items():
        assert read_file(again.files[name], profile).rows == read_file(planted.files[name], profile).rows
    other = write_office_files(tmp_path, seed=1)
    assert other.applications != planted.applications
