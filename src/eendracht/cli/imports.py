"""Commands that take in files: import, and reconcile for what a person must decide."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eendracht.cli.frame import Json, frame_of

if TYPE_CHECKING:
    from eendracht.kernel.imports import Reading
    from eendracht.kernel.reconcile import Plan

MOST_ROWS = 8


def register(app: typer.Typer) -> None:
    """Add the commands to the root."""
    app.command("import")(import_file)
    app.command()(reconcile)


def import_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV, Excel, JSON (Lines), CycloneDX, ArchiMate or publiccode.yml.")],
    owner: Annotated[str, typer.Option(help="Code of the organisation whose file it is, such as gm0344.")],
    profile: Annotated[str | None, typer.Option(help="Named profile; leave out to see what fits.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="Saved mapping (YAML).")] = None,
    save_proposal: Annotated[Path | None, typer.Option(help="Write the proposed mapping here, to correct.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Record without asking.")] = False,
    as_json: Json = False,
) -> None:
    """Read a file, show what it would change, and record it after a yes."""
    from eendracht.kernel.imports import load_mapping, read_file
    from eendracht.kernel.reconcile import apply_plan, plan_import
    from eendracht.kit.output import print_json, say

    frame = frame_of(context)
    if save_proposal is not None:
        _save_proposal(file, save_proposal)
        return
    with frame.opened() as instance:
        reading = read_file(file, profile, load_mapping(mapping) if mapping else None, instance.store.registry)
        principal = frame.principal(instance)
        owner_ref = owner if ":" in owner else f"organisation:{owner}"
        instance.store.get(owner_ref, principal)
        plan = plan_import(instance.store, reading, owner_ref, principal)
        if not as_json:
            _show(plan, reading)
            if not yes and not (sys.stdin.isatty() and typer.confirm("Record this?")):
                say("Nothing was recorded. Add --yes to record it.")
                return
        written = apply_plan(instance.store, plan, principal) if yes or not as_json else []
        instance.store.catch_up()
        if written:
            instance.history.sign()
        if as_json:
            print_json(_describe(plan, reading, recorded=len(written)))
        else:
            say(f"Recorded {len(written)} versions, all in one transaction.")


def _save_proposal(file: Path, target: Path) -> None:
    from eendracht.kernel.errors import UsageFault
    from eendracht.kernel.imports import propose_file
    from eendracht.kit.output import say

    proposals = propose_file(file)
    if not proposals:
        raise UsageFault(f"{file} describes itself: it needs no mapping")
    target.write_text(proposals[0].mapping.as_yaml(), "utf-8")
    say(f"Wrote {target}: correct what is wrong, then import with --mapping {target}.")


def _show(plan: Plan, reading: Reading) -> None:
    from eendracht.kit.output import print_table, say

    counts = plan.counts
    say(f"{len(reading.rows)} rows read from {reading.system}:")
    say("  " + ", ".join(f"{count} {what}" for what, count in counts.items()))
    changed = [step for step in plan.steps if step.action == "changed"]
    if changed:
        say("\nWhat changes:")
        rows = [
            (step.ref, d.field, d.before, d.after, "held: other source of truth" if d.held else "")
            for step in changed
            for d in step.differences
        ]
        print_table(("record", "field", "before", "after", ""), rows[:MOST_ROWS], widest=36)
        _more(len(rows))
    if plan.doubts:
        say("\nNames that look alike (recorded apart; decide with: eendracht reconcile):")
        doubts = [(d.name, d.other_name, d.likeness, d.place) for d in plan.doubts]
        print_table(("this", "that", "alike", "place"), doubts[:MOST_ROWS], widest=44)
        _more(len(doubts))
    if plan.disappeared:
        say("\nNo longer in the source (flagged, not deleted):")
        gone = [(item.kind, item.key, item.place) for item in plan.disappeared]
        print_table(("kind", "key", "was at"), gone[:MOST_ROWS])
        _more(len(gone))
    if plan.faults:
        say("\nRefused or doubtful values:")
        faults = [(fault.pointer, fault.en, fault.hint) for fault in plan.faults]
        print_table(("place", "what", "hint"), faults[:MOST_ROWS], widest=64)
        _more(len(faults))
    if reading.left_out:
        columns = ", ".join(f"{item.column} ({item.reason}, {item.count})" for item in reading.left_out)
        say(f"\nLeft out, because it is about persons or secret: {columns}")
    if reading.unverified:
        say("\nNote: this profile was never checked against a real export of that product.")


def _more(count: int) -> None:
    from eendracht.kit.output import say

    if count > MOST_ROWS:
        say(f"… and {count - MOST_ROWS} more (all of them: --json)")


def _describe(plan: Plan, reading: Reading, recorded: int) -> dict[str, Any]:
    return {
        "system": plan.system,
        "owner": plan.owner,
        "counts": plan.counts,
        "recorded": recorded,
        "steps": [
            {
                "action": step.action,
                "ref": step.ref,
                "place": step.row.place,
                "differences": [
                    {"field": d.field, "before": d.before, "after": d.after, "held": d.held} for d in step.differences
                ],
            }
            for step in plan.steps
        ],
        "doubts": [{name: getattr(item, name) for name in item.__slots__} for item in plan.doubts],
        "disappeared": [{"kind": g.kind, "key": g.key, "place": g.place} for g in plan.disappeared],
        "faults": [fault.as_dict() for fault in plan.faults],
        "questions": [{"place": q.place, "code": q.code, "nl": q.nl, "en": q.en} for q in plan.questions],
        "leftOut": [{"column": i.column, "reason": i.reason, "count": i.count} for i in reading.left_out],
        "unverified": reading.unverified,
    }


def reconcile(
    context: typer.Context,
    answer: Annotated[
        list[str] | None, typer.Option(help="NUMBER=same or NUMBER=different; for other questions NUMBER=text.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List what a person must decide, the weightiest first; --answer settles it."""
    from eendracht.kernel.review import answer_review, list_reviews
    from eendracht.kit.output import print_json, print_table, say

    frame = frame_of(context)
    with frame.opened() as instance:
        principal = frame.principal(instance)
        reviews = list_reviews(instance.store, principal)
        for text in answer or []:
            number, _, said = text.partition("=")
            answer_review(instance.store, principal, reviews, number, said)
        if answer:
            instance.history.sign()
            reviews = list_reviews(instance.store, principal)
        if as_json:
            print_json([{"number": n, **review.as_dict()} for n, review in enumerate(reviews, 1)])
        elif reviews:
            rows = [(n, r.code, r.weight, r.text["en"], r.place) for n, r in enumerate(reviews, 1)]
            print_table(("nr", "what", "weight", "question", "place"), rows, widest=70)
            say("\nAnswer: eendracht reconcile --answer 1=same --answer 2=different")
        else:
            say("Nothing waits for a decision.")
