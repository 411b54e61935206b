"""The commands on rules: what they print for people and for programs, and how they end; no node is there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.command import CommandLine

Locate = Callable[..., Path]
REGELRECHT = ("reference", "services", "regelrecht")

LAW = """
$schema: https://example.org/schema/v0.8.0/schema.json
$id: wet_toeslag
name: Wet op de toeslag
regulatory_layer: WET
valid_from: '2024-01-01'
articles:
  - number: '1'
    url: https://example.org/wet#1
    text: De toeslag is vijf procent van het inkomen.
    machine_readable:
      execution:
        produces: {legal_character: BESCHIKKING}
        parameters: [{name: bsn, type: string, required: true}]
        input:
          - {name: inkomen, type: amount, type_spec: {unit: eurocent}, source: {}}
        output:
          - {name: toeslag, type: amount, type_spec: {unit: eurocent}}
          - {name: aandeel, type: number, type_spec: {unit: percentage}}
          - {name: duur, type: number, type_spec: {unit: years}}
          - {name: recht, type: boolean}
          - {name: ingang, type: date}
          - {name: niets, type: string}
          - {name: soort, type: array}
        actions:
          - {output: toeslag, operation: MULTIPLY, values: [$inkomen, 0.05]}
          - {output: aandeel, value: 5.5}
          - {output: duur, value: 12}
          - {output: recht, value: true}
          - {output: ingang, operation: START_OF, date: $referencedate, part: month}
          - {output: niets, value: null}
          - {output: soort, value: [a, 1200]}
  - number: '2'
    text: De toeslag is redelijk.
    machine_readable:
      untranslatables: [{construct: redelijk, reason: dat weegt een mens}]
      execution:
        output: [{name: redelijk, type: boolean}]
        actions: [{output: redelijk, value: true}]
  - number: '3'
    text: Bezwaar kan zes weken.
    machine_readable:
      hooks: [{hook_point: post_actions, applies_to: {legal_character: BESCHIKKING}}]
      execution:
        output: [{name: termijn, type: number, type_spec: {unit: weeks}}]
        actions: [{output: termijn, value: 6}]
"""
OUTPUTS = ("toeslag", "aandeel", "duur", "recht", "ingang", "niets", "soort")


@pytest.fixture
def line(tmp_path: Path) -> CommandLine:
    """Give a command line in a folder with a law and a data file, and without a node."""
    (tmp_path / "laws").mkdir()
    (tmp_path / "laws" / "wet.yaml").write_text(LAW, "utf-8")
    (tmp_path / "data.yaml").write_text("polis: [{bsn: 012345678, inkomen: 4193838}]", "utf-8")
    return CommandLine(tmp_path)


def ask(line: CommandLine, *words: str, expect: int = 0, data: bool = True) -> str:
    """Evaluate for the one person there is; gives what was printed."""
    case = ["--date", "2025-06-17", "--param", "bsn=012345678", "--laws", str(line.folder / "laws")]
    case += ["--data", str(line.folder / "data.yaml")] if data else []
    return line.run("rules", "eval", "wet_toeslag", *words, *case, expect=expect).out


def test_a_value_with_its_unit_and_that_it_is_no_decision(line: CommandLine) -> None:
    printed = ask(line, *OUTPUTS)
    for wanted in (
        "Wet op de toeslag: de versie die geldt op 2025-06-17 (vanaf 2024-01-01; 1 versie bekend)",
        "toeslag: € 2.096,919\n  artikel 1 https://example.org/wet#1\n",
        "aandeel: 5,5 %",
        "duur: 12 jaar",
        "recht: ja",
        "ingang: 1 juni 2025",
        "niets: geen (null)",
        "soort: [a, 1.200]",
        "termijn: 6 weken\n  volgt vanzelf: artikel 3\n",
        "Dit is informatie, geen besluit",
    ):
        assert wanted in printed, printed
    assert "ontbreken" not in printed


def test_unknown_names_what_is_missing_and_is_no_refusal(line: CommandLine) -> None:
    printed = ask(line, "toeslag", data=False)
    assert "toeslag: onbekend" in printed
    assert "Onbekend betekent niet: geen recht." in printed
    assert "  - inkomen (gevraagd door wet_toeslag, artikel 1; te vinden met bsn)" in printed


def test_json_says_value_status_and_reason(line: CommandLine) -> None:
    found = json.loads(ask(line, "toeslag", "--json"))
    assert found["date"] == "2025-06-17" and found["law"]["id"] == "wet_toeslag"
    assert found["law"]["reason"]["en"].startswith("Wet op de toeslag: the version in force on 2025-06-17")
    toeslag, termijn = found["outputs"]["toeslag"], found["outputs"]["termijn"]
    assert (toeslag["value"], toeslag["unit"], toeslag["status"]) == ("209691.9", "eurocent", "known")
    assert (toeslag["provenance"], termijn["provenance"], termijn["value"]) == ("direct", "reactive", 6)
    assert found["missing"] == [] and "trace" not in found and "no" in found["notice"]["en"]
    assert found["regulations"][0]["sha256"] == found["law"]["sha256"]
    unknown = json.loads(ask(line, "toeslag", "--json", data=False))
    assert (unknown["outputs"]["toeslag"]["value"], unknown["outputs"]["toeslag"]["status"]) == (None, "unknown")
    assert unknown["missing"] == [{"name": "inkomen", "law": "wet_toeslag", "article": "1", "key": "bsn"}]


def test_the_steps_are_shown_where_asked(line: CommandLine) -> None:
    printed = ask(line, "toeslag", "--trace")
    assert "Stappen:" in printed and "Compute MULTIPLY(...) = 209691.9" in printed
    found = json.loads(ask(line, "toeslag", "--trace", "--json"))
    assert found["trace"]["trace_version"] == 1 and found["trace"]["root"]["result"] == "209691.9"


def test_a_mode_decides_what_happens_to_what_a_person_must_judge(line: CommandLine) -> None:
    refused = line.run("rules", "eval", "wet_toeslag", "redelijk", "--laws", str(line.folder / "laws"), expect=1)
    assert "Untranslatable construct" in refused.err and "→" in refused.err
    printed = ask(line, "redelijk", "--mode", "propagate")
    assert "redelijk: niet uit te drukken: dit moet een mens beoordelen (wet_toeslag:2)" in printed
    assert json.loads(ask(line, "redelijk", "--mode", "propagate", "--json"))["outputs"]["redelijk"] == {
        "value": None,
        "unit": "",
        "type": "boolean",
        "status": "untranslatable",
        "provenance": "direct",
        "law": "wet_toeslag",
        "article": "2",
        "url": "",
        "missing": [],
        "untranslatable": ["wet_toeslag:2"],
    }
    assert "choose" in line.run("rules", "eval", "x", "y", "--mode", "lax", expect=2).err.lower()
    assert "termijn" not in ask(line, "recht", "--stage", "AANVRAAG")


def test_what_is_wrong_with_a_case_comes_at_once(line: CommandLine) -> None:
    laws = str(line.folder / "laws")
    words = ("rules", "eval", "wet_toeslag", "toeslag", "--laws", laws, "--date", "2025-02-30", "--param", "bsn")
    error = line.run(*words, "--data", str(line.folder / "absent.json"), expect=1).err
    assert "--date: '2025-02-30' is not a date" in error and "--param bsn" in error and "absent.json" in error
    problem = json.loads(line.run(*words, "--json", expect=1).err)
    assert problem["code"] == "invalid-input" and len(problem["errors"]) == 2
    missing = line.run("rules", "eval", "wet_toeslag", "toeslag", "--laws", laws, expect=1).err
    assert "/parameters/bsn: The parameter 'bsn' is missing" in missing


def test_what_is_not_there_is_named_with_the_next_step(line: CommandLine) -> None:
    laws = str(line.folder / "laws")
    for words, said in (
        (("wet", "x", "--laws", laws), "Law 'wet' not found"),
        (("wet_toeslag", "x", "--laws", laws), "Output 'x' not found in law 'wet_toeslag'"),
        (("wet_toeslag", "recht", "--laws", laws, "--date", "2020-01-01"), "first in force from 2024-01-01"),
        (("wet_toeslag", "x", "--laws", str(line.folder / "absent")), "There is no file or folder"),
    ):
        found = line.run("rules", "eval", *words, expect=1)
        assert said in found.err and "→" in found.err and "rules list" not in found.err
    (line.folder / "empty").mkdir()
    found = line.run("rules", "eval", "x", "y", "--laws", str(line.folder / "empty"), expect=1)
    assert "There are no law files in" in found.err


def test_check_names_file_line_and_next_step(line: CommandLine) -> None:
    laws = line.folder / "laws"
    assert line.run("rules", "check", str(laws)).out == "files: 1, errors: 0, warnings: 0\n"
    wrong = laws / "wrong.yaml"
    wrong.write_text(LAW.replace("MULTIPLY", "POWER").replace("START_OF", "NOT_EQUALS"), "utf-8")
    at = 1 + next(at for at, text in enumerate(LAW.splitlines()) if "MULTIPLY" in text)
    printed = line.run("rules", "check", str(wrong), expect=1).out
    assert f"{wrong}:{at} › " in printed
    assert "fout: De bewerking 'POWER' bestaat niet [unknown-operation]" in printed and "  → Choose one of" in printed
    assert "let op: NOT_EQUALS" in printed
    found = line.run("rules", "check", str(wrong), "--json", expect=1).json
    assert found["files"] == 1 and found["errors"][0]["pointer"].startswith(f"{wrong}:{at}")
    assert {fault["code"] for fault in found["warnings"]} == {"older-operation", "unknown-key"}


FEATURE = """Feature: toeslag
  Scenario: right
    When I evaluate "termijn" of "wet_toeslag"
    Then output "termijn" equals {weeks}

  @wip
  Scenario: later
    When I evaluate "x" of "y"
"""


def test_features_pass_or_say_where_they_do_not(line: CommandLine) -> None:
    file, laws = line.folder / "t.feature", str(line.folder / "laws")
    file.write_text(FEATURE.format(weeks=6), "utf-8")
    printed = line.run("rules", "test", str(file), "--laws", laws).out
    assert printed.startswith(f"{file}: 1 passed, 1 skipped\n") and printed.endswith("1 passed, 0 failed, 1 skipped\n")
    assert f"skipped {file}:7 later (@wip)" in printed
    file.write_text(FEATURE.format(weeks=7), "utf-8")
    printed = line.run("rules", "test", str(line.folder), "--laws", laws, expect=1).out
    assert f'  FAILED {file}:2 right\n    line 4: output "termijn" equals 7\n    it is 6\n' in printed
    found = line.run("rules", "test", str(file), "--laws", laws, "--json", expect=1).json
    assert (found["passed"], found["failed"], found["skipped"]) == (0, 1, 1)
    assert found["features"][0]["scenarios"][0]["stepLine"] == 4
    (line.folder / "broken.feature").write_text("no words", "utf-8")
    both = line.run("rules", "test", str(line.folder), "--laws", laws, expect=1)
    assert "0 passed, 1 failed" in both.out and "broken.feature:1" in both.err
    assert "There are no .feature files" in line.run("rules", "test", laws, "--laws", laws, expect=1).err


def test_the_given_features_and_fixtures_pass(line: CommandLine, shared: Locate) -> None:
    folder = shared(*REGELRECHT)
    words = ("rules", "test", str(folder / "bdd"), "--laws", str(folder / "corpus"), "--json")
    found = line.run(*words).json
    assert (found["passed"], found["failed"], found["skipped"]) == (39, 0, 1)
    found = line.run("rules", "fixtures", str(folder / "fixtures"), "--json").json
    assert (found["passed"], found["failed"], len(found["files"])) == (35, 0, 6)


def test_fixtures_name_each_difference(line: CommandLine) -> None:
    case = {
        "id": "one",
        "description": "six weeks",
        "law_yaml": LAW,
        "law_id": "wet_toeslag",
        "output_name": "termijn",
        "calculation_date": "2025-01-01",
        "parameters": {},
        "expected": {"success": True, "outputs": {"termijn": 6}},
    }
    file = line.folder / "cases.json"
    file.write_text(json.dumps({"test_cases": [case]}), "utf-8")
    assert line.run("rules", "fixtures", str(file)).out == f"{file}: 1 passed\n1 passed, 0 failed\n"
    file.write_text(json.dumps({"test_cases": [case | {"expected": {"outputs": {"termijn": 7}}}]}), "utf-8")
    printed = line.run("rules", "fixtures", str(file), expect=1).out
    assert "  FAILED one six weeks\n    termijn: 6 in the place of 7\n" in printed
    file.write_text("{}", "utf-8")
    assert "There are no cases in it" in line.run("rules", "fixtures", str(file), expect=1).err


def test_why_is_told_in_plain_words_with_what_would_change_it(line: CommandLine) -> None:
    printed = ask(line, "toeslag", "--why")
    for wanted in (
        "Waarom\n",
        "Inkomen (€ 41.938,38) keer 0,05 is € 2.096,919.",
        "Stel: inkomen is € 0,00. Dan is de uitkomst: € 0,00.",
        "Artikel: Wet op de toeslag, artikel 1 https://example.org/wet#1",
        "Is de uitkomst heel onredelijk? Dan kan een medewerker misschien afwijken.",
    ):
        assert wanted in printed, printed
    found = json.loads(ask(line, "toeslag", "--why", "--json"))["explanations"]["toeslag"]
    assert found["verdict"] == {"nl": "Toeslag: € 2.096,919.", "en": "Toeslag: €2,096.919."}
    assert "nog niet bekend" in ask(line, "toeslag", "--why", data=False)


def test_needs_lists_what_to_ask_and_nothing_that_is_there(line: CommandLine) -> None:
    case = ["--date", "2025-06-17", "--param", "bsn=012345678", "--laws", str(line.folder / "laws")]
    printed = line.run("rules", "needs", "wet_toeslag", "toeslag", *case).out
    assert "Onbekend betekent niet: geen recht." in printed and "inkomen" in printed and "altijd" in printed
    found = json.loads(line.run("rules", "needs", "wet_toeslag", "toeslag", *case, "--json").out)
    assert [(need["name"], need["url"], need["isSure"]) for need in found["facts"]] == [
        ("inkomen", "https://example.org/wet#1", True)
    ]
    data = ["--data", str(line.folder / "data.yaml")]
    assert "Er ontbreekt niets" in line.run("rules", "needs", "wet_toeslag", "toeslag", *case, *data).out
