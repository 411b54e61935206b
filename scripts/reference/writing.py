"""Small pieces of Markdown that every reference page is made of."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Sequence


def table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Give the lines of a table; a bar in a cell is escaped, and a cell stays on one line."""
    escaped = [tuple(" ".join(cell.replace("|", "\\|").split()) for cell in row) for row in rows]
    return [f"| {' | '.join(row)} |" for row in (header, ("---",) * len(header), *escaped)]


def code(text: object) -> str:
    """Give a text in the type of code; nothing for an empty one."""
    return f"`{text}`" if str(text) else ""


def first_line(thing: object) -> str:
    """Give the first paragraph of a docstring on one line."""
    return (inspect.getdoc(thing) or "").split("\n\n")[0].replace("\n", " ")


def paragraph(*sentences: str) -> list[str]:
    """Give sentences as lines of at most 120 characters."""
    return textwrap.wrap(" ".join(sentences), 120, break_long_words=False, break_on_hyphens=False)
