"""What would fill most: a short list of evidence for what an organisation lacks, over all its accounts.

A piece of evidence about a topic may show every control with that topic. The list is made greedily: each time the topic
that fills most of what is left. That is a heuristic for set cover: at most 1 + ln(n) times as long as the shortest, and
not claimed to be the shortest. Which control shares a topic with which is ours, and no official mapping.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eendracht.reference.controls import EvidenceTopic, load_evidence_topics
from eendracht.resilience.evidence.accounts import Standing


@dataclass(frozen=True, slots=True)
class WantedEvidence:
    """A piece of evidence to make or find, and what it would fill that the ones before it do not."""

    topic: EvidenceTopic
    fills: Sequence[Standing]

    @property
    def frameworks(self) -> list[str]:
        """The frameworks in which it would count."""
        return list(dict.fromkeys(item.control.framework for item in self.fills))


@dataclass(frozen=True, slots=True)
class GapList:
    """The list for one organisation, the one that fills most first, and what no topic covers."""

    wanted: Sequence[WantedEvidence]
    uncovered: Sequence[Standing]


def list_wanted(lacking: Iterable[Standing]) -> GapList:
    """Give the evidence that would fill most of what one organisation lacks."""
    by_topic: dict[str, dict[str, Standing]] = defaultdict(dict)
    uncovered = []
    for standing in lacking:
        for topic in standing.control.topics:
            by_topic[topic][standing.control.key] = standing
        if not standing.control.topics:
            uncovered.append(standing)
    wanted = []
    while by_topic:
        best = min(by_topic, key=lambda topic: (-len(by_topic[topic]), topic))
        filled = by_topic.pop(best)
        wanted.append(WantedEvidence(load_evidence_topics()[best], list(filled.values())))
        for topic in list(by_topic):
            by_topic[topic] = {key: item for key, item in by_topic[topic].items() if key not in filled}
            if not by_topic[topic]:
                del by_topic[topic]
    return GapList(wanted, uncovered)
