"""The picture of the move as a server keeps it: read once for whoever may see the same."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final

from eendracht.kernel.access import Principal
from eendracht.kernel.store import Store
from eendracht.kit.landscapes import Landscapes, StillLooking

if TYPE_CHECKING:
    from eendracht.kernel.landscape import Landscape
    from eendracht.resilience.quantum.overview import Overview


PATIENCE_SECONDS: Final = 5.0
"""So long is waited for the picture: of a hundred thousand assets it takes some seconds, once for each change."""


def keep_overview(landscapes: Landscapes, store: Store, asker: Principal) -> Overview:
    """Give the picture as it is now; raises StillLooking where it is not there in time."""

    def make(landscape: Landscape) -> Overview:
        from eendracht.resilience.quantum.overview import read_overview

        overview = read_overview(store, asker, landscape)
        # What every page needs is worked out here, once and apart from who waits.
        _ = overview.layers, overview.priorities
        return overview

    ends = monotonic() + PATIENCE_SECONDS
    while True:
        left = ends - monotonic()
        try:
            return landscapes.derive(("quantum",), store, asker, make, max(left, 0.0))
        except StillLooking:
            # Something may have been recorded meanwhile, such as who signed in: then it is read once more.
            if left <= 0:
                raise
