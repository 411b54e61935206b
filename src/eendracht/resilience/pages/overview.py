"""The page of the wing: where each of its questions is answered."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from eendracht.kit.i18n import gettext_noop
from eendracht.kit.pages import Page, Visit
from eendracht.kit.questions import Nothing, read_question

_ROOMS: Final = (
    ("estate", gettext_noop("Estate"), gettext_noop("What needs what: walk through it from one thing to the next.")),
    (
        "concentration",
        gettext_noop("Concentration"),
        gettext_noop("On which suppliers, owners and countries too much hangs."),
    ),
    (
        "weak-points",
        gettext_noop("Weak points"),
        gettext_noop("What stops a critical service alone, and what would end that for the least money."),
    ),
    (
        "contract-radar",
        gettext_noop("Contract radar"),
        gettext_noop("Which contracts end when, and who could leave together."),
    ),
    (
        "collective-solutions",
        gettext_noop("Solve it together"),
        gettext_noop("What organisations that share a weak point can do about it together."),
    ),
    (
        "supplier-files",
        gettext_noop("Supplier files"),
        gettext_noop("What suppliers answered once for all their customers, and who is silent."),
    ),
    ("what-if", gettext_noop("What if"), gettext_noop("Let something fail and see which services stop, when and why.")),
    (
        "recovery",
        gettext_noop("Recovery"),
        gettext_noop("What comes back first with the crews there are, and the board of a crisis."),
    ),
    (
        "exercises",
        gettext_noop("Exercises"),
        gettext_noop("Practise a disturbance together: what you decide changes what fails next."),
    ),
    ("lessons", gettext_noop("Lessons"), gettext_noop("What exercises showed, and what is done about it.")),
    (
        "quantum",
        gettext_noop("Ready for quantum"),
        gettext_noop("What a quantum computer breaks, what authorities ask, and who waits for whom."),
    ),
    (
        "cryptography",
        gettext_noop("Cryptography"),
        gettext_noop("Where which algorithm is used, for which service, and what a quantum computer does to it."),
    ),
    (
        "evidence",
        gettext_noop("Evidence"),
        gettext_noop("One proof for many accounts: BIO2, ENSIA, Cyberbeveiligingswet, open standards."),
    ),
    (
        "incident-clock",
        gettext_noop("Incident clock"),
        gettext_noop("Which report of an incident is due when, and what was filed."),
    ),
    (
        "advisories",
        gettext_noop("Security advisories"),
        gettext_noop("Which of your systems a warning touches, for how many people, and who acts."),
    ),
)
"""Code of a page, its name, and the question that it answers."""


def show_resilience(visit: Visit) -> Response:
    """Show the rooms of the wing that the visitor may enter."""
    read_question(Nothing, visit.query)
    there = {page.code: page for page in visit.site.pages}
    rooms = [
        (visit.to(code), visit.words.gettext(name), visit.words.gettext(about))
        for code, name, about in _ROOMS
        if code in there and there[code].is_for(visit.principal)
    ]
    return visit.render("resilience/resilience.html", rooms=rooms)


PAGES: Final = (
    Page("resilience", "weerbaarheid", "resilience", show_resilience, menu=gettext_noop("Resilience"), icon="shield"),
)
