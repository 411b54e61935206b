"""Findings about the move: a step that comes too late for its milestone, a link that one end holds up, a circle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from eendracht.kernel.briefing.findings import Finding
from eendracht.kernel.briefing.scope import Scope, find_records
from eendracht.kernel.disclosure import is_insider
from eendracht.kernel.explanation import Rule
from eendracht.kernel.records import Record
from eendracht.kernel.wording import Said

if TYPE_CHECKING:
    from eendracht.resilience.quantum.overview import Overview

RULE: Final = Rule(
    "eu-roadmap-quantum",
    Said(
        "De Europese routekaart noemt dagen waarop stappen naar kwantumveilige cryptografie klaar zijn",
        "The EU roadmap names days by which steps to quantum-safe cryptography are done",
    ),
    url="https://digital-strategy.ec.europa.eu/en/library/coordinated-implementation-roadmap-transition-post-quantum-cryptography",
)


def check_move(scope: Scope) -> Iterator[Finding]:
    """Find what endangers the move, for insiders."""
    steps = {record.ref: record for record in scope.of_kind("quantum-step")}
    links = {record.ref: record for record in scope.of_kind("cryptographic-link")}
    if not is_insider(scope.asker) or not (steps or links):
        return
    from eendracht.resilience.quantum.overview import read_overview

    overview = read_overview(scope.store, scope.asker, scope.landscape)
    late = [steps[ref] for ref in overview.list_late_steps() if ref in steps]
    yield from find_records("quantum-milestone-in-danger", "high", late, _LATE, RULE)
    held = [links[link.record.ref] for link in overview.links if link.held_up_by and link.record.ref in links]
    yield from find_records("quantum-link-held-up", "medium", held, _HELD, RULE)
    yield from find_records("quantum-steps-in-circle", "high", _list_stuck(overview, steps), _CIRCLE, RULE)


def _list_stuck(overview: Overview, steps: dict[str, Record]) -> Sequence[Record]:
    circle = overview.plan.circle
    return [steps[ref] for ref in sorted(circle.stuck) if ref in steps] if circle else []


_LATE: Final = (
    (
        "{n} {n:stap komt|stappen komen} te laat voor een mijlpaal van de Europese routekaart",
        "{n} {n:step comes|steps come} too late for a milestone of the EU roadmap",
    ),
    (
        "De dag is voorbij, of de stap is volgens het plan pas erna klaar",
        "The day is past, or by the plan the step is done only after it",
    ),
    (
        "Kijk in het plan waarop de stap wacht, en bespreek dat met wie het ophoudt.",
        "See in the plan what the step waits for, and talk to whoever holds it up.",
    ),
)
_HELD: Final = (
    (
        "{n} {n:koppeling is|koppelingen zijn} niet kwantumveilig door een van beide kanten",
        "{n} {n:link is|links are} not quantum-safe because of one of the ends",
    ),
    (
        "Een koppeling is pas kwantumveilig als beide kanten dat kunnen",
        "A link is quantum-safe only once both ends can be",
    ),
    (
        "Spreek met de andere kant af wanneer die overgaat, en leg dat vast als stap.",
        "Agree with the other end when it moves, and record that as a step.",
    ),
)
_CIRCLE: Final = (
    ("{n} {n:stap wacht|stappen wachten} op elkaar in een kring", "{n} {n:step waits|steps wait} in a circle"),
    (
        "Geen van deze stappen kan beginnen, en van wat erop wacht is het einde onbekend",
        "None of these steps can begin, and the end of what waits for them is unknown",
    ),
    ("Haal een stap uit wat de volgende afwacht.", "Take a step out of what the next one waits for."),
)
FINDINGS: Final = (check_move,)
"""The checks of this part."""
