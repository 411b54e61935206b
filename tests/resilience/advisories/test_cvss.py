"""Scores as FIRST works them out: the examples of its own documents for CVSS 3.1 and 2.0."""

from __future__ import annotations

import pytest

from eendracht.resilience.advisories.cvss import check_form, compare_scores, name_severity, read_vector, work_out

BASE_31 = [
    ("AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1),  # CVE-2013-1937
    ("AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 6.4),  # CVE-2013-0375
    ("AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 3.1),  # CVE-2014-3566
    ("AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", 9.9),  # CVE-2012-1516
    ("AV:L/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:L", 4.2),  # CVE-2009-0783
    ("AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 7.5),  # CVE-2014-0160
    ("AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),  # CVE-2014-6271
]
SCORES_2 = [
    ("AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:H", (7.8, 6.4, 9.2)),  # CVE-2002-0392
    ("AV:N/AC:L/Au:N/C:C/I:C/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:L", (10.0, 8.3, 9.0)),  # CVE-2003-0818
    ("AV:L/AC:H/Au:N/C:C/I:C/A:C/E:POC/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:M", (6.2, 4.9, 7.5)),  # CVE-2003-0062
]
"""Base, temporal and environmental score."""


@pytest.mark.parametrize(("vector", "score"), BASE_31)
def test_published_base_scores_of_version_3(vector: str, score: float) -> None:
    for version in ("3.0", "3.1"):
        letters = read_vector(f"CVSS:{version}/{vector}", version)
        assert letters is not None
        assert work_out(letters, version)[:2] == (score, score)


@pytest.mark.parametrize(("vector", "scores"), SCORES_2)
def test_published_scores_of_version_2(vector: str, scores: tuple[float, float, float]) -> None:
    letters = read_vector(vector, "2.0")
    assert letters is not None
    assert work_out(letters, "2.0") == scores


def test_severities_change_at_the_published_borders() -> None:
    borders = [(0, "NONE"), (0.1, "LOW"), (3.9, "LOW"), (4.0, "MEDIUM"), (6.9, "MEDIUM"), (7.0, "HIGH"), (8.9, "HIGH")]
    for score, name in [*borders, (9.0, "CRITICAL"), (10, "CRITICAL")]:
        assert name_severity(score) == name


@pytest.mark.parametrize(
    "vector",
    [
        "AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L",
        "CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N",
        "CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N/XX:Y",
        "",
    ],
)
def test_a_vector_that_is_none_is_not_read(vector: str) -> None:
    assert read_vector(vector, "3.1") is None


def test_what_a_score_lacks_or_has_wrong_is_named() -> None:
    assert list(check_form({"version": "4.0"}, ("3.0", "3.1"))) == ["version"]
    said = {"version": "3.1", "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", "baseScore": True}
    assert list(check_form({**said, "attackVector": "MOON"}, ("3.1",))) == ["baseScore", "baseSeverity", "attackVector"]
    assert dict(compare_scores({**said, "baseScore": 6.2, "baseSeverity": "HIGH"})) == {
        "baseScore": 6.1,
        "baseSeverity": "MEDIUM",
    }
