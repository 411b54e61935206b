"""What a running server does by itself, seen on a real server: nothing waits for somebody who types a command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import httpx
import pytest

from eendracht.bootstrap import create_instance, open_instance
from eendracht.config import load_settings
from eendracht.kernel.access import OPERATOR
from eendracht.kernel.erasures import ErasureJournal
from eendracht.kernel.errors import NotFound
from eendracht.kernel.journal import Journal
from eendracht.kernel.vault import RetentionRule, Vault
from tests.conftest import ROOT
from tests.faults.conftest import Volume, volume  # noqa: F401 - a fixture
from tests.web.nodes import OWNER, draft
from tests.web.serving import Server, run_server

MakeSite = Callable[[], tuple[Path, dict[str, str]]]

DIE = """
import os, signal, sys
from pathlib import Path
from eendracht.bootstrap import open_instance
from eendracht.config import load_settings
from eendracht.kernel.destruction import Destruction
from eendracht.kernel.erasures import ErasureJournal

def report(step):
    if step == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)

with open_instance(load_settings(Path(sys.argv[1]))) as node:
    settings = node.settings
    journal = ErasureJournal(settings.erasure_journal)
    folder = settings.declarations_folder
    destruction = Destruction(node.store, node.vault, journal, folder, settings.name, report=report)
    destruction.destroy_record(sys.argv[2], ground="Archiefwet 1995, art. 3", by="recordbeheerder")
"""


def wait_until(holds: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


@pytest.mark.parametrize("step", ["ordered", "logged", "purged"])
def test_it_finishes_what_a_killed_destruction_began(make_site: MakeSite, step: str) -> None:
    folder, _ = make_site()
    ref = "public-service:gm0344/paspoort"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    child = subprocess.run([sys.executable, "-c", DIE, folder, ref, step], env=environment, timeout=60, check=False)
    assert child.returncode == -signal.SIGKILL
    journal = ErasureJournal(folder / "erasures.jsonl")
    assert len(journal.read().pending) == 1
    with run_server(folder) as server:
        wait_until(lambda: not journal.read().pending)
        assert httpx.get(f"{server.url}/v1/records/{ref}").status_code == 404
        code, _, errors = server.stop()
    assert (code, errors) == (0, "")
    with open_instance(load_settings(folder)) as node:
        found = node.history.verify()
        assert found.holds
        assert found.erased == 1
        assert len(list(node.settings.declarations_folder.glob("*.txt"))) == 1


def test_it_destroys_what_was_kept_long_enough(make_site: MakeSite) -> None:
    folder, _ = make_site()
    settings = load_settings(folder)
    rules = [RetentionRule("message", "P30D", "AVG, art. 5.1.e"), RetentionRule("case", "P70Y", "Archiefwet")]
    journal = Journal(settings.journal_file)
    vault = Vault(settings.vault_folder, rules, journal)
    subject = vault.add_subject("bsn", "999990019")
    kept = {"controller": OWNER, "ground": "avg-6-1-e", "author": OPERATOR, "starts": date(2020, 1, 1)}
    due, stays = (vault.put(subject, kind, {"note": kind}, **kept) for kind in ("message", "case"))
    with run_server(folder) as server:
        wait_until(lambda: not vault.describe(items=[due]))
        assert len(vault.describe(items=[stays])) == 1
        assert server.stop()[0] == 0
    with pytest.raises(NotFound):
        vault.get(due, "avg-15", OPERATOR)
    vault.close()
    journal.close()


def test_it_seals_the_journal_while_it_runs_and_when_it_stops(make_site: MakeSite) -> None:
    folder, _ = make_site()
    journal = Journal(load_settings(folder).journal_file)
    journal.append("decisions", [{"n": 1}])
    with open_instance(load_settings(folder)) as node, run_server(folder) as server:
        wait_until(lambda: [stream.sealed for stream in journal.verify(node.store)] == [1])
        journal.append("decisions", [{"n": 2}])
        assert server.stop()[0] == 0
        (stream,) = journal.verify(node.store)
        assert (stream.lines, stream.sealed, stream.holds) == (2, 2, True)
        assert node.history.verify().signed == node.store.size
    journal.close()


def test_a_node_without_persons_gets_no_vault_and_no_journal(make_site: MakeSite) -> None:
    folder, _ = make_site()
    with run_server(folder) as server:
        time.sleep(1.5)
        assert server.stop()[0] == 0
    assert not (folder / "vault").exists()
    assert not (folder / "journal").exists()


def _put(server: Server, name: str, token: str) -> httpx.Response:
    content = draft(f"component:gm0344/{name}", name)
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.put(f"{server.url}/v1/records/{content['ref']}", json=content, headers=headers)


def test_a_disk_that_turns_read_only_and_back(
    make_site: MakeSite,
    volume: Callable[[int], Volume],  # noqa: F811 - the fixture
) -> None:
    """Reads go on, writes are refused with a reason, and go on by themselves when the disk can be written again."""
    made, tokens = make_site()
    disk = volume(40_000)
    folder = disk.path / "node"
    subprocess.run(["cp", "-a", str(made), str(folder)], check=True)
    token = tokens["gm0344/editor"]
    disk.set_read_only(True)
    with run_server(folder, EENDRACHT_CHECKPOINT_SECONDS="3600") as server:
        refused = _put(server, "nooit", token)
        assert refused.status_code == 503
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["code"] == "storage-failure"
        assert "may not be written" in refused.text
        assert httpx.get(f"{server.url}/v1/records").status_code == 200
        assert server.stop()[0] == 0
    disk.set_read_only(False)
    with run_server(folder, EENDRACHT_CHECKPOINT_SECONDS="3600") as server:
        assert _put(server, "wel", token).status_code == 201
        assert server.stop() == (0, f"Eendracht: {server.url}/\n", "")
    with open_instance(load_settings(folder)) as node:
        assert node.history.verify().holds
        with pytest.raises(NotFound):
            node.store.get("component:gm0344/nooit", OPERATOR)


def test_only_the_owner_may_read_what_a_node_writes(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with create_instance(load_settings(tmp_path / "node")) as node:
            node.store.put(draft("component:gm0344/een", "Een"), OPERATOR)
            names = ("eendracht.db", "eendracht.db-wal", "eendracht.db-shm", "node.toml", "keys/log.key")
            modes = {name: oct((tmp_path / "node" / name).stat().st_mode & 0o777) for name in names}
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(names, "0o600")
    assert oct((tmp_path / "node").stat().st_mode & 0o777) == "0o700"
