"""The crisis envelope as it is used: made of real records, each night, and opened where there is no node."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from eendracht.bootstrap import WINGS, Wiring
from eendracht.kernel.access import OPERATOR, PUBLIC, Principal, parse_roles
from eendracht.kernel.briefing.scope import Scope
from eendracht.kernel.clock import FixedClock
from eendracht.kernel.instance import Instance
from eendracht.kernel.jobs import Jobs, run_job
from eendracht.kernel.landscape import build_landscape
from eendracht.kernel.ledger.checkpoint import verify_checkpoint
from eendracht.kernel.ledger.note import Ed25519Verifier
from eendracht.resilience.envelope.alarm import check_envelope
from eendracht.resilience.envelope.content import gather_content
from eendracht.resilience.envelope.jobs import JOBS, last_night, tend_envelopes
from eendracht.resilience.envelope.keeping import KIND, list_envelopes
from eendracht.resilience.envelope.rendering import render_page
from eendracht.resilience.envelope.sealing import SecretKey, open_file
from tests.cli.command import CommandLine
from tests.faults.conftest import Volume, volume  # noqa: F401 - a fixture
from tests.web.browser import open_page, run_browser
from tests.web.judging import judge
from tests.web.nodes import OTHER, OWNER, draft, fill_node, open_node

PASSPHRASE = "vijf willekeurige woorden zijn genoeg"
LEAD, DESK = SecretKey.make("crisis-lead"), SecretKey.make("desk")
SERVICE, BARE = "public-service:gm0344/burgerzaken", "public-service:gm0344/uitkering"
DRAFTS = (
    draft(OWNER, "Gemeente Utrecht", type="municipality"),
    draft(OTHER, "Gemeente Amsterdam", owner=OTHER, type="municipality"),
    draft("platform:gm0344/netwerk", "Netwerk"),
    draft("application:gm0344/brp", "BRP", requires=["platform:gm0344/netwerk"]),
    draft("application:gm0344/los", "Heeft hier niets mee te maken"),
    draft(SERVICE, "Burgerzaken", criticality="critical", requires=["application:gm0344/brp", "platform:gm0344/weg"]),
    draft(BARE, "Uitkering <b>", criticality="critical", requires=["application:gm0344/brp"]),
    draft("restore-plan:gm0344/bz", "Plan", "restricted", about=SERVICE, paperProcedure="Lijst A4\nmap 3."),
    draft(
        "crisis-contact:gm0344/lead",
        "Crisiscoördinator",
        "restricted",
        organisation=OWNER,
        role="Crisiscoördinator",
        phone="030 286 00 00",
        order=1,
        checkedOn="2026-05-01",
    ),
    draft("crisis-contact:gm0344/persoon", "Jan Jansen", "restricted", organisation=OWNER, role="Jan Jansen"),
)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    clock = FixedClock(datetime(2026, 6, 1, 10, 0, tzinfo=UTC))
    with open_node(tmp_path / "node", clock) as instance:
        fill_node(instance, [*DRAFTS])
        yield instance


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """Give a node with two recipients in its settings."""
    folder = tmp_path_factory.mktemp("envelope") / "node"
    with Wiring().create(folder) as instance:
        fill_node(instance, [*DRAFTS])
    (folder / "recipients").write_text(f"# crisisteam\n{LEAD.public.text()}\n\n{DESK.public.text()}\n")
    with (folder / "node.toml").open("a") as settings:
        settings.write('envelope_recipients = "recipients"\n')
    return CommandLine(folder)


# -- what is in it ----------------------------------------------------------------------------------------------------


def test_it_holds_whom_to_reach_what_comes_first_and_what_is_lacking(node: Instance) -> None:
    data = gather_content(node, OPERATOR)
    assert [(item["role"], item["phone"]) for item in data["contacts"]] == [("Crisiscoördinator", "030 286 00 00")]
    assert data["contactsLeftOut"] == 1 and "Jansen" not in json.dumps(data)
    steps = [(step["wave"], step["ref"]) for step in data["recovery"]["steps"]]
    assert steps == [
        (1, "platform:gm0344/netwerk"),
        (2, "application:gm0344/brp"),
        (3, SERVICE),
        (3, BARE),
    ]
    by_ref = {item["ref"]: item for item in data["services"]}
    assert by_ref[SERVICE]["paperProcedure"] == "Lijst A4\nmap 3." and data["withoutPaper"] == [BARE]
    assert {member["ref"]: member["name"] for group in by_ref[SERVICE]["needs"] for member in group["members"]} == {
        "application:gm0344/brp": "BRP",
        "platform:gm0344/weg": "",
    }
    assert data["position"] == node.store.size and data["synthetic"]
    verifier = Ed25519Verifier.parse(data["logKey"])
    held = verify_checkpoint(data["checkpoint"].encode(), node.history.origin, [verifier])
    assert held.checkpoint.size == data["position"]


def test_who_may_see_less_puts_less_in_it(node: Instance) -> None:
    other = Principal("gm0363/editor", parse_roles([f"editor@{OTHER}"]))
    data = gather_content(node, other)
    assert not data["contacts"] and set(data["withoutPaper"]) == {SERVICE, BARE}
    assert "030 286" not in json.dumps(data) and "restore-plan" not in json.dumps(data)


def test_a_plan_that_is_recorded_goes_before_the_waves_and_a_cycle_is_named(node: Instance) -> None:
    loop = ("component:gm0344/dns", "component:gm0344/pki")
    for one, two in (loop, loop[::-1]):
        node.store.put(draft(one, one[-3:].upper(), requiresToStart=[two]), OPERATOR)
    node.store.put(
        draft(BARE, "Uitkering", criticality="critical", requires=["application:gm0344/brp", loop[0]]), OPERATOR
    )
    recovery = gather_content(node, OPERATOR)["recovery"]
    assert [{step["ref"] for step in ring} for ring in recovery["stuck"]] == [set(loop)]
    assert recovery["behindStuck"] == 1 and "wachten op elkaar" in render_page(gather_content(node, OPERATOR))
    jobs = [
        {"about": SERVICE, "mode": "restore", "startHours": "4.5", "endHours": "6", "why": "Veel mensen"},
        {"about": "platform:gm0344/netwerk", "mode": "rebuild", "startHours": "0", "endHours": "4.5"},
    ]
    figures = {"objectiveCitizenHours": "1", "serialCitizenHours": "1", "status": "feasible"}
    plan = draft("recovery-plan:gm0344/p", "Plan", "restricted", scenario="scenario:gm0344/s", jobs=jobs, **figures)
    node.store.put(plan, OPERATOR)
    recovery = gather_content(node, OPERATOR)["recovery"]
    assert [step["ref"] for step in recovery["steps"]] == ["platform:gm0344/netwerk", SERVICE]
    page = render_page(gather_content(node, OPERATOR))
    assert ("niet bewezen" in page and "Opnieuw opbouwen" in page) or "rebuild" in page


class _Outside(HTMLParser):
    """Finds whatever a page would load from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [(tag, name) for name, _ in attrs if name in ("src", "href", "action", "srcset")]
        assert tag not in ("script", "link", "iframe", "img")


def test_the_page_needs_nothing_else_and_prints(
    node: Instance, tmp_path: Path, node_file: Callable[[str], Path]
) -> None:
    html = render_page(gather_content(node, OPERATOR))
    outside = _Outside()
    outside.feed(html)
    assert not outside.found and "url(" not in html and "@import" not in html
    assert "Uitkering &lt;b&gt;" in html and "verzonnen" in html and "made up" in html
    file = tmp_path / "page.html"
    file.write_text(html, "utf-8")
    axe = node_file("axe-core/axe.min.js").read_text()
    with (
        run_browser() as browser,
        open_page(browser, "http://127.0.0.1", viewport={"width": 320, "height": 640}) as page,
    ):
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert judge(page, axe) == []
        assert page.pdf(format="A4").startswith(b"%PDF")


# -- at the command line ----------------------------------------------------------------------------------------------


def test_it_opens_elsewhere_with_a_key_or_a_passphrase_from_any_place(line: CommandLine, tmp_path: Path) -> None:
    words = tmp_path / "words"
    words.write_text(PASSPHRASE + "\n")
    key = tmp_path / "desk.key"
    key.write_text(DESK.text() + "\n")
    sealed = tmp_path / "e.envelope"
    built = line.run("resilience", "envelope", "build", "--out", str(sealed), "--passphrase-file", str(words), "--json")
    assert built.json["recipients"] == 3 and built.json["withoutPaper"] == 1
    assert sealed.stat().st_mode & 0o777 == 0o600
    nowhere = CommandLine(tmp_path / "nowhere")
    for options in (["--key", str(key)], ["--passphrase-file", str(words)]):
        out = tmp_path / f"out{len(options[0])}"
        said = nowhere.run("resilience", "envelope", "open", str(sealed), "--out", str(out), *options).out
        assert "not encrypted" in said and PASSPHRASE not in said
        assert "Crisiscoördinator" in (out / "crisis-envelope.html").read_text("utf-8")
        assert all(file.stat().st_mode & 0o777 == 0o600 for file in out.iterdir())
    opened = nowhere.run("resilience", "envelope", "open", str(sealed), "--json", typed=PASSPHRASE + "\n").json
    assert opened["position"] == built.json["position"]
    shown = nowhere.type_at_terminal(
        "resilience", "envelope", "open", str(sealed), "--out", str(tmp_path / "tty"), typed=PASSPHRASE
    )
    assert PASSPHRASE not in shown and (tmp_path / "tty" / "crisis-envelope.json").is_file()


def test_it_opens_beside_a_node_that_is_down(line: CommandLine, tmp_path: Path) -> None:
    sealed = tmp_path / "e.envelope"
    line.run("resilience", "envelope", "build", "--out", str(sealed))
    broken = tmp_path / "broken"
    shutil.copytree(line.folder, broken)
    for name in ("eendracht.db", "eendracht.db-wal", "eendracht.db-shm"):
        (broken / name).unlink(missing_ok=True)
    (broken / "eendracht.db").write_bytes(os.urandom(8192))
    key = tmp_path / "key"
    key.write_text(LEAD.text())
    down = CommandLine(broken)
    assert down.run("briefing", expect=None).code
    opened = down.run("resilience", "envelope", "open", str(sealed), "--key", str(key), "--json").json
    assert opened["contacts"][0]["phone"] == "030 286 00 00"
    assert down.run("resilience", "envelope", "build", "--out", str(tmp_path / "x"), expect=None).code
    assert not (tmp_path / "x").exists()


def test_what_does_not_open_says_why(line: CommandLine, tmp_path: Path) -> None:
    sealed = tmp_path / "e.envelope"
    line.run("resilience", "envelope", "build", "--out", str(sealed))
    data = sealed.read_bytes()
    (tmp_path / "cut").write_bytes(data[:-100])
    (tmp_path / "new").write_bytes(data.replace(b"envelope/1\n", b"envelope/7\n", 1))
    (tmp_path / "other").write_bytes(b"hello")
    nowhere = CommandLine(tmp_path / "nowhere")
    for name, code, expect in (
        ("e.envelope", "envelope-closed", 3),
        ("cut", "envelope-damaged", 1),
        ("new", "envelope-too-new", 1),
        ("other", "envelope-damaged", 1),
        ("absent", "unreadable-file", 1),
    ):
        words = ("resilience", "envelope", "open", str(tmp_path / name), "--json")
        refused = nowhere.run(*words, typed=PASSPHRASE + "\n", expect=expect)
        assert json.loads(refused.err)["code"] == code and PASSPHRASE not in refused.err and not refused.out
    nowhere.run("resilience", "envelope", "open", str(sealed), typed="\n", expect=2)
    two = ("--passphrase-env", "X", "--passphrase-file", "y")
    nowhere.run("resilience", "envelope", "open", str(sealed), *two, expect=2)
    empty = tmp_path / "recipients"
    empty.write_text("# niemand\nniets\n")
    wrong = line.run("resilience", "envelope", "build", "--recipients", str(empty), expect=1)
    assert "regel 2" in wrong.err
    weak = line.run("resilience", "envelope", "build", "--passphrase", typed="kort\n", expect=1)
    assert "16 characters" in weak.err
    line.run("--as", "gm0344/editor", "resilience", "envelope", "build", expect=3)


def test_a_key_is_made_once_and_kept_for_its_owner(tmp_path: Path) -> None:
    nowhere, out = CommandLine(tmp_path / "nowhere"), tmp_path / "lead.key"
    public = nowhere.run("resilience", "envelope", "make-key", "gm0344-crisis-lead", "--out", str(out)).out.strip()
    secret = SecretKey.parse(out.read_text())
    assert secret.public.text() == public and out.stat().st_mode & 0o777 == 0o600
    again = nowhere.run("resilience", "envelope", "make-key", "gm0344-crisis-lead", "--out", str(out), expect=1)
    assert "is there already" in again.err and SecretKey.parse(out.read_text()) == secret


def test_a_full_disk_leaves_the_one_that_was_there(
    line: CommandLine,
    volume: Callable[[int], Volume],  # noqa: F811 - the fixture
) -> None:
    disk = volume(2_000)
    sealed = disk.path / "e.envelope"
    line.run("resilience", "envelope", "build", "--out", str(sealed))
    before = sealed.read_bytes()
    disk.fill(2_000)
    refused = line.run("resilience", "envelope", "build", "--out", str(sealed), "--json", expect=1)
    assert json.loads(refused.err)["code"] == "storage-failure"
    assert sealed.read_bytes() == before and not list(disk.path.glob(".*.draft"))


# -- each night, and the alarm ----------------------------------------------------------------------------------------


def run_waiting(instance: Instance) -> int:
    """Run what waits and give how many there were."""
    jobs = Jobs(instance.store).list_waiting()
    for job in jobs:
        run_job(instance, {kind.name: kind for kind in JOBS}, job)
    return len(jobs)


def move(instance: Instance, moment: datetime) -> None:
    assert isinstance(instance.store.clock, FixedClock)
    instance.store.clock.moment = moment


@pytest.fixture
def nightly(tmp_path: Path) -> Iterator[Instance]:
    clock = FixedClock(datetime(2026, 6, 1, 10, 0, tzinfo=UTC))
    with open_node(tmp_path / "node", clock) as instance:
        fill_node(instance, [*DRAFTS])
        (instance.settings.folder / "keys.txt").write_text(LEAD.public.text())
        settings = replace(instance.settings, envelope_recipients="keys.txt", envelope_folder="kluis")
        yield replace(instance, settings=settings, wings=WINGS)


def test_one_is_made_each_night_and_seven_are_kept(nightly: Instance) -> None:
    folder = nightly.settings.folder / "kluis"
    for day in range(9):
        for hour in (1, 3, 15):
            # In June 2:00 in Amsterdam is 0:00 UTC.
            move(nightly, datetime(2026, 6, 2, hour, 0, tzinfo=UTC) + timedelta(days=day))
            tend_envelopes(nightly)
            tend_envelopes(nightly)
            assert run_waiting(nightly) == (1 if hour == 1 else 0), (day, hour)
    kept = list_envelopes(folder)
    assert [path.name[16:24] for path in kept] == [f"202606{day:02}" for day in range(4, 11)]
    assert folder.stat().st_mode & 0o777 == 0o700
    opened = open_file(kept[-1].read_bytes(), keys=[LEAD])
    assert json.loads(opened.files["crisis-envelope.json"])["madeAt"].startswith("2026-06-10T01:00")


def test_one_that_fails_is_tried_again_after_an_hour(nightly: Instance) -> None:
    (nightly.settings.folder / "keys.txt").write_text("geen sleutel")
    made = []
    for minutes in (0, 30, 59, 60, 90):
        move(nightly, datetime(2026, 6, 2, 1, 0, tzinfo=UTC) + timedelta(minutes=minutes))
        tend_envelopes(nightly)
        made.append(run_waiting(nightly))
    assert made == [1, 0, 0, 1, 0]
    last = Jobs(nightly.store).find_last(KIND)
    assert last is not None and last.state == "failed"


def test_a_night_begins_at_two_in_amsterdam_in_summer_and_winter() -> None:
    # Central European Summer Time is two hours ahead of UTC, Central European Time one (Directive 2000/84/EC).
    for now, night in (
        ("2026-07-01T00:00:00+00:00", "2026-07-01T00:00:00+00:00"),
        ("2026-06-30T23:59:59+00:00", "2026-06-30T00:00:00+00:00"),
        ("2026-12-01T00:59:59+00:00", "2026-11-30T01:00:00+00:00"),
        ("2026-12-01T01:00:00+00:00", "2026-12-01T01:00:00+00:00"),
    ):
        assert last_night(datetime.fromisoformat(now)) == datetime.fromisoformat(night)


def codes(instance: Instance, asker: Principal = OPERATOR) -> list[str]:
    """Give the codes of what is the matter now."""
    day = instance.store.clock.now().date()
    scope = Scope(instance.store, asker, day, build_landscape(instance.store, asker, day))
    return [finding.code for finding in check_envelope(scope)]


def test_the_alarm_goes_off_where_there_is_none_or_it_is_old_gone_or_outdated(nightly: Instance) -> None:
    editor = Principal("gm0344/editor", parse_roles([f"editor@{OWNER}"]))
    assert codes(nightly) == codes(nightly, editor) == ["no-crisis-envelope"]
    assert codes(nightly, PUBLIC) == []
    tend_envelopes(nightly)
    run_waiting(nightly)
    assert codes(nightly) == []
    made = nightly.store.clock.now()
    move(nightly, made + timedelta(hours=36))
    assert codes(nightly) == []
    move(nightly, made + timedelta(hours=36, seconds=1))
    assert codes(nightly) == ["crisis-envelope-old"]
    move(nightly, made)
    nightly.store.put(draft("crisis-contact:gm0344/nieuw", "Loket", organisation=OWNER, role="Loket"), OPERATOR)
    assert codes(nightly) == ["crisis-envelope-outdated"]
    for path in list_envelopes(nightly.settings.envelopes_folder):
        path.unlink()
    assert codes(nightly) == ["crisis-envelope-gone", "crisis-envelope-outdated"]


def test_a_node_without_anything_critical_needs_none(tmp_path: Path) -> None:
    clock = FixedClock(datetime(2026, 6, 1, 10, 0, tzinfo=UTC))
    with open_node(tmp_path / "node", clock) as instance:
        fill_node(instance, [draft(OWNER, "Gemeente Utrecht", type="municipality")])
        assert codes(instance) == []
        tend_envelopes(instance)
        assert run_waiting(instance) == 0
        page = render_page(gather_content(instance, OPERATOR))
        assert "Er zijn geen contactpunten vastgelegd" in page
