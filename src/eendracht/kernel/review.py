"""The review queue: what imports left for a person to decide, and what the decision does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any

import orjson

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import today
from eendracht.kernel.deliveries import owner_of_system
from eendracht.kernel.errors import Fault, UsageFault
from eendracht.kernel.store import Store


@dataclass(frozen=True, slots=True)
class Review:
    """One open decision: what is asked, where it came up, and how many records hang on it."""

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
        if asker.may_write(owner_of_system(system))
    ]


def _read(system: str, kind: str, key: str, code: str, details: dict[str, Any], weight: int) -> Review:
    if code == "same-as":
        text = {
            "nl": f"Zijn '{details['name']}' en '{details['otherName']}' dezelfde?",
            "en": f"Are '{details['name']}' and '{details['otherName']}' the same?",
        }
    else:
        text = {"nl": details["nl"], "en": details["en"]}
    return Review(system, kind, key, code, weight, text, details["place"], details)


def answer_reviews(
    store: Store, author: Principal, reviews: Sequence[Review], answers: Iterable[Sequence[str]]
) -> None:
    """Settle decisions of a list, each by its number in it and what was said.

    For two names, `same` records a confirmed same-as claim and `different` a rejected one; any other question keeps
    the answer as text, for the saved mapping. Raises UsageFault, and settles nothing, where an answer does not fit.
    """
    settled = [(_choose(reviews, number), said.strip()) for number, said in answers]
    faults = [
        Fault(f"--answer {reviews.index(review) + 1}={said}", "no-answer", nl, en, hint)
        for review, said in settled
        if (problem := _problem(review, said))
        for nl, en, hint in [problem]
    ]
    if faults:
        raise UsageFault("Some answers do not fit their question", faults=faults)
    for review, said in settled:
        if review.code == "same-as":
            store.put(_claim(store, review, said), author)
        store.act(partial(_close, review=review, said=said))


def _choose(reviews: Sequence[Review], number: str) -> Review:
    if not number.strip().isdigit() or not 1 <= int(number) <= len(reviews):
        raise UsageFault(f"There is no question {number}", hint=f"Choose 1 to {len(reviews)}." if reviews else "")
    return reviews[int(number) - 1]


def _problem(review: Review, said: str) -> tuple[str, str, str] | None:
    if review.code == "same-as" and said not in ("same", "different"):
        return "Dit is geen antwoord op deze vraag", "This is no answer to the question", "Answer same or different."
    if not said:
        return "Het antwoord ontbreekt", "The answer is missing", "Write NUMBER=ANSWER."
    return None


def _claim(store: Store, review: Review, said: str) -> dict[str, Any]:
    """Give the claim that two names are, or are not, one party."""
    owner = owner_of_system(review.system)
    left, right = sorted((review.details["ref"], review.details["otherRef"]))
    digest = sha256(f"{left} {right}".encode()).hexdigest()[:16]
    return {
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


def _close(connection: Any, review: Review, said: str) -> None:
    connection.execute(
        "UPDATE review SET answer = ? WHERE system = ? AND kind = ? AND key = ?",
        (said, review.system, review.kind, review.key),
    )
