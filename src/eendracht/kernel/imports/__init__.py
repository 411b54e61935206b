"""Readers of outside files: each turns one file into source rows, and knows no store.

`read_file` is the way in. What it gives (`Reading`) goes to reconciliation, which resolves mentions, compares with what
is there, shows the difference and writes.
"""

from eendracht.kernel.imports.archimate import write_archimate
from eendracht.kernel.imports.mapping import Mapping, load_mapping
from eendracht.kernel.imports.proposal import ColumnProposal, Proposal, propose_mapping
from eendracht.kernel.imports.registry import (
    MappingNeeded,
    detect_format,
    profiles,
    propose_file,
    read_file,
    read_mapped,
)
from eendracht.kernel.imports.rows import OWNER, Ignored, LeftOut, Mention, Question, Reading, SourceRow

__all__ = [
    "OWNER",
    "ColumnProposal",
    "Ignored",
    "LeftOut",
    "Mapping",
    "MappingNeeded",
    "Mention",
    "Proposal",
    "Question",
    "Reading",
    "SourceRow",
    "detect_format",
    "load_mapping",
    "profiles",
    "propose_file",
    "propose_mapping",
    "read_file",
    "read_mapped",
    "write_archimate",
]
