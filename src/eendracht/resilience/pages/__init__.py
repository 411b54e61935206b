"""The pages of the wing; each part has a module of its own."""

from eendracht.resilience.pages import answers, cryptography, dependence, explorer, overview, quantum, recovery, whatif

PAGES = (
    *overview.PAGES,
    *explorer.PAGES,
    *whatif.PAGES,
    *dependence.PAGES,
    *recovery.PAGES,
    *answers.PAGES,
    *cryptography.PAGES,
    *quantum.PAGES,
)
