"""Walking through the estate: against a search step by step over the records themselves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.errors import NotFound
from eendracht.kernel.instance import Instance
from eendracht.kernel.landscape import build_landscape
from eendracht.resilience.neighbourhood import explore
from tests.resilience.small_landscape import DRAFTS
from tests.web.nodes import fill_node, open_node

BALIE, WOLK = "application:gm0344/balie", "platform:gm0344/wolk"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with open_node(tmp_path_factory.mktemp("explore") / "node") as instance:
        fill_node(instance, DRAFTS)
        yield instance


def test_what_is_around_a_thing_is_found_step_by_step(node: Instance) -> None:
    landscape = build_landscape(node.store, OPERATOR)
    found = explore(landscape, WOLK, 1, "both")
    steps = {item.thing.ref: item.steps for item in found.around}
    assert steps == {
        WOLK: 0,
        BALIE: -1,
        "public-service:gm0344/rijbewijs": -1,
        "supplier:kvk.22222222": 1,
        "facility:gm0344/zaal": 1,
    }
    assert {item.thing.ref: tuple(item.through) for item in found.around}[BALIE] == ("rekenkracht 1/2",)
    assert (BALIE, WOLK) in found.ties and (WOLK, "facility:gm0344/zaal") in found.ties
    far = explore(landscape, WOLK, 2, "needed-by")
    assert {item.thing.ref: item.steps for item in far.around}["public-service:gm0344/paspoort"] == -2
    needs = explore(landscape, WOLK, 2, "needs")
    # With its mother a supplier stops, so it hangs on her.
    assert {item.thing.ref: item.steps for item in needs.around}["supplier:kvk.11111111"] == 2
    with pytest.raises(NotFound):
        explore(landscape, "platform:gm0344/weg", 1, "both")
