"""Applies a mapping to tables: columns are bound to rules, persons kept out, rows assembled, doubles merged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from eendracht.kernel.errors import Fault, InvalidInput, UnreadableFile
from eendracht.kernel.identity import slug
from eendracht.kernel.imports.bounds import refuse
from eendracht.kernel.imports.cells import as_text
from eendracht.kernel.imports.collector import Collector
from eendracht.kernel.imports.columns import ColumnReader
from eendracht.kernel.imports.doubles import merge_doubles
from eendracht.kernel.imports.mapping import ColumnRule, Mapping, TableRule
from eendracht.kernel.imports.persons import clean_text, is_person_name, person_reason
from eendracht.kernel.imports.rows import OWNER, Mention, SourceRow
from eendracht.kernel.imports.sheets import CellError
from eendracht.kernel.imports.tables import Table
from eendracht.kernel.imports.targets import Target, find_targets, target_of_fact
from eendracht.kernel.imports.vocabulary import fold
from eendracht.kernel.kinds import Registry

_BRACES = re.compile(r"\{([^{}]+)\}")
_PERIOD: Final = {"validFrom": Target("validFrom", "date"), "validUntil": Target("validUntil", "date")}


@dataclass(frozen=True, slots=True)
class Binding:
    """A rule and the column that it takes."""

    rule: ColumnRule
    index: int


@dataclass(slots=True)
class _Draft:
    kind: str
    spec: dict[str, Any] = field(default_factory=dict)
    mentions: list[Mention] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    period: dict[str, Any] = field(default_factory=dict)


def extract_rows(
    tables: Sequence[Table], mapping: Mapping, registry: Registry, collector: Collector
) -> list[SourceRow]:
    """Give the source rows of all tables that a mapping knows; the others are noted.

    Raises UnreadableFile where no table has the columns of any rule, naming what was found and expected.
    """
    rows: list[SourceRow] = []
    fitted = False
    for table in tables:
        rule = choose_rule(table, mapping)
        if rule is None:
            collector.add_note(table.place, "table-ignored", "Geen regel past op deze tabel", "No rule fits this table")
            continue
        fitted = True
        rows += _Extraction(table, rule, registry, collector).run()
    if not fitted:
        raise _misfit(tables, mapping)
    return merge_doubles(rows, registry, collector)


def _misfit(tables: Sequence[Table], mapping: Mapping) -> UnreadableFile:
    found = "; ".join(", ".join(table.columns[:30]) for table in tables)
    expected = " | ".join(rule.source[0] for table in mapping.tables for rule in table.columns if rule.to == "name")
    return refuse(
        tables[0].place,
        "profile-does-not-fit",
        f"Geen tabel heeft de kolommen van '{mapping.name}'",
        f"No table has the columns of '{mapping.name}'; found: {found[:500]}",
        f"Expected at least: {expected or 'a name'}. Choose another profile, or confirm a proposed mapping.",
    )


def choose_rule(table: Table, mapping: Mapping) -> TableRule | None:
    """Give the rule that fits the table best: its required columns are there and most of its rules find a column."""
    best, best_score = None, 0
    names = {fold(name) for name in table.columns}
    for rule in mapping.tables:
        needed = [{fold(name)} for name in rule.requires] or [
            {fold(name) for column in rule.columns if column.to == "name" for name in column.source}
        ]
        if rule.compose_name:
            needed = [{fold(name)} for name in _BRACES.findall(rule.compose_name)]
        if not all(alternatives & names for alternatives in needed):
            continue
        score = 1 + len(bind_columns(table, rule))
        if rule.sheets and fold(table.sheet) in {fold(sheet) for sheet in rule.sheets}:
            score += 1000
        if score > best_score:
            best, best_score = rule, score
    return best


def bind_columns(table: Table, rule: TableRule) -> list[Binding]:
    """Give each column rule the first of its columns that the table has."""
    positions = {fold(name): index for index, name in reversed(list(enumerate(table.columns)))}
    bindings = []
    for column in rule.columns:
        index = next((positions[fold(name)] for name in column.source if fold(name) in positions), None)
        if index is not None:
            bindings.append(Binding(column, index))
    return bindings


class _Extraction:
    """One table under one rule."""

    def __init__(self, table: Table, rule: TableRule, registry: Registry, collector: Collector) -> None:
        self._table, self._rule, self._registry, self._collector = table, rule, registry, collector
        self._positions = {fold(name): index for index, name in reversed(list(enumerate(table.columns)))}
        self._barred = self._bar_persons()
        self._columns: dict[str, dict[str, str]] = {}

    def run(self) -> list[SourceRow]:
        """Give the rows of the table."""
        drafts = self._make_drafts()
        used = {index for index in (self._key_index(), self._index_of(self._kind_columns())) if index is not None}
        for binding in bind_columns(self._table, self._rule):
            used.add(binding.index)
            if binding.index not in self._barred:
                self._fill(binding, drafts)
        self._count_ignored(used)
        return [row for position, draft in drafts.items() if (row := self._finish(position, draft)) is not None]

    def _bar_persons(self) -> set[int]:
        table, barred = self._table, set()
        dropped = {b.index: b.rule.drop for b in bind_columns(table, self._rule) if b.rule.drop}
        for index, column in enumerate(table.columns):
            cells = [row.cells[index] for row in table.rows]
            reason = dropped.get(index) or person_reason(column, cells)
            if reason:
                barred.add(index)
                filled = sum(cell is not None for cell in cells)
                self._collector.leave_out(table.place, column, reason, filled)
        return barred

    def _index_of(self, names: Iterable[str]) -> int | None:
        return next((self._positions[fold(name)] for name in names if fold(name) in self._positions), None)

    def _key_index(self) -> int | None:
        index = self._index_of(self._rule.key)
        return None if index in self._barred else index

    def _kind_columns(self) -> tuple[str, ...]:
        return self._rule.kind_from.source if self._rule.kind_from else ()

    def _make_drafts(self) -> dict[int, _Draft]:
        rule, table = self._rule, self._table
        if rule.kind_from is None:
            kinds = dict.fromkeys(range(len(table.rows)), rule.kind)
        else:
            kinds = self._kinds_by_column(rule.kind_from.values, rule.kind_from.otherwise)
        for kind in set(kinds.values()):
            self._registry.get(kind)
        return {position: _Draft(kind, dict(rule.constants)) for position, kind in kinds.items()}

    def _kinds_by_column(self, by_value: dict[str, str], otherwise: str) -> dict[int, str]:
        index = self._index_of(self._kind_columns())
        folded = {fold(value): kind for value, kind in by_value.items()}
        kinds = {}
        for position, row in enumerate(self._table.rows):
            value = as_text(row.cells[index]) if index is not None and row.cells[index] is not None else ""
            kind = folded.get(fold(value), otherwise)
            if kind:
                kinds[position] = kind
            elif fold(value) not in folded:
                self._collector.ignore(self._table.place, f"soort '{value[:60]}'")
        return kinds

    def _fill(self, binding: Binding, drafts: dict[int, _Draft]) -> None:
        by_kind: dict[str, list[int]] = {}
        for position, draft in drafts.items():
            by_kind.setdefault(draft.kind, []).append(position)
        placed = False
        for kind, positions in by_kind.items():
            target = self._target(binding.rule, kind)
            if target is None:
                continue
            placed = True
            reader = ColumnReader(binding.rule, target, self._table, binding.index, self._collector)
            for position, value in zip(positions, reader.read(positions), strict=True):
                if value is not None:
                    _put(drafts[position], binding.rule, target, value)
            if not binding.rule.fact:
                self._columns.setdefault(kind, {}).setdefault(target.name, self._table.columns[binding.index])
        if not placed:
            self._ignore(binding.index)

    def _target(self, rule: ColumnRule, kind: str) -> Target | None:
        if rule.kinds and kind not in rule.kinds:
            return None
        if rule.fact:
            return target_of_fact(rule.fact)
        return _PERIOD.get(rule.to) or find_targets(self._registry.get(kind)).get(rule.to)

    def _ignore(self, index: int) -> None:
        filled = sum(row.cells[index] is not None for row in self._table.rows)
        self._collector.ignore(self._table.place, self._table.columns[index], filled)

    def _count_ignored(self, used: set[int]) -> None:
        for index in range(len(self._table.columns)):
            if index not in used and index not in self._barred:
                self._ignore(index)

    def _finish(self, position: int, draft: _Draft) -> SourceRow | None:
        row = self._table.rows[position]
        place = self._table.place_of(row.number)
        if self._rule.compose_name and not draft.spec.get("name"):
            draft.spec["name"] = self._compose(row.cells)
        name = draft.spec.get("name")
        if not name:
            self._collector.add_fault(
                Fault(
                    place,
                    "missing-name",
                    "Deze rij heeft geen naam en is niet overgenomen",
                    "This row has no name and was not taken in",
                    "Fill in the name in the source.",
                ),
                self._table.place,
            )
            return None
        if draft.kind == "supplier" and is_person_name(name):
            self._collector.leave_out(self._table.place, self._columns[draft.kind].get("name", "naam"), "person-row")
            return None
        filled = {mention.field for mention in draft.mentions}
        own = [Mention(name, "organisation", key=OWNER) for name in self._rule.own if name not in filled]
        key, from_name = self._key(row.cells, name)
        return SourceRow(
            draft.kind,
            key,
            draft.spec,
            (*draft.mentions, *own),
            place,
            draft.period.get("validFrom"),
            draft.period.get("validUntil"),
            from_name,
            draft.facts,
            self._columns.setdefault(draft.kind, {}),
        )

    def _compose(self, cells: Sequence[Any]) -> str:
        def fill(match: re.Match[str]) -> str:
            index = self._positions.get(fold(match[1]))
            cell = cells[index] if index is not None and index not in self._barred else None
            return clean_text(as_text(cell))[0] if cell is not None else ""

        name = _BRACES.sub(fill, self._rule.compose_name).strip(" →-")
        return name[:300]

    def _key(self, cells: Sequence[Any], name: str) -> tuple[str, bool]:
        index = self._key_index()
        cell = cells[index] if index is not None else None
        if cell is not None and not isinstance(cell, CellError) and "@" not in as_text(cell):
            return as_text(cell)[:200], False
        self._collector.add_note(
            self._table.place,
            "key-from-name",
            "Rijen zonder eigen nummer krijgen hun sleutel uit de naam; na hernoemen zijn zij nieuw",
            "Rows without a number take their key from the name; renamed rows look new",
            "Add a column with a fixed number to the source.",
        )
        try:
            return f"name:{slug(name)}", True
        except InvalidInput:
            return f"name:{name.casefold()[:150]}", True


def _put(draft: _Draft, rule: ColumnRule, target: Target, value: Any) -> None:
    if rule.fact:
        draft.facts.setdefault(target.name, value)
    elif target.name in _PERIOD:
        draft.period.setdefault(target.name, value)
    elif target.shape == "mention":
        if target.is_list or not any(mention.field == target.name for mention in draft.mentions):
            draft.mentions.extend(mention for mention in value if mention not in draft.mentions)
    elif target.is_list:
        kept = draft.spec.setdefault(target.name, [])
        kept.extend(item for item in value if item not in kept)
    elif target.shape == "date":
        draft.spec.setdefault(target.name, value.isoformat())
    elif target.name == "description" and draft.spec.get("description"):
        draft.spec["description"] = f"{draft.spec['description']}\n{value}"[: target.max_length]
    else:
        draft.spec.setdefault(target.name, value)
