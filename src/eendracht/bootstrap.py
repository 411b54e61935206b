"""The only place where configuration becomes objects, and the entry of the command `eendracht`."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from eendracht.resilience.wing import WING as RESILIENCE
from eendracht.services.wing import WING as SERVICES

if TYPE_CHECKING:
    from eendracht.config import Settings
    from eendracht.kernel.adoption import Facts
    from eendracht.kernel.instance import Instance
    from eendracht.kernel.kinds import Registry
    from eendracht.kernel.ledger.note import Ed25519Signer
    from eendracht.kernel.store import Store
    from eendracht.kernel.store.driver import Driver
    from eendracht.kernel.store.index import TextIndex
    from eendracht.kernel.wing import Wing
    from eendracht.kit.i18n import Language

WINGS: tuple[Wing, ...] = (SERVICES, RESILIENCE)
"""The wings of this release, in the order of the priorities."""


def main() -> None:
    """Run the command line."""
    from eendracht.cli.app import run

    run(Wiring())


class Wiring:
    """What the frames may ask for without knowing how it is made."""

    def __init__(self, wings: tuple[Wing, ...] = WINGS) -> None:
        self.wings = wings

    def settings(self, folder: Path | None) -> Settings:
        """Read the settings of the node in a folder; raises UsageFault that lists what is wrong."""
        from eendracht.config import ConfigurationFault, load_settings
        from eendracht.kernel.errors import UsageFault

        try:
            return load_settings(folder)
        except ConfigurationFault as error:
            raise UsageFault(str(error), hint="Correct node.toml or the environment.") from error

    def open(self, folder: Path | None = None) -> Instance:
        """Open the node in a folder; raises NotFound with the next step where there is none."""
        from eendracht.kernel.errors import NotFound

        settings = self.settings(folder)
        if not (settings.keys_folder / "log.key").is_file():
            raise NotFound(f"There is no node in {settings.folder}", hint="Make one: eendracht init.")
        return open_instance(settings, self.wings)

    def create(self, folder: Path | None = None, name: str | None = None, database: str | None = None) -> Instance:
        """Make a node in a folder and open it; raises Occupied where there is one already."""
        settings = self.settings(folder)
        settings = replace(settings, name=name or settings.name, database=database or settings.database)
        return create_instance(settings, self.wings)

    def open_store(self, settings: Settings) -> Store:
        """Open only the records of a node, for a restore that is under way."""
        return open_store(settings, self.wings)

    def serve(self, instance: Instance) -> None:
        """Serve pages and API until the process is told to stop."""
        from eendracht.web.server import serve

        serve(instance)

    def write_adoption_file(self, instance: Instance, target: Path, language: Language) -> Facts:
        """Write the adoption file of a node; raises as `kit.adoption.write_adoption_file`."""
        from eendracht.kit.adoption import write_adoption_file

        return write_adoption_file(instance, target, language)

    def work(self, instance: Instance) -> None:
        """Run jobs until the process is told to stop."""
        import signal
        import threading

        from eendracht.kernel.durable import JobRunner

        stopped = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
        runner = JobRunner(instance, instance.job_kinds)
        runner.start()
        stopped.wait()
        runner.stop()


def registry(wings: tuple[Wing, ...] = WINGS) -> Registry:
    """Give the kinds of the kernel and of every wing."""
    from eendracht.kernel.kinds import Registry, shared_kinds

    brought = (replace(kind, wing=wing.name) for wing in wings for kind in wing.load("kinds"))
    return Registry((*shared_kinds(), *brought))


def open_instance(settings: Settings, wings: tuple[Wing, ...] = WINGS) -> Instance:
    """Open store and history as the settings say."""
    from eendracht.kernel.instance import Instance
    from eendracht.kernel.ledger.history import History

    store = open_store(settings, wings)
    signer = _signer(settings)
    return Instance(settings, store, History(store, settings.ledger_folder, signer), signer, wings)


def open_store(settings: Settings, wings: tuple[Wing, ...] = WINGS) -> Store:
    """Open the records on the engine that the settings name."""
    from eendracht.kernel.store import Store

    driver, text = _engine(settings)
    return Store(driver, registry(wings), text)


def create_instance(settings: Settings, wings: tuple[Wing, ...] = WINGS) -> Instance:
    """Make folder, key, settings file and database of a new node, and sign its empty log."""
    from eendracht.config import write_settings
    from eendracht.kernel.errors import Occupied, StorageFailure, UsageFault
    from eendracht.kernel.ledger.note import Ed25519Signer

    faults = settings.faults()
    if faults:
        raise UsageFault("; ".join(faults))
    key = settings.keys_folder / "log.key"
    if key.exists():
        raise Occupied(f"There is a node in {settings.folder} already", hint="Choose another folder: --folder.")
    try:
        settings.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings.keys_folder.mkdir(exist_ok=True, mode=0o700)
        write_settings(settings)
        secret = Ed25519Signer.generate(settings.name).signer_key()
        with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secret + "\n")
    except OSError as error:
        raise StorageFailure(f"{settings.folder}: {error.strerror}") from error
    return open_instance(settings, wings)


def _signer(settings: Settings) -> Ed25519Signer:
    from eendracht.kernel.ledger.note import Ed25519Signer

    return Ed25519Signer.parse((settings.keys_folder / "log.key").read_text("ascii").strip())


def _engine(settings: Settings) -> tuple[Driver, TextIndex]:
    if settings.database:
        from eendracht.kernel.search import PostgresTextIndex
        from eendracht.kernel.store.postgres import PostgresDriver

        return PostgresDriver(settings.database), PostgresTextIndex()
    from eendracht.kernel.search import SqliteTextIndex
    from eendracht.kernel.store.sqlite import SqliteDriver

    return SqliteDriver(settings.database_file), SqliteTextIndex()
