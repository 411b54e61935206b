"""The commands for exercises: let one go, hold it, jump ahead, stop it, and see what came of it and was learned."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eendracht.kit.commands import Json, frame_of

if TYPE_CHECKING:
    from eendracht.kernel.access import Principal
    from eendracht.kernel.instance import Instance
    from eendracht.kit.i18n import Words
    from eendracht.resilience.exercises.report import Report
    from eendracht.resilience.exercises.scenario import ScenarioFile

_ABOUT = "Practise together, and see what came of it."
app = typer.Typer(help=_ABOUT, no_args_is_help=True, rich_markup_mode=None)

ExerciseId = Annotated[str, typer.Argument(help="Id of the exercise, as `exercise list` shows it.", metavar="ID")]


@app.callback()
def root() -> None:
    """Practise together, and see what came of it."""


@app.command("list")
def list_exercises(context: typer.Context, as_json: Json = False) -> None:
    """List the exercises that you lead or in which you may take part."""
    from eendracht.kit.i18n import words_for
    from eendracht.kit.output import print_json, print_table
    from eendracht.resilience.exercises.leading import list_seen
    from eendracht.resilience.exercises.wording import EXERCISE_HEADS, say_code

    frame = frame_of(context)
    with frame.opened() as instance:
        words = words_for(instance)
        rows = [
            {"id": row.id, "name": row.scenario["name"], "state": row.state, "ledBy": row.owner, "record": row.record}
            for row in list_seen(instance, frame.principal(instance))
        ]
    if as_json:
        print_json(rows)
    else:
        heads = [words.gettext(head) for head in EXERCISE_HEADS]
        print_table(heads, [(r["id"], r["name"], say_code(words, r["state"]), r["ledBy"]) for r in rows])


@app.command()
def run(
    context: typer.Context,
    scenario: Annotated[Path | None, typer.Argument(help="The scenario (YAML).", metavar="FILE")] = None,
    ready: Annotated[
        bool, typer.Option("--ready", help="Take the ready exercise: the largest single point of failure stops.")
    ] = False,
    show: Annotated[bool, typer.Option("--show", help="Print the scenario and begin nothing.")] = False,
    led_by: Annotated[str, typer.Option(help="Who leads the ready exercise; default: the owner of what stops.")] = "",
    speed: Annotated[float, typer.Option(help="Exercise time over wall time.", min=0.01, max=3600)] = 1.0,
    here: Annotated[bool, typer.Option("--here", help="Conduct it in this process, until it is over.")] = False,
    as_json: Json = False,
) -> None:
    """Check a scenario, make an exercise of it and let it begin.

    A running server (or `eendracht worker`) conducts it, and goes on with it after it was killed; so does --here.
    """
    from eendracht.kernel.errors import UsageFault
    from eendracht.kit.i18n import words_for
    from eendracht.kit.output import print_json, say
    from eendracht.resilience.exercises.conductor import conduct
    from eendracht.resilience.exercises.jobs import ask_exercise
    from eendracht.resilience.exercises.leading import create_exercise, start
    from eendracht.resilience.exercises.log import get_exercise
    from eendracht.resilience.exercises.report import record_results
    from eendracht.resilience.exercises.scenario import dump_scenario

    if (scenario is None) is not ready:
        raise UsageFault("Give a scenario, or --ready", hint="See one: eendracht exercise run --ready --show.")
    frame = frame_of(context)
    with frame.opened() as instance:
        asker = frame.principal(instance)
        text, read = _read(instance, asker, scenario, led_by)
        if show:
            if as_json:
                print_json(dump_scenario(read))
            else:
                say(text)
            return
        exercise = create_exercise(instance, asker, read)
        if here:
            start(instance, asker, exercise, speed)
        else:
            ask_exercise(instance, asker, exercise, speed)
        if as_json:
            print_json({"id": exercise, "name": read.name})
        else:
            say(f"{read.name}: {exercise}")
            if not here:
                say(
                    words_for(instance).gettext(
                        "It goes on as long as a server runs on this node: eendracht serve, or eendracht worker."
                    )
                )
        if here:
            conduct(instance, exercise)
            record_results(instance, get_exercise(instance.store, exercise))


def _read(instance: Instance, asker: Principal, file: Path | None, led_by: str) -> tuple[str, ScenarioFile]:
    from eendracht.kernel.landscape import build_landscape
    from eendracht.resilience.exercises.ready import write_ready_exercise
    from eendracht.resilience.exercises.scenario_checks import finder, read_scenario

    landscape = build_landscape(instance.store, asker)
    allowed = instance.settings.exercise_recipients
    if file is not None:
        data = file.read_bytes()
        return data.decode("utf-8", "replace"), read_scenario(
            data, file.name, allowed=allowed, find_thing=finder(landscape)
        )
    text = write_ready_exercise(landscape, "nl" if instance.settings.language == "nl" else "en", led_by)
    return text, read_scenario(text.encode(), "ready.yaml", allowed=allowed, find_thing=finder(landscape))


@app.command()
def pause(
    context: typer.Context,
    exercise: ExerciseId,
    goes_on: Annotated[bool, typer.Option("--resume", help="Let the clock go on again.")] = False,
) -> None:
    """Hold the clock of an exercise, or let it go on.

    While it is held nothing is given out.
    """
    from eendracht.kit.i18n import words_for
    from eendracht.kit.output import say
    from eendracht.resilience.exercises import leading

    frame = frame_of(context)
    with frame.opened() as instance:
        words = words_for(instance)
        (leading.resume if goes_on else leading.pause)(instance, frame.principal(instance), exercise)
    say(words.gettext("The clock goes on.") if goes_on else words.gettext("The clock is held."))


@app.command()
def jump(
    context: typer.Context,
    exercise: ExerciseId,
    to: Annotated[str, typer.Argument(help="Moment of the exercise, such as 1:30 (hours:minutes).", metavar="TIME")],
) -> None:
    """Put the clock of an exercise forward.

    What lies between is given out at once.
    """
    from pydantic_core import PydanticCustomError

    from eendracht.kernel.errors import UsageFault
    from eendracht.kit.i18n import words_for
    from eendracht.kit.output import say
    from eendracht.resilience.exercises import leading
    from eendracht.resilience.exercises.scenario import read_duration

    try:
        seconds = read_duration(to)
    except PydanticCustomError as error:
        raise UsageFault(f"'{to[:40]}' is no moment", hint=f"{error}.") from None
    frame = frame_of(context)
    with frame.opened() as instance:
        leading.jump(instance, frame.principal(instance), exercise, float(str(seconds)))
        say(words_for(instance).gettext("The clock stands at %(moment)s.", moment=to))


@app.command()
def stop(
    context: typer.Context,
    exercise: ExerciseId,
    no_duff: Annotated[
        bool, typer.Option("--no-duff", help="Something real happens: tell everybody that this is NO exercise.")
    ] = False,
) -> None:
    """End an exercise at once and tell everybody so.

    Nothing more is given out.
    """
    from eendracht.kit.i18n import words_for
    from eendracht.kit.output import say
    from eendracht.resilience.exercises import leading

    frame = frame_of(context)
    with frame.opened() as instance:
        leading.stop(instance, frame.principal(instance), exercise, "no-duff" if no_duff else "stopped")
        say(words_for(instance).gettext("It is stopped; whoever conducts it tells everybody."))


@app.command()
def report(
    context: typer.Context,
    exercise: ExerciseId,
    pdf: Annotated[Path | None, typer.Option(help="Write the report as PDF.", metavar="FILE")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the report as one HTML file.", metavar="FILE")] = None,
    as_json: Json = False,
) -> None:
    """Show what came of an exercise, or write its report.

    That is the scores of organisations, who told whom, and what was not met.
    """
    from eendracht.kit.i18n import words_for
    from eendracht.kit.output import print_json, say
    from eendracht.resilience.exercises.playing import read_for
    from eendracht.resilience.exercises.report import describe_report, make_report
    from eendracht.resilience.exercises.report_files import write_html, write_pdf

    frame = frame_of(context)
    with frame.opened() as instance:
        asker = frame.principal(instance)
        row, _ = read_for(instance, asker, exercise)
        made = make_report(instance, row, asker)
        words = words_for(instance)
    for path, write in ((pdf, write_pdf), (html, write_html)):
        if path is not None:
            path.write_bytes(write(made, words.language))
            say(f"{path}")
    if as_json:
        print_json(describe_report(made))
    elif pdf is None and html is None:
        _print(made, words)


def _print(made: Report, words: Words) -> None:
    from eendracht.kit.output import print_table, say
    from eendracht.resilience.exercises.wording import SCORE_HEADS, TELLING_HEADS, say_code

    gettext = words.gettext
    say(f"{made.state.scenario.name}: {say_code(words, made.state.phase)}")
    if made.is_synthetic:
        say(gettext("Made-up records are part of the estate of this exercise."))
    say(
        gettext(
            "Messages delivered: %(delivered)s, of which late: %(late)s; not taken: %(undelivered)s.",
            delivered=words.number(made.delivered),
            late=words.number(made.late),
            undelivered=words.number(made.undelivered),
        )
    )
    say()
    print_table(
        [gettext(head) for head in SCORE_HEADS],
        [
            (made.name(s.organisation), s.objective.name, words.decimal(s.points), s.possible, s.unjudged)
            for s in made.scores
        ],
    )
    if made.tellings:
        say()
        print_table(
            [gettext(head) for head in TELLING_HEADS],
            [
                (made.name(t.sender), made.name(t.receiver), str(t.times), f"{t.first_minutes:.0f} min")
                for t in made.tellings
            ],
        )


@app.command()
def lessons(
    context: typer.Context,
    exercise: Annotated[str, typer.Argument(help="Id of an exercise; default: the actions of all.", metavar="ID")] = "",
    as_json: Json = False,
) -> None:
    """Show what should go better, and the actions that follow.

    With an id: what that exercise showed; without: the actions that follow from all lessons. An action is closed only
    with evidence and a retest by another person.
    """
    from eendracht.kernel.disclosure import require_insider
    from eendracht.kit.i18n import words_for
    from eendracht.kit.output import print_json, print_table
    from eendracht.resilience.exercises.lessons import list_findings, read_board
    from eendracht.resilience.exercises.log import get_exercise
    from eendracht.resilience.exercises.wording import ACTION_HEADS, FINDING_HEADS, say_code

    frame = frame_of(context)
    heads: tuple[str, ...]
    rows: list[dict[str, Any]]
    with frame.opened() as instance:
        asker = frame.principal(instance)
        require_insider(asker)
        words = words_for(instance)
        if exercise:
            from eendracht.resilience.exercises.leading import require_leader

            row = get_exercise(instance.store, exercise)
            require_leader(asker, row)
            heads = FINDING_HEADS
            rows = [
                {
                    "organisation": item.outcome.organisation,
                    "expectation": item.outcome.expectation.name,
                    "status": item.outcome.verdict.status,
                    "rating": item.outcome.verdict.rating,
                    "repeats": list(item.repeats),
                    "lesson": item.lesson,
                }
                for item in list_findings(instance, row, asker)
            ]
        else:
            heads = ACTION_HEADS
            rows = [
                {
                    "action": item.action.ref,
                    "owner": item.owner,
                    "due": item.due.isoformat() if item.due else None,
                    "status": item.status,
                    "overdue": item.is_overdue,
                    "repeated": item.is_repeated,
                    "retests": len(item.retests),
                }
                for item in read_board(instance.store, asker)
            ]
    if as_json:
        print_json(rows)
    else:
        say_status = partial(say_code, words) if exercise else words.value
        said = [{**row, "status": say_status(row["status"])} for row in rows]
        print_table(
            [words.gettext(head) for head in heads], [[_cell(value, words) for value in row.values()] for row in said]
        )


def _cell(value: Any, words: Words) -> str:
    if isinstance(value, bool):
        return words.gettext("yes") if value else ""
    return ", ".join(value) if isinstance(value, list) else str(value if value is not None else "")
