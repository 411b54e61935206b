"""Projects of the PSPLIB as problems: `.sm` with one mode a job, `.mm` with several.

The format is that of ProGen (Kolisch and Sprecher, PSPLIB - A project scheduling problem library, 1996). One period is
one minute. Nonrenewable and doubly constrained resources are refused where there are any: a crew that works is free
again, so that there is nothing here for them to be.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from eendracht.kernel.errors import Fault, UnreadableFile
from eendracht.resilience.scheduling.problem import Crews, Mode, RecoveryJob, RecoveryProblem, need_all
from eendracht.resilience.scheduling.solving import schedule_recovery

MAX_BYTES: Final = 5_000_000

_COUNTS: Final = {
    "jobs": re.compile(r"jobs\s*\(incl\.\s*supersource/sink\s*\)\s*:\s*(\d+)\s*$"),
    "renewable": re.compile(r"-\s*renewable\s*:\s*(\d+)\s+R\s*$"),
    "nonrenewable": re.compile(r"-\s*nonrenewable\s*:\s*(\d+)\s+N\s*$"),
    "doubly constrained": re.compile(r"-\s*doubly constrained\s*:\s*(\d+)\s+D\s*$"),
}
_UNKNOWN: Final = 1 << 30
"""How many there are of a resource of which the file does not tell it in a way that can be read."""
_SECTIONS: Final = ("PRECEDENCE RELATIONS:", "REQUESTS/DURATIONS:", "RESOURCEAVAILABILITIES:")


@dataclass
class _Sheet:
    """The lines of a file by section, each with its number, and the faults so far."""

    name: str
    counts: dict[str, int] = field(default_factory=dict)
    sections: dict[str, list[tuple[int, list[int]]]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def refuse(self, line: int, code: str, nl: str, en: str) -> None:
        place = f"{self.name} › regel {line}" if line else self.name
        hint = "Compare the line with the format of PSPLIB, or export the project again."
        self.faults.append(Fault(place, code, nl, en, hint))


def read_project(path: Path) -> RecoveryProblem:
    """Read a file of the PSPLIB; raises UnreadableFile with every fault and its line."""
    sheet = _Sheet(path.name)
    _split(sheet, _read_text(path))
    for name in (*_COUNTS, *_SECTIONS):
        if name not in sheet.counts and name not in sheet.sections:
            sheet.refuse(0, "missing-part", f"Het deel {name} ontbreekt.", f"The part {name} is missing.")
    problem = _build(sheet) if len(sheet.counts) + len(sheet.sections) == len(_COUNTS) + len(_SECTIONS) else None
    if problem is None:
        raise UnreadableFile("This is no project of the PSPLIB.", faults=sheet.faults)
    return problem


def schedule_file(path: Path, time_limit_seconds: float = 10.0) -> dict[str, Any]:
    """Give the shortest plan for a file of the PSPLIB that is found in this time.

    `makespan`, `bound` and `serial_makespan` in periods, `status` (`optimal` only when proved), `gap` as a share,
    `found_by`, `seconds`, and `starts` by number of the job. Raises UnreadableFile and InvalidInput.
    """
    found = schedule_recovery(read_project(path), time_limit_seconds=time_limit_seconds)
    return {
        "makespan": found.value,
        "bound": found.bound,
        "status": found.status,
        "gap": found.gap,
        "serial_makespan": found.serial_value,
        "found_by": found.found_by.value,
        "seconds": found.seconds,
        "starts": {int(job.job): job.start_minute for job in found.plan.jobs},
        "modes": {int(job.job): int(job.mode) for job in found.plan.jobs},
    }


def _read_text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            nl, en = f"Groter dan {MAX_BYTES} bytes.", f"Larger than {MAX_BYTES} bytes."
            raise UnreadableFile(faults=[Fault(path.name, "too-large", nl, en, "Give one project in a file.")])
        return path.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        nl, en = "Geen leesbaar ASCII-bestand.", "No readable ASCII file."
        fault = Fault(path.name, "no-text", nl, en, "Check the path and the format.")
        raise UnreadableFile(faults=[fault]) from error


def _split(sheet: _Sheet, text: str) -> None:
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        words = line.strip()
        if words in _SECTIONS:
            section = words
            if section in sheet.sections:
                sheet.refuse(number, "double-part", f"{section} staat er al.", f"{section} is there already.")
            sheet.sections[section] = []
        elif re.fullmatch(r"[A-Z /]+:", words):
            section = ""
        elif section and re.fullmatch(r"[-\d\s]+", words) and not words.startswith("--"):
            _keep_numbers(sheet, section, number, words)
        elif section and words and not words.startswith(("*", "-", "jobnr.", "R ")):
            sheet.refuse(number, "not-numbers", f"Geen getallen: {words[:60]}", f"No numbers: {words[:60]}")
        elif not section:
            for name, pattern in _COUNTS.items():
                if found := pattern.search(words):
                    sheet.counts[name] = int(found[1])


def _keep_numbers(sheet: _Sheet, section: str, number: int, words: str) -> None:
    try:
        values = [int(word) for word in words.split()]
    except ValueError:
        sheet.refuse(number, "not-numbers", f"Geen getallen: {words[:60]}", f"No numbers: {words[:60]}")
        return
    if any(value < 0 for value in values):
        sheet.refuse(number, "negative", "Een getal is negatief.", "A number is negative.")
    sheet.sections[section].append((number, values))


def _build(sheet: _Sheet) -> RecoveryProblem | None:
    for name in ("nonrenewable", "doubly constrained"):
        if sheet.counts[name]:
            nl, en = f"Middelen die {name} zijn, worden niet gepland.", f"Resources that are {name} are not planned."
            sheet.refuse(0, "other-resources", nl, en)
    count, skills = sheet.counts["jobs"], [f"R {number + 1}" for number in range(sheet.counts["renewable"])]
    levels = _read_levels(sheet, len(skills))
    modes, needed_by = _read_precedence(sheet, count)
    requests = _read_requests(sheet, modes, levels)
    if sheet.faults:
        return None
    needs: dict[int, list[str]] = {job: [] for job in modes}
    for job, followers in needed_by.items():
        for follower in followers:
            needs[follower].append(str(job))
    jobs = tuple(
        RecoveryJob(
            str(job),
            tuple(
                Mode(
                    str(number + 1),
                    duration,
                    {skill: crews for skill, crews in zip(skills, asked, strict=True) if crews},
                )
                for number, (duration, *asked) in enumerate(requests[job])
            ),
            (need_all(*needs[job]),) if needs[job] else (),
        )
        for job in sorted(modes)
    )
    crews = tuple(Crews(skill, ((0, level),)) for skill, level in zip(skills, levels, strict=True))
    return RecoveryProblem(jobs, crews, objective="makespan")


def _read_levels(sheet: _Sheet, count: int) -> list[int]:
    rows = sheet.sections["RESOURCEAVAILABILITIES:"]
    if len(rows) != 1 or len(rows[0][1]) != count:
        line = rows[0][0] if rows else 0
        sheet.refuse(line, "bad-levels", f"Verwacht {count} getallen.", f"Expected {count} numbers.")
        return [_UNKNOWN] * count
    return rows[0][1]


def _read_precedence(sheet: _Sheet, count: int) -> tuple[dict[int, int], dict[int, list[int]]]:
    modes: dict[int, int] = {}
    needed_by: dict[int, list[int]] = {}
    for line, values in sheet.sections["PRECEDENCE RELATIONS:"]:
        job, modes_of_job, stated, *followers = (*values, 0, 0, 0)[: max(3, len(values))]
        if job in modes or not 1 <= job <= count:
            sheet.refuse(line, "bad-job", f"Taak {job} hoort hier niet.", f"Job {job} does not belong here.")
            continue
        if len(values) < 3 or len(followers) != stated:
            nl, en = "Het aantal opvolgers klopt niet.", "The number of successors is not right."
            sheet.refuse(line, "bad-successors", nl, en)
        if not modes_of_job:
            sheet.refuse(line, "no-mode", f"Taak {job} heeft geen werkwijze.", f"Job {job} has no mode.")
        for follower in followers:
            if not 1 <= follower <= count or follower == job or followers.count(follower) > 1:
                nl, en = f"Opvolger {follower} kan niet.", f"Successor {follower} is not possible."
                sheet.refuse(line, "bad-successor", nl, en)
        modes[job], needed_by[job] = modes_of_job, followers
    missing = [job for job in range(1, min(count, 100_000) + 1) if job not in modes]
    if missing:
        listed = ", ".join(map(str, missing[:10]))
        sheet.refuse(0, "missing-job", f"Deze taken ontbreken: {listed}.", f"These jobs are missing: {listed}.")
    return modes, needed_by


def _read_requests(sheet: _Sheet, modes: dict[int, int], levels: Sequence[int]) -> dict[int, list[list[int]]]:
    found: dict[int, list[list[int]]] = {job: [] for job in modes}
    job = 0
    for line, values in sheet.sections["REQUESTS/DURATIONS:"]:
        width = 2 + len(levels)
        if len(values) == width + 1:
            job, *values = values
        if len(values) != width or job not in found or values[0] != len(found[job]) + 1:
            sheet.refuse(line, "bad-request", "Deze regel past niet.", "This line does not fit.")
            continue
        found[job].append(values[1:])
        for number, (asked, level) in enumerate(zip(values[2:], levels, strict=True), 1):
            if asked > level:
                nl, en = (
                    f"Vraagt {asked} van R {number}; het zijn er {level}.",
                    f"It asks {asked} of R {number}; there are {level}.",
                )
                sheet.refuse(line, "too-much", nl, en)
    for job, listed in found.items():
        if len(listed) != modes[job]:
            nl = f"Taak {job} heeft {len(listed)} van {modes[job]} werkwijzen."
            en = f"Job {job} has {len(listed)} of {modes[job]} modes."
            sheet.refuse(0, "missing-mode", nl, en)
    return found
