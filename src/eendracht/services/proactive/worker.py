"""A process for one proactive run: python -m eendracht.services.proactive.worker."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import orjson

from eendracht.kernel.private import FILE_MODE
from eendracht.kernel.processes import Teller
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.worker import read_ground, serve
from eendracht.services.proactive.asking import read_arguments, read_registers
from eendracht.services.proactive.request import RAISES, ProactiveRequest, read_law
from eendracht.services.proactive.running import RANKING, run_proactive
from eendracht.services.proactive.tables import text

LINES: Final = "lines.jsonl"
"""The list once more, a line of JSON each: for the job that writes messages, which loads no engine."""
HEAD: Final = "head.json"
"""The first lines, for a page."""
HEAD_LINES: Final = 50


def main() -> None:
    """Do the task, and end."""
    serve(work)


def work(task: Mapping[str, Any], teller: Teller) -> dict[str, Any]:
    """Do a run as the job describes it, and leave its lines as JSON too."""
    asked = read_arguments(task["arguments"])
    laws = tuple(
        replace(read_law(law["text"]), ground=read_ground(law["ground"]) if law["ground"] else None)
        for law in task["laws_asked"]
    )
    out = Path(task["out"])
    request = ProactiveRequest(
        laws,
        asked.on,
        Path(task["population"]),
        out,
        asked.purpose,
        asked.controller,
        asked.dpia,
        asked.approver,
        asked.threshold,
        task["subjects"],
        read_registers(asked.registers),
        asked.estimates,
        asked.estimate_flag,
        tuple((key, law) for key, law in task["stops"]),
        task["synthetic"],
    )
    result = run_proactive(Library.load(Path(path) for path in task["laws"]), request, teller.report)
    write_lines(out)
    return result.as_dict()


def write_lines(out: Path) -> None:
    """Write the list as lines of JSON, and its head apart, for their owner only."""
    from eendracht.kernel.rules.columns import duck

    head: list[dict[str, Any]] = []
    target = os.open(out / LINES, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE)
    with duck.connect() as connection, os.fdopen(target, "wb") as file:
        rows = connection.execute(f"SELECT * FROM read_parquet({text(str(out / RANKING))}) ORDER BY rank")
        names = [column[0] for column in rows.description or ()]
        while some := rows.fetchmany(10_000):
            for row in some:
                line = _line(dict(zip(names, row, strict=True)))
                file.write(orjson.dumps(line) + b"\n")
                if len(head) < HEAD_LINES:
                    head.append(line)
    with os.fdopen(os.open(out / HEAD, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE), "wb") as file:
        file.write(orjson.dumps(head))


def _line(row: dict[str, Any]) -> dict[str, Any]:
    """Give a row with keys as text: a whole number is a pseudonym too, and no amount."""
    raised = {str(step): row.pop(f"if_income_rises_{step}") for step in RAISES}
    other = row["representative"]
    return {**row, "key": str(row["key"]), "representative": None if other is None else str(other), "raised": raised}


if __name__ == "__main__":
    main()
