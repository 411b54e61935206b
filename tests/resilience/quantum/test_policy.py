"""What authorities say: against the published packs of another tool, by hand, and after a date in the table changed."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from eendracht.kernel.errors import UnreadableFile
from eendracht.resilience.crypto.names import read_name
from eendracht.resilience.quantum.policy import FOLDER, PolicyRule, find_milestone, read_policies, read_policy
from eendracht.resilience.quantum.uses import describe_group, describe_use, measure_strength
from eendracht.resilience.quantum.verdicts import Verdict, find_conflicts, judge_all, judge_successors

TODAY: Final = date(2026, 11, 30)
POLICIES: Final = {policy.id: policy for policy in read_policies()}
TLS: Final = frozenset({"tls"})
RULES: Final = {rule.id: (policy, rule) for policy in POLICIES.values() for rule in policy.rules}
PACKS: Final = ("eu-roadmap", "nist-ir8547", "bsi-de", "cnsa-2.0")
SAME: Final = {
    "eu-high-risk-2030": "eu/high-risk-2030",
    "eu-medium-risk-2035": "eu/medium-risk-2035",
    "eu-hybrid-recommended": "eu/hybrid",
    "eu-remainder-2035": "eu/remainder-2035",
    "eu-firmware-upgrade-signatures": "eu/firmware-2030",
    "nist-112bit-signatures-deprecated-2030": "nist/signature-112-deprecated-2030",
    "nist-signatures-disallowed-2035": "nist/signature-disallowed-2035",
    "nist-112bit-key-establishment-deprecated-2030": "nist/key-establishment-112-deprecated-2030",
    "nist-key-establishment-disallowed-2035": "nist/key-establishment-disallowed-2035",
    "bsi-classical-key-agreement-sunset": "bsi/key-agreement-2031",
    "bsi-high-protection-2030": "bsi/very-high-protection-2030",
    "bsi-hybrid-key-agreement": "bsi/hybrid-key-agreement",
    "bsi-classical-signatures-2035": "bsi/signatures-2035",
    "bsi-hybrid-signatures": "bsi/hybrid-signatures",
    "bsi-hash-based-standalone-permitted": "bsi/hash-based-alone",
    "cnsa2-classical-asymmetric": "cnsa/classical-2030",
    "cnsa2-parameter-set-highest-only": "cnsa/smaller-parameter-sets",
    "cnsa2-hybrid-not-permitted": "cnsa/hybrid",
    "cnsa2-hybrid-ikev2-exception": "cnsa/hybrid-ikev2",
    "cnsa2-acquisition-gate-2027": "cnsa/new-acquisitions-2027",
    "cnsa2-phase-out-2030": "cnsa/classical-2030",
    "cnsa2-mandated-2031": "cnsa/required-2031",
    "cnsa2-slh-dsa-not-approved": "cnsa/slh-dsa",
    "cnsa2-hash-based-firmware-signing-only": "cnsa/multi-tree",
}
"""Which rule of ours tells the same as a rule of the packs."""
ELSEWHERE: Final = {
    "eu-transition-start-2026": "a milestone, not a rule about an algorithm",
    "cnsa2-hybrid-not-required": "says that nothing is asked",
}
PURPOSES: Final = {"key-agreement": "key-establishment", "encryption": "encryption", "signature": "signature"}
STATUS: Final = {"broken-by-shor": "broken", "pq-secure": "safe"}


def judge(family: str, size: str, purpose: str | None, day: date = TODAY, **about: Any) -> dict[str, Verdict]:
    use = describe_use(family, size, purpose, **about)
    return {verdict.policy.id: verdict for verdict in judge_all(use, tuple(POLICIES.values()), day)}


@pytest.mark.parametrize("pack", PACKS)
def test_every_rule_of_the_published_packs_is_told_with_its_date(shared: Callable[..., Path], pack: str) -> None:
    published = yaml.safe_load(shared("reference", "resilience", "pqc", f"{pack}.yaml").read_text("utf-8"))
    for said in published["rules"]:
        if said["id"] in ELSEWHERE:
            continue
        policy, rule = RULES[SAME[said["id"]]]
        about = said["applies_to"]
        if deadline := said.get("deadline"):
            assert last_good_day(rule) == last_good_day_of_pack(said, deadline), said["id"]
        if purposes := about.get("purpose"):
            # Encryption is established as keys are: BSI names key agreement only.
            assert {PURPOSES[name] for name in purposes} <= set(rule.when.purposes), said["id"]
        if statuses := about.get("quantum_status"):
            assert not rule.when.quantum or set(rule.when.quantum) <= {STATUS[name] for name in statuses}, said["id"]
        if sets := about.get("parameter_set"):
            assert {name.rpartition("-")[2] for name in sets} == set(rule.when.parameters), said["id"]
        if levels := [level for level in about.get("security_level", ()) if level.isdigit()]:
            assert [int(level) for level in levels] == list(rule.when.strength), said["id"]
        stance = said.get("hybrid")
        if stance == "recommended" and "pq-secure" in about.get("quantum_status", ()):
            assert rule.wants == "hybrid", said["id"]
        document = policy.document_of(rule)
        assert document.url == said["source_url"], said["id"]
        assert (document.status == "draft") == bool(said.get("is_draft")), said["id"]
        mandatory = said["binding"] in ("statute", "executive_order", "agency_requirement")
        assert (policy.force != "recommendation") == mandatory, said["id"]
    milestones = find_milestone(tuple(POLICIES.values()))
    assert [milestones[name].date.year for name in ("first-steps", "high-risk", "medium-risk")] == [2026, 2030, 2035]


def last_good_day(rule: PolicyRule) -> date | None:
    if rule.date is None:
        return None
    return rule.date if rule.outcome == "allowed-until" else rule.date - timedelta(days=1)


def last_good_day_of_pack(said: dict[str, Any], deadline: date) -> date:
    """`By 1 January 2027` and `by 31 December 2031 mandated` begin on that day; the others end with theirs."""
    begins = said["deadline_state"] in ("acquisition_gate", "exclusive_use")
    return deadline - timedelta(days=1) if begins else deadline


def test_a_broken_algorithm_ends_when_each_authority_says() -> None:
    found = judge("ECDH", "P-256", "key-agree", risk="high", usages=TLS)
    assert {name: (item.outcome, item.outcome_date) for name, item in found.items()} == {
        "eu": ("allowed-until", date(2030, 12, 31)),
        "ncsc-nl": ("allowed", None),
        "bsi": ("allowed-until", date(2030, 12, 31)),
        "nist": ("allowed-until", date(2035, 12, 31)),
        "cnsa": ("allowed-until", date(2030, 12, 31)),
    }
    assert judge("ECDH", "P-256", "key-agree", date(2030, 12, 31), risk="high")["eu"].standing == "ends"
    assert judge("ECDH", "P-256", "key-agree", date(2031, 1, 1), risk="high")["eu"].standing == "against"
    medium = judge("ECDH", "P-256", "key-agree", date(2031, 1, 1), risk="medium")
    assert (medium["eu"].standing, medium["bsi"].outcome_date) == ("ends", date(2031, 12, 31))


def test_size_decides_where_nist_deprecates() -> None:
    # 112 bits: RSA-2048 and P-224 (SP 800-57, table 2); 128: RSA-3072 and P-256.
    for family, size, purpose in (
        ("RSA", "2048", "signature"),
        ("ECDH", "P-224", "key-agree"),
        ("FFDH", "2048", "kem"),
    ):
        found = judge(family, size, purpose, date(2031, 6, 1))["nist"]
        assert (found.outcome, found.standing) == ("discouraged-from", "advised-against"), family
    for family, size, purpose in (
        ("RSA", "3072", "signature"),
        ("ECDSA", "P-256", "signature"),
        ("EdDSA", "Ed25519", "signature"),
    ):
        found = judge(family, size, purpose, date(2031, 6, 1))["nist"]
        assert (found.outcome, found.standing, found.outcome_date) == ("allowed-until", "ends", date(2035, 12, 31)), (
            family
        )
    unsized = judge("RSA", "", "signature")["nist"]
    assert unsized.standing == "unknown" and {item.missing for item in unsized.undecided} == {"strength"}
    assert unsized.perhaps_until == date(2030, 12, 31)
    assert (measure_strength("RSA", "4096"), measure_strength("RSA", "512"), measure_strength("AES", "256")) == (
        128,
        0,
        None,
    )


def test_a_date_for_what_is_classical_is_no_permission_for_a_small_key() -> None:
    """Of 80 bits or less by SP 800-57, table 2; the least that IR 8547 names in tables 2 and 4 is 112."""
    for family, size, purpose in (
        ("RSA", "1024", "signature"),
        ("DSA", "1024", "signature"),
        ("ECDSA", "P-192", "signature"),
        ("RSA", "512", "signature"),
        ("FFDH", "1024", "key-agree"),
        ("RSA", "1024", "pke"),
    ):
        now, later = (judge(family, size, purpose, day, risk="low") for day in (TODAY, date(2036, 1, 1)))
        for name in ("nist", "bsi"):
            assert (now[name].standing, later[name].standing) == ("unknown", "against"), (family, size, name)
            assert {item.missing for item in now[name].undecided} == {"weakness"}
            assert now[name].perhaps_until is None
    assert judge("RSA", "", "signature", date(2036, 1, 1))["nist"].standing == "against"
    assert {judge("RSA", "2048", "signature", risk="low")[name].standing for name in ("nist", "bsi")} == {"ends"}


def test_a_scheme_on_a_curve_is_as_strong_as_the_curve() -> None:
    assert (measure_strength("MQV", "P-256"), measure_strength("MQV", "2048"), measure_strength("MQV", "")) == (
        128,
        112,
        None,
    )


def test_unknown_is_never_in_order() -> None:
    for family, size, purpose in (
        ("RSA", "2048", None),
        ("Toverstaf", "9", "kem"),
        ("", "", "kem"),
        ("ML-KEM", "768", "other"),
    ):
        assert {item.standing for item in judge(family, size, purpose, risk="high", usages=TLS).values()} == {"unknown"}
    # The EU asks for the risk: without it the latest date holds for sure, and perhaps the earliest.
    risky = judge("RSA", "3072", "signature")["eu"]
    assert (risky.standing, risky.governing and risky.governing.last_day) == ("ends", date(2035, 12, 31))
    assert risky.perhaps_until == date(2030, 12, 31)
    # ML-KEM without a size may be the one that CNSA takes, or one that it does not.
    unsized = judge("ML-KEM", "", "kem", usages=TLS)
    assert (unsized["cnsa"].standing, unsized["nist"].standing, unsized["bsi"].standing) == (
        "unknown",
        "unknown",
        "advised-against",
    )
    assert {item.missing for item in unsized["cnsa"].undecided} == {"strength"}
    # Single-tree signatures are for firmware alone, and where this is used nobody said.
    assert judge("LMS", "", "signature")["cnsa"].standing == "unknown"
    assert judge("LMS", "", "signature", usages=frozenset({"firmware-signing"}))["cnsa"].standing == "fits"
    assert judge("XMSSMT", "", "signature")["cnsa"].standing == "against"


def test_the_size_of_a_cipher_is_that_of_its_key() -> None:
    for size in ("128", "128-CBC-HMAC-SHA256", "128-GCM-256"):
        assert judge("AES", size, "ae")["cnsa"].standing == "against", size
    assert judge("AES", "256-GCM-128", "ae")["cnsa"].standing == "fits"
    assert judge("AES", "CBC-HMAC-SHA256", "ae")["cnsa"].standing == "unknown"


def test_several_trees_are_not_one() -> None:
    """NSA, CNSA 2.0 FAQ (p. 8): HSS and XMSSMT are not allowed; BSI TR-02102-1, 5.3.4: what rests on hashes may be."""
    firmware = frozenset({"firmware-signing"})
    for name in ("HSS", "XMSSMT-SHA2_20/2_256", "XMSS^MT"):
        read = read_name(name)
        found = judge(read.family, read.parameter_set, read.purpose, usages=firmware)
        assert (found["cnsa"].standing, found["bsi"].standing, found["nist"].standing) == ("against", "fits", "fits")
    for name in ("LMS", "XMSS-SHA2_10_256"):
        read = read_name(name)
        assert judge(read.family, read.parameter_set, read.purpose, usages=firmware)["cnsa"].standing == "fits"


def test_what_is_forbidden_by_name_is_so_whatever_else_is_known_of_it() -> None:
    """NSA, CNSA 2.0 FAQ (p. 8): SLH-DSA, also known as SPHINCS+, is approved for no use; it is no standard of NIST."""
    read = read_name("SPHINCS+-SHA2-128s")
    found = judge(read.family, read.parameter_set, read.purpose, risk="low", usages=frozenset())
    assert {name: item.standing for name, item in found.items()} == {
        "eu": "unknown",
        "ncsc-nl": "unknown",
        "bsi": "unknown",
        "nist": "unknown",
        "cnsa": "against",
    }
    assert found["cnsa"].governing and found["cnsa"].governing.rule.id == "cnsa/slh-dsa"
    assert found["cnsa"].outcome == "forbidden-from"


def test_authorities_contradict_each_other_on_size_and_construction() -> None:
    found = judge("X25519MLKEM768", "", "kem", usages=TLS)
    assert {name: item.standing for name, item in found.items()} == {
        "eu": "fits",
        "ncsc-nl": "fits",
        "bsi": "fits",
        "nist": "fits",
        "cnsa": "against",
    }
    conflicts = {
        (item.matter, item.first.policy.id, item.second.policy.id) for item in find_conflicts(list(found.values()))
    }
    assert {
        ("parameter-set", "cnsa", "bsi"),
        ("construction", "cnsa", "eu"),
        ("parameter-set", "cnsa", "nist"),
    } <= conflicts
    alone = judge("ML-KEM", "1024", "kem")
    assert (alone["cnsa"].standing, alone["bsi"].standing, alone["nist"].standing) == (
        "fits",
        "advised-against",
        "fits",
    )
    assert ("construction", "bsi", "cnsa") in {
        (item.matter, item.first.policy.id, item.second.policy.id) for item in find_conflicts(list(alone.values()))
    }
    slh = judge("SLH-DSA", "SHA2-192s", "signature")
    assert (slh["bsi"].standing, slh["cnsa"].standing) == ("fits", "against")
    dates = [
        item
        for item in find_conflicts(list(judge("RSA", "3072", "signature", risk="high").values()))
        if item.matter == "date"
    ]
    assert {(item.first.last_day, item.second.last_day) for item in dates} == {(date(2030, 12, 31), date(2035, 12, 31))}
    # What NIST deprecates from 2031 ends on the same day as what the EU ends: no conflict.
    assert not find_conflicts([judge("RSA", "2048", "pke", risk="high")[name] for name in ("eu", "nist")])


def test_a_group_of_tls_is_judged_as_what_it_is() -> None:
    for name, strength, level in (
        ("x25519", 128, "allowed"),
        ("secp384r1", 192, "allowed"),
        ("ffdhe2048", 112, "forbidden-from"),
        ("ffdhe3072", 128, "discouraged-from"),
        ("brainpoolP512r1tls13", 256, "allowed"),
    ):
        use = describe_group(name)
        assert (use.quantum, use.strength_bits) == ("broken", strength)
        assert judge_all(use, [POLICIES["ncsc-nl"]], TODAY)[0].outcome == level, name
    assert judge_all(describe_group("X25519MLKEM768"), [POLICIES["ncsc-nl"]], TODAY)[0].outcome == "recommended"
    assert judge_all(describe_group("0x9999"), [POLICIES["ncsc-nl"]], TODAY)[0].outcome == "unknown"


def test_what_could_take_its_place_is_judged_too() -> None:
    rows = judge_successors(describe_use("RSA", "2048", "pke", usages=TLS), tuple(POLICIES.values()), TODAY)
    names = {use.family + use.parameter_set: {item.policy.id: item.standing for item in found} for use, found in rows}
    assert set(names) == {"ML-KEM768", "ML-KEM1024", "X25519MLKEM768", "SecP384r1MLKEM1024"}
    assert names["SecP384r1MLKEM1024"]["cnsa"] == "against" and names["SecP384r1MLKEM1024"]["ncsc-nl"] == "fits"
    assert not judge_successors(describe_use("SHA-2", "256", "hash"), tuple(POLICIES.values()), TODAY)


def test_a_date_in_the_table_changes_the_verdict(tmp_path: Path) -> None:
    text = (FOLDER / "bsi.yaml").read_text("utf-8")
    assert text.count("2031-12-31") == 1
    (tmp_path / "bsi.yaml").write_text(text.replace("2031-12-31", "2028-06-30"), "utf-8")
    (changed,) = read_policies(tmp_path)
    (before,) = judge_all(describe_use("ECDH", "P-256", "key-agree", risk="low"), [POLICIES["bsi"]], date(2029, 1, 1))
    (after,) = judge_all(describe_use("ECDH", "P-256", "key-agree", risk="low"), [changed], date(2029, 1, 1))
    assert (before.standing, after.standing, after.outcome_date) == ("ends", "against", date(2028, 6, 30))


def test_a_broken_table_tells_every_fault(tmp_path: Path) -> None:
    file = tmp_path / "eu.yaml"
    file.write_text("id: EU\nname: {nl: x}\nrules: [{id: zonder, when: {planet: [mars]}, outcome: maybe}]\n", "utf-8")
    with pytest.raises(UnreadableFile) as refused:
        read_policy(file)
    pointers = {fault.pointer for fault in refused.value.faults}
    assert {"/id", "/name/en", "/document", "/rules/0/id", "/rules/0/when/planet", "/rules/0/outcome"} <= pointers
    file.write_text("a: [", "utf-8")
    with pytest.raises(UnreadableFile):
        read_policy(file)


PEER_USES: Final = (
    ("RSA", "2048", "signature", "RSA-2048", "signature"),
    ("RSA", "3072", "signature", "RSA-3072", "signature"),
    ("ECDSA", "P-256", "signature", "ECDSA-P256", "signature"),
    ("ECDH", "P-256", "key-agree", "ECDH-P256", "key-agree"),
    ("ECDH", "P-384", "key-agree", "ECDH-P384", "key-agree"),
    ("ML-KEM", "768", "kem", "ML-KEM-768", "kem"),
    ("ML-KEM", "1024", "kem", "ML-KEM-1024", "kem"),
    ("ML-DSA", "65", "signature", "ML-DSA-65", "signature"),
    ("ML-DSA", "87", "signature", "ML-DSA-87", "signature"),
    ("SLH-DSA", "SHA2-192s", "signature", "SLH-DSA-SHA2-192s", "signature"),
)
"""Family, size and purpose for us; name and primitive in the bill for the peer."""
PEER_SAYS: Final = {
    "PASS": {"fits", "no-statement"},
    "INFO": {"fits", "ends"},
    "INDET": {"unknown"},
    "N/A": {"no-statement"},
}
PEER_PACKS: Final = {"eu-roadmap": "eu", "nist-ir8547": "nist", "bsi-de": "bsi", "cnsa-2.0": "cnsa"}


def test_the_peer_says_the_same_where_it_tells_the_same(tmp_path: Path) -> None:
    """cbomctl tells whether a rule bites, whatever its day: its WARN and FAIL are `ends` with us until that day.

    It lets the advice on hybrids bite on classical algorithms too, which changes no worst verdict.
    """
    cbomctl = shutil.which("cbomctl")
    if cbomctl is None:
        pytest.skip("cbomctl is not installed")
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "components": [
            {
                "type": "cryptographic-asset",
                "bom-ref": name,
                "name": name,
                "cryptoProperties": {
                    "assetType": "algorithm",
                    "algorithmProperties": {"primitive": primitive, "parameterSetIdentifier": size},
                },
            }
            for _, size, _, name, primitive in PEER_USES
        ],
    }
    file = tmp_path / "bill.json"
    file.write_text(json.dumps(bill))
    asked = [cbomctl, "verdict", str(file), "-j", ",".join(PEER_PACKS), "-f", "json"]
    ran = subprocess.run(asked, capture_output=True, text=True)
    rows = {row["bom_ref"]: row["cells"] for row in json.loads(ran.stdout)["matrix"]}
    different = []
    for family, size, purpose, name, _ in PEER_USES:
        ours = judge(family, size, purpose)
        for pack, authority in PEER_PACKS.items():
            theirs, mine = rows[name][pack]["verdict"], ours[authority].standing
            expected = PEER_SAYS.get(theirs, {"ends", "advised-against", "against"})
            if mine not in expected:
                different.append((name, authority, theirs, mine))
    assert different == []
