"""Signing in as a persona, sessions that end, and forms that come from elsewhere."""

from __future__ import annotations

import re
import time
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from eendracht.bootstrap import open_instance
from eendracht.config import load_settings
from eendracht.kernel.access import OPERATOR
from eendracht.kernel.audit import list_events
from eendracht.kernel.credentials import remove_principal
from eendracht.web.site import MOST_ATTEMPTS
from tests.web.browser import press, run_browser
from tests.web.demo import EDIT, Demo, form_of, hidden_fields, make_demo
from tests.web.serving import free_port, run_server


def test_a_persona_signs_in_sees_more_and_signs_out(demo: Demo) -> None:
    with demo.browser() as client:
        assert client.get("/nl/records/component:gm0344/kluis").status_code == 404
    with demo.signed_in("auditor") as client:
        assert client.get("/nl/records/component:gm0344/kluis").status_code == 200
        page = client.get("/en")
        assert "Auditor" in page.text
        key = re.search(r'name="formKey" value="([0-9a-f]{64})"', page.text)
        assert key
        cookies = dict(client.cookies)
        assert client.post("/en/sign-out", data={"formKey": key[1]}).headers["location"] == "/en"
        assert not client.cookies
    # The cookie that was kept elsewhere is worth nothing any more.
    again = httpx.get(demo.server.url + "/nl/records/component:gm0344/kluis", cookies=cookies)
    assert again.status_code == 404


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(demo: Demo) -> None:
    with demo.browser() as client:
        answer = client.post("/nl/aanmelden", data={"way": "persona", "persona": "persona/coordinator"})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert answer.headers["cache-control"] == "no-store"


def test_behind_https_the_cookie_is_secure(tmp_path: Path) -> None:
    folder = make_demo(tmp_path / "node")
    with run_server(folder, EENDRACHT_ADDRESS="https://eendracht.example") as server:
        answer = httpx.post(
            server.url + "/nl/aanmelden",
            data={"way": "persona", "persona": "persona/coordinator"},
            headers={"Origin": "https://eendracht.example"},
        )
    assert answer.headers["set-cookie"].startswith("__Host-eendracht=")
    assert "secure" in answer.headers["set-cookie"].lower()


def test_behind_https_a_browser_lets_go_of_the_cookie_at_signing_out(tmp_path: Path) -> None:
    """RFC 6265bis 4.1.3.2: a name with `__Host-` counts only with Secure, on path / and without a domain."""
    folder, port = make_demo(tmp_path / "node"), free_port()
    # A browser keeps a secure cookie of localhost, which it trusts as it trusts https.
    own = f"http://localhost:{port}"
    with run_server(folder, port, EENDRACHT_ADDRESS="https://eendracht.example"), run_browser() as browser:
        context = browser.new_context()
        context.set_extra_http_headers({"Origin": "https://eendracht.example"})
        page = context.new_page()
        page.goto(own + "/nl/aanmelden")
        press(page.get_by_role("button", name="Aanmelden als Auditor"))
        (cookie,) = context.cookies(own)
        assert (cookie["name"], cookie["secure"], cookie["path"]) == ("__Host-eendracht", True, "/")
        press(page.get_by_role("button", name="Afmelden"))
        expect(page.get_by_role("banner").get_by_role("link", name="Aanmelden")).to_be_visible()
        assert not context.cookies(own)
        context.close()


def test_a_node_that_is_no_demo_offers_and_takes_no_persona(demo: Demo, tmp_path: Path) -> None:
    folder = make_demo(tmp_path / "node")
    with run_server(folder, EENDRACHT_MODE="real") as server:
        assert "persona/" not in httpx.get(server.url + "/nl/aanmelden").text
        answer = httpx.post(server.url + "/nl/aanmelden", data={"way": "persona", "persona": "persona/auditor"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_a_demo_does_not_leave_the_machine(tmp_path: Path) -> None:
    from eendracht.config import ConfigurationFault

    folder = make_demo(tmp_path / "node")
    with pytest.raises(ConfigurationFault, match="loopback"):
        load_settings(folder, {"EENDRACHT_HOST": "0.0.0.0"})


@pytest.mark.parametrize(
    "where",
    ["https://elsewhere.example/", "//elsewhere.example", "/nl//elsewhere.example", "/\\elsewhere.example",
     "/nl\\..\\x", "javascript:alert(1)", "/v1/records", "/nl/zoeken\r\nSet-Cookie: a=b", "nl", "/nlx"],
)  # fmt: skip
def test_nobody_is_sent_elsewhere_after_signing_in(demo: Demo, where: str) -> None:
    with demo.browser() as client:
        answer = client.post("/nl/aanmelden", data={"way": "persona", "persona": "persona/auditor", "next": where})
        assert answer.headers["location"] == "/nl"
        assert len(answer.headers.get_list("set-cookie")) == 1
        page = client.get("/nl/aanmelden", params={"next": where})
        assert page.status_code in (200, 400)
        assert "elsewhere" not in page.text.partition("<main")[2] or page.status_code == 400


def test_after_signing_in_the_page_that_was_wanted_comes(demo: Demo) -> None:
    with demo.browser() as client:
        answer = client.post(
            "/nl/aanmelden", data={"way": "persona", "persona": "persona/auditor", "next": "/nl/zoeken?q=paspoort"}
        )
        assert answer.headers["location"] == "/nl/zoeken?q=paspoort"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_of_another_site_does_nothing_and_is_noted(demo: Demo, headers: dict[str, str]) -> None:
    with demo.signed_in() as client:
        values = form_of(client)
        before = client.get("/v1/versions/application:gm0344/zaaksysteem").content
        answer = client.post(EDIT, data={**values, "spec.name": "Vervalst"}, headers=headers)
        assert answer.status_code == 403
        assert "van een andere site" in answer.text or "niet van deze site" in answer.text
        assert client.get("/v1/versions/application:gm0344/zaaksysteem").content == before
    with open_instance(load_settings(demo.folder)) as instance:
        newest = list_events(instance.journal, OPERATOR, 3)
    assert "forged-form" in [line.content["event"] for line in newest]


def count_events(folder: Path, event: str) -> int:
    with open_instance(load_settings(folder)) as instance:
        return sum(line.content["event"] == event for line in list_events(instance.journal, OPERATOR, 1_000))


def test_forged_forms_of_one_address_are_noted_only_so_often(tmp_path: Path) -> None:
    folder = make_demo(tmp_path / "node")
    forged = {"Origin": "https://elsewhere.example", "Accept": "text/html"}
    with run_server(folder) as server:
        started = time.monotonic()
        for local, times in (("127.0.0.1", 60), ("127.0.0.2", 1)):
            with httpx.Client(transport=httpx.HTTPTransport(local_address=local)) as client:
                for _ in range(times):
                    assert client.post(server.url + EDIT, data={}, headers=forged).status_code == 403
            if local == "127.0.0.1":
                elapsed = time.monotonic() - started
                first = count_events(folder, "forged-form")
        # Each second gives one back.
        assert MOST_ATTEMPTS <= first <= MOST_ATTEMPTS + elapsed + 1
        assert first < 60
        assert count_events(folder, "forged-form") == first + 1, "another address is counted by itself"


def test_a_form_without_the_key_of_the_session_does_nothing(demo: Demo) -> None:
    with demo.signed_in() as client:
        values = {**form_of(client), "spec.name": "Andere naam", "formKey": "0" * 64}
        before = client.get("/v1/versions/application:gm0344/zaaksysteem").content
        answer = client.post(EDIT, data=values)
        assert answer.status_code == 403
        assert 'value="Andere naam"' in answer.text
        assert client.get("/v1/versions/application:gm0344/zaaksysteem").content == before


def test_a_session_that_ends_in_a_form_loses_nothing_that_was_typed(demo: Demo) -> None:
    with demo.signed_in() as client:
        typed = {**form_of(client), "spec.name": "Zaaksysteem Utrecht", "spec.description": "Een\r\nlang verhaal"}
        client.cookies.clear()
        answer = client.post(EDIT, data=typed)
        assert answer.status_code == 401
        assert 'value="Zaaksysteem Utrecht"' in answer.text
        assert "Een\nlang verhaal" in answer.text.replace("\r\n", "\n")
        # Whoever signs in elsewhere and sends it again gets the form once more, with the key of the new session.
        client.post("/nl/aanmelden", data={"way": "persona", "persona": "persona/record-owner"})
        again = client.post(EDIT, data=typed)
        assert again.status_code == 403
        typed["formKey"] = hidden_fields(again.text)["formKey"]
        typed["generation"] = hidden_fields(again.text)["generation"]
        assert client.post(EDIT, data=typed).status_code == 303
        assert "Zaaksysteem Utrecht" in client.get("/nl/records/application:gm0344/zaaksysteem").text


def test_a_stale_form_tells_nothing_of_a_hidden_record(demo: Demo) -> None:
    typed = {"ref": "component:gm0344/kluis", "spec.name": "x", "generation": "1"}
    absent = {**typed, "ref": "component:gm0344/bestaat-niet"}
    with demo.browser() as client:
        one = client.post("/nl/bewerken/component:gm0344/kluis", data=typed)
        other = client.post("/nl/bewerken/component:gm0344/bestaat-niet", data=absent)
    assert one.status_code == other.status_code == 401
    assert one.text.replace("kluis", "bestaat-niet") == other.text


def test_a_principal_that_is_removed_is_out_at_once(tmp_path: Path) -> None:
    folder = make_demo(tmp_path / "node")
    with run_server(folder) as server, Demo(server, folder).signed_in("auditor") as client:
        assert client.get("/nl/records/component:gm0344/kluis").status_code == 200
        with open_instance(load_settings(folder)) as instance:
            remove_principal(instance.store, "persona/auditor")
        assert client.get("/nl/records/component:gm0344/kluis").status_code == 404


@pytest.mark.parametrize("body", [b"%ff%fe", b"a=%00", b"&".join(b"a=1" for _ in range(5_001))])
def test_a_form_that_cannot_be_read_is_refused(demo: Demo, body: bytes) -> None:
    with demo.browser() as client:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = client.post("/nl/aanmelden", content=body, headers=headers)
    assert answer.status_code == 400
