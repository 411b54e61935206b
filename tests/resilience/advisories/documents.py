"""Advisories written for the tests: one that is valid, and for each mandatory test of CSAF 2.0 one that breaks it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

Document = dict[str, Any]


def security_advisory() -> Document:
    """Give a valid security advisory about two versions of one product, and one that contains it."""
    return {
        "document": {
            "category": "csaf_security_advisory",
            "csaf_version": "2.0",
            "lang": "en",
            "distribution": {"tlp": {"label": "WHITE"}},
            "publisher": {"category": "vendor", "name": "Zaakbouwers", "namespace": "https://zaakbouwers.example"},
            "title": "Made up: a fault in Zaakkern",
            "references": [
                {"category": "self", "summary": "This", "url": "https://zaakbouwers.example/a/zb-2026-1.json"}
            ],
            "tracking": {
                "id": "ZB-2026-1",
                "status": "final",
                "version": "2",
                "initial_release_date": "2026-11-01T09:00:00Z",
                "current_release_date": "2026-11-20T09:00:00Z",
                "revision_history": [
                    {"date": "2026-11-01T09:00:00Z", "number": "1", "summary": "First"},
                    {"date": "2026-11-20T09:00:00Z", "number": "2", "summary": "Second"},
                ],
            },
        },
        "product_tree": {
            "branches": [
                {
                    "category": "vendor",
                    "name": "Zaakbouwers",
                    "branches": [
                        {
                            "category": "product_name",
                            "name": "Zaakkern",
                            "branches": [
                                version_branch("product_version_range", "vers:npm/>=1.0.0|<1.4.2", "OLD"),
                                version_branch("product_version", "1.4.2", "NEW", "pkg:npm/zaakkern@1.4.2"),
                            ],
                        }
                    ],
                },
                {
                    "category": "vendor",
                    "name": "Hostmakers",
                    "branches": [
                        {
                            "category": "product_name",
                            "name": "Host",
                            "product": {"name": "Host of Hostmakers", "product_id": "HOST"},
                        }
                    ],
                },
            ],
            "full_product_names": [{"name": "Spare", "product_id": "SPARE"}],
            "relationships": [
                {
                    "category": "default_component_of",
                    "full_product_name": {"name": "Zaakkern in Host", "product_id": "IN_HOST"},
                    "product_reference": "OLD",
                    "relates_to_product_reference": "HOST",
                }
            ],
            "product_groups": [{"group_id": "ALL", "product_ids": ["OLD", "NEW"]}],
        },
        "vulnerabilities": [
            {
                "cve": "CVE-2026-10001",
                "cwe": {
                    "id": "CWE-79",
                    "name": "Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')",
                },
                "notes": [{"category": "description", "text": "Made up."}],
                "product_status": {
                    "known_affected": ["OLD"],
                    "fixed": ["NEW"],
                    "known_not_affected": ["IN_HOST"],
                },
                "flags": [{"label": "vulnerable_code_not_present", "product_ids": ["IN_HOST"]}],
                "scores": [{"products": ["OLD"], "cvss_v3": cvss_3()}],
                "remediations": [
                    {
                        "category": "vendor_fix",
                        "details": "Update to 1.4.2.",
                        "product_ids": ["OLD"],
                        "url": "https://zaakbouwers.example/1.4.2",
                    }
                ],
            }
        ],
    }


def version_branch(category: str, name: str, product: str, purl: str = "pkg:npm/zaakkern") -> Document:
    """Give a branch with a version or a range of them."""
    helper = {"purl": purl}
    product_name = {"name": f"Zaakkern {name}", "product_id": product, "product_identification_helper": helper}
    return {"category": category, "name": name, "product": product_name}


def cvss_3(**changed: Any) -> Document:
    """Give the score of the example in the CVSS 3.1 specification for a reflected cross-site scripting."""
    return {
        "version": "3.1",
        "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N",
        "baseScore": 6.1,
        "baseSeverity": "MEDIUM",
        **changed,
    }


def vex() -> Document:
    """Give a valid VEX document."""
    document = security_advisory()
    document["document"]["category"] = "csaf_vex"
    return document


def informational() -> Document:
    """Give a valid informational advisory."""
    document = security_advisory()
    document["document"]["category"] = "csaf_informational_advisory"
    document["document"]["notes"] = [{"category": "summary", "text": "Made up."}]
    document["document"]["references"][0]["category"] = "external"
    del document["product_tree"], document["vulnerabilities"]
    return document


VALID: tuple[Callable[[], Document], ...] = (security_advisory, vex, informational)


def change(path: str, value: Any, make: Callable[[], Document] = security_advisory) -> Document:
    """Give a document in which the value at a path is another; `None` takes it away, a list may grow by one."""
    document = deepcopy(make())
    *steps, last = path.split("/")
    here: Any = document
    for step in steps:
        here = here[int(step)] if isinstance(here, list) else here[step]
    if value is None:
        del here[int(last) if isinstance(here, list) else last]
    elif isinstance(here, list):
        if int(last) == len(here):
            here.append(value)
        else:
            here[int(last)] = value
    else:
        here[last] = value
    return document


def branch(*steps: tuple[str, str], product: str, **helper: str) -> Document:
    """Give a branch of the product tree: its steps from the vendor down, with a product below the last."""
    found: Document = {"name": " ".join(name for _, name in steps), "product_id": product}
    below: Document = {"product": found | ({"product_identification_helper": helper} if helper else {})}
    for category, name in reversed(steps):
        below = {"branches": [{"category": category, "name": name, **below}]}
    return dict(below["branches"][0])


def zaak(*steps: tuple[str, str], product: str, **helper: str) -> Document:
    """Give a branch of the product Portal of Zaakbouwers."""
    return branch(("vendor", "Zaakbouwers"), ("product_name", "Portal"), *steps, product=product, **helper)


def relate(category: str, part: str, outer: str) -> Document:
    """Give a relationship; the product that it makes has the ids of both with a colon between them."""
    made = {"name": f"{part} in {outer}", "product_id": f"{outer}:{part}"}
    return {
        "category": category,
        "full_product_name": made,
        "product_reference": part,
        "relates_to_product_reference": outer,
    }


def say(*branches: Document, relationships: Sequence[Document] = (), **states: Sequence[str]) -> Document:
    """Give an advisory of the base profile that says of the products of these branches in which state they are."""
    document = change("vulnerabilities", [{"cve": "CVE-2026-10001", "product_status": states}])
    document["document"]["category"] = "csaf_base"
    document["product_tree"] = {"branches": list(branches)}
    if relationships:
        document["product_tree"]["relationships"] = list(relationships)
    return document


V, T, S = "vulnerabilities/0", "document/tracking", "vulnerabilities/0/product_status"
R = f"{T}/revision_history"
P = "product_tree"
HASH = {"algorithm": "sha256", "value": "ab" * 32}
SCORE = f"{V}/scores/0/cvss_v3"


def _twice_in_group() -> Document:
    document = security_advisory()
    document["product_tree"]["product_groups"] *= 2
    return document


def _released(version: str, numbers: tuple[str, ...], status: str = "final") -> Document:
    document = security_advisory()
    history = [
        {"date": f"2026-11-{at:02}T09:00:00Z", "number": number, "summary": "x"} for at, number in enumerate(numbers, 1)
    ]
    document["document"]["tracking"] |= {"version": version, "status": status, "revision_history": history}
    return document


def _circle() -> Document:
    document = security_advisory()
    document["product_tree"]["relationships"][0]["relates_to_product_reference"] = "IN_HOST"
    return document


def _hashes() -> Document:
    helper = {"hashes": [{"filename": "a.tgz", "file_hashes": [HASH, HASH]}]}
    return change(f"{P}/full_product_names/0/product_identification_helper", helper)


def _translated() -> Document:
    return change("document/source_lang", "en")


def _twice_cve() -> Document:
    document = security_advisory()
    document["vulnerabilities"] *= 2
    return document


def _involvements(again: str = "2026-11-01T09:00:00Z") -> Document:
    one = {"party": "vendor", "date": "2026-11-01T09:00:00Z", "status": "open"}
    return change(f"{V}/involvements", [one, {**one, "status": "completed", "date": again}])


def _version(text: str) -> Document:
    return change(f"{P}/branches/0/branches/0/branches/1/name", text)


BROKEN: tuple[tuple[str, Document], ...] = (
    ("6.1.1", change(f"{S}/known_affected/1", "NOWHERE")),
    ("6.1.1", change(f"{P}/product_groups/0/product_ids/2", "NOWHERE")),
    ("6.1.1", change(f"{P}/relationships/0/product_reference", "NOWHERE")),
    ("6.1.1", change(f"{V}/scores/0/products/1", "NOWHERE")),
    ("6.1.1", change(f"{V}/remediations/0/product_ids/1", "NOWHERE")),
    ("6.1.2", change(f"{P}/full_product_names/1", {"name": "Other", "product_id": "OLD"})),
    ("6.1.3", _circle()),
    ("6.1.4", change(f"{V}/remediations/0/group_ids", ["NOWHERE"])),
    ("6.1.5", _twice_in_group()),
    ("6.1.6", change(f"{S}/fixed/1", "OLD")),
    ("6.1.6", change(f"{S}/under_investigation", ["IN_HOST"])),
    ("6.1.7", change(f"{V}/scores/1", {"products": ["OLD"], "cvss_v3": cvss_3()})),
    ("6.1.8", change(f"{SCORE}/baseSeverity", None)),
    ("6.1.8", change(f"{SCORE}/vectorString", "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:Q")),
    ("6.1.9", change(f"{SCORE}/baseScore", 6.5)),
    ("6.1.9", change(f"{SCORE}/baseSeverity", "LOW")),
    ("6.1.10", change(f"{SCORE}/attackVector", "LOCAL")),
    ("6.1.11", change(f"{V}/cwe", {"id": "CWE-79", "name": "Cross"})),
    ("6.1.11", change(f"{V}/cwe", {"id": "CWE-999999", "name": "Cross"})),
    ("6.1.12", change("document/lang", "EZ")),
    (
        "6.1.13",
        change(f"{P}/full_product_names/0/product_identification_helper", {"purl": "pkg:maven/@1.3.4"}),
    ),
    ("6.1.14", change(f"{R}/0/date", "2026-11-29T09:00:00Z")),
    ("6.1.15", change("document/publisher/category", "translator")),
    ("6.1.16", change(f"{T}/version", "3")),
    ("6.1.17", _released("0.9.0", ("0.9.0",))),
    ("6.1.18", _released("1.0.0", ("0.9.0", "1.0.0"))),
    ("6.1.19", _released("1.0.0", ("1.0.0-rc", "1.0.0"))),
    ("6.1.20", _released("1.0.0-alpha", ("1.0.0-alpha",), "interim")),
    ("6.1.21", _released("3", ("1", "3"))),
    ("6.1.22", _released("1", ("1", "1"))),
    ("6.1.23", _twice_cve()),
    ("6.1.24", _involvements()),
    ("6.1.24", _involvements("2026-11-01T10:00:00+01:00")),
    ("6.1.24", _involvements("2026-11-01t09:00:00.000z")),
    ("6.1.25", _hashes()),
    ("6.1.26", change("document/category", "Security_Incident_Response")),
    ("6.1.26", change("document/category", "csaf_something")),
    ("6.1.26", change("document/category", "csaf-vex")),
    ("6.1.26", change("document/category", "CSAF VEX")),
    ("6.1.26", change("document/category", "csafsecurityadvisory")),
    ("6.1.27.1", change("document/notes", None, informational)),
    ("6.1.27.2", change("document/references/0/category", "self", informational)),
    ("6.1.27.3", change("vulnerabilities", [{"title": "A"}], informational)),
    ("6.1.27.4", change("product_tree", None)),
    ("6.1.27.5", change(f"{V}/notes", None)),
    ("6.1.27.6", change(S, None)),
    ("6.1.27.7", change(S, {"first_fixed": ["NEW"], "recommended": ["NEW"]}, vex)),
    ("6.1.27.8", change(f"{V}/cve", None, vex)),
    ("6.1.27.9", change(f"{V}/flags", None, vex)),
    ("6.1.27.10", change(f"{V}/remediations", None, vex)),
    ("6.1.27.11", change("vulnerabilities", None)),
    ("6.1.28", _translated()),
    ("6.1.29", change(f"{V}/remediations/0/product_ids", None)),
    ("6.1.30", _released("2.0.0", ("1", "2.0.0"))),
    ("6.1.31", _version("prior to 1.4.2")),
    ("6.1.31", _version("1.4.2 (and earlier)")),
    ("6.1.31", _version("1.x/earlier")),
    ("6.1.31", _version("versions:1")),
    ("6.1.31", _version("1.4_and_prior")),
    ("6.1.32", change(f"{V}/flags/0/product_ids", None)),
    (
        "6.1.33",
        change(f"{V}/flags/1", {"label": "component_not_present", "product_ids": ["IN_HOST"]}),
    ),
)
"""Number of the test, and a document that breaks it."""

URIS = (
    "https://a.example/%C3%A9?q=%5B%5D",
    "http://[2001:db8::7]:8080/c=GB?one/two?#top",
    "http://jan@[::1]",
    "urn:oasis:names:specification:docbook:dtd:xml:4.1.2",
    "mailto:John.Doe@example.com",
    "file:///etc/hosts",
    "x:",
)
"""Examples of RFC 3986, and some at its edges."""
NO_URIS = ("http://[x", "http://x]/", "https://a.b/%zz", "https://a.b/%4", "https://x/é", "https://x/a b", "a/b", "1:x")

SHAPELESS: tuple[tuple[str, Document], ...] = (
    ("/document/csaf_version", change("document/csaf_version", "2.1")),
    ("/document/title", change("document/title", None)),
    ("/document/tracking/current_release_date", change(f"{T}/current_release_date", "2026-02-30T00:00:00Z")),
    ("/document/tracking/version", change(f"{T}/version", "1.0")),
    ("/document/tracking/revision_history", change(R, [])),
    ("/document/publisher/namespace", change("document/publisher/namespace", "zaakbouwers")),
    ("/document/distribution/tlp/label", change("document/distribution/tlp/label", "PURPLE")),
    ("/vulnerabilities/0/cve", change(f"{V}/cve", "CVE-26-1")),
    ("/vulnerabilities/0/product_status", change(S, {})),
    ("/vulnerabilities/0/product_status/fixed", change(f"{S}/fixed", ["NEW", "NEW"])),
    ("/vulnerabilities/0/remediations/0/category", change(f"{V}/remediations/0/category", "hope")),
    ("/product_tree/branches/0", change(f"{P}/branches/0/branches", None)),
    ("/product_tree/product_groups/0/product_ids", change(f"{P}/product_groups/0/product_ids", ["OLD"])),
    ("/vulnerabilities/0/scores/0", change(f"{V}/scores/0", {"products": ["OLD"]})),
    ("/document/lang", change("document/lang", "not a language")),
    ("/product_tree/branches/0/x_more", change(f"{P}/branches/0/x_more", "a fourth field")),
    *(("/vulnerabilities/0/notes/0/title", change(f"{V}/notes/0/title", value)) for value in ("", 7, {}, ["x"])),
    *(("/document/references/0/url", change("document/references/0/url", text)) for text in NO_URIS),
)
"""Pointer of the fault, and a document that lacks the shape of the standard there."""
