"""Pages of an import, from a file to its records, and of the jobs that do long work."""

from __future__ import annotations

from typing import Final

from starlette.responses import FileResponse, Response

from eendracht.kernel.access import Principal, Role
from eendracht.kernel.errors import Denied, EendrachtError, Fault, NotFound, UsageFault
from eendracht.kernel.imports import profiles
from eendracht.kernel.jobs import Job, Jobs
from eendracht.kernel.populations import STREAM
from eendracht.kernel.uploads import Uploads
from eendracht.kit.pages import Visit
from eendracht.kit.questions import Nothing, read_question
from eendracht.web.import_view import ImportFile
from eendracht.web.job_view import tell_job, view_job
from eendracht.web.queries import JobQuestion, KindQuestion
from eendracht.web.search_view import name_of

SWEEPS: Final = ("sweep", "export")
"""What the page of jobs offers to ask for."""


def _uploads(visit: Visit) -> Uploads:
    return Uploads(visit.site.instance.settings.uploads_folder, visit.store.clock)


def _owners(visit: Visit) -> list[tuple[str, str]]:
    """Give ref and name of each organisation for which the visitor may write."""
    refs = sorted(organisation for role, organisation in visit.principal.roles if role is Role.EDITOR)
    return [(ref, name_of(visit.store, visit.principal, ref) or ref) for ref in refs]


def show_import(visit: Visit) -> Response:
    """Ask for a file, and keep the one that is sent."""
    read_question(Nothing, visit.query)
    visit.require_session()
    owners = _owners(visit)
    if not owners:
        raise Denied(f"{visit.principal.name} holds no editor role")
    if visit.posted is None:
        return _ask(visit, owners, [])
    posted = visit.posted
    owner = (posted.get("owner") or [""])[0]
    profile = (posted.get("profile") or [""])[0]
    faults = []
    if owner not in dict(owners):
        faults.append(Fault("/owner", "denied", "Kies een organisatie", "Choose an organisation"))
    if profile and profile not in {item.name for item in profiles()}:
        faults.append(Fault("/profile", "unknown-profile", "Dit profiel is er niet", "There is no such profile"))
    if visit.file is None or not visit.file.size:
        faults.append(Fault("/file", "no-file", "Kies een bestand", "Choose a file"))
    if faults or visit.file is None:
        return _ask(visit, owners, faults)
    system = (posted.get("system") or [""])[0].strip()[:100]
    upload = _uploads(visit).save(visit.file.content, visit.file.name, owner, visit.principal, profile, system)
    return visit.redirect("import-check", upload.id)


def _ask(visit: Visit, owners: list[tuple[str, str]], faults: list[Fault]) -> Response:
    posted = visit.posted or {}
    chosen = {name: (posted.get(name) or [""])[0] for name in ("owner", "profile", "system")}
    nl = visit.language == "nl"
    offered = [(item.name, (item.title_nl if nl else item.title_en) or item.name) for item in profiles()]
    status = 422 if faults else 200
    return visit.render(
        "import.html", status, owners=owners, profiles=offered, chosen=chosen, links=_links(faults, visit)
    )


def _links(faults: list[Fault], visit: Visit) -> list[tuple[str, str, str]]:
    """Give anchor, label and text of each fault, for the error summary."""
    nl = visit.language == "nl"
    return [(fault.pointer[1:].replace(".", "-"), "", fault.nl if nl else fault.en) for fault in faults]


def show_check(visit: Visit) -> Response:
    """Show the columns of a file to confirm, then what it would change; after a yes, ask for the job."""
    visit.require_session()
    uploads = _uploads(visit)
    file = ImportFile(visit.store, uploads, uploads.get(visit.name, visit.principal), visit.principal)
    if not visit.principal.may_write(file.upload.owner):
        raise Denied(f"{visit.principal.name} may not write for {file.upload.owner}")
    act = ((visit.posted or {}).get("act") or [""])[0]
    if act == "discard":
        uploads.discard(file.upload.id)
        return visit.redirect("import")
    if act == "remap":
        file.forget_mapping()
        return visit.redirect("import-check", file.upload.id)
    try:
        if act == "record":
            return _record(visit, file)
        if file.needs_mapping():
            return _map(visit, file, act)
        if file.is_large:
            return visit.render("import_check.html", file=file, view=None, refused=None)
        return visit.render("import_check.html", file=file, view=file.plan(visit.words), refused=None)
    except EendrachtError as error:
        if not error.faults and not isinstance(error, UsageFault):
            raise
        # A file that cannot be read stays, so that the page can say everything that is wrong with it.
        return visit.render("import_check.html", 422, file=file, view=None, refused=error)


def _map(visit: Visit, file: ImportFile, act: str) -> Response:
    posted = visit.posted or {}
    faults: list[Fault] = []
    if act == "map":
        faults = file.confirm(posted, visit.words)
        if not faults:
            return visit.redirect("import-check", file.upload.id)
    kind = (posted.get("kind") or [""])[0] or read_question(KindQuestion, visit.query).kind
    if kind and kind not in visit.store.registry:
        raise NotFound(f"There is no kind {kind[:60]}")
    view = file.propose(kind, visit.words)
    typed = {column.at: (posted.get(f"column.{column.at}") or [column.field])[0] for column in view.columns}
    if act != "map":
        typed = {column.at: column.field for column in view.columns}
    links = _links(faults, visit)
    return visit.render(
        "import_map.html",
        422 if faults else 200,
        file=file,
        view=view,
        typed=typed,
        links=links,
        wrong={anchor: text for anchor, _, text in links},
    )


def _record(visit: Visit, file: ImportFile) -> Response:
    job = Jobs(visit.store).ask("import", {"upload": file.upload.id}, visit.principal, file.upload.owner)
    visit.site.audit.note("import-recorded", visit.principal.name, about=job, organisation=file.upload.owner)
    return visit.redirect("job", job)


def show_jobs(visit: Visit) -> Response:
    """List the jobs that the visitor may see, and take the request for a new one."""
    read_question(Nothing, visit.query)
    visit.require_session()
    jobs = Jobs(visit.store)
    if visit.posted is not None:
        kind = (visit.posted.get("kind") or [""])[0]
        if kind not in SWEEPS:
            raise UsageFault("This cannot be asked for")
        job = jobs.ask(kind, {}, visit.principal)
        if kind == "export":
            visit.site.audit.note("export-made", visit.principal.name, about=job)
        return visit.redirect("job", job)
    found = jobs.list_jobs(visit.principal)
    facts = {job.id: tell_job(visit.site.instance, visit.principal, job, visit.words) for job in found}
    return visit.render("jobs.html", jobs=found, facts=facts, kinds=_kinds(visit))


def show_job(visit: Visit) -> Response:
    """Show a job, stop it or try it again; with `?report=1`, give its protected report."""
    visit.require_session()
    jobs = Jobs(visit.store)
    job = jobs.get(visit.name, visit.principal)
    act = ((visit.posted or {}).get("act") or [""])[0]
    if act == "cancel":
        if not job.has_ended:
            jobs.cancel(job.id, visit.principal)
        return visit.redirect("job", job.id)
    if act == "retry":
        return visit.redirect("job", jobs.retry(job.id, visit.principal))
    if read_question(JobQuestion, visit.query).report:
        return _give_report(visit, job)
    view = view_job(visit.site.instance, visit.principal, job, visit.words)
    return visit.render("job.html", job=job, view=view, kinds=_kinds(visit))


def _give_report(visit: Visit, job: Job) -> Response:
    # What somebody else asked for was made with their eyes, not with those of who asks now.
    name = job.result.get("report")
    if not name or job.asked_by != visit.principal.name:
        raise NotFound()
    path = visit.site.instance.settings.jobs_folder / job.id / str(name)
    if not path.is_file():
        raise NotFound()
    if job.kind == "population-run":
        # It holds what came out for each person: whoever takes it is on record.
        line = {"event": "result-read", "job": job.id, "by": visit.principal.name}
        visit.site.instance.journal.append(STREAM, [{**line, "population": job.arguments["population"]}])
    return FileResponse(path, filename=f"{job.id}-{name}", headers={"Cache-Control": "private, no-store"})


def _kinds(visit: Visit) -> dict[str, tuple[str, dict[str, str]]]:
    """Give title and titles of stages of each kind of job, in the language of the visit."""
    return {
        kind.name: (kind.title[visit.language], {stage: said[visit.language] for stage, said in kind.stages.items()})
        for kind in visit.site.instance.job_kinds
    }


def may_have_jobs(principal: Principal) -> bool:
    """Tell whether the menu offers jobs."""
    return bool(principal.roles)
