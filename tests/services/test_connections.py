"""The file with connections: read whole, for its owner alone, every fault at once, no secret in an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from eendracht.config import Settings
from eendracht.services.connections import ConnectionsUnusable, is_rsin, load_connections
from tests.services.case_nodes import UTRECHT, write_connections
from tests.services.zgw.serving import connection_text

GOOD = connection_text("https://zgw.gm0344.example")


def settings(tmp_path: Path, text: str | None = None) -> Settings:
    if text is not None:
        write_connections(tmp_path, text)
    return Settings(folder=tmp_path)


def test_without_a_file_there_are_no_connections(tmp_path: Path) -> None:
    found = load_connections(settings(tmp_path))
    assert not found.registers and not found.nodes


def test_secrets_may_stand_in_the_environment(tmp_path: Path) -> None:
    text = GOOD.replace('secret = "a-secret-of-the-register-of-the-tests"', 'secret_env = "ZGW_SECRET"')
    text += '[nodes."organisation:gm0363"]\naddress = "https://node.gm0363.example/"\ntoken_env = "TOKEN"\n'
    found = load_connections(settings(tmp_path, text), {"ZGW_SECRET": "s3cret", "TOKEN": "eendracht_x"})
    assert found.registers[UTRECHT].secret == "s3cret"
    assert found.nodes["organisation:gm0363"].address == "https://node.gm0363.example"
    assert "s3cret" not in repr(found) and "eendracht_x" not in repr(found)


def test_a_file_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    kept = settings(tmp_path, GOOD)
    (tmp_path / "cases.toml").chmod(0o640)
    with pytest.raises(ConnectionsUnusable, match="Others"):
        load_connections(kept)


def test_every_fault_is_listed_and_no_secret_is_shown(tmp_path: Path) -> None:
    text = (
        '[registers."gm0344"]\nx = 1\n'
        '[registers."organisation:gm0344"]\nzaken = "ftp://x"\ncatalogi = "http://zgw.example/c"\n'
        'documenten = "https://u:p@zgw.example/d"\nrsin = "123456789"\nsecret = "verborgen-geheim"\nkleur = "rood"\n'
        '[nodes."organisation:gm0363"]\naddress = "https://node.example"\ntoken_env = "NIET_GEZET"\n[rest]\n'
    )
    with pytest.raises(ConnectionsUnusable) as caught:
        load_connections(settings(tmp_path, text), {})
    places = {fault.pointer.removeprefix("cases.toml/") for fault in caught.value.faults}
    register = "registers/organisation:gm0344"
    assert places == {
        "rest",
        "registers/gm0344",
        f"{register}/zaken",
        f"{register}/catalogi",
        f"{register}/documenten",
        f"{register}/rsin",
        f"{register}/client_id",
        f"{register}/kleur",
        "nodes/organisation:gm0363/token",
    }
    assert "verborgen-geheim" not in str(caught.value)


def test_broken_toml_is_said_without_quoting_it(tmp_path: Path) -> None:
    with pytest.raises(ConnectionsUnusable) as caught:
        load_connections(settings(tmp_path, 'secret = "verborgen\n'))
    assert "verborgen" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "holds"), [("002220647", True), ("123456782", True), ("123456789", False), ("", False)]
)
def test_an_rsin_passes_the_eleven_test(text: str, holds: bool) -> None:
    assert is_rsin(text) is holds
