"""The page of tasks: it speaks of the visitor's own records, and every way from it leads back."""

from __future__ import annotations

import re
import time
from html import unescape
from pathlib import Path

import httpx

from tests.web.demo import Demo, form_of, make_demo
from tests.web.serving import run_server

SERVICE = "/nl/bewerken/public-service:gm0344/paspoort"


def patient(client: httpx.Client, path: str) -> str:
    """Give a page that may still be worked out."""
    for _ in range(100):
        answer = client.get(path)
        if answer.status_code == 200 and "wordt opnieuw gekeken" not in answer.text:
            break
        time.sleep(0.1)
    return unescape(answer.text)


def test_a_task_begins_with_a_record_of_the_visitor_and_leads_there_and_back(tmp_path: Path) -> None:
    folder = make_demo(tmp_path / "node")
    with run_server(folder) as server, Demo(server, folder).signed_in() as client:
        form = form_of(client, SERVICE) | {"spec.criticality": "critical"}
        assert client.post(SERVICE, data=form).status_code == 303
        page = patient(client, "/nl/mijn-taken")
        assert "te beginnen bij Zaaksysteem." in page
        assert 'href="/nl/uitval/application:gm0344/zaaksysteem">Wat stopt zonder Zaaksysteem<' in page
        heading = re.search(r"1 ding kan in zijn eentje iets kritieks stilleggen <span[^>]*>\(van de (\d+)\)", page)
        assert heading
        why = "/nl/bevindingen/single-point-of-failure?of=tasks"
        assert f'href="{why}"' in page
        assert '<a class="nl-link" href="/nl/mijn-taken">' in patient(client, why).partition("<h1")[0]
        assert 'href="/nl/bevindingen"' in patient(client, why.partition("?")[0]).partition("<h1")[0]
