"""The pages of the wing; each part has a module of its own."""

from __future__ import annotations

from eendracht.kit.pages import Page
from eendracht.resilience.pages import answers

PAGES: tuple[Page, ...] = (*answers.PAGES,)
