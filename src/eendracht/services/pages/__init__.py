"""The pages of the wing; each part has a module of its own."""

from eendracht.services.pages import catalogue, experience, forms, overview, payback, proactive

PAGES = (*catalogue.PAGES, *experience.PAGES, *forms.PAGES, *overview.PAGES, *payback.PAGES, *proactive.PAGES)
