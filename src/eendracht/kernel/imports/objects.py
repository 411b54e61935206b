"""Lays a list of JSON objects out as a table, so that one mapping language serves JSON exports too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from eendracht.kernel.imports.bounds import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, refuse
from eendracht.kernel.imports.collector import Collector
from eendracht.kernel.imports.mapping import Mapping
from eendracht.kernel.imports.sheets import refuse_columns, refuse_rows
from eendracht.kernel.imports.tables import Table, TableRow

_MAX_STEPS: Final = 4


def tabulate_objects(document: Any, mapping: Mapping, file: str, collector: Collector) -> list[Table]:
    """Give a table per rule of the mapping: columns are paths such as `web.homePageUrl`, lists become lines.

    The objects stand at the rule's `records` path, or the document is itself the list. Lists of objects inside an
    object (credentials, role assignments) are not laid out. Raises UnreadableFile where there is no list of objects.
    """
    tables = []
    for rule in mapping.tables:
        found = document
        if isinstance(document, dict):
            for step in rule.records.split(".") if rule.records else ():
                found = found.get(step) if isinstance(found, dict) else None
        if isinstance(found, list) and found and all(isinstance(item, dict) for item in found):
            tables.append(_tabulate(found, file, rule.records or "objecten"))
    if not tables:
        expected = ", ".join(rule.records for rule in mapping.tables)
        raise refuse(
            file,
            "no-objects",
            f"Er is geen lijst van objecten gevonden onder '{expected}'",
            f"No list of objects was found under '{expected}'",
            f"This should be an export for profile {mapping.name}.",
        )
    if isinstance(document, dict):
        taken = {rule.records.split(".")[0] for rule in mapping.tables}
        for name, value in document.items():
            if name not in taken and isinstance(value, list | dict) and value:
                collector.ignore(file, str(name)[:60], len(value))
    return tables


def _tabulate(objects: list[dict[str, Any]], file: str, path: str) -> Table:
    flat = [dict(_leaves(item, "", _MAX_STEPS)) for item in objects]
    columns = list(dict.fromkeys(name for item in flat for name in item))
    if len(columns) > MAX_COLUMNS:
        raise refuse_columns(file, len(columns))
    if len(flat) > MAX_ROWS or len(flat) * len(columns) > MAX_CELLS:
        raise refuse_rows(file)
    rows = [TableRow(number, [item.get(name) for name in columns]) for number, item in enumerate(flat, start=1)]
    return Table(file, path, 0, tuple(columns), rows, row_word="object")


def _leaves(item: dict[str, Any], prefix: str, steps: int) -> Iterator[tuple[str, Any]]:
    for name, value in item.items():
        path = f"{prefix}{name}"
        if isinstance(value, dict) and steps > 1:
            yield from _leaves(value, f"{path}.", steps - 1)
        elif isinstance(value, list):
            texts = [str(entry) for entry in value if isinstance(entry, str | int | float)]
            if texts:
                yield path, "\n".join(texts)
        elif value is not None and value != "" and not isinstance(value, dict):
            yield path, value
