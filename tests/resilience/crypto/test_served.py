"""Cryptography as it is served: answers for insiders, counts for others, and a question that cannot be read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from eendracht.resilience.crypto.bills import read_cbom
from tests.resilience.crypto.test_search import MORE
from tests.resilience.small_landscape import DRAFTS
from tests.web.conftest import Site
from tests.web.nodes import draft, fill_node, open_node
from tests.web.serving import run_server

INVENTORY = (
    draft("cryptographic-inventory:gm0344/eerste", "Eerste", "organisation", sourceType="statement"),
    draft("cryptographic-asset:gm0344/eerste/hmac", "hmac", "organisation", type="algorithm", algorithmFamily="HMAC",
          parameterSet="SHA-256", purpose="mac", inventory="cryptographic-inventory:gm0344/eerste"),
)  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("cryptography") / "node"
    with open_node(folder) as instance:
        tokens = fill_node(instance, [dict(one) for one in (*DRAFTS, *MORE, *INVENTORY)])
    with run_server(folder) as server:
        yield Site(server, folder, tokens)
        code, _, errors = server.stop()
    assert code == 0
    assert "Traceback" not in errors, errors


def ask(site: Site, path: str, who: str = "gm0344/editor", status: int = 200) -> Any:
    answer: httpx.Response = site.get(path, who)
    assert answer.status_code == status, answer.text
    return answer


def test_an_insider_is_told_where_for_whom_and_for_how_many(site: Site) -> None:
    found = ask(site, "/v1/resilience/cryptography?q=RSA-2048+or+ECDH").json()
    assert found["assets"] == 4
    assert found["persons"] == {"low": 700, "high": 1100}
    assert [service["persons"] for service in found["services"]] == [700, 400]
    assert {one["quantumClass"] for one in found["found"]} == {"broken"}
    assert found["synthetic"] is True
    refused = ask(site, "/v1/resilience/cryptography?q=banaan", status=400).json()
    assert [fault["code"] for fault in refused["errors"]] == ["unknown-word"]


def test_outside_only_counts_are_given(site: Site) -> None:
    counted = ask(site, "/v1/resilience/cryptography", "").json()
    # The hidden asset is not counted either.
    assert {(one["family"], one["assets"]) for one in counted["families"]} == {("RSA", 4), ("ECDH", 1)}
    assert (counted["services"], counted["found"], counted["persons"]) == ([], [], None)
    ask(site, "/v1/resilience/cryptography?q=RSA", "", 403)
    insider = ask(site, "/v1/resilience/cryptography").json()
    assert ("MD5", 1) in {(one["family"], one["assets"]) for one in insider["families"]}


def test_the_page_tells_the_same(site: Site) -> None:
    page = ask(site, "/nl/cryptografie?q=RSA-2048+of+ECDH").text
    assert "Paspoort" in page
    assert "700 tot 1.100" in page
    assert "Gebroken door een kwantumcomputer" in page
    outside = ask(site, "/nl/cryptografie?q=RSA-2048", "").text
    assert "Paspoort" not in outside
    assert "banaan" in ask(site, "/nl/cryptografie?q=banaan", status=422).text


def test_an_inventory_is_given_as_a_bill_to_insiders(site: Site) -> None:
    path = "/v1/resilience/cryptographic-inventories/cryptographic-inventory:gm0344/eerste/cbom"
    bill = ask(site, path).json()
    assert [component["name"] for component in bill["components"]] == ["hmac"]
    assert read_cbom(json.dumps(bill).encode(), "bill").assets[0].name == "hmac"
    ask(site, path, "", 403)
    ask(site, path.replace("eerste", "weg"), status=404)
    # An application is no inventory.
    ask(site, "/v1/resilience/cryptographic-inventories/application:gm0344/balie/cbom", status=404)
