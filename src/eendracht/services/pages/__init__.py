"""The pages of the wing; each part has a module of its own."""

from eendracht.services.pages import catalogue, experience, overview, proactive

PAGES = (*catalogue.PAGES, *experience.PAGES, *overview.PAGES, *proactive.PAGES)
