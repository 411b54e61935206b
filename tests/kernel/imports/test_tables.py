"""Tables as they really look: titles, merged cells, doubled headers, totals, encodings, delimiters."""

from __future__ import annotations

import time
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from eendracht.kernel.errors import UnreadableFile
from eendracht.kernel.imports.delimited import detect_delimiter
from eendracht.kernel.imports.sheets import CellError
from eendracht.kernel.imports.tables import column_letter, read_tables
from eendracht.kernel.imports.vocabulary import is_header
from tests.kernel.imports.sources import write_text, write_xlsx

CSV = "Naam;Leverancier\nCafé-systeem;Één B.V.\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_every_usual_encoding(tmp_path: Path, encoding: str) -> None:
    (table,) = read_tables(write_text(tmp_path, "a.csv", CSV, encoding))
    assert table.columns == ("Naam", "Leverancier")
    assert [list(row.cells) for row in table.rows] == [["Café-systeem", "Één B.V."]]


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_every_usual_delimiter(tmp_path: Path, delimiter: str) -> None:
    text = f"Naam{delimiter}Bedrag\nA{delimiter}1\nB{delimiter}2\n"
    (table,) = read_tables(write_text(tmp_path, "a.csv", text))
    assert table.columns == ("Naam", "Bedrag")
    assert detect_delimiter(text) == delimiter


def test_decimal_commas_do_not_pass_for_delimiters() -> None:
    assert detect_delimiter("Naam;Bedrag\nA;1,50\nB;2,75\nC;3,10\n") == ";"


def test_quoted_newlines_keep_the_row_numbers_right(tmp_path: Path) -> None:
    path = write_text(tmp_path, "a.csv", 'sep=;\r\nNaam;Tekst\r\nA;"een\r\ntwee"\r\nB;drie\r\n')
    (table,) = read_tables(path)
    assert [row.number for row in table.rows] == [3, 5]
    assert table.place_of(5, "Tekst") == "a.csv › rij 5 › kolom Tekst"


def test_stray_quotes_are_read_and_said(tmp_path: Path) -> None:
    (table,) = read_tables(write_text(tmp_path, "a.csv", 'Naam;Plaats\n"De Hoek" Bakkerij;Assen\nB;Breda\n'))
    assert len(table.rows) == 2
    assert [note.code for note in table.notes] == ["stray-quote"]


def test_unclosed_quote_names_its_row(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_tables(write_text(tmp_path, "a.csv", 'Naam;Plaats\nA;Assen\n"B;Breda\nC;Ede\n'))
    assert caught.value.faults[0].pointer == "a.csv › rij 3"


def test_workbook_as_it_really_looks(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Applicaties"
    sheet["A1"] = "Overzicht 2026"
    sheet.merge_cells("A1:E1")
    sheet["A3"], sheet["C3"] = "Applicatie", "Leverancier"
    sheet.merge_cells("A3:B3")
    sheet.merge_cells("C3:D3")
    for column, title in zip("ABCDF", ["Naam ", "Status", "Naam", "Plaats", "Sinds"], strict=True):
        sheet[f"{column}4"] = title
    for row, values in enumerate([("A", "live", "X BV", "Assen"), ("B", None, None, None), ("C", None, None, None)], 5):
        for column, value in zip("ABCD", values, strict=True):
            sheet[f"{column}{row}"] = value
        sheet[f"F{row}"] = date(2020, 1, row)
    sheet.merge_cells("C5:C7")
    sheet["A8"] = "Sectie"
    sheet.merge_cells("A8:D8")
    for column, title in zip("ABCDF", ["Naam ", "Status", "Naam", "Plaats", "Sinds"], strict=True):
        sheet[f"{column}9"] = title
    sheet["A10"], sheet["B10"] = "Totaal", 3
    sheet["A12"] = "* bron: uitvraag"
    book.create_sheet("Leeg")
    book.save(tmp_path / "a.xlsx")
    (table,) = read_tables(tmp_path / "a.xlsx", is_header)
    assert table.header_row == 4
    assert table.columns == ("Applicatie Naam", "Status", "Leverancier Naam", "Plaats", "Sinds")
    assert [list(row.cells)[:3] for row in table.rows] == [
        ["A", "live", "X BV"],
        ["B", None, "X BV"],
        ["C", None, "X BV"],
    ]
    assert table.rows[0].cells[4] == datetime(2020, 1, 5)  # noqa: DTZ001
    assert {note.code for note in table.notes} == {
        "title-rows",
        "section-heading",
        "repeated-header",
        "totals-row",
        "footnote",
    }


def test_text_like_a_formula_stays_text_and_formulas_without_outcome_are_marked(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Naam", "Bedrag", "Tekst"])
    sheet.append(["A", "=1+1", "@plus"])
    sheet.append(["B", "#N/A", None])
    sheet["C3"].value = "=HYPERLINK(1)"
    sheet["C3"].data_type = "s"
    sheet["B3"].data_type = "e"
    book.save(tmp_path / "a.xlsx")
    (table,) = read_tables(tmp_path / "a.xlsx")
    assert table.rows[0].cells == ["A", CellError("formula", is_formula=True), "@plus"]
    assert table.rows[1].cells == ["B", CellError("#N/A"), "=HYPERLINK(1)"]


def test_repeated_headers_without_a_band_are_numbered(tmp_path: Path) -> None:
    (table,) = read_tables(write_xlsx(tmp_path, "a.xlsx", [["Naam", "Opmerking", "Opmerking"], ["A", "b", "c"]]))
    assert table.columns == ("Naam", "Opmerking", "Opmerking (2)")


@pytest.mark.parametrize(("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_column_letters(index: int, letters: str) -> None:
    assert column_letter(index) == letters


def test_old_and_open_formats_are_refused_with_the_way_out(tmp_path: Path) -> None:
    old = tmp_path / "a.xls"
    old.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    with pytest.raises(UnreadableFile, match="xls") as caught:
        read_tables(old)
    assert ".xlsx" in caught.value.hint
    ods = tmp_path / "a.ods"
    ods.write_bytes(b"PK\x03\x04" + b"\0" * 26 + b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet")
    with pytest.raises(UnreadableFile, match="ods") as caught:
        read_tables(ods)
    assert ".xlsx" in caught.value.hint


def test_hundred_thousand_rows_take_seconds(tmp_path: Path) -> None:
    lines = ["Nummer;Naam;Leverancier;Status;Kosten per jaar;Ingangsdatum;Omschrijving"]
    lines += [
        f"{n};Applicatie {n};Leverancier {n % 500} B.V.;In gebruik;{n % 9_000},50;{n % 28 + 1:02d}-0{n % 9 + 1}-2024;"
        f"Regel {n}"
        for n in range(100_000)
    ]
    path = write_text(tmp_path, "groot.csv", "\n".join(lines))
    from eendracht.kernel.imports import read_file

    begin = time.perf_counter()
    reading = read_file(path, "applications")
    assert len(reading.rows) == 100_000
    assert not reading.faults
    assert time.perf_counter() - begin < 20
