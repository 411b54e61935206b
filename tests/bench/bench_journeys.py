"""Two journeys, of a parent and of a baker: the server's time at each step, as the browser of somebody saw it."""

from __future__ import annotations

import os
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.bench.rows import Row
from tests.services.walking import TAKES_CASES, Journey, make_demo_node, walk_baker, walk_counter, walk_parent
from tests.web.browser import open_page, run_browser
from tests.web.serving import run_server

WALKS = 5
BAR_MILLISECONDS = 300
MOST_QUESTIONS = 7
JOURNEYS: dict[str, tuple[str, Callable[[Journey], object]]] = {
    "parent": ("", lambda journey: walk_parent(journey, lambda walker: walker.sign_in("parent"))),
    "baker": ("baker", walk_baker),
    "counter": ("front-office", walk_counter),
}
"""By name: the persona who walks from the start, and how."""


def measure() -> list[Row]:
    """Give the median of each step over the walks, and how many questions a parent was asked."""
    times: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in JOURNEYS}
    asked: list[int] = []
    with tempfile.TemporaryDirectory(prefix="eendracht-bench-") as name:
        node = Path(name) / "node"
        make_demo_node(node)
        with run_server(node, EENDRACHT_BUILT_IN_CASES=TAKES_CASES) as server, run_browser() as browser:
            httpx.post(f"{server.url}/v1/door", json={"text": "paspoort"}, timeout=120)
            for walk in range(WALKS):
                for what, (persona, go) in JOURNEYS.items():
                    with open_page(browser, server.url, persona) as page:
                        journey = Journey(page, "nl" if walk % 2 else "en")
                        go(journey)
                    for step, milliseconds in journey.milliseconds.items():
                        times[what][step].append(milliseconds)
                    asked += [len(journey.asked)] if what == "parent" else []
    load = os.getloadavg()[0]
    setting = f"demonstration node, both languages in turn, browser on the same cores, load {load:.1f}"
    rows = [
        Row(
            f"{what}: {step}",
            statistics.median(found),
            "ms",
            len(found),
            setting,
            "lower",
            BAR_MILLISECONDS,
            runs=len(found),
            remark=f"slowest {max(found):.0f} ms",
        )
        for what, steps in times.items()
        for step, found in steps.items()
    ]
    return [
        Row("parent: questions asked", max(asked), "", len(asked), setting, "lower", MOST_QUESTIONS, runs=len(asked)),
        *rows,
    ]
