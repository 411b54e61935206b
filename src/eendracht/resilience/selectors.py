"""What fails in a scenario: a selector, read and looked up in the estate.

A selector is a ref (`supplier:kvk.12345678`: for a supplier, its same-as cluster and everything that it controls), or
terms `field=value` with commas between, all of which hold: `kind=facility,country=NL`. Fields:

- `kind`, `owner`: as the record has them; any other field of a spec by the name that its kind gives it, such as
  `type=pki`, `hosting=public-cloud`, `criticality=critical`, `tags=election`; in a list, one of the values;
- `jurisdiction=US`: also everything that a supplier under that law controls;
- `algorithm=RSA` or `algorithm=RSA-2048`: what uses that cryptography, as cryptographic assets tell.

Where a record leaves the field out it may be meant as well: these are counted, and fail in the worst case only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import EendrachtError, Fault, InvalidInput
from eendracht.kernel.identity import names_record
from eendracht.kernel.impact import seeds_for
from eendracht.kernel.kinds import Registry
from eendracht.kernel.landscape import NODES, Landscape
from eendracht.kernel.records import Record
from eendracht.kernel.store import Store

_SPECIAL: Final = ("kind", "owner", "jurisdiction", "algorithm")
_UNSAID: Final[tuple[Any, ...]] = (None, "", "unknown", [])


@dataclass(frozen=True, slots=True)
class Selection:
    """Nodes of a landscape, in order: those that are meant for sure, and those of which the records do not tell."""

    selector: str
    nodes: tuple[int, ...]
    possible: tuple[int, ...] = ()


Terms = tuple[tuple[str, str], ...]


def read_terms(selector: str, registry: Registry, pointer: str = "/selector") -> Terms:
    """Split a selector that is no ref into its terms; raises InvalidInput with every fault."""
    terms, faults = [], []
    known = set(_SPECIAL) | {name for kind in registry if kind.name in NODES for name in _fields_of(kind.model)}
    for part in selector.split(","):
        field, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not field or not value:
            faults.append(
                Fault(
                    pointer,
                    "malformed-term",
                    f"'{part.strip()[:60]}' is geen verwijzing en geen veld=waarde",
                    f"'{part.strip()[:60]}' is no ref and no field=value",
                    "Write a ref, such as supplier:kvk.12345678, or field=value with commas between.",
                )
            )
        elif field not in known:
            faults.append(
                Fault(
                    pointer,
                    "unknown-field",
                    f"Het veld '{field[:60]}' bestaat niet",
                    f"There is no field '{field[:60]}'",
                    "Such as kind, owner, jurisdiction, algorithm, type, country, hosting, criticality or tags.",
                )
            )
        else:
            terms.append((field, value))
    if faults:
        raise InvalidInput("The selector cannot be read", faults=faults)
    return tuple(terms)


def _fields_of(model: type[Any]) -> Iterable[str]:
    return (info.alias or name for name, info in model.model_fields.items())


def select_seeds(
    store: Store, asker: Principal, landscape: Landscape, selector: str, pointer: str = "/selector"
) -> Selection:
    """Give what a selector means in a landscape of the asker.

    Raises InvalidInput where it cannot be read or nothing in the estate is meant for sure.
    """
    said = selector.strip()
    if names_record(said):
        return _select_ref(landscape, said, pointer)
    terms = read_terms(said, store.registry, pointer)
    sure, possible = _select_terms(store, asker, landscape, terms)
    if not sure:
        raise InvalidInput("The scenario fails nothing", faults=[_nothing(pointer, said, len(possible))])
    return Selection(said, tuple(sorted(sure)), tuple(sorted(possible - sure)))


def _select_ref(landscape: Landscape, ref: str, pointer: str) -> Selection:
    try:
        return Selection(ref, tuple(sorted(seeds_for(landscape, ref))))
    except EendrachtError as error:
        raise InvalidInput("The scenario fails nothing", faults=[_nothing(pointer, ref, 0)]) from error


def _nothing(pointer: str, selector: str, possible: int) -> Fault:
    nl, en = f"Niets in het landschap past bij '{selector[:100]}'", f"Nothing in the estate matches '{selector[:100]}'"
    if possible:
        nl += f"; van {possible} dingen is het niet vastgelegd"
        en += f"; of {possible} things it is not recorded"
    return Fault(pointer, "matches-nothing", nl, en, "Look for it: eendracht find.")


def _select_terms(store: Store, asker: Principal, landscape: Landscape, terms: Terms) -> tuple[set[int], set[int]]:
    """Give the nodes that meet every term, and those that may."""
    sure, possible = set(range(len(landscape.things))), set(range(len(landscape.things)))
    fields = [field for field, _ in terms if field not in ("kind", "owner", "algorithm")]
    specs = _read_specs(store, asker, landscape) if fields else {}
    for field, value in terms:
        if field == "algorithm":
            found, open_ = _users_of(store, asker, landscape, value), set[int]()
        elif field in ("kind", "owner"):
            found = {node for node, thing in enumerate(landscape.things) if getattr(thing, field) == value}
            open_ = set()
        else:
            found, open_ = _compare(specs, field, value)
            if field == "jurisdiction":
                found = _with_controlled(landscape, found)
        sure &= found
        possible &= found | open_
    return sure, possible


def _read_specs(store: Store, asker: Principal, landscape: Landscape) -> Mapping[int, Mapping[str, Any]]:
    specs: dict[int, Mapping[str, Any]] = {}
    index = landscape.estate.index
    for record in store.snapshot(asker, landscape.day):
        node = index.get(record.ref) if record.kind in NODES else None
        if node is not None:
            specs[node] = _with_silent(store, record)
    return specs


def _with_silent(store: Store, record: Record) -> Mapping[str, Any]:
    """Give a spec in which every field of the kind stands, also those left out."""
    kind = store.registry.get(record.kind)
    return dict.fromkeys(_fields_of(kind.model)) | record.spec(store.registry)


def _compare(specs: Mapping[int, Mapping[str, Any]], field: str, value: str) -> tuple[set[int], set[int]]:
    found, open_ = set(), set()
    for node, spec in specs.items():
        if field not in spec:
            continue
        said = spec[field]
        if said in _UNSAID:
            open_.add(node)
        elif _says(said, value):
            found.add(node)
    return found, open_


def _says(said: Any, value: str) -> bool:
    if isinstance(said, list):
        return any(_says(item, value) for item in said)
    return isinstance(said, str | int) and str(said).casefold() == value.casefold()


def _with_controlled(landscape: Landscape, nodes: set[int]) -> set[int]:
    """Add all that the suppliers among the nodes control."""
    found = set(nodes)
    for node in nodes:
        thing = landscape.things[node]
        if thing.kind == "supplier":
            found.update(landscape.seeds_of(landscape.clusters[thing.ref]))
    return found


def _users_of(store: Store, asker: Principal, landscape: Landscape, algorithm: str) -> set[int]:
    """Give what uses an algorithm: a family, or family and parameters with a hyphen between."""
    wanted, index = algorithm.casefold(), landscape.estate.index
    found: set[int] = set()
    for record in store.snapshot(asker, landscape.day, kind="cryptographic-asset"):
        spec = record.spec(store.registry)
        family = str(spec.get("algorithmFamily") or "").casefold()
        if wanted in (family, f"{family}-{str(spec.get('parameterSet') or '').casefold()}"):
            names = (landscape.aliases.get(ref, ref) for ref in spec.get("usedBy", ()))
            found.update(index[name] for name in names if name in index)
    return found
