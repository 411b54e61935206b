"""Reads our own drafts, one JSON object a line: `{"ref": …, "owner": …, "source": …, "spec": {…}}`."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from eendracht.kernel.errors import Fault, InvalidInput, UnreadableFile
from eendracht.kernel.identity import parse_ref
from eendracht.kernel.imports.bounds import MAX_LINE_BYTES, MAX_ROWS, parse_json, refuse
from eendracht.kernel.imports.collector import Collector
from eendracht.kernel.imports.persons import clean_value
from eendracht.kernel.imports.rows import Reading, SourceRow
from eendracht.kernel.kinds import Registry

_ENVELOPE: Final = ("ref", "uid", "owner", "confidentiality", "source", "ended")


def read_jsonlines(data: bytes, file: str, registry: Registry) -> Reading:
    """Give a row per line; the ref is its key, and the rest of its envelope stands in `facts`.

    A line that is no draft becomes a fault with its number and the others stay. Raises UnreadableFile for a line of
    more than 1 MB, JSON of more than 100 levels, or more than a million lines.
    """
    collector = Collector()
    rows: dict[str, SourceRow] = {}
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if not line.strip():
            continue
        place = f"{file} › regel {number}"
        if len(line) > MAX_LINE_BYTES or number > MAX_ROWS:
            raise refuse(
                place,
                "too-large",
                "Deze regel of dit bestand is te groot",
                "This line or file is too large",
                "Split it.",
            )
        row = read_line(line, place, registry, collector)
        if row is None:
            continue
        if row.key in rows:
            collector.add_fault(
                Fault(
                    place,
                    "duplicate-key",
                    f"Deze ref staat ook op {rows[row.key].place}; de eerste telt",
                    f"This ref is also at {rows[row.key].place}; the first counts",
                    "Keep one of the two, or import them as two files.",
                )
            )
        else:
            rows[row.key] = row
    return Reading(file, tuple(rows.values()), collector.faults, left_out=collector.left_out, notes=collector.notes)


def read_line(line: bytes, place: str, registry: Registry, collector: Collector) -> SourceRow | None:
    """Give the row of one line, or None where it is no draft; why not, and what was left out, goes to the collector.

    Raises UnreadableFile for JSON of more than 100 levels.
    """
    try:
        draft = parse_json(line, place)
    except UnreadableFile as error:
        if error.faults[0].code == "too-deep":
            raise
        for fault in error.faults:
            collector.add_fault(Fault(place, fault.code, fault.nl, fault.en, fault.hint))
        return None
    faults: list[Fault] = []
    kind = _kind(draft, place, registry, faults)
    begin, end = (_date(draft, name, place, faults) for name in ("validFrom", "validUntil"))
    for fault in faults:
        collector.add_fault(fault)
    if faults or kind is None:
        return None
    spec, taken, dropped = clean_value(draft["spec"])
    for reason, count in taken.items():
        collector.leave_out(place, "spec", reason, count)
    for pointer in dropped:
        collector.add_fault(
            Fault(
                f"{place}{pointer}",
                "person-number",
                "Deze tekst kan een burgerservicenummer bevatten en is niet overgenomen",
                "This text may hold a citizen service number and was not taken in",
                "Remove the number in the source.",
            )
        )
    facts = {name: draft[name] for name in _ENVELOPE if name in draft}
    return SourceRow(kind, draft["ref"], spec, (), place, begin, end, facts=facts)


def _kind(draft: Any, place: str, registry: Registry, faults: list[Fault]) -> str | None:
    if not isinstance(draft, dict):
        faults.append(
            Fault(place, "not-a-draft", "Hier hoort een object", "This must be an object", "Write one draft a line.")
        )
        return None
    ref = draft.get("ref")
    if not isinstance(draft.get("spec"), dict) or not isinstance(ref, str):
        faults.append(
            Fault(
                place,
                "not-a-draft",
                "Een concept heeft een ref en een spec",
                "A draft has a ref and a spec",
                'For example {"ref": "application:gm0344/zaaksysteem", "spec": {"name": "Zaaksysteem"}}.',
            )
        )
        return None
    try:
        return registry.get(parse_ref(ref, f"{place}/ref").kind, f"{place}/ref").name
    except InvalidInput as error:
        faults.extend(error.faults)
        return None


def _date(draft: Any, name: str, place: str, faults: list[Fault]) -> date | None:
    text = draft.get(name) if isinstance(draft, dict) else None
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        faults.append(
            Fault(f"{place}/{name}", "date-parsing", "Dit moet een datum zijn", "This must be a date", "YYYY-MM-DD.")
        )
        return None
