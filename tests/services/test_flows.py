"""The adoption file names the connections of the wing: set as set, what is not as not, and a wrong file as unknown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from eendracht.bootstrap import Wiring
from eendracht.kernel.adoption import read_facts
from eendracht.kernel.flows import Flow, list_flows
from eendracht.kernel.instance import Instance
from eendracht.kernel.store.switches import switch_wing
from eendracht.kit.adoption import render_adoption_file
from tests.services.case_nodes import UTRECHT, write_connections
from tests.services.zgw.serving import connection_text

SECRET = "a-secret-of-the-register-of-the-tests"
TOKEN = "eendracht_token-of-the-other-node"
HOOK = "een-geheim-van-de-webhook"
NODE_TEXT = f'[nodes."organisation:gm0363"]\naddress = "https://node.gm0363.example"\ntoken = "{TOKEN}"\n'


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    with Wiring().create(tmp_path / "node", "gm0344.example/eendracht") as instance:
        yield instance


def write_channels(instance: Instance, webhook: dict[str, str]) -> None:
    """Write where the messages of Utrecht go."""
    file = instance.settings.folder / "proactive" / "channels.json"
    file.parent.mkdir(mode=0o700, exist_ok=True)
    file.write_text(json.dumps({UTRECHT: {"name": "Gemeente Utrecht", "webhook": webhook}}))
    file.chmod(0o600)


def flows_of(instance: Instance) -> dict[str, list[Flow]]:
    """Give the flows of a node by their code."""
    found: dict[str, list[Flow]] = {}
    for flow in list_flows(instance):
        found.setdefault(flow.code, []).append(flow)
    return found


def test_a_node_without_connections_says_so(node: Instance) -> None:
    flows = flows_of(node)
    for code in ("case-register", "case-notifications", "hand-over", "register-feedback", "message-webhook"):
        assert [(flow.use, flow.place) for flow in flows[code]] == [("unset", "")], code
    # The component needs nothing to be set: any site may ask.
    assert [(flow.use, flow.source.code) for flow in flows["door-component"]] == [("set", "other-site")]
    assert [flow.use for flow in flows["message-letters"]] == ["unknown"]


def test_what_is_set_is_told_by_host_and_organisation_and_no_secret_shows(node: Instance) -> None:
    text = connection_text("https://zgw.gm0344.example")
    write_connections(node.settings.folder, text + NODE_TEXT)
    write_channels(node, {"address": "https://post.gm0344.example/haak?sleutel=x7q9", "secret": HOOK})
    settings = replace(
        node.settings,
        feedback_addresses="zb000184=http://kadaster.example/x belastingdienst=https://u:password@bd.example/y",
    )
    facts = read_facts(replace(node, settings=settings))
    told = {(flow.code, flow.place): (flow.protection, flow.use) for flow in facts.flows}
    assert told["case-register", f"zgw.gm0344.example ({UTRECHT})"] == ("encrypted", "set")
    assert told["hand-over", "node.gm0363.example (organisation:gm0363)"] == ("encrypted", "set")
    assert told["register-feedback", "kadaster.example (organisation:zb000184)"] == ("open", "set")
    assert told["register-feedback", "bd.example (organisation:belastingdienst)"] == ("encrypted", "set")
    assert told["message-webhook", f"post.gm0344.example ({UTRECHT})"] == ("encrypted", "set")
    for language in ("nl", "en"):
        page = render_adoption_file(facts, "nl" if language == "nl" else "en") + json.dumps(facts.as_dict())
        for host in ("zgw.gm0344.example", "node.gm0363.example", "kadaster.example", "post.gm0344.example"):
            assert host in page
        for secret in (SECRET, TOKEN, HOOK, "x7q9", "u:password"):
            assert secret not in page


def test_a_file_that_cannot_be_used_makes_its_connections_unknown(node: Instance) -> None:
    write_connections(node.settings.folder, NODE_TEXT.replace("https://", "ftp://"))
    write_channels(node, {"address": "https://post.gm0344.example", "secret": "kort"})
    flows = flows_of(node)
    for code, file in (
        ("case-register", "cases.toml"),
        ("hand-over", "cases.toml"),
        ("message-webhook", "channels.json"),
    ):
        assert [(flow.use, flow.place) for flow in flows[code]] == [("unknown", file)]
    assert "niet vast te stellen" in render_adoption_file(read_facts(node), "nl")


def test_a_wing_that_is_off_brings_no_flows(node: Instance) -> None:
    switch_wing(node.store, "services", "", False)
    assert {"pages", "backup"} <= flows_of(node).keys()
    assert not {"door-component", "case-register", "message-letters"} & flows_of(node).keys()
