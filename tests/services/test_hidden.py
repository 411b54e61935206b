"""What the wing shows of a node to outsiders is the same, whatever is hidden there: two nodes that differ in it alone.

Pages, API, door, catalogue, front office, forms, own overview, proactive pages, exports and the command line; as many
records of every kind that the wing reads are hidden, at the same positions of the log.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from eendracht.bootstrap import WINGS
from eendracht.kernel.access import PERSON_PREFIX, PUBLIC, Principal
from eendracht.kernel.credentials import create_principal, find_principal
from eendracht.kernel.errors import Denied, EendrachtError
from eendracht.kernel.instance import Instance
from eendracht.kernel.sessions import Sessions
from eendracht.kit.i18n import LANGUAGES
from eendracht.reference.facts import load_base_registers
from eendracht.services.cases import Submission, submit
from eendracht.services.door.recorded import build_door
from eendracht.services.exports import collect_catalogue
from eendracht.services.exports.cpsv_ap import write_cpsv_ap
from eendracht.services.exports.sc import write_sc
from eendracht.services.forms.feedback import list_feedback, report_doubt
from eendracht.services.imports import plan_catalogue
from eendracht.web.app import create_app
from tests.services.catalogues import BARE, EVENT, FULL, OWN
from tests.services.forms.test_vault import claim_on
from tests.services.web.states import PATHS, WING_PAGES
from tests.web.demo import hidden_fields
from tests.web.nodes import FIXED, OTHER, OWNER, draft, fill_node, open_node

THIRD: Final = "organisation:gm0599"
FORMER: Final = "organisation:gm0457"
"""Weesp, part of Amsterdam since 24 March 2022."""
KADASTER: Final = "organisation:zb000184"
SECRET: Final = "public-service:gm0344/kwantumkluis"
ABSENT: Final = "public-service:gm0344/bestaat-niet"
POPULATION: Final = "population:gm0363/proefstad"
SECRET_POPULATION: Final = "population:gm0344/verborgen-stad"


def population(ref: str, name: str, level: str, owner: str) -> dict[str, Any]:
    """Give the record of a population of which there are no files."""
    tables = [{"name": "subjects", "columns": ["key", "deceased"], "rows": 3, "sha256": "0" * 64}]
    dates = {"retentionDate": "2027-01-01", "synthetic": True}
    return draft(ref, name, level, owner, controller=owner, purpose="proef", tables=tables, **dates)


_GROUND: Final = {"law": "awir", "article": "38", "purpose": "proef"}
SHOWN: Final = (
    draft(OWNER, "Gemeente Utrecht", type="municipality"),
    draft(OTHER, "Gemeente Amsterdam", owner=OTHER, type="municipality"),
    draft(THIRD, "Gemeente Rotterdam", owner=THIRD, type="municipality"),
    EVENT,
    FULL,
    BARE,
    OWN,
    population(POPULATION, "Proefstad", "organisation", OTHER),
    draft(
        "ground:gm0363/proef",
        "Proef",
        "organisation",
        OTHER,
        controller=OTHER,
        law="awir",
        article="38",
        purpose="proef",
    ),
)
_PARKING: Final = {"upl": "parkeervergunning", "providedBy": OWNER, "decisionWeeks": 3}
HIDDEN_A: Final = (
    draft(SECRET, "Kwantumkluis huren", "organisation", alsoKnownAs=["kwantumbox"], **_PARKING),
    draft("public-service:gm0344/tweede-pas", "Tweede paspoort", "restricted", upl="paspoort", providedBy=OWNER),
    draft("life-event:gm0344/kluis-kwijt", "Kluis kwijt", "restricted", type="life", nameEn="Vault lost"),
    draft(
        "succession:gm0344/stille-fusie",
        "Stille fusie",
        "restricted",
        type="merger",
        predecessors=[FORMER],
        successors=[OWNER],
        date="2026-01-01",
    ),
    population(SECRET_POPULATION, "Verborgen stad", "restricted", OWNER),
    draft(
        "journey-change:gm0344/stil",
        "Stille wijziging",
        "organisation",
        journey="door",
        organisation=OWNER,
        changedOn="2026-05-01",
    ),
    draft("organisation:gm0344-kluis", "Kluisdienst", "restricted", type="agency"),
    draft(KADASTER, "Stil kadaster", "restricted", type="zbo"),
    draft(
        "ground:gm0344/stil",
        "Stille grond",
        "organisation",
        controller=OWNER,
        law="awir",
        article="38",
        purpose="proef",
    ),
)
HIDDEN_B: Final = tuple(draft(f"component:gm0344/niets-{at}", f"Niets {at}", "restricted") for at in range(9))

QUESTIONS: Final = ("kwantumkluis huren", "kwantumbox", "kluis kwijt", "parkeervergunning", "tweede paspoort")
PLACES: Final = {"Amsterdam": "gm0363", "Weesp": "gm0457", "": ""}
NAMES: Final = (SECRET, ABSENT, FULL["ref"], "parkeervergunning", "paspoort", "child-born", "kluis-kwijt")
# Numbers of cases, keys of forms, passages of a journey: they differ by chance alone.
_CHANCE: Final = re.compile(rb"[0-9a-f]{16,}|EEN-[0-9A-F]{16}|[A-Za-z0-9_=-]{40,}")


@dataclass(frozen=True)
class Call:
    """A request, and how it is told when the answers differ."""

    method: str
    path: str
    json: Any = None
    form: dict[str, str] | None = None


def list_calls(subject: str) -> Iterator[Call]:
    """Give every page of the wing in both languages, and everything that can be asked by pages and API."""
    for page in WING_PAGES:
        for language in LANGUAGES:
            for name in NAMES if "{name}" in page.nl else [""]:
                yield Call("GET", PATHS.to(language, page.code, name))
    for query in (f"organisation={OWNER}", "organisation=organisation:gm0344-kluis", "event=kluis-kwijt", "limit=200"):
        yield Call("GET", f"/nl/diensten?{query}")
    for way in ("service", "site"):
        yield Call("GET", f"/nl/deur/verder/{way}/{SECRET}")
    for path in ("/v1/life-events", "/v1/handovers", "/v1/jobs", "/v1/tasks", "/v1/briefing", "/nl/taken", "/nl"):
        yield Call("GET", path)
    for text in QUESTIONS:
        for place, code in PLACES.items():
            yield Call("POST", "/v1/door", {"text": text, "municipality": code})
            yield Call("POST", "/nl/deur", form={"q": text, "municipality": place, "do": "find"})
            yield Call("POST", "/nl/balie", form={"q": text, "municipality": place, "do": "find"})
        yield Call("POST", "/en/help-somebody", form={"q": text, "do": "find"})
    for organisation in (OWNER, OTHER, FORMER, THIRD, "organisation:gm0344-kluis", KADASTER):
        yield Call("POST", "/nl/balie/overdragen", form={"receiver": organisation, "q": "kwantumkluis"})
        for service in (SECRET, ABSENT, FULL["ref"], ""):
            yield Call("POST", "/v1/cases", submission(subject, organisation, service))
    yield Call("POST", "/v1/case-listings", {"subject": subject})
    for name in (POPULATION, SECRET_POPULATION, "population:gm0344/bestaat-niet"):
        yield from proactive_calls(name)
    yield Call("GET", "/nl/mijn-overzicht")


def submission(subject: str, organisation: str, service: str) -> dict[str, Any]:
    """Give what somebody hands in."""
    return {
        "subject": subject,
        "organisation": organisation,
        "form": "application",
        "answers": {"reden": "proef"},
        "service": service,
    }


def proactive_calls(name: str) -> Iterator[Call]:
    """Ask for a proactive run over a population, by the API and by the form."""
    asked = {
        "population": name,
        "laws": ["wet_op_de_zorgtoeslag:hoogte_zorgtoeslag"],
        "date": "2026-05-01",
        "controller": OTHER,
        "grounds": ["ground:gm0344/stil"],
        "purpose": "proef",
        "dpia": "processing-activity:gm0344/stil",
        "approver": "role:gm0344/stil",
    }
    yield Call("POST", "/v1/proactive-runs", asked)
    fields = {**asked, "laws": asked["laws"][0], "grounds": asked["grounds"][0], "on": "2026-05-01", "threshold": "0"}
    yield Call("POST", "/nl/proactief", form=fields)


@dataclass(frozen=True)
class Node:
    """A node with its tokens, and a person who is known there."""

    instance: Instance
    tokens: dict[str, str]
    subject: str

    def session_of(self, name: str) -> str:
        """Begin a session of somebody."""
        return Sessions(self.instance.store, 30, 10).begin(name, "persona") if name else ""


def build(folder: Path, hidden: tuple[dict[str, Any], ...]) -> Node:
    """Make a node whose hidden records lie between the others, at the same positions in both nodes."""
    made = open_node(folder, FIXED)
    settings = replace(made.settings, built_in_cases=f"{OWNER} {OTHER} {KADASTER}")
    instance = Instance(settings, made.store, made.history, made.signer, WINGS)
    tokens = fill_node(instance, [deepcopy(item) for item in (*SHOWN[:4], *hidden, *SHOWN[4:])])
    subject = instance.vault.add_subject("persona", "parent")
    create_principal(instance.store, PERSON_PREFIX + subject, ())
    return Node(instance, tokens, subject)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Node]]:
    base = tmp_path_factory.mktemp("hidden")
    nodes = build(base / "a", HIDDEN_A), build(base / "b", HIDDEN_B)
    yield nodes
    for node in nodes:
        node.instance.close()


async def ask(node: Node, who: str) -> list[tuple[Call, int, bytes]]:
    """Send every request as a person with a session to the pages, and as a program with a token to the API."""
    person = PERSON_PREFIX + node.subject
    session = node.session_of(person if who == "person" else who)
    cookies = {"eendracht": session} if session else {}
    found = []
    transport = httpx.ASGITransport(app=create_app(node.instance))
    async with httpx.AsyncClient(transport=transport, base_url="http://node") as client:
        client.cookies.update(cookies)
        page = await client.get("/nl/balie" if who != "person" else "/nl/mijn-overzicht")
        key = hidden_fields(page.text).get("formKey", "")
        for call in list_calls(node.subject):
            is_page = not call.path.startswith("/v1")
            headers = {"Accept": "text/html"} if is_page else {}
            if not is_page and who in node.tokens:
                headers["Authorization"] = f"Bearer {node.tokens[who]}"
            form = {**call.form, "formKey": key} if call.form is not None else None
            answer = await client.request(call.method, call.path, json=call.json, data=form, headers=headers)
            content = _CHANCE.sub(b"", answer.headers.get("location", "").encode() + answer.content)
            if call.path == "/v1/case-listings":
                # Cases of one day stand in the order of their ids, which are chance.
                content = bytes(sorted(content))
            told = replace(call, json=None if call.json is None else {**call.json, "subject": ""})
            found.append((told, answer.status_code, content))
    return found


@pytest.mark.parametrize("who", ["", "person", "gm0363/editor"])
def test_outsiders_are_answered_alike(both: tuple[Node, Node], who: str) -> None:
    answers = [asyncio.run(ask(node, who)) for node in both]
    wrong = [left[0] for left, right in zip(*answers, strict=True) if left != right]
    assert not wrong, wrong[:20]
    broken = [call for call, status, _ in answers[0] if status >= 500]
    assert not broken, broken


def test_insiders_do_see_the_difference(both: tuple[Node, Node]) -> None:
    """The comparison can fail: an editor of the organisation itself gets other answers of every sort."""
    answers = [asyncio.run(ask(node, "gm0344/editor")) for node in both]
    changed = {left[0].path for left, right in zip(*answers, strict=True) if left != right}
    seen = {
        f"/nl/diensten/{SECRET}",
        "/nl/diensten/parkeervergunning",
        "/nl/balie",
        "/v1/cases",
        PATHS.to("nl", "experience"),
    }
    assert seen <= changed, seen - changed


def test_a_person_hands_in_alike(both: tuple[Node, Node]) -> None:
    """A case for a hidden service is refused as one for a service that is not there."""
    found = []
    for node in both:
        person = find_principal(node.instance.store, PERSON_PREFIX + node.subject)
        for service in (SECRET, ABSENT):
            with pytest.raises(EendrachtError) as refused:
                submit(
                    node.instance, person, Submission(node.subject, OWNER, "application", {"a": "b"}, service=service)
                )
            found.append((refused.value.code, str(refused.value).replace(service, "")))
    assert len(set(found)) == 1


def test_a_report_of_doubt_waits_alike_for_an_owner_that_is_hidden_or_absent(both: tuple[Node, Node]) -> None:
    states = []
    for node in both:
        vault, me = node.instance.vault, node.subject
        claim = replace(claim_on(me), id="a-claim")
        report_doubt(node.instance, claim, load_base_registers()["BRK"], KADASTER)
        states.append([report.state for report in list_feedback(vault, me, Principal(PERSON_PREFIX + me))])
    assert states == [["waiting"], ["waiting"]]


def test_exports_carry_nothing_of_what_is_hidden(both: tuple[Node, Node]) -> None:
    for asker in ("", "gm0363/editor"):
        files = [list(export(node.instance, asker)) for node in both]
        assert files[0] == files[1]
        assert b"Kwantumkluis" not in b"".join(files[0]) and b"Paspoort" in b"".join(files[0])
    inside = b"".join(export(both[0].instance, "gm0344/editor"))
    assert b"Kwantumkluis" in inside


def export(instance: Instance, name: str) -> Iterator[bytes]:
    """Write the catalogue in every format, as somebody who may see that much."""
    asker: Principal = find_principal(instance.store, name) if name else PUBLIC
    for organisation in ("", OWNER):
        catalogue = collect_catalogue(instance.store, asker, organisation)
        yield write_cpsv_ap(catalogue, "ntriples")
        yield write_sc(catalogue)
        yield repr(catalogue.notes).encode()


def test_commands_find_and_plan_alike_on_behalf_of_somebody(both: tuple[Node, Node], tmp_path: Path) -> None:
    file = tmp_path / "sc.xml"
    file.write_bytes(write_sc(collect_catalogue(both[0].instance.store, PUBLIC)))
    found = []
    for node in both:
        store = node.instance.store
        asker = find_principal(store, "gm0363/editor")
        door = build_door(store, asker)
        found.append([repr(door.find(text, municipality=place)) for text in QUESTIONS for place in PLACES.values()])
        with pytest.raises(Denied):
            # A plan would tell by the names that it gives which ones are taken.
            plan_catalogue(store, file, OWNER, asker)
    assert found[0] == found[1]
