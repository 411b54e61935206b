"""When Python looks for cycles of objects that nothing uses any more."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collection() -> Iterator[None]:
    """Keep the cyclic collector still while very many small objects are made of which none is in a cycle.

    Each of its looks walks through all of them: a third of the time of a bulk. What is in no cycle goes as always.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def settle() -> None:
    """Keep the collector from walking over what is there now, which is to stay: on a large heap that takes a second.

    What is dropped later goes by its count of references; only rings of it would stay, and large things have none.
    """
    gc.collect(1)
    gc.freeze()
