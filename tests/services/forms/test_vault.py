"""What forms keep about people, on which ground it is used, and how a report of doubt reaches who keeps a register."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from eendracht.bootstrap import Wiring
from eendracht.config import load_settings, write_settings
from eendracht.kernel.access import OPERATOR, PERSON_PREFIX, PUBLIC, Principal, Role
from eendracht.kernel.errors import Busy, Denied, InvalidInput
from eendracht.kernel.instance import Instance
from eendracht.kernel.jobs import Jobs, run_job
from eendracht.kernel.rules.grounds import Ground, NoGround, Use
from eendracht.reference.facts import load_base_registers
from eendracht.services.forms.claims import (
    Claim,
    ClaimClosed,
    ClaimFile,
    add_claim_file,
    decide_claim,
    find_claim,
    list_claims,
    make_claim,
)
from eendracht.services.forms.demo import BUSINESSES, PEOPLE, fill_vault
from eendracht.services.forms.drafts import PURPOSE
from eendracht.services.forms.extracts import MADE_UP, Extract, author_for, dossier_of, keep_extract
from eendracht.services.forms.facts import UNKNOWN_KEY, Ask, FormFacts
from eendracht.services.forms.feedback import (
    ATTACHMENT_TYPE,
    EVENT_TYPE,
    JOB,
    JOBS,
    list_feedback,
    owner_of,
    report_doubt,
    set_state,
)
from eendracht.services.forms.representation import NotRepresented, Representation, require_representation
from eendracht.services.forms.retention import EXTRACT, RETENTION

TAX = "organisation:oorg12368"
SLIP = b"%PDF-1.7 een loonstrook"
ON = date(2026, 4, 15)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    with Wiring().create(tmp_path / "node") as instance:
        yield instance


def income(day: date, wages: int) -> Extract:
    return Extract("BRI", ({"bsn": "900", "loon_uit_dienstbetrekking": wages},), "900", day, "levering")


def test_the_newest_extract_counts_and_its_use_is_on_the_journal_without_content(node: Instance) -> None:
    me = node.vault.add_subject("bsn", "900")
    for day, wages in ((date(2026, 3, 1), 200), (date(2026, 1, 1), 100)):
        keep_extract(node.vault, me, income(day, wages), controller=TAX, ground="awir/38", author=author_for(TAX))
    found = dossier_of(node.vault, node.journal, me, PURPOSE, Principal(PERSON_PREFIX + me))
    assert found.sources["BRI"].as_of == date(2026, 3, 1) and found.ground == "own-request"
    assert FormFacts(ON, found.registers, found.subject).find(Ask("loon_uit_dienstbetrekking")) == (200, "BRI")
    (line,) = [item.content for item in node.journal.read("processing")]
    assert line["subject"] == me and line["extracts"] == [{"register": "BRI", "item": found.sources["BRI"].item}]
    assert "900" not in json.dumps({**line, "subject": "", "asker": "", "extracts": []})


def test_who_is_not_the_person_needs_a_ground_that_opens_each_register(node: Instance) -> None:
    me = node.vault.add_subject()
    keep_extract(node.vault, me, income(ON, 100), controller=TAX, ground="awir/38", author=author_for(TAX))
    clerk = Principal("clerk", frozenset({(Role.READER, TAX)}))
    use = Use(("algemene_wet_inkomensafhankelijke_regelingen",), PURPOSE, TAX, (), ON)
    with pytest.raises(NoGround):
        dossier_of(node.vault, node.journal, me, PURPOSE, clerk, use=use)
    opened = Ground(use.laws[0], "38", PURPOSE, TAX, ("BRP",))
    with pytest.raises(NoGround):
        dossier_of(node.vault, node.journal, me, PURPOSE, clerk, ground=opened, use=use)
    enough = Ground(use.laws[0], "38", PURPOSE, TAX, ("BRP", "BRI"), ref="ground:oorg12368/awir-38")
    assert dossier_of(node.vault, node.journal, me, PURPOSE, clerk, ground=enough, use=use).ground == enough.ref
    assert not dossier_of(node.vault, node.journal, me, PURPOSE, Principal(PERSON_PREFIX + "other"), ground=Ground(
        "x", "1", PURPOSE, TAX, ()), use=Use(("x",), PURPOSE, TAX, (), ON)).registers  # fmt: skip


def test_an_extract_is_about_the_person(node: Instance) -> None:
    me = node.vault.add_subject()
    with pytest.raises(InvalidInput):
        keep_extract(
            node.vault, me, Extract("BRP", ({"bsn": "1"},), "2", ON, "x"), controller=TAX, ground="x", author=OPERATOR
        )


def test_no_partner_is_only_where_the_register_says_so(node: Instance) -> None:
    subjects = fill_vault(node)
    again = fill_vault(node)
    assert subjects == again
    assert sum(item.kind == EXTRACT for item in node.vault.describe(subjects=list(subjects.values()))) == sum(
        map(len, (*PEOPLE.values(), *BUSINESSES.values()))
    )
    found = dossier_of(
        node.vault, node.journal, subjects["pensioner"], PURPOSE, Principal(PERSON_PREFIX + subjects["pensioner"])
    )
    facts = FormFacts(ON, found.registers, found.subject)
    assert facts.partner_key is None and facts.children == [] and found.is_synthetic
    assert FormFacts(ON).partner_key is UNKNOWN_KEY and FormFacts(ON).children is None


def claim_on(subject: str, register: str = "BRI") -> Claim:
    return Claim("", subject, Ask("loon_uit_dienstbetrekking"), register, 100, 200, "loonstrook", ON)


def test_a_claim_is_decided_once_by_who_answers_for_it(node: Instance) -> None:
    me = node.vault.add_subject()
    make_claim(node.vault, me, claim_on(me), controller=TAX, author=author_for(TAX))
    asker = Principal(PERSON_PREFIX + me)
    (claim,) = list_claims(node.vault, me, asker)
    assert (claim.state, claim.evidence, claim.stated_value) == ("open", "loonstrook", 200)
    with pytest.raises(Denied):
        decide_claim(node.vault, claim, "accepted", asker)
    decide_claim(node.vault, claim, "accepted", author_for(TAX))
    decided = find_claim(node.vault, me, claim.id, asker)
    assert (decided.state, decided.decided_by) == ("accepted", "services/forms")
    with pytest.raises(ClaimClosed):
        decide_claim(node.vault, decided, "refused", author_for(TAX))
    assert list_claims(node.vault, me, PUBLIC) == []


class _Receiver(BaseHTTPRequestHandler):
    """Takes reports as the owner of a register would; refuses as often as it is told to."""

    events: ClassVar[list[tuple[str, dict[str, Any]]]] = []
    refuses = 0

    def do_POST(self) -> None:
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if _Receiver.refuses:
            _Receiver.refuses -= 1
            self.send_response(503)
        else:
            _Receiver.events.append((self.headers["Content-Type"], content))
            self.send_response(202)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Receiver)
    _Receiver.events, _Receiver.refuses = [], 0
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/terugmeldingen"
    server.shutdown()


def test_a_report_reaches_the_owner_and_is_tried_again(tmp_path: Path, receiver: str) -> None:
    folder = tmp_path / "node"
    with Wiring().create(folder):
        pass
    settings = load_settings(folder, {"EENDRACHT_FEEDBACK_ADDRESSES": f"oorg12368={receiver}"})
    write_settings(settings)
    with Wiring().open(folder) as node:
        me = node.vault.add_subject()
        base = load_base_registers()["BRI"]
        owner = owner_of(base, "gm0599")
        assert owner == TAX
        claim = claim_on(me)
        kept = make_claim(node.vault, me, claim, controller=TAX, author=author_for(TAX))
        made = Claim(kept, me, claim.ask, "BRI", 100, 200, "loonstrook", ON, controller=TAX)
        described = ClaimFile("", "loonstrook mei.pdf", "application/pdf", len(SLIP), sha256(SLIP).hexdigest())
        added = add_claim_file(node.vault, made, SLIP, described, author_for(TAX))
        item = report_doubt(node, replace(made, files=(added,)), base, owner)
        asker = Principal(PERSON_PREFIX + me)
        assert [report.state for report in list_feedback(node.vault, me, asker)] == ["waiting"]
        (job,) = Jobs(node.store).list_waiting()
        _Receiver.refuses = 1
        kinds = {kind.name: kind for kind in JOBS}
        with pytest.raises(Busy):
            run_job(node, kinds, job)
        run_job(node, kinds, job)
        done = Jobs(node.store).get(job, OPERATOR)
        assert (done.kind, done.state, dict(done.arguments)) == (JOB, "done", {"item": item})
        (kind, event), (_, attached) = _Receiver.events
        assert kind == "application/cloudevents+json"
        assert (event["type"], event["id"], event["specversion"]) == (EVENT_TYPE, item, "1.0")
        assert event["data"]["statedValue"] == 200
        (named,) = event["data"]["attachments"]
        assert (named["name"], named["mediaType"], named["size"]) == (
            "loonstrook mei.pdf",
            "application/pdf",
            len(SLIP),
        )
        assert (attached["type"], attached["id"], attached["subject"]) == (ATTACHMENT_TYPE, named["id"], "BRI")
        assert attached["data"]["report"] == item and attached["data"]["name"] == "loonstrook mei.pdf"
        assert base64.b64decode(attached["data"]["content"]) == SLIP
        # Attributes of an event may stand in the log of whoever passes it on (CloudEvents 1.0, privacy and security).
        assert "loonstrook" not in json.dumps({name: text for name, text in attached.items() if name != "data"})
        (report,) = list_feedback(node.vault, me, asker)
        assert report.state == "received"
        set_state(node.vault, report, "corrected", author_for(TAX))
        assert list_feedback(node.vault, me, asker)[0].state == "corrected"


def test_acting_for_another_takes_a_ground_that_covers_service_and_day(node: Instance) -> None:
    from eendracht.services.forms.representation import keep_representation

    me, other = node.vault.add_subject(), node.vault.add_subject()
    found = Representation(other, me, "volmacht", ON, ON + timedelta(days=30), ("huurtoeslag",), "akte")
    keep_representation(node.vault, found, controller=TAX, ground="awb/2.1", author=author_for(TAX))
    asker = Principal(PERSON_PREFIX + me)

    def try_it(service: str, on: date, who: Principal = asker, whom: str = other) -> bool:
        try:
            return bool(require_representation(node.vault, node.journal, who, whom, service, on))
        except NotRepresented:
            return False

    assert try_it("huurtoeslag", ON) and try_it("huurtoeslag", ON + timedelta(days=29))
    assert not try_it("huurtoeslag", ON + timedelta(days=30)) and not try_it("huurtoeslag", ON - timedelta(days=1))
    assert not try_it("zorgtoeslag", ON)
    assert not try_it("huurtoeslag", ON, Principal(PERSON_PREFIX + other), me)
    assert not try_it("huurtoeslag", ON, PUBLIC)
    lines = [item.content for item in node.journal.read("processing")]
    assert {line["event"] for line in lines} == {"act-for"} and len(lines) == 7
    assert "akte" not in json.dumps(lines)


def test_every_kind_is_open_to_whom_it_is_about() -> None:
    assert all(rule.is_open_to_subject for rule in RETENTION) and MADE_UP == "synthetic"
