"""Turns CSV files and workbooks into plain tables: the header found, titles and totals set aside and said so."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from eendracht.kernel.errors import Fault
from eendracht.kernel.imports.bounds import read_bytes, refuse
from eendracht.kernel.imports.delimited import read_delimited
from eendracht.kernel.imports.rows import join_place
from eendracht.kernel.imports.sheets import RawSheet
from eendracht.kernel.imports.workbook import read_workbook

HEADER_SEARCH_ROWS: Final = 40
MAX_MERGED_CELLS: Final = 1_000_000
_TOTAL = re.compile(r"(sub|eind)?tota(a)?l(en)?\b.*|som|grand total|aantal rijen\b.*", re.IGNORECASE)
_OLE2: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP: Final = b"PK\x03\x04"


class TableRow(NamedTuple):
    """A row of data: its number in the file, counted from 1, and one cell per column."""

    number: int
    cells: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Table:
    """A header and the rows under it."""

    file: str
    sheet: str
    header_row: int
    columns: tuple[str, ...]
    """Unique names; a repeated header gets the band above it, or a number."""
    rows: list[TableRow] = field(repr=False)
    notes: tuple[Fault, ...] = ()
    epoch_1904: bool = False
    row_word: str = "rij"
    """What a row is called in a place."""

    @property
    def place(self) -> str:
        """File and sheet."""
        return join_place(self.file, self.sheet)

    def place_of(self, row: int, column: str = "") -> str:
        """Give the place of a row or cell: `applicaties.xlsx › Blad1 › rij 12 › kolom Leverancier`."""
        return join_place(self.file, self.sheet, f"{self.row_word} {row}", f"kolom {column}" if column else "")


def read_tables(path: Path, is_header: Callable[[str], bool] | None = None) -> list[Table]:
    """Give every table of a CSV file or workbook; sheets without one are left out.

    `is_header` tells of a cell whether it is a known column name, which helps to find the header below title rows.
    Raises UnreadableFile for other formats (with how to save them), and for what breaks the bounds.
    """
    data = read_bytes(path)
    sheets = read_sheets(data, path.name)
    tables = [table for sheet in sheets if (table := lay_out(sheet, path.name, is_header)) is not None]
    if not tables:
        raise refuse(
            path.name,
            "no-table",
            "Er is geen tabel met een kopregel gevonden",
            "No table with a header row was found",
            "Put the column names in one row above the data.",
        )
    return tables


def read_sheets(data: bytes, file: str) -> list[RawSheet]:
    """Give the raw sheets; the content decides the format, not the extension."""
    if data.startswith(_OLE2):
        raise refuse(
            file,
            "old-excel",
            "Dit is een oud of versleuteld Excel-bestand (.xls)",
            "This is an old or encrypted Excel file (.xls)",
            "Open it in Excel or LibreOffice, remove any password, and save it as 'Excel workbook (.xlsx)'.",
        )
    if not data.startswith(_ZIP):
        return [read_delimited(data, file)]
    if b"application/vnd.oasis.opendocument" in data[:200]:
        raise refuse(
            file,
            "open-document",
            "Dit is een OpenDocument-rekenblad (.ods)",
            "This is an OpenDocument spreadsheet (.ods)",
            "Open it in LibreOffice and save it as 'Excel 2007-365 (.xlsx)' or as CSV.",
        )
    return read_workbook(data, file)


def lay_out(sheet: RawSheet, file: str, is_header: Callable[[str], bool] | None = None) -> Table | None:
    """Find the header and the data under it, or None where the sheet holds no table."""
    rows = [(number, [_clean(cell) for cell in cells]) for number, cells in sheet.rows]
    rows = [row for row in rows if any(cell is not None for cell in row[1])]
    start = _find_header(rows, is_header)
    if start is None:
        return None
    header_row, header = rows[start]
    place = join_place(file, sheet.name)
    notes = list(sheet.notes)
    if start:
        notes.append(
            _note(
                join_place(place, f"rij {header_row}"),
                "title-rows",
                f"Kopregel gevonden op rij {header_row}; {start} rij(en) erboven overgeslagen",
                f"Header found in row {header_row}; {start} row(s) above it were skipped",
            )
        )
    body = rows[start + 1 :]
    _fill_merged(sheet, body, place)
    width = max((len(cells) for _, cells in body), default=0)
    used = _used_columns(header, body, max(width, len(header)))
    names = _name_columns(header, rows[start - 1][1] if start else [], sheet, header_row, used)
    kept = _drop_decoration(sheet, header, body, place, notes)
    data = [TableRow(number, _pick(cells, used)) for number, cells in kept]
    return Table(file, sheet.name, header_row, names, data, tuple(notes), sheet.epoch_1904)


def _note(place: str, code: str, nl: str, en: str) -> Fault:
    return Fault(place, code, nl, en)


def _clean(cell: Any) -> Any:
    if isinstance(cell, str):
        text = cell.replace("\xa0", " ").strip() if cell else ""
        return text or None
    return cell


def _pick(cells: list[Any], used: list[int]) -> list[Any]:
    size = len(cells)
    return [cells[index] if index < size else None for index in used]


def _find_header(rows: list[tuple[int, list[Any]]], is_header: Callable[[str], bool] | None) -> int | None:
    best, best_score = None, 0.0
    widest = max((sum(cell is not None for cell in cells) for _, cells in rows[:HEADER_SEARCH_ROWS]), default=0)
    for index, (_, cells) in enumerate(rows[:HEADER_SEARCH_ROWS]):
        filled = [cell for cell in cells if cell is not None]
        texts = [cell for cell in filled if isinstance(cell, str) and len(cell) <= 80 and not cell[0].isdigit()]
        known = sum(is_header(text) for text in texts) if is_header else 0
        if len(filled) < min(2, widest) or len(set(texts)) * 2 < len(texts):
            continue
        score = len(texts) - 2.0 * (len(filled) - len(texts)) + 3.0 * known
        if score > best_score:
            best, best_score = index, score
    return best


def _fill_merged(sheet: RawSheet, body: list[tuple[int, list[Any]]], place: str) -> None:
    """Repeat the value of vertically merged cells on each row, as a reader of the sheet sees it."""
    by_number = dict(body)
    numbers = [number for number, _ in body]
    filled = 0
    for merged in sheet.merges:
        top = by_number.get(merged.first_row)
        column = merged.first_column - 1
        if merged.last_row == merged.first_row or top is None or column >= len(top):
            continue
        for position in range(bisect_right(numbers, merged.first_row), bisect_right(numbers, merged.last_row)):
            cells = body[position][1]
            cells.extend([None] * (column + 1 - len(cells)))
            cells[column] = top[column]
            filled += 1
            if filled > MAX_MERGED_CELLS:
                raise refuse(
                    place,
                    "too-many-merges",
                    f"Meer dan {MAX_MERGED_CELLS:,} samengevoegde cellen",
                    f"More than {MAX_MERGED_CELLS:,} merged cells",
                    "Undo the merging of cells in the sheet and save it again.",
                )


def _used_columns(header: list[Any], body: list[tuple[int, list[Any]]], width: int) -> list[int]:
    filled = [index < len(header) and header[index] is not None for index in range(width)]
    for _, cells in body:
        for index, cell in enumerate(cells):
            if cell is not None:
                filled[index] = True
    return [index for index in range(width) if filled[index]]


def _name_columns(
    header: list[Any], above: list[Any], sheet: RawSheet, header_row: int, used: list[int]
) -> tuple[str, ...]:
    names = [_header_name(header, index) for index in used]
    repeated = {name for name, count in Counter(names).items() if count > 1}
    result: list[str] = []
    for index, name in zip(used, names, strict=True):
        if name in repeated:
            band = _band_above(above, sheet, header_row, index)
            name = f"{band} {name}" if band else name
        unique, number = name, 2
        while unique in result:
            unique, number = f"{name} ({number})", number + 1
        result.append(unique)
    return tuple(result)


def _header_name(header: list[Any], index: int) -> str:
    value = header[index] if index < len(header) else None
    return " ".join(str(value).split()) if value is not None else f"kolom {column_letter(index)}"


def column_letter(index: int) -> str:
    """Give the letters of a column as spreadsheets show them; 0 is A."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _band_above(above: list[Any], sheet: RawSheet, header_row: int, index: int) -> str:
    for merged in sheet.merges:
        inside = merged.first_column <= index + 1 <= merged.last_column
        if merged.last_row == header_row - 1 and inside and merged.first_column <= len(above):
            band = above[merged.first_column - 1]
            return str(band) if band is not None else ""
    return ""


def _drop_decoration(
    sheet: RawSheet, header: list[Any], body: list[tuple[int, list[Any]]], place: str, notes: list[Fault]
) -> list[tuple[int, list[Any]]]:
    """Leave out repeated headers, section bars, totals and footnotes, each with a note."""
    bars = {merged.first_row for merged in sheet.merges if merged.last_column - merged.first_column >= 2}
    titles = [cell for cell in header if cell is not None]
    kept: list[tuple[int, list[Any]]] = []
    last = len(body) - 1
    previous = 0
    for position, (number, cells) in enumerate(body):
        filled = [cell for cell in cells if cell is not None]
        why = ""
        if not filled:
            continue
        if filled == titles:
            why = "herhaalde kopregel|repeated header"
        elif number in bars and len(filled) == 1 and len(titles) > 2:
            why = "tussenkop|section heading"
        elif isinstance(filled[0], str) and len(filled) * 2 <= max(len(titles), 4) and _TOTAL.fullmatch(filled[0]):
            why = "totaalregel|totals row"
        elif len(filled) == 1 and len(titles) > 2 and last - position < 5 and _after_gap(body, position, previous):
            why = "voetnoot|footnote"
        if why:
            nl, en = why.split("|")
            notes.append(
                _note(
                    join_place(place, f"rij {number}"),
                    en.replace(" ", "-"),
                    f"Overgeslagen: {nl}",
                    f"Skipped: {en}",
                )
            )
        else:
            kept.append((number, cells))
            previous = number
    return kept


def _after_gap(body: list[tuple[int, list[Any]]], position: int, previous: int) -> bool:
    """Tell whether an empty row separates the row, and all after it, from the data."""
    rest = body[position:]
    lonely = all(sum(cell is not None for cell in cells) <= 1 for _, cells in rest)
    return lonely and previous > 0 and body[position][0] - previous > 1
