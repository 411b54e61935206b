"""Files with a correction: added, refused at the field, shown, taken away, and handed in with claim and case."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest

from eendracht.bootstrap import Wiring
from eendracht.config import load_settings, write_settings
from eendracht.kernel.access import OPERATOR, Principal
from eendracht.kernel.clock import today
from eendracht.kernel.instance import Instance
from eendracht.reference.facts import load_base_registers
from eendracht.services.built_in import BuiltInRegister
from eendracht.services.cases import list_cases, list_confirmations
from eendracht.services.forms import evidence
from eendracht.services.forms.claims import Claim, ClaimFile, list_claims
from eendracht.services.forms.demo import BAKERY, fill_vault
from eendracht.services.forms.evidence import list_waiting, tend_evidence
from eendracht.services.forms.extracts import author_for
from eendracht.services.forms.facts import Ask
from eendracht.services.forms.feedback import list_feedback, report_doubt
from eendracht.services.forms.file_types import MOST_BYTES
from eendracht.services.forms.retention import CLAIM_FILE, DRAFT_EVIDENCE, DRAFT_FILE, FEEDBACK
from eendracht.services.overview.known import view_known
from eendracht.services.overview.own_file import open_own_file
from tests.kernel.node import files_with
from tests.services.case_nodes import person, write_connections
from tests.services.forms.real_files import print_files
from tests.services.forms.visiting import Visitor
from tests.services.zgw.serving import connection_text, run_register
from tests.web.nodes import draft, fill_node

NL = "/nl/aanvragen/child-born"
SVB, BENEFITS, ROTTERDAM = (f"organisation:{code}" for code in ("zb000143", "oorg12369", "gm0599"))
WAGES = "me.loon_uit_dienstbetrekking"
NAME = "zwaluwstaart kanarie.pdf"
ANSWERS = {"me.medebewoner_heeft_te_veel_vermogen": "no", "me.inkomen_medebewoners": "0"}


@contextmanager
def make_node(folder: Path, built_in: str) -> Iterator[Instance]:
    with Wiring().create(folder):
        pass
    write_settings(load_settings(folder, {"EENDRACHT_BUILT_IN_CASES": built_in}))
    with Wiring().open(folder) as instance:
        bodies = [draft(body, body, owner=body, type="zbo") for body in (SVB, BENEFITS)]
        fill_node(instance, [*bodies, draft(ROTTERDAM, "Gemeente Rotterdam", owner=ROTTERDAM, type="municipality")])
        yield instance


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with make_node(tmp_path_factory.mktemp("evidence") / "node", f"{SVB} {BENEFITS}") as instance:
        yield instance


@pytest.fixture(scope="module")
def subjects(node: Instance) -> dict[str, str]:
    return fill_vault(node)


def correcting(node: Instance, subject: str, ask: str = WAGES, path: str = NL) -> Visitor:
    """Give somebody who is about to say what a register should have."""
    visitor = Visitor(node, path, subject)
    visitor.press(f"correct:{ask}")
    return visitor


def finish(visitor: Visitor) -> None:
    while visitor.seen.asks:
        visitor.press("next", value=ANSWERS[visitor.seen.asks])


def names_known(node: Instance, subject: str) -> dict[str, list[str]]:
    """Give the names of files in the overview, by the title of the entry that they stand with."""
    section = view_known(open_own_file(node, person(subject)))
    found = {
        entry.title.en: [str(value) for label, value in entry.facts if label.en == "File"] for entry in section.entries
    }
    return {title: names for title, names in found.items() if names}


def test_a_file_is_added_shown_and_taken_away(
    node: Instance, subjects: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    me = subjects["student"]
    visitor = correcting(node, me, path="/nl/aanvragen/zorgtoeslag")
    assert 'enctype="multipart/form-data"' in visitor.seen.html
    with caplog.at_level(logging.DEBUG):
        added = visitor.press("attach", (NAME, print_files()["pdf"]), value="4000", evidence="loonstrook van mei")
    assert added.status == 200 and NAME in added.html and added.asks == WAGES
    assert 'value="4000"' in added.html and "loonstrook van mei" in added.html
    assert "zwaluwstaart" not in caplog.text
    (waiting,) = list_waiting(node, me, person(me)).files
    kept = {item.kind: item for item in node.vault.describe(subjects=[me])}
    in_a_month = (today(node.store.clock) + timedelta(days=30)).isoformat()
    assert kept[DRAFT_FILE].retain_until == kept[DRAFT_EVIDENCE].retain_until == in_a_month
    assert list(names_known(node, me).values()) == [[NAME]]
    assert 'href="/nl/aanvragen/zorgtoeslag">Bestand bij: ' in Visitor(node, "/nl/mijn-overzicht", me).seen.html
    # Somebody who begins the form anew finds it with the same correction, and a claim shows it.
    again = correcting(node, me, path="/nl/aanvragen/zorgtoeslag")
    assert NAME in again.seen.html
    assert NAME in again.press("claim", value="4000", evidence="").html
    again.press(f"correct:{WAGES}")
    removed = again.press(f"detach:{waiting.id}", value="4100", evidence="x")
    assert NAME not in removed.html and 'value="4100"' in removed.html
    assert not list_waiting(node, me, person(me)).files and not names_known(node, me)
    # What was taken away is destroyed at the next turn, and the ledger tells that it was.
    evidence._swept_on.clear()
    tend_evidence(node)
    assert not node.vault.describe(items=[waiting.id, waiting.file])
    assert (node.settings.erasure_journal).exists()
    assert not files_with(node.settings.folder, b"zwaluwstaart")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("leeg.pdf", b"", "Dit bestand is leeg"),
        ("foto.png", b"GIF89a" + b"\0" * 99, "Dit is geen PDF, JPEG of PNG"),
        ("contract.pdf", b"MZ\x90\x00" + b"\0" * 99, "Dit is geen PDF, JPEG of PNG"),
        ("kapot.pdf", b"%PDF-1.7 afgebroken", "Deze PDF is beschadigd of niet compleet"),
        ("groot.pdf", b"%PDF-1.7" + b"\0" * MOST_BYTES, "Dit bestand is groter dan 10 MB"),
        ("", b"", "Kies eerst een bestand"),
    ],
    ids=["empty", "type", "disguised", "damaged", "large", "none"],
)
@pytest.mark.parametrize("do", ["attach", "claim"])
def test_a_file_that_is_not_right_is_refused_at_the_field_and_nothing_else_is_lost(
    node: Instance, subjects: dict[str, str], name: str, content: bytes, said: str, do: str
) -> None:
    me = subjects["pensioner"]
    visitor = Visitor(node, "/nl/aanvragen/zorgtoeslag", me)
    visitor.press("correct:me.uitkeringen_en_pensioenen")
    visitor.press("claim", value="19000", evidence="jaaropgave")
    before = visitor.press("correct:me.spaargeld")
    kept = {at: text for at, text in before.fields.items() if at[:2] in ("a.", "c.", "e.")}
    assert kept["c.me.uitkeringen_en_pensioenen"] == "19000"
    items = node.vault.count_items()
    seen = visitor.press(do, (name, content), value="12000,50", evidence="afschrift <b>van mei</b>")
    if do == "claim" and not name:
        # Without a file the correction goes on as it is.
        assert seen.status == 200 and seen.fields["c.me.spaargeld"] == "12000,50"
        return
    assert seen.status == 422 and seen.asks == "me.spaargeld"
    assert seen.html.count(said) == 2 and 'href="#evidence-file"' in seen.html
    field = seen.html.partition('id="evidence-file" name="file"')[2].partition(">")[0]
    assert 'aria-invalid="true"' in field and "evidence-file-fault" in field
    assert 'value="12000,50"' in seen.html and "afschrift &lt;b&gt;van mei&lt;/b&gt;" in seen.html
    assert {at: text for at, text in seen.fields.items() if at[:2] in ("a.", "c.", "e.")} == kept
    assert node.vault.count_items() == items


def test_both_a_wrong_value_and_a_wrong_file_are_said_at_once(node: Instance, subjects: dict[str, str]) -> None:
    visitor = correcting(node, subjects["pensioner"], "me.spaargeld", "/nl/aanvragen/zorgtoeslag")
    seen = visitor.press("claim", ("leeg.pdf", b""), value="veel", evidence="")
    assert seen.status == 422 and 'href="#value"' in seen.html and 'href="#evidence-file"' in seen.html
    # A good file stays where only the value is wrong: a browser does not choose it again.
    held = visitor.press("claim", ("goed.png", print_files()["png"]), value="veel", evidence="")
    assert held.status == 422 and "goed.png" in held.html and 'href="#evidence-file"' not in held.html
    visitor.press("drop:me.spaargeld")
    assert not list_waiting(node, subjects["pensioner"], person(subjects["pensioner"])).files


def test_five_files_show_a_correction_and_the_same_one_counts_once(
    node: Instance, subjects: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    me = subjects["pensioner"]
    ask = "me.uitkeringen_en_pensioenen"
    visitor = correcting(node, me, ask, "/nl/aanvragen/zorgtoeslag")
    png = print_files()["png"]
    for at in range(5):
        assert visitor.press("attach", (f"{at}.png", png + bytes([at])), value="1", evidence="").status == 200
    assert visitor.press("attach", ("again.png", png + b"\0"), value="1", evidence="").status == 200
    refused = visitor.press("attach", ("6.png", png + b"6"), value="1", evidence="")
    assert refused.status == 422 and "al 5 bestanden" in refused.html
    assert [item.name for item in list_waiting(node, me, person(me)).files] == [f"{at}.png" for at in range(5)]
    # Another correction has room of its own, until all together are too much.
    other = correcting(node, me, "me.spaargeld", "/nl/aanvragen/zorgtoeslag")
    monkeypatch.setattr(evidence, "MOST_WAITING_BYTES", 5 * len(png) + 100)
    full = other.press("attach", ("7.png", png + b"7"), value="1", evidence="")
    assert full.status == 422 and "Samen mogen de bestanden 50 MB zijn" in full.html
    other.press(f"drop:{ask}", ask=ask)
    assert not list_waiting(node, me, person(me)).files
    monkeypatch.setattr(evidence, "MOST_STORED_FILES", 5)
    tired = other.press("correct:me.spaargeld") and other.press("attach", ("8.png", png), value="1", evidence="")
    assert tired.status == 422 and "Probeer het morgen weer" in tired.html


def test_it_goes_along_with_claim_case_and_report_once(node: Instance, subjects: dict[str, str]) -> None:
    me = subjects["parent"]
    visitor = correcting(node, me)
    pdf, png = print_files()["pdf"], print_files()["png"]
    visitor.press("attach", (NAME, pdf), value="45000", evidence="")
    visitor.press("claim", ("loonstrook.png", png), value="45000", evidence="zie bijlagen")
    finish(visitor)
    assert NAME in visitor.seen.html and "loonstrook.png" in visitor.seen.html
    done = visitor.press("submit")
    assert "2 bestanden zijn meegestuurd" in done.html
    (claim,) = list_claims(node.vault, me, person(me))
    assert [(file.name, file.media_type, file.size) for file in claim.files] == [
        (NAME, "application/pdf", len(pdf)),
        ("loonstrook.png", "image/png", len(png)),
    ]
    reader = author_for(claim.controller)
    assert [node.vault.get(file.item, "rectification", reader) for file in claim.files] == [pdf, png]
    # As long as the claim, under the same organisation.
    items = {item.id: item for item in node.vault.describe(subjects=[me])}
    kept = [items[file.item] for file in claim.files]
    assert {(item.kind, item.retain_until, item.controller) for item in kept} == {
        (CLAIM_FILE, items[claim.id].retain_until, claim.controller)
    }
    (report,) = list_feedback(node.vault, me, person(me))
    assert [file.name for file in report.attachments] == [NAME, "loonstrook.png"]
    assert {items[file.item].ground for file in report.attachments} == {items[report.id].ground}
    assert {items[file.item].kind for file in report.attachments} == {FEEDBACK}
    assert node.vault.get(report.attachments[0].item, "register-feedback", author_for(report.owner)) == pdf
    # Only who decides by the fact gets the files that show it.
    documents = {case.organisation: documents_of(node, case.organisation, case.number) for case in cases_of(node, me)}
    assert [one["fileName"] for one in documents[BENEFITS]] == ["gegevens.json", NAME, "loonstrook.png"]
    assert [one["fileName"] for one in documents[SVB]] == ["gegevens.json"]
    assert node.vault.get(documents[BENEFITS][1]["item"], "built-in-case-register", OPERATOR) == pdf
    (case,) = [case for case in cases_of(node, me) if case.organisation == BENEFITS]
    (confirmation,) = list_confirmations(node, person(me), case.id)
    assert any(NAME in line for line in confirmation["received"])
    known = names_known(node, me)
    assert [names for title, names in known.items() if "Your correction" in title] == [[NAME, "loonstrook.png"]]
    assert [names for title, names in known.items() if "Report to" in title] == [[NAME, "loonstrook.png"]]
    assert not list_waiting(node, me, person(me)).files
    # A page that is sent twice says it once; a new file for the same value is added to the claim and reported.
    visitor.press("submit")
    assert len(list_claims(node.vault, me, person(me))[0].files) == 2
    more = correcting(node, me)
    more.press("claim", ("later.jpg", print_files()["jpg"]), value="45000", evidence="")
    finish(more)
    more.press("submit")
    (claim,) = list_claims(node.vault, me, person(me))
    assert [file.name for file in claim.files] == [NAME, "loonstrook.png", "later.jpg"]
    assert [[file.name for file in item.attachments] for item in list_feedback(node.vault, me, person(me))] == [
        [NAME, "loonstrook.png"],
        ["later.jpg"],
    ]
    assert not files_with(node.settings.folder, b"zwaluwstaart") and not files_with(node.settings.folder, pdf[:200])


def cases_of(node: Instance, subject: str) -> list:
    return list_cases(node, person(subject), subject)


def documents_of(node: Instance, organisation: str, number: str) -> list[dict]:
    """Give what the built-in register holds of the documents of a case, in the order of their numbers."""
    register = BuiltInRegister(node, organisation)
    case = register.find_case(number)
    assert case
    parts = [address.rpartition("/")[2] for address in register.list_documents(case)]
    found = [register._open(register._items(number, part)[0]) for part in parts]
    return sorted(found, key=lambda one: one["number"])


def test_who_is_not_signed_in_keeps_what_was_typed_and_no_file(node: Instance) -> None:
    visitor = Visitor(node, "/nl/aanvragen/zorgtoeslag")
    items = node.vault.count_items()
    visitor.press("next", value="ACTIEF")
    seen = visitor.press("attach", (NAME, print_files()["pdf"]), ask=WAGES, value="4000")
    assert seen.status == 200 and seen.fields["a.me.polis_status"] == "ACTIEF"
    assert node.vault.count_items() == items and NAME not in seen.html
    large = visitor.press("attach", (NAME, b"%PDF-1.7" + b"\0" * (MOST_BYTES + 2**20)), ask=WAGES, value="4000")
    assert large.status == 413


def test_nobody_takes_away_the_file_of_another(node: Instance, subjects: dict[str, str]) -> None:
    me, other = subjects["student"], subjects["pensioner"]
    correcting(node, me, path="/nl/aanvragen/zorgtoeslag").press("attach", ("a.png", print_files()["png"]), value="1")
    (waiting,) = list_waiting(node, me, person(me)).files
    correcting(node, other, "me.spaargeld", "/nl/aanvragen/zorgtoeslag").press(f"detach:{waiting.id}", value="1")
    assert list_waiting(node, me, person(me)).files == (waiting,)
    assert not list_waiting(node, me, person(other)).files


def test_a_file_for_another_lies_with_whom_it_is_about(node: Instance, subjects: dict[str, str]) -> None:
    me, shop = subjects["baker"], subjects[BAKERY]
    visitor = Visitor(node, "/nl/aanvragen/terrasvergunning", me)
    visitor.press(f"for:{shop}")
    visitor.press("correct:me.beschikbare_oppervlakte")
    added = visitor.press("attach", ("meting.png", print_files()["png"]), value="80", evidence="")
    assert "meting.png" in added.html
    mine = {item.kind for item in node.vault.describe(subjects=[me])}
    assert DRAFT_FILE not in mine
    assert DRAFT_FILE in {item.kind for item in node.vault.describe(subjects=[shop])}


def test_without_an_article_for_a_report_the_file_stays_with_the_claim(node: Instance) -> None:
    me = node.vault.add_subject()
    file = ClaimFile("", "plattegrond.png", "image/png", 3, "0" * 64)
    item = node.vault.put(me, CLAIM_FILE, b"abc", controller=ROTTERDAM, ground="x", author=author_for(ROTTERDAM))
    kept = ClaimFile(item, file.name, file.media_type, file.size, file.sha256)
    claim = Claim(
        "c", me, Ask("vloeroppervlakte"), "BAG", 48, 50, "", date(2026, 4, 15), "open", "", ROTTERDAM, (kept,)
    )
    base = load_base_registers()
    assert not base["BAG"].article and base["BRP"].article
    report_doubt(node, claim, base["BAG"], ROTTERDAM)
    report_doubt(node, claim, base["BRP"], ROTTERDAM)
    asker = Principal("reader", author_for(ROTTERDAM).roles)
    assert [len(one.attachments) for one in list_feedback(node.vault, me, asker)] == [0, 1]


def test_a_register_of_its_own_gets_each_file_as_a_document(tmp_path: Path) -> None:
    jpeg = print_files()["jpg"]
    with run_register() as register, make_node(tmp_path / "node", SVB) as node:
        write_connections(node.settings.folder, connection_text(register.url, BENEFITS))
        visitor = correcting(node, fill_vault(node)["parent"])
        visitor.press("claim", ("Jaaropgave.JPG", jpeg), value="45000", evidence="")
        finish(visitor)
        assert visitor.press("submit").html.count("onder nummer EEN-") == 2
        rows = httpx.get(register.url + "/_state").json()["rows"]
    sent = rows["documenten/api/v1/enkelvoudiginformatieobjecten"]
    (document,) = [row for row in sent if row["bestandsnaam"] == "Jaaropgave.JPG"]
    assert base64.b64decode(document["inhoud"]) == jpeg
    assert (document["formaat"], document["bestandsomvang"]) == ("image/jpeg", len(jpeg))
    assert document["titel"].startswith("Bewijs bij: ")
    assert len(rows["zaken/api/v1/zaakinformatieobjecten"]) == 2
