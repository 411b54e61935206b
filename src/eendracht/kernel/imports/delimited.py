"""Reads delimited text (CSV and its kin) into raw rows; the delimiter follows from the content."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from eendracht.kernel.errors import Fault
from eendracht.kernel.imports.bounds import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, refuse
from eendracht.kernel.imports.decoding import decode_text
from eendracht.kernel.imports.sheets import RawSheet, refuse_columns, refuse_rows

DELIMITERS: Final = (";", "\t", ",", "|")
_SAMPLE_RECORDS: Final = 60


def read_delimited(data: bytes, file: str) -> RawSheet:
    """Give the rows of a CSV file with the line on which each begins.

    A first line `sep=;` (as Excel writes it) is obeyed. Raises UnreadableFile for an encoding that does not fit, a
    quote that is never closed, too many columns or rows.
    """
    text, encoding = decode_text(data, file)
    skipped = 0
    first = text[:8].splitlines()[0] if text else ""
    if first.lower().startswith("sep=") and len(first) == 5:
        delimiter = first[4]
        text = text[text.index("\n") + 1 :] if "\n" in text else ""
        skipped = 1
    else:
        delimiter = detect_delimiter(text)
    notes: list[Fault] = []
    if encoding != "utf-8":
        notes.append(
            Fault(file, "encoding", f"Gelezen als {encoding}", f"Read as {encoding}", "Check the accented letters.")
        )
    try:
        rows = list(_records(text, delimiter, skipped, file, strict=True))
    except _StrayQuote as stray:
        notes.append(
            Fault(
                f"{file} › rij {stray.line}",
                "stray-quote",
                "Aanhalingstekens midden in een veld; gelezen zoals het er staat",
                "Quotes in the middle of a field; read as it stands",
                "Check this row.",
            )
        )
        rows = list(_records(text, delimiter, skipped, file, strict=False))
    return RawSheet("", rows, notes=tuple(notes))


def detect_delimiter(text: str) -> str:
    """Give the delimiter under which the first records have the most even width; `;` where there is only one column."""
    best, best_score = ";", (0.0, 0)
    for delimiter in DELIMITERS:
        reader = csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=delimiter)
        try:
            widths = Counter(len(row) for row in islice(reader, _SAMPLE_RECORDS) if any(row))
        except csv.Error:
            continue
        wide = {width: count for width, count in widths.items() if width > 1}
        if wide:
            width, count = max(wide.items(), key=lambda item: (item[1], item[0]))
            score = (count / sum(widths.values()), width)
            if score > best_score:
                best, best_score = delimiter, score
    return best


class _StrayQuote(Exception):
    def __init__(self, line: int) -> None:
        self.line = line
        super().__init__(line)


def _records(text: str, delimiter: str, skipped: int, file: str, *, strict: bool) -> Iterator[tuple[int, list[Any]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    line = skipped + 1
    cells = count = 0
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _csv_error(error, line, file) from error
        if record:
            if len(record) > MAX_COLUMNS:
                raise refuse_columns(f"{file} › rij {line}", len(record))
            count += 1
            cells += len(record)
            if count > MAX_ROWS or cells > MAX_CELLS:
                raise refuse_rows(file)
            yield line, list(record)
        line = reader.line_num + skipped + 1


def _csv_error(error: csv.Error, line: int, file: str) -> Exception:
    message = str(error)
    if "expected after" in message:
        return _StrayQuote(line)
    if "unexpected end" in message or "field limit" in message:
        return refuse(
            f"{file} › rij {line}",
            "unclosed-quote",
            "Een aanhalingsteken wordt niet gesloten, of een veld is langer dan 131.072 tekens",
            "A quote is never closed, or a field is longer than 131,072 characters",
            "Look at this row: double a quote that belongs to the text, or remove it.",
        )
    return refuse(f"{file} › rij {line}", "malformed-csv", "Deze rij is geen CSV", f"This row is not CSV ({message})")
