"""How the log grew: a number for each month since it began, which together are all of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from eendracht.kernel.access import OPERATOR
from eendracht.kit.i18n import words_of
from eendracht.web.growth_view import MONTHS, view_growth
from tests.web.nodes import PUBLIC_DRAFTS, draft, fill_node, open_node


class MovableClock:
    """A clock that stands where the test puts it."""

    moment = datetime(2030, 12, 31, 23, 59, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


def test_the_months_add_up_to_the_log(tmp_path: Path) -> None:
    clock = MovableClock()
    with open_node(tmp_path / "node", clock) as instance:
        fill_node(instance, list(PUBLIC_DRAFTS))
        store, words = instance.store, words_of("en")
        before = store.size
        clock.moment = datetime(2031, 1, 2, tzinfo=UTC)
        store.put(draft("component:gm0344/later", "Later"), OPERATOR)
        view = view_growth(store, words)
        assert view.months == [("December 2030", before), ("January 2031", store.size - before)]
        assert "<title" in view.chart
        clock.moment = datetime(2032, 6, 30, tzinfo=UTC)
        assert len(view_growth(store, words).months) == 1, "what is older than a year is no part of it"
        assert MONTHS == 12
