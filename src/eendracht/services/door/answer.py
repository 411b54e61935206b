"""What the right door answers: hits with their body and reason, or that none of these fits, and what was left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from eendracht.kernel.wording import Said
from eendracht.reference.life_events import LifeEvent
from eendracht.services.door.authorities import Authority

HAND_OVER: Final = Said(
    "Geen van deze diensten past zeker bij uw vraag. Bel 1400 (informatie Rijksoverheid) of 14 en het netnummer van uw"
    " gemeente; een medewerker zoekt het met u uit.",
    "None of these services surely fits your question. Call 1400 (national information line) or 14 and the area code of"
    " your municipality; a person will work it out with you.",
)


@dataclass(frozen=True, slots=True)
class Hit:
    """One product or service that a question may be about."""

    product: str
    """Name in the Uniforme Productnamenlijst; empty for a service that stands on no list."""
    uri: str
    name: str
    """How the organisation calls its service, else the name of the product."""
    authority: Authority
    others: tuple[Authority, ...]
    """Bodies of other levels that give the same product."""
    service: str
    """Ref of the record of the service at that body, or empty."""
    audiences: tuple[str, ...]
    score: float
    """Chance, of one, that this is the one that is meant."""
    reason: Said

    def as_dict(self) -> dict[str, Any]:
        """Give the hit as plain data."""
        return {
            "product": self.product,
            "uri": self.uri,
            "name": self.name,
            "level": self.authority.level,
            "authority": _describe(self.authority),
            "otherAuthorities": [_describe(authority) for authority in self.others],
            "service": self.service or None,
            "audiences": list(self.audiences),
            "score": round(self.score, 4),
            "reason": _both(self.reason),
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one question; nothing of its text is in it but words that the index knows."""

    hits: tuple[Hit, ...]
    is_none: bool
    """None of the hits is sure enough: a person should help."""
    hand_over: Said | None
    has_bsn: bool
    """A citizen service number was recognised in the text and left out."""
    remarks: tuple[Said, ...]
    event: LifeEvent | None = None
    """The event in a life or a business that the question tells of."""

    def as_dict(self) -> dict[str, Any]:
        """Give the answer as plain data."""
        return {
            "hits": [hit.as_dict() for hit in self.hits],
            "isNone": self.is_none,
            "handOver": _both(self.hand_over) if self.hand_over else None,
            "removed": ["bsn"] if self.has_bsn else [],
            "remarks": [_both(remark) for remark in self.remarks],
            "event": _name_event(self.event) if self.event else None,
        }


def _both(said: Said) -> dict[str, str]:
    return {"nl": said.nl, "en": said.en}


def _name_event(event: LifeEvent) -> dict[str, Any]:
    return {"code": event.code, "name": {"nl": event.name_nl, "en": event.name_en}}


def _describe(authority: Authority) -> dict[str, Any]:
    return {"level": authority.level, "code": authority.code or None, "name": _both(authority.name)}
