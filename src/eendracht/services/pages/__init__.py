"""The pages of the wing; each part has a module of its own."""

from eendracht.services.pages import (
    catalogue,
    door,
    events,
    experience,
    forms,
    front_office,
    overview,
    payback,
    proactive,
)

PAGES = (
    *door.PAGES,
    *catalogue.PAGES,
    *events.PAGES,
    *forms.PAGES,
    *overview.PAGES,
    *payback.PAGES,
    *front_office.PAGES,
    *proactive.PAGES,
    *experience.PAGES,
)
