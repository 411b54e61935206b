"""Whatever is hidden, on every route of API and pages: an outsider gets the same bytes from both nodes.

Random records of every kind are hidden in one node, others in the other, at the same positions of the log. Log size,
root and commitments may tell that something is there; nothing else may.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import orjson
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.instance import Instance
from eendracht.kernel.kinds import Registry, shared_kinds
from eendracht.kernel.records import prepare
from eendracht.kernel.sessions import Sessions
from eendracht.kit.i18n import LANGUAGES
from eendracht.kit.paths import Paths
from eendracht.web.app import create_app
from eendracht.web.pages import PAGES
from tests.kit.specs import draw_from
from tests.web.nodes import FIXED, OWNER, PUBLIC_DRAFTS, fill_node, open_node, uid_of

KINDS = Registry(shared_kinds())
PATHS = Paths(PAGES)
OUTSIDERS = ("", "gm0363/editor")
# Commitments, salts, keys of forms and of the log, signatures and roots differ by chance alone.
CHANCE = re.compile(rb'"(?:commitment|salt)":"[0-9a-f]{64}"|value="[0-9a-f]{64}"|[0-9a-f]{64}')
RENEWED = {"/v1/metrics", "/v1/health", "/v1/openapi.json"}
LEDGER = re.compile(r"/v1/ledger/(?!entries/)")
"""Routes that give keys, signatures, hashes and roots: of these the status is compared."""


@st.composite
def hidden_drafts(draw: Any, salt: str) -> list[dict[str, Any]]:
    """Give four hidden drafts of random kinds and content, each pointing at what is public where its kind may."""
    drafts = []
    for at in range(4):
        kind = draw(st.sampled_from(sorted(kind.name for kind in KINDS)))
        ref = f"{kind}:gm0344/{salt}{at}"
        content = draw(draw_from(KINDS.get(kind).json_schema()))
        made = {
            "ref": ref,
            "uid": uid_of(ref),
            "owner": OWNER,
            "confidentiality": {"level": draw(st.sampled_from(["organisation", "restricted"]))},
            "source": {"type": "synthetic", "date": "2026-01-01"},
            "spec": content,
        }
        if kind == "action" and content.get("status") == "closed":
            content["status"] = "dropped"  # Closing takes a past that a draft alone does not have.
        if draw(st.booleans()) and "requires" in KINDS.get(kind).model.model_json_schema()["properties"]:
            content["requires"] = ["application:gm0344/zaaksysteem"]
        try:
            prepare(made, KINDS)
        except InvalidInput:
            # What the schema cannot say is left out; the record itself stays, so that positions are the same.
            made["ref"] = f"component:gm0344/{salt}{at}"
            made["uid"] = uid_of(str(made["ref"]))
            made["spec"] = {"name": f"{salt} {at}", "requires": ["application:gm0344/zaaksysteem"]}
        drafts.append(made)
    return drafts


def list_paths(description: dict[str, Any], names: list[str], size: int) -> list[str]:
    """Give every GET of the API, by its own description, and every page, for each name."""
    found = []
    for path, operations in description["paths"].items():
        if "get" not in operations or f"/v1{path}" in RENEWED:
            continue
        required = {
            item["name"]: item["schema"]
            for item in operations["get"].get("parameters", ())
            if item["in"] == "query" and item["required"]
        }
        query = "?" + "&".join(f"{name}=1" for name in required) if required else ""
        if "{name}" in path:
            found += [f"/v1{path.replace('{name}', name)}{query}" for name in names]
        elif "{" in path:
            found += [f"/v1{re.sub('{[^}]*}', str(rv), path)}{query}" for rv in range(size)]
        else:
            found.append(f"/v1{path}{query}")
    for page in PAGES:
        for language in LANGUAGES:
            has_name = "{name}" in page.nl
            found += [PATHS.to(language, page.code, name) for name in (names if has_name else [""])]
    words = {word for name in names for word in re.findall(r"[a-z]{4,}", name)}
    return found + [f"/nl/zoeken?q={word}" for word in sorted(words)]


async def ask(instance: Instance, token: str, session: str, paths: list[str]) -> dict[str, tuple[int, bytes]]:
    """Give status and body of each path, as a program with a token and as a person with a session."""
    key = instance.history.verifier_key
    # The key itself is base64, in which a plus may stand.
    secrets = [key.encode(), *(part.encode() for part in key.split("+", 2)[1:])]
    answers = {}
    transport = httpx.ASGITransport(app=create_app(instance))
    async with httpx.AsyncClient(transport=transport, base_url="http://node") as client:
        for path in paths:
            is_page = path.startswith(("/nl", "/en"))
            headers = {"Accept": "text/html"} if is_page else {}
            if is_page and session:
                headers["Cookie"] = f"eendracht={session}"
            elif token:
                headers["Authorization"] = f"Bearer {token}"
            response = await client.get(path, headers=headers)
            body = CHANCE.sub(b"", response.content)
            if LEDGER.match(path):
                body = b""
            for secret in secrets:
                body = body.replace(secret, b"")
            answers[path] = (response.status_code, body)
    return answers


# A failure names its routes; making the records smaller would take minutes for each step.
@settings(max_examples=3, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(hidden_drafts("een"), hidden_drafts("twee"))
def test_nobody_outside_sees_what_is_hidden_on_any_route(
    first: list[dict[str, Any]], second: list[dict[str, Any]]
) -> None:
    with TemporaryDirectory() as folder:
        nodes = []
        for name, hidden in (("a", first), ("b", second)):
            instance = open_node(Path(folder) / name, FIXED)
            tokens = fill_node(instance, [*PUBLIC_DRAFTS[:3], *hidden, *PUBLIC_DRAFTS[3:]])
            session = Sessions(instance.store, 30, 10).begin("gm0363/editor", "persona")
            nodes.append((instance, tokens, session))
        names = [str(item["ref"]) for item in (*PUBLIC_DRAFTS[2:4], *first, *second)]
        names += [str(first[0]["uid"]), str(second[0]["uid"]), "application:gm0344/bestaat-niet"]
        description = orjson.loads(asyncio.run(ask(nodes[0][0], "", "", ["/v1/openapi.json"]))["/v1/openapi.json"][1])
        paths = list_paths(description, names, nodes[0][0].store.size)
        assert len(paths) > 250
        for who in OUTSIDERS:
            answers = [
                asyncio.run(ask(instance, tokens.get(who, ""), session if who else "", paths))
                for instance, tokens, session in nodes
            ]
            wrong = [path for path in paths if answers[0][path] != answers[1][path]]
            assert not wrong, (who, wrong[:10])
            assert not [path for path in paths if answers[0][path][0] >= 500]
        for instance, _, _ in nodes:
            instance.close()
