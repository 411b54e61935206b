"""How long is kept what Eendracht itself knows of cases and hand-overs; the case is archived in the body's register."""

from __future__ import annotations

from typing import Final

from eendracht.kernel.vault import RetentionRule

SUBMISSION: Final = "case-submission"
"""What somebody submitted, until the register has it and a hand-over can no longer need it."""
REFERENCE: Final = "case-reference"
"""Number, status and deadline of a case; each change is an item."""
CONFIRMATION: Final = "case-confirmation"
"""A confirmation of receipt as it was given."""
HANDOVER: Final = "case-handover"
"""What a hand-over takes along, on which ground, and the day on which the first body had it."""
CONSENT: Final = "case-consent"
"""A consent to let more go along than was submitted, and its end."""
BUILT_IN: Final = "built-in-case"
"""A case of the built-in store, which stands in for a register in a demonstration."""

RETENTION: Final = (
    RetentionRule(SUBMISSION, "P90D", "Awb, art. 2:3; AVG, art. 5.1.e", is_open_to_subject=True),
    RetentionRule(REFERENCE, "P2Y", "Archiefwet, art. 3; AVG, art. 5.1.e", is_open_to_subject=True),
    RetentionRule(
        CONFIRMATION, "P2Y", "Awb (ontvangstbevestiging), art. 6:14; Archiefwet, art. 3", is_open_to_subject=True
    ),
    RetentionRule(HANDOVER, "P2Y", "Awb, art. 2:3 en 6:15; Archiefwet, art. 3", is_open_to_subject=True),
    RetentionRule(CONSENT, "P5Y", "AVG, art. 7.1", is_open_to_subject=True),
    RetentionRule(BUILT_IN, "P1Y", "Archiefwet, art. 3 (only in a demonstration)", is_open_to_subject=True),
)
"""The rules of this part."""
