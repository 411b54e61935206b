"""A form is counted as people walk it: steps, facts, its end, handing in and effort; nothing of who walked it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from eendracht.bootstrap import Wiring
from eendracht.config import load_settings, write_settings
from eendracht.kernel.instance import Instance
from eendracht.services.experience.forms import Shown, count_effort, count_form
from eendracht.services.experience.measures import Count, measures_of, passage_key
from eendracht.services.experience.passages import open_passage
from eendracht.services.forms.demo import fill_vault
from tests.services.forms.visiting import Visitor
from tests.web.nodes import draft, fill_node

BODIES = ("organisation:zb000143", "organisation:oorg12369")


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    with Wiring().create(tmp_path / "node"):
        pass
    write_settings(load_settings(tmp_path / "node", {"EENDRACHT_BUILT_IN_CASES": " ".join(BODIES)}))
    with Wiring().open(tmp_path / "node") as node:
        fill_node(node, [draft(body, body, owner=body, type="zbo") for body in BODIES])
        yield node


def sums(node: Instance, journey: str, name: str) -> int:
    return sum(count.count for count in counts(node) if (count.journey, count.name) == (journey, name))


def counts(node: Instance) -> list[Count]:
    return measures_of(node).list_counts(date(2020, 1, 1), date.today() + timedelta(days=2))  # noqa: DTZ011


def test_a_parent_who_hands_in_is_counted_once_at_each_step(node: Instance) -> None:
    me = fill_vault(node)["parent"]
    visitor = Visitor(node, "/nl/aanvragen/child-born", me)
    visitor.press("go")
    visitor.press("next", value="no")
    visitor.press("back")
    visitor.press("next", value="no")
    visitor.press("next", value="0")
    assert 'name="effort"' in visitor.seen.html
    visitor.press("submit")
    for name, expected in (("begun", 1), ("completed", 1), ("questions", 1), ("asked-twice", 0)):
        assert sums(node, "child-born", name) == expected, name
    assert {count.organisation for count in counts(node)} == {BODIES[0]}
    questions = [count for count in counts(node) if count.name == "questions" and count.journey == "child-born"]
    assert [count.bucket for count in questions] == [2]
    reached = [count for count in counts(node) if count.name == "reached" and count.journey == "child-born"]
    assert {(count.step, count.count) for count in reached} == {
        ("start", 1), ("me.medebewoner_heeft_te_veel_vermogen", 1), ("me.inkomen_medebewoners", 1), ("result", 1),
    }  # fmt: skip
    assert (sums(node, "child-born:hand-in", "begun"), sums(node, "child-born:hand-in", "completed")) == (1, 1)
    assert count_effort(node, visitor.seen.fields["passage"], "2")
    assert not count_effort(node, visitor.seen.fields["passage"], "8") and not count_effort(node, "made up", "2")
    assert sums(node, "child-born", "effort") == 1


def test_what_is_typed_wrong_stays_at_its_step_and_nothing_typed_is_counted(node: Instance) -> None:
    visitor = Visitor(node, "/nl/aanvragen/kinderbijslag")
    visitor.press("next", value="31-02-2020")
    visitor.press("next", value="21-09-2026")
    assert sums(node, "kinderbijslag", "asked-twice") == 0 and sums(node, "kinderbijslag", "completed") == 1
    written = str(counts(node))
    assert "2026-09-21" not in written and "21-09-2026" not in written and "31-02" not in written
    passage = open_passage(visitor.seen.fields["passage"], passage_key(node))
    assert passage is not None and passage.asked == ("me.geboortedata_kinderen",)


def test_a_fact_that_is_known_and_asked_all_the_same_counts_as_asked_twice(node: Instance) -> None:
    passage = count_form(node, "", "bijstand", "", Shown("me.huur", "me.huur", "", is_known=True))
    assert passage is not None and passage.asked_twice == 1 and passage.organisation == "operator"
    sealed = passage.seal(passage_key(node))
    count_form(node, sealed, "bijstand", "", Shown("result", "", "next"))
    assert sums(node, "bijstand", "asked-twice") == 1
