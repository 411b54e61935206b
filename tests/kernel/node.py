"""A whole node in a folder, for tests that destroy, back up and restore."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eendracht.config import Settings, write_settings
from eendracht.kernel.clock import Clock, SystemClock
from eendracht.kernel.destruction import Destruction, Report
from eendracht.kernel.erasures import ErasureJournal
from eendracht.kernel.journal import Journal
from eendracht.kernel.kinds import Registry, shared_kinds
from eendracht.kernel.ledger.history import History
from eendracht.kernel.ledger.note import Ed25519Signer
from eendracht.kernel.search import SqliteTextIndex
from eendracht.kernel.store import Store
from eendracht.kernel.store.postgres import PostgresDriver
from eendracht.kernel.store.sqlite import SqliteDriver
from eendracht.kernel.vault import RetentionRule, Vault
from tests.contract.engines import NoWords

NAME = "gm0344.example/eendracht"
OWNER = "organisation:gm0344"
GROUND = "Archiefwet 1995, art. 3"
ROLE = "recordbeheerder"
RULES = (
    RetentionRule("case", "P7Y", "Selectielijst gemeenten 2020, 1.1"),
    RetentionRule("message", "P30D", "AVG, art. 5.1.e"),
)


@dataclass
class Node:
    """The opened parts of a node."""

    settings: Settings
    signer: Ed25519Signer
    store: Store
    history: History
    journal: Journal
    vault: Vault
    destruction: Destruction

    def close(self) -> None:
        """Let go of every file."""
        self.store.close()
        self.vault.close()
        self.journal.close()

    def __enter__(self) -> Node:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_store(settings: Settings, clock: Clock | None = None) -> Store:
    """Open the records of a node, on the engine that the settings name."""
    registry = Registry(shared_kinds())
    if settings.database:
        return Store(PostgresDriver(settings.database), registry, NoWords(), clock)
    return Store(SqliteDriver(settings.database_file), registry, SqliteTextIndex(), clock)


def open_node(folder: Path, clock: Clock | None = None, report: Report = lambda step: None, database: str = "") -> Node:
    """Open the node in a folder, making it where there is none."""
    clock = clock or SystemClock()
    settings = Settings(folder=folder, name=NAME, database=database)
    key = settings.keys_folder / "log.key"
    if not key.exists():
        settings.keys_folder.mkdir(parents=True)
        write_settings(settings)
        key.write_text(Ed25519Signer.generate(NAME).signer_key() + "\n")
    signer = Ed25519Signer.parse(key.read_text().strip())
    store = open_store(settings, clock)
    journal = Journal(settings.journal_file, clock)
    vault = Vault(settings.vault_folder, RULES, journal, clock)
    erasures = ErasureJournal(settings.erasure_journal)
    destruction = Destruction(store, vault, erasures, settings.declarations_folder, NAME, clock, report)
    return Node(settings, signer, store, History(store, settings.ledger_folder, signer), journal, vault, destruction)


def draft(name: str, **more: Any) -> dict[str, Any]:
    """Give a draft of an application."""
    spec = {"name": name, **more.pop("spec", {})}
    return {
        "ref": f"application:gm0344/{name}",
        "owner": OWNER,
        "confidentiality": {"level": "restricted"},
        "source": {"type": "import", "date": "2026-01-02", "system": "cmdb", "key": name, "place": "rij 1"},
        "spec": spec,
        **more,
    }


def files_with(folder: Path, *texts: str | bytes) -> list[str]:
    """Give the names of all files below a folder that hold one of the texts, in whatever case, in name or content."""
    wanted = [(text.encode() if isinstance(text, str) else text).lower() for text in texts]
    found = []
    for root, _, names in os.walk(folder):
        for name in names:
            path = Path(root, name)
            content = path.read_bytes().lower() + b"\n" + str(path.relative_to(folder)).encode().lower()
            found += [f"{path.relative_to(folder)}: {text!r}" for text in wanted if text in content]
    return found
