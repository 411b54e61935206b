"""Files that came in by the pages: in a protected folder, seen by who sent them only, until recorded or thrown away."""

from __future__ import annotations

import re
import secrets
import shutil
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Final

import orjson

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import Clock, timestamp
from eendracht.kernel.errors import NotFound, StorageFailure
from eendracht.kernel.imports.mapping import Mapping, load_mapping
from eendracht.kernel.private import FILE_MODE, make_private_folder

KEPT_DAYS: Final = 7
"""After so many days a file that nobody recorded is thrown away."""
_ID: Final = re.compile(r"[0-9a-f]{32}")
_UNSAFE: Final = re.compile(r"[^\w.() -]", re.ASCII)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came in: the name it had, for which organisation, and what it needs to be read."""

    id: str
    name: str
    owner: str
    sent_by: str
    sent_at: str
    size: int
    profile: str = ""
    system: str = ""


class Uploads:
    """The files of one node."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def save(
        self, source: IO[bytes], name: str, owner: str, asker: Principal, profile: str = "", system: str = ""
    ) -> Upload:
        """Keep a file under a name that is safe on any disk, and give its id; raises StorageFailure."""
        self.sweep()
        upload = Upload(
            secrets.token_hex(16), safe_name(name), owner, asker.name, timestamp(self._clock.now()), 0, profile, system
        )
        folder = self._folder / upload.id
        try:
            make_private_folder(folder)
            path = folder / upload.name
            with path.open("xb") as target:
                path.chmod(FILE_MODE)
                shutil.copyfileobj(source, target, 1 << 20)
            upload = replace(upload, size=path.stat().st_size)
            (folder / "upload.json").write_bytes(orjson.dumps(asdict(upload)))
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise StorageFailure(f"The file could not be kept: {error.strerror}") from error
        return upload

    def get(self, name: str, asker: Principal) -> Upload:
        """Give a file that the asker sent; raises NotFound."""
        path = self._folder / name / "upload.json"
        if not _ID.fullmatch(name) or not path.is_file():
            raise NotFound("There is no such file", hint="Send it again: files are kept for a week.")
        upload = Upload(**orjson.loads(path.read_bytes()))
        if upload.sent_by != asker.name:
            raise NotFound("There is no such file", hint="Send it again: files are kept for a week.")
        return upload

    def path_of(self, upload: Upload) -> Path:
        """Give where the file lies."""
        return self._folder / upload.id / upload.name

    def mapping_of(self, upload: Upload) -> Mapping | None:
        """Give the mapping that its sender confirmed; None where there is none yet."""
        path = self._folder / upload.id / "mapping.yaml"
        return load_mapping(path) if path.is_file() else None

    def save_mapping(self, upload: Upload, mapping: Mapping | None) -> None:
        """Keep the mapping that was confirmed, or take it back."""
        path = self._folder / upload.id / "mapping.yaml"
        if mapping is None:
            path.unlink(missing_ok=True)
        else:
            path.write_text(mapping.as_yaml(), "utf-8")

    def discard(self, name: str) -> None:
        """Throw the file of an id away; one that is gone stays gone."""
        if _ID.fullmatch(name):
            shutil.rmtree(self._folder / name, ignore_errors=True)

    def sweep(self) -> int:
        """Throw away what was kept long enough, and give how many that were."""
        before = self._clock.now().astimezone(UTC) - timedelta(days=KEPT_DAYS)
        old = [
            folder
            for folder in (self._folder.iterdir() if self._folder.is_dir() else ())
            if datetime.fromtimestamp(folder.stat().st_mtime, UTC) < before
        ]
        for folder in old:
            shutil.rmtree(folder, ignore_errors=True)
        return len(old)


def safe_name(name: str) -> str:
    """Give the last part of a file name without what means something to a disk, a shell or a page."""
    last = re.split(r"[\\/]", name)[-1]
    cleaned = _UNSAFE.sub("_", last).strip(" .")[-100:].lstrip(" .-")
    return cleaned if cleaned not in ("", "upload.json", "mapping.yaml") else f"bestand-{cleaned}"
