"""Ranges of versions: `vers:npm/>=1.0.0|<1.4.2`, or the same without its first part, as CSAF allows.

The meaning is that of the VERS specification (package-url): constraints stand in order of version, none twice; of `<`
and `>` the neighbours make intervals, `=` and `!=` add and leave out. What cannot be compared is unknown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple
from urllib.parse import unquote

from eendracht.resilience.advisories.versions import compare_versions

_VERS: Final = re.compile(r"vers:([a-z][a-z0-9.+-]*)/(.*)", re.DOTALL)
_CONSTRAINT: Final = re.compile(r"(<=|>=|!=|<|>|=)?([^\s<>=!|,*]+)")
_SPACE: Final = re.compile(r"\s+")
MOST_CONSTRAINTS: Final = 500


class Bound(NamedTuple):
    """One constraint: what is compared, and with which version."""

    sign: str
    version: str


class Complaint(NamedTuple):
    """What is wrong with a range, in Dutch and English, and what to do."""

    nl: str
    en: str
    hint: str


@dataclass(frozen=True, slots=True)
class VersionRange:
    """Versions of a scheme; without bounds and not `is_all` it is a text that only people can read."""

    scheme: str
    bounds: tuple[Bound, ...] = ()
    is_all: bool = False

    def contains(self, version: str) -> bool | None:
        """Tell whether a version lies in it; None where nobody can tell."""
        if self.is_all:
            return True
        if self.scheme == "none" and not self.bounds:
            return False
        if not self.bounds or not version:
            return None
        orders = [compare_versions(self.scheme, version, bound.version) for bound in self.bounds]
        if any(order is None for order in orders):
            return None
        for bound, order in zip(self.bounds, orders, strict=True):
            if order == 0 and bound.sign in ("=", "!="):
                return bound.sign == "="
        steps = [(bound.sign, order) for bound, order in zip(self.bounds, orders, strict=True) if bound.sign[0] in "<>"]
        if not steps:
            # Of exclusions alone the rest is in it.
            return all(bound.sign == "!=" for bound in self.bounds)
        return _lies_between(steps)


def _lies_between(steps: list[tuple[str, int | None]]) -> bool:
    """Tell whether what was compared lies in an interval; a bound that adds nothing to its neighbour is passed over."""
    kept: list[tuple[str, int | None]] = []
    for sign, order in steps:
        if kept and kept[-1][0][0] == ">" and sign[0] == ">":
            continue
        if kept and kept[-1][0][0] == "<" and sign[0] == "<":
            kept.pop()
        kept.append((sign, order))
    inside = [_holds(sign, order or 0) for sign, order in kept]
    at = 0
    if kept[0][0][0] == "<":
        if inside[0]:
            return True
        at = 1
    while at < len(kept):
        # A lower bound, with the upper one behind it where there is one.
        if inside[at] and (at + 1 == len(kept) or inside[at + 1]):
            return True
        at += 2
    return False


def _holds(sign: str, order: int) -> bool:
    return {"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[sign]


def read_range(text: str, scheme: str = "") -> tuple[VersionRange, tuple[Complaint, ...]]:
    """Read a range with everything that is wrong with it; `scheme` holds where the text names none."""
    stripped = text.strip()
    # Spaces mean nothing in the notation of VERS; in another text they part words.
    match = _VERS.fullmatch(_SPACE.sub("", stripped))
    if match is None and stripped.startswith("vers:"):
        return VersionRange(scheme), (_complain(text, "heeft niet de vorm vers:soort/reeks", "is not vers:type/range"),)
    name, body = (match[1], match[2]) if match else (scheme, stripped)
    if body == "*" and (match or name):
        return VersionRange(name, is_all=name != "none"), ()
    parts = body.split("|")
    found = [_CONSTRAINT.fullmatch(part.strip()) for part in parts[: MOST_CONSTRAINTS + 1]]
    if len(parts) > MOST_CONSTRAINTS or any(part is None for part in found):
        if match:
            return VersionRange(name), (_complain(text, "is niet te lezen", "cannot be read"),)
        # A text such as `before 3.1`: nobody but people can read it.
        return VersionRange(name), ()
    bounds = tuple(Bound(part[1] or "=", unquote(part[2])) for part in found if part)
    if not match and all(bound.sign == "=" for bound in bounds) and "=" not in body:
        return VersionRange(name), ()
    return VersionRange(name, bounds), tuple(_list_complaints(text, name, bounds))


def _list_complaints(text: str, scheme: str, bounds: tuple[Bound, ...]) -> list[Complaint]:
    complaints = []
    if len({bound.version for bound in bounds}) < len(bounds):
        complaints.append(_complain(text, "noemt een versie twee keer", "names a version twice"))
    for one, two in pairwise(bounds):
        order = compare_versions(scheme, one.version, two.version)
        # Two bounds at the same version hold that version, where both include it.
        if order is None or order < 0 or (order == 0 and (one.sign, two.sign) == (">=", "<=")):
            continue
        if one.sign[0] == ">" and two.sign[0] == "<":
            nl = f"is onmogelijk: geen versie is {one.sign}{one.version} en ook {two.sign}{two.version}"
            en = f"is impossible: no version is {one.sign}{one.version} and {two.sign}{two.version} as well"
            hint = f"Did you mean {two.sign}{two.version}|{one.sign}{one.version} (outside of these)?"
            complaints.append(_complain(text, nl, en, hint))
        elif order > 0:
            nl = f"staat niet in volgorde: {two.version} komt voor {one.version}"
            en = f"is not in order: {two.version} comes before {one.version}"
            complaints.append(_complain(text, nl, en))
    return complaints


def _complain(text: str, nl: str, en: str, hint: str = "Write it as vers:npm/>=1.0.0|<1.4.2.") -> Complaint:
    shown = text[:120]
    return Complaint(f"De reeks '{shown}' {nl}", f"The range '{shown}' {en}", hint)
