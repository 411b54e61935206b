"""The review queue: what imports left for a person to decide, and what the decision does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any

import orjson

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import timestamp, today
from eendracht.kernel.deliveries import name_system, owner_of_system
from eendracht.kernel.errors import Fault, InvalidInput, UsageFault
from eendracht.kernel.imports.answers import SETTINGS, Answer, apply_answers, read_answer
from eendracht.kernel.imports.mapping import Mapping
from eendracht.kernel.store import Store
from eendracht.kernel.store.driver import Connection


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
    choices = f" ({' / '.join(filter(None, details['choices']))})" if details.get("choices") else ""
    if code == "same-as":
        text = {
            "nl": f"Zijn '{details['name']}' en '{details['otherName']}' dezelfde?",
            "en": f"Are '{details['name']}' and '{details['otherName']}' the same?",
        }
    else:
        text = {"nl": details["nl"] + choices, "en": details["en"] + choices}
    return Review(system, kind, key, code, weight, text, details["place"], details)


def answer_reviews(
    store: Store, author: Principal, reviews: Sequence[Review], answers: Iterable[Sequence[str]]
) -> None:
    """Settle decisions of a list, each by its number in it and what was said.

    For two names, `same` records a confirmed same-as claim and `different` a rejected one. The answer about a column
    goes into the mapping of its source, so that its next delivery does not ask again; any other question keeps the
    answer as text. Raises UsageFault, and settles nothing, where an answer does not fit.
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
        moment = timestamp(store.clock.now())
        store.act(partial(_close, review=review, said=said, moment=moment))


def _choose(reviews: Sequence[Review], number: str) -> Review:
    if not number.strip().isdigit() or not 1 <= int(number) <= len(reviews):
        raise UsageFault(f"There is no question {number}", hint=f"Choose 1 to {len(reviews)}." if reviews else "")
    return reviews[int(number) - 1]


def _problem(review: Review, said: str) -> tuple[str, str, str] | None:
    if review.code == "same-as" and said not in ("same", "different"):
        return "Dit is geen antwoord op deze vraag", "This is no answer to the question", "Answer same or different."
    if not said:
        return "Het antwoord ontbreekt", "The answer is missing", "Write NUMBER=ANSWER."
    try:
        _answers_of(review, said)
    except InvalidInput as error:
        return "Dit antwoord past niet bij de vraag", error.detail, error.hint
    return None


def _answers_of(review: Review, said: str) -> tuple[Answer, ...]:
    """Give what an answer says of a column; nothing where the question is about something else."""
    details = review.details
    if details.get("setting") not in SETTINGS:
        return ()
    return read_answer(details["column"], details["setting"], details["choices"], details["values"], said)


def answer_mapping(store: Store, mapping: Mapping, owner: str, system: str = "") -> Mapping:
    """Give a mapping with all that was answered about its source, which `system` names where the mapping does not."""
    rows = store.driver.reader().query(
        "SELECT source_column, setting, value, answer FROM mapping_answer WHERE system = ?"
        " ORDER BY source_column, setting, value",
        (name_system(owner, system or mapping.system or mapping.name),),
    )
    return apply_answers(mapping, (Answer(*row) for row in rows))


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


def _close(connection: Connection, review: Review, said: str, moment: str) -> None:
    connection.execute_many(
        "INSERT INTO mapping_answer (system, source_column, setting, value, answer, answered_at)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (system, source_column, setting, value)"
        " DO UPDATE SET answer = excluded.answer, answered_at = excluded.answered_at",
        [(review.system, *answer, moment) for answer in _answers_of(review, said)],
    )
    connection.execute(
        "UPDATE review SET answer = ? WHERE system = ? AND kind = ? AND key = ?",
        (said, review.system, review.kind, review.key),
    )
