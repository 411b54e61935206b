"""The demonstration of the wing is whole, says that it is made up, and the same again adds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from eendracht.bootstrap import Wiring
from eendracht.kernel.access import OPERATOR, PERSON_PREFIX, Principal, Role
from eendracht.kernel.clock import today
from eendracht.kernel.instance import Instance
from eendracht.kernel.jobs import Jobs
from eendracht.kit.personas import create_personas
from eendracht.services.demo import CASES, fill_demo
from eendracht.services.door.recorded import build_door
from eendracht.services.experience.measures import measures_of
from eendracht.services.overview.assemble import make_overview
from eendracht.services.overview.own_file import open_own_file
from eendracht.services.personas import MUNICIPALITY, PERSONAS
from tests.web.nodes import draft, fill_node


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with Wiring().create(Path(tmp_path_factory.mktemp("demo")) / "node") as instance:
        fill_node(instance, [draft(MUNICIPALITY, "Gemeente Rotterdam", type="municipality")])
        create_personas(instance, PERSONAS)
        assert fill_demo(instance) == {"built_in_cases": CASES}
        yield instance


def test_everything_that_is_recorded_says_that_it_is_made_up(node: Instance) -> None:
    for kind in ("public-service", "life-event", "population", "ground", "processing-activity"):
        records = list(node.store.snapshot(OPERATOR, kind=kind))
        assert records and all(record.data["source"]["type"] == "synthetic" for record in records), kind


def test_the_run_ended_well_and_tells_no_small_group(node: Instance) -> None:
    jobs = [job for job in Jobs(node.store).list_jobs(OPERATOR) if job.kind == "proactive-run"]
    assert [job.state for job in jobs] == ["done"], [fault["pointer"] for fault in jobs[0].error["faults"]]
    law = jobs[0].result["laws"][0]
    assert law["law"] == "algemene_ouderdomswet" and jobs[0].result["people"] == 400


def test_the_same_again_adds_nothing(node: Instance) -> None:
    before = (node.store.size, node.vault.count_items(), counts(node))
    fill_demo(node)
    assert (node.store.size, node.vault.count_items(), counts(node)) == before


def counts(node: Instance) -> int:
    day = today(node.store.clock)
    return sum(one.count for one in measures_of(node).list_counts(day - timedelta(days=90), day + timedelta(days=1)))


def test_the_front_office_works_for_the_municipality_and_the_door_finds_its_services(node: Instance) -> None:
    desk = next(persona for persona in PERSONAS if persona.code == "front-office")
    assert desk.organisation == MUNICIPALITY and desk.roles == (Role.EDITOR,)
    found = build_door(node.store).find("ik wil een terras", municipality="gm0599", audience="business")
    assert found.hits[0].product == "terrasvergunning"
    assert found.hits[0].service == "public-service:demo/gm0599/terrasvergunning"


def test_the_parent_sees_what_the_rules_come_to_and_can_contradict_a_fact(node: Instance) -> None:
    me = node.vault.find_subject("persona", "parent")
    assert me
    own = open_own_file(node, Principal(PERSON_PREFIX + me))
    sections = {section.code: section for section in make_overview(own).sections}
    said = {entry.title.nl: dict(entry.facts) for entry in sections["entitlements"].entries}
    assert any("€ 298,40 per kwartaal" in str(value) for value in said["Kinderbijslag"].values())
    assert any("nog niet bekend" in str(value) for value in said["Huurtoeslag"].values())
    corrections = {detail.correct for entry in sections["known"].entries for detail in entry.more}
    assert "me.loon_uit_dienstbetrekking" in {correct[1] for correct in corrections if correct}
    shown = str(sections["known"].entries)
    assert "demo-partner" not in shown and "demo-child" not in shown
