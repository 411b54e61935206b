"""Stop choices: the last word holds, for a law, for a kind of notice, or for everything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eendracht.bootstrap import Wiring
from eendracht.kernel.access import PERSON_PREFIX, Principal
from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.instance import Instance
from eendracht.services.proactive.stops import Stops
from tests.web.nodes import OTHER, OWNER, PUBLIC_DRAFTS, fill_node


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    with Wiring().create(tmp_path / "node") as instance:
        fill_node(instance, list(PUBLIC_DRAFTS))
        yield instance


def test_the_last_word_holds(node: Instance) -> None:
    stops, subject = Stops(node, OWNER), node.vault.add_subject("bsn", "123456782")
    stops.object_to(subject, "wet_a", ["17", "18"])
    assert stops.has_stopped(subject, "wet_a")
    assert not stops.has_stopped(subject, "wet_b")
    stops.withdraw(subject, "wet_a")
    assert not stops.has_stopped(subject, "wet_a")
    stops.object_to(subject, "", ["17"])

    assert stops.has_stopped(subject, "wet_a")
    assert stops.has_stopped(subject, notices="term-ends")
    assert stops.list_keys() == (("17", ""),)
    assert stops.list_choices(subject) == {("wet_a", ""): False, ("", ""): True}


def test_a_stop_is_of_one_organisation_and_the_person_may_see_it(node: Instance) -> None:
    subject = node.vault.add_subject("bsn", "123456782")
    item = Stops(node, OWNER).object_to(subject, "wet_a", ["17"])
    read = node.vault.get(item, "own-data", Principal(f"{PERSON_PREFIX}{subject}"))

    assert isinstance(read, dict)
    assert (read["law"], read["stopped"]) == ("wet_a", True)
    assert not Stops(node, OTHER).has_stopped(subject, "wet_a")
    assert Stops(node, OTHER).list_keys() == ()
    assert b"123456782" not in (node.settings.folder / "proactive" / "stops.db").read_bytes()


def test_one_scope_at_a_time(node: Instance) -> None:
    with pytest.raises(InvalidInput):
        Stops(node, OWNER).object_to(node.vault.add_subject(), "wet_a", notices="term-ends")
