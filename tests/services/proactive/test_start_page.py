"""The form by which an editor starts a run: every fault at once, the job asked, and no fault for axe."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.jobs import Jobs
from eendracht.kernel.sessions import Sessions
from tests.services.proactive.nodes import (
    APPROVER,
    ASKED,
    DPIA,
    LAWS,
    POPULATION,
    PURPOSE,
    editor,
    ground_ref,
    make_node,
)
from tests.services.proactive.test_outside import ask
from tests.services.proactive.towns import make_town
from tests.web.browser import open_page, press, run_browser
from tests.web.judging import judge
from tests.web.nodes import OWNER
from tests.web.serving import run_server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with run_browser() as found:
        yield found


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    with make_node(tmp_path / "node", make_town(tmp_path / "people", 400)) as node:
        editor(node, "asker")
        bare = {"population": POPULATION, "controller": OWNER, "laws": ASKED[0], "on": "2026-01-15", "threshold": "100"}
        refused = ask(node, "POST", "/en/proactive", "asker", form=bare)
        assert refused.status_code == 422
        for word in ("No DPIA was named", "No role was named", "is missing", "No ground was named"):
            assert word in refused.text
        empty = ask(node, "POST", "/en/proactive", "asker", form={"on": "gisteren", "threshold": "veel"})
        for word in ("Choose a population", "Choose a law", "Write a day", "Write an amount"):
            assert word in empty.text
        assert Jobs(node.store).list_jobs(OPERATOR, 10) == []


def test_an_editor_starts_a_run_on_the_page(browser: Browser, tmp_path: Path, node_file: Callable[[str], Path]) -> None:
    folder = tmp_path / "node"
    axe = node_file("axe-core/axe.min.js").read_text()
    with make_node(folder, make_town(tmp_path / "people", 400)) as node:
        editor(node, "asker")
        secret = Sessions(node.store, 30, 10).begin("asker", "persona")
    with run_server(folder) as server, open_page(browser, server.url, viewport={"width": 320, "height": 640}) as page:
        page.context.add_cookies([{"name": "eendracht", "value": secret, "url": server.url}])
        for path in ("/nl/proactief", "/en/proactive"):
            page.goto(path)
            assert judge(page, axe) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.select_option("#population", POPULATION)
        for law in LAWS:
            page.check(f"input[name=grounds][value='{ground_ref(law)}']")
        page.fill("#more", " ".join(ASKED))
        page.fill("#on", "2026-01-15")
        page.fill("#purpose", PURPOSE)
        page.fill("#approver", "Jan")
        page.select_option("#dpia", DPIA)
        press(page.locator("button[value='run']"))
        assert judge(page, axe) == []
        # What was filled in is still there.
        assert page.input_value("#purpose") == PURPOSE
        page.fill("#approver", APPROVER)
        press(page.locator("button[value='run']"))
        page.wait_for_url(re.compile("/jobs/"))
        job_id = page.url.rpartition("/")[2]
    from eendracht.bootstrap import open_instance
    from eendracht.config import load_settings

    with open_instance(load_settings(folder)) as node:
        job = Jobs(node.store).get(job_id, OPERATOR)
        assert (job.kind, job.asked_by, job.arguments["threshold"]) == ("proactive-run", "asker", "10000")
        assert job.arguments["laws"].split() == list(ASKED)
