"""Cases and hand-overs over HTTP, on a real server with a worker in it."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from eendracht.bootstrap import open_instance
from eendracht.config import load_settings
from eendracht.kernel.credentials import create_principal, issue_token
from tests.kernel.node import files_with
from tests.services.case_nodes import AMSTERDAM, CANARY, UTRECHT, make_node, write_connections
from tests.services.zgw.serving import connection_text, run_register
from tests.web.described import Description, describe_server
from tests.web.serving import Server, run_server


class Site:
    """A running node, the tokens of who asks, and the register of Utrecht."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tokens: dict[str, str] = {}
        self.server: Server
        self.register: Server
        self.description: Description

    def ask(self, who: str, method: str, path: str, body: Any = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"} if who else {}
        return self.description.hold(
            httpx.request(method, self.server.url + path, json=body, headers=headers, timeout=60)
        )

    def post(self, who: str, path: str, body: Any = None, status: int = 200) -> dict[str, Any]:
        answer = self.ask(who, "POST", path, body)
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("site") / "node")
    with make_node(made.folder) as node:
        subject = node.vault.add_subject("bsn", "999990019")
        principals = {
            "person": (f"person/{subject}", []),
            "other": (f"person/{node.vault.add_subject()}", []),
            "utrecht": ("gm0344/editor", [f"editor@{UTRECHT}"]),
            "amsterdam": ("gm0363/editor", [f"editor@{AMSTERDAM}"]),
            "notices": ("gm0344/notificaties", [f"reader@{UTRECHT}"]),
        }
        for who, (name, roles) in principals.items():
            create_principal(node.store, name, roles)
            made.tokens[who] = issue_token(node.store, name, "write")
    with run_register() as register:
        write_connections(made.folder, connection_text(register.url))
        made.register = register
        with run_server(made.folder) as server:
            made.server, made.description = server, describe_server(server.url)
            yield made


FORM = {
    "organisation": UTRECHT,
    "form": "application",
    "service": "public-service:gm0344/parkeren",
    "answers": {"name": f"Jan {CANARY}", "children": 2, "lives": True},
    "labels": {"name": "Naam"},
    "documents": [{"title": "Huurcontract", "content": base64.b64encode(CANARY.encode()).decode()}],
}


def wait_until(holds: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.1)


def test_a_person_submits_follows_and_is_handed_over(site: Site) -> None:
    case = site.post("person", "/v1/cases", FORM, 201)
    assert case["status"] == "Ontvangen" and case["state"] == "registered" and case["decideBy"] == case["deadline"]
    assert [found["id"] for found in site.post("person", "/v1/case-listings", {})["cases"]] == [case["id"]]
    assert site.post("other", "/v1/case-listings", {})["cases"] == []
    assert site.post("", "/v1/case-listings", {})["cases"] == []
    address = f"/v1/cases/{case['id']}"
    for who, status in (("other", 404), ("amsterdam", 404), ("", 404), ("utrecht", 200), ("person", 200)):
        assert site.ask(who, "GET", address).status_code == status, who
    (confirmed,) = site.ask("person", "GET", address + "/confirmations").json()["confirmations"]
    assert confirmed["number"] == case["number"] and confirmed["received"][-1] == "Huurcontract"

    refused = site.ask(
        "utrecht",
        "POST",
        "/v1/handovers",
        {
            "case": case["id"],
            "receiver": AMSTERDAM,
            "extra": [{"name": "income", "value": CANARY}],
        },
    )
    assert refused.status_code == 403 and refused.json()["code"] == "extra-without-ground"
    assert refused.json()["errors"][0]["pointer"] == "/extra/0" and CANARY not in refused.text
    consent = site.post("person", address + "/consents", {"receiver": AMSTERDAM, "fields": ["income"]}, 201)
    offer = {"case": case["id"], "receiver": AMSTERDAM, "consent": consent["id"]}
    handover = site.post("utrecht", "/v1/handovers", {**offer, "extra": [{"name": "income", "value": "laag"}]}, 201)
    assert site.ask("person", "GET", f"/v1/handovers/{handover['id']}").json()["responsible"] == UTRECHT
    assert site.ask("other", "GET", f"/v1/handovers/{handover['id']}").status_code == 404
    assert site.ask("person", "POST", f"/v1/handovers/{handover['id']}/accept").status_code == 403
    assert site.post("amsterdam", f"/v1/handovers/{handover['id']}/look")["extra"] == {"income": "laag"}
    assert site.post("amsterdam", f"/v1/handovers/{handover['id']}/accept")["responsible"] == AMSTERDAM
    assert site.ask("amsterdam", "POST", f"/v1/handovers/{handover['id']}/accept").status_code == 409
    found = site.post("person", "/v1/case-listings", {})["cases"]
    assert {(item["organisation"], item["isResponsible"]) for item in found} == {(UTRECHT, False), (AMSTERDAM, True)}
    # The worker in the server tells the register of Utrecht.
    wait_until(lambda: site.post("person", address + "/refresh")["status"] == "Doorgezonden")


def test_a_notification_is_a_reason_to_read_and_nothing_more(site: Site) -> None:
    case = site.post("person", "/v1/cases", {**FORM, "documents": []}, 201)
    rows = httpx.get(site.register.url + "/_state").json()["rows"]["zaken/api/v1/zaken"]
    (zaak,) = [row for row in rows if row["identificatie"] == case["number"]]
    asked = {"identificatie": case["number"], "status": "Besloten", "fields": {"einddatum": "2026-12-01"}}
    httpx.post(site.register.url + "/_advance", json=asked).raise_for_status()
    notice = {
        "kanaal": "zaken",
        "hoofdObject": zaak["url"],
        "resource": "status",
        "resourceUrl": "http://127.0.0.1:1/evil",
        "actie": "create",
        "aanmaakdatum": "2026-12-01T12:00:00Z",
        "kenmerken": {"status": "Geweigerd"},
    }
    place = "/v1/case-notifications/gm0344"
    assert site.ask("", "POST", place, notice).status_code == 404
    assert site.ask("amsterdam", "POST", place, notice).status_code == 404
    assert site.ask("notices", "POST", "/v1/case-notifications/gm0363", notice).status_code == 404
    wrong = site.ask("notices", "POST", place, {"kanaal": "zaken"})
    assert wrong.status_code == 400 and len(wrong.json()["errors"]) == 5
    assert site.ask("notices", "POST", place, {**notice, "hoofdObject": "https://x.example/y"}).status_code == 204
    assert site.ask("notices", "POST", place, notice).status_code == 204
    address = f"/v1/cases/{case['id']}"
    wait_until(lambda: site.ask("person", "GET", address).json()["status"] == "Besloten")
    assert site.ask("person", "GET", address).json()["endedOn"] == "2026-12-01"


def test_every_fault_is_named_and_nothing_is_echoed(site: Site) -> None:
    body = {
        **FORM,
        "form": "verzoek",
        "documents": [{"title": "", "content": "geen base64!"}],
        "answers": {"Naam van wie": CANARY},
        "kleur": CANARY,
    }
    answer = site.ask("person", "POST", "/v1/cases", body)
    assert answer.status_code == 400 and CANARY not in answer.text
    pointers = {fault["pointer"].rpartition("/")[0] or fault["pointer"] for fault in answer.json()["errors"]}
    assert len(answer.json()["errors"]) >= 5 and "/form" in pointers
    assert site.ask("", "POST", "/v1/cases", FORM).status_code == 401
    assert site.ask("other", "POST", "/v1/cases", {**FORM, "subject": "someone-else"}).status_code == 403
    assert site.ask("person", "GET", "/v1/cases/999990019").status_code == 400
    assert site.ask("person", "GET", "/v1/handovers?x=1").status_code == 400


def test_nothing_personal_is_in_the_folder_or_on_the_screen(tmp_path: Path) -> None:
    """A server of its own, so that its whole life is looked at."""
    folder = tmp_path / "node"
    with make_node(folder) as node:
        subject = node.vault.add_subject("bsn", "999990019")
        create_principal(node.store, f"person/{subject}", [])
        token = issue_token(node.store, f"person/{subject}", "write")
    with run_server(folder) as server:
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx.post(server.url + "/v1/cases", json=FORM, headers=headers, timeout=60)
        assert answer.status_code == 201, answer.text
        httpx.post(server.url + "/v1/cases", json={**FORM, "service": "public-service:gm0344/weg"}, headers=headers)
        httpx.post(server.url + "/v1/cases", json={**FORM, "form": CANARY}, headers=headers)
        code, out, errors = server.stop()
    assert code == 0 and CANARY not in out + errors and "999990019" not in out + errors
    assert files_with(folder, CANARY, "999990019", "Huurcontract", answer.json()["number"]) == []
    with open_instance(load_settings(folder)) as node:
        # The answers, and the attachment apart.
        assert node.vault.count_items()["case-submission"] == 2
