"""A process of its own for heavy work: the side that asks, and the side that does it.

The task goes over as one line of JSON; the standard input of the process stays open as long as the asker lives, and
when it ends so does the process, whatever it is doing. Each line of the output is JSON: how far it is, then the result
or the error.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import orjson

from eendracht.kernel.errors import EendrachtError, Fault, WorkerFailed

Report: TypeAlias = Callable[[str, int, int], object]
"""Told how far the work is: the stage, how much of it is done, and of how much (0: not known)."""
BEAT_SECONDS = 0.5
"""How often the stage is said again, so that whoever follows can ask to stop."""


def ask_process(
    task: Mapping[str, Any],
    module: str,
    report: Report,
    mark: Callable[[EendrachtError], EendrachtError] = lambda error: error,
    time_limit_seconds: float | None = None,
) -> dict[str, Any]:
    """Run a module that serves one task (`serve`) in a process, follow it and give its result.

    It is ended at its time limit and whatever happens here, and ends by itself when this process does. Raises what the
    task raised, without its detail and after `mark` has seen it, and WorkerFailed.
    """
    command = [sys.executable, "-m", module]
    cwd = Path(__file__).parents[2]
    with subprocess.Popen(  # noqa: S603 - our own module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=cwd
    ) as process:
        clock = threading.Timer(time_limit_seconds or threading.TIMEOUT_MAX, process.kill)
        clock.daemon = True
        try:
            if time_limit_seconds is not None:
                clock.start()
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(orjson.dumps(task) + b"\n")
            process.stdin.flush()
            for line in process.stdout:
                said = orjson.loads(line)
                if "result" in said:
                    result: dict[str, Any] = said["result"]
                    return result
                if "error" in said:
                    raise mark(_recognise(said["error"]))
                report(said["stage"], said["done"], said["total"])
        except (OSError, orjson.JSONDecodeError):
            pass
        finally:
            clock.cancel()
            process.kill()
    raise WorkerFailed("The process ended without a result")


def _recognise(said: Mapping[str, Any]) -> EendrachtError:
    faults = [Fault(*fault) for fault in said["faults"]]
    if said["code"] == WorkerFailed.code:
        return WorkerFailed("", faults=faults)
    error = EendrachtError("", faults=faults)
    error.code, error.title_nl, error.title_en = said["code"], said["nl"], said["en"]  # type: ignore[misc]
    return error


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


def serve(work: Callable[[Mapping[str, Any], Teller], dict[str, Any]]) -> None:
    """Read one task, do it, and write how far it is, then the result or the error; for the start of a process."""
    os.umask(0o077)
    task = orjson.loads(sys.stdin.buffer.readline())
    teller = Teller()
    for duty in (_end_with_asker, teller.beat):
        threading.Thread(target=duty, daemon=True).start()
    try:
        teller.tell({"result": work(task, teller)})
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
