"""An action is closed only with evidence and a retest by another, whichever way the version comes in."""

from __future__ import annotations

from typing import Any

import pytest

from eendracht.kernel.access import OPERATOR, Principal, Role
from eendracht.kernel.errors import InvalidInput
from eendracht.kernel.kinds import Registry, shared_kinds
from eendracht.kernel.records import prepare
from eendracht.kernel.store import Store

OWNER = "organisation:gm0344"
ACTION, RETEST = "action:gm0344/uitwijk", "retest:gm0344/uitwijk-1"
DOER = Principal("team-a", frozenset({(Role.EDITOR, OWNER)}))
OTHER = Principal("team-b", frozenset({(Role.EDITOR, OWNER)}))


def draft(ref: str, **spec: Any) -> dict[str, Any]:
    source = {"type": "statement", "date": "2026-11-30", "system": "test"}
    return {"ref": ref, "owner": OWNER, "source": source, "spec": {"name": "Uitwijk oefenen", **spec}}


def act(store: Store, author: Principal, status: str, evidence: str = "Handleiding 2.1", **more: Any) -> None:
    store.put(draft(ACTION, status=status, evidence=evidence, **more), author)


def retest(store: Store, author: Principal, result: str = "passed", ref: str = RETEST, about: str = ACTION) -> None:
    store.put(draft(ref, action=about, result=result, doneOn="2026-11-30"), author)


def codes(refused: pytest.ExceptionInfo[InvalidInput]) -> set[str]:
    return {fault.code for fault in refused.value.faults}


def test_closes_after_evidence_and_a_retest_by_another(store: Store) -> None:
    act(store, DOER, "open", "")
    act(store, DOER, "done-unverified")
    retest(store, OTHER)
    act(store, DOER, "closed", retest=RETEST)
    assert store.get(ACTION, OPERATOR).data["spec"]["status"] == "closed"


@pytest.mark.parametrize("author", [DOER, OTHER, OPERATOR], ids=lambda author: author.name)
def test_nobody_closes_without_anything(store: Store, author: Principal) -> None:
    with pytest.raises(InvalidInput) as refused:
        act(store, author, "closed", "")
    assert codes(refused) == {"no-evidence", "no-retest"}
    with pytest.raises(InvalidInput) as refused:
        act(store, author, "closed")
    assert codes(refused) == {"evidence-is-new", "no-retest"}


def test_who_did_the_work_does_not_retest_it(store: Store) -> None:
    act(store, DOER, "done-unverified")
    retest(store, DOER)
    with pytest.raises(InvalidInput) as refused:
        act(store, OTHER, "closed", retest=RETEST)
    assert codes(refused) == {"retest-by-the-same"}


def test_a_colleague_who_reported_it_done_does_not_retest_it(store: Store) -> None:
    act(store, DOER, "in-progress")
    act(store, OTHER, "done-unverified")
    retest(store, OTHER)
    with pytest.raises(InvalidInput) as refused:
        act(store, DOER, "closed", retest=RETEST)
    assert codes(refused) == {"retest-by-the-same"}


@pytest.mark.parametrize(
    ("result", "about", "expected"),
    [("failed", ACTION, "retest-not-passed"), ("passed", "action:gm0344/iets-anders", "retest-of-another")],
)
def test_the_retest_is_of_this_action_and_passed(store: Store, result: str, about: str, expected: str) -> None:
    act(store, DOER, "done-unverified")
    retest(store, OTHER, result, about=about)
    with pytest.raises(InvalidInput) as refused:
        act(store, OTHER, "closed", retest=RETEST)
    assert codes(refused) == {expected}


def test_evidence_after_the_retest_is_tried_again(store: Store) -> None:
    act(store, DOER, "done-unverified")
    retest(store, OTHER)
    act(store, DOER, "done-unverified", "Handleiding 3")
    with pytest.raises(InvalidInput) as refused:
        act(store, OTHER, "closed", "Handleiding 3", retest=RETEST)
    assert codes(refused) == {"retest-before-evidence"}
    with pytest.raises(InvalidInput) as refused:
        act(store, OTHER, "closed", "Weer iets anders", retest=RETEST)
    assert "evidence-is-new" in codes(refused)


def test_a_retest_that_is_not_there_counts_for_nothing(store: Store) -> None:
    act(store, DOER, "done-unverified")
    with pytest.raises(InvalidInput) as refused:
        act(store, OTHER, "closed", retest="retest:gm0344/verzonnen")
    assert codes(refused) == {"retest-of-another"}


def test_a_retest_never_changes(store: Store) -> None:
    act(store, DOER, "done-unverified")
    retest(store, OTHER, "failed")
    with pytest.raises(InvalidInput) as refused:
        retest(store, OTHER, "passed")
    assert codes(refused) == {"retest-stands"}


def test_nothing_in_one_request_proves_itself(store: Store) -> None:
    """Work, retest and closing that come in together have shown nothing to anybody."""
    drafts = [
        draft(ACTION, status="done-unverified", evidence="Handleiding"),
        draft(RETEST, action=ACTION, result="passed", doneOn="2026-11-30"),
        draft(ACTION, status="closed", evidence="Handleiding", retest=RETEST),
    ]
    with pytest.raises(InvalidInput):
        store.append([prepare(item, store.registry) for item in drafts], OTHER)
    assert not store.get_among([ACTION], OPERATOR)


def test_names_by_uid_and_by_former_ref_are_the_same_action(store: Store) -> None:
    act(store, DOER, "done-unverified")
    uid = store.get(ACTION, OPERATOR).uid
    renamed = draft("action:gm0344/uitwijk-oefenen", status="done-unverified", evidence="Handleiding 2.1") | {
        "uid": uid
    }
    store.put(renamed, DOER)
    retest(store, OTHER, about=ACTION)
    closing = draft("action:gm0344/uitwijk-oefenen", status="closed", evidence="Handleiding 2.1", retest=RETEST)
    store.put(closing, OTHER)
    assert store.get(uid, OPERATOR).data["spec"]["status"] == "closed"


def test_an_older_action_that_was_closed_reads_as_unverified() -> None:
    action = Registry(shared_kinds()).get("action")
    assert action.upcast({"name": "x", "status": "closed"}, 1)["status"] == "done-unverified"
    assert action.upcast({"name": "x", "status": "dropped"}, 1)["status"] == "dropped"
