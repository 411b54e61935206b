"""When something is met: every state by hand; unknown is never good, and evidence counts in every account."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from eendracht.kernel.access import OPERATOR, PUBLIC, Principal, parse_roles
from eendracht.kernel.clock import FixedClock
from eendracht.kernel.errors import InvalidInput, NotFound, UnreadableFile, UsageFault
from eendracht.kernel.instance import Instance
from eendracht.kernel.store import load
from eendracht.reference.controls import load_controls, load_evidence_topics
from eendracht.resilience.evidence.accounts import LACKING, AskedControl, Proof, Standing, judge_control
from eendracht.resilience.evidence.gaps import list_wanted
from eendracht.resilience.evidence.importing import import_controls
from eendracht.resilience.evidence.matrix import build_matrix
from eendracht.resilience.evidence.proposals import accept_proposal, propose_evidence
from tests.cli.command import CommandLine
from tests.web.nodes import OTHER, OWNER, draft, fill_node, open_node

DAY = date(2026, 11, 30)
UTRECHT = Principal("gm0344/editor", parse_roles([f"editor@{OWNER}"]))
AMSTERDAM = Principal("gm0363/editor", parse_roles([f"editor@{OTHER}"]))
ROLE = "role:gm0344/ciso"
YEARLY, STANDARD, PLAIN = "bio2/5.30.01", "open-standards/dnssec", "bio2/8.13.02"


def evidence(name: str, satisfies: list[str], **spec: Any) -> dict[str, Any]:
    given = {"type": "test", "heldFrom": "2026-03-01", "location": "archief/1", "responsible": ROLE, **spec}
    shown = {key: value for key, value in given.items() if value is not None}
    return draft(f"evidence:gm0344/{name}", name, "organisation", organisation=OWNER, satisfies=satisfies, **shown)


def answer(name: str, control: str, said: str, on: str = "2026-06-01", **spec: Any) -> dict[str, Any]:
    ref = f"control-answer:gm0344/{name}"
    shown = {"organisation": OWNER, "control": control, "complies": said, "answeredOn": on, **spec}
    return draft(ref, name, "organisation", **shown)


BASE = (
    draft(OWNER, "Gemeente Utrecht", type="municipality"),
    draft(OTHER, "Gemeente Amsterdam", owner=OTHER, type="municipality"),
    draft(ROLE, "CISO", organisation=OWNER),
)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    with open_node(tmp_path / "node", FixedClock(datetime(2026, 11, 30, 10, tzinfo=UTC))) as instance:
        fill_node(instance, [dict(item) for item in BASE])
        yield instance


def standing(node: Instance, key: str, *drafts: dict[str, Any], asker: Principal = UTRECHT) -> tuple[str, str]:
    load(node.store, drafts)
    matrix = build_matrix(node.store, asker, OWNER)
    found = {item.control.key: item for account in matrix.accounts for item in account.standings}
    return found[key].state, found[key].why


@pytest.mark.parametrize(
    ("key", "spec", "expected"),
    [
        # Yearly: a test of 1 March 2026 counts until 1 March 2027; of 15 January until within 60 days; of 2025 no more.
        (YEARLY, {}, ("met", "")),
        (YEARLY, {"heldFrom": "2026-01-15"}, ("expiring", "")),
        (YEARLY, {"heldFrom": "2025-11-30"}, ("expired", "")),
        (YEARLY, {"heldFrom": "2025-12-01"}, ("expiring", "")),
        # Its own end goes before the period.
        (YEARLY, {"expiresOn": "2026-11-30"}, ("expired", "")),
        (YEARLY, {"expiresOn": "2026-12-01"}, ("expiring", "")),
        (YEARLY, {"expiresOn": "2030-01-01"}, ("met", "")),
        (PLAIN, {"expiresOn": "2030-01-01"}, ("met", "")),
        # 60 days behind 30 November is 29 January.
        (PLAIN, {"expiresOn": "2027-01-29"}, ("expiring", "")),
        (PLAIN, {"expiresOn": "2027-01-30"}, ("met", "")),
        # Without an end, an owner or a beginning that was, it shows nothing.
        (PLAIN, {}, ("missing", "no-end")),
        (PLAIN, {"expiresOn": "2030-01-01", "responsible": None}, ("missing", "no-owner")),
        (PLAIN, {"heldFrom": "2026-12-01", "expiresOn": "2030-01-01"}, ("missing", "not-yet")),
    ],
)
def test_evidence_counts_while_it_holds_and_has_an_owner(
    node: Instance, key: str, spec: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert standing(node, key, evidence("een", [key], **spec)) == expected


@pytest.mark.parametrize(
    ("key", "said", "spec", "expected"),
    [
        (PLAIN, "yes", {}, ("missing", "only-said")),
        (PLAIN, "partly", {}, ("missing", "only-said")),
        (PLAIN, "no", {"reason": "Te duur"}, ("missing", "said-no")),
        (PLAIN, "unknown", {}, ("unknown", "said-unknown")),
        (PLAIN, "not-applicable", {"reason": "Wij hebben dit niet"}, ("not-applicable", "")),
        (STANDARD, "no", {"reason": "De leverancier kan het niet"}, ("explained", "")),
        (STANDARD, "no", {}, ("missing", "said-no")),
        (STANDARD, "partly", {"reason": "Nog één domein", "dueOn": "2026-12-01"}, ("explained", "")),
        (STANDARD, "partly", {"reason": "Nog één domein", "dueOn": "2026-11-30"}, ("missing", "explanation-ended")),
        (STANDARD, "yes", {"reason": "Echt waar"}, ("missing", "only-said")),
    ],
)
def test_what_is_only_said_shows_nothing_but_an_explanation_where_that_is_the_rule(
    node: Instance, key: str, said: str, spec: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert standing(node, key, answer("een", key, said, **spec)) == expected


def test_what_nobody_recorded_is_unknown_and_the_newest_answer_counts(node: Instance) -> None:
    assert standing(node, PLAIN) == ("unknown", "")
    newest = answer("nieuw", PLAIN, "not-applicable", "2026-07-01", reason="Afgestoten")
    assert standing(node, PLAIN, newest, answer("oud", PLAIN, "no", "2026-05-01")) == ("not-applicable", "")
    # Valid evidence goes before an older explanation, and an answer with no reason is refused.
    good = evidence("goed", [STANDARD], expiresOn="2030-01-01")
    explained = answer("uitleg", STANDARD, "no", "2026-02-28", reason="Nee")
    assert standing(node, STANDARD, good, explained) == ("met", "")
    with pytest.raises(InvalidInput):
        load(node.store, [answer("fout", PLAIN, "not-applicable")])


def test_who_says_no_after_the_evidence_is_believed(node: Instance) -> None:
    shown = evidence("goed", [PLAIN, STANDARD], heldFrom="2026-03-01", expiresOn="2030-01-01")
    assert standing(node, PLAIN, shown, answer("nee", PLAIN, "no", "2026-03-01")) == ("missing", "said-no")
    assert standing(node, STANDARD, answer("uitleg", STANDARD, "no", reason="Uitgezet")) == ("explained", "")
    newer = evidence("opnieuw", [PLAIN], heldFrom="2026-03-02", expiresOn="2030-01-01")
    assert standing(node, PLAIN, newer) == ("met", "")


def test_an_account_of_made_up_answers_says_so(node: Instance) -> None:
    load(node.store, [answer("nee", PLAIN, "no")])
    assert build_matrix(node.store, UTRECHT, OWNER).is_synthetic


def test_one_piece_of_evidence_counts_in_every_account(node: Instance) -> None:
    both = evidence("hersteltest", ["bio2/8.13.04", "cbw/21-2-c"], expiresOn="2027-06-01")
    assert standing(node, "bio2/8.13.04", both) == ("met", "")
    assert standing(node, "cbw/21-2-c") == ("met", "")
    matrix = build_matrix(node.store, UTRECHT, OWNER)
    assert matrix.shared == 1 and matrix.organisations == [OWNER] and matrix.is_synthetic
    counts = {account.framework: account.counts["met"] for account in matrix.accounts}
    assert counts == {"bio2": 1, "ensia": 0, "cbw": 1, "open-standards": 0}
    # ENSIA is for municipalities.
    load(node.store, [draft("organisation:ws0155", "Waterschap", owner="organisation:ws0155", type="water-board")])
    accounts = build_matrix(node.store, OPERATOR, "ws0155").accounts
    assert [account.framework for account in accounts] == ["bio2", "cbw", "open-standards"]


def test_who_may_not_see_evidence_sees_no_more_than_that_it_is_unknown(node: Instance) -> None:
    load(node.store, [evidence("een", [PLAIN], expiresOn="2030-01-01")])
    assert standing(node, PLAIN, asker=AMSTERDAM) == standing(node, PLAIN, asker=PUBLIC) == ("unknown", "")
    assert build_matrix(node.store, AMSTERDAM).accounts == []
    assert build_matrix(node.store, AMSTERDAM).silent == 2
    with pytest.raises(NotFound):
        build_matrix(node.store, UTRECHT, "gm9999")
    with pytest.raises(UsageFault):
        build_matrix(node.store, UTRECHT, framework="iso")


def test_evidence_about_what_nobody_knows_is_told(node: Instance) -> None:
    load(node.store, [evidence("een", ["bio2/99.99.99", PLAIN], expiresOn="2030-01-01")])
    faults = build_matrix(node.store, UTRECHT, OWNER).faults
    assert [(fault.pointer, fault.code) for fault in faults] == [("evidence:gm0344/een", "unknown-control")]


def test_the_bio2_that_the_user_has_is_taken_over(node: Instance, shared: Any) -> None:
    content = shared("reference", "resilience", "bio2", "bio2_1.3_overheidsmaatregelen.json").read_bytes()
    found = import_controls(node.store, UTRECHT, OWNER, content)
    assert (found.controls, found.empty, found.recorded) == (166, 39, 166)
    assert import_controls(node.store, UTRECHT, OWNER, content).recorded == 0
    account = build_matrix(node.store, UTRECHT, OWNER, "bio2").accounts[0]
    # Under 39 numbers nothing is asked.
    assert len(account.standings) == 166 - 39 and account.counts["unknown"] == 127
    shipped = {item.code for item in load_controls().values() if item.framework == "bio2"}
    asked = {item.control.code for item in account.standings}
    assert shipped <= asked and {"5.20.06", "5.23.01", "5.30.01", "8.13.02", "8.13.04", "8.24.02", "8.24.05"} <= shipped


def test_periods_of_bio2_are_those_of_its_text(shared: Any) -> None:
    import json

    content = shared("reference", "resilience", "bio2", "bio2_1.3_overheidsmaatregelen.json").read_text()
    texts = {item["id"]: item["tekst"] for item in json.loads(content)["maatregelen"]}
    for control in load_controls().values():
        if control.framework == "bio2":
            assert (control.every_months == 12) == ("jaarlijks" in texts[control.code]), control.code


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b'{"maatregelen": []}', b'{"maatregelen": 3}', b"\xff"],
)
def test_a_file_that_is_none_is_refused(node: Instance, content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        import_controls(node.store, UTRECHT, OWNER, content)


def test_every_fault_of_a_file_is_told(node: Instance) -> None:
    content = b"""{"maatregelen": [{"id": "5.1", "beheersmaatregel": "5.01", "tekst": "x"}, 7,
        {"id": "5.01.01", "tekst": 3}, {"id": "5.01.01", "beheersmaatregel": "5.01", "tekst": "x"}]}"""
    with pytest.raises(InvalidInput) as refused:
        import_controls(node.store, UTRECHT, OWNER, content)
    assert {fault.pointer for fault in refused.value.faults} == {
        "/maatregelen/0/id",
        "/maatregelen/1",
        "/maatregelen/2/beheersmaatregel",
        "/maatregelen/2/tekst",
        "/maatregelen/3/id",
    }


def test_every_topic_has_a_name_and_every_control_a_topic() -> None:
    topics = {topic for control in load_controls().values() for topic in control.topics}
    assert topics == set(load_evidence_topics())


def lacking(keys: dict[str, tuple[str, ...]]) -> list[Standing]:
    return [Standing(AskedControl(key, key, key, topics=topics), OWNER, "unknown") for key, topics in keys.items()]


def test_the_list_of_what_would_fill_most_covers_all_and_is_no_longer_than_allowed() -> None:
    """Beside the shortest list, found by trying all: greedy is at most 1 + ln(n) times as long (Johnson 1974)."""
    from itertools import combinations
    from math import log

    chance = random.Random(20261130)
    topics = list(load_evidence_topics())[:8]
    for _ in range(200):
        keys = {f"bio2/{at}": tuple(chance.sample(topics, chance.randint(1, 3))) for at in range(chance.randint(1, 12))}
        found = list_wanted(lacking(keys))
        filled = [item.control.key for wanted in found.wanted for item in wanted.fills]
        assert sorted(filled) == sorted(keys)
        shortest = next(
            size
            for size in range(1, 9)
            for chosen in combinations(topics, size)
            if all(set(chosen) & set(those) for those in keys.values())
        )
        assert shortest <= len(found.wanted) <= shortest * (1 + log(len(keys)))
        sizes = [len(wanted.fills) for wanted in found.wanted]
        assert sizes == sorted(sizes, reverse=True)


def test_what_is_recorded_already_is_proposed_and_counts_once_somebody_takes_it_over(node: Instance) -> None:
    plan = draft(
        "restore-plan:gm0344/balie",
        "Herstel van de balie",
        "organisation",
        about="application:gm0344/balie",
        modes=[{"mode": "restore", "durationHours": "4", "testedOn": "2026-09-01"}],
    )
    old = draft(
        "restore-plan:gm0344/oud",
        "Oud",
        "organisation",
        about="application:gm0344/oud",
        modes=[{"mode": "restore", "durationHours": "4", "testedOn": "2024-09-01"}],
    )
    assert standing(node, "bio2/8.13.04", plan, old) == ("unknown", "")
    open_ones = [item for account in build_matrix(node.store, UTRECHT, OWNER).accounts for item in account.lacking]
    (found,) = propose_evidence(node.store, UTRECHT, OWNER, open_ones)
    assert (found.ref, found.type, found.satisfies) == (
        "restore-plan:gm0344/balie",
        "test",
        ("bio2/8.13.04", "cbw/21-2-c"),
    )
    with pytest.raises(NotFound):
        accept_proposal(node.store, UTRECHT, OWNER, "restore-plan:gm0344/oud", ROLE, open_ones)
    accept_proposal(node.store, UTRECHT, OWNER, found.ref, ROLE, open_ones)
    assert standing(node, "bio2/8.13.04") == standing(node, "cbw/21-2-c") == ("met", "")
    assert propose_evidence(node.store, UTRECHT, OWNER, open_ones) == []


def test_a_judgement_by_brute_force_over_many_mixes() -> None:
    """Whatever is recorded, only evidence that holds, has an owner and an end makes it met; and nothing else does."""
    chance = random.Random(7)
    for _ in range(2_000):
        months = chance.choice((None, 12))
        control = AskedControl("bio2/5.30.01", "x", "x", months)
        proofs = []
        for at in range(chance.randint(0, 3)):
            begin = date(2025, chance.randint(1, 12), 1).replace(year=chance.choice((2024, 2025, 2026)))
            end = chance.choice((None, date(2026, 12, 15), date(2027, 6, 1), date(2026, 11, 1)))
            proofs.append(Proof(f"evidence:a/{at}", "x", begin, end, chance.random() < 0.7))
        said: dict[str, str] | None = chance.choice(
            (None, {"complies": "yes"}, {"complies": "no", "reason": "x"}, {"complies": "unknown"})
        )
        if said:
            said["answeredOn"] = chance.choice(("2024-01-01", "2025-06-15", "2026-11-30"))
        found = judge_control(control, OWNER, proofs, said, DAY)

        def holds(proof: Proof, months: int | None = months) -> bool:
            year_later = proof.held_from.replace(year=proof.held_from.year + 1)
            in_period = months is None or year_later > DAY
            has_end = months is not None or proof.expires_on is not None
            ends_later = proof.expires_on is None or proof.expires_on > DAY
            return proof.has_owner and proof.held_from <= DAY and in_period and has_end and ends_later

        holding = [proof for proof in proofs if holds(proof)]
        denied_on = said["answeredOn"] if said and said["complies"] == "no" else ""
        is_met = any(proof.held_from.isoformat() > denied_on for proof in holding)
        assert (found.state in ("met", "expiring")) == is_met
        assert found.lacks == (found.state in LACKING) == (not is_met)
        if not proofs and said is None:
            assert found.state == "unknown"


def test_the_command_prints_accounts_and_what_is_lacking(tmp_path: Path, shared: Any) -> None:
    with open_node(tmp_path / "node") as instance:
        good = evidence("goed", ["bio2/8.13.04", "cbw/21-2-c"], heldFrom="2026-11-01", expiresOn="2099-01-01")
        fill_node(instance, [*(dict(item) for item in BASE), good])
    command = CommandLine(tmp_path / "node")
    printed = command.run("resilience", "evidence", "--organisation", "gm0344").out
    assert "Gemeente Utrecht" in printed and "cbw/21-2-c" not in printed and "bio2/5.20.06" in printed
    told = command.run("resilience", "evidence", "--organisation", "gm0344", "--framework", "cbw", "--json").json
    (account,) = told["accounts"]
    assert account["counts"]["met"] == 1 and account["counts"]["unknown"] == 13
    assert told["wanted"][0]["fills"] and not told["faults"]
    assert command.run("resilience", "evidence", "--framework", "iso", expect=2).err
    assert command.run("--as", "public", "resilience", "evidence", expect=3).err
    path = shared("reference", "resilience", "bio2", "bio2_1.3_overheidsmaatregelen.json")
    imported = command.run("resilience", "evidence", "import", str(path), "--organisation", "gm0344", "--json").json
    assert (imported["controls"], imported["empty"], imported["recorded"]) == (166, 39, 166)
