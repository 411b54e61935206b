"""The saved mapping: which column fills which field, which values mean what; as YAML or JSON that a person can read.

A named profile is such a mapping that ships; a proposal is one that a person has yet to confirm.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field

from eendracht.kernel.imports.bounds import parse_yaml, read_bytes
from eendracht.kernel.kinds.fields import Line, Part
from eendracht.kernel.validation import require_valid


class ColumnRule(Part):
    """What one column of the source becomes."""

    source: tuple[Line, ...] = Field(alias="from", min_length=1, max_length=50)
    """Column names that mean the same; the first that is there counts."""
    to: Line = ""
    """Spec field in camelCase, or `validFrom` or `validUntil`."""
    fact: Line = ""
    """Name of a fact for which the kind has no field, such as `annualSpendEurocent`."""
    kind: Line = ""
    """Kind of what is mentioned, where the field allows several."""
    by: Literal["name", "key"] = "name"
    """Whether the source mentions by name or by its own key."""
    kinds: tuple[Line, ...] = ()
    """Only rows of these kinds; empty for all."""
    values: dict[str, str] = Field(default_factory=dict, max_length=2_000)
    """What a value of the source means; an empty text means *leave it out*."""
    split: Line = ""
    """Every character of it separates the items of a list; a line break always does."""
    decimal: Literal["comma", "point"] | None = None
    """Sign before the decimals."""
    dates: Literal["day-first", "month-first"] | None = None
    unit: Literal["hours", "days", "months", "minutes"] | None = None
    """Unit of durations without one."""
    inclusive: bool = True
    """Whether an end date is the last day on which it holds."""
    drop: Line = ""
    """Why the column stays out, such as `iban` or `contact`."""


class KindRule(Part):
    """How a column tells the kind of each row."""

    source: tuple[Line, ...] = Field(alias="from", min_length=1)
    values: dict[str, str] = Field(default_factory=dict, max_length=2_000)
    """Kind by value of the source; an empty text leaves the row out."""
    otherwise: Line = ""
    """Kind for values that are not listed; empty leaves the row out and says so."""


class TableRule(Part):
    """How the rows of one table become records."""

    name: Line = ""
    sheets: tuple[Line, ...] = ()
    """Names of the sheet; empty for any that has the columns."""
    kind: Line = ""
    kind_from: KindRule | None = None
    requires: tuple[Line, ...] = ()
    """Columns that must be there for this rule to apply; else those that fill the name."""
    records: Line = ""
    """Path to the list of objects in a JSON file, steps joined by dots; empty for the top."""
    key: tuple[Line, ...] = ()
    """Columns that may hold the stable key; the first that is there counts."""
    compose_name: Line = ""
    """Name made from columns: `{Van} → {Naar}`."""
    columns: tuple[ColumnRule, ...] = Field(min_length=1, max_length=1_000)
    constants: dict[str, Any] = Field(default_factory=dict)
    """Spec fields that are the same on every row."""
    own: tuple[Line, ...] = ()
    """Fields that refer to the organisation for which the file is imported, unless a column fills them."""


class Mapping(Part):
    """A whole mapping: a name, where its column names come from, and its tables."""

    name: Line
    title_nl: Line = ""
    title_en: Line = ""
    system: Line = ""
    """Name of the source system; with the key it identifies a row."""
    unverified: bool = False
    """Not yet checked against a real export."""
    basis: Line = ""
    """Publication on which the column names rest."""
    format: Literal["table", "json"] = "table"
    tables: tuple[TableRule, ...] = Field(min_length=1, max_length=50)

    def as_yaml(self) -> str:
        """Print the mapping so that `load_mapping` reads the same back."""
        return yaml.safe_dump(
            self.model_dump(mode="json", by_alias=True, exclude_defaults=True),
            allow_unicode=True,
            sort_keys=False,
            width=120,
        )


def load_mapping(path: Path) -> Mapping:
    """Read a saved mapping (YAML, or JSON as a subset of it).

    Raises UnreadableFile for aliases, tags, great depth or size, and InvalidInput with every fault of its content.
    """
    return parse_mapping(read_bytes(path, 1_000_000), path.name)


def parse_mapping(data: bytes, place: str) -> Mapping:
    """Read a mapping from bytes; raises as `load_mapping`."""
    return require_valid(Mapping, parse_yaml(data, place), place)
