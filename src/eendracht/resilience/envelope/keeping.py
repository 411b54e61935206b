"""Making a crisis envelope, and keeping the last ones: written whole or not at all, for its owner only."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import parse_moment
from eendracht.kernel.errors import Fault, InvalidInput, StorageFailure
from eendracht.kernel.ledger.staging import sync_path
from eendracht.kernel.private import FILE_MODE, FOLDER_MODE
from eendracht.resilience.envelope.sealing import PublicKey, seal_files

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance

KIND: Final = "crisis-envelope"
"""The kind of the job, under which every envelope in the folder is noted, whoever made it."""
KEPT: Final = 7
ENDING: Final = ".envelope"
_MOST_KEY_BYTES: Final = 200_000


@dataclass(frozen=True, slots=True)
class Made:
    """A sealed envelope, and what can be said of it without opening it: counts, moment and position."""

    sealed: bytes
    about: Mapping[str, Any]

    @property
    def file_name(self) -> str:
        """The name under which it is kept; names sort by moment."""
        return f"{KIND}-{parse_moment(self.about['madeAt']).strftime('%Y%m%dT%H%M%SZ')}{ENDING}"


def read_recipients(path: Path) -> list[PublicKey]:
    """Read a file of public keys, one on each line; empty lines and those that begin with # are passed over.

    Raises InvalidInput with every fault, OSError where the file cannot be read.
    """
    with path.open("rb") as source:
        text = source.read(_MOST_KEY_BYTES).decode("utf-8", "replace")
    keys: dict[str, PublicKey] = {}
    faults = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            key = PublicKey.parse(line)
        except InvalidInput as error:
            place, nl = f"{path.name} › regel {number}", "Dit is geen publieke sleutel van een ontvanger"
            hint = "Make one: eendracht resilience envelope make-key."
            faults.append(Fault(place, "no-recipient", nl, error.detail, hint))
        else:
            keys[key.key_id] = key
    if not keys and not faults:
        nl, en = "Er staat geen sleutel in", "There is no key in it"
        faults.append(Fault(path.name, "no-recipients", nl, en))
    if faults:
        raise InvalidInput(f"{path.name}: {len(faults)} fault(s)", faults=faults)
    return list(keys.values())


def make_envelope(
    instance: Instance, asker: Principal, *, passphrase: str = "", keys: Sequence[PublicKey] = ()
) -> Made:
    """Gather the content as the asker sees it now and seal it; raises InvalidInput as `seal_files` does."""
    from eendracht.resilience.envelope.content import gather_content
    from eendracht.resilience.envelope.rendering import render_files

    if asker.is_operator:
        # A disk that is full keeps nobody from an envelope elsewhere: then the last checkpoint goes in.
        with contextlib.suppress(StorageFailure):
            instance.history.sign()
    data = gather_content(instance, asker)
    told = {"node": data["node"], "madeAt": data["madeAt"]}
    sealed = seal_files(render_files(data), told, passphrase=passphrase, keys=keys)
    about = {
        "madeAt": data["madeAt"],
        "position": data["position"],
        "bytes": len(sealed),
        "recipients": len(keys) + bool(passphrase),
        "contacts": len(data["contacts"]),
        "steps": len(data["recovery"]["steps"]),
        "services": len(data["services"]),
        "withoutPaper": len(data["withoutPaper"]),
        "tooOldHours": instance.settings.envelope_hours,
    }
    return Made(sealed, about)


def keep_envelope(folder: Path, made: Made) -> Path:
    """Write an envelope into a folder and let go of all but the last seven; raises StorageFailure.

    Nothing is let go of before the new one is on disk.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    except OSError as error:
        raise StorageFailure(f"{folder}: {error.strerror}") from error
    path = folder / made.file_name
    write_whole(path, made.sealed)
    for old in list_envelopes(folder)[:-KEPT]:
        with contextlib.suppress(OSError):
            old.unlink()
    return path


def list_envelopes(folder: Path) -> list[Path]:
    """Give the envelopes of a folder, the oldest first."""
    return sorted(folder.glob(f"{KIND}-*{ENDING}")) if folder.is_dir() else []


def write_whole(path: Path, content: bytes) -> None:
    """Put a file in its place at once, for its owner only; raises StorageFailure, and what was there stays."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_path(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise StorageFailure(f"{path}: {error.strerror}; what was there stays") from error
