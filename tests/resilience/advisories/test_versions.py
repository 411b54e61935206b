"""Versions are ordered as their own world orders them: beside its tools where they are here, else by its documents."""

from __future__ import annotations

import random
import shutil
import subprocess
from itertools import pairwise

import pytest
from packaging.version import Version

from eendracht.resilience.advisories.ranges import read_range
from eendracht.resilience.advisories.versions import compare_versions

ORDERED = {
    # Semantic Versioning 2.0.0, section 11.
    "semver": "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 2.1.0",
    # Maven, version order specification; a longer list was put beside its own ComparableVersion.
    "maven": "1-alpha 1-beta 1-milestone 1-rc 1-snapshot 1 1-sp 1-foo2 1-foo10 1-1 1.1 2",
    "rpm": "1.0~rc1 1.0 1.0^git1 1.0a 1.0.1 1.1 1:0.1",
    "generic": "1 1.0.1 1.9 1.10 2",
}


@pytest.mark.parametrize("scheme", ORDERED)
def test_versions_stand_in_the_published_order(scheme: str) -> None:
    for one, two in pairwise(ORDERED[scheme].split()):
        assert (compare_versions(scheme, one, two), compare_versions(scheme, two, one)) == (-1, 1), (one, two)


@pytest.mark.parametrize("pair", ["1-1.foo-bar1baz-.1 1-1.foo-bar-1-baz-0.1", "1.0.0 1", "1.ga 1", "1-a1 1-alpha-1"])
def test_maven_knows_the_same_version_in_other_words(pair: str) -> None:
    """As its order specification and `org.apache.maven.artifact.versioning.ComparableVersion` say."""
    assert compare_versions("maven", *pair.split()) == 0


def test_python_versions_are_ordered_as_packaging_does() -> None:
    ends = ("", "a1", "b2", "rc1", ".post1", ".dev3", "a1.dev2", ".post1.dev4", "+local.1", ".0")
    texts = [f"{major}.{minor}{end}" for major in (0, 2) for minor in (0, 1, 10) for end in ends] + ["1!0.1"]
    for one in texts:
        for two in texts:
            left, right = Version(one), Version(two)
            assert compare_versions("pypi", one, two) == (left > right) - (left < right), (one, two)


def test_debian_versions_are_ordered_as_dpkg_does() -> None:
    if shutil.which("dpkg") is None:
        pytest.skip("there is no dpkg here")
    rng = random.Random(7)
    texts = ["1.0~rc1-1", "1.0-1", "1.0-1+deb12u1", "1:0.1", "1.0+b1", "2", "1.10", "1.9"]
    texts += [str(rng.randint(0, 3)) + "".join(rng.choices("0123a.+~z", k=5)) for _ in range(12)]
    for one in texts:
        for two in rng.sample(texts, 6):
            is_older = subprocess.run(["dpkg", "--compare-versions", one, "lt", two], check=False).returncode == 0
            assert (compare_versions("deb", one, two) == -1) == is_older, (one, two)


def test_what_cannot_be_compared_is_unknown() -> None:
    assert compare_versions("alpine", "1.0-r1", "1.0-r2") is None
    assert compare_versions("semver", "one", "1.0.0") is None
    assert compare_versions("", "1.0-beta", "1.0") is None
    assert compare_versions("pypi", "1" * 300, "1") is None
    assert compare_versions("alpine", "1.0-r1", "1.0-r1") == 0


def test_an_rpm_without_its_release_is_neither_older_nor_repaired() -> None:
    """Of rpm, 1.2 may be any release of 1.2; only another version tells them apart."""
    assert compare_versions("rpm", "1.2", "1.2-3") is None and compare_versions("rpm", "1.2-3", "1.2") is None
    assert compare_versions("rpm", "1.1", "1.2-3") == -1 and compare_versions("rpm", "1:1.2", "1.2-3") == 1
    assert compare_versions("rpm", "1.2-3", "1.2-3.el9") == -1
    for text in ("vers:rpm/<1.2-3", "vers:rpm/>=1.2-3", "vers:rpm/1.2-3"):
        assert read_range(text)[0].contains("1.2") is None


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        # The example of the VERS specification.
        ("vers:npm/1.2.3|>=2.0.0|<5.0.0", "1.2.3 2.0.0 4.9.9", "1.2.4 1.0.0 5.0.0"),
        ("vers:pypi/0.0.0|0.0.1|0.0.2|0.0.3|1.0|2.0pre1", "0.0.2 1.0 2.0rc1", "0.0.4 2.0"),
        ("vers:semver/<1.0.0|>=2.0.0|<3.0.0|>4.0.0", "0.9.0 2.5.0 4.0.1", "1.0.0 3.0.0 4.0.0"),
        ("vers:maven/>=1.0-beta1|<=1.7.5|>=7.0.0-M1|<=7.0.7", "1.0-beta2 1.7.5 7.0.0", "1.8 8.0 1.0-alpha1"),
        ("vers:deb/>=1.0-1|<1.0-1+deb12u2", "1.0-1 1.0-1+deb12u1", "1.0-1+deb12u2 0.9"),
        ("vers:generic/*", "1 anything", ""),
        ("vers:pypi/>1.0|>1.5|<2.0", "1.2", "1.0 2.0"),
        ("vers:npm/!=1.2.0", "1.0.0 2.0.0", "1.2.0"),
        (">=2.1|<2.4", "2.1 2.3.9", "2.0 2.4"),
        # Spaces are taken out before it is read; bounds at one version hold it; none holds nothing.
        ("vers:npm/>= 1.0.0 | < 2.0.0", "1.0.0 1.9.9", "0.9.0 2.0.0"),
        (" vers:npm / 1.0.0\t| 1.2.0", "1.0.0 1.2.0", "1.1.0"),
        ("vers:pypi/>=1.0|<=1.0.0", "1.0 1", "0.9 1.0.1"),
        ("vers:none/*", "", "1 anything"),
    ],
)
def test_a_range_holds_what_the_specification_says(text: str, inside: str, outside: str) -> None:
    found, complaints = read_range(text)
    assert not complaints
    assert [found.contains(version) for version in inside.split()] == [True] * len(inside.split())
    assert [found.contains(version) for version in outside.split()] == [False] * len(outside.split())


@pytest.mark.parametrize(
    "text",
    [
        "vers:npm/>=2|<1",
        "vers:npm/>=2.0.0|<2.0.0",
        "vers:pypi/>1.0|<=1.0.0",
        "vers:pypi/>=1.0|<1.0.0",
        "vers:pypi/>3.0|<=2.9",
        ">=4.2|<4.1",
        "vers:npm/1.2.3|1.2.3",
        "vers:npm/",
        "vers:npm/>=",
        "vers:npm/>=1.0.0||<2.0.0",
        "vers:/1",
        "vers:deb/<2|<1",
        "vers:npm/" + "|".join(str(number) for number in range(1000)),
    ],
)
def test_an_impossible_range_is_told(text: str) -> None:
    _, complaints = read_range(text)
    assert complaints and all(item.nl and item.en for item in complaints)


def test_what_is_not_known_is_never_outside() -> None:
    for text in ("vers:alpine/>=1.0|<2.0", "before 3.1", "all versions", "vers:npm/>=1.0.0|<2.0.0"):
        found, complaints = read_range(text)
        assert not complaints
        assert found.contains("" if "npm" in text else "1.5") is None
