"""Pages: their weight, their time on the server, and fifty people at work at once."""

from __future__ import annotations

import asyncio
import gzip
import random
import re
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import httpx

from eendracht.bootstrap import create_instance
from eendracht.config import Settings
from eendracht.demo import generate_estate
from eendracht.kernel.access import OPERATOR
from eendracht.kernel.credentials import create_principal
from eendracht.kernel.loading import load_bodies
from eendracht.kernel.sessions import Sessions
from eendracht.kernel.store import Query, load
from eendracht.reference import OBSERVED_ON, load_public_bodies
from tests.bench.rows import Row
from tests.web.demo import form_values
from tests.web.serving import Server, run_server

SEED = 2026
USERS = 50
THINK_SECONDS = 2.0
MEASURED_SECONDS = 60.0
REQUESTS = 150
KIB = 1_000
"""Sizes are told in kB of 1,000 bytes, as in the bar."""


@dataclass
class Site:
    """What the visitors of the load know: who they are, what they may edit, and words that people look for."""

    records: int
    sessions: list[str]
    editable: list[str]
    refs: list[str]
    words: list[str]
    suppliers: list[str]
    bodies: list[str]


@dataclass
class Times:
    """Seconds of each request by what was asked, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def note(self, what: str, began: float, answer: httpx.Response, wanted: int = 200) -> None:
        """Keep one answer."""
        self.seconds.setdefault(what, []).append(time.perf_counter() - began)
        if answer.status_code != wanted:
            self.errors.append(f"{what}: {answer.status_code}")

    def percentile(self, share: float, what: str = "") -> float:
        """Give a percentile in milliseconds, of one thing or of all."""
        found = self.seconds[what] if what else [second for rows in self.seconds.values() for second in rows]
        return 1_000 * statistics.quantiles(found, n=1_000, method="inclusive")[int(share * 10) - 1]


def measure() -> list[Row]:
    """Fill a node of national size, serve it with one process, and visit it from the same cores."""
    with tempfile.TemporaryDirectory(prefix="eendracht-bench-") as name:
        folder = Path(name) / "node"
        site = _fill(folder)
        with run_server(folder) as server:
            weights = _weigh(server)
            cold = _first_visit(server, site)
            alone = _visit_each(server, site)
            landscape = _visit_landscape(server, site)
            load_times = asyncio.run(_crowd(server, site))
    size = f"{site.records:,} records (national demonstration, seed {SEED})"
    warm = f"{size}, signed in, one visitor, {REQUESTS} different requests, warm"
    count = sum(len(rows) for rows in load_times.seconds.values())
    crowd = (
        f"{size}; {USERS} users, {THINK_SECONDS:g} s think, 60 % search, 30 % record, 10 % edit, {MEASURED_SECONDS:g} s"
    )
    rows = [
        Row(
            "first page, all that loads, gzip",
            weights["all"],
            "kB",
            4,
            "home in Dutch, cold cache",
            "lower",
            100,
            runs=1,
        ),
        Row("of which style", weights["css"], "kB", 1, "as above", "lower", 30, runs=1),
        Row("of which script (page of a job)", weights["js"], "kB", 1, "as above", "lower", 20, runs=1),
        Row("first visit after the start, p95 of pages", cold, "ms", 6, f"{size}, cold server", "lower", None, runs=1),
    ]
    for what, times in alone.seconds.items():
        p95 = alone.percentile(95, what)
        rows.append(Row(f"page {what}, p95", p95, "ms", len(times), warm, "lower", 100, runs=1))
    for what, milliseconds in landscape.items():
        rows.append(Row(f"page {what}", milliseconds, "ms", 1, f"{size}, signed in", "lower", None, runs=1))
    remark = f"p50 {load_times.percentile(50):.0f} ms, {count} requests, {len(load_times.errors)} errors"
    rows.append(
        Row(
            "50 people at once, p95", load_times.percentile(95), "ms", count, crowd, "lower", 250, runs=1, remark=remark
        )
    )
    for what in load_times.seconds:
        figure = load_times.percentile(95, what)
        rows.append(
            Row(f"of which {what}, p95", figure, "ms", len(load_times.seconds[what]), "as above", "lower", runs=1)
        )
    rows.append(Row("errors among them", len(load_times.errors), "", count, "as above", "lower", 0, runs=1))
    return rows


def _fill(folder: Path) -> Site:
    bodies = [body for body in load_public_bodies() if body.is_valid_on(OBSERVED_ON) is not False]
    estate = generate_estate("national", SEED, bodies)
    draw = random.Random(SEED)
    with create_instance(Settings(folder=folder)) as instance:
        store = instance.store
        load_bodies(store)
        load(store, estate.drafts)
        instance.history.sign()
        facets = store.facets(Query(kind="application"), OPERATOR)
        owners = sorted(facets.owner, key=lambda owner: -facets.owner[owner])[:USERS]
        sessions, editable = [], []
        for number, owner in enumerate(owners):
            principal = create_principal(store, f"bench/editor-{number}", [f"editor@{owner}"])
            sessions.append(Sessions(store, 600, 10).begin(principal.name, "persona"))
            editable.append(store.find(Query(kind="application", owner=owner, limit=1), OPERATOR).records[0].ref)
        names = [record.name for record in store.snapshot(OPERATOR, kind="application")]
        refs = [record.ref for record in store.snapshot(OPERATOR, kind="application")]
        suppliers = [record.ref for record in store.snapshot(OPERATOR, kind="supplier")]
        words = sorted({word for name in names for word in re.findall(r"[A-Za-z]{4,}", name)})
        municipalities = [body.ref for body in store.snapshot(OPERATOR, kind="organisation") if "/" not in body.ref]
        records = store.facets(Query(), OPERATOR).total
    return Site(
        records,
        sessions,
        editable,
        draw.sample(refs, 2_000),
        words,
        draw.sample(suppliers, min(300, len(suppliers))),
        draw.sample(municipalities, min(300, len(municipalities))),
    )


def _client(server: Server, session: str = "") -> httpx.Client:
    headers = {"Accept": "text/html", "Origin": server.url}
    cookies = {"eendracht": session} if session else None
    return httpx.Client(base_url=server.url, headers=headers, cookies=cookies, timeout=60)


def _weigh(server: Server) -> dict[str, float]:
    """Give the kB that a browser loads for the home page, as the server sends them to one that takes gzip."""
    with _client(server) as client:
        home = client.get("/nl")
        html = len(gzip.compress(home.content)) if "content-encoding" not in home.headers else _wire(client, "/nl")
        style = re.findall(r'href="(/static/[^"]+\.css)"', home.text)
        css = sum(_wire(client, path) for path in style)
        fonts = {name for sheet in style for name in re.findall(r"([\w.-]+\.woff2)", client.get(sheet).text)}
        font = sum(_wire(client, f"/static/{name}") for name in fonts)
        assert style and fonts
        script = max((_wire(client, f"/static/{name}") for name in _scripts()), default=0)
    return {"all": (html + css + font) / KIB, "css": css / KIB, "js": script / KIB, "html": html / KIB}


def _scripts() -> list[str]:
    from eendracht.kit.assets import load_assets

    return [name for name in load_assets() if name.endswith(".js")]


def _wire(client: httpx.Client, path: str) -> int:
    with client.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
        return sum(len(part) for part in answer.iter_raw())


def _paths(site: Site, draw: random.Random, what: str) -> str:
    word = quote(draw.choice(site.words))
    return {
        "home": "/nl",
        "search": f"/nl/zoeken?q={word}",
        "search with facets": f"/nl/zoeken?q={word}&kind=application&lifecycle=in-use",
        "list of all": "/nl/zoeken",
        "record": f"/nl/records/{draw.choice(site.refs)}",
        "edit form": f"/nl/bewerken/{draw.choice(site.editable)}",
        "organisation": f"/nl/organisaties/{draw.choice(site.bodies)}",
        "supplier": f"/nl/leveranciers/{draw.choice(site.suppliers)}",
        "map": "/nl/kaart",
    }[what]


_PAGES = ("home", "search", "search with facets", "list of all", "record", "organisation", "supplier", "map")


def _first_visit(server: Server, site: Site) -> float:
    times, draw = Times(), random.Random(SEED)
    with _client(server, site.sessions[0]) as client:
        for what in ("home", "search", "record", "organisation", "supplier", "map"):
            began = time.perf_counter()
            times.note(what, began, client.get(_paths(site, draw, what)))
    return times.percentile(95)


def _visit_each(server: Server, site: Site) -> Times:
    times, draw = Times(), random.Random(SEED + 1)
    with _client(server, site.sessions[0]) as client:
        for what in _PAGES:
            for _ in range(REQUESTS):
                path = _paths(site, draw, what)
                began = time.perf_counter()
                times.note(what, began, client.get(path))
        for _ in range(REQUESTS):
            began = time.perf_counter()
            times.note("edit form", began, client.get(f"/nl/bewerken/{site.editable[0]}"))
    assert not times.errors, times.errors[:5]
    return times


def _visit_landscape(server: Server, site: Site) -> dict[str, float]:
    """Pages that look at the whole landscape of the asker: the first word, until it is there, and once more."""
    found = {}
    with _client(server, site.sessions[0]) as client:
        for what, path in (("findings", "/nl/bevindingen"), ("failure", f"/nl/uitval/{site.suppliers[0]}")):
            began = time.perf_counter()
            answer = client.get(path)
            found[f"{what}, first answer"] = 1_000 * (time.perf_counter() - began)
            while answer.status_code == 503:
                time.sleep(0.1)
                answer = client.get(path)
            assert answer.status_code == 200, (path, answer.status_code)
            found[f"{what}, until it is there"] = 1_000 * (time.perf_counter() - began)
            began = time.perf_counter()
            assert client.get(path).status_code == 200
            found[f"{what}, once more"] = 1_000 * (time.perf_counter() - began)
    return found


async def _crowd(server: Server, site: Site) -> Times:
    times = Times()
    limits = httpx.Limits(max_connections=None)
    async with asyncio.TaskGroup() as group:
        for number in range(USERS):
            group.create_task(_work(server, site, number, times, limits))
    return times


async def _work(server: Server, site: Site, number: int, times: Times, limits: httpx.Limits) -> None:
    draw = random.Random(SEED + number)
    headers = {"Accept": "text/html", "Origin": server.url}
    cookies = {"eendracht": site.sessions[number]}
    # They come in over one think time, so that they do not ask in step.
    await asyncio.sleep(draw.uniform(0, THINK_SECONDS))
    until = time.perf_counter() + MEASURED_SECONDS
    async with httpx.AsyncClient(
        base_url=server.url, headers=headers, cookies=cookies, limits=limits, timeout=60
    ) as client:
        while time.perf_counter() < until:
            chance = draw.random()
            if chance < 0.9:
                what = "search" if chance < 0.6 else "record"
                path = _paths(site, draw, what)
                began = time.perf_counter()
                times.note(what, began, await client.get(path))
            else:
                await _edit(client, site.editable[number], times, draw)
            await asyncio.sleep(THINK_SECONDS)


async def _edit(client: httpx.AsyncClient, ref: str, times: Times, draw: random.Random) -> None:
    path = f"/nl/bewerken/{ref}"
    began = time.perf_counter()
    form = await client.get(path)
    times.note("edit form", began, form)
    fields = form_values(form.text) | {"spec.description": f"Gewijzigd {draw.random()}"}
    began = time.perf_counter()
    times.note("edit", began, await client.post(path, data=fields), 303)
