"""A process for one piece of work over a population: python -m eendracht.kernel.rules.worker.

The task comes as one line of JSON; the standard input stays open as long as the asker lives, and when it ends so does
this process, whatever it is doing. Each line of the output is JSON: how far it is, then the result or the error.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from eendracht.kernel.errors import EendrachtError, Fault, WorkerFailed
from eendracht.kernel.rules.columns.refusals import NotCompiled
from eendracht.kernel.rules.disclosure import show_impact, show_run
from eendracht.kernel.rules.grounds import Ground
from eendracht.kernel.rules.impact import assess_law_impact
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.runs import RunRequest, run_population

BEAT_SECONDS = 0.5
"""How often the stage is said again, so that whoever follows can ask to stop."""
BINS = 20
"""How many ranges a distribution has at most."""


class Teller:
    """Writes lines to the asker, from the work and from a thread that repeats the stage."""

    def __init__(self) -> None:
        self._out = sys.stdout.buffer
        self._lock = threading.Lock()
        self._last: Mapping[str, Any] = {}

    def report(self, stage: str, done: int, total: int) -> None:
        """Tell how far it is."""
        self._last = {"stage": stage, "done": done, "total": total}
        self.tell(self._last)

    def beat(self) -> None:
        """Tell it again and again."""
        waiting = threading.Event()
        while not waiting.wait(BEAT_SECONDS):
            if self._last:
                self.tell(self._last)

    def tell(self, line: Mapping[str, Any]) -> None:
        """Write one line."""
        with self._lock:
            self._out.write(orjson.dumps(line) + b"\n")
            self._out.flush()


def _end_with_asker() -> None:
    # Past the buffer of `sys.stdin`, of which the lock would be held when this process ends by itself.
    while os.read(0, 4_096):
        pass
    os._exit(1)


def main() -> None:
    """Do the task, and end."""
    serve(_work)


def serve(work: Callable[[Mapping[str, Any], Teller], dict[str, Any]]) -> None:
    """Read one task, do it, and write how far it is, then the result or the error; for the start of a process."""
    os.umask(0o077)
    task = orjson.loads(sys.stdin.buffer.readline())
    teller = Teller()
    for duty in (_end_with_asker, teller.beat):
        threading.Thread(target=duty, daemon=True).start()
    try:
        teller.tell({"result": work(task, teller)})
    except NotCompiled as error:
        # Its detail names places in law files alone.
        fault = Fault("/outputs", error.reason, error.detail, error.detail, error.hint)
        teller.tell({"error": {**_say(error), "faults": [[fault.pointer, fault.code, fault.nl, fault.en, fault.hint]]}})
    except EendrachtError as error:
        teller.tell({"error": _say(error)})
    except Exception as error:  # noqa: BLE001 - its text may hold what stands in a cell: the place is told alone
        teller.tell({"error": _say(WorkerFailed("", faults=[_place_of(error)]))})


def _place_of(error: Exception) -> Fault:
    last = traceback.extract_tb(error.__traceback__)[-1]
    said = f"{type(error).__name__}, {Path(last.filename).name}:{last.lineno}"
    return Fault("/process", "not-foreseen", said, said)


def _say(error: EendrachtError) -> dict[str, Any]:
    """Give an error without its detail; the faults name columns, sources and laws, never what stands in a cell."""
    faults = [[fault.pointer, fault.code, fault.nl, fault.en, fault.hint] for fault in error.faults]
    return {"code": error.code, "nl": error.title_nl, "en": error.title_en, "faults": faults}


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
