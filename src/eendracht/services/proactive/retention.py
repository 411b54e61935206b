"""How long the vault keeps messages, stop choices and requests for a warning."""

from __future__ import annotations

from eendracht.kernel.vault import RetentionRule
from eendracht.services.proactive.payback import WARNING
from eendracht.services.proactive.sending import MESSAGE
from eendracht.services.proactive.stops import STOP

RETENTION = (
    RetentionRule(MESSAGE, "P1Y", "AVG, art. 5.1.e", is_open_to_subject=True),
    # An objection holds until it is withdrawn; whoever keeps it asks again before its time is over.
    RetentionRule(STOP, "P10Y", "AVG, art. 21", is_open_to_subject=True),
    RetentionRule(WARNING, "P2Y", "AVG, art. 5.1.e", is_open_to_subject=True),
)
