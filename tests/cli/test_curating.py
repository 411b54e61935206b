"""What an administrator does to keep the records right: state who is right, end a record, answer, find a person."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.command import CommandLine, Outcome

ZAAK = "application:gm0344/zaaksysteem"


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


def save_mapping(folder: Path, **rule: str) -> str:
    """Write a mapping of applications with one column besides the name, and give its path."""
    file = folder / f"mapping-{rule['to']}.yaml"
    extra = "".join(f", {name}: {value}" for name, value in rule.items() if name not in ("column", "to"))
    file.write_text(
        f"""name: lijst
system: {rule.get("system", "lijst")}
tables:
  - kind: application
    key: [Nr]
    columns:
      - {{from: [Naam], to: name}}
      - {{from: [{rule["column"]}], to: {rule["to"]}{extra.replace(", system: " + rule.get("system", ""), "")}}}
""",
        "utf-8",
    )
    return str(file)


# -- source of truth --------------------------------------------------------------------------------------------------


def test_the_source_of_truth_is_stated_by_one_command_and_told_before_confirming(
    node: CommandLine, tmp_path: Path
) -> None:
    mapping = save_mapping(tmp_path, column="Gebruikers", to="users")
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
