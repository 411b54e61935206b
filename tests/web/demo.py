"""A served demonstration node, and a browser that fills in its forms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import httpx

from eendracht.kit.personas import create_personas
from tests.populations import digest_of, ground_draft, lay_files, population_draft, write_table
from tests.web.nodes import LAWS, OWNER, PUBLIC_DRAFTS, draft, fill_node, open_node
from tests.web.serving import Patient, Server

EDIT = "/nl/bewerken/application:gm0344/zaaksysteem"


@dataclass
class Demo:
    """A served demonstration node."""

    server: Server
    folder: Path

    def browser(self) -> httpx.Client:
        """Give a client that keeps cookies."""
        origin = {"Origin": self.server.url, "Accept": "text/html"}
        return httpx.Client(base_url=self.server.url, headers=origin, timeout=30, transport=Patient())

    @contextmanager
    def signed_in(self, persona: str = "record-owner") -> Iterator[httpx.Client]:
        """Give a client that is signed in as a persona."""
        with self.browser() as client:
            answer = client.post("/nl/aanmelden", data={"way": "persona", "persona": f"persona/{persona}"})
            assert answer.status_code == 303
            yield client


MORE_DRAFTS = (
    draft(
        "organisation:pv26",
        "Provincie Utrecht",
        owner="organisation:pv26",
        type="province",
    ),
    draft(
        "organisation:gm0310",
        "Gemeente De Bilt",
        owner="organisation:gm0310",
        type="municipality",
        province="organisation:pv26",
        inhabitants=43_000,
        inhabitantsYear=2023,
        position={"latitude": "52.13", "longitude": "5.18"},
    ),
    draft(
        "organisation:gm0307",
        "Gemeente Amersfoort",
        owner="organisation:gm0307",
        type="municipality",
        province="organisation:pv26",
        inhabitants=160_000,
        inhabitantsYear=2023,
        position={"latitude": "52.16", "longitude": "5.39"},
    ),
    draft(
        "contract:gm0344/zaaksysteem",
        "Contract zaaksysteem met een lange naam die over meer dan een regel loopt omdat namen dat nu eenmaal doen",
        buyer=OWNER,
        supplier="supplier:kvk.11111111",
        covers=["application:gm0344/zaaksysteem"],
        startDate="2020-01-01",
        endDate="2021-01-01",
        noticeDays=90,
        annualValueEurocent=12_345_650,
    ),
    draft("dataset:gm0344/zaken", "Zaken", controller=OWNER, heldIn=["application:gm0344/zaaksysteem"]),
)


def make_demo(folder: Path, *, more: bool = False) -> Path:
    """Make a demonstration node; with `more`, one that has something on every page."""
    with open_node(folder) as instance:
        hidden = draft("component:gm0344/kluis", "Kluis", "restricted")
        drafts = [*PUBLIC_DRAFTS, hidden, *(MORE_DRAFTS if more else ())]
        table = folder / "tabel.parquet"
        if more:
            write_table(table)
            drafts += [ground_draft(), population_draft(digest_of(table))]
        fill_node(instance, drafts)
        if more:
            lay_files(instance, table)
        create_personas(instance)
    (folder / "node.toml").write_text(f'name = "test.example/eendracht"\nmode = "demo"\nlaws = "{LAWS}"\n')
    return folder


def hidden_fields(html: str) -> dict[str, str]:
    """Give the hidden fields of the form that posts, in the main part of a page."""
    main = html[html.index("<main") :]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', main))


def form_of(client: httpx.Client, path: str = EDIT) -> dict[str, str]:
    """Give what a browser would send of the form of the record, were it not changed."""
    page = client.get(path)
    assert page.status_code == 200, page.text
    return form_values(page.text)


def form_values(html: str) -> dict[str, str]:
    """Give what a browser would send of the form in the main part of a page, were it not changed."""
    main = html[html.index("<main") :]
    values = hidden_fields(html)
    for tag in re.findall(r"<input class=[^>]+>", main):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        assert name
        assert value
        values[name[1]] = value[1]
    values |= dict(re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>\n([^<]*)</textarea>', main))
    for name, options in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', main, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        values[name] = chosen[1] if chosen else ""
    return {name: unescape(value) for name, value in values.items()}
