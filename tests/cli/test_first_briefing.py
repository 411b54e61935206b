"""Four Excel files as they really look become a first briefing: a walk through the real command line.

What must be found is worked out here from the workbooks themselves, with openpyxl and plain Python; nothing is taken
from the product but what it prints.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.cli.command import CommandLine
from tests.office_files import MONTHS, Planted, write_office_files

OWNER = "gm0344"
PROFILES = {
    "applicatielijst": "applications",
    "contractenlijst": "contracts",
    "crediteurenlijst": "creditors",
    "verwerkingsregister": "processing-register",
}
HEADER_ROWS = {"applicatielijst": 4, "contractenlijst": 1, "crediteurenlijst": 3, "verwerkingsregister": 2}
PLACE = re.compile(r"(?P<file>[^›]+\.xlsx) › (?P<sheet>[^›]+) › rij (?P<row>\d+)(?: › kolom (?P<column>.+))?")
FORM = re.compile(r"[ ,]+(b\.?v\.?|n\.?v\.?|nederland)$")


def simplify(name: object) -> str:
    """Give the name that different spellings of it share."""
    plain = unicodedata.normalize("NFKD", str(name)).encode("ascii", "ignore").decode().lower()
    text = " ".join(plain.split())
    while (shorter := FORM.sub("", text)) != text:
        text = shorter
    return text


@dataclass
class Sheet:
    """One sheet as a plain table: row number to column to cell."""

    title: str
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)


def read_sheet(path: Path) -> Sheet:
    """Read the first sheet below its header; rows without a second cell are footers."""
    page = load_workbook(path, data_only=False).worksheets[0]
    at = HEADER_ROWS[path.stem]
    header = [str(cell.value).strip() if cell.value else "" for cell in page[at]]
    rows = {}
    for number in range(at + 1, page.max_row + 1):
        cells = [page.cell(number, column + 1).value for column in range(len(header))]
        if cells[0] is not None and sum(cell is not None for cell in cells) > 3:
            rows[number] = {name: cell for name, cell in zip(header, cells, strict=True) if name}
    return Sheet(page.title, rows)


def day_of(cell: Any) -> date | None:
    """Read a date as the files write them; None where it is no day."""
    if isinstance(cell, datetime):
        return cell.date()
    text = str(cell or "")
    if match := re.fullmatch(r"(\d{1,2}) (\w+) (\d{4})", text):
        return date(int(match[3]), MONTHS.index(match[2]) + 1, int(match[1])) if match[2] in MONTHS else None
    if match := re.fullmatch(r"(\d\d)[-/](\d\d)[-/](\d{2}|\d{4})", text):
        year = int(match[3]) + (2000 if len(match[3]) == 2 else 0)
        return None if year == 9999 else date(year, int(match[2]), int(match[1]))
    return None


def kvk_of(cell: Any) -> str:
    """Give eight digits, or nothing."""
    return str(cell).rjust(8, "0") if cell else ""


@dataclass(frozen=True)
class Walk:
    """A node that took in the four files, and what it said."""

    line: CommandLine
    planted: Planted
    sheets: dict[str, Sheet]
    plans: dict[str, Any]
    briefing: Any
    seconds: float

    def finding(self, code: str) -> Any:
        """Give one finding by its code."""
        return next(item for item in self.briefing["findings"] if item["code"] == code)

    def rows_of(self, code: str) -> set[int]:
        """Give the numbers of the rows on which a finding rests."""
        return {int(match["row"]) for row in self.finding(code)["evidence"] if (match := PLACE.search(row["place"]))}


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """Make a node, take in the files one by one, ask for the briefing: machine time only."""
    folder = tmp_path_factory.mktemp("office")
    planted = write_office_files(folder)
    line = CommandLine(folder / "node")
    started = time.perf_counter()
    line.run("init")
    plans = {
        name: line.read("import", str(path), "--owner", OWNER, "--profile", PROFILES[name], "--yes")
        for name, path in planted.files.items()
    }
    printed = line.run("briefing")
    assert "Stand van zaken" in printed.out
    seconds = time.perf_counter() - started
    sheets = {name: read_sheet(path) for name, path in planted.files.items()}
    return Walk(line, planted, sheets, plans, line.read("briefing"), seconds)


def test_it_takes_less_than_two_minutes_of_machine_time(walk: Walk) -> None:
    print(f"from nothing to the first briefing: {walk.seconds:.1f} s")
    assert walk.seconds < 120


def test_every_row_is_taken_in(walk: Walk) -> None:
    for name, sheet in walk.sheets.items():
        expected = len(sheet.rows) - (walk.planted.person_creditors if name == "crediteurenlijst" else 0)
        assert len(walk.plans[name]["steps"]) == expected, name


def test_every_finding_leads_to_rows_that_really_hold_the_thing(walk: Walk) -> None:
    books = {path.name: load_workbook(path) for path in walk.planted.files.values()}
    checked = 0
    for finding in walk.briefing["findings"]:
        assert finding["evidence"], finding["code"]
        assert len(finding["evidence"]) == finding["count"], finding["code"]
        assert all(row["place"] for row in finding["evidence"]), finding["code"]
        if finding["code"].startswith("public-body-"):
            continue
        for row in finding["evidence"]:
            match = PLACE.fullmatch(row["place"])
            assert match, row
            page = books[match["file"]][match["sheet"]]
            held = {simplify(cell.value) for cell in page[int(match["row"])] if cell.value is not None}
            assert simplify(row["name"]) in held, row
            checked += 1
    assert checked > 1_000


def test_at_most_ten_questions_come_back_the_weightiest_first(walk: Walk) -> None:
    questions = walk.briefing["questions"]
    assert 5 <= len(questions) <= 10
    changes = [question["changes"] for question in questions]
    assert changes == sorted(changes, reverse=True)
    assert all(question["places"] for question in questions)


def _creditor_rows(walk: Walk) -> Iterator[tuple[int, str, str]]:
    """Yield number, simplified name and KvK number of the creditors that are no natural person."""
    person = re.compile(r"^[A-Z]\. (de Vries|Jansen|van Dijk|Smit)$")
    for number, row in walk.sheets["crediteurenlijst"].rows.items():
        if not person.match(row["Naam crediteur"]):
            yield number, simplify(row["Naam crediteur"]), kvk_of(row["KvK"])


def test_creditors_that_nothing_names_are_found(walk: Walk) -> None:
    named = {simplify(row["Leverancier"]) for row in walk.sheets["applicatielijst"].rows.values() if row["Leverancier"]}
    named |= {simplify(row["Contractpartij"]) for row in walk.sheets["contractenlijst"].rows.values()}
    named |= {simplify(row["Verwerker"]) for row in walk.sheets["verwerkingsregister"].rows.values()}
    number_of: dict[str, str] = {}
    strangers: set[tuple[str, str]] = set()
    for _, name, kvk in _creditor_rows(walk):
        if kvk and number_of.setdefault(name, kvk) != kvk:
            # The same name under another number: another party until a person says otherwise.
            strangers.add((name, kvk))
        elif name not in named:
            strangers.add((name, ""))
    usual = {simplify(name) for name in walk.planted.suppliers}
    assert len({name for name, _ in strangers} - usual) == walk.planted.unknown_creditors
    found = walk.finding("creditor-not-in-estate")
    assert found["count"] == len(strangers)
    assert {simplify(row["name"]) for row in found["evidence"]} == {name for name, _ in strangers}


def test_one_name_under_two_numbers_is_put_to_a_person(walk: Walk) -> None:
    numbers: dict[str, set[str]] = {}
    for _, name, kvk in _creditor_rows(walk):
        numbers.setdefault(name, set()).update({kvk} - {""})
    contrary = {name for name, found in numbers.items() if len(found) > 1}
    doubts = walk.plans["crediteurenlijst"]["doubts"]
    asked = {simplify(re.sub(r" \(kvk \d{8}\)$", "", doubt["name"])) for doubt in doubts}
    assert asked == contrary
    assert sum(doubt["likeness"] == "1.0" for doubt in doubts) == len(doubts)


def test_all_spellings_of_a_supplier_are_one_record(walk: Walk) -> None:
    """The application list alone spells its suppliers in hundreds of ways."""
    spelled = {row["Leverancier"] for row in walk.sheets["applicatielijst"].rows.values()} - {None, "n.v.t.", "?"}
    really = {simplify(name) for name in spelled}
    made = walk.plans["applicatielijst"]["counts"]["mentioned"]
    roles = {row["Applicatie-eigenaar"] for row in walk.sheets["applicatielijst"].rows.values()}
    functions = {role for role in roles if re.match(r"Team|Afdeling|Informatie|Hoofd|Coördinator", role)}
    assert len(spelled) > 2 * len(really)
    assert made == len(really) + len(functions)


def test_contracts_are_judged_by_their_dates(walk: Walk) -> None:
    today = date.fromisoformat(walk.briefing["day"])
    rows = walk.sheets["contractenlijst"].rows
    ends = {number: day_of(row["Einddatum"]) for number, row in rows.items()}
    over = {number for number, end in ends.items() if end and end < today}
    tacit = {number for number in over if rows[number]["Verlenging"] in ("Stilzwijgend", "Ja")}
    assert walk.rows_of("contract-end-unknown") == {number for number, end in ends.items() if end is None}
    assert walk.rows_of("contract-ended") == over - tacit
    assert walk.rows_of("contract-renewed-unseen") == tacit
    notice = {"3 maanden": 90, "90 dagen": 90, "6 maanden": 180}
    due = {
        number
        for number, end in ends.items()
        if end
        and end >= today
        and end + timedelta(days=1 - notice.get(rows[number]["Opzegtermijn"], 0)) <= today + timedelta(days=180)
    }
    assert walk.rows_of("contract-decision-due") == due
    running = {number for number, end in ends.items() if end and end >= today}
    # A bare 30 has no unit: the file does not say whether it counts days or months.
    silent = {number for number in running - due if rows[number]["Opzegtermijn"] in (None, 30)}
    assert walk.rows_of("contract-notice-unknown") == silent


def test_what_is_unknown_of_applications_is_counted(walk: Walk) -> None:
    rows = walk.sheets["applicatielijst"].rows
    hosting = {n for n, row in rows.items() if row["Hosting"] in (None, "Onbekend")}
    personal = {n for n, row in rows.items() if row["Persoonsgegevens"] in (None, "onbekend")}
    critical = {n for n, row in rows.items() if row["Bedrijfskritisch"] is None}
    supplier = {n for n, row in rows.items() if row["Leverancier"] in (None, "n.v.t.", "?")}
    for code, expected in (
        ("unknown-hosting", hosting),
        ("unknown-personalData", personal),
        ("unknown-criticality", critical),
        ("unknown-suppliedBy", supplier),
    ):
        assert walk.rows_of(code) == expected, code


def test_the_register_is_held_against_the_applications(walk: Walk) -> None:
    register = walk.sheets["verwerkingsregister"].rows
    named = {simplify(part) for row in register.values() for part in row["Applicatie"].split(",")}
    rows = walk.sheets["applicatielijst"].rows
    loose = {
        number
        for number, row in rows.items()
        if str(row["Persoonsgegevens"] or "").lower().startswith(("ja", "j"))
        and simplify(row["Applicatie"]) not in named
    }
    assert walk.rows_of("personal-data-not-registered") == loose
    missing = {n for n, row in register.items() if row["Bijzondere persoonsgegevens"] == "Ja"}
    missing -= {n for n, row in register.items() if row["DPIA uitgevoerd?"] == "Ja"}
    assert walk.rows_of("dpia-missing") == missing


def test_suppliers_of_critical_software_as_a_service_are_found(walk: Walk) -> None:
    stopped: dict[str, int] = {}
    for row in walk.sheets["applicatielijst"].rows.values():
        is_critical = row["Bedrijfskritisch"] in ("Ja", "Hoog") and str(row["Hosting"]).lower() == "saas"
        if is_critical and row["Leverancier"] not in (None, "n.v.t.", "?"):
            name = simplify(row["Leverancier"])
            stopped[name] = stopped.get(name, 0) + 1
    found = walk.finding("supplier-stops-critical")
    assert {simplify(row["name"]) for row in found["evidence"]} == stopped.keys()
    counts = {simplify(row["name"]): int(re.search(r"\d+", row["note"]["nl"])[0]) for row in found["evidence"]}  # type: ignore[index]
    assert counts == stopped


def test_nothing_about_persons_is_anywhere_in_the_node(walk: Walk) -> None:
    written = b"\n".join(path.read_bytes() for path in sorted(walk.line.folder.rglob("*")) if path.is_file())
    assert b"Burgerzaken" in written
    rows = walk.sheets["crediteurenlijst"].rows.values()
    natural = {row["Naam crediteur"] for row in rows if re.match(r"^[A-Z]\. ", row["Naam crediteur"])}
    assert natural
    banned = {row["IBAN"] for row in rows} | natural
    banned |= {"J. Jansen", "j.jansen@voorbeeldstad.nl", "fg@voorbeeldstad.nl", "06-12345678", "@voorbeeldstad"}
    banned |= {"J. de Vries", "Anja Bakker", "Vermeulen, P.", "Mw. S. Yilmaz", "Kees van den Berg"}
    found = {text for text in banned if text.encode() in written or text.lower().encode() in written}
    assert not found


def test_the_history_proves_itself(walk: Walk) -> None:
    verdict = walk.line.read("ledger", "verify")
    assert verdict["holds"] and verdict["signed"] == verdict["entries"]


def test_the_same_files_again_change_nothing(walk: Walk) -> None:
    size = walk.line.read("ledger", "verify")["entries"]
    for name, path in walk.planted.files.items():
        plan = walk.line.read("import", str(path), "--owner", OWNER, "--profile", PROFILES[name], "--yes")
        assert {step["action"] for step in plan["steps"]} <= {"unchanged", "double"}, name
        assert plan["recorded"] == plan["counts"]["mentioned"] == plan["counts"]["disappeared"] == 0
    assert walk.line.read("ledger", "verify")["entries"] == size
    assert walk.line.read("briefing")["findings"] == walk.briefing["findings"]


def test_an_edited_file_shows_what_changes_before_anything_is_written(walk: Walk, tmp_path: Path) -> None:
    """Runs last on purpose: it changes the node."""
    source = walk.planted.files["applicatielijst"]
    book = load_workbook(source)
    page = book.worksheets[0]
    columns = {str(cell.value).strip(): cell.column for cell in page[4] if cell.value}
    edited = next(n for n, row in walk.sheets["applicatielijst"].rows.items() if row["Hosting"] == "SaaS")
    page.cell(edited, columns["Hosting"]).value = "On-premise"
    cleared = next(
        n for n, row in walk.sheets["applicatielijst"].rows.items() if n > edited and row["Hosting"] == "Azure"
    )
    page.cell(cleared, columns["Hosting"]).value = None
    removed = page.max_row - 3
    gone = str(page.cell(removed, columns["Applicatie"]).value).strip()
    page.delete_rows(removed)
    target = tmp_path / source.name
    book.save(target)
    words = ("import", str(target), "--owner", OWNER, "--profile", "applications")

    size = walk.line.read("ledger", "verify")["entries"]
    shown = walk.line.run(*words)
    assert "saas" in shown.out and "on-premises" in shown.out and "Er is niets vastgelegd" in shown.out
    plan = walk.line.read(*words)
    assert plan["recorded"] == 0 and walk.line.read("ledger", "verify")["entries"] == size
    changed = [step for step in plan["steps"] if step["action"] == "changed"]
    assert [(int(PLACE.search(s["place"])["row"]), s["differences"]) for s in changed] == [  # type: ignore[index]
        (edited, [{"field": "hosting", "before": "saas", "after": "on-premises", "held": False}]),
        (cleared, [{"field": "hosting", "before": "public-cloud", "after": None, "held": False}]),
    ]
    assert len(plan["disappeared"]) == 1

    applied = walk.line.read(*words, "--yes")
    assert applied["recorded"] == 2
    record = walk.line.read("get", changed[0]["ref"])
    assert record["spec"]["hosting"] == "on-premises" and record["generation"] == 2
    assert [change["pointer"] for change in walk.line.read("diff", changed[0]["ref"])].count("/spec/hosting") == 1
    still = walk.line.read("find", gone, "--kind", "application")["records"]
    assert gone in {found["spec"]["name"] for found in still}
    flagged = next(item for item in walk.line.read("briefing")["findings"] if item["code"] == "disappeared")
    assert [row["name"] for row in flagged["evidence"]] == [gone]


def test_a_proposed_mapping_does_what_the_profile_does(walk: Walk, tmp_path: Path) -> None:
    """A second node takes in the contract list by the mapping that was proposed for it, uncorrected."""
    line = CommandLine(tmp_path / "node")
    line.run("init")
    source, saved = str(walk.planted.files["contractenlijst"]), str(tmp_path / "contracten.yaml")
    refused = line.run("import", source, "--owner", OWNER, expect=1)
    assert "Contractpartij" in refused.err and "save the proposed mapping" in refused.err
    line.run("import", source, "--save-proposal", saved)
    plan = line.read("import", source, "--owner", OWNER, "--mapping", saved, "--yes")
    assert plan["counts"]["new"] == 150
    with_profile = {step["ref"] for step in walk.plans["contractenlijst"]["steps"]}
    assert {step["ref"] for step in plan["steps"]} == with_profile
    for ref in sorted(with_profile)[:10]:
        ours, theirs = (node.read("get", ref)["spec"] for node in (line, walk.line))
        assert ours.keys() >= {"name", "supplier", "buyer"}
        for name in ("name", "supplier", "endDate", "startDate", "annualValueEurocent", "covers"):
            assert ours.get(name) == theirs.get(name), (ref, name)
