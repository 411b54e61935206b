"""The pages of the wing; each part has a module of its own."""

from eendracht.services.pages import catalogue, experience, forms, overview, proactive

PAGES = (*catalogue.PAGES, *experience.PAGES, *forms.PAGES, *overview.PAGES, *proactive.PAGES)
