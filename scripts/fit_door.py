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

from eendracht.services.door.calibration import REFUSAL
from eendracht.services.door.evaluation import Question, read_questions
from eendracht.services.door.index import Comparison, Index
from eendracht.services.door.ranking import ALL_FEATURES, Ranker, weigh_signs
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


def look_at(questions: Sequence[Question]) -> tuple[list[Seen], Array]:
    targets = gather_targets()
    index = Index(targets.phrases, len(targets.items))
    ranker = Ranker(targets.items)
    places = {target.product.name: at for at, target in enumerate(targets.items) if target.product}
    seen = []
    for question in questions:
        comparison = index.compare(question.text)
        features = ranker.describe(question.text, comparison)
        wanted = [places[name] for name in question.products if name in places]
        seen.append(Seen(question, comparison, features, wanted))
    return seen, ranker.off_topic


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

    bounds = [(0, None)] * len(ALL_FEATURES)
    found = minimize(loss, np.full(len(ALL_FEATURES), 3.0), jac=True, bounds=bounds, method="L-BFGS-B")
    return np.asarray(found.x)


def fit_refusal(seen: Sequence[Seen], off_topic: Array, weights: Array) -> Array:
    from scipy.optimize import minimize

    signs = np.array([list(weigh_signs(item.features @ weights, item.comparison, off_topic).values()) for item in seen])
    is_in = np.array([1.0 if item.question.products else -1.0 for item in seen])
    count = np.where(is_in > 0, 1 / (is_in > 0).sum(), 1 / max((is_in < 0).sum(), 1))

    def loss(factors: Array) -> tuple[float, Array]:
        margin = is_in * (signs @ factors)
        total = float((count * np.logaddexp(0, -margin)).sum()) + REFUSAL_RIDGE * float(factors[1:] @ factors[1:])
        slope = -(count * is_in / (1 + np.exp(np.clip(margin, -500, 500)))) @ signs
        slope[1:] += 2 * REFUSAL_RIDGE * factors[1:]
        return total, slope

    return np.asarray(minimize(loss, np.zeros(len(REFUSAL)), jac=True, method="L-BFGS-B").x)


def judge(seen: Sequence[Seen], off_topic: Array, weights: Array, refusal: Array, threshold: float = 0.5) -> Array:
    """Give per question: first, among five (both before refusal), refused, in scope."""
    rows = []
    for item in seen:
        scores = item.features @ weights
        own = np.where(off_topic, -np.inf, scores)
        best = np.argsort(-own)[:5].tolist()
        signs = np.array(list(weigh_signs(scores, item.comparison, off_topic).values()))
        chance = 1 / (1 + np.exp(-np.clip(signs @ refusal, -30, 30)))
        rows.append((best[0] in item.wanted, any(at in item.wanted for at in best), chance, bool(item.question.products)))
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


def main(path: Path) -> None:
    seen, off_topic = look_at(read_questions(path))
    folds = np.random.default_rng(20261129).permutation(len(seen)) % FOLDS
    parts = []
    for fold in range(FOLDS):
        rest = [item for item, own in zip(seen, folds, strict=True) if own != fold]
        weights = fit_weights(rest, off_topic)
        refusal = fit_refusal(rest, off_topic, weights)
        left = [item for item, own in zip(seen, folds, strict=True) if own == fold]
        parts.append(judge(left, off_topic, weights, refusal))
    tell("left out", np.concatenate(parts))
    weights = fit_weights(seen, off_topic)
    refusal = fit_refusal(seen, off_topic, weights)
    tell("seen", judge(seen, off_topic, weights, refusal))
    print({name: round(float(value), 3) for name, value in zip(ALL_FEATURES, weights, strict=True)})
    print({name: round(float(value), 3) for name, value in zip(REFUSAL, refusal, strict=True)})


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else TUNE)
