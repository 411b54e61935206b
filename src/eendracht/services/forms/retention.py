"""How long is kept what forms hold about people: facts of registers, what somebody says of them, and who acts."""

from __future__ import annotations

from typing import Final

from eendracht.kernel.vault import RetentionRule

EXTRACT: Final = "register-extract"
"""What a register said of somebody on a day."""
CLAIM: Final = "claim"
"""What somebody says that a register should have, and what became of it."""
FEEDBACK: Final = "register-feedback"
"""A report of doubt to the owner of a register, and its states."""
REPRESENTATION: Final = "representation"
"""That somebody may act for somebody else."""
DRAFT: Final = "draft"
"""A form that was saved and not handed in."""
CLAIM_FILE: Final = "claim-file"
"""A file that shows what a claim says."""
DRAFT_EVIDENCE: Final = "draft-evidence"
"""That somebody added a file to a correction that is not handed in yet, or took it away again."""
DRAFT_FILE: Final = "draft-file"
"""Such a file itself."""

RETENTION: Final = (
    # An extract is as fresh as its day: after a year another one is asked for.
    RetentionRule(EXTRACT, "P1Y", "AVG, art. 5.1.e", is_open_to_subject=True),
    RetentionRule(CLAIM, "P5Y", "AVG, art. 16 en 5.1.e", is_open_to_subject=True),
    RetentionRule(FEEDBACK, "P5Y", "Wet basisregistratie personen, art. 2.34", is_open_to_subject=True),
    RetentionRule(REPRESENTATION, "P5Y", "AVG, art. 5.1.e", is_open_to_subject=True),
    RetentionRule(DRAFT, "P30D", "AVG, art. 5.1.e", is_open_to_subject=True),
    # A file is kept as long as what it shows; before that as long as a form that was not handed in.
    RetentionRule(CLAIM_FILE, "P5Y", "AVG, art. 16 and 5.1.e", is_open_to_subject=True),
    RetentionRule(DRAFT_EVIDENCE, "P30D", "AVG, art. 5.1.e", is_open_to_subject=True),
    RetentionRule(DRAFT_FILE, "P30D", "AVG, art. 5.1.e", is_open_to_subject=True),
)
"""The rules of this part."""
