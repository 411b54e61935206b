"""Exercises on the command line, from the ready scenario to the report and what was learned."""

from __future__ import annotations

import io
from pathlib import Path

from pypdf import PdfReader

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.records import prepare
from tests.cli.command import CommandLine
from tests.resilience.exercises.practice import DRAFTS, SCENARIO
from tests.web.nodes import open_node


def test_from_the_ready_exercise_to_what_was_learned(tmp_path: Path) -> None:
    official = {"type": "reference", "date": "2026-01-01", "system": "register", "place": "rij 1"}
    drafts = [item | {"source": official} if item["ref"].startswith("organisation:") else item for item in DRAFTS]
    with open_node(tmp_path / "node") as instance:
        instance.store.append([prepare(item, instance.store.registry) for item in drafts], OPERATOR)
    command = CommandLine(tmp_path / "node")
    shown = command.run("exercise", "run", "--ready", "--show").out
    file = tmp_path / "scenario.yaml"
    file.write_text(shown, "utf-8")
    made = command.run("exercise", "run", str(file), "--speed", "3600", "--here", "--json").json
    (listed,) = command.run("exercise", "list", "--json").json
    assert (listed["id"], listed["state"]) == (made["id"], "finished")
    assert command.run("get", listed["record"], "--json").json["spec"]["status"] == "finished"
    pdf = tmp_path / "report.pdf"
    command.run("exercise", "report", made["id"], "--pdf", str(pdf))
    pages = PdfReader(io.BytesIO(pdf.read_bytes())).pages
    assert made["name"] in " ".join("".join(page.extract_text() for page in pages).split())
    report = command.run("exercise", "report", made["id"], "--json").json
    # Nobody played, so nothing can be said of anybody.
    # The organisations exist, and what is simulated of them is made up.
    assert report["synthetic"] is True
    assert "verzonnen" in command.run("exercise", "report", made["id"]).out
    assert report["phase"] == "finished" and {score["possible"] for score in report["scores"]} == {0}
    assert command.run("exercise", "lessons", made["id"], "--json").json == []
    assert command.run("exercise", "lessons", "--json").json == []
    assert "is finished" in command.run("exercise", "stop", made["id"], expect=1).err
    assert "→" in command.run("exercise", "jump", made["id"], "straks", expect=2).err
    assert "→" in command.run("--as", "public", "exercise", "report", made["id"], expect=1).err
    assert command.run("--as", "public", "exercise", "list", "--json").json == []


def test_every_fault_of_a_scenario_is_told_with_its_line_and_nothing_is_made(tmp_path: Path) -> None:
    with open_node(tmp_path / "node") as instance:
        instance.store.append([prepare(item, instance.store.registry) for item in DRAFTS], OPERATOR)
    command = CommandLine(tmp_path / "node")
    file = tmp_path / "fout.yaml"
    wrong = SCENARIO.replace('at: "0:05"', 'at: "9:00"').replace("objective: samen", "objective: weg", 1)
    member = "- ref: organisation:gm0363"
    file.write_text(wrong.replace(member, member + "\n    eMail: wie@elders.nl"), "utf-8")
    told = command.run("exercise", "run", str(file), expect=1).err
    for said in ("after the end of the exercise", "no objective 'weg'", "not on the list of who may get"):
        assert said in told, told
    line = file.read_text("utf-8").splitlines().index('    at: "9:00"') + 1
    assert f"fout.yaml:{line} › /injects/0/at" in told
    assert command.run("exercise", "list", "--json").json == []
