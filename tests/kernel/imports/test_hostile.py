"""Malformed and hostile files: a clear refusal with place and hint, in bounded time and memory."""

from __future__ import annotations

import io
import json
import resource
import struct
import time
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from eendracht.kernel.errors import EendrachtError, UnreadableFile
from eendracht.kernel.imports import load_mapping, read_file
from eendracht.kernel.imports.tables import read_tables
from eendracht.kernel.imports.workbook import check_archive
from tests.kernel.imports.sources import rewrite_part, write_text, write_xlsx

SHEET = "xl/worksheets/sheet1.xml"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def refusal(path: Path, profile: str | None = "applications") -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read_file(path, profile)
    assert caught.value.faults
    assert caught.value.faults[0].pointer.startswith(path.name)
    assert caught.value.faults[0].hint
    return caught.value


def test_undecodable_bytes_name_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("Naam;Plaats\nCafé;Assen\nB".encode() + b"\xff;Ede\n")
    assert refusal(path).faults[0].pointer == "a.csv › regel 3, teken 2"
    path.write_bytes(b"Naam;Plaats\nA\x81;Assen\n")
    assert refusal(path).faults[0].pointer == "a.csv › regel 2, teken 2"
    path.write_bytes(b"Naam;Plaats\nA\x07;Assen\n")
    assert refusal(path).faults[0].code == "not-text"


def test_ten_thousand_columns(tmp_path: Path) -> None:
    names = [f"Kolom {n}" for n in range(10_000)]
    csv = write_text(tmp_path, "a.csv", ";".join(names) + "\n" + ";".join("x" * 10_000) + "\n")
    assert refusal(csv).faults[0].code == "too-many-columns"
    xlsx = write_xlsx(tmp_path, "b.xlsx", [names, ["x"] * 10_000])
    fault = refusal(xlsx).faults[0]
    assert fault.code == "too-many-columns"
    assert fault.pointer == "b.xlsx › Blad1 › rij 1"


def test_zip_bomb_is_refused_before_it_is_inflated(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path, "a.xlsx", [["Naam"], ["A"]])
    rewrite_part(path, SHEET, b" " * 150_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refusal(path).faults[0].code == "zip-bomb"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_many_parts_that_add_up_are_a_bomb(tmp_path: Path) -> None:
    body = io.BytesIO()
    block = bytes(range(256)) * 4_000
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(210):
            archive.writestr(f"p{number}", block)
    with pytest.raises(UnreadableFile, match="unpacks to"):
        check_archive(body.getvalue(), "a.xlsx")


@pytest.mark.parametrize("honest_checksum", [True, False])
def test_lying_directory(tmp_path: Path, honest_checksum: bool) -> None:
    """A directory that promises 100 bytes before a stream of 80 MB, with the checksum of those first 100 bytes."""
    path = tmp_path / "a.xlsx"
    payload = b" " * 80_000_000
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", payload)
    raw = bytearray(path.read_bytes())
    central = raw.rindex(b"PK\x01\x02")
    checksum = zlib.crc32(payload[:100]) if honest_checksum else 1
    struct.pack_into("<I", raw, central + 16, checksum)
    struct.pack_into("<I", raw, central + 24, 100)
    path.write_bytes(raw)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refusal(path).faults[0].code == "lying-archive"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.99])
def test_truncated_workbook(tmp_path: Path, kept: float) -> None:
    path = write_xlsx(tmp_path, "a.xlsx", [["Naam"], *([f"A{n}"] for n in range(500))])
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    assert refusal(path).faults[0].code in ("malformed-archive", "lying-archive")


def test_broken_bytes_inside_a_part(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path, "a.xlsx", [["Naam"], *([f"A{n}"] for n in range(500))])
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(SHEET)
    middle = info.header_offset + 60 + info.compress_size // 2
    data[middle : middle + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    assert refusal(path).faults[0].code == "lying-archive"


def test_entities_in_a_workbook(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path, "a.xlsx", [["Naam"], ["A"]])
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
        f'<worksheet {MAIN}><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row>'
        "</sheetData></worksheet>"
    )
    rewrite_part(path, SHEET, bomb.encode())
    assert refusal(path).faults[0].code == "xml-entities"
    rewrite_part(path, SHEET, bomb.encode("utf-16"))
    assert refusal(path).faults[0].code == "xml-entities"


@pytest.mark.parametrize(
    "body",
    [
        b"<worksheet",
        f'<worksheet {MAIN}><sheetData><row r="x"><c r="A1"><v>1</v></c></row></sheetData></worksheet>'.encode(),
        f'<worksheet {MAIN}><sheetData><row r="1"><c r="A1" t="s"><v>99</v></c></row></sheetData></worksheet>'.encode(),
        f'<worksheet {MAIN}><sheetData><row r="1"><c r="1A"><v>1</v></c></row></sheetData></worksheet>'.encode(),
        f'<worksheet {MAIN}><sheetData/><mergeCells><mergeCell ref="?"/></mergeCells></worksheet>'.encode(),
    ],
)
def test_malformed_sheets(tmp_path: Path, body: bytes) -> None:
    path = write_xlsx(tmp_path, "a.xlsx", [["Naam"], ["A"]])
    rewrite_part(path, SHEET, body)
    assert refusal(path).faults[0].code == "malformed-workbook"


def test_rows_far_down_and_huge_merges_cost_nothing(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path, "a.xlsx", [["Naam"], ["A"]])
    body = (
        f'<worksheet {MAIN}><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Naam</t></is></c></row>'
        '<row r="2"><c r="A2" t="inlineStr"><is><t>A</t></is></c></row></sheetData>'
        '<mergeCells><mergeCell ref="A2:XFD1048576"/></mergeCells></worksheet>'
    )
    rewrite_part(path, SHEET, body.encode())
    assert len(read_file(path, "applications").rows) == 1
    rewrite_part(path, SHEET, body.replace('r="2"', 'r="1000001"').replace("A2", "A1000001").encode())
    assert refusal(path).faults[0].code == "too-many-rows"


def test_no_zip_and_empty_and_absent(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04 this is no archive")
    assert refusal(tmp_path / "a.xlsx").faults[0].code == "malformed-archive"
    (tmp_path / "b.csv").write_bytes(b"")
    assert refusal(tmp_path / "b.csv").faults[0].code == "empty-file"
    assert refusal(tmp_path / "absent.csv").faults[0].code == "not-openable"
    assert refusal(tmp_path).faults[0].code == "not-openable"


def test_deep_json(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'{"value":' + b"[" * 100_000 + b"]" * 100_000 + b"}")
    assert refusal(path, "entra-applications").faults[0].code == "too-deep"
    path.write_bytes(b'{"bomFormat": "CycloneDX", "specVersion": "1.6", "x":' + b'{"a":' * 50_000)
    assert refusal(path, None).faults[0].code == "too-deep"
    path.write_bytes(b'{"value": [{"displayName": "x"')
    assert refusal(path, "entra-applications").faults[0].code == "malformed-json"


def test_yaml_alias_bomb_tags_and_depth(tmp_path: Path) -> None:
    path = tmp_path / "publiccode.yml"
    path.write_text("publiccodeYmlVersion: '0.4'\na: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n")
    fault = refusal(path, None).faults[0]
    assert fault.code == "yaml-alias"
    assert fault.pointer == "publiccode.yml › regel 3"
    path.write_text("publiccodeYmlVersion: '0.4'\na: !!python/object/apply:os.system [ls]\n")
    assert refusal(path, None).faults[0].code == "malformed-yaml"
    path.write_text("publiccodeYmlVersion: '0.4'\na: " + "[" * 5_000 + "\n")
    assert refusal(path, None).faults[0].code == "too-deep"
    saved = tmp_path / "mapping.yaml"
    saved.write_text("name: x\ntables: &t []\nother: *t\n")
    with pytest.raises(UnreadableFile, match="alias"):
        load_mapping(saved)


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE m [<!ENTITY a "b">]>',
        '<!DOCTYPE m [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE m SYSTEM "http://localhost/x.dtd">',
    ],
)
def test_xml_entities_and_dtd(tmp_path: Path, head: str) -> None:
    path = write_text(tmp_path, "a.xml", f'<?xml version="1.0"?>{head}<model>&a;</model>')
    assert refusal(path, None).faults[0].code == "xml-entities"


def test_deep_and_cut_off_xml(tmp_path: Path) -> None:
    name = "http://www.opengroup.org/xsd/archimate/3.0/"
    path = write_text(tmp_path, "a.xml", f'<model xmlns="{name}">' + "<x>" * 50_000)
    assert refusal(path, None).faults[0].code == "too-deep"
    path = write_text(tmp_path, "b.xml", f'<model xmlns="{name}"><elements>')
    assert refusal(path, None).faults[0].code == "malformed-xml"
    path = write_text(tmp_path, "c.xml", "<model><name>geen ArchiMate</name></model>")
    assert refusal(path, None).faults[0].code == "not-archimate"
    path = write_text(tmp_path, "d.xls", "<html><body><table><tr><td>Naam</td></tr></table></body></html>")
    assert refusal(path).faults[0].code == "web-page"


def test_huge_lines_of_drafts(tmp_path: Path) -> None:
    line = '{"ref": "application:gm0000/a", "spec": {"name": "%s"}}'
    path = write_text(tmp_path, "a.jsonl", line % "a" + "\n" + line % ("x" * 1_100_000) + "\n")
    fault = refusal(path, None).faults[0]
    assert fault.code == "too-large"
    assert fault.pointer == "a.jsonl › regel 2"


def test_a_field_without_end(tmp_path: Path) -> None:
    path = write_text(tmp_path, "a.csv", "Naam;Tekst\nA;" + "x" * 200_000 + "\n")
    assert refusal(path).faults[0].code == "unclosed-quote"


def test_file_without_table(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="No table"):
        read_tables(write_text(tmp_path, "a.csv", "1\n2\n3\n"))


@pytest.mark.parametrize(
    "cell", ["a" * 130_000 + " @", "(" * 130_000 + "@", " 1" * 60_000, "1" + " " * 130_000 + "x", "a." * 60_000 + "@"]
)
def test_no_pattern_runs_away(tmp_path: Path, cell: str) -> None:
    path = write_text(
        tmp_path, "a.csv", f"Naam;Omschrijving;Kosten per jaar;Status;RTO;Leverancier\nA{(';' + cell) * 5}\n"
    )
    begin = time.perf_counter()
    read_file(path, "applications")
    assert time.perf_counter() - begin < 5


def test_numbers_beyond_all_bounds_are_faults(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path, "a.xlsx", [["Naam", "Kosten per jaar", "Gebruikers", "RTO"], ["A", 1, 1, 1]])
    body = (
        f'<worksheet {MAIN}><sheetData><row r="1">'
        + "".join(
            f'<c r="{letter}1" t="inlineStr"><is><t>{name}</t></is></c>'
            for letter, name in zip("ABCD", ["Naam", "Kosten per jaar", "Gebruikers", "RTO"], strict=True)
        )
        + '</row><row r="2"><c r="A2" t="inlineStr"><is><t>A</t></is></c><c r="B2"><v>1e400</v></c>'
        "<c r='C2'><v>1e300</v></c><c r='D2'><v>-1e99</v></c></row></sheetData></worksheet>"
    )
    rewrite_part(path, SHEET, body.encode())
    reading = read_file(path, "applications")
    assert reading.rows[0].spec == {"name": "A"}
    assert len(reading.faults) == 3


FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
HEADS = [
    b"",
    b"Naam;Leverancier\n",
    b"{",
    b'{"value":[',
    b"<?xml",
    b"PK\x03\x04",
    b"\xff\xfe",
    b"publiccodeYmlVersion: '0.4'\n",
]


@FUZZ
@given(st.sampled_from(HEADS), st.binary(max_size=300), st.sampled_from([None, "applications", "entra-applications"]))
def test_any_bytes_give_a_reading_or_an_error_of_ours(
    tmp_path: Path, head: bytes, tail: bytes, profile: str | None
) -> None:
    path = tmp_path / "fuzz"
    path.write_bytes(head + tail)
    try:
        read_file(path, profile)
    except EendrachtError as error:
        assert str(error)


LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
TREES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)


@FUZZ
@given(st.dictionaries(st.sampled_from(["displayName", "appId", "createdDateTime", "web", "accountEnabled"]), TREES))
def test_any_json_objects_give_a_reading_or_an_error_of_ours(tmp_path: Path, item: dict[str, object]) -> None:
    path = tmp_path / "fuzz.json"
    path.write_text(json.dumps({"value": [item]}))
    try:
        read_file(path, "entra-applications")
    except EendrachtError as error:
        assert str(error)


@FUZZ
@given(
    st.lists(
        st.lists(st.none() | st.text(max_size=20) | st.floats() | st.booleans() | st.dates(), min_size=5, max_size=5),
        max_size=6,
    )
)
@example([["a\x00b", "\x00", None, None, "\x00"]])
def test_any_cells_give_a_reading_or_an_error_of_ours(tmp_path: Path, rows: list[list[object]]) -> None:
    from eendracht.kernel.imports.collector import Collector
    from eendracht.kernel.imports.profiles import get_profile
    from eendracht.kernel.imports.registry import read_mapped
    from eendracht.kernel.imports.tables import Table, TableRow
    from tests.kernel.imports.sources import REGISTRY, prepare_row

    columns = ("Naam contract", "Leverancier", "Ingangsdatum", "Opzegtermijn", "Jaarbedrag")
    table = Table("a.csv", "", 1, columns, [TableRow(n, row) for n, row in enumerate(rows, start=2)])
    for row in read_mapped([table], get_profile("contracts"), REGISTRY, Collector()).rows:
        if any(mention.field == "supplier" for mention in row.mentions):
            prepare_row(row)


@FUZZ
@given(st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 255)), min_size=1, max_size=5))
def test_a_workbook_with_any_byte_changed_is_read_or_refused(tmp_path: Path, changes: list[tuple[int, int]]) -> None:
    path = write_xlsx(tmp_path, "a.xlsx", [["Naam", "Leverancier"], ["A", "B BV"], ["C", "D BV"]])
    body = bytearray(path.read_bytes())
    for position, value in changes:
        body[position % len(body)] = value
    path.write_bytes(body)
    try:
        read_file(path, "applications")
    except EendrachtError as error:
        assert str(error)
