"""The catalogue on the command line: taken in, given out, and taken in again without a difference."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.cli.command import CommandLine
from tests.services.exports.shapes import find_violations

CATALOGUE = ("reference", "services", "catalogue")


def test_a_catalogue_goes_in_and_out(tmp_path: Path, shared: Callable[..., Path]) -> None:
    command = CommandLine(tmp_path / "node")
    command.run("init")
    empty = command.run("services", "export")
    assert "PublicService" not in empty.out and "0" in empty.err
    assert "PublicService" not in command.run("services", "export", "--json").json["content"]
    listed = str(shared(*CATALOGUE, "UPL-actueel.csv"))
    planned = command.run("services", "import", listed, "--owner", "gm0344", "--json").json
    assert planned["counts"]["new"] == 449 and planned["recorded"] == 0
    recorded = command.run("services", "import", listed, "--owner", "gm0344", "--public", "--yes", "--json").json
    assert recorded["recorded"] == 449
    for format, file, syntax in (("cpsv-ap", "uit.jsonld", "jsonld"), ("sc", "uit.xml", "turtle")):
        out = str(tmp_path / file)
        options = ("--format", format, "--syntax", syntax, "--organisation", "gm0344", "--out", out, "--json")
        assert command.run("services", "export", *options).json["services"] == 449
        again = command.run("services", "import", out, "--owner", "gm0344", "--json").json
        assert (again["counts"]["unchanged"], again["counts"]["faults"]) == (449, 0)
    public = command.run("--as", "public", "services", "export").out
    assert public.count("a cpsv:PublicService") == 449
    assert find_violations(public.encode(), shared(*CATALOGUE, "cpsv-ap-3.2.0-SHACL.ttl")) == []


def test_what_is_put_wrongly_ends_with_a_hint(tmp_path: Path) -> None:
    command = CommandLine(tmp_path / "node")
    command.run("init")
    for words in (("export", "--format", "csv"), ("export", "--syntax", "n3")):
        assert "→" in command.run("services", *words, expect=2).err
    assert "→" in command.run("services", "import", str(tmp_path / "weg.ttl"), "--owner", "gm0344", expect=1).err
    command.run("services", "export", "--organisation", "gm9999", expect=1)
