"""Consent of a person that more goes along than was submitted: named, dated, and taken back at will."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from eendracht.kernel.access import Principal
from eendracht.kernel.clock import timestamp, today
from eendracht.kernel.errors import Denied, Fault, InvalidInput, NotFound
from eendracht.kernel.instance import Instance
from eendracht.kernel.journal import check_code
from eendracht.kernel.store.driver import Connection
from eendracht.services.case_index import OPEN_STATES, CaseIndex, CaseRow, ConsentRow, insert_row
from eendracht.services.case_items import author_for, put_item, read_item
from eendracht.services.case_retention import CONSENT
from eendracht.services.cases import get_case, note, subject_of
from eendracht.services.successors import find_successor

MOST_FIELDS = 100


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person lets go along: these fields of this case, to this organisation, from a day until it is revoked."""

    id: str
    case: str
    receiver: str
    fields: tuple[str, ...]
    given_on: str
    revoked_on: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Give it as the API prints it."""
        return {
            "id": self.id,
            "case": self.case,
            "receiver": self.receiver,
            "fields": list(self.fields),
            "givenOn": self.given_on,
            "revokedOn": self.revoked_on,
        }


def give_consent(instance: Instance, asker: Principal, case: str, receiver: str, fields: Sequence[str]) -> Consent:
    """Record a consent, given by the person or, at the counter, through an editor of the organisation of the case.

    Raises NotFound, Denied, InvalidInput where no field is named.
    """
    row = _require_case(instance, asker, case)
    if not 0 < len(set(fields)) <= MOST_FIELDS:
        fault = Fault("/fields", "no-fields", "Noem de gegevens", "Name the fields", "1 to 100 names.")
        raise InvalidInput("A consent names what goes along", faults=[fault])
    for at, name in enumerate(fields):
        check_code(name, f"/fields/{at}")
    receiver = find_successor(instance.store, receiver)
    day = today(instance.store.clock).isoformat()
    given = Consent(secrets.token_hex(12), case, receiver, tuple(sorted(set(fields))), day)
    content = {**given.as_dict(), "through": "self" if asker.subject else "editor"}
    item = put_item(instance, subject_of(instance, case), CONSENT, content, row.controller)
    consent = ConsentRow(given.id, item, row.matter, receiver, "")
    CaseIndex(instance.store).write(lambda connection: insert_row(connection, consent))
    _note(instance, "consent", consent, asker)
    return given


def revoke_consent(instance: Instance, asker: Principal, consent: str) -> Consent:
    """Take a consent back: open hand-overs that rest on it are withdrawn in the same moment. Raises NotFound, Denied.

    What went along before stays lawful (AVG art. 7.3). A receiver elsewhere that may have it already is told as soon as
    its node answers. Taking back twice says nothing.
    """
    row = _find(instance, consent)
    given = _read(instance, row)
    _require_case(instance, asker, given.case)
    day = today(instance.store.clock).isoformat()
    moment = timestamp(instance.store.clock.now())

    def write(connection: Connection) -> None:
        connection.execute("UPDATE case_consent SET revoked_on = ? WHERE id = ? AND revoked_on = ''", (day, consent))
        connection.execute(
            "UPDATE handover SET state = 'withdrawn', reason = 'consent-revoked', changed_at = ?"
            " WHERE consent = ? AND state IN (?, ?) AND (delivery = '' OR tries = 0)",
            (moment, consent, *OPEN_STATES),
        )
        connection.execute(
            "UPDATE handover SET reason = 'consent-revoked', next_try_at = '', changed_at = ?"
            " WHERE consent = ? AND state IN (?, ?)",
            (moment, consent, *OPEN_STATES),
        )

    CaseIndex(instance.store).write(write)
    _note(instance, "consent-revoked", row, asker)
    return _read(instance, _find(instance, consent))


def list_consents(instance: Instance, asker: Principal, case: str) -> list[Consent]:
    """Give the consents on a case that the asker may see, those that were taken back too. Raises NotFound."""
    matter = get_case(instance, asker, case).matter
    rows = CaseIndex(instance.store).find_consents("matter = ?", (matter,))
    return [_read(instance, row, asker) for row in rows]


def covers(instance: Instance, consent: str, case: str, receiver: str, fields: Iterable[str]) -> bool:
    """Tell whether a consent holds now, for this case and receiver, and names each of these fields."""
    rows = CaseIndex(instance.store).find_consents("id = ? AND revoked_on = ''", (consent,))
    if not rows or rows[0].receiver != receiver:
        return False
    given = _read(instance, rows[0])
    return given.case == case and set(fields) <= set(given.fields)


def _require_case(instance: Instance, asker: Principal, case: str) -> CaseRow:
    row = CaseIndex(instance.store).get_case(case)
    is_own = bool(asker.subject) and asker.subject == subject_of(instance, case)
    if not is_own and not asker.may_write(row.controller):
        if asker.subject or row.controller not in asker.organisations:
            raise NotFound("There is no such case")
        raise Denied(f"{asker.name} holds no editor role for {row.controller}")
    return row


def _find(instance: Instance, consent: str) -> ConsentRow:
    rows = CaseIndex(instance.store).find_consents("id = ?", (consent,))
    if not rows:
        raise NotFound("There is no such consent")
    return rows[0]


def _read(instance: Instance, row: ConsentRow, asker: Principal | None = None) -> Consent:
    items = instance.vault.describe(items=[row.item])
    if not items:
        raise NotFound("There is no such consent")
    content = read_item(instance, row.item, asker or author_for(items[0].controller))
    return Consent(row.id, content["case"], row.receiver, tuple(content["fields"]), content["givenOn"], row.revoked_on)


def _note(instance: Instance, event: str, row: ConsentRow, asker: Principal) -> None:
    note(instance, {"event": event, "consent": row.id, "receiver": row.receiver, "asker": asker.name})
