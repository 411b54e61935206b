"""A process that does not know a kind goes on following the log, and another that does takes up what it passed over."""

from __future__ import annotations

import logging
from typing import Annotated

import pytest

from eendracht.kernel.access import OPERATOR
from eendracht.kernel.kinds import Kind, Registry, shared_kinds
from eendracht.kernel.kinds.fields import RefText, Relation, Spec
from eendracht.kernel.landscape import build_landscape
from eendracht.kernel.search import PostgresTextIndex, SqliteTextIndex
from eendracht.kernel.store import Query, Store
from tests.contract.engines import REGISTRY, Engine, draft


class Playbook(Spec):
    """A kind that a wing brings."""

    about: Annotated[RefText, Relation()] | None = None


WIDER = Registry([*shared_kinds(), Kind("playbook", Playbook)])
NEWER = Registry([*shared_kinds(), Kind("playbook", Playbook, 2, {1: lambda spec: spec})])
A, B, PLAN = "application:gm0114/balie", "application:gm0114/website", "playbook:gm0114/brand"


def open_store(engine: Engine, registry: Registry) -> Store:
    """Open a store with words, as a node with this registry would."""
    text = SqliteTextIndex() if engine.name == "sqlite" else PostgresTextIndex()
    return Store(engine.driver(), registry, text)


def names(store: Store, text: str) -> list[str]:
    return [record.ref for record in store.find(Query(text=text), OPERATOR).records]


@pytest.mark.parametrize("writer", [WIDER, NEWER], ids=["unknown", "too-new"])
def test_an_unknown_kind_is_passed_over_and_taken_up_later(
    engine: Engine, writer: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    with open_store(engine, writer) as store:
        store.put(draft(A), OPERATOR)
        store.put(draft(PLAN, name="Draaiboek", about=A), OPERATOR)
        store.put(draft(PLAN, name="Draaiboek brand", about=A), OPERATOR)
        store.put(draft(B, requires=[A]), OPERATOR)
    known = REGISTRY if writer is WIDER else WIDER
    with caplog.at_level(logging.WARNING), open_store(engine, known) as store:
        store.catch_up()
        assert [record.message.partition(":")[0] for record in caplog.records] == ["unknown-kind"]
        assert "2 version(s) of kind 'playbook'" in caplog.text
        assert names(store, "website") == [B] and names(store, "draaiboek") == []
        assert [item.ref for item in store.incoming(A, OPERATOR)] == [B]
        assert [record.ref for record in store.changes(0, OPERATOR)] == [A, PLAN, PLAN, B]
        assert store.get(PLAN, OPERATOR).name == "Draaiboek brand"
        assert {thing.ref for thing in build_landscape(store, OPERATOR).things} == {A, B}
        store.put(draft(B, requires=[]), OPERATOR)
        store.catch_up()
        assert store.incoming(A, OPERATOR) == []
    with open_store(engine, writer) as store:
        assert names(store, "draaiboek") == names(store, "brand") == [PLAN]
        assert [item.ref for item in store.incoming(A, OPERATOR)] == [PLAN]
        assert store.driver.reader().query("SELECT count(*) FROM unindexed") == [(0,)]
