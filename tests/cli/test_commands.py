"""Every command on a small node: what it prints for people and for programs, and how it ends."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer

from eendracht.cli.app import app
from tests.cli.command import _MAIN, CommandLine

ZAAK = "application:gm0344/zaaksysteem"
SECRET = "platform:gm0344/kluis"


def draft(ref: str, level: str = "public", **spec: object) -> str:
    """Give a draft as a person would type it."""
    return json.dumps(
        {
            "ref": ref,
            "owner": "organisation:gm0344",
            "confidentiality": {"level": level},
            "source": {"type": "statement", "date": "2026-01-01"},
            "spec": {"name": ref.rpartition("/")[2].title()} | spec,
        }
    )


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """Give a node with a supplier, a critical application in two versions, and a hidden platform."""
    line = CommandLine(tmp_path_factory.mktemp("commands") / "node")
    made = line.run("init", "--name", "gm0344.example/node")
    assert "public bodies" in made.out and "gm0344.example/node+" in made.out
    for text in (
        draft("supplier:gm0344/centric", kvk="12345678"),
        draft(SECRET, "restricted"),
        draft(ZAAK, hosting="on-premises"),
        draft(ZAAK, hosting="saas", suppliedBy="supplier:gm0344/centric", criticality="critical", requires=[SECRET]),
    ):
        line.run("put", "-", typed=text)
    return line


# -- making a node ----------------------------------------------------------------------------------------------------


def test_init_says_what_it_made_and_refuses_a_second_time(tmp_path: Path) -> None:
    line = CommandLine(tmp_path / "node")
    made = line.read("init")
    assert made["bodies"] > 1_000 and made["verifierKey"].startswith("localhost/eendracht+")
    again = line.run("init", expect=1)
    assert again.out == "" and again.err.startswith("This place is taken") and "→" in again.err
    assert (line.folder / "keys" / "log.key").stat().st_mode & 0o077 == 0


def test_a_folder_without_a_node_says_how_to_make_one(tmp_path: Path) -> None:
    for words in (["get", ZAAK], ["briefing"], ["ledger", "verify"], ["find"]):
        missed = CommandLine(tmp_path / "nothing").run(*words, expect=1)
        assert "There is no node" in missed.err and "eendracht init" in missed.err and missed.out == ""
    assert not (tmp_path / "nothing").exists()


def test_wrong_settings_are_all_named(tmp_path: Path) -> None:
    (tmp_path / "node.toml").write_text('port = 99999\nlanguage = "fr"\nnonsense = 1\n')
    wrong = CommandLine(tmp_path).run("init", expect=2)
    assert all(name in wrong.err for name in ("port", "language", "nonsense", "node.toml"))


# -- records ----------------------------------------------------------------------------------------------------------


def test_get(node: CommandLine) -> None:
    shown = node.run("get", ZAAK).out
    assert "Zaaksysteem  (application:gm0344/zaaksysteem)" in shown and "hosting: saas" in shown
    record = node.read("get", ZAAK)
    assert (record["generation"], record["spec"]["criticality"]) == (2, "critical")
    assert node.read("get", record["uid"])["rv"] == record["rv"]
    earlier = node.read("get", ZAAK, "--known-at", str(record["rv"]))
    assert (earlier["generation"], earlier["spec"]["hosting"]) == (1, "on-premises")
    assert node.read("get", ZAAK, "--as-of", "2020-01-01")["generation"] == 2


def test_find(node: CommandLine) -> None:
    assert ZAAK in node.run("find", "zaaksysteem").out
    found = node.read("find", "--kind", "application")
    assert [record["ref"] for record in found["records"]] == [ZAAK] and found["facets"]["total"] == 1
    assert node.read("find", "zaakssyteem")["corrected"] == "zaaksysteem"
    assert "Nothing found" in node.run("find", "qqqqqqqqq").out
    first = node.read("find", "--kind", "organisation", "--limit", "2")
    after = node.read("find", "--kind", "organisation", "--limit", "2", "--after", first["after"])
    refs = [record["ref"] for page in (first, after) for record in page["records"]]
    assert len(refs) == 4 and refs == sorted(set(refs))


def test_put_names_every_fault_with_its_place(node: CommandLine, tmp_path: Path) -> None:
    wrong = node.run("put", "-", typed=draft("application:gm0344/x", hosting="moon", users=-1, colour="red"), expect=1)
    assert wrong.out == ""
    for pointer in ("/spec/hosting", "/spec/users", "/spec/colour"):
        assert f"  {pointer}: " in wrong.err
    file = tmp_path / "draft.json"
    file.write_text(draft("component:gm0344/file"))
    assert node.read("put", str(file))["generation"] == 1
    stale = node.run("put", str(file), "--expect", "0", expect=1)
    assert "changed in the meantime" in stale.err
    for text in ("", "[1]", "{", "[" * 100_000):
        assert node.run("put", "-", typed=text, expect=1).err.strip()
    missing = node.run("put", str(tmp_path / "none.json"), expect=1)
    assert "No such file" in missing.err and "Traceback" not in missing.err


def test_history_and_diff(node: CommandLine) -> None:
    assert [version["generation"] for version in node.read("history", ZAAK)] == [2, 1]
    assert node.run("history", ZAAK).out.count("Zaaksysteem") == 2
    changes = {change["pointer"]: (change["before"], change["after"]) for change in node.read("diff", ZAAK)}
    assert changes["/spec/hosting"] == ("on-premises", "saas")
    assert changes["/spec/requires"] == (None, [SECRET])
    assert "saas" in node.run("diff", ZAAK).out
    assert "There are: 1, 2" in node.run("diff", ZAAK, "--from", "7", expect=1).err
    assert "Nothing changed" in node.run("diff", "supplier:gm0344/centric").out


# -- who asks ---------------------------------------------------------------------------------------------------------


def test_what_is_hidden_looks_absent_to_the_public(node: CommandLine) -> None:
    assert node.read("get", SECRET)["confidentiality"]["level"] == "restricted"
    hidden = node.run("--as", "public", "get", SECRET, expect=1)
    absent = node.run("--as", "public", "get", "platform:gm0344/niets", expect=1)
    assert hidden.err.replace(SECRET, "X") == absent.err.replace("platform:gm0344/niets", "X")
    for words in (["find", "kluis"], ["find", "--kind", "platform"], ["briefing"], ["estate", "suppliers"]):
        assert '"name": "Kluis"' not in node.run("--as", "public", *words, "--json").out
    assert node.run("--as", "public", "estate", "impact", SECRET, expect=1).out == ""
    assert node.read("--as", "public", "reconcile") == []


def test_who_may_not_write_is_denied(node: CommandLine) -> None:
    denied = node.run("--as", "public", "put", "-", typed=draft("component:gm0344/y"), expect=3)
    assert denied.out == "" and denied.err.startswith("You may not do this") and "→" in denied.err
    assert node.run("--as", "public", "get", "component:gm0344/y", expect=1).code == 1
    unknown = node.run("--as", "niemand", "get", ZAAK, expect=1)
    assert "niemand" in unknown.err and unknown.out == ""


def test_an_editor_works_for_its_own_organisation_only(tmp_path: Path) -> None:
    """Two organisations on one node deliver the same creditor; neither stops, matches or shows the other."""
    line = CommandLine(tmp_path / "node")
    line.run("init")
    file = tmp_path / "crediteuren.csv"
    file.write_text("Nummer;Crediteurnaam;KvK;Jaarbedrag\n1;Centric B.V.;12345678;1000,00\n", "utf-8")
    words = ("import", str(file), "--profile", "creditors", "--yes")
    for number in ("0114", "0228"):
        line.run("access", "grant", f"inkoop-{number}", f"editor@organisation:gm{number}")
        line.run("access", "grant", f"lezer-{number}", f"reader@organisation:gm{number}")
    assert line.run("--as", "lezer-0114", *words, "--owner", "gm0114", expect=3).out.count("Vastgelegd") == 0
    assert "nothing" not in line.run("--as", "inkoop-0228", *words, "--owner", "gm0114", expect=3).err
    for number in ("0114", "0228"):
        made = line.read("--as", f"inkoop-{number}", *words, "--owner", f"gm{number}")
        assert [(step["action"], step["ref"]) for step in made["steps"]] == [("new", f"supplier:gm{number}/centric")]
        told = line.read("--as", f"inkoop-{number}", "briefing")
        (found,) = [item for item in told["findings"] if item["code"] == "creditor-not-in-estate"]
        assert [row["ref"] for row in found["evidence"]] == [f"supplier:gm{number}/centric"]
        assert told["byKind"]["supplier"] == 1
    assert line.read("estate", "suppliers")["suppliers"][0]["ref"] == "supplier:gm0114/centric"
    assert len(line.read("estate", "suppliers")["suppliers"]) == 1, "one number is one party for whoever sees both"


# -- the ledger -------------------------------------------------------------------------------------------------------


def test_ledger_commands(node: CommandLine, tmp_path: Path) -> None:
    note = node.run("ledger", "checkpoint").out.splitlines()
    assert note[0] == "gm0344.example/node/1" and note[1].isdigit() and note[-1].startswith("— gm0344.example/node")
    verdict = node.read("ledger", "verify")
    assert verdict["holds"] is True and verdict["signed"] == verdict["entries"] == int(note[1])
    assert "The history holds" in node.run("ledger", "verify").out
    assert node.read("ledger", "checkpoint")["size"] == int(note[1])
    proof = tmp_path / "proof.json"
    node.run("ledger", "proof", ZAAK, "--out", str(proof))
    assert json.loads(proof.read_text()) == node.read("ledger", "proof", ZAAK)
    grown = node.read("ledger", "proof", str(verdict["entries"]), "--since", "100")
    assert grown["size1"] == 100 and grown["size2"] == verdict["entries"]


def test_a_proof_is_judged_without_a_node(node: CommandLine, tmp_path: Path) -> None:
    """Exit 0 right, 1 well formed but wrong, 2 unreadable; the right one is checked here by hand first."""
    document = node.read("ledger", "proof", ZAAK)
    assert _root_of(document) == base64.b64decode(document["root"])
    elsewhere = CommandLine(tmp_path / "nothing")
    text = json.dumps(document)
    right = elsewhere.run("ledger", "check-proof", "-", typed=text)
    assert "right" in right.out
    document["leafIdx"] -= 1
    wrong = elsewhere.run("ledger", "check-proof", "-", typed=json.dumps(document), expect=1)
    assert "WRONG" in wrong.out
    for typed in ("", "{}", "not json", text[:-20]):
        unreadable = elsewhere.run("ledger", "check-proof", "-", "--json", typed=typed, expect=2)
        assert unreadable.err
    assert elsewhere.run("ledger", "check-proof", str(tmp_path / "none"), expect=2).err
    file = tmp_path / "proof.json"
    file.write_text(text)
    assert elsewhere.read("ledger", "check-proof", str(file))["right"] is True


def _root_of(proof: dict[str, object]) -> bytes:
    """Walk an inclusion proof as RFC 9162 section 2.1.3.2 tells."""
    index, size = int(str(proof["leafIdx"])), int(str(proof["treeSize"]))
    node = base64.b64decode(str(proof["leafHash"]))
    fn, sn = index, size - 1
    steps = proof["proof"]
    assert isinstance(steps, list)
    for step in map(base64.b64decode, steps):
        assert sn
        if fn & 1 or fn == sn:
            node = hashlib.sha256(b"\1" + step + node).digest()
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            node = hashlib.sha256(b"\1" + node + step).digest()
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0
    return node


def test_a_broken_history_ends_with_exit_1(tmp_path: Path) -> None:
    line = CommandLine(tmp_path / "node")
    line.run("init")
    with sqlite3.connect(line.folder / "eendracht.db") as connection:
        place = connection.execute("SELECT rv FROM record WHERE ref = 'organisation:gm0114'").fetchone()[0]
        (body,) = connection.execute("SELECT body FROM entry WHERE rv = ?", (place,)).fetchone()
        changed = bytes(body).replace(b"Emmen", b"Ommen")
        assert connection.execute("UPDATE entry SET body = ? WHERE rv = ?", (changed, place)).rowcount == 1
    broken = line.run("ledger", "verify", expect=1)
    assert f"BROKEN at entry {place}:" in broken.out
    assert line.run("ledger", "verify", "--json", expect=1).json["broken"]["rv"] == place


# -- the estate -------------------------------------------------------------------------------------------------------


def test_estate_commands(node: CommandLine) -> None:
    found = node.read("estate", "impact", "supplier:gm0344/centric")
    assert [failure["ref"] for failure in found["failures"]] == [ZAAK] and found["failures"][0]["critical"]
    shown = node.run("estate", "impact", SECRET).out
    assert ZAAK in shown and "Waarom\n" in shown
    ranking = node.read("estate", "suppliers")["suppliers"]
    assert ranking[0]["ref"] == "supplier:gm0344/centric" and ranking[0]["failed_critical"] == 1
    assert "supplier:gm0344/centric" in node.run("estate", "suppliers").out
    missed = node.run("estate", "impact", "application:gm0344/nergens", expect=1)
    assert "no part of the estate" in missed.err


def test_briefing(node: CommandLine) -> None:
    shown = node.run("briefing").out
    assert shown.startswith("Stand van zaken op 20") and "De zes prioriteiten" in shown
    assert max(len(line) for line in shown.splitlines()) <= 100
    told = node.read("briefing")
    assert {"findings", "questions", "ledger", "concentration", "priorities"} <= told.keys()
    assert "supplier-stops-critical" in {finding["code"] for finding in told["findings"]}


def test_import_and_reconcile(node: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "applicaties.csv"
    file.write_text("Nr;Applicatie;Leverancier\n1;Zaaksystem;Centric B.V.\n2;Rooster;Centric\n", "utf-8")
    words = ("import", str(file), "--owner", "gm0344", "--profile", "applications")
    shown = node.run(*words)
    assert "2 nieuw" in shown.out and "Er is niets vastgelegd" in shown.out
    assert node.read(*words)["recorded"] == 0
    assert node.run(*words, "--yes").out.rstrip().endswith("Vastgelegd: 2 versies, in één transactie.")
    assert node.read("get", "application:gm0344/rooster")["spec"]["suppliedBy"] == "supplier:gm0344/centric"
    assert "Er was niets nieuws vast te leggen" in node.run(*words, "--yes").out
    (asked,) = [review for review in node.read("reconcile") if review["code"] == "same-as"]
    assert {asked["name"], asked["otherName"]} == {"Zaaksystem", "Zaaksysteem"}
    assert "Zaaksystem" in node.run("reconcile").out
    wrong = node.run("reconcile", "--answer", f"{asked['number']}=misschien", expect=2)
    assert "Answer same or different" in wrong.err
    assert node.read("reconcile", "--answer", f"{asked['number']}=different") == []
    assert "Er wacht niets" in node.run("reconcile").out
    assert "--owner" in node.run("import", str(file), "--profile", "applications", expect=2).err
    assert node.run("import", str(file), "--owner", "gm9999", "--profile", "applications", expect=1).err
    assert "profile" in node.run("import", str(file), "--owner", "gm0344", "--profile", "x", expect=2).err.lower()
    assert node.run("import", str(tmp_path / "none.csv"), "--owner", "gm0344", expect=1).err.count("none.csv") == 1


# -- demo, bench, serve -----------------------------------------------------------------------------------------------


def test_the_small_demo_ends_in_a_briefing_and_is_made_once(tmp_path: Path) -> None:
    line = CommandLine(tmp_path / "node")
    shown = line.run("demo", "--size", "small", "--no-serve", "--planted", str(tmp_path / "planted.json")).out
    assert "SYNTHETISCH" in shown and "De zes prioriteiten" in shown
    assert json.loads((tmp_path / "planted.json").read_text())
    told = line.read("demo", "--no-serve")
    assert told["synthetic"] > 1_000
    synthetic = line.run("get", line.read("find", "--source", "synthetic")["records"][0]["ref"]).out
    assert "SYNTHETIC" in synthetic


def test_the_demo_keeps_away_from_records_of_your_own(node: CommandLine) -> None:
    refused = node.run("demo", "--no-serve", expect=1)
    assert "records of your own" in refused.err and "--folder" in refused.err
    assert node.read("briefing")["synthetic"] == 0


def test_bench(tmp_path: Path) -> None:
    figures = {figure["name"]: figure for figure in CommandLine(tmp_path).read("bench", "--records", "100")}
    assert figures["get by ref"]["n"] == 100 and all(figure["value"] > 0 for figure in figures.values())
    assert not list(tmp_path.iterdir())
    assert "records/s" in CommandLine(tmp_path).run("bench", "--records", "20").out


# -- the frame --------------------------------------------------------------------------------------------------------


def _commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if hasattr(command, "commands"):
        for name, inner in command.commands.items():
            yield from _commands(inner, (*path, name))
    else:
        yield path, command


COMMANDS = dict(_commands(typer.main.get_command(app)))
GROUPS = {path[:-1] for path in COMMANDS if len(path) > 1} | {("services",), ("resilience",), ("exercise",)}


def test_the_commands_are_those_that_were_promised() -> None:
    promised = {
        *("init", "serve", "demo", "bench", "get", "find", "put", "history", "diff", "import", "reconcile"),
        *("ledger verify", "ledger checkpoint", "ledger proof", "ledger check-proof"),
        *("estate impact", "estate suppliers", "briefing", "destroy", "backup", "restore"),
    }
    assert {tuple(name.split()) for name in promised} <= COMMANDS.keys()


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_takes_json_and_explains_itself(path: tuple[str, ...]) -> None:
    command = COMMANDS[path]
    options = {option for parameter in command.params for option in parameter.opts}
    assert "--json" in options
    for parameter in command.params:
        assert getattr(parameter, "help", ""), f"{' '.join(path)}: {parameter.opts} has no help"


@pytest.mark.parametrize("group", [(), *sorted(GROUPS)], ids=" ".join)
def test_no_line_is_cut_off_in_a_list_of_commands(group: tuple[str, ...]) -> None:
    listed = CommandLine(Path("/nonexistent")).run(*group, "--help").out.partition("Commands:")[2].split("\n")[1:]
    lines = [line.strip() for line in listed if line]
    assert lines
    assert not [line for line in lines if line.endswith("...") or "  " not in line]


def test_help_needs_no_node_and_names_the_command() -> None:
    shown = CommandLine(Path("/nonexistent")).run("--help").out
    assert "eendracht [OPTIONS] COMMAND" in shown and "briefing" in shown and "..." not in shown.split("Commands:")[1]


@pytest.mark.parametrize("words", [["gett"], ["get"], ["find", "--limit", "none"], ["--nonsense"], ["ledger", "x"]])
def test_a_command_put_wrongly_ends_with_exit_2(words: list[str], node: CommandLine) -> None:
    wrong = node.run(*words, expect=2)
    assert wrong.out == "" and "Usage" in wrong.err and "Traceback" not in wrong.err


def test_a_reader_that_stops_reading_is_no_error(node: CommandLine) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    words = [sys.executable, "-c", _MAIN, "--folder", str(node.folder), "find", "--limit", "500", "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as running:
        assert running.stdout and running.stderr
        running.stdout.read(10)
        running.stdout.close()
        told = running.stderr.read().decode()
        code = running.wait(60)
    assert told == "" and code in (0, 1, -signal.SIGPIPE)


def test_lines_for_people_hold_no_python(node: CommandLine) -> None:
    for words in (["get", ZAAK], ["diff", ZAAK], ["estate", "impact", SECRET], ["briefing"], ["reconcile"]):
        assert not re.search(r"None|\{'|\['|Decimal\(|<[a-z_.]+ object", node.run(*words).out), words
