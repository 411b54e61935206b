"""The journey of a run in a node: asked for, judged, run in a process, approved by another, sent to a real receiver."""

from __future__ import annotations

import base64
import hmac
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import orjson
import pytest

from eendracht.kernel.access import OPERATOR, PERSON_PREFIX, Principal
from eendracht.kernel.errors import Conflict, Denied, InvalidInput, NotFound
from eendracht.kernel.instance import Instance
from eendracht.kernel.jobs import Job
from eendracht.kernel.populations import STREAM
from eendracht.services.proactive.addressees import read_contacts
from eendracht.services.proactive.asking import ask_proactive_run
from eendracht.services.proactive.channels import Channels, Webhook
from eendracht.services.proactive.indicators import measure
from eendracht.services.proactive.messages import Sender
from eendracht.services.proactive.outbox import Outbox
from eendracht.services.proactive.request import ProactiveRefused
from eendracht.services.proactive.retention import MESSAGE, STOP
from eendracht.services.proactive.sending import Sending, ask_sending, read_lines
from eendracht.services.proactive.stops import Stops, clerk
from tests.services.proactive import reference_benefits as truth
from tests.services.proactive.nodes import APPROVER, DPIA, POPULATION, ask_for, editor, finish, ground_ref, make_node
from tests.services.proactive.receiver import Receiver, receiving
from tests.services.proactive.towns import Town, make_town
from tests.web.nodes import OTHER, OWNER

SECRET = "een-geheim-van-ruim-16-tekens"


@dataclass
class Node:
    """A node after a run: who asked, who may approve, and the run."""

    instance: Instance
    asker: Principal
    second: Principal
    run: Job

    @property
    def lines(self) -> list[dict[str, object]]:
        """The lines of the list."""
        return list(read_lines(self.instance.settings.jobs_folder / self.run.id / "results" / "lines.jsonl"))

    def journal(self, event: str) -> list[dict[str, object]]:
        """Give the processing lines of an event."""
        found = [line.content for line in self.instance.journal.read(STREAM, limit=10_000)]
        return [line for line in found if line["event"] == event]


@pytest.fixture(scope="module")
def hamlet(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Give a town of eight hundred."""
    return make_town(tmp_path_factory.mktemp("hamlet") / "people", 800)


@pytest.fixture
def node(tmp_path: Path, hamlet: Town) -> Iterator[Node]:
    with make_node(tmp_path / "node", hamlet) as instance:
        asker, second = editor(instance, "asker"), editor(instance, "second")
        run = finish(instance, ask_proactive_run(instance, asker, ask_for(hamlet)))
        assert run.state == "done", run.error
        yield Node(instance, asker, second, run)


def sending_of(node: Node, outbox: Outbox, receiver: Receiver | None = None, scheme: str = "hmac") -> Sending:
    webhook = Webhook(receiver.url, SECRET, "bearer" if scheme == "bearer" else "hmac") if receiver else None
    uid = node.instance.store.get(POPULATION, OPERATOR).uid
    resolver = read_contacts(node.instance.settings.populations_folder / uid / "contacts.csv")
    channels = Channels(Sender("gemeente Utrecht", stop="utrecht.example/stop"), webhook)
    return Sending(node.instance, outbox, node.run, channels, resolver, lambda _: None)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path / "outbox" / "outbox.db") as opened:
        yield opened


# -- asking and running ---------------------------------------------------------------------------------------------


def test_the_records_refuse_at_once_what_they_can_tell(tmp_path: Path, hamlet: Town) -> None:
    with make_node(tmp_path / "node", hamlet, dpia="no", retentionDate="2020-01-01") as instance:
        author = editor(instance, "asker")
        with pytest.raises(ProactiveRefused) as refused:
            ask_proactive_run(
                instance,
                author,
                ask_for(
                    hamlet,
                    laws=(
                        f"{truth.CHILD}:kinderbijslag_per_kwartaal",
                        "geen-wet",
                        f"{truth.PENSION}:aow_pensioen_per_maand",
                    ),
                    grounds=(ground_ref(truth.CHILD), "ground:gm0344/niet-hier"),
                    purpose="Iets anders",
                    approver="",
                    registers={"deceased": "dood"},
                ),
            )
        found = {(fault.pointer, fault.code) for fault in refused.value.faults}

    assert found == {
        ("/spec/retentionDate", "retention-passed"),
        ("/laws/1", "malformed-law"),
        ("/grounds/1", "not-found"),
        ("/approver", "no-approver"),
        ("/dpia", "no-dpia"),
        ("/population/subjects/dood", "missing-column"),
        ("/laws/0/purpose", "other-purpose"),
        ("/laws/1/ground", "no-ground"),
    }


def test_only_an_editor_of_the_controller_may_ask(tmp_path: Path, hamlet: Town) -> None:
    with make_node(tmp_path / "node", hamlet) as instance:
        with pytest.raises(Denied):
            ask_proactive_run(instance, Principal("stranger"), ask_for(hamlet))
        with pytest.raises(Denied):
            ask_proactive_run(instance, editor(instance, "asker"), ask_for(hamlet, controller=OTHER))


def test_the_job_holds_refs_and_counts_and_its_files_are_for_their_owner_only(node: Node, hamlet: Town) -> None:
    keys = {str(key) for key in hamlet.people["bsn"]}
    laws = {law["law"]: law for law in node.run.result["laws"]}
    folder = node.instance.settings.jobs_folder / node.run.id

    assert set(node.run.arguments.values()) & keys == set()
    assert laws[truth.CHILD]["article"] == "12"
    # 800 people: what is fewer than ten is not told, nor the largest by which it would follow.
    assert all(
        count is None or count == "rest" or count == 0 or count >= 10
        for law in laws.values()
        for count in law["reasons"].values()
    )
    assert {path.name for path in (folder / "results").iterdir()} == {
        "ranking.parquet",
        "outcomes.parquet",
        "summary.json",
        "lines.jsonl",
        "head.json",
    }
    for path in (folder, *folder.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    assert not (folder / "population").exists()


def test_the_processing_log_tells_ground_columns_counts_and_the_digest_of_who_came_to_what(
    node: Node, hamlet: Town
) -> None:
    begun, done = node.journal("proactive-run-begun"), node.journal("proactive-run-done")
    outcomes = node.instance.settings.jobs_folder / node.run.id / "results" / "outcomes.parquet"
    counted = [line for line in done if "counts" in line]

    assert [line["ground"] for line in begun] == [ground_ref(truth.CHILD), ground_ref(truth.PENSION)]
    assert {(line["dpia"], line["approver"], line["by"], line["controller"]) for line in begun} == {
        (DPIA, APPROVER, "asker", OWNER)
    }
    assert [sum(line["counts"].values()) for line in counted] == [len(hamlet.people["bsn"])] * 2  # type: ignore[attr-defined]
    assert {column for line in done for column in line.get("columns", ())} == set(node.run.result["columnsRead"]) | {  # type: ignore[attr-defined]
        column for law in node.run.result["laws"] for column in law["columnsRead"]
    }
    assert [line["outcomes"] for line in done if "outcomes" in line] == [sha256(outcomes.read_bytes()).hexdigest()]


def test_measures_of_non_use_are_recorded_in_counts_of_ten_and_more(node: Node, hamlet: Town) -> None:
    place = "indicator:gm0344/algemene-ouderdomswet"
    specs = {
        name: node.instance.store.get(f"{place}-{name}", OPERATOR).data["spec"]
        for name in ("using", "not-using", "not-known", "non-use-least", "non-use-most")
    }
    using, found = int(specs["using"]["value"]), int(specs["not-using"]["value"])

    assert min(using, found) >= 10
    assert float(specs["non-use-least"]["value"]) == pytest.approx(100 * found / (using + found), abs=0.06)
    assert {spec["measuredOn"] for spec in specs.values()} == {"2026-01-15"}

    # The same run once more says nothing new; after a year there is a version beside it.
    finish(node.instance, ask_proactive_run(node.instance, node.asker, ask_for(hamlet)))
    assert len(list(node.instance.store.history(f"{place}-using", OPERATOR))) == 1


def test_a_measure_of_a_small_group_is_left_out() -> None:
    law = {
        "reasons": {"using": 40, "sure": 3, "estimate": 4, "depends": 0},
        "nonUse": {"low": "0.1489", "high": "0.1489"},
    }

    assert measure(law) == {"not-known": "0"}


def test_a_dpia_that_was_taken_back_stops_the_run(node: Node, hamlet: Town) -> None:
    job = ask_proactive_run(node.instance, node.asker, ask_for(hamlet))
    record = node.instance.store.get(DPIA, OPERATOR)
    spec = {**record.data["spec"], "dpia": "unknown"}
    given = {name: record.data[name] for name in ("ref", "uid", "owner", "confidentiality", "source")}
    node.instance.store.put({**given, "spec": spec}, OPERATOR, record.generation)
    found = finish(node.instance, job)

    assert found.state == "failed"
    assert found.error["code"] == "proactive-refused"
    assert [fault["code"] for fault in found.error["faults"]] == ["no-dpia"]


# -- approving --------------------------------------------------------------------------------------------------------


def test_who_asked_may_not_approve_and_a_second_editor_may(node: Node) -> None:
    with pytest.raises(Denied):
        ask_sending(node.instance, node.asker, node.run.id, "print")
    with pytest.raises(NotFound):
        ask_sending(node.instance, Principal("stranger"), node.run.id, "print")
    with pytest.raises(InvalidInput):
        ask_sending(node.instance, node.second, node.run.id, "webhook")

    job = ask_sending(node.instance, node.second, node.run.id, "print")
    assert [line["by"] for line in node.journal("proactive-approved")] == ["second"]
    with pytest.raises(Conflict):
        ask_sending(node.instance, node.second, node.run.id, "print")
    found = finish(node.instance, job)

    assert found.state == "done", found.error
    letters = node.instance.settings.jobs_folder / job / "letters"
    counts = found.result["messages"]
    rows = [orjson.loads(line) for line in (letters / "letters.jsonl").read_bytes().splitlines()]
    assert len(rows) == counts["printed"] == len(list(letters.glob("*.txt")))
    assert sum(counts.values()) == len(node.lines)
    assert "De Gemeente Utrecht keek naar gegevens" in "".join(row["text"] for row in rows)


def test_letters_carry_names_and_the_log_does_not(node: Node) -> None:
    job = ask_sending(node.instance, node.second, node.run.id, "print")
    finish(node.instance, job)
    letters = node.instance.settings.jobs_folder / job / "letters"
    head, *rows = (letters / "letters.csv").read_text("utf-8").splitlines()
    said = orjson.dumps([line.content for line in node.instance.journal.read(STREAM, limit=10_000)]).decode()

    assert head == "id,name,street,place,language,subject,file"
    assert "Bewoner" in rows[0] and "Dorpsstraat" in rows[0]
    assert "Bewoner" not in said and "Dorpsstraat" not in said
    one = next(letters.glob("*.txt"))
    assert one.read_text("utf-8").startswith("Bewoner ")
    assert stat.S_IMODE(one.stat().st_mode) == 0o600


# -- sending ----------------------------------------------------------------------------------------------------------


def test_events_reach_a_real_receiver_signed_once_each_and_after_failures(node: Node, outbox: Outbox) -> None:
    with receiving() as receiver:
        receiver.answers = [503, 500, 429]
        sending = sending_of(node, outbox, receiver)
        for line in node.lines:
            sending.write(line)
        waiting = len(outbox.list_rows(node.run.id, "waiting"))
        sending.send("webhook", Path())
        first = list(receiver.requests)
        # Sent again, as a job does that was killed: nothing goes twice.
        for line in node.lines:
            sending.write(line)
        sending.send("webhook", Path())

    assert len(receiver.requests) == len(first) == waiting + 3
    assert outbox.count(node.run.id)["sent"] == waiting
    ids = [event["id"] for event in receiver.events]
    assert len(set(ids)) == waiting
    headers, body = receiver.requests[-1]
    event = orjson.loads(body)
    assert headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    signed = b".".join((event["id"].encode(), headers["webhook-timestamp"].encode(), body))
    expected = base64.b64encode(hmac.new(SECRET.encode(), signed, sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-id"] == event["id"]
    assert event["specversion"] == "1.0"
    assert event["source"] == f"urn:eendracht:{OWNER}"
    assert event["type"] == "nl.eendracht.proactive.message.v1"
    assert event["data"]["recipient"]["name"].startswith("Bewoner ")
    assert "artikel 21" in event["data"]["text"] or "article 21" in event["data"]["text"]


def test_a_receiver_that_refuses_for_good_is_not_asked_again_and_one_that_is_down_six_times(
    node: Node, outbox: Outbox
) -> None:
    post = [line for line in node.lines if line["handling"] == "post"][:2]
    with receiving() as receiver:
        receiver.answers = [403, *[503] * 20]
        sending = sending_of(node, outbox, receiver, "bearer")
        for line in post:
            sending.write(line)
        sending.send("webhook", Path())
        rows = outbox.list_rows(node.run.id)

    assert {row.state for row in rows} == {"failed"}
    assert sorted(row.tries for row in rows) == [1, 6]
    assert {row.reason for row in rows} == {"http-403", "http-503"}
    assert receiver.requests[0][0]["authorization"] == f"Bearer {SECRET}"


def test_an_objection_holds_at_writing_and_again_at_sending(node: Node, outbox: Outbox) -> None:
    before, after, other = [line for line in node.lines if line["handling"] == "post" and line["law"] == truth.CHILD][
        :3
    ]
    stops, vault = Stops(node.instance, OWNER), node.instance.vault

    def subject_of(line: dict[str, object]) -> str:
        return vault.add_subject("bsn", f"9{int(str(line['key'])):08}")

    stops.object_to(subject_of(before), truth.CHILD)
    with receiving() as receiver:
        sending = sending_of(node, outbox, receiver)
        for line in (before, after, other):
            sending.write(line)
        stops.object_to(subject_of(after))
        sending.send("webhook", Path())

    assert outbox.count(node.run.id) == {"objection": 2, "sent": 1}
    assert len(receiver.events) == 1
    assert len(node.journal("proactive-objection")) == 2


def test_secret_addresses_and_guardians_are_kept_apart_and_nobody_is_lost(
    node: Node, outbox: Outbox, hamlet: Town
) -> None:
    line = next(line for line in node.lines if line["handling"] == "post")
    guardian = str(next(key for key in hamlet.people["bsn"] if str(key) != line["key"]))
    secret = {**line, "law": truth.CHILD, "handling": "secret-address"}
    guarded = {**line, "law": truth.PENSION, "handling": "representative", "representative": guardian}
    alone = {**line, "law": truth.CARE, "handling": "representative", "representative": None}
    nobody = {**line, "key": "0"}
    sending = sending_of(node, outbox)
    for one in (secret, guarded, alone, nobody):
        sending.write(one)
    sending.send("print", node.instance.settings.jobs_folder / "letters")
    rows = {row.law: row for row in outbox.list_rows(node.run.id) if row.item}
    vault = node.instance.vault
    read = {law: vault.get(row.item, "test", OPERATOR) for law, row in rows.items()}

    assert outbox.count(node.run.id) == {
        "secret-address": 1,
        "printed": 1,
        "no-representative": 1,
        "nobody-known": 1,
    }
    # The letter of who is under guardianship goes to the other, and stays that person's own in the vault.
    letter = read[truth.PENSION]
    assert isinstance(letter, dict)
    assert letter["recipient"]["name"] == f"Bewoner {guardian}"
    assert "iemand anders" in letter["text"] or "somebody else" in letter["text"]
    assert vault.describe(items=[rows[truth.PENSION].item])[0].subject == vault.find_subject(
        "bsn", f"9{int(str(line['key'])):08}"
    )
    kept = read[truth.CHILD]
    assert isinstance(kept, dict)
    assert kept["recipient"]["address"] == []


def test_whom_a_message_is_about_may_read_it_and_nobody_else(node: Node, outbox: Outbox) -> None:
    sending = sending_of(node, outbox)
    line = next(line for line in node.lines if line["handling"] == "post")
    sending.write(line)
    (row,) = outbox.list_rows(node.run.id)
    vault = node.instance.vault
    subject = vault.describe(items=[row.item])[0].subject
    read = vault.get(row.item, "own-data", Principal(f"{PERSON_PREFIX}{subject}"))

    assert isinstance(read, dict)
    assert read["amountPerYear"] == line["amount"]
    assert [item.kind for item in vault.list_items(subject, "own-data", Principal(f"{PERSON_PREFIX}{subject}"))] == [
        MESSAGE
    ]
    with pytest.raises(NotFound):
        vault.get(row.item, "own-data", Principal(f"{PERSON_PREFIX}{vault.add_subject('bsn', '123')}"))


def test_a_message_that_was_destroyed_is_not_sent(node: Node, outbox: Outbox) -> None:
    with receiving() as receiver:
        sending = sending_of(node, outbox, receiver)
        line = next(line for line in node.lines if line["handling"] == "post")
        sending.write(line)
        (row,) = outbox.list_rows(node.run.id)
        node.instance.vault.erase_items([row.item])
        sending.send("webhook", Path())

    assert outbox.count(node.run.id) == {"destroyed": 1}
    assert not receiver.requests


def test_an_objection_keeps_somebody_out_of_the_next_run(node: Node, hamlet: Town) -> None:
    line = next(line for line in node.lines if line["law"] == truth.CHILD)
    stops = Stops(node.instance, OWNER)
    subject = node.instance.vault.add_subject("bsn", f"9{int(str(line['key'])):08}")
    stops.object_to(subject, truth.CHILD, [str(line["key"])])
    again = finish(node.instance, ask_proactive_run(node.instance, node.asker, ask_for(hamlet)))
    path = node.instance.settings.jobs_folder / again.id / "results" / "lines.jsonl"

    assert (line["key"], truth.CHILD) not in {(one["key"], one["law"]) for one in read_lines(path)}
    stops.withdraw(subject, truth.CHILD)
    assert stops.list_keys() == ()
    assert not stops.has_stopped(subject, truth.CHILD)


def test_an_objection_on_ones_own_page_names_no_pseudonym_and_holds_for_the_next_run(
    node: Node, outbox: Outbox, hamlet: Town
) -> None:
    line = next(line for line in node.lines if line["law"] == truth.CHILD and line["handling"] == "post")
    sending_of(node, outbox).write(line)
    (row,) = outbox.list_rows(node.run.id)
    subject = node.instance.vault.describe(items=[row.item])[0].subject
    content = {"law": "", "notices": "", "stopped": True, "since": "2026-01-20", "order": 0}
    node.instance.vault.put(subject, STOP, content, controller=OWNER, ground="avg/art-21", author=clerk(OWNER))

    assert Stops(node.instance, OWNER).list_keys() == ((str(line["key"]), ""),)
    again = finish(node.instance, ask_proactive_run(node.instance, node.asker, ask_for(hamlet)))
    path = node.instance.settings.jobs_folder / again.id / "results" / "lines.jsonl"
    assert line["key"] not in {one["key"] for one in read_lines(path)}
