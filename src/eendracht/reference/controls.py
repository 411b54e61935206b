"""What public bodies account for: numbers and subjects of measures, duties and standards, with where they stand.

Numbers and periods are facts of BIO2 1.3 (working version of 9 January 2026; only some numbers, the rest is imported
from the file that an organisation has), of Directive (EU) 2022/2555 (NIS 2), of the subjects of ENSIA, and of the list
of standards of Forum Standaardisatie to which *pas toe of leg uit* applies. The subjects are said in our own words.

**Standing.** The Cyberbeveiligingswet transposes NIS 2 (bill 36764; in November 2025 its entry into force was meant for
the second quarter of 2026: look up whether it is in force). ENSIA and the list of standards change every year; what we
were not sure of was left out, so the list of standards is not complete. `STATED_ON` is the day of writing.

**Topics** are ours and not official: controls that share one may be shown by the same piece of evidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from eendracht.reference.bodies import read_table

STATED_ON: Final = date(2026, 11, 30)
BIO2_URL: Final = "https://www.bio-overheid.nl"


@dataclass(frozen=True, slots=True)
class ReferenceControl:
    """Something that a framework asks: its number there, and its subject in Dutch and English."""

    framework: str
    code: str
    subject_nl: str
    subject_en: str
    every_months: int | None
    """How often it is done again; None where the framework does not say."""
    audience: str
    """For which type of organisation it is; `all` for every one."""
    topics: tuple[str, ...]
    url: str

    @property
    def key(self) -> str:
        """Framework and code, as evidence names it."""
        return f"{self.framework}/{self.code}"


@dataclass(frozen=True, slots=True)
class EvidenceTopic:
    """What one piece of evidence may be about, and of which type it mostly is."""

    code: str
    name_nl: str
    name_en: str
    type: str

    def name(self, language: str) -> str:
        """Give its name in Dutch or English."""
        return self.name_nl if language == "nl" else self.name_en


@cache
def load_controls() -> Mapping[str, ReferenceControl]:
    """Give the controls that ship by their key, in the order of the table; read once per process."""
    controls = {}
    for framework, code, nl, en, months, audience, topics, url in read_table("controls.csv"):
        every = int(months) if months else None
        control = ReferenceControl(framework, code, nl, en, every, audience, tuple(topics.split(" | ")), url)
        controls[control.key] = control
    return controls


@cache
def load_evidence_topics() -> Mapping[str, EvidenceTopic]:
    """Give the topics by their code; read once per process."""
    return {cells[0]: EvidenceTopic(*cells) for cells in read_table("evidence_topics.csv")}
