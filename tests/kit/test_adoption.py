"""The adoption file: what it says is what the node is set to and holds, and it says nothing that it cannot know."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from eendracht.bootstrap import WINGS, Wiring
from eendracht.kernel.access import OPERATOR
from eendracht.kernel.adoption import Evidence, Facts, read_facts
from eendracht.kernel.instance import Instance
from eendracht.kernel.priorities import PRIORITIES
from eendracht.kernel.vault import RetentionRule
from eendracht.kit.adoption import render_adoption_file, write_adoption_file
from tests.web.browser import run_browser
from tests.web.nodes import OWNER, PUBLIC_DRAFTS, draft, fill_node

SECRET = "wachtwoord-7391"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    with Wiring().create(tmp_path / "node", "gm0344.example/eendracht") as instance:
        fill_node(instance, [*PUBLIC_DRAFTS, draft("application:gm0344/geheim", "Geheim", "restricted")])
        yield instance


def state_of(facts: Facts, code: str) -> Evidence:
    """Give one piece of evidence."""
    return next(item for item in facts.evidence if item.code == code)


def test_a_bare_node_hides_no_gap(node: Instance) -> None:
    facts = read_facts(node)
    missing = {item.code for item in facts.evidence if item.state == "missing"}
    assert {"identities", "factors", "monitoring", "suppliers"} <= missing
    # Whether there are backups, who reviews rights and what stands before the node it cannot know.
    assert {item.code for item in facts.evidence if item.state == "yours"} >= {"backup", "rights-reviewed", "exit"}
    assert (facts.records, facts.by_level["restricted"], facts.by_level["public"]) == (6, 1, 5)
    kept = {kept.kind: kept.items for kept in facts.kept}
    assert facts.persons == 0 and set(kept.values()) == {0}
    assert set(kept) == {rule.kind for rule in node.retention}
    assert not (node.settings.vault_folder / "content.db").exists()
    assert facts.wings == dict.fromkeys(PRIORITIES, "absent") | {wing.name: "on" for wing in WINGS}


def test_settings_show_in_flows_and_evidence_and_their_secrets_nowhere(node: Instance) -> None:
    settings = replace(
        node.settings,
        address="https://eendracht.example",
        oidc_issuer="https://aanmelden.example/realm",
        oidc_client_id="eendracht",
        oidc_client_secret=SECRET,
        oidc_mfa="mfa",
        audit_syslog="udp://siem.example:514",
        database=f"postgresql://eendracht:{SECRET}@db.example/estate?sslmode=require",
    )
    facts = read_facts(replace(node, settings=settings))
    flows = {flow.code: flow for flow in facts.flows}
    assert (flows["pages"].protection, flows["syslog"].protection, flows["claims"].protection) == (
        "outside",
        "open",
        "encrypted",
    )
    assert (flows["database"].place, flows["database"].protection) == ("db.example/estate", "encrypted")
    assert flows["sign-in"].place == "aanmelden.example"
    # What can be set and is not is told as such, and what nobody can know as unknown.
    uses = {code: flows[code].use for code in ("sign-in", "syslog", "otlp", "person-sign-in", "backup")}
    assert uses == {
        "sign-in": "set",
        "syslog": "set",
        "otlp": "unset",
        "person-sign-in": "unset",
        "backup": "unknown",
    }
    for code in ("identities", "factors", "monitoring"):
        assert state_of(facts, code).state == "seen"
    assert state_of(facts, "transport").state == "yours"
    open_address = read_facts(replace(node, settings=replace(settings, address="http://eendracht.example")))
    assert state_of(open_address, "transport").state == "missing"
    without = replace(settings, database="postgresql://u@db.example/estate")
    assert (
        next(f for f in read_facts(replace(node, settings=without)).flows if f.code == "database").protection == "open"
    )
    for language in ("nl", "en"):
        page = render_adoption_file(facts, language)
        assert SECRET not in page and SECRET not in json.dumps(facts.as_dict())
        assert "aanmelden.example" in page and "siem.example" in page


def test_the_second_provider_is_told_apart_from_the_first(node: Instance) -> None:
    settings = replace(
        node.settings,
        person_oidc_issuer=f"https://naam:{SECRET}@burgers.example/realm",
        person_oidc_client_secret=SECRET,
        person_oidc_claim="bsn kvk",
        person_oidc_scheme="bsn kvk",
    )
    facts = read_facts(replace(node, settings=settings))
    flows = {flow.code: flow for flow in facts.flows}
    assert [flows[code].use for code in ("sign-in", "person-sign-in", "person-claims")] == ["unset", "set", "set"]
    assert (flows["person-claims"].place, flows["person-claims"].protection) == ("burgers.example", "encrypted")
    page = render_adoption_file(facts, "nl")
    assert "bsn, kvk" in page and "burgers.example" in page
    assert SECRET not in page and SECRET not in json.dumps(facts.as_dict())
    assert "burgers.example" not in render_adoption_file(read_facts(node), "nl")


def test_content_about_persons_is_counted_by_its_rule(tmp_path: Path) -> None:
    with Wiring().create(tmp_path / "node", "gm0344.example/eendracht") as instance:
        rules = (RetentionRule("case", "P7Y", "Selectielijst gemeenten 2020, 1.1"),)
        instance.__dict__["retention"] = rules
        subject = instance.vault.add_subject()
        for _ in range(3):
            instance.vault.put(
                subject, "case", {"verhaal": SECRET}, controller=OWNER, ground="ground:gm0344/wmo", author=OPERATOR
            )
        facts = read_facts(instance)
        page = render_adoption_file(facts, "nl")
    (kept,) = facts.kept
    assert (kept.kind, kept.period, kept.items, kept.due, facts.persons) == ("case", "P7Y", 3, 0, 3)
    assert "Selectielijst gemeenten 2020, 1.1" in page and SECRET not in page


class Outline(HTMLParser):
    """Collects the structure of a page: elements in order, without the words."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element, with its id."""
        self.seen.append(f"{tag}#{dict(attrs).get('id') or ''}")


def test_both_languages_say_the_same_in_the_same_places(node: Instance) -> None:
    facts = read_facts(node)
    outlines = []
    for language in ("nl", "en"):
        outline = Outline()
        outline.feed(render_adoption_file(facts, language))
        outlines.append([item for item in outline.seen if item not in ("strong#", "code#", "em#")])
    assert outlines[0] == outlines[1]
    assert sum(item.startswith("h2") for item in outlines[0]) == 7


def test_it_is_written_once_for_its_owner_alone(node: Instance, tmp_path: Path) -> None:
    write_adoption_file(node, tmp_path / "file", "nl")
    assert {path.name for path in (tmp_path / "file").iterdir()} == {"adoptiedossier.html", "facts.json"}
    assert (tmp_path / "file").stat().st_mode & 0o077 == 0
    assert json.loads((tmp_path / "file" / "facts.json").read_text())["node"] == "gm0344.example/eendracht"
    with pytest.raises(Exception, match="exists already"):
        write_adoption_file(node, tmp_path / "file", "en")


def test_no_module_opens_connections_but_those_that_the_file_names() -> None:
    """Sign-in, the two receivers of audit events, the database, and the programs that dump and load it."""
    clients = {"socket", "http", "urllib.request", "httpx", "httpx2", "aiohttp", "requests", "smtplib", "ftplib"}
    clients |= {"psycopg", "authlib", "opentelemetry", "subprocess", "ssl", "asyncio.subprocess", "telnetlib"}
    found = set()
    for path in (ROOT / "src").rglob("*.py"):
        for item in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in item.names] if isinstance(item, ast.Import) else []
            names += [item.module or ""] if isinstance(item, ast.ImportFrom) else []
            if any(name == client or name.startswith(f"{client}.") for name in names for client in clients):
                found.add(path.relative_to(ROOT / "src" / "eendracht").as_posix())
    assert found == {
        "kernel/backup/database.py",
        "kernel/durable.py",
        # Reads the address of the database, to tell where it is.
        "kernel/flows.py",
        # Starts the process that does heavy work, on this machine.
        "kernel/processes.py",
        # A command of the operator, which names the database of a population itself.
        "kernel/rules/columns/postgres.py",
        "kernel/store/postgres.py",
        "kernel/syslog.py",
        "kernel/telemetry.py",
        "kit/oidc.py",
        # Messages of exercises, to whom the settings allow.
        "resilience/exercises/sending.py",
        # A command of the operator: the endpoints that the settings allow.
        "resilience/tls/probe.py",
        # To whom an organisation itself connects: its case register, other nodes, owners of registers, its messages.
        "services/forms/feedback.py",
        "services/handover_delivery.py",
        "services/proactive/delivery.py",
        "services/zgw/client.py",
        # Takes connections, and makes none.
        "web/connection.py",
    }


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with run_browser() as opened:
        yield opened


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_page_is_accessible_valid_and_loads_nothing(
    node: Instance, browser: Browser, node_file: Callable[[str], Path], tmp_path: Path, language: str
) -> None:
    settings = replace(
        node.settings, oidc_issuer="https://a.example", oidc_client_id="e", audit_otlp="http://o.example/"
    )
    facts = read_facts(replace(node, settings=settings))
    file = tmp_path / "page.html"
    file.write_text(render_adoption_file(facts, "nl" if language == "nl" else "en"), "utf-8")
    asked: list[str] = []
    page = browser.new_page(viewport={"width": 320, "height": 640})
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert asked == [file.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.add_script_tag(path=node_file("axe-core/axe.min.js"))
    assert page.evaluate("axe.run().then(done => done.violations.map(v => v.id))") == []
    page.close()
    if shutil.which("java"):
        command = ["java", "-jar", node_file("vnu-jar/build/dist/vnu.jar"), "--errors-only", "--exit-zero-always", file]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert not re.findall(r"error: .*", done.stderr)
