"""The pay-back warning: what a change of income or household would cost of an amount that is paid in advance.

A person asks for it; what the person told is kept in the vault and nowhere else. Given a new fact, the law is worked
out on both sides and the difference over the months so far is what may have to be paid back. It is information.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.populations import STREAM
from eendracht.kernel.rules.evaluation import evaluate
from eendracht.kernel.rules.facts import Case, Register
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.reads import Read, Watch, with_fact
from eendracht.kernel.rules.turning import Turning, variable_of
from eendracht.kernel.rules.values import Absent, to_plain
from eendracht.kernel.vault import Vault
from eendracht.services.proactive.benefits import benefit_of
from eendracht.services.proactive.messages import Language, Message, write_warning
from eendracht.services.proactive.request import LawAsked
from eendracht.services.proactive.retention import WARNING
from eendracht.services.proactive.stops import clerk

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance

GROUND: Final = "avg/art-6-1-a"
"""The person asks for it."""
PURPOSE: Final = "payback-warning"
MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Payback:
    """What a change comes to: eurocents a year before and after, and what may come back over the months so far.

    Where a fact is missing `after` or `before` is None, `missing` says which, and nothing is said of paying back.
    """

    law: str
    title: str
    article: str
    url: str
    months: int
    before: int | None
    after: int | None
    missing: Sequence[str] = ()

    @property
    def back(self) -> int | None:
        """Eurocents that may have to be paid back; None where that is not known."""
        if self.before is None or self.after is None:
            return None
        # Half a cent upwards: an estimate must not be too low.
        return max(0, (2 * (self.before - self.after) * self.months + MONTHS) // (2 * MONTHS))

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "law": self.law,
            "title": self.title,
            "article": self.article,
            "url": self.url,
            "months": self.months,
            "before": self.before,
            "after": self.after,
            "back": self.back,
            "missing": list(self.missing),
        }


def count_months(start: date, on: date) -> int:
    """Give how many months of the year of `on` were paid from `start` on, the running one included."""
    first = max(start, date(on.year, 1, 1))
    return max(0, on.month - first.month + 1) if first <= on else 0


def expect_payback(library: Library, asked: LawAsked, before: Case, after: Case, since: date) -> Payback:
    """Work a law out as it was and as it becomes, and say what may come back for the months since a day.

    For an income of the year that is its first day, for a change of household the day of the change. Raises
    NoSuchRule, InvalidInput, RuleFailure.
    """
    law = library.select(asked.law, after.on).regulation
    article = law.article_of(asked.output)
    missing: set[str] = set()
    amounts = [_amount(library, asked, case, missing) for case in (before, after)]
    return Payback(
        asked.law,
        law.name,
        article.number if article else "",
        (article.url if article else "") or law.url,
        count_months(since, after.on),
        amounts[0],
        amounts[1],
        sorted(missing),
    )


def _amount(library: Library, asked: LawAsked, case: Case, missing: set[str]) -> int | None:
    found = evaluate(library, asked.law, [asked.output], case, is_whole_article=False)
    outcome = found.outcomes.get(asked.output)
    if outcome is None or isinstance(outcome.value, Absent) or outcome.value is None:
        missing |= {fact.name for fact in found.missing}
        return None
    return int(outcome.value * asked.times)


@dataclass(frozen=True, slots=True)
class TurningPoint:
    """How high a fact may become before the right ends, as the law is worked out; `first_lost` is one step further."""

    name: str
    now: int
    still: int
    first_lost: int


def find_turning_point(
    library: Library, asked: LawAsked, case: Case, fact: str, step: int = 100
) -> TurningPoint | None:
    """Find how far an amount (an income in eurocents) may rise before the right ends; None where it never does.

    To the step (a whole euro).
    """
    watch = Watch(case)

    def run(trial: Case) -> Any:
        found = evaluate(library, asked.law, [asked.output], trial, is_whole_article=False)
        outcome = found.outcomes.get(asked.output)
        return None if outcome is None else outcome.value

    now = run(watch.case)
    if isinstance(now, Absent) or not now:
        return None
    turning = Turning(run, now)
    for variable in variable_of(case, fact, watch.reads(), step=step):
        if variable.is_about_other:
            continue
        for turn in turning.turns(variable):
            if turn.direction == 1:
                return TurningPoint(fact, int(turn.before), int(turn.value) - step, int(turn.value))
    return None


# -- what a person asked for ------------------------------------------------------------------------------------------


class Warnings:
    """The pay-back warnings that people asked one organisation for."""

    def __init__(self, instance: Instance, controller: str) -> None:
        self._instance = instance
        self._controller = controller
        self._clerk = clerk(controller)

    def ask(self, subject: str, asked: LawAsked, case: Case, since: date) -> str:
        """Keep that a person wants to be warned, with the facts as they were told; gives the id of the item.

        Raises NoSuchRule, InvalidInput, RuleFailure where the law cannot be worked out for these facts at all.
        """
        watch = Watch(case)
        evaluate(self._instance.lawbook.library, asked.law, [asked.output], watch.case, is_whole_article=False)
        content = {
            "law": asked.law,
            "output": asked.output,
            "times": asked.times,
            "since": since.isoformat(),
            "on": case.on.isoformat(),
            "parameters": {name: to_plain(value) for name, value in case.parameters.items()},
            "facts": [_fact(read) for read in watch.reads() if read.column],
        }
        item = self._vault.put(
            subject, WARNING, content, controller=self._controller, ground=GROUND, author=self._clerk
        )
        line = {"event": "warning-asked", "item": item, "controller": self._controller, "law": asked.law}
        self._instance.journal.append(STREAM, [line])
        return item

    def check(self, item: str, changes: Mapping[str, Any], on: date, since: date | None = None) -> Payback:
        """Say what new facts (by name, of the person) come to; `since` is the day of a change of household.

        Raises NotFound, InvalidInput for a fact that the law does not ask, and as `expect_payback`.
        """
        content = self._vault.get(item, PURPOSE, self._clerk)
        assert isinstance(content, dict)
        asked = LawAsked(content["law"], content["output"], content["times"])
        before = _case(content, on)
        after = _changed(before, content, changes)
        start = since or date.fromisoformat(content["since"])
        return expect_payback(self._instance.lawbook.library, asked, before, after, start)

    def write(self, found: Payback, language: Language) -> Message | None:
        """Write the warning; None where nothing comes back, as far as that is known."""
        if not found.back or found.before is None or found.after is None:
            return None
        benefit = benefit_of(found.law, found.title, self._controller)
        return write_warning(benefit, found.article, found.title, found.back, found.before, found.after, language)

    @property
    def _vault(self) -> Vault:
        return self._instance.vault


def _fact(read: Read) -> dict[str, Any]:
    return {
        "register": read.register,
        "key": read.key,
        "subject": to_plain(read.subject),
        "name": read.column,
        "value": to_plain(read.value),
    }


def _case(content: Mapping[str, Any], on: date) -> Case:
    rows: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    for fact in content["facts"]:
        row = rows.setdefault((fact["register"], fact["key"]), {}).setdefault(str(fact["subject"]), {})
        row |= {fact["key"]: fact["subject"], fact["name"]: fact["value"]}
    registers = tuple(Register(name, key, some.values()) for (name, key), some in rows.items())
    return Case(on, content["parameters"], registers)


def _changed(case: Case, content: Mapping[str, Any], changes: Mapping[str, Any]) -> Case:
    known = {(fact["name"], fact["register"], fact["key"]): fact for fact in content["facts"]}
    faults = []
    for name, value in changes.items():
        found = next((fact for (column, *_), fact in known.items() if column.casefold() == name.casefold()), None)
        if name in case.parameters:
            case = Case(case.on, {**case.parameters, name: value}, case.registers)
        elif found is None:
            nl, en = f"De regeling vraagt niet naar '{name}'", f"The law does not ask '{name}'"
            hint = f"It asks: {', '.join(sorted({column for column, *_ in known}))}."
            faults.append(Fault(f"/changes/{name}", "unknown-fact", nl, en, hint))
        else:
            subject = case.parameters.get(found["key"], found["subject"])
            read = Read(found["register"], "", found["key"], subject, found["name"], None)
            case = with_fact(case, read, value)
    if faults:
        raise InvalidInput(f"{len(faults)} facts are not asked", faults=faults)
    return case
