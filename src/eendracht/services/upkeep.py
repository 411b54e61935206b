"""What the wing lets a running server do by itself."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from eendracht.services import case_jobs
from eendracht.services.forms import evidence
from eendracht.services.proactive import notice_jobs, watches

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance


def read_laws(instance: Instance) -> None:
    """Read the laws before the first citizen asks for a form; laws that cannot be used are told to who asks."""
    from eendracht.kernel.rules.lawbook import LawsUnusable

    with suppress(LawsUnusable):
        _ = instance.lawbook.library


UPKEEP = (read_laws, *case_jobs.UPKEEP, *evidence.UPKEEP, *notice_jobs.UPKEEP, *watches.UPKEEP)
