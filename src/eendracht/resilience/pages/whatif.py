"""The page on which something is let fail: which services stop, where, when and why, and what to ask next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final, Literal

from markupsafe import Markup
from pydantic import BeforeValidator, Field
from starlette.responses import Response

from eendracht.kernel.disclosure import is_insider, require_insider
from eendracht.kernel.errors import Fault, InvalidInput, NotFound
from eendracht.kit.charts import Dot, draw_dots, draw_steps
from eendracht.kit.pages import Page, Visit
from eendracht.kit.questions import Question, Words, read_question

if TYPE_CHECKING:
    from eendracht.kernel.landscape import Landscape
    from eendracht.resilience.open_questions import OpenQuestion
    from eendracht.resilience.whatif import Outcome

MOST_ROWS: Final = 100
MOST_SUGGESTED: Final = 8
MOST_NAMED: Final = 8
_ROOM: Final = 1.5
"""So much of the time until all is back is drawn."""


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


Hours = Annotated[float | None, BeforeValidator(_empty_is_none), Field(gt=0, le=8760)]


class WhatIfQuestion(Question):
    """What fails, for how long, and what could be in its place."""

    what: Words = ""
    hours: Hours = None
    old: Words = ""
    new: Words = ""
    way: Literal["replace", "beside"] = "replace"


@dataclass(frozen=True)
class _View:
    """An outcome with what the page shows of it."""

    outcome: Outcome
    reasons: Sequence[Sequence[str]]
    questions: Sequence[OpenQuestion]
    timeline: Markup
    map: Markup | None
    unplaced: int
    organisations: Sequence[tuple[str, str, int]]
    names: Mapping[str, str]
    possible: int
    after: Outcome | None


def show_what_if(visit: Visit) -> Response:
    """Show the form, and what it comes to where something was asked."""
    asked = read_question(WhatIfQuestion, visit.query)
    require_insider(visit.principal)
    landscape = visit.site.landscapes.get(visit.store, visit.principal, None)
    view: _View | None = None
    faults: tuple[Fault, ...] = ()
    if asked.what.strip():
        try:
            view = _run(visit, landscape, asked)
        except InvalidInput as error:
            faults = tuple(error.faults) or (Fault("/what", error.code, str(error), str(error)),)
        except NotFound as error:
            faults = (Fault("/old", error.code, "Dit staat niet in het landschap", str(error)),)
    return visit.render(
        "resilience/what_if.html",
        422 if faults else 200,
        asked=asked,
        view=view,
        faults=faults,
        suggested=_suggest(landscape),
        scenarios=[(record.ref, record.name) for record in visit.store.snapshot(visit.principal, kind="scenario")],
        most=MOST_ROWS,
    )


def _suggest(landscape: Landscape) -> list[tuple[str, str]]:
    """Give the suppliers that stop the most critical things."""
    from eendracht.kernel.impact import rank_suppliers

    return [(item.ref, item.name) for item in rank_suppliers(landscape, counted=0)[:MOST_SUGGESTED] if item.failed]


def _run(visit: Visit, landscape: Landscape, asked: WhatIfQuestion) -> _View:
    from eendracht.resilience.demand import read_demands
    from eendracht.resilience.open_questions import list_questions
    from eendracht.resilience.scenarios import plan_scenario
    from eendracht.resilience.whatif import Change, compare_change, run_scenario, say_reasons

    store = visit.store
    scenario = plan_scenario(store, visit.principal, landscape, asked.what, repaired_at_hours=asked.hours)
    outcome = run_scenario(landscape, read_demands(store, visit.principal, landscape), scenario)
    after = None
    if asked.new.strip():
        old = asked.old.strip() or asked.what.strip()
        after = compare_change(outcome, Change(old, asked.new.strip(), asked.way))
    shown = outcome.services[:MOST_ROWS]
    places, unplaced, named = _place(visit, outcome)
    return _View(
        outcome,
        [say_reasons(outcome, item, store.registry, visit.language) for item in shown],
        list_questions(outcome),
        _draw_timeline(visit, outcome),
        _draw_map(visit, places) if places else None,
        unplaced,
        named,
        {ref: name for ref, name, _ in named if ref},
        sum(len(selection.possible) for selection, _, _ in scenario.seeds),
        after,
    )


def _draw_timeline(visit: Visit, outcome: Outcome) -> Markup:
    words, counts, horizon = visit.words, outcome.count_out(), outcome.scenario.horizon_hours
    return draw_steps(
        "timeline",
        words.gettext("Services that are out, hour by hour"),
        words.gettext("Dark: in the best case. Light: in the worst case as well. The table below names the services."),
        counts,
        min(horizon, _ROOM * counts[-1][0]) if counts[-1][1:] == (0, 0) else horizon,
        words.gettext("h"),
    )


def _place(visit: Visit, outcome: Outcome) -> tuple[list[Dot], int, list[tuple[str, str, int]]]:
    """Give the organisations whose services stop: on the map, how many have no known position, and all by name."""
    counts = outcome.organisations
    records = {record.ref: record for record in visit.store.get_among(list(counts), visit.principal)} if counts else {}
    dots, unplaced, named = [], 0, []
    for ref, count in counts.items():
        record = records.get(ref)
        name = record.name if record else ref
        named.append((ref if record else "", name, count))
        position = record.spec(visit.store.registry).get("position") if record else None
        if position is None:
            unplaced += 1
            continue
        label = f"{name}: {visit.words.number(count)}"
        at = float(position["longitude"]), float(position["latitude"])
        dots.append(Dot(label, *at, count, visit.to("organisation", ref), name))
    return dots, unplaced, named


def _draw_map(visit: Visit, dots: Sequence[Dot]) -> Markup:
    words = visit.words
    return draw_dots(
        "where",
        words.gettext("Where services stop"),
        words.gettext("A dot stands at an organisation; its area follows the number of services that stop."),
        dots,
        named=MOST_NAMED,
    )


PAGES: Final = (Page("what-if", "wat-als", "what-if", show_what_if, is_for=is_insider),)
