"""Asking for a run over a population: everything that can be judged beforehand is, and told at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import today
from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.jobs import Jobs
from eendracht.kernel.populations import PopulationUnusable, Registered, registered_of
from eendracht.kernel.rules import ir
from eendracht.kernel.rules.grounds import NoGround, Use, ground_of, require_ground
from eendracht.kernel.rules.library import Library

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance


@dataclass(frozen=True, slots=True)
class PopulationRequest:
    """What is asked for everyone in a population; with `on_after` the two days are compared, by groups of a column."""

    population: str
    law: str
    outputs: tuple[str, ...]
    on: date
    ground: str
    purpose: str
    controller: str
    on_after: date | None = None
    by: str = ""

    @property
    def kind(self) -> Literal["population-run", "law-impact"]:
        """The job that does it."""
        return "population-run" if self.on_after is None else "law-impact"


def ask_population_run(instance: Instance, author: Principal, asked: PopulationRequest) -> str:
    """Judge a request as far as the records tell and ask for its job, of which the id is given.

    Raises Denied where the author is no editor of the controller, NotFound, NoSuchRule, InvalidInput with every fault,
    PopulationUnusable where the retention has passed, NoGround with every misfit.
    """
    author.require_write(asked.controller)
    registered = registered_of(instance.store.get(asked.population, author))
    library = instance.lawbook.library
    law = library.select(asked.law, asked.on).regulation
    faults = [*_output_faults(asked, law), *_group_faults(asked, registered)]
    if faults:
        raise InvalidInput(f"The request has {len(faults)} fault(s)", faults=faults)
    late = registered.retention_faults(today(instance.store.clock))
    if late:
        raise PopulationUnusable(f"{registered.ref} may not be used any more", faults=late)
    sources = list_sources(library, law, asked, registered)
    if not registered.is_synthetic:
        _require_ground(instance, author, asked, registered, law, sources)
    arguments = {
        "population": registered.ref,
        "law": asked.law,
        "outputs": " ".join(asked.outputs),
        "on": asked.on.isoformat(),
        "ground": asked.ground,
        "purpose": "" if registered.is_synthetic else asked.purpose,
        "controller": asked.controller,
    }
    if asked.on_after is not None:
        arguments |= {"onAfter": asked.on_after.isoformat(), "by": asked.by}
    return Jobs(instance.store).ask(asked.kind, arguments, author, asked.controller)


def list_sources(
    library: Library, law: ir.Regulation, asked: PopulationRequest, registered: Registered
) -> tuple[str, ...]:
    """Give the datasets that the rule would read, as the record says where each table comes from."""
    # The compiler is heavy to load, and most requests never come here.
    from eendracht.kernel.rules.columns.registered import list_tables_read

    keys: dict[str, None] = {}
    for output in asked.outputs:
        article = law.article_of(output)
        keys |= dict.fromkeys(article.parameters if article else ())
    columns = {name: tuple(table.get("columns") or ()) for name, table in registered.tables.items()}
    tables = list_tables_read(library, law.id, asked.outputs, asked.on, columns, keys, registered.subjects)
    return tuple(sorted({registered.sources[name] for name in tables}))


def _output_faults(asked: PopulationRequest, law: ir.Regulation) -> Iterator[Fault]:
    if not asked.outputs:
        yield Fault("/outputs", "missing", "Kies een uitkomst", "Choose an output")
    if asked.on_after is not None and len(asked.outputs) != 1:
        yield Fault("/outputs", "one-output", "Vergelijk een uitkomst tegelijk", "Compare one output at a time")
    for output in asked.outputs:
        if law.article_of(output) is None or " " in output:
            nl, en = f"Deze regeling heeft geen uitkomst '{output}'", f"The regulation has no output '{output}'"
            yield Fault("/outputs", "no-such-output", nl, en)


def _group_faults(asked: PopulationRequest, registered: Registered) -> Iterator[Fault]:
    columns = {column for table in registered.tables.values() for column in table.get("columns") or ()}
    if asked.by and asked.by not in columns:
        nl, en = f"De kolom '{asked.by}' is er niet", f"There is no column '{asked.by}'"
        yield Fault("/by", "missing-column", nl, en)


def _require_ground(
    instance: Instance,
    author: Principal,
    asked: PopulationRequest,
    registered: Registered,
    law: ir.Regulation,
    sources: tuple[str, ...],
) -> None:
    ground = ground_of(instance.store.get(asked.ground, author)) if asked.ground else None
    faults: list[Fault] = []
    if registered.controller != asked.controller:
        nl, en = f"De populatie is van {registered.controller}", f"The population is of {registered.controller}"
        faults.append(Fault("/controller", "other-controller", nl, en))
    try:
        require_ground(ground, Use((law.id, law.name, law.bwb_id), asked.purpose, asked.controller, sources, asked.on))
    except NoGround as error:
        faults += error.faults
    if faults:
        raise NoGround("No ground covers this use", faults=faults)
