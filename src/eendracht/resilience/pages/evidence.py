"""The evidence matrix: every account against the evidence there is, and of one organisation what it still lacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from eendracht.kernel.disclosure import is_insider, require_insider
from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kit.i18n import gettext_noop
from eendracht.kit.pages import Page, Visit
from eendracht.kit.questions import Question, Words, read_question
from eendracht.resilience.evidence.accounts import STATES
from eendracht.resilience.evidence.gaps import list_wanted
from eendracht.resilience.evidence.matrix import NAMES, Matrix, build_matrix
from eendracht.resilience.evidence.proposals import accept_proposal, propose_evidence
from eendracht.resilience.kinds.evidence import FRAMEWORKS
from eendracht.resilience.pages.forms import REFUSALS, first, link_faults, list_faults, may_write

MOST_ORGANISATIONS: Final = 100
MOST_ROWS: Final = 300
STATE_NAMES: Final[Mapping[str, str]] = {
    "met": gettext_noop("Met"),
    "expiring": gettext_noop("Met, ends within 60 days"),
    "explained": gettext_noop("Explained"),
    "not-applicable": gettext_noop("Does not apply"),
    "expired": gettext_noop("Expired"),
    "missing": gettext_noop("Missing"),
    "unknown": gettext_noop("Unknown"),
}
WHY_NAMES: Final[Mapping[str, str]] = {
    "no-owner": gettext_noop("The evidence has no owner"),
    "no-end": gettext_noop("Nobody said until when the evidence holds"),
    "not-yet": gettext_noop("The evidence does not hold yet"),
    "only-said": gettext_noop("Only said, not shown"),
    "explanation-ended": gettext_noop("The term of the explanation has passed"),
    "said-no": gettext_noop("The organisation says no"),
    "said-unknown": gettext_noop("The organisation does not know"),
}


class EvidenceQuestion(Question):
    """Which accounts are meant."""

    organisation: Words = ""
    framework: Words = ""
    done: Words = ""


def show_evidence(visit: Visit) -> Response:
    """Show the accounts, those of one organisation in full; take over a proposal where that was sent."""
    asked = read_question(EvidenceQuestion, visit.query)
    framework = asked.framework if asked.framework in FRAMEWORKS else ""
    matrix = build_matrix(visit.store, visit.principal, asked.organisation, framework)
    faults: list[Fault] = []
    if visit.posted is not None:
        visit.require_staff()
        require_insider(visit.principal)
        try:
            return _take_over(visit, matrix)
        except REFUSALS as error:
            faults = list_faults(error)
    single = matrix.organisations[0] if len(matrix.organisations) == 1 else ""
    with_names = is_insider(visit.principal)
    lacking = [item for account in matrix.accounts for item in account.lacking]
    proposals = propose_evidence(visit.store, visit.principal, single, lacking) if single and with_names else []
    return visit.render(
        "resilience/evidence.html",
        422 if faults else 200,
        asked=asked,
        framework=framework,
        matrix=matrix,
        single=single,
        with_names=with_names,
        wanted=list_wanted(lacking) if single and with_names else None,
        proposals=proposals,
        roles=_list_roles(visit, single) if proposals else [],
        may_write=bool(single) and may_write(visit, single),
        links=link_faults(visit, faults, ("proposal", "responsible"), "proposal"),
        typed={name: first(visit, name) for name in ("proposal", "responsible")},
        frameworks=[(name, NAMES[name][0 if visit.language == "nl" else 1]) for name in FRAMEWORKS],
        states=STATES,
        state_names=STATE_NAMES,
        why_names=WHY_NAMES,
        most=MOST_ORGANISATIONS,
        most_rows=MOST_ROWS,
    )


def _list_roles(visit: Visit, organisation: str) -> list[tuple[str, str]]:
    """Give the roles and teams of an organisation that may keep evidence."""
    found = [
        (record.ref, record.name)
        for kind in ("role", "team")
        for record in visit.store.snapshot(visit.principal, kind=kind, owner=organisation)
    ]
    return sorted(found, key=lambda item: item[1])


def _take_over(visit: Visit, matrix: Matrix) -> Response:
    faults = []
    if len(matrix.organisations) != 1:
        nl, en = "Kies eerst één organisatie", "Choose one organisation first"
        faults.append(Fault("/proposal", "missing", nl, en))
    if not first(visit, "proposal"):
        faults.append(Fault("/proposal", "missing", "Kies een bewijsstuk", "Choose a piece of evidence"))
    if not first(visit, "responsible"):
        faults.append(Fault("/responsible", "missing", "Kies wie het bijhoudt", "Choose who keeps it up to date"))
    if faults:
        raise InvalidInput("The evidence", faults=faults)
    organisation = matrix.organisations[0]
    lacking = [item for account in matrix.accounts for item in account.lacking]
    accept_proposal(
        visit.store, visit.principal, organisation, first(visit, "proposal"), first(visit, "responsible"), lacking
    )
    visit.store.catch_up()
    return visit.redirect("evidence", organisation=organisation, done="evidence")


PAGES: Final = (Page("evidence", "bewijs", "evidence", show_evidence, "form"),)
