"""What every command shares, of the frame and of wings: the node that is meant, who asks, and how errors end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

if TYPE_CHECKING:
    from eendracht.config import Settings
    from eendracht.kernel.access import Principal
    from eendracht.kernel.adoption import Facts
    from eendracht.kernel.instance import Instance
    from eendracht.kernel.rules.grounds import Ground
    from eendracht.kernel.store import Store
    from eendracht.kernel.wing import Wing
    from eendracht.kit.i18n import Language

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


class Wiring(Protocol):
    """What the entry point hands in; see `eendracht.bootstrap`."""

    wings: tuple[Wing, ...]

    def settings(self, folder: Path | None) -> Settings:
        """Read the settings of a folder."""
        ...

    def open(self, folder: Path | None = None) -> Instance:
        """Open the node in a folder."""
        ...

    def create(self, folder: Path | None = None, name: str | None = None, database: str | None = None) -> Instance:
        """Make a node in a folder."""
        ...

    def open_store(self, settings: Settings) -> Store:
        """Open only the records of a node."""
        ...

    def serve(self, instance: Instance) -> None:
        """Serve pages and API."""
        ...

    def write_adoption_file(self, instance: Instance, target: Path, language: Language) -> Facts:
        """Write the adoption file of a node."""
        ...

    def work(self, instance: Instance) -> None:
        """Run jobs."""
        ...


@dataclass
class Frame:
    """The call as a whole: where the node is, and as whom to look."""

    wiring: Wiring
    folder: Path | None = None
    asker: str | None = None

    @contextmanager
    def opened(self) -> Iterator[Instance]:
        """Open the node for one command."""
        with self.wiring.open(self.folder) as instance:
            yield instance

    @contextmanager
    def opened_if_any(self) -> Iterator[Instance | None]:
        """Open the node for a command that also runs without; None where nobody named a node and there is none.

        Raises NotFound where a folder or a principal was named, in the call or by EENDRACHT_FOLDER, and no node is
        there.
        """
        from eendracht.kernel.errors import NotFound

        is_named = self.folder is not None or self.asker is not None or bool(os.environ.get("EENDRACHT_FOLDER"))
        try:
            instance = self.wiring.open(self.folder)
        except NotFound:
            if is_named:
                raise
            yield None
            return
        with instance:
            yield instance

    def principal(self, instance: Instance) -> Principal:
        """Give who asks: the operator, or the principal of `--as`. Raises NotFound for one that is not known."""
        from eendracht.kernel.access import OPERATOR, PUBLIC

        if self.asker is None:
            return OPERATOR
        if self.asker == PUBLIC.name:
            return PUBLIC
        from eendracht.kernel.credentials import find_principal

        return find_principal(instance.store, self.asker)

    def require_operator(self) -> None:
        """Refuse a call on behalf of someone else; raises Denied."""
        if self.asker is not None:
            from eendracht.kernel.errors import Denied

            raise Denied("Only the operator of the node may do this", hint="Leave --as out, on the machine itself.")


def read_ground(frame: Frame, name: str) -> Ground:
    """Give a ground from a JSON or YAML file of this name, or from the record of this ref as far as the asker sees it.

    Raises NotFound, InvalidInput for a file that cannot be read.
    """
    import yaml

    from eendracht.kernel.errors import Fault, InvalidInput
    from eendracht.kernel.rules.grounds import ground_from, ground_of

    file = Path(name)
    if not file.is_file():
        with frame.opened() as instance:
            return ground_of(instance.store.get(name, frame.principal(instance)))
    try:
        return ground_from(yaml.safe_load(file.read_bytes()))
    except yaml.YAMLError as error:
        fault = Fault(file.name, "unreadable-file", "Dit is geen JSON of YAML", "This is neither JSON nor YAML")
        raise InvalidInput(f"{file} cannot be read", faults=[fault]) from error


def frame_of(context: typer.Context) -> Frame:
    """Give the frame that the root command made."""
    frame = context.find_object(Frame)
    assert frame is not None
    return frame
