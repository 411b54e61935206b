"""Jobs: run once, seen by whom they concern, stopped, tried again, and taken up by one process at a time."""

from __future__ import annotations

import gzip
import io
import os
import time
from pathlib import Path

import orjson
import pytest

from eendracht.bootstrap import Wiring
from eendracht.kernel.access import OPERATOR, PUBLIC, Principal
from eendracht.kernel.credentials import create_principal
from eendracht.kernel.durable import JobRunner, Lease
from eendracht.kernel.errors import Busy, NotFound, StorageFailure, UsageFault
from eendracht.kernel.import_reports import read_report, sweep_reports
from eendracht.kernel.instance import Instance
from eendracht.kernel.jobs import Job, JobKind, Jobs, StepApplied, Work, run_job
from eendracht.kernel.shared_jobs import SHARED_JOBS
from eendracht.kernel.uploads import Uploads, safe_name
from eendracht.kernel.wording import Said
from tests.postgres_server import PostgresServer
from tests.web.nodes import OWNER, PUBLIC_DRAFTS, draft, fill_node, open_node

KINDS = {kind.name: kind for kind in SHARED_JOBS}
CSV = b"Naam;Leverancier;Status\nBurgerzaken;PinkRoccade;In gebruik\nBelastingen;Centric;In gebruik\n"


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    made = open_node(tmp_path / "node")
    fill_node(made, [*PUBLIC_DRAFTS, draft("component:gm0344/kluis", "Kluis", "restricted")])
    return made


def editor(instance: Instance, name: str = "gm0344/importer", role: str = "editor@organisation:gm0344") -> Principal:
    return create_principal(instance.store, name, [role])


def wait(instance: Instance, job: str, seconds: float = 30) -> Job:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = Jobs(instance.store).find(job)
        assert found
        if found.has_ended:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not ended: {found}")


def upload(instance: Instance, author: Principal, content: bytes = CSV) -> str:
    uploads = Uploads(instance.settings.uploads_folder, instance.store.clock)
    return uploads.save(io.BytesIO(content), "applicaties.csv", OWNER, author, profile="applications").id


def test_an_import_records_its_file_once(instance: Instance) -> None:
    author = editor(instance)
    arguments = {"upload": upload(instance, author)}
    job = Jobs(instance.store).ask("import", arguments, author, OWNER)
    run_job(instance, KINDS, job)
    found = Jobs(instance.store).get(job, author)
    assert found.state == "done", found
    assert found.result["new"] == 2
    size = instance.store.size
    run_job(instance, KINDS, job)
    assert instance.store.size == size
    assert not list(instance.settings.uploads_folder.iterdir())


def test_what_was_wrong_in_a_file_is_kept_for_a_week_beside_the_job(instance: Instance) -> None:
    author = editor(instance)
    content = CSV.replace(b"Status", b"Gebruikers").replace(b"In gebruik", b"veel", 1)
    job = Jobs(instance.store).ask("import", {"upload": upload(instance, author, content)}, author, OWNER)
    run_job(instance, KINDS, job)
    folder, clock = instance.settings.jobs_folder / job, instance.store.clock
    report = read_report(folder, clock)
    assert report and report.file == "applicaties.csv" and report.profile == "applications"
    assert any("rij 2" in fault.pointer and "veel" in fault.nl for fault in report.faults)
    (path,) = folder.glob("import.json")
    assert path.stat().st_mode & 0o077 == 0
    assert sweep_reports(folder.parent, clock) == 0
    week_ago = time.time() - 8 * 86_400
    os.utime(path, (week_ago, week_ago))
    assert read_report(folder, clock) is None and path.exists()
    assert sweep_reports(folder.parent, clock) == 1 and not path.exists()


def test_a_job_that_was_cut_short_after_its_records_applies_them_no_second_time(instance: Instance) -> None:
    author = editor(instance)
    applied = []

    def run(work: Work) -> dict[str, object]:
        if work.result_of("one") is None:
            drafts = [draft("application:gm0344/stap", f"Stap {len(applied)}")]
            from eendracht.kernel.records import prepare

            work.store.append(
                [prepare(d, work.store.registry) for d in drafts], work.author, work.mark("one", {"n": 1})
            )
            applied.append(1)
            raise Busy("cut short")
        return dict(work.result_of("one"))

    kinds = {"cut": JobKind("cut", Said("x", "x"), {}, run)}
    job = Jobs(instance.store).ask("cut", {}, author, OWNER)
    with pytest.raises(Busy):
        run_job(instance, kinds, job)
    run_job(instance, kinds, job)
    assert applied == [1]
    assert Jobs(instance.store).get(job, author).result == {"n": 1}
    assert len(instance.store.history("application:gm0344/stap", OPERATOR)) == 1


def test_two_that_apply_the_same_step_do_so_once(instance: Instance) -> None:
    from eendracht.kernel.records import prepare

    author = editor(instance)
    job = Jobs(instance.store).ask("cut", {}, author, OWNER)
    found = Jobs(instance.store).find(job)
    assert found
    first, second = Work(instance, found), Work(instance, found)
    assert first.result_of("one") is None
    assert second.result_of("one") is None
    drafts = [prepare(draft("application:gm0344/stap", "Stap"), instance.store.registry)]
    first.store.append(drafts, author, first.mark("one", {}))
    with pytest.raises(StepApplied):
        second.store.append(drafts, author, second.mark("one", {}))
    assert len(instance.store.history("application:gm0344/stap", OPERATOR)) == 1


def test_a_job_exists_only_for_whom_it_concerns(instance: Instance) -> None:
    jobs = Jobs(instance.store)
    author = editor(instance)
    job = jobs.ask("export", {}, author, OWNER)
    colleague = editor(instance, "gm0344/other")
    auditor = editor(instance, "gm0344/auditor", "auditor@organisation:gm0344")
    stranger = editor(instance, "gm0363/other", "editor@organisation:gm0363")
    reader = editor(instance, "gm0344/reader", "reader@organisation:gm0344")
    for asker in (author, colleague, auditor, OPERATOR):
        assert [item.id for item in jobs.list_jobs(asker)] == [job]
    for asker in (stranger, reader, PUBLIC):
        assert jobs.list_jobs(asker) == []
        with pytest.raises(NotFound):
            jobs.get(job, asker)
        with pytest.raises(NotFound):
            jobs.cancel(job, asker)


def test_an_export_holds_what_its_asker_may_see_and_nothing_else(instance: Instance) -> None:
    reader = editor(instance, "gm0363/other", "editor@organisation:gm0363")
    job = Jobs(instance.store).ask("export", {}, reader)
    run_job(instance, KINDS, job)
    found = Jobs(instance.store).get(job, reader)
    content = gzip.decompress((instance.settings.jobs_folder / job / found.result["report"]).read_bytes())
    lines = [orjson.loads(line) for line in content.splitlines()]
    expected = instance.store.changes(0, reader, 10_000)
    assert [line["record"] for line in lines] == [record.data for record in expected]
    assert b"kluis" not in content
    assert (instance.settings.jobs_folder / job).stat().st_mode & 0o077 == 0


def test_a_sweep_counts_what_needs_attention(instance: Instance) -> None:
    author = editor(instance)
    job = Jobs(instance.store).ask("sweep", {}, author, OWNER)
    run_job(instance, KINDS, job)
    found = Jobs(instance.store).get(job, author)
    findings = orjson.loads((instance.settings.jobs_folder / job / found.result["report"]).read_bytes())
    for severity in ("high", "medium", "low"):
        assert found.result[severity] == sum(finding["severity"] == severity for finding in findings)


def test_a_runner_takes_up_what_waits_and_what_another_left(instance: Instance) -> None:
    author = editor(instance)
    jobs = Jobs(instance.store)
    first = jobs.ask("import", {"upload": upload(instance, author)}, author, OWNER)
    runner = JobRunner(instance, SHARED_JOBS)
    runner.start()
    try:
        assert wait(instance, first).state == "done"
        second = jobs.ask("export", {}, author, OWNER)
        assert wait(instance, second).state == "done"
    finally:
        runner.stop()


def test_only_one_process_has_the_lease(instance: Instance) -> None:
    one, other = Lease(instance), Lease(instance)
    assert one.take()
    assert one.take()
    assert not other.take()
    one.release()
    assert other.take()
    other.release()


def test_what_may_pass_is_tried_again_with_growing_waits(instance: Instance) -> None:
    moments: list[float] = []

    def run(work: Work) -> dict[str, object]:
        moments.append(time.monotonic())
        if len(moments) < 3:
            raise StorageFailure("the disk is full")
        return {"tries": len(moments)}

    runner = JobRunner(instance, [JobKind("shaky", Said("x", "x"), {}, run)])
    runner.start()
    try:
        job = Jobs(instance.store).ask("shaky", {}, OPERATOR)
        assert wait(instance, job).result == {"tries": 3}
    finally:
        runner.stop()
    first, second = moments[1] - moments[0], moments[2] - moments[1]
    assert 0.9 < first < second


def test_what_fails_for_good_says_why_in_a_code_and_can_be_asked_anew(instance: Instance) -> None:
    author = editor(instance)
    jobs = Jobs(instance.store)
    job = jobs.ask("import", {"upload": "0" * 32}, author, OWNER)
    run_job(instance, KINDS, job)
    found = jobs.get(job, author)
    assert found.state == "failed"
    assert found.error["code"] == "not-found"
    again = jobs.retry(job, author)
    assert again != job
    assert jobs.get(again, author).state == "waiting"
    with pytest.raises(UsageFault):
        jobs.retry(again, author)


def test_a_job_stops_when_it_is_told_to(instance: Instance) -> None:
    jobs = Jobs(instance.store)
    waiting = jobs.ask("export", {}, OPERATOR)
    jobs.cancel(waiting, OPERATOR)
    assert jobs.get(waiting, OPERATOR).state == "cancelled"

    def run(work: Work) -> dict[str, object]:
        for done in range(1_000):
            work.report("count", done, 1_000)
            time.sleep(0.02)
        return {}

    runner = JobRunner(instance, [JobKind("long", Said("x", "x"), {}, run)])
    runner.start()
    try:
        job = jobs.ask("long", {}, OPERATOR)
        while jobs.get(job, OPERATOR).done < 2:
            time.sleep(0.05)
        jobs.cancel(job, OPERATOR)
        assert wait(instance, job, 5).state == "cancelled"
    finally:
        runner.stop()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\lijst.xlsx", "lijst.xlsx"),
        ("..", "bestand-"),
        ("", "bestand-"),
        ("a\x00b\r\nSet-Cookie: x=y.csv", "a_b__Set-Cookie_ x_y.csv"),
        ("upload.json", "bestand-upload.json"),
        ("-rf.csv", "rf.csv"),
        ("Applicaties (2026).csv", "Applicaties (2026).csv"),
    ],
)
def test_the_name_of_a_file_is_made_harmless(name: str, expected: str) -> None:
    assert safe_name(name) == expected


def test_a_file_is_seen_by_who_sent_it_only(instance: Instance) -> None:
    author, colleague = editor(instance), editor(instance, "gm0344/other")
    uploads = Uploads(instance.settings.uploads_folder, instance.store.clock)
    kept = uploads.get(upload(instance, author), author)
    assert uploads.path_of(kept).read_bytes() == CSV
    assert uploads.path_of(kept).stat().st_mode & 0o077 == 0
    for name, asker in ((kept.id, colleague), ("../" + kept.id, author), ("f" * 32, author)):
        with pytest.raises(NotFound):
            uploads.get(name, asker)


@pytest.mark.postgres
def test_jobs_run_where_the_records_lie_in_postgresql(tmp_path: Path, postgres_server: PostgresServer) -> None:
    postgres_server.create_database("working")
    address = f"postgresql://postgres@/working?host={postgres_server.folder}&port={postgres_server.port}"
    with Wiring().create(tmp_path / "node", "test.example/eendracht", address) as instance:
        fill_node(instance, list(PUBLIC_DRAFTS))
        author, jobs = editor(instance), Jobs(instance.store)
        asked = jobs.ask("import", {"upload": upload(instance, author)}, author, OWNER)
        runner, other = JobRunner(instance, SHARED_JOBS), Lease(instance)
        runner.start()
        try:
            done = wait(instance, asked)
            assert (done.state, done.result["new"]) == ("done", 2), done
            assert wait(instance, jobs.ask("sweep", {}, author, OWNER)).state == "done"
            assert wait(instance, jobs.ask("export", {}, author, OWNER)).state == "done"
            assert not other.take()
        finally:
            runner.stop()
        assert other.take()
        other.release()
        size = instance.store.size
        run_job(instance, KINDS, asked)
        assert instance.store.size == size
