"""When a record holds, said to whoever writes or asks: what a version left of the others, and that it ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from eendracht.kernel.access import Principal
from eendracht.kernel.errors import Fault, NotFound
from eendracht.kernel.records import END_OF_TIME
from eendracht.kernel.store import Store
from eendracht.kernel.store.append import Written


def list_notices(store: Store, draft: Mapping[str, Any], written: Written, author: Principal) -> list[Fault]:
    """Give what an author may not expect of a version that was recorded: of its period, or of a lifecycle at its end.

    `pointer` is a place in the draft. A notice is no fault: the version is recorded as it was sent.
    """
    return [
        *_tell_what_returns(store, draft, written, author),
        *_tell_of_revival(store, draft, written, author),
        *_tell_of_retirement(store, draft, written),
    ]


def _tell_what_returns(store: Store, draft: Mapping[str, Any], written: Written, author: Principal) -> Iterator[Fault]:
    until = draft.get("validUntil")
    if not until or draft.get("ended"):
        return
    sql, seen = store.seen_by(author).visible()
    rows = store.driver.reader().query(
        f"SELECT valid_from FROM segment WHERE uid = ? AND valid_from >= ? AND rv < ?{sql} ORDER BY valid_from LIMIT 1",
        (written.uid, str(until), written.rv, *seen),
    )
    for (begin,) in rows:
        yield Fault(
            "/validUntil",
            "older-version-returns",
            f"Vanaf {begin} geldt weer wat eerder was vastgelegd: 'Geldig tot' beëindigt deze versie, niet het record",
            f"From {begin} on what was recorded before holds again: validUntil ends this version, not the record",
            f"To end the record: eendracht end {written.ref} --on {until}",
        )


def _tell_of_revival(store: Store, draft: Mapping[str, Any], written: Written, author: Principal) -> Iterator[Fault]:
    versions = store.history(written.uid, author)
    if len(versions) < 2 or not versions[1].ended or draft.get("ended"):
        return
    end = versions[1].data["validFrom"]
    if (draft.get("validUntil") or END_OF_TIME) > end:
        yield Fault(
            "/validFrom",
            "holds-again",
            f"Het record was per {end} beëindigd; door deze versie geldt het weer",
            f"The record had ended on {end}; through this version it holds again",
            f"If that was not meant: eendracht end {written.ref} --on {end}",
        )


def _tell_of_retirement(store: Store, draft: Mapping[str, Any], written: Written) -> Iterator[Fault]:
    spec = draft.get("spec")
    if not isinstance(spec, Mapping) or spec.get("lifecycle") != "retired" or draft.get("ended"):
        return
    rows = store.driver.reader().query(
        "SELECT 1 FROM segment WHERE rv = ? AND valid_until = ?", (written.rv, END_OF_TIME)
    )
    if rows:
        yield Fault(
            "/spec/lifecycle",
            "retired-but-holds",
            "Uitgefaseerd zegt hoe het wordt gebruikt; het record zelf blijft gelden",
            "Retired says how it is used; the record itself goes on holding",
            f"To end the record: eendracht end {written.ref} --on YYYY-MM-DD",
        )


def explain_absence(store: Store, name: str, asker: Principal, absence: NotFound) -> NotFound:
    """Give a NotFound that says when a record that the asker may see ended; else the one that was given."""
    try:
        newest = store.history(name, asker)[0]
    except NotFound:
        return absence
    if not newest.ended:
        return absence
    day = newest.data["validFrom"]
    return NotFound(f"{name} ended on {day}", hint="Ask for an earlier day (--as-of), or see: eendracht history.")
