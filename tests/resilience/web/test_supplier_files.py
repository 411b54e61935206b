"""The supplier files over HTTP and on pages: a served node, real forms, a browser for axe and a narrow screen."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from eendracht.bootstrap import Wiring
from eendracht.kernel.credentials import find_principal, issue_token
from eendracht.kernel.instance import Instance
from eendracht.kernel.sessions import Sessions
from eendracht.resilience.answers import Asked, ask_question, record_answer
from eendracht.resilience.signatures import take_document
from eendracht.web.app import create_app
from tests.resilience.signing import SUPPLIER, Signer
from tests.web.browser import arrive, open_page, press, run_browser
from tests.web.demo import make_demo
from tests.web.judging import judge
from tests.web.nodes import PUBLIC_DRAFTS, draft, fill_node
from tests.web.serving import run_server

SIGNER = Signer.make("ml-dsa-65")
FILE = f"/leveranciersdossiers/{SUPPLIER}"
HOSTILE = draft("supplier:gm0344/vals", "<script>alert(1)</script>")


@dataclass
class Node:
    """A node that is asked in this process, as it would be over a socket."""

    instance: Instance
    tokens: dict[str, str]

    def call(self, method: str, path: str, who: str = "", session: str = "", **options: Any) -> httpx.Response:
        headers = {"Accept": "text/html"} | options.pop("headers", {})
        if who:
            headers |= {"Authorization": f"Bearer {self.tokens[who]}"}
        cookies = {"eendracht": session} if session else {}

        async def run() -> httpx.Response:
            transport = httpx.ASGITransport(app=create_app(self.instance))
            async with httpx.AsyncClient(transport=transport, base_url="http://node", cookies=cookies) as client:
                return await client.request(method, path, headers=headers, **options)

        return asyncio.run(run())

    def session(self, who: str = "gm0344/editor") -> str:
        return Sessions(self.instance.store, 30, 10).begin(who, "persona")

    def send(self, session: str, fields: dict[str, str], document: Any = None, language: str = "nl") -> httpx.Response:
        path = FILE if language == "nl" else f"/supplier-files/{SUPPLIER}"
        page = self.call("GET", f"/{language}{path}", session=session).text
        key = re.findall(r'name="formKey" value="([^"]+)"', page)[-1]
        content = b"" if document is None else json.dumps(document).encode()
        files = {"file": ("antwoord.json", content, "application/json")}
        return self.call("POST", f"/{language}{path}", session=session, data={"formKey": key, **fields}, files=files)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with Wiring().create(tmp_path_factory.mktemp("files") / "node") as instance:
        tokens = fill_node(instance, [*PUBLIC_DRAFTS, HOSTILE, SIGNER.key_draft()])
        tokens["reads"] = issue_token(instance.store, "gm0344/editor", "read")
        yield Node(instance, tokens)


def text_of(page: str) -> str:
    main = page[page.index("<main") : page.index("</main>")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def test_a_question_and_its_signed_answer_over_the_api(node: Node) -> None:
    asked = {"supplier": SUPPLIER, "code": "continuity.plan-test", "answerBefore": "2999-01-01"}
    assert node.call("POST", "/v1/resilience/supplier-questions", "gm0344/editor", json=asked).status_code == 201
    again = node.call("POST", "/v1/resilience/supplier-questions", "gm0344/editor", json=asked)
    assert again.status_code == 409 and again.json()["errors"][0]["code"] == "asked-already"
    path = f"/v1/resilience/supplier-files/{SUPPLIER}"
    first = node.call("GET", path, "gm0363/editor").json()["questions"][0]
    assert (first["code"], first["state"], first["waitingDays"]) == ("continuity.plan-test", "silent", 0)
    document = SIGNER.sign(code="continuity.plan-test", topic="continuity", validUntil="2999-01-01")
    given = {"document": document}
    assert node.call("POST", "/v1/resilience/supplier-answers", "gm0344/editor", json=given).status_code == 201
    question = next(
        q for q in node.call("GET", path, "gm0363/editor").json()["questions"] if q["code"] == "continuity.plan-test"
    )
    assert question["state"] == "answered" and question["answers"][0]["signatureState"] == "confirmed"
    # Whoever reads it can check the signature without us.
    SIGNER.secret.public_key().verify(
        base64.b64decode(question["answers"][0]["signature"]), question["answers"][0]["signedContent"].encode()
    )
    forged = {"document": document | {"answer": "Elke dag."}}
    refused = node.call("POST", "/v1/resilience/supplier-answers", "gm0344/editor", json=forged)
    assert refused.status_code == 400 and refused.json()["errors"][0]["pointer"] == "/signature"
    listed = node.call("GET", "/v1/resilience/supplier-files", "gm0363/editor").json()["supplierFiles"]
    assert [item["answered"] for item in listed if item["ref"] == SUPPLIER] == [1]


def test_the_public_reads_the_questions_and_no_file(node: Node) -> None:
    listed = node.call("GET", "/v1/resilience/supplier-question-texts").json()["supplierQuestions"]
    assert {"exit.terms", "continuity.restore-test"} <= {item["code"] for item in listed}
    assert node.call("GET", "/v1/resilience/supplier-files").status_code == 403
    for name in (SUPPLIER, "supplier:kvk.00000000"):
        assert node.call("GET", f"/v1/resilience/supplier-files/{name}").status_code == 403
        assert node.call("GET", f"/nl/leveranciersdossiers/{name}").status_code == 403
    assert node.call("GET", "/v1/resilience/supplier-files/supplier:kvk.00000000", "gm0344/editor").status_code == 404
    for what in ("questions", "answers"):
        path = f"/v1/resilience/supplier-{what}"
        assert node.call("POST", path, json={}).status_code == 401
        assert node.call("POST", path, "reads", json={}).status_code == 403
        assert node.call("POST", path, "gm0344/editor", json={"x": 1}).status_code == 400


def test_the_page_asks_records_and_refuses_with_every_fault(node: Node) -> None:
    session = node.session()
    asked = node.send(session, {"do": "ask", "code": "exit.terms"})
    assert asked.status_code == 303
    page = text_of(node.call("GET", asked.headers["location"], session=session).text)
    assert "Uw vraag is vastgelegd" in page and "Nooit beantwoord" in page and "Gemeente Utrecht" in page
    wrong = node.send(session, {"do": "ask", "code": "own", "topic": "other", "answerBefore": "2020-01-01"})
    assert wrong.status_code == 422
    assert "Schrijf uw vraag" in wrong.text and "Kies een dag na vandaag" in wrong.text
    forged = SIGNER.sign(validUntil="2999-01-01") | {"answer": "Nooit."}
    for document, text in (
        (None, "Kies een bestand"),
        (forged, "De handtekening klopt niet"),
        ([], "geen JSON-object"),
    ):
        refused = node.send(session, {"do": "answer"}, document)
        assert refused.status_code == 422 and text in refused.text and 'href="#file"' in refused.text
    other = SIGNER.sign(supplier="supplier:gm0344/vals")
    assert "van een andere leverancier" in node.send(session, {"do": "answer"}, other).text
    taken = node.send(session, {"do": "answer"}, SIGNER.sign(validUntil="2999-01-01"), "en")
    assert taken.status_code == 303
    page = text_of(node.call("GET", taken.headers["location"], session=session).text)
    assert "The signature holds" in page and "vouched for by Gemeente Utrecht" in page
    overview = text_of(node.call("GET", "/nl/leveranciersdossiers", session=session).text)
    assert "Zaakbouwers BV" in overview


def test_words_of_a_record_are_no_code(node: Node) -> None:
    page = node.call("GET", f"/nl/leveranciersdossiers/{HOSTILE['ref']}", session=node.session()).text
    assert "<script>alert(1)" not in page and "&lt;script&gt;alert(1)" in page


def test_pages_work_without_scripts_for_everybody_and_on_a_narrow_screen(
    tmp_path: Path, node_file: Callable[[str], Path]
) -> None:
    axe = node_file("axe-core/axe.min.js").read_text()
    folder = make_demo(tmp_path / "node")
    with Wiring().open(folder) as instance:
        editor = find_principal(instance.store, "gm0344/editor")
        instance.store.put(SIGNER.key_draft(), editor)
        ask_question(instance.store, editor, Asked(SUPPLIER, "exit.terms"))
        record_answer(instance.store, editor, take_document(SIGNER.sign(code="exit.duration")))
    paths = ("/nl/leveranciersdossiers", f"/nl{FILE}", f"/en/supplier-files/{SUPPLIER}")
    with run_server(folder) as server, run_browser() as browser:
        with open_page(browser, server.url, "record-owner", viewport={"width": 320, "height": 640}) as page:
            for path in paths:
                arrive(page, path)
                assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
                assert judge(page, axe) == [], path
        with open_page(browser, server.url, "record-owner", java_script_enabled=False) as page:
            arrive(page, f"/nl{FILE}")
            page.get_by_label("Vraag", exact=True).select_option("continuity.targets")
            press(page.get_by_role("button", name="Vragen"))
            assert "Uw vraag is vastgelegd" in page.content()
