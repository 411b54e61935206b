"""Bills are accepted or refused as the standard says; the cases are ours, after those that its own suite names."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eendracht.kernel.errors import UnreadableFile
from eendracht.resilience.crypto.bills import find_cycles, read_cbom
from eendracht.resilience.crypto.purposes import resolve_purposes
from tests.resilience.crypto.small_bills import asset, bill, dump

LIBRARY = {"type": "library", "name": "lib", "version": "1", "bom-ref": "lib"}


def with_component(version: str = "1.6", **more: Any) -> dict[str, Any]:
    """A bill whose only component has more in it."""
    return bill({**LIBRARY, **more}, version=version)


def with_top(version: str = "1.6", **more: Any) -> dict[str, Any]:
    """A bill with more at its top."""
    return bill(LIBRARY, version=version, **more)


HASH = {"alg": "SHA-256", "content": "a" * 64}
UUID = "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79"
VALID: dict[str, dict[str, Any]] = {
    "minimal": {"bomFormat": "CycloneDX", "specVersion": "1.6"},
    "minimal 1.7": {"bomFormat": "CycloneDX", "specVersion": "1.7"},
    "serial number": with_top(serialNumber=UUID),
    "hashes": with_component(hashes=[HASH, {"alg": "MD5", "content": "b" * 32}]),
    "licence by id": with_component(licenses=[{"license": {"id": "EUPL-1.2"}}]),
    "licence by name": with_component(licenses=[{"license": {"name": "Eigen licentie"}}]),
    "licence expression": with_component(licenses=[{"expression": "EUPL-1.2 OR MIT"}]),
    "empty components": bill(),
    "dependencies": with_top(dependencies=[{"ref": "lib", "dependsOn": []}]),
    "nested": with_component(components=[{"type": "library", "name": "inner", "bom-ref": "inner"}]),
    "service": with_top(services=[{"name": "s", "bom-ref": "s", "endpoints": ["https://voorbeeld.nl/x?y=[1]"[:25]]}]),
    "properties": with_top(properties=[{"name": "a", "value": "b"}, {"name": "a", "value": "c"}]),
    "tool as component": {**bill(), "metadata": {"tools": {"components": [{"type": "application", "name": "t"}]}}},
    "tool in the older form": {**bill(), "metadata": {"tools": [{"vendor": "v", "name": "t", "version": "1"}]}},
    "composition": with_top(compositions=[{"aggregate": "complete", "assemblies": ["lib"]}]),
    "vulnerability": with_top(vulnerabilities=[{"id": "CVE-2026-1", "affects": [{"ref": "lib"}]}]),
    "external reference": with_component(externalReferences=[{"type": "website", "url": "https://voorbeeld.nl"}]),
    "key wrap of 1.7": bill(asset("AES", "a", primitive="key-wrap"), version="1.7"),
    "family of 1.7": bill(asset("AES", "a", algorithmFamily="AES", ellipticCurve="nist/P-256"), version="1.7"),
    "certificate state of 1.7": bill(
        asset("c", "c", kind="certificate", certificateState=[{"state": "active"}, {"name": "eigen"}]), version="1.7"
    ),
    "one name for a formula and its workflow": with_top(
        formulation=[{"bom-ref": "w", "workflows": [{"bom-ref": "w", "uid": "1", "taskTypes": ["build"]}]}]
    ),
    # RFC 3339, section 5.7: at the end of a month of UTC a minute may have 61 seconds.
    "leap second": {**bill(), "metadata": {"timestamp": "2016-12-31T23:59:60Z"}},
    "leap second elsewhere": {**bill(), "metadata": {"timestamp": "1990-12-31T15:59:60.5-08:00"}},
    "timestamp in small letters": {**bill(), "metadata": {"timestamp": "2026-10-01t10:00:00.25z"}},
    "leap day": {**bill(), "metadata": {"timestamp": "2028-02-29T10:00:00+23:59"}},
    # libc6 and libgcc-s1 of Debian need each other.
    "libraries that need each other": bill(
        LIBRARY, LIBRARY | {"bom-ref": "m"}, asset("AES-256", "a"),
        dependencies=[{"ref": "lib", "dependsOn": ["m", "a"]}, {"ref": "m", "dependsOn": ["lib"]}],
    ),
    "a library that needs itself": with_top(dependencies=[{"ref": "lib", "dependsOn": ["lib"]}]),
    "an asset on libraries that need each other": bill(
        LIBRARY, LIBRARY | {"bom-ref": "m"}, asset("AES-256", "a"),
        dependencies=[
            {"ref": "a", "dependsOn": ["lib"]}, {"ref": "lib", "dependsOn": ["m"]}, {"ref": "m", "dependsOn": ["lib"]}
        ],
    ),
    "a certificate and its key name each other": bill(
        asset("c", "c", kind="certificate", relatedCryptographicAssets=[{"type": "privateKey", "ref": "k"}]),
        asset("k", "k", kind="related-crypto-material", type="private-key",
              relatedCryptographicAssets=[{"type": "certificate", "ref": "c"}]),
        version="1.7",
    ),
}  # fmt: skip
INVALID: dict[str, dict[str, Any]] = {
    "format": {**bill(), "bomFormat": "AnotherFormat"},
    "older version": {**bill(), "specVersion": "1.2"},
    "no version": {"bomFormat": "CycloneDX"},
    "serial number": with_top(serialNumber="urn:uuid:3e671687"),
    "unknown field": with_top(colour="red"),
    "unknown field of a component": with_component(colour="red"),
    "type of a component": with_component(type="banana"),
    "no type": bill({"name": "lib"}),
    "no name": bill({"type": "library"}),
    "empty component": bill({}),
    "hash algorithm": with_component(hashes=[{"alg": "FOO", "content": "a" * 64}]),
    "hash of no length": with_component(hashes=[{"alg": "SHA-256", "content": "a" * 63}]),
    "licence id": with_component(licenses=[{"license": {"id": "Nergens-1.0"}}]),
    "licence with both": with_component(licenses=[{"license": {"id": "MIT", "name": "MIT"}}]),
    "licence with neither": with_component(licenses=[{"license": {"url": "https://voorbeeld.nl"}}]),
    "licence encoding": with_component(
        licenses=[{"license": {"id": "MIT", "text": {"content": "x", "encoding": "rot13"}}}]
    ),
    "two expressions": with_component(licenses=[{"expression": "MIT"}, {"expression": "EUPL-1.2"}]),
    "timestamp": {**bill(), "metadata": {"timestamp": "2026-13-01T00:00:00Z"}},
    "timestamp in words": {**bill(), "metadata": {"timestamp": "gisteren"}},
    # In ECMA-262 a dollar is the end of the text, with no line after it.
    "serial number and a line": with_top(serialNumber=f"{UUID}\n"),
    "hash and a line": with_component(hashes=[HASH | {"content": "a" * 64 + "\n"}]),
    "mime type and a line": with_component(**{"mime-type": "text/plain\n"}),
    "timestamp and a line": {**bill(), "metadata": {"timestamp": "2026-10-01T10:00:00Z\n"}},
    "address and a line": {**bill(), "metadata": {"authors": [{"email": "a@voorbeeld.nl\n"}]}},
    "leap second in the middle of a day": {**bill(), "metadata": {"timestamp": "2016-12-31T22:59:60Z"}},
    "leap second in the middle of a month": {**bill(), "metadata": {"timestamp": "2016-12-30T23:59:60Z"}},
    "leap second at midnight elsewhere": {**bill(), "metadata": {"timestamp": "2016-12-31T23:59:60+01:00"}},
    "leap second after the last year": {**bill(), "metadata": {"timestamp": "9999-12-31T23:59:60-01:00"}},
    "second that is none": {**bill(), "metadata": {"timestamp": "2016-12-31T23:59:61Z"}},
    "hour that is none": {**bill(), "metadata": {"timestamp": "2026-10-01T24:00:00Z"}},
    "day that is none": {**bill(), "metadata": {"timestamp": "2026-02-29T10:00:00Z"}},
    "timestamp without a zone": {**bill(), "metadata": {"timestamp": "2026-10-01T10:00:00"}},
    "timestamp without a time": {**bill(), "metadata": {"timestamp": "2026-10-01"}},
    "timestamp in other digits": {**bill(), "metadata": {"timestamp": "٢٠٢٦-10-01T10:00:00Z"}},
    "scope": with_component(scope="soms"),
    "property with more": with_top(properties=[{"name": "a", "value": "b", "more": "c"}]),
    "patch type": with_component(pedigree={"patches": [{"type": "banana"}]}),
    "issue type": with_component(pedigree={"patches": [{"type": "unofficial", "resolves": [{"type": "banana"}]}]}),
    "service without a name": with_top(services=[{"bom-ref": "s"}]),
    "classification without flow": with_top(services=[{"name": "s", "data": [{"classification": "PII"}]}]),
    "dependency without ref": with_top(dependencies=[{"dependsOn": ["lib"]}]),
    "dependency twice": with_top(dependencies=[{"ref": "lib", "dependsOn": ["x", "x"]}]),
    "dependency on nothing": with_top(dependencies=[{"ref": "lib", "dependsOn": ["weg"]}]),
    "dependency of nothing": with_top(dependencies=[{"ref": "weg"}]),
    "bom-ref twice": bill(LIBRARY, LIBRARY | {"name": "other"}),
    "bom-ref twice, nested": with_component(components=[LIBRARY]),
    "bom-ref of a service again": with_top(services=[{"name": "s", "bom-ref": "lib"}]),
    "asset type": bill({**asset("x", "x"), "cryptoProperties": {"assetType": "banana"}}),
    "no asset type": bill({**asset("x", "x"), "cryptoProperties": {"oid": "1.2"}}),
    "primitive": bill(asset("x", "x", primitive="banana")),
    "key wrap in 1.6": bill(asset("x", "x", primitive="key-wrap")),
    "security level": bill(asset("x", "x", nistQuantumSecurityLevel=7)),
    "negative level": bill(asset("x", "x", classicalSecurityLevel=-1)),
    "family that is not registered": bill(asset("x", "x", algorithmFamily="Zelfbedacht"), version="1.7"),
    "curve that is not registered": bill(asset("x", "x", ellipticCurve="nist/P-257"), version="1.7"),
    "certificate state": bill(asset("c", "c", kind="certificate", certificateState=[{"state": "oud"}]), version="1.7"),
    "certificate extension with both": bill(
        asset("c", "c", kind="certificate", certificateExtensions=[
            {"commonExtensionName": "keyUsage", "commonExtensionValue": "x", "customExtensionName": "y"}]),
        version="1.7",
    ),
    "validity of a certificate": bill(asset("c", "c", kind="certificate", notValidAfter="morgen")),
    "an asset that rests on itself": bill(asset("x", "x"), dependencies=[{"ref": "x", "dependsOn": ["x"]}]),
    "assets that rest on each other": bill(
        asset("x", "x"), asset("y", "y"), asset("z", "z"),
        dependencies=[{"ref": one, "dependsOn": [other]} for one, other in ("xy", "yz", "zx")],
    ),
    "an asset and a library that rest on each other": bill(
        LIBRARY, asset("x", "x"),
        dependencies=[{"ref": "lib", "dependsOn": ["x"]}, {"ref": "x", "dependsOn": ["lib"]}],
    ),
    "a key and its algorithm that rest on each other": bill(
        asset("k", "k", kind="related-crypto-material", type="key", algorithmRef="a"), asset("RSA", "a"),
        dependencies=[{"ref": "a", "dependsOn": ["k"]}],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", VALID)
def test_a_valid_bill_is_accepted(name: str) -> None:
    read_cbom(dump(VALID[name]), "bom.json")


@pytest.mark.parametrize("name", INVALID)
def test_an_invalid_bill_is_refused_with_a_place(name: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_cbom(dump(INVALID[name]), "bom.json")
    assert caught.value.faults
    assert all(fault.pointer.startswith("bom.json") and fault.nl and fault.en for fault in caught.value.faults)


def test_a_name_that_stands_twice_in_an_object_is_a_fault_with_its_place() -> None:
    text = dump(with_component(licenses=[{"license": {"id": "MIT"}}])).decode()
    doubled = text.replace('{"id": "MIT"}', '{"id": "MIT", "id": "EUPL-1.2"}')
    with pytest.raises(UnreadableFile) as caught:
        read_cbom(doubled.encode(), "bom.json")
    fault = next(fault for fault in caught.value.faults if fault.code == "repeated-name")
    assert fault.pointer == "bom.json › /components/0/licenses/0/license/id"


def test_all_faults_are_told_at_once_and_a_cycle_names_its_way() -> None:
    document = copy.deepcopy(INVALID["assets that rest on each other"])
    document["components"].append(LIBRARY | {"bom-ref": "x"})
    document["dependencies"].append({"ref": "lost"})
    with pytest.raises(UnreadableFile) as caught:
        read_cbom(dump(document), "b")
    codes = {fault.code: fault for fault in caught.value.faults}
    assert set(codes) == {"duplicate-bom-ref", "dangling-dependency", "dependency-cycle"}
    assert "x → y → z → x" in codes["dependency-cycle"].en


def test_a_long_chain_is_no_cycle_and_a_long_cycle_is_found() -> None:
    chain = {str(n): [str(n + 1)] for n in range(50_000)}
    assert not list(find_cycles(chain, {"7"}))
    [found] = list(find_cycles(chain | {"50000": ["0"]}, {"7"}))
    assert len(found) == 50_001 and found[:2] == ["7", "8"]
    assert not list(find_cycles(chain | {"50000": ["0"]}, {"x"}))


def test_a_cycle_that_is_named_goes_through_an_asset() -> None:
    """Of a knot of libraries and an asset the way is told that must be broken, whatever else turns round in it."""
    document = bill(
        LIBRARY, LIBRARY | {"bom-ref": "m"}, asset("x", "x"),
        dependencies=[
            {"ref": "lib", "dependsOn": ["m"]},
            {"ref": "m", "dependsOn": ["lib", "x"]},
            {"ref": "x", "dependsOn": ["m"]},
        ],
    )  # fmt: skip
    with pytest.raises(UnreadableFile) as caught:
        read_cbom(dump(document), "b")
    [fault] = caught.value.faults
    assert (fault.code, fault.en) == ("dependency-cycle", "This rests on itself: x → m → x")


def test_what_libraries_that_need_each_other_hold_is_read_whole() -> None:
    found = read_cbom(dump(VALID["an asset on libraries that need each other"]), "b")
    assert [(item.name, item.rests_on) for item in found.assets] == [("AES-256", ("lib",))]
    assert found.edges == {"a": ("lib",), "lib": ("m",), "m": ("lib",)}
    [resolved] = resolve_purposes(found.assets).values()
    assert (resolved.family, resolved.parameter_set) == ("AES", "256")


def test_published_bills_are_read(shared: Callable[..., Path]) -> None:
    folder = shared("reference", "resilience", "cyclonedx")
    counts = {file.name: read_cbom(file.read_bytes(), file.name) for file in sorted(folder.glob("example-*.json"))}
    assert {name: len(found.assets) for name, found in counts.items()} == {
        "example-certificate-1.7.json": 5,
        "example-implementation-1.6.json": 1,
        "example-implementation-1.7.json": 5,
        "example-keycloak-cbom-1.6.json": 56,
    }
    # The published example of a certificate names algorithms that it does not hold.
    assert len(counts["example-certificate-1.7.json"].dangling) == 5
    published = json.loads((folder / "example-keycloak-cbom-1.6.json").read_text("utf-8"))
    assert [a.name for a in counts["example-keycloak-cbom-1.6.json"].assets] == [
        item["name"] for item in published["components"]
    ]


def test_a_bill_of_many_thousands_is_read_in_seconds() -> None:
    """What grows with the square of the size takes minutes here, as comparing each with each in a list does."""
    many = [asset(f"RSA-{2048 + at}", f"a{at}", primitive="signature") for at in range(5_000)]
    chain = [{"ref": f"a{at}", "dependsOn": [f"a{at + 1}"]} for at in range(4_999)]
    began = time.monotonic()
    assert len(read_cbom(dump(bill(*many, dependencies=chain)), "b").assets) == 5_000
    assert time.monotonic() - began < 60
    with pytest.raises(UnreadableFile, match=r"rests on itself"):
        read_cbom(dump(bill(*many, dependencies=[*chain, {"ref": "a4999", "dependsOn": ["a0"]}])), "b")


def test_something_that_stands_twice_in_a_list_is_refused() -> None:
    for twice in ({"components": [LIBRARY | {"bom-ref": "x"}] * 2}, {"dependencies": [{"ref": "lib"}] * 2}):
        with pytest.raises(UnreadableFile) as caught:
            read_cbom(dump(bill(LIBRARY) | twice), "b")
        assert "schema" in {fault.code for fault in caught.value.faults}
