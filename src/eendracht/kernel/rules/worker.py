"""A process for one piece of work over a population: python -m eendracht.kernel.rules.worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from eendracht.kernel import processes
from eendracht.kernel.errors import Fault
from eendracht.kernel.processes import Teller
from eendracht.kernel.rules.columns.refusals import NotCompiled
from eendracht.kernel.rules.disclosure import show_impact, show_run
from eendracht.kernel.rules.grounds import Ground
from eendracht.kernel.rules.impact import assess_law_impact
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.runs import RunRequest, run_population

BINS = 20
"""How many ranges a distribution has at most."""


def main() -> None:
    """Do the task, and end."""
    serve(_work)


def serve(work: Callable[[Mapping[str, Any], Teller], dict[str, Any]]) -> None:
    """Serve one task; a law that cannot be put into columns is told with the place in its file."""

    def work_or_name_place(task: Mapping[str, Any], teller: Teller) -> dict[str, Any]:
        try:
            return work(task, teller)
        except NotCompiled as error:
            # Its detail names places in law files alone.
            error.faults = (Fault("/outputs", error.reason, error.detail, error.detail, error.hint),)
            raise

    processes.serve(work_or_name_place)


def _work(task: Mapping[str, Any], teller: Teller) -> dict[str, Any]:
    library = Library.load(Path(path) for path in task["laws"])
    request = RunRequest(
        task["law"],
        tuple(task["outputs"]),
        date.fromisoformat(task["on"]),
        Path(task["population"]),
        Path(task["out"]),
        ground=read_ground(task["ground"]) if task["ground"] else None,
        purpose=task["purpose"],
        controller=task["controller"],
        subjects=task["subjects"],
        memory_limit=task.get("memory", ""),
    )
    if task["kind"] == "law-impact":
        later = date.fromisoformat(task["onAfter"])
        found = assess_law_impact(library, library, request, on_after=later, by=task["by"], report=teller.report)
        return {**show_impact(found), "rows": found.whole.people}
    result = run_population(library, request, teller.report)
    return show_run(result, {name: _spread(request.out, name) for name in request.outputs})


def read_ground(said: Mapping[str, Any]) -> Ground:
    """Read a ground that the asker described."""
    days = {name: date.fromisoformat(said[name]) if said[name] else None for name in ("valid_from", "valid_until")}
    return Ground(**{**said, "sources": tuple(said["sources"]), **days})


def _spread(path: Path, output: str) -> list[tuple[str, str, int]]:
    """Cut the known numbers of an output into ranges with round bounds; none for what is no number or has one value."""
    from eendracht.kernel.rules.columns import duck

    cell, known = f'"{output}"', f"\"{output}_status\" = 'known'"
    with duck.connect() as connection:
        source = connection.read_parquet(str(path))
        kind = str(source.select(cell).types[0])
        if kind not in ("BIGINT", "HUGEINT", "INTEGER") and not kind.startswith("DECIMAL"):
            return []
        row = connection.execute(
            f"SELECT floor(min({cell}))::HUGEINT, ceil(max({cell}))::HUGEINT FROM source WHERE {known}"
        ).fetchone()
        if row is None or row[0] is None or row[0] == row[1]:
            return []
        low, width = _round_bounds(int(row[0]), int(row[1]))
        rows = connection.execute(
            f"SELECT (floor({cell})::HUGEINT - ({low})) // {width} AS bin, count(*) FROM source WHERE {known}"
            " GROUP BY 1 ORDER BY 1"
        ).fetchall()
    return [(str(low + int(at) * width), str(low + (int(at) + 1) * width), int(count)) for at, count in rows]


def _round_bounds(low: int, high: int) -> tuple[int, int]:
    """Give where ranges of a round width (1, 2 or 5 with zeros) begin, and that width."""
    width = 1
    steps = (2, 5, 10)
    scale, at = 1, 0
    while (high - low) // width + 2 > BINS:
        width = steps[at] * scale
        at += 1
        if at == len(steps):
            scale, at = scale * 10, 0
    return low - low % width, width


if __name__ == "__main__":
    main()
