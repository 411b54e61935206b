"""Pages of the service catalogue: what there is, by event, audience and level; and one product or service.

The products are those of the national list, whether or not a body on this node recorded them as a service; what is not
recorded is said to be unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints
from starlette.responses import Response

from eendracht.kernel.clock import today
from eendracht.kernel.errors import NotFound
from eendracht.kernel.records import Record
from eendracht.kernel.rules.lawbook import LawsUnusable
from eendracht.kernel.store import Query
from eendracht.kit.i18n import gettext_noop
from eendracht.kit.pages import Page, Visit
from eendracht.kit.questions import Nothing, Question, read_question
from eendracht.reference.bodies import load_public_bodies
from eendracht.services.catalogue import (
    KIND,
    LifeEvent,
    Product,
    events,
    events_of,
    find_event,
    find_product,
    link_to_basis,
    list_products,
    product_of,
    services_for,
)
from eendracht.services.pages.door import has_form
from eendracht.services.rule_links import RuleLink, find_rule_outputs

LEVELS: Final = ("state", "province", "water-board", "municipality")
AUDIENCES: Final = ("citizen", "business")
MOST_SERVICES: Final = 100
"""So many bodies that give one product are named on its page; the rest is counted."""


class CatalogueListing(Question):
    """Which products or services are meant: an event, or each filter that is given must match."""

    event: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{0,60}$")] = ""
    """Code of an event in a life or a business."""
    audience: Literal["", "citizen", "business"] = ""
    level: Literal["", "state", "province", "water-board", "municipality"] = ""
    organisation: Annotated[str, StringConstraints(max_length=221, pattern=r"^(organisation:\S+)?$")] = ""
    """Ref of an organisation: its services, instead of the products of the national list."""
    all: Literal["", "1"] = ""
    """Whether every product is wanted."""
    after: Annotated[str, StringConstraints(max_length=300)] = ""
    """Where the page before ended."""
    limit: Annotated[int, Field(ge=1, le=200)] = 50


@dataclass(frozen=True, slots=True)
class Law:
    """An article on which a service rests, with its address where there is one."""

    label: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class ServiceView:
    """One product, one service of a body, or both."""

    name: str
    product: Product | None
    record: Record | None
    spec: dict[str, Any]
    authority: tuple[str, str]
    """Name and ref of who gives it; both empty where that is not known."""
    laws: Sequence[Law]
    rules: Sequence[RuleLink]
    are_rules_known: bool
    """Whether the laws of this node could be looked at."""
    events: Sequence[LifeEvent]
    services: Sequence[Record]
    more: int

    @property
    def decided_by(self) -> Sequence[RuleLink]:
        """The rules of which it is known what they decide."""
        return [rule for rule in self.rules if rule.outputs]

    @property
    def near(self) -> Sequence[RuleLink]:
        """Laws with rules, of which none is for this article."""
        return [rule for rule in self.rules if not rule.outputs]


def show_services(visit: Visit) -> Response:
    """Show the events, the products of one of them, or the products and services that the filters leave."""
    asked = read_question(CatalogueListing, visit.query)
    chosen = {name: str(value) for name, value in asked.model_dump(exclude={"after", "limit"}).items() if value}
    event = find_event(asked.event) if asked.event else None
    if asked.organisation:
        return _show_organisation(visit, asked, chosen)
    products = [find_product(name) for name in event.products] if event else []
    if not event and (asked.all or asked.audience or asked.level):
        products = list_products(asked.level, asked.audience)
    left = [product for product in products if event or product.name > asked.after]
    shown = left if event else left[: asked.limit]
    return visit.render(
        "services/services.html",
        asked=asked,
        chosen=chosen,
        event=event,
        form=_form_of(visit, event.code) if event else "",
        is_list=bool(event or asked.all or asked.audience or asked.level),
        products=shown,
        total=len(products),
        after=shown[-1].name if len(left) > len(shown) else "",
        services={name: len(found) for name, found in services_for(visit.store, visit.principal, shown).items()},
        events={kind: events(kind) for kind in ("life", "business")},
        levels=LEVELS,
        audiences=AUDIENCES,
        organisation=None,
        records=(),
    )


def _show_organisation(visit: Visit, asked: CatalogueListing, chosen: dict[str, str]) -> Response:
    organisation = visit.store.get(asked.organisation, visit.principal)
    query = Query(kind=KIND, owner=organisation.ref, after=asked.after, limit=asked.limit)
    page = visit.store.find(query, visit.principal)
    return visit.render(
        "services/services.html",
        asked=asked,
        chosen=chosen,
        event=None,
        is_list=True,
        products=(),
        total=0,
        after=page.after,
        services={},
        events={},
        levels=LEVELS,
        audiences=AUDIENCES,
        organisation=organisation,
        records=page.records,
    )


def show_service(visit: Visit) -> Response:
    """Show a product of the national list, or a service that a body recorded, with the law and the rule behind it."""
    read_question(Nothing, visit.query)
    view = view_service(visit)
    page = "services/service.html"
    form = _form_of(visit, view.product.term) if view.product else ""
    return visit.render(page, view=view, area_name=name_area, form=form)


def _form_of(visit: Visit, name: str) -> str:
    """Give by what the form of an event or a product is found; empty where there is none."""
    return name if "apply-form" in visit.site.paths and has_form(name) else ""


def view_service(visit: Visit) -> ServiceView:
    """Gather what the page shows; raises NotFound for what is no product, and no service that the asker may see."""
    store, asker = visit.store, visit.principal
    record = store.get(visit.name, asker) if visit.name.startswith(f"{KIND}:") else None
    spec = record.spec(store.registry) if record else {}
    product = product_of(str(spec.get("upl") or "")) if record else find_product(visit.name)
    others = services_for(store, asker, [product]).get(product.name, []) if product else []
    others = sorted((other for other in others if not record or other.ref != record.ref), key=lambda item: item.ref)
    rules, are_known = _rules_of(visit, product, spec)
    return ServiceView(
        record.name if record else first_up(product.name if product else ""),
        product,
        record,
        dict(spec),
        _authority(visit, record, spec, product),
        _laws_of(spec, product),
        rules,
        are_known,
        events_of(product) if product else (),
        [] if record else others[:MOST_SERVICES],
        0 if record else max(0, len(others) - MOST_SERVICES),
    )


def _authority(visit: Visit, record: Record | None, spec: dict[str, Any], product: Product | None) -> tuple[str, str]:
    """Give who gives it: as recorded, else the one body that gives a product of the state."""
    ref = str(spec.get("providedBy") or "")
    if not record and product and product.authority:
        ref = f"organisation:{product.authority}"
    if not ref:
        return "", ""
    try:
        return visit.store.get(ref, visit.principal).name, ref
    except NotFound:
        code = ref.partition(":")[2]
        return next((body.name for body in load_public_bodies() if body.code == code), code), ""


def _laws_of(spec: dict[str, Any], product: Product | None) -> list[Law]:
    """Give the articles that the body recorded, else those of the national list."""
    if recorded := spec.get("legalResources"):
        return [
            Law(f"Artikel {law['article']} {law['law']}" if law.get("article") else law["law"], _safe(law.get("url")))
            for law in recorded
        ]
    return [Law(basis.label, link_to_basis(basis)) for basis in product.legal_bases] if product else []


def _safe(url: object) -> str:
    """Give an address only where a browser may follow it: somebody else wrote it."""
    text = str(url or "")
    return text if text.startswith(("https://", "http://")) else ""


def _rules_of(visit: Visit, product: Product | None, spec: dict[str, Any]) -> tuple[list[RuleLink], bool]:
    """Give the rules behind it: those that the body recorded, then those that follow from the product."""
    name = product.name if product else str(spec.get("name", ""))
    try:
        library = visit.site.instance.lawbook.library
    except LawsUnusable:
        return [], False
    day: date = today(visit.store.clock)
    names = {law.id: law.name for law in library}
    found = list(find_rule_outputs(library, name, day)) if product else []
    recorded = [_as_recorded(name, rule, names) for rule in spec.get("ruleOutputs", ()) if rule["law"] in names]
    told = {(link.law, output) for link in found for output in link.outputs}
    return [*(rule for rule in recorded if (rule.law, rule.outputs[0]) not in told), *found], True


def _as_recorded(product: str, rule: dict[str, str], names: dict[str, str]) -> RuleLink:
    """Give an output that the body itself recorded as the one that decides."""
    law, output = rule["law"], rule["output"]
    return RuleLink(product, law, names[law], "", "", rule.get("article", ""), (output,), "article", "reviewed")


def name_area(code: str) -> str:
    """Give what a municipality, province or water board is called, by its code in either case."""
    return next((body.name for body in load_public_bodies() if body.code == code.lower()), code)


def first_up(text: str) -> str:
    """Give a name with its first letter as a capital, as a heading has it."""
    return text[:1].upper() + text[1:]


PAGES: Final = (
    Page("services", "diensten", "services", show_services, menu=gettext_noop("All services"), icon="building-bank"),
    Page("service", "diensten/{name}", "services/{name}", show_service),
)
