"""The front door of the readers: finds the format by content and gives one `Reading`, whatever the file."""

from __future__ import annotations

import codecs
import re
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

from eendracht.kernel.errors import Fault, InvalidInput, UsageFault
from eendracht.kernel.imports.archimate import read_archimate
from eendracht.kernel.imports.bounds import MAX_FILE_BYTES, parse_json, read_bytes, refuse
from eendracht.kernel.imports.collector import Collector
from eendracht.kernel.imports.cyclonedx import read_cyclonedx
from eendracht.kernel.imports.extraction import extract_rows
from eendracht.kernel.imports.jsonlines import read_jsonlines
from eendracht.kernel.imports.mapping import Mapping
from eendracht.kernel.imports.objects import tabulate_objects
from eendracht.kernel.imports.profiles import get_profile, load_profiles
from eendracht.kernel.imports.proposal import Proposal, propose_mapping
from eendracht.kernel.imports.publiccode import read_publiccode
from eendracht.kernel.imports.rows import Reading
from eendracht.kernel.imports.tables import Table, read_tables
from eendracht.kernel.imports.vocabulary import is_header
from eendracht.kernel.kinds import Registry, shared_kinds

Format = Literal["table", "json", "jsonlines", "cyclonedx", "archimate", "publiccode"]
_HEAD_BYTES: Final = 65_536
_BOM: Final = b"\xef\xbb\xbf"


class MappingNeeded(InvalidInput):
    """The columns of a file were not mapped yet; `proposals` is what a person is asked to confirm."""

    code = "mapping-needed"
    title_nl = "Bevestig eerst wat de kolommen betekenen"
    title_en = "Confirm first what the columns mean"
    default_hint = "Name a profile, or save the proposed mapping, correct it and give it along."

    def __init__(self, detail: str, proposals: tuple[Proposal, ...]) -> None:
        self.proposals = proposals
        faults = [
            Fault(
                proposal.table,
                "proposed-column",
                f"Kolom '{column.column}' lijkt {column.field or 'geen veld'} ({column.confidence:.0%})",
                f"Column '{column.column}' looks like {column.field or 'no field'} ({column.confidence:.0%})",
                column.reason,
            )
            for proposal in proposals
            for column in proposal.columns
        ]
        super().__init__(detail, faults=faults)


def profiles() -> tuple[Mapping, ...]:
    """Give the named profiles that ship, in alphabetical order."""
    return tuple(load_profiles().values())


def detect_format(path: Path) -> Format:
    """Tell what a file is by its content; the extension decides nothing but YAML against text.

    Raises UnreadableFile where it cannot be opened.
    """
    head = _read_head(path).removeprefix(_BOM)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        head = head.decode("utf-16", "replace").encode("utf-8", "replace")
    head = head.lstrip()
    if re.match(rb"<(!doctype\s+)?(html|table|head|meta)\b", head, re.IGNORECASE):
        raise refuse(
            path.name,
            "web-page",
            "Dit is een webpagina, ook als hij .xls heet",
            "This is a web page, even where it is called .xls",
            "Open it in Excel and save it as 'Excel workbook (.xlsx)'.",
        )
    if head.startswith(b"<"):
        return "archimate"
    if head.startswith((b"{", b"[")):
        return _detect_json(head)
    if re.search(rb"^publiccodeYmlVersion\s*:", head, re.MULTILINE):
        return "publiccode"
    return "table"


def _detect_json(head: bytes) -> Format:
    if re.search(rb'"bomFormat"\s*:\s*"CycloneDX"', head):
        return "cyclonedx"
    lines = [line for line in head.split(b"\n") if line.strip()]
    is_lines = len(lines) > 1 and lines[0].rstrip().endswith(b"}") and lines[1].lstrip().startswith(b"{")
    if is_lines or re.match(rb'\{[^\n]*"ref"\s*:\s*"[a-z-]+:', head):
        return "jsonlines"
    return "json"


def _read_head(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(_HEAD_BYTES)
    except OSError:
        return read_bytes(path, MAX_FILE_BYTES)


def read_file(
    path: Path,
    profile: str | None = None,
    mapping: Mapping | None = None,
    registry: Registry | None = None,
    system: str = "",
) -> Reading:
    """Read one outside file into source rows.

    Formats that describe themselves (CycloneDX, ArchiMate, publiccode.yml, JSON Lines) need nothing else; a table or a
    JSON export needs a named `profile` or a confirmed `mapping`. `system` replaces the name of the source system, for
    when two files come from two systems of one sort. Raises UnreadableFile for a file that is unreadable or hostile,
    MappingNeeded with proposals where nothing was confirmed, UsageFault for an unknown profile.
    """
    if profile and mapping:
        raise UsageFault("Give a profile or a mapping, not both")
    registry = registry or Registry(shared_kinds())
    chosen = mapping or (get_profile(profile) if profile else None)
    found = detect_format(path)
    if found == "archimate":
        reading = read_archimate(path)
    elif found == "cyclonedx":
        reading = read_cyclonedx(read_bytes(path), path.name)
    elif found == "publiccode":
        reading = read_publiccode(read_bytes(path), path.name)
    elif found == "jsonlines" and chosen is None:
        reading = read_jsonlines(read_bytes(path), path.name, registry)
    else:
        reading = _read_mapped(path, found, chosen, registry)
    return replace(reading, system=system) if system else reading


def _read_mapped(path: Path, found: Format, mapping: Mapping | None, registry: Registry) -> Reading:
    collector = Collector()
    if found == "table":
        tables = read_tables(path, is_header)
        if mapping is None:
            raise MappingNeeded(f"{path.name}: the columns were not mapped yet", _propose(tables, registry))
    else:
        document = parse_json(read_bytes(path), path.name)
        if mapping is None:
            names = ", ".join(item.name for item in profiles() if item.format == "json")
            raise UsageFault(f"{path.name}: this JSON needs a profile", hint=f"Profiles for JSON: {names}")
        tables = tabulate_objects(document, mapping, path.name, collector)
    return read_mapped(tables, mapping, registry, collector)


def read_mapped(
    tables: list[Table], mapping: Mapping, registry: Registry, collector: Collector | None = None
) -> Reading:
    """Apply a mapping to tables that were read already, as when a person confirms a proposal."""
    collector = collector or Collector()
    for table in tables:
        collector.add_notes(table.notes)
    rows = extract_rows(tables, mapping, registry, collector)
    questions = sorted(collector.questions, key=lambda question: -question.affected)
    return Reading(
        mapping.system or mapping.name,
        tuple(rows),
        collector.faults,
        tuple(questions),
        collector.left_out,
        collector.ignored,
        collector.notes,
        mapping,
        mapping.unverified,
    )


def propose_file(path: Path, registry: Registry | None = None) -> tuple[Proposal, ...]:
    """Propose a mapping for each table of a CSV file or workbook; raises UnreadableFile as `read_file` does."""
    known = registry or Registry(shared_kinds())
    return _propose(read_tables(path, is_header), known)


def _propose(tables: list[Table], registry: Registry) -> tuple[Proposal, ...]:
    """Leave out lists of choices and other tables in which nothing looks like a name, unless there is nothing else."""
    proposals = tuple(propose_mapping(table, registry) for table in tables)
    named = tuple(proposal for proposal in proposals if any(column.field == "name" for column in proposal.columns))
    return named or proposals
