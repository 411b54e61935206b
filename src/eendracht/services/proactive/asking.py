"""Asking for a proactive run over a registered population: what records can tell is judged beforehand, all at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import today
from eendracht.kernel.errors import EendrachtError, Fault, NotFound
from eendracht.kernel.jobs import Jobs
from eendracht.kernel.population_requests import PopulationRequest, list_sources
from eendracht.kernel.populations import Registered, registered_of
from eendracht.kernel.rules.grounds import Ground, NoGround, Use, ground_of, require_ground
from eendracht.services.proactive.request import (
    LawAsked,
    ProactiveRefused,
    ProactiveRequest,
    Registers,
    accountability_faults,
    dpia_faults,
    law_faults,
    read_law,
    with_grounds,
)

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance

RUN: Final = "proactive-run"
"""The kind of the job."""


@dataclass(frozen=True, slots=True)
class ProactiveAsk:
    """What is asked over a registered population: laws as `read_law` reads them, and refs of the records behind it."""

    population: str
    laws: tuple[str, ...]
    on: date
    controller: str
    grounds: tuple[str, ...] = ()
    purpose: str = ""
    dpia: str = ""
    approver: str = ""
    threshold: int = 0
    estimates: tuple[str, ...] = ()
    estimate_flag: str = ""
    registers: Mapping[str, str] = field(default_factory=dict)
    """Names of tables and columns that differ from the usual ones, by the field of `Registers`."""

    def as_arguments(self) -> dict[str, str]:
        """Give it as the arguments of a job: refs and names."""
        return {
            "population": self.population,
            "laws": " ".join(self.laws),
            "on": self.on.isoformat(),
            "controller": self.controller,
            "grounds": " ".join(self.grounds),
            "purpose": self.purpose,
            "dpia": self.dpia,
            "approver": self.approver,
            "threshold": str(self.threshold),
            "estimates": " ".join(self.estimates),
            "estimateFlag": self.estimate_flag,
            "registers": " ".join(f"{name}={value}" for name, value in self.registers.items()),
        }


def read_arguments(arguments: Mapping[str, str]) -> ProactiveAsk:
    """Give what a job was asked."""
    return ProactiveAsk(
        arguments["population"],
        tuple(arguments["laws"].split()),
        date.fromisoformat(arguments["on"]),
        arguments["controller"],
        tuple(arguments["grounds"].split()),
        arguments["purpose"],
        arguments["dpia"],
        arguments["approver"],
        int(arguments["threshold"]),
        tuple(arguments["estimates"].split()),
        arguments["estimateFlag"],
        dict(word.split("=", 1) for word in arguments["registers"].split()),
    )


def read_registers(given: Mapping[str, str]) -> Registers:
    """Give where the registers stand; raises ProactiveRefused for a name that is none of theirs."""
    known = {item.name for item in fields(Registers)}
    faults = [
        Fault(f"/registers/{name}", "unknown-field", f"'{name}' is geen register", f"'{name}' is no register", hint)
        for name in given
        if name not in known
        for hint in [f"Choose from: {', '.join(sorted(known))}."]
    ]
    if faults:
        raise ProactiveRefused("Some registers are not known", faults=faults)
    return Registers(**given)


def ask_proactive_run(instance: Instance, author: Principal, asked: ProactiveAsk) -> str:
    """Judge a request as far as the records tell and ask for its job, of which the id is given.

    Raises Denied where the author is no editor of the controller, NotFound for a population that is not there, and
    ProactiveRefused with every other fault.
    """
    author.require_write(asked.controller)
    registered = registered_of(instance.store.get(asked.population, author))
    faults = [*registered.retention_faults(today(instance.store.clock))]
    if not registered.is_synthetic and registered.controller != asked.controller:
        nl, en = f"De populatie is van {registered.controller}", f"The population is of {registered.controller}"
        faults.append(Fault("/controller", "other-controller", nl, en))
    request = _request(instance, author, asked, registered, faults)
    if request is not None:
        library = instance.lawbook.library
        faults += [*accountability_faults(request), *law_faults(request, library)]
        faults += _dpia(instance, author, request)
        faults += _columns(registered, request)
        faults += [] if request.is_synthetic else _grounds(instance, request, registered)
    if faults:
        raise ProactiveRefused(f"The run has {len(faults)} fault(s)", faults=faults)
    return Jobs(instance.store).ask(RUN, asked.as_arguments(), author, asked.controller)


def _request(
    instance: Instance, author: Principal, asked: ProactiveAsk, registered: Registered, faults: list[Fault]
) -> ProactiveRequest | None:
    laws: list[LawAsked] = []
    for at, text in enumerate(asked.laws):
        try:
            laws.append(read_law(text))
        except EendrachtError as error:
            faults += [replace(fault, pointer=f"/laws/{at}") for fault in error.faults]
    grounds = _read_grounds(instance, author, asked.grounds, faults)
    try:
        registers = read_registers(asked.registers)
    except ProactiveRefused as error:
        faults += error.faults
        return None
    grounded = with_grounds(laws, grounds, instance.lawbook.library, asked.on)
    return ProactiveRequest(
        tuple(grounded),
        asked.on,
        Path(),
        Path(),
        asked.purpose,
        asked.controller,
        asked.dpia,
        asked.approver,
        asked.threshold,
        registered.subjects,
        registers,
        asked.estimates,
        asked.estimate_flag,
        is_synthetic=registered.is_synthetic,
    )


def _read_grounds(instance: Instance, author: Principal, refs: Sequence[str], faults: list[Fault]) -> list[Ground]:
    found = []
    for at, ref in enumerate(refs):
        try:
            found.append(ground_of(instance.store.get(ref, author)))
        except EendrachtError as error:
            faults.append(Fault(f"/grounds/{at}", error.code, error.title_nl, error.detail or error.title_en))
    return found


def _dpia(instance: Instance, author: Principal, request: ProactiveRequest) -> Iterator[Fault]:
    if request.is_synthetic or not request.dpia:
        return
    try:
        record = instance.store.get(request.dpia, author)
    except NotFound:
        nl, en = "Deze DPIA is er niet", "There is no such DPIA"
        yield Fault("/dpia", "not-found", nl, en, "Name the processing activity of which the DPIA was done.")
        return
    yield from dpia_faults(record, request.controller)


def _columns(registered: Registered, request: ProactiveRequest) -> Iterator[Fault]:
    """Yield columns of the registers that the record of the population does not name."""
    registers = request.registers
    subjects = registered.subjects or ("subjects" if "subjects" in registered.tables else "")
    place = registers.table or subjects
    wanted = {place: registers.columns, registers.uptake: [registers.uptake_law, registers.uptake_until]}
    for table, columns in wanted.items():
        if table not in registered.tables:
            nl, en = f"De tabel '{table}' ontbreekt", f"The table '{table}' is missing"
            yield Fault(f"/population/{table}", "missing-table", nl, en, "Register it with the population.")
            continue
        there = set(registered.tables[table].get("columns") or ())
        for column in columns:
            if column not in there:
                where = f"{table}.{column}"
                nl, en = f"De kolom '{where}' ontbreekt", f"The column '{where}' is missing"
                yield Fault(f"/population/{table}/{column}", "missing-column", nl, en)


def _grounds(instance: Instance, request: ProactiveRequest, registered: Registered) -> Iterator[Fault]:
    """Yield for each law why no ground covers what it would read."""
    library, registers = instance.lawbook.library, request.registers
    apart = {registers.uptake, registers.table} - {"", registered.subjects}
    shown = replace(registered, tables={name: item for name, item in registered.tables.items() if name not in apart})
    care = {registers.uptake, registers.table or registered.subjects or "subjects"}
    for at, asked in enumerate(request.laws):
        try:
            law = library.select(asked.law, request.on).regulation
            wanted = PopulationRequest(
                registered.ref, asked.law, (asked.output,), request.on, "", request.purpose, request.controller
            )
            read = set(list_sources(library, law, wanted, shown))
            read |= {registered.sources[table] for table in care if table in registered.sources}
            use = Use(
                (law.id, law.name, law.bwb_id), request.purpose, request.controller, tuple(sorted(read)), request.on
            )
            require_ground(asked.ground, use)
        except NoGround as error:
            yield from (replace(fault, pointer=f"/laws/{at}{fault.pointer}") for fault in error.faults)
        except EendrachtError as error:
            given = error.faults or [Fault("", error.code, error.title_nl, error.detail or error.title_en)]
            yield from (replace(fault, pointer=f"/laws/{at}{fault.pointer}") for fault in given)


__all__ = ["RUN", "ProactiveAsk", "ask_proactive_run", "read_arguments", "read_registers"]
