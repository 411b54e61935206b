"""The floor plan that every wing follows: what it brings to the house, each part named and loaded when it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from eendracht.kernel.priorities import PRIORITIES

Part = Literal[
    "kinds",
    "retention",
    "flows",
    "jobs",
    "upkeep",
    "findings",
    "tasks",
    "routes",
    "pages",
    "commands",
    "personas",
    "demo",
]


@dataclass(frozen=True, slots=True)
class Wing:
    """One wing: its name (a priority), what its commands are about, and where each part of it stands.

    A part is an import string `package.module:NAME`, empty where the wing has none. What stands there:

    - `kinds`: tuple of `kernel.kinds.Kind`, its record kinds;
    - `retention`: tuple of `kernel.vault.RetentionRule`, how long content about persons is kept;
    - `flows`: tuple of functions from the node to `kernel.flows.Flow`s: every connection that the wing makes or takes,
      for the adoption file, also what is not set;
    - `jobs`: tuple of `kernel.jobs.JobKind`;
    - `upkeep`: tuple of functions of the node that a running server calls at each turn of its upkeep: brief, and the
      same again does no harm;
    - `findings`: tuple of functions from `briefing.Scope` to `Finding`s;
    - `tasks`: tuple of functions from `briefing.Scope` and the asker to `Task`s that follow from no finding;
    - `routes`: a FastAPI router, mounted under `/v1`;
    - `pages`: tuple of `kit.pages.Page`; their templates stand in `templates/` beside that module;
    - `commands`: a Typer application, which becomes the command group of that name; `groups` are further ones, each
      with its name, what its commands are about, and where it stands;
    - `personas`: tuple of `kit.personas.Persona` for a demonstration;
    - `demo`: function that fills a demonstration, once its personas are there, with made-up content about them; it may
      run again on a node that it has filled, and may give settings that the demonstration needs.

    `translations` names a package and a folder in it, `package:folder`, laid out as `kit/locale` is.
    """

    name: str
    about: str = ""
    kinds: str = ""
    retention: str = ""
    flows: str = ""
    jobs: str = ""
    upkeep: str = ""
    findings: str = ""
    tasks: str = ""
    routes: str = ""
    pages: str = ""
    commands: str = ""
    groups: tuple[tuple[str, str, str], ...] = ()
    personas: str = ""
    demo: str = ""
    translations: str = ""

    def __post_init__(self) -> None:
        if self.name not in PRIORITIES:
            raise ValueError(f"wing {self.name}: no such priority")

    def load(self, part: Part) -> Any:
        """Give a part, an empty tuple where the wing has none; raises ImportError or AttributeError that names it."""
        place: str = getattr(self, part)
        return _import(place) if place else ()

    @property
    def command_groups(self) -> dict[str, tuple[str, Callable[[], Any]]]:
        """The command groups of the wing by name: what each is about, and what loads its Typer application."""
        own = ((self.name, self.about, self.commands),) if self.commands else ()
        return {name: (about, partial(_import, place)) for name, about, place in (*own, *self.groups)}

    @property
    def locale_folder(self) -> Path | None:
        """Where the words of the wing stand."""
        package, _, folder = self.translations.partition(":")
        file = import_module(package).__file__ if package else None
        return Path(file).parent / folder if file else None

    @property
    def templates_package(self) -> str:
        """The package beside whose pages the templates stand; empty for a wing without pages."""
        return self.pages.partition(":")[0].rpartition(".")[0]


def _import(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def load_parts(wings: Iterable[Wing], part: Part) -> Iterator[Any]:
    """Yield the parts of this sort of all wings, one by one."""
    for wing in wings:
        yield from wing.load(part)
