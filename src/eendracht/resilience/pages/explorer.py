"""The page on which one walks through the estate: a graph and a table of what is around one thing."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field
from starlette.responses import Response

from eendracht.kernel.errors import NotFound
from eendracht.kit.charts import Box, Line, draw_layers
from eendracht.kit.pages import Page, Visit
from eendracht.kit.questions import Question, Words, read_question

MOST_DRAWN: Final = 40


class ExplorerQuestion(Question):
    """Around what, how far, and in which direction."""

    around: Words = ""
    steps: Annotated[int, Field(ge=1, le=4)] = 1
    direction: Literal["both", "needs", "needed-by"] = "both"


def show_explorer(visit: Visit) -> Response:
    """Show what is around a thing; without one, where to begin."""
    from eendracht.resilience.neighbourhood import explore

    asked = read_question(ExplorerQuestion, visit.query)
    landscape = visit.site.landscapes.get(visit.store, visit.principal, None)
    found, is_unknown = None, False
    if asked.around.strip():
        try:
            found = explore(landscape, asked.around.strip(), asked.steps, asked.direction)
        except NotFound:
            is_unknown = True
    words = visit.words
    chart = None
    if found is not None:
        near = found.around[:MOST_DRAWN]
        boxes = [
            Box(
                item.thing.ref,
                item.thing.name,
                words.kind(item.thing.kind),
                visit.to("estate", around=item.thing.ref, steps=str(asked.steps), direction=asked.direction),
                is_here=item.steps == 0,
            )
            for item in near
        ]
        chart = draw_layers(
            "estate",
            words.gettext("What is around %(name)s", name=found.around[0].thing.name),
            words.gettext("Who needs something stands to the left of it. The table below names everything."),
            boxes,
            [Line(consumer, provider) for consumer, provider in found.ties],
        )
    begin = [] if found else [thing for thing in landscape.things if thing.criticality == "critical"][:12]
    return visit.render(
        "resilience/explorer.html",
        422 if is_unknown else 200,
        asked=asked,
        found=found,
        chart=chart,
        is_unknown=is_unknown,
        begin=begin,
        most=MOST_DRAWN,
    )


PAGES: Final = (Page("estate", "landschap", "estate", show_explorer),)
