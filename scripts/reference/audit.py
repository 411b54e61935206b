"""The reference page of audit events: from the list itself, and from the code that sends each."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from scripts.reference.writing import code, paragraph, table

import eendracht
from eendracht.kernel import syslog, telemetry
from eendracht.kernel.audit import EVENTS, STREAM
from eendracht.kernel.journal import Line

FIELDS: Final = {
    "event": "The code of the event.",
    "actor": "The principal that did it; `public` for whoever did not say who they are.",
    "about": "The principal, record or job that it is about.",
    "organisation": "The organisation for which it was done.",
    "reason": "Why or how, as a code.",
}
WHEN: Final = {
    "sign-in": "A session of the pages began. Reason: `persona` in a demonstration, `oidc` at a provider.",
    "sign-in-refused": "Somebody did not get in. Reason: `no-persona`, or what the provider's answer lacks.",
    "sign-out": "Somebody ended their session.",
    "token-refused": "A wrong token came; once for a row of them from one address.",
    "too-many-attempts": "So many wrong tokens or forms came from one address that it has to wait; once for a row.",
    "forged-form": "A form did not come from a page of this node.",
    "denied": "Somebody who is signed in asked for what their roles do not allow. Reason: the code of the error.",
    "principal-granted": "`eendracht access grant` gave a principal its roles.",
    "principal-removed": "`eendracht access remove` took a principal away.",
    "token-issued": "`eendracht access token` made a token. Reason: its scope.",
    "tokens-revoked": "`eendracht access revoke` made the tokens of a principal worthless.",
    "upload-refused": "A file was refused.",
    "import-recorded": "Somebody had an import recorded by the pages; `about` is the job that does it.",
    "export-made": "Somebody took an export; `about` is the job that made it.",
    "switched": "A priority was switched on or off, for an organisation or for the node.",
}
"""When each event is kept; a test holds the codes against the list."""
_OPTIONAL: Final = ("about", "organisation", "reason")


@cache
def find_fields() -> dict[str, frozenset[str]]:
    """Give for each event that the code sends the optional fields it is given; an event that nobody sends is absent."""
    found: dict[str, frozenset[str]] = {}
    for path in sorted(Path(eendracht.__path__[0]).rglob("*.py")):
        for name, fields in _notes(ast.parse(path.read_text("utf-8"))):
            found[name] = found.get(name, frozenset()) | fields
    return found


def _notes(tree: ast.AST) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each event that is noted: `audit.note("code", ...)`, or handed on as `run(audit.note, "code", ...)`."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and any(_is_note(part) for part in (call.func, *call.args)):
            codes = [part.value for part in call.args if isinstance(part, ast.Constant) and part.value in EVENTS]
            given = frozenset(keyword.arg or "" for keyword in call.keywords) & frozenset(_OPTIONAL)
            yield from ((name, given) for name in codes[:1])


def _is_note(part: ast.expr) -> bool:
    """Tell whether an expression ends in `audit.note`, whoever holds the audit."""
    if not isinstance(part, ast.Attribute) or part.attr != "note":
        return False
    holder = part.value
    name = holder.attr if isinstance(holder, ast.Attribute) else holder.id if isinstance(holder, ast.Name) else ""
    return name.lstrip("_") == "audit"


def render_audit() -> list[str]:
    """Give the lines of the page."""
    sent = find_fields()
    rows = []
    for event in EVENTS.values():
        fields = ", ".join(code(name) for name in _OPTIONAL if name in sent.get(event.code, ()))
        when = WHEN[event.code] if event.code in sent else f"{WHEN[event.code]} **Nothing sends it yet.**"
        rows.append((code(event.code), event.severity, event.en, event.nl, when, fields))
    return [
        "# Audit events",
        "",
        *paragraph(
            f"An audit event is a line of the journal stream `{STREAM}`. It is on disk before the answer goes out, and",
            "the journal is sealed into the ledger, so that nobody can change a line or leave it out unnoticed.",
            "A line never holds what somebody typed, an address or the name of a person. The page *Audit* of a node",
            "shows the events: to the operator all, to an auditor those of its organisations and its own.",
        ),
        "",
        "## The events",
        "",
        *table(("code", "level", "meaning", "meaning in Dutch", "when", "fields"), rows),
        "",
        "## The fields",
        "",
        *table(("field", "meaning"), [(code(name), meaning) for name, meaning in FIELDS.items()]),
        "",
        "`event` and `actor` are always there; of the others only those that the event has.",
        "",
        *_message(),
        "",
        *_log_record(),
    ]


def _message() -> list[str]:
    levels = {name: f"{number}, so `<{syslog.FACILITY * 8 + number}>`" for name, number in syslog.SEVERITIES.items()}
    line = Line(41, "2026-11-24T10:00:00.000000Z", {"event": "token-issued", "actor": "operator"})
    line.content.update(about="gm0344/koppeling", reason="read")
    message = syslog.format_message(EVENTS["token-issued"], line, "gm0344.example")
    shown = re.sub(r"(eendracht) \d+", r"\1 4711", message.decode().replace("\ufeff", "BOM"))
    head, body = shown.split("BOM", 1)
    return [
        "## To a collector, as syslog",
        "",
        "The setting `audit_syslog` names a receiver. After an event is kept, it goes out as one RFC 5424 message:",
        "",
        *table(
            ("part", "value"),
            [
                ("facility", f"{syslog.FACILITY} (log audit)"),
                *((f"severity of {name}", value) for name, value in levels.items()),
                ("timestamp", "the moment of the line, UTC"),
                ("hostname", "the host in the name of the node"),
                ("app-name", "`eendracht`"),
                ("procid", "the id of the process"),
                ("msgid", "the code of the event"),
                ("structured data", "none (`-`)"),
                ("message", "a byte order mark, and a JSON object: `position`, `at`, `severity`, `title`, the fields"),
            ],
        ),
        "",
        *paragraph(
            "Over TCP each message says its length first (RFC 6587, section 3.4.1). Over UDP and a local socket one",
            "message is a datagram. A receiver that is away costs messages, never an event: what was not sent is",
            "logged on standard error as `audit-not-sent` and stays in the journal, and the next event is tried again.",
            "An example, with a line break after the byte order mark (`BOM`):",
        ),
        "",
        "```text",
        f"{head}BOM",
        body,
        "```",
    ]


def _log_record() -> list[str]:
    levels = ", ".join(f"{name} is {number}" for name, number in telemetry.SEVERITIES.items())
    return [
        "## To a collector, by OpenTelemetry",
        "",
        *paragraph(
            "The setting `audit_otlp` names a receiver of logs over OTLP/HTTP; it needs the extra `otel`. Each event",
            "becomes one log record, sent in a batch within a second or so: its name is `eendracht.` and the code,",
            "its body the meaning in English, and its attributes are the fields and the position, each behind",
            f"`eendracht.`. Severity numbers: {levels}.",
        ),
    ]
