"""Sign-in at an OpenID provider: a real one in a real browser, and one that lies in every way."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import expect

from eendracht.bootstrap import open_instance
from eendracht.config import ConfigurationFault, load_settings
from eendracht.kernel.access import OPERATOR
from eendracht.kernel.audit import list_events
from tests.web.browser import open_page, press, run_browser
from tests.web.demo import make_demo
from tests.web.providers import CLIENT, Liar, run_liar, run_provider
from tests.web.serving import Server, free_port, run_server

RETURN = "/nl/aanmelden/terug"
ROLES = "beheer=editor@organisation:gm0344 audit=auditor@organisation:gm0344"


def test_somebody_signs_in_at_a_real_provider(node_file: Callable[[str], Path], tmp_path: Path) -> None:
    tools = node_file("oidc-provider").parents[1]
    folder = make_demo(tmp_path / "node")
    port, provider = free_port(), free_port()
    environment = {
        "EENDRACHT_MODE": "real",
        "EENDRACHT_OIDC_ISSUER": f"http://127.0.0.1:{provider}",
        "EENDRACHT_OIDC_CLIENT_ID": CLIENT,
        "EENDRACHT_OIDC_CLIENT_SECRET": "geheim",
        "EENDRACHT_OIDC_ROLES": ROLES,
    }
    redirect = f"http://127.0.0.1:{port}{RETURN}"
    with run_provider(tools, provider, redirect), run_server(folder, port, **environment), run_browser() as browser:
        with open_page(browser, f"http://127.0.0.1:{port}") as page:
            page.goto("/nl/bewerken/application:gm0344/zaaksysteem")
            press(page.get_by_role("main").get_by_role("link", name="Aanmelden"))
            press(page.get_by_role("main").get_by_role("button", name="Aanmelden"))
            page.fill("[name=login]", "jan")
            page.fill("[name=password]", "x")
            press(page.locator("button[type=submit]"))
            press(page.locator("button[type=submit]"))
            expect(page.get_by_role("button", name="Afmelden")).to_be_visible()
            assert page.url == f"http://127.0.0.1:{port}/nl"
            page.goto("/nl/bewerken/application:gm0344/zaaksysteem")
            page.fill("#spec-description", "Gewijzigd na aanmelden")
            press(page.get_by_role("button", name="Vastleggen").last)
            expect(page.get_by_text("Vastgelegd als versie")).to_be_visible()
            press(page.get_by_role("button", name="Afmelden"))
            expect(page.get_by_text("U bent hier afgemeld.")).to_be_visible()
            # Signed out here only: the provider still knows the browser, and is asked to forget it.
            press(page.get_by_role("link", name="meld u ook daar af"))
            press(page.locator("button").first)
            expect(page.locator("body")).to_contain_text(re.compile("sign-out success", re.IGNORECASE))
            page.goto("/nl/aanmelden")
            press(page.get_by_role("main").get_by_role("button", name="Aanmelden"))
            expect(page.locator("[name=login]")).to_be_visible()
        with open_page(browser, f"http://127.0.0.1:{port}") as page:
            page.goto("/nl/aanmelden")
            press(page.get_by_role("main").get_by_role("button", name="Aanmelden"))
            page.fill("[name=login]", "niemand")
            page.fill("[name=password]", "x")
            press(page.locator("button[type=submit]"))
            press(page.locator("button[type=submit]"))
            expect(page.get_by_text("geen van uw groepen geeft")).to_be_visible()
    with open_instance(load_settings(folder)) as instance:
        newest = instance.store.history("application:gm0344/zaaksysteem", OPERATOR)[0]
        reasons = [line.content.get("reason") for line in list_events(instance.journal, OPERATOR)]
    # Who it was stands nowhere: a pseudonym that nobody can turn back without the key of the node.
    assert re.fullmatch(r"oidc/[0-9a-f]{24}", newest.data["recordedBy"])
    assert {"oidc", "no-role"} <= set(reasons)
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"Jan de Vries" not in content, path
            assert b"jan@voorbeeld.nl" not in content, path


@pytest.fixture
def liar() -> Iterator[Liar]:
    with run_liar() as provider:
        yield provider


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_demo(tmp_path_factory.mktemp("oidc") / "node")


@contextmanager
def run_site(folder: Path, liar: Liar, **more: str) -> Iterator[Server]:
    environment = {
        "EENDRACHT_MODE": "real",
        "EENDRACHT_OIDC_ISSUER": liar.issuer,
        "EENDRACHT_OIDC_CLIENT_ID": CLIENT,
        "EENDRACHT_OIDC_ROLES": ROLES,
        **more,
    }
    with run_server(folder, **environment) as server:
        yield server


def begin(client: httpx.Client, liar: Liar, following: str = "") -> dict[str, str]:
    """Begin a sign-in and give what the provider was asked."""
    answer = client.post("/nl/aanmelden", data={"way": "oidc", "next": following})
    assert answer.status_code == 303, answer.text
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert asked["response_type"] == "code"
    liar.nonce = asked["nonce"]
    return asked


def come_back(client: httpx.Client, asked: dict[str, str], **more: str) -> httpx.Response:
    return client.get(RETURN, params={"state": asked["state"], "code": "good", **more}, headers={"Accept": "text/html"})


def test_an_answer_that_holds_signs_in_once_and_goes_where_was_wanted(folder: Path, liar: Liar) -> None:
    with run_site(folder, liar) as server, httpx.Client(base_url=server.url) as client:
        asked = begin(client, liar, "/nl/zoeken?q=paspoort")
        kept = dict(client.cookies)
        answer = come_back(client, asked)
        assert answer.status_code == 303
        assert answer.headers["location"] == "/nl/zoeken?q=paspoort"
        assert client.get("/nl/bewerken/application:gm0344/zaaksysteem").status_code == 200
        # The verifier went along, and fits the challenge (RFC 7636, section 4.6).
        import base64
        import hashlib

        verifier = liar.codes[-1]["code_verifier"][0]
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        assert digest == asked["code_challenge"]
        # The same answer once more, in the same browser or in another, does nothing.
        with httpx.Client(base_url=server.url, cookies=kept) as thief:
            assert come_back(thief, asked).status_code == 403
            assert thief.get("/nl/bewerken/application:gm0344/zaaksysteem").status_code == 401


LIES: dict[str, Callable[[Liar], None]] = {
    "of another issuer": lambda liar: liar.claims.update(iss="http://127.0.0.1:1"),
    "for another client": lambda liar: liar.claims.update(aud="other"),
    "for two clients without saying whom": lambda liar: liar.claims.update(aud=[CLIENT, "other"]),
    "for two clients, the other meant": lambda liar: liar.claims.update(aud=[CLIENT, "other"], azp="other"),
    "too old": lambda liar: liar.claims.update(exp=int(time.time()) - 3600),
    "without an end": lambda liar: liar.claims.update(exp=None),
    "of another question": lambda liar: liar.claims.update(nonce="another"),
    "without a nonce": lambda liar: liar.claims.update(nonce=None),
    "without a subject": lambda liar: liar.claims.update(sub=None),
    "with an empty subject": lambda liar: liar.claims.update(sub=""),
    "signed with another key": lambda liar: setattr(liar, "sign_with", liar.other_key),
    "without a signature": lambda liar: setattr(liar, "token", unsigned(liar)),
    "that is no token": lambda liar: setattr(liar, "token", "a.b.c"),
    "that is nothing": lambda liar: setattr(liar, "token", ""),
    "without groups that count": lambda liar: liar.claims.update(groups=["kantine"]),
    "with groups that are no list": lambda liar: liar.claims.update(groups="beheer"),
}


def unsigned(liar: Liar) -> str:
    import base64

    def part(content: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()

    now = int(time.time())
    claims = {"iss": liar.issuer, "sub": "abc", "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": liar.nonce}
    return f"{part({'alg': 'none'})}.{part({**claims, 'groups': ['beheer']})}."


def test_an_answer_that_lies_signs_nobody_in(folder: Path, liar: Liar) -> None:
    wrong = []
    with run_site(folder, liar) as server:
        for name, lie in LIES.items():
            liar.claims, liar.header, liar.sign_with, liar.token = {}, {}, None, None
            with httpx.Client(base_url=server.url) as client:
                asked = begin(client, liar)
                lie(liar)
                answer = come_back(client, asked)
                signed_in = client.get("/nl/bewerken/application:gm0344/zaaksysteem").status_code == 200
                if answer.status_code != 403 or signed_in:
                    wrong.append((name, answer.status_code, signed_in))
    assert not wrong


def test_an_answer_to_no_question_or_in_another_browser_is_refused(folder: Path, liar: Liar) -> None:
    with run_site(folder, liar) as server, httpx.Client(base_url=server.url) as client:
        assert client.get(RETURN, params={"state": "x" * 43, "code": "good"}).status_code == 403
        assert client.get(RETURN).status_code == 403
        asked = begin(client, liar)
        with httpx.Client(base_url=server.url) as victim:
            assert come_back(victim, asked).status_code == 403
        asked = begin(client, liar)
        assert come_back(client, asked, iss="http://evil.example").status_code == 403
        asked = begin(client, liar)
        assert client.get(RETURN, params={"state": asked["state"], "error": "access_denied"}).status_code == 403


def test_more_than_a_password_is_asked_where_the_settings_say_so(folder: Path, liar: Liar) -> None:
    with run_site(folder, liar, EENDRACHT_OIDC_MFA="mfa otp 2") as server:
        for claims, status in (
            ({}, 403),
            ({"amr": ["pwd", "otp"]}, 303),
            ({"amr": ["pwd", "mfa"]}, 303),
            ({"acr": "2"}, 303),
            ({"acr": "1"}, 403),
        ):
            liar.claims = claims
            with httpx.Client(base_url=server.url) as client:
                answer = come_back(client, begin(client, liar))
                assert answer.status_code == status, claims


@pytest.mark.parametrize(
    ("setting", "claims"),
    [
        ("realm_access.roles", {"groups": None, "realm_access": {"roles": ["beheer"]}}),
        ("roles", {"groups": None, "roles": ["beheer"]}),
        ("groups", {"groups": ["/beheer"]}),
    ],
    ids=["keycloak-roles", "entra-roles", "keycloak-groups"],
)
def test_groups_come_from_the_claim_of_the_provider(
    folder: Path, liar: Liar, setting: str, claims: dict[str, Any]
) -> None:
    liar.claims = claims
    with (
        run_site(folder, liar, EENDRACHT_OIDC_GROUPS=setting) as server,
        httpx.Client(base_url=server.url) as client,
    ):
        assert come_back(client, begin(client, liar)).status_code == 303
        assert client.get("/nl/bewerken/application:gm0344/zaaksysteem").status_code == 200


def test_who_loses_the_last_group_is_out_also_of_earlier_sessions(folder: Path, liar: Liar) -> None:
    with run_site(folder, liar) as server, httpx.Client(base_url=server.url) as client:
        assert come_back(client, begin(client, liar)).status_code == 303
        liar.claims = {"groups": []}
        with httpx.Client(base_url=server.url) as again:
            assert come_back(again, begin(again, liar)).status_code == 403
        assert client.get("/nl/bewerken/application:gm0344/zaaksysteem").status_code == 401


def test_a_description_of_another_issuer_is_not_believed(folder: Path, liar: Liar) -> None:
    liar.configuration = {"issuer": "http://127.0.0.1:1"}
    with run_site(folder, liar) as server, httpx.Client(base_url=server.url) as client:
        answer = client.post("/nl/aanmelden", data={"way": "oidc"}, headers={"Accept": "text/html"})
    assert answer.status_code == 503


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OIDC_ISSUER", "http://idp.example"),
        ("OIDC_ROLES", "beheer"),
        ("OIDC_ROLES", "beheer=baas@organisation:gm0344"),
        ("OIDC_CLIENT_ID", ""),
    ],
)
def test_settings_that_cannot_be_used_are_refused(folder: Path, name: str, value: str) -> None:
    good = {"EENDRACHT_OIDC_ISSUER": "https://idp.example", "EENDRACHT_OIDC_CLIENT_ID": "x"}
    with pytest.raises(ConfigurationFault, match="oidc"):
        load_settings(folder, good | {f"EENDRACHT_{name}": value})
