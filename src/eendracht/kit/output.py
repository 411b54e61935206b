"""How commands speak: tables and lines for people, JSON for programs, faults with their next step on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from eendracht.kernel.errors import EendrachtError

MOST_FAULTS = 25
"""How many faults are spelled out; the rest is counted."""

_DUTCH_MARKS = str.maketrans(",.", ".,")


def say(text: str = "") -> None:
    """Print a line for a person."""
    sys.stdout.write(text + "\n")


def print_json(value: Any) -> None:
    """Print a value for a program: one JSON document, UTF-8."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def print_table(headers: Sequence[str], rows: Iterable[Sequence[object]], widest: int = 60) -> None:
    """Print rows in columns; figures to the right, long text is cut."""
    cells = [[_cut(str(cell), widest) for cell in row] for row in rows]
    widths = [max(len(text) for text in column) for column in zip(headers, *cells, strict=True)]
    figures = [all(_is_figure(row[at]) for row in cells) and bool(cells) for at in range(len(headers))]
    for line in ([*headers], ["-" * width for width in widths], *cells):
        parts = [
            text.rjust(width) if figure else text.ljust(width)
            for text, width, figure in zip(line, widths, figures, strict=True)
        ]
        say("  ".join(parts).rstrip())


def print_number(value: float, *, is_dutch: bool, decimals: int = 0) -> str:
    """Print a number with the marks of the language, without loading its words."""
    text = f"{value:,.{decimals}f}"
    return text.translate(_DUTCH_MARKS) if is_dutch else text


def _cut(text: str, widest: int) -> str:
    """Shorten a text; a place in a file keeps its end, which is the row."""
    text = " ".join(text.split())
    if len(text) <= widest:
        return text
    return "…" + text[1 - widest :] if " › " in text else text[: widest - 1] + "…"


def _is_figure(text: str) -> bool:
    return text.replace(".", "").replace(",", "").replace(" %", "").replace("-", "").isdigit() or text == ""


def complain(error: EendrachtError, language: str = "en", *, as_json: bool = False) -> None:
    """Print what went wrong on stderr: title, detail, every fault with its place, and the next step.

    For a program it is the problem document that the API gives (RFC 9457).
    """
    if as_json:
        sys.stderr.write(json.dumps(error.as_problem(), ensure_ascii=False, indent=2, default=str) + "\n")
        return
    title = error.title_nl if language == "nl" else error.title_en
    lines = [f"{title}: {error.detail}" if error.detail else title]
    for fault in error.faults[:MOST_FAULTS]:
        line = f"{fault.pointer or '/'}: {fault.nl if language == 'nl' else fault.en}"
        if line != error.detail:
            lines.append(f"  {line}")
        if fault.hint and fault.hint != error.hint:
            lines.append(f"    → {fault.hint}")
    if len(error.faults) > MOST_FAULTS:
        lines.append(f"  … {len(error.faults) - MOST_FAULTS} more")
    if error.hint:
        lines.append(f"→ {error.hint}")
    sys.stderr.write("\n".join(lines) + "\n")


Progress = Callable[[int, int], None]


def progress_bar(label: str, quiet: bool) -> Progress | None:
    """Give a function (done, total) that moves a bar on stderr; None where nobody looks."""
    if quiet or not sys.stderr.isatty():
        return None
    from tqdm import tqdm

    bar = tqdm(desc=label, unit="", unit_scale=True, leave=True)

    def move(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)
        if done >= total:
            bar.close()

    return move
