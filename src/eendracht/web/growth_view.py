"""How the log grew in the last months, for the page of the node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import dropwhile, pairwise
from typing import Final

from markupsafe import Markup

from eendracht.kernel.clock import today
from eendracht.kernel.store import Store
from eendracht.kit.charts import draw_sparkline
from eendracht.kit.i18n import Words

MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class GrowthView:
    """How many entries were recorded in each month (the oldest first), and that as a line."""

    months: Sequence[tuple[str, int]]
    """Those since the log began."""
    chart: Markup


def view_growth(store: Store, words: Words) -> GrowthView:
    """Count the entries of the last months up to now; months are those of UTC.

    The moments in the log only go up, so that its size at the begin of a month is found in a few looks.
    """
    last = today(store.clock)
    begins = [_month_before(last, count) for count in range(MONTHS - 1, -1, -1)]
    sizes = [*(store.size_at(f"{begin.isoformat()}T00:00:00Z") for begin in begins), store.size]
    counts = [after - before for before, after in pairwise(sizes)]
    months = list(zip((words.month(begin) for begin in begins), counts, strict=True))
    months = list(dropwhile(lambda month: not month[1], months)) or months[-1:]
    about = "; ".join(f"{month}: {words.number(count)}" for month, count in months)
    return GrowthView(months, draw_sparkline("growth", words.gettext("Entries recorded per month"), about, counts))


def _month_before(day: date, count: int) -> date:
    months = day.year * 12 + day.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)
