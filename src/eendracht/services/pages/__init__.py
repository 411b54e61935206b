"""The pages of the wing; each part has a module of its own."""

from eendracht.services.pages import catalogue, door, experience, forms, front_office, overview

PAGES = (
    *door.PAGES,
    *catalogue.PAGES,
    *experience.PAGES,
    *forms.PAGES,
    *front_office.PAGES,
    *overview.PAGES,
)
