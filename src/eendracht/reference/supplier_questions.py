"""Questions that customers ask their suppliers, each with why and with the measure or article behind it.

The sentences are written here; measures are named by their number in the Baseline Informatiebeveiliging Overheid 2
(BIO2 1.3), registers by their template in Implementing Regulation (EU) 2024/2956 (DORA), and articles of the NIS 2
Directive (EU) 2022/2555, the GDPR (EU) 2016/679, the Data Act (EU) 2023/2854 and the Cyber Resilience Act (EU)
2024/2847.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from eendracht.reference.bodies import read_table


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question that ships: its code, its topic, and why it is asked."""

    code: str
    topic: str
    text_nl: str
    text_en: str
    why_nl: str
    why_en: str
    sources: tuple[str, ...]
    """Measures and articles on which it rests."""

    def text(self, language: str) -> str:
        """Give the question in Dutch or English."""
        return self.text_nl if language == "nl" else self.text_en

    def why(self, language: str) -> str:
        """Give why it is asked, in Dutch or English."""
        return self.why_nl if language == "nl" else self.why_en


@cache
def load_supplier_questions() -> Mapping[str, AskedQuestion]:
    """Give all questions by code, in the order of the table; read once per process."""
    questions = {}
    for code, topic, text_nl, text_en, why_nl, why_en, sources in read_table("supplier_questions.csv"):
        questions[code] = AskedQuestion(code, topic, text_nl, text_en, why_nl, why_en, tuple(sources.split(" | ")))
    return questions
