"""What an import has to tell its sender: which file it was and what was wrong in it; protected, and kept for a week.

The name of a file, and what a fault quotes of a cell, may be about a person. So neither stands in the row of the job.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import orjson

from eendracht.kernel.clock import Clock
from eendracht.kernel.errors import Fault
from eendracht.kernel.private import FILE_MODE
from eendracht.kernel.uploads import KEPT_DAYS, Upload

MOST_FAULTS: Final = 1_000
"""How many faults a report holds; the counts of the job tell how many there are."""
_NAME: Final = "import.json"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The file, the profile with which it was read, the source that it is, and its faults."""

    file: str
    profile: str
    system: str
    faults: Sequence[Fault]


def keep_report(folder: Path, upload: Upload, system: str, faults: Sequence[Fault]) -> None:
    """Keep what an import has to tell in the protected folder of its job; again gives the same."""
    said = {
        "file": upload.name,
        "profile": upload.profile,
        "system": system,
        "faults": [fault.as_dict() for fault in faults[:MOST_FAULTS]],
    }
    temporary = folder / f"{_NAME}.part"
    temporary.touch(FILE_MODE)
    temporary.write_bytes(orjson.dumps(said))
    temporary.replace(folder / _NAME)


def read_report(folder: Path, clock: Clock) -> ImportReport | None:
    """Give what was kept, for who asked for the job only; None where nothing is, or it was kept long enough."""
    path = folder / _NAME
    if not path.is_file() or _is_old(path, clock):
        return None
    said: dict[str, Any] = orjson.loads(path.read_bytes())
    faults = [
        Fault(item["pointer"], item["code"], item["message"]["nl"], item["message"]["en"], item["hint"])
        for item in said["faults"]
    ]
    return ImportReport(said["file"], said["profile"], said["system"], faults)


def sweep_reports(folder: Path, clock: Clock) -> int:
    """Throw away what was kept long enough of all jobs in a folder, and give how many that were."""
    old = [path for path in folder.glob(f"*/{_NAME}") if _is_old(path, clock)]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _is_old(path: Path, clock: Clock) -> bool:
    before = clock.now().astimezone(UTC) - timedelta(days=KEPT_DAYS)
    return datetime.fromtimestamp(path.stat().st_mtime, UTC) < before
