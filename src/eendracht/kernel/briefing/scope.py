"""What the checks look at: the records of a day as one asker sees them, and the rows from which they came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import orjson

from eendracht.kernel.access import Principal
from eendracht.kernel.briefing.findings import Evidence, Finding, Severity
from eendracht.kernel.deliveries import Binding, list_bindings, sees_deliveries
from eendracht.kernel.explanation import Rule
from eendracht.kernel.landscape import Landscape
from eendracht.kernel.records import Record
from eendracht.kernel.store import Store
from eendracht.kernel.wording import say


@dataclass(frozen=True)
class Scope:
    """What the checks look at: the records of a day as one asker sees them, and the estate that they make."""

    store: Store
    asker: Principal
    day: date
    landscape: Landscape
    _kinds: dict[str, list[Record]] = field(default_factory=dict)

    def of_kind(self, kind: str) -> list[Record]:
        """Give the records of one kind, read once."""
        if kind not in self._kinds:
            self._kinds[kind] = list(self.store.snapshot(self.asker, self.day, kind=kind))
        return self._kinds[kind]

    def spec(self, record: Record) -> dict[str, Any]:
        """Give the spec as the newest version of its kind says it."""
        return record.spec(self.store.registry)

    def settle(self, ref: str) -> str:
        """Give the name under which a thing stands: its present one, and for a supplier that of its cluster."""
        present = self.landscape.aliases.get(ref, ref)
        return self.landscape.clusters.get(present, present)

    @cached_property
    def bindings(self) -> list[Binding]:
        """The rows that systems delivered, as far as the asker may see both the delivery and the record."""
        bindings = [item for item in list_bindings(self.store) if sees_deliveries(self.asker, item.system)]
        visible = {record.uid for kind in {item.kind for item in bindings} for record in self.of_kind(kind)}
        return [item for item in bindings if item.uid in visible]

    @cached_property
    def reviews(self) -> list[tuple[str, str, Mapping[str, Any], int]]:
        """(kind, code, details, weight) of each open decision that the asker may see, the weightiest first."""
        rows = self.store.driver.reader().query(
            "SELECT system, kind, code, details, weight FROM review WHERE answer IS NULL"
            " ORDER BY weight DESC, system, kind, key"
        )
        return [
            (kind, code, orjson.loads(details), weight)
            for system, kind, code, details, weight in rows
            if sees_deliveries(self.asker, system)
        ]


def evidence_of(record: Record) -> Evidence:
    """Give the row behind a record."""
    source = record.data["source"]
    return Evidence(record.ref, record.name, source["place"] or f"{source['system']} {source['key']}".strip())


def find_records(
    code: str,
    severity: Severity,
    records: Sequence[Record],
    texts: Sequence[tuple[str, str]],
    rule: Rule | None = None,
    **values: int,
) -> Iterator[Finding]:
    """Make a finding of records, or nothing of none.

    `texts` are title, reason and next step in Dutch and English; `{n}` is how many records, `{n:one|more}` a word.
    """
    if records:
        count = len(records)
        title, reason, step = (say(nl, en, n=count, **values) for nl, en in texts)
        rows = [evidence_of(record) for record in records]
        yield Finding(code, severity, title, reason, step, rows, count, count, rule)
