"""The processing lines of a proactive run: what is used, on which ground and for what, before; what came of it, after.

A line holds refs, codes and counts; no key of anybody is in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from eendracht.kernel.journal import Journal
from eendracht.kernel.populations import STREAM
from eendracht.services.proactive.asking import RUN

MOST_COLUMNS: Final = 100
"""How many names of columns one line of the processing log holds; more go into a next line."""


@dataclass(frozen=True, slots=True)
class RunNoted:
    """A run as its lines name it: its id (of the job, or of the call at the prompt), who asked, and who answers."""

    id: str
    by: str
    population: str
    """Ref of the record, or the digest of files that no record tells of."""
    is_synthetic: bool
    controller: str
    purpose: str
    dpia: str
    approver: str
    on: date


def note_begin(journal: Journal, run: RunNoted, laws: Iterable[tuple[str, str]]) -> None:
    """Write a line for each law with the ref of its ground, before anything of anybody is read."""
    common = {
        "event": f"{RUN}-begun",
        "job": run.id,
        "by": run.by,
        "population": run.population,
        "synthetic": run.is_synthetic,
        "controller": run.controller,
        "purpose": run.purpose,
        "dpia": run.dpia,
        "approver": run.approver,
        "on": run.on.isoformat(),
    }
    journal.append(STREAM, [{**common, "law": law, "ground": ground} for law, ground in laws])


def note_done(journal: Journal, run: RunNoted, result: Mapping[str, Any]) -> None:
    """Write what was read and what it came to: counts, columns, and the digest over what each pseudonym came to."""
    common = {"event": f"{RUN}-done", "job": run.id, "controller": run.controller}
    lines: list[dict[str, Any]] = []
    for law in result["laws"]:
        counts = {name: count for name, count in law["reasons"].items() if count}
        lines.append(
            {**common, "law": law["law"], "article": law["article"], "subjects": law["people"], "counts": counts}
        )
        lines += [{**common, "law": law["law"], "columns": some} for some in _stretches(law["columnsRead"])]
    lines += [{**common, "columns": some} for some in _stretches(result["columnsRead"])]
    lines.append({**common, "outcomes": result["outcomesSha256"], "subjects": result["people"]})
    journal.append(STREAM, lines)


def _stretches(columns: list[str]) -> list[list[str]]:
    return [columns[at : at + MOST_COLUMNS] for at in range(0, len(columns), MOST_COLUMNS)]
