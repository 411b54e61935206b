"""The pages of the wing; each part has a module of its own."""

from eendracht.resilience.pages import (
    advisories,
    answers,
    dependence,
    evidence,
    explorer,
    incidents,
    overview,
    recovery,
    whatif,
)

PAGES = (
    *overview.PAGES,
    *explorer.PAGES,
    *whatif.PAGES,
    *dependence.PAGES,
    *recovery.PAGES,
    *answers.PAGES,
    *evidence.PAGES,
    *incidents.PAGES,
    *advisories.PAGES,
)
