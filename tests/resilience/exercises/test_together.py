"""Two organisations that play through one node while another process conducts: what one decides the other sees."""

from __future__ import annotations

import copy
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pytest

from eendracht.kernel.credentials import create_principal
from eendracht.resilience.exercises import leading, playing
from eendracht.resilience.exercises.deliveries import list_inbox
from eendracht.resilience.exercises.jobs import ask_exercise
from tests.resilience.exercises.conducting import wait_for
from tests.resilience.exercises.practice import (
    ANNE,
    BILAL,
    DRAFTS,
    PASSPORT,
    RIVM,
    SPARE,
    fill_landscape,
    scenario,
)
from tests.web.serving import ROOT

SEEN_SECONDS = 5.0
WORK = """
import sys
from pathlib import Path
from eendracht.bootstrap import Wiring, open_instance
from eendracht.config import load_settings

with open_instance(load_settings(Path(sys.argv[1]))) as instance:
    Wiring().work(instance)
"""
INJECTS = """
  - {id: begin, at: "0:05", to: [all], subject: Storingen}
  - {id: weer-open, when: {thing: "public-service:gm0344/paspoort", state: up}, to: [organisation:gm0363],
     kind: contingency, subject: Utrecht is weer open}
"""


@contextmanager
def run_worker(folder: Path) -> Iterator[None]:
    """Run the jobs of a node in a process of its own."""
    process = subprocess.Popen([sys.executable, "-c", WORK, str(folder)], cwd=ROOT)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


@pytest.mark.parametrize("again", range(2))
def test_a_decision_is_seen_by_another_organisation_and_gives_it_its_inject_in_time(tmp_path: Path, again: int) -> None:
    """The clock goes as fast as that of the wall; of the five seconds the spare login takes 3.6 to take over."""
    drafts = copy.deepcopy(DRAFTS)
    (passport,) = (item for item in drafts if item["ref"] == PASSPORT)
    passport["spec"]["requirementGroups"][0]["members"][1]["switchOverHours"] = "0.001"
    folder = tmp_path / "node"
    with fill_landscape(folder, drafts) as node, run_worker(folder):
        leader = create_principal(node.store, "leider", [f"editor@{RIVM}"])
        given = scenario(injects=INJECTS, expectations="[]")
        exercise = leading.create_exercise(node, leader, given)
        players = [playing.join(node, asker, exercise) for asker in (ANNE, BILAL)]
        ask_exercise(node, leader, exercise)

        def status_for_bilal() -> str:
            return playing.read_for(node, BILAL, exercise)[1].statuses.get(PASSPORT, "up")

        def messages_of_bilal() -> list[str]:
            return [item.message for item in list_inbox(node.store, exercise, players[1].id)]

        leading.jump(node, leader, exercise, 40 * 60)
        wait_for(lambda: status_for_bilal() == "down", 40)
        assert "weer-open" not in messages_of_bilal()
        decided = monotonic()
        playing.do(node, ANNE, exercise, "decide", {"effect": "fail-over", "about": PASSPORT, "to": SPARE})
        wait_for(lambda: status_for_bilal() == "up", SEEN_SECONDS)
        seen = monotonic() - decided
        wait_for(lambda: "weer-open" in messages_of_bilal(), SEEN_SECONDS - seen)
        print(f"seen after {seen:.2f} s, inject after {monotonic() - decided:.2f} s")
        leading.stop(node, leader, exercise)
        wait_for(lambda: messages_of_bilal()[0] == "END", SEEN_SECONDS)
