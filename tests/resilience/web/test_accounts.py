"""Evidence, the incident clock and advisories as they are served: over the API, and by forms without a script."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from eendracht.kernel.clock import AMSTERDAM
from eendracht.kernel.credentials import create_principal
from tests.resilience.advisories.documents import change, security_advisory
from tests.resilience.advisories.estate import DRAFTS, PART
from tests.services.pages.test_door import text_of
from tests.web.browser import arrive, open_page, press, run_browser
from tests.web.conftest import Site
from tests.web.demo import Demo, hidden_fields
from tests.web.judging import check_markup, judge, judge_room
from tests.web.nodes import LAWS, OWNER, draft, fill_node, open_node
from tests.web.serving import run_server

ROLE = "role:gm0344/ciso"
MORE = (
    draft(ROLE, "CISO", organisation=OWNER),
    draft(
        "evidence:gm0344/hersteltest",
        "Hersteltest <b>2026</b>",
        "organisation",
        organisation=OWNER,
        satisfies=["bio2/8.13.04", "cbw/21-2-c"],
        type="test",
        responsible=ROLE,
        heldFrom="2026-11-01",
        expiresOn="2099-01-01",
        location="archief/1",
    ),
    draft(
        "crisis-contact:gm0344/piket",
        "Piket",
        "organisation",
        organisation=OWNER,
        role="Piket",
        checkedOn="2026-11-01",
    ),
)
EDITOR = "gm0344/editor"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("accounts") / "node"
    with open_node(folder) as instance:
        tokens = fill_node(instance, [dict(one) for one in (*DRAFTS, *MORE)])
        create_principal(instance.store, "persona/record-owner", [f"editor@{OWNER}"])
    (folder / "node.toml").write_text(f'name = "test.example/eendracht"\nmode = "demo"\nlaws = "{LAWS}"\n')
    with run_server(folder) as server:
        yield Site(server, folder, tokens)
        code, _, errors = server.stop()
    assert code == 0
    assert "Traceback" not in errors, errors


def ago(hours: float) -> str:
    return (datetime.now(UTC) - timedelta(hours=hours)).isoformat(timespec="seconds")


def local(hours: float) -> str:
    return (datetime.now(AMSTERDAM) - timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M")


def test_accounts_are_counts_for_everybody_and_names_for_insiders(site: Site) -> None:
    path = f"/v1/resilience/evidence?organisation={OWNER}"
    public = site.get(path, "").json()
    assert [account["controls"] for account in public["accounts"]] == [[]] * 4
    assert sum(account["counts"]["met"] for account in public["accounts"]) == 0
    own = site.get(path, EDITOR).json()
    met = {item["control"] for account in own["accounts"] for item in account["controls"] if item["state"] == "met"}
    assert met == {"bio2/8.13.04", "cbw/21-2-c"} and own["sharedEvidence"] == 1
    assert own["wanted"] and [item["ref"] for item in own["proposals"]] == ["crisis-contact:gm0344/piket"]
    assert site.get("/v1/resilience/evidence?organisation=organisation:gm9999", EDITOR).status_code == 404
    assert site.get("/v1/resilience/evidence?framework=iso", EDITOR).status_code == 400


def test_a_proposal_is_taken_over_over_the_api(site: Site) -> None:
    path = "/v1/resilience/evidence/proposals"
    given = {"organisation": OWNER, "proposal": "crisis-contact:gm0344/piket", "responsible": ROLE}
    assert site.call("POST", path, json=given).status_code == 401
    assert site.call("POST", path, "gm0363/editor", json=given).status_code == 403
    assert site.call("POST", path, EDITOR, json=given | {"proposal": ROLE}).status_code == 404
    assert site.call("POST", path, EDITOR, json=given).status_code == 201
    assert site.call("POST", path, EDITOR, json=given).status_code == 404
    told = site.get(f"/v1/resilience/evidence?organisation={OWNER}", EDITOR).json()
    states = {item["control"]: item["state"] for account in told["accounts"] for item in account["controls"]}
    assert states["cbw/21-2-j"] == "met"


def test_an_incident_goes_its_way_over_the_api(site: Site) -> None:
    path = "/v1/resilience/incidents"
    assert site.get(path, "").status_code == 403
    given = {"name": "Aanval", "detectedAt": ago(30), "significant": "yes"}
    assert site.call("POST", path, json=given).status_code == 401
    assert site.call("POST", path, EDITOR, json=given | {"detectedAt": "2026-11-01T10:00:00"}).status_code == 400
    ref = site.call("POST", path, EDITOR, json=given).json()["ref"]
    (incident,) = site.get(path, EDITOR).json()["incidents"]
    states = {item["stage"]: item["state"] for item in incident["reports"]}
    assert states == {"early-warning": "overdue", "notification": "running", "final": "running"}
    left = incident["reports"][1]["secondsLeft"]
    assert 41 * 3600 < left <= 42 * 3600
    assert site.get(path, "gm0363/editor").json()["incidents"] == []
    report = {"stage": "early-warning", "filedAt": ago(29), "recipient": "CSIRT"}
    filed = f"{path}/{ref}/reports"
    assert site.call("POST", filed, "gm0363/editor", json=report).status_code == 404
    assert site.call("POST", filed, EDITOR, json=report | {"filedAt": ago(40)}).status_code == 400
    assert site.call("POST", filed, EDITOR, json=report).status_code == 201
    assert site.call("POST", f"{path}/{ref}/end", EDITOR, json={"handledAt": ago(1)}).status_code == 200
    (incident,) = site.get(path, EDITOR).json()["incidents"]
    assert incident["status"] == "handled" and incident["reports"][0]["state"] == "filed"


def test_an_advisory_is_handed_in_and_handled_over_the_api(site: Site) -> None:
    path = "/v1/resilience/advisories"
    assert site.get(path, "").status_code == 403
    assert site.call("POST", path, json=security_advisory()).status_code == 401
    wrong = site.call("POST", path, EDITOR, json=change("document/tracking/version", "9"))
    assert wrong.status_code == 400 and wrong.json()["errors"][0]["code"] == "csaf-6.1.16"
    kept = site.call("POST", path, EDITOR, json=security_advisory())
    assert kept.status_code == 201 and (kept.json()["recorded"], kept.json()["counts"]["affected"]) == (7, 3)
    (line,) = site.get(path, EDITOR).json()["advisories"]
    assert line["citizens"] == {"low": 700, "high": 1100} and len(line["services"]) == 2
    match = next(item for item in line["matches"] if item["about"] == f"{PART}/oud")
    status = f"/v1/resilience/advisory-matches/{match['ref']}/status"
    given = {"status": "accepted", "generation": match["generation"]}
    assert site.call("POST", status, EDITOR, json=given).status_code == 400
    assert site.call("POST", status, "gm0363/editor", json=given | {"reason": "x"}).status_code == 404
    assert site.call("POST", status, EDITOR, json=given | {"reason": "Gaat weg"}).status_code == 200
    assert site.call("POST", status, EDITOR, json=given | {"reason": "Gaat weg"}).status_code == 409
    (line,) = site.get(path, EDITOR).json()["advisories"]
    # What is accepted waits no more, and no service rests on anything that does: others have no service.
    assert line["services"] == [] and line["citizens"] == {"low": 0, "high": 0}
    assert site.get(path, "gm0363/editor").json()["advisories"][0]["matches"] == []


# -- pages -----------------------------------------------------------------------------------------------------------


def test_the_public_sees_counts_and_no_names(site: Site) -> None:
    with Demo(site.server, site.folder).browser() as client:
        text = text_of(client.get(f"/nl/bewijs?organisation={OWNER}").text)
        assert "Gemeente Utrecht" in text and "8.13.04" not in text and "Hersteltest" not in text
        for path in ("/nl/meldklok", "/nl/beveiligingsberichten"):
            assert client.get(path).status_code in (401, 403)


def test_an_incident_is_opened_and_reported_by_forms(site: Site) -> None:
    with Demo(site.server, site.folder).signed_in() as client:
        page = client.get("/nl/meldklok").text
        typed = {"formKey": hidden_fields(page)["formKey"], "name": "Lek <i>2</i>", "detectedAt": "gisteren"}
        wrong = client.post("/nl/meldklok", data=typed)
        assert wrong.status_code == 422 and 'value="Lek &lt;i&gt;2&lt;/i&gt;"' in wrong.text
        assert "Schrijf dag en tijd als" in text_of(wrong.text)
        sent = client.post("/nl/meldklok", data=typed | {"detectedAt": local(2), "significant": "yes"})
        assert sent.status_code == 303
        place = sent.headers["location"].partition("?")[0]
        page = client.get(place).text
        assert "21 uur" in text_of(page) and "Lek <i>2</i>" in text_of(page)
        form = {"formKey": hidden_fields(page)["formKey"], "do": "report", "stage": "early-warning", "recipient": ""}
        assert client.post(place, data=form | {"filedAt": local(1)}).status_code == 422
        assert client.post(place, data=form | {"filedAt": local(1), "recipient": "CSIRT"}).status_code == 303
        assert "Op tijd gemeld" in text_of(client.get(place).text)
        assert client.post(place, data=form | {"do": "end", "handledAt": local(-3)}).status_code == 422
        assert client.post(place, data=form | {"do": "end", "handledAt": local(0)}).status_code == 303


def test_an_advisory_is_read_and_handled_by_forms(site: Site) -> None:
    with Demo(site.server, site.folder).signed_in() as client:
        path = "/nl/beveiligingsberichten"
        key = hidden_fields(client.get(path).text)["formKey"]

        def send(content: Any) -> Any:
            return client.post(path, data={"formKey": key}, files={"file": ("a.json", json.dumps(content))})

        wrong = send(change("document/tracking/version", "9"))
        assert wrong.status_code == 422 and "toets 6.1.16" in text_of(wrong.text)
        assert client.post(path, data={"formKey": key}, files={"file": ("a.json", b"{")}).status_code == 422
        other = security_advisory()
        other["document"]["tracking"]["id"] = "ZB-2026-2"
        assert send(other).headers["location"].endswith("done=kept")
        other["document"]["tracking"]["id"] = "ZB-2026-3"
        for branch in other["product_tree"]["branches"][0]["branches"]:
            branch["name"] = "Iets anders"
            for version in branch["branches"]:
                version["product"]["product_identification_helper"] = {"purl": "pkg:npm/niets"}
        assert send(other).headers["location"].endswith("done=nothing")
        place = next(
            unescape(href) for href in re.findall(r'href="([^"]+)"', client.get(path).text) if "zb-2026-2" in href
        )
        page = client.get(place).text
        match = next(
            unescape(value) for value, text in re.findall(r'<option value="([^"]+)">([^<]+)', page) if "geraakt" in text
        )
        fields = {"formKey": hidden_fields(page)["formKey"], "match": match, "status": "accepted"}
        assert client.post(place, data=fields).status_code == 422
        assert client.post(place, data=fields | {"reason": "Wij stoppen <b>ermee</b>"}).status_code == 303
        assert "Wij stoppen <b>ermee</b>" in text_of(client.get(place).text)


def test_the_pages_have_no_fault_in_either_language(
    site: Site, node_file: Callable[[str], Path], tmp_path: Path
) -> None:
    """With what went before on them: also refused forms, narrow, and by the Nu checker."""
    axe = node_file("axe-core/axe.min.js").read_text()
    seen = {}
    paths = {
        "nl": ("bewijs", f"bewijs?organisation={OWNER}", "meldklok", "beveiligingsberichten"),
        "en": ("evidence", f"evidence?organisation={OWNER}", "incident-clock", "security-advisories"),
    }
    with run_browser() as browser, open_page(browser, site.server.url, "record-owner") as page:

        def look(name: str) -> None:
            seen[name] = page.content()
            assert not (faults := [*judge(page, axe), *judge_room(page)]), (name, faults)

        for language, places in paths.items():
            for at, place in enumerate(places):
                arrive(page, f"/{language}/{place}")
                look(f"{language}-{at}")
                if at >= 2:
                    arrive(page, page.locator("main table a").first.get_attribute("href") or "")
                    look(f"{language}-{at}-one")
            arrive(page, f"/{language}/{paths[language][2]}")
            press(page.locator("main .nl-button--primary"))
            look(f"{language}-refused")
            arrive(page, f"/{language}/{paths[language][3]}")
            press(page.locator("main .nl-button--primary"))
            look(f"{language}-no-file")
    check_markup(seen, node_file("vnu-jar/build/dist/vnu.jar"), tmp_path)


def test_another_organisation_sees_nothing_of_it(site: Site) -> None:
    assert site.get("/v1/resilience/evidence", "gm0363/editor").json()["accounts"] == []
