"""The pages of the wing; each part has a module of its own."""

from eendracht.services.pages import catalogue, door, experience, forms, front_office, overview, payback, proactive

PAGES = (
    *door.PAGES,
    *catalogue.PAGES,
    *forms.PAGES,
    *overview.PAGES,
    *payback.PAGES,
    *front_office.PAGES,
    *proactive.PAGES,
    *experience.PAGES,
)
