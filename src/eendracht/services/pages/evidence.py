"""The files with the corrections of one visit to a form: added, taken away, shown, and handed in with the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import Fault
from eendracht.kernel.instance import Instance
from eendracht.kit.pages import UploadedFile
from eendracht.services.forms.evidence import (
    EvidenceFile,
    GivenFile,
    Waiting,
    add_file,
    list_waiting,
    remove_files,
)
from eendracht.services.forms.facts import Ask
from eendracht.services.forms.form import Form
from eendracht.services.forms.session import Turn

_NOTHING_CHOSEN = Fault("/evidence-file", "no-file", "Kies eerst een bestand", "Choose a file first")


class EvidenceDesk:
    """The files of one person with one form; `subject` is empty for who is not signed in, who has none.

    `reader` gives as whom they are read: somebody who acts for another learns of a new controller with the first file.
    """

    def __init__(self, instance: Instance, form: str, subject: str, reader: Callable[[], Principal]) -> None:
        self._instance = instance
        self._form = form
        self._subject = subject
        self._reader = reader
        self._known: Waiting | None = None

    @property
    def reader(self) -> Principal:
        """As whom the files are read."""
        return self._reader()

    @property
    def _waiting(self) -> Waiting:
        if self._known is None:
            self._known = list_waiting(self._instance, self._subject, self.reader) if self._subject else Waiting()
        return self._known

    def files_of(self, asks: Sequence[Ask]) -> Mapping[Ask, Sequence[EvidenceFile]]:
        """Give the files of these corrections; without any correction nothing is looked up."""
        return {ask: self._waiting.of(self._form, ask) for ask in asks}

    def take(self, turn: Turn, file: UploadedFile | None, form: Form, controller: str) -> Fault | None:
        """Do with files what a button asks, and give what is wrong with the one that came."""
        if turn.ask is None or not self._subject:
            return None
        if turn.action == "drop":
            self.forget([turn.ask], controller)
        if turn.action == "detach":
            chosen = [item for item in self._waiting.of(self._form, turn.ask) if item.id == turn.about]
            self._remove(chosen, controller)
        if turn.action not in ("attach", "claim"):
            return None
        if file is None or not (file.name or file.size):
            return _NOTHING_CHOSEN if turn.action == "attach" else None
        if form.facts.find(turn.ask) is None:
            # Nothing that a register says is corrected, so there is nothing to show.
            return None
        given = GivenFile(file.name, file.size, file.content)
        fault = add_file(self._instance, self._subject, self._form, turn.ask, given, self._waiting, controller)
        self._known = None
        return fault

    def forget(self, asks: Sequence[Ask], controller: str) -> None:
        """Take all files of these corrections away."""
        self._remove([item for files in self.files_of(asks).values() for item in files], controller)

    def _remove(self, files: Sequence[EvidenceFile], controller: str) -> None:
        if files:
            remove_files(self._instance, self._subject, files, controller)
            self._known = None
