"""Proposes a mapping for a table that nobody mapped yet: by column names and by how well the values fit.

A proposal is never applied by itself: a person confirms it, or saves it as a mapping.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from eendracht.kernel.imports.collector import Collector
from eendracht.kernel.imports.columns import ColumnReader
from eendracht.kernel.imports.mapping import ColumnRule, Mapping, TableRule
from eendracht.kernel.imports.persons import person_reason
from eendracht.kernel.imports.rows import Question, join_place
from eendracht.kernel.imports.tables import Table
from eendracht.kernel.imports.targets import find_targets
from eendracht.kernel.imports.vocabulary import fold, load_vocabulary
from eendracht.kernel.kinds import Kind

CONFIRM_BELOW: Final = 0.75
"""A column below this confidence is asked about."""
MAX_QUESTIONS: Final = 10
_SAMPLE: Final = 200
_OWN: Final = {"contract": ("buyer",), "processing-activity": ("controller",)}
_NAMED: Final = {
    "covers": "application",
    "processors": "supplier",
    "operatedBy": "supplier",
    "dnsOperator": "supplier",
    "registrar": "supplier",
}
"""What people name in a column whose field may refer to things of several kinds."""
_GENERIC: Final = frozenset(
    ["naam", "omschrijving", "nummer", "status", "type", "toelichting", "opmerkingen", "leverancier"]
)
"""Header words that say little about the kind."""


@dataclass(frozen=True, slots=True)
class ColumnProposal:
    """What a column may be, how sure that is (0 to 1), and why."""

    column: str
    field: str
    """Spec field, `key`, or empty where there is no idea; a column that stays out has an empty field and its reason."""
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping that waits for a person, with the questions that matter most first."""

    table: str
    kind: str
    confidence: float
    columns: tuple[ColumnProposal, ...]
    questions: tuple[Question, ...]
    mapping: Mapping


def propose_mapping(table: Table, kinds: Iterable[Kind], kind: str = "") -> Proposal:
    """Propose what a table holds; `kind` settles the kind of its rows where it is known.

    Only kinds of which the vocabulary knows column names are considered.
    """
    known = {item.name: item for item in kinds if item.name in load_vocabulary().synonyms}
    scored = sorted(
        ((_score(columns := _match(table, item)), name, columns) for name, item in known.items() if kind in ("", name)),
        key=lambda entry: (-entry[0], entry[1]),
    )
    if not scored:
        scored = [(0.0, kind, [ColumnProposal(name, "", 0.0, "geen woordenlijst") for name in table.columns])]
    best, name, columns = scored[0]
    total = sum(score for score, _, _ in scored[:2]) or 1.0
    sure = 1.0 if kind else round(best / total, 2)
    questions = []
    if not kind and len(scored) > 1 and scored[1][0] > 0.85 * best:
        choices = tuple(other for _, other, _ in scored[:3])
        questions.append(
            Question(
                table.place,
                "kind",
                f"Wat staat er in deze tabel? ({', '.join(choices)})",
                f"What does this table hold? ({', '.join(choices)})",
                setting="kind",
                choices=choices,
                affected=len(table.rows),
            )
        )
    questions += _questions(table, columns, known.get(name))
    return Proposal(
        table.place, name, sure, tuple(columns), tuple(questions[:MAX_QUESTIONS]), _mapping(table, name, columns)
    )


def _score(columns: list[ColumnProposal]) -> float:
    return sum(
        column.confidence * (0.3 if fold(column.column) in _GENERIC else 1.5 if column.field == "name" else 1.0)
        for column in columns
        if column.field
    )


def _match(table: Table, kind: Kind) -> list[ColumnProposal]:
    """Give each column the field that its name says, each single field at most once."""
    synonyms = load_vocabulary().synonyms[kind.name]
    candidates = []
    for index, column in enumerate(table.columns):
        for field, words in synonyms.items():
            strength = _strength(fold(column), words)
            if strength:
                candidates.append((strength, index, field))
    targets = find_targets(kind)
    taken: dict[int, tuple[str, float]] = {}
    used: set[str] = set()
    for strength, index, field in sorted(candidates, key=lambda entry: (-entry[0], entry[1])):
        if index not in taken and (field not in used or targets[field].is_list or field == "description"):
            taken[index] = (field, strength)
            used.add(field)
    key = _find_key(table, kind.name, taken)
    return [_propose(table, kind, index, taken.get(index), is_key=index == key) for index in range(len(table.columns))]


def _strength(column: str, words: tuple[str, ...]) -> float:
    if column in words:
        return 0.95 if words.index(column) < 4 else 0.9
    parts = set(column.split())
    inside = [word for word in words if set(word.split()) <= parts]
    return 0.4 + 0.3 * max(len(word.split()) for word in inside) / len(parts) if inside else 0.0


def _find_key(table: Table, kind: str, taken: dict[int, tuple[str, float]]) -> int | None:
    keys = load_vocabulary().keys
    words = (*keys.get(kind, ()), *keys["any"])
    found = [
        (words.index(fold(column)), index)
        for index, column in enumerate(table.columns)
        if fold(column) in words and taken.get(index, ("number", 0.0))[0] in ("number", "code")
    ]
    for _, index in sorted(found):
        filled = [str(row.cells[index]) for row in table.rows if row.cells[index] is not None]
        if len(filled) >= 0.9 * len(table.rows) and len(set(filled)) >= 0.8 * len(filled):
            return index
    return None


def _propose(table: Table, kind: Kind, index: int, found: tuple[str, float] | None, *, is_key: bool) -> ColumnProposal:
    column = table.columns[index]
    reason = person_reason(column, [row.cells[index] for row in table.rows[:2000]])
    if reason:
        return ColumnProposal(column, "", 1.0, f"blijft buiten: {reason}")
    if found is None:
        return (
            ColumnProposal(column, "key", 0.9, "uniek nummer")
            if is_key
            else ColumnProposal(column, "", 0.0, "onbekend")
        )
    field, strength = found
    rule = ColumnRule.model_validate({"from": [column], "to": field})
    collector = Collector()
    filled = [position for position, row in enumerate(table.rows) if row.cells[index] is not None][:_SAMPLE]
    ColumnReader(rule, find_targets(kind)[field], table, index, collector).read(filled)
    unfit = collector.fault_count + sum(question.affected for question in collector.questions)
    fit = 1.0 - unfit / len(filled) if filled else 1.0
    name = "exact" if strength >= 0.9 else "gedeeltelijk"
    return ColumnProposal(
        column, field, round(strength * (0.4 + 0.6 * fit), 2), f"kolomnaam past {name}; {fit:.0%} van de waarden past"
    )


def _questions(table: Table, columns: list[ColumnProposal], kind: Kind | None) -> list[Question]:
    asked = []
    for index, column in enumerate(columns):
        if not column.field or column.field == "key" or column.confidence >= CONFIRM_BELOW:
            continue
        filled = [str(row.cells[index]) for row in table.rows if row.cells[index] is not None]
        asked.append(
            Question(
                join_place(table.place, f"kolom {column.column}"),
                "column-meaning",
                f"Is kolom '{column.column}' het veld {column.field}?",
                f"Is column '{column.column}' the field {column.field}?",
                column.column,
                "to",
                (column.field, ""),
                tuple(dict.fromkeys(filled))[:5] if kind else (),
                len(filled),
            )
        )
    return sorted(asked, key=lambda question: -question.affected)


def _mapping(table: Table, kind: str, columns: list[ColumnProposal]) -> Mapping:
    rules = [
        {"from": [column.column], "to": column.field, "kind": _NAMED.get(column.field, "")}
        for column in columns
        if column.field not in ("", "key")
    ] or [{"from": [table.columns[0]], "to": "name"}]
    keys = [column.column for column in columns if column.field == "key"]
    keys += [column.column for column in columns if column.field in ("number", "code")]
    rule = {
        "name": kind,
        "sheets": [table.sheet] if table.sheet else [],
        "kind": kind,
        "key": keys,
        "columns": rules,
        "own": list(_OWN.get(kind, ())),
    }
    return Mapping(name=f"voorstel-{kind}", system=table.file, tables=(TableRule.model_validate(rule),))
