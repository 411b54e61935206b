"""Mail of an exercise, to a real SMTP server: marked, once, to nobody else, and never in clear where TLS is offered."""

from __future__ import annotations

import email
import email.policy
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from eendracht.kernel.clock import SystemClock
from eendracht.kernel.instance import Instance
from eendracht.resilience.exercises import leading
from eendracht.resilience.exercises.deliveries import Departing
from eendracht.resilience.exercises.scenario import ScenarioFile
from eendracht.resilience.exercises.scenario_checks import read_scenario
from eendracht.resilience.exercises.sending import Sender
from tests.resilience.exercises.conducting import SENDER, conduct, list_rows, wait_for
from tests.resilience.exercises.practice import AMSTERDAM, LEADER, RIVM, UTRECHT, open_node
from tests.web.serving import free_port

MAILBOX, OTHER = "crisis@utrecht.example", "crisis@amsterdam.example"


class Mailroom:
    """What a server of a mail domain does: it keeps what it takes, and refuses as it is told."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], EmailMessage, bool]] = []
        """Recipients, message, and whether it came over TLS."""
        self.answers: list[str] = []
        """What is said to the next recipients; when they are used up, yes."""
        self.asked = 0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        self.asked += 1
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.taken.append((list(envelope.rcpt_tos), message, session.ssl is not None))
        return "250 OK"


@contextmanager
def serve_mail(room: Mailroom, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve on a free port of loopback; with STARTTLS where a context is given."""
    port = free_port()
    controller = Controller(room, hostname="127.0.0.1", port=port, tls_context=context)
    controller.start()
    try:
        yield f"localhost:{port}"
    finally:
        controller.stop()


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    with open_node(tmp_path) as instance:
        instance.store.clock = SystemClock()
        yield instance


def make_scenario(text: str = "De balie loopt vol.", injects: int = 1) -> ScenarioFile:
    lines = "".join(
        f"  - {{id: i{at}, at: '0:00:{at:02}', to: [organisation:gm0344], channels: [in-app, e-mail], from: Meldkamer,"
        f" subject: 'Geen 100% zekerheid: één €-teken, {at}', text: '{text}'}}\n"
        for at in range(injects)
    )
    members = f"  - {{ref: '{UTRECHT}', eMail: {MAILBOX}}}\n  - {{ref: '{AMSTERDAM}', eMail: {OTHER}}}\n"
    data = f"name: Post\nledBy: {RIVM}\nduration: '1:00'\norganisations:\n{members}injects:\n{lines}"
    return read_scenario(data.encode(), "post.yaml", allowed=f"{MAILBOX} {OTHER}")


def post(node: Instance, scenario: ScenarioFile, smtp: str, allowed: str = f"{MAILBOX} {OTHER}") -> Any:
    """Conduct with a mail server."""
    return conduct(node, scenario, allowed, smtp=smtp)


def test_mail_is_marked_and_comes_once_to_the_mailbox_on_the_list(node: Instance) -> None:
    room = Mailroom()
    with serve_mail(room) as smtp, post(node, make_scenario(), smtp) as exercise:
        leading.start(node, LEADER, exercise)
        wait_for(lambda: bool(room.taken), 5)
        sleep(2)
        assert [row[1] for row in list_rows(node, exercise, "e-mail", UTRECHT)] == ["delivered"]
    ((recipients, mail, _),) = room.taken
    assert recipients == [MAILBOX]
    assert mail["To"] == MAILBOX
    assert mail["From"] == SENDER
    assert mail["Subject"] == "OEFENING - Geen 100% zekerheid: één €-teken, 0"
    assert mail["X-Exercise"] == exercise
    assert mail["Message-ID"] == f"<{exercise}.i0.gm0344@eendracht>"
    lines = [line for line in mail.get_content().splitlines() if line]
    assert lines[0] == lines[-1] == "OEFENING - OEFENING - OEFENING"
    assert "Van (gespeeld): Meldkamer" in lines
    assert "De balie loopt vol." in lines


@pytest.mark.parametrize(
    ("answer", "state", "asked"), [("550 5.1.1 No such mailbox", "refused", 1), ("451 4.7.1 Try later", "delivered", 2)]
)
def test_a_mailbox_that_is_not_there_is_given_up_and_one_that_is_busy_is_not(
    node: Instance, answer: str, state: str, asked: int
) -> None:
    room = Mailroom()
    room.answers = [answer]
    with serve_mail(room) as smtp, post(node, make_scenario(), smtp) as exercise:
        leading.start(node, LEADER, exercise)
        sleep(4)
        assert [row[1] for row in list_rows(node, exercise, "e-mail", UTRECHT)] == [state]
    assert room.asked == asked
    assert len(room.taken) == (state == "delivered")


def test_after_the_stop_only_the_end_comes(node: Instance) -> None:
    room = Mailroom()
    with serve_mail(room) as smtp, post(node, make_scenario(injects=30), smtp) as exercise:
        leading.start(node, LEADER, exercise)
        wait_for(lambda: len(room.taken) >= 2, 10)
        leading.stop(node, LEADER, exercise, "no-duff")
        before = len(room.taken)
        sleep(4)
    after = room.taken[before:]
    assert len([mail for _, mail, _ in after if mail["Subject"].startswith("OEFENING")]) <= 1
    told = {recipients[0]: mail for recipients, mail, _ in after if mail["Subject"] == "GEEN OEFENING"}
    assert set(told) == {MAILBOX, OTHER}
    for mail in told.values():
        lines = [line for line in mail.get_content().splitlines() if line]
        assert lines[0] == lines[-1] == "GEEN OEFENING - GEEN OEFENING - GEEN OEFENING"


def test_nothing_goes_to_who_was_taken_off_the_list(node: Instance) -> None:
    room = Mailroom()
    with serve_mail(room) as smtp, post(node, make_scenario(), smtp, allowed=OTHER) as exercise:
        leading.start(node, LEADER, exercise)
        sleep(1)
        assert [row[1] for row in list_rows(node, exercise, "e-mail", UTRECHT)] == ["refused"]
        leading.stop(node, LEADER, exercise)
        wait_for(lambda: bool(room.taken), 5)
        sleep(1)
    assert [recipients for recipients, *_ in room.taken] == [[OTHER]]


def test_no_header_is_smuggled_in(node: Instance) -> None:
    """The reader refuses it; even what was not read by it never goes out with a header of its own."""
    room = Mailroom()
    scenario = make_scenario()
    inject = scenario.injects[0].model_copy(
        update={"subject": "Begin\r\nBcc: x@kwaad.example", "sender": "A\nTo: b@c.d"}
    )
    scenario = scenario.model_copy(update={"injects": (inject,)})
    wrong = make_scenario().injects[0].model_copy(update={"sender": "A\r\nTo: b@c.d"})
    allowed = make_scenario().model_copy(update={"injects": (wrong,)})
    with serve_mail(room) as smtp:
        settings = replace(
            node.settings,
            smtp=smtp,
            smtp_sender=SENDER,
            exercise_recipients=f"{MAILBOX} {OTHER}",
        )
        item = Departing("i0", "e-mail", UTRECHT, "")
        assert Sender(settings, "proef", scenario).offer(item, lambda: False) == "refused"
        assert not room.taken
        assert Sender(settings, "proef", allowed).offer(item, lambda: False) == "delivered"
    ((recipients, mail, _),) = room.taken
    assert recipients == [MAILBOX]
    assert mail.get_all("To") == [MAILBOX]


def make_certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Give a certificate that localhost signed for itself, and what serves with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context


@pytest.mark.parametrize("is_trusted", [False, True])
def test_mail_waits_for_a_server_that_can_be_trusted_and_never_goes_in_clear(
    node: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_trusted: bool
) -> None:
    public, context = make_certificate(tmp_path)
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(public))
    room = Mailroom()
    with serve_mail(room, context) as smtp, post(node, make_scenario(), smtp) as exercise:
        leading.start(node, LEADER, exercise)
        sleep(3)
        states = [row[1] for row in list_rows(node, exercise, "e-mail", UTRECHT)]
    assert states == ["delivered" if is_trusted else "waiting"]
    assert [over_tls for *_, over_tls in room.taken] == ([True] if is_trusted else [])
