"""Numbers and names of weaknesses: Common Weakness Enumeration, cwe.mitre.org, version 4; © The MITRE Corporation.

The terms of use of CWE allow this for any purpose with that mark. Only numbers and names are here, as CSAF compares
them (test 6.1.11); views and categories are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from eendracht.reference.bodies import read_table


@cache
def load_weaknesses() -> Mapping[str, str]:
    """Give the name of each weakness by its code, such as `CWE-79`; read once per process."""
    return {f"CWE-{number}": name for number, name in read_table("weaknesses.csv")}
