"""How long the vault keeps what forms hold about people."""

from __future__ import annotations

from typing import Final

from eendracht.kernel.vault import RetentionRule

EXTRACT: Final = "register-extract"
CLAIM: Final = "claim"
FEEDBACK: Final = "register-feedback"
REPRESENTATION: Final = "representation"
DRAFT: Final = "draft"
CLAIM_FILE: Final = "claim-file"
"""A file that shows what a claim says."""
DRAFT_EVIDENCE: Final = "draft-evidence"
"""That somebody added a file to a correction that is not handed in yet, or took it away again."""
DRAFT_FILE: Final = "draft-file"
"""Such a file itself."""

RETENTION: Final = (
    # An extract is as fresh as its day: after a year another one is asked for.
    RetentionRule(EXTRACT, "P1Y", "AVG, art. 5.1.e", is_open_to_subject=True),
    RetentionRule(CLAIM, "P5Y", "AVG, art. 16 and 5.1.e", is_open_to_subject=True),
    RetentionRule(FEEDBACK, "P5Y", "Wet basisregistratie personen, art. 2.34", is_open_to_subject=True),
    RetentionRule(REPRESENTATION, "P5Y", "AVG, art. 5.1.e", is_open_to_subject=True),
    RetentionRule(DRAFT, "P30D", "AVG, art. 5.1.e", is_open_to_subject=True),
    # A file is kept as long as what it shows; before that as long as a form that was not handed in.
    RetentionRule(CLAIM_FILE, "P5Y", "AVG, art. 16 and 5.1.e", is_open_to_subject=True),
    RetentionRule(DRAFT_EVIDENCE, "P30D", "AVG, art. 5.1.e", is_open_to_subject=True),
    RetentionRule(DRAFT_FILE, "P30D", "AVG, art. 5.1.e", is_open_to_subject=True),
)
"""The kinds of this part."""
