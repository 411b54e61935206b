"""From how a question compares with each target to an order, and to whether it is a question for the government."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from typing import Final

import numpy as np

from eendracht.kernel.search.words import split_words
from eendracht.services.door.calibration import BY_WORDS, WITH_MEANING
from eendracht.services.door.common_words import BUSINESS, LEVELS
from eendracht.services.door.embedding import Meanings
from eendracht.services.door.events import ToldEvent
from eendracht.services.door.index import FEATURES, Comparison, Floats
from eendracht.services.door.targets import Target

BONUS_OF_NAME: Final = 4.0
LEAD_OF_EVENT: Final = 3.0
"""By how much what is meant by an event goes before all others, where a question tells of nothing else."""
BONUS_OF_EVENT: Final = 2.0
"""What the other things to arrange gain then."""
FALL_OF_EVENT: Final = 4
"""The power of the share of the event in a question by which both fall: what else is asked soon counts for more."""
SAME: Final = 0.99
"""A question of exactly the words of a name means that product."""
COST_OF_OTHERS: Final = 5.0
"""What a product for others loses where somebody says who asks."""
MOST_SCORE: Final = 20.0
MOST_LEAD: Final = 8.0
"""Beyond these a score or a lead says no more about whether a question is in scope."""
ALL_FEATURES: Final = (*FEATURES, "level", "audience")
MEANING: Final = "meaning"
"""The feature that comes last where there is a model."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Scores of all targets, best first, and whether the question is in scope."""

    order: Sequence[int]
    """Places of the targets that a question can be sent to, best first."""
    chances: Floats
    is_in_scope: bool


class Ranker:
    """Knows of each target which levels and audiences it has, and orders them for a question."""

    def __init__(self, targets: Sequence[Target], meanings: Meanings | None = None) -> None:
        self._meanings = meanings
        self._calibration = WITH_MEANING if meanings else BY_WORDS
        self.names = (*ALL_FEATURES, *((MEANING,) if meanings else ()))
        levels = [_list_levels(target) for target in targets]
        audiences = [_list_audiences(target) for target in targets]
        self._has_level = {
            level: np.array([1.0 if level in own else -1.0 for own in levels], np.float32) for level in LEVELS
        }
        self._lacks = {
            audience: np.array([-1.0 if own and audience not in own else 0.0 for own in audiences], np.float32)
            for audience in ("citizen", "business")
        }
        self._places = {target.product.name: at for at, target in enumerate(targets) if target.product}
        self.off_topic = np.array([bool(target.off_topic) for target in targets], bool)
        self._weights = np.array([self._calibration.weights[name] for name in self.names], np.float32)

    def describe(self, text: str, comparison: Comparison, audience: str = "") -> Floats:
        """Give the features of every target for a question, in the order of `names`."""
        words = set(split_words(text))
        size = len(self.off_topic)
        named = [level for level, marks in LEVELS.items() if words & marks]
        level = sum((self._has_level[name] for name in named), np.zeros(size, np.float32))
        if audience:
            fit = np.zeros(size, np.float32)
        elif words & BUSINESS:
            fit = self._lacks["business"]
        else:
            fit = 0.5 * self._lacks["citizen"]
        more = [level, fit, *((self._meanings.compare(text),) if self._meanings else ())]
        return np.concatenate([comparison.features, np.stack(more, axis=1)], axis=1)

    def rank(self, text: str, comparison: Comparison, audience: str = "", told: ToldEvent | None = None) -> Ranking:
        """Order the targets for a question, and for the event that it tells of."""
        scores = self.describe(text, comparison, audience) @ self._weights
        scores += BONUS_OF_NAME * (comparison.features[:, FEATURES.index("name")] > SAME)
        if told:
            self._weigh_event(scores, told)
        if audience:
            scores += COST_OF_OTHERS * self._lacks[audience]
        chances = np.exp(scores - scores.max())
        chances /= chances.sum()
        order = [int(at) for at in np.argsort(-scores, kind="stable")[:60] if not self.off_topic[at]]
        signs = weigh_signs(scores, comparison, self.off_topic)
        total = sum(self._calibration.refusal[name] * value for name, value in signs.items())
        return Ranking(order, chances, 1 / (1 + exp(-max(min(total, 30.0), -30.0))) >= self._calibration.threshold)

    def _weigh_event(self, scores: Floats, told: ToldEvent) -> None:
        """Raise what belongs to an event, and bring what is meant by it nearer to the first place."""
        part = told.share**FALL_OF_EVENT
        scores[[self._places[name] for name in told.event.products]] += part * BONUS_OF_EVENT
        if told.product:
            own = self._places[told.product]
            others = np.delete(scores, own)
            scores[own] += part * max(0.0, float(others.max()) + LEAD_OF_EVENT - float(scores[own]))


def weigh_signs(scores: Floats, comparison: Comparison, off_topic: np.ndarray) -> dict[str, float]:
    """Give what tells whether a question is in scope: its best score, what is understood of it, the best off topic."""
    own = np.where(off_topic, -np.inf, scores)
    best = int(own.argmax())
    off = float(scores[off_topic].max()) if off_topic.any() else -MOST_LEAD
    return {
        "bias": 1.0,
        "score": min(float(scores[best]), MOST_SCORE),
        "grams": float(comparison.features[best, FEATURES.index("grams")]),
        "known": comparison.known,
        "beaten": max(-MOST_LEAD, min(off - float(scores[best]), MOST_LEAD)),
    }


def _list_levels(target: Target) -> set[str]:
    own = target.product.levels if target.product else ()
    return {*own, *(service.level for service in target.services)}


def _list_audiences(target: Target) -> set[str]:
    if target.product is not None:
        return set(target.product.audiences)
    return {audience for service in target.services for audience in service.audiences}
