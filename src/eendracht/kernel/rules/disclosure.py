"""What may be shown of counts of people: nothing of a group that is so small that it could point to a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eendracht.kernel.rules.impact import SMALLEST_GROUP, Change, LawImpact
from eendracht.kernel.rules.runs import OutputCounts, RunResult

REST = "rest"
"""Stands for the largest of several counts where a small one is hidden: what is left, which is not said exactly."""
Shown = dict[str, int | str | None]
"""A count; None for fewer than ten; or `rest`."""


def show_counts(counts: Mapping[str, int]) -> Shown:
    """Hide the small counts of one whole, and with them the largest, so that no small one follows from the others."""
    shown: Shown = {name: count if count == 0 or count >= SMALLEST_GROUP else None for name, count in counts.items()}
    large = [name for name, count in counts.items() if count >= SMALLEST_GROUP]
    if None in shown.values() and large:
        shown[max(large, key=lambda name: counts[name])] = REST
    return shown


def merge_ranges(spread: Sequence[tuple[str, str, int]]) -> list[dict[str, Any]]:
    """Join ranges that lie beside each other until each holds ten or more; none where all hold fewer together."""
    merged: list[tuple[str, str, int]] = []
    for low, high, count in spread:
        if merged and merged[-1][2] < SMALLEST_GROUP:
            before = merged.pop()
            low, count = before[0], before[2] + count
        merged.append((low, high, count))
    if len(merged) > 1 and merged[-1][2] < SMALLEST_GROUP:
        last, before = merged.pop(), merged.pop()
        merged.append((before[0], last[1], before[2] + last[2]))
    return [{"from": low, "to": high, "people": count} for low, high, count in merged if count >= SMALLEST_GROUP]


def show_run(result: RunResult, spreads: Mapping[str, Sequence[tuple[str, str, int]]]) -> dict[str, Any]:
    """Give the result of a run as plain data without small groups; extremes only of people who are made up."""
    outputs = {
        name: _show_output(counts, spreads.get(name, ()), is_synthetic=result.is_synthetic)
        for name, counts in result.outputs.items()
    }
    return {**result.as_dict(), "outputs": outputs}


def _show_output(counts: OutputCounts, spread: Sequence[tuple[str, str, int]], *, is_synthetic: bool) -> dict[str, Any]:
    shown = counts.as_dict()
    shown["statuses"] = show_counts(counts.statuses)
    known = counts.statuses.get("known", 0)
    is_truth = bool(counts.total) and not counts.largest
    yes = int(counts.total) if is_truth else known
    is_small = known < SMALLEST_GROUP or (is_truth and (yes < SMALLEST_GROUP or known - yes < SMALLEST_GROUP))
    if is_small:
        shown["total"] = ""
    if is_small or not is_synthetic:
        shown |= {"min": "", "max": ""}
    shown["isTruth"] = is_truth
    shown["spread"] = merge_ranges(spread)
    return shown


def show_impact(found: LawImpact) -> dict[str, Any]:
    """Give an impact as plain data without small groups."""
    shown = found.as_dict()
    shown["whole"] = _show_change(found.whole)
    shown["groups"] = [_show_change(group) for group in found.groups]
    shown["hidden"] = found.hidden if found.hidden == 0 or found.hidden >= SMALLEST_GROUP else None
    # Its ranges begin at the largest loss and end at the largest gain: those are somebody's.
    shown["spread"] = merge_ranges(found.spread) if found.is_synthetic else []
    return shown


def _show_change(change: Change) -> dict[str, Any]:
    counts = {name: int(getattr(change, name)) for name in ("gain", "lose", "same", "unclear")}
    shown: dict[str, Any] = {**change.as_dict(), **show_counts(counts)}
    sums = {"gained": ("gain",), "lost": ("lose",), "total_before": ("gain", "lose"), "total_after": ("gain", "lose")}
    for name, parts in sums.items():
        if any(shown[part] is None for part in parts):
            shown[name] = ""
    return {**shown, "people": change.people if change.people >= SMALLEST_GROUP else None}
