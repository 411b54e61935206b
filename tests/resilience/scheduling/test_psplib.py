"""Files of the PSPLIB: read strictly, with the line of every fault."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psplib
import pytest

from eendracht.kernel.errors import InvalidInput, UnreadableFile
from eendracht.resilience.scheduling import (
    PlannedJob,
    RecoveryPlan,
    check_schedule,
    read_project,
    schedule_file,
)

PROJECT = """************************************************************************
jobs (incl. supersource/sink ):  5
RESOURCES
  - renewable                 :  2   R
  - nonrenewable              :  0   N
  - doubly constrained        :  0   D
************************************************************************
PRECEDENCE RELATIONS:
jobnr.    #modes  #successors   successors
   1        1          2           2   3
   2        2          1           4
   3        1          1           4
   4        1          1           5
   5        1          0
************************************************************************
REQUESTS/DURATIONS:
jobnr. mode duration  R 1  R 2
------------------------------------------------------------------------
  1      1     0       0    0
  2      1     4       2    0
         2     2       3    1
  3      1     3       1    1
  4      1     2       0    2
  5      1     0       0    0
************************************************************************
RESOURCEAVAILABILITIES:
  R 1  R 2
    3    2
************************************************************************
"""


def write(folder: Path, text: str) -> Path:
    """Write a file."""
    path = folder / "small.mm"
    path.write_text(text)
    return path


def refuse(folder: Path, text: str) -> list[tuple[str, str]]:
    """Give line and code of each fault."""
    with pytest.raises(UnreadableFile) as refused:
        read_project(write(folder, text))
    return [(fault.pointer.removeprefix("small.mm › regel "), fault.code) for fault in refused.value.faults]


def test_a_project_with_modes_is_read_and_planned(tmp_path: Path) -> None:
    path = write(tmp_path, PROJECT)
    problem = read_project(path)
    assert [len(job.modes) for job in problem.jobs] == [1, 2, 1, 1, 1]
    assert problem.jobs[1].modes[1].crews == {"R 1": 3, "R 2": 1}
    assert problem.jobs[3].needs[0].of == ("2", "3")
    # Jobs 2 and 3 together in the slow mode take 4, one after the other at least 5; then job 4 takes 2.
    found = schedule_file(path, 20.0)
    assert (found["makespan"], found["bound"], found["status"], found["modes"][2]) == (6, 6, "optimal", 1)
    plan = RecoveryPlan(
        tuple(
            PlannedJob(str(job), str(found["modes"][job]), start, start + (0, 0, 4, 3, 2, 0)[job])
            for job, start in found["starts"].items()
        )
    )
    assert check_schedule(problem, plan).faults == ()


def test_every_fault_has_its_line(tmp_path: Path) -> None:
    text = PROJECT.replace("  4      1     2       0    2", "  4      2     2       0    2")
    text = text.replace("   3        1          1           4", "   3        1          2           4")
    text = text.replace("    3    2\n", "    3    2   7\n")
    text = text.replace("  5      1     0       0    0", "  5      1    -1      0 x")
    assert sorted(refuse(tmp_path, text)) == [
        ("12", "bad-successors"),
        ("23", "bad-request"),
        ("24", "not-numbers"),
        ("28", "bad-levels"),
        ("small.mm", "missing-mode"),
        ("small.mm", "missing-mode"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("  2      1     4       2    0", "  2      1     4       9    0", ("20", "too-much")),
        ("  2      1     4       2    0", "  2      1    -4       2    0", ("20", "negative")),
        ("  2      1     4       2    0", "  2      3     4       2    0", ("20", "bad-request")),
        ("  2      1     4       2    0", "  2      1     4.5     2    0", ("20", "not-numbers")),
        ("   3        1          1           4", "   3        1          2           4", ("12", "bad-successors")),
        ("   3        1          1           4", "   3        1          1           9", ("12", "bad-successor")),
        ("   3        1          1           4", "   3        1          1           3", ("12", "bad-successor")),
        ("   3        1          1           4", "   2        1          1           4", ("12", "bad-job")),
        ("   3        1          1           4", "   3        0          1           4", ("12", "no-mode")),
        ("         2     2       3    1\n", "", ("small.mm", "missing-mode")),
        ("    3    2\n", "    3    2   7\n", ("28", "bad-levels")),
        (
            "  - nonrenewable              :  0   N",
            "  - nonrenewable              :  1   N",
            ("small.mm", "other-resources"),
        ),
        ("RESOURCEAVAILABILITIES:", "RESOURCES:", ("small.mm", "missing-part")),
        ("  - renewable                 :  2   R\n", "", ("small.mm", "missing-part")),
        ("jobs (incl. supersource/sink ):  5", "jobs (incl. supersource/sink ):  6", ("small.mm", "missing-job")),
    ],
)
def test_each_fault(tmp_path: Path, old: str, new: str, fault: tuple[str, str]) -> None:
    assert old in PROJECT
    assert fault in refuse(tmp_path, PROJECT.replace(old, new))


def test_a_cycle_is_a_fault_of_the_problem(tmp_path: Path) -> None:
    text = PROJECT.replace("   4        1          1           5", "   4        1          2           5   2")
    with pytest.raises(InvalidInput) as refused:
        schedule_file(write(tmp_path, text))
    assert [fault.code for fault in refused.value.faults] == ["cycle"]


def test_what_is_no_text_or_not_there_is_refused(tmp_path: Path) -> None:
    for content in (b"\xff\xfe\x00", b""):
        path = tmp_path / "x.sm"
        path.write_bytes(content)
        with pytest.raises(UnreadableFile):
            read_project(path)
    with pytest.raises(UnreadableFile):
        read_project(tmp_path / "absent.sm")


def test_given_projects_are_read_as_the_peer_reads_them(shared: Callable[..., Path]) -> None:
    for path in sorted(shared("reference", "resilience", "scheduling", "j30").glob("*.sm")):
        ours, theirs = read_project(path), psplib.parse(path, instance_format="psplib")
        assert [crews.levels[0][1] for crews in ours.crews] == [one.capacity for one in theirs.resources]
        for number, (job, activity) in enumerate(zip(ours.jobs, theirs.activities, strict=True)):
            assert job.modes[0].duration_minutes == activity.modes[0].duration
            demands = [job.modes[0].crews.get(crews.skill, 0) for crews in ours.crews]
            assert demands == activity.modes[0].demands
            followers = [
                at for at, other in enumerate(ours.jobs) if other.needs and str(number + 1) in other.needs[0].of
            ]
            assert followers == sorted(activity.successors)
