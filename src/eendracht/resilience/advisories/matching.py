"""What of ours an advisory speaks of: components and applications against products, by purl, CPE, or name and vendor.

**Versions.** A product holds for a thing where the version of the thing is the one that is meant or lies in the range;
where either is not known or cannot be compared, it may hold. What may hold and would be affected is *unknown*: it is
checked by somebody, and never counts as safe.

A name alone is enough to warn; that something is safe or repaired is believed only of what is recognised by purl, by
CPE, or by name and supplier.

**What goes before what.** Of the products that hold for a thing the narrowest one decides: a product within another
one, then one version, then a range, then a product as a whole; of equally narrow ones the worst state.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from eendracht.resilience.advisories.products import Cpe, Product, Purl, read_cpe, read_purl
from eendracht.resilience.advisories.said import AdvisorySaid, Measure, State, VulnerabilitySaid

Outcome = Literal["affected", "under-investigation", "unknown", "fixed", "not-affected"]
Ground = Literal["purl", "cpe", "name"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("affected", "unknown", "under-investigation", "fixed", "not-affected")
"""The worst first."""
OPEN: Final = frozenset(OUTCOMES[:3])
"""Outcomes after which somebody has to do something."""
MATCHED: Final = ("component", "application", "platform")
"""Kinds of things that are products of somebody."""


@dataclass(frozen=True, slots=True)
class Identity:
    """By what a thing in the landscape is recognised."""

    name: str
    version: str = ""
    purl: Purl | None = None
    cpe: Cpe | None = None
    vendors: frozenset[frozenset[str]] = frozenset()
    """The words of each name of whoever supplies it; empty where that is not known."""

    @property
    def any_version(self) -> str:
        """The version that is recorded, else the one in its purl or CPE."""
        return self.version or (self.purl.version if self.purl else "") or (self.cpe.version if self.cpe else "")


def identify(spec: Mapping[str, Any], supplier_names: Iterable[str] = ()) -> Identity:
    """Give by what a record is recognised."""
    purl, cpe = read_purl(spec["purl"]) if spec.get("purl") else None, read_cpe(spec.get("cpe") or "")
    vendors = frozenset(words for name in supplier_names if (words := _words(name)))
    return Identity(spec.get("package") or spec["name"], spec.get("version") or "", purl, cpe, vendors)


_LEGAL: Final = frozenset(
    {"bv", "nv", "inc", "ltd", "llc", "gmbh", "ag", "sa", "corp", "corporation", "foundation", "software", "the", "of"}
)
"""Words that tell one supplier from no other."""


def _words(name: str) -> frozenset[str]:
    plain = "".join(sign if sign.isalnum() else " " for sign in name.casefold().replace(".", ""))
    return frozenset(word for word in plain.split() if word not in _LEGAL)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one vulnerability means for one thing."""

    vulnerability: str
    outcome: Outcome
    product: str
    """Name of the product that decided it."""
    ground: Ground
    reason: str = ""
    """Why it is not affected, as the publisher says; or why it is not known."""
    score: float | None = None
    is_exploited: bool = False
    measures: tuple[Measure, ...] = ()
    recommended: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Held:
    product: Product
    ground: Ground
    holds: bool | None
    is_sure: bool
    """Whether it is recognised by more than a name."""

    @property
    def narrowness(self) -> int:
        product = self.product
        return 3 if product.part_of else 2 if product.exact_version else 1 if product.range else 0


@dataclass
class ProductIndex:
    """The products of an advisory, to be found by what a thing is recognised by."""

    products: Mapping[str, Product]
    _by_purl: dict[tuple[str, str, str], list[Product]] = field(default_factory=lambda: defaultdict(list))
    _by_cpe: dict[tuple[str, str, str], list[Product]] = field(default_factory=lambda: defaultdict(list))
    _by_name: dict[str, list[Product]] = field(default_factory=lambda: defaultdict(list))
    _made: dict[str, list[Product]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for product in self.products.values():
            if product.part_of:
                self._made[product.part].append(product)
            if product.purl:
                self._by_purl[product.purl.key].append(product)
            if product.cpe:
                self._by_cpe[product.cpe.key].append(product)
            if not product.part_of:
                self._by_name[(product.product or product.name).casefold()].append(product)

    def find(self, thing: Identity, look_around: Callable[[], Sequence[Identity]] = tuple) -> list[_Held]:
        """Give the products that hold or may hold for a thing; `look_around` gives what it is used in and runs on."""
        held = [
            _Held(product, ground, holds, ground != "name" or bool(product.vendor and thing.vendors))
            for product, ground in self._recognise(thing)
            if (holds := product.holds_for(thing.any_version, _type(thing))) is not False
        ]
        if not held or not self._made:
            return held
        return [*held, *self._list_made(held, look_around())]

    def _list_made(self, held: Sequence[_Held], around: Sequence[Identity]) -> Iterator[_Held]:
        """Yield the products within another one that a thing may be: certain where what is around it is that other."""
        ground_of = {item.product.id: item for item in held}
        waiting = list(held)
        seen = set(ground_of)
        while waiting:
            item = waiting.pop()
            for made in self._made.get(item.product.id, ()):
                if made.id in seen:
                    continue
                seen.add(made.id)
                outer = [
                    other
                    for near in around
                    for other in self.find(near)
                    if other.product.id == made.part_of and other.holds
                ]
                holds = True if item.holds and outer else None
                is_sure = item.is_sure and any(other.is_sure for other in outer)
                yield (following := _Held(made, item.ground, holds, is_sure))
                waiting.append(following)

    def _recognise(self, thing: Identity) -> Iterator[tuple[Product, Ground]]:
        seen: set[str] = set()
        grounds: tuple[tuple[Ground, Iterable[Product]], ...] = (
            ("purl", self._by_purl.get(thing.purl.key, ()) if thing.purl else ()),
            ("cpe", self._by_cpe.get(thing.cpe.key, ()) if thing.cpe else ()),
            ("name", self._by_name.get(thing.name.casefold(), ())),
        )
        for ground, products in grounds:
            for product in products:
                if product.id not in seen and _may_be(thing, product, ground):
                    seen.add(product.id)
                    yield product, ground


def _type(thing: Identity) -> str:
    return thing.purl.type if thing.purl else ""


def _may_be(thing: Identity, product: Product, ground: Ground) -> bool:
    """Tell whether nothing speaks against it: another package, another vendor, another architecture."""
    if ground == "name":
        if (thing.purl and product.purl) or (thing.cpe and product.cpe):
            # Both have a better name, and these differ.
            return False
        vendor = _words(product.vendor)
        # One name may be longer than the other: Zaakbouwers and Zaakbouwers Nederland B.V. are the same.
        return not vendor or not thing.vendors or any(vendor <= own or own <= vendor for own in thing.vendors)
    if ground == "purl" and thing.purl and product.purl:
        own = dict(thing.purl.qualifiers)
        return all(own.get(key, value) == value for key, value in product.purl.qualifiers)
    return True


def match_thing(
    said: AdvisorySaid,
    index: ProductIndex,
    thing: Identity,
    look_around: Callable[[], Sequence[Identity]] = tuple,
) -> list[Verdict]:
    """Give what each vulnerability of an advisory means for a thing; nothing where it does not speak of it."""
    held = index.find(thing, look_around)
    if not held:
        return []
    verdicts = (_judge(vulnerability, held, thing) for vulnerability in said.vulnerabilities)
    return [verdict for verdict in verdicts if verdict]


def _is_certain(held: _Held, state: State) -> bool:
    """Tell whether it holds for sure; for bad news a name does, where the advisory names no vendor to compare."""
    return held.holds is True and (held.is_sure or (state in OPEN and not held.product.vendor))


def _judge(said: VulnerabilitySaid, held: Sequence[_Held], thing: Identity) -> Verdict | None:
    spoken = [item for item in held if item.product.id in said.states]
    if not spoken:
        return None
    certain = [item for item in spoken if _is_certain(item, said.states[item.product.id])]
    narrowest = max((item.narrowness for item in certain), default=-1)
    deciding = [item for item in certain if item.narrowness == narrowest]
    doubtful = [
        item
        for item in spoken
        if item not in certain and item.narrowness > narrowest and said.states[item.product.id] in OPEN
    ]
    if deciding:
        worst = min(deciding, key=lambda item: OUTCOMES.index(said.states[item.product.id]))
        state: Outcome = said.states[worst.product.id]
        if state in OPEN or not doubtful:
            return _tell(said, worst, state)
    if not doubtful:
        return None
    first = doubtful[0]
    return _tell(said, first, "unknown", _why_unknown(first, thing))


def _why_unknown(held: _Held, thing: Identity) -> str:
    if not thing.any_version and (held.product.range or held.product.exact_version):
        return "version-not-recorded"
    if held.product.part_of:
        return "surroundings-not-recorded"
    return "supplier-not-recorded" if held.holds else "version-not-comparable"


def _tell(said: VulnerabilitySaid, held: _Held, outcome: Outcome, reason: str = "") -> Verdict:
    product = held.product
    # What is said of a part holds for the product that is made with it, where nothing is said of that itself.
    names = [name for name in (product.id, product.part) if name]
    measures = next((said.measures[name] for name in names if name in said.measures), ())
    scores = [said.scores[name] for name in names if name in said.scores]
    return Verdict(
        said.code,
        outcome,
        product.name,
        held.ground,
        reason or said.reasons.get(product.id, ""),
        scores[0] if scores else None,
        product.id in said.exploited,
        tuple(measures),
        said.recommended,
    )
