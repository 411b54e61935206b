"""Many sources, one record: what a file says, held against what is known, shown before anything is written.

Which record a row means is said by `naming`. What the system changed since its last delivery is taken over; what
someone else changed stays. Where another system is the source of truth for a field, or another organisation owns the
record, a difference is shown and not taken over. What disappeared is flagged and never deleted; what may be one thing
goes to the review queue, for a person to decide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import timestamp, today
from eendracht.kernel.deliveries import Binding, dump_plain, name_system, remember_delivery
from eendracht.kernel.differences import Difference, Disappeared, Doubt, Plan, Policy, Step
from eendracht.kernel.errors import EendrachtError, Fault, NotFound
from eendracht.kernel.imports.rows import Question, Reading, SourceRow
from eendracht.kernel.merging import Sides, merge_sides
from eendracht.kernel.naming import Naming, draft_row
from eendracht.kernel.recognition import is_spelling
from eendracht.kernel.records import Record, prepare
from eendracht.kernel.store.append import Written
from eendracht.kernel.store.driver import Connection
from eendracht.kernel.store.store import Store
from eendracht.kernel.surroundings import Surroundings, look_around, look_at_refs
from eendracht.kernel.truths import PERIOD, load_policy

__all__ = ["Difference", "Disappeared", "Doubt", "Plan", "Policy", "Step", "apply_plan", "plan_batch", "plan_import"]


def plan_import(store: Store, reading: Reading, owner: str, author: Principal, policy: Policy | None = None) -> Plan:
    """Compare what a file says with what is known; writes nothing.

    `owner` is the ref of the organisation for which the file is imported. Rows that their kind refuses become faults
    with their place; the others are planned. `policy` stands in for the sources of truth that are on record.
    """
    surroundings = look_around(store, reading, owner, author)
    return _Planner(store, reading, owner, author, surroundings, policy).plan()


def plan_batch(store: Store, reading: Reading, owner: str, author: Principal) -> Plan:
    """Compare some rows of a file whose rows all give their ref; looks up those records and no others.

    What the batch does not hold did not disappear: it may be in another. Raises and writes nothing, as `plan_import`.
    """
    surroundings = look_at_refs(store, reading, owner, author)
    return _Planner(store, reading, owner, author, surroundings, None).plan()


def apply_plan(
    store: Store,
    plan: Plan,
    author: Principal,
    also: Callable[[Connection, Sequence[Written]], None] | None = None,
) -> list[Written]:
    """Record everything that a plan holds, and what the system delivered, in one transaction with `also`.

    Raises Conflict where a record changed since the plan was made: nothing is written then.
    """
    drafts = [step.draft for step in plan.steps if step.draft is not None]
    ordered = [*plan.stubs, *drafts]

    def remember(connection: Connection, written: Sequence[Written]) -> None:
        remember_delivery(connection, plan, written, timestamp(store.clock.now()), today(store.clock).isoformat())
        if also:
            also(connection, written)

    return store.append(ordered, author, also=remember)


class _Planner:
    def __init__(
        self,
        store: Store,
        reading: Reading,
        owner: str,
        author: Principal,
        surroundings: Surroundings,
        policy: Policy | None,
    ) -> None:
        self.surroundings = surroundings
        self.store, self.reading, self.owner, self.policy = store, reading, owner, policy
        self.system = name_system(owner, reading.system)
        self.day = today(store.clock).isoformat()
        self._policies: dict[str, Policy] = {}
        self.questions: list[Question] = list(reading.questions)
        self.naming = Naming(store, reading, owner, author, surroundings)
        self.faults = self.naming.faults
        self.bindings = surroundings.bindings
        self.known = surroundings.known

    # -- planning -----------------------------------------------------------------------------------------------

    def plan(self) -> Plan:
        """Name every row first, so that rows can mention each other, then compare what means one thing together."""
        rows = [row for row in self.reading.rows if self.naming.name_row(row)]
        together: dict[str, list[tuple[SourceRow, dict[str, Any]]]] = defaultdict(list)
        for row in rows:
            together[self.naming.refs[row.kind, row.key]].append((row, self._said(row)))
        steps = [step for ref, said in together.items() for step in self._compare(ref, said)]
        order = {id(row): number for number, row in enumerate(rows)}
        steps.sort(key=lambda step: order[id(step.row)])
        used = {ref for step in steps for ref in step.list_refs()}
        return Plan(
            self.system,
            self.owner,
            tuple(steps),
            tuple(stub for ref, stub in self.naming.stubs.items() if ref in used),
            tuple(doubt for doubt in self.naming.doubts if doubt.ref in used),
            tuple(self._list_disappeared()),
            tuple(self.faults),
            tuple(self.questions),
            len(self.reading.rows) - len(steps),
        )

    def _list_disappeared(self) -> Iterable[Disappeared]:
        seen = {(row.kind, row.key) for row in self.reading.rows}
        kinds = {row.kind for row in self.reading.rows}
        for bound in self.bindings.values() if self.surroundings.is_whole else ():
            if bound.kind in kinds and (bound.kind, bound.key) not in seen:
                yield Disappeared(bound.kind, bound.key, bound.uid, bound.place)

    # -- comparing ----------------------------------------------------------------------------------------------

    def _said(self, row: SourceRow) -> dict[str, Any]:
        """Give what a row says as plain data: relations as refs, its period, and nothing that says nothing."""
        silent = self.store.registry.get(row.kind).silent
        said: dict[str, Any] = orjson.loads(dump_plain(self.naming.resolve_mentions(row)))
        if isinstance(said.get("name"), str):
            said["name"] = " ".join(said["name"].split())
        said = {name: value for name, value in said.items() if name not in silent or value != silent[name]}
        period = zip(PERIOD, (row.valid_from, row.valid_until), strict=True)
        return said | {name: day.isoformat() for name, day in period if day is not None}

    def _compare(self, ref: str, rows: Sequence[tuple[SourceRow, dict[str, Any]]]) -> list[Step]:
        """Compare the rows that mean one thing: the first leads, later ones add what it does not say."""
        (lead, first), *others = rows
        said = dict(first)
        for row, more in others:
            self._ask_double(lead, row, said, more)
            said = more | said
        current = self.known[lead.kind].by_ref.get(ref)
        try:
            step = self._step(lead, ref, said, current)
        except EendrachtError as error:
            self._refuse(lead, error)
            return []
        return [step, *(Step("double", ref, row, (), more) for row, more in others)]

    def _ask_double(self, lead: SourceRow, row: SourceRow, said: dict[str, Any], more: dict[str, Any]) -> None:
        contrary = [name for name, value in more.items() if name != "name" and said.get(name, value) != value]
        if not contrary:
            return
        fields = ", ".join(sorted(contrary))
        name = str(row.spec.get("name", ""))[:80]
        self.questions.append(
            Question(
                row.place,
                "double-row",
                f"'{name}' staat ook op {lead.place}, maar anders ({fields}). Is het één ding? De eerste rij telt nu.",
                f"'{name}' is also at {lead.place}, but differs ({fields}). Is it one thing? The first row counts now.",
                affected=1,
            )
        )

    def _refuse(self, row: SourceRow, error: EendrachtError) -> None:
        for fault in error.faults:
            steps = fault.pointer.split("/")
            place = row.place_of(steps[2] if len(steps) > 2 else "")
            self.faults.append(Fault(place, fault.code, fault.nl, fault.en, fault.hint))
        if not error.faults:
            self.faults.append(Fault(row.place, error.code, error.title_nl, str(error), error.hint))

    def _step(self, row: SourceRow, ref: str, said: dict[str, Any], current: Record | None) -> Step:
        # Where a record holds again after its end, all that the row says is new.
        bound = None if current is not None and current.ended else self.bindings.get((row.kind, row.key))
        before = self._before(current)
        if row.facts.get("ended"):
            return self._end(row, ref, said, before, current)
        if current is not None and current.ended and str(row.valid_from or "") < current.data["validFrom"]:
            # Only a source that says from when it holds again can undo what somebody ended.
            kept = Difference("validUntil", current.data["validFrom"], said.get("validUntil"), True, "ended")
            return Step("unchanged", ref, row, (kept,), said)
        merged, differences = self._merge(row, said, before, current, bound)
        self._keep_end(merged, differences, current)
        if current is not None and all(difference.held for difference in differences):
            return Step("unchanged", ref, row, tuple(differences), said)
        generation = self.surroundings.generation_of(current)
        draft = draft_row(self.reading, self.owner, self.day, row, ref, merged, current)
        prepared = prepare(draft, self.store.registry, generation)
        if current is not None:
            content = prepared.content
            after = content["spec"] | {name: content[name] for name in PERIOD if content[name]}
            differences = [d for d in differences if d.held or before.get(d.field) != after.get(d.field)]
            if all(difference.held for difference in differences):
                return Step("unchanged", ref, row, tuple(differences), said)
        return Step("changed" if current else "new", ref, row, tuple(differences), said, prepared)

    def _end(
        self, row: SourceRow, ref: str, said: dict[str, Any], before: Mapping[str, Any], current: Record | None
    ) -> Step:
        """Plan the end of a record, as a source in drafts of ours says it."""
        if current is None:
            raise NotFound(f"{ref} is not known", hint="Only what was recorded can end.")
        day = said.get("validFrom")
        if day and day in (self.surroundings.ends.get(current.uid), current.ended and current.data["validFrom"]):
            return Step("unchanged", ref, row, (), said)
        spec = dict(before) | {"validFrom": day, "validUntil": said.get("validUntil")}
        draft = draft_row(self.reading, self.owner, self.day, row, ref, spec, current) | {"ended": True}
        prepared = prepare(draft, self.store.registry, self.surroundings.generation_of(current))
        return Step("changed", ref, row, (Difference("validUntil", before.get("validUntil"), day),), said, prepared)

    def _keep_end(self, merged: dict[str, Any], differences: Sequence[Difference], current: Record | None) -> None:
        """Let a change hold no longer than the record does, unless the source newly says until when."""
        end = self.surroundings.ends.get(current.uid) if current is not None and not current.ended else None
        if end and not any(d.field == "validUntil" and not d.held for d in differences):
            merged["validUntil"] = min(merged.get("validUntil", end), end)

    def _before(self, current: Record | None) -> dict[str, Any]:
        if current is None:
            return {}
        return current.spec(self.store.registry) | {n: current.data[n] for n in PERIOD if current.data[n]}

    def _merge(
        self,
        row: SourceRow,
        said: Mapping[str, Any],
        before: Mapping[str, Any],
        current: Record | None,
        bound: Binding | None,
    ) -> tuple[dict[str, Any], list[Difference]]:
        """Hold a row against its record, under the sources of truth of whoever owns what the row is about."""
        owner = str(row.facts.get("owner", self.owner))
        sides = Sides(
            row.kind,
            self.reading.system,
            said,
            bound.given if bound else {},
            before,
            is_new=current is None,
            is_foreign=current is not None and current.owner != owner,
        )
        return merge_sides(
            sides,
            self._policy_of(owner),
            lambda name: current is not None and is_spelling(name, current),
        )

    def _policy_of(self, owner: str) -> Policy:
        if self.policy is not None:
            return self.policy
        if owner not in self._policies:
            self._policies[owner] = load_policy(self.store, owner)
        return self._policies[owner]
