"""Commands on keeping and not keeping: backup, restore, export, load-export, find-subject, destroy."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eendracht.kit.commands import Json, frame_of

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance


def register(app: typer.Typer) -> None:
    """Add the commands to the root."""
    for command in (backup, restore, export, load_export, find_subject, destroy):
        app.command()(command)


def backup(
    context: typer.Context,
    target: Annotated[Path, typer.Argument(help="Where to write: a folder, or a name that ends in .tar.gz.")],
    keys: Annotated[Path, typer.Option(help="Where to write the keys; keep it apart from the backup.")],
    as_json: Json = False,
) -> None:
    """Back up the node while it goes on.

    Its keys go to a file of their own.
    """
    from eendracht.kernel.backup import back_up
    from eendracht.kit.output import print_json, say

    frame = frame_of(context)
    frame.require_operator()
    with frame.opened() as instance:
        manifest = back_up(instance.settings, instance.store, instance.signer, target, keys)
        if as_json:
            print_json({"target": str(target), "keys": str(keys), **manifest.about})
            return
        say(f"Wrote {target}: {len(manifest.files)} files.")
        say(f"Wrote the keys to {keys}: without them there is no restore; keep them apart from the backup.")
        journal = instance.settings.erasure_journal
        if journal.exists():
            say(f"Keep copies of {journal} too: a restore needs the newest.")
        else:
            say("Nothing was destroyed yet, so there is no erasure journal to keep.")


def restore(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(help="The backup.")],
    keys: Annotated[Path, typer.Option(help="The keys that were written with it.")],
    into: Annotated[Path, typer.Option(help="Folder for the node; it must not exist.")],
    erasure_journal: Annotated[Path, typer.Option(help="The newest erasures.jsonl of the node.")],
    accept_empty_journal: Annotated[bool, typer.Option(help="Accept that nothing was ever destroyed.")] = False,
    last_checkpoint: Annotated[Path | None, typer.Option(help="A checkpoint newer than the backup.")] = None,
    database: Annotated[
        str, typer.Option(help="Address of an empty PostgreSQL database, where it came from one.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Bring back a node from a backup.

    Checks the backup, destroys again what was destroyed, and starts a new log epoch.
    """
    from eendracht.kernel.backup import restore as bring_back
    from eendracht.kit.output import print_json, say

    frame = frame_of(context)
    frame.require_operator()
    restored = bring_back(
        source,
        into,
        erasure_journal,
        keys,
        frame.wiring.open_store,
        database=database,
        last_checkpoint=last_checkpoint,
        accept_empty_journal=accept_empty_journal,
    )
    if as_json:
        print_json(
            {
                "folder": str(restored.folder),
                "entries": restored.size,
                "restored": restored.restored_size,
                "epoch": restored.epoch,
                "reapplied": restored.reapplied,
                "holds": restored.verification.holds,
            }
        )
        return
    say(f"Restored {restored.restored_size} entries into {restored.folder}.")
    say(f"{restored.reapplied} destructions were applied again; the log goes on as epoch {restored.epoch}.")
    say("The history holds." if restored.verification.holds else "The history does NOT hold: eendracht ledger verify.")


def export(
    context: typer.Context,
    target: Annotated[Path, typer.Argument(help="Where to write: a folder, or a name that ends in .tar.gz.")],
    persons: Annotated[
        Path | None, typer.Option(help="Write content about persons here too, opened; keep it apart.")
    ] = None,
    purpose: Annotated[str, typer.Option(help="Why persons go along: a code or the ref of a ground.")] = "",
    as_json: Json = False,
) -> None:
    """Write all that the node holds, to leave or to move.

    The format needs no Eendracht and is described in docs/reference/export-format.md; load-export makes a node of it.
    """
    from eendracht.kernel.errors import UsageFault
    from eendracht.kernel.export import write_export, write_persons
    from eendracht.kit.output import print_json, progress_bar, say

    frame = frame_of(context)
    frame.require_operator()
    if bool(persons) != bool(purpose):
        raise UsageFault(
            "Content about persons goes along for a purpose", hint="Give --persons and --purpose together."
        )
    with frame.opened() as instance:
        instance.audit.note("export-made", "operator", reason="with-persons" if persons else "whole-node")
        if persons:
            write_persons(instance, persons, purpose)
        manifest = write_export(instance, target, progress_bar("export", as_json))
    if as_json:
        print_json({"target": str(target), "persons": str(persons or ""), **manifest.about})
        return
    say(f"Wrote {target}: {manifest.about['entries']} entries of the log, {len(manifest.files)} files.")
    if persons:
        say(f"Wrote content about persons, NOT encrypted, to {persons}: move it safely and destroy it after use.")


def load_export(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(help="The export.")],
    into: Annotated[Path, typer.Option(help="Folder for the node; it must not exist.")],
    persons: Annotated[Path | None, typer.Option(help="The set with content about persons, if there is one.")] = None,
    key: Annotated[str, typer.Option(help="Public key of the old node; default: the one in the export.")] = "",
    name: Annotated[str, typer.Option(help="Name of the new node; default: that of the old one.")] = "",
    database: Annotated[str, typer.Option(help="Address of an empty PostgreSQL database; default: SQLite.")] = "",
    as_json: Json = False,
) -> None:
    """Make a node of an export.

    The log is the same, entry by entry, under the root that the old node signed; the new node has a key of its own.
    """
    from eendracht.kernel.export import load_export as load
    from eendracht.kit.output import print_json, say

    frame = frame_of(context)
    frame.require_operator()

    def create(folder: Path, called: str) -> Instance:
        return frame.wiring.create(folder, called, database or None)

    loaded = load(source, into, create, name=name, persons=persons, key=key)
    if as_json:
        figures = {"entries": loaded.entries, "items": loaded.items, "root": loaded.root, "key": loaded.key}
        print_json({"folder": str(loaded.folder), "node": loaded.node, **figures})
        return
    say(f"Made a node in {into}: {loaded.entries} entries, the same tree as {loaded.node} signed.")
    if loaded.items:
        say(f"{loaded.items} items about persons are in its vault, under new keys.")
    say(f"The export was signed by {loaded.key}" + ("." if key else ": compare that with the key of the old node."))


def find_subject(
    context: typer.Context,
    scheme: Annotated[
        list[str],
        typer.Option(help="What the person gives: email, name, bsn; again for more, which must all fit."),
    ],
    purpose: Annotated[str, typer.Option(help="Why: a code or the ref of a ground, such as gdpr-art-15.")],
    as_json: Json = False,
) -> None:
    """Find the pseudonym of a person who exercises a right.

    What the person gave is asked for, or read from standard input, a line per scheme: never an argument, which would
    stay in the history of the shell. The search is journalled with its purpose.
    """
    from dataclasses import asdict

    from eendracht.kit.output import print_json, print_table, say

    frame = frame_of(context)
    frame.require_operator()
    given = {name: _ask_in_silence(name) for name in scheme}
    with frame.opened() as instance:
        principal = frame.principal(instance)
        subjects = instance.vault.search_subjects(given, purpose, principal)
        kept = {subject: instance.vault.list_items(subject, purpose, principal) for subject in subjects}
        dutch = instance.settings.language == "nl"
    if as_json:
        print_json(
            {
                "purpose": purpose,
                "schemes": list(given),
                "subjects": [
                    {"subject": subject, "items": [asdict(item) for item in items]} for subject, items in kept.items()
                ],
            }
        )
        return
    if not kept:
        say("Niemand in de kluis past hierbij." if dutch else "Nobody in the vault fits this.")
    for subject, items in kept.items():
        say(f"{subject}: {len(items)} " + ("stukken" if dutch else "items"))
        headers = ("soort", "voor", "grondslag", "bewaard tot") if dutch else ("kind", "for", "ground", "kept until")
        print_table(headers, [(item.kind, item.controller, item.ground, item.retain_until) for item in items])
    if len(kept) > 1:
        say(
            "Meer dan één: vraag een tweede kenmerk (--scheme)."
            if dutch
            else "More than one: ask for another --scheme."
        )


def _ask_in_silence(name: str) -> str:
    """Read what must not be seen on the screen nor kept by the shell."""
    from eendracht.kernel.errors import UsageFault

    text = typer.prompt(name, hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline()
    if not str(text).strip():
        raise UsageFault(f"Nothing was given for {name}", hint="Type it, or send it on standard input, a line each.")
    return str(text).strip()


def destroy(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="Ref or uid of a record; leave out with --subject.")] = None,
    ground: Annotated[
        str, typer.Option(help="Law and article, or selection list; goes into the history for good.")
    ] = "",
    by: Annotated[str, typer.Option(help="Role that decided, never a person; goes into the history for good.")] = "",
    generation: Annotated[list[int] | None, typer.Option(help="Only these versions of the record.")] = None,
    subject: Annotated[str | None, typer.Option(help="Pseudonym of a subject of the vault; see find-subject.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Destroy without asking.")] = False,
    as_json: Json = False,
) -> None:
    """Destroy a record, or all that is kept of a person.

    Prints the declaration of destruction.
    """
    from eendracht.kernel.errors import UsageFault
    from eendracht.kit.output import print_json, say

    frame = frame_of(context)
    frame.require_operator()
    if (name is None) == (subject is None):
        raise UsageFault("Name a record or a --subject, one of the two")
    what = name or f"everything of subject {subject}"
    if not yes and not typer.confirm(f"Destroy {what}? This cannot be undone."):
        say("Nothing was destroyed.")
        return
    with frame.opened() as instance:
        if subject is not None:
            declaration = instance.destruction.destroy_subject(subject, ground=ground, by=by)
        else:
            generations = generation or ()
            declaration = instance.destruction.destroy_record(name or "", ground=ground, by=by, generations=generations)
        instance.history.sign()
        if as_json:
            print_json(declaration.as_dict())
        else:
            say(declaration.text(instance.settings.language))
