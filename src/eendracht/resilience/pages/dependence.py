"""The pages on dependence: concentration, what weighs most, the contract radar, and solving it together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from markupsafe import Markup
from starlette.responses import Response

from eendracht.kernel.access import Principal, Role
from eendracht.kernel.disclosure import is_insider, require_insider
from eendracht.kernel.errors import Conflict, Denied, Fault, InvalidInput, NotFound
from eendracht.kernel.jobs import Job, Jobs
from eendracht.kernel.validation import validate
from eendracht.kit.charts import Span, Tile, draw_spans, draw_sparkline, draw_treemap
from eendracht.kit.i18n import gettext_noop
from eendracht.kit.pages import Page, Visit
from eendracht.kit.questions import Nothing, read_question
from eendracht.resilience.alternatives_jobs import ALTERNATIVES, ask_alternatives
from eendracht.resilience.dependence import Dependence
from eendracht.resilience.questions import AlternativesGiven, ProposalGiven, RadarQuestion, SpreadQuestion, StatusGiven

if TYPE_CHECKING:
    from eendracht.resilience.concentration import Concentration
    from eendracht.resilience.contracts import Radar

MOST_TILES: Final = 40
MOST_ROWS: Final = 100
MOST_SPANS: Final = 40
BY_WORDS: Final = {
    "supplier": gettext_noop("Direct supplier"),
    "owner": gettext_noop("Ultimate owner"),
    "jurisdiction": gettext_noop("Country whose law can force it"),
    "chain": gettext_noop("Supplier with subcontractors"),
}
MEASURE_WORDS: Final = {
    "spend": gettext_noop("Spend a year"),
    "services": gettext_noop("Services that depend on it"),
    "citizen-hours": gettext_noop("Citizen-hours at risk a day"),
}
VERDICT_WORDS: Final = {
    "concentrated": gettext_noop("concentrated"),
    "not-concentrated": gettext_noop("not concentrated"),
    "unknown": gettext_noop("unknown: too much is not known"),
}
STATE_WORDS: Final = {
    "future": gettext_noop("Not begun yet"),
    "open": gettext_noop("Can be decided on"),
    "due": gettext_noop("Decide soon"),
    "too-late": gettext_noop("Too late to give notice"),
    "ended": gettext_noop("Ended"),
    "renewed-unseen": gettext_noop("Renewed tacitly; end unknown"),
    "unknown": gettext_noop("End unknown"),
}
KEY_WORDS: Final = {
    "equal": gettext_noop("Equal parts"),
    "inhabitants": gettext_noop("By inhabitants"),
    "services": gettext_noop("By critical services"),
    "citizen-hours": gettext_noop("By citizen-hours at risk"),
}
STATUS_WORDS: Final = {
    "proposed": gettext_noop("Proposed"),
    "in-preparation": gettext_noop("In preparation"),
    "agreed": gettext_noop("Agreed"),
    "in-use": gettext_noop("In use"),
    "dropped": gettext_noop("Dropped"),
}


def _dependence(visit: Visit) -> Dependence:
    return Dependence(visit.site.landscapes, visit.store, visit.principal)


def show_concentration(visit: Visit) -> Response:
    """Show how much hangs on how few; parties to whoever works for an organisation, figures to everybody."""
    asked = read_question(SpreadQuestion, visit.query)
    dependence = _dependence(visit)
    spread = dependence.measure_spread(asked.measure, asked.category)
    trend = dependence.follow_spend(asked.by)
    found, insider = spread.by[asked.by], is_insider(visit.principal)
    known = [float(point.hhi_high) for point in trend if point.hhi_high is not None]
    line = Markup("")
    if known:
        title = visit.words.gettext("Concentration of spend over the last 12 months")
        line = draw_sparkline("trend", title, visit.words.gettext("The table beneath has the figures."), known)
    return visit.render(
        "resilience/concentration.html",
        asked=asked,
        spread=spread,
        found=found,
        insider=insider,
        chart=_draw_shares(visit, found) if insider and found.shares else "",
        trend=trend,
        line=line,
        percent=lambda part: visit.words.decimal(float(part) * 100),
        amount=lambda value: print_amount(visit, asked.measure, value),
        most=MOST_ROWS,
        by_words=BY_WORDS,
        measure_words=MEASURE_WORDS,
        verdict_words=VERDICT_WORDS,
    )


def print_amount(visit: Visit, measure: str, value: Fraction) -> str:
    """Print an amount in the unit of its measure."""
    return visit.words.euro(round(value)) if measure == "spend" else visit.words.number(round(value))


def _draw_shares(visit: Visit, found: Concentration) -> Markup:
    tiles = [
        Tile(
            visit.words.country(share.party) if found.by == "jurisdiction" else share.name,
            float(share.amount),
            visit.words.decimal(float(share.share) * 100) + " %",
            is_marked=share.is_flagged,
        )
        for share in found.shares[:MOST_TILES]
    ]
    if found.unknown_amount:
        printed = visit.words.decimal(float(found.unknown_share) * 100) + " %"
        tiles.append(Tile(visit.words.gettext("Unknown"), float(found.unknown_amount), printed))
    title = visit.words.gettext("Shares of the parties")
    return draw_treemap("shares", title, visit.words.gettext("The table beneath has the figures."), tiles)


def show_weak_points(visit: Visit) -> Response:
    """Show what weighs most and what hides, and let the cheapest alternatives be sought."""
    read_question(Nothing, visit.query)
    require_insider(visit.principal)
    faults: Sequence[Fault] = ()
    if visit.posted is not None:
        order = (visit.posted.get("maxOrder") or [""])[0]
        given, faults = validate(AlternativesGiven, {"maxOrder": int(order) if order in ("1", "2") else order}, "")
        if given is not None and not faults:
            return visit.redirect("job", ask_alternatives(visit.site.instance, visit.principal, given.max_order))
    last = _last_plan(visit)
    return visit.render(
        "resilience/weak_points.html",
        422 if faults else 200,
        found=_dependence(visit).find_weak_points(),
        plan=last,
        names=_name_all(visit, last.result) if last else {},
        links=_links(visit, faults),
        most=MOST_ROWS,
    )


def _last_plan(visit: Visit) -> Job | None:
    """Give the last plan that the visitor asked for; another's rests on what that one may see."""
    jobs = Jobs(visit.store).list_jobs(visit.principal, 1_000)
    mine = (job for job in jobs if job.kind == ALTERNATIVES and job.asked_by == visit.principal.name)
    return next((job for job in mine if job.state == "done"), None)


def _name_all(visit: Visit, result: Mapping[str, object]) -> dict[str, str]:
    chosen = result.get("chosen")
    rows = chosen if isinstance(chosen, list) else []
    refs = list({row[key] for row in rows for key in ("thing", "party")})
    return {record.ref: record.name for record in visit.store.get_among(refs, visit.principal)} if refs else {}


def show_radar(visit: Visit) -> Response:
    """Show until when each contract can be decided on, who could leave together, and dates that cannot be."""
    asked = read_question(RadarQuestion, visit.query)
    whole = _dependence(visit).scan_contracts()
    radar = whole.of(asked.organisation, asked.supplier)
    buyers = sorted({line.buyer for line in whole.lines}, key=lambda ref: (whole.names[ref], ref))
    suppliers = {ref for line in whole.lines for ref in (line.supplier, line.owner)}
    return visit.render(
        "resilience/contract_radar.html",
        asked=asked,
        radar=radar,
        chart=_draw_radar(visit, radar),
        most=MOST_ROWS,
        buyers=buyers,
        suppliers=sorted(suppliers, key=lambda ref: (whole.names[ref], ref)),
        state_words=STATE_WORDS,
    )


def _draw_radar(visit: Visit, radar: Radar) -> Markup:
    lines = [line for line in radar.lines if line.end is not None and line.end > radar.day][:MOST_SPANS]
    if not lines:
        return Markup("")
    spans = [
        Span(
            line.name,
            line.start,
            line.end,
            line.decide_before,
            f"{line.name}: {visit.words.day(line.decide_before) if line.decide_before else ''}",
        )
        for line in lines
    ]
    last = max((line.end for line in lines if line.end), default=radar.day)
    title = visit.words.gettext("Contracts with the last day of decision")
    about = visit.words.gettext("A diamond is the last day of decision; the line is today. The table has the days.")
    first = radar.day - timedelta(days=365)
    return draw_spans("radar", title, about, spans, first, min(last, radar.day + timedelta(days=5 * 365)), radar.day)


def show_collective(visit: Visit) -> Response:
    """Show what organisations share as weak points and what was proposed; propose a solution or change its status."""
    from eendracht.resilience.collective import NEXT, list_solutions

    read_question(Nothing, visit.query)
    visit.require_staff()
    require_insider(visit.principal)
    faults: Sequence[Fault] = ()
    if visit.posted is not None:
        faults = _act(visit)
        if not faults:
            return visit.redirect("collective-solutions")
    portfolio, shared = _dependence(visit).list_shared()
    solutions = list_solutions(visit.store, visit.principal)
    owners = list_proposers(visit.principal, portfolio.organisations)
    return visit.render(
        "resilience/collective.html",
        422 if faults else 200,
        shared=shared,
        solutions=[(record, record.spec(visit.store.registry)) for record in solutions],
        owners=[(ref, portfolio.parties.name_of(ref)) for ref in owners],
        name_of=portfolio.parties.name_of,
        next=NEXT,
        typed=visit.posted or {},
        links=_links(visit, faults),
        most=MOST_ROWS,
        key_words=KEY_WORDS,
        status_words=STATUS_WORDS,
    )


def list_proposers(principal: Principal, organisations: frozenset[str]) -> list[str]:
    """Give the organisations for which somebody may propose: editor there, and seeing what is restricted."""
    if principal.is_operator:
        return sorted(organisations)
    return [ref for ref in principal.restricted if (Role.EDITOR, ref) in principal.roles]


def _act(visit: Visit) -> Sequence[Fault]:
    """Propose or change; gives what is wrong."""
    from eendracht.resilience.collective import Proposal, change_status, propose_solution, require_proposer

    sent = {name: (values or [""])[0].strip() for name, values in (visit.posted or {}).items()}
    try:
        if sent.get("act") == "status":
            raw = {"status": sent.get("status", ""), "generation": _number(sent.get("generation", ""))}
            step, faults = validate(StatusGiven, raw, "")
            if step is None or faults:
                return faults
            change_status(visit.store, visit.principal, sent.get("solution", ""), step.status, step.generation)
            return ()
        given, faults = validate(ProposalGiven, _read_proposal(sent), "")
        if given is None or faults:
            return faults
        require_proposer(visit.principal, given.owner)
        portfolio, _ = _dependence(visit).list_shared()
        proposal = Proposal(
            given.owner, given.weak_point, given.cost_key, given.name, given.alternative, given.cost_eurocent
        )
        propose_solution(visit.store, visit.principal, portfolio, proposal)
    except (InvalidInput, NotFound, Denied, Conflict) as error:
        return error.faults or [Fault("/weakPoint", error.code, error.title_nl, error.detail or error.title_en)]
    return ()


def _read_proposal(sent: Mapping[str, str]) -> dict[str, object]:
    cost = sent.get("cost", "").replace(".", "").replace(",", ".")
    said: dict[str, object] = {
        "owner": sent.get("owner", ""),
        "weakPoint": sent.get("weakPoint", ""),
        "costKey": sent.get("costKey", ""),
        "alternative": sent.get("alternative", ""),
    }
    if cost:
        try:
            said["costEurocent"] = round(float(cost) * 100)
        except (ValueError, OverflowError):
            said["costEurocent"] = cost
    return said


def _number(text: str) -> int | str:
    return int(text) if text.isdecimal() and len(text) < 10 else text


def _links(visit: Visit, faults: Sequence[Fault]) -> list[tuple[str, str, str]]:
    anchors = {"costEurocent": "cost"}
    names = [fault.pointer.strip("/") for fault in faults]
    texts = [fault.nl if visit.language == "nl" else fault.en for fault in faults]
    return [(anchors.get(name, name) or "main", "", text) for name, text in zip(names, texts, strict=True)]


PAGES: Final = (
    Page(
        "concentration",
        "concentratie",
        "concentration",
        show_concentration,
        is_for=is_insider,
    ),
    Page("weak-points", "zwakke-plekken", "weak-points", show_weak_points, "form"),
    Page("contract-radar", "contractenradar", "contract-radar", show_radar),
    Page("collective-solutions", "samen-oplossen", "collective-solutions", show_collective, "form"),
)
"""The pages of this part; the first leads to the others."""
