"""Commands on the estate: what breaks when something fails, and on whom we depend; and the briefing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from eendracht.kit.commands import Json, frame_of

if TYPE_CHECKING:
    from eendracht.kernel.access import Principal
    from eendracht.kernel.instance import Instance

group = typer.Typer(help="What needs what, and what stops with whom.", no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add the commands to the root."""
    app.add_typer(group, name="estate")
    app.command()(briefing)


@group.command()
def impact(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Ref of what fails; for a supplier, with everything it controls.")],
    limit: Annotated[int, typer.Option(help="How many failures to list.", min=1)] = 20,
    why: Annotated[str, typer.Option(help="Ref of the thing to explain; default: the first that stops.")] = "",
    as_json: Json = False,
) -> None:
    """Show what stops when this fails for good, when, and why."""
    from eendracht.kernel.impact import assess_impact, explain_impact
    from eendracht.kernel.landscape import build_landscape
    from eendracht.kit.estate import print_impact
    from eendracht.kit.explanation import print_explanation
    from eendracht.kit.output import print_json, say

    frame = frame_of(context)
    with frame.opened() as instance:
        asker = frame.principal(instance)
        found = assess_impact(build_landscape(instance.store, asker), name)
        explanation = explain_impact(instance.store, asker, found, found.seeds[0].name, why)
        language = instance.settings.language
        if as_json:
            print_json({**found.as_dict(language), "explanation": explanation.as_dict()})
            return
        print_impact(found, limit, language)
        say()
        print_explanation(explanation, "en" if language == "en" else "nl")


@group.command()
def suppliers(
    context: typer.Context,
    limit: Annotated[int, typer.Option(help="How many suppliers to list.", min=1)] = 20,
    as_json: Json = False,
) -> None:
    """Let every supplier stop in turn; the worst first."""
    from eendracht.kernel.impact import rank_suppliers
    from eendracht.kernel.landscape import build_landscape
    from eendracht.kit.estate import print_suppliers
    from eendracht.kit.output import print_json

    frame = frame_of(context)
    with frame.opened() as instance:
        landscape = build_landscape(instance.store, frame.principal(instance))
        ranking = rank_suppliers(landscape, counted=limit)
        if as_json:
            print_json({"openClaims": landscape.open_claims, "suppliers": [item.as_dict() for item in ranking[:limit]]})
        else:
            print_suppliers(ranking, landscape.open_claims, limit, instance.settings.language)


def briefing(
    context: typer.Context,
    why: Annotated[str, typer.Option(help="Explain this finding instead, by its code.", metavar="FINDING")] = "",
    as_json: Json = False,
) -> None:
    """Print where we stand and what presses most.

    Each finding has its reason, its next step and the rows on which it rests.
    """
    from eendracht.kernel.briefing import make_briefing
    from eendracht.kit.briefing import print_briefing
    from eendracht.kit.i18n import words_for
    from eendracht.kit.output import print_json

    frame = frame_of(context)
    with frame.opened() as instance:
        if why:
            _explain_finding(instance, frame.principal(instance), why, as_json)
            return
        made = make_briefing(instance, frame.principal(instance))
        if as_json:
            print_json(made.as_dict())
        else:
            print_briefing(made, words_for(instance))


def _explain_finding(instance: Instance, asker: Principal, code: str, as_json: bool) -> None:
    from eendracht.kernel.briefing.report import list_findings
    from eendracht.kernel.briefing.scope import Scope
    from eendracht.kernel.briefing.tasks import explain_finding, find_finding
    from eendracht.kernel.clock import today
    from eendracht.kernel.landscape import build_landscape
    from eendracht.kit.explanation import print_explanation
    from eendracht.kit.output import print_json

    day = today(instance.store.clock)
    scope = Scope(instance.store, asker, day, build_landscape(instance.store, asker, day))
    explanation = explain_finding(scope, find_finding(list_findings(scope, instance.open_wings(asker)), code))
    if as_json:
        print_json(explanation.as_dict())
    else:
        print_explanation(explanation, "en" if instance.settings.language == "en" else "nl")
