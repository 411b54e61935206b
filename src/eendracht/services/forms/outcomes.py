"""What a person gets by the rules at this moment: yes, no or not known yet, how much, and what it still waits for."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, Literal

from eendracht.kernel.errors import EendrachtError
from eendracht.kernel.explanation import Explanation
from eendracht.kernel.rules.evaluation import evaluate
from eendracht.kernel.rules.facts import Case
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.needs import Need, needs
from eendracht.kernel.rules.outcome import Evaluation
from eendracht.kernel.rules.reads import Read, Watch
from eendracht.kernel.rules.receipts import Request
from eendracht.kernel.rules.spoken import day_said, value_said
from eendracht.kernel.rules.values import Unknown, Untranslatable
from eendracht.kernel.wording import Said
from eendracht.reference.facts import Benefit, FactName, OpenFigure, load_fact_names
from eendracht.services.forms.facts import Ask, FormFacts, figures_of

Status = Literal["yes", "no", "unknown", "judge", "refused", "no-rule"]
AREA: Final = "gemeente_code"
_PERIODS: Final = {
    "month": Said("per maand", "a month"),
    "quarter": Said("per kwartaal", "a quarter"),
    "year": Said("per jaar", "a year"),
    "": Said("", ""),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one benefit comes to. `low` and `high` differ where sources give different figures; None is not known.

    `since` is the day for which it is asked. `needs` are the facts that it waits for, in the order of the law, `bodies`
    the figures that a body has not published in a source that we have, `disputed` those on which sources disagree.
    """

    benefit: Benefit
    since: date
    status: Status
    low: Any = None
    high: Any = None
    unit: str = ""
    law_name: str = ""
    article: str = ""
    url: str = ""
    needs: tuple[Need, ...] = ()
    bodies: tuple[FactName, ...] = ()
    disputed: tuple[OpenFigure, ...] = ()
    reads: tuple[Read, ...] = ()
    why_refused: str = ""
    """Code of the error for which the law could not be applied."""
    seldom: int = 0
    """How many facts more may be asked, that decide for few people; `needs` then leaves them out."""
    is_earlier: bool = False
    """Whether it was worked out by the last rules that are known, which hold no more."""
    is_later: bool = False
    """Whether it counts from a later day than the one that was asked."""

    @property
    def is_settled(self) -> bool:
        """Whether no answer of a person changes it."""
        return not self.needs

    @property
    def amount_said(self) -> Said | None:
        """The amount in words, as one or as a range; None where it is not known or there is none."""
        if self.low is None or self.high is None or self.status != "yes":
            return None
        low, high = value_said(self.low, self.unit), value_said(self.high, self.unit)
        per = _PERIODS[self.benefit.per]
        if self.low == self.high:
            return Said(f"{low.nl} {per.nl}".strip(), f"{low.en} {per.en}".strip())
        return Said(
            f"tussen {low.nl} en {high.nl} {per.nl}".strip(), f"between {low.en} and {high.en} {per.en}".strip()
        )

    @property
    def said(self) -> Said:
        """What it comes to, in one sentence."""
        name = Said(self.benefit.name_nl, self.benefit.name_en)
        amount = self.amount_said
        if self.status == "yes":
            more = Said("het bedrag is nog niet bekend", "the amount is not known yet")
            more = amount or (more if self.benefit.amount else Said("", ""))
            day = day_said(self.since)
            since = Said(f" vanaf {day.nl}", f" from {day.en}") if self.is_later else Said("", "")
            if self.is_earlier:
                since = Said(
                    f" met de regels van {self.since.year} (die van dit jaar zijn hier nog niet)",
                    f" by the rules of {self.since.year} (those of this year are not here yet)",
                )
            return Said(
                f"{name.nl}: ja{since.nl}{', ' if more.nl else ''}{more.nl}.",
                f"{name.en}: yes{since.en}{', ' if more.en else ''}{more.en}.",
            )
        words = {
            "no": Said("nee, met deze gegevens niet", "no, not with these facts"),
            "unknown": Said("nog niet bekend", "not known yet"),
            "judge": Said("dit moet een mens beoordelen", "a person has to judge this"),
            "refused": Said("dit is niet uit te rekenen", "this cannot be worked out"),
            "no-rule": Said(
                "voor deze gemeente is er hier nog geen uitvoerbare regel; vraag het de gemeente",
                "there is no executable rule for this municipality here yet; ask the municipality",
            ),
        }[self.status]
        return Said(f"{name.nl}: {words.nl}.", f"{name.en}: {words.en}.")


def work_out(library: Library, benefit: Benefit, facts: FormFacts, *, with_needs: bool = True) -> Outcome:
    """Give what a benefit comes to with what is known; never raises for what the rules refuse.

    Without needs it is not looked for which facts are still missing, which takes most of the time.
    """
    on = counting_day(library, benefit, facts)
    if (elsewhere := _not_of_area(library, benefit, facts, on)) is not None:
        return elsewhere
    try:
        return replace(
            _work_out(library, benefit, facts, on, with_needs), is_later=on > facts.on, is_earlier=on < facts.on
        )
    except EendrachtError as error:
        return Outcome(benefit, on, "refused", why_refused=error.code)


def counting_day(library: Library, benefit: Benefit, facts: FormFacts) -> date:
    """Give the day for which a benefit is worked out: of a law of years gone by, the last day on which it held."""
    on = facts.counting_day(benefit.counts_on)
    if benefit.counts_on != "last-known":
        return on
    ends = [law.valid_to for law in library if law.id == benefit.law and (law.valid_from or date.min) <= on]
    return on if not ends or None in ends else min(on, max(end for end in ends if end is not None))


def _not_of_area(library: Library, benefit: Benefit, facts: FormFacts, on: date) -> Outcome | None:
    """Give what an ordinance of one municipality comes to elsewhere, or where nobody said which municipality it is."""
    if not benefit.area:
        return None
    area = facts.value(Ask(AREA))
    if area is not None:
        return None if str(area[0]).casefold() == benefit.area else Outcome(benefit, on, "no-rule")
    law = next((item for item in library if item.id == benefit.law), None)
    name = law.name if law else benefit.law
    need = Need(AREA, benefit.law, name, "", law.url if law else "", "", "string", "", is_sure=True)
    return Outcome(benefit, on, "unknown", law_name=name, needs=(need,))


def _work_out(library: Library, benefit: Benefit, facts: FormFacts, on: date, with_needs: bool) -> Outcome:
    request = Request(benefit.law, benefit.outputs, "propagate")
    wanted = [item.name for item in load_fact_names().values() if item.is_of_body]
    first = facts.case(on, {})
    watch = Watch(first)
    found = request.run(library, watch.case)
    asked = {fact.name for fact in found.missing}
    names = [name for name in wanted if name in asked and figures_of(name, on)]
    runs, case = [found], first
    if names:
        cases = [facts.case(on, chosen) for chosen in facts.figures(names, on)]
        watch = Watch(cases[0])
        runs, case = [request.run(library, watch.case), *(request.run(library, item) for item in cases[1:])], cases[0]
    open_needs: tuple[Need, ...] = ()
    settled: Mapping[str, Any] = {}
    seldom = 0
    found_values = [runs[0].outcomes[name].value for name in benefit.outputs if name in runs[0].outcomes]
    if with_needs and any(isinstance(value, Unknown) for value in found_values):
        names_missing = {fact.name for fact in runs[0].missing}
        rare = [item.name for item in load_fact_names().values() if item.is_seldom and item.name in names_missing]
        # What decides for few is asked last: until then it is taken as it is for most, which is far less to try.
        wanting = needs(library, benefit.law, benefit.outputs, facts.supposing(case, rare)) if rare else None
        if wanting is not None and any(not _is_of_body(need) for need in wanting.facts):
            open_needs = wanting.facts
            seldom = len(rare) * (1 if facts.partner_key is None else 2)
        else:
            wanting = needs(library, benefit.law, benefit.outputs, case)
            open_needs, settled = wanting.facts, wanting.settled
    found_now = _conclude(benefit, on, runs, open_needs, settled, names, watch.reads())
    return replace(found_now, seldom=seldom)


def _conclude(
    benefit: Benefit,
    on: date,
    runs: list[Evaluation],
    open_needs: Iterable[Need],
    settled: Mapping[str, Any],
    figures: Iterable[str],
    reads: Iterable[Read],
) -> Outcome:
    rights = [settled.get(benefit.right, _value(run, benefit.right)) for run in runs]
    amounts = [settled.get(benefit.amount, _value(run, benefit.amount)) for run in runs] if benefit.amount else []
    bodies = [need for need in open_needs if _is_of_body(need)]
    left = tuple(need for need in open_needs if not _is_of_body(need))
    known = [amount for amount in amounts if amount is not None and not isinstance(amount, Unknown | Untranslatable)]
    is_whole = len(known) == len(amounts) and known
    place = runs[0].outcomes.get(benefit.amount or benefit.right) or runs[0].outcomes[benefit.right]
    names = load_fact_names()
    return Outcome(
        benefit,
        on,
        _status(rights),
        min(known) if is_whole else None,
        max(known) if is_whole else None,
        place.field.unit if place.field else "",
        place.law.name,
        place.article.number,
        place.article.url or place.law.url,
        left,
        tuple(dict.fromkeys(names[need.name] for need in bodies)),
        tuple(item for name in figures for item in figures_of(name, on) if len(figures_of(name, on)) > 1),
        tuple(reads),
    )


def _value(run: Evaluation, name: str) -> Any:
    outcome = run.outcomes.get(name)
    return outcome.value if outcome else Unknown(frozenset())


def _status(rights: list[Any]) -> Status:
    if any(isinstance(right, Untranslatable) for right in rights):
        return "judge"
    if all(right is True for right in rights):
        return "yes"
    return "no" if all(right is False for right in rights) else "unknown"


def _is_of_body(need: Need) -> bool:
    found = load_fact_names().get(need.name)
    return found is not None and found.is_of_body


def case_of(benefit: Benefit, facts: FormFacts, on: date) -> tuple[Request, Case]:
    """Give the request and the case of a day, with which an outcome can be explained or put in a receipt."""
    names = [item.name for item in load_fact_names().values() if item.is_of_body]
    chosen = next(iter(facts.figures(names, on)))
    return Request(benefit.law, benefit.outputs, "propagate"), facts.case(on, chosen)


class _OutOfTime(EendrachtError):
    """Says that looking for what would change an outcome took long enough."""

    code = "out-of-time"
    title_nl = "Zoeken wat de uitkomst verandert duurde te lang"
    title_en = "Looking for what would change the outcome took too long"


@dataclass(frozen=True, slots=True)
class _Bounded(Request):
    """A request that is evaluated until a moment (`time.monotonic`), and refuses after it."""

    until: float = 0.0

    def run(self, library: Library, case: Case) -> Evaluation:
        """Evaluate it; raises as `evaluate` does, and when the time is over."""
        if time.monotonic() > self.until:
            raise _OutOfTime
        return evaluate(library, self.law, self.outputs, case, mode=self.mode, is_whole_article=False)


def explain_outcome(
    library: Library, outcome: Outcome, facts: FormFacts, seconds: float | None = None
) -> Explanation | None:
    """Give the reasons with what would change it; None where the rules refuse to be applied.

    With `seconds` it is not looked for longer what would change it: less may be said, never something else.
    """
    from eendracht.kernel.rules.sentences import explain

    if outcome.status == "no-rule":
        return None
    request, case = case_of(outcome.benefit, facts, outcome.since)
    output = outcome.benefit.amount or outcome.benefit.right
    asked = replace(request, outputs=(output,))
    if seconds is not None:
        asked = _Bounded(asked.law, asked.outputs, asked.mode, until=time.monotonic() + seconds)
    try:
        return explain(library, asked, output, case)
    except EendrachtError:
        return None
