"""Measures the door on questions with known answers: how often the right product comes first, and what is refused.

Honest by rule: a refusal of a question that is in scope is a miss, for the first place and for the first five.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.reference import load_products
from eendracht.services.door.finder import MOST_HITS, RightDoor

MOST_BYTES: Final = 64 * 2**20
"""Largest file of questions."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the products that answer it; none means that it is out of scope."""

    text: str
    products: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measurement:
    """Shares of one, and the time in milliseconds below which 95 % of the answers came; None where nothing counts."""

    top_1: float | None
    top_5: float | None
    abstained: float | None
    p50_ms: float
    p95_ms: float
    n: int

    def as_dict(self) -> dict[str, Any]:
        """Give the figures that the command prints."""
        return {
            "top_1": _round(self.top_1),
            "top_5": _round(self.top_5),
            "abstained": _round(self.abstained),
            "p95_ms": round(self.p95_ms, 2),
            "n": self.n,
        }


def read_questions(path: Path) -> tuple[Question, ...]:
    """Read a file of JSON Lines `{"q": text, "upl": [names]}`; other keys are left aside.

    Raises InvalidInput that names every bad line, OSError where the file cannot be read.
    """
    if path.stat().st_size > MOST_BYTES:
        raise InvalidInput(f"{path}: larger than {MOST_BYTES} bytes", hint="Split the file.")
    known = {product.name for product in load_products()}
    questions: list[Question] = []
    faults: list[Fault] = []
    for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
        if line.strip():
            found = _read_line(line, f"{path} › line {number}", known)
            if isinstance(found, Question):
                questions.append(found)
            else:
                faults += found
    if not questions and not faults:
        faults = [Fault(str(path), "no-questions", "Er staan geen vragen in", "It holds no questions")]
    if faults:
        raise InvalidInput(f"{len(faults)} faults in the file of questions", faults=faults)
    return tuple(questions)


def _read_line(line: bytes, place: str, known: set[str]) -> Question | list[Fault]:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return [Fault(place, "no-json", "Dit is geen JSON", "This is no JSON", 'Write {"q": "…", "upl": []} a line.')]
    if not isinstance(row, dict):
        return [Fault(place, "no-object", "Dit is geen object", "This is no object", "Begin the line with {.")]
    faults = []
    text, products = row.get("q"), row.get("upl")
    if not isinstance(text, str) or not text.strip():
        faults.append(Fault(f"{place} › q", "no-question", "De vraag ontbreekt", "The question is missing"))
    if not isinstance(products, list) or not all(isinstance(name, str) for name in products):
        hint = "Give a list of product names, empty for what is out of scope."
        faults.append(Fault(f"{place} › upl", "no-list", "Dit is geen lijst van namen", "No list of names", hint))
    else:
        for name in products:
            if name not in known:
                nl, en = f"Dit product bestaat niet: {name[:80]}", f"There is no such product: {name[:80]}"
                hint = "Spell it as in the list of products."
                faults.append(Fault(f"{place} › upl", "unknown-product", nl, en, hint))
    return faults or Question(str(text), tuple(products or ()))


def measure(door: RightDoor, questions: Iterable[Question]) -> Measurement:
    """Ask every question once, on a warm door, and count."""
    first = five = refused = inside = outside = 0
    milliseconds: list[float] = []
    for question in questions:
        begin = time.perf_counter()
        answer = door.find(question.text, limit=MOST_HITS)
        milliseconds.append((time.perf_counter() - begin) * 1000)
        names = [] if answer.is_none else [hit.product for hit in answer.hits]
        if question.products:
            inside += 1
            first += names[:1] != [] and names[0] in question.products
            five += any(name in question.products for name in names)
        else:
            outside += 1
            refused += answer.is_none
    return Measurement(
        first / inside if inside else None,
        five / inside if inside else None,
        refused / outside if outside else None,
        _percentile(milliseconds, 0.5),
        _percentile(milliseconds, 0.95),
        inside + outside,
    )


def _percentile(values: Sequence[float], share: float) -> float:
    """Give the smallest value below or at which this share of the values lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(len(ordered) * share * 1000) // 1000) - 1)] if ordered else 0.0


def _round(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
