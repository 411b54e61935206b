"""The review queue: what imports left for a person to decide, and what the decision does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import today
from eendracht.kernel.errors import UsageFault
from eendracht.kernel.store import Store


@dataclass(frozen=True, slots=True)
class Review:
    """One open decision: its place in the queue's key, what is asked, and how many records hang on it."""

    system: str
    kind: str
    key: str
    code: str
    weight: int
    text: dict[str, str]
    place: str
    details: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {"code": self.code, "weight": self.weight, "text": self.text, "place": self.place, **self.details}


def list_reviews(store: Store, asker: Principal) -> list[Review]:
    """Give the open decisions of the organisations for which the asker may write, the weightiest first."""
    rows = store.driver.reader().query(
        "SELECT system, kind, key, code, details, weight FROM review WHERE answer IS NULL"
        " ORDER BY weight DESC, system, kind, key"
    )
    return [
        _read(system, kind, key, code, orjson.loads(details), weight)
        for system, kind, key, code, details, weight in rows
        if asker.may_write(_owner(system))
    ]


def _owner(system: str) -> str:
    return f"organisation:{system.partition('/')[0]}"


def _read(system: str, kind: str, key: str, code: str, details: dict[str, Any], weight: int) -> Review:
    if code == "same-as":
        text = {
            "nl": f"Zijn '{details['name']}' en '{details['otherName']}' dezelfde?",
            "en": f"Are '{details['name']}' and '{details['otherName']}' the same?",
        }
    else:
        text = {"nl": details["nl"], "en": details["en"]}
    return Review(system, kind, key, code, weight, text, details["place"], details)


def answer_review(store: Store, author: Principal, reviews: Sequence[Review], number: str, said: str) -> None:
    """Settle one decision of the list, by its number in it.

    For two names, `same` records a confirmed same-as claim and `different` a rejected one; any other question keeps
    the answer as text, for the saved mapping. Raises UsageFault.
    """
    if not number.isdigit() or not 1 <= int(number) <= len(reviews):
        raise UsageFault(f"There is no question {number}", hint=f"Choose 1 to {len(reviews)}.")
    review = reviews[int(number) - 1]
    if review.code != "same-as":
        store.act(lambda connection: _close(connection, review, said))
        return
    if said not in ("same", "different"):
        raise UsageFault(f"'{said}' is no answer", hint="Answer same or different.")
    owner = _owner(review.system)
    left, right = sorted((review.details["ref"], review.details["otherRef"]))
    digest = sha256(f"{left} {right}".encode()).hexdigest()[:16]
    draft = {
        "ref": f"same-as:{review.system.partition('/')[0]}/{digest}",
        "owner": owner,
        "confidentiality": {"level": "organisation"},
        "source": {"type": "statement", "date": today(store.clock).isoformat(), "place": review.place},
        "spec": {
            "name": f"{review.details['name']} = {review.details['otherName']}"[:300],
            "left": left,
            "right": right,
            "confidence": "1" if said == "same" else "0",
            "status": "confirmed" if said == "same" else "rejected",
        },
    }
    store.put(draft, author)
    store.act(lambda connection: _close(connection, review, said))


def _close(connection: Any, review: Review, said: str) -> None:
    connection.execute(
        "UPDATE review SET answer = ? WHERE system = ? AND kind = ? AND key = ?",
        (said, review.system, review.kind, review.key),
    )
