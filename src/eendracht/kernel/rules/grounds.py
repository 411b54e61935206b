"""Whether a use of personal data rests on a lawful ground: a rule of the rulebook itself, run like any other.

A ground says which law opens which sources to which controller for which purpose. Without one, or for a source outside
it, data about persons are not touched.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from eendracht.kernel.errors import Denied, Fault, InvalidInput
from eendracht.kernel.records import Record
from eendracht.kernel.rules.evaluation import evaluate
from eendracht.kernel.rules.facts import Case
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.outcome import Evaluation

RULE = "grondslag_gegevensgebruik"
_OUTPUT = "gebruik_is_toegestaan"


@dataclass(frozen=True, slots=True)
class Ground:
    """What a law opens: these sources, to this controller, for this purpose, from and until these days."""

    law: str
    article: str
    purpose: str
    controller: str
    sources: tuple[str, ...]
    url: str = ""
    ref: str = ""
    valid_from: date | None = None
    valid_until: date | None = None

    def holds_on(self, on: date) -> bool:
        """Whether it is valid on a day; the last day is the one before `valid_until`."""
        return (self.valid_from or date.min) <= on and (self.valid_until is None or on < self.valid_until)


@dataclass(frozen=True, slots=True)
class Use:
    """A use that is asked for: names of the law that is applied, purpose, controller, and the sources that it reads."""

    laws: tuple[str, ...]
    purpose: str
    controller: str
    sources: tuple[str, ...]
    on: date


class NoGround(Denied):
    """A use of personal data that no ground covers."""

    code = "no-lawful-ground"
    title_nl = "Voor dit gebruik van persoonsgegevens is geen grondslag"
    title_en = "There is no lawful ground for this use of personal data"
    default_hint = "Record the ground: law, article, purpose, controller and the sources that the law opens."


def ground_of(record: Record) -> Ground:
    """Read a record of kind `ground`; raises InvalidInput for another kind."""
    if record.kind != "ground":
        raise InvalidInput(
            f"{record.ref} is no ground",
            faults=[Fault("/ground", "not-a-ground", "Dit is geen grondslag", "This is no ground", "Name a ground.")],
        )
    spec = record.data["spec"]
    return Ground(
        law=spec["law"],
        article=spec["article"],
        purpose=spec["purpose"],
        controller=spec["controller"],
        sources=tuple(spec.get("sources") or ()),
        url=spec.get("url") or "",
        ref=record.ref,
        valid_from=_day(record.data.get("validFrom")),
        valid_until=_day(record.data.get("validUntil")),
    )


def ground_from(document: Any) -> Ground:
    """Read a ground from plain data with the fields of the record; raises InvalidInput with all faults."""
    given = document if isinstance(document, dict) else {}
    wanted = ("law", "article", "purpose", "controller", "sources")
    faults = [
        Fault(f"/{name}", "missing-key", f"'{name}' ontbreekt", f"'{name}' is missing", "A ground names all of these.")
        for name in wanted
        if not given.get(name)
    ]
    sources = given.get("sources")
    if sources and (not isinstance(sources, list) or not all(isinstance(item, str) for item in sources)):
        faults.append(
            Fault("/sources", "wrong-type", "'sources' is geen lijst", "'sources' must be a list of names", "")
        )
    if faults:
        raise InvalidInput("The ground is not complete", faults=faults)
    return Ground(
        law=str(given["law"]),
        article=str(given["article"]),
        purpose=str(given["purpose"]),
        controller=str(given["controller"]),
        sources=tuple(given["sources"]),
        url=str(given.get("url") or ""),
        valid_from=_day(given.get("validFrom")),
        valid_until=_day(given.get("validUntil")),
    )


def judge_use(ground: Ground, use: Use) -> Evaluation:
    """Run the rule on grounds for a use; its outcome `gebruik_is_toegestaan` says whether the ground covers it."""
    wanted = {name.casefold() for name in use.laws if name}
    case = Case(
        max(use.on, date(2026, 1, 1)),
        {
            "grondslag_is_geldig": ground.holds_on(use.on),
            "wet_past": ground.law.casefold() in wanted,
            "doel_van_grondslag": ground.purpose,
            "doel": use.purpose,
            "verantwoordelijke_van_grondslag": ground.controller,
            "verantwoordelijke": use.controller,
            "geopende_bronnen": list(ground.sources),
            "gebruikte_bronnen": list(use.sources),
        },
    )
    return evaluate(_policy(), RULE, [_OUTPUT], case)


def require_ground(ground: Ground | None, use: Use) -> Evaluation:
    """Give the judgement when a ground covers a use; raises NoGround that says what does not fit."""
    if ground is None:
        raise NoGround("No ground was named", faults=_faults_without(use))
    judged = judge_use(ground, use)
    if judged.outcomes[_OUTPUT].value is not True:
        name = ground.ref or f"{ground.law}, art. {ground.article}"
        raise NoGround(f"The ground {name} does not cover this use", faults=list(_misfits(ground, use)))
    return judged


def _faults_without(use: Use) -> list[Fault]:
    return [
        Fault(
            "/ground",
            "no-ground",
            f"Er is geen grondslag genoemd voor: {', '.join(use.sources)}",
            f"No ground was named for: {', '.join(use.sources)}",
            "Name a ground, or say that the population is synthetic.",
        )
    ]


def _misfits(ground: Ground, use: Use) -> Iterable[Fault]:
    if not ground.holds_on(use.on):
        yield Fault(
            "/ground",
            "ground-not-valid",
            f"De grondslag geldt niet op {use.on}",
            f"The ground does not hold on {use.on}",
        )
    if ground.law.casefold() not in {name.casefold() for name in use.laws}:
        yield Fault(
            "/law",
            "other-law",
            f"De grondslag is van '{ground.law}'",
            f"The ground is of '{ground.law}'",
            "Apply that law.",
        )
    if ground.purpose != use.purpose:
        yield Fault(
            "/purpose",
            "other-purpose",
            f"De grondslag geldt voor: {ground.purpose}",
            f"The ground is for: {ground.purpose}",
            "Use the data for that purpose only.",
        )
    if ground.controller != use.controller:
        yield Fault(
            "/controller",
            "other-controller",
            f"De grondslag geldt voor {ground.controller}",
            f"The ground is for {ground.controller}",
        )
    for source in use.sources:
        if source not in ground.sources:
            yield Fault(
                f"/sources/{source}",
                "source-not-opened",
                f"Deze wet opent de bron '{source}' niet voor dit doel",
                f"This law does not open the source '{source}' for this purpose",
                "Leave the source out, or name the law that opens it.",
            )


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else None


@cache
def _policy() -> Library:
    return Library.load([Path(__file__).parents[2] / "rulebook" / "nl" / "uitvoeringsbeleid" / RULE])
