"""The right door: questions in people's own words, beside plain BM25 over the names of products.

Both splits are asked; only the tune split was ever looked at. A refusal of a question in scope counts as a miss, for
the peer too little: it never refuses, so it can only gain by that.
"""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from math import log
from pathlib import Path

from eendracht.reference import load_products, load_public_bodies
from eendracht.services.door.evaluation import Measurement, Question, read_questions
from eendracht.services.door.evaluation import measure as measure_door
from eendracht.services.door.finder import RightDoor
from eendracht.services.door.index import Index
from eendracht.services.door.targets import ServiceEntry, gather_targets
from tests.bench.rows import Row

FOLDER = Path(__file__).parents[1] / "services" / "door"
ORGANISATIONS, SERVICES_EACH = 400, 10
_ALIKE = 0.5
_PEER = "BM25 over names, words + 4-grams"


def measure() -> list[Row]:
    """Give the rows of the report."""
    tune, test = (read_questions(FOLDER / f"utterances_{name}.jsonl") for name in ("tune", "test"))
    started = time.perf_counter()
    door = RightDoor(draw_services())
    built = time.perf_counter() - started
    for question in tune[:20]:
        door.find(question.text)
    ours, theirs = measure_door(door, test), rank_by_names(test)
    tuned = measure_door(door, tune)
    inside = sum(bool(question.products) for question in test)
    products = len(load_products())
    setting = f"{products:,} products, {ORGANISATIONS} organisations with {SERVICES_EACH} services each, warm"
    rows = [
        Row(
            "test split: right product first",
            _percent(ours.top_1),
            "%",
            inside,
            setting,
            "higher",
            80,
            _PEER,
            theirs[0],
            runs=1,
        ),
        Row(
            "test split: right product among five",
            _percent(ours.top_5),
            "%",
            inside,
            setting,
            "higher",
            92,
            _PEER,
            theirs[1],
            runs=1,
        ),
        Row(
            "test split: out of scope refused",
            _percent(ours.abstained),
            "%",
            len(test) - inside,
            setting,
            "higher",
            80,
            runs=1,
            remark="the peer never refuses",
        ),
        Row("one question, p50", ours.p50_ms, "ms", len(test), setting, "lower", None, _PEER, theirs[2], runs=1),
        Row("one question, p95", ours.p95_ms, "ms", len(test), setting, "lower", 50, _PEER, theirs[3], runs=1),
        Row("build the index", built, "s", 1, setting + " dictionary", "lower", None, runs=1),
    ]
    rows += _compare_splits(tuned, ours, len(tune), setting)
    return [*rows, *_look_at_unheard(test, door, setting)]


def _compare_splits(tuned: Measurement, ours: Measurement, count: int, setting: str) -> list[Row]:
    pairs = (
        ("first", tuned.top_1, ours.top_1),
        ("among five", tuned.top_5, ours.top_5),
        ("refused", tuned.abstained, ours.abstained),
    )
    return [
        Row(
            f"tune split: {name}",
            _percent(left),
            "%",
            count,
            setting,
            runs=1,
            remark=f"gap to the test split {_percent(left) - _percent(right):+.1f} points",
        )
        for name, left, right in pairs
    ]


def _look_at_unheard(test: Sequence[Question], door: RightDoor, setting: str) -> list[Row]:
    """Tell of how many events no phrase speaks, and how the door does on those."""
    targets = gather_targets()
    index = targets.make_index()
    places = {target.product.name: at for at, target in enumerate(targets.items) if target.product}
    unheard = []
    for question in test:
        own = [places[name] for name in question.products if name in places]
        if own and is_unheard(index, own, question.text):
            unheard.append(question)
    inside = sum(bool(question.products) for question in test)
    found = measure_door(door, unheard)
    share = 100 * len(unheard) / inside
    remark = f"no phrase of a right product has a cosine of {_ALIKE} or more with the question"
    return [
        Row("test events that appear in no phrase", share, "%", inside, setting, "higher", 25, runs=1, remark=remark),
        Row("right product first, on those", _percent(found.top_1), "%", len(unheard), setting, runs=1),
    ]


def is_unheard(index: Index, own: Sequence[int], text: str) -> bool:
    """Tell whether no phrase of these targets is much like the question."""
    comparison = index.compare(text)
    return max(index.measure_likeness(at, comparison) for at in own) < _ALIKE


def draw_services() -> list[ServiceEntry]:
    """Give services as organisations record them: the same ten products, each in its own words."""
    bodies = [body for body in load_public_bodies() if body.status == "current" and body.type == "municipality"]
    others = [body for body in load_public_bodies() if body.status == "current" and body.type == "water-board"]
    municipal = [product for product in load_products() if product.levels == ("municipality",)]
    return [
        ServiceEntry(
            f"public-service:{body.code}/dienst-{at}",
            f"{product.name} aanvragen",
            (f"{product.name} bij {body.name}",),
            product.name,
            body.code,
            "municipality",
            product.audiences,
        )
        for number, body in enumerate([*bodies, *others, *bodies][:ORGANISATIONS])
        for at, product in enumerate(municipal[(number * 7) % 400 :][:SERVICES_EACH])
    ]


def rank_by_names(questions: Sequence[Question]) -> tuple[float, float, float, float]:
    """Give top-1 and top-5 in per cent and p50 and p95 in ms of Okapi BM25 (k1 1.5, b 0.75) over names."""
    ask = _make_peer([product.name for product in load_products()])
    first = five = inside = 0
    times = []
    for question in questions:
        started = time.perf_counter()
        found = ask(question.text)
        times.append(1000 * (time.perf_counter() - started))
        if question.products:
            inside += 1
            first += found[:1] != [] and found[0] in question.products
            five += any(name in question.products for name in found[:5])
    times.sort()
    return 100 * first / inside, 100 * five / inside, times[len(times) // 2], times[int(len(times) * 0.95)]


def _make_peer(names: Sequence[str]) -> Callable[[str], list[str]]:
    documents = [Counter(_units(name)) for name in names]
    mean = sum(sum(document.values()) for document in documents) / len(documents)
    held: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    frequency = Counter(unit for document in documents for unit in document)
    for at, document in enumerate(documents):
        slack = 1.5 * (0.25 + 0.75 * sum(document.values()) / mean)
        for unit, count in document.items():
            rarity = log(1 + (len(names) - frequency[unit] + 0.5) / (frequency[unit] + 0.5))
            held[unit].append((at, rarity * count * 2.5 / (count + slack)))

    def ask(text: str) -> list[str]:
        scores: Counter[int] = Counter()
        for unit in set(_units(text)):
            for at, score in held.get(unit, ()):
                scores[at] += score  # type: ignore[assignment]
        return [names[at] for at, _ in scores.most_common(5)]

    return ask


def _units(text: str) -> list[str]:
    words = "".join(letter if letter.isalnum() else " " for letter in text.casefold()).split()
    return words + [word[at : at + 4] for word in words for at in range(len(word) - 3)]


def _percent(share: float | None) -> float:
    return 100 * (share or 0.0)


if __name__ == "__main__":
    for row in measure():
        print(json.dumps([row.name, round(row.median, 1), row.unit, row.peer_median]))
