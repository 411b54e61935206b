"""What somebody has to do, derived from findings; a task is never typed, and goes when it is done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eendracht.kernel.access import Principal, Role
from eendracht.kernel.briefing.findings import RANK, Evidence, Finding, Severity
from eendracht.kernel.briefing.rules import rule_of
from eendracht.kernel.briefing.scope import Scope
from eendracht.kernel.errors import NotFound
from eendracht.kernel.explanation import Explanation, Input, place_of
from eendracht.kernel.wing import Wing, load_parts
from eendracht.kernel.wording import Said

MOST_INPUTS = 50
"""So many rows of a finding are shown with their source."""


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do for one finding: the rows that are one's own, and how many they are."""

    finding: Finding
    rows: Sequence[Evidence]
    count: int

    @property
    def code(self) -> str:
        """The code of the finding."""
        return self.finding.code

    @property
    def is_counted(self) -> bool:
        """Whether the title counts rows, so that one's own can be counted in the same words."""
        return self.finding.count == len(self.finding.evidence)

    @property
    def title(self) -> Said:
        """What is the matter, with the number of one's own rows where it counts rows."""
        return self.finding.title.retell(n=self.count) if self.is_counted else self.finding.title

    @property
    def next_step(self) -> Said:
        """What to do next; what it says to begin with is one's own."""
        return self.finding.next_step.retell(name=self.rows[0].name)

    @property
    def severity(self) -> Severity:
        """How much presses."""
        return self.finding.severity


def list_tasks(scope: Scope, findings: Sequence[Finding], asker: Principal, wings: Iterable[Wing] = ()) -> list[Task]:
    """Give what the asker has to do, the most pressing first.

    That is: the findings on records for which it is editor, and what `wings`, those that are on for it, ask besides.
    """
    own = {organisation for role, organisation in asker.roles if role is Role.EDITOR}
    tasks = []
    for finding in findings:
        refs = sorted({row.ref for row in finding.evidence})
        owners = _owners_of(scope, refs)
        rows = [row for row in finding.evidence if asker.is_operator or owners.get(row.ref) in own]
        if rows:
            tasks.append(Task(finding, rows, len(rows)))
    tasks += (task for source in load_parts(wings, "tasks") for task in source(scope, asker))
    return sorted(tasks, key=lambda task: (RANK[task.severity], -task.finding.weight, task.code))


def _owners_of(scope: Scope, refs: Sequence[str]) -> dict[str, str]:
    return {record.ref: record.owner for record in scope.store.get_among(refs, scope.asker, scope.day)}


def find_finding(findings: Sequence[Finding], code: str) -> Finding:
    """Give the finding with this code; raises NotFound."""
    for finding in findings:
        if finding.code == code:
            return finding
    raise NotFound(f"There is no finding {code[:60]}", hint="List them: eendracht briefing.")


def explain_finding(scope: Scope, finding: Finding, rows: Sequence[Evidence] | None = None) -> Explanation:
    """Give the reasons of a finding: its rule, and each record on which it rests with where and when that was said."""
    rows = finding.evidence if rows is None else rows
    shown = rows[:MOST_INPUTS]
    refs = sorted({row.ref for row in shown})
    records = {record.ref: record for record in scope.store.get_among(refs, scope.asker, scope.day)}
    inputs = []
    for row in shown:
        record = records.get(row.ref)
        source = record.data["source"] if record else {}
        place = row.place.removesuffix(row.ref).strip() or (place_of(record) if record else "")
        value = row.note or Said("", "")
        inputs.append(Input(Said(row.name, row.name), value, row.ref, place, source.get("date", "")))
    count = finding.count if rows is finding.evidence else len(rows)
    return Explanation(
        verdict=finding.title,
        rule=finding.rule or rule_of(finding.code),
        inputs=inputs,
        more_inputs=max(0, count - len(inputs)),
        steps=[finding.reason],
        changes=[finding.next_step],
    )
