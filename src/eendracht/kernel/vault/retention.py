"""How long content about a person is kept: a rule per kind, as data, with the article on which it rests."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_PERIOD = re.compile(r"P(?=[0-9])(?:(?P<years>[0-9]{1,3})Y)?(?:(?P<months>[0-9]{1,4})M)?(?:(?P<days>[0-9]{1,5})D)?")


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """What is kept, for how long (ISO 8601 period of years, months and days, as `P7Y`), and by which article.

    `is_open_to_subject` says that whom it is about may read it without a role (right of access, GDPR art. 15).
    Raises ValueError for a period that is malformed or zero, and for an empty ground.
    """

    kind: str
    keeps: str
    ground: str
    is_open_to_subject: bool = False

    def __post_init__(self) -> None:
        match = _PERIOD.fullmatch(self.keeps)
        if match is None or not any(int(part or 0) for part in match.groups()):
            raise ValueError(f"{self.kind}: '{self.keeps}' is not a period such as P7Y, P18M or P30D")
        if not self.kind or not self.ground.strip():
            raise ValueError(f"A retention rule names a kind and its ground: {self}")

    def ends(self, start: date) -> date:
        """Give the first day on which content that counts from `start` may not be there any more.

        A day that the last month lacks becomes its last day.
        """
        match = _PERIOD.fullmatch(self.keeps)
        assert match is not None
        years, months, days = (int(part or 0) for part in match.groups())
        index = start.year * 12 + start.month - 1 + years * 12 + months
        year, month = divmod(index, 12)
        if year > date.max.year:
            return date.max
        last = calendar.monthrange(year, month + 1)[1]
        try:
            return date(year, month + 1, min(start.day, last)) + timedelta(days=days)
        except OverflowError:
            return date.max


CALCULATION_RECEIPT: Final = "calculation-receipt"
SHARED_RULES: Final = (RetentionRule(CALCULATION_RECEIPT, "P18M", "AVG, art. 5.1.e", is_open_to_subject=True),)
"""What the kernel itself keeps about persons. A receipt of a calculation stays long enough to run it again a year
later; who decides on it keeps it with the case, under the rule of the case."""
