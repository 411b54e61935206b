"""One event in a life or a business: what to arrange, in order, with who gives each and the rule that can be run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import StringConstraints
from starlette.responses import Response

from eendracht.kernel.clock import today
from eendracht.kernel.rules.lawbook import LawsUnusable
from eendracht.kernel.wording import Said
from eendracht.kit.pages import Page, Visit
from eendracht.kit.questions import Question, read_question
from eendracht.reference.facts import Benefit, load_benefits
from eendracht.services.catalogue import Product, find_event, find_product
from eendracht.services.door.authorities import Home, find_authority, find_home
from eendracht.services.pages.catalogue import first_up
from eendracht.services.rule_links import RuleLink, find_rule_outputs


class EventQuestion(Question):
    """Where it happens."""

    municipality: Annotated[str, StringConstraints(max_length=10, pattern=r"^([a-z]{2}\d{4})?$")] = ""
    """Code of the municipality; without it, what differs by municipality is said to be so."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One thing to arrange: what, at whom, the forms that work it out here, and the rules without a form."""

    name: str
    term: str
    authority: Said
    forms: tuple[Benefit, ...]
    rules: tuple[RuleLink, ...]
    is_local: bool
    """Whether rules of a municipality are known, but nobody said which municipality it is."""


def show_event(visit: Visit) -> Response:
    """Show what an event takes, in the order in which it is needed."""
    asked = read_question(EventQuestion, visit.query)
    event = find_event(visit.name)
    home = find_home(asked.municipality)
    stops = [_stop(visit, find_product(name), home) for name in event.products]
    has_form = "apply-form" in visit.site.paths and any(event.code in item.life_events for item in _benefits(home))
    return visit.render(
        "services/event.html",
        event=event,
        stops=stops,
        home=home,
        has_form=has_form,
        municipalities=_municipalities(),
        asked=asked,
    )


def _benefits(home: Home) -> list[Benefit]:
    """Give what can be worked out there: the law of the country, and the ordinances of this municipality."""
    here = home.municipality.code if home.municipality else ""
    return [item for item in load_benefits().values() if not item.area or not here or item.area == here]


def _stop(visit: Visit, product: Product, home: Home) -> Stop:
    here = home.municipality.code if home.municipality else ""
    level = next((name for name in _NEAREST if name in product.levels), "other")
    forms = tuple(item for item in _benefits(home) if item.upl_term == product.term)
    try:
        links = find_rule_outputs(visit.site.instance.lawbook.library, product.name, today(visit.store.clock))
    except LawsUnusable:
        links = ()
    rules = tuple(link for link in links if link.outputs and link.area.casefold() in ("", here))
    is_local = not here and any(item.area for item in forms)
    return Stop(
        first_up(product.name),
        product.term,
        find_authority(level, home, product.authority).name,
        forms,
        rules,
        is_local,
    )


def _municipalities() -> list[tuple[str, str]]:
    from eendracht.services.forms.answers import municipalities

    return list(municipalities().items())


_NEAREST: Final = ("municipality", "water-board", "province", "state")
PAGES: Final = (Page("event", "gebeurtenissen/{name}", "events/{name}", show_event),)
