"""What a question can end at: a product, a service of one organisation, or a topic that no public body answers."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from io import StringIO

from eendracht.kernel.search.words import split_words
from eendracht.reference import UNNAMED, Product, load_products
from eendracht.services.door.authorities import name_body
from eendracht.services.door.index import Index, Phrase
from eendracht.services.door.words import list_words


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    """A public service as an organisation records it; `upl` is a name or URI of a product, or empty."""

    ref: str
    name: str
    also_known_as: tuple[str, ...] = ()
    upl: str = ""
    provider: str = ""
    """Authority code of the organisation that gives it."""
    level: str = "unknown"
    audiences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """One thing a question can end at: a product with the services that give it, one service, or an off topic."""

    product: Product | None
    services: tuple[ServiceEntry, ...] = ()
    off_topic: str = ""

    @property
    def key(self) -> str:
        """Give by what it is known: the name of the product, of the service, or of the off topic."""
        return self.product.name if self.product else self.services[0].name if self.services else self.off_topic


@dataclass(slots=True)
class Targets:
    """All targets, products first, and the phrases by which they are found."""

    items: list[Target]
    phrases: list[Phrase] = field(default_factory=list)

    def make_index(self) -> Index:
        """Give the index over the phrases of all targets."""
        return Index(self.phrases, len(self.items), sum(bool(target.off_topic) for target in self.items))


def gather_targets(services: Sequence[ServiceEntry] = ()) -> Targets:
    """Give every product with the services that give it, the services of no product, and the off topics."""
    products = [product for product in load_products() if product.name != UNNAMED]
    places = {name: at for at, product in enumerate(products) for name in (product.name, product.uri)}
    given: defaultdict[int, list[ServiceEntry]] = defaultdict(list)
    own: list[ServiceEntry] = []
    for service in services:
        if service.upl in places:
            given[places[service.upl]].append(service)
        else:
            own.append(service)
    targets = Targets([Target(product, tuple(given[at])) for at, product in enumerate(products)])
    targets.items += [Target(None, (service,)) for service in own]
    for at, target in enumerate(targets.items):
        targets.phrases += _list_phrases(at, target)
    for topic, dutch, english in _load_off_topics():
        at = len(targets.items)
        targets.items.append(Target(None, off_topic=topic))
        targets.phrases += [Phrase(text, "nl", at) for text in dutch]
        targets.phrases += [Phrase(text, "en", at) for text in english]
    return targets


def _list_phrases(at: int, target: Target) -> Iterator[Phrase]:
    said = [
        _leave_out_name(text, service.provider)
        for service in target.services
        for text in (service.name, *service.also_known_as)
    ]
    name = target.product.name if target.product else said[0]
    yield Phrase(name, "nl", at, is_name=True)
    yield from (Phrase(text, "nl", at, is_recorded=True) for text in _distinct(said, name))
    if target.product:
        yield from (Phrase(text, "nl", at) for text in target.product.words_nl)
        yield from (Phrase(text, "en", at) for text in target.product.words_en)


def _leave_out_name(text: str, provider: str) -> str:
    """Leave out the name of the body that says it: that tells where, and not what."""
    own = set(split_words(name_body(provider)))
    return " ".join(word for word in split_words(text) if word not in own) or text


def _distinct(texts: Iterable[str], name: str) -> list[str]:
    """Give each text once by the words that count in it: 400 bodies call a service much the same."""
    seen = {frozenset(list_words(name))}
    distinct = []
    for text in texts:
        words = frozenset(list_words(text))
        if words not in seen:
            seen.add(words)
            distinct.append(text)
    return distinct


@cache
def _load_off_topics() -> tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]:
    """Give what people also ask and no public body answers, with phrases in Dutch and English; written here."""
    text = files(__package__).joinpath("off_topics.csv").read_text("utf-8")
    rows = list(csv.reader(StringIO(text, newline="")))[1:]
    return tuple((topic, _split(dutch), _split(english)) for topic, dutch, english in rows)


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("|") if part.strip())
