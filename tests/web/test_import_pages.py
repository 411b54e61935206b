"""An import by the pages, from a file to its records, in a real browser; and uploads that are refused."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.web.browser import arrive, open_page, press, run_browser
from tests.web.demo import Demo, hidden_fields, make_demo
from tests.web.serving import run_server

CSV = (
    "Applicatie;Leverancier;Status;E-mail beheerder;Kosten per jaar;Referentie\n"
    "Burgerzaken Suite;Zaakbouwers BV;In gebruik;jan@voorbeeld.nl;12.500,00;A-1\n"
    "Belastingen;Belastingsoft;Uitgefaseerd;piet@voorbeeld.nl;veel;A-2\n"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with run_browser() as started:
        yield started


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = make_demo(tmp_path_factory.mktemp("import") / "node", more=True)
    with run_server(folder) as server:
        yield Demo(server, folder)
        _, _, errors = server.stop()
    assert "Traceback" not in errors, errors


@pytest.mark.parametrize("has_scripts", [True, False], ids=["script", "no-script"])
def test_a_file_becomes_records_with_and_without_a_script(
    browser: Browser, site: Demo, tmp_path: Path, has_scripts: bool
) -> None:
    file = tmp_path / f"applicaties-{has_scripts}.csv"
    file.write_text(CSV.replace("A-", f"{has_scripts}-").replace("Suite", f"Suite {has_scripts}"), "utf-8")
    options = {"java_script_enabled": has_scripts}
    with open_page(browser, site.server.url, "record-owner", **options) as page:
        arrive(page, "/nl")
        press(page.get_by_role("link", name="Importeren"))
        page.set_input_files("#file", file)
        press(page.get_by_role("button", name="Verder"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Wat betekenen de kolommen?")
        page.select_option("#kind", "application")
        press(page.get_by_role("button", name="Opnieuw voorstellen"))
        assert page.locator("#kind").input_value() == "application"
        # What is about a person cannot be chosen, and none of it is shown.
        assert "voorbeeld.nl" not in page.content()
        labels = page.locator("tbody th").all_inner_texts()
        assert "E-mail beheerder" in labels
        page.select_option(f"#column-{labels.index('Applicatie')}", "name")
        page.select_option(f"#column-{labels.index('Referentie')}", "key")
        press(page.get_by_role("button", name="Toon wat het verandert"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Wat dit bestand verandert")
        # The amount that is no amount is told with its place; nothing is recorded yet.
        assert "veel" in page.content()
        assert "rij 3" in page.content()
        # The first names of what is new, what is filled in of it, and why a column stays out.
        fresh = page.locator("table:has(#fresh-table)").inner_text()
        assert f"Burgerzaken Suite {has_scripts}" in fresh and "Levensfase" in fresh
        assert "E-mail beheerder" in page.locator("table:has(#left-out-table)").inner_text()
        assert "e-mailadressen" in page.locator("table:has(#left-out-table)").inner_text()
        before = httpx.get(f"{site.server.url}/v1/facets?kind=application").json()["total"]
        press(page.get_by_role("button", name="Dit vastleggen"))
        for _ in range(60):
            if page.get_by_text("Klaar.").count():
                break
            if not has_scripts:
                press(page.get_by_role("link", name="Kijk hoe ver het nu is"))
            time.sleep(0.5)
        expect(page.get_by_text("Klaar.")).to_be_visible()
        page.reload()
        meta = page.locator("main .e-meta").inner_text()
        assert file.name in meta and "Gemeente Utrecht" in meta
        faults = page.locator("table:has(#faults-table)").inner_text()
        assert "rij 3" in faults and "veel" in faults
        arrive(page, "/nl/werk")
        assert file.name in page.locator("main table").inner_text()
        arrive(page, f"/nl/zoeken?kind=application&q=Burgerzaken+Suite+{has_scripts}")
        expect(page.get_by_role("link", name=f"Burgerzaken Suite {has_scripts}")).to_be_visible()
    assert before >= 1


def post_file(client: httpx.Client, content: bytes, name: str = "lijst.csv", **fields: str) -> httpx.Response:
    key = hidden_fields(client.get("/nl/importeren").text)["formKey"]
    data = {"formKey": key, "owner": "organisation:gm0344", "profile": "", "system": "", **fields}
    return client.post("/nl/importeren", data=data, files={"file": (name, content)})


def test_every_fault_of_the_form_is_told_at_once(site: Demo) -> None:
    with site.signed_in() as client:
        answer = post_file(client, b"", owner="organisation:gm0363", profile="bestaat-niet")
    assert answer.status_code == 422
    for anchor in ("#file", "#owner", "#profile"):
        assert f'href="{anchor}"' in answer.text


def test_a_file_that_cannot_be_read_says_why_and_is_not_lost(site: Demo) -> None:
    with site.signed_in() as client:
        answer = post_file(client, b"<html><table><tr><td>x</td></tr></table></html>", "export.xls")
        assert answer.status_code == 303
        page = client.get(answer.headers["location"])
        assert page.status_code == 422
        assert "Dit is een webpagina" in page.text


def test_a_columns_form_without_a_name_is_refused_with_a_link(site: Demo) -> None:
    with site.signed_in() as client:
        place = post_file(client, CSV.encode()).headers["location"]
        key = hidden_fields(client.get(place).text)["formKey"]
        none = {f"column.{at}": "" for at in range(6)}
        answer = client.post(place, data={"formKey": key, "kind": "application", "act": "map", **none})
        assert answer.status_code == 422
        assert "Eén kolom moet de naam zijn" in unescape(answer.text)
        anchor = re.search(r'href="#(column-\d)"', answer.text)
        assert anchor
        assert f'aria-describedby="{anchor[1]}-fault" aria-invalid="true"' in answer.text
        assert f'id="{anchor[1]}-fault"' in answer.text


def test_the_file_of_another_is_not_there(site: Demo) -> None:
    with site.signed_in() as client:
        place = post_file(client, CSV.encode()).headers["location"]
    with site.signed_in("auditor") as other:
        absent = other.get("/nl/importeren/" + "0" * 32)
        hidden = other.get(place)
    assert absent.status_code == hidden.status_code == 404
    key = re.compile(r'value="[0-9a-f]{64}"')
    assert key.sub("", absent.text).replace("0" * 32, "X") == key.sub("", hidden.text).replace(place[-32:], "X")


@pytest.mark.parametrize("name", ["../../../../etc/cron.d/x.csv", "..\\..\\x.csv", "/etc/passwd", "a\r\nX-Evil: 1.csv"])
def test_the_name_of_a_file_leads_nowhere_else(site: Demo, name: str) -> None:
    before = {path for path in site.folder.parent.rglob("*") if path.is_file()}
    with site.signed_in() as client:
        answer = post_file(client, CSV.encode(), name)
        assert answer.status_code == 303
        assert "x-evil" not in answer.headers
        assert client.get(answer.headers["location"]).status_code == 200
    fresh = {path for path in site.folder.parent.rglob("*") if path.is_file()} - before
    uploads = site.folder / "uploads"
    assert {path for path in fresh if uploads not in path.parents and "eendracht.db" not in path.name} <= {
        path for path in fresh if "ledger" in path.parts or "journal" in path.parts or "jobs" in path.parts
    }


def test_two_gigabytes_are_refused_before_they_are_sent(site: Demo) -> None:
    with site.signed_in() as client:
        cookie = f"eendracht={client.cookies['eendracht']}"
    head = (
        f"POST /nl/importeren HTTP/1.1\r\nHost: 127.0.0.1:{site.server.port}\r\nCookie: {cookie}\r\n"
        f"Origin: {site.server.url}\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        f"Content-Length: {2 * 2**30}\r\nAccept: text/html\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", site.server.port), timeout=10) as connection:
        started = time.monotonic()
        connection.sendall(head.encode())
        answer = connection.recv(200)
    assert b" 413 " in answer
    assert time.monotonic() - started < 2


def test_a_form_with_a_file_and_no_session_does_nothing(site: Demo) -> None:
    with site.browser() as client:
        answer = client.post("/nl/importeren", data={"owner": "organisation:gm0344"}, files={"file": ("x.csv", CSV)})
    assert answer.status_code == 401


def test_a_job_can_be_asked_for_followed_and_its_report_fetched_by_who_asked(site: Demo) -> None:
    with site.signed_in("auditor") as client:
        key = hidden_fields(client.get("/nl/werk").text)["formKey"]
        place = client.post("/nl/werk", data={"formKey": key, "kind": "export"}).headers["location"]
        for _ in range(100):
            page = client.get(place)
            if "Klaar." in page.text:
                break
            time.sleep(0.1)
        report = client.get(place + "?report=1")
        assert report.status_code == 200
        assert report.headers["content-disposition"].startswith("attachment")
    with site.signed_in("coordinator") as other:
        assert other.get(place).status_code == 404
        assert other.get(place + "?report=1").status_code == 404


def leave_a_question(client: httpx.Client) -> str:
    """Import a list with a value that nobody knows; gives the page of tasks that asks about it."""
    place = post_file(client, b"Applicatie;Status;Nummer\nVraagbaak;misschien;Q-1\n", "vraag.csv").headers["location"]
    key = hidden_fields(client.get(place).text)["formKey"]
    chosen = {"kind": "application", "column.0": "name", "column.1": "lifecycle", "column.2": "key", "act": "map"}
    assert client.post(place, data={"formKey": key, **chosen}).status_code == 303
    job = client.post(place, data={"formKey": key, "act": "record"}).headers["location"]
    for _ in range(100):
        if "Klaar." in client.get(job).text:
            break
        time.sleep(0.1)
    assert "De vragen beantwoorden" in client.get(job).text
    for _ in range(100):
        page = client.get("/nl/mijn-taken")
        if page.status_code == 200:
            break
        time.sleep(0.1)
    return page.text


def test_a_decision_that_an_import_left_is_taken_on_the_page_of_tasks(site: Demo) -> None:
    with site.signed_in() as client:
        page = leave_a_question(client)
        assert "Kolom &#39;Status&#39;: wat betekenen deze waarden? (misschien)" in page
        assert '<option value="in-use">in gebruik</option>' in page
        fields = hidden_fields(page)
        with site.signed_in("auditor") as other:
            key = hidden_fields(other.get("/nl/werk").text)["formKey"]
            assert (
                other.post("/nl/mijn-taken", data={**fields, "formKey": key, "answer.0": "in-use"}).status_code == 404
            )
        wrong = client.post("/nl/mijn-taken", data={**fields, "answer.0": "gisteren"})
        assert wrong.status_code == 400
        assert "Dit antwoord past niet bij de vraag" in wrong.text
        answer = client.post("/nl/mijn-taken", data={**fields, "answer.0": "in-use"})
        assert answer.headers["location"] == "/nl/mijn-taken?decided=1"
        after = client.get(answer.headers["location"]).text
        assert "Uw antwoord is vastgelegd" in after
        assert "wat betekenen deze waarden" not in after
        # Twice is no answer to anything.
        assert client.post("/nl/mijn-taken", data={**fields, "answer.0": "in-use"}).status_code == 404


def import_list(client: httpx.Client, content: bytes, name: str) -> tuple[str, str]:
    """Import a list of applications; gives the page of its check and that of its job."""
    place = post_file(client, content, name, system="lijst").headers["location"]
    key = hidden_fields(client.get(place).text)["formKey"]
    chosen = {"kind": "application", "column.0": "name", "column.1": "annualCostEurocent", "column.2": "key"}
    assert client.post(place, data={"formKey": key, **chosen, "act": "map"}).status_code == 303
    check = client.get(place).text
    job = client.post(place, data={"formKey": key, "act": "record"}).headers["location"]
    for _ in range(100):
        if "Klaar." in client.get(job).text:
            break
        time.sleep(0.1)
    return unescape(check), job


def figure(page: str, label: str) -> int:
    """Give the figure before a label."""
    found = re.search(rf'<strong class="e-figure">(\d+)</strong> {label}', page)
    return int(found[1]) if found else 0


def test_a_row_that_is_refused_is_not_unchanged_and_its_file_not_known(site: Demo) -> None:
    content = b"Applicatie;Kosten per jaar;Nummer\nGelijk;100;G-1\nAnders;veel;G-2\n"
    with site.signed_in() as client:
        import_list(client, content, "eerst.csv")
        check, job = import_list(client, content, "nog eens.csv")
        assert (figure(check, "Ongewijzigd"), figure(check, "Rijen geweigerd om een fout")) == (1, 1)
        assert "Alles in dit bestand is al bekend" not in check
        page = unescape(client.get(job).text)
        assert "nog eens.csv" in page
        assert figure(page, "Rijen geweigerd om een fout") == 1
        # The name of the file and what a fault quotes are for who sent it.
        stored = client.get(f"/v1/jobs/{job.rpartition('/')[2]}").text
        assert "nog eens" not in stored
        check, _ = import_list(client, content.replace(b"veel", b""), "derde.csv")
        assert "Alles in dit bestand is al bekend" in check


def test_the_page_of_an_import_links_to_the_question_that_it_left(site: Demo) -> None:
    with site.signed_in() as client:
        content = b"Applicatie;Status;Nummer\nVraagbaak Twee;wellicht;V-2\n"
        place = post_file(client, content, "tweede.csv", system="tweede").headers["location"]
        key = hidden_fields(client.get(place).text)["formKey"]
        chosen = {"kind": "application", "column.0": "name", "column.1": "lifecycle", "column.2": "key", "act": "map"}
        client.post(place, data={"formKey": key, **chosen})
        job = client.post(place, data={"formKey": key, "act": "record"}).headers["location"]
        for _ in range(100):
            page = client.get(job).text
            if "Klaar." in page:
                break
            time.sleep(0.1)
        link = re.search(r'href="/nl/mijn-taken#(decision-[0-9a-f]{16})">([^<]*)', page)
        assert link
        assert "wellicht" in link[2]
        for _ in range(100):
            tasks = client.get("/nl/mijn-taken")
            if tasks.status_code == 200:
                break
            time.sleep(0.1)
        assert f'id="{link[1]}"' in tasks.text
