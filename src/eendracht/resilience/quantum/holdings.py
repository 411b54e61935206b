"""What is recorded of cryptography and of the move, read once for one asker: assets, links, data, steps, statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import NotFound
from eendracht.kernel.records import Record
from eendracht.kernel.store import Store
from eendracht.resilience.quantum.uses import Risk, Use, describe_use

if TYPE_CHECKING:
    from eendracht.kernel.landscape import Landscape

Spec = Mapping[str, Any]
MOST_FORMER: Final = 1000
"""So many names of steps that are not there are looked up."""
_RISKS: Final[Sequence[Risk]] = ("high", "unknown", "medium", "low")
"""From the highest to the lowest; one that is not known may be any."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A cryptographic asset with whose it is and what uses it."""

    ref: str
    name: str
    owner: str
    type: str
    family: str
    parameter_set: str
    purpose: str
    purpose_ground: str
    used_by: tuple[str, ...]
    locations: tuple[str, ...]
    made_of: tuple[str, ...]
    usages: frozenset[str] | None
    is_synthetic: bool

    @property
    def is_resolved(self) -> bool:
        """Whether it is known what it is used for."""
        return self.use("unknown").purpose != "unknown"

    @property
    def is_judged(self) -> bool:
        """Whether it is an algorithm in use; certificates, keys and protocols rest on those."""
        return self.type in ("algorithm", "unknown")

    def use(self, risk: Risk) -> Use:
        """Give it as policies speak of it."""
        return describe_use(self.family, self.parameter_set, self.purpose, risk=risk, usages=self.usages)


@dataclass(frozen=True, slots=True)
class ShelfLife:
    """How long a dataset must stay secret and provable; None is what nobody judged."""

    ref: str
    owner: str
    dataset: str
    confidential_years: int | None
    integrity_years: int | None
    risk: Risk
    ground: str


@dataclass(frozen=True, slots=True)
class Step:
    """A recorded step of the move."""

    ref: str
    name: str
    organisation: str
    about: str
    stage: str
    months: str | None
    not_before: date | None
    after: tuple[str, ...]
    status: str
    done_on: date | None
    milestone: str


@dataclass(frozen=True, slots=True)
class LinkRecord:
    """A link as it is recorded; `ref` is that of an interface where nobody recorded more."""

    ref: str
    name: str
    owner: str
    client: str
    server: str
    endpoint: str
    observed_group: str
    observed_on: str
    datasets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation or supplier."""

    ref: str
    name: str
    type: str


@dataclass(frozen=True)
class Holdings:
    """Everything of which readiness is worked out, with present names of refs."""

    landscape: Landscape
    day: date
    parties: Mapping[str, Party]
    names: Mapping[str, str]
    assets: Sequence[Asset]
    shelf_lives: Sequence[ShelfLife]
    links: Sequence[LinkRecord]
    endpoints: Mapping[str, Spec]
    steps: Sequence[Step]
    inventories: Mapping[str, int]
    """How many inventories each organisation has."""
    statements: Mapping[str, Spec]
    """What an organisation last said of its preparation."""
    systems_of: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The systems that hold each dataset."""
    suppliers_of: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The suppliers of what each organisation has."""
    is_synthetic: bool = False

    @cached_property
    def owners(self) -> Mapping[str, str]:
        """Whose each thing of the landscape is."""
        return {thing.ref: thing.owner for thing in self.landscape.things}

    @cached_property
    def assets_of(self) -> Mapping[str, Sequence[Asset]]:
        """The assets by what uses them."""
        found: dict[str, list[Asset]] = defaultdict(list)
        for asset in self.assets:
            for ref in asset.used_by:
                found[ref].append(asset)
        return found

    @cached_property
    def lives_of(self) -> Mapping[str, Sequence[ShelfLife]]:
        """The shelf lives of all data that each system holds; one without a ref stands for data that nobody judged."""
        recorded: dict[str, list[ShelfLife]] = defaultdict(list)
        for life in self.shelf_lives:
            recorded[life.dataset].append(life)
        found: dict[str, list[ShelfLife]] = defaultdict(list)
        for dataset, systems in self.systems_of.items():
            for system in systems:
                found[system] += recorded.get(dataset) or [ShelfLife("", "", dataset, None, None, "unknown", "")]
        return found

    @cached_property
    def risk_of(self) -> Mapping[str, Risk]:
        """The highest risk of the data that a system holds; data without a record counts as unknown."""
        return {system: take_highest({life.risk for life in lives}) for system, lives in self.lives_of.items()}

    def risk_of_asset(self, asset: Asset) -> Risk:
        """Give the highest risk of what uses an asset; unknown where nobody judged what may be higher."""
        return take_highest({self.risk_of.get(ref, "unknown") for ref in asset.used_by})

    def name_of(self, ref: str) -> str:
        """Give the name of something; the ref where it is not there or hidden."""
        return self.names.get(ref, ref)


def take_highest(risks: Collection[Risk]) -> Risk:
    """Give the highest of some risks; unknown where one that is not known may be higher, and where there are none."""
    return next((risk for risk in _RISKS if risk in risks), "unknown")


def read_holdings(store: Store, asker: Principal, landscape: Landscape) -> Holdings:
    """Read what is recorded on the day of a landscape, as the asker may see it."""
    return _Reader(store, asker, landscape).read()


class _Reader:
    def __init__(self, store: Store, asker: Principal, landscape: Landscape) -> None:
        self.store = store
        self.asker = asker
        self.landscape = landscape
        self.names = {thing.ref: thing.name for thing in landscape.things}
        self.is_synthetic = False

    def _records(self, kind: str) -> Iterator[tuple[Record, Spec]]:
        for record in self.store.snapshot(self.asker, self.landscape.day, kind=kind):
            self.names[record.ref] = record.name
            yield record, record.spec(self.store.registry)

    def _ref(self, ref: str | None) -> str:
        return self.landscape.aliases.get(ref, ref) if ref else ""

    def _refs(self, refs: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(map(self._ref, refs)))

    def read(self) -> Holdings:
        parties = {
            record.ref: Party(record.ref, record.name, spec.get("type", "unknown") if kind == "organisation" else kind)
            for kind in ("organisation", "supplier")
            for record, spec in self._records(kind)
        }
        inventories = {
            record.ref: (self._ref(spec.get("organisation")) or record.owner, spec)
            for record, spec in self._records("cryptographic-inventory")
        }
        counts: dict[str, int] = defaultdict(int)
        for owner, _ in inventories.values():
            counts[owner] += 1
        scans = {ref for ref, (_, spec) in inventories.items() if spec.get("sourceType") == "tls-scan"}
        endpoints = {record.ref: spec for record, spec in self._records("tls-endpoint")}
        return Holdings(
            self.landscape,
            self.landscape.day,
            parties,
            self.names,
            [self._take_asset(record, spec, scans) for record, spec in self._records("cryptographic-asset")],
            [self._take_life(record, spec) for record, spec in self._records("data-shelf-life")],
            list(self._list_links()),
            endpoints,
            self._read_steps(),
            counts,
            self._read_statements(),
            *self._read_systems(),
            self.is_synthetic,
        )

    def _take_asset(self, record: Record, spec: Spec, scans: set[str]) -> Asset:
        self.is_synthetic |= record.is_synthetic
        protocol = (spec.get("protocol") or {}).get("protocol", "").casefold()
        usages = None
        if protocol or spec.get("inventory") in scans:
            usages = frozenset({protocol or "tls"})
        return Asset(
            record.ref,
            record.name,
            record.owner,
            spec.get("type", "unknown"),
            spec.get("algorithmFamily") or "",
            spec.get("parameterSet") or "",
            spec.get("purpose") or "",
            spec.get("purposeGround", "unknown"),
            self._refs(spec.get("usedBy", ())),
            tuple(spec.get("locations", ())),
            tuple(spec.get("madeOf", ())),
            usages,
            record.is_synthetic,
        )

    def _take_life(self, record: Record, spec: Spec) -> ShelfLife:
        return ShelfLife(
            record.ref,
            record.owner,
            self._ref(spec["dataset"]),
            spec.get("confidentialYears"),
            spec.get("integrityYears"),
            spec.get("risk", "unknown"),
            spec.get("ground", ""),
        )

    def _read_steps(self) -> list[Step]:
        steps = [self._take_step(record, spec) for record, spec in self._records("quantum-step")]
        present = {step.ref: step.ref for step in steps}
        # A step that got another name is still waited for under its former one.
        for name in list({ref for step in steps for ref in step.after} - present.keys())[:MOST_FORMER]:
            with suppress(NotFound):
                present[name] = self.store.get(name, self.asker).ref
        return [replace(step, after=tuple(present.get(ref, ref) for ref in step.after)) for step in steps]

    def _take_step(self, record: Record, spec: Spec) -> Step:
        self.is_synthetic |= record.is_synthetic
        return Step(
            record.ref,
            record.name,
            self._ref(spec["organisation"]),
            self._ref(spec["about"]),
            spec["stage"],
            spec.get("durationMonths"),
            _day(spec.get("notBefore")),
            tuple(spec.get("after", ())),
            spec.get("status", "unknown"),
            _day(spec.get("doneOn")),
            spec.get("milestone") or "",
        )

    def _list_links(self) -> Iterator[LinkRecord]:
        told = set()
        for record, spec in self._records("cryptographic-link"):
            told.add(self._ref(spec.get("interface")))
            yield LinkRecord(
                record.ref,
                record.name,
                record.owner,
                self._ref(spec["client"]),
                self._ref(spec["server"]),
                self._ref(spec.get("endpoint")),
                spec.get("observedGroup", ""),
                spec.get("observedOn") or "",
                self._refs(spec.get("datasets", ())),
            )
        for record, spec in self._records("interface"):
            if record.ref not in told:
                ends = self._ref(spec["source"]), self._ref(spec["target"])
                data = self._refs(spec.get("datasets", ()))
                yield LinkRecord(record.ref, record.name, record.owner, *ends, "", "", "", data)

    def _read_statements(self) -> dict[str, Spec]:
        found: dict[str, Spec] = {}
        for _, spec in self._records("quantum-preparation"):
            organisation = self._ref(spec["organisation"])
            if spec.get("statedOn", "") >= found.get(organisation, {}).get("statedOn", ""):
                found[organisation] = spec
        return found

    def _read_systems(self) -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
        """Give the systems that hold each dataset, and the suppliers of what each organisation has."""
        systems: dict[str, set[str]] = defaultdict(set)
        suppliers: dict[str, set[str]] = defaultdict(set)
        for record, spec in self._records("dataset"):
            systems[record.ref] |= set(self._refs(spec.get("heldIn", ())))
        for kind in ("application", "component", "platform"):
            for record, spec in self._records(kind):
                for ref in self._refs(spec.get("datasets", ())):
                    systems[ref].add(record.ref)
                said = [self._ref(spec[name]) for name in ("suppliedBy", "operatedBy") if spec.get(name)]
                suppliers[record.owner] |= {ref for ref in said if ref.startswith("supplier:")}
        return _freeze(systems), _freeze(suppliers)


def _freeze(sets: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    return {name: frozenset(members) for name, members in sets.items()}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
