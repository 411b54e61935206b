"""A full disk and a read-only one, as somebody at the command line meets them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.command import CommandLine
from tests.faults.conftest import Volume, volume  # noqa: F401 - a fixture
from tests.web.nodes import draft


def _write(folder: Path, number: int) -> Path:
    path = folder / f"draft-{number}.json"
    path.write_text(json.dumps(draft(f"component:gm0344/c{number}", "Onderdeel", description="x" * 9_000)))
    return path


def test_a_read_only_disk(volume: Callable[[int], Volume], tmp_path: Path) -> None:  # noqa: F811 - the fixture
    disk = volume(40_000)
    command = CommandLine(disk.path / "node")
    command.run("init")
    disk.set_read_only(True)
    refused = command.run("put", str(_write(tmp_path, 1)), expect=None)
    assert refused.code not in (0, 2)
    assert "may not be written" in refused.err
    assert "Traceback" not in refused.err
    data = json.loads(command.run("put", str(_write(tmp_path, 1)), "--json", expect=refused.code).err)
    assert data["code"] == "storage-failure"
    assert command.read("get", "organisation:gm0344")["ref"] == "organisation:gm0344"
    command.run("ledger", "verify")
    disk.set_read_only(False)
    command.run("put", str(_write(tmp_path, 1)))
    command.run("ledger", "verify")


def test_a_full_disk(volume: Callable[[int], Volume], tmp_path: Path) -> None:  # noqa: F811 - the fixture
    disk = volume(40_000)
    command = CommandLine(disk.path / "node")
    command.run("init")
    disk.fill(40_000)
    refused = next(
        outcome
        for number in range(20)
        if (outcome := command.run("put", str(_write(tmp_path, number)), expect=None)).code
    )
    assert refused.code != 2
    assert "full" in refused.err
    assert "free some space" in refused.err
    assert "Traceback" not in refused.err
    assert command.read("get", "organisation:gm0344")["ref"] == "organisation:gm0344"
    disk.free()
    command.run("put", str(_write(tmp_path, 99)))
    command.run("ledger", "verify")
