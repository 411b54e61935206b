"""Offers one message to a mailbox or a node: only to who is on the list, and marked as a message of an exercise."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING, Final

from eendracht.config import Settings
from eendracht.resilience.exercises.deliveries import Departing, Outcome
from eendracht.resilience.exercises.messages import CLOSING, NO_DUFF, Message, find_message, write_text
from eendracht.resilience.exercises.scenario import ScenarioFile, TakingPart
from eendracht.resilience.exercises.scenario_checks import may_receive

if TYPE_CHECKING:
    import httpx2

TIMEOUT_SECONDS: Final = 4.0
"""How long a mail server or node may leave us without a sign of life."""
_NEVER: Final = frozenset({400, 410, 413, 415, 422})
"""Answers of a node by which it says that it will never take this message (RFC 9110, section 15.5)."""


def _never() -> bool:
    return False


class Sender:
    """Offers messages to mailboxes and nodes, from any number of threads.

    A mailbox may get a message twice where the process was killed after the server took it: its Message-ID is the same
    then. A node gets the id of the message in `Idempotency-Key`, and takes it once.

    Mail goes over TLS wherever the server offers STARTTLS, and then only to a server whose certificate is trusted by
    the machine (`SSL_CERT_FILE` names others): nothing goes in clear after TLS was offered. Where it is not offered, as
    by a relay on the machine itself, mail goes as it is.
    """

    def __init__(self, settings: Settings, exercise: str, scenario: ScenarioFile) -> None:
        import httpx2

        self._settings, self._exercise, self._scenario = settings, exercise, scenario
        self._listed = {entry.lower() for entry in settings.exercise_recipients.split()}
        self._members = {item.ref: item for item in scenario.organisations}
        # No proxies of the environment: a message goes to the address that is on the list, and nobody sends it on.
        # A connection of its own for each message: a node that was away left us with ones that are dead.
        self._client: httpx2.Client = httpx2.Client(
            timeout=TIMEOUT_SECONDS,
            follow_redirects=False,
            trust_env=False,
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=0),
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def offer(self, item: Departing, is_stopped: Callable[[], bool] = _never) -> Outcome:
        """Offer a message once; `is_stopped` is asked as late as possible, and keeps all but the last message back."""
        message = find_message(self._scenario, item.message)
        member = self._members.get(item.organisation)
        if message is None or member is None:
            return "refused"
        holds_back = _never if item.message in CLOSING else is_stopped
        # The list of who may get something may have become shorter since the scenario was read.
        address = member.e_mail if item.channel == "e-mail" else member.webhook
        if not may_receive(item.channel, address, self._listed):
            return "refused"
        if holds_back():
            return "away"
        if item.channel == "e-mail":
            return self._mail(member, message, holds_back)
        return self._post(member, message, item)

    def _mail(self, member: TakingPart, message: Message, holds_back: Callable[[], bool]) -> Outcome:
        settings = self._settings
        if not settings.smtp:
            return "away"
        host, _, port = settings.smtp.rpartition(":")
        try:
            mail = self._write_mail(member, message)
            with smtplib.SMTP(host.strip("[]"), int(port), timeout=TIMEOUT_SECONDS) as server:
                server.ehlo()
                if server.has_extn("starttls"):
                    server.starttls(context=ssl.create_default_context())
                if holds_back():
                    return "away"
                server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as refused:
            codes = [code for code, _ in refused.recipients.values()]
            return "refused" if all(code >= 500 for code in codes) else "away"
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as refused:
            return "refused" if refused.smtp_code >= 500 else "away"
        except (OSError, smtplib.SMTPException):
            return "away"
        except ValueError:
            return "refused"
        return "delivered"

    def _write_mail(self, member: TakingPart, message: Message) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        mail["From"] = self._settings.smtp_sender
        mail["To"] = member.e_mail
        mail["Subject"] = f"{message.mark} - {message.subject}" if message.mark != message.subject else message.mark
        mail["Message-ID"] = f"<{self._exercise}.{message.id}.{member.ref.partition(':')[2]}@eendracht>"
        mail["X-Exercise"] = self._exercise
        mail.set_content(write_text(message, self._scenario))
        return mail

    def _post(self, member: TakingPart, message: Message, item: Departing) -> Outcome:
        import httpx2

        content = {
            "exercise": self._exercise,
            "isExercise": message.id != NO_DUFF,
            "mark": message.mark,
            "message": message.id,
            "organisation": member.ref,
            "dueAt": item.due_at,
            "subject": f"{message.mark} - {message.subject}",
            "text": write_text(message, self._scenario),
        }
        key = f"{self._exercise}/{message.id}/{member.ref}"
        try:
            # What the node says besides its status is not read: it may be endless.
            with self._client.stream("POST", member.webhook, json=content, headers={"Idempotency-Key": key}) as answer:
                if answer.is_success:
                    return "delivered"
                return "refused" if answer.status_code in _NEVER else "away"
        except httpx2.HTTPError:
            return "away"
        except (ValueError, httpx2.InvalidURL):
            return "refused"
