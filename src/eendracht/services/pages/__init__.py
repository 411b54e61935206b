"""The pages of the wing; each part has a module of its own."""

from eendracht.services.pages import experience

PAGES = (*experience.PAGES,)
