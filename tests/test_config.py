"""Settings: where they come from, which goes first, and that every fault is named at once."""

from __future__ import annotations

import tomllib
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eendracht.config import DEFAULT_FOLDER, FILE_NAME, ConfigurationFault, Settings, load_settings, write_settings


def test_defaults_serve_on_loopback_and_need_nothing(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {}) == Settings(folder=tmp_path)
    assert load_settings(None, {}).folder == DEFAULT_FOLDER
    assert Settings().host == "127.0.0.1" and not Settings().faults()


def test_the_file_gives_way_to_the_environment_and_the_folder_to_the_call(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('port = 9000\nlanguage = "en"\n')
    read = load_settings(None, {"EENDRACHT_FOLDER": str(tmp_path), "EENDRACHT_PORT": "9001", "OTHER": "x"})
    assert (read.folder, read.port, read.language) == (tmp_path, 9001, "en")
    assert load_settings(tmp_path, {"EENDRACHT_FOLDER": "/elsewhere"}).folder == tmp_path


@pytest.mark.parametrize(
    ("text", "environment", "named"),
    [
        ("colour = 1", {}, ["colour", FILE_NAME]),
        ("port = 0", {}, ["port"]),
        ('port = "x"', {}, ["port"]),
        ("port = 80.5", {}, ["port"]),
        ("port = true", {}, ["port"]),
        ("", {"EENDRACHT_PORT": "70000", "EENDRACHT_LANGUAGE": "fr"}, ["port", "language"]),
        ("", {"EENDRACHT_NAME": "https://host/path"}, ["name"]),
        ('database = "mysql://x"', {}, ["database"]),
        ("checkpoint_seconds = 0\nport = -1\nnonsense = 2", {}, ["checkpoint_seconds", "port", "nonsense"]),
        ("port = = 3", {}, [FILE_NAME]),
    ],
)
def test_every_fault_is_named(tmp_path: Path, text: str, environment: dict[str, str], named: list[str]) -> None:
    (tmp_path / FILE_NAME).write_text(text)
    with pytest.raises(ConfigurationFault) as refused:
        load_settings(tmp_path, environment)
    assert all(name in str(refused.value) for name in named)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b'name = "caf\xe9"')
    with pytest.raises(ConfigurationFault, match=FILE_NAME):
        load_settings(tmp_path, {})


NAMES = st.from_regex(r"\A[a-z0-9.]{1,12}(/[a-z0-9_-]{1,8})?\Z")
DATABASES = st.one_of(st.just(""), st.text(st.characters(codec="utf-8"), max_size=20).map("postgresql://{}".format))


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NAMES, DATABASES, st.integers(1, 65_535), st.sampled_from(["nl", "en"]), st.integers(1, 10**6))
def test_what_is_written_is_read_again(
    tmp_path: Path, name: str, database: str, port: int, language: str, seconds: int
) -> None:
    """Whatever stands in it: a password may hold a quote or a backslash."""
    chosen = Settings(tmp_path, name, database, port=port, language=language, checkpoint_seconds=seconds)
    write_settings(chosen)
    assert load_settings(tmp_path, {}) == chosen
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o077 == 0


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    write_settings(replace(Settings(folder=tmp_path), port=9000))
    assert tomllib.loads((tmp_path / FILE_NAME).read_text()) == {"name": Settings().name, "port": 9000}


def test_every_setting_has_a_meaning() -> None:
    assert all(len(item.metadata["meaning"]) > 10 for item in fields(Settings))
