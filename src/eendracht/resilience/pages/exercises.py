"""Exercises: which there are, and the editor in which a scenario is written, checked and made into one."""

from __future__ import annotations

from functools import partial
from typing import Any, Final, Literal

from starlette.responses import Response

from eendracht.kernel.disclosure import is_insider, require_insider
from eendracht.kernel.errors import EendrachtError, Fault, InvalidInput, NotFound
from eendracht.kit.pages import Page, Visit
from eendracht.kit.questions import Question, read_question
from eendracht.resilience.exercises.leading import create_exercise, list_seen, may_lead
from eendracht.resilience.exercises.roster import count_players, find_participant
from eendracht.resilience.exercises.scenario import Condition, ScenarioFile, print_duration
from eendracht.resilience.exercises.scenario_checks import finder, read_scenario
from eendracht.resilience.exercises.wording import say_code

MOST_SHOWN: Final = 300
"""So many injects of a checked scenario are shown."""


class EditorQuestion(Question):
    """With what the editor begins."""

    begin: Literal["empty", "ready"] = "empty"


def show_exercises(visit: Visit) -> Response:
    """List the exercises that somebody leads or may take part in."""
    from eendracht.kit.questions import Nothing

    read_question(Nothing, visit.query)
    require_insider(visit.principal)
    instance, principal = visit.site.instance, visit.principal
    rows = [
        {
            "row": row,
            "leads": may_lead(principal, row),
            "plays": find_participant(instance.store, row.id, principal.name) is not None,
            "players": sum(count_players(instance.store, row.id).values()),
            "organisations": len(row.scenario["organisations"]),
        }
        for row in list_seen(instance, principal)
    ]
    return visit.render("resilience/exercises.html", rows=rows, say=partial(say_code, visit.words))


def show_editor(visit: Visit) -> Response:
    """Show the editor; check what was written, or make an exercise of it."""
    asked = read_question(EditorQuestion, visit.query)
    require_insider(visit.principal)
    posted = visit.posted
    faults: tuple[Fault, ...] = ()
    text, checked = "", None
    if posted is not None:
        visit.require_staff()
        text = (posted.get("scenario") or [""])[0].replace("\r\n", "\n")
        try:
            checked = _check(visit, text)
            if visit.sent("do") == "make":
                return visit.redirect("exercise-room", create_exercise(visit.site.instance, visit.principal, checked))
        except InvalidInput as error:
            faults = tuple(error.faults) or (Fault("", error.code, str(error), str(error)),)
        except EendrachtError as error:
            faults = (Fault("/ledBy", error.code, error.title_nl, error.title_en),)
    elif asked.begin == "ready":
        text = _write_ready(visit)
    return visit.render(
        "resilience/exercise_editor.html",
        422 if faults else 200,
        text=text,
        say=partial(say_code, visit.words),
        faults=faults,
        checked=checked,
        plan=_list_plan(visit, checked) if checked else [],
        rows=min(40, max(16, text.count("\n") + 2)),
        nothing_ready=asked.begin == "ready" and not text,
        duration=print_duration(checked.duration) if checked else "",
    )


def _check(visit: Visit, text: str) -> ScenarioFile:
    landscape = visit.site.landscapes.get(visit.store, visit.principal, None)
    allowed = visit.site.instance.settings.exercise_recipients
    return read_scenario(text.encode(), "scenario.yaml", allowed=allowed, find_thing=finder(landscape))


def _write_ready(visit: Visit) -> str:
    # What looks for it simulates, and is not for a server that nobody asks.
    from eendracht.resilience.exercises.ready import write_ready_exercise

    landscape = visit.site.landscapes.get(visit.store, visit.principal, None)
    own = [owner for owner in visit.principal.organisations if visit.principal.may_write(owner)]
    try:
        text = write_ready_exercise(landscape, visit.language)
        leader = read_scenario(text.encode(), "ready.yaml").led_by
        if not visit.principal.may_write(leader) and own:
            text = write_ready_exercise(landscape, visit.language, own[0])
        return text
    except NotFound:
        return ""


def _list_plan(visit: Visit, scenario: ScenarioFile) -> list[dict[str, Any]]:
    """Give the injects in the order of the clock, those that wait for something behind them."""
    injects = sorted(scenario.injects, key=lambda item: (item.at is None, item.at or 0))
    return [
        {
            "when": print_duration(item.at + item.delay) if item.at is not None else "",
            "waits": say_condition(visit, item.when) if item.when else "",
            "subject": item.subject,
            "to": len(scenario.list_recipients(item.to)),
            "channels": item.channels,
            "kind": item.kind,
        }
        for item in injects[:MOST_SHOWN]
    ]


def say_condition(visit: Visit, when: Condition) -> str:
    """Give a condition in words: codes translated, refs as they are."""
    words, value = visit.words, partial(say_code, visit.words)
    parts = []
    if when.thing:
        parts.append(words.gettext("%(thing)s is %(state)s", thing=when.thing, state=value(when.state)))
    if when.expectation:
        parts.append(
            words.gettext("expectation %(name)s: %(status)s", name=when.expectation, status=value(when.status))
        )
    if when.inject:
        parts.append(words.gettext("after inject %(name)s", name=when.inject))
    if when.decision:
        about = f" ({when.about})" if when.about else ""
        parts.append(words.gettext("decision %(effect)s", effect=value(when.decision)) + about)
    return "; ".join(parts)


PAGES: Final = (
    Page("exercises", "oefeningen", "exercises", show_exercises, is_for=is_insider),
    Page("exercise-editor", "oefeningen/scenario", "exercises/scenario", show_editor, "form", is_for=is_insider),
)
