"""Commands on the estate: what breaks when something fails, and on whom we depend; and the briefing."""

from __future__ import annotations

from typing import Annotated

import typer

from eendracht.cli.frame import Json, frame_of

group = typer.Typer(help="What needs what, and what stops with whom.", no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add the commands to the root."""
    app.add_typer(group, name="estate")
    app.command()(briefing)


@group.command()
def impact(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Ref of what fails; for a supplier, with everything it controls.")],
    limit: Annotated[int, typer.Option(help="How many failures to explain.")] = 20,
    as_json: Json = False,
) -> None:
    """Show what stops when this fails for good, when, and why, in the best and the worst case."""
    from eendracht.kernel.impact import assess_impact
    from eendracht.kernel.landscape import build_landscape
    from eendracht.kit.output import print_json, print_table, say

    frame = frame_of(context)
    with frame.opened() as instance:
        landscape = build_landscape(instance.store, frame.principal(instance))
        found = assess_impact(landscape, name)
        language = instance.settings.language
        if as_json:
            print_json(found.as_dict(language))
            return
        count = len(found.failures)
        say(f"{name}: {len(found.seeds)} node(s) fail, {count} more stop (worst case {found.worst_count}).")
        say(f"Critical among them: {sum(failure.is_critical for failure in found.failures)}.")
        rows = [
            (f"{failure.at_hours:g}", "critical" if failure.is_critical else "", failure.thing.ref, failure.thing.name)
            for failure in found.failures[:limit]
        ]
        if rows:
            say()
            print_table(("after h", "", "ref", "name"), rows)
            say()
            for failure in found.failures[: min(limit, 5)]:
                for step in failure.path:
                    say(f"  {step.say('nl' if language == 'nl' else 'en')}")
                say()


@group.command()
def suppliers(
    context: typer.Context,
    limit: Annotated[int, typer.Option(help="How many suppliers to show.")] = 20,
    as_json: Json = False,
) -> None:
    """Let every supplier stop, one at a time, with all it controls: what stops, the worst first."""
    from eendracht.kernel.impact import rank_suppliers
    from eendracht.kernel.landscape import build_landscape
    from eendracht.kit.output import print_json, print_table, say

    frame = frame_of(context)
    with frame.opened() as instance:
        landscape = build_landscape(instance.store, frame.principal(instance))
        ranking = rank_suppliers(landscape)
        if as_json:
            print_json({"openClaims": landscape.open_claims, "suppliers": [item.as_dict() for item in ranking[:limit]]})
            return
        say(f"{len(ranking)} suppliers after joining names; {landscape.open_claims} claims on who is who are open.")
        print_table(
            ("supplier", "name", "controls", "stops", "critical", "organisations"),
            [(i.ref, i.name, i.controls, i.failed, i.failed_critical, i.organisations) for i in ranking[:limit]],
        )


def briefing(context: typer.Context, as_json: Json = False) -> None:
    """Print where we stand and the most pressing findings, each with its reason and next step."""
    from eendracht.kernel.briefing import make_briefing
    from eendracht.kit.briefing import print_briefing
    from eendracht.kit.output import print_json

    frame = frame_of(context)
    with frame.opened() as instance:
        made = make_briefing(instance, frame.principal(instance))
        if as_json:
            print_json(made.as_dict())
        else:
            print_briefing(made, instance.settings.language)
