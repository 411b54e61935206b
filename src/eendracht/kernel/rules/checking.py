"""Checks regulations as a whole before anything runs: names, types and units, references, cycles, delegation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eendracht.kernel.rules.document import Faults
from eendracht.kernel.rules.service_checking import check_service_laws

if TYPE_CHECKING:
    from eendracht.kernel.rules.library import Library


def check_library(library: Library) -> Faults:
    """Give everything that is wrong with regulations that were read well each by itself."""
    faults = Faults("")
    check_service_laws(library, faults)
    return faults
