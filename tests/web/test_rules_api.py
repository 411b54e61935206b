"""Rules over HTTP: the list, a case of which nothing is kept, and runs that need an editor and a ground."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from eendracht.web.app import create_app
from eendracht.web.rules_api import AT_ONCE, one_of_few
from tests.populations import GROUND, LAW, POPULATION, digest_of, ground_draft, lay_files, population_draft, write_table
from tests.web.conftest import Site
from tests.web.nodes import OTHER, OWNER, PUBLIC_DRAFTS, fill_node, open_node
from tests.web.serving import run_server

MARKED = "987654321"
"""A number of somebody, which may stand nowhere."""


def case(**more: Any) -> dict[str, Any]:
    person = {"bsn": MARKED, "leeftijd": 40, "heeft_partner": False, "loon": 1_500_000, "winst": 0}
    given = {
        "law": LAW,
        "outputs": ["heeft_recht", "hoogte_toeslag"],
        "date": "2026-06-01",
        "parameters": {"bsn": MARKED, "gemeente_code": "GM0344"},
        "registers": [{"name": "personen", "key": "bsn", "rows": [person]}],
    }
    return {**given, **more}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("rules") / "node"
    with open_node(folder) as instance:
        table = folder / "tabel.parquet"
        write_table(table)
        real = {**population_draft(digest_of(table), synthetic=False), "ref": "population:gm0344/echt", "uid": None}
        del real["uid"]
        drafts = [*PUBLIC_DRAFTS, ground_draft(), population_draft(digest_of(table)), real]
        tokens = fill_node(instance, drafts)
        lay_files(instance, table)
    with run_server(folder) as server:
        yield Site(server, folder, tokens)
        _, _, errors = server.stop()
    assert "Traceback" not in errors, errors
    assert MARKED not in errors


def test_the_list_has_versions_outputs_and_pages(site: Site) -> None:
    first = site.get("/v1/regulations?limit=2").json()
    assert first["total"] == 4
    keys = [item["key"] for item in first["regulations"]]
    second = site.get("/v1/regulations", params={"limit": 2, "after": first["after"]}).json()
    keys += [item["key"] for item in second["regulations"]]
    assert keys == sorted(keys)
    assert second["after"] is None
    (law,) = site.get("/v1/regulations?q=proeftoeslag%20partner&layer=WET").json()["regulations"]
    assert [version["validFrom"] for version in law["versions"]] == ["2026-01-01", "2025-01-01"]
    outputs = {item["name"]: item for item in law["versions"][0]["outputs"]}
    assert outputs["hoogte_toeslag"] == {
        "name": "hoogte_toeslag",
        "article": "1",
        "type": "amount",
        "unit": "eurocent",
        "description": "De toeslag in een jaar",
    }
    assert site.get("/v1/regulations?layer=WETJE").status_code == 400
    assert site.get("/v1/regulations?q=bestaatniet").json()["regulations"] == []


def test_a_case_is_worked_out_with_its_reasons(site: Site) -> None:
    answer = site.call("POST", "/v1/evaluations", json=case(trace=True))
    assert answer.status_code == 200
    found = answer.json()
    assert {name: item["value"] for name, item in found["outputs"].items()} == {
        "heeft_recht": True,
        "hoogte_toeslag": 24_000,
    }
    assert found["law"]["validFrom"] == "2026-01-01"
    assert "geen besluit" in found["notice"]["nl"]
    assert found["trace"]["trace_version"] == 1
    assert answer.headers["cache-control"] == "no-store"


def test_a_missing_fact_makes_an_outcome_unknown_and_is_named(site: Site) -> None:
    found = site.call("POST", "/v1/evaluations", json=case(registers=[])).json()
    assert found["outputs"]["heeft_recht"]["status"] == "unknown"
    assert {fact["name"] for fact in found["missing"]} >= {"leeftijd", "heeft_partner"}


def test_a_fraction_is_taken_as_it_is_written(site: Site) -> None:
    person = '{"bsn":"1","leeftijd":18.00000000000000000000001,"heeft_partner":false,"loon":0,"winst":0}'
    body = (
        f'{{"law":"{LAW}","outputs":["heeft_recht"],"date":"2026-06-01","trace":true,'
        f'"parameters":{{"bsn":"1"}},"registers":[{{"name":"r","key":"bsn","rows":[{person}]}}]}}'
    )
    answer = site.call("POST", "/v1/evaluations", content=body, headers={"Content-Type": "application/json"})
    assert "18.00000000000000000000001" in answer.text


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"outputs": [], "date": "2026-02-30", "mode": "x"}, {"/outputs", "/date", "/mode"}),
        ({"parameters": {}}, {"/parameters/bsn"}),
        ({"extra": 1}, {"/extra"}),
        ({"registers": [{"name": "a", "rows": [{}] * 600}, {"name": "b", "rows": [{}] * 600}]}, {""}),
    ],
)
def test_every_fault_is_told_with_its_place(site: Site, change: dict[str, Any], pointers: set[str]) -> None:
    answer = site.call("POST", "/v1/evaluations", json=case(**change))
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert {item["pointer"] for item in answer.json()["errors"]} == pointers


def test_what_is_too_much_is_refused_before_it_is_read(site: Site) -> None:
    for body, status in (
        (b'{"parameters":' + b"[" * 100 + b"]" * 100 + b"}", 400),
        (b'{"parameters":{"x":1e999999999}}', 400),
        (b'{"parameters":{"x":' + b"9" * 5_000 + b"}}", 400),
        (b'{"x":"' + b"y" * 2**20 + b'"}', 413),
        (b"[]", 400),
    ):
        answer = site.call("POST", "/v1/evaluations", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == status, body[:60]
    assert site.call("POST", "/v1/evaluations", content=b"x=1").status_code == 415
    assert site.call("POST", f"/v1/evaluations?bsn={MARKED}", json=case()).status_code == 400
    assert site.call("POST", "/v1/evaluations", json=case(law="bestaat_niet")).status_code == 404


def test_nothing_of_a_case_is_kept(site: Site) -> None:
    for change in ({}, {"outputs": ["bestaat_niet"]}, {"parameters": {"bsn": {"x": MARKED}}}, {"date": MARKED}):
        site.call("POST", "/v1/evaluations", json=case(**change))
    figures = site.get("/v1/metrics").text
    assert "/evaluations" in figures
    assert MARKED not in figures
    for path in site.folder.rglob("*"):
        if path.is_file():
            assert MARKED.encode() not in path.read_bytes(), path


def test_only_a_few_cases_are_worked_out_at_once(tmp_path: Path) -> None:
    async def ask(instance: Any) -> int:
        transport = httpx.ASGITransport(app=create_app(instance))
        async with httpx.AsyncClient(transport=transport, base_url="http://node") as client:
            return (await client.post("/v1/evaluations", json=case())).status_code

    with open_node(tmp_path / "node") as instance:
        held = [one_of_few() for _ in range(AT_ONCE)]
        for place in held:
            place.__enter__()
        assert asyncio.run(ask(instance)) == 503
        for place in held:
            place.__exit__(None, None, None)
        assert asyncio.run(ask(instance)) == 200


def test_a_fault_in_a_law_file_is_told_and_stops_nothing_else(tmp_path: Path) -> None:
    laws = tmp_path / "laws"
    laws.mkdir()
    (laws / "wet.yaml").write_text("$id: wet\n")
    with open_node(tmp_path / "node"):
        pass
    with run_server(tmp_path / "node", EENDRACHT_LAWS=str(laws)) as server:
        answer = httpx.get(f"{server.url}/v1/regulations")
        assert answer.status_code == 503
        assert answer.json()["code"] == "laws-unusable"
        assert any("wet.yaml" in item["pointer"] for item in answer.json()["errors"])
        page = httpx.get(f"{server.url}/nl/regelbank")
        assert (page.status_code, "wet.yaml" in page.text) == (200, True)
        assert httpx.get(f"{server.url}/v1/health").status_code == 200


# -- runs over a population ---------------------------------------------------------------------------------------


def wanted(**more: Any) -> dict[str, Any]:
    given = {"population": POPULATION, "law": LAW, "outputs": ["heeft_recht"], "date": "2026-06-01"}
    return {**given, "ground": GROUND, "purpose": "Uitproberen", "controller": OWNER, **more}


def test_a_run_is_a_job_of_which_the_counts_can_be_fetched(site: Site) -> None:
    answer = site.call("POST", "/v1/population-runs", "gm0344/editor", json=wanted())
    assert answer.status_code == 202, answer.text
    place = answer.headers["location"]
    assert answer.json()["address"] == place
    until = time.monotonic() + 60
    while (job := site.get(place, "gm0344/editor").json())["state"] not in ("done", "failed"):
        assert time.monotonic() < until, job
        time.sleep(0.1)
    assert job["state"] == "done", job
    assert job["result"]["outputs"]["heeft_recht"]["statuses"]["known"] == "rest"
    assert site.get(place, "gm0363/editor").status_code == site.get(place).status_code == 404


def test_only_an_editor_of_the_controller_may_ask(site: Site) -> None:
    assert site.call("POST", "/v1/population-runs", json=wanted()).status_code == 401
    for body in (wanted(), wanted(controller=OTHER)):
        who = "gm0363/editor" if body["controller"] == OWNER else "gm0344/editor"
        answer = site.call("POST", "/v1/population-runs", who, json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "denied")


def test_real_people_without_a_ground_are_refused_with_every_misfit(site: Site) -> None:
    body = wanted(population="population:gm0344/echt", purpose="Iets anders", law="wet_op_de_proefgegevens")
    answer = site.call("POST", "/v1/population-runs", "gm0344/editor", json={**body, "outputs": ["toetsinkomen"]})
    assert (answer.status_code, answer.json()["code"]) == (403, "no-lawful-ground")
    assert {item["code"] for item in answer.json()["errors"]} == {"other-law", "other-purpose"}
    answer = site.call(
        "POST", "/v1/population-runs", "gm0344/editor", json={**body, "ground": None, "outputs": ["toetsinkomen"]}
    )
    assert {item["code"] for item in answer.json()["errors"]} == {"no-ground"}


def test_what_cannot_be_run_is_refused_before_there_is_a_job(site: Site) -> None:
    for change, status in (
        ({"population": "population:gm0344/bestaat-niet"}, 404),
        ({"population": OWNER}, 400),
        ({"law": "bestaat_niet"}, 404),
        ({"outputs": ["bestaat_niet"]}, 400),
        ({"date": "2019-01-01"}, 404),
    ):
        answer = site.call("POST", "/v1/population-runs", "gm0344/editor", json=wanted(**change))
        assert answer.status_code == status, (change, answer.text)
