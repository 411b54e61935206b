"""Fit the numbers of services/door/calibration.py on the tune split, and print them; copied over by hand.

    python scripts/fit_door.py [QUESTIONS.jsonl]

Weights: softmax over all targets, the acceptable products of a question together as likely as possible (L2-bounded).
Refusal: logistic regression on the signs of `weigh_signs`. Both are also judged by five folds, each left out once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eendracht.services.door.calibration import BY_WORDS
from eendracht.services.door.embedding import Meanings, load_encoder
from eendracht.services.door.evaluation import Question, read_questions
from eendracht.services.door.index import Comparison
from eendracht.services.door.ranking import Ranker, weigh_signs
from eendracht.services.door.targets import gather_targets

FOLDS, RIDGE, REFUSAL_RIDGE = 5, 0.001, 0.005
TUNE = Path(__file__).parents[1] / "tests/services/door/utterances_tune.jsonl"
Array = np.ndarray[Any, Any]


@dataclass
class Seen:
    """A question with the features of every target, and where its answers stand."""

    question: Question
    comparison: Comparison
    features: Array
    wanted: list[int]


def look_at(questions: Sequence[Question], has_model: bool) -> tuple[list[Seen], Ranker]:
    targets = gather_targets()
    index = targets.make_index()
    encoder = load_encoder() if has_model else None
    ranker = Ranker(targets.items, Meanings(encoder, targets.items) if encoder else None)
    places = {target.product.name: at for at, target in enumerate(targets.items) if target.product}
    seen = []
    for question in questions:
        comparison = index.compare(question.text)
        features = ranker.describe(question.text, comparison)
        wanted = [places[name] for name in question.products if name in places]
        seen.append(Seen(question, comparison, features, wanted))
    return seen, ranker


def fit_weights(seen: Sequence[Seen], off_topic: Array) -> Array:
    """Give the weights: Newton steps are not needed for eight numbers, L-BFGS finds them."""
    from scipy.optimize import minimize

    off = np.flatnonzero(off_topic).tolist()
    cases = [(item.features.astype(float), item.wanted or off) for item in seen if item.wanted or off]

    def loss(weights: Array) -> tuple[float, Array]:
        total, slope = 0.0, np.zeros_like(weights)
        for features, wanted in cases:
            scores = features @ weights
            scores -= scores.max()
            chances = np.exp(scores)
            chances /= chances.sum()
            inside = chances[wanted] + 1e-12
            total -= np.log(inside.sum())
            slope += chances @ features - (inside / inside.sum()) @ features[wanted]
        count = len(cases)
        return total / count + RIDGE * weights @ weights / 10, slope / count + 2 * RIDGE * weights / 10

    bounds = [(0, None)] * cases[0][0].shape[1]
    found = minimize(loss, np.full(cases[0][0].shape[1], 3.0), jac=True, bounds=bounds, method="L-BFGS-B")
    return np.asarray(found.x)


def list_signs(item: Seen, weights: Array, off_topic: Array, hides_topic: bool = False) -> list[float]:
    """Give the signs of a question; where asked, without the off topic that knows it best.

    The off topics were written by who had read the tune split. What happens to a question of a topic that they do not
    have, is what counts for questions that nobody has seen.
    """
    scores = np.array(item.features @ weights)
    if hides_topic:
        scores[int(np.where(off_topic, scores, -np.inf).argmax())] = scores[off_topic].min()
    return list(weigh_signs(scores, item.comparison, off_topic).values())


def fit_refusal(seen: Sequence[Seen], off_topic: Array, weights: Array) -> Array:
    from scipy.optimize import minimize

    outside = [item for item in seen if not item.question.products]
    inside = [item for item in seen if item.question.products]
    signs = np.array(
        [list_signs(item, weights, off_topic) for item in (*inside, *outside)]
        + [list_signs(item, weights, off_topic, hides_topic=True) for item in outside]
    )
    is_in = np.array([1.0] * len(inside) + [-1.0] * (2 * len(outside)))
    count = np.where(is_in > 0, 1 / len(inside), 0.5 / max(len(outside), 1))

    def loss(factors: Array) -> tuple[float, Array]:
        margin = is_in * (signs @ factors)
        total = float((count * np.logaddexp(0, -margin)).sum()) + REFUSAL_RIDGE * float(factors[1:] @ factors[1:])
        slope = -(count * is_in / (1 + np.exp(np.clip(margin, -500, 500)))) @ signs
        slope[1:] += 2 * REFUSAL_RIDGE * factors[1:]
        return total, slope

    # Each sign may only speak in the sense that it has; otherwise a few questions out of scope turn it around.
    bounds = [
        (None, None) if name == "bias" else (None, 0) if name == "beaten" else (0, None) for name in BY_WORDS.refusal
    ]
    return np.asarray(minimize(loss, np.zeros(len(BY_WORDS.refusal)), jac=True, bounds=bounds, method="L-BFGS-B").x)


def judge(seen: Sequence[Seen], off_topic: Array, weights: Array, refusal: Array, hides_topic: bool = False) -> Array:
    """Give per question: first, among five (both before refusal), refused, in scope."""
    rows = []
    for item in seen:
        scores = item.features @ weights
        own = np.where(off_topic, -np.inf, scores)
        best = np.argsort(-own)[:5].tolist()
        hides = hides_topic and not item.question.products
        chance = 1 / (1 + np.exp(-np.clip(np.array(list_signs(item, weights, off_topic, hides)) @ refusal, -30, 30)))
        rows.append(
            (best[0] in item.wanted, any(at in item.wanted for at in best), chance, bool(item.question.products))
        )
    return np.array(rows, float)


def tell(name: str, rows: Array) -> None:
    inside = rows[rows[:, 3] == 1]
    outside = rows[rows[:, 3] == 0]
    print(f"{name}: before refusal top-1 {inside[:, 0].mean():.3f}, top-5 {inside[:, 1].mean():.3f}")
    for threshold in (0.2, 0.3, 0.4, 0.5, 0.6):
        kept = inside[:, 2] >= threshold
        refused = (outside[:, 2] < threshold).mean()
        print(
            f"   threshold {threshold}: top-1 {(inside[:, 0] * kept).mean():.3f},"
            f" top-5 {(inside[:, 1] * kept).mean():.3f}, refused {refused:.3f}"
        )


def main(path: Path, has_model: bool) -> None:
    seen, ranker = look_at(read_questions(path), has_model)
    off_topic = ranker.off_topic
    folds = np.random.default_rng(20261129).permutation(len(seen)) % FOLDS
    parts, hidden = [], []
    for fold in range(FOLDS):
        rest = [item for item, own in zip(seen, folds, strict=True) if own != fold]
        weights = fit_weights(rest, off_topic)
        refusal = fit_refusal(rest, off_topic, weights)
        left = [item for item, own in zip(seen, folds, strict=True) if own == fold]
        parts.append(judge(left, off_topic, weights, refusal))
        hidden.append(judge(left, off_topic, weights, refusal, hides_topic=True))
    tell("left out", np.concatenate(parts))
    tell("left out, and its off topic unknown", np.concatenate(hidden))
    weights = fit_weights(seen, off_topic)
    refusal = fit_refusal(seen, off_topic, weights)
    tell("seen", judge(seen, off_topic, weights, refusal))
    print({name: round(float(value), 3) for name, value in zip(ranker.names, weights, strict=True)})
    print({name: round(float(value), 3) for name, value in zip(BY_WORDS.refusal, refusal, strict=True)})


if __name__ == "__main__":
    for with_model in (False, True):
        print("with the language model" if with_model else "by words alone")
        main(Path(sys.argv[1]) if len(sys.argv) > 1 else TUNE, with_model)
