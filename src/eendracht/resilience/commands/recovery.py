"""The commands that plan a recovery: of a scenario, and of a project file that others use to compare planners."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eendracht.kit.commands import Json, frame_of

if TYPE_CHECKING:
    from eendracht.resilience.board import Board

Seconds = Annotated[float, typer.Option("--time-limit", help="Seconds to look for a better plan.", min=0.5, max=3600)]


def register(app: typer.Typer) -> None:
    """Add the commands to the wing's."""
    app.command()(recover)
    app.command()(schedule)


def recover(
    context: typer.Context,
    scenario: Annotated[str, typer.Argument(help="Ref of a scenario, or what fails: a ref or field=value terms.")],
    time_limit: Seconds = 10.0,
    limit: Annotated[int, typer.Option(help="How many jobs to list.", min=1)] = 30,
    record: Annotated[bool, typer.Option("--record", help="Record the plan.")] = False,
    as_json: Json = False,
) -> None:
    """Plan what comes back first, with the crews there are.

    The most citizen-hours come first. Beside it stands what the serial rule gives, and a bound that no plan goes below.
    """
    from eendracht.kernel.landscape import build_landscape
    from eendracht.kit.output import print_json
    from eendracht.resilience.board import describe_board, make_board, record_plan
    from eendracht.resilience.demand import read_demands
    from eendracht.resilience.scenarios import plan_scenario

    frame = frame_of(context)
    with frame.opened() as instance:
        asker = frame.principal(instance)
        landscape = build_landscape(instance.store, asker)
        run = plan_scenario(instance.store, asker, landscape, scenario)
        demands = read_demands(instance.store, asker, landscape)
        board = make_board(instance.store, asker, landscape, demands, run, time_limit_seconds=time_limit)
        recorded = record_plan(instance.store, asker, board) if record else ""
        if as_json:
            print_json({**describe_board(board), "recorded": recorded})
            return
        _print(board, limit, recorded, is_dutch=instance.settings.language == "nl")


def _print(board: Board, limit: int, recorded: str, *, is_dutch: bool) -> None:
    from eendracht.kit.output import print_number, print_table, say

    language = "nl" if is_dutch else "en"
    for line in board.say_summary():
        say(line[language])
    rows = [
        (
            job.thing.name,
            job.mode,
            print_number(job.start_hours, is_dutch=is_dutch, decimals=1),
            print_number(job.end_hours, is_dutch=is_dutch, decimals=1),
            print_number(job.citizens, is_dutch=is_dutch) if job.citizens else "",
            job.why[language],
        )
        for job in board.jobs[:limit]
    ]
    say()
    dutch, english = (
        ("wat", "wijze", "van uur", "tot uur", "mensen", "waarom hier"),
        (
            "what",
            "way",
            "from h",
            "until h",
            "people",
            "why here",
        ),
    )
    print_table(dutch if is_dutch else english, rows)
    if len(board.jobs) > limit:
        more = len(board.jobs) - limit
        say(f"… en nog {more} (--limit)" if is_dutch else f"… and {more} more (--limit)")
    if recorded:
        say(f"Vastgelegd als {recorded}" if is_dutch else f"Recorded as {recorded}")


def schedule(
    file: Annotated[Path, typer.Argument(help="A project of the PSPLIB: .sm, or .mm without nonrenewable resources.")],
    time_limit: Seconds = 10.0,
    as_json: Json = False,
) -> None:
    """Find the shortest plan of a project file, with a bound.

    It needs no node.
    """
    from eendracht.kit.output import print_json, print_table, say
    from eendracht.resilience.scheduling.psplib import schedule_file

    found = schedule_file(file, time_limit)
    if as_json:
        print_json(found)
        return
    say(f"makespan {found['makespan']}, bound {found['bound']}, {found['status']} ({found['seconds']} s)")
    say(f"serial rule alone: {found['serial_makespan']}")
    print_table(("job", "start"), [(str(job), str(start)) for job, start in sorted(found["starts"].items())])
