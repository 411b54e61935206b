"""The log over HTTP: whoever fetches checkpoint, tiles and proofs can check them without trusting the node."""

from __future__ import annotations

import base64
import time
from hashlib import sha256

import orjson
import pytest
from pymerkle.hasher import MerkleHasher

from eendracht.kernel.ledger.checkpoint import verify_checkpoint
from eendracht.kernel.ledger.note import Ed25519Verifier
from eendracht.kernel.ledger.proof import check_proof
from tests.web.conftest import Site
from tests.web.nodes import draft


def newest_checkpoint(site: Site) -> tuple[int, bytes]:
    """Give size and root that the node signed, its signature checked."""
    verifier = Ed25519Verifier.parse(site.get("/v1/ledger/verifier-key").text.strip())
    note = site.get("/v1/ledger/checkpoint")
    assert note.headers["content-type"].startswith("text/plain")
    checkpoint = verify_checkpoint(note.content, note.text.splitlines()[0], [verifier]).checkpoint
    return checkpoint.size, checkpoint.root


def root_of(leaves: list[bytes]) -> bytes:
    """Give the root over leaf hashes by the definition of RFC 9162 section 2.1.1, with a peer's hash function."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    hasher = MerkleHasher("sha256", security=True)
    return bytes(hasher.hash_pair(root_of(leaves[:split]), root_of(leaves[split:])))


def test_tiles_give_the_root_that_was_signed(site: Site) -> None:
    size, root = newest_checkpoint(site)
    assert size < 256
    tile = site.get(f"/v1/ledger/tile/0/000.p/{size}")
    assert "immutable" in tile.headers["cache-control"]
    leaves = [tile.content[at : at + 32] for at in range(0, len(tile.content), 32)]
    assert len(leaves) == size
    assert root_of(leaves) == root
    assert site.get(f"/v1/ledger/tile/0/000.p/{size + 100}").status_code == 404
    assert site.get("/v1/ledger/tile/0/../../head").status_code == 404
    assert site.get("/v1/ledger/tile/0/%2e%2e/%2e%2e/head").status_code == 404


def test_proofs_hold_and_are_the_same_for_hidden_entries(site: Site) -> None:
    size, root = newest_checkpoint(site)
    for rv in range(size):
        proof = site.get(f"/v1/ledger/proofs/{rv}")
        assert check_proof(proof.content).right
        if proof.json()["treeSize"] == size:
            assert base64.b64decode(proof.json()["root"]) == root
    assert site.get("/v1/ledger/proofs/99999").status_code == 404
    growth = site.get(f"/v1/ledger/consistency-proof?size1=3&size2={size}")
    assert check_proof(growth.content).right
    assert site.get("/v1/ledger/consistency-proof?size1=0").status_code == 400
    assert site.get("/v1/ledger/consistency-proof?size1=9&size2=2").status_code == 400


def test_an_entry_checks_out_for_those_who_may_read_it(site: Site) -> None:
    secret = site.get("/v1/versions/component:gm0344/kluis", "gm0344/security").json()["versions"][0]
    path = f"/v1/ledger/entries/{secret['rv']}"
    entry = site.get(path, "gm0344/security").json()
    body = orjson.dumps(entry["record"], option=orjson.OPT_SORT_KEYS)
    assert sha256(bytes.fromhex(entry["salt"]) + body).hexdigest() == entry["commitment"]
    leaf = orjson.dumps(
        {"v": 1, "rv": entry["rv"], "recorded_at": entry["recordedAt"], "commitment": entry["commitment"]},
        option=orjson.OPT_SORT_KEYS,
    )
    proof = site.get(f"/v1/ledger/proofs/{secret['rv']}").json()
    assert base64.b64decode(proof["leafHash"]) == sha256(b"\x00" + leaf).digest()
    for who in ("", "gm0363/editor", "gm0344/editor"):
        hidden, absent = site.get(path, who), site.get("/v1/ledger/entries/999999", who)
        assert hidden.status_code == absent.status_code == 404
        assert hidden.text.replace(str(secret["rv"]), "") == absent.text.replace("999999", "")


@pytest.mark.parametrize("path", ["-1", "x", "1e3", str(2**63)])
def test_a_position_that_cannot_be_is_refused(site: Site, path: str) -> None:
    assert site.get(f"/v1/ledger/entries/{path}").status_code == 400


def test_a_running_server_signs_what_was_added(site: Site) -> None:
    before, _ = newest_checkpoint(site)
    content = draft("component:gm0344/te-tekenen", "Te tekenen")
    rv = site.call("PUT", f"/v1/records/{content['ref']}", "gm0344/editor", json=content).json()["rv"]
    deadline = time.monotonic() + 8
    while newest_checkpoint(site)[0] <= rv and time.monotonic() < deadline:
        time.sleep(0.1)
    after, _ = newest_checkpoint(site)
    assert after > rv >= before
