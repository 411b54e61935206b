"""What the pages of an import show: the columns to map, and what the file would change, with every fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import Fault, UsageFault
from eendracht.kernel.imports import read_file
from eendracht.kernel.imports.mapping import ColumnRule, Mapping, TableRule
from eendracht.kernel.imports.persons import person_reason
from eendracht.kernel.imports.profiles import get_profile
from eendracht.kernel.imports.proposal import Proposal, propose_mapping
from eendracht.kernel.imports.registry import detect_format
from eendracht.kernel.imports.rows import Reading
from eendracht.kernel.imports.tables import Table, read_tables
from eendracht.kernel.imports.targets import find_targets
from eendracht.kernel.imports.vocabulary import is_header, load_vocabulary
from eendracht.kernel.intake import is_large
from eendracht.kernel.reconcile import Plan, plan_import
from eendracht.kernel.review import answer_mapping
from eendracht.kernel.store import Store
from eendracht.kernel.uploads import Upload, Uploads
from eendracht.kit.forms import Posted
from eendracht.kit.i18n import Words
from eendracht.kit.values import list_refs, print_value
from eendracht.web.search_view import name_of

MOST_SHOWN: Final = 200
MOST_FRESH: Final = 10
"""How many new records of each sort are named."""
_SAMPLES: Final = 3
_KEY: Final = "key"
_NUMBERS: Final = ("number", "code")
"""Fields whose column is a key as well."""
_LOOKED_AT: Final = 2_000
"""In how many rows it is looked whether a column is about persons."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file: what it may be, how sure that is, and a few of its values."""

    at: int
    name: str
    field: str
    confidence: int
    samples: Sequence[str]
    dropped: str
    """Why it stays out, in words; empty where it may come in."""


@dataclass(frozen=True, slots=True)
class MappingView:
    """The columns of a table, for a person to confirm."""

    table: str
    rows: int
    kind: str
    kinds: Sequence[tuple[str, str]]
    columns: Sequence[Column]
    fields: Sequence[tuple[str, str]]
    """Code and label of what a column may fill."""
    others: Sequence[str]
    """Other tables of the file, which this import leaves alone."""


@dataclass(frozen=True, slots=True)
class Change:
    """A field that the file says otherwise."""

    ref: str
    name: str
    field: str
    before: str
    after: str
    is_held: bool


@dataclass(frozen=True, slots=True)
class Fresh:
    """Something that the file brings for the first time: its name, kind, and the fields that are filled."""

    name: str
    kind: str
    fields: Sequence[str]


@dataclass(frozen=True, slots=True)
class PlanView:
    """What the file would change."""

    counts: dict[str, int]
    fresh: Sequence[Fresh]
    """The first that are new, then the first that are made because they are named."""
    more_fresh: int
    changes: Sequence[Change]
    more_changes: int
    faults: Sequence[Fault]
    more_faults: int
    left_out: Sequence[tuple[str, str, int]]
    """Column, reason and number of what is about persons and stays out."""
    ignored: Sequence[tuple[str, int]]
    """Column and number of what nobody gave a meaning."""
    doubts: Sequence[tuple[str, str, str]]
    questions: int
    is_unverified: bool
    is_mapped: bool

    @property
    def has_news(self) -> bool:
        """Whether anything would be recorded."""
        return bool(self.counts.get("new", 0) + self.counts.get("changed", 0) + self.counts.get("mentioned", 0))

    @property
    def is_known(self) -> bool:
        """Whether the file says nothing that is not recorded, and nothing that is not right or not clear."""
        return not (self.has_news or self.faults or self.questions or self.doubts)


class ImportFile:
    """A file that came in, on its way to the records."""

    def __init__(self, store: Store, uploads: Uploads, upload: Upload, asker: Principal) -> None:
        self._store = store
        self._uploads = uploads
        self._asker = asker
        self.upload = upload
        self.path: Path = uploads.path_of(upload)

    @property
    def owner_name(self) -> str:
        """For which organisation it is, as far as the asker may see it."""
        return name_of(self._store, self._asker, self.upload.owner) or self.upload.owner

    @property
    def is_large(self) -> bool:
        """Whether it is too large to show row by row."""
        return self.mapping is None and is_large(self.path)

    @property
    def mapping(self) -> Mapping | None:
        """The mapping that was confirmed, or the profile that was chosen."""
        confirmed = self._uploads.mapping_of(self.upload)
        if confirmed is None and self.upload.profile:
            return get_profile(self.upload.profile)
        return confirmed

    def needs_mapping(self) -> bool:
        """Tell whether a person must say first what its columns mean; raises UnreadableFile."""
        return self.mapping is None and detect_format(self.path) == "table"

    # -- the columns --------------------------------------------------------------------------------------------

    def _table(self) -> tuple[Table, list[Table]]:
        """Give the table that looks most like things with a name, and the others; raises UnreadableFile."""
        tables = read_tables(self.path, is_header)
        if not tables:
            raise UsageFault(f"{self.upload.name} holds no table", hint="Send a file with a row of column names.")
        scored = [propose_mapping(table, self._store.registry) for table in tables]
        named = [at for at, proposal in enumerate(scored) if any(column.field == "name" for column in proposal.columns)]
        chosen = named[0] if named else 0
        return tables[chosen], [table for at, table in enumerate(tables) if at != chosen]

    def propose(self, kind: str, words: Words) -> MappingView:
        """Give the columns with what they may be, for records of a kind; without one, of the likeliest."""
        table, others = self._table()
        proposal = propose_mapping(table, self._store.registry, kind)
        keys = set(proposal.mapping.tables[0].key)
        columns = [
            Column(
                at,
                column.column,
                _KEY if column.column in keys else column.field,
                round(100 * column.confidence),
                _samples(table, column.column),
                say_reason(person_reason(column.column, [row.cells[at] for row in table.rows[:_LOOKED_AT]]), words),
            )
            for at, column in enumerate(proposal.columns)
        ]
        targets = find_targets(self._store.registry.get(proposal.kind)) if proposal.kind else {}
        fields = sorted(((name, words.field(name)) for name in targets), key=lambda item: item[1].casefold())
        known = load_vocabulary().synonyms
        kinds = [(item.name, words.kind(item.name)) for item in self._store.registry if item.name in known]
        return MappingView(
            table=table.place,
            rows=len(table.rows),
            kind=proposal.kind,
            kinds=sorted(kinds, key=lambda item: item[1]),
            columns=columns,
            fields=fields,
            others=[other.place for other in others],
        )

    def confirm(self, posted: Posted, words: Words) -> list[Fault]:
        """Keep the mapping that was confirmed; gives what is wrong with it, and keeps nothing then."""
        kind = (posted.get("kind") or [""])[0]
        if kind not in load_vocabulary().synonyms:
            return [Fault("/kind", "unknown-kind", "Kies wat de rijen zijn", "Choose what the rows are")]
        view = self.propose(kind, words)
        table, _ = self._table()
        proposal = propose_mapping(table, self._store.registry, kind)
        chosen = {
            column.name: (posted.get(f"column.{column.at}") or [column.field])[0]
            for column in view.columns
            if not column.dropped
        }
        fields = [field for field in chosen.values() if field]
        faults = []
        if "name" not in fields:
            nl, en = "Eén kolom moet de naam zijn", "One column must be the name"
            likeliest = [column.at for column in view.columns if column.field == "name" and not column.dropped]
            others = [column.at for column in view.columns if not column.dropped]
            place = f"/column.{(likeliest or others)[0]}" if others else "/kind"
            faults.append(Fault(place, "no-name", nl, en))
        allowed = {code for code, _ in view.fields} | {_KEY, ""}
        for column in view.columns:
            field = chosen.get(column.name, "")
            if field not in allowed:
                faults.append(Fault(f"/column.{column.at}", "unknown-field", "Dit veld is er niet", "No such field"))
        if not faults:
            self._uploads.save_mapping(self.upload, _make_mapping(proposal, chosen))
        return faults

    def forget_mapping(self) -> None:
        """Take the confirmed mapping back, to map again."""
        self._uploads.save_mapping(self.upload, None)

    # -- what it changes ----------------------------------------------------------------------------------------

    def plan(self, words: Words) -> PlanView:
        """Compare the file with the records; raises UnreadableFile, MappingNeeded, and Denied."""
        store = self._store
        mapping = self.mapping
        if mapping is not None:
            mapping = answer_mapping(store, mapping, self.upload.owner, self.upload.system)
        reading = read_file(self.path, None, mapping, store.registry, self.upload.system)
        plan = plan_import(store, reading, self.upload.owner, self._asker)
        return _view_plan(plan, reading, words, store, self._asker)


def _rules_of(proposal: Proposal) -> Sequence[ColumnRule]:
    return proposal.mapping.tables[0].columns


def _samples(table: Table, column: str) -> list[str]:
    at = table.columns.index(column) if column in table.columns else -1
    found: list[str] = []
    for row in table.rows:
        value = str(row.cells[at]).strip() if at >= 0 and at < len(row.cells) and row.cells[at] is not None else ""
        if value and value not in found:
            found.append(value[:60])
            if len(found) == _SAMPLES:
                break
    return found


def _make_mapping(proposal: Proposal, chosen: dict[str, str]) -> Mapping:
    """Give the proposed mapping with what a person chose; a rule that they left as it was keeps its settings."""
    kept = {rule.source[0]: rule for rule in _rules_of(proposal)}
    rules = []
    keys = [name for name, field in chosen.items() if field in _NUMBERS]
    for name, field in chosen.items():
        known = kept.get(name)
        if field == _KEY:
            keys.insert(0, name)
        elif field and known is not None and known.to == field:
            rules.append(known)
        elif field:
            rules.append(ColumnRule.model_validate({"from": [name], "to": field}))
    table: TableRule = proposal.mapping.tables[0].model_copy(update={"columns": tuple(rules), "key": tuple(keys)})
    return proposal.mapping.model_copy(update={"tables": (table,)})


def _list_fresh(plan: Plan, words: Words) -> list[Fresh]:
    """Give the first records that the file describes and are not there yet, and the first that it only names."""
    new = [step for step in plan.steps if step.action == "new"][:MOST_FRESH]
    described = [
        Fresh(
            str(step.said.get("name", step.ref)),
            words.kind(step.row.kind),
            [words.field(name) for name in step.said if name != "name"],
        )
        for step in new
    ]
    return described + [Fresh(stub.name, words.kind(stub.kind), []) for stub in plan.stubs[:MOST_FRESH]]


def say_reason(reason: str, words: Words) -> str:
    """Say why a column or a value stays out, of the reasons that readers give."""
    return {
        "contact": words.gettext("contact data of persons"),
        "email": words.gettext("e-mail addresses"),
        "phone": words.gettext("telephone numbers"),
        "bsn": words.gettext("citizen service numbers"),
        "iban": words.gettext("bank accounts"),
        "person-name": words.gettext("names of persons"),
        "person-row": words.gettext("rows about a person"),
        "secret": words.gettext("passwords or other secrets"),
    }.get(reason, reason)


def _view_plan(plan: Plan, reading: Reading, words: Words, store: Store, asker: Principal) -> PlanView:
    found = [(step.ref, item) for step in plan.steps if step.action == "changed" for item in step.differences]
    shown = found[:MOST_SHOWN]
    refs = list_refs(value for ref, item in shown for value in (ref, item.before, item.after))
    names = {record.ref: record.name for record in store.get_among(refs, asker)} if refs else {}

    def show(field: str, value: object) -> str:
        return print_value(field, value, words, names)

    changes = [
        Change(
            ref,
            names.get(ref, ref),
            words.field(item.field),
            show(item.field, item.before),
            show(item.field, item.after),
            item.held,
        )
        for ref, item in shown
    ]
    fresh = _list_fresh(plan, words)
    return PlanView(
        counts=plan.counts,
        fresh=fresh,
        more_fresh=plan.counts["new"] + plan.counts["mentioned"] - len(fresh),
        changes=changes,
        more_changes=len(found) - len(shown),
        faults=plan.faults[:MOST_SHOWN],
        more_faults=max(0, len(plan.faults) - MOST_SHOWN),
        left_out=[(item.column, say_reason(item.reason, words), item.count) for item in reading.left_out],
        ignored=[(item.name, item.count) for item in reading.ignored],
        doubts=[(doubt.name, doubt.other_name, doubt.place) for doubt in plan.doubts[:MOST_SHOWN]],
        questions=len(plan.questions),
        is_unverified=reading.unverified,
        is_mapped=reading.mapping is not None,
    )
