"""Notices as an order of an organisation: on a ground, once each, every day, and until somebody stops the kind."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pytest

from eendracht.bootstrap import Wiring
from eendracht.kernel.access import OPERATOR, PERSON_PREFIX, Principal
from eendracht.kernel.clock import today
from eendracht.kernel.errors import Denied, InvalidInput
from eendracht.kernel.instance import Instance
from eendracht.kernel.jobs import Jobs
from eendracht.kernel.populations import sweep_populations
from eendracht.kernel.rules.grounds import NoGround
from eendracht.services.overview.assemble import make_overview
from eendracht.services.overview.choices import change_choice
from eendracht.services.overview.own_file import open_own_file
from eendracht.services.proactive.notice_jobs import KIND, NoticeAsk, Standing, ask_notices, tend_notices
from tests.services.proactive.nodes import editor, finish
from tests.services.proactive.receiver import receiving
from tests.services.proactive.test_outside import run_command
from tests.web.nodes import OWNER, PUBLIC_DRAFTS, draft, fill_node

POPULATION = "population:gm0344/documenten"
GROUND = "ground:gm0344/paspoort"
PURPOSE = "Herinneren"
ASKED = NoticeAsk("document-expires", POPULATION, "documents", OWNER, GROUND, PURPOSE, 60, ("paspoort", "passport"))


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    """Give a node with five documents: of three people soon, of one late, and of one somebody nobody knows."""
    with Wiring().create(tmp_path / "node") as instance:
        day = today(instance.store.clock)
        file = tmp_path / "documents.parquet"
        ends = {1: 10, 2: 20, 3: 60, 4: 61, 9: 5}
        _write(file, [(str(key), day + timedelta(days=days)) for key, days in ends.items()], ("key", "until"))
        table = {
            "name": "documents",
            "dataset": "dataset:gm0344/documents",
            "columns": ["key", "until"],
            "rows": 5,
            "sha256": sha256(file.read_bytes()).hexdigest(),
        }
        ground = {"law": "Paspoortwet", "article": "26", "purpose": PURPOSE, "controller": OWNER}
        spec = {"controller": OWNER, "purpose": PURPOSE, "retentionDate": "2099-12-31", "tables": [table]}
        fill_node(
            instance,
            [
                *PUBLIC_DRAFTS,
                draft(GROUND, "Grond", **ground, sources=["dataset:gm0344/documents"]),
                draft("ground:gm0344/ander", "Ander", **ground, sources=["dataset:gm0344/ander"]),
                draft(POPULATION, "Documenten", **spec),
            ],
        )
        _lay(instance, file)
        yield instance


def _write(file: Path, rows: list[tuple[Any, ...]], columns: tuple[str, ...]) -> None:
    def say(value: Any) -> str:
        return f"DATE '{value}'" if isinstance(value, date) else "NULL" if value is None else repr(value).lower()

    listed = ", ".join(f"({', '.join(map(say, row))})" for row in rows)
    with duckdb.connect() as connection:
        shape = f"(VALUES {listed}) t({', '.join(columns)})"
        connection.execute(f"COPY (SELECT * FROM {shape}) TO '{file}' (FORMAT parquet)")


def _lay(instance: Instance, file: Path) -> None:
    folder = instance.settings.populations_folder / instance.store.get(POPULATION, OPERATOR).uid
    folder.mkdir(parents=True, mode=0o700)
    folder.parent.chmod(0o700)
    file.rename(folder / file.name)
    with (folder / "contacts.csv").open("w", encoding="utf-8", newline="") as contacts:
        writer = csv.writer(contacts)
        writer.writerow(("key", "scheme", "identifier", "name", "street", "place", "language"))
        for key in range(1, 5):
            writer.writerow((key, "bsn", f"90000000{key}", f"Bewoner {key}", "Dorpsstraat 1", "1234 AB Utrecht", "nl"))
    for path in folder.iterdir():
        path.chmod(0o600)


def sections(node: Instance, identifier: str) -> dict[str, Any]:
    subject = node.vault.find_subject("bsn", identifier)
    assert subject
    own = open_own_file(node, Principal(PERSON_PREFIX + subject))
    return {section.code: section for section in make_overview(own).sections}


def test_each_notice_is_sent_once_and_lands_on_ones_own_page_with_a_stop_choice(node: Instance) -> None:
    author = editor(node, "asker")
    done = finish(node, ask_notices(node, author, ASKED, is_daily=True))

    assert done.result["messages"] == {"sent": 3, "nobody-known": 1}, done.error
    first = sections(node, "900000001")
    (message,) = first["messages"].entries
    assert "Uw paspoort is geldig tot en met" in message.text
    assert any(
        entry.change and entry.change.about == f"{OWNER}  document-expires" for entry in first["choices"].entries
    )

    # The next day nothing is new; a person who stopped the kind gets none of it, in whichever document.
    subject = node.vault.find_subject("bsn", "900000001") or ""
    own = open_own_file(node, Principal(PERSON_PREFIX + subject))
    change_choice(own, (OWNER, "", "document-expires"), is_stopped=True)
    again = finish(node, ask_notices(node, author, ASKED))
    assert again.result["messages"] == {"sent": 3, "nobody-known": 1}
    assert len(sections(node, "900000002")["messages"].entries) == 1
    further = finish(node, ask_notices(node, author, NoticeAsk(**{**_plain(), "what": "term-ends", "reach": 61})))
    assert further.result["messages"] == {"sent": 4, "nobody-known": 1}
    lines = [line.content for line in node.journal.read("processing", limit=1_000)]
    begun = [line for line in lines if line["event"] == f"{KIND}-begun"]
    assert {(line["ground"], line["purpose"], line["kind"]) for line in begun} == {
        (GROUND, PURPOSE, "document-expires"),
        (GROUND, PURPOSE, "term-ends"),
    }
    assert "900000001" not in json.dumps(lines)


def _plain() -> dict[str, Any]:
    return {name: getattr(ASKED, name) for name in NoticeAsk.__dataclass_fields__}


def test_the_upkeep_asks_for_an_order_once_a_day_as_who_asked_it(node: Instance) -> None:
    author = editor(node, "asker")
    finish(node, ask_notices(node, author, ASKED, is_daily=True))
    with Standing(node) as standing:
        # As on the day after.
        standing._change("UPDATE standing SET done_on = '2000-01-01'", ())
    before = len(Jobs(node.store).list_jobs(OPERATOR, 100))
    tend_notices(node)
    tend_notices(node)
    # There was a job of today already, so that a server that starts again asks for no second one.
    assert len(Jobs(node.store).list_jobs(OPERATOR, 100)) == before
    with Standing(node) as standing:
        ((order, asked, by, _),) = standing.list_orders()
        assert (asked, by) == (ASKED, "asker")
        with pytest.raises(Denied):
            standing.end(order, Principal("somebody"))
        standing.end(order, author)
        assert standing.list_orders() == []


def test_without_a_ground_or_with_faults_nothing_is_asked(node: Instance) -> None:
    author = editor(node, "asker")
    for ground in ("", "ground:gm0344/ander"):
        with pytest.raises(NoGround):
            ask_notices(node, author, NoticeAsk(**{**_plain(), "ground": ground}))
    with pytest.raises(InvalidInput) as refused:
        ask_notices(node, author, NoticeAsk(**{**_plain(), "words": ("", ""), "reach": 999, "table": "niets"}))
    assert {fault.pointer for fault in refused.value.faults} == {"/words", "/reach", "/population/niets"}
    with pytest.raises(Denied):
        ask_notices(node, Principal("somebody"), ASKED)
    assert Jobs(node.store).list_jobs(OPERATOR, 10) == []


def test_the_command_keeps_lists_and_ends_a_daily_order(node: Instance) -> None:
    folder = ["--folder", str(node.settings.folder), "services", "notices"]
    given = ["--what", "document-expires", "--population", POPULATION, "--table", "documents", "--controller", OWNER]
    asked = run_command(
        *folder, *given, "--ground", GROUND, "--purpose", PURPOSE, "--words", "paspoort|passport", "--daily", "--json"
    )
    assert asked.returncode == 0, asked.stderr
    order = json.loads(asked.stdout)["order"]
    assert [one["order"] for one in json.loads(run_command(*folder, "--json").stdout)] == [order]
    assert json.loads(run_command(*folder, "--stop", order, "--json").stdout) == []
    assert run_command(*folder, *given).returncode != 0


CARE = ("overleden", "bezwaar", "geheim_adres", "onder_bewind", "vertegenwoordiger")


@pytest.fixture
def cared(node: Instance) -> Instance:
    """Give the node with a second table of which the rows say for whom care is needed."""
    day = today(node.store.clock) + timedelta(days=7)
    folder = node.settings.populations_folder / node.store.get(POPULATION, OPERATOR).uid
    plain: tuple[Any, ...] = (None, False, False, False, None)
    rows = [
        ("1", day, *plain),
        ("2", day, True, None, False, False, None),
        ("3", day, None, None, True, False, None),
        ("4", day, None, None, None, True, "1"),
    ]
    file = folder / "care.parquet"
    _write(file, rows, ("key", "until", *CARE))
    file.chmod(0o600)
    before = node.store.get(POPULATION, OPERATOR).data
    table = {
        "name": "care",
        "dataset": "dataset:gm0344/documents",
        "columns": ["key", "until", *CARE],
        "rows": len(rows),
        "sha256": sha256(file.read_bytes()).hexdigest(),
    }
    spec = {**before["spec"], "tables": [*before["spec"]["tables"], table]}
    fill_node(node, [{**draft(POPULATION, "Documenten"), "spec": spec}])
    return node


def test_by_letter_only_who_may_get_one_and_to_whoever_acts_for_the_person(cared: Instance) -> None:
    asked = NoticeAsk(**{**_plain(), "table": "care", "way": "print"})
    done = finish(cared, ask_notices(cared, editor(cared, "asker"), asked))
    assert done.result["messages"] == {"printed": 2, "deceased": 1, "secret-address": 1}, done.error

    letters = cared.settings.jobs_folder / done.id / "letters"
    with (letters / "letters.csv").open(encoding="utf-8", newline="") as file:
        # Of 4 the affairs are in the hands of 1, who gets the letter.
        assert [row["name"] for row in csv.DictReader(file)] == ["Bewoner 1", "Bewoner 1"]
    assert {path.stat().st_mode & 0o777 for path in letters.iterdir()} == {0o600}
    assert "Bewoner 3" not in "".join(path.read_text("utf-8") for path in letters.iterdir())
    # Who has a secret address reads it on the own page all the same; somebody else's letter is in no other vault.
    assert len(sections(cared, "900000003")["messages"].entries) == 1
    assert len(sections(cared, "900000004")["messages"].entries) == 1
    assert cared.vault.find_subject("bsn", "900000002") is None or not sections(cared, "900000002")["messages"].entries

    # The next day nobody gets the same letter again.
    again = finish(cared, ask_notices(cared, editor(cared, "asker"), asked))
    assert again.result["messages"] == {"printed": 2, "deceased": 1, "secret-address": 1}
    folder = cared.settings.jobs_folder / again.id / "letters"
    assert sorted(path.name for path in folder.iterdir()) == ["letters.csv", "letters.jsonl"]


def test_by_webhook_each_once_and_not_to_who_objects_meanwhile(node: Instance) -> None:
    author = editor(node, "asker")
    asked = NoticeAsk(**{**_plain(), "way": "webhook"})
    with pytest.raises(InvalidInput) as refused:
        ask_notices(node, author, asked)
    assert [fault.pointer for fault in refused.value.faults] == ["/way"]
    with receiving() as receiver:
        channels = node.settings.folder / "proactive" / "channels.json"
        channels.parent.mkdir(mode=0o700, exist_ok=True)
        webhook = {"address": receiver.url, "secret": "s" * 32}
        channels.write_text(json.dumps({OWNER: {"name": "gemeente Utrecht", "webhook": webhook}}))
        channels.chmod(0o600)
        receiver.answers = [503]
        done = finish(node, ask_notices(node, author, asked))
        assert done.result["messages"] == {"sent": 3, "nobody-known": 1}, done.error
        told = {event["id"]: event["data"] for event in receiver.events}
        assert (len(told), len(receiver.requests)) == (3, 4)
        assert all("Uw paspoort is geldig tot en met" in data["text"] for data in told.values())
        finish(node, ask_notices(node, author, asked))
        assert len(receiver.requests) == 4


def test_letters_go_with_the_population_of_which_the_last_day_has_passed(cared: Instance) -> None:
    asked = NoticeAsk(**{**_plain(), "table": "care", "way": "print"})
    done = finish(cared, ask_notices(cared, editor(cared, "asker"), asked))
    assert (cared.settings.jobs_folder / done.id / "letters").is_dir()
    spec = {**cared.store.get(POPULATION, OPERATOR).data["spec"], "retentionDate": "2020-01-01"}
    fill_node(cared, [{**draft(POPULATION, "Documenten"), "spec": spec}])
    assert sweep_populations(cared) == [POPULATION]
    assert not (cared.settings.jobs_folder / done.id).exists()
