"""What a change of law does to a population: who gains, who loses, by how much, and in which groups."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.runs import Report, RunRequest, prepare_population_run

if TYPE_CHECKING:
    import duckdb

    from eendracht.kernel.rules.columns.population import Table

SMALLEST_GROUP = 10
"""A group of fewer people is not shown by itself: it could point to a person."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a change does to a group: how many gain, lose or stay; sums in the unit of the output, as decimal text.

    `unclear` counts those for whom one of the two outcomes is not known; nothing is said of them.
    """

    group: str
    people: int
    gain: int
    lose: int
    same: int
    unclear: int
    total_before: str
    total_after: str
    gained: str
    lost: str

    def as_dict(self) -> dict[str, Any]:
        """Give the change as plain data."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class LawImpact:
    """The impact on one output: over everyone, by group, and how the changes are spread.

    `spread` gives, for ranges of change from most lost to most gained, the bounds and how many people lie in them.
    `hidden` counts the people of groups that are too small to show.
    """

    output: str
    unit: str
    whole: Change
    groups: Sequence[Change]
    spread: Sequence[tuple[str, str, int]]
    hidden: int
    regulations_before: Mapping[str, str]
    regulations_after: Mapping[str, str]
    is_synthetic: bool

    def as_dict(self) -> dict[str, Any]:
        """Give the impact as plain data."""
        return {
            "output": self.output,
            "unit": self.unit,
            "whole": self.whole.as_dict(),
            "groups": [group.as_dict() for group in self.groups],
            "spread": [{"from": low, "to": high, "people": count} for low, high, count in self.spread],
            "hidden": self.hidden,
            "regulationsBefore": dict(self.regulations_before),
            "regulationsAfter": dict(self.regulations_after),
            "isSynthetic": self.is_synthetic,
        }


def assess_law_impact(
    before: Library,
    after: Library,
    request: RunRequest,
    *,
    on_after: date | None = None,
    by: str = "",
    report: Report = lambda *_: None,
) -> LawImpact:
    """Run one output under the law before and after, and compare person by person.

    `on_after` is the date under the law after (default: the same), `by` a column of the subjects by which to group.
    Raises as `runs.run_population`, and InvalidInput for a group column that is not there or an output without order.
    """
    from eendracht.kernel.rules.columns import duck

    (output,) = request.outputs
    with (
        duck.working(request.memory_limit, request.threads, request.out.parent) as connection,
        tempfile.TemporaryDirectory(dir=request.out.parent) as folder,
    ):
        files = []
        used = []
        unit = ""
        is_synthetic = False
        for stage, library, on in (("before", before, request.on), ("after", after, on_after or request.on)):
            report(stage, 0, 0)
            run, is_synthetic = prepare_population_run(connection, library, replace(request, on=on))
            declared = run.fields[output]
            unit = declared.unit if declared else ""
            files.append(Path(folder) / f"{stage}.parquet")
            duck.write_result(connection, run, files[-1])
            used.append({f"{law.id}@{law.valid_from or '-'}": law.sha256 for law in run.used.values()})
        report("compare", 0, 0)
        table = run.population.tables[run.population.subjects]
        comparison = _Comparison(connection, output, table, by, files)
        return LawImpact(output, unit, *comparison.read(), used[0], used[1], is_synthetic)


class _Comparison:
    def __init__(
        self, connection: duckdb.DuckDBPyConnection, output: str, table: Table, by: str, files: Sequence[Path]
    ) -> None:
        self._connection = connection
        column = table.find(by) if by else None
        if by and column is None:
            fault = Fault(
                by, "missing-column", f"De kolom '{by}' ontbreekt", f"The column '{by}' is missing", f"In {table.name}."
            )
            raise InvalidInput("The population cannot be grouped", faults=[fault])
        kind = connection.execute(f'DESCRIBE SELECT "{output}" FROM read_parquet(?)', [str(files[1])]).fetchall()[0][1]
        if kind not in ("BIGINT", "HUGEINT", "INTEGER", "BOOLEAN") and not kind.startswith("DECIMAL"):
            fault = Fault(
                output, "no-order", "Deze uitkomst is geen bedrag, getal of ja/nee", "No amount, number or truth"
            )
            raise InvalidInput("The outcome cannot be compared", faults=[fault])
        number = "CAST(CASE WHEN {0} THEN 1 ELSE 0 END AS BIGINT)" if kind == "BOOLEAN" else "{0}"
        group = f'CAST(s."{column.name}" AS VARCHAR)' if column else "NULL"
        source = table.source.sql("duckdb")
        known = f"b.\"{output}_status\" = 'known' AND a.\"{output}_status\" = 'known'"
        first, second = number.format(f'b."{output}"'), number.format(f'a."{output}"')
        join = f'JOIN {source} AS s ON s."{table.key}" = b."{table.key}"' if column else ""
        connection.execute(
            "CREATE TEMP VIEW compared AS "
            f"SELECT {group} AS part, {known} AS is_known, {first} AS before, {second} AS after "
            f"FROM read_parquet({_text(files[0])}) AS b JOIN read_parquet({_text(files[1])}) AS a "
            f'USING ("{table.key}") {join}'
        )

    def read(self) -> tuple[Change, list[Change], list[tuple[str, str, int]], int]:
        whole = self._changes("'' ")[0]
        groups = [item for item in self._changes("part") if item.group]
        shown = [item for item in groups if item.people >= SMALLEST_GROUP]
        hidden = sum(item.people for item in groups) - sum(item.people for item in shown)
        spread = self._spread()
        self._connection.execute("DROP VIEW compared")
        return whole, shown, spread, hidden

    def _changes(self, part: str) -> list[Change]:
        rows = self._connection.execute(
            f"SELECT coalesce({part}, ''), count(*), count(*) FILTER (is_known AND after > before), "
            "count(*) FILTER (is_known AND after < before), count(*) FILTER (is_known AND after = before), "
            "count(*) FILTER (NOT is_known), coalesce(sum(before) FILTER (is_known), 0), "
            "coalesce(sum(after) FILTER (is_known), 0), "
            "coalesce(sum(after - before) FILTER (is_known AND after > before), 0), "
            "coalesce(sum(before - after) FILTER (is_known AND after < before), 0) "
            "FROM compared GROUP BY 1 ORDER BY 1"
        ).fetchall()
        if not rows:
            return [Change("", 0, 0, 0, 0, 0, "0", "0", "0", "0")]
        return [Change(str(row[0]), *row[1:6], *(str(item) for item in row[6:])) for row in rows]

    def _spread(self) -> list[tuple[str, str, int]]:
        """Cut the changes into twenty ranges of one width, so that a chart can show them."""
        row = self._connection.execute(
            "SELECT min(after - before), max(after - before) FROM compared WHERE is_known AND after <> before"
        ).fetchone()
        if row is None or row[0] is None:
            return []
        low, high = int(row[0]), int(row[1]) + 1
        width = max(1, -(-(high - low) // 20))
        rows = self._connection.execute(
            f"SELECT CAST(floor((after - before) - {low}) AS HUGEINT) // {width} AS bin, count(*) FROM compared "
            "WHERE is_known AND after <> before GROUP BY 1 ORDER BY 1"
        ).fetchall()
        return [(str(low + int(at) * width), str(low + (int(at) + 1) * width), int(count)) for at, count in rows]


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
