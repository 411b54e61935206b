"""What the rules come to now with the extracts that are kept of a person, for as long as a page may take.

Nothing is asked and nothing is kept. What could not be worked out in time, or waits for a fact, is said to be unknown.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from eendracht.kernel.errors import EendrachtError
from eendracht.kernel.rules.library import Library
from eendracht.kernel.wording import Said
from eendracht.reference.facts import CITIZEN, Benefit, load_benefits
from eendracht.services.forms.extracts import Source, assemble
from eendracht.services.forms.facts import KEY, Ask
from eendracht.services.forms.form import Form, known_facts
from eendracht.services.forms.guard import worked_out_quietly
from eendracht.services.forms.outcomes import Outcome, work_out
from eendracht.services.forms.retention import EXTRACT
from eendracht.services.overview.sections import Entry, Value

if TYPE_CHECKING:
    from eendracht.services.overview.own_file import OwnFile

SECONDS: Final = 0.5
"""How long the rules may take; what is left after that is said not to be worked out."""


@dataclass(frozen=True)
class Live:
    """What was worked out, what was not for want of time, and the form in which each fact can be contradicted."""

    outcomes: tuple[Outcome, ...] = ()
    left: tuple[Benefit, ...] = ()
    forms: Mapping[Ask, str] = field(default_factory=dict)
    library: Library | None = None


def live_of(own: OwnFile) -> Live:
    """Give what the rules come to for this visit; worked out once."""
    return own.live


def work_out_live(own: OwnFile) -> Live:
    """Work it out with the newest extract of each register; nothing where there is none, or no law can be read."""
    try:
        library = own.instance.lawbook.library
    except EendrachtError:
        return Live()
    form = _form_of(own)
    if form is None:
        return Live(library=library)
    try:
        with worked_out_quietly():
            return _work_out(library, form)
    except EendrachtError:
        return Live(left=form.benefits, library=library)


def _work_out(library: Library, form: Form) -> Live:
    until = time.monotonic() + SECONDS
    outcomes: list[Outcome] = []
    forms: dict[Ask, str] = {}
    for benefit in form.benefits:
        if time.monotonic() > until:
            break
        outcome = work_out(library, benefit, form.facts, with_needs=False)
        outcomes.append(outcome)
        for known in known_facts(form, [outcome]):
            forms.setdefault(known.ask, benefit.code)
    return Live(tuple(outcomes), form.benefits[len(outcomes) :], forms, library)


def _form_of(own: OwnFile) -> Form | None:
    newest: dict[str, Mapping[str, Any]] = {}
    for one in own.of_kind(EXTRACT):
        content, register = one.content, one.text("register")
        is_whole = isinstance(content.get("rows"), list) and one.text("key") == KEY and one.day("asOf") is not None
        before = newest.get(register)
        if is_whole and (before is None or str(before["asOf"]) <= one.text("asOf")):
            newest[register] = content
    if not newest:
        return None
    sources: dict[str, Source] = {}
    dossier = assemble(list(newest.values()), sources)
    benefits = tuple(item for item in load_benefits().values() if item.audience == CITIZEN)
    return Form(benefits, own.today, dossier.registers, dossier.subject)


def list_live(own: OwnFile, told: frozenset[str]) -> Iterator[Entry]:
    """Yield what the rules give a right to now, then what is not known; a law of which a body wrote is left out."""
    live = live_of(own)
    open_ones = [item for item in live.outcomes if item.benefit.law not in told]
    for outcome in sorted(open_ones, key=lambda item: item.status != "yes"):
        if outcome.status != "no":
            yield _entry(outcome)
    for benefit in live.left:
        name = Said(benefit.name_nl, benefit.name_en)
        yield Entry(name, ((_RESULT, _NOT_NOW),), page=("apply-form", benefit.code))


def _entry(outcome: Outcome) -> Entry:
    benefit = outcome.benefit
    facts: list[tuple[Said, Value]] = [(_RESULT, outcome.said if outcome.status != "unknown" else _UNKNOWN)]
    facts.append((Said("Beslist door", "Decided by"), benefit.authority_name))
    if outcome.law_name:
        facts.append((Said("Artikel", "Article"), f"{outcome.law_name} {outcome.article}".strip()))
    if outcome.status == "yes":
        facts.append((Said("Of u het al krijgt", "Whether you get it already"), _NOT_KNOWN_HERE))
    return Entry(Said(benefit.name_nl, benefit.name_en), tuple(facts), page=("apply-form", benefit.code))


_RESULT: Final = Said("Volgens de regels nu", "By the rules now")
_UNKNOWN: Final = Said(
    "nog niet bekend: er zijn gegevens nodig die geen register hier heeft. Beantwoord de vragen om het te weten.",
    "not known yet: facts are needed that no register has here. Answer the questions to know.",
)
_NOT_NOW: Final = Said("nu niet uitgerekend; open het formulier", "not worked out now; open the form")
_NOT_KNOWN_HERE: Final = Said("dat is hier niet bekend", "that is not known here")
