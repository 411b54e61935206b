"""Pages of security advisories: those that came in with whom they touch, handing one in, and what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.responses import Response

from eendracht.kernel.clock import today
from eendracht.kernel.disclosure import is_insider, require_insider
from eendracht.kernel.errors import Denied, Fault, InvalidInput, NotFound
from eendracht.kit.i18n import gettext_noop
from eendracht.kit.pages import Page, Visit
from eendracht.kit.questions import Question, Words, read_question
from eendracht.resilience.advisories.board import HANDLINGS, AdvisoryLine, handle_match, list_advisories
from eendracht.resilience.advisories.matching import OUTCOMES
from eendracht.resilience.demand import read_demands
from eendracht.resilience.pages.forms import REFUSALS, first, link_faults, list_faults, may_write, name_of

MOST_ROWS: Final = 200
MOST_FAULTS: Final = 100
REASONS: Final[Mapping[str, str]] = {
    "component_not_present": gettext_noop("The vulnerable part is not in it"),
    "vulnerable_code_not_present": gettext_noop("The vulnerable code is not in it"),
    "vulnerable_code_not_in_execute_path": gettext_noop("The vulnerable code is never run"),
    "vulnerable_code_cannot_be_controlled_by_adversary": gettext_noop("An attacker cannot reach the vulnerable code"),
    "inline_mitigations_already_exist": gettext_noop("It is protected in another way already"),
    "version-not-recorded": gettext_noop("The version is not recorded"),
    "version-not-comparable": gettext_noop("The version cannot be compared"),
    "supplier-not-recorded": gettext_noop("Who supplies it is not recorded"),
    "not-spoken-of": gettext_noop("The advisory no longer speaks of it: its version, or the advisory, has changed"),
    "surroundings-not-recorded": gettext_noop("It is not recorded in which product it is used"),
    "part-not-certain": gettext_noop("It is not certain that the affected part is in it"),
    "between-versions": gettext_noop("Its version lies between versions that the advisory names, and is not named"),
    "details-not-recorded": gettext_noop(
        "The advisory speaks of one patch, edition or platform, and what is recorded does not tell which this is"
    ),
}
"""Why something is not affected (VEX), or why that is not known."""


class AdvisoryQuestion(Question):
    """What was just done, when a page is shown again after it."""

    done: Words = ""


def show_advisories(visit: Visit) -> Response:
    """Show every advisory with what it touches; read one where a file was sent."""
    asked = read_question(AdvisoryQuestion, visit.query)
    require_insider(visit.principal)
    faults: list[Fault] = []
    if visit.posted is not None:
        visit.require_staff()
        try:
            done = _take(visit)
        except REFUSALS as error:
            faults = list_faults(error)
        else:
            return visit.redirect("advisories", done=done)
    lines = _list_lines(visit)
    return visit.render(
        "resilience/advisories.html",
        422 if faults else 200,
        asked=asked,
        lines=lines[:MOST_ROWS],
        more=max(0, len(lines) - MOST_ROWS),
        may_write=may_write(visit),
        # Where a fault lies in the file is said with it; on the page there is one control.
        links=[
            ("file", pointer and f"/{pointer}", text)
            for _, pointer, text in link_faults(visit, faults[:MOST_FAULTS], (), "file")
        ],
        more_faults=max(0, len(faults) - MOST_FAULTS),
        outcomes=OUTCOMES,
    )


def _list_lines(visit: Visit) -> list[AdvisoryLine]:
    landscape = visit.site.landscapes.get(visit.store, visit.principal, None)
    return list_advisories(
        visit.store, visit.principal, landscape, read_demands(visit.store, visit.principal, landscape)
    )


def _take(visit: Visit) -> str:
    from eendracht.resilience.advisories.reading import MOST_BYTES, read_advisory
    from eendracht.resilience.advisories.recording import keep_advisory

    if not may_write(visit):
        raise Denied("Handing in an advisory is for editors of an organisation")
    if visit.file is None or not visit.file.size:
        raise InvalidInput("No file", faults=[Fault("", "no-file", "Kies een bestand", "Choose a file")])
    kept = keep_advisory(visit.store, visit.principal, read_advisory(visit.file.content.read(MOST_BYTES + 1)))
    return "kept" if kept.recorded else "nothing"


def show_advisory(visit: Visit) -> Response:
    """Show one advisory with everything that it touches; record what was done where that was sent."""
    asked = read_question(AdvisoryQuestion, visit.query)
    require_insider(visit.principal)
    faults: list[Fault] = []
    if visit.posted is not None:
        visit.require_staff()
        try:
            _handle(visit)
        except REFUSALS as error:
            faults = list_faults(error)
        else:
            visit.store.catch_up()
            return visit.redirect("advisory", visit.name, done="handled")
    record = visit.store.get(visit.name, visit.principal)
    line = next((item for item in _list_lines(visit) if _is_same(visit, item, record.ref)), None)
    if line is None:
        raise NotFound("There is no such advisory")
    shown = line.matches[:MOST_ROWS]
    return visit.render(
        "resilience/advisory.html",
        422 if faults else 200,
        asked=asked,
        line=line,
        matches=shown,
        more=max(0, len(line.matches) - MOST_ROWS),
        names={match.spec["acts"]: name_of(visit, match.spec["acts"]) for match in shown if match.spec.get("acts")},
        writable={match.record.ref for match in shown if may_write(visit, match.record.owner)},
        day=today(visit.store.clock),
        handlings=HANDLINGS,
        reasons=REASONS,
        links=link_faults(visit, faults, ("status", "reason", "match"), "match"),
        typed={name: first(visit, name) for name in ("match", "status", "reason")},
        measures=_list_measures(line),
    )


def _is_same(visit: Visit, line: AdvisoryLine, ref: str) -> bool:
    """Tell whether a record is that of a line, or that of another organisation that keeps the same advisory."""
    return line.record.ref == ref or any(match.spec["advisory"] == ref for match in line.matches)


def _list_measures(line: AdvisoryLine) -> Sequence[str]:
    return list(dict.fromkeys(text for match in line.matches for text in match.spec.get("measures", ())))


def _handle(visit: Visit) -> None:
    name, generation = first(visit, "match"), first(visit, "generation-" + first(visit, "match"))
    if not name:
        raise InvalidInput(
            "No match", faults=[Fault("/match", "missing", "Kies om welk ding het gaat", "Choose a thing")]
        )
    seen = int(generation) if generation.isdecimal() else visit.store.get(name, visit.principal).generation
    status, reason = first(visit, "status"), first(visit, "reason", 10_000)
    handle_match(visit.store, visit.principal, name, status, generation=seen, reason=reason)


PAGES: Final = (
    Page("advisories", "beveiligingsberichten", "security-advisories", show_advisories, "file", is_for=is_insider),
    Page("advisory", "beveiligingsberichten/{name}", "security-advisories/{name}", show_advisory, "form"),
)
