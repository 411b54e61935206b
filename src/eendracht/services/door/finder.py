"""The right door itself: a question goes in as free text, and comes out as products with the body that gives each.

Nothing of the text is kept, logged or put in an error; a citizen service number in it is left out before it is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from eendracht.kernel.search.words import split_words
from eendracht.kernel.wording import Said
from eendracht.reference import Level
from eendracht.services.door.answer import HAND_OVER, Answer, Hit
from eendracht.services.door.authorities import Authority, Home, find_authority, find_home, name_body
from eendracht.services.door.common_words import LEVELS
from eendracht.services.door.embedding import Meanings, load_encoder
from eendracht.services.door.events import EventReader, ToldEvent
from eendracht.services.door.index import Comparison
from eendracht.services.door.ranking import Ranker
from eendracht.services.door.screening import screen
from eendracht.services.door.targets import ServiceEntry, Target, gather_targets
from eendracht.services.door.words import Language

MOST_HITS: Final = 5
_LANGUAGES: Final[tuple[Language, ...]] = ("nl", "en")
_NEAREST_FIRST: Final[tuple[Level, ...]] = ("municipality", "water-board", "province", "state")


class RightDoor:
    """An index over all products and the services that organisations record, ready for questions."""

    def __init__(
        self, services: Sequence[ServiceEntry] = (), succeeded: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self._targets = gather_targets(services)
        self._index = self._targets.make_index()
        encoder = load_encoder()
        meanings = Meanings(encoder, self._targets.items) if encoder else None
        self._ranker = Ranker(self._targets.items, meanings)
        self._events = EventReader(self._index.lexicon)
        self._succeeded = dict(succeeded or {})

    def find(self, text: str, *, municipality: str = "", audience: str = "", limit: int = MOST_HITS) -> Answer:
        """Answer a question of somebody in a municipality (code), for a `citizen` or a `business`.

        Raises UnknownMunicipality for one that never was.
        """
        home = find_home(municipality, self._succeeded)
        screened = screen(text)
        remarks = (*screened.remarks, *((home.remark,) if home.remark else ()))
        if not split_words(screened.text):
            return Answer((), True, HAND_OVER, screened.has_bsn, remarks)
        comparison = self._index.compare(screened.text)
        told = self._events.read(screened.text)
        ranking = self._ranker.rank(screened.text, comparison, audience, told)
        named = frozenset(split_words(screened.text))
        hits: list[Hit] = []
        for at in ranking.order:
            target = self._targets.items[at]
            reason = self._say_why(at, target, comparison, told)
            if len(hits) == limit or reason is None:
                break
            if _is_for(target, home):
                hits.append(_make_hit(target, home, named, reason, float(ranking.chances[at])))
        is_none = not hits or not ranking.is_in_scope
        event = told.event if told and not is_none else None
        return Answer(tuple(hits), is_none, HAND_OVER if is_none else None, screened.has_bsn, remarks, event)

    def _say_why(self, at: int, target: Target, comparison: Comparison, told: ToldEvent | None) -> Said | None:
        """Say by which event, or which of the index's own words, a target was found; never with what was typed.

        None where nothing of the question speaks of it.
        """
        if told and target.product and target.product.name == told.product:
            return Said(f"Hoort bij: “{told.event.name_nl}”", f"Belongs to: “{told.event.name_en}”")
        if comparison.features[at].max() <= 0:
            return None
        dutch, english = (self._index.nearest_phrase(at, comparison, language) for language in _LANGUAGES)
        return Said(f"Lijkt op: “{dutch}”", f"Like: “{english}”")


def _make_hit(target: Target, home: Home, named: frozenset[str], reason: Said, chance: float) -> Hit:
    authorities = _list_authorities(target, home, named)
    service = _choose_service(target, authorities[0])
    product = target.product
    return Hit(
        product.name if product else "",
        product.uri if product else "",
        service.name if service else product.name if product else "",
        authorities[0],
        authorities[1:],
        service.ref if service else "",
        product.audiences if product else service.audiences if service else (),
        chance,
        reason,
    )


def _is_for(target: Target, home: Home) -> bool:
    """A service on no list is only for who lives where it is given; without a home it may be for anybody."""
    if target.product is not None or not home.municipality:
        return True
    service = target.services[0]
    if service.level == "municipality":
        return service.provider == home.municipality.code
    return service.level != "province" or service.provider == home.municipality.province


def _list_authorities(target: Target, home: Home, named: frozenset[str]) -> tuple[Authority, ...]:
    """Give the bodies to go to: the level that the question names first, else the one nearest to people."""
    product = target.product
    if product is None:
        service = target.services[0]
        code, name = service.provider, name_body(service.provider)
        if not name:
            return (find_authority(service.level, home),)
        return (Authority(service.level, code, Said(name, name)),)
    levels = sorted(
        product.levels,
        key=lambda level: (not (named & LEVELS.get(level, frozenset())), _NEAREST_FIRST.index(level)),
    )
    national = product.authority or _find_provider(target.services, "state")
    found = tuple(find_authority(level, home, national) for level in levels)
    return found or (find_authority("other", home),)


def _find_provider(services: Sequence[ServiceEntry], level: str) -> str:
    """Give the one body that records a service of this level, or nothing where there are none or several."""
    providers = {service.provider for service in services if service.level == level and service.provider}
    return providers.pop() if len(providers) == 1 else ""


def _choose_service(target: Target, authority: Authority) -> ServiceEntry | None:
    if target.product is None:
        return target.services[0]
    return next((s for s in target.services if authority.code and s.provider == authority.code), None)


@cache
def open_reference_door() -> RightDoor:
    """Give the door over the products alone, without the records of a node; made once per process."""
    return RightDoor()
