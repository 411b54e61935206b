"""The reference material as it is: rows of the list of public bodies, TOOI names, figures and boundaries."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from boundaries import Boundaries

UNKNOWN_BEGIN = "1900-01-01"
INVISIBLE = re.compile(r"[\u200b\u200e\ufeff\u00a0]+")


@dataclass(frozen=True)
class Row:
    """One row of the list of bodies, with the line where it stands."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    @property
    def source(self) -> str:
        return f"organisaties.csv:{self.line} {self['id']}"

    @property
    def name(self) -> str:
        return INVISIBLE.sub(" ", self["naam"]).strip()

    @property
    def begin(self) -> date | None:
        return None if self["begin"] in ("", UNKNOWN_BEGIN) else date.fromisoformat(self["begin"])

    @property
    def end_is_official_term(self) -> bool:
        """Whether the end belongs to an official and not to the body: so for provinces and water boards that stand."""
        return bool(self["einde"]) and self["type"] in ("provincie", "waterschap") and self["actief"] == "ja"

    @property
    def end(self) -> date | None:
        """Give the first day on which the body is no more.

        31 December is a last day, 1 January a first day after. Of the other dates, rows from the register of government
        organisations (they have its id) name the first day after, rows from TOOI alone the last day: that is how the
        begins of their followers fit.
        """
        if not self["einde"] or self.end_is_official_term:
            return None
        end = date.fromisoformat(self["einde"])
        month_day = (end.month, end.day)
        inclusive = month_day == (12, 31) or (month_day != (1, 1) and not self["roo_id"])
        return end + timedelta(days=1) if inclusive else end

    @property
    def tooi_path(self) -> str:
        return self["tooi"].rpartition("/id/")[2]

    @property
    def is_organisation(self) -> bool:
        """Whether the row is a body: an arrangement (the legal text) and a heading of the register are none."""
        if self["type"] != "gemeenschappelijke-regeling":
            return True
        has_identity = any(self[column] for column in ("tooi", "code", "oin", "kvk", "rsin"))
        return has_identity or (self.begin is None and self.end is not None)

    @property
    def is_heading(self) -> bool:
        return not self.is_organisation and self.begin is None


@dataclass(frozen=True)
class TooiName:
    line: int
    path: str
    name: str
    list_name: str

    @property
    def code(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def source(self) -> str:
        return f"tooi-namen.csv:{self.line} {self.code}"


@dataclass(frozen=True, order=True)
class RecordedDefect:
    """One line of public_body_defects.csv; `detail` fills the sentence that reference/defects.py keeps per code."""

    code: str
    subject: str
    name: str
    detail: str
    source: str


@dataclass
class Sources:
    """Everything that is read, with the defects that only the raw rows show."""

    rows: list[Row]
    tooi: dict[str, TooiName]
    municipalities: list[dict[str, str]]
    boundaries: Boundaries
    defects: list[RecordedDefect] = field(default_factory=list)

    def report(self, code: str, subject: str, name: str, detail: str, *sources: str) -> None:
        self.defects.append(RecordedDefect(code, subject, name, detail, " | ".join(sources)))


def read_csv(path: Path) -> list[tuple[int, dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        return [(reader.line_num, cells) for cells in reader]


def read_sources(shared: Path) -> Sources:
    bodies, craft = shared / "reference/data/organisaties", shared / "reference/craft"
    tooi = [
        TooiName(line, cells["tooi"].rpartition("/id/")[2], cells["naam"], cells["lijst"])
        for line, cells in read_csv(bodies / "tooi-namen.csv")
    ]
    return Sources(
        rows=[Row(line, cells) for line, cells in read_csv(bodies / "organisaties.csv")],
        tooi={name.code: name for name in tooi},
        municipalities=[cells for _, cells in read_csv(craft / "nl-municipalities-2023.csv")],
        boundaries=Boundaries.read(craft / "nl-municipalities-2023.topo.json"),
    )
