"""The table of elements of Samenwerkende Catalogi, for the reader and the writer alike."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def load_format() -> Mapping[str, Any]:
    """Give the table of `samenwerkende_catalogi.yaml`."""
    text = files(__package__).joinpath("samenwerkende_catalogi.yaml").read_text("utf-8")
    table: dict[str, Any] = yaml.safe_load(text)
    return table
