"""The page on which an organisation sees how its journeys go, and whether a change helped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from starlette.responses import Response

from eendracht.kernel.access import Principal, Role
from eendracht.kernel.clock import today
from eendracht.kernel.errors import Denied, NotFound
from eendracht.kernel.records import Record
from eendracht.kit.i18n import gettext_noop
from eendracht.kit.pages import Page, Visit
from eendracht.kit.questions import Question, read_question
from eendracht.services.experience.elsewhere import sum_elsewhere
from eendracht.services.experience.journeys import Comparison, compare_change, rank_journeys
from eendracht.services.experience.measures import Count, measures_of

PERIODS: Final = ("30", "90", "365")
MOST_COMPARED: Final = 90
"""Days on each side of a change, at most: later ones tell of other things too."""


class ExperienceQuestion(Question):
    """How many days back."""

    days: Literal["30", "90", "365"] = "90"


@dataclass(frozen=True, slots=True)
class _Change:
    """A change with what came of it."""

    record: Record
    compared: Comparison


def works_somewhere(principal: Principal) -> bool:
    """Tell whether somebody holds a role for an organisation, or owns the node."""
    return principal.is_operator or bool(principal.roles)


def show_experience(visit: Visit) -> Response:
    """Show the journeys of the visitor's organisations, the worst first, and what changes came to."""
    asked = read_question(ExperienceQuestion, visit.query)
    if not works_somewhere(visit.principal):
        raise Denied("This page is for who works at an organisation")
    day = today(visit.store.clock)
    organisations = None if visit.principal.is_operator else visit.principal.organisations
    measures = measures_of(visit.site.instance)
    counts = measures.list_counts(day - timedelta(days=int(asked.days)), day + timedelta(days=1), organisations)
    longest = measures.list_counts(day - timedelta(days=2 * int(PERIODS[-1])), day + timedelta(days=1), organisations)
    changes = visit.store.snapshot(visit.principal, kind="journey-change")
    return visit.render(
        "services/experience.html",
        days=asked.days,
        periods=PERIODS,
        journeys=rank_journeys(counts),
        elsewhere=sum_elsewhere(counts),
        changes=[compared for change in changes if (compared := _compare(change, longest, day)) is not None],
        organisations=name_organisations(visit),
        may_change=visit.principal.is_operator or any(role is Role.EDITOR for role, _ in visit.principal.roles),
    )


def _compare(change: Record, counts: list[Count], day: date) -> _Change | None:
    """Hold a change against the counts of its journey; None for one that is still to come."""
    spec = change.data["spec"]
    changed_on = date.fromisoformat(spec["changedOn"])
    if changed_on > day:
        return None
    own = [count for count in counts if (count.journey, count.organisation) == (spec["journey"], spec["organisation"])]
    until = min(day + timedelta(days=1), changed_on + timedelta(days=MOST_COMPARED))
    return _Change(change, compare_change(own, changed_on, until))


def name_organisations(visit: Visit) -> dict[str, str]:
    """Give what the visitor's organisations are called, as far as the records tell."""
    names = {}
    for organisation in visit.principal.organisations:
        try:
            names[organisation] = visit.store.get(organisation, visit.principal).name
        except NotFound:
            continue
    return names


PAGES: Final = (
    Page(
        "experience",
        "ervaringen",
        "experience",
        show_experience,
        menu=gettext_noop("Experience"),
        icon="users",
        is_for=works_somewhere,
    ),
)
