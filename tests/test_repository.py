"""The repository keeps its promises: pins, no hosts, no secrets, one version, placeholders listed in one place."""

from __future__ import annotations

import hashlib
import importlib.metadata
import re
import subprocess
import tomllib
from collections import deque
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import eendracht

ROOT = Path(__file__).parents[1]
PLACEHOLDER = "To be filled in by the steward"

# Written in parts, so that this file does not hold what it forbids.
REGISTRY_HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("crates", "io"),
        ("proxy", "golang", "org"),
        ("repo", "maven", "apache", "org"),
        ("nuget", "org"),
        ("rubygems", "org"),
        ("conda", "anaconda", "org"),
        ("deb", "debian", "org"),
    )
]
MACHINE_PATH = re.compile(r"(?<![\w.~$})/-])/(?:home|root|work|Users|mnt|opt)/[\w.-]+|\b[A-Z]:\\Users\\")
SECRETS = {
    "private key": re.compile("-----BEGIN " + r"(?:[A-Z0-9]+ )*PRIVATE KEY-----"),
    "cloud access key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "forge token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|glpat-[\w-]{20,})\b"),
    "chat token": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
    "package token": re.compile(r"\b(?:npm_[A-Za-z0-9]{30,}|pypi-AgE[\w-]{30,})\b"),
    "signed web token": re.compile(r"\beyJ[\w-]{15,}\.eyJ[\w-]{15,}\.[\w-]{15,}"),
    "password in an address": re.compile(r"\w+://[\w.-]+:(?!password@)[\w.!-]{3,}@[\w.-]+"),
}


@cache
def tracked_files() -> tuple[Path, ...]:
    """List the files that git tracks, or skip where this is no clone."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git clone: the list of tracked files is unknown")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(path for name in listed.split("\0") if name and (path := ROOT / name).is_file())


def lines_of_tracked_files() -> list[tuple[str, str]]:
    """Give every line of every tracked text file with its place, as `file:line`."""
    lines = []
    for path in tracked_files():
        content = path.read_bytes()
        if b"\0" in content:
            continue
        name = path.relative_to(ROOT).as_posix()
        lines += [(f"{name}:{n}", line) for n, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1)]
    return lines


@cache
def project() -> dict[str, Any]:
    """Read pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


@cache
def pins() -> dict[str, str]:
    """Read constraints.txt as canonical name → version."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return {canonicalize_name(line.split("==")[0]): line.split("==")[1] for line in lines}


def direct_requirements() -> list[Requirement]:
    """Give everything that pyproject.toml asks for: to build, to run, and by extra."""
    listed = [
        *project()["build-system"]["requires"],
        *project()["project"]["dependencies"],
        *(item for extra in project()["project"]["optional-dependencies"].values() for item in extra),
    ]
    return [Requirement(item) for item in listed]


def test_no_file_names_a_registry_host() -> None:
    found = [place for place, line in lines_of_tracked_files() for host in REGISTRY_HOSTS if host in line.lower()]
    assert found == []


def test_no_file_holds_a_path_of_one_machine() -> None:
    found = [f"{place}: {hit[0]}" for place, line in lines_of_tracked_files() if (hit := MACHINE_PATH.search(line))]
    assert found == []


def test_no_file_holds_a_secret() -> None:
    lines = lines_of_tracked_files()
    found = [f"{place}: {what}" for place, line in lines for what, shape in SECRETS.items() if shape.search(line)]
    assert found == []


@pytest.mark.parametrize(
    ("what", "parts"),
    [
        ("private key", ("-----BEGIN EC PRI", "VATE KEY-----")),
        ("cloud access key", ("AKIA", "IOSFODNN7EXAMPLE")),
        ("forge token", ("ghp", "_16C7e42F292c6912E7710c838347Ae178B4a")),
        ("password in an address", ("postgresql://node:", "s3cret@db.internal/x")),
    ],
)
def test_secret_shapes_match_their_published_examples(what: str, parts: tuple[str, str]) -> None:
    assert SECRETS[what].search("".join(parts))


def test_machine_paths_are_recognised() -> None:
    assert MACHINE_PATH.search("see " + "/home" + "/alice/eendracht")
    assert not MACHINE_PATH.search("see docs/work/alice and https://overheid.nl/work/alice")


def test_constraints_pin_exactly() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    loose = [line for line in lines if not re.fullmatch(r"[A-Za-z0-9][\w.-]*==[0-9][\w.]*", line)]
    assert loose == []
    assert lines == sorted(lines, key=str.lower), "keep the pins sorted"
    assert len(pins()) == len(lines), "one pin per package"


def test_every_direct_dependency_is_pinned_within_its_range() -> None:
    wrong = [
        f"{requirement} pinned at {pins().get(canonicalize_name(requirement.name))}"
        for requirement in direct_requirements()
        if canonicalize_name(requirement.name) not in pins()
        or not requirement.specifier.contains(pins()[canonicalize_name(requirement.name)])
    ]
    assert wrong == []


def test_every_indirect_dependency_is_pinned() -> None:
    queue = deque((canonicalize_name(item.name), frozenset(item.extras)) for item in direct_requirements())
    seen = set(queue)
    unpinned = set()
    while queue:
        name, extras = queue.popleft()
        if name not in pins():
            unpinned.add(name)
        try:
            asked = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue  # an extra that is not installed here
        for item in map(Requirement, asked):
            if item.marker is None or any(item.marker.evaluate({"extra": extra}) for extra in (*extras, "")):
                step = (canonicalize_name(item.name), frozenset(item.extras))
                if step not in seen:
                    seen.add(step)
                    queue.append(step)
    assert unpinned == set()


def test_node_tools_are_locked_without_hosts() -> None:
    lock = (ROOT / "tests" / "tools" / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') > 200


def test_one_version_everywhere() -> None:
    version = project()["project"]["version"]
    changelog = re.findall(r"^## \[(\d[^\]]*)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert eendracht.__version__ == version
    assert changelog[0] == version
    assert yaml.safe_load((ROOT / "publiccode.yml").read_text())["softwareVersion"] == version


def test_placeholders_are_listed_in_one_place() -> None:
    table = (ROOT / "GOVERNANCE.md").read_text().split("## What is still to be filled in", 1)[1]
    listed = set(re.findall(r"`([\w./-]+\.(?:md|yml|py))`", table))
    own = Path(__file__).relative_to(ROOT).as_posix()
    holders = {place.rsplit(":", 1)[0] for place, line in lines_of_tracked_files() if PLACEHOLDER in line} - {own}
    assert holders == listed
    assert table.count(PLACEHOLDER) >= len(listed)


def test_papers_hold_no_other_placeholders() -> None:
    shape = re.compile(r"\b(?:TODO|TBD|FIXME|XXX|lorem ipsum)\b|example\.(?:com|org)|<your[ -]", re.IGNORECASE)
    papers = [(place, line) for place, line in lines_of_tracked_files() if re.match(r"[\w/.-]+\.(?:md|yml):", place)]
    assert [place for place, line in papers if shape.search(line)] == []


def test_links_between_papers_lead_somewhere() -> None:
    link = re.compile(r"\]\((?!https?:|mailto:|#)([^)#]+)[^)]*\)")
    papers = [path for path in tracked_files() if path.suffix == ".md"]
    links = [(path, target) for path in papers for target in link.findall(path.read_text())]
    assert len(links) > 10
    assert [(path.name, target) for path, target in links if not (path.parent / target).exists()] == []


def test_licence_is_the_whole_eupl() -> None:
    # Digest of the words of the SPDX licence list's text of EUPL-1.2 (npm spdx-license-list 6.12.0), case folded.
    words = re.findall(r"[^\W_]+", (ROOT / "LICENSE").read_text().lower())
    digest = hashlib.sha256(" ".join(words).encode()).hexdigest()
    assert digest == "7718466afa7e13afafe2acc2edd2f73ac7fa41ee5a2982df3934dd1fc702940c"


def test_publiccode_has_what_the_standard_requires() -> None:
    # publiccode.yml 0.5, "The standard (core)": mandatory keys, allowed values and lengths.
    code = yaml.safe_load((ROOT / "publiccode.yml").read_text())
    assert str(code["publiccodeYmlVersion"]) == "0.5"
    assert code["name"] == "Eendracht"
    assert code["url"]
    assert set(code["platforms"]) <= {"web", "windows", "mac", "linux", "ios", "android"}
    assert code["developmentStatus"] in {"concept", "development", "beta", "stable", "obsolete"}
    assert code["softwareType"] in {
        "standalone/mobile",
        "standalone/iot",
        "standalone/desktop",
        "standalone/web",
        "standalone/backend",
        "standalone/other",
        "addon",
        "library",
        "configurationFiles",
    }
    assert code["legal"]["license"] == project()["project"]["license"]
    assert code["maintenance"]["type"] in {"internal", "contract", "community", "none"}
    if code["maintenance"]["type"] in {"internal", "community"}:
        assert all(contact["name"] for contact in code["maintenance"]["contacts"])
    assert isinstance(code["localisation"]["localisationReady"], bool)
    assert code["localisation"]["availableLanguages"]
    assert {"nl", "en"} <= set(code["description"])
    for language, text in code["description"].items():
        assert 0 < len(text["shortDescription"]) <= 150, language
        assert 150 <= len(text["longDescription"]) <= 10_000, language
        assert text["features"], language
        assert all(len(feature) <= 100 for feature in text["features"]), language
