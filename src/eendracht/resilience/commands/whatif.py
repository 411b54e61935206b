"""The command that lets something fail and tells what it means for services and people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from eendracht.kit.commands import Json, frame_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eendracht.kernel.estate.witness import Language
    from eendracht.kernel.landscape import Thing
    from eendracht.kit.i18n import Words
    from eendracht.resilience.demand import Bounds
    from eendracht.resilience.open_questions import OpenQuestion
    from eendracht.resilience.whatif import Change, Outcome


def register(app: typer.Typer) -> None:
    """Add the command to the wing's."""
    app.command()(whatif)


def whatif(
    context: typer.Context,
    selector: Annotated[
        str,
        typer.Argument(help="What fails: a ref (also of a scenario), or field=value terms such as jurisdiction=US."),
    ],
    hours: Annotated[float | None, typer.Option("--hours", help="Hours until what fails is repaired.")] = None,
    horizon: Annotated[float | None, typer.Option(help="Hours for which it is followed; default a week.")] = None,
    replace: Annotated[str, typer.Option(help="Compare with another provider in its place.", metavar="OLD=NEW")] = "",
    beside: Annotated[str, typer.Option(help="Compare with another provider beside it.", metavar="OLD=NEW")] = "",
    limit: Annotated[int, typer.Option(help="How many services and questions to list.", min=1)] = 20,
    as_json: Json = False,
) -> None:
    """Show which services stop, when, why, and for how many.

    It tells what to ask next as well. Best case: what nobody recorded holds. Worst case: it does not.
    """
    from eendracht.kernel.landscape import build_landscape
    from eendracht.kit.output import print_json
    from eendracht.resilience.demand import read_demands
    from eendracht.resilience.open_questions import describe_questions, list_questions
    from eendracht.resilience.scenarios import plan_scenario
    from eendracht.resilience.whatif import compare_change, describe, run_scenario

    frame = frame_of(context)
    with frame.opened() as instance:
        asker = frame.principal(instance)
        changes = _read_changes(replace, beside)
        landscape = build_landscape(instance.store, asker)
        scenario = plan_scenario(
            instance.store, asker, landscape, selector, repaired_at_hours=hours, horizon_hours=horizon
        )
        outcome = run_scenario(landscape, read_demands(instance.store, asker, landscape), scenario)
        questions = list_questions(outcome)
        after = [(change, compare_change(outcome, change)) for change in changes]
        if as_json:
            language: Language = "nl" if instance.settings.language == "nl" else "en"
            spoken = instance.store.registry, language
            print_json(
                {
                    **describe(outcome, *spoken),
                    "askNext": describe_questions(questions),
                    "changes": [
                        {"old": change.old, "new": change.new, "way": change.way, "after": describe(changed, *spoken)}
                        for change, changed in after
                    ],
                }
            )
            return
        _print(outcome, questions, after, limit, is_dutch=instance.settings.language == "nl")


def _read_changes(replace: str, beside: str) -> list[Change]:
    from eendracht.kernel.errors import UsageFault
    from eendracht.resilience.whatif import Change

    changes = []
    for way, text in (("replace", replace), ("beside", beside)):
        if not text:
            continue
        old, equals, new = (part.strip() for part in text.partition("="))
        if not (old and equals and new):
            raise UsageFault(f"--{way} takes OLD=NEW", hint="Such as supplier:kvk.12345678=supplier:kvk.87654321.")
        changes.append(Change(old, new, "replace" if way == "replace" else "beside"))
    return changes


def _print(
    outcome: Outcome,
    questions: list[OpenQuestion],
    after: list[tuple[Change, Outcome]],
    limit: int,
    *,
    is_dutch: bool,
) -> None:
    from eendracht.kit.i18n import words_of
    from eendracht.kit.output import print_table, say
    from eendracht.resilience.whatif import name_chain

    words = words_of("nl" if is_dutch else "en")
    certain = sum(item.is_certain for item in outcome.services)
    open_ = len(outcome.services) - certain
    if is_dutch:
        say(f"{outcome.scenario.name}: {certain} diensten stoppen" + _or_more(open_, "misschien nog"))
        say(f"Mensen die daarvan afhangen: {_say(words, outcome.persons, 'onbekend')}")
        say(f"Burgeruren zonder dienst: {_say(words, outcome.citizen_hours, 'onbekend')}")
    else:
        say(f"{outcome.scenario.name}: {certain} services stop" + _or_more(open_, "perhaps another"))
        say(f"People who rely on them: {_say(words, outcome.persons, 'unknown')}")
        say(f"Citizen-hours without a service: {_say(words, outcome.citizen_hours, 'unknown')}")
    if outcome.unmeasured:
        text = (
            f"Van {outcome.unmeasured} daarvan is niet vastgelegd hoeveel mensen ze gebruiken"
            if is_dutch
            else f"Of {outcome.unmeasured} of them nobody recorded how many people use them"
        )
        say(text)
    rows = [
        (
            item.thing.name,
            item.thing.owner.partition(":")[2],
            f"{item.failed_at_hours:g}",
            _back(item.best.outages, item.worst.outages),
            "?" if item.relying is None else words.number(item.relying),
            name_chain(outcome, item),
        )
        for item in outcome.services[:limit]
    ]
    heads = (
        ("dienst", "van", "na uur", "terug", "mensen", "door")
        if is_dutch
        else ("service", "of", "at h", "back", "people", "because of")
    )
    if rows:
        say()
        print_table(heads, rows)
    if questions:
        say()
        say("Eerst te vragen:" if is_dutch else "Ask first:")
        asked = [
            (item.name, _name_some(item.consumers), str(item.services), _say(words, item.persons, "?"))
            for item in questions[:limit]
        ]
        print_table(("wat", "aan", "diensten", "mensen") if is_dutch else ("what", "whom", "services", "people"), asked)
    for change, changed in after:
        stopped = sum(item.is_certain for item in changed.services)
        persons = _say(words, changed.persons, "?")
        say()
        if is_dutch:
            way = "in plaats van" if change.way == "replace" else "naast"
            say(f"Met {change.new} {way} {change.old}: {stopped} diensten stoppen, {persons} mensen")
        else:
            way = "in the place of" if change.way == "replace" else "beside"
            say(f"With {change.new} {way} {change.old}: {stopped} services stop, {persons} people")


def _name_some(things: Sequence[Thing]) -> str:
    names = ", ".join(thing.name for thing in things[:3])
    return f"{names} +{len(things) - 3}" if len(things) > 3 else names


def _or_more(count: int, words: str) -> str:
    return f", {words} {count}" if count else ""


def _say(words: Words, bounds: Bounds, unknown: str) -> str:
    low = words.number(bounds.low)
    if bounds.high is None:
        return f"{low} - {unknown}"
    return low if bounds.is_exact else f"{low} - {words.number(bounds.high)}"


def _back(best: tuple[tuple[float, float | None], ...], worst: tuple[tuple[float, float | None], ...]) -> str:
    """Give when a service is back in the best case and, where that differs, in the worst."""
    ends = [f"{outages[-1][1]:g}" if outages and outages[-1][1] is not None else "-" for outages in (best, worst)]
    return ends[0] if ends[0] == ends[1] else " / ".join(ends)
