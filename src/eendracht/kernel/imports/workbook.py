"""Reads Excel workbooks (.xlsx, .xlsm) into raw sheets, with an archive that is checked before it is opened.

The zip directory may lie, so every part is inflated once in small pieces against what the directory says: only an
honest archive of bounded size reaches openpyxl. Values of formulas are those that Excel saved.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from typing import IO, Any, Final
from xml.etree.ElementTree import Element, ParseError
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from defusedxml import DefusedXmlException

from eendracht.kernel.errors import Fault, UnreadableFile
from eendracht.kernel.imports.bounds import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, MAX_UNPACKED_BYTES, refuse
from eendracht.kernel.imports.sheets import CellError, MergedRange, RawSheet, refuse_columns, refuse_rows

MAX_RATIO: Final = 250
"""Unpacked to packed; real sheets of repeated rows stay under 100, a bomb of zeros reaches 1,030."""
MAX_PARTS: Final = 5_000
_PIECE: Final = 1 << 18
_ENCRYPTED: Final = 0x1
_LOCAL_HEADER: Final = struct.Struct("<4sHHHHHIIIHH")


def read_workbook(data: bytes, file: str) -> list[RawSheet]:
    """Give the visible and hidden sheets of a workbook, in their order.

    Raises UnreadableFile for a bomb, a lying or cut-off archive, encryption, entities, or more columns, rows or cells
    than the bounds.
    """
    check_archive(data, file)
    # Imported here: only workbooks need it, and it takes a fifth of a second.
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            sheets = [_read_sheet(book, sheet, file) for sheet in book.worksheets]
            book.close()
    except (BadZipFile, ParseError, KeyError, IndexError, ValueError, TypeError, OSError, AttributeError) as error:
        if isinstance(error, DefusedXmlException) or isinstance(error.__cause__, DefusedXmlException):
            raise refuse(
                file,
                "xml-entities",
                "De werkmap bevat een DTD of entiteiten; die worden geweigerd",
                "The workbook holds a DTD or entities, which are refused",
                "Open it in Excel and save it again as .xlsx.",
            ) from error
        raise refuse(
            file,
            "malformed-workbook",
            "Dit is geen geldige Excel-werkmap",
            f"This is not a valid Excel workbook ({type(error).__name__})",
            "Open it in Excel and save it again as .xlsx.",
        ) from error
    return sheets


def check_archive(data: bytes, file: str) -> None:
    """Check that a zip archive is whole, honest and of bounded size, or raise UnreadableFile.

    Each part is inflated in pieces of 256 KB and must end exactly where the directory says.
    """
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (BadZipFile, ValueError, NotImplementedError, struct.error) as error:
        raise refuse(
            file,
            "malformed-archive",
            "Het bestand is afgebroken of geen zip-archief",
            "The file is cut off or is no zip archive",
            "Download or save it again as .xlsx.",
        ) from error
    total = sum(part.file_size for part in parts)
    if len(parts) > MAX_PARTS or total > MAX_UNPACKED_BYTES:
        raise _bomb(file, f"it unpacks to {total:,} bytes in {len(parts):,} parts")
    for part in parts:
        if part.file_size > max(1_000_000, part.compress_size * MAX_RATIO):
            raise _bomb(f"{file} › {part.filename[:80]}", f"{part.compress_size:,} bytes unpack to {part.file_size:,}")
        _check_part(data, part, file)


def _bomb(place: str, why: str) -> UnreadableFile:
    return refuse(
        place,
        "zip-bomb",
        "Het bestand is uitgepakt veel te groot",
        f"The file is far too large once unpacked: {why}",
        "Remove empty formatted rows and unused sheets, and save it again.",
    )


def _lie(place: str) -> UnreadableFile:
    return refuse(
        place,
        "lying-archive",
        "De inhoud klopt niet met de inhoudsopgave van het zip-bestand",
        "The content does not match the directory of the zip file",
        "Do not trust this file; ask for a fresh export.",
    )


def _check_part(data: bytes, part: ZipInfo, file: str) -> None:
    place = f"{file} › {part.filename[:80]}"
    if part.flag_bits & _ENCRYPTED:
        raise refuse(
            place, "encrypted", "Het bestand is versleuteld", "The file is encrypted", "Remove the password and save."
        )
    header = data[part.header_offset : part.header_offset + _LOCAL_HEADER.size]
    if len(header) < _LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
        raise _lie(place)
    name_length, extra_length = _LOCAL_HEADER.unpack(header)[-2:]
    begin = part.header_offset + _LOCAL_HEADER.size + name_length + extra_length
    packed = memoryview(data)[begin : begin + part.compress_size]
    if len(packed) != part.compress_size or part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise _lie(place)
    if part.compress_type == ZIP_STORED:
        size, checksum = len(packed), zlib.crc32(packed)
    else:
        size, checksum = _inflate(packed, part.file_size, place)
    if size != part.file_size or checksum != part.CRC:
        raise _lie(place)


def _inflate(packed: memoryview, promised: int, place: str) -> tuple[int, int]:
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    size = checksum = position = 0
    pending = b""
    while not engine.eof:
        if not pending:
            pending = bytes(packed[position : position + _PIECE])
            position += len(pending)
        try:
            piece = engine.decompress(pending, _PIECE)
        except zlib.error as error:
            raise _lie(place) from error
        pending = engine.unconsumed_tail
        size += len(piece)
        checksum = zlib.crc32(piece, checksum)
        if size > promised or (not piece and not pending and position >= len(packed) and not engine.eof):
            raise _lie(place)
    return size, checksum


def _read_sheet(book: Any, sheet: Any, file: str) -> RawSheet:
    place = f"{file} › {sheet.title}"
    rows: list[tuple[int, list[Any]]] = []
    cells = 0
    with book._archive.open(sheet._worksheet_path) as source:
        parser = _sheet_parser(source, book, sheet._shared_strings)
        for number, row in parser.walk():
            filled = [cell for cell in row if cell["value"] is not None]
            if not filled:
                continue
            width = filled[-1]["column"]
            if width > MAX_COLUMNS:
                raise refuse_columns(f"{place} › rij {number}", width)
            cells += width
            if number > MAX_ROWS or cells > MAX_CELLS:
                raise refuse_rows(place)
            values: list[Any] = [None] * width
            for cell in filled:
                values[cell["column"] - 1] = _plain(cell)
            rows.append((number, values))
    notes: tuple[Fault, ...] = ()
    if sheet.sheet_state != "visible":
        notes = (
            Fault(place, "hidden-sheet", "Dit blad is verborgen", "This sheet is hidden", "Check that it counts."),
        )
    return RawSheet(sheet.title, rows, tuple(parser.merges), notes, book.epoch.year == 1904)


def _plain(cell: dict[str, Any]) -> Any:
    value = cell["value"]
    if cell["data_type"] == "e":
        return CellError(str(value))
    if isinstance(value, str):
        # Excel writes control characters as _x000D_ (ECMA-376 part 1, 22.9.2.19).
        return value.replace("_x000D_", "").replace("\xa0", " ")
    return value


def _sheet_parser(source: IO[bytes], book: Any, strings: list[str]) -> Any:
    from defusedxml.ElementTree import iterparse
    from openpyxl.utils.cell import range_boundaries
    from openpyxl.worksheet._reader import FORMULA_TAG, ROW_TAG, VALUE_TAG, WorkSheetParser
    from openpyxl.xml.constants import SHEET_MAIN_NS

    merge_tag = f"{{{SHEET_MAIN_NS}}}mergeCell"

    class SheetParser(WorkSheetParser):
        """Rows and merged ranges in one pass: the public read-only sheet gives neither merges nor lost outcomes."""

        merges: list[MergedRange]

        def walk(self) -> Iterator[tuple[int, list[dict[str, Any]]]]:
            self.merges = []
            for _, element in iterparse(self.source, forbid_dtd=True):
                if element.tag == ROW_TAG:
                    yield self.parse_row(element)
                    element.clear()
                elif element.tag == merge_tag:
                    left, top, right, bottom = (int(edge or 0) for edge in range_boundaries(element.get("ref")))
                    self.merges.append(MergedRange(top, left, bottom, right))

        def parse_cell(self, element: Element) -> dict[str, Any]:
            cell: dict[str, Any] = super().parse_cell(element)
            if cell["value"] is None and element.find(FORMULA_TAG) is not None:
                saved = element.find(VALUE_TAG)
                if saved is None or element.get("t") != "str":
                    cell["value"] = CellError("formula", is_formula=True)
            return cell

    return SheetParser(source, strings, True, book.epoch, book._date_formats, book._timedelta_formats)
