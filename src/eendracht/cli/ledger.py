"""Commands on the history: verify, checkpoint, proof, check-proof."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eendracht.kit.commands import Json, frame_of

app = typer.Typer(help="Prove the history, and check proofs.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def verify(context: typer.Context, as_json: Json = False) -> None:
    """Check the whole history; exit 1 at the first broken entry."""
    from eendracht.kit.output import print_json, progress_bar, say

    with frame_of(context).opened() as instance:
        found = instance.history.verify(progress_bar("entries", as_json))
        broken = {"rv": found.broken.rv, "why": found.broken.why} if found.broken else None
        if as_json:
            print_json(
                {
                    "holds": found.holds,
                    "entries": found.entries,
                    "erased": found.erased,
                    "signed": found.signed,
                    "epoch": found.epoch,
                    "broken": broken,
                }
            )
        elif found.broken:
            say(f"BROKEN at entry {found.broken.rv}: {found.broken.why}.")
        else:
            say(f"The history holds: {found.entries} entries, {found.erased} destroyed on record.")
            say(f"Signed up to {found.signed} by a checkpoint outside the database (epoch {found.epoch}).")
            if found.signed < found.entries:
                say(f"{found.entries - found.signed} entries were not signed yet: eendracht ledger checkpoint.")
    if not found.holds:
        raise typer.Exit(1)


@app.command()
def checkpoint(context: typer.Context, as_json: Json = False) -> None:
    """Sign the log and print the checkpoint, a C2SP signed note."""
    from eendracht.kit.output import print_json, say

    with frame_of(context).opened() as instance:
        signed = instance.history.sign()
        note = signed.note.encode().decode()
        if as_json:
            print_json({"origin": signed.checkpoint.origin, "size": signed.checkpoint.size, "note": note})
        else:
            say(note.rstrip("\n"))


@app.command()
def proof(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Ref, uid, or a position in the log; with --since a log size.")],
    since: Annotated[int | None, typer.Option(help="Prove that the log only grew since this size.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the proof file here instead of to standard output.")] = None,
    as_json: Json = False,
) -> None:
    """Write a proof that anyone can check without a node.

    The proof is JSON with or without --json.
    """
    from eendracht.kit.output import say

    frame = frame_of(context)
    with frame.opened() as instance:
        if since is not None:
            document = instance.history.prove_growth(since, int(name) if name.isdigit() else None).encode()
        else:
            rv = int(name) if name.isdigit() else instance.store.get(name, frame.principal(instance)).rv
            document = instance.history.prove_entry(rv).encode()
    if out is None:
        say(document.decode().rstrip("\n"))
    else:
        out.write_bytes(document)
        if not as_json:
            say(f"Wrote {out}; check it anywhere: eendracht ledger check-proof {out}")


@app.command("check-proof")
def check_proof(
    file: Annotated[Path, typer.Argument(help="Proof file, or - for standard input.")], as_json: Json = False
) -> None:
    """Judge a proof without a node.

    Exit 0 right, 1 wrong, 2 unreadable.
    """
    import sys

    from eendracht.kernel.errors import UnreadableFile
    from eendracht.kernel.ledger.proof import EXIT_UNREADABLE
    from eendracht.kernel.ledger.proof import check_proof as judge
    from eendracht.kit.output import complain, print_json, say

    try:
        document = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        verdict = judge(document)
    except UnreadableFile as error:
        complain(error, as_json=as_json)
        raise typer.Exit(EXIT_UNREADABLE) from error
    except OSError as error:
        complain(UnreadableFile(f"{file}: {error.strerror}"), as_json=as_json)
        raise typer.Exit(EXIT_UNREADABLE) from error
    if as_json:
        print_json({"kind": verdict.kind, "right": verdict.right, "reason": verdict.reason})
    else:
        say(f"{verdict.kind}: {'right' if verdict.right else 'WRONG: ' + verdict.reason}")
    raise typer.Exit(verdict.exit_code)
