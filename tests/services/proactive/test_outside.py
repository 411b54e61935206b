"""The run from outside: over the API, on the page of the organisation, and at the prompt."""

from __future__ import annotations

import asyncio
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest

from eendracht.bootstrap import open_instance
from eendracht.config import load_settings
from eendracht.kernel.credentials import create_principal, issue_token
from eendracht.kernel.instance import Instance
from eendracht.kernel.jobs import Jobs
from eendracht.kernel.sessions import Sessions
from eendracht.services.proactive.stops import Stops
from eendracht.web.app import create_app
from tests.services.proactive import reference_benefits as truth
from tests.services.proactive.nodes import (
    APPROVER,
    ASKED,
    DPIA,
    LAWS,
    POPULATION,
    PURPOSE,
    editor,
    finish,
    ground_ref,
    make_node,
)
from tests.services.proactive.towns import Town, make_town
from tests.web.described import Description
from tests.web.nodes import OWNER

ROOT = Path(__file__).parents[3]
BODY = {
    "population": POPULATION,
    "laws": list(ASKED),
    "date": "2026-01-15",
    "controller": OWNER,
    "grounds": [ground_ref(law) for law in LAWS],
    "purpose": PURPOSE,
    "dpia": DPIA,
    "approver": APPROVER,
    "threshold": 10_000,
}


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """Give a node in which two editors and a reader work."""
    town = make_town(tmp_path_factory.mktemp("hamlet") / "people", 800)
    with make_node(tmp_path_factory.mktemp("node") / "node", town) as instance:
        for name in ("asker", "second"):
            editor(instance, name)
        create_principal(instance.store, "reader", [f"reader@{OWNER}"])
        yield instance


def ask(node: Instance, method: str, path: str, who: str = "", **more: Any) -> httpx.Response:
    """Ask as the token of a principal, or where a page is asked with its session."""
    headers = {"Accept": "text/html"} if "/v1/" not in path else {}
    cookies = {}
    if who and "/v1/" in path:
        headers["Authorization"] = f"Bearer {issue_token(node.store, who, 'write')}"
    elif who:
        cookies = {"eendracht": Sessions(node.store, 30, 10).begin(who, "persona")}

    async def run() -> httpx.Response:
        transport = httpx.ASGITransport(app=create_app(node))
        async with httpx.AsyncClient(transport=transport, base_url="http://node", cookies=cookies) as client:
            if "form" in more:
                page = await client.get(path, headers=headers)
                key = re.search(r'name="formKey" value="([^"]+)"', page.text)
                assert key, page.text
                form = {"formKey": key[1], **more["form"]}
                return await client.post(path, data=form, headers=headers)
            answer = await client.request(method, path, headers=headers, **more)
            if "/v1/" not in path:
                return answer
            return Description((await client.get("/v1/openapi.json")).json()).hold(answer)

    return asyncio.run(run())


def test_a_run_is_asked_followed_shown_and_approved_by_another(node: Instance) -> None:
    asked = ask(node, "POST", "/v1/proactive-runs", "asker", json=BODY)
    assert asked.status_code == 202, asked.text
    job = asked.json()["id"]
    assert asked.headers["location"] == f"/v1/jobs/{job}"
    assert finish(node, job).state == "done"
    followed = ask(node, "GET", f"/v1/jobs/{job}", "asker").json()
    assert followed["result"]["people"] > 700

    for path, words in (
        (f"/nl/proactief/{job}", ("Algemene Ouderdomswet, artikel 13", "Jonger dan 18")),
        (f"/en/proactive/{job}", ("Under 18", "article 13")),
    ):
        page = ask(node, "GET", path, "second")
        assert page.status_code == 200, page.text
        for word in words:
            assert word in page.text
    assert job in ask(node, "GET", "/nl/proactief", "second").text
    assert 'name="way"' not in ask(node, "GET", f"/nl/proactief/{job}", "asker").text
    shown = [line.content for line in node.journal.read("processing", limit=1_000)]
    assert {line["by"] for line in shown if line["event"] == "proactive-list-shown"} == {"asker", "second"}

    refused = ask(node, "POST", f"/v1/proactive-runs/{job}/messages", "asker", json={"way": "print"})
    assert refused.status_code == 403
    no_way = ask(node, "POST", f"/nl/proactief/{job}", "second", form={"way": "webhook"})
    assert no_way.status_code == 422
    sent = ask(node, "POST", f"/nl/proactief/{job}", "second", form={"way": "print"})
    assert sent.status_code == 303, sent.text
    sending = sent.headers["location"].rpartition("/")[2]
    assert Jobs(node.store).find(sending).arguments == {"run": job, "way": "print"}  # type: ignore[union-attr]
    assert finish(node, sending).state == "done"
    assert "Bij de drukker" in ask(node, "GET", f"/nl/proactief/{job}", "second").text


def test_faults_come_all_at_once_and_nobody_else_may_ask(node: Instance) -> None:
    bare = {**BODY, "grounds": [], "dpia": None, "approver": "Jan"}
    refused = ask(node, "POST", "/v1/proactive-runs", "asker", json=bare)
    assert refused.status_code == 400
    assert {error["code"] for error in refused.json()["errors"]} == {"no-dpia", "no-approver", "no-ground"}
    odd = ask(node, "POST", "/v1/proactive-runs", "asker", json={**BODY, "laws": [], "date": "gisteren", "x": 1})
    assert odd.status_code == 400
    assert {error["pointer"] for error in odd.json()["errors"]} == {"/laws", "/date", "/x"}
    assert ask(node, "POST", "/v1/proactive-runs", json=BODY).status_code == 401
    assert ask(node, "POST", "/v1/proactive-runs", "reader", json=BODY).status_code == 403
    assert ask(node, "GET", "/nl/proactief").status_code in (303, 401)
    assert ask(node, "GET", "/nl/proactief", "reader").status_code == 403
    assert ask(node, "GET", "/nl/proactief/proactive-run-0000", "second").status_code == 404


def run_command(*words: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    code = "from eendracht.bootstrap import main; main()"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    environment.pop("EENDRACHT_FOLDER", None)
    return subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=False, env=environment, cwd=folder
    )


def test_the_command_writes_the_list_for_its_owner_only(town: Town, tmp_path: Path) -> None:
    laws = [f"{truth.CHILD}:kinderbijslag_per_kwartaal:shared", f"{truth.PENSION}:aow_pensioen_per_maand:own"]
    given = [word for law in laws for word in ("--law", law)]
    where = ["--population", str(town.folder), "--out", str(tmp_path / "out"), "--date", "2026-01-15"]
    done = run_command("services", "proactive", *given, *where, "--threshold", "100", "--csv", "--json")
    found = json.loads(done.stdout)

    assert done.returncode == 0, done.stderr
    assert found["isSynthetic"] is True
    assert [law["reasons"]["sure"] for law in found["laws"]] == [
        len(town.unused(truth.CHILD)),
        len(town.unused(truth.PENSION)),
    ]
    lines = (tmp_path / "out" / "ranking.csv").read_text("utf-8").splitlines()
    assert len(lines) == found["lines"] + 1
    assert stat.S_IMODE((tmp_path / "out" / "ranking.csv").stat().st_mode) == 0o600


def test_the_command_names_everything_that_is_wrong(town: Town, tmp_path: Path) -> None:
    where = ["--population", str(town.folder), "--out", str(tmp_path / "out")]
    bad = run_command("services", "proactive", "--law", "x", "--law", "y:", *where)
    child = f"{truth.CHILD}:kinderbijslag_per_kwartaal"
    more = ["--law", child, "--law", "x:y", "--column", "objection=nee", "--estimate", "zz", "--date", "2026-01-15"]
    gone = run_command("services", "proactive", *more, *where)

    assert bad.returncode == 1
    assert bad.stderr.count("Write a law as LAW:OUTPUT") == 2
    assert gone.returncode == 1
    for word in ("/laws/1", "'subjects.nee'", "'zz'"):
        assert word in gone.stderr


@pytest.fixture
def real(tmp_path: Path) -> Town:
    """Give a hamlet whose files do not say that the people are made up."""
    made = make_town(tmp_path / "real", 800)
    said = json.loads((made.folder / "population.json").read_text())
    said["sources"] = {name: f"dataset:gm0344/{name}" for name in ("subjects", "uptake")}
    (made.folder / "population.json").write_text(json.dumps({**said, "synthetic": False}))
    return made


def real_call(town: Town, out: Path) -> list[str]:
    laws = [word for law in ASKED for word in ("--law", law)]
    grounds = [word for law in LAWS for word in ("--ground", ground_ref(law))]
    where = ["--population", str(town.folder), "--out", str(out), "--date", "2026-01-15", "--threshold", "100"]
    who = ["--purpose", PURPOSE, "--controller", OWNER, "--dpia", DPIA, "--approver", APPROVER]
    return ["services", "proactive", *laws, *grounds, *where, *who, "--json"]


def test_the_command_uses_data_of_real_people_only_with_a_node(real: Town, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    laws = ["--law", ASKED[0], "--population", str(real.folder), "--out", str(tmp_path / "out")]
    refused = run_command("services", "proactive", *laws, folder=tmp_path / "empty")

    assert refused.returncode != 0
    assert "--folder" in refused.stderr
    assert "--synthetic" in refused.stderr
    assert not (tmp_path / "out").exists()


def test_the_command_notes_what_it_did_and_hears_objections_as_the_job_does(real: Town, tmp_path: Path) -> None:
    key = str(min(min(unit) for unit in real.unused(truth.PENSION) if len(unit) == 1))
    with make_node(tmp_path / "node", real) as instance:
        subject = instance.vault.add_subject("bsn", "123456782")
        Stops(instance, OWNER).object_to(subject, truth.PENSION, keys=[key])
        before = instance.journal.count("processing")
    call = real_call(real, tmp_path / "out")
    done = run_command("--folder", str(tmp_path / "node"), *call)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    with duckdb.connect() as connection:
        rows = connection.execute(f"SELECT key, law FROM '{tmp_path / 'out' / 'ranking.parquet'}'").fetchall()
    with open_instance(load_settings(tmp_path / "node")) as instance:
        lines = [line.content for line in instance.journal.read("processing", before)]

    assert (int(key), truth.PENSION) not in rows
    assert len([row for row in rows if row[1] == truth.PENSION]) == len(real.unused(truth.PENSION)) - 1
    begun = [line for line in lines if line["event"] == "proactive-run-begun"]
    assert [(line["law"], line["ground"], line["dpia"]) for line in begun] == [
        (law, ground_ref(law), DPIA) for law in LAWS
    ]
    (outcomes,) = [line for line in lines if "outcomes" in line]
    assert outcomes["outcomes"] == sha256((tmp_path / "out" / "outcomes.parquet").read_bytes()).hexdigest()
    assert found["outcomesSha256"] == outcomes["outcomes"]
    assert str(tmp_path) not in json.dumps(lines)

    # Who asks must be an editor of the organisation, and every fault is heard before anything is noted.
    wrong = run_command(
        "--folder", str(tmp_path / "node"), *call, "--approver", "Jan", "--dpia", "processing-activity:x/y"
    )
    assert wrong.returncode != 0
    for word in ("/approver", "/dpia"):
        assert word in wrong.stderr
    with open_instance(load_settings(tmp_path / "node")) as instance:
        assert instance.journal.count("processing") == before + len(lines)
