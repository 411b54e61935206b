"""What the commands on rules share: their options, and which laws they read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eendracht.kit.commands import frame_of

if TYPE_CHECKING:
    from eendracht.kernel.rules import Library
    from eendracht.kit.i18n import Language

Laws = Annotated[
    list[Path] | None,
    typer.Option("--laws", help="Folder or file of laws, may be repeated; default: the rulebook.", metavar="DIR"),
]
Day = Annotated[str, typer.Option("--date", help="Date on which the law is asked (YYYY-MM-DD); default: today.")]
Parameters = Annotated[
    list[str] | None,
    typer.Option("--param", help='Parameter of the case; k="v" stays text. May be repeated.', metavar="K=V"),
]
Data = Annotated[
    list[Path] | None,
    typer.Option("--data", help="Registers of the case, JSON or YAML, each register with its rows.", metavar="FILE"),
]
LawName = Annotated[str, typer.Argument(help="Id of the law.", metavar="LAW")]
Outputs = Annotated[list[str], typer.Argument(help="Outputs to compute.", metavar="OUTPUT...")]


def load_laws(paths: Sequence[Path] | None) -> Library:
    """Read the laws of the folders, or of the rulebook that ships; raises InvalidInput with every fault."""
    from eendracht.kernel.rules import Library
    from eendracht.rulebook import rulebook_folder

    chosen = list(paths or (rulebook_folder(),))
    library = Library.load(chosen)
    require_found(library.regulations, "law files", chosen)
    return library


def language(context: typer.Context) -> Language:
    """Give the language of the node's settings, also where there is no node yet."""
    frame = frame_of(context)
    return "en" if frame.wiring.settings(frame.folder).language == "en" else "nl"


def mode_named(name: str) -> Any:
    """Give the mode for untranslatable articles; raises UsageFault for a name that is none."""
    from typing import get_args

    from eendracht.kernel.errors import UsageFault
    from eendracht.kernel.rules.outcome import Mode

    if name not in get_args(Mode):
        raise UsageFault(f"There is no mode '{name[:40]}'", hint=f"Choose one of {', '.join(get_args(Mode))}.")
    return name


def today_text() -> str:
    """Give the date of today as text."""
    from eendracht.kernel.clock import SystemClock, today

    return today(SystemClock()).isoformat()


def list_files(paths: Sequence[Path], suffix: str) -> list[Path]:
    """Give the files, and those with this ending below the folders, each once."""

    def walk() -> Iterator[Path]:
        for path in paths:
            yield from sorted(path.rglob(f"*{suffix}")) if path.is_dir() else (path,)

    found = list(dict.fromkeys(walk()))
    require_found(found, f"{suffix} files", paths)
    return found


def require_found(found: Any, what: str, paths: Sequence[Path]) -> None:
    """Raise NotFound where the paths hold nothing of what is wanted."""
    from eendracht.kernel.errors import NotFound

    if not found:
        raise NotFound(f"There are no {what} in {', '.join(map(str, paths))}", hint="Name the folder that holds them.")
