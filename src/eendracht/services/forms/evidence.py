"""Files that somebody adds to a correction before it is handed in: checked, kept in the vault for a month, removable.

A file lies encrypted under the person whom the correction is about, with its name and kind in an item of its own beside
it, so that a page opens no file to name it. One that was taken away is gone from every page at once, and destroyed
once a day: a destruction rewrites the file of the vault. The journal tells ids alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import IO, Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import today
from eendracht.kernel.errors import Fault, NotFound
from eendracht.kernel.instance import Instance
from eendracht.services.forms.claims import read_items
from eendracht.services.forms.extracts import OWN_REQUEST, author_for
from eendracht.services.forms.facts import Ask
from eendracht.services.forms.file_types import MOST_BYTES, FileType, check_file
from eendracht.services.forms.retention import DRAFT_EVIDENCE, DRAFT_FILE

PURPOSE: Final = "application"
STREAM: Final = "evidence"
"""The journal stream of which files were taken away: ids of the vault."""
MOST_FILES: Final = 5
"""How many files show one correction."""
MOST_WAITING_BYTES: Final = MOST_FILES * MOST_BYTES
"""How much may wait for one person, over all corrections that are not handed in."""
MOST_STORED_BYTES: Final = 4 * MOST_WAITING_BYTES
MOST_STORED_FILES: Final = 100
"""How much may lie there for one person, with what was taken away and is not destroyed yet."""
_AT_ONCE: Final = 1_000
_LONGEST_NAME: Final = 100
_swept_on: dict[Path, tuple[date, int]] = {}


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file as a form brings it: the name that it claims, how large it is, and as much of it as was kept."""

    name: str
    size: int
    content: IO[bytes]


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file that waits: the item of the vault that names it, the one that holds it, and what it is."""

    id: str
    file: str
    form: str
    ask: Ask
    name: str = field(repr=False)
    media_type: str = ""
    size: int = 0
    sha256: str = ""

    @property
    def size_kilobyte(self) -> int:
        """How large it is, in whole kilobytes of 1,000 bytes, at least one."""
        return max(1, round(self.size / 1_000))


@dataclass(frozen=True, slots=True)
class Waiting:
    """The files of one person that wait, over all forms, and how much lies in the vault with what was taken away."""

    files: tuple[EvidenceFile, ...] = ()
    stored_files: int = 0
    stored_bytes: int = 0

    def of(self, form: str, ask: Ask) -> list[EvidenceFile]:
        """Give the files of one correction in a form, in the order in which they were added."""
        return [item for item in self.files if item.form == form and item.ask == ask]


def list_waiting(instance: Instance, subject: str, asker: Principal) -> Waiting:
    """Give the files that were added and not taken away, the oldest first, as far as the asker may see them."""
    return gather_waiting(read_items(instance.vault, subject, DRAFT_EVIDENCE, asker, PURPOSE))


def gather_waiting(items: Iterable[tuple[str, str, Mapping[str, Any]]]) -> Waiting:
    """Give the files of items that were read (id, controller, content), the oldest first."""
    found: dict[str, EvidenceFile] = {}
    removed: set[str] = set()
    for item, _, content in items:
        if content["event"] == "removed":
            removed.add(content["evidence"])
        else:
            found[item] = _read(item, content)
    files = tuple(item for item in found.values() if item.id not in removed)
    return Waiting(files, len(found), sum(item.size for item in found.values()))


def _read(item: str, content: Mapping[str, Any]) -> EvidenceFile:
    ask = Ask(content["fact"], "partner" if content["whose"] == "partner" else "me")
    name, media_type = content["fileName"], content["mediaType"]
    return EvidenceFile(
        item, content["file"], content["form"], ask, name, media_type, content["size"], content["sha256"]
    )


def add_file(
    instance: Instance, subject: str, form: str, ask: Ask, given: GivenFile, waiting: Waiting, controller: str
) -> Fault | None:
    """Keep a file with a correction, and give what is wrong with it where it is not kept; the same one again is there.

    Raises what `Vault.put` raises.
    """
    content = given.content.read(MOST_BYTES + 1)
    checked = check_file(given.name, given.size, content)
    if isinstance(checked, Fault):
        return checked
    digest = hashlib.sha256(content).hexdigest()
    there = waiting.of(form, ask)
    if any(item.sha256 == digest for item in there):
        return None
    fault = _find_full(there, waiting, given.size)
    if fault is not None:
        return fault
    author = author_for(controller)
    put = partial(instance.vault.put, subject, controller=controller, ground=OWN_REQUEST, author=author)
    described = {
        "event": "added",
        "form": form,
        "fact": ask.name,
        "whose": ask.whose,
        "file": put(DRAFT_FILE, content),
        "fileName": name_file(given.name, checked),
        "mediaType": checked.media_type,
        "size": given.size,
        "sha256": digest,
    }
    put(DRAFT_EVIDENCE, described)
    return None


def _find_full(there: Sequence[EvidenceFile], waiting: Waiting, size: int) -> Fault | None:
    told = ("", "")
    if len(there) >= MOST_FILES:
        told = ("Hier zitten al 5 bestanden bij. Haal er eerst een weg", "There are 5 files already. Remove one first")
    elif sum(item.size for item in waiting.files) + size > MOST_WAITING_BYTES:
        told = (
            "Samen mogen de bestanden 50 MB zijn. Haal er een weg, of dien eerst in wat u heeft",
            "Together the files may be 50 MB. Remove one, or first hand in what you have",
        )
    elif waiting.stored_files >= MOST_STORED_FILES or waiting.stored_bytes + size > MOST_STORED_BYTES:
        told = (
            "U heeft vandaag te veel bestanden toegevoegd en weggehaald. Probeer het morgen weer",
            "You added and removed too many files today. Try again tomorrow",
        )
    return Fault("/evidence-file", "too-many-files", *told) if told[0] else None


def name_file(name: str, checked: FileType) -> str:
    """Give the name under which a file goes on, which ends as its content says."""
    stem, _, suffix = name.rpartition(".")
    if suffix.casefold() in checked.suffixes and stem:
        return name[-_LONGEST_NAME:]
    return f"{name.strip('.')[:_LONGEST_NAME] or 'bestand'}.{checked.suffixes[0]}"


def open_file(instance: Instance, found: EvidenceFile, asker: Principal) -> bytes:
    """Give the content of a file that waits; raises NotFound."""
    content = instance.vault.get(found.file, PURPOSE, asker)
    if not isinstance(content, bytes):
        raise NotFound("There is no such file")
    return content


def remove_files(instance: Instance, subject: str, files: Iterable[EvidenceFile], controller: str) -> None:
    """Take files away: from every page at once, and from the vault at a turn of the upkeep within a day."""
    author = author_for(controller)
    for found in files:
        content = {"event": "removed", "evidence": found.id}
        instance.vault.put(subject, DRAFT_EVIDENCE, content, controller=controller, ground=OWN_REQUEST, author=author)
        instance.journal.append(STREAM, [{"event": "remove", "items": [found.id, found.file], "asker": author.name}])


def tend_evidence(instance: Instance) -> None:
    """Destroy what was taken away, once a day."""
    day, folder = today(instance.store.clock), instance.settings.folder
    swept_on, start = _swept_on.get(folder, (date.min, 0))
    if swept_on == day or not instance.settings.vault_folder.exists():
        return
    while lines := instance.journal.read(STREAM, start):
        named = [item for line in lines for item in line.content["items"]]
        there = [item.id for item in instance.vault.describe(items=named)]
        for at in range(0, len(there), _AT_ONCE):
            part = there[at : at + _AT_ONCE]
            instance.destruction.destroy_items(part, ground="AVG, art. 5.1.e", by="services/forms")
        start = lines[-1].position + 1
    _swept_on[folder] = (day, start)


UPKEEP: Final = (tend_evidence,)
