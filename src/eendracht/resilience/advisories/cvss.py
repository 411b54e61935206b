"""Scores of the Common Vulnerability Scoring System: read, worked out and compared (FIRST: CVSS 2.0, 3.0 and 3.1)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

Weights = Mapping[str, tuple[str, float]]
"""Letter in the vector → name in JSON and weight."""

_UNDEFINED: Final = ("NOT_DEFINED", 1.0)
_IMPACT_3: Final[Weights] = {"N": ("NONE", 0.0), "L": ("LOW", 0.22), "H": ("HIGH", 0.56)}
_NEED_3: Final[Weights] = {"X": _UNDEFINED, "L": ("LOW", 0.5), "M": ("MEDIUM", 1.0), "H": ("HIGH", 1.5)}
_BASE_3: Final[Mapping[str, tuple[str, Weights]]] = {
    "AV": (
        "attackVector",
        {"N": ("NETWORK", 0.85), "A": ("ADJACENT_NETWORK", 0.62), "L": ("LOCAL", 0.55), "P": ("PHYSICAL", 0.2)},
    ),
    "AC": ("attackComplexity", {"L": ("LOW", 0.77), "H": ("HIGH", 0.44)}),
    "PR": ("privilegesRequired", {"N": ("NONE", 0.85), "L": ("LOW", 0.62), "H": ("HIGH", 0.27)}),
    "UI": ("userInteraction", {"N": ("NONE", 0.85), "R": ("REQUIRED", 0.62)}),
    "S": ("scope", {"U": ("UNCHANGED", 0.0), "C": ("CHANGED", 0.0)}),
    "C": ("confidentialityImpact", _IMPACT_3),
    "I": ("integrityImpact", _IMPACT_3),
    "A": ("availabilityImpact", _IMPACT_3),
}
_REST_3: Final[Mapping[str, tuple[str, Weights]]] = {
    "E": (
        "exploitCodeMaturity",
        {
            "X": _UNDEFINED,
            "U": ("UNPROVEN", 0.91),
            "P": ("PROOF_OF_CONCEPT", 0.94),
            "F": ("FUNCTIONAL", 0.97),
            "H": ("HIGH", 1.0),
        },
    ),
    "RL": (
        "remediationLevel",
        {
            "X": _UNDEFINED,
            "O": ("OFFICIAL_FIX", 0.95),
            "T": ("TEMPORARY_FIX", 0.96),
            "W": ("WORKAROUND", 0.97),
            "U": ("UNAVAILABLE", 1.0),
        },
    ),
    "RC": (
        "reportConfidence",
        {"X": _UNDEFINED, "U": ("UNKNOWN", 0.92), "R": ("REASONABLE", 0.96), "C": ("CONFIRMED", 1.0)},
    ),
    "CR": ("confidentialityRequirement", _NEED_3),
    "IR": ("integrityRequirement", _NEED_3),
    "AR": ("availabilityRequirement", _NEED_3),
}
_MODIFIED_3: Final[Mapping[str, tuple[str, Weights]]] = {
    f"M{code}": (f"modified{name[0].upper()}{name[1:]}", {"X": _UNDEFINED, **weights})
    for code, (name, weights) in _BASE_3.items()
}
_NEED_2: Final[Weights] = {"L": ("LOW", 0.5), "M": ("MEDIUM", 1.0), "H": ("HIGH", 1.51), "ND": _UNDEFINED}
_IMPACT_2: Final[Weights] = {"N": ("NONE", 0.0), "P": ("PARTIAL", 0.275), "C": ("COMPLETE", 0.66)}
_BASE_2: Final[Mapping[str, tuple[str, Weights]]] = {
    "AV": ("accessVector", {"L": ("LOCAL", 0.395), "A": ("ADJACENT_NETWORK", 0.646), "N": ("NETWORK", 1.0)}),
    "AC": ("accessComplexity", {"H": ("HIGH", 0.35), "M": ("MEDIUM", 0.61), "L": ("LOW", 0.71)}),
    "Au": ("authentication", {"M": ("MULTIPLE", 0.45), "S": ("SINGLE", 0.56), "N": ("NONE", 0.704)}),
    "C": ("confidentialityImpact", _IMPACT_2),
    "I": ("integrityImpact", _IMPACT_2),
    "A": ("availabilityImpact", _IMPACT_2),
}
_REST_2: Final[Mapping[str, tuple[str, Weights]]] = {
    "E": (
        "exploitability",
        {
            "U": ("UNPROVEN", 0.85),
            "POC": ("PROOF_OF_CONCEPT", 0.9),
            "F": ("FUNCTIONAL", 0.95),
            "H": ("HIGH", 1.0),
            "ND": _UNDEFINED,
        },
    ),
    "RL": (
        "remediationLevel",
        {
            "OF": ("OFFICIAL_FIX", 0.87),
            "TF": ("TEMPORARY_FIX", 0.9),
            "W": ("WORKAROUND", 0.95),
            "U": ("UNAVAILABLE", 1.0),
            "ND": _UNDEFINED,
        },
    ),
    "RC": (
        "reportConfidence",
        {"UC": ("UNCONFIRMED", 0.9), "UR": ("UNCORROBORATED", 0.95), "C": ("CONFIRMED", 1.0), "ND": _UNDEFINED},
    ),
    "CDP": (
        "collateralDamagePotential",
        {
            "N": ("NONE", 0.0),
            "L": ("LOW", 0.1),
            "LM": ("LOW_MEDIUM", 0.3),
            "MH": ("MEDIUM_HIGH", 0.4),
            "H": ("HIGH", 0.5),
            "ND": ("NOT_DEFINED", 0.0),
        },
    ),
    "TD": (
        "targetDistribution",
        {"N": ("NONE", 0.0), "L": ("LOW", 0.25), "M": ("MEDIUM", 0.75), "H": ("HIGH", 1.0), "ND": _UNDEFINED},
    ),
    "CR": ("confidentialityRequirement", _NEED_2),
    "IR": ("integrityRequirement", _NEED_2),
    "AR": ("availabilityRequirement", _NEED_2),
}
_METRICS_3: Final = {**_BASE_3, **_REST_3, **_MODIFIED_3}
_METRICS: Final = {"2.0": {**_BASE_2, **_REST_2}, "3.0": _METRICS_3, "3.1": _METRICS_3}
_BASE: Final = {"2.0": tuple(_BASE_2), "3.0": tuple(_BASE_3), "3.1": tuple(_BASE_3)}
_SCORES: Final = ("base", "temporal", "environmental")
_SEVERITIES: Final = ("NONE", "LOW", "MEDIUM", "HIGH", "CRITICAL")


def name_severity(score: float) -> str:
    """Give the word for a score, as CVSS 3 has it: NONE 0, LOW to 3.9, MEDIUM to 6.9, HIGH to 8.9, then CRITICAL."""
    return _SEVERITIES[(score > 0) + (score >= 4) + (score >= 7) + (score >= 9)]


def read_vector(text: str, version: str) -> dict[str, str] | None:
    """Give the letter of each metric of a vector; None for one that the version does not know."""
    parts = text.split("/")
    if version != "2.0" and parts.pop(0) != f"CVSS:{version}":
        return None
    letters: dict[str, str] = {}
    metrics = _METRICS[version]
    for part in parts:
        code, _, letter = part.partition(":")
        if code in letters or code not in metrics or letter not in metrics[code][1]:
            return None
        letters[code] = letter
    return letters if all(code in letters for code in _BASE[version]) else None


def work_out(letters: Mapping[str, str], version: str) -> tuple[float, float, float]:
    """Give the base, temporal and environmental score of what `read_vector` gave."""
    return _work_out_2(letters) if version == "2.0" else _work_out_3(letters, version)


def _weigh(metrics: Mapping[str, tuple[str, Weights]], letters: Mapping[str, str], code: str) -> float:
    letter = letters.get(code)
    return metrics[code][1][letter][1] if letter else metrics[code][1].get("X", metrics[code][1].get("ND", ("", 1)))[1]


def _work_out_2(letters: Mapping[str, str]) -> tuple[float, float, float]:
    weigh = {code: _weigh(_METRICS["2.0"], letters, code) for code in _METRICS["2.0"]}
    reach = 20 * weigh["AV"] * weigh["AC"] * weigh["Au"]
    passing = weigh["E"] * weigh["RL"] * weigh["RC"]

    def score(impact: float) -> float:
        return max(0.0, _to_tenth((0.6 * impact + 0.4 * reach - 1.5) * (1.176 if impact else 0)))

    base = score(10.41 * (1 - (1 - weigh["C"]) * (1 - weigh["I"]) * (1 - weigh["A"])))
    kept = (1 - weigh["C"] * weigh["CR"]) * (1 - weigh["I"] * weigh["IR"]) * (1 - weigh["A"] * weigh["AR"])
    adjusted = _to_tenth(score(min(10.0, 10.41 * (1 - kept))) * passing)
    environmental = _to_tenth((adjusted + (10 - adjusted) * weigh["CDP"]) * weigh["TD"])
    return base, _to_tenth(base * passing), environmental


def _to_tenth(value: float) -> float:
    return math.floor(value * 10 + 0.5 + 1e-9) / 10


def _work_out_3(letters: Mapping[str, str], version: str) -> tuple[float, float, float]:
    changed = {code: letters[code] if letters.get(f"M{code}", "X") == "X" else letters[f"M{code}"] for code in _BASE_3}
    weigh = {code: _weigh(_REST_3, letters, code) for code in _REST_3}
    passing = weigh["E"] * weigh["RL"] * weigh["RC"]
    up = _round_up_31 if version == "3.1" else _round_up_30
    kept = math.prod(1 - _weigh(_BASE_3, letters, code) for code in "CIA")
    base = _combine(letters, _impact(letters["S"], 1 - kept), up)
    needs = zip("CIA", ("CR", "IR", "AR"), strict=True)
    kept = math.prod(1 - weigh[need] * _weigh(_BASE_3, changed, code) for code, need in needs)
    impact = _impact(changed["S"], min(1 - kept, 0.915), version)
    return base, up(base * passing), up(_combine(changed, impact, up) * passing)


def _impact(scope: str, share: float, modified: str = "") -> float:
    if scope == "U":
        return 6.42 * share
    if modified == "3.1":
        return 7.52 * (share - 0.029) - 3.25 * (share * 0.9731 - 0.02) ** 13
    return 7.52 * (share - 0.029) - 3.25 * (share - 0.02) ** 15


def _combine(letters: Mapping[str, str], impact: float, up: Any) -> float:
    if impact <= 0:
        return 0.0
    privileges = _weigh(_BASE_3, letters, "PR")
    if letters["S"] == "C":
        # Getting over a border makes privileges weigh less (CVSS 3.1, section 7.4).
        privileges = {"N": 0.85, "L": 0.68, "H": 0.5}[letters["PR"]]
    reach = 8.22 * privileges * math.prod(_weigh(_BASE_3, letters, code) for code in ("AV", "AC", "UI"))
    return float(up(min(1.08 * (impact + reach) if letters["S"] == "C" else impact + reach, 10)))


def _round_up_31(value: float) -> float:
    scaled = round(value * 100_000)
    return scaled / 100_000 if scaled % 10_000 == 0 else (scaled // 10_000 + 1) / 10


def _round_up_30(value: float) -> float:
    return math.ceil(value * 10) / 10


def check_form(said: Mapping[str, Any], versions: tuple[str, ...]) -> Iterator[str]:
    """Yield each field of a score in JSON that lacks or has no value that the schema of FIRST knows."""
    version, vector = said.get("version"), said.get("vectorString")
    if version not in versions:
        yield "version"
        return
    if not isinstance(vector, str) or read_vector(vector, str(version)) is None:
        yield "vectorString"
    for name in _SCORES:
        score = said.get(f"{name}Score", 0 if name != "base" else None)
        if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 10:
            yield f"{name}Score"
        severity = said.get(f"{name}Severity", None if name == "base" else "NONE")
        if version != "2.0" and severity not in _SEVERITIES:
            yield f"{name}Severity"
    for name, weights in _METRICS[str(version)].values():
        if name in said and said[name] not in [word for word, _ in weights.values()]:
            yield name


def compare_scores(said: Mapping[str, Any]) -> Iterator[tuple[str, float | str]]:
    """Yield each score or severity that is not what the vector gives, with what it gives."""
    letters = _letters_of(said)
    if letters is None:
        return
    for name, score in zip(_SCORES, work_out(letters, said["version"]), strict=True):
        if said.get(f"{name}Score", score) != score:
            yield f"{name}Score", score
        severity = name_severity(score)
        if said["version"] != "2.0" and said.get(f"{name}Severity", severity) != severity:
            yield f"{name}Severity", severity


def compare_metrics(said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each metric that is not what the vector says, with what it says."""
    letters = _letters_of(said) or {}
    for code, letter in letters.items():
        name, weights = _METRICS[said["version"]][code]
        if said.get(name, weights[letter][0]) != weights[letter][0]:
            yield name, weights[letter][0]


def _letters_of(said: Mapping[str, Any]) -> dict[str, str] | None:
    version, vector = said.get("version"), said.get("vectorString")
    if not isinstance(version, str) or version not in _METRICS or not isinstance(vector, str):
        return None
    return read_vector(vector, version)
