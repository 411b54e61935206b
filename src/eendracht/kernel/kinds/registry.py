"""Which kinds there are, how an old spec becomes a new one, and which refs a spec holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, get_args

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.kinds import closing, governance, landscape, parties
from eendracht.kernel.kinds.fields import Relation, Spec

if TYPE_CHECKING:
    from eendracht.kernel.records import Record

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
"""A pure function from the spec of one version to that of the next."""


class Past(Protocol):
    """What a guard may look at while nobody else can write: who writes, and what was recorded before."""

    author: str
    """Name of the principal who writes."""

    def list_versions(self, name: str) -> list[Record]:
        """Give every version of a record (uid or ref), oldest first; none for one that is not there."""
        ...


Guard = Callable[[Mapping[str, Any], str, Past], Iterable[Fault]]
"""What a version may only say after something else was recorded: gets its spec, its ref and the past, gives faults."""

_LIST = "*"


@dataclass(frozen=True, slots=True)
class RelationPath:
    """Where in a spec a ref stands (`*` walks a list), what it may point at, and what it means for availability."""

    path: tuple[str, ...]
    relation: Relation
    field: str
    """The path as people read it: `requirementGroups.members.provider`."""

    def find(self, spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield JSON Pointer and ref for each place that is filled."""
        yield from _walk(spec, self.path, "")


def _walk(value: Any, path: tuple[str, ...], pointer: str) -> Iterator[tuple[str, str]]:
    if not path:
        yield pointer, value
    elif path == (_LIST,):
        for position, item in enumerate(value):
            yield f"{pointer}/{position}", item
    elif path[0] == _LIST:
        for position, item in enumerate(value):
            yield from _walk(item, path[1:], f"{pointer}/{position}")
    else:
        inner = value.get(path[0])
        if inner is not None:
            yield from _walk(inner, path[1:], f"{pointer}/{path[0]}")


class _WithoutTitles(GenerateJsonSchema):
    """Leaves out titles that only repeat the name of a field."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


@dataclass(frozen=True)
class Kind:
    """One kind of record.

    `version` is the newest spec version and `model` its shape. `upcasters[n]` turns a spec of version n into one of
    version n + 1. Stored bytes never change: an old spec is lifted when it is read.
    """

    name: str
    model: type[Spec]
    version: int = 1
    upcasters: Mapping[int, Upcaster] = field(default_factory=dict)
    wing: str = ""
    """The wing that brings it; empty for a kind that every wing may refer to."""
    guard: Guard | None = field(default=None, repr=False)
    """Looks at each version under the lock of the log, whichever way it comes in; most kinds have none."""

    def __post_init__(self) -> None:
        missing = [n for n in range(1, self.version) if n not in self.upcasters]
        if missing:
            raise ValueError(f"kind {self.name}: no upcaster from version {missing[0]}")

    @property
    def relations(self) -> tuple[RelationPath, ...]:
        """Every place in the newest spec that holds a ref."""
        return _relations_of(self.model)

    @property
    def silent(self) -> Mapping[str, Any]:
        """The value of each field that says no more than leaving it out: `unknown`, no text, an empty list."""
        return _silent_values(self.model)

    def find_relations(self, spec: Mapping[str, Any]) -> Iterator[tuple[RelationPath, str, str]]:
        """Yield path, JSON Pointer and ref for each ref that a spec of the newest version holds."""
        paths = _relations_by_key(self.model)
        for key, value in spec.items():
            if value is None:
                continue
            for path in paths.get(key, ()):
                if len(path.path) == 1:
                    yield path, f"/{key}", value
                else:
                    for pointer, ref in _walk(value, path.path[1:], f"/{key}"):
                        yield path, pointer, ref

    @property
    def requirements(self) -> tuple[RelationPath, ...]:
        """The places whose target is needed to run or to start, requirement groups left out."""
        return _requirements_of(self.model)

    def upcast(self, spec: dict[str, Any], version: int) -> dict[str, Any]:
        """Give the spec as the newest version would say it.

        Raises InvalidInput for a version that this release does not know yet.
        """
        if version > self.version:
            raise InvalidInput(
                f"{self.name}: spec version {version} is newer than {self.version}",
                hint="Update Eendracht on this node.",
            )
        for step in range(version, self.version):
            spec = self.upcasters[step](spec)
        return spec

    def json_schema(self) -> dict[str, Any]:
        """Give the JSON Schema (2020-12) of the newest spec."""
        schema = self.model.model_json_schema(by_alias=True, mode="validation", schema_generator=_WithoutTitles)
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"urn:eendracht:kind:{self.name}:{self.version}",
            **schema,
        }


@cache
def _silent_values(model: type[BaseModel]) -> dict[str, Any]:
    silent = {}
    for name, info in model.model_fields.items():
        default = info.get_default(call_default_factory=True)
        value = list(default) if isinstance(default, tuple) else default
        if value in ("unknown", "", [], None):
            silent[info.alias or name] = value
    return silent


@cache
def _relations_of(model: type[BaseModel]) -> tuple[RelationPath, ...]:
    return tuple(_model_relations(model, ()))


@cache
def _relations_by_key(model: type[BaseModel]) -> dict[str, tuple[RelationPath, ...]]:
    keys: dict[str, tuple[RelationPath, ...]] = {}
    for path in _relations_of(model):
        keys[path.path[0]] = (*keys.get(path.path[0], ()), path)
    return keys


def _relation_path(path: tuple[str, ...], relation: Relation) -> RelationPath:
    return RelationPath(path, relation, ".".join(step for step in path if step != _LIST))


@cache
def _requirements_of(model: type[BaseModel]) -> tuple[RelationPath, ...]:
    return tuple(path for path in _relations_of(model) if path.relation.phase is not None)


def _model_relations(model: type[BaseModel], prefix: tuple[str, ...]) -> Iterator[RelationPath]:
    for name, info in model.model_fields.items():
        here = (*prefix, info.alias or name)
        for mark in info.metadata:
            if isinstance(mark, Relation):
                yield _relation_path(here, mark)
        yield from _annotation_relations(info.annotation, here)


def _annotation_relations(annotation: Any, here: tuple[str, ...]) -> Iterator[RelationPath]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from _model_relations(annotation, here)
        return
    for mark in getattr(annotation, "__metadata__", ()):
        if isinstance(mark, Relation):
            yield _relation_path(here, mark)
    inside = (*here, _LIST) if getattr(annotation, "__origin__", None) is tuple else here
    for argument in get_args(annotation):
        if isinstance(argument, Relation) or argument is type(None) or argument is Ellipsis:
            continue
        yield from _annotation_relations(argument, inside)


class Registry:
    """The kinds that a node knows: the shared ones and those that its wings bring."""

    def __init__(self, kinds: Iterable[Kind]) -> None:
        self._kinds: dict[str, Kind] = {}
        for kind in kinds:
            if kind.name in self._kinds:
                raise ValueError(f"kind {kind.name} is registered twice")
            self._kinds[kind.name] = kind

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._kinds.values())

    def __contains__(self, name: str) -> bool:
        return name in self._kinds

    def get(self, name: str, pointer: str = "/kind") -> Kind:
        """Give the kind, or raise InvalidInput that lists the kinds there are."""
        kind = self._kinds.get(name)
        if kind is None:
            raise InvalidInput(
                f"There is no kind '{name[:60]}'",
                faults=[
                    Fault(
                        pointer,
                        "unknown-kind",
                        f"De soort '{name[:60]}' bestaat niet",
                        f"There is no kind '{name[:60]}'",
                        "Known kinds: " + ", ".join(sorted(self._kinds)),
                    )
                ],
            )
        return kind


def _kebab(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


_SHARED: tuple[type[Spec], ...] = (
    parties.Organisation,
    parties.Role,
    parties.Team,
    parties.Supplier,
    parties.Contract,
    parties.Agreement,
    parties.Succession,
    parties.SameAs,
    landscape.PublicService,
    landscape.BusinessProcess,
    landscape.Application,
    landscape.Interface,
    landscape.ReferenceComponent,
    landscape.Component,
    landscape.Dataset,
    landscape.Platform,
    landscape.Facility,
    landscape.FailureDomain,
    landscape.DomainName,
    governance.ProcessingActivity,
    governance.Ground,
    governance.Population,
    governance.SourceOfTruth,
    governance.Goal,
    governance.Indicator,
    governance.Retest,
)


def shared_kinds() -> tuple[Kind, ...]:
    """Give the kinds that every wing may refer to."""
    actions = Kind("action", governance.Action, 2, {1: governance.lift_action}, guard=closing.check_closing)
    guards: dict[type[Spec], Guard] = {governance.Retest: closing.check_retest}
    shared = (Kind(_kebab(model.__name__), model, guard=guards.get(model)) for model in _SHARED)
    return (*shared, actions)
