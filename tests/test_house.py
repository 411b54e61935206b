"""The worked example of the explanation of the house: its files are built as they stand, served, and switched off."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from eendracht.bootstrap import Wiring
from eendracht.kernel.access import OPERATOR, PUBLIC, Principal
from eendracht.kernel.credentials import create_principal
from eendracht.kernel.instance import Instance
from eendracht.kernel.jobs import JobKind, Jobs, run_job
from eendracht.kernel.sessions import Sessions
from eendracht.kernel.store import Query
from eendracht.kernel.store.switches import WingOff, switch_wing
from eendracht.kernel.wing import Wing
from eendracht.kernel.wording import Said
from eendracht.web.app import create_app
from tests.web.nodes import OTHER, OWNER, PUBLIC_DRAFTS, draft, fill_node

PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "house.md"
BLOCK = re.compile(r'^```\w+ title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
COURSE, FOREIGN = "course:gm0344/archiveren", "course:gm0363/inkopen"
LISTED = (COURSE, FOREIGN)


@pytest.fixture(scope="module")
def wing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wing]:
    folder = tmp_path_factory.mktemp("wings")
    for name, content in BLOCK.findall(PAGE.read_text("utf-8")):
        file = folder / "example_people" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, "utf-8")
    (folder / "example_people" / "__init__.py").touch()
    sys.path.insert(0, str(folder))
    from example_people.wing import WING

    yield WING
    sys.path.remove(str(folder))


@pytest.fixture
def node(wing: Wing, tmp_path: Path) -> Iterator[Instance]:
    with Wiring((wing,)).create(tmp_path / "node") as instance:
        courses = [
            draft(COURSE, "Digitaal archiveren", seats=12),
            draft(FOREIGN, "Duurzaam inkopen", owner=OTHER, startsOn="2027-02-01"),
        ]
        fill_node(instance, [*PUBLIC_DRAFTS, *courses])
        yield instance


def ask(instance: Instance, path: str, who: str = "", accept: str = "text/html") -> tuple[int, str]:
    """Give status and body of a path, as the public or with a session."""
    cookies = {"eendracht": Sessions(instance.store, 30, 10).begin(who, "persona")} if who else {}

    async def run() -> httpx.Response:
        transport = httpx.ASGITransport(app=create_app(instance))
        async with httpx.AsyncClient(transport=transport, base_url="http://node", cookies=cookies) as client:
            return await client.get(path, headers={"Accept": accept})

    answer = asyncio.run(run())
    return answer.status_code, answer.text


def test_the_example_is_a_page_a_route_a_kind_a_finding_and_a_task(node: Instance) -> None:
    status, page = ask(node, "/nl/cursussen")
    assert status == 200
    assert "<h1" in page and "Cursussen" in page and "Digitaal archiveren" in page
    assert 'href="/nl/cursussen"' in ask(node, "/nl")[1]
    assert ask(node, "/en/courses")[0] == 200
    assert '"ref":"course:gm0344/archiveren"' in ask(node, "/v1/courses")[1]
    assert '"/courses"' in ask(node, "/v1/openapi.json")[1]
    assert "2 cursussen" in " ".join(re.sub("<[^>]*>", " ", ask(node, "/nl")[1]).split())
    # The form, record page and search know the kind without a line of their own.
    assert 'name="spec.seats"' in ask(node, "/en/new/course", "gm0344/editor")[1]
    assert "Digitaal archiveren" in ask(node, "/nl/zoeken?q=archiveren")[1]
    status, finding = ask(node, "/en/findings/course-without-date")
    assert status == 200 and "A course has a date" in finding and "Digitaal archiveren" in finding
    assert "Fill in the date." in ask(node, "/en/my-tasks", "gm0344/editor")[1]
    assert "Fill in the date." not in ask(node, "/en/my-tasks", "gm0363/editor")[1]


def test_its_commands_load_with_the_first_call(node: Instance, wing: Wing, tmp_path: Path) -> None:
    node.close()
    run = (
        "import sys; from eendracht.cli.app import run; from eendracht.bootstrap import Wiring;"
        " from example_people.wing import WING\n"
        "try:\n    run(Wiring((WING,)))\nfinally:\n    print('loaded:', 'example_people.commands' in sys.modules)"
    )
    environment = {"PYTHONPATH": ":".join(filter(None, sys.path)), "COLUMNS": "100"}

    def call(*words: str) -> str:
        command = [sys.executable, "-c", run, "--folder", str(tmp_path / "node"), *words]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)
        return done.stdout + done.stderr

    helped = call("--help")
    assert (
        "people" in helped and "Courses that public bodies open to each other." in helped and "loaded: False" in helped
    )
    assert "Digitaal archiveren" in call("people", "list")
    assert "list" in call("people", "--help")
    assert "people is off for the whole node" in call("wings", "off", "people")
    assert "switched off" in call("people", "list")
    assert "people is on" in call("wings", "on", "people")
    assert "course:gm0344/archiveren" in call("people", "list")


def names_of(instance: Instance, asker: Principal) -> set[str]:
    """Give the courses that any way of reading still shows."""
    store, found = instance.store, set()
    found |= {record.ref for record in store.find(Query(kind="course"), asker).records}
    found |= {record.ref for record in store.search(Query(text="archiveren"), asker).page.records}
    found |= {record.ref for record in store.search(Query(text="inkopen"), asker).page.records}
    found |= {record.ref for record in store.snapshot(asker)}
    found |= {record.ref for record in store.snapshot(asker, known_at=store.size)}
    found |= {record.ref for record in store.changes(0, asker)}
    found |= {record.ref for record in store.get_among(LISTED, asker)}
    for item in store.incoming(OWNER, asker):
        found.add(item.ref)
    for ref in LISTED:
        for read in (store.get, store.history):
            try:
                read(ref, asker)
                found.add(ref)
            except Exception as error:  # noqa: BLE001 - it must be the very error of what was never there
                assert getattr(error, "code", "") == "not-found"
    total = store.facets(Query(), asker).kind.get("course", 0)
    found = {ref for ref in found if ref.startswith("course:")}
    assert total == len(found)
    return found


@pytest.mark.parametrize("asker", [OPERATOR, PUBLIC])
def test_off_for_an_organisation_its_rows_are_there_for_nobody(node: Instance, asker: Principal) -> None:
    assert names_of(node, asker) == set(LISTED)
    assert switch_wing(node.store, "people", OWNER, False)
    assert names_of(node, asker) == {FOREIGN}
    assert "archiveren" not in ask(node, "/v1/courses")[1]
    assert ask(node, f"/nl/records/{COURSE}")[0] == 404
    assert switch_wing(node.store, "people", "", False)
    assert names_of(node, asker) == set()
    assert switch_wing(node.store, "people", "", True) and switch_wing(node.store, "people", OWNER, True)
    assert names_of(node, asker) == set(LISTED)


def test_off_for_an_organisation_it_has_no_route_and_no_duty_there(node: Instance) -> None:
    switch_wing(node.store, "people", OWNER, False)
    nowhere = ask(node, "/nl/bestaat-niet", "gm0344/editor")
    for path in ("/nl/cursussen", "/en/courses"):
        status, page = ask(node, path, "gm0344/editor")
        assert status == 404
        assert path not in page.replace(f'href="{path}" lang', "")
    assert re.sub(r"/(nl|en)[^\"]*|[0-9a-f]{64}", "", ask(node, "/nl/cursussen", "gm0344/editor")[1]) == re.sub(
        r"/(nl|en)[^\"]*|[0-9a-f]{64}", "", nowhere[1]
    )
    assert 'href="/nl/cursussen"' not in ask(node, "/nl", "gm0344/editor")[1]
    assert ask(node, "/nl/cursussen", "gm0363/editor")[0] == 200
    assert "Fill in the date." not in ask(node, "/en/my-tasks", "gm0344/editor")[1]
    assert ask(node, "/en/findings/course-without-date")[0] == 404
    with pytest.raises(WingOff):
        node.store.put(draft("course:gm0344/nieuw", "Nieuw"), OPERATOR)
    node.store.put(draft("course:gm0363/nieuw", "Nieuw", owner=OTHER), OPERATOR)


def test_off_for_the_node_the_route_answers_as_if_it_had_never_been(node: Instance) -> None:
    create_principal(node.store, "gm0344/reader", ["reader@organisation:gm0344"])
    switch_wing(node.store, "people", "", False)
    for who in ("", "gm0344/editor", "gm0363/editor", "gm0344/reader"):
        assert ask(node, "/nl/cursussen", who)[0] == 404
    assert ask(node, "/v1/courses", accept="application/json")[0] == 404
    assert '"/courses"' not in ask(node, "/v1/openapi.json")[1]


def test_a_job_of_a_wing_that_is_off_does_not_run(node: Instance) -> None:
    ran = []
    kind = JobKind("enrol", Said("Inschrijven", "Enrol"), {}, lambda work: ran.append(work) or {}, wing="people")
    switch_wing(node.store, "people", OWNER, False)
    job = Jobs(node.store).ask("enrol", {}, OPERATOR, OWNER)
    run_job(node, {"enrol": kind}, job)
    found = Jobs(node.store).get(job, OPERATOR)
    assert (found.state, found.error["code"], ran) == ("failed", "wing-off", [])


def test_a_switch_by_another_process_shows_within_a_second(node: Instance, tmp_path: Path, wing: Wing) -> None:
    assert node.store.switches.is_on("people")
    with Wiring((wing,)).open(tmp_path / "node") as other:
        switch_wing(other.store, "people", "", False)
    limit = time.monotonic() + 1
    while node.store.switches.is_on("people") and time.monotonic() < limit:
        time.sleep(0.02)
    assert not node.store.switches.is_on("people")
