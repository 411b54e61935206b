"""The pages on getting ready for quantum computers: counts for everybody, names, links and the plan for insiders."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup
from starlette.responses import Response

from eendracht.kernel.disclosure import is_insider, require_insider
from eendracht.kernel.errors import NotFound
from eendracht.kit.charts import GanttBar, draw_gantt
from eendracht.kit.pages import Page, Visit
from eendracht.kit.questions import Nothing, read_question
from eendracht.resilience.quantum import words as said
from eendracht.resilience.quantum.questions import DayQuestion, LinkQuestion, ListQuestion
from eendracht.resilience.quantum.serving import keep_overview

if TYPE_CHECKING:
    from eendracht.resilience.quantum.overview import Overview
    from eendracht.resilience.quantum.plan import Planned

MOST_ROWS: Final = 100
MOST_BARS: Final = 60


def _look(visit: Visit) -> Overview:
    return keep_overview(visit.site.landscapes, visit.store, visit.principal)


def show_quantum(visit: Visit) -> Response:
    """Show how ready all are: counts by layer to everybody, organisations and what to move first to insiders."""
    from eendracht.resilience.quantum.policy import find_milestone

    read_question(Nothing, visit.query)
    overview, insider = _look(visit), is_insider(visit.principal)
    known = [
        item for item in overview.readiness if item.started != "unknown" or item.assets or sum(item.links.values())
    ]
    return _render(
        visit,
        overview,
        "resilience/quantum.html",
        insider=insider,
        layers=overview.layers,
        milestones=list(find_milestone(overview.policies).values()),
        organisations=known if insider else [],
        silent=len(overview.readiness) - len(known),
        priorities=overview.priorities if insider else [],
        insider_faults=overview.faults if insider else [],
        percent=lambda share: visit.words.number(round(share * 100)),
    )


def show_organisation(visit: Visit) -> Response:
    """Show one organisation in full."""
    read_question(Nothing, visit.query)
    require_insider(visit.principal)
    overview = _look(visit)
    found = overview.find_organisation(visit.name)
    ref = found.party.ref
    assets = [asset for asset in overview.holdings.assets if asset.owner == ref and asset.is_judged]
    return _render(
        visit,
        overview,
        "resilience/quantum_organisation.html",
        found=found,
        links=overview.links_of(ref),
        steps=overview.plan.of(ref),
        deadlines=overview.deadlines_of(ref),
        assets=assets,
    )


def show_links(visit: Visit) -> Response:
    """Show the links with the state of both ends, the worst first."""
    asked = read_question(LinkQuestion, visit.query)
    require_insider(visit.principal)
    overview = _look(visit)
    links = overview.links_of(asked.organisation) if asked.organisation else overview.links
    chosen = [link for link in links if asked.state in ("", link.state)]
    return _render(visit, overview, "resilience/quantum_links.html", asked=asked, links=chosen)


def show_link(visit: Visit) -> Response:
    """Show one link: what each end can, what was seen, and what authorities say of that."""
    from eendracht.resilience.quantum.uses import describe_group
    from eendracht.resilience.quantum.verdicts import judge_all

    read_question(Nothing, visit.query)
    require_insider(visit.principal)
    overview = _look(visit)
    link = next((one for one in overview.links if one.record.ref == visit.name), None)
    if link is None:
        raise NotFound("There is no such link")
    group = link.record.observed_group
    verdicts = judge_all(describe_group(group), overview.policies, overview.holdings.day) if group else ()
    return _render(visit, overview, "resilience/quantum_link.html", found=link, verdicts=verdicts)


def show_plan(visit: Visit) -> Response:
    """Show the plan as a chart and a table, the critical chain marked."""
    asked = read_question(ListQuestion, visit.query)
    require_insider(visit.principal)
    overview = _look(visit)
    steps = overview.plan.of(asked.organisation) if asked.organisation else overview.plan.steps
    return _render(
        visit,
        overview,
        "resilience/quantum_plan.html",
        asked=asked,
        plan=overview.plan,
        steps=steps,
        chart=_draw(visit, overview, steps),
        faults=overview.faults,
    )


def _draw(visit: Visit, overview: Overview, steps: Sequence[Planned]) -> Markup | str:
    t = visit.words.gettext
    open_steps = [item for item in steps if not item.is_done][:MOST_BARS]
    if not open_steps:
        return ""
    bars = []
    for item in open_steps:
        is_critical = item.timed.is_critical
        label = f"{item.step.name} ({overview.holdings.name_of(item.step.organisation)})"
        until = visit.words.day(item.ends_on) if item.worst_end else t("end unknown")
        about = f"{label}: {visit.words.day(item.starts_on)} - {until}"
        about += f" ({t('critical')})" if is_critical else ""
        label = f"* {label}" if is_critical else label
        start, end = float(item.timed.start), float(item.timed.finish)
        bars.append(GanttBar(label, start, end, "late" if is_critical else "planned", about))
    return draw_gantt(
        "quantum-plan",
        t("The steps of the move, in months from today"),
        t("A star and another colour mark the critical chain: a delay there moves the end."),
        bars,
        None,
        t("mo."),
    )


def show_data(visit: Visit) -> Response:
    """Show X, Y and Z of every dataset in the three scenarios."""
    from eendracht.resilience.quantum.mosca import read_horizons

    asked = read_question(ListQuestion, visit.query)
    require_insider(visit.principal)
    overview = _look(visit)
    return _render(
        visit,
        overview,
        "resilience/quantum_data.html",
        deadlines=[item for item in overview.deadlines if asked.organisation in ("", item.owner)],
        systems=[item for item in overview.system_deadlines if asked.organisation in ("", item.owner)],
        horizons=read_horizons(),
    )


def show_asset(visit: Visit) -> Response:
    """Show what every authority says of one asset on a day, with rules, sources, dates and conflicts."""
    from eendracht.resilience.quantum.verdicts import judge_successors

    asked = read_question(DayQuestion, visit.query)
    require_insider(visit.principal)
    overview = _look(visit)
    on = asked.on or overview.holdings.day
    found = overview.judge_asset(visit.name, on)
    risk = overview.holdings.risk_of_asset(found.asset)
    use = found.asset.use(risk)
    successors = judge_successors(use, overview.policies, on) if use.quantum == "broken" else ()
    return _render(
        visit,
        overview,
        "resilience/quantum_asset.html",
        found=found,
        use=use,
        risk=risk,
        successors=successors,
        policies=overview.policies,
        on=on,
    )


def _render(visit: Visit, overview: Overview, template: str, **values: Any) -> Response:
    words = visit.words

    def print_years(value: Fraction) -> str:
        return words.decimal(float(value))

    return visit.render(
        template,
        said=said,
        t=words.gettext,
        name_of=overview.holdings.name_of,
        years=print_years,
        day=overview.holdings.day,
        is_synthetic=overview.holdings.is_synthetic,
        most=MOST_ROWS,
        **values,
    )


PAGES: Final = (
    Page("quantum", "kwantum", "quantum", show_quantum),
    Page("quantum-links", "kwantum-koppelingen", "quantum-links", show_links),
    Page("quantum-plan", "kwantum-plan", "quantum-plan", show_plan),
    Page("quantum-data", "kwantum-gegevens", "quantum-data", show_data),
    Page("quantum-organisation", "kwantum-organisatie/{name}", "quantum-organisation/{name}", show_organisation),
    Page("quantum-link", "kwantum-koppeling/{name}", "quantum-link/{name}", show_link),
    Page("quantum-asset", "kwantum-toets/{name}", "quantum-verdict/{name}", show_asset),
)
"""The pages of this part; the first leads to the others."""
