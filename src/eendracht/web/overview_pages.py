"""Pages that look across records: tasks, findings, failure, organisations, suppliers, the map, the node, and help."""

from __future__ import annotations

from collections import Counter
from typing import Final

from starlette.responses import Response

from eendracht.kernel.access import Principal
from eendracht.kernel.audit import EVENTS, list_events, may_audit
from eendracht.kernel.errors import Denied, NotFound
from eendracht.kit.pages import Visit
from eendracht.kit.questions import Nothing, read_question
from eendracht.web.growth_view import view_growth
from eendracht.web.map_view import view_map
from eendracht.web.party_views import view_organisation, view_supplier
from eendracht.web.queries import FindingQuestion, ImpactQuestion, MapQuestion, TasksQuestion
from eendracht.web.search_view import name_owners

MOST_FAILURES: Final = 200
MOST_DECISIONS: Final = 50


def show_tasks(visit: Visit) -> Response:
    """Show what the visitor has to do, from findings and from decisions that imports left, and take a decision."""
    from eendracht.kernel.review import answer_reviews, list_reviews
    from eendracht.web.decision_view import find_review, read_answer, view_decisions

    asked = read_question(TasksQuestion, visit.query)
    visit.require_staff()
    reviews = list_reviews(visit.store, visit.principal)
    if visit.posted is not None:
        review = find_review(reviews, (visit.posted.get("decision") or [""])[0])
        answer_reviews(visit.store, visit.principal, [review], [("1", read_answer(review, visit.posted))])
        return visit.redirect("tasks", decided="1")
    found, tasks = visit.site.landscapes.list_tasks(visit.store, visit.principal)
    decisions = view_decisions(reviews[:MOST_DECISIONS], visit.words)
    return visit.render(
        "tasks.html",
        found=found,
        tasks=tasks,
        decisions=decisions,
        more_decisions=len(reviews) - len(decisions),
        decided=asked.decided,
    )


def show_findings(visit: Visit) -> Response:
    """Show everything that needs attention, as far as the visitor may see it."""
    read_question(Nothing, visit.query)
    found = visit.site.landscapes.list_findings(visit.store, visit.principal)
    return visit.render("findings.html", found=found, findings=found.findings)


def show_finding(visit: Visit) -> Response:
    """Show one finding with its reasons."""
    from eendracht.kernel.briefing.tasks import explain_finding, find_finding

    asked = read_question(FindingQuestion, visit.query)
    found = visit.site.landscapes.list_findings(visit.store, visit.principal)
    finding = find_finding(found.findings, visit.name)
    explanation = explain_finding(found.scope, finding)
    owners = name_owners(visit.store, visit.principal, [item.ref for item in explanation.inputs if item.ref])
    return visit.render(
        "finding.html",
        found=found,
        finding=finding,
        explanation_of=explanation,
        owners=owners,
        from_tasks=asked.of == "tasks" and visit.session is not None,
    )


def show_impact(visit: Visit) -> Response:
    """Show what stops when something fails for good, and why."""
    from eendracht.kernel.impact import assess_impact, count_spared, explain_impact

    asked = read_question(ImpactQuestion, visit.query)
    record = visit.store.get(visit.name, visit.principal)
    landscape = visit.site.landscapes.get(visit.store, visit.principal, None)
    impact = assess_impact(landscape, record.ref)
    explanation = explain_impact(visit.store, visit.principal, impact, record.name, asked.why)
    failures = impact.failures[:MOST_FAILURES]
    owners = sorted({failure.thing.owner for failure in failures})
    return visit.render(
        "impact.html",
        record=record,
        impact=impact,
        spared=count_spared(visit.store, visit.principal, impact),
        unknown=impact.worst_count - len(impact.failures),
        failures=failures,
        chosen=next((item.thing.name for item in impact.failures if asked.why in ("", item.thing.ref)), ""),
        owners={item.ref: item.name for item in visit.store.get_among(owners, visit.principal)} if owners else {},
        chain_owners=name_owners(visit.store, visit.principal, [item.ref for item in explanation.inputs if item.ref]),
        kinds=sorted(Counter(failure.thing.kind for failure in impact.failures).items(), key=_in_order),
        explanation_of=explanation,
        why=asked.why,
    )


def _in_order(counted: tuple[str, int]) -> tuple[bool, int, str]:
    # What a citizen notices goes before what it runs on.
    kind, count = counted
    return kind != "public-service", -count, kind


def show_organisation(visit: Visit) -> Response:
    """Show an organisation with what it has."""
    read_question(Nothing, visit.query)
    return visit.render(
        "organisation.html", view=view_organisation(visit.store, visit.principal, visit.name, visit.words)
    )


def show_supplier(visit: Visit) -> Response:
    """Show a supplier with what hangs on it."""
    read_question(Nothing, visit.query)
    return visit.render("supplier.html", view=view_supplier(visit.store, visit.principal, visit.name, visit.words))


def show_map(visit: Visit) -> Response:
    """Show the municipalities on the map, with the table beneath."""
    asked = read_question(MapQuestion, visit.query)

    def to_organisation(ref: str) -> str:
        return visit.to("organisation", ref)

    view = view_map(visit.store, visit.principal, asked.province, visit.words, to_organisation)
    if asked.province and asked.province not in dict(view.provinces):
        raise NotFound(f"There is no province {asked.province[:60]}")
    return visit.render("map.html", view=view)


def show_node(visit: Visit) -> Response:
    """Show what this node is, and how far its history is signed."""
    from importlib.metadata import version

    read_question(Nothing, visit.query)
    instance = visit.site.instance
    last = instance.history.last_checkpoint()
    return visit.render(
        "node.html",
        settings=instance.settings,
        version=version("eendracht"),
        size=visit.store.size,
        signed=last.checkpoint.size if last else 0,
        root=last.checkpoint.root.hex() if last else "",
        epoch=instance.history.epoch,
        key=instance.history.verifier_key,
        engine=visit.store.driver.name,
        kinds=len(tuple(visit.store.registry)),
        growth=view_growth(visit.store, visit.words),
    )


def may_read_audit(principal: Principal) -> bool:
    """Tell whether the menu offers the audit page."""
    return may_audit(principal)


def show_audit(visit: Visit) -> Response:
    """Show audit events, newest first, to an auditor."""
    read_question(Nothing, visit.query)
    visit.require_session()
    if not may_audit(visit.principal):
        raise Denied(f"{visit.principal.name} holds no auditor role")
    instance = visit.site.instance
    lines = list_events(instance.journal, visit.principal)
    return visit.render("audit.html", lines=lines, events=EVENTS)


def show_help(visit: Visit) -> Response:
    """Show how to find one's way, and what the words mean."""
    read_question(Nothing, visit.query)
    return visit.render("help.html")


def show_accessibility(visit: Visit) -> Response:
    """Show the accessibility statement, filled from the last test run of this release."""
    from eendracht.kit.accessibility import read_report

    read_question(Nothing, visit.query)
    return visit.render("accessibility.html", report=read_report())
