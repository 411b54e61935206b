"""Exercise of 120 organisations and 3,000 players at sixty times the speed

The server conducts it as a job; one player of each organisation asks for its messages over HTTP every second, and
confirms some. No peer stands beside it: the open platform for this (OpenAEV) is a Java server with three stores of its
own. `EENDRACHT_BENCH_EXERCISE_HOURS` shortens the eight hours of the exercise, which take eight minutes.
"""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from eendracht.bootstrap import open_instance
from eendracht.config import load_settings
from eendracht.kernel.access import OPERATOR
from eendracht.kernel.clock import parse_moment
from eendracht.kernel.credentials import create_principal, issue_token
from eendracht.kernel.instance import Instance
from eendracht.resilience.exercises import leading
from eendracht.resilience.exercises.jobs import ask_exercise
from eendracht.resilience.exercises.roster import enrol
from eendracht.resilience.exercises.scenario import ScenarioFile, print_duration
from eendracht.resilience.exercises.scenario_checks import check_scenario
from tests.bench.rows import Row
from tests.resilience.exercises.practice import DRAFTS, LOGIN, RIVM, fill_landscape
from tests.resilience.exercises.receiving import Node
from tests.web.nodes import draft
from tests.web.serving import Server, run_server

SEED = 20261130
ORGANISATIONS, PLAYERS, INJECTS = 120, 3_000, 300
SPEED = 60.0
ACKNOWLEDGED = 0.1
"""Part of what comes in that a player confirms."""
BAR_SECONDS = 2.0


@dataclass
class Taken:
    """What the server used while it went on."""

    cpu_seconds: float = 0.0
    most_mib: float = 0.0
    asked: int = 0


def measure() -> list[Row]:
    """Give the rows of the report."""
    hours = float(os.environ.get("EENDRACHT_BENCH_EXERCISE_HOURS", "8"))
    chance = random.Random(SEED)
    refs = [f"organisation:gm{at:04}" for at in range(2_000, 2_000 + ORGANISATIONS)]
    sink = Node()
    sink.start()
    with tempfile.TemporaryDirectory() as folder:
        node = Path(folder) / "node"
        scenario = make_scenario(refs, int(hours * 3600), sink, chance)
        drafts = [*DRAFTS, *(draft(ref, f"Gemeente {ref[-4:]}", type="municipality") for ref in refs)]
        with fill_landscape(node, drafts, exercise_recipients=sink.origin) as instance:
            exercise = leading.create_exercise(instance, OPERATOR, scenario)
            tokens = []
            for ref in refs:
                names = [f"speler-{ref[-4:]}-{at}" for at in range(PLAYERS // ORGANISATIONS)]
                enrol(instance.store, exercise, ref, names)
                create_principal(instance.store, names[0], [f"reader@{ref}"])
                tokens.append(issue_token(instance.store, names[0], "write"))
            leader = create_principal(instance.store, "leider", [f"editor@{RIVM}"])
        with run_server(node) as server, open_instance(load_settings(node)) as instance:
            ask_exercise(instance, leader, exercise, SPEED)
            taken = asyncio.run(play(instance, server, exercise, tokens, hours * 3600 / SPEED, chance))
            size = sum(path.stat().st_size for path in node.glob("eendracht.db*")) / 1024**2
            rows = judge(instance, exercise, scenario, sink, refs)
    sink.close()
    said = f"{ORGANISATIONS} organisations, {INJECTS} injects, {hours:g} h at 60x, seed {SEED}"
    used = (
        f"{taken.cpu_seconds:.0f} s CPU of {hours * 3600 / SPEED:.0f} s, {taken.most_mib:.0f} MiB, {taken.asked:,} asks"
    )
    return [
        Row(name, value, unit, count, said, "lower", bar, runs=1, remark=remark or used)
        for name, value, unit, count, bar, remark in [*rows, ("size of the database", size, "MiB", 1, None, "")]
    ]


def make_scenario(refs: list[str], seconds: int, sink: Node, chance: random.Random) -> ScenarioFile:
    """Give 300 injects: half to all, the others to one or three; a fifth wait for something, a tenth go out as well."""
    injects = []
    for at in range(INJECTS):
        to = ["all"] if at % 2 else chance.sample(refs, chance.choice((1, 3)))
        inject: dict[str, Any] = {
            "id": f"i{at}",
            "to": to,
            "subject": f"Bericht {at}",
            "text": "Er is iets aan de hand. " * 10,
        }
        if at % 10 == 4:
            inject["when"] = {"inject": f"i{at - 1}"}
            inject["delay"] = print_duration(chance.randrange(1, seconds // 20))
        elif at % 10 == 9:
            inject["when"] = {"expectation": f"e{at - 9}", "status": "failed"} if at % 20 == 9 else {"thing": LOGIN}
        else:
            inject["at"] = print_duration(int(seconds * 0.85 * at / INJECTS))
        if at % 10 == 7:
            inject["channels"] = ["in-app", "webhook"]
        injects.append(inject)
    expectations = [
        {
            "id": f"e{at}",
            "name": "Bevestig het bericht",
            "objective": "samen",
            "inject": f"i{at}",
            "of": ["all"] if at % 3 else [],
            "type": ("acknowledge", "share", "report")[at % 3],
            "within": print_duration(seconds // 30),
            "scope": "all" if at % 4 else "any",
        }
        for at in range(0, INJECTS, 5)
    ]
    scenario = ScenarioFile.model_validate(
        {
            "name": "Meting",
            "ledBy": RIVM,
            "duration": print_duration(seconds),
            "organisations": [{"ref": ref, "players": 25, "webhook": f"{sink.origin}/in"} for ref in refs],
            "world": {"failures": [{"thing": LOGIN, "at": print_duration(seconds // 3)}]},
            "objectives": [{"id": "samen", "name": "Samen"}],
            "injects": injects,
            "expectations": expectations,
        }
    )
    faults = check_scenario(scenario, sink.origin, None)
    assert not faults, faults
    return scenario


async def play(
    instance: Instance, server: Server, exercise: str, tokens: list[str], seconds: float, chance: random.Random
) -> Taken:
    """Let one player of each organisation look every second until it is over."""
    taken, until = Taken(), time.monotonic() + seconds + 60
    place = f"{server.url}/v1/resilience/exercises/{exercise}"
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(limits=limits, timeout=30, trust_env=False) as client:

        async def look(token: str, wait: float) -> None:
            known: set[str] = set()
            await asyncio.sleep(wait)
            while "END" not in known and time.monotonic() < until:
                began = time.monotonic()
                headers = {"Authorization": f"Bearer {token}"}
                answer = await client.get(f"{place}/messages", headers=headers)
                assert answer.status_code == 200, answer.text
                taken.asked += 1
                for message in {item["id"] for item in answer.json()["messages"]} - known:
                    known.add(message)
                    if chance.random() < ACKNOWLEDGED:
                        said = await client.post(
                            f"{place}/acknowledgements", headers=headers, json={"message": message}
                        )
                        assert said.status_code == 204, said.text
                await asyncio.sleep(max(0.0, 1 - (time.monotonic() - began)))

        async def watch() -> None:
            while True:
                taken.most_mib = max(taken.most_mib, server.memory_mib())
                await asyncio.sleep(1)

        watching = asyncio.create_task(watch())
        before = use_of(server)
        await asyncio.gather(*(look(token, at / len(tokens)) for at, token in enumerate(tokens)))
        taken.cpu_seconds = use_of(server) - before
        watching.cancel()
    return taken


def use_of(server: Server) -> float:
    """Give the seconds of processor time that the server took."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


Figure = tuple[str, float, str, int, float | None, str]


def judge(instance: Instance, exercise: str, scenario: ScenarioFile, sink: Node, refs: list[str]) -> list[Figure]:
    """Hold what was delivered against the scenario, and give how long it took."""
    reader = instance.store.driver.reader()
    rows = reader.query(
        "SELECT participant, organisation, message, due_at, delivered_at, seen_at FROM exercise_delivery"
        " WHERE exercise = ? AND channel = 'in-app' AND participant <> '' AND state = 'delivered'",
        (exercise,),
    )
    meant = {inject.id: scenario.list_recipients(inject.to) for inject in scenario.injects} | {"END": tuple(refs)}
    wanted = {(ref, message): PLAYERS // ORGANISATIONS for message, to in meant.items() for ref in to}
    found = Counter((organisation, message) for _, organisation, message, *_ in rows)
    wrong = sum(abs(found[key] - wanted.get(key, 0)) for key in found.keys() | wanted.keys())
    wrong += len(rows) - len({(participant, message) for participant, _, message, *_ in rows})
    came = sorted(_seconds(due, delivered) for *_, due, delivered, _ in rows)
    seen = sorted(_seconds(due, saw) for *_, due, _, saw in rows if saw)
    out = sorted(item.seconds for item in sink.arrivals)
    keys = Counter(item.key for item in sink.arrivals)
    posts = sum(len(meant[i.id]) for i in scenario.injects if "webhook" in i.channels) + len(refs)
    wrong_posts = abs(len(keys) - posts) + sum(count - 1 for count in keys.values())
    return [
        ("messages lost, doubled or misplaced in the site", wrong, "messages", len(rows), 0, ""),
        ("due to delivered, p95", _at(came, 0.95), "s", len(came), BAR_SECONDS, ""),
        ("due to delivered, longest", came[-1], "s", len(came), None, ""),
        ("due to seen by who looks every second, p95", _at(seen, 0.95), "s", len(seen), None, ""),
        ("messages to nodes lost or doubled", wrong_posts, "messages", posts, 0, ""),
        ("due to taken by a node, p95", _at(out, 0.95), "s", len(out), BAR_SECONDS, ""),
    ]


def _seconds(begin: str, end: str) -> float:
    return (parse_moment(end) - parse_moment(begin)).total_seconds()


def _at(values: list[float], share: float) -> float:
    return values[int(share * (len(values) - 1))]
