"""What a product of an advisory is beside its name and version, as CSAF 2.0, CPE (NISTIR 7696) and purl say it.

Good news is believed where everything fits; what may be meant is unknown, and what is another thing is not spoken of.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from eendracht.resilience.advisories.matching import ProductIndex, identify, match_thing
from eendracht.resilience.advisories.reading import read_advisory
from tests.resilience.advisories.documents import Document, branch, relate, say, zaak

LOG4J = "pkg:maven/org.apache.logging.log4j/log4j-core"
OURS = ["Zaakbouwers B.V."]
AFFECTED, FIXED, UNKNOWN, SILENT = ["affected"], ["fixed"], ["unknown"], list[str]()


def judge(
    document: Document, spec: dict[str, Any], suppliers: Sequence[str] = OURS, around: Sequence[dict[str, Any]] = ()
) -> list[str]:
    """Give the outcomes for a thing with what is around it, of the same supplier."""
    return [outcome for outcome, _ in explain(document, spec, suppliers, around)]


def explain(
    document: Document, spec: dict[str, Any], suppliers: Sequence[str] = OURS, around: Sequence[dict[str, Any]] = ()
) -> list[tuple[str, str]]:
    """Give the outcomes with their reasons."""
    said = read_advisory(json.dumps(document).encode())
    near = [identify({"name": "x", **one}, suppliers) for one in around]
    found = match_thing(said, ProductIndex(said.products), identify({"name": "x", **spec}, suppliers), lambda: near)
    return [(verdict.outcome, verdict.reason) for verdict in found]


PORTAL: dict[str, Any] = {"name": "Portal", "version": "4.2"}
MADE = (
    zaak(("product_version", "4.2"), product="Z42"),
    branch(("vendor", "Apache"), ("product_version", "2.14.1"), product="L", purl=f"{LOG4J}@2.14.1"),
)


def test_a_product_with_an_affected_part_may_be_affected_and_is_where_the_part_is_recorded() -> None:
    """CSAF 2.0, 3.2.2.4: the product of a relationship is the combination of both."""
    document = say(*MADE, relationships=[relate("default_component_of", "L", "Z42")], known_affected=["Z42:L"])
    assert explain(document, PORTAL) == [("unknown", "part-not-certain")]
    assert judge(document, PORTAL, around=[{"purl": f"{LOG4J}@2.14.1"}]) == AFFECTED
    assert judge(document, PORTAL, around=[{"purl": f"{LOG4J}@2.17.1"}]) == UNKNOWN
    assert judge(document, {**PORTAL, "version": "4.3"}) == SILENT
    assert judge(document, {"name": "Portal"}) == UNKNOWN
    assert judge(document, PORTAL, []) == UNKNOWN
    assert judge(document, PORTAL, ["Andere BV"]) == SILENT
    assert explain(document, {"purl": f"{LOG4J}@2.14.1"}) == [("unknown", "surroundings-not-recorded")]


def test_that_a_part_does_no_harm_within_a_product_says_no_good_of_that_product() -> None:
    relationships = [relate("default_component_of", "L", "Z42")]
    around = [{"purl": f"{LOG4J}@2.14.1"}]
    for state in ("fixed", "known_not_affected"):
        assert judge(say(*MADE, relationships=relationships, **{state: ["Z42:L"]}), PORTAL, around=around) == SILENT
    document = say(*MADE, relationships=relationships, known_affected=["Z42"], known_not_affected=["Z42:L"])
    assert judge(document, PORTAL, around=around) == AFFECTED
    document = say(*MADE, relationships=relationships, known_not_affected=["Z42"], known_affected=["Z42:L"])
    assert judge(document, PORTAL) == UNKNOWN


def test_hardware_is_told_of_firmware_on_it() -> None:
    document = say(
        branch(("vendor", "Siemens"), ("product_name", "FW"), ("product_version_range", "vers:intdot/<2"), product="F"),
        branch(("vendor", "Siemens"), ("product_name", "S7-1500"), product="H"),
        relationships=[relate("installed_on", "F", "H")],
        known_affected=["H:F"],
    )
    assert judge(document, {"name": "S7-1500"}, ["Siemens"]) == UNKNOWN
    assert judge(document, {"name": "S7-1500"}, ["Siemens"], [{"name": "FW", "version": "1.9"}]) == AFFECTED


def cpe(version: str, update: str = "*", software: str = "*") -> str:
    return f"cpe:2.3:a:oracle:jdk:{version}:{update}:*:*:*:{software}:*:*"


@pytest.mark.parametrize(
    ("said", "ours", "bad", "good"),
    [
        # NISTIR 7696, table 6-2: equal, a superset, disjoint, a subset.
        (cpe("1.8.0", "update291"), cpe("1.8.0", "update291"), AFFECTED, FIXED),
        (cpe("1.8.0"), cpe("1.8.0", "update202"), AFFECTED, FIXED),
        (cpe("1.8.0", "update291"), cpe("1.8.0", "update202"), SILENT, SILENT),
        (cpe("1.8.0", "-"), cpe("1.8.0", "update202"), SILENT, SILENT),
        (cpe("1.8.0", "update291"), cpe("1.8.0"), AFFECTED, UNKNOWN),
        (cpe("1.8.0", "update29?"), cpe("1.8.0", "update291"), UNKNOWN, UNKNOWN),
        (cpe("1.8.0", software="windows"), cpe("1.8.0", software="linux"), SILENT, SILENT),
        (cpe("1.8.0", "update291"), "cpe:/a:oracle:jdk:1.8.0:update202", SILENT, SILENT),
        (cpe("1.8.0", software="windows"), "cpe:/a:oracle:jdk:1.8.0::~~~linux~~", SILENT, SILENT),
        (cpe("1.8.0", software="windows"), "cpe:/a:oracle:jdk:1.8.0::~~~windows~~", AFFECTED, FIXED),
        # No version at all is not any version, though many write it so.
        (cpe("-"), cpe("3.0"), UNKNOWN, UNKNOWN),
        (cpe("-"), cpe("-"), AFFECTED, FIXED),
        (cpe("-"), cpe("*"), AFFECTED, UNKNOWN),
        (cpe("*"), cpe("3.0"), AFFECTED, FIXED),
    ],
)  # fmt: skip
def test_names_of_cpe_are_compared_in_all_their_parts(said: str, ours: str, bad: list[str], good: list[str]) -> None:
    product = branch(("vendor", "Oracle"), ("product_name", "Java"), product="J", cpe=said)
    assert judge(say(product, known_affected=["J"]), {"cpe": ours}) == bad
    assert judge(say(product, fixed=["J"]), {"cpe": ours}) == good


@pytest.mark.parametrize(
    ("category", "name"),
    [("service_pack", "SP2"), ("patch_level", "HF9"), ("architecture", "arm64"), ("specification", "PL2024"),
     ("language", "nl"), ("host_name", "een.example"), ("legacy", "oud")],
)  # fmt: skip
def test_what_is_said_of_a_patch_or_an_edition_is_not_said_of_the_whole_version(category: str, name: str) -> None:
    for steps in ([("product_version", "4.2")], []):
        product = zaak(*steps, (category, name), product="P")
        for state in ("fixed", "known_not_affected"):
            assert explain(say(product, **{state: ["P"]}), PORTAL) == [("unknown", "details-not-recorded")]
        assert explain(say(product, known_affected=["P"]), PORTAL) == [("unknown", "details-not-recorded")]
    whole = zaak(("product_version", "4.2"), product="W")
    patched = zaak(("product_version", "4.2"), (category, name), product="P")
    assert judge(say(whole, patched, fixed=["W"], known_affected=["P"]), PORTAL) == UNKNOWN
    assert judge(say(whole, patched, fixed=["P"], known_affected=["W"]), PORTAL) == AFFECTED


def test_the_architecture_of_a_package_is_compared() -> None:
    """A tree as makers of distributions write it: the architecture is a branch, and in the package URL."""
    product = branch(
        ("vendor", "Red Hat"), ("architecture", "x86_64"), ("product_version", "openssl-1:1.1.1k-7.el8.x86_64"),
        product="P", purl="pkg:rpm/redhat/openssl@1.1.1k-7.el8?arch=x86_64&epoch=1",
    )  # fmt: skip
    document = say(product, fixed=["P"])
    for arch, outcome in (("x86_64", FIXED), ("amd64", FIXED), ("aarch64", SILENT)):
        ours = {"purl": f"pkg:rpm/redhat/openssl@1.1.1k-7.el8?arch={arch}&epoch=1"}
        assert judge(document, ours) == outcome
    assert judge(document, {"purl": "pkg:rpm/redhat/openssl@1.1.1k-7.el8?epoch=1"}) == UNKNOWN
    assert judge(say(product, known_affected=["P"]), {"purl": "pkg:rpm/redhat/openssl@1:1.1.1k-7.el8"}) == AFFECTED


@pytest.mark.parametrize(
    ("said", "ours", "bad", "good"),
    [
        ("distro=bookworm", "distro=debian-12", UNKNOWN, UNKNOWN),
        ("arch=source", "arch=amd64", UNKNOWN, UNKNOWN),
        ("arch=amd64", "arch=src", UNKNOWN, UNKNOWN),
        ("arch=amd64", "arch=x86_64", AFFECTED, FIXED),
        ("arch=amd64", "arch=arm64", SILENT, SILENT),
        ("repository_url=https://a.example", "repository_url=https://b.example", UNKNOWN, UNKNOWN),
        ("distro=bookworm", "arch=amd64", AFFECTED, UNKNOWN),
        ("distro=bookworm", "arch=amd64&distro=bookworm", AFFECTED, FIXED),
    ],
)
def test_a_qualifier_in_other_words_makes_no_other_package(
    said: str, ours: str, bad: list[str], good: list[str]
) -> None:
    steps = (("vendor", "Debian"), ("product_name", "curl"), ("product_version_range", "vers:deb/<7.60"))
    product = branch(*steps, product="C", purl=f"pkg:deb/debian/curl?{said}")
    thing = {"purl": f"pkg:deb/debian/curl@7.50.3-1?{ours}"}
    assert judge(say(product, known_affected=["C"]), thing) == bad
    assert judge(say(product, fixed=["C"]), thing) == good


def test_the_epoch_of_an_rpm_is_part_of_its_version_however_it_is_written() -> None:
    """purl-spec, type rpm: the epoch is a qualifier; rpm orders by it first."""

    def package(category: str, text: str, purl: str) -> Document:
        return branch(("vendor", "Red Hat"), ("product_name", "openssl"), (category, text), product="A", purl=purl)

    bare = "pkg:rpm/redhat/openssl"
    between = say(package("product_version_range", "vers:rpm/>=1:1.0-1|<1:2.0-1", bare), known_affected=["A"])
    exact = say(package("product_version", "1.5-1", f"{bare}@1.5-1?epoch=1"), known_affected=["A"])
    apart = say(package("product_version", "1.5-1", f"{bare}?epoch=1"), known_affected=["A"])
    below = say(package("product_version_range", "vers:rpm/<2.0-1", f"{bare}?epoch=1"), known_affected=["A"])
    for thing in (
        {"purl": f"{bare}@1.5-1?epoch=1"},
        {"purl": f"{bare}@1.5-1?epoch=1", "version": "1.5-1"},
        {"purl": bare, "version": "1:1.5-1"},
    ):
        assert [judge(document, thing) for document in (between, exact, apart, below)] == [AFFECTED] * 4
    assert judge(between, {"purl": f"{bare}@1.5-1"}) == SILENT


def test_an_rpm_without_its_release_is_not_known_to_be_repaired() -> None:
    def package(category: str, text: str, product: str) -> Document:
        return branch(("product_name", "o"), (category, text), product=product, purl="pkg:rpm/redhat/openssl")

    ranges = [package("product_version_range", f"vers:rpm/{sign}1.2-3", sign) for sign in ("<", ">=")]
    thing = {"purl": "pkg:rpm/redhat/openssl", "version": "1.2"}
    assert judge(say(*ranges, known_affected=["<"], fixed=[">="]), thing) == UNKNOWN
    assert judge(say(package("product_version", "1.2-3", "E"), fixed=["E"]), thing) == UNKNOWN


def test_a_range_that_nobody_can_read_may_hold_beside_one_that_does() -> None:
    ranges = [zaak(("product_version_range", text), product=text) for text in (">=1|<2", "1.x before hotfix 3")]
    exact = zaak(("product_version", "1.5"), product="1.5")
    thing = {"name": "Portal", "version": "1.5"}
    for good in ("known_not_affected", "fixed"):
        document = say(*ranges, **{good: [">=1|<2"]}, known_affected=["1.x before hotfix 3"])
        assert explain(document, thing) == [("unknown", "version-not-comparable")]
    # One version goes before a range, and a range before the product as a whole.
    assert judge(say(*ranges, exact, fixed=["1.5"], known_affected=["1.x before hotfix 3"]), thing) == FIXED


@pytest.mark.parametrize(
    ("version", "outcome"),
    [
        ("0.9", SILENT), ("1.0", AFFECTED), ("1.2", UNKNOWN), ("1.4", AFFECTED), ("1.4.5", UNKNOWN), ("1.5", FIXED),
        ("1.6", SILENT), ("2.0", AFFECTED), ("2.2", UNKNOWN), ("2.4", FIXED), ("2.5", SILENT), ("een", UNKNOWN),
        ("", UNKNOWN),
    ],
)  # fmt: skip
def test_versions_between_the_ends_of_a_release_train_are_unknown(version: str, outcome: list[str]) -> None:
    """CSAF 2.0, 3.2.3.9: first affected, last affected and first fixed are ends; what lies between is not listed."""
    texts = ("1.0", "1.4", "1.5", "2.0", "2.4")
    document = say(
        *(zaak(("product_version", text), product=text) for text in texts),
        first_affected=["1.0", "2.0"], last_affected=["1.4"], first_fixed=["1.5", "2.4"],
    )  # fmt: skip
    assert judge(document, {"name": "Portal", "version": version}) == outcome


@pytest.mark.parametrize(
    ("end", "older", "newer"),
    [("first_affected", SILENT, UNKNOWN), ("last_affected", UNKNOWN, SILENT), ("first_fixed", UNKNOWN, SILENT)],
)
def test_a_release_train_of_which_one_end_is_named_is_open_at_the_other(
    end: str, older: list[str], newer: list[str]
) -> None:
    document = say(zaak(("product_version", "1.4"), product="P"), **{end: ["P"]})
    assert judge(document, {"name": "Portal", "version": "1.3"}) == older
    assert judge(document, {"name": "Portal", "version": "1.5"}) == newer


def test_good_news_of_a_range_does_not_reach_within_a_release_train() -> None:
    document = say(
        zaak(("product_version", "1.0"), product="A"),
        zaak(("product_version_range", ">=1|<2"), product="R"),
        first_affected=["A"],
        known_not_affected=["R"],
    )
    assert explain(document, {"name": "Portal", "version": "1.2"}) == [("unknown", "between-versions")]


@pytest.mark.parametrize(
    ("supplier", "bad", "good"),
    [
        ("Zaakbouwers B.V.", SILENT, SILENT),
        ("Software AG", AFFECTED, FIXED),
        ("software ag.", AFFECTED, FIXED),
        ("Software GmbH", SILENT, SILENT),
        ("Zaakbouwers Software AG", UNKNOWN, UNKNOWN),
    ],
)
def test_a_supplier_with_a_name_of_common_words_is_told_apart(supplier: str, bad: list[str], good: list[str]) -> None:
    product = branch(("vendor", "Software AG"), ("product_name", "Portal"), product="P")
    assert judge(say(product, known_affected=["P"]), PORTAL, [supplier]) == bad
    assert judge(say(product, fixed=["P"]), PORTAL, [supplier]) == good
