"""Commands that take in files: import, reconcile for what a person must decide, truth for who is right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eendracht.kit.commands import Json, frame_of

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance
    from eendracht.kernel.intake import Intake


def register(app: typer.Typer) -> None:
    """Add the commands to the root."""
    app.command("import")(import_file)
    app.command()(reconcile)
    app.command()(truth)


def import_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV, Excel, JSON (Lines), CycloneDX, ArchiMate or publiccode.yml.")],
    owner: Annotated[
        str | None, typer.Option(help="Code of the organisation whose file it is, such as gm0344.", metavar="CODE")
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="Profile that knows the columns; leave it out to see what fits.", metavar="NAME")
    ] = None,
    mapping: Annotated[Path | None, typer.Option(help="Saved mapping that knows the columns.", metavar="FILE")] = None,
    save_proposal: Annotated[
        Path | None, typer.Option(help="Only write the proposed mapping here, to correct.", metavar="FILE")
    ] = None,
    save_mapping: Annotated[
        Path | None, typer.Option(help="Write the mapping here as well, with what was answered in it.", metavar="FILE")
    ] = None,
    system: Annotated[
        str, typer.Option(help="Name of the source, where two files of one sort come from two systems.", metavar="NAME")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Record without asking.")] = False,
    as_json: Json = False,
) -> None:
    """Read a file, show what it changes, record it after a yes.

    JSON Lines of more than 10 MB go in batches of 1,000 lines: the difference is told in counts, and where the import
    is cut short the same command goes on after the last batch.
    """
    from eendracht.kernel.errors import UsageFault
    from eendracht.kernel.imports import load_mapping, read_file
    from eendracht.kernel.imports.profiles import get_profile
    from eendracht.kernel.intake import Intake, is_large
    from eendracht.kernel.reconcile import plan_import
    from eendracht.kernel.review import answer_mapping
    from eendracht.kit.delivery import record_plan

    frame = frame_of(context)
    if profile and mapping:
        raise UsageFault("Give a profile or a mapping, not both")
    if save_proposal is not None:
        _save_proposal(file, save_proposal, as_json)
        return
    if owner is None:
        raise UsageFault("Whose file is it?", hint="Add --owner CODE, such as --owner gm0344.")
    with frame.opened() as instance:
        principal = frame.principal(instance)
        owner_ref = owner if ":" in owner else f"organisation:{owner}"
        # What is planned tells which names the organisation has given out.
        principal.require_write(instance.store.get(owner_ref, principal).ref)
        known = load_mapping(mapping) if mapping else get_profile(profile) if profile else None
        if known is None and is_large(file):
            _import_large(instance, Intake(instance.store, file, owner_ref, principal, system), yes, as_json)
            return
        if known:
            known = answer_mapping(instance.store, known, owner_ref, system)
        reading = read_file(file, None, known, instance.store.registry, system)
        if save_mapping and reading.mapping:
            save_mapping.write_text(reading.mapping.as_yaml(), "utf-8")
        plan = plan_import(instance.store, reading, owner_ref, principal)
        record_plan(instance, plan, reading, principal, is_agreed=yes, as_json=as_json)


def _import_large(instance: Instance, intake: Intake, yes: bool, as_json: bool) -> None:
    from eendracht.kit.delivery import describe_report, is_confirmed, print_report, tell
    from eendracht.kit.output import print_json, progress_bar, say

    language = instance.settings.language
    if not yes:
        report = intake.survey(progress_bar("survey", as_json))
        if as_json:
            print_json(describe_report(report, intake.system, intake.owner, is_recorded=False))
            return
        print_report(report, intake.system, language)
        say()
        if not is_confirmed(language):
            return
    report = intake.run(progress_bar("import", as_json))
    instance.store.catch_up()
    instance.history.sign()
    if as_json:
        print_json(describe_report(report, intake.system, intake.owner, is_recorded=True))
        return
    print_report(report, intake.system, language)
    say(tell(language, "recorded_in_batches", report.new + report.changed))


def _save_proposal(file: Path, target: Path, as_json: bool) -> None:
    from eendracht.kernel.errors import UsageFault
    from eendracht.kernel.imports import propose_file
    from eendracht.kit.output import print_json, say

    proposals = propose_file(file)
    if not proposals:
        raise UsageFault(f"{file} describes itself: it needs no mapping")
    target.write_text(proposals[0].mapping.as_yaml(), "utf-8")
    if as_json:
        print_json({"mapping": str(target), "tables": [proposal.table for proposal in proposals]})
        return
    say(f"Wrote {target}: correct what is wrong, then import with --mapping {target}.")
    for proposal in proposals[1:]:
        say(f"Not in it: {proposal.table}, another table of the same file.")


def reconcile(
    context: typer.Context,
    answer: Annotated[
        list[str] | None,
        typer.Option(
            help="NUMBER=same or different; of a column NUMBER=CHOICE, or NUMBER=VALUE=MEANING; VALUE=MEANING.",
            metavar="NUMBER=ANSWER",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """List what a person must decide; --answer settles it.

    An answer about a column is kept with the mapping of its source: the next import of it does not ask again.
    """
    from eendracht.kernel.review import answer_reviews, list_reviews
    from eendracht.kit.output import print_json, print_table, say

    frame = frame_of(context)
    with frame.opened() as instance:
        principal = frame.principal(instance)
        reviews = list_reviews(instance.store, principal)
        if answer:
            answer_reviews(instance.store, principal, reviews, [text.partition("=")[::2] for text in answer])
            instance.history.sign()
            reviews = list_reviews(instance.store, principal)
        language = instance.settings.language
        if as_json:
            print_json([{"number": n, **review.as_dict()} for n, review in enumerate(reviews, 1)])
        elif reviews:
            headers = ("nr", "gewicht", "vraag", "waar") if language == "nl" else ("nr", "weight", "question", "where")
            rows = [(n, r.weight, r.text[language], r.place) for n, r in enumerate(reviews, 1)]
            print_table(headers, rows, widest=90)
            lead = "Antwoorden" if language == "nl" else "Answer"
            say(f"\n{lead}: eendracht reconcile --answer 1=same --answer 2=different")
        else:
            say("Er wacht niets op een beslissing." if language == "nl" else "Nothing waits for a decision.")


def truth(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(help="Kind of the records, such as application; leave out to list.")] = "",
    sources: Annotated[
        list[str] | None,
        typer.Argument(help="FIELD=SOURCE, such as rtoHours=cmdb; FIELD= takes it back.", metavar="FIELD=SOURCE"),
    ] = None,
    owner: Annotated[
        str | None, typer.Option(help="Code of the organisation whose records they are.", metavar="CODE")
    ] = None,
    as_json: Json = False,
) -> None:
    """State which source is right about which field.

    An import of another source leaves such a field alone, and says so before anything is recorded.
    """
    from eendracht.kernel.deliveries import list_sources
    from eendracht.kernel.errors import UsageFault
    from eendracht.kernel.truths import list_truths, set_truths
    from eendracht.kit.output import print_json, print_table, say

    if owner is None:
        raise UsageFault("Whose records are they?", hint="Add --owner CODE, such as --owner gm0344.")
    pairs = [text.partition("=") for text in sources or ()]
    if wrong := [name for name, sign, _ in pairs if not sign]:
        raise UsageFault(f"This is not FIELD=SOURCE: {', '.join(wrong)}", hint="For example rtoHours=cmdb.")
    frame = frame_of(context)
    owner_ref = owner if ":" in owner else f"organisation:{owner}"
    with frame.opened() as instance:
        principal = frame.principal(instance)
        instance.store.get(owner_ref, principal)
        if pairs:
            stated = {name.strip(): source.strip() for name, _, source in pairs}
            set_truths(instance.store, owner_ref, kind, stated, principal)
            instance.history.sign()
        truths = list_truths(instance.store, owner_ref, principal)
        delivered = list_sources(instance.store, owner_ref, principal)
        rows = [
            {"kind": name, "field": field, "source": source, "delivered": source in delivered}
            for name, fields in sorted(truths.items())
            if name == (kind or name)
            for field, source in sorted(fields.items())
        ]
        dutch = instance.settings.language == "nl"
        if as_json:
            print_json({"owner": owner_ref, "truths": rows})
        elif rows:
            missing = "leverde nog niets" if dutch else "delivered nothing yet"
            print_table(
                ("soort", "veld", "bron", "") if dutch else ("kind", "field", "source", ""),
                [(r["kind"], r["field"], r["source"], "" if r["delivered"] else missing) for r in rows],
            )
        else:
            say("Geen veld heeft een bron van de waarheid." if dutch else "No field has a source of truth.")
