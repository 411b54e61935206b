"""Keeps natural persons out of service descriptions, and leaves what a counter or a department is reached by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from eendracht.kernel.imports.collector import Collector
from eendracht.kernel.imports.persons import REDACTED, clean_text, clean_value, is_person_name

_EMAIL: Final = re.compile(r"([\w.+'-]{1,64})@[\w.-]{1,253}")
_PARTS: Final = ("channels",)
"""Fields in which telephone numbers and e-mail addresses are those of an organisation."""


def clean_service(spec: Mapping[str, Any], file: str, collector: Collector) -> dict[str, Any]:
    """Give a spec without what names or numbers a person; what was taken out is counted, never shown."""
    rest = {name: value for name, value in spec.items() if name not in _PARTS}
    cleaned, taken, dropped = clean_value(rest)
    for reason, count in taken.items():
        collector.leave_out(file, "description", reason, count)
    if dropped:
        collector.leave_out(file, "description", "bsn", len(dropped))
    kept: dict[str, Any] = dict(cleaned)
    if "channels" in spec:
        kept["channels"] = [_clean_channel(channel, file, collector) for channel in spec["channels"]]
    return {name: kept[name] for name in spec if name in kept}


def _clean_channel(channel: Mapping[str, Any], file: str, collector: Collector) -> dict[str, Any]:
    kept = dict(channel)
    contact = str(channel.get("contact", ""))
    if not contact:
        return kept
    personal = is_person_name(contact) or any(_names_person(match[1]) for match in _EMAIL.finditer(contact))
    _, taken, has_bsn = clean_text(contact)
    reason = "contact" if personal else "bsn" if has_bsn else "iban" if "iban" in taken else ""
    if reason:
        collector.leave_out(file, "channel", reason)
        kept["contact"] = REDACTED
    return kept


def _names_person(mailbox: str) -> bool:
    """Tell whether a mailbox is that of a person: `j.jansen` or `jan.jansen`, not `burgerzaken`."""
    first, _, rest = mailbox.partition(".")
    return bool(rest) and (len(first) == 1 or is_person_name(f"{first.capitalize()} {rest.replace('.', ' ').title()}"))
