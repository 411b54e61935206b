"""What a change that somebody tells of would cost: each benefit as it is, as it becomes, and what comes back.

An income counts for the whole year (Awir, art. 8); a partner counts from the month that is told. So the months before
a change of household are worked out with the new income in the old household, and the months since in the new one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, Literal

from eendracht.kernel.rules.library import Library
from eendracht.kernel.wording import Said
from eendracht.reference.facts import Benefit, FactName, load_benefits
from eendracht.services.forms.extracts import Dossier
from eendracht.services.forms.facts import PARTNERSHIP, Ask, FormFacts
from eendracht.services.forms.form import Form, Question, ask_of, next_step
from eendracht.services.forms.outcomes import Outcome, explain_outcome, work_out
from eendracht.services.proactive.payback import MONTHS

INCOMES: Final = ("loon_uit_dienstbetrekking", "uitkeringen_en_pensioenen", "winst_uit_onderneming")
"""The incomes of which a change can be told, each of the whole year in eurocents."""
_AMOUNTS: Final[Mapping[str, tuple[str, int]]] = {
    "zorgtoeslag": ("hoogte_zorgtoeslag", 1),
    "huurtoeslag": ("hoogte_huurtoeslag", 1),
    "kindgebonden-budget": ("hoogte_kindgebonden_budget", 1),
    "aow": ("aow_pensioen_per_maand", MONTHS),
}
"""By benefit that income or household changes: the output with its amount, and how often a year that is paid."""
SEARCHING_SECONDS: Final = 0.15
Certainty = Literal["sure", "estimate", "disputed", "unknown"]


@dataclass(frozen=True, slots=True)
class Change:
    """What changes: incomes of the year in eurocents, and the tie with a partner from a month of this year on.

    `household` is a code of the tie, `none` for who has no partner any more, empty where nothing changes.
    """

    incomes: Mapping[str, int] = field(default_factory=dict)
    household: str = ""
    month: int = 1

    def incomes_only(self, facts: FormFacts) -> FormFacts:
        """Give facts with the new incomes in the old household."""
        return replace(facts, stated={**facts.stated, **{Ask(name): value for name, value in self.incomes.items()}})

    def whole(self, facts: FormFacts) -> FormFacts:
        """Give facts as they become."""
        changed = self.incomes_only(facts)
        if not self.household:
            return changed
        tie = None if self.household == "none" else self.household
        return replace(changed, stated={**changed.stated, Ask(PARTNERSHIP): tie})

    def apply(self, form: Form) -> Form:
        """Give a form as it becomes, to see which facts it still needs."""
        known = form.facts.stated
        added = {ask: value for ask, value in self.whole(form.facts).stated.items() if known.get(ask, ...) != value}
        return replace(form, claims={**form.claims, **added})


@dataclass(frozen=True, slots=True)
class Range:
    """Eurocents, from and to: two amounts only where sources give different figures."""

    low: int
    high: int

    @property
    def is_one(self) -> bool:
        """Whether it is one amount."""
        return self.low == self.high


@dataclass(frozen=True, slots=True)
class Expected:
    """What a change comes to for one benefit: amounts a year, what comes back so far, and by the end of the year.

    An amount that is None is not known; `missing` then says which facts it waits for.
    """

    benefit: Benefit
    before: Range | None
    after: Range | None
    back: Range | None
    back_at_end: Range | None
    months: int
    certainty: Certainty
    law: str
    article: str
    url: str
    missing: Sequence[Ask] = ()
    bodies: Sequence[FactName] = ()
    """Figures that a body has not published in a source that we have."""
    changes: Sequence[Said] = ()

    @property
    def matters(self) -> bool:
        """Whether there is something to show: who has no right before or after sees nothing of it."""
        return any(amount is None or amount.high for amount in (self.before, self.after))


def list_advances() -> tuple[Benefit, ...]:
    """Give the benefits that income or household changes, each with the output of which the amount is counted."""
    benefits = load_benefits()
    return tuple(
        replace(benefits[code], amount=output, per="year" if times == 1 else "month", counts_on="day")
        for code, (output, times) in _AMOUNTS.items()
    )


def next_question(library: Library, form: Form, change: Change) -> tuple[Question | None, bool]:
    """Give the next fact to ask, and whether it is asked as it becomes; None where nothing is left to ask."""
    now = next_step(library, form).question
    if now is not None:
        return now, False
    return next_step(library, change.apply(form)).question, True


def expect_change(library: Library, form: Form, change: Change, seconds: float = SEARCHING_SECONDS) -> list[Expected]:
    """Work out every benefit as it is and as it becomes; who is behind with telling sees the months so far.

    `seconds` is how long is looked, for each, for what would change it.
    """
    found = [_expect(library, benefit, form, change, seconds) for benefit in form.benefits]
    return sorted((one for one in found if one.matters), key=lambda one: -(one.back.high if one.back else 0))


def _expect(library: Library, benefit: Benefit, form: Form, change: Change, seconds: float) -> Expected:
    facts = form.facts
    held = [work_out(library, benefit, item) for item in (facts, change.incomes_only(facts), change.whole(facts))]
    before, between, after = (amount_of(outcome) for outcome in held)
    told = change.month if change.household else MONTHS + 1
    back, at_end = (_back(before, between, after, told, last) for last in (form.on.month, MONTHS))
    last = held[2]
    loses = back is not None and at_end is not None and at_end.high > 0
    explained = explain_outcome(library, last, change.whole(facts), seconds) if loses else None
    return Expected(
        benefit,
        before,
        after,
        back,
        at_end,
        form.on.month,
        _certainty(held, (before, between, after)),
        last.law_name or held[0].law_name,
        last.article or held[0].article,
        last.url or held[0].url,
        tuple(dict.fromkeys(ask_of(need, form.facts) for outcome in held for need in outcome.needs)),
        tuple(dict.fromkeys(body for outcome in held for body in outcome.bodies)),
        tuple(explained.changes) if explained else (),
    )


def amount_of(outcome: Outcome) -> Range | None:
    """Give what an outcome comes to in eurocents a year: nothing where there is no right, None where it is unknown."""
    if outcome.status == "no":
        return Range(0, 0)
    if outcome.status != "yes" or outcome.low is None or outcome.high is None:
        return None
    times = _AMOUNTS[outcome.benefit.code][1]
    return Range(int(outcome.low * times), int(outcome.high * times))


def _back(before: Range | None, between: Range | None, after: Range | None, told: int, last: int) -> Range | None:
    """Give what was paid too much from January to a month, where the household is another from the month `told` on."""
    if before is None or between is None or after is None:
        return None
    old = min(told - 1, last)
    ends = []
    for side in ("low", "high"):
        was, half, becomes = (getattr(amount, side) for amount in (before, between, after))
        # Half a cent upwards: an estimate must not be too low.
        lost = (was - half) * old + (was - becomes) * (last - old)
        ends.append(max(0, (2 * lost + MONTHS) // (2 * MONTHS)))
    return Range(min(ends), max(ends))


def _certainty(held: Sequence[Outcome], amounts: Sequence[Range | None]) -> Certainty:
    if any(amount is None for amount in amounts):
        return "unknown"
    if any(amount is not None and not amount.is_one for amount in amounts):
        return "disputed"
    # An income of the running year is an estimate until the year is over.
    reads = {read.column for outcome in held for read in outcome.reads}
    return "estimate" if reads & set(INCOMES) else "sure"


def begin_form(on: date, dossier: Dossier) -> Form:
    """Give a form of every benefit of this part with what registers know."""
    return Form(list_advances(), on, dossier.registers, dossier.subject)
