"""The command by which an organisation tells people plain things in time: what expires, ends, or is asked nearby."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import typer

from eendracht.kit.commands import Json, frame_of

if TYPE_CHECKING:
    from eendracht.services.proactive.notice_jobs import NoticeWay


def register(app: typer.Typer) -> None:
    """Add the command to the wing's."""
    app.command("notices")(tell)


def tell(
    context: typer.Context,
    what: Annotated[
        str,
        typer.Option(
            "--what", help="document-expires, term-ends, turns-18, pension-age or permit-nearby.", metavar="WHAT"
        ),
    ] = "",
    population: Annotated[str, typer.Option(help="Ref of the population.", metavar="REF")] = "",
    table: Annotated[str, typer.Option(help="Table with key and until, born, or latitude and longitude.")] = "",
    controller: Annotated[str, typer.Option(help="Ref of the organisation that tells it.")] = "",
    ground: Annotated[str, typer.Option(help="Ref of the ground; made-up people need none.")] = "",
    purpose: Annotated[str, typer.Option(help="For what the data are used, as the ground says it.")] = "",
    reach: Annotated[int, typer.Option(help="How many days ahead, for a permit how many metres.")] = 60,
    words: Annotated[
        str, typer.Option(help="What expires or ends, as 'paspoort|passport'.", metavar="DUTCH|ENGLISH")
    ] = "",
    way: Annotated[
        str, typer.Option("--way", help="own-page, print (letters) or webhook; it lies on the own page always.")
    ] = "own-page",
    daily: Annotated[bool, typer.Option("--daily", help="Keep it, and look every day.")] = False,
    stop: Annotated[str, typer.Option("--stop", help="End a daily order by its id.", metavar="ID")] = "",
    as_json: Json = False,
) -> None:
    """Tell people what expires, ends or is asked nearby.

    It needs a ground. Asks for a job; without --what it lists the daily orders. Each notice is sent once. It lands with
    the person's messages, where each kind can be stopped; --way says whether it goes by letter or webhook as well.
    """
    from eendracht.kit.output import print_json, print_table, say
    from eendracht.services.proactive.notice_jobs import NoticeAsk, Standing, ask_notices

    frame = frame_of(context)
    with frame.opened() as instance:
        asker = frame.principal(instance)
        if what:
            nl, _, en = words.partition("|")
            asked = NoticeAsk(
                what,
                population,
                table,
                controller,
                ground,
                purpose,
                reach,
                (nl.strip(), en.strip()),
                way=cast("NoticeWay", way),
            )
            job = ask_notices(instance, asker, asked, is_daily=daily)
            print_json({"job": job, "order": asked.id}) if as_json else say(f"Asked: {job}, order {asked.id}")
            return
        with Standing(instance) as standing:
            if stop:
                standing.end(stop, asker)
            orders = [one for one in standing.list_orders() if asker.may_write(one[1].controller)]
        if as_json:
            print_json([{"order": order, **asked.as_arguments(), "doneOn": done} for order, asked, _, done in orders])
        else:
            rows = [
                (order, asked.what, asked.controller, asked.way, done or "never") for order, asked, _, done in orders
            ]
            print_table(("order", "what", "organisation", "way", "done on"), rows)
