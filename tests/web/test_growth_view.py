"""How the log grew: a number for each month since it began, which together are all of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.clock import FixedClock
from eendracht.kit.i18n import words_of
from eendracht.web.growth_view import MONTHS, view_growth
from tests.web.nodes import PUBLIC_DRAFTS, draft, fill_node, open_node


def test_the_months_add_up_to_the_log(tmp_path: Path) -> None:
    with open_node(tmp_path / "node") as instance:
        fill_node(instance, list(PUBLIC_DRAFTS))
        store = instance.store
        before = store.size
        began = store.clock.now()
        following = datetime(began.year + began.month // 12, began.month % 12 + 1, 2, tzinfo=UTC)
        store.clock = FixedClock(following)
        store.put(draft("component:gm0344/later", "Later"), OPERATOR)
        words = words_of("en")
        view = view_growth(store, words)
        assert [count for _, count in view.months] == [before, store.size - before]
        assert [month for month, _ in view.months] == [words.month(began), words.month(following)]
        assert "<title" in view.chart
        # The begin of a year is the month after December.
        store.clock = FixedClock(datetime(2031, 1, 31, tzinfo=UTC))
        assert view_growth(store, words).months == [("January 2031", 0)]
        assert MONTHS == 12
