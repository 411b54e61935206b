"""A citizen or entrepreneur signs in: at a real provider in a real browser, and at ones that lie or are mixed up."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import expect

from eendracht.bootstrap import open_instance
from eendracht.config import ConfigurationFault, load_settings
from eendracht.kernel.access import OPERATOR, PERSON_PREFIX, Principal, Role
from eendracht.kernel.audit import list_events
from eendracht.kernel.clock import FixedClock
from eendracht.kernel.credentials import create_principal, list_principals
from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.sessions import Sessions
from eendracht.kit.identification import is_identifier
from tests.web.browser import open_page, press, run_browser
from tests.web.demo import make_demo
from tests.web.providers import CLIENT, Liar, run_liar, run_provider
from tests.web.serving import Server, free_port, run_server

BSN = "111222333"
"""Passes the eleven-test, and is given to nobody (the example of the government itself)."""
OTHER_BSN = "123456782"
HIGH = "http://eidas.europa.eu/LoA/high"
SUBSTANTIAL = "http://eidas.europa.eu/LoA/substantial"
LOW = "http://eidas.europa.eu/LoA/low"
STAFF_RETURN = "/nl/aanmelden/terug"
PERSON_RETURN = "/nl/aanmelden/burger/terug"
REFUSED = "sign-in-refused"
ROLES = "beheer=editor@organisation:gm0344"
CLAIMS = {"groups": None, "amr": None, "bsn": BSN, "acr": SUBSTANTIAL}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_demo(tmp_path_factory.mktemp("person") / "node")


@contextmanager
def run_liars() -> Iterator[tuple[Liar, Liar]]:
    """Give a provider of staff and one of persons."""
    with run_liar() as staff, run_liar() as broker:
        broker.claims = dict(CLAIMS)
        yield staff, broker


@pytest.fixture
def liars() -> Iterator[tuple[Liar, Liar]]:
    with run_liars() as both:
        yield both


@pytest.fixture(scope="module")
def door(folder: Path) -> Iterator[tuple[Server, Liar]]:
    """Give one site for all who come with other claims, and its provider of persons."""
    with run_liars() as both, run_site(folder, both) as server:
        yield server, both[1]


@contextmanager
def run_site(folder: Path, liars: tuple[Liar, Liar], **more: str) -> Iterator[Server]:
    staff, broker = liars
    environment = {
        "EENDRACHT_MODE": "real",
        "EENDRACHT_OIDC_ISSUER": staff.issuer,
        "EENDRACHT_OIDC_CLIENT_ID": CLIENT,
        "EENDRACHT_OIDC_ROLES": ROLES,
        "EENDRACHT_PERSON_OIDC_ISSUER": broker.issuer,
        "EENDRACHT_PERSON_OIDC_CLIENT_ID": CLIENT,
        "EENDRACHT_PERSON_OIDC_ASSURANCE": f"{SUBSTANTIAL} {HIGH}",
        **more,
    }
    with run_server(folder, **environment) as server:
        yield server


def begin(client: httpx.Client, liar: Liar, door: str = "person", following: str = "") -> dict[str, str]:
    """Begin a sign-in and give what the provider was asked."""
    answer = client.post("/nl/aanmelden", data={"way": "oidc", "door": door, "next": following})
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith(liar.issuer)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    liar.nonce = asked["nonce"]
    return asked


def come_back(client: httpx.Client, asked: dict[str, str], path: str = PERSON_RETURN, **more: str) -> httpx.Response:
    return client.get(path, params={"state": asked["state"], "code": "good", **more}, headers={"Accept": "text/html"})


def is_signed_in(client: httpx.Client) -> bool:
    return "Afmelden" in client.get("/nl/aanmelden").text


def persons_of(folder: Path) -> set[str]:
    with open_instance(load_settings(folder)) as instance:
        return {holding.name for holding in list_principals(instance.store) if holding.name.startswith(PERSON_PREFIX)}


def assert_nowhere(folder: Path, *identifiers: str) -> None:
    """Fail where a file of the node holds one of these in clear."""
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [text for text in identifiers if text.encode() in content], path


def test_the_same_person_is_the_same_subject_each_time_and_holds_no_role(
    tmp_path: Path, liars: tuple[Liar, Liar]
) -> None:
    folder, broker = make_demo(tmp_path / "node"), liars[1]
    with run_site(folder, liars) as server:
        addresses = []
        for bsn in (BSN, BSN, OTHER_BSN):
            broker.claims["bsn"] = bsn
            with httpx.Client(base_url=server.url) as client:
                asked = begin(client, broker, following="/nl/zoeken?q=paspoort")
                assert asked["acr_values"] == f"{SUBSTANTIAL} {HIGH}"
                assert asked["ui_locales"] == "nl"
                assert urlsplit(asked["redirect_uri"]).path == PERSON_RETURN
                answer = come_back(client, asked)
                assert answer.headers["location"] == "/nl/zoeken?q=paspoort"
                page = client.get("/nl/aanmelden").text
                assert "een burger of ondernemer" in page
                assert "subject-" not in page
                addresses += [answer.headers["location"], *asked.values()]
                # Nothing of staff is there: what the public gets, or a refusal.
                assert client.get("/nl/records/component:gm0344/kluis").status_code == 404
                for path in ("/nl/bewerken/application:gm0344/zaaksysteem", "/nl/nieuw", "/nl/mijn-taken", "/nl/audit"):
                    assert client.get(path, headers={"Accept": "text/html"}).status_code in (403, 404), path
        _, printed, logged = server.stop()
    persons = persons_of(folder)
    assert len(persons) == 2
    with open_instance(load_settings(folder)) as instance:
        for bsn in (BSN, OTHER_BSN):
            assert PERSON_PREFIX + str(instance.vault.find_subject("bsn", bsn)) in persons
        assert all(not holding.roles for holding in list_principals(instance.store) if holding.name in persons)
        lines = [line.content for line in list_events(instance.journal, OPERATOR, 1_000)]
    assert sum(line["event"] == "sign-in" and line["actor"] in persons for line in lines) == 3
    assert not [text for text in (*addresses, printed, logged) if BSN in text or OTHER_BSN in text]
    assert_nowhere(folder, BSN, OTHER_BSN)


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"acr": LOW}, "too-weak"),
        ({"acr": None}, "too-weak"),
        ({"acr": [SUBSTANTIAL]}, "too-weak"),
        ({"acr": None, "amr": [SUBSTANTIAL]}, "too-weak"),
        ({"bsn": None}, "no-identifier"),
        ({"bsn": ""}, "no-identifier"),
        ({"bsn": "111222334"}, "bad-identifier"),
        ({"bsn": "000000000"}, "bad-identifier"),
        ({"bsn": "s00000000:111222333"}, "bad-identifier"),
        ({"bsn": 111222333}, "bad-identifier"),
        ({"bsn": ["111222333"]}, "bad-identifier"),
        ({"bsn": "１１１２２２３３３"}, "bad-identifier"),
        ({"nonce": "another"}, "bad-id-token"),
        ({"aud": "other"}, "bad-id-token"),
    ],
)
def test_who_is_not_surely_somebody_does_not_get_in(
    folder: Path, door: tuple[Server, Liar], claims: dict[str, Any], reason: str
) -> None:
    server, broker = door
    before = persons_of(folder)
    broker.claims = CLAIMS | claims
    with httpx.Client(base_url=server.url) as client:
        answer = come_back(client, begin(client, broker))
        assert answer.status_code == 403
        assert "111222333" not in answer.text
        assert "222334" not in answer.text
        assert not is_signed_in(client)
    with open_instance(load_settings(folder)) as instance:
        newest = next(line for line in list_events(instance.journal, OPERATOR) if line.content["event"] == REFUSED)
    assert newest.content == {"event": REFUSED, "actor": "public", "reason": reason}
    assert persons_of(folder) == before


def test_an_identifier_may_come_from_userinfo_but_the_level_may_not(folder: Path, liars: tuple[Liar, Liar]) -> None:
    broker = liars[1]
    broker.configuration = {"userinfo_endpoint": broker.issuer + "/userinfo"}
    with run_site(folder, liars) as server:
        for token, userinfo, status in (
            ({"bsn": None}, {"sub": "abc", "bsn": BSN}, 303),
            ({"bsn": None}, {"sub": "somebody-else", "bsn": BSN}, 403),
            ({"bsn": None, "acr": None}, {"sub": "abc", "bsn": BSN, "acr": HIGH}, 403),
            ({"bsn": None, "acr": LOW}, {"sub": "abc", "bsn": BSN, "acr": HIGH}, 403),
        ):
            broker.claims = {"groups": None, "acr": SUBSTANTIAL, **token}
            broker.userinfo = userinfo
            with httpx.Client(base_url=server.url) as client:
                assert come_back(client, begin(client, broker)).status_code == status, (token, userinfo)


def test_an_entrepreneur_comes_by_another_claim(folder: Path, liars: tuple[Liar, Liar]) -> None:
    kvk = "urn:etoegang:1.9:EntityConcernedID:KvKnr"
    more = {"EENDRACHT_PERSON_OIDC_CLAIM": f"bsn {kvk}", "EENDRACHT_PERSON_OIDC_SCHEME": "bsn kvk"}
    with run_site(folder, liars, **more) as server:
        for number, status in (("90004817", 303), ("9000481", 403), ("9000481x", 403)):
            liars[1].claims = {"groups": None, "acr": HIGH, kvk: number}
            with httpx.Client(base_url=server.url) as client:
                assert come_back(client, begin(client, liars[1])).status_code == status, number
    with open_instance(load_settings(folder)) as instance:
        assert instance.vault.find_subject("kvk", "90004817")
        assert not instance.vault.find_subject("bsn", "90004817")
    assert_nowhere(folder, "90004817")


def test_an_answer_counts_once_and_only_in_its_own_browser(folder: Path, liars: tuple[Liar, Liar]) -> None:
    with run_site(folder, liars) as server, httpx.Client(base_url=server.url) as client:
        asked = begin(client, liars[1])
        kept = dict(client.cookies)
        with httpx.Client(base_url=server.url) as victim:
            assert come_back(victim, asked).status_code == 403
            assert not is_signed_in(victim)
        asked = begin(client, liars[1])
        kept = dict(client.cookies)
        assert come_back(client, asked).status_code == 303
        with httpx.Client(base_url=server.url, cookies=kept) as thief:
            assert come_back(thief, asked).status_code == 403
            assert not is_signed_in(thief)


def test_the_answer_of_one_provider_is_none_of_the_other(folder: Path, liars: tuple[Liar, Liar]) -> None:
    """Mix-up (RFC 9700, section 4.4): an answer at the wrong address, or that names another issuer (RFC 9207)."""
    staff, broker = liars
    with run_site(folder, liars) as server:
        for door, own, other, wrong, right in (
            ("person", broker, staff, STAFF_RETURN, PERSON_RETURN),
            ("staff", staff, broker, PERSON_RETURN, STAFF_RETURN),
        ):
            with httpx.Client(base_url=server.url) as client:
                asked = begin(client, own, door)
                # Both know the nonce and the browser both secrets: what stops it is neither.
                other.nonce, codes = own.nonce, len(other.codes)
                (secret,) = client.cookies.values()
                both = {"eendracht-return": secret, "eendracht-person-return": secret}
            with httpx.Client(base_url=server.url, cookies=both) as client:
                assert come_back(client, asked, wrong).status_code == 403
                # The code never went to the other provider, who could use it.
                assert len(other.codes) == codes
            with httpx.Client(base_url=server.url) as client:
                asked = begin(client, own, door)
                assert come_back(client, asked, right, iss=other.issuer).status_code == 403
                asked = begin(client, own, door)
                assert come_back(client, asked, right, iss=own.issuer).status_code == 303


def test_a_provider_that_says_that_it_names_itself_must(folder: Path, liars: tuple[Liar, Liar]) -> None:
    """RFC 9207, section 2.4."""
    liars[1].configuration = {"authorization_response_iss_parameter_supported": True}
    with run_site(folder, liars) as server, httpx.Client(base_url=server.url) as client:
        assert come_back(client, begin(client, liars[1])).status_code == 403
        assert come_back(client, begin(client, liars[1]), iss=liars[1].issuer).status_code == 303


def test_staff_and_person_in_one_browser(folder: Path, liars: tuple[Liar, Liar]) -> None:
    staff, broker = liars
    edit = "/nl/bewerken/application:gm0344/zaaksysteem"
    with run_site(folder, liars) as server, httpx.Client(base_url=server.url) as client:
        # Both begin, in two tabs; either may come back first, and whoever came last is signed in.
        as_person, as_staff = begin(client, broker), begin(client, staff, "staff")
        assert come_back(client, as_person).status_code == 303
        assert client.get(edit).status_code == 403
        assert come_back(client, as_staff, STAFF_RETURN).status_code == 303
        assert client.get(edit).status_code == 200
        assert come_back(client, begin(client, broker)).status_code == 303
        assert client.get(edit).status_code == 403


def test_each_door_is_there_only_with_its_provider(folder: Path, liars: tuple[Liar, Liar]) -> None:
    with run_site(folder, liars) as server:
        page = httpx.get(server.url + "/en/sign-in")
        assert page.text.index("I am a citizen or entrepreneur") < page.text.index("I work here")
        policy = page.headers["content-security-policy"]
        assert {liar.issuer for liar in liars} <= set(re.findall(r"http://[0-9.:]+", policy))
    with run_site(folder, liars, EENDRACHT_PERSON_OIDC_ISSUER="") as server:
        page = httpx.get(server.url + "/en/sign-in")
        assert "I am a citizen" not in page.text
        assert "I work here" in page.text
        assert httpx.post(server.url + "/nl/aanmelden", data={"way": "oidc", "door": "person"}).status_code == 400
        assert httpx.get(server.url + PERSON_RETURN).status_code == 404


def test_whoever_is_erased_is_signed_out_and_comes_back_as_a_stranger(tmp_path: Path, liars: tuple[Liar, Liar]) -> None:
    folder = make_demo(tmp_path / "node")
    with run_site(folder, liars) as server, httpx.Client(base_url=server.url) as client:
        assert come_back(client, begin(client, liars[1])).status_code == 303
        assert is_signed_in(client)
        with open_instance(load_settings(folder)) as instance:
            subject = instance.vault.find_subject("bsn", BSN)
            assert subject
            instance.destruction.destroy_subject(subject, ground="AVG, art. 17.1.a", by="fg")
        assert not is_signed_in(client)
        assert persons_of(folder) == set()
        assert come_back(client, begin(client, liars[1])).status_code == 303
    (again,) = persons_of(folder)
    assert again != PERSON_PREFIX + subject


def test_whoever_loses_the_last_item_to_retention_is_signed_out(tmp_path: Path) -> None:
    folder = make_demo(tmp_path / "node")
    author = Principal("services/test", frozenset({(Role.EDITOR, "organisation:gm0344")}))
    with open_instance(load_settings(folder)) as instance:
        vault = instance.vault
        kept, gone = vault.add_subject("bsn", BSN), vault.add_subject("bsn", OTHER_BSN)
        what = {"controller": "organisation:gm0344", "ground": "ground:gm0344/test", "author": author}
        items = [vault.put(subject, "calculation-receipt", {"a": 1}, **what) for subject in (kept, kept, gone)]
        for subject in (kept, gone):
            create_principal(instance.store, PERSON_PREFIX + subject, ())
        instance.destruction.destroy_items(items[1:], ground="AVG, art. 5.1.e", by="retention")
    assert persons_of(folder) == {PERSON_PREFIX + kept}


def test_a_person_never_holds_a_role(folder: Path) -> None:
    with open_instance(load_settings(folder)) as instance, pytest.raises(InvalidInput):
        create_principal(instance.store, PERSON_PREFIX + "subject-1", ["editor@organisation:gm0344"])


@pytest.mark.parametrize(
    ("scheme", "text", "holds"),
    [
        ("bsn", "111222333", True),
        ("bsn", "11222333", False),
        ("bsn", "111222333\n", False),
        ("bsn", "", False),
        ("kvk", "12345678", True),
        ("kvk", "123456782", False),
        ("eidas", "NL/DE/abc-1", True),
        ("eidas", " NL", False),
        ("eidas", "x" * 201, False),
        ("eidas", "a\x00b", True),
    ],
)
def test_what_can_be_an_identifier(scheme: str, text: str, holds: bool) -> None:
    assert is_identifier(scheme, text) is holds


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ISSUER", "http://broker.example"),
        ("CLIENT_ID", ""),
        ("ASSURANCE", " "),
        ("CLAIM", "bsn kvk"),
        ("SCHEME", ""),
        ("SCHEME", "BSN"),
        ("SCHEME", "persona"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(folder: Path, name: str, value: str) -> None:
    good = {
        "EENDRACHT_PERSON_OIDC_ISSUER": "https://broker.example",
        "EENDRACHT_PERSON_OIDC_CLIENT_ID": "x",
        "EENDRACHT_PERSON_OIDC_ASSURANCE": "high",
    }
    load_settings(folder, good)
    with pytest.raises(ConfigurationFault, match="person_oidc"):
        load_settings(folder, good | {f"EENDRACHT_PERSON_OIDC_{name}": value})


def test_staff_and_persons_are_no_one_client(folder: Path) -> None:
    both = {
        "EENDRACHT_OIDC_ISSUER": "https://broker.example",
        "EENDRACHT_OIDC_CLIENT_ID": "x",
        "EENDRACHT_PERSON_OIDC_ISSUER": "https://broker.example",
        "EENDRACHT_PERSON_OIDC_CLIENT_ID": "x",
        "EENDRACHT_PERSON_OIDC_ASSURANCE": "high",
    }
    with pytest.raises(ConfigurationFault, match="same client"):
        load_settings(folder, both)


def test_a_person_signs_in_at_a_real_provider(node_file: Callable[[str], Path], tmp_path: Path) -> None:
    tools = node_file("oidc-provider").parents[1]
    folder = make_demo(tmp_path / "node")
    port, provider = free_port(), free_port()
    environment = {
        "EENDRACHT_MODE": "real",
        "EENDRACHT_PERSON_OIDC_ISSUER": f"http://127.0.0.1:{provider}",
        "EENDRACHT_PERSON_OIDC_CLIENT_ID": CLIENT,
        "EENDRACHT_PERSON_OIDC_CLIENT_SECRET": "geheim",
        "EENDRACHT_PERSON_OIDC_ASSURANCE": SUBSTANTIAL,
    }
    redirect = f"http://127.0.0.1:{port}{PERSON_RETURN}"
    with ExitStack() as stack:
        stack.enter_context(run_provider(tools, provider, redirect))
        server = stack.enter_context(run_server(folder, port, **environment))
        browser = stack.enter_context(run_browser())
        for login, is_let_in in (("burger", True), ("zwak", False)):
            with open_page(browser, server.url) as page:
                page.goto("/nl/aanmelden")
                press(page.get_by_role("main").get_by_role("button", name="Aanmelden als burger of ondernemer"))
                page.fill("[name=login]", login)
                page.fill("[name=password]", "x")
                press(page.locator("button[type=submit]"))
                press(page.locator("button[type=submit]"))
                assert BSN not in page.url
                if is_let_in:
                    expect(page.get_by_role("banner")).to_contain_text("een burger of ondernemer")
                    press(page.get_by_role("button", name="Afmelden"))
                    expect(page.get_by_text("U bent hier afgemeld.")).to_be_visible()
                    expect(page.get_by_role("link", name="meld u ook daar af")).to_be_visible()
                else:
                    expect(page.get_by_text("een veiliger manier van aanmelden")).to_be_visible()
    assert len(persons_of(folder)) == 1
    assert_nowhere(folder, BSN, "Jan de Vries")


def test_a_person_is_signed_out_sooner_than_staff(tmp_path: Path) -> None:
    folder = make_demo(tmp_path / "node")
    start = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    clock = FixedClock(start)
    with open_instance(load_settings(folder)) as instance:
        store = instance.store
        store.clock = clock
        create_principal(store, PERSON_PREFIX + "subject-1", ())
        create_principal(store, "gm0344/editor", ["editor@organisation:gm0344"])
        sessions = Sessions(store, 30, 10, (15, 2))
        person, staff = sessions.begin(PERSON_PREFIX + "subject-1", "oidc"), sessions.begin("gm0344/editor", "oidc")
        clock.moment = start + timedelta(minutes=16)
        assert sessions.find(person) is None
        assert sessions.find(staff) is not None
        # Whoever begins takes out what has ended, and nothing else.
        sessions.begin("gm0344/editor", "oidc")
        rows = store.driver.reader().query("SELECT principal FROM session ORDER BY principal")
        assert [row[0] for row in rows] == ["gm0344/editor", "gm0344/editor"]
        busy = sessions.begin(PERSON_PREFIX + "subject-1", "oidc")
        for minutes in range(14, 121, 14):
            clock.moment = start + timedelta(minutes=16 + minutes)
            assert sessions.find(busy) is not None, minutes
        clock.moment = start + timedelta(minutes=16 + 121)
        assert sessions.find(busy) is None
