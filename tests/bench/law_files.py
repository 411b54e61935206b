"""Makes many law files of real size: the given corpus again and again, with ids of their own that still connect."""

from __future__ import annotations

import re
from pathlib import Path

CORPUS = Path(__file__).parents[3] / "shared" / "reference" / "services" / "regelrecht" / "corpus"
_CHARACTER = re.compile(rb"(legal_character: *\w+)")
_ID = re.compile(rb"^\$id: *(\S+)", re.MULTILINE)


def write_law_files(folder: Path, count: int) -> int:
    """Write so many law files below a folder; gives their bytes together."""
    sources = [path.read_bytes() for path in sorted(CORPUS.rglob("*.yaml"))]
    ids = {found[1] for data in sources if (found := _ID.search(data))}
    names = re.compile(rb"\b(" + b"|".join(sorted(map(re.escape, ids), key=len, reverse=True)) + rb")\b")
    written = 0
    for number in range(count):
        copy, at = divmod(number, len(sources))
        data = names.sub(rb"\1_%d" % copy, sources[at])
        # Each copy has decisions of its own: else every general act would fire on every decision.
        data = _CHARACTER.sub(rb"\1_%d" % copy, data)
        path = folder / f"{copy:04d}" / f"{at:02d}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        written += len(data)
    return written
