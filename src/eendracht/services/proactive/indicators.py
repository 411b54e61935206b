"""Measures of non-use before and after: records of kind `indicator`, in counts of ten and more people.

Each measure of a law is one record; each run adds a version that holds from its day, so that its history is the line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from eendracht.kernel.errors import NotFound
from eendracht.kernel.rules.disclosure import show_counts
from eendracht.services.proactive.asking import ProactiveAsk

if TYPE_CHECKING:
    from eendracht.kernel.jobs import Work

PEOPLE: Final = "mensen"
PERCENT: Final = "procent"
MEASURES: Final = {
    "using": ("gebruikt het", PEOPLE),
    "not-using": ("heeft recht en gebruikt het niet", PEOPLE),
    "not-known": ("gebruikt het niet, recht niet bekend", PEOPLE),
    "non-use-least": ("niet-gebruik, ten minste", PERCENT),
    "non-use-most": ("niet-gebruik, ten hoogste", PERCENT),
}
"""What each measure is called, and its unit. The shares are of those who use it and those found who do not."""


def measure(law: Mapping[str, Any]) -> dict[str, str]:
    """Give the measures of the counts of a law (`LawCounts.as_dict`); those that would show a small group are left out.

    A count of fewer than ten people hides, and with it what it would follow from, the shares among them.
    """
    reasons = law["reasons"]
    counts = {"using": reasons["using"], "not-using": reasons["sure"] + reasons["estimate"]}
    counts["not-known"] = reasons["depends"]
    shown = {name: str(count) for name, count in show_counts(counts).items() if isinstance(count, int)}
    if len(shown) < len(counts):
        return shown
    shares = {"non-use-least": law["nonUse"]["low"], "non-use-most": law["nonUse"]["high"]}
    return shown | {name: f"{Decimal(share) * 100:.1f}" for name, share in shares.items() if share}


def draft_measures(controller: str, on: str, law: Mapping[str, Any], *, is_synthetic: bool) -> Iterator[dict[str, Any]]:
    """Yield the records of the measures of a law."""
    authority = controller.partition(":")[2]
    for name, value in measure(law).items():
        called, unit = MEASURES[name]
        made_up = " (verzonnen mensen)" if is_synthetic else ""
        yield {
            "ref": f"indicator:{authority}/{law['law'].replace('_', '-')}-{name}",
            "owner": controller,
            "validFrom": on,
            "confidentiality": {"level": "government"},
            "source": {"type": "synthetic" if is_synthetic else "statement", "date": on},
            "spec": {"name": f"{law['title']}: {called}{made_up}", "unit": unit, "value": value, "measuredOn": on},
        }


def record_measures(work: Work, asked: ProactiveAsk, result: Mapping[str, Any], *, is_synthetic: bool) -> None:
    """Record the measures of a run; a job that is run again records the same once more, which changes nothing."""
    for law in result["laws"]:
        for draft in draft_measures(asked.controller, asked.on.isoformat(), law, is_synthetic=is_synthetic):
            try:
                known = work.store.get(draft["ref"], work.author, asked.on)
            except NotFound:
                known = None
            if known is not None:
                if known.data["spec"] == draft["spec"]:
                    continue
                draft["uid"] = known.uid
            work.store.put(draft, work.author)
