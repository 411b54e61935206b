"""Pages on which a rule is run over a registered population, or two days of it are compared; and what came of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from starlette.responses import Response

from eendracht.kernel.access import Role
from eendracht.kernel.clock import today
from eendracht.kernel.errors import Denied, EendrachtError, Fault, NotFound
from eendracht.kernel.jobs import Jobs
from eendracht.kernel.population_requests import PopulationRequest, ask_population_run
from eendracht.kernel.populations import Registered, registered_of
from eendracht.kernel.rules import ir
from eendracht.kernel.rules.catalogue import list_entries, list_outputs
from eendracht.kernel.rules.library import NoSuchRule
from eendracht.kernel.rules.values import as_date
from eendracht.kernel.store import Query
from eendracht.kit.forms import Posted
from eendracht.kit.pages import Visit
from eendracht.kit.questions import Nothing, read_question
from eendracht.web.edit_pages import may_write_somewhere
from eendracht.web.queries import RunQuestion
from eendracht.web.result_view import view_result
from eendracht.web.rule_words import begin, label_of
from eendracht.web.search_view import name_of

MOST_CHOICES = 200
"""How many populations or grounds a form offers."""


@dataclass(frozen=True, slots=True)
class RunForm:
    """What is chosen so far, and what can be chosen."""

    kind: str
    chosen: Mapping[str, str]
    outputs: tuple[str, ...] = ()
    registered: Registered | None = None
    law: ir.Regulation | None = None
    populations: Sequence[tuple[str, str]] = ()
    laws: Sequence[tuple[str, str]] = ()
    grounds: Sequence[tuple[str, str]] = ()
    controllers: Sequence[tuple[str, str]] = ()
    columns: Sequence[str] = ()
    faults: Sequence[Fault] = field(default=())

    @property
    def output_fields(self) -> Mapping[str, tuple[ir.Article, ir.Field | None]]:
        """The outputs that can be asked."""
        return list_outputs(self.law) if self.law else {}


def show_run(visit: Visit) -> Response:
    """Choose a population, a law and its outputs, confirm, and ask for the run."""
    return _show(visit, "population-run")


def show_change(visit: Visit) -> Response:
    """Choose a population, a law, an output and two days, confirm, and ask for the comparison."""
    return _show(visit, "law-impact")


def _show(visit: Visit, kind: str) -> Response:
    visit.require_session()
    if not may_write_somewhere(visit.principal):
        raise Denied(f"{visit.principal.name} holds no editor role")
    posted = visit.posted
    form = _read(visit, kind, posted)
    if posted is None or form.registered is None or form.law is None:
        return _render(visit, form, 422 if form.faults else 200)
    act = (posted.get("act") or [""])[0]
    if act not in ("check", "run"):
        return _render(visit, form)
    faults = _typed_faults(form)
    if not faults and act == "check":
        return _render(visit, form, confirms=True)
    if not faults:
        try:
            job = ask_population_run(visit.site.instance, visit.principal, _request(form))
            return visit.redirect("job", job)
        except (Denied, NotFound) as error:
            faults = [*error.faults] or [Fault("/ground", error.code, error.title_nl, error.title_en)]
        except EendrachtError as error:
            # A rule that columns cannot carry says why in its detail.
            faults = [*error.faults] or [Fault("/outputs", error.code, error.title_nl, error.detail or error.title_en)]
    return _render(visit, _with(form, faults), 422)


def _render(visit: Visit, form: RunForm, status: int = 200, *, confirms: bool = False) -> Response:
    anchors = {"outputs", "ground", "purpose", "controller", "by", "on", "onAfter", "population", "law"}
    links = []
    for fault in form.faults:
        anchor = fault.pointer.split("/")[1] if fault.pointer.startswith("/") else ""
        text = fault.nl if visit.language == "nl" else fault.en
        links.append((anchor if anchor in anchors else "ground", "", text))
    return visit.render(
        "run_population.html",
        status,
        form=form,
        confirms=confirms,
        links=links,
        label_of=label_of,
        begin=begin,
        ground_name=dict(form.grounds).get(form.chosen["ground"], ""),
        controller_name=dict(form.controllers).get(form.chosen["controller"], ""),
    )


def _with(form: RunForm, faults: Sequence[Fault]) -> RunForm:
    from dataclasses import replace

    return replace(form, faults=faults)


def _read(visit: Visit, kind: str, posted: Posted | None) -> RunForm:
    """Read what is chosen, and look up what can be chosen."""
    if posted is None:
        asked = read_question(RunQuestion, visit.query)
        chosen = {"population": asked.population, "law": asked.law, "on": asked.on, "onAfter": asked.on_after}
    else:
        chosen = {name: (posted.get(name) or [""])[0] for name in ("population", "law", "on", "onAfter")}
    chosen["on"] = chosen["on"] or today(visit.store.clock).isoformat()
    library = visit.site.instance.lawbook.library
    faults: list[Fault] = []
    registered = _find_population(visit, chosen["population"], faults)
    law = None
    if chosen["law"]:
        day = as_date(chosen["on"])
        if day is None:
            faults.append(Fault("/on", "malformed-date", "Schrijf een dag die bestaat", "Write a day that exists"))
        else:
            try:
                law = library.select(chosen["law"], day).regulation
            except NoSuchRule as error:
                faults.append(Fault("/law", error.code, error.title_nl, error.detail or error.title_en))
    if kind == "law-impact" and chosen["law"] and as_date(chosen["onAfter"]) is None:
        faults.append(Fault("/onAfter", "malformed-date", "Schrijf een dag die bestaat", "Write a day that exists"))
        law = None
    given = {name: ((posted or {}).get(name) or [""])[0][:500] for name in ("ground", "purpose", "controller", "by")}
    if posted is None and registered is not None:
        given |= {"ground": registered.ground, "purpose": registered.purpose, "controller": registered.controller}
    return RunForm(
        kind,
        {**chosen, **given},
        tuple((posted or {}).get("outputs", ())),
        registered,
        law,
        _list(visit, "population"),
        [(entry.newest.id, entry.newest.name) for entry in list_entries(library) if list_outputs(entry.newest)],
        _list(visit, "ground"),
        _controllers(visit),
        sorted({c for table in registered.tables.values() for c in table.get("columns") or ()}) if registered else (),
        faults,
    )


def _find_population(visit: Visit, ref: str, faults: list[Fault]) -> Registered | None:
    if not ref:
        return None
    try:
        return registered_of(visit.store.get(ref, visit.principal))
    except EendrachtError:
        nl, en = "Deze populatie is er niet", "There is no such population"
        faults.append(Fault("/population", "not-found", nl, en))
        return None


def _list(visit: Visit, kind: str) -> list[tuple[str, str]]:
    page = visit.store.find(Query(kind=kind, limit=MOST_CHOICES), visit.principal)
    return [(record.ref, record.name) for record in page.records]


def _controllers(visit: Visit) -> list[tuple[str, str]]:
    refs = sorted(organisation for role, organisation in visit.principal.roles if role is Role.EDITOR)
    return [(ref, name_of(visit.store, visit.principal, ref) or ref) for ref in refs]


def _typed_faults(form: RunForm) -> list[Fault]:
    faults = [*form.faults]
    if not [output for output in form.outputs if output in form.output_fields]:
        faults.append(Fault("/outputs", "missing", "Kies een uitkomst", "Choose an output"))
    if form.kind == "law-impact" and len(form.outputs) > 1:
        faults.append(
            Fault("/outputs", "one-output", "Vergelijk een uitkomst tegelijk", "Compare one output at a time")
        )
    if form.chosen["controller"] not in dict(form.controllers):
        nl, en = "Kies een organisatie waarvoor u redacteur bent", "Choose an organisation of which you are editor"
        faults.append(Fault("/controller", "denied", nl, en))
    return faults


def _request(form: RunForm) -> PopulationRequest:
    chosen = form.chosen
    on = as_date(chosen["on"])
    assert isinstance(on, date)
    return PopulationRequest(
        chosen["population"],
        chosen["law"],
        form.outputs,
        on,
        chosen["ground"],
        chosen["purpose"],
        chosen["controller"],
        as_date(chosen["onAfter"]) if form.kind == "law-impact" else None,
        chosen["by"] if form.kind == "law-impact" else "",
    )


def show_result(visit: Visit) -> Response:
    """Show what a run or a comparison came to, in counts and charts."""
    read_question(Nothing, visit.query)
    visit.require_session()
    job = Jobs(visit.store).get(visit.name, visit.principal)
    if job.kind not in ("population-run", "law-impact") or job.state != "done":
        raise NotFound(f"There is no result of {job.id}")
    ref, law = str(job.result["population"]), str(job.result["law"])
    return visit.render(
        "run_result.html",
        job=job,
        view=view_result(job, visit.words),
        population=name_of(visit.store, visit.principal, ref) or ref,
        law=_name_law(visit, law),
    )


def _name_law(visit: Visit, law: str) -> str:
    """Give the name of a law, as far as the laws of the node can be used."""
    try:
        versions = visit.site.instance.lawbook.library.versions(law)
    except EendrachtError:
        versions = []
    return versions[-1].name if versions else law
