"""The root of the command line: global options, the groups, and the exit codes (1 failed, 2 usage, 3 denied)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from eendracht.cli import access, estate, imports, jobs, keeping, ledger, node, records, rules, wings
from eendracht.kit.commands import Frame, Wiring

app = typer.Typer(
    name="eendracht",
    cls=wings.RootGroup,
    help="Dutch public bodies working as one government: one estate, one rulebook, six priorities.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for part in (node, records, imports, estate, keeping, jobs):
    part.register(app)
app.add_typer(ledger.app, name="ledger")
app.add_typer(access.app, name="access")
app.add_typer(rules.app, name="rules")
app.add_typer(wings.app, name="wings")


def run(wiring: Wiring) -> None:
    """Run one command and exit: 0 done, 1 failed, 2 put wrongly, 3 denied."""
    frame = Frame(wiring)
    try:
        app(obj=frame, prog_name="eendracht")
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        from eendracht.kernel.errors import EendrachtError, UnreadableFile
        from eendracht.kit.output import complain

        if isinstance(error, OSError) and error.filename is not None:
            error = UnreadableFile(f"{error.filename}: {error.strerror}", hint="Check the path and who may use it.")
        if not isinstance(error, EendrachtError):
            raise
        # Wherever it fails, also before the command has read its options.
        complain(error, as_json="--json" in sys.argv)
        sys.exit(error.exit_code)


@app.callback()
def root(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Option(help="Folder of the node; default: $EENDRACHT_FOLDER or node-data.", metavar="FOLDER")
    ] = None,
    asker: Annotated[
        str | None, typer.Option("--as", help="Look as this principal, or as 'public'.", metavar="NAME")
    ] = None,
) -> None:
    """Dutch public bodies working as one government: one estate, one rulebook, six priorities."""
    frame = context.find_object(Frame)
    if frame is not None:
        frame.folder, frame.asker = folder, asker
