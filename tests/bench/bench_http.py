"""HTTP: the list of 50 records that everybody asks, authorised and filtered per request."""

from __future__ import annotations

import random
import re
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

import httpx

from eendracht.bootstrap import create_instance
from eendracht.config import Settings
from eendracht.kernel.credentials import create_principal, issue_token
from eendracht.kernel.store import Store, load
from tests.bench.rows import RUNS, Row
from tests.web.serving import Server, free_port, run_python, run_server

RECORDS = 20_000
OWNERS = 20
QUERIES = 1_000
PAGE = 50
SEED = 11
SECONDS = 5
CONNECTIONS = 32

_SCRIPT = """
local paths, tokens = {}, {}
for line in io.lines("%s") do paths[#paths + 1] = line end
for line in io.lines("%s") do tokens[#tokens + 1] = "Bearer " .. line end
math.randomseed(%d)
request = function()
  local path, token = paths[math.random(#paths)], tokens[math.random(#tokens)]
  return wrk.format("GET", path, {["Authorization"] = token})
end
"""

_STARLETTE = """
import sys, uvicorn
from pathlib import Path
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

body = Path(sys.argv[1]).read_bytes()

async def give(request):
    return Response(body, media_type="application/json")

app = Starlette(routes=[Route("/v1/records", give)])
uvicorn.run(app, port=int(sys.argv[2]), loop="uvloop", http="httptools", access_log=False, log_level="error")
"""

_FASTAPI = """
import sys, orjson, uvicorn
from pathlib import Path
from fastapi import FastAPI
from eendracht.web.answers import RecordPage

page = orjson.loads(Path(sys.argv[1]).read_bytes())
app = FastAPI()

@app.get("/v1/records")
async def give() -> RecordPage:
    return page

uvicorn.run(app, port=int(sys.argv[2]), loop="uvloop", http="httptools", access_log=False, log_level="error")
"""


def measure() -> list[Row]:
    """Fill a node, serve it with one worker, and load it from the same two cores."""
    wrk = shutil.which("wrk")
    with tempfile.TemporaryDirectory(prefix="eendracht-bench-") as name:
        folder = Path(name)
        tokens = _fill(folder / "node")
        paths = list(_draw_paths())
        (folder / "paths").write_text("\n".join(paths))
        (folder / "tokens").write_text("\n".join(tokens))
        script = folder / "load.lua"
        script.write_text(_SCRIPT % (folder / "paths", folder / "tokens", SEED))
        with run_server(folder / "node") as server:
            start_seconds = server.start_seconds
            memory = server.memory_mib()
            pages = _sample(server, paths, tokens)
            body = max(pages, key=len)
            ours = _load(wrk, server.url, script)
        starts = [start_seconds]
        for _ in range(RUNS - 1):
            with run_server(folder / "node") as server:
                starts.append(server.start_seconds)
        (folder / "body").write_bytes(body)
        bare = _peer(_STARLETTE, folder / "body", wrk, script)
        full = _peer(_FASTAPI, folder / "body", wrk, script)
    size = statistics.fmean(len(page) for page in pages) / 1000
    setting = (
        f"{RECORDS:,} records of about 1.5 kB with 5 relations, pages of {PAGE} ({size:.0f} kB), {QUERIES:,} queries,"
        f" {OWNERS} principals, seed {SEED}, warm; 1 worker, {CONNECTIONS} connections, wrk on the same cores"
    )
    rows = [
        Row("server start to first answer", statistics.median(starts), "s", RECORDS, "warm files", "lower", 2),
        Row("memory of an idle server", memory, "MiB", RECORDS, "after the first answer", "lower", 150, runs=1),
    ]
    if wrk is None:
        return rows
    peer = "Starlette, one fixed page of the same size, no access control"
    other = "FastAPI with a response model, the same fixed page"
    return [
        Row("list of 50 records over HTTP", ours, "requests/s", QUERIES, setting, "higher", 2_500, peer, bare),
        Row("the same, beside FastAPI", ours, "requests/s", QUERIES, "as above", "higher", None, other, full),
        *rows,
    ]


def draft(number: int) -> dict[str, object]:
    """Give a record of about 1.5 kB with five relations."""
    owner = f"gm{number % OWNERS:04d}"
    return {
        "ref": f"application:{owner}/app-{number:06d}",
        "owner": f"organisation:{owner}",
        "confidentiality": {"level": ("public", "government", "organisation", "restricted")[number // OWNERS % 4]},
        "source": {"type": "synthetic", "date": "2026-01-01", "system": "applications.xlsx", "place": f"row {number}"},
        "spec": {
            "name": f"Toepassing {number}",
            "description": f"Toepassing {number} ondersteunt de afhandeling van vergunningen en meldingen. " * 10,
            "tags": ["vergunningen", "meldingen"],
            "lifecycle": "in-use",
            "hosting": "saas",
            "suppliedBy": f"supplier:kvk.{number % 500:08d}",
            "operatedBy": f"organisation:{owner}",
            "requires": [f"component:{owner}/part-{number % 97}", f"component:{owner}/part-{number % 89}"],
            "datasets": [f"dataset:{owner}/data-{number % 83}"],
        },
    }


def _fill(folder: Path) -> list[str]:
    with create_instance(Settings(folder=folder)) as instance:
        store = instance.store
        load(store, (draft(number) for number in range(RECORDS)))
        tokens = [_token(store, number) for number in range(OWNERS)]
        instance.history.sign()
    return tokens


def _token(store: Store, number: int) -> str:
    name = f"gm{number:04d}/reader"
    role = "security" if number % 2 else "reader"
    create_principal(store, name, [f"{role}@organisation:gm{number:04d}"])
    return issue_token(store, name)


def _draw_paths() -> Iterable[str]:
    chance = random.Random(SEED)
    seen: set[str] = set()
    while len(seen) < QUERIES:
        owner = f"gm{chance.randrange(OWNERS - 1):04d}"
        number = chance.randrange(RECORDS // OWNERS // 2) * OWNERS + int(owner[2:])
        after = f"after=application:{owner}/app-{number:06d}"
        form = chance.choice(("kind=application&", "lifecycle=in-use&", "source=synthetic&kind=application&", ""))
        path = f"/v1/records?{form}{after}&limit={PAGE}"
        if path not in seen:
            seen.add(path)
            yield path


def _sample(server: Server, paths: list[str], tokens: list[str]) -> list[bytes]:
    pages = []
    with httpx.Client(base_url=server.url) as client:
        for at in range(0, QUERIES, 10):
            response = client.get(paths[at], headers={"Authorization": f"Bearer {tokens[at % OWNERS]}"})
            response.raise_for_status()
            if len(response.json()["records"]) != PAGE:
                raise ValueError(f"{paths[at]} holds no full page")
            pages.append(response.content)
    return pages


def _peer(code: str, body: Path, wrk: str | None, script: Path) -> float:
    port = free_port()
    with run_python(code, [str(body), str(port)], port, "/v1/records") as server:
        return _load(wrk, server.url, script)


def _load(wrk: str | None, url: str, script: Path) -> float:
    if wrk is None:
        return 0.0
    rates = []
    for run in range(RUNS + 1):
        seconds = SECONDS if run else 1
        command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}", "-s", str(script), url]
        out = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
        if "Non-2xx" in out or "Socket errors" in out:
            raise ValueError(out)
        found = re.search(r"Requests/sec:\s+([\d.]+)", out)
        if found is None:
            raise ValueError(out)
        if run:
            rates.append(float(found[1]))
    return statistics.median(rates)


if __name__ == "__main__":
    for row in measure():
        print(row)
