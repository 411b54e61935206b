"""What an administrator does to keep the records right: state who is right, end a record, answer, find a person."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eendracht.config import load_settings
from eendracht.kernel.access import OPERATOR
from eendracht.kernel.journal import Journal
from eendracht.kernel.vault import RetentionRule, Vault
from tests.cli.command import CommandLine, Outcome
from tests.kernel.node import files_with

ZAAK = "application:gm0344/zaaksysteem"
USERS = """name: lijst
tables:
  - kind: application
    key: [Nr]
    columns:
      - {from: [Naam], to: name}
      - {from: [Gebruikers], to: users}
"""


@pytest.fixture
def node(tmp_path: Path) -> CommandLine:
    """Give a node with the public bodies and nothing else."""
    line = CommandLine(tmp_path / "node")
    line.run("init")
    return line


def export(folder: Path, name: str, *rows: str) -> str:
    """Write a CSV export and give its path."""
    file = folder / name
    file.write_text("\n".join(rows) + "\n", "utf-8")
    return str(file)


# -- source of truth --------------------------------------------------------------------------------------------------


def test_the_source_of_truth_is_stated_by_one_command_and_told_before_confirming(
    node: CommandLine, tmp_path: Path
) -> None:
    mapping = str(tmp_path / "mapping.yaml")
    Path(mapping).write_text(USERS, "utf-8")
    first = export(tmp_path, "cmdb.csv", "Nr;Naam;Gebruikers", "1;Zaaksysteem;40")
    other = export(tmp_path, "lijst.csv", "Nr;Naam;Gebruikers", "1;Zaaksysteem;55")
    words = ("--owner", "gm0344", "--mapping", mapping)
    node.run("import", first, *words, "--system", "cmdb", "--yes")
    stated = node.read("truth", "application", "users=cmdb", "rtoHours=continuity", "--owner", "gm0344")
    assert stated["truths"] == [
        {"kind": "application", "field": "rtoHours", "source": "continuity", "delivered": False},
        {"kind": "application", "field": "users", "source": "cmdb", "delivered": True},
    ]
    shown = node.run("import", other, *words).out
    assert "blijft: 'cmdb' is hier de bron" in shown and "55" in shown and "niets vastgelegd" in shown
    described = node.run("import", other, *words, "--yes", "--json").json
    assert described["steps"][0]["differences"] == [
        {"field": "users", "before": 40, "after": 55, "held": True, "why": "source", "truth": "cmdb"}
    ]
    assert node.read("get", ZAAK)["spec"]["users"] == 40
    assert "leverde nog niets" in node.run("truth", "--owner", "gm0344").out
    assert node.read("truth", "application", "users=", "--owner", "gm0344")["truths"][0]["field"] == "rtoHours"
    assert len(node.read("history", "source-of-truth:gm0344/application")) == 2


def test_a_wrong_statement_of_truth_is_refused(node: CommandLine) -> None:
    assert "Add --owner" in node.run("truth", "application", "users=cmdb", expect=2).err
    assert "FIELD=SOURCE" in node.run("truth", "application", "users", "--owner", "gm0344", expect=2).err
    assert "/fields/colour" in node.run("truth", "application", "colour=cmdb", "--owner", "gm0344", expect=1).err
    assert "no kind" in node.run("truth", "moon", "users=cmdb", "--owner", "gm0344", expect=1).err
    node.run("access", "grant", "reader", "reader@organisation:gm0344")
    node.run("--as", "reader", "truth", "application", "users=cmdb", "--owner", "gm0344", expect=3)


# -- the end of a record ----------------------------------------------------------------------------------------------


def put(node: CommandLine, ref: str, period: dict[str, str] | None = None, **spec: object) -> Outcome:
    """Record a version as a person would."""
    draft = {
        "ref": ref,
        "owner": "organisation:gm0344",
        "source": {"type": "statement", "date": "2026-01-01"},
        "spec": {"name": ref.rpartition("/")[2].title()} | spec,
    }
    return node.run("put", "-", typed=json.dumps(draft | (period or {})))


def test_a_record_ends_on_a_date_and_the_history_holds(node: CommandLine) -> None:
    put(node, ZAAK, users=40)
    put(node, "component:gm0344/scherm", requires=[])
    put(node, "application:gm0344/balie", requires=[ZAAK])
    ended = node.read("end", ZAAK, "--on", "2026-05-01")
    assert (ended["ref"], ended["generation"], ended["on"]) == (ZAAK, 2, "2026-05-01")
    assert ended["dangling"] == [{"field": "requires", "ref": "application:gm0344/balie"}]
    gone = node.run("get", ZAAK, expect=1)
    assert "ended on 2026-05-01" in gone.err and gone.out == ""
    assert node.read("get", ZAAK, "--as-of", "2026-04-30")["spec"]["users"] == 40
    assert "ended on" not in node.run("--as", "public", "get", ZAAK, expect=1).err
    assert ZAAK not in node.run("find", "--kind", "application").out
    assert "ended" in node.run("history", ZAAK).out
    assert {change["pointer"] for change in node.read("diff", ZAAK)} >= {"/ended", "/validFrom"}
    assert node.read("ledger", "verify")["holds"] is True
    again = node.run("end", ZAAK, "--on", "2026-06-01", expect=1)
    assert "2026-06-01" in again.err and "eendracht history" in again.err
    back = put(node, ZAAK, {"validFrom": "2026-10-01"})
    assert "beëindigd" in back.out and f"eendracht end {ZAAK} --on 2026-05-01" in back.out
    assert node.read("get", ZAAK)["generation"] == 3


def test_put_says_what_a_last_day_and_a_lifecycle_do_not_end(node: CommandLine) -> None:
    assert "→" not in put(node, ZAAK).out
    bounded = put(node, ZAAK, {"validUntil": "2026-05-01"}).out
    assert "Vanaf 2026-05-01 geldt weer" in bounded and f"eendracht end {ZAAK} --on 2026-05-01" in bounded
    assert node.read("get", ZAAK, "--as-of", "2026-05-02")["generation"] == 1
    assert "blijft gelden" in put(node, ZAAK, lifecycle="retired").out


# -- a person who asks ------------------------------------------------------------------------------------------------

RULES = (RetentionRule("case", "P7Y", "Selectielijst gemeenten 2020, 1.1"),)
MAIL = "merijntje.gijzen@example.nl"


def keep_cases(folder: Path) -> dict[str, str]:
    """Keep a case of two persons with one name, as a wing would; gives the pseudonym by mail address."""
    settings = load_settings(folder)
    journal = Journal(settings.journal_file)
    kept = {}
    with Vault(settings.vault_folder, RULES, journal) as vault:
        for bsn, mail in (("999990019", MAIL), ("999993653", "ander@example.nl")):
            subject = kept[mail] = vault.add_subject("bsn", bsn)
            vault.add_identifier(subject, "email", mail)
            vault.add_identifier(subject, "name", "Merijntje Gijzen")
            vault.put(
                subject,
                "case",
                {"verhaal": "Een rolstoel"},
                controller="organisation:gm0344",
                ground="ground:gm0344/wmo",
                author=OPERATOR,
            )
    journal.close()
    return kept


def test_from_what_a_person_gives_to_the_declaration_of_destruction(node: CommandLine) -> None:
    subjects = keep_cases(node.folder)
    words = ("find-subject", "--purpose", "gdpr-art-17")
    shown = node.run(*words, "--scheme", "name", typed="merijntje gijzen\n")
    assert all(subject in shown.out for subject in subjects.values()) and "Meer dan één" in shown.out
    both = ("--scheme", "name", "--scheme", "email")
    found = node.run(*words, *both, "--json", typed=f"Merijntje Gijzen\n{MAIL}\n").json
    (person,) = found["subjects"]
    assert person["subject"] == subjects[MAIL]
    assert [(item["kind"], item["controller"]) for item in person["items"]] == [("case", "organisation:gm0344")]
    declared = node.read(
        *("destroy", "--subject", person["subject"], "--ground", "AVG, art. 17", "--by", "privacy-officer", "--yes")
    )
    assert declared["ground"] == "AVG, art. 17"
    assert node.run(*words, "--scheme", "email", "--json", typed=MAIL).json["subjects"] == []
    assert "Niemand" in node.run(*words, "--scheme", "email", typed=MAIL).out
    left = node.run(*words, "--scheme", "name", "--json", typed="Merijntje Gijzen").json["subjects"]
    assert [item["subject"] for item in left] == [subjects["ander@example.nl"]]
    journal = Journal(load_settings(node.folder).journal_file)
    searches = [line.content for line in journal.read("vault") if line.content["event"] == "find"]
    journal.close()
    assert [line["found"] for line in searches] == [2, 1, 0, 0, 1]
    assert {line["purpose"] for line in searches} == {"gdpr-art-17"}
    assert files_with(node.folder, "gijzen", MAIL, "999990019", "rolstoel") == []


def test_finding_a_person_needs_the_operator_a_purpose_and_something_to_go_by(node: CommandLine) -> None:
    assert "--purpose" in node.run("find-subject", "--scheme", "email", typed=MAIL, expect=2).err
    free = node.run("find-subject", "--scheme", "email", "--purpose", "mevrouw belde", typed=MAIL, expect=1)
    assert "/purpose" in free.err and MAIL not in free.err
    assert "Nothing was given" in node.run("find-subject", "--scheme", "email", "--purpose", "x", expect=2).err
    node.run("access", "grant", "auditor", "auditor@organisation:gm0344")
    node.run("--as", "auditor", "find-subject", "--scheme", "email", "--purpose", "x", typed=MAIL, expect=3)


def test_what_a_person_gives_is_not_shown_on_a_terminal(node: CommandLine) -> None:
    subjects = keep_cases(node.folder)
    shown = node.type_at_terminal("find-subject", "--scheme", "email", "--purpose", "gdpr-art-15", typed=MAIL)
    assert subjects[MAIL] in shown and "email" in shown and MAIL not in shown


# -- answers about columns --------------------------------------------------------------------------------------------

COLUMNS = """name: lijst
tables:
  - kind: application
    key: [Nr]
    columns:
      - {from: [Naam], to: name}
      - {from: [Waar], to: hosting}
      - {from: [Hersteltijd], to: rtoHours}
"""


def test_an_answer_is_saved_in_the_mapping_and_not_asked_again(node: CommandLine, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(COLUMNS, "utf-8")
    words = ("--owner", "gm0344", "--mapping", str(mapping))
    rows = ("Nr;Naam;Waar;Hersteltijd", "1;Zaaksysteem;Kelder;2", "2;Burgerzaken;Wolk;4", "3;Balie;saas;8")
    first = node.run("import", export(tmp_path, "mei.csv", *rows), *words, "--yes", "--json").json
    assert {question["code"] for question in first["questions"]} == {"unknown-value", "ambiguous-unit"}
    asked = {review["setting"]: review for review in node.read("reconcile")}
    assert set(asked) == {"values", "unit"} and "saas" in asked["values"]["choices"]
    wrong = node.run("reconcile", "--answer", f"{asked['values']['number']}=Kelder=maan", expect=2)
    assert "Choose: " in wrong.err and len(node.read("reconcile")) == 2
    settled = node.read(
        "reconcile",
        *("--answer", f"{asked['values']['number']}=Kelder=on-premises; Wolk=public-cloud"),
        *("--answer", f"{asked['unit']['number']}=days"),
    )
    assert settled == []
    saved = tmp_path / "saved.yaml"
    june = export(tmp_path, "juni.csv", *rows)
    second = node.run("import", june, *words, "--yes", "--json", "--save-mapping", str(saved)).json
    assert second["questions"] == [] and node.read("reconcile") == []
    assert node.read("get", ZAAK)["spec"] == {"name": "Zaaksysteem", "hosting": "on-premises", "rtoHours": "48"}
    assert "Kelder: on-premises" in saved.read_text("utf-8") and "unit: days" in saved.read_text("utf-8")
    again = node.run("import", june, *words[:2], "--mapping", str(saved), "--json").json
    assert again["counts"]["unchanged"] == 3 and again["questions"] == []
    third = export(tmp_path, "juli.csv", *rows, "4;Website;Zolder;1")
    fresh = node.run("import", third, *words, "--yes", "--json").json
    assert [question["place"] for question in fresh["questions"]] == ["juli.csv › kolom Waar"]
    (open_question,) = node.read("reconcile")
    assert open_question["values"] == ["Zolder"]
    assert node.read("reconcile", "--answer", "1=on-premises") == []


def test_an_answer_holds_for_its_own_source_and_a_new_value_in_the_same_file_is_asked(
    node: CommandLine, tmp_path: Path
) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(COLUMNS, "utf-8")
    words = ("--owner", "gm0344", "--mapping", str(mapping), "--yes", "--json")
    rows = ["Nr;Naam;Waar;Hersteltijd", "1;Zaaksysteem;Kelder;2 uur"]
    node.run("import", export(tmp_path, "lijst.csv", *rows), *words)
    node.read("reconcile", "--answer", "1=on-premises")
    other = node.run("import", export(tmp_path, "lijst.csv", *rows), *words, "--system", "anders").json
    assert len(other["questions"]) == 1
    rows[1] = "1;Zaaksysteem;Zolder;2 uur"
    node.run("import", export(tmp_path, "lijst.csv", *rows), *words)
    assert sorted(value for review in node.read("reconcile") for value in review["values"]) == ["Kelder", "Zolder"]
