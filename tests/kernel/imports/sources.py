"""Small makers of outside files for the tests of the readers."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from eendracht.kernel.imports import OWNER, SourceRow
from eendracht.kernel.kinds import Registry, shared_kinds
from eendracht.kernel.records import Prepared, prepare

REGISTRY = Registry(shared_kinds())


def write_text(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    """Write a text file in an encoding."""
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def write_xlsx(folder: Path, name: str, rows: Sequence[Sequence[Any]], sheet: str = "Blad1") -> Path:
    """Write a workbook of one sheet."""
    book = Workbook()
    active = book.active
    assert active is not None
    active.title = sheet
    for row in rows:
        active.append(list(row))
    path = folder / name
    book.save(path)
    return path


def rewrite_part(path: Path, part: str, body: bytes) -> None:
    """Replace one part of a zip archive."""
    source = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            target.writestr(info.filename, body if info.filename == part else source.read(info.filename))


def prepare_row(row: SourceRow) -> Prepared:
    """Resolve each mention to a made-up ref and validate the row as reconciliation will."""
    spec = {name: list(value) if isinstance(value, list) else value for name, value in row.spec.items()}
    lists = {path.path[0] for path in REGISTRY.get(row.kind).relations if path.path[1:] == ("*",)}
    for mention in row.mentions:
        assert mention.key or mention.name
        ref = "organisation:gm0000" if mention.key == OWNER else f"{mention.kind}:gm0000/mentioned"
        if mention.field in lists:
            spec.setdefault(mention.field, []).append(ref)
        else:
            spec[mention.field] = ref
    draft = {
        "ref": f"{row.kind}:gm0000/x",
        "owner": "organisation:gm0000",
        "validFrom": row.valid_from.isoformat() if row.valid_from else None,
        "validUntil": row.valid_until.isoformat() if row.valid_until else None,
        "source": {"type": "import", "date": date(2026, 1, 1).isoformat(), "key": row.key, "place": row.place},
        "spec": spec,
    }
    return prepare(draft, REGISTRY)
