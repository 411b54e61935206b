"""What goes out of an exercise: every message is marked as one of an exercise, and goes only to who is on the list."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

from eendracht.config import Settings
from eendracht.resilience.exercises.deliveries import Delivery
from eendracht.resilience.exercises.scenario import ScenarioFile, TakingPart
from eendracht.resilience.exercises.scenario_checks import may_receive

MARK: Final = {"nl": "OEFENING", "en": "EXERCISE"}
ENDED: Final = "END"
NO_DUFF: Final = "NO-DUFF"
CLOSING: Final = frozenset({ENDED, NO_DUFF})
"""Messages that end an exercise; no inject has such a name, as those have no capitals."""
TIMEOUT_SECONDS: Final = 4.0
"""How long a mail server or node may take; nothing is on its way longer than this when an exercise is stopped."""
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
    mark = MARK[scenario.language]
    for inject in scenario.injects:
        if inject.id == name:
            return Message(inject.id, inject.subject, inject.text, inject.sender, mark)
    return None


class Sender:
    """Offers messages to mailboxes and nodes; tells of each whether it was taken.

    A mailbox may get a message twice where the process was killed after the server took it: its Message-ID is the same
    then. A node gets the id of the message in `Idempotency-Key`, and takes it once.
    """

    def __init__(self, settings: Settings, exercise: str, scenario: ScenarioFile) -> None:
        self._settings, self._exercise, self._scenario = settings, exercise, scenario
        self._listed = {entry.lower() for entry in settings.exercise_recipients.split()}
        self._members = {item.ref: item for item in scenario.organisations}

    def send(self, waiting: Iterable[Delivery]) -> list[tuple[Delivery, bool]]:
        """Offer each of them once."""
        tried = []
        for delivery in waiting:
            message = find_message(self._scenario, delivery.message)
            member = self._members[delivery.organisation]
            way = self._mail if delivery.channel == "e-mail" else self._post
            try:
                taken = message is not None and way(member, message, delivery)
            except (OSError, smtplib.SMTPException, ValueError):
                taken = False
            tried.append((delivery, taken))
        return tried

    def _mail(self, member: TakingPart, message: Message, delivery: Delivery) -> bool:
        settings = self._settings
        # The list may have become shorter since the scenario was read.
        if not settings.smtp or not may_receive("e-mail", member.e_mail, self._listed):
            return False
        mail = EmailMessage(policy=SMTP)
        mail["From"] = settings.smtp_sender
        mail["To"] = member.e_mail
        mail["Subject"] = f"{message.mark} - {message.subject}" if message.mark != message.subject else message.mark
        mail["Message-ID"] = f"<{self._exercise}.{message.id}.{member.ref.partition(':')[2]}@eendracht>"
        mail["X-Exercise"] = self._exercise
        mail.set_content(write_text(message, self._scenario))
        host, _, port = settings.smtp.rpartition(":")
        with smtplib.SMTP(host, int(port), timeout=TIMEOUT_SECONDS) as server:
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
            server.send_message(mail)
        return True

    def _post(self, member: TakingPart, message: Message, delivery: Delivery) -> bool:
        import httpx2

        if not may_receive("webhook", member.webhook, self._listed):
            return False
        content = {
            "exercise": self._exercise,
            "isExercise": message.id != NO_DUFF,
            "mark": message.mark,
            "message": message.id,
            "organisation": member.ref,
            "dueAt": delivery.due_at,
            "subject": f"{message.mark} - {message.subject}",
            "text": write_text(message, self._scenario),
        }
        key = f"{self._exercise}/{message.id}/{member.ref}"
        try:
            # No proxies of the environment: a message goes to the address that is on the list.
            answer = httpx2.post(
                member.webhook,
                json=content,
                headers={"Idempotency-Key": key},
                timeout=TIMEOUT_SECONDS,
                follow_redirects=False,
                trust_env=False,
            )
        except httpx2.HTTPError:
            return False
        return answer.is_success


def write_text(message: Message, scenario: ScenarioFile) -> str:
    """Give the whole text of a message, its mark above and below."""
    sender = message.sender and {"nl": "Van (gespeeld): ", "en": "From (played): "}[scenario.language] + message.sender
    mark = " - ".join([message.mark] * 3)
    return "\n\n".join(part for part in (mark, scenario.name, sender, message.text, mark) if part) + "\n"
