"""A few forms are worked out at once, and what one of them holds stays out of the log of the node."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from eendracht.kernel.errors import Busy, EendrachtError
from eendracht.kit.problem import InternalError

AT_ONCE: Final = 6
_LOG: Final = logging.getLogger("eendracht.forms")
_places: Final = threading.BoundedSemaphore(AT_ONCE)


@contextmanager
def worked_out_quietly() -> Iterator[None]:
    """Take a place among the few; raises Busy where there is none, InternalError for what nobody foresaw."""
    if not _places.acquire(timeout=2):
        raise Busy("Too many forms are worked out at once")
    try:
        yield
    except EendrachtError:
        raise
    except Exception as error:  # noqa: BLE001 - its text may hold what the form holds
        last = error.__traceback__
        while last is not None and last.tb_next is not None:
            last = last.tb_next
        place = f"{last.tb_frame.f_code.co_filename}:{last.tb_lineno}" if last else "-"
        _LOG.error("not foreseen: %s at %s", type(error).__name__, place)
        raise InternalError("Something went wrong that was not foreseen") from None
    finally:
        _places.release()
