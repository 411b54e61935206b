"""Loading many records at once: the next batch is made while the one before is written."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any

from eendracht.kernel.access import OPERATOR, Principal
from eendracht.kernel.collection import without_collection
from eendracht.kernel.records import prepare
from eendracht.kernel.store.append import Written
from eendracht.kernel.store.store import Store

_MOST_UNDER_WAY = 3
"""Batches that a load has handed in and not seen answered."""


@without_collection()
def load(
    store: Store,
    drafts: Iterable[Mapping[str, Any]],
    author: Principal = OPERATOR,
    size: int = 2_000,
    *,
    only_new: bool = False,
    progress: Callable[[int, int], None] | None = None,
    total: int = 0,
) -> int:
    """Record many drafts in batches of `size`, each batch all or nothing, and index them; gives how many.

    The next batch is validated while the one before is written, so where a batch is refused the next may be recorded
    all the same. With `only_new` a draft whose ref is known is passed over, so that a load that was cut short is
    started again. Raises as `put` does.
    """
    count = seen = 0
    waiting = iter(drafts)
    store.catch_up()
    under_way: deque[tuple[set[str], Callable[[], list[Written]]]] = deque()
    while batch := [prepare(draft, store.registry) for draft in islice(waiting, size)]:
        seen += len(batch)
        if only_new:
            known = store.known_refs([draft.ref for draft in batch]).union(*(refs for refs, _ in under_way))
            batch = [draft for draft in batch if draft.ref not in known]
        if batch:
            if len(under_way) == _MOST_UNDER_WAY:
                count += len(under_way.popleft()[1]())
            # Where nothing before it is left to index, a batch is indexed with its own commit.
            store.advance_soon()
            under_way.append(({draft.ref for draft in batch}, store.append_soon(batch, author)))
        if progress:
            progress(seen, max(seen, total))
    count += sum(len(wait()) for _, wait in under_way)
    store.catch_up()
    return count
