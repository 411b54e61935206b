"""An exercise on PostgreSQL: the same as on SQLite, from its start to its end, by two conductors at once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from time import sleep

import pytest

from eendracht.kernel.clock import FixedClock
from eendracht.resilience.exercises import leading, playing
from eendracht.resilience.exercises.deliveries import count_deliveries, list_inbox
from eendracht.resilience.exercises.roster import find_participant
from tests.postgres_server import USER, PostgresServer
from tests.resilience.exercises.conducting import conduct, wait_for
from tests.resilience.exercises.practice import (
    ANNE,
    BEGIN,
    BILAL,
    LEADER,
    PASSPORT,
    SPARE,
    UTRECHT,
    Practice,
    fill_landscape,
)
from tests.resilience.exercises.receiving import Node
from tests.resilience.exercises.test_outbox import allow, make_scenario


def make_database(server: PostgresServer, name: str) -> str:
    """Give the address of a new database, as the settings want it."""
    server.create_database(name)
    return f"postgresql://{USER}@127.0.0.1:{server.port}/{name}"


@pytest.mark.postgres
def test_decisions_messages_and_the_end_on_postgresql(postgres_server: PostgresServer, tmp_path: Path) -> None:
    with fill_landscape(tmp_path / "node", database=make_database(postgres_server, "exercise")) as node:
        assert node.store.driver.name == "postgresql"
        node.store.clock = FixedClock(BEGIN)
        practice = Practice(node)
        practice.start()
        practice.at(6)
        playing.acknowledge(node, ANNE, practice.id, "begin")
        practice.at(40)
        playing.do(node, ANNE, practice.id, "decide", {"effect": "fail-over", "about": PASSPORT, "to": SPARE}, "Wij")
        practice.at(75)
        state = playing.read_for(node, BILAL, practice.id)[1]
        assert state.statuses[PASSPORT] == "up"
        assert state.verdict("bevestigen", UTRECHT).status == "success"
        assert state.deeds[-1].text == "Wij"
        leading.stop(node, LEADER, practice.id)
        practice.at(75)
        player = find_participant(node.store, practice.id, "bilal")
        assert player
        messages = [item.message for item in list_inbox(node.store, practice.id, player.id)]
        assert Counter(messages) == Counter(["begin", "niemand-deelt", "uitgeweken", "END"])
        assert messages[0] == "END"


@pytest.mark.postgres
def test_two_conductors_send_one_of_each_on_postgresql(postgres_server: PostgresServer, tmp_path: Path) -> None:
    receivers = {ref: Node() for ref in ("organisation:gm0344", "organisation:gm0363")}
    receivers["organisation:gm0344"].start()
    with fill_landscape(tmp_path / "node", database=make_database(postgres_server, "outbox")) as node:
        scenario = make_scenario(receivers, 20, 10, "0:30")
        with conduct(node, scenario, allow(receivers), conductors=2) as exercise:
            leading.start(node, LEADER, exercise, 60.0)
            sleep(4)
            receivers["organisation:gm0363"].start()
            wait_for(lambda: all(len(item.arrivals) >= 20 for item in receivers.values()), 20)
            leading.stop(node, LEADER, exercise)
            wait_for(lambda: all(len(item.arrivals) >= 21 for item in receivers.values()), 5)
            wait_for(lambda: {row[2] for row in count_deliveries(node.store, exercise)} == {"delivered"}, 5)
    for item in receivers.values():
        item.close()
        assert Counter(arrival.body["message"] for arrival in item.arrivals) == Counter(
            [*(f"i{at}" for at in range(20)), "END"]
        )
