"""The move as it is served: counts for everybody, names for insiders; on pages, by API and on the command line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from eendracht.kernel.access import OPERATOR, PUBLIC
from eendracht.kernel.briefing.scope import Scope
from eendracht.kernel.landscape import build_landscape
from eendracht.resilience.quantum.alarm import check_move
from tests.cli.command import CommandLine
from tests.resilience.quantum.small_move import (
    AMSTERDAM,
    CASES,
    CLOCK,
    CRYPTOGRAPHY,
    FILES,
    LANDSCAPE,
    LINK,
    RSA,
    STATE,
    STEPS,
    UTRECHT,
    step,
)
from tests.web.conftest import Site
from tests.web.nodes import LAWS, draft, fill_node, open_node
from tests.web.serving import run_server

SECRET = draft(
    "cryptographic-asset:gm0363/geheim", "Geheime sleutel", "organisation", AMSTERDAM, type="algorithm",
    algorithmFamily="ECDH", parameterSet="P-256", purpose="key-agree",
)  # fmt: skip
DRAFTS = [*LANDSCAPE, *CRYPTOGRAPHY, *STEPS, SECRET]
V1 = "/v1/resilience/quantum"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("quantum") / "node"
    with open_node(folder) as instance:
        tokens = fill_node(instance, [dict(one) for one in DRAFTS])
    (folder / "node.toml").write_text(f'name = "test.example/eendracht"\nlaws = "{LAWS}"\n')
    with run_server(folder) as server:
        yield Site(server, folder, tokens)
        code, _, errors = server.stop()
    assert code == 0
    assert "Traceback" not in errors, errors


def ask(site: Site, path: str, who: str = "gm0344/editor") -> httpx.Response:
    return site.get(path, who)


def test_everybody_gets_counts_and_no_names(site: Site) -> None:
    public = ask(site, V1, "")
    assert public.status_code == 200
    found = public.json()
    whole = found["layers"][0]
    assert (whole["layer"], whole["organisations"], whole["links"]["broken"]) == ("all", 3, 1)
    assert (found["priorities"], found["faults"], found["synthetic"]) == ([], [], True)
    assert not re.search("gm0344|gm0363|mnre1|Zaken|Portaal", public.text)
    page = ask(site, "/nl/kwantum", "").text
    assert "Klaar voor kwantumcomputers" in page and not re.search("Portaal|Gemeente Utrecht|Dossiers", page)
    paths = (
        f"organisations/{UTRECHT}", "links", "plan", "deadlines", f"verdicts/{RSA}",
    )  # fmt: skip
    for path in paths:
        assert ask(site, f"{V1}/{path}", "").status_code == 403, path
    for path in ("kwantum-koppelingen", "kwantum-plan", "kwantum-gegevens", f"kwantum-organisatie/{UTRECHT}",
                 f"kwantum-koppeling/{LINK}", f"kwantum-toets/{RSA}"):  # fmt: skip
        assert ask(site, f"/nl/{path}", "").status_code == 403, path


def test_insiders_get_verdicts_links_plan_and_data(site: Site) -> None:
    verdicts = ask(site, f"{V1}/verdicts/{RSA}").json()
    by = {item["authority"]: item for item in verdicts["verdicts"]}
    assert (by["eu"]["outcome"], by["eu"]["outcomeDay"]) == ("allowed-until", "2030-12-31")
    assert by["nist"]["rules"][0]["source"]["status"] == "draft"
    assert {item["matter"] for item in verdicts["conflicts"]} == {"date"}
    later = ask(site, f"{V1}/verdicts/{RSA}?on=2036-01-01").json()["verdicts"]
    assert {item["authority"]: item["standing"] for item in later} == {
        "eu": "against",
        "ncsc-nl": "no-statement",
        "bsi": "against",
        "nist": "against",
        "cnsa": "against",
    }
    (link,) = ask(site, f"{V1}/links?state=broken&organisation={UTRECHT}").json()["links"]
    assert (link["ref"], link["heldUpBy"]) == (LINK, ["server"])
    assert ask(site, f"{V1}/links?state=safe").json()["total"] == 0
    plan = ask(site, f"{V1}/plan").json()
    assert plan["criticalPath"][0] == "quantum-step:mnre1/a" and len(plan["criticalPath"]) == 7
    assert [item["critical"] for item in ask(site, f"{V1}/plan?organisation={AMSTERDAM}").json()["steps"]] == [True]
    assert {item["subject"] for item in ask(site, f"{V1}/deadlines").json()["deadlines"]} == {FILES, CASES}
    one = ask(site, f"{V1}/organisations/{UTRECHT}").json()
    assert (one["started"], one["resolved"], one["assets"], one["openLinks"][0]["ref"]) == ("yes", 1, 2, LINK)
    assert ask(site, V1).json()["priorities"][0]["exposure"] == "broken"
    policies = ask(site, f"{V1}/policies", "").json()["policies"]
    assert [policy["id"] for policy in policies] == ["eu", "ncsc-nl", "bsi", "nist", "cnsa"]


def test_what_is_hidden_is_as_if_it_were_not_there(site: Site) -> None:
    """The key that Amsterdam keeps to itself is neither counted nor found by Utrecht."""
    hidden = f"{V1}/verdicts/{SECRET['ref']}"
    assert ask(site, hidden).status_code == 404 == ask(site, f"{hidden}-weg").status_code
    assert ask(site, hidden, "gm0363/editor").status_code == 200
    counts = {
        who: ask(site, f"{V1}/organisations/{AMSTERDAM}", who).json()["assets"]
        for who in ("gm0344/editor", "gm0363/editor")
    }
    assert counts == {"gm0344/editor": 1, "gm0363/editor": 2}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/links?state=blauw", 400),
        ("/links?organisation=geen-ref", 400),
        ("/plan?limit=0", 400),
        ("/plan?x=1", 400),
        ("/organisations/organisation:gm9999", 404),
        ("/verdicts/cryptographic-asset:gm0344/weg", 404),
        ("/verdicts/!!", 400),
        (f"/verdicts/{RSA}?on=later", 400),
    ],
)
def test_a_wrong_question_is_refused(site: Site, path: str, status: int) -> None:
    assert ask(site, V1 + path).status_code == status


def test_pages_tell_rules_sources_and_what_is_unknown(site: Site) -> None:
    verdict = ask(site, f"/en/quantum-verdict/{RSA}").text
    assert "eu/high-risk-2030" in verdict and "2025-06-11" in verdict and "What could take its place" in verdict
    vague = ask(site, "/en/quantum-verdict/cryptographic-asset:gm0344/vaag").text
    assert "what it is used for" in vague and "in order" not in re.sub(r"(?s)<nav.*?</nav>", "", vague)
    assert "x25519" in ask(site, f"/en/quantum-link/{LINK}").text
    plan = ask(site, "/en/quantum-plan").text
    assert "<svg" in plan and "critical" in plan and "Stap g" in plan
    assert "too late" in ask(site, "/en/quantum-data").text
    assert "Everything of high risk has moved" in ask(site, f"/en/quantum-organisation/{UTRECHT}").text
    assert ask(site, "/en/quantum-organisation/organisation:gm9999").status_code == 404
    assert ask(site, "/en/quantum-link/cryptographic-link:gm0344/weg").status_code == 404


def test_the_command_tells_the_same(site: Site) -> None:
    command = CommandLine(site.folder)
    told = command.run("resilience", "quantum", "--json").json
    assert told["layers"][0]["organisations"] == 3 and told["priorities"][0]["dataset"] == FILES
    one = command.run("resilience", "quantum", "--organisation", "gm0344").out
    assert "Gemeente Utrecht" in one and "Portaal naar zaken" in one and "2030-12-31" in one
    same = command.run("resilience", "quantum", "--organisation", UTRECHT, "--json").json
    assert same["organisation"] == UTRECHT and len(same["plan"]) == 3
    public = command.run("--as", "public", "resilience", "quantum")
    assert "Zaken" not in public.out and "Dossiers" not in public.out
    assert "→" in command.run("--as", "public", "resilience", "quantum", "--organisation", "gm0344", expect=3).err
    assert "→" in command.run("resilience", "quantum", "--organisation", "gm9999", expect=1).err


def find(folder: Path, drafts: list[dict[str, Any]], asker: Any = OPERATOR) -> dict[str, list[str]]:
    with open_node(folder, CLOCK) as instance:
        fill_node(instance, drafts)
        store = instance.store
        scope = Scope(store, asker, date(2026, 12, 1), build_landscape(store, asker))
        return {item.code: [row.ref for row in item.evidence] for item in check_move(scope)}


def test_what_endangers_the_move_is_found_for_insiders(tmp_path: Path) -> None:
    late = step("z", UTRECHT, CASES, "retire", "60", milestone="high-risk")
    circle = [
        step("p", STATE, "application:gm0344/p", "leaf", "1", after=["quantum-step:mnre1/q"]),
        step("q", STATE, "application:gm0344/q", "leaf", "1", after=["quantum-step:mnre1/p"]),
    ]
    drafts = [*LANDSCAPE, *CRYPTOGRAPHY, *STEPS[:8], late, *circle]
    assert find(tmp_path / "a", drafts) == {
        "quantum-milestone-in-danger": ["quantum-step:mnre1/z"],
        "quantum-link-held-up": [LINK],
        "quantum-steps-in-circle": ["quantum-step:mnre1/p", "quantum-step:mnre1/q"],
    }
    assert find(tmp_path / "b", drafts, PUBLIC) == {}
    assert find(tmp_path / "c", LANDSCAPE) == {}
