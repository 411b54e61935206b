"""Registered populations: tables in a folder that only its owner may enter, held to what their record says of them.

The record names columns, purpose, ground, retention and the hash of each file; the data lie in
`populations/<uid of the record>/`, one Parquet file a table, and are in no search, ledger or ordinary backup.
"""

from __future__ import annotations

import logging
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.clock import today
from eendracht.kernel.errors import Fault, InvalidInput, NotFound
from eendracht.kernel.identity import is_uid
from eendracht.kernel.private import FILE_MODE, make_private_folder
from eendracht.kernel.records import Record

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance

STREAM = "processing"
"""The journal stream that tells which data about people were used, by which rule and on which ground."""
_LOG = logging.getLogger("eendracht.populations")


class PopulationUnusable(InvalidInput):
    """The files of a population are not as its record says, or may not be there any more."""

    code = "population-unusable"
    status = 409
    title_nl = "Deze populatie is niet te gebruiken"
    title_en = "This population cannot be used"
    default_hint = "Lay the files in the folder of the population as its record says, readable by their owner only."


@dataclass(frozen=True, slots=True)
class Registered:
    """What the record of a population says of it."""

    ref: str
    uid: str
    name: str
    owner: str
    controller: str
    purpose: str
    ground: str
    retention_date: date
    is_synthetic: bool
    subjects: str
    tables: Mapping[str, Mapping[str, Any]]
    """By name: dataset, columns, rows and sha256."""

    @property
    def sources(self) -> dict[str, str]:
        """Give of each table the dataset that it comes from; its own name where the record names none."""
        return {name: table.get("dataset") or name for name, table in self.tables.items()}

    def retention_faults(self, day: date) -> list[Fault]:
        """Say that the last day of retention has passed, where it has."""
        if day <= self.retention_date:
            return []
        nl = f"De bewaartermijn liep tot en met {self.retention_date}"
        en = f"It could be kept until and including {self.retention_date}"
        return [Fault("/spec/retentionDate", "retention-passed", nl, en)]


def registered_of(record: Record) -> Registered:
    """Read a record of kind `population`; raises InvalidInput for another kind."""
    if record.kind != "population":
        fault = Fault("/population", "not-a-population", "Dit is geen populatie", "This is no population", "")
        raise InvalidInput(f"{record.ref} is no population", faults=[fault])
    spec = record.data["spec"]
    return Registered(
        record.ref,
        record.uid,
        record.name,
        record.owner,
        spec["controller"],
        spec["purpose"],
        spec.get("ground") or "",
        date.fromisoformat(spec["retentionDate"]),
        spec.get("synthetic") is True,
        spec.get("subjects") or "",
        {table["name"]: table for table in spec["tables"]},
    )


def check_files(folder: Path, registered: Registered) -> list[Fault]:
    """Say what is wrong with the files of a population: absent, open to others, or not those that were registered."""
    if folder.is_symlink() or not folder.is_dir():
        return [_fault("", "no-folder", f"De map {folder.name} is er niet", f"There is no folder {folder.name}")]
    faults = []
    if _is_open(folder):
        faults.append(_fault("", "open-to-others", "Anderen kunnen in de map", "Others can enter the folder"))
    for name, table in registered.tables.items():
        path = folder / f"{name}.parquet"
        if path.is_symlink() or not path.is_file():
            faults.append(_fault(name, "no-file", f"{path.name} is er niet", f"There is no {path.name}"))
        elif _is_open(path):
            faults.append(
                _fault(name, "open-to-others", f"Anderen kunnen {path.name} lezen", f"Others can read {path.name}")
            )
        elif _digest(path) != table["sha256"]:
            nl, en = f"{path.name} is een ander bestand dan is vastgelegd", f"{path.name} is not the registered file"
            faults.append(_fault(name, "other-file", nl, en))
    return faults


def lay_out(folder: Path, registered: Registered, target: Path) -> None:
    """Show a rule the registered tables and no others, with what the record says of where they come from."""
    make_private_folder(target)
    for name in registered.tables:
        (target / f"{name}.parquet").symlink_to((folder / f"{name}.parquet").absolute())
    said = orjson.dumps({"synthetic": registered.is_synthetic, "sources": registered.sources})
    with os.fdopen(os.open(target / "population.json", os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb") as file:
        file.write(said)


def _fault(table: str, code: str, nl: str, en: str) -> Fault:
    return Fault(f"/spec/tables/{table}" if table else "/folder", code, nl, en)


def _is_open(path: Path) -> bool:
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


# -- retention --------------------------------------------------------------------------------------------------------


def sweep_populations(instance: Instance) -> list[str]:
    """Delete the files of populations of which the last day has passed, with what runs made of them; give their refs.

    The record stays: it never held anything about a person. A line in the journal tells of each deletion.
    """
    folder = instance.settings.populations_folder
    day = today(instance.store.clock)
    deleted = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        registered = _find(instance, path.name)
        if registered is None:
            _LOG.warning("a folder without a record of a population: %s", path.name)
        elif day > registered.retention_date:
            shutil.rmtree(path)
            deleted.append(registered.ref)
    # What a run made holds the same people; it is looked for apart, as a process may have died in between.
    for job, ref in _results(instance):
        if ref in deleted or _has_passed(instance, ref, day):
            shutil.rmtree(job, ignore_errors=True)
    for ref in deleted:
        instance.journal.append(STREAM, [{"event": "population-deleted", "population": ref}])
    return deleted


def _find(instance: Instance, uid: str) -> Registered | None:
    if not is_uid(uid):
        return None
    try:
        newest = instance.store.history(uid, OPERATOR)[0]
    except NotFound:
        return None
    return registered_of(newest) if newest.kind == "population" else None


def _results(instance: Instance) -> Iterator[tuple[Path, str]]:
    """Yield folder and population of each ended job that left something of it: a run, and what was sent of a run."""
    from eendracht.kernel.jobs import Jobs

    folder = instance.settings.jobs_folder
    jobs = Jobs(instance.store)
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        job = jobs.find(path.name)
        if job is None or not job.has_ended:
            continue
        origin = jobs.find(job.arguments["run"]) if "run" in job.arguments else job
        if origin is not None and "population" in origin.arguments:
            yield path, origin.arguments["population"]


def _has_passed(instance: Instance, ref: str, day: date) -> bool:
    try:
        newest = instance.store.history(ref, OPERATOR)[0]
    except NotFound:
        return False
    return newest.kind == "population" and day > registered_of(newest).retention_date
