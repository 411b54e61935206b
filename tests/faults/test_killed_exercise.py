"""An exercise whose process is killed again and again: each inject is given out once, to each player once."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from eendracht.bootstrap import open_instance
from eendracht.config import load_settings
from eendracht.kernel.access import OPERATOR
from eendracht.kernel.credentials import create_principal
from eendracht.kernel.instance import Instance
from eendracht.kernel.jobs import Jobs
from eendracht.resilience.exercises import leading
from eendracht.resilience.exercises.jobs import KIND, ask_exercise
from eendracht.resilience.exercises.roster import enrol
from eendracht.resilience.exercises.scenario import ScenarioFile
from eendracht.resilience.exercises.scenario_checks import read_scenario
from tests.resilience.exercises.practice import AMSTERDAM, LOGIN, RIVM, UTRECHT, fill_landscape
from tests.resilience.exercises.receiving import Node
from tests.web.serving import ROOT

KILLS = 5
INJECTS, PLAYERS = 120, 40
SPEED = 12.0
SEED = 20261130
WORK = """
import sys
from pathlib import Path
from eendracht.bootstrap import Wiring, open_instance
from eendracht.config import load_settings

with open_instance(load_settings(Path(sys.argv[1]))) as instance:
    Wiring().work(instance)
"""


def make_scenario(receiver: Node) -> ScenarioFile:
    """Give an inject every five seconds, to all or to one, and some that follow from others and from the estate."""
    to = ["all", UTRECHT, AMSTERDAM]
    lines = []
    for at in range(INJECTS):
        channels = "[in-app, webhook]" if at % 10 == 0 else "[in-app]"
        moment = f"at: '0:{at * 5 // 60:02}:{at * 5 % 60:02}'"
        if at % 7 == 6:
            moment = f"when: {{inject: i{at - 1}}}, delay: '0:00:15'"
        lines.append(
            f"  - {{id: i{at}, {moment}, to: ['{to[at % 3]}'], channels: {channels}, subject: Bericht {at}}}\n"
        )
    lines.append(f"  - {{id: plat, when: {{thing: '{LOGIN}'}}, to: [all], subject: Inloggen is weg}}\n")
    members = "".join(f"  - {{ref: '{ref}', webhook: '{receiver.origin}/in'}}\n" for ref in (UTRECHT, AMSTERDAM, RIVM))
    text = (
        f"name: Gedood\nledBy: {RIVM}\nduration: '0:11'\norganisations:\n{members}"
        f"world: {{failures: [{{thing: '{LOGIN}', at: '0:05'}}]}}\ninjects:\n{''.join(lines)}"
    )
    return read_scenario(text.encode(), "gedood.yaml", allowed=receiver.origin)


def count_released(instance: Instance, exercise: str) -> int:
    rows = instance.store.driver.reader().query(
        "SELECT count(*) FROM exercise_event WHERE exercise = ? AND type = 'released'", (exercise,)
    )
    return int(rows[0][0])


def expect_messages(scenario: ScenarioFile, organisation: str) -> list[str]:
    return sorted([i.id for i in scenario.injects if organisation in scenario.list_recipients(i.to)] + ["END"])


@pytest.mark.slow
def test_an_exercise_that_is_killed_in_the_middle_gives_everybody_each_message_once(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    receiver = Node()
    receiver.start()
    folder = tmp_path / "node"
    scenario = make_scenario(receiver)
    with fill_landscape(folder, exercise_recipients=receiver.origin) as instance:
        exercise = leading.create_exercise(instance, OPERATOR, scenario)
        for ref in (UTRECHT, AMSTERDAM, RIVM):
            enrol(instance.store, exercise, ref, [f"speler-{ref[-6:]}-{at}" for at in range(PLAYERS)])
        leader = create_principal(instance.store, "leider", [f"editor@{RIVM}"])
        assert ask_exercise(instance, leader, exercise, SPEED)
    kills = 0
    with open_instance(load_settings(folder)) as instance:
        jobs = Jobs(instance.store)
        until = time.monotonic() + 120
        while (job := jobs.find_last(KIND)) and not job.has_ended and time.monotonic() < until:
            process = subprocess.Popen([sys.executable, "-c", WORK, str(folder)], cwd=ROOT, stderr=subprocess.PIPE)
            try:
                before = count_released(instance, exercise)
                while (job := jobs.find_last(KIND)) and not job.has_ended and time.monotonic() < until:
                    time.sleep(0.005)
                    if kills < KILLS and count_released(instance, exercise) > before:
                        break
                # It is killed at any moment of a tick, while a message is written or on its way.
                time.sleep(chance.uniform(0, 0.3))
            finally:
                kills += process.poll() is None and not job.has_ended if job else 0
                process.send_signal(signal.SIGKILL)
                _, errors = process.communicate()
            assert b"Traceback" not in errors, errors.decode()
        assert job is not None
        assert job.state == "done", job.error
        rows = instance.store.driver.reader().query(
            "SELECT organisation, participant, message FROM exercise_delivery WHERE exercise = ? AND channel = 'in-app'"
            " AND participant <> '' AND state = 'delivered'",
            (exercise,),
        )
        posts = instance.store.driver.reader().query(
            "SELECT organisation, message, state FROM exercise_delivery WHERE exercise = ? AND channel = 'webhook'",
            (exercise,),
        )
        steps = instance.store.driver.reader().query(
            "SELECT step FROM exercise_event WHERE exercise = ? AND type = 'released'", (exercise,)
        )
    receiver.close()
    assert kills == KILLS
    assert sorted(step for (step,) in steps) == sorted(f"released:{inject.id}" for inject in scenario.injects)
    got: dict[tuple[str, str], list[str]] = {}
    for organisation, participant, message in rows:
        got.setdefault((organisation, participant), []).append(message)
    assert Counter(organisation for organisation, _ in got) == dict.fromkeys((UTRECHT, AMSTERDAM, RIVM), PLAYERS)
    for (organisation, _), messages in got.items():
        assert sorted(messages) == expect_messages(scenario, organisation)
    # A node may be offered a message again where the process was killed before it kept the answer; the key tells so.
    assert {state for *_, state in posts} == {"delivered"}
    assert {item.key for item in receiver.arrivals} == {f"{exercise}/{message}/{ref}" for ref, message, _ in posts}
    assert len(receiver.arrivals) <= len(posts) + KILLS * 3


def test_an_exercise_goes_on_after_its_worker_was_told_to_stop(tmp_path: Path) -> None:
    """The worker ends at once and without a word, and the job is neither failed nor begun anew."""
    receiver = Node()
    folder = tmp_path / "node"
    with fill_landscape(folder, exercise_recipients=receiver.origin) as instance:
        exercise = leading.create_exercise(instance, OPERATOR, make_scenario(receiver))
        leader = create_principal(instance.store, "leider", [f"editor@{RIVM}"])
        assert ask_exercise(instance, leader, exercise, SPEED)
        for _ in range(2):
            process = subprocess.Popen([sys.executable, "-c", WORK, str(folder)], cwd=ROOT, stderr=subprocess.PIPE)
            before, until = count_released(instance, exercise), time.monotonic() + 60
            while count_released(instance, exercise) < before + 2 and time.monotonic() < until:
                time.sleep(0.01)
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=5)
            assert (process.returncode, errors) == (0, b"")
            assert count_released(instance, exercise) >= before + 2
            job = Jobs(instance.store).find_last(KIND)
            assert job is not None
            assert job.state == "running"
