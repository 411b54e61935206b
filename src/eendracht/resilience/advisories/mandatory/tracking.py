"""Tests of versions and the revision history (6.1.14, 6.1.16 to 6.1.22, 6.1.30)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final

from eendracht.resilience.advisories.mandatory.test import Finding, Test
from eendracht.resilience.advisories.places import ANY, find_objects, text_at
from eendracht.resilience.advisories.versions import compare_semver

_HISTORY: Final = "/document/tracking/revision_history"
_VERSION: Final = "/document/tracking/version"


@dataclass(frozen=True, slots=True)
class _Item:
    place: str
    moment: datetime
    number: str

    @property
    def major(self) -> int:
        digits = self.number.partition(".")[0].partition("-")[0].partition("+")[0]
        return int(digits) if digits.isdecimal() else -1


def _read_history(document: Any) -> list[_Item]:
    items = []
    for place, item in find_objects(document, "document", "tracking", "revision_history", ANY):
        number = text_at(item, "number")
        if number:
            items.append(_Item(place, _read_moment(text_at(item, "date")), number))
    return items


def _read_moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _sort(items: list[_Item]) -> list[_Item]:
    """Sort by date, and by number where that is the same."""
    return sorted(items, key=lambda item: (item.moment, _Numbered(item.number)))


@dataclass(frozen=True, slots=True)
class _Numbered:
    number: str

    def __lt__(self, other: _Numbered) -> bool:
        return compare_semver(_as_semver(self.number), _as_semver(other.number)) == -1


def _as_semver(number: str) -> str:
    return number if "." in number else f"{number}.0.0"


def _status(document: Any) -> str:
    return text_at(document, "document", "tracking", "status")


def _version(document: Any) -> str:
    return text_at(document, "document", "tracking", "version")


def _is_pre_release(number: str) -> bool:
    return "-" in number.partition("+")[0]


def _is_zero(number: str) -> bool:
    return number == "0" or number.startswith("0.")


def _unsorted_history(document: Any) -> Iterator[Finding]:
    items = _sort(_read_history(document))
    if any(compare_semver(_as_semver(one.number), _as_semver(two.number)) == 1 for one, two in pairwise(items)):
        nl, en = "De versienummers lopen niet op met de datum", "The version numbers do not rise with the date"
        yield _HISTORY, nl, en, "Correct the dates or the numbers."


def _outdated_version(document: Any) -> Iterator[Finding]:
    items, version = _sort(_read_history(document)), _version(document)
    if not items or not version:
        return

    def bare(number: str) -> str:
        number = number.partition("+")[0]
        return number.partition("-")[0] if _status(document) == "draft" else number

    last = items[-1].number
    if bare(last) != bare(version):
        nl, en = f"De laatste versie in de geschiedenis is {last}", f"The last version of the history is {last}"
        yield _VERSION, nl, en, "Let both be the same."


def _draft_status(document: Any) -> Iterator[Finding]:
    version = _version(document)
    if version and (_is_zero(version) or _is_pre_release(version)) and _status(document) not in ("", "draft"):
        nl, en = f"Met versie {version} is het een concept", f"With version {version} it is a draft"
        yield "/document/tracking/status", nl, en, "Set the status to draft, or give it a released version."


def _is_released(document: Any) -> bool:
    return _status(document) in ("final", "interim")


def _zero_in_released(document: Any) -> Iterator[Finding]:
    for item in _read_history(document):
        if _is_released(document) and _is_zero(item.number):
            nl, en = (
                "Wat is uitgebracht heeft geen versie 0 in de geschiedenis",
                "A release has no version 0 in its history",
            )
            yield f"{item.place}/number", nl, en, "Leave out what came before the release."


def _pre_release_in_history(document: Any) -> Iterator[Finding]:
    for item in _read_history(document):
        if _is_pre_release(item.number):
            nl, en = (
                "Een voorlopige versie hoort niet in de geschiedenis",
                "A pre-release does not belong in the history",
            )
            yield f"{item.place}/number", nl, en, "Leave it out."


def _pre_release_in_released(document: Any) -> Iterator[Finding]:
    if _is_released(document) and _is_pre_release(_version(document)):
        nl, en = "Wat is uitgebracht heeft geen voorlopige versie", "A release has no pre-release version"
        yield _VERSION, nl, en, "Give it a released version, or the status draft."


def _gap_in_history(document: Any) -> Iterator[Finding]:
    majors = list(dict.fromkeys(item.major for item in _sort(_read_history(document))))
    if majors and (majors[0] not in (0, 1) or any(two - one > 1 for one, two in pairwise(majors))):
        nl, en = "In de geschiedenis ontbreekt een versie", "A version is missing in the history"
        yield _HISTORY, nl, en, "Begin with 0 or 1 and leave out none."


def _repeated_revisions(document: Any) -> Iterator[Finding]:
    seen: set[str] = set()
    for item in _read_history(document):
        if item.number in seen:
            nl, en = f"Versie {item.number} staat er twee keer", f"Version {item.number} stands here twice"
            yield f"{item.place}/number", nl, en, "Keep one of the two."
        seen.add(item.number)


def _mixed_versioning(document: Any) -> Iterator[Finding]:
    numbers = [(f"{item.place}/number", item.number) for item in _read_history(document)]
    if version := _version(document):
        numbers.append((_VERSION, version))
    for place, number in numbers:
        if ("." in number) != ("." in numbers[0][1]):
            nl, en = (
                "Hele getallen en semantische versies staan door elkaar",
                "Integers and semantic versions are mixed",
            )
            yield place, nl, en, "Use one of the two."


TESTS: Final = (
    Test("6.1.14", _unsorted_history),
    Test("6.1.16", _outdated_version),
    Test("6.1.17", _draft_status),
    Test("6.1.18", _zero_in_released),
    Test("6.1.19", _pre_release_in_history),
    Test("6.1.20", _pre_release_in_released),
    Test("6.1.21", _gap_in_history),
    Test("6.1.22", _repeated_revisions),
    Test("6.1.30", _mixed_versioning),
)
"""The tests of this part."""
