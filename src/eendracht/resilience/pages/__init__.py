"""The pages of the wing; each part has a module of its own."""

from eendracht.resilience.pages import whatif

PAGES = (*whatif.PAGES,)
