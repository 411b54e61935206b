"""How long is kept what proactive service holds about people: messages, objections and requests for a warning."""

from __future__ import annotations

from typing import Final

from eendracht.kernel.vault import RetentionRule

MESSAGE: Final = "proactive-message"
"""A message as it was written, with whom it went to."""
STOP: Final = "proactive-stop"
"""That somebody objected, or wants it again."""
WARNING: Final = "warning-request"
"""That somebody wants to be warned, with the facts that were told."""
WATCH: Final = "payback-watch"
"""That somebody wants to hear of it when registers show a change, with what was told."""

RETENTION: Final = (
    RetentionRule(MESSAGE, "P1Y", "AVG, art. 5.1.e", is_open_to_subject=True),
    # An objection holds until it is withdrawn; whoever keeps it asks again before its time is over.
    RetentionRule(STOP, "P10Y", "AVG, art. 21", is_open_to_subject=True),
    RetentionRule(WARNING, "P2Y", "AVG, art. 5.1.e", is_open_to_subject=True),
    RetentionRule(WATCH, "P2Y", "AVG, art. 5.1.e", is_open_to_subject=True),
)
"""The rules of this part."""
