"""How the guideline of NCSC-NL judges what an endpoint was seen to offer; the guideline is data beside this module."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

import yaml

from eendracht.resilience.tls.code_points import VERSIONS, name_group, name_suite
from eendracht.resilience.tls.probe import Endpoint

Level = Literal["good", "sufficient", "phase-out", "insufficient"]
LEVELS: Final[tuple[Level, ...]] = ("good", "sufficient", "phase-out", "insufficient")
"""From best to worst."""
FILE: Final = "ncsc_tls_2025_05.yaml"


@dataclass(frozen=True, slots=True)
class Judged:
    """One thing that is offered, and its level."""

    part: Literal["versions", "suites", "groups"]
    name: str
    level: Level


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a guideline says of an endpoint: each thing that was seen, and the worst level of them.

    `level` is `unknown` where nothing was seen, and where not everything was and nothing of it is insufficient yet: an
    endpoint is as good as the worst that it offers, and that may be what was not seen.
    """

    rule: str
    date: str
    level: Level | Literal["unknown"]
    judged: Sequence[Judged]

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "rule": self.rule,
            "date": self.date,
            "level": self.level,
            "judged": [{"part": item.part, "name": item.name, "level": item.level} for item in self.judged],
        }


def judge_endpoint(endpoint: Endpoint) -> Outcome:
    """Judge what was seen of an endpoint by the guideline for TLS of NCSC-NL.

    Of cipher suites only those that the server chose were seen; what it would take besides is not judged.
    """
    guideline = _read_guideline()
    judged = list(_judge(guideline, endpoint))
    level: Level | Literal["unknown"] = max((item.level for item in judged), key=LEVELS.index, default="good")
    if not judged or (level != "insufficient" and not endpoint.is_complete):
        level = "unknown"
    return Outcome(guideline["id"], str(guideline["date"]), level, judged)


def _judge(guideline: Mapping[str, Any], endpoint: Endpoint) -> Iterator[Judged]:
    names = {
        "versions": [VERSIONS.get(version, f"0x{version:04X}") for version in endpoint.versions],
        "suites": [name_suite(suite) for suite in endpoint.suites],
        "groups": [name_group(group) for group in endpoint.groups],
    }
    if endpoint.prime_bits is not None:
        # A prime of the server's own is no group that the guideline names.
        names["groups"].append(f"DHE {endpoint.prime_bits}")
    for part in ("versions", "suites", "groups"):
        for name in names[part]:
            # The Brainpool curves of TLS 1.3 have code points of their own (RFC 8734).
            plain = name.removesuffix("tls13")
            level = next((level for level in LEVELS[:-1] if plain in guideline[part][level]), "insufficient")
            yield Judged(part, name, level)  # type: ignore[arg-type]


def level_groups() -> Mapping[str, Level]:
    """Give the level of every key exchange group that the guideline names; the others are insufficient."""
    groups = _read_guideline()["groups"]
    return {name: level for level in LEVELS[:-1] for name in groups[level]}


@cache
def _read_guideline() -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(files(__package__).joinpath(FILE).read_text("utf-8"))
    return found
