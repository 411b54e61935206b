"""Audit events: kept in order, seen by auditors, and sent as syslog that a receiver can read."""

from __future__ import annotations

import gzip
import json
import re
import socket
import threading
import time
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from eendracht.kernel.access import OPERATOR, PUBLIC, Principal, Role
from eendracht.kernel.audit import EVENTS, STREAM, Audit, list_events, may_audit
from eendracht.kernel.journal import Journal, Line
from eendracht.kernel.syslog import Syslog, format_message
from eendracht.kernel.telemetry import Telemetry

# RFC 5424, section 6: PRI VERSION TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA [MSG], with %xEF.BB.BF
MESSAGE = re.compile(
    rb"<(\d{1,3})>1 (\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{1,6}Z) ([\x21-\x7e]{1,255}) ([\x21-\x7e]{1,48})"
    rb" ([\x21-\x7e]{1,128}) ([\x21-\x7e]{1,32}) - \xef\xbb\xbf(.*)",
    re.DOTALL,
)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal" / "journal.db")


def test_every_event_has_both_languages_and_a_code_that_fits_a_message_id() -> None:
    for code, event in EVENTS.items():
        assert code == event.code
        assert event.nl != event.en or event.nl == "Import"
        assert re.fullmatch(r"[a-z-]{3,32}", code)


def test_an_auditor_sees_its_own_organisation_and_nobody_elses(journal: Journal) -> None:
    audit = Audit(lambda: journal)
    audit.note("import-recorded", "gm0344/a", organisation="organisation:gm0344")
    audit.note("import-recorded", "gm0363/b", organisation="organisation:gm0363")
    audit.note("sign-in", "gm0344/a", reason="oidc")
    auditor = Principal("gm0344/auditor", frozenset({(Role.AUDITOR, "organisation:gm0344")}))
    assert [line.content["actor"] for line in list_events(journal, auditor)] == ["gm0344/a"]
    assert [line.content["event"] for line in list_events(journal, OPERATOR)] == [
        "sign-in",
        "import-recorded",
        "import-recorded",
    ]
    assert may_audit(auditor)
    assert not may_audit(PUBLIC)
    assert not may_audit(Principal("x", frozenset({(Role.EDITOR, "organisation:gm0344")})))


def test_an_event_that_is_not_in_the_list_is_refused(journal: Journal) -> None:
    with pytest.raises(KeyError):
        Audit(lambda: journal).note("something-else", "x")


@pytest.mark.parametrize("code", EVENTS)
def test_a_message_is_as_rfc_5424_says(code: str) -> None:
    line = Line(7, "2026-11-24T10:00:00.000001Z", {"event": code, "actor": "gm0344/é", "reason": "x\n<y>"})
    found = MESSAGE.fullmatch(format_message(EVENTS[code], line, "node.example"))
    assert found
    # Facility 13 (log audit); severities 3 error, 4 warning, 5 notice.
    assert int(found[1]) == 13 * 8 + {"error": 3, "warning": 4, "notice": 5}[EVENTS[code].severity]
    assert found[6].decode() == code
    assert json.loads(found[7])["actor"] == "gm0344/é"


def test_events_reach_a_receiver_over_udp(journal: Journal) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)
        address = f"udp://127.0.0.1:{receiver.getsockname()[1]}"
        Audit(lambda: journal, [Syslog(address, "node.example/x")]).note("sign-in", "gm0344/a", reason="oidc")
        found = MESSAGE.fullmatch(receiver.recv(4096))
    assert found
    assert found[3] == b"node.example"
    assert json.loads(found[7])["event"] == "sign-in"


def test_events_over_tcp_say_how_long_they_are_and_a_broken_line_is_opened_again(journal: Journal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        received: list[bytes] = []

        def take() -> None:
            for _ in range(2):
                connection, _ = server.accept()
                with connection:
                    received.append(connection.recv(4096))

        thread = threading.Thread(target=take)
        thread.start()
        audit = Audit(lambda: journal, [Syslog(f"tcp://127.0.0.1:{server.getsockname()[1]}", "n")])
        audit.note("sign-in", "a")
        while not received:
            pass
        # What is sent into a line that the other side has closed is lost; the one after it finds that out.
        for _ in range(20):
            audit.note("sign-out", "a")
            if len(received) == 2:
                break
            thread.join(0.1)
        thread.join(5)
    length, _, rest = received[0].partition(b" ")
    assert int(length) == len(rest)
    assert b"sign-out" in received[1]


def test_a_receiver_that_is_away_loses_no_event_of_the_journal(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    Audit(lambda: journal, [Syslog("tcp://127.0.0.1:9", "n")]).note("sign-in", "a")
    assert journal.count(STREAM) == 1
    assert "audit-not-sent" in caplog.text


class Collector(BaseHTTPRequestHandler):
    """Takes log records over OTLP/HTTP, read by the classes that OpenTelemetry itself publishes."""

    taken: ClassVar[list[ExportLogsServiceRequest]] = []

    def do_POST(self) -> None:
        """Take a batch."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.taken.append(ExportLogsServiceRequest.FromString(body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_events_reach_an_opentelemetry_receiver(journal: Journal) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        audit = Audit(lambda: journal, [Telemetry(f"http://127.0.0.1:{server.server_port}/v1/logs", "test.example/n")])
        audit.note("sign-in", "gm0344/editor", organisation="organisation:gm0344", reason="oidc")
        audit.note("forged-form", "public")
        audit.close()
        server.shutdown()
    logs = [logs for batch in Collector.taken for logs in batch.resource_logs]
    records = [record for item in logs for scope in item.scope_logs for record in scope.log_records]
    resource = {item.key: item.value.string_value for item in logs[0].resource.attributes}
    assert (resource["service.name"], resource["service.instance.id"]) == ("eendracht", "test.example/n")
    assert [record.event_name for record in records] == ["eendracht.sign-in", "eendracht.forged-form"]
    # INFO2 and WARN, as appendix B of the logs data model maps notice and warning of syslog.
    assert [record.severity_number for record in records] == [10, 13]
    first = {item.key: item.value for item in records[0].attributes}
    assert first["eendracht.actor"].string_value == "gm0344/editor"
    assert first["eendracht.organisation"].string_value == "organisation:gm0344"
    at = journal.read("audit", 0, 1)[0].at
    assert records[0].time_unix_nano == int(datetime.fromisoformat(at).timestamp() * 1_000_000) * 1_000
    assert records[0].body.string_value == "Signed in"


def test_an_opentelemetry_receiver_that_is_away_holds_nothing_up(journal: Journal) -> None:
    audit = Audit(lambda: journal, [Telemetry("http://127.0.0.1:9/v1/logs", "test.example/n")])
    began = time.monotonic()
    audit.note("sign-in", "gm0344/editor")
    assert time.monotonic() - began < 1
    audit.close()
    assert journal.count("audit") == 1
