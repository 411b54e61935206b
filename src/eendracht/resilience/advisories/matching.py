"""What of ours an advisory speaks of: components and applications against products, by purl, CPE, or name and vendor.

**Versions.** A product holds for a thing where the version of the thing is the one that is meant or lies in the range;
where either is not known or cannot be compared, it may hold. What may hold and would be affected is *unknown*: it is
checked by somebody, and never counts as safe.

A name alone is enough to warn; that something is safe or repaired is believed only of what is recognised by purl, by
CPE, or by name and supplier, and where everything to which the product is narrowed is recorded and the same; good news
that may hold for what is recognised so is unknown, too.

**Products within others.** What is said of a part within another product is said of that combination: the part is
affected where it is used in that other, and the other where it holds that part. Where one of the two is not recorded
the outcome is unknown. That the part does no harm within the other says nothing of that other as a whole.

**What goes before what.** Of the products that hold for a thing the narrowest one decides: a product within another
one, then one version, then a range, then a product as a whole; of equally narrow ones the worst state, and what may
hold beside what does: unknown. Versions between the ends of a release train are not listed; they count as a range.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cmp_to_key
from typing import Any, Final, Literal

from eendracht.resilience.advisories.products import Cpe, Fit, Product, Purl, add_epoch, read_cpe, read_purl
from eendracht.resilience.advisories.said import AdvisorySaid, End, Measure, State, VulnerabilitySaid

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
        version = self.version or (self.purl.version if self.purl else "")
        return add_epoch(version, self.purl) or (self.cpe.plain_version if self.cpe else "")


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
    return frozenset(plain.split())


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


_VERSION: Final = 2
"""How narrow one version is."""
_OUTER: Final = "part-not-certain"
"""Why it is not certain for a product of which a part is spoken of."""


@dataclass(frozen=True, slots=True)
class _Held:
    product: Product
    ground: Ground
    holds: bool | None
    is_sure: bool
    """Whether it is recognised by more than a name."""
    fit: Fit
    reason: str = ""
    """Why it is not certain, where that lies in how it was found."""

    @property
    def narrowness(self) -> int:
        product = self.product
        return 3 if product.part_of else _VERSION if product.exact_version else 1 if product.range else 0


@dataclass
class ProductIndex:
    """The products of an advisory, to be found by what a thing is recognised by."""

    products: Mapping[str, Product]
    _by_purl: dict[tuple[str, str, str], list[Product]] = field(default_factory=lambda: defaultdict(list))
    _by_cpe: dict[tuple[str, str, str], list[Product]] = field(default_factory=lambda: defaultdict(list))
    _by_name: dict[str, list[Product]] = field(default_factory=lambda: defaultdict(list))
    _made: dict[str, list[Product]] = field(default_factory=lambda: defaultdict(list))
    """By the part and by the other product, what a relationship made of both."""

    def __post_init__(self) -> None:
        for product in self.products.values():
            if product.part_of:
                self._made[product.part].append(product)
                self._made[product.part_of].append(product)
            if product.purl:
                self._by_purl[product.purl.key].append(product)
            if product.cpe:
                self._by_cpe[product.cpe.key].append(product)
            if not product.part_of:
                self._by_name[(product.product or product.name).casefold()].append(product)

    def find(self, thing: Identity, look_around: Callable[[], Sequence[Identity]] = tuple) -> list[_Held]:
        """Give the products that hold or may hold for a thing; `look_around` gives what it is used in and runs on."""
        held = self._hold(thing)
        if not held or not self._made:
            return held
        return [*held, *self._list_made(held, look_around())]

    def _hold(self, thing: Identity) -> list[_Held]:
        return [
            replace(item, holds=holds if item.fit > Fit.DOUBT else None)
            for item in self.recognise(thing)
            if (holds := item.product.holds_for(thing.any_version, _type(thing))) is not False
        ]

    def _list_made(self, held: Sequence[_Held], around: Sequence[Identity]) -> Iterator[_Held]:
        """Yield what was made of the products that hold and others: certain where the other is around it."""
        near = [other for thing in around for other in self._hold(thing) if other.holds]
        waiting = list(held)
        seen = {item.product.id for item in held}
        while waiting:
            item = waiting.pop()
            for made in self._made.get(item.product.id, ()):
                if made.id not in seen:
                    seen.add(made.id)
                    yield (following := _hold_made(item, made, near))
                    waiting.append(following)

    def recognise(self, thing: Identity) -> Iterator[_Held]:
        """Yield the products that a thing may be, whatever the version."""
        seen: set[str] = set()
        grounds: tuple[tuple[Ground, Iterable[Product]], ...] = (
            ("purl", self._by_purl.get(thing.purl.key, ()) if thing.purl else ()),
            ("cpe", self._by_cpe.get(thing.cpe.key, ()) if thing.cpe else ()),
            ("name", self._by_name.get(thing.name.casefold(), ())),
        )
        for ground, products in grounds:
            for product in products:
                if product.id not in seen and (fit := _fit(thing, product, ground)) > Fit.NO:
                    seen.add(product.id)
                    is_sure = ground != "name" or bool(product.vendor and thing.vendors)
                    yield _Held(product, ground, None, is_sure, fit)


def _hold_made(item: _Held, made: Product, near: Sequence[_Held]) -> _Held:
    """Give how what was made of two products holds for what is one of them; `near` are the products around it."""
    is_outer = made.part_of == item.product.id
    others = [other for other in near if other.product.id == (made.part if is_outer else made.part_of)]
    fit = min(item.fit, max((other.fit for other in others), default=item.fit))
    return _Held(
        made,
        item.ground,
        True if item.holds and others else None,
        item.is_sure and any(other.is_sure for other in others),
        # What a part does within it says no good of the product as a whole.
        min(fit, Fit.WARNED) if is_outer else fit,
        item.reason or (_OUTER if is_outer else "surroundings-not-recorded"),
    )


def _type(thing: Identity) -> str:
    return thing.purl.type if thing.purl else ""


def _fit(thing: Identity, product: Product, ground: Ground) -> Fit:
    """Tell how well a thing fits what a product is narrowed to, its version apart."""
    by_name = _fit_name(thing, product) if ground == "name" else Fit.FULL
    by_purl = product.purl.fit(thing.purl) if product.purl else Fit.FULL
    by_cpe = product.fit_cpe(thing.cpe)
    # What is the same by one of the two and another by the other may be the same.
    if ground == "purl":
        by_cpe = max(by_cpe, Fit.DOUBT)
    elif ground == "cpe":
        by_purl = max(by_purl, Fit.DOUBT)
    return min(by_name, by_purl, by_cpe, Fit.DOUBT if product.is_narrowed else Fit.FULL)


def _fit_name(thing: Identity, product: Product) -> Fit:
    if (thing.purl and product.purl) or (thing.cpe and product.cpe):
        # Both have a better name, and these differ.
        return Fit.NO
    if not product.vendor or not thing.vendors:
        return Fit.FULL
    vendor = _words(product.vendor)
    return max(_fit_vendor(vendor, own) for own in thing.vendors)


def _fit_vendor(vendor: frozenset[str], own: frozenset[str]) -> Fit:
    said, recorded = vendor - _LEGAL, own - _LEGAL
    if said and recorded:
        # One name may be longer than the other: Zaakbouwers and Zaakbouwers Nederland B.V. are the same.
        return Fit.FULL if said <= recorded or recorded <= said else Fit.NO
    # A name of nothing but such words is told apart by all of them.
    if vendor and vendor == own:
        return Fit.FULL
    return Fit.DOUBT if vendor <= own or own <= vendor else Fit.NO


def match_thing(
    said: AdvisorySaid,
    index: ProductIndex,
    thing: Identity,
    look_around: Callable[[], Sequence[Identity]] = tuple,
) -> list[Verdict]:
    """Give what each vulnerability of an advisory means for a thing; nothing where it does not speak of it."""
    known = list(index.recognise(thing))
    if not known:
        return []
    held = index.find(thing, look_around)
    verdicts = (
        _judge(vulnerability, held, list(_list_between(vulnerability, known, thing)), thing)
        for vulnerability in said.vulnerabilities
    )
    return [verdict for verdict in verdicts if verdict]


def list_doubted(
    said: AdvisorySaid, index: ProductIndex, thing: Identity, verdicts: Iterable[Verdict]
) -> frozenset[str]:
    """Give the vulnerabilities of which something is said for what a thing may be, without a verdict."""
    told = {verdict.vulnerability for verdict in verdicts}
    held = {item.product.id for item in index.find(thing)}
    return frozenset(
        item.code for item in said.vulnerabilities if item.code not in told and not held.isdisjoint(item.states)
    )


def _list_between(said: VulnerabilitySaid, known: Sequence[_Held], thing: Identity) -> Iterator[_Held]:
    """Yield an end of each release train within which the version of a thing lies, as far as anybody can tell."""
    trains: dict[tuple[Any, ...], list[_Held]] = defaultdict(list)
    for item in known:
        product = item.product
        if product.id in said.ends and product.exact_version:
            keys = (product.purl and product.purl.key, product.cpe and product.cpe.key)
            trains[product.vendor.casefold(), product.product.casefold(), *keys].append(item)
    for ends in trains.values():
        if end := _find_end(said.ends, ends, thing):
            yield replace(end, reason="between-versions")


def _find_end(names: Mapping[str, End], ends: Sequence[_Held], thing: Identity) -> _Held | None:
    """Give the end of a train next to the version of a thing, where that may lie behind its first or before its last.

    Of the ends at one version the first affected one comes first.
    """

    def compare(one: _Held, two: _Held) -> int:
        order = one.product.order(two.product.exact_version, _type(thing))
        return -(order or 0) or is_last(one) - is_last(two)

    def is_last(end: _Held) -> bool:
        return names[end.product.id] != "first_affected"

    orders = [end.product.order(thing.any_version, _type(thing)) for end in ends]
    if None in orders:
        return ends[orders.index(None)]
    places = [(end, order) for end, order in zip(ends, orders, strict=True) if order is not None]
    before = max((end for end, order in places if order >= 0), key=cmp_to_key(compare), default=None)
    behind = min((end for end, order in places if order < 0), key=cmp_to_key(compare), default=None)
    if before and not is_last(before):
        return before
    return behind if behind and is_last(behind) else None


def _is_certain(held: _Held, state: State) -> bool:
    """Tell whether it holds for sure; for bad news a name does, where the advisory names no vendor to compare."""
    if state not in OPEN:
        return held.holds is True and held.is_sure and held.fit is Fit.FULL
    return held.holds is True and (held.is_sure or not held.product.vendor)


def _judge(said: VulnerabilitySaid, held: Sequence[_Held], between: Sequence[_Held], thing: Identity) -> Verdict | None:
    spoken = [item for item in held if item.product.id in said.states]
    certain = [item for item in spoken if _is_certain(item, said.states[item.product.id])]
    narrowest = max((item.narrowness for item in certain), default=-1)
    deciding = [item for item in certain if item.narrowness == narrowest]
    doubtful = [
        item
        for item in spoken
        if item not in certain and _may_decide(item, narrowest) and said.states[item.product.id] in OPEN
    ]
    if narrowest < _VERSION:
        doubtful += between
    if deciding:
        worst = min(deciding, key=lambda item: OUTCOMES.index(said.states[item.product.id]))
        state: Outcome = said.states[worst.product.id]
        if state in OPEN or not doubtful:
            return _tell(said, worst, state)
    # Without anything else, good news that may hold; that of a part is not about the product around it.
    doubtful = doubtful or [item for item in spoken if item.is_sure and item.reason != _OUTER]
    if not doubtful:
        return None
    first = doubtful[0]
    return _tell(said, first, "unknown", _why_unknown(first, thing))


def _may_decide(doubtful: _Held, narrowest: int) -> bool:
    """Tell whether what may hold is narrow enough to decide, beside the narrowest that holds for certain.

    Where that is one version, another version is another one; not so the same version of which only the rest is in
    doubt.
    """
    if doubtful.narrowness == narrowest:
        return narrowest < _VERSION or doubtful.fit is Fit.DOUBT
    return doubtful.narrowness > narrowest


def _why_unknown(held: _Held, thing: Identity) -> str:
    if not thing.any_version and (held.product.range or held.product.exact_version):
        return "version-not-recorded"
    if held.reason:
        return held.reason
    if held.holds and not held.is_sure:
        return "supplier-not-recorded"
    return "details-not-recorded" if held.holds or held.fit is Fit.DOUBT else "version-not-comparable"


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
