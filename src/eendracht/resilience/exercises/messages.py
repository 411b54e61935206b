"""What players read: every message is marked as one of an exercise, in its subject and above and below its text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from eendracht.resilience.exercises.scenario import ScenarioFile

MARK: Final = {"nl": "OEFENING", "en": "EXERCISE"}
ENDED: Final = "END"
NO_DUFF: Final = "NO-DUFF"
CLOSING: Final = frozenset({ENDED, NO_DUFF})
"""Messages that end an exercise; no inject has such a name, as those have no capitals."""
_TEXTS: Final = {
    ("nl", ENDED): ("EINDE OEFENING", "De oefening is voorbij. Doe niets meer op grond van oefenberichten."),
    ("en", ENDED): ("END OF EXERCISE", "The exercise is over. Do nothing more because of its messages."),
    ("nl", NO_DUFF): (
        "GEEN OEFENING",
        "De oefening is gestopt omdat er echt iets aan de hand is. Ga verder volgens uw eigen crisisplan.",
    ),
    ("en", NO_DUFF): (
        "NO EXERCISE",
        "The exercise was stopped because something real is happening. Follow your own crisis plan.",
    ),
}


@dataclass(frozen=True, slots=True)
class Message:
    """What a player reads."""

    id: str
    subject: str
    text: str
    sender: str
    mark: str
    """Shown above and below it: that it is of an exercise, or that it is not."""


def find_message(scenario: ScenarioFile, name: str) -> Message | None:
    """Give an inject, or a message that ends an exercise; None where there is none of that name."""
    if name in CLOSING:
        subject, text = _TEXTS[scenario.language, name]
        return Message(name, subject, text, "", subject)
    inject = scenario.injects_by_id.get(name)
    if inject is None:
        return None
    return Message(inject.id, inject.subject, inject.text, inject.sender, MARK[scenario.language])


def write_text(message: Message, scenario: ScenarioFile) -> str:
    """Give the whole text of a message, its mark above and below."""
    sender = message.sender and {"nl": "Van (gespeeld): ", "en": "From (played): "}[scenario.language] + message.sender
    mark = " - ".join([message.mark] * 3)
    return "\n\n".join(part for part in (mark, scenario.name, sender, message.text, mark) if part) + "\n"
