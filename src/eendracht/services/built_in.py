"""A case register in the vault of the node itself: for a demonstration, off by default."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from eendracht.kernel.access import Principal, Role
from eendracht.kernel.clock import timestamp
from eendracht.kernel.errors import NotFound
from eendracht.kernel.instance import Instance
from eendracht.kernel.store.driver import Connection
from eendracht.services.case_index import CaseIndex, hash_address
from eendracht.services.case_retention import BUILT_IN
from eendracht.services.registers import Document, NewCase, RegisteredCase, StatusName

PREFIX: Final = "built-in:"
"""How the address of a case of this store begins; it opens nothing on the web."""
PURPOSE: Final = "built-in-case-register"
_GROUND: Final = "demo/built-in-cases"
_RECEIVED: Final = "Ontvangen"
_STATUSES: Final = {"received": _RECEIVED, "handed-over": "Doorgezonden"}


class BuiltInRegister:
    """The cases of one organisation in the vault, as `registers.CaseRegister`."""

    def __init__(self, instance: Instance, organisation: str) -> None:
        self._instance = instance
        self._organisation = organisation
        self._author = Principal("services/built-in-cases", frozenset({(Role.EDITOR, organisation)}))

    def close(self) -> None:
        """Let go of nothing: it holds nothing open."""

    def create_case(self, new: NewCase) -> RegisteredCase:
        """Make a case, or give the one of that number."""
        found = self.find_case(new.number)
        if found is not None:
            return found
        content = {
            "number": new.number,
            "service": new.service,
            "summary": new.summary,
            "startedOn": new.received_on.isoformat(),
            "deadline": new.decide_by.isoformat() if new.decide_by else "",
        }
        self._add(new.number, "case", new.subject, content, 0)
        made = self.find_case(new.number)
        assert made is not None
        return made

    def read_case(self, address: str) -> RegisteredCase:
        """Give a case by its address; raises NotFound."""
        found = self.find_case(address.removeprefix(f"{PREFIX}{self._organisation}/"))
        if found is None:
            raise NotFound("The register does not know this")
        return found

    def find_case(self, number: str) -> RegisteredCase | None:
        """Give a case by its number; None where there is none."""
        items = self._items(number, "case")
        if not items:
            return None
        statuses = self._items(number, "status")
        case = self._open(items[0])
        status = self._open(statuses[-1]) if statuses else {"name": _RECEIVED, "at": ""}
        return RegisteredCase(
            number=number,
            address=f"{PREFIX}{self._organisation}/{number}",
            case_type=case["service"],
            started_on=date.fromisoformat(case["startedOn"]),
            deadline=date.fromisoformat(case["deadline"]) if case["deadline"] else None,
            ended_on=date.fromisoformat(status["endedOn"]) if status.get("endedOn") else None,
            status=status["name"],
            status_at=status["at"],
        )

    def add_status(self, case: RegisteredCase, status: StatusName) -> None:
        """Say what happened to a case."""
        self.set_status(case.number, _STATUSES[status])

    def set_status(self, number: str, name: str, *, ended_on: date | None = None) -> None:
        """Give a case a status, as whoever treats it in a demonstration does; the same one again says nothing."""
        found = self.find_case(number)
        if found is None:
            raise NotFound("The register does not know this")
        if found.status == name and ended_on == found.ended_on:
            return
        at = timestamp(self._instance.store.clock.now())
        content = {"name": name, "at": at, "endedOn": ended_on.isoformat() if ended_on else ""}
        self._add(number, "status", self._subject_of(number), content)

    def add_document(self, case: RegisteredCase, document: Document) -> str:
        """Put a document in a case; one of that number is not put twice."""
        part = "document-" + hashlib.sha256(document.number.encode()).hexdigest()[:16]
        if not self._items(case.number, part):
            content = {
                "number": document.number,
                "title": document.title,
                "fileName": document.file_name,
                "mediaType": document.media_type,
                "item": self._put(self._subject_of(case.number), document.read()),
            }
            self._add(case.number, part, self._subject_of(case.number), content, 0)
        return f"{case.address}/{part}"

    def list_documents(self, case: RegisteredCase) -> Sequence[str]:
        """Give the addresses of the documents of a case."""
        rows = self._instance.store.driver.reader().query(
            "SELECT part FROM built_in_case WHERE controller = ? AND number = ? AND part LIKE ? ORDER BY part",
            (self._organisation, hash_address(case.number), "document-%"),
        )
        return [f"{case.address}/{part}" for (part,) in rows]

    # -- what lies beneath --------------------------------------------------------------------------------------

    def _items(self, number: str, part: str) -> list[str]:
        rows = self._instance.store.driver.reader().query(
            "SELECT item FROM built_in_case WHERE controller = ? AND number = ? AND part = ? ORDER BY position",
            (self._organisation, hash_address(number), part),
        )
        return [row[0] for row in rows]

    def _open(self, item: str) -> dict[str, Any]:
        content = self._instance.vault.get(item, PURPOSE, self._author)
        assert isinstance(content, dict)
        return content

    def _subject_of(self, number: str) -> str:
        return self._instance.vault.describe(items=self._items(number, "case"))[0].subject

    def _put(self, subject: str, content: dict[str, Any] | bytes) -> str:
        return self._instance.vault.put(
            subject, BUILT_IN, content, controller=self._organisation, ground=_GROUND, author=self._author
        )

    def _add(self, number: str, part: str, subject: str, content: dict[str, Any], position: int | None = None) -> None:
        """Keep a part; where two keep the same one at the same moment, the first stays."""
        item = self._put(subject, content)

        def write(connection: Connection) -> None:
            place = position
            if place is None:
                rows = connection.query(
                    "SELECT coalesce(max(position) + 1, 0) FROM built_in_case"
                    " WHERE controller = ? AND number = ? AND part = ?",
                    (self._organisation, hash_address(number), part),
                )
                place = int(rows[0][0])
            connection.execute(
                "INSERT INTO built_in_case (controller, number, part, position, item) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (controller, number, part, position) DO NOTHING",
                (self._organisation, hash_address(number), part, place, item),
            )

        CaseIndex(self._instance.store).write(write)
