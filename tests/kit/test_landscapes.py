"""What somebody may see is looked through by one thread: nobody waits long, and nothing old is shown as new."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from eendracht.kernel.access import OPERATOR, PUBLIC, Principal, Role
from eendracht.kernel.errors import Busy
from eendracht.kernel.instance import Instance
from eendracht.kit.landscapes import Landscapes, StillLooking
from tests.web.nodes import OWNER, PUBLIC_DRAFTS, draft, fill_node, open_node

T = TypeVar("T")


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    with open_node(tmp_path / "node") as instance:
        fill_node(instance, list(PUBLIC_DRAFTS))
        yield instance


@pytest.fixture
def landscapes(node: Instance) -> Iterator[Landscapes]:
    made = Landscapes(node.open_wings)
    yield made
    made.close()


def until(ask: Callable[[], T | None]) -> T:
    """Ask until there is an answer."""
    limit = time.monotonic() + 20
    while time.monotonic() < limit:
        answer = ask()
        if answer is not None:
            return answer
        time.sleep(0.01)
    raise AssertionError("it never came")


def test_who_cannot_wait_hears_so_and_gets_it_later(node: Instance, landscapes: Landscapes) -> None:
    with pytest.raises(StillLooking):
        landscapes.list_findings(node.store, PUBLIC, patience=0)
    found = until(lambda: landscapes.peek_findings(node.store, PUBLIC))
    assert found.is_current
    assert found.findings
    assert landscapes.list_findings(node.store, PUBLIC, patience=0) is found


def test_after_a_write_what_was_found_before_is_said_to_be_old(node: Instance, landscapes: Landscapes) -> None:
    before = landscapes.list_findings(node.store, PUBLIC, patience=20)
    assert "dangling-reference" in {finding.code for finding in before.findings}
    node.store.put(draft("platform:gm0344/geheim-platform", "Platform"), OPERATOR)
    assert landscapes.peek_findings(node.store, PUBLIC) is None
    stale = landscapes.list_findings(node.store, PUBLIC, patience=0)
    assert not stale.is_current
    assert stale.made_at == before.made_at
    after = until(lambda: landscapes.peek_findings(node.store, PUBLIC))
    assert after.is_current
    assert "dangling-reference" not in {finding.code for finding in after.findings}
    # A failure on a landscape that is old would tell of things that are gone.
    node.store.put(draft("platform:gm0344/ander", "Ander"), OPERATOR)
    with pytest.raises(StillLooking):
        landscapes.get(node.store, PUBLIC, None, patience=0)


def test_nobody_gets_what_was_found_for_another(node: Instance, landscapes: Landscapes) -> None:
    node.store.put(draft("application:gm0344/geheim", "Geheim", "restricted"), OPERATOR)
    security = Principal("gm0344/security", frozenset({(Role.SECURITY, OWNER)}))
    seen = landscapes.list_findings(node.store, security, patience=20)
    assert "Geheim" in {row.name for finding in seen.findings for row in finding.evidence}
    public = landscapes.list_findings(node.store, PUBLIC, patience=20)
    assert "Geheim" not in {row.name for finding in public.findings for row in finding.evidence}


def test_so_many_wait_and_no_more(node: Instance, landscapes: Landscapes) -> None:
    askers = [Principal(f"x{n}", frozenset({(Role.READER, f"organisation:gm{n:04d}")})) for n in range(200)]
    refused = 0
    for asker in askers:
        try:
            landscapes.list_findings(node.store, asker, patience=0)
        except StillLooking:
            continue
        except Busy:
            refused += 1
    assert refused
    until(lambda: None if landscapes._running else True)


def test_tasks_are_kept_for_who_asked_until_something_is_recorded(node: Instance, landscapes: Landscapes) -> None:
    editor = Principal("gm0344/editor", frozenset({(Role.EDITOR, OWNER)}))
    assert landscapes.peek_tasks(node.store, editor) is None
    _, tasks = landscapes.list_tasks(node.store, editor, patience=20)
    assert tasks
    assert landscapes.peek_tasks(node.store, editor) is tasks
    assert landscapes.list_tasks(node.store, editor, patience=0)[1] is tasks
    assert landscapes.peek_tasks(node.store, PUBLIC) is None
    node.store.put(draft("platform:gm0344/nog-een", "Nog een"), OPERATOR)
    assert landscapes.peek_tasks(node.store, editor) is None


def test_what_follows_is_worked_out_once_and_anew_after_a_write(node: Instance, landscapes: Landscapes) -> None:
    made = []

    def count(landscape: object) -> int:
        made.append(landscape)
        return len(made)

    with pytest.raises(StillLooking):
        landscapes.derive(("other",), node.store, PUBLIC, lambda _: time.sleep(0.2), patience=0)
    assert [landscapes.derive(("count",), node.store, PUBLIC, count, patience=20) for _ in range(3)] == [1, 1, 1]
    assert landscapes.derive(("count",), node.store, OPERATOR, count, patience=20) == 2
    # Something that is kept from an asker is made from what that one may see.
    assert made[0] is not made[1]
    node.store.put(draft("platform:gm0344/nieuw", "Platform"), OPERATOR)
    assert landscapes.derive(("count",), node.store, PUBLIC, count, patience=20) == 3
    with pytest.raises(ZeroDivisionError):
        landscapes.derive(("fault",), node.store, PUBLIC, lambda _: 1 / 0, patience=20)
