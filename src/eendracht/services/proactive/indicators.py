"""Measures of non-use before and after: a record for each law and day, in counts of ten and more people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from eendracht.kernel.errors import NotFound
from eendracht.kernel.rules.disclosure import show_counts
from eendracht.services.proactive.asking import ProactiveAsk

if TYPE_CHECKING:
    from eendracht.kernel.jobs import Work

MEASURE: Final = "non-use"


def draft_measure(
    controller: str, on: str, law: Mapping[str, Any], *, population: str, is_synthetic: bool
) -> dict[str, Any]:
    """Give the record of a measure: entitled, using, and the share of non-use, at least and at most.

    `law` are the counts of a run (`LawCounts.as_dict`). A count of fewer than ten people is left out, and with it what
    it would follow from.
    """
    reasons = law["reasons"]
    found = reasons["sure"] + reasons["estimate"]
    counts = show_counts({"using": reasons["using"], "notUsing": found, "unknown": reasons["depends"]})
    shown = {name: count for name, count in counts.items() if isinstance(count, int)}
    spec: dict[str, Any] = {
        "name": f"Niet-gebruik {law['title']} op {on}",
        "measure": MEASURE,
        "about": law["law"],
        "organisation": controller,
        "day": on,
        "population": population,
        "synthetic": is_synthetic,
        "counts": [{"name": name, "count": count} for name, count in shown.items()],
    }
    if len(shown) == len(counts):
        spec |= {"low": law["nonUse"]["low"] or None, "high": law["nonUse"]["high"] or None}
    authority = controller.partition(":")[2]
    return {
        "ref": f"indicator:{authority}/non-use-{law['law'].replace('_', '-')}-{on}",
        "owner": controller,
        "confidentiality": {"level": "government"},
        "source": {"type": "synthetic" if is_synthetic else "statement", "date": on},
        "spec": {name: value for name, value in spec.items() if value is not None},
    }


def record_measures(work: Work, asked: ProactiveAsk, result: Mapping[str, Any], *, is_synthetic: bool) -> None:
    """Record the measures of a run, each once for a law and day: a later run of the same day replaces it."""
    for law in result["laws"]:
        draft = draft_measure(
            asked.controller, asked.on.isoformat(), law, population=asked.population, is_synthetic=is_synthetic
        )
        try:
            known = work.store.get(draft["ref"], work.author)
        except NotFound:
            known = None
        if known is not None:
            draft |= {"uid": known.uid}
        work.store.put(draft, work.author, known.generation if known else 0)
