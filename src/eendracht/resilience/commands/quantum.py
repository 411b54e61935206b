"""The command on the move to quantum-safe cryptography: how far all are, or one organisation in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from eendracht.kit.commands import Json, frame_of

if TYPE_CHECKING:
    from eendracht.kit.i18n import Words
    from eendracht.resilience.quantum.overview import Overview
    from eendracht.resilience.quantum.readiness import Readiness


def register(app: typer.Typer) -> None:
    """Add the command to the group of the wing."""
    app.command()(quantum)


def quantum(
    context: typer.Context,
    organisation: Annotated[str, typer.Option(help="Ref or code of one organisation, such as gm0344.")] = "",
    limit: Annotated[int, typer.Option(help="How many of each to list.", min=1)] = 20,
    as_json: Json = False,
) -> None:
    """Show how ready for quantum computers all are.

    By layer of government; names to insiders alone. With an organisation: its links, plan, milestones and data, with
    what is unknown.
    """
    from eendracht.kernel.disclosure import is_insider, require_insider
    from eendracht.kernel.landscape import build_landscape
    from eendracht.kit.i18n import words_for
    from eendracht.kit.output import print_json
    from eendracht.resilience.quantum.overview import read_overview

    frame = frame_of(context)
    with frame.opened() as instance:
        asker = frame.principal(instance)
        if organisation:
            require_insider(asker)
        overview = read_overview(instance.store, asker, build_landscape(instance.store, asker))
        chosen = overview.find_organisation(organisation) if organisation else None
        is_inside = is_insider(asker)
        if as_json:
            print_json(overview.describe_organisation(chosen, limit) if chosen else overview.describe(is_inside, limit))
            return
        words = words_for(instance)
        if chosen:
            _print_organisation(overview, chosen, words, limit)
        else:
            _print_layers(overview, words)
            if is_inside:
                _print_priorities(overview, words, limit)
        _print_notes(overview, words, is_inside=is_inside)


def _print_layers(overview: Overview, words: Words) -> None:
    from eendracht.kit.output import print_table
    from eendracht.resilience.quantum.words import LAYER_HEADS, LAYERS

    t = words.gettext
    rows = [
        (
            t(LAYERS[layer.layer]),
            layer.organisations,
            layer.started["yes"],
            layer.started["no"],
            layer.started["unknown"],
            layer.with_plan,
            layer.links["safe"],
            layer.links["broken"],
            layer.links["unknown"],
        )
        for layer in overview.layers
    ]
    print_table([t(head) for head in LAYER_HEADS], rows)


def _print_priorities(overview: Overview, words: Words, limit: int) -> None:
    from eendracht.kit.output import print_table, say
    from eendracht.resilience.quantum.words import PRIORITY_HEADS, PRIORITY_TITLE, STATES

    t = words.gettext
    if not overview.priorities:
        return
    say()
    say(t(PRIORITY_TITLE))
    rows = [
        (
            overview.holdings.name_of(item.deadline.subject),
            t(STATES[item.exposure]),
            t("unknown") if item.citizens is None else words.number(item.citizens.low),
            words.decimal(float(item.years_late)) if item.is_bounded or item.years_late else t("unknown"),
            t("unknown") if item.score is None else words.number(round(item.score)),
        )
        for item in overview.priorities[:limit]
    ]
    print_table([t(head) for head in PRIORITY_HEADS], rows)


def _print_organisation(overview: Overview, chosen: Readiness, words: Words, limit: int) -> None:
    from eendracht.kit.output import print_table, say
    from eendracht.resilience.quantum import words as said

    t = words.gettext
    say(f"{chosen.party.name} ({t(said.LAYERS[chosen.layer])}): {t(said.STARTED[chosen.started])}")
    counts = ", ".join(f"{t(said.CLASSES[name])}: {number}" for name, number in chosen.classes.items())
    say(f"  {t(said.ALGORITHMS)}: {chosen.assets} ({counts})")
    say(f"  {t(said.SUPPLIERS)}: {chosen.suppliers_announced} / {chosen.suppliers}")
    for status in chosen.milestones:
        name = status.milestone.name.said[words.language]
        say(f"  {status.milestone.date.isoformat()} {name}: {t(said.MILESTONES[status.state])}")
    say()
    links = [
        (link.record.name, t(said.STATES[link.state]), link.record.observed_group, _name_ends(link.held_up_by, words))
        for link in overview.links_of(chosen.party.ref)
    ]
    print_table([t(head) for head in said.LINK_HEADS], links[:limit])
    say()
    steps = [
        (
            item.step.name,
            words.value(item.step.stage),
            item.starts_on.isoformat(),
            item.ends_on.isoformat() if item.worst_end else t("unknown"),
            t(said.CRITICAL) if item.timed.is_critical and not item.is_done else words.decimal(float(item.timed.slack)),
        )
        for item in overview.plan.of(chosen.party.ref)
    ]
    print_table([t(head) for head in said.STEP_HEADS], steps[:limit])
    _print_deadlines(overview, chosen, words, limit)


def _name_ends(ends: Sequence[str], words: Words) -> str:
    from eendracht.resilience.quantum.words import ENDS

    return ", ".join(words.gettext(ENDS[end]) for end in ends)


def _print_deadlines(overview: Overview, chosen: Readiness, words: Words, limit: int) -> None:
    from eendracht.kit.output import print_table, say
    from eendracht.resilience.quantum import words as said

    t = words.gettext
    deadlines = overview.deadlines_of(chosen.party.ref)
    if not deadlines:
        return
    say()
    heads = [t(head) for head in said.DEADLINE_HEADS]
    heads += [item.horizon.name[words.language] for item in deadlines[0].scenarios]
    rows = [
        (
            overview.holdings.name_of(item.subject),
            t(said.ASPECTS[item.aspect]),
            words.decimal(float(item.x.low)) if item.x.is_known else t("unknown"),
            words.decimal(float(item.y.low)) if item.y.is_known else t("unknown"),
            *(t(said.URGENCIES[one.urgency]) for one in item.scenarios),
        )
        for item in deadlines[:limit]
    ]
    print_table(heads, rows)


def _print_notes(overview: Overview, words: Words, *, is_inside: bool) -> None:
    from eendracht.kit.output import say
    from eendracht.resilience.quantum.words import MADE_UP

    for fault in overview.faults if is_inside else ():
        say(f"! {fault.nl if words.language == 'nl' else fault.en}")
    if overview.holdings.is_synthetic:
        say(words.gettext(MADE_UP))
