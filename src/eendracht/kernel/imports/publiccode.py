"""Reads publiccode.yml (versions 0.2 to 0.5 of the standard) into one application; its contacts are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from eendracht.kernel.errors import Fault
from eendracht.kernel.imports.bounds import parse_yaml, refuse
from eendracht.kernel.imports.collector import Collector
from eendracht.kernel.imports.persons import clean_value, is_person_name
from eendracht.kernel.imports.rows import Mention, Reading, SourceRow, join_place

_REQUIRED: Final = (
    "name",
    "url",
    "platforms",
    "developmentStatus",
    "softwareType",
    "description",
    "legal.license",
    "maintenance.type",
    "localisation.localisationReady",
    "localisation.availableLanguages",
)
_KEPT: Final = ("developmentStatus", "softwareType", "releaseDate", "usedBy", "platforms", "isBasedOn", "categories")
_READ: Final = frozenset(
    (
        *_KEPT,
        *("publiccodeYmlVersion", "name", "url", "landingURL", "softwareVersion", "description"),
        *("legal", "maintenance", "localisation", "dependsOn"),
    )
)


def read_publiccode(data: bytes, file: str) -> Reading:
    """Give the one piece of software that a publiccode.yml describes.

    Keys that the standard requires and that are missing become faults. Raises UnreadableFile for unsafe YAML or a file
    without `publiccodeYmlVersion`.
    """
    document = parse_yaml(data, file)
    version = str(document.get("publiccodeYmlVersion", "")) if isinstance(document, dict) else ""
    if not re.fullmatch(r"0(\.\d+){0,2}", version):
        raise refuse(
            file,
            "not-publiccode",
            "Dit is geen publiccode.yml van versie 0",
            f"This is no publiccode.yml of version 0 (publiccodeYmlVersion: '{version[:20]}')",
            "See the standard for the required keys.",
        )
    collector = Collector()
    for name in _REQUIRED:
        if _find(document, name) in (None, "", [], {}):
            collector.add_fault(
                Fault(
                    join_place(file, name),
                    "missing",
                    f"'{name}' is verplicht in publiccode.yml",
                    f"'{name}' is required in publiccode.yml",
                    "Fill it in at the source.",
                )
            )
    for name in document:
        if name not in _READ:
            collector.ignore(file, str(name)[:60])
    contacts = _find(document, "maintenance.contacts")
    if isinstance(contacts, list):
        collector.leave_out(file, "maintenance.contacts", "contact", len(contacts))
    row = _row(document, file, collector)
    rows = (row,) if row is not None else ()
    return Reading(
        "publiccode", rows, collector.faults, left_out=collector.left_out, ignored=collector.ignored, unverified=True
    )


def _find(document: Any, path: str) -> Any:
    for step in path.split("."):
        document = document.get(step) if isinstance(document, dict) else None
    return document


def _row(document: dict[str, Any], file: str, collector: Collector) -> SourceRow | None:
    name, url = document.get("name"), document.get("url")
    if not isinstance(name, str) or not name.strip():
        return None
    spec = {
        "name": name.strip()[:300],
        "description": _description(document.get("description")),
        "version": document.get("softwareVersion"),
        "repository": url,
        "url": document.get("landingURL"),
        "licence": _find(document, "legal.license"),
    }
    spec, taken, _ = clean_value({field: str(value)[:10_000] for field, value in spec.items() if value})
    for reason, count in taken.items():
        collector.leave_out(file, "description", reason, count)
    facts, _, _ = clean_value({field: document[field] for field in _KEPT if field in document})
    key = str(url or f"name:{name}")[:200]
    columns = {"repository": "url", "licence": "legal.license", "version": "softwareVersion", "url": "landingURL"}
    return SourceRow(
        "application",
        key,
        spec,
        tuple(_mentions(document)),
        file,
        key_from_name=not url,
        facts=facts,
        columns=columns,
    )


def _description(texts: Any) -> str:
    if not isinstance(texts, dict):
        return ""
    language = next((code for code in ("nl", "en") if code in texts), next(iter(texts), None))
    text = texts.get(language)
    found = [text.get(name) for name in ("shortDescription", "longDescription")] if isinstance(text, dict) else []
    return "\n".join(str(part).strip() for part in found if part)


def _mentions(document: dict[str, Any]) -> Iterator[Mention]:
    for group in ("open", "proprietary", "hardware"):
        for entry in _named(document, f"dependsOn.{group}"):
            if not entry.get("optional"):
                yield Mention("requires", "component", entry["name"][:300])
    for entry in _named(document, "maintenance.contractors")[:1]:
        if not is_person_name(entry["name"]):
            yield Mention("suppliedBy", "supplier", entry["name"][:300])


def _named(document: dict[str, Any], path: str) -> list[dict[str, Any]]:
    entries = _find(document, path)
    listed = entries if isinstance(entries, list) else []
    return [entry for entry in listed if isinstance(entry, dict) and isinstance(entry.get("name"), str)]
