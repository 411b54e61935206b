"""The overview as a whole: its sections in the order of what matters to people, and what is pressing of them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from eendracht.services.overview.acting import view_acting
from eendracht.services.overview.cases import view_cases, view_services
from eendracht.services.overview.choices import view_choices
from eendracht.services.overview.known import view_known
from eendracht.services.overview.offers import view_entitlements, view_messages
from eendracht.services.overview.own_file import OwnFile
from eendracht.services.overview.sections import Entry, Section
from eendracht.services.overview.uses import view_uses

VIEWS: Final[tuple[Callable[[OwnFile], Section], ...]] = (
    view_cases,
    view_entitlements,
    view_messages,
    view_services,
    view_known,
    view_uses,
    view_choices,
    view_acting,
)
"""The sections: what goes on, what is there to get, what was said; then what is known, who used it, and one's say."""


@dataclass(frozen=True, slots=True)
class Overview:
    """The sections, and the entries of all of them on which somebody may have to act."""

    sections: tuple[Section, ...]
    is_synthetic: bool
    """Whether something that is kept says that it is made up."""

    @property
    def pressing(self) -> tuple[tuple[Section, Entry], ...]:
        """What is pressing, with its section."""
        return tuple((section, entry) for section in self.sections for entry in section.entries if entry.is_pressing)


def make_overview(own: OwnFile) -> Overview:
    """Make every section of what is kept."""
    is_synthetic = any(one.text("source") == "synthetic" for one in own.kept)
    return Overview(tuple(view(own) for view in VIEWS), is_synthetic)
