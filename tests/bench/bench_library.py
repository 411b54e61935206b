"""Law files: ten thousand of them read, checked and indexed, with and without a cache; one case with its reasons."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import yaml

from eendracht.kernel.rules import Case, Library, Register, evaluate
from eendracht.kernel.rules.outline_cache import FILE_NAME
from tests.bench.law_files import CORPUS, write_law_files
from tests.bench.rows import RUNS, Row, median_of, timed

FILES, CASES, LAWS = 10_000, 200, 6
_MONEY = (
    *("uitkeringen_en_pensioenen", "winst_uit_onderneming", "resultaat_overige_werkzaamheden", "eigen_woning"),
    *("buitenlands_inkomen", "reguliere_voordelen", "vervreemdingsvoordelen", "spaargeld", "beleggingen"),
    *("onroerend_goed", "schulden"),
)
_FACTS = {
    "geboortedatum": "2005-01-01",
    "verblijfsadres": "Amsterdam",
    "land_verblijf": "NEDERLAND",
    "partnerschap_type": "GEEN",
    "partner_bsn": None,
    "polis_status": "ACTIEF",
    "verdragsinschrijving": False,
    "detentiestatus": None,
    "inrichting_type": None,
    "zorgtype": None,
    "juridische_grondslag": None,
}
_LOAD = """
import sys, time
from pathlib import Path
from eendracht.kernel.rules import Library
started = time.perf_counter()
library = Library.load([Path(sys.argv[1])], Path(sys.argv[2]) if len(sys.argv) > 2 else None)
seconds = time.perf_counter() - started
import resource
print(seconds, len(library.regulations), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def measure() -> list[Row]:
    """Load in fresh processes, so that nothing is left in memory from the run before."""
    if not CORPUS.is_dir():
        return []
    with tempfile.TemporaryDirectory() as name:
        laws, cache = Path(name) / "laws", Path(name) / "cache"
        laws.mkdir()
        size = write_law_files(laws, FILES)
        rows = _loading(laws, cache, size)
        return [*rows, *_cases(laws, cache)]


def _loading(laws: Path, cache: Path, size: int) -> list[Row]:
    def load(*arguments: Path) -> tuple[float, float]:
        command = [sys.executable, "-c", _LOAD, str(laws), *map(str, arguments)]
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, env={"PYTHONPATH": os.pathsep.join(sys.path)}
        )
        seconds, count, megabytes = map(float, done.stdout.split())
        assert count == FILES
        return seconds, megabytes

    def made_anew() -> tuple[float, float]:
        (cache / FILE_NAME).unlink(missing_ok=True)
        return load(cache)

    def one_changed() -> tuple[float, float]:
        first = next(iter(sorted(laws.rglob("*.yaml"))))
        first.write_bytes(first.read_bytes() + b"# changed\n")
        return load(cache)

    mix = (
        f"{size / 1e6:,.0f} MB, mean {size / FILES / 1000:.0f} kB, 500 copies of the given 20 laws, files in page cache"
    )
    rows = []
    ways = (
        ("read, check and index without a cache", load, 60, 3, "new process"),
        ("the same and write the cache", made_anew, 60, 3, "new process"),
        ("the same from the cache", lambda: load(cache), 5, RUNS, "new process, warm cache"),
        ("the same with one file changed", one_changed, 5, RUNS, "new process, warm cache"),
    )
    for name, way, bar, count, setting in ways:
        runs = [way() for _ in range(count)]
        memory = statistics.median(megabytes for _, megabytes in runs)
        seconds = statistics.median(seconds for seconds, _ in runs)
        remark = f"{memory:,.0f} MB of memory"
        if "from the cache" in name:
            remark += f", cache file {(cache / FILE_NAME).stat().st_size / 1e6:,.0f} MB"
        peer, peer_median = ("", None) if "without" not in name else ("PyYAML's C composer alone", _compose(laws))
        rows.append(
            Row(
                name,
                seconds,
                "s",
                FILES,
                f"{mix}, {setting}",
                "lower",
                bar,
                peer,
                peer_median,
                runs=count,
                remark=remark,
            )
        )
    return rows


def _compose(laws: Path) -> float:
    """Give the seconds that composing the same files takes, without meaning, checks or index."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    def compose() -> None:
        for path in sorted(laws.rglob("*.yaml")):
            reader = loader(path.read_bytes())
            reader.get_single_node()
            reader.dispose()

    return median_of(lambda: timed(compose), 3)


def _cases(laws: Path, cache: Path) -> list[Row]:
    rows = []
    for title, library, law in (
        ("one case with its reasons, the given laws", Library.load([CORPUS]), "wet_op_de_zorgtoeslag"),
        ("the same among ten thousand laws", Library.load([laws], cache), "wet_op_de_zorgtoeslag_7"),
    ):
        first, *others = [_case(number) for number in range(CASES + 1)]
        cold = _milliseconds(library, law, first)
        milliseconds = sorted(_milliseconds(library, law, case) for case in others)
        rows.append(
            Row(
                f"{title}, p95",
                milliseconds[int(CASES * 0.95)],
                "ms",
                CASES,
                "zorgtoeslag through six laws, with its trace, another person each time, warm",
                "lower",
                20,
                runs=CASES,
                remark=f"median {statistics.median(milliseconds):.2f} ms, the first one {cold:.0f} ms",
            )
        )
    return rows


def _case(number: int) -> Case:
    """Give a person who lives alone, is insured and earns little."""
    row = {"bsn": str(100_000_000 + number), **dict.fromkeys(_MONEY, 0), **_FACTS, "loon_uit_dienstbetrekking": 79547}
    return Case(date(2025, 1, 1), {"bsn": row["bsn"]}, (Register("persons", "bsn", [row]),))


def _milliseconds(library: Library, law: str, case: Case) -> float:
    started = time.perf_counter()
    found = evaluate(library, law, ["heeft_recht_op_zorgtoeslag"], case)
    milliseconds = (time.perf_counter() - started) * 1000
    values = {name: item.value for name, item in found.outcomes.items()}
    assert (values["heeft_recht_op_zorgtoeslag"], values["hoogte_zorgtoeslag"]) == (True, 209692)
    assert found.trace.children and len(found.used) == LAWS
    return milliseconds


if __name__ == "__main__":
    for row in measure():
        print(
            f"{row.name}: {row.median:.3g} {row.unit} (bar {row.bar}); {row.setting}; {row.remark}; {row.peer_median}"
        )
