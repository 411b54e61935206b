"""Commands on long work: ask for it, follow it, stop it, try it again; and run it in a process of its own."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from eendracht.kit.commands import Json, frame_of

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance
    from eendracht.kernel.jobs import Job

group = typer.Typer(help="Long work: imports, sweeps, exports.", no_args_is_help=True, rich_markup_mode=None)

JobId = Annotated[str, typer.Argument(help="Id of the job, as jobs list prints it.", metavar="JOB")]


def register(app: typer.Typer) -> None:
    """Add the commands to the root."""
    app.add_typer(group, name="jobs")
    app.command()(worker)


def worker(context: typer.Context, as_json: Json = False) -> None:
    """Run jobs until stopped.

    A running server does so too; of several processes one works, and another takes over when it stops.
    """
    from eendracht.kit.output import print_json, say

    frame = frame_of(context)
    frame.require_operator()
    with frame.opened() as instance:
        if as_json:
            print_json({"working": True})
        else:
            say("Waiting for jobs; stop with Ctrl-C.")
        frame.wiring.work(instance)


@group.command("list")
def list_jobs(context: typer.Context, as_json: Json = False) -> None:
    """List jobs, the newest first."""
    from eendracht.kernel.jobs import Jobs
    from eendracht.kit.output import print_json, print_table, say

    frame = frame_of(context)
    with frame.opened() as instance:
        jobs = Jobs(instance.store).list_jobs(frame.principal(instance))
        if as_json:
            print_json([job.as_dict() for job in jobs])
        elif jobs:
            print_table(
                ("job", "state", "stage", "%", "asked by", "asked at"),
                [(job.id, job.state, job.stage, job.percent, job.asked_by, job.asked_at[:16]) for job in jobs],
            )
        else:
            say("There are no jobs.")


@group.command("ask")
def ask_job(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(help="sweep or export.", metavar="KIND")],
    wait: Annotated[bool, typer.Option("--wait", help="Follow it to its end.")] = False,
    as_json: Json = False,
) -> None:
    """Ask for a job; a server or worker runs it."""
    from eendracht.kernel.errors import UsageFault
    from eendracht.kernel.jobs import Jobs
    from eendracht.kit.output import print_json, say

    frame = frame_of(context)
    with frame.opened() as instance:
        if kind not in ("sweep", "export"):
            raise UsageFault(f"'{kind[:40]}' cannot be asked for", hint="Choose sweep or export.")
        job = Jobs(instance.store).ask(kind, {}, frame.principal(instance))
        if wait:
            _show(_follow(instance, job, quiet=as_json), as_json)
        elif as_json:
            print_json({"id": job})
        else:
            say(f"{job} waits for a server or worker. Follow it: eendracht jobs show {job} --wait")


@group.command("show")
def show_job(
    context: typer.Context,
    job: JobId,
    wait: Annotated[bool, typer.Option("--wait", help="Follow it to its end.")] = False,
    as_json: Json = False,
) -> None:
    """Show a job: how far it is, and what came of it."""
    from eendracht.kernel.jobs import Jobs

    frame = frame_of(context)
    with frame.opened() as instance:
        found = Jobs(instance.store).get(job, frame.principal(instance))
        _show(_follow(instance, job, quiet=as_json) if wait else found, as_json)


@group.command("cancel")
def cancel_job(context: typer.Context, job: JobId, as_json: Json = False) -> None:
    """Stop a job; what it recorded before stays."""
    from eendracht.kernel.jobs import Jobs
    from eendracht.kit.output import print_json, say

    frame = frame_of(context)
    with frame.opened() as instance:
        Jobs(instance.store).cancel(job, frame.principal(instance))
        if as_json:
            print_json({"id": job, "cancelled": True})
        else:
            say(f"{job} stops at its next step.")


@group.command("retry")
def retry_job(context: typer.Context, job: JobId, as_json: Json = False) -> None:
    """Ask anew for a job that failed or was cancelled."""
    from eendracht.kernel.jobs import Jobs
    from eendracht.kit.output import print_json, say

    frame = frame_of(context)
    with frame.opened() as instance:
        again = Jobs(instance.store).retry(job, frame.principal(instance))
        if as_json:
            print_json({"id": again})
        else:
            say(f"{again} waits for a server or worker.")


def _follow(instance: Instance, job: str, *, quiet: bool) -> Job:
    from eendracht.kernel.jobs import Jobs
    from eendracht.kit.output import say

    told = ""
    while True:
        found = Jobs(instance.store).find(job)
        assert found is not None
        line = f"{found.state} {found.stage} {found.percent}%"
        if line != told and not quiet:
            say(line)
            told = line
        if found.has_ended:
            return found
        time.sleep(0.3)


def _show(job: Job, as_json: bool) -> None:
    from eendracht.kit.output import print_json, say

    if as_json:
        print_json(job.as_dict())
        return
    say(f"{job.id}: {job.state}" + (f", {job.stage} {job.percent} %" if not job.has_ended else ""))
    for name, value in job.result.items():
        say(f"  {name}: {value}")
    if job.error:
        say(f"  {job.error['en']} [{job.error['code']}]")
